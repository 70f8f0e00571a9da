"""Read what the head of a mail says, however the program that sent it wrote it; nothing raises.

Of Python's two ways to read a head neither serves. `email.policy.default` raises when a field is
asked for that is not as the standard has it: IndexError on Exchange's ``Message-ID: <[x@y]>``, on
``To: (c):``, on ``name*`` (cpython issues 148518, 151857), OverflowError on a year of eleven
digits; and its parser takes quadratic time (136063). `compat32` raises nothing, but leaves the
decoding to its caller, and both share a parser that ends a head at a lone carriage return and
recurses into parts. So fields are split here and stay bytes, and each is decoded as what it is.
"""

import binascii
import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from itertools import islice
from urllib.parse import unquote_to_bytes

from consolidator.intake.folder import visible

LONGEST = 500
"""Characters of a text that are given out; an address or a name has far fewer."""
_LONGEST_HEAD, _MOST_LINES = 2**20, 10_000
"""Bytes and lines of a head that are read; what follows counts as body."""
_LONGEST_VALUE = 20_000
"""Bytes of a field that are read."""
_MOST_FIELDS = _MOST_PARAMETERS = 200
_KNOWN = frozenset(
    (
        "action", "auto-submitted", "content-disposition", "content-id",
        "content-transfer-encoding", "content-type", "date", "final-recipient", "from",
        "in-reply-to", "message-id", "original-recipient", "references", "return-path", "status",
        "subject", "x-failed-recipients",
    )
)  # fmt: skip
"""The fields that anything is read of."""

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
_HEAD_ENDS = re.compile(rb"\n(?:\r?\n|--)")
_SURE_FIELD = re.compile(rb"(?im)^(?:content-[a-z-]+|mime-version|message-id)[ \t]*:")
_WORD = re.compile(r"=\?([^?\s]+)\?([BbQq])\?([^?]*)\?=")
_PARAMETER = re.compile(r'[;\s]([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)', re.DOTALL)
_MAILBOX = re.compile(
    r'"((?:[^"\\]|\\.)*)"?|<([^<>]*)>?|\(((?:[^()\\]|\\.)*)\)?'
    r'|(=\?[^?\s]+\?[BbQq]\?[^?]*\?=)|([,;])|((?:[^"<(,;=]|=(?!\?))+|.)',
    re.DOTALL,
)
_QUOTED, _ANGLE, _COMMENT, _ENCODED, _COMMA = range(1, 6)
_ADDRESS = re.compile(r'(?:"[^"]*"|[^\s@<>()",;:]+)@[^\s@<>()",;:]+')
_BARE = re.compile(r"(?<![!#-'*+\-./0-9=?A-Z^-~])[!#-'*+\-./0-9=?A-Z^-~]+@[!#-'*+\-./0-9=?@-Z^-~]+")
"""An address among words, which may stand close by it in Chinese."""
_ZONE = re.compile(r":\d\d?\s*(?:[+-]\d{4}|GMT|UTC?|Z)\b", re.IGNORECASE)

