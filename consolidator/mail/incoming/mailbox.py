"""Read the bureau's mailbox: looks, never marks, moves or deletes anything unless asked."""

import imaplib
import ssl
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from imapclient import SEEN, IMAPClient
from imapclient.exceptions import IMAPClientError

from consolidator import __version__
from consolidator.errors import OperatorError
from consolidator.mail.connecting import contacting, trust
from consolidator.mail.credentials import Credentials
from consolidator.settings import FILE_NAME, Imap

_SECONDS = 60
_AT_ONCE = 500
"""Mails whose sizes are asked for in one go."""
_WHAT = "收信服务器"


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail in the mailbox, before it is fetched."""

    uid: int
    size: int
    received: datetime
    """In local time, without a zone."""


class Mailbox:
    """A session with the mailbox that mail is collected from; close it."""

    def __init__(self, settings: Imap, credentials: Credentials, folder: Path) -> None:
        """Connect, encrypted and with the server's certificate checked, and log in.

        Args:
            settings: the server and the folder of the mailbox.
            credentials: who logs in.
            folder: the workspace, from which a certificate file is looked for.

        Raises:
            OperatorError: the server cannot be reached or trusted, or refuses the login.
        """
        self._settings = settings
        self._user = credentials.user
        context = trust(settings.ca_file, folder)
        with self._contacting():
            self._client = self._connected(context)
        try:
            with self._contacting():
                self._client.login(credentials.user, credentials.password)
                # Some providers open no folder to a program that does not introduce itself.
                if self._client.has_capability("ID"):
                    self._client.id_({"name": "consolidator", "version": __version__})
        except BaseException:
            self.close()
            raise

    def open(self, *, to_mark: bool = False) -> str:
        """Open the folder, to look only unless mails are to be marked; return what it is called.

        The name changes when the server numbers the folder's mails anew.

        Raises:
            OperatorError: there is no such folder.
        """
        name = self._settings.folder
        with self._contacting():
            if not self._client.folder_exists(name):
                raise OperatorError(
                    f"邮箱 {self._user} 里没有文件夹“{name}”："
                    f"请核对 {FILE_NAME} 里 [imap] 的 folder。"
                )
            told = self._client.select_folder(name, readonly=not to_mark)
        number = told.get(b"UIDVALIDITY")
        if not isinstance(number, int):
            raise OperatorError(f"邮件文件夹“{name}”没有编号，认不出收过的邮件：请联系邮箱服务商。")
        return f"{self._user}@{self._settings.host}/{name}/{number}"

    def since(self, day: date) -> list[Listed]:
        """Return the mails that came on a day or later by the local clock, by their numbers.

        The server compares days by a clock of its own, so it is asked for a day more.

        Raises:
            OperatorError: the connection broke.
        """
        with self._contacting():
            found = sorted(self._client.search(["SINCE", day - timedelta(days=1)]))
            listed: list[Listed] = []
            for begin in range(0, len(found), _AT_ONCE):
                some = found[begin : begin + _AT_ONCE]
                told = self._client.fetch(some, ["RFC822.SIZE", "INTERNALDATE"])
                listed += [_listed(uid, told[uid]) for uid in some if uid in told]
        return [one for one in listed if one.received.date() >= day]

    def fetch(self, uid: int) -> bytes:
        """Return a whole mail as it is, without marking it as read; empty where it is gone.

        Raises:
            OperatorError: the connection broke.
        """
        with self._contacting():
            told = self._client.fetch([uid], ["BODY.PEEK[]"])
        content = told.get(uid, {}).get(b"BODY[]")
        return content if isinstance(content, bytes) else b""

    def mark(self, uids: Iterable[int]) -> None:
        """Mark mails as read; the folder was opened for that.

        Raises:
            OperatorError: the connection broke, or the mailbox forbids it.
        """
        with self._contacting():
            if wanted := list(uids):
                self._client.add_flags(wanted, [SEEN], silent=True)

    def close(self) -> None:
        """End the session; a server that is gone is no fault."""
        with suppress(IMAPClientError, imaplib.IMAP4.error, OSError):
            self._client.logout()
        with suppress(IMAPClientError, imaplib.IMAP4.error, OSError):
            self._client.shutdown()

    def _contacting(self) -> Any:
        return contacting(_WHAT, self._settings.host, self._settings.port)

    def _connected(self, context: ssl.SSLContext) -> IMAPClient:
        host, port = self._settings.host, self._settings.port
        tls = self._settings.security == "tls"
        client = IMAPClient(
            host, port, ssl=tls, ssl_context=context if tls else None, timeout=_SECONDS
        )
        if not tls:
            try:
                client.starttls(context)
            except BaseException:
                client.shutdown()
                raise
        return client


def _listed(uid: int, told: dict[bytes, Any]) -> Listed:
    received = told[b"INTERNALDATE"]
    if not isinstance(received, datetime):
        raise ValueError("INTERNALDATE is no date")
    return Listed(uid, int(told[b"RFC822.SIZE"]), received)


def in_order(listed: Iterable[Listed]) -> Iterator[Listed]:
    """Yield mails as they came, so that of several the last one is taken last."""
    yield from sorted(listed, key=lambda one: (one.received, one.uid))
