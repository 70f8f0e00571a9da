"""Take a workbook apart and put it together again, wrongly where a test wants it so.

Everything stays in memory. What a header says of a zip's file need not be true; the old formats
are written here in the least that a reader takes for them, from the form's own cells.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from xml.sax.saxutils import escape

from msoffcrypto.method.container.ecma376_encrypted import (  # type: ignore[import-untyped,unused-ignore]
    ECMA376Encrypted,
)
from msoffcrypto.method.ecma376_agile import (  # type: ignore[import-untyped,unused-ignore]
    ECMA376Agile,
)

from consolidator.forms.layout import Value, address
from consolidator.forms.quarterly.addresses import MAIN, MAIN_COLUMNS, Places
from consolidator.forms.quarterly.assignment import Key
from consolidator.forms.quarterly.book import quarterly_book
from returns import ask, good_answers, rendered

Parts = dict[str, bytes]
Edit = Callable[[str], str | bytes]
Make = Callable[[], bytes]
Cells = Mapping[tuple[int, int], Value]

GOOD = rendered(ask())
"""A return without a fault: every hazard and every slip is made from it."""
GUIDE_PART, MAIN_PART, LIST_PART, CHECK_PART, STAMP_PART = (
    f"xl/worksheets/sheet{number}.xml" for number in range(1, 6)
)
WORKBOOK_PART, STRINGS_PART, STYLES_PART = (
    "xl/workbook.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
)
TYPES_PART, RELATIONS_PART = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
CUSTOM_PART = "docProps/custom.xml"
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
STORED, DEFLATED = 0, 8
OPEN_TO_ALL = "VelvetSweatshop"
"""The password that every program tries by itself."""
ENCRYPTED, UTF8 = 0x1, 0x800


def at(row: str, column: str = "actual") -> str:
    """Return where a cell of the main table stands in the good return."""
    return address(Places(ask()).rows[row], MAIN_COLUMNS.index(column))


def typed(row: str) -> str:
    """Return the figure of a line as it stands in the good return."""
    return f"{good_answers(ask())[Key(row, 'actual')]:.0f}"


# Zip


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a zip: what its header says of it, true or not, and its packed content."""

    name: bytes
    data: bytes
    crc: int
    size: int
    method: int = DEFLATED
    flags: int = UTF8
    packed: int | None = None
    """The packed size the headers tell; None for the true one."""
    place: int | None = None
    """Where the directory says the entry begins; None for the true place."""


def entry(name: str, content: bytes) -> Entry:
    """Pack a file, telling the truth of it."""
    stream = zlib.compressobj(6, zlib.DEFLATED, -15)
    data = stream.compress(content) + stream.flush()
    return Entry(name.encode(), data, zlib.crc32(content), len(content))


def vast(name: str, head: bytes, block: bytes, times: int, tail: bytes) -> Entry:
    """Pack ``block`` repeated so often: a full flush makes its packed form repeatable too."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    first, middle = (
        stream.compress(piece) + stream.flush(zlib.Z_FULL_FLUSH) for piece in (head, block)
    )
    data = first + middle * times + stream.compress(tail) + stream.flush()
    crc = zlib.crc32(head)
    for _ in range(times):
        crc = zlib.crc32(block, crc)
    size = len(head) + len(block) * times + len(tail)
    return Entry(name.encode(), data, zlib.crc32(tail, crc), size)


def zipped(entries: Sequence[Entry], directory: Sequence[Entry] = ()) -> bytes:
    """Write a zip; ``directory`` is what its end says of the entries, where that differs."""
    body, places = bytearray(), []
    for one in entries:
        places.append(len(body))
        body += struct.pack("<4sHH", b"PK\3\4", 20, one.flags) + _told(one) + one.name + one.data
    listed = directory or entries
    rest = bytearray()
    for number, one in enumerate(listed):
        place = places[number] if one.place is None else one.place
        rest += struct.pack("<4sHHH", b"PK\1\2", 0x0314, 20, one.flags) + _told(one)
        rest += struct.pack("<HHHII", 0, 0, 0, 0, place) + one.name
    count = len(listed)
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, len(rest), len(body), 0)
    return bytes(body + rest + end)


def _told(one: Entry) -> bytes:
    packed = len(one.data) if one.packed is None else one.packed
    # Made at midnight on 1 January 1980, as the product's own are.
    stamp = (one.method, 0, 33, one.crc, packed, one.size, len(one.name), 0)
    return struct.pack("<HHHIIIHH", *stamp)


def entries(parts: Mapping[str, bytes]) -> list[Entry]:
    """Pack every part."""
    return [entry(name, content) for name, content in parts.items()]


def parts(content: bytes) -> Parts:
    """Unpack a workbook into its parts, in their order."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Mapping[str, bytes]) -> bytes:
    """Put parts together again; the same parts give the same bytes."""
    return zipped(entries(parts))