_UNTOLD = ""
_BY_LABEL = {
    "big5": "big5hkscs", "big5hkscs": "big5hkscs", "xbig5": "big5hkscs", "cp950": "cp950",
    "hz": "hz", "hzgb2312": "hz", "utf7": "utf-7", "utf8": "utf-8", "iso2022jp": "iso2022_jp",
    # Not plain UTF-16, of which Python raises where its mark is missing.
    "utf16le": "utf-16-le", "utf16be": "utf-16-be",
    "shiftjis": "cp932", "eucjp": "euc_jp", "euckr": "cp949", "ksc56011987": "cp949",
    "koi8r": "koi8_r", "iso88591": "cp1252", "latin1": "cp1252", "iso88592": "iso8859_2",
    "iso88599": "cp1254", "iso885915": "iso8859_15", "windows1250": "cp1250",
    "windows1251": "cp1251", "windows1252": "cp1252", "cp1252": "cp1252",
} | dict.fromkeys(
    # The standard's own label stands on mails whose characters only its successors have.
    ("gb2312", "gbk", "xgbk", "gb231280", "gb18030", "cp936", "936", "ms936", "windows936",
     "euccn", "csgb2312"), "gb18030",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Head:
    """The fields of a head that anything is read of: names in lower case, values unfolded."""

    fields: tuple[tuple[str, bytes], ...] = ()

    def first(self, name: str) -> bytes:
        """Return the value of the first field of a name, empty where there is none."""
        return next((value for one, value in self.fields if one == name), b"")

    def all(self, name: str) -> tuple[bytes, ...]:
        """Return the values of all fields of a name."""
        return tuple(value for one, value in self.fields if one == name)


def read_head(
    raw: bytes, start: int = 0, *, is_end: Callable[[bytes], bool] = lambda line: False
) -> tuple[Head, int]:
    """Return the head that begins at ``start``, and where its body begins.

    An empty line ends a head. So does a line that is no field and continues none, unless a field
    of MIME follows: then a program has broken a long value in two.

    Args:
        raw: a message or part.
        start: a place in it.
        is_end: tells whether a line, without its end, belongs to what the part stands in.
    """
    fields: list[tuple[str, bytearray]] = []
    place, limit = start, start + _LONGEST_HEAD
    passing = False
    value = bytearray()
    for _ in range(_MOST_LINES):
        if place >= min(len(raw), limit):
            break
        stop = raw.find(b"\n", place, limit) + 1 or min(len(raw), limit)
        line = raw[place:stop].rstrip(b"\r\n")
        if not line:
            place = stop
            break
        if line.startswith(b"--") and is_end(line):
            break
        if line[:1] in (b" ", b"\t"):
            value += line
        elif match := _FIELD.match(line):
            name, value = match[1].decode("ascii").lower(), bytearray(line[match.end() :])
            if name in _KNOWN and len(fields) < _MOST_FIELDS:
                fields.append((name, value))
        elif not (passing or (place == start and line.startswith((b"From ", b">From ")))):
            end = _HEAD_ENDS.search(raw, place, limit)
            passing = bool(_SURE_FIELD.search(raw, stop, end.start() if end else limit))
            if not passing:
                break
            value += b" " + line
        elif passing:
            value += b" " + line
        place = stop
    return Head(tuple((name, bytes(told[:_LONGEST_VALUE])) for name, told in fields)), place


def codec_of(label: str) -> str:
    """Return Python's codec for the charset a mail names; empty where it is none that is known.

    Only what is listed is looked up: Python's own table also holds what is no charset of mail, is
    slow (``idna``) or warns (``unicode_escape``).
    """
    return _BY_LABEL.get(re.sub(r"[^a-z0-9]", "", label.partition("*")[0].lower()), _UNTOLD)


def decode(raw: bytes, codec: str = _UNTOLD) -> str:
    """Return a text of bytes: as the codec has it, else as UTF-8, else as GB18030.

    A few bytes that do not fit are shown as such. A codec is given up where more do not fit than
    there are Chinese characters: GB18030 taken for UTF-8 has some Greek and Cyrillic ones, hardly
    any of three bytes. A character that is cut off at the end is left out.
    """
    for one in filter(None, (codec, "utf-8")):
        text = _decoded(raw, one)
        wrong = text.count("\ufffd")
        if not wrong or wrong <= sum(char >= "\u0800" for char in text) - wrong:
            return text
    return _decoded(raw, "gb18030")


def _decoded(raw: bytes, codec: str) -> str:
    return codecs.getincrementaldecoder(codec)("replace").decode(raw)


def shown(text: str) -> str:
    """Return a text as it may be shown: one line, nothing that cannot be seen, not too long."""
    spaced = "".join(" " if char.isspace() else char for char in text)
    return visible(spaced).strip()[:LONGEST].rstrip()


def text_of(value: bytes) -> str:
    """Return a field as text, its encoded words (RFC 2047) decoded, also those within quotes."""
    return shown(decode_words(decode(value)))


def decode_words(text: str) -> str:
    """Decode the encoded words of a text.

    Neighbours of one charset are decoded together: many programs break them within a character.
    """
    told, raw, codec, last = "", b"", _UNTOLD, 0
    for word in _WORD.finditer(text):
        between = text[last : word.start()]
        neighbour = bool(last) and not between.strip()
        mine = codec_of(word[1])
        if not neighbour or mine != codec:
            told += decode(raw, codec) + ("" if neighbour else between)
            raw = b""
        content = word[3].encode("utf-8", "replace")
        raw += loose_base64(content) if word[2] in "Bb" else binascii.a2b_qp(content, header=True)
        codec, last = mine, word.end()
    return told + decode(raw, codec) + text[last:]


def loose_base64(content: bytes) -> bytes:
    """Return what can be read of BASE64, up to its first padding and without the last odd digit."""
    digits = re.sub(rb"[^A-Za-z0-9+/=]+", b"", content).partition(b"=")[0]
    digits = digits[: len(digits) - (len(digits) % 4 == 1)]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))


