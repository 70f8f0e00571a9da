"""Take a mail apart: what is attached, wherever a program put it, and what is not taken, by name.

Nothing raises, whatever the bytes are. An attachment is taken whole or not at all: what is left of
a table that was cut off may read as one with other numbers. What is not taken still lies in the
mailbox.
"""

import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import unquote

from consolidator.files import sha256
from consolidator.intake.formats.sniff import MAY_HOLD_FIGURES, Kind, sniff
from consolidator.mail.incoming.bounces import bounce_of, message_id_of
from consolidator.mail.incoming.headers import (
    codec_of,
    date,
    decode,
    loose_base64,
    read_head,
    sender,
    text_of,
)
from consolidator.mail.incoming.names import extension_of, safe_name
from consolidator.mail.incoming.parts import (
    MAILS,
    UNCODED,
    Part,
    Room,
    Why,
    beginning,
    coding_of,
    content_of,
    kind_of,
    split,
)
from consolidator.mail.incoming.winmail import (
    BINARY,
    BY_REFERENCE,
    DATA,
    EMBEDDED,
    IS_MESSAGE,
    METHOD,
    OBJECT,
    SENDER_MAIL,
    SENDER_SMTP,
    SIGNATURE,
    SUBJECT,
    Packed,
    Properties,
    is_hidden,
    text_in,
    unpacked,
)

DEEPEST = 5
"""How many mails and ``winmail.dat`` may stand in each other."""


@dataclass(frozen=True, slots=True)
class Left:
    """What was not taken."""

    name: str
    """The file's name, or the subject of a mail; empty where it has none."""
    why: Why
    inside: tuple[str, ...]
    """What it stands in, outermost first."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that was sent, whole and untouched."""

    name: str
    """What it may be saved under."""
    content: bytes
    inside: tuple[str, ...]
    """What it was taken out of, outermost first: forwarded mails, ``winmail.dat``."""
    part: int
    """Its place among the attachments of the mail, from 1."""
    sent_as: str
    """The name as it was written; empty where there was none."""
    inner_sender: str
    """Who wrote the innermost forwarded mail it stands in; empty where it stands in none."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail, taken apart."""

    message_id: str
    """As written; where it has none, ``sha256:`` and the hash of the whole mail."""
    sender: str
    """The address; empty where there is none."""
    sender_name: str
    subject: str
    sent: str
    """The mail's own date, ISO 8601; empty where it has none."""
    attachments: tuple[Attachment, ...]
    left: tuple[Left, ...]
    is_bounce: bool
    """Whether it tells that a mail was not delivered; nothing is then taken from it."""
    failed: tuple[str, ...]
    """The recipients a bounce names."""
    failed_message_id: str
    """The Message-ID of the mail that was not delivered, where a bounce tells it."""
    is_automatic: bool
    """Whether a program wrote it (RFC 3834)."""
    mentions_cloud: bool
    """Whether it has no attachment, but speaks of one that is to be fetched elsewhere."""