def with_entry(one: Entry) -> bytes:
    """Return the good return with one part's entry put in its place, or added."""
    rest = {name: part for name, part in parts(GOOD).items() if name.encode() != one.name}
    return zipped([*entries(rest), one])


# The parts of a workbook


def with_part(content: bytes, name: str, *edits: Edit) -> bytes:
    """Return a workbook with one of its parts edited."""
    held = parts(content)
    held[name] = edited(held[name], *edits)
    return packed(held)


def main(*edits: Edit) -> Make:
    """Edit the sheet of the table of the good return."""
    return partial(with_part, GOOD, MAIN_PART, *edits)


def edited(part: bytes, *edits: Edit) -> bytes:
    """Apply edits of a text one after the other; one that returns bytes sets the encoding."""
    for edit in edits:
        made = edit(part.decode())
        part = made if isinstance(made, bytes) else made.encode()
    return part


def swapped(old: str, new: str) -> Edit:
    """Edit by replacing the first ``old``, which must be there."""

    def edit(xml: str) -> str:
        assert old in xml, old
        return xml.replace(old, new, 1)

    return edit


def before(mark: str, added: str) -> Edit:
    """Edit by putting a text before the first ``mark``."""
    return swapped(mark, added + mark)


def cell(address: str, new: str) -> Edit:
    """Edit by replacing a whole cell; ``{s}`` in the new one stands for its style."""
    pattern = re.compile(rf'<c r="{address}"(?: s="(\d+)")?[^>]*?(?:/>|>.*?</c>)', re.DOTALL)

    def edit(xml: str) -> str:
        found = pattern.search(xml)
        assert found, address
        return xml[: found.start()] + new.replace("{s}", found[1] or "0") + xml[found.end() :]

    return edit


def added_part(
    held: Parts, name: str, content: bytes | str, *, kind: str, owner: str, type_name: str, rid: str
) -> None:
    """Add a part that ``owner`` refers to as ``rid``, with a relation of the kind ``kind``."""
    held[name] = content.encode() if isinstance(content, str) else content
    types = f'<Override PartName="/{name}" ContentType="{type_name}"/>'
    held[TYPES_PART] = edited(held[TYPES_PART], before("</Types>", types))
    held |= related(held, owner, f'Type="{OFFICE}/{kind}" Target="/{name}"', rid)


def related(held: Parts, owner: str, about: str, rid: str) -> Parts:
    """Return the relations of a part with one more in them."""
    folder, _, file = owner.rpartition("/")
    name = f"{folder}/_rels/{file}.rels"
    space = f"{PACKAGE}/relationships"
    xml = held.get(name, f'<Relationships xmlns="{space}"></Relationships>'.encode())
    relation = f'<Relationship Id="{rid}" {about}/>'
    return {name: edited(xml, before("</Relationships>", relation))}


# Encryption


def locked(content: bytes, password: str, edit: Callable[[bytes], bytes] = bytes) -> bytes:
    """Encrypt a workbook as Excel does (agile), with few rounds: no two are the same bytes.

    ``edit`` changes the header that says how it is encrypted.
    """
    info, key = ECMA376Agile.generate_encryption_parameters(password, spin_count=100)
    salt = info.keyData.saltValue
    body = ECMA376Agile.encrypt_payload(io.BytesIO(content), info.encryptedKey, key, salt)
    head = ECMA376Agile.get_encryption_information(info, body, key)
    target = io.BytesIO()
    ECMA376Encrypted(body, edit(head)).write_to(target)
    return target.getvalue()


# The form in other formats


@cache
def form_cells() -> Mapping[str, Cells]:
    """Return the values of the good return's cells by sheet, counted from 0."""
    assignment = ask()
    book = quarterly_book(replace(assignment, answers=good_answers(assignment)))
    return {
        sheet.name: {
            (one.row, one.column): one.value
            for one in sorted([*sheet.cells, *(first for _, first in sheet.merges)])
            if one.value not in (None, "")
        }
        for sheet in book.sheets
    }