def parameters(value: bytes) -> tuple[str, dict[str, str]]:
    """Return a field's own value in lower case, and its parameters by their names.

    Those in pieces or in a charset of their own (RFC 2231) win over plain ones; of several alike
    the first counts.
    """
    text = decode(value)
    own = text.partition(";")[0].split() or [""]
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in islice(_PARAMETER.finditer(text), _MOST_PARAMETERS):
        name, mark, number = match[1].lower().partition("*")
        told = _unquoted(match[2])
        if not mark:
            plain.setdefault(name, decode_words(told))
        else:
            index = re.fullmatch(r"([0-9]{1,4})\*?", number)
            piece = told, number.endswith("*") or not number
            pieces.setdefault(name, {}).setdefault(int(index[1]) if index else 0, piece)
    for name, found in pieces.items():
        if joined := _joined([found[one] for one in sorted(found)]):
            plain[name] = joined
    return own[0].lower(), plain


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value.strip()
    return re.sub(r'\\(["\\])', r"\1", value[1:].removesuffix('"'))


def _joined(pieces: list[tuple[str, bool]]) -> str:
    """Return the value of a parameter that is told in pieces, each with or without escapes."""
    if not any(is_escaped for _, is_escaped in pieces):
        return decode_words("".join(told for told, _ in pieces))
    codec = _UNTOLD
    first, is_escaped = pieces[0]
    if is_escaped and first.count("'") >= 2:
        label, _, rest = first.split("'", 2)
        codec, pieces = codec_of(label), [(rest, True), *pieces[1:]]
    # Joined first: an escape may be torn between two pieces.
    whole = "".join(told if escaped else told.replace("%", "%25") for told, escaped in pieces)
    raw = unquote_to_bytes(whole.encode("utf-8", "replace"))
    return decode_words(decode(raw, codec))


def file_name(head: Head) -> str:
    """Return the file name a part is sent under, as it may be shown; empty where it has none."""
    for field, name in (("content-disposition", "filename"), ("content-type", "name")):
        if told := shown(parameters(head.first(field))[1].get(name, "")):
            return told
    return ""


def sender(head: Head) -> tuple[str, str]:
    """Return who wrote a mail: the address as written and the name, each empty where untold.

    It is the first address of the first From that has one. A field without an address gives its
    text as the name. Sender and Return-Path are not asked: they may be another's.
    """
    named = ""
    for value in head.all("from"):
        address, name = _mailbox(decode(value))
        if address:
            return address, name
        named = named or name
    return "", named


def _mailbox(text: str) -> tuple[str, str]:
    """Return the first address of a field, and the name that stands with it."""
    words: list[str] = []
    comments: list[str] = []
    bare = ""
    for token in _MAILBOX.finditer(text):
        told, kind = token[token.lastindex or 0], token.lastindex
        if kind == _ANGLE:
            if address := _address(told.rpartition(":")[2]):
                return address, _name(words, comments)
        elif kind == _COMMENT:
            comments.append(told)
        elif kind == _COMMA and bare:
            break
        elif kind in (_QUOTED, _ENCODED, _COMMA):
            words.append(re.sub(r"\\(.)", r"\1", told) if kind == _QUOTED else told)
        else:
            found = _BARE.search(told)
            if found and not bare and (bare := _address(found[0])):
                told = told.replace(found[0], " ")
            words.append(told)
    return bare, _name(words, comments)


def _address(text: str) -> str:
    """Return a text that is an address, else an empty one; with two hosts it is none."""
    told = shown(text)
    return told if _ADDRESS.fullmatch(told) else ""


def _name(words: list[str], comments: list[str]) -> str:
    return shown(decode_words("".join(words))) or shown(decode_words(" ".join(comments)))


def date(head: Head) -> str:
    """Return the date of a mail as ISO 8601, without a zone where none is told for sure.

    A zone in letters other than UTC's is not believed: CST is China's time here, and America's for
    Python. A date that cannot be, or is before 1990 or after 2099, is none: an empty text.
    """
    told = text_of(head.first("date"))
    try:
        moment = parsedate_to_datetime(told)
    except (ValueError, TypeError, IndexError, OverflowError):
        # What Python's reader of dates raises on what is none.
        return ""
    if not 1990 <= moment.year < 2100:
        return ""
    if not _ZONE.search(told):
        moment = moment.replace(tzinfo=None)
    elif moment.tzinfo is None:
        # Told as -0000: the time is UTC's, the writer's own zone is not told.
        moment = moment.replace(tzinfo=UTC)
    return moment.isoformat()
