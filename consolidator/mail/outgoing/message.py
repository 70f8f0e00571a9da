"""Compose a mail: a text in two forms and one workbook, as bytes that every program reads."""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from consolidator.errors import OperatorError
from consolidator.intake.folder import visible
from consolidator.mail.outgoing.mailing import Mailing
from consolidator.mail.outgoing.wording import word
from consolidator.plan.annexes import is_address

_SHEET = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
_LONG = 998
"""The longest line that mail may have (RFC 5322)."""
_LONGEST_NAME = 40
_SPECIALS = re.compile(r'[()<>\[\]:;@\\,."]|=\?')
_UNFOLDED = ("content-disposition", "content-type")


class _Policy(EmailPolicy):
    """SMTP's own, but for the attachment's name, which stays on one line.

    A name folded into pieces (RFC 2231) is shown as ``tcmime.bin`` by QQ Mail. Other headers keep
    short lines: an encoded word has at most 75 characters (RFC 2047).
    """

    def fold(self, name: str, value: Any) -> str:
        return str(super(_Policy, self._for(name)).fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        return bytes(super(_Policy, self._for(name)).fold_binary(name, value))

    def _for(self, name: str) -> "_Policy":
        if name.lower() in _UNFOLDED and self.max_line_length != _LONG:
            return self.clone(max_line_length=_LONG)
        return self


_POLICY = _Policy(linesep="\r\n")


def draft(mailing: Mailing, *, address: str, name: str) -> bytes:
    """Return a mail that mail programs open as a draft: ready to be sent by hand.

    The same mailing gives the same bytes: date and message number are the sending program's.

    Args:
        mailing: what goes to whom.
        address: the bureau's own.
        name: what the bureau is called.

    Raises:
        OperatorError: an address or a name that cannot stand in a header.
    """
    message = _composed(mailing, address, name)
    message["X-Unsent"] = "1"
    return message.as_bytes()


def letter(mailing: Mailing, *, address: str, name: str, now: datetime) -> bytes:
    """Return a mail as it is handed to a server.

    Args:
        mailing: what goes to whom.
        address: the bureau's own.
        name: what the bureau is called.
        now: the time it is sent, with its time zone.

    Raises:
        OperatorError: an address or a name that cannot stand in a header.
    """
    message = _composed(mailing, address, name)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(mailing, address)
    return message.as_bytes()


def message_id(mailing: Mailing, address: str) -> str:
    """Return the number of a mail: the same one for the same mail, should it go out again."""
    return f"<{mailing.identity}@{address.rpartition('@')[2]}>"


def _composed(mailing: Mailing, address: str, name: str) -> EmailMessage:
    words = word(mailing)
    message = EmailMessage(policy=_POLICY)
    message["From"] = _address(name, address)
    message["To"] = _address(mailing.contact.name or mailing.unit.name, mailing.contact.mail)
    if copies := mailing.contact.addresses[1:]:
        message["Cc"] = [_address("", one) for one in copies]
    message["Subject"] = _one_line(words.subject)
    message.set_content(words.text, cte="base64")
    message.add_alternative(words.html, subtype="html", cte="base64")
    main, sub = _SHEET
    message.add_attachment(
        mailing.content, maintype=main, subtype=sub, filename=_one_line(mailing.file)
    )
    # A boundary of its own, else it is drawn at random: no body here holds an underscore.
    parts = [part for part in message.walk() if part.is_multipart()]
    for number, part in enumerate(parts):
        part.set_boundary(f"=_{mailing.identity}_{number}")
    return message


def _address(name: str, address: str) -> Address:
    if not is_address(address):
        raise OperatorError(f"“{address}”不是邮箱地址：请在目标任务的联系人里改正。")
    shown = _one_line(name)
    # Folding loses the quotes of a long name, which may then look like another address.
    if len(shown) > _LONGEST_NAME or _SPECIALS.search(shown):
        shown = ""
    return Address(shown, addr_spec=address)


def _one_line(text: str) -> str:
    """Hold that a text cannot begin a header of its own."""
    if (shown := visible(text, "?")) != text:
        raise OperatorError(f"“{shown}”含有换行或看不见的字符，不能写进邮件：请在目标任务里改正。")
    return text
