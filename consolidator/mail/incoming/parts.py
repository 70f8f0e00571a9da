"""Split a mail into its parts, decode each, and say what is wrong with it.

Nothing raises, and the time grows with the size alone. Python's own parser holds neither: it
recurses, and matches each line against every boundary that is open.
"""

import binascii
import io
import re
import struct
from dataclasses import dataclass
from enum import StrEnum

from consolidator.mail.incoming.headers import Head, file_name, parameters, read_head

MOST_PARTS = 300
"""Parts of a mail that are looked at, those of forwarded mails and of ``winmail.dat`` included."""


class Why(StrEnum):
    """Why something was not taken, as people read it."""

    PICTURE = "内嵌图片"
    SIGNATURE = "签名文件"
    CALENDAR = "日程邀请"
    MAC = "苹果电脑的附属信息"
    RETURNED = "退信或回执附带的内容"
    NOTHING = "转发的邮件里没有附件"
    NAMELESS = "没有文件名的文本"
    SEALED = "加密邮件（S/MIME）"
    SEALED_PGP = "加密邮件（PGP）"
    PARTIAL = "分段发送的邮件"
    ELSEWHERE = "附件存放在别处，邮件里只有地址"
    TOO_DEEP = "邮件嵌套过深"
    TOO_MANY = "部件过多"
    DAMAGED = "附件内容残缺"
    CODING = "附件编码无法识别"
    UNFINISHED = "邮件不完整，可能还有附件"

    @property
    def is_minor(self) -> bool:
        """Whether nobody has to do anything: no file that somebody wanted to send is missing."""
        return self in (Why.PICTURE, Why.SIGNATURE, Why.CALENDAR, Why.MAC, Why.RETURNED)


MAILS = {"message/rfc822", "message/global", "message/news"}
_LONGEST_BOUNDARY = 500
UNCODED = ("", "7bit", "8bit", "binary")
# Blanks at the end of a line are a gateway's (RFC 2045, 6.7); Python's decoder keeps them.
_BLANKS_AT_END = re.compile(rb"(?<![ \t])[ \t]++(?=\r?\n|\Z)")
_BAD_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2}|\r?\n|\Z)")


@dataclass(frozen=True, slots=True)
class Part:
    """A part that holds no others, still encoded."""

    head: Head
    kind: str
    """Its content type."""
    name: str
    """The file name it is sent under."""
    disposition: str
    within: str
    """The kind of the multipart it stands in; empty where it stands in none."""
    body: bytes
    is_ended: bool
    """Whether its end was reached: a boundary follows."""


@dataclass(slots=True)
class Room:
    """How much more of a mail is looked at, the mails in it included."""

    parts: int = MOST_PARTS
    dashes: int = 2_000_000
    """Lines that begin as a boundary does: no mail has so many, but 50 MB may hold more."""


def beginning(raw: bytes) -> int:
    """Return where a mail begins: some programs put empty lines before a forwarded one."""
    blank = re.match(rb"[\r\n]*", raw)
    return blank.end() if blank else 0


def split(raw: bytes, is_ended: bool, room: Room) -> tuple[list[Part], set[Why]]:
    """Return the parts of a mail that hold no others, and what is wrong with it.

    A boundary of an outer multipart ends the inner ones too (RFC 2046, 5.1.2). Each line is looked
    at once, in a table of the boundaries that are open.
    """
    parts: list[Part] = []
    flaws: set[Why] = set()
    kinds: list[str] = []
    levels: dict[bytes, int] = {}
    begun: set[bytes] = set()
    start = beginning(raw)
    while room.parts > 0:
        room.parts -= 1
        head, body = read_head(raw, start, is_end=lambda line: bool(_boundary(line[2:], levels)))
        within = kinds[-1] if kinds else ""
        kind, told = kind_of(head, within)
        is_leaf = not kind.startswith("multipart/")
        if not is_leaf:
            boundary = told.get("boundary", "").rstrip().encode("utf-8", "replace")
            if boundary and boundary not in levels and len(boundary) <= _LONGEST_BOUNDARY:
                levels[boundary] = len(kinds)
                kinds.append(kind)
            else:
                flaws.add(Why.UNFINISHED)
        place = max(body - 1, 0)
        while True:
            found = _next_boundary(raw, place, levels, room)
            if is_leaf:
                end = len(raw) if found is None else max(found[0], body)
                whole = found is not None or (is_ended and not levels)
                disposition, _ = parameters(head.first("content-disposition"))
                name = file_name(head)
                parts.append(Part(head, kind, name, disposition, within, raw[body:end], whole))
                is_leaf = False
            if found is None:
                return parts, flaws | ({Why.UNFINISHED} if levels else set())
            _, place, boundary, is_last = found
            begun.add(boundary)
            for inner in list(levels)[levels[boundary] + (not is_last) :]:
                if inner not in begun:
                    flaws.add(Why.UNFINISHED)
                del levels[inner], kinds[-1]
                begun.discard(inner)
            if not is_last:
                break
            if not levels:
                again = raw.find(b"\n--" + boundary, place) >= 0
                return parts, flaws | ({Why.UNFINISHED} if again else set())
        start = min(place + 1, len(raw))
    return parts, flaws | {Why.TOO_MANY}


