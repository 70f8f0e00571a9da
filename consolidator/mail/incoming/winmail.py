"""Unpack a ``winmail.dat``: Outlook's own way of packing attachments (MS-OXTNEF)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from consolidator.mail.incoming.headers import decode, shown
from consolidator.mail.incoming.parts import MOST_PARTS

SIGNATURE = b"\x78\x9f\x3e\x22"
_RENDERING, _TITLE, DATA, _TRANSPORT_NAME, _PROPERTIES, _MESSAGE_PROPERTIES, _CODE_PAGE = (
    0x9002, 0x8010, 0x800F, 0x9001, 0x9005, 0x9003, 0x9007,
)  # fmt: skip
SUBJECT, SENDER_MAIL, SENDER_SMTP = 0x0037, 0x0C1F, 0x5D01
OBJECT, _LONG_NAME, _SHORT_NAME, _DISPLAY_NAME = 0x3701, 0x3707, 0x3704, 0x3001
METHOD, _FLAGS, _HIDDEN = 0x3705, 0x3714, 0x7FFE
BY_REFERENCE = (2, 3, 4, 7)
_TEXT8, _TEXT16, BINARY, EMBEDDED, _MANY = 0x1E, 0x1F, 0x102, 0x0D, 0x1000
_SIZES = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8,
          0x40: 8, 0x48: 16}  # fmt: skip
IS_MESSAGE = struct.pack("<IHH8s", 0x20307, 0, 0, b"\xc0\0\0\0\0\0\0F")
_CODE_PAGES = {950: "cp950", 932: "cp932", 949: "cp949", 65001: "utf-8"}
"""Those that are believed. The others have no Chinese, and where Chinese stands they are wrong."""
Properties = dict[int, tuple[int, bytes]]


@dataclass(slots=True)
class Packed:
    """A file in a ``winmail.dat``, as its objects tell it one after the other."""

    told: dict[int, bytes] = field(default_factory=dict)
    properties: Properties = field(default_factory=dict)

    def name(self, codec: str) -> str:
        """Return the name: the long one where there is one."""
        names = [text_in(self.properties, _LONG_NAME, codec)]
        names += [_plain(self.told.get(one, b""), codec) for one in (_TRANSPORT_NAME, _TITLE)]
        names += [text_in(self.properties, one, codec) for one in (_SHORT_NAME, _DISPLAY_NAME)]
        return next(filter(None, names), "")


def unpacked(content: bytes) -> tuple[str, Properties, list[Packed]] | None:
    """Return the codec, the properties and the files of a ``winmail.dat``; None of a broken one.

    It is read here because the library for it, tnefparse, takes counts as they are told: 21 bytes
    keep it busy for ten minutes, 29 fill the memory. It also drops the zeros an object ends in, and
    all properties after a name that its codec does not have.
    """
    codec = ""
    properties: Properties = {}
    files: list[Packed] = []
    place = 6
    while content[place : place + 32].strip(b"\0\r\n "):
        if place + 11 > len(content):
            return None
        _, what, _, size = struct.unpack_from("<BHHI", content, place)
        data = content[place + 9 : place + 9 + size]
        place += 11 + size
        if place > len(content) or sum(data) & 0xFFFF != int.from_bytes(
            content[place - 2 : place], "little"
        ):
            return None
        if what == _RENDERING and len(files) > MOST_PARTS:
            break
        if what == _RENDERING:
            files.append(Packed())
        elif what == _CODE_PAGE:
            codec = _CODE_PAGES.get(int.from_bytes(data[:4], "little"), "")
        elif what == _MESSAGE_PROPERTIES:
            properties = _read_properties(data)
        elif what == _PROPERTIES and files:
            files[-1].properties = _read_properties(data)
        elif what in (_TITLE, DATA, _TRANSPORT_NAME) and files:
            files[-1].told[what] = data
    return codec, properties, files


def _read_properties(data: bytes) -> Properties:
    """Return the properties of a list with their types, as far as it can be read."""
    found: Properties = {}
    try:
        for kind, what, value in _properties(data):
            found.setdefault(what, (kind, value))
    except struct.error:
        # The list ends within a property. Its object was whole: a program wrote it so.
        pass
    return found


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield type, identity and value of each property, of several values the last.

    Raises:
        struct.error: the list ends within a property.
    """
    (count,) = struct.unpack_from("<I", data)
    place = 4
    for _ in range(count):
        kind, what = struct.unpack_from("<HH", data, place)
        place += 4
        if what >= 0x8000:
            (is_named,) = struct.unpack_from("<I", data, place + 16)
            place += 24
            if is_named:
                (size,) = struct.unpack_from("<I", data, place - 4)
                place += size + -size % 4
        values = 1
        if kind & _MANY or kind in (_TEXT8, _TEXT16, BINARY, EMBEDDED):
            (values,) = struct.unpack_from("<I", data, place)
            place += 4
        kind &= ~_MANY
        value = b""
        if kind in _SIZES:
            value = data[place : place + _SIZES[kind]]
            place += _SIZES[kind] * values
        elif kind in (_TEXT8, _TEXT16, BINARY, EMBEDDED):
            for _ in range(values):
                (size,) = struct.unpack_from("<I", data, place)
                value = data[place + 4 : place + 4 + size]
                if len(value) < size:
                    return
                place += 4 + size + -size % 4
        else:
            return
        yield kind, what, value


def text_in(properties: Properties, what: int, codec: str) -> str:
    """Return a property that is a text, empty where it is not there."""
    kind, value = properties.get(what, (_TEXT8, b""))
    return _plain(value, "utf-16-le" if kind == _TEXT16 else codec)


def _plain(value: bytes, codec: str) -> str:
    return shown(decode(value, codec).partition("\0")[0])


def is_hidden(properties: Properties) -> bool:
    """Tell whether a file is shown within the text: told so, or drawn there (bit 4)."""
    hidden, flags = (properties.get(one, (0, b""))[1] for one in (_HIDDEN, _FLAGS))
    return any(hidden[:2]) or bool(int.from_bytes(flags, "little") & 4)
