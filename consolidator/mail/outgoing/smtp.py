"""Hand mails to a server, so that it is known of each how far it came.

The last dot of a mail is sent by itself: until then an interrupted mail is provably not taken.
"""

import re
import smtplib
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from consolidator.intake.folder import visible
from consolidator.mail.connecting import contacting, trust
from consolidator.mail.credentials import Credentials
from consolidator.settings import Smtp

_SECONDS = 60
_ANSWERING = 600
"""Seconds a server may take to answer the last dot (RFC 5321, 4.5.3.2.6)."""
_NAME = "[127.0.0.1]"
"""How the client introduces itself: a computer's name may be Chinese, which the command is not."""
_DOT = re.compile(rb"(?m)^\.")
_READY, _WELL = 354, range(200, 300)
_LATER = range(400, 500)
_LINES, _LINE = 100, 8_192
"""Lines of an answer, and bytes of a line, that are read."""
_DIGITS = 18
"""Digits of a size that are believed."""
_REPLY = 200
"""Characters of an answer that are kept."""


class NotHandedError(Exception):
    """The connection broke before a mail was handed over: it was not taken."""


class UncertainError(Exception):
    """The connection broke after the last dot: nobody knows whether the mail was taken."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered for one address."""

    accepted: bool
    temporary: bool
    text: str


class _Answers(smtplib.SMTP):
    """Reads answers of bounded length: a server may go on for ever."""

    def getreply(self) -> tuple[int, bytes]:
        lines: list[bytes] = []
        if self.file is None:
            self.file = self.sock.makefile("rb") if self.sock else None
        while self.file and len(lines) < _LINES:
            try:
                line = self.file.readline(_LINE + 1)
            except OSError as error:
                self.close()
                raise smtplib.SMTPServerDisconnected(str(error)) from error
            code = line[:3]
            if not line.endswith(b"\n") or not code.isdigit():
                break
            lines.append(line[4:].strip(b" \t\r\n"))
            if line[3:4] != b"-":
                return int(code), b"\n".join(lines)
        self.close()
        raise smtplib.SMTPServerDisconnected("unintelligible or endless answer")


class _TlsAnswers(_Answers, smtplib.SMTP_SSL):
    """A connection that is encrypted from the first byte."""


class Connection:
    """A session with the server mail goes out through; close it."""

    def __init__(self, settings: Smtp, credentials: Credentials, folder: Path) -> None:
        """Connect, encrypted and with the server's certificate checked, and log in.

        Args:
            settings: the server.
            credentials: who logs in.
            folder: the workspace, from which a certificate file is looked for.

        Raises:
            OperatorError: the server cannot be reached or trusted, or refuses the login.
        """
        self._settings = settings
        self._amid = False
        with contacting("发信服务器", settings.host, settings.port):
            self._smtp = self._connected(trust(settings.ca_file, folder))
        try:
            with contacting("发信服务器", settings.host, settings.port):
                self._log_in(credentials)
        except BaseException:
            self.close()
            raise

    @property
    def most_bytes(self) -> int:
        """How large a mail the server takes; 0 where it does not say."""
        told = self._smtp.esmtp_features.get("size", "")
        return int(told) if told.isdecimal() and len(told) <= _DIGITS else 0

    def hand(
        self,
        sender: str,
        recipients: Sequence[str],
        content: bytes,
        *,
        before: Callable[[Sequence[str]], None],
    ) -> Mapping[str, Reply]:
        """Hand a mail over, and return what the server answered for each address.

        Args:
            sender: the bureau's address.
            recipients: addresses.
            content: the mail, its lines ending in CR LF.
            before: called with the addresses that are taken, right before the last dot.

        Raises:
            NotHandedError: the connection broke before the last dot.
            UncertainError: it broke after it.
        """
        try:
            replies, taken = self._addressed(sender, recipients)
            if taken and (refusal := self._begun()):
                replies |= dict.fromkeys(taken, refusal)
                taken = []
            if not taken:
                self._smtp.rset()
                return replies
            end = b"" if content.endswith(b"\r\n") else b"\r\n"
            self._amid = True
            self._smtp.send(_DOT.sub(b"..", content) + end)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise NotHandedError(_said(error)) from error
        before(taken)
        try:
            self._wait(_ANSWERING)
            self._smtp.send(b".\r\n")
            answer = _reply(*self._smtp.getreply())
            self._amid = False
            self._wait(_SECONDS)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise UncertainError(_said(error)) from error
        return replies | dict.fromkeys(taken, answer)

    def close(self) -> None:
        """End the session; a server that is gone is no fault."""
        if not self._amid:
            # Amid a mail it would be part of the mail, and its answer the mail's.
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
        self._smtp.close()

    def _wait(self, seconds: int) -> None:
        if self._smtp.sock:
            self._smtp.sock.settimeout(seconds)

    def _connected(self, context: ssl.SSLContext) -> smtplib.SMTP:
        host, port = self._settings.host, self._settings.port
        if self._settings.security == "tls":
            return _TlsAnswers(host, port, local_hostname=_NAME, timeout=_SECONDS, context=context)
        smtp = _Answers(host, port, local_hostname=_NAME, timeout=_SECONDS)
        try:
            smtp.starttls(context=context)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _log_in(self, credentials: Credentials) -> None:
        self._smtp.ehlo_or_helo_if_needed()
        self._smtp.login(credentials.user, credentials.password)

    def _addressed(
        self, sender: str, recipients: Sequence[str]
    ) -> tuple[dict[str, Reply], list[str]]:
        """Name sender and recipients; return refusals, and the addresses that are taken."""
        replies: dict[str, Reply] = {}
        taken: list[str] = []
        answer = _reply(*self._smtp.mail(sender))
        if not answer.accepted:
            return dict.fromkeys(recipients, answer), taken
        for one in recipients:
            answer = _reply(*self._smtp.rcpt(one))
            if answer.accepted:
                taken.append(one)
            else:
                replies[one] = answer
        return replies, taken

    def _begun(self) -> Reply | None:
        """Ask to send the mail; return the answer where it is no."""
        code, text = self._smtp.docmd("DATA")
        if code == _READY:
            return None
        answer = _reply(code, text)
        if answer.accepted:
            # It talks of something else: what it answers from now on cannot be relied on.
            raise smtplib.SMTPServerDisconnected(f"DATA: {answer.text}")
        return answer


def _reply(code: int, text: bytes) -> Reply:
    for encoding in ("utf-8", "gb18030"):
        try:
            said = text.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        said = text.decode("ascii", "replace")
    if code == -1:
        raise smtplib.SMTPServerDisconnected(said)
    shown = visible(" ".join(said.split()))[:_REPLY]
    return Reply(code in _WELL, code in _LATER, f"{code} {shown}".strip())


def _said(error: Exception) -> str:
    return visible(" ".join(str(error).split()))[:_REPLY] or type(error).__name__