def ole(streams: Mapping[str, bytes]) -> bytes:
    """Write an OLE2 compound file; streams are padded so that none is in a mini stream."""
    sectors: list[bytes] = []
    chains: list[int] = []
    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    listed = [_directory_entry("Root Entry", 5, 0xFFFFFFFE, 0, right=0xFFFFFFFF, child=1)]
    for number, name in enumerate(names, start=1):
        body = streams[name].ljust(4096, b"\0")
        following = 0xFFFFFFFF if number == len(names) else number + 1
        listed.append(_directory_entry(name, 2, len(sectors), len(body), right=following))
        _chain(sectors, chains, body)
    directory = len(sectors)
    _chain(sectors, chains, b"".join(listed))
    tables = 1
    while len(sectors) + tables > tables * 128:
        tables += 1
    table = struct.pack(f"<{len(chains) + tables}I", *chains, *[0xFFFFFFFD] * tables)
    first = len(sectors)
    head = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
        0, tables, directory, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0,
    )  # fmt: skip
    head += struct.pack(f"<{tables}I", *range(first, first + tables))
    return head.ljust(512, b"\xff") + b"".join(sectors) + table.ljust(512 * tables, b"\xff")


def _chain(sectors: list[bytes], chains: list[int], body: bytes) -> None:
    pieces = [body[at : at + 512].ljust(512, b"\0") for at in range(0, len(body), 512)]
    first = len(sectors)
    chains += [*range(first + 1, first + len(pieces)), 0xFFFFFFFE]
    sectors += pieces


def _directory_entry(
    name: str, kind: int, start: int, size: int, *, right: int, child: int = 0xFFFFFFFF
) -> bytes:
    text = name.encode("utf-16-le")
    links = (len(text) + 2, kind, 1, 0xFFFFFFFF, right, child)
    return struct.pack("<64sHBBIII36xII4x", text, *links, start, size)


def record(kind: int, body: bytes) -> bytes:
    """Write one BIFF8 record."""
    return struct.pack("<HH", kind, len(body)) + body


def xls(
    *, first: bytes = b"", dimensions: tuple[int, int, int, int] | None = None, last: bytes = b"",
    sheets: Mapping[str, Cells] | None = None,
) -> bytes:  # fmt: skip
    """Write the form as .xls.

    Args:
        first: records that come right behind the workbook's first one.
        dimensions: the area every sheet claims: rows from and to, columns from and to.
        last: records at the end of the second sheet.
        sheets: other sheets than the form's.
    """
    held = form_cells() if sheets is None else sheets
    plain, day = (struct.pack("<HH16x", 0, number) for number in (0, 14))
    head = record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0x0DBB, 0x07CC, 0, 6)) + first
    head += record(0x00E0, plain) + record(0x00E0, day)
    bodies = [_biff_sheet(cells, dimensions, last if at == 1 else b"") for at, cells in
              enumerate(held.values())]  # fmt: skip
    names = [name.encode("utf-16-le") for name in held]
    place = len(head) + sum(12 + len(name) for name in names) + len(record(0x0A, b""))
    for name, body in zip(names, bodies, strict=True):
        head += record(0x0085, struct.pack("<IHBB", place, 0, len(name) // 2, 1) + name)
        place += len(body)
    return ole({"Workbook": head + record(0x0A, b"") + b"".join(bodies)})


def _biff_sheet(cells: Cells, dimensions: tuple[int, int, int, int] | None, last: bytes) -> bytes:
    rows, columns = ([place[axis] for place in cells] or [0] for axis in (0, 1))
    area = dimensions or (0, max(rows) + 1, 0, max(columns) + 1)
    body = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0x0DBB, 0x07CC, 0, 6))
    body += record(0x0200, struct.pack("<IIHH2x", *area))
    for (row, column), value in cells.items():
        if isinstance(value, str):
            text = value.encode("utf-16-le")
            body += record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text) // 2, 1) + text)
        else:
            number, style = _serial(value)
            body += record(0x0203, struct.pack("<HHHd", row, column, style, number))
    return body + last + record(0x0A, b"")


def _serial(value: Value) -> tuple[float, int]:
    if isinstance(value, date):
        return float((value - date(1899, 12, 30)).days), 1
    assert isinstance(value, (int, float))
    return float(value), 0