def kind_of(head: Head, within: str) -> tuple[str, dict[str, str]]:
    """Return the content type of a part, and its parameters."""
    kind, told = parameters(head.first("content-type"))
    if re.fullmatch(r"[^/]+/[^/]+", kind):
        return kind, told
    if kind not in ("", "text"):
        return "application/octet-stream", told
    return ("message/rfc822" if within == "multipart/digest" else "text/plain"), told


def _boundary(line: bytes, levels: dict[bytes, int]) -> tuple[bytes, bool] | None:
    """Return the open boundary that a line tells after its dashes, and whether it is the last."""
    told = line[: _LONGEST_BOUNDARY + 10].rstrip()
    if told in levels:
        return told, False
    if told.endswith(b"--") and told[:-2] in levels:
        return told[:-2], True
    return None


def _next_boundary(
    raw: bytes, place: int, levels: dict[bytes, int], room: Room
) -> tuple[int, int, bytes, bool] | None:
    """Return the next line that is a boundary; None where there is none.

    Told are the end of what stands before it, its own end, the boundary, and whether it is the
    last.
    """
    while levels and room.dashes > 0 and (place := raw.find(b"\n--", place)) >= 0:
        room.dashes -= 1
        stop = raw.find(b"\n", place + 1)
        stop = len(raw) if stop < 0 else stop
        if found := _boundary(raw[place + 3 : min(stop, place + 600)], levels):
            return place - (raw[place - 1 : place] == b"\r"), stop, *found
        place = stop
    return None


def coding_of(head: Head) -> str:
    """Return how a part is encoded, in lower case as it is written."""
    return parameters(head.first("content-transfer-encoding"))[0].strip('"')


def content_of(part: Part) -> tuple[bytes, Why | None]:
    """Return what a part holds, decoded, and what is wrong with it."""
    coding = coding_of(part.head)
    if coding in UNCODED:
        content, is_whole = part.body, part.is_ended
    elif coding == "base64":
        content, is_whole = _base64(part.body, part.is_ended)
    elif coding == "quoted-printable":
        body = _BLANKS_AT_END.sub(b"", part.body)
        content = binascii.a2b_qp(body)
        is_whole = part.is_ended and not _BAD_ESCAPE.search(body)
    elif coding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        content, is_whole = _uu(part.body)
    else:
        return part.body, Why.CODING
    return content, None if is_whole else Why.DAMAGED


def _base64(body: bytes, is_ended: bool) -> tuple[bytes, bool]:
    """Decode BASE64, and tell whether it is whole.

    It is where nothing foreign is in it, no digit is missing, and its end is seen: a boundary
    after it, padding, or the last record of a zip. Python's decoder of mail stops at padding in the
    middle and passes over foreign characters (cpython issue 137687), each without a word.
    """
    digits = body.translate(None, b" \t\r\n")
    missing = -len(digits) % 4
    try:
        content = binascii.a2b_base64(digits + b"=" * missing, strict_mode=True)
    except binascii.Error:
        return b"", False
    is_seen = is_ended or digits.endswith(b"=")
    return content, (not missing and is_seen) or _ends_as_zip(content)


def _ends_as_zip(content: bytes) -> bool:
    """Tell whether content ends in the last record of a zip that is all of the content."""
    if content[-22:-18] != b"PK\x05\x06":
        return False
    size, start = struct.unpack_from("<II", content, len(content) - 10)
    return bool(start + size == len(content) - 22)


def _uu(body: bytes) -> tuple[bytes, bool]:
    """Decode uuencode, and tell whether it is whole: every line as long as it says, and the end."""
    lines = io.BytesIO(body)
    if not any(line.startswith(b"begin ") for line in lines):
        return b"", False
    content = bytearray()
    for line in lines:
        line = line.rstrip(b"\r\n")
        if line == b"end":
            return bytes(content), True
        digits = ((line[0] - 32 & 63) + 2) // 3 * 4 if line else 0
        if not line or len(line) <= digits:
            break
        try:
            content += binascii.a2b_uu(line[: digits + 1])
        except binascii.Error:
            break
    return bytes(content), False