_BODIES = {"text/plain", "text/html", "text/enriched", "text/richtext"}
_LEFT_BY_KIND = {
    "application/pkcs7-signature": Why.SIGNATURE,
    "application/x-pkcs7-signature": Why.SIGNATURE,
    "application/pgp-signature": Why.SIGNATURE,
    "application/pkcs7-mime": Why.SEALED,
    "application/x-pkcs7-mime": Why.SEALED,
    "text/calendar": Why.CALENDAR,
    "application/ics": Why.CALENDAR,
    # The other half of a file that an old Mac sends in two.
    "application/applefile": Why.MAC,
    "message/partial": Why.PARTIAL,
    "message/external-body": Why.ELSEWHERE,
}
_LEFT_BY_NAME = {"smime.p7s": Why.SIGNATURE, "smime.p7m": Why.SEALED}
_CLOUD = re.compile(
    # The product's own mails ask not to use it, and answers quote them.
    "(?<!不要用)(?<!不要使用)(?<!勿用)(?<!勿使用)(?:超大附件|云附件|网盘|中转站|文件中转)"
)
_PICTURE_OF = re.compile(r"cid:([^\"'\s<>)]+)", re.IGNORECASE)
_TEXT = 4 * 2**20
"""Bytes of a text that are read."""
_NO_SUBJECT = "（没有主题）"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a mail something stands."""

    inside: tuple[str, ...] = ()
    sender: str = ""

    def within(self, what: str, sender: str | None = None) -> "_Place":
        return _Place((*self.inside, what), self.sender if sender is None else sender)

    @property
    def is_deepest(self) -> bool:
        return len(self.inside) >= DEEPEST


@dataclass(slots=True)
class _Taking:
    """What has been taken so far."""

    attachments: list[Attachment] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    room: Room = field(default_factory=Room)

    def leave(self, name: str, why: Why, place: _Place) -> None:
        if why is not Why.TOO_MANY or all(one.why is not why for one in self.left):
            self.left.append(Left(name, why, place.inside))

    @property
    def found(self) -> int:
        return len(self.attachments) + len(self.left)


def take_apart(raw: bytes) -> Mail:
    """Take a mail apart; whatever the bytes are, something is returned."""
    head, _ = read_head(raw, beginning(raw))
    taking = _Taking()
    parts = _opened(raw, True, _Place(), taking)
    bounce = bounce_of(head, parts)
    if bounce:
        for part in parts:
            if part.name or part.kind in MAILS:
                taking.leave(part.name, Why.RETURNED, _Place())
    else:
        _sort(parts, _Place(), taking)
    address, name = sender(head)
    failed, failed_message_id = bounce or ((), "")
    automatic = text_of(head.first("auto-submitted")).lower()
    return Mail(
        message_id=message_id_of(head) or f"sha256:{sha256(raw)}",
        sender=address,
        sender_name=name,
        subject=text_of(head.first("subject")),
        sent=date(head),
        attachments=tuple(taking.attachments),
        left=tuple(taking.left),
        is_bounce=bounce is not None,
        failed=failed,
        failed_message_id=failed_message_id,
        is_automatic=bool(automatic) and not re.match(r"no\b", automatic),
        mentions_cloud=not taking.attachments and any(map(_CLOUD.search, taking.texts)),
    )


def _opened(raw: bytes, is_ended: bool, place: _Place, taking: _Taking) -> list[Part]:
    parts, flaws = split(raw, is_ended, taking.room)
    for flaw in sorted(flaws):
        taking.leave("", flaw, place)
    return parts


def _sort(parts: Sequence[Part], place: _Place, taking: _Taking) -> None:
    """Take the attachments among the parts of one mail, and name what is left."""
    shown_inside: set[str] = set()
    for part in parts:
        if part.kind in _BODIES and not part.name:
            text = _text(part)
            shown_inside |= {unquote(unescape(one[1])) for one in _PICTURE_OF.finditer(text)}
            if part.kind == "text/html":
                text = unescape(re.sub(r"<[^<>]*>", "", text))
            # Without line ends and the marks of quoting, which may stand within a word.
            taking.texts.append(re.sub(r"[\s>]+", "", text))
    for part in parts:
        name = part.name
        is_attached = bool(name) or part.disposition == "attachment"
        why = _LEFT_BY_KIND.get(part.kind) or _LEFT_BY_NAME.get(name.lower())
        if part.within == "multipart/encrypted":
            taking.leave(name, Why.SEALED_PGP, place)
        elif why and not (why.is_minor and _may_hold_figures(content_of(part)[0])):
            taking.leave(name, why, place)
        elif part.kind in MAILS:
            _take_mail(part, place, taking)
        elif not is_attached and part.kind.startswith(("text/", "message/")):
            is_body = part.kind in _BODIES or part.within in (
                "multipart/alternative", "multipart/report",
            )  # fmt: skip
            if not is_body and part.body.strip():
                taking.leave("", Why.NAMELESS, place)
        else:
            content, flaw = content_of(part)
            picture = text_of(part.head.first("content-id")).strip("<>")
            is_image = part.kind.startswith("image/") and not _may_hold_figures(content)
            is_drawn = picture in shown_inside and (is_image or sniff(content) is Kind.IMAGE)
            # A phone sends photos that somebody chose as inline too: those have a name.
            if is_drawn or (is_image and part.disposition == "inline" and not name):
                taking.leave(name, Why.PICTURE, place)
            elif flaw:
                taking.leave(name, flaw, place)
            elif is_attached or content:
                _take(content, name, place, taking)


def _may_hold_figures(content: bytes) -> bool:
    """Tell whether something is a workbook or an archive, whatever it is called."""
    return sniff(content) in MAY_HOLD_FIGURES


def _text(part: Part) -> str:
    """Return the text of a part, as far as it is read and can be."""
    content = part.body[:_TEXT]
    coding = coding_of(part.head)
    if coding == "base64":
        content = loose_base64(content)
    elif coding == "quoted-printable":
        content = binascii.a2b_qp(content)
    return decode(content, codec_of(kind_of(part.head, "")[1].get("charset", "")))


def _take(content: bytes, name: str, place: _Place, taking: _Taking) -> None:
    """Take a file; a mail and a ``winmail.dat`` are opened."""
    if content.startswith(SIGNATURE):
        name = name or "winmail.dat"
        if place.is_deepest:
            taking.leave(name, Why.TOO_DEEP, place)
            return
        if (packed := unpacked(content)) is not None:
            _take_packed(packed, place.within(name), taking)
            return
    elif name.lower().endswith(".eml") and sniff(content) is Kind.MAIL:
        _take_forwarded(content, True, name, place, taking)
        return
    number = len(taking.attachments) + 1
    called = safe_name(name or f"附件{number}{extension_of(content)}", content)
    taking.attachments.append(
        Attachment(called, content, place.inside, number, name, place.sender)
    )  # fmt: skip


def _take_mail(part: Part, place: _Place, taking: _Taking) -> None:
    """Open a part that is called a mail; where it is none, take it as the file it is."""
    name = part.name
    content, flaw = content_of(part)
    is_coded = coding_of(part.head) not in UNCODED
    if part.within == "multipart/report":
        taking.leave(name, Why.RETURNED, place)
    elif flaw and is_coded:
        taking.leave(name, flaw, place)
    elif read_head(content, beginning(content))[0].fields or not name:
        _take_forwarded(content, part.is_ended or is_coded, name, place, taking)
    elif flaw:
        taking.leave(name, flaw, place)
    else:
        _take(content, name, place, taking)


def _take_forwarded(
    content: bytes, is_ended: bool, name: str, place: _Place, taking: _Taking
) -> None:
    """Take what is attached to a forwarded mail."""
    head, _ = read_head(content, beginning(content))
    subject = text_of(head.first("subject")) or name or _NO_SUBJECT
    if place.is_deepest:
        taking.leave(subject, Why.TOO_DEEP, place)
        return
    before = taking.found
    inner = place.within(f"转发邮件：{subject}", sender(head)[0])
    _sort(_opened(content, is_ended, inner, taking), inner, taking)
    if taking.found == before:
        taking.leave(subject, Why.NOTHING, place)


def _take_packed(
    packed: tuple[str, Properties, list[Packed]], place: _Place, taking: _Taking
) -> None:
    """Take the files of a ``winmail.dat``, and those of the mails in it."""
    codec, _, files = packed
    for file in files:
        if taking.room.parts <= 0:
            taking.leave("", Why.TOO_MANY, place)
            return
        taking.room.parts -= 1
        name = file.name(codec)
        kind, value = file.properties.get(OBJECT, (BINARY, b""))
        content = file.told.get(DATA, value if kind == BINARY else value[16:])
        if kind == EMBEDDED and value.startswith(IS_MESSAGE):
            _take_packed_mail(value[16:], name, place, taking)
        elif DATA not in file.told and not value:
            method = int.from_bytes(file.properties.get(METHOD, (0, b""))[1], "little")
            taking.leave(name, Why.ELSEWHERE if method in BY_REFERENCE else Why.DAMAGED, place)
        elif is_hidden(file.properties) and sniff(content) is Kind.IMAGE:
            taking.leave(name, Why.PICTURE, place)
        else:
            _take(content, name, place, taking)


def _take_packed_mail(content: bytes, name: str, place: _Place, taking: _Taking) -> None:
    """Take the files of a mail that stands in a ``winmail.dat``."""
    packed = unpacked(content) if content.startswith(SIGNATURE) else None
    if packed is None:
        taking.leave(name, Why.DAMAGED, place)
        return
    codec, properties, _ = packed
    subject = text_in(properties, SUBJECT, codec) or name or _NO_SUBJECT
    if place.is_deepest:
        taking.leave(subject, Why.TOO_DEEP, place)
        return
    smtp, mail = (text_in(properties, one, codec) for one in (SENDER_SMTP, SENDER_MAIL))
    before = taking.found
    inner = place.within(f"转发邮件：{subject}", smtp or (mail if "@" in mail else ""))
    _take_packed(packed, inner, taking)
    if taking.found == before:
        taking.leave(subject, Why.NOTHING, place)