def xlsb(
    *, row: int = 0, broken: bytes = b"", last: bytes = b"", strings: bytes = b"",
    changed: Callable[[Parts], None] | None = None,
) -> bytes:  # fmt: skip
    """Write the form as .xlsb.

    Args:
        row: added to every row's number.
        broken: bytes before the first row of the table's sheet.
        last: bytes behind its last row.
        strings: a part of shared texts, which no cell refers to.
        changed: changes the parts at last.
    """
    held = form_cells()
    listed, relations = b"", ""
    held_parts: Parts = {}
    for number, (name, cells) in enumerate(held.items(), start=1):
        about = struct.pack("<II", 0, number) + _wide(f"rId{number}") + _wide(name)
        listed += bits(156, about)
        relations += (
            f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" '
            f'Target="worksheets/sheet{number}.bin"/>'
        )
        own = (broken, last) if name == MAIN else (b"", b"")
        body = _bits_sheet(cells, row, *own)
        held_parts[f"xl/worksheets/sheet{number}.bin"] = body
    space = f"{PACKAGE}/relationships"
    workbook = bits(131) + bits(143) + listed + bits(144) + bits(132)
    types = '<Default Extension="bin" ContentType="application/octet-stream"/>'
    held_parts |= {
        TYPES_PART: edited(parts(GOOD)[TYPES_PART], before("<Override", types)),
        "xl/workbook.bin": workbook,
        "xl/_rels/workbook.bin.rels":
            f'<Relationships xmlns="{space}">{relations}</Relationships>'.encode(),
        **({"xl/sharedStrings.bin": strings} if strings else {}),
    }  # fmt: skip
    if changed:
        changed(held_parts)
    return packed(held_parts)


def bits(kind: int, body: bytes = b"", *, size: int | None = None) -> bytes:
    """Write one BIFF12 record; ``size`` is what it says of its length, where that is a lie."""
    length = len(body) if size is None else size
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return head + _seven_bits(length) + body


def _seven_bits(number: int) -> bytes:
    pieces = []
    while number > 127:
        pieces.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*pieces, number])


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def bits_row(row: int, *columns: int) -> bytes:
    """Write a row of BIFF12 with the number 99 in some columns, all counted from 0."""
    head = bits(0, struct.pack("<IIHHBI", row, 0, 300, 0, 0, 0))
    return head + b"".join(bits(5, struct.pack("<IId", column, 0, 99.0)) for column in columns)


def _bits_sheet(cells: Cells, shift: int, broken: bytes, behind: bytes) -> bytes:
    last = max(row for row, _ in cells) + shift
    body = bits(129) + bits(148, struct.pack("<IIII", 0, last, 0, 20)) + bits(145) + broken
    current = -1
    for (row, column), value in cells.items():
        if row != current:
            current = row
            body += bits(0, struct.pack("<IIHHBI", row + shift, 0, 300, 0, 0, 0))
        if isinstance(value, str):
            body += bits(6, struct.pack("<II", column, 0) + _wide(value))
        else:
            body += bits(5, struct.pack("<IId", column, 0, _serial(value)[0]))
    return body + behind + bits(146) + bits(130)


_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text")
)
_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
    'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)


def ods(
    *edits: Edit, manifest: Edit = lambda xml: xml, more: Mapping[str, bytes] | None = None
) -> bytes:
    """Write the form as .ods, with its ``content.xml`` and its manifest edited, and more parts."""
    tables = "".join(_ods_table(name, cells) for name, cells in form_cells().items())
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES} '
        f'office:version="1.2"><office:body><office:spreadsheet>{tables}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = Entry(b"mimetype", _ODS.encode(), zlib.crc32(_ODS.encode()), len(_ODS), STORED)
    held = {
        "content.xml": edited(content.encode(), *edits),
        "META-INF/manifest.xml": edited(_MANIFEST.encode(), manifest),
        **(more or {}),
    }
    return zipped([kind, *entries(held)])


def _ods_table(name: str, cells: Cells) -> str:
    rows = []
    for row in range(max(row for row, _ in cells) + 1):
        filled = {column: value for (at, column), value in cells.items() if at == row}
        last = max(filled, default=0)
        rows.append("".join(_ods_cell(filled.get(column)) for column in range(last + 1)))
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    return f'<table:table table:name="{name}">{body}</table:table>'


def _ods_cell(value: Value) -> str:
    if value is None:
        return "<table:table-cell/>"
    kind, attribute, shown = "string", "", escape(str(value))
    if isinstance(value, date):
        kind, attribute = "date", f' office:date-value="{value:%Y-%m-%d}"'
    elif isinstance(value, (int, float)):
        kind, attribute = "float", f' office:value="{value}"'
    return (
        f'<table:table-cell office:value-type="{kind}"{attribute}>'
        f"<text:p>{shown}</text:p></table:table-cell>"
    )
