"""Make every hostile, foreign or broken file small and on purpose, in memory.

Most are the good return made hostile: what refuses it must look further than for a stamp. A file's
name is as it would lie in the returns folder.
"""

import bz2
import io
import lzma
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import openpyxl

from consolidator.forms.quarterly.addresses import CHECK, GUIDE, MAIN
from consolidator.forms.stamp import SHEET
from workbook_parts import (
    CUSTOM_PART,
    ENCRYPTED,
    GOOD,
    LIST_PART,
    MAIN_PART,
    OFFICE,
    OPEN_TO_ALL,
    PACKAGE,
    RELATIONS_PART,
    SPACE,
    STORED,
    STRINGS_PART,
    STYLES_PART,
    TYPES_PART,
    UTF8,
    WORKBOOK_PART,
    Edit,
    Entry,
    Make,
    Parts,
    added_part,
    at,
    before,
    bits,
    bits_row,
    cell,
    edited,
    entries,
    entry,
    locked,
    main,
    ods,
    ole,
    packed,
    parts,
    record,
    swapped,
    typed,
    vast,
    with_entry,
    with_part,
    xls,
    xlsb,
    zipped,
)


@dataclass(frozen=True, slots=True)
class Hazard:
    """A file that must cost nothing but itself, and be told by one of these codes."""

    name: str
    make: Make
    codes: tuple[str, ...]
    """What may tell why, the code preferred first; ``AS_TYPED`` where it may also be read."""
    origin: str
    """What has been seen of it."""


AS_TYPED = ""
"""No code: a reader that comes to no harm may also take the file, with every figure as typed."""
DAMAGED, UNSAFE, LARGE = ("file_damaged",), ("file_unsafe",), ("file_too_large",)
LOCKED, FOREIGN, LEFT = ("file_encrypted",), ("file_foreign",), ("file_leftover",)
LIES = ("file_damaged", "file_unsafe", "file_too_large")
H10, H14 = at("hightech_firms"), at("patent_applications")
ROW = H10[1:]
TRUE = typed("hightech_firms")
"""The figure in H10; the other one is 99."""
MIB = 2**20
HUGE = 2**32 - 1
CLOSE = "</sheetData>"
HEAD, SHEET_HEAD = parts(GOOD)[MAIN_PART].split(b"<sheetData>")[0], b"<sheetData>"
SHEET_TAIL = b"</sheetData></worksheet>"
ALTERNATIVES = "http://schemas.openxmlformats.org/markup-compatibility/2006"
PASSWORD = "not told"


def strings(*edits: Edit) -> Make:
    """Edit the shared texts."""
    return partial(with_part, GOOD, STRINGS_PART, *edits)


def book(*edits: Edit) -> Make:
    """Edit the workbook part."""
    return partial(with_part, GOOD, WORKBOOK_PART, *edits)


def more_rows(xml: str) -> Edit:
    """Put rows behind those of the table."""
    return before(CLOSE, xml)


def merges(xml: str) -> Edit:
    """Put merges before those of the table."""
    return before('<mergeCell ref="B3', xml)


def links(xml: str) -> Edit:
    """Put hyperlinks where they belong."""
    return before("<printOptions", f"<hyperlinks>{xml}</hyperlinks>")


def encoded(encoding: str, declared: str | None = None) -> Edit:
    """Write a part in another encoding, and say so."""
    return lambda xml: xml.replace("UTF-8", declared or encoding, 1).encode(encoding)


def without(*names: str) -> Make:
    """Leave parts out."""
    return lambda: packed({name: part for name, part in parts(GOOD).items() if name not in names})


def lying(name: str, lie: Callable[[Entry], Entry], *, only_inside: bool = False) -> bytes:
    """Let the headers of one part lie, or only the one in front of it."""
    true = entries(parts(GOOD))
    told = [lie(one) if one.name == name.encode() else one for one in true]
    return zipped(told, true if only_inside else told)


def renamed(old: str, new: str) -> bytes:
    """Give a part another name in the zip."""
    return packed({new if name == old else name: part for name, part in parts(GOOD).items()})


def added(name: str | bytes, content: bytes = b"x") -> bytes:
    """Add a file to the zip, whatever its name."""
    raw = name if isinstance(name, bytes) else name.encode()
    return zipped([*entries(parts(GOOD)), replace(entry("", content), name=raw)])


# Beyond what a reader can hold


def many_rows() -> bytes:
    """Thirty thousand plain rows: no ratio tells them."""
    rows = (f'<row r="{n}"><c r="A{n}"><v>{n * 7919}</v></c></row>' for n in range(28, 30_000))
    return with_part(GOOD, MAIN_PART, more_rows("".join(rows)))


def many_strings() -> bytes:
    """Six hundred thousand texts: fifteen times the same forty thousand."""
    block = "".join(f"<si><t>{n * 7919}</t></si>" for n in range(40_000)).encode()
    head, tail = parts(GOOD)[STRINGS_PART].removesuffix(b"</sst>"), b"</sst>"
    return with_entry(vast(STRINGS_PART, head, block, 15, tail))


def vast_sheet(block: bytes, times: int, *, head: bytes = b"", tail: bytes = b"") -> Make:
    """Repeat a piece inside the sheet's data."""
    return lambda: with_entry(
        vast(MAIN_PART, HEAD + SHEET_HEAD + head, block, times, tail + SHEET_TAIL)
    )


def vast_strings(block: bytes, times: int, *, head: bytes = b"", tail: bytes = b"") -> Make:
    """Repeat a piece inside the table of shared texts."""
    first = b'<sst xmlns="%s">' % SPACE.encode() + head
    return lambda: with_entry(vast(STRINGS_PART, first, block, times, tail + b"</sst>"))


def rather_tight(size: int) -> bytes:
    """Make a block that packs about 150 times smaller: under the ratio a part may have."""
    # A chain of check sums does for chance, and gives the same bytes every time.
    chance = (zlib.crc32(struct.pack("<I", n)) for n in range(size // 640))
    return b"".join(struct.pack("<I", one) for one in chance).ljust(size, b" ")


def many_wide_sheets() -> bytes:
    """Fifty sheets, each with one cell at the furthest place a sheet may have one."""
    held = parts(GOOD)
    sheet = HEAD + b'<sheetData><row r="20000"><c r="IV20000"><v>1</v></c></row>' + SHEET_TAIL
    listed = ""
    for number in range(6, 56):
        added_part(
            held, f"xl/worksheets/sheet{number}.xml", sheet, kind="worksheet", owner=WORKBOOK_PART,
            type_name="application/xml", rid=f"more{number}",
        )  # fmt: skip
        listed += f'<sheet name="x{number}" sheetId="{number}" r:id="more{number}"/>'
    held[WORKBOOK_PART] = edited(held[WORKBOOK_PART], before("</sheets>", listed))
    return packed(held)


def listed_sheets(count: int) -> Make:
    """List the same part as many sheets."""
    more = "".join(f'<sheet name="x{n}" sheetId="{n}" r:id="rId2"/>' for n in range(6, count + 1))
    return book(before("</sheets>", more))


def own_sheets(count: int) -> bytes:
    """Add sheets that each have a part of their own."""
    held = parts(GOOD)
    listed = relations = ""
    for number in range(6, count + 1):
        held[f"xl/worksheets/sheet{number}.xml"] = HEAD + SHEET_HEAD + SHEET_TAIL
        listed += f'<sheet name="x{number}" sheetId="{number}" r:id="s{number}"/>'
        relations += (
            f'<Relationship Id="s{number}" Type="{OFFICE}/worksheet" '
            f'Target="worksheets/sheet{number}.xml"/>'
        )
    held[WORKBOOK_PART] = edited(held[WORKBOOK_PART], before("</sheets>", listed))
    held[RELATIONS_PART] = edited(held[RELATIONS_PART], before("</Relationships>", relations))
    return packed(held)


def large_media() -> bytes:
    """Four pictures of thirty megabytes, none of them packed too tightly."""
    noise = rather_tight(MIB)
    media = [vast(f"xl/media/image{n}.png", b"", noise, 30, b"") for n in range(4)]
    return zipped([*entries(parts(GOOD)), *media])


# Entities and encodings


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "haha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise("abcdefghi"))
    + "]>"
)
FETCHED = '<!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/passwd">]>'
REMOTE = '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'
LONG = f'<!DOCTYPE x [<!ENTITY i "{"ha" * 50_000}">]>'
# Each part a reader may parse, and where a reference to the entity stands in it.
ENTITY_PLACES: Mapping[str, tuple[str, str]] = {
    MAIN_PART: (CLOSE, '<row r="40"><c r="A40" t="str"><v>&i;</v></c></row></sheetData>'),
    STRINGS_PART: ("<t>", "<t>&i;"),
    WORKBOOK_PART: (">'填报表'!", ">&i;'填报表'!"),
    RELATIONS_PART: ('Target="theme', 'Target="&i;theme'),
    TYPES_PART: ('PartName="/docProps', 'PartName="&i;/docProps'),
    STYLES_PART: ('formatCode="0.0%', 'formatCode="&i;0.0%'),
    CUSTOM_PART: ("<vt:lpwstr>", "<vt:lpwstr>&i;"),
    "docProps/core.xml": ("<dc:title>", "<dc:title>&i;"),
}


def entity(part: str, declared: str, *, times: int = 1) -> bytes:
    """Declare an entity in a part and refer to it."""
    mark, used = ENTITY_PLACES[part]
    referred = swapped(mark, used.replace("&i;", "&i;" * times))
    return with_part(GOOD, part, swapped("?>", f"?>{declared}"), referred)


def entity_hazards() -> Iterator[tuple[str, Make]]:
    """Give both entities in every part."""
    for part in ENTITY_PLACES:
        short = part.rpartition("/")[2].replace(".xml", "")
        yield f"laughs in {short}.xlsx", partial(entity, part, LAUGHS)
        yield f"external entity in {short}.xlsx", partial(entity, part, FETCHED)


def commented(declared: str) -> bytes:
    """Declare an entity in the part of a sheet's comments."""
    held = parts(GOOD)
    text = f'<?xml version="1.0"?>{declared}<comments xmlns="{SPACE}"><commentList>'
    text += f'<comment ref="{H10}"><text><t>&i;</t></text></comment></commentList></comments>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
    added_part(
        held, "xl/comments1.xml", text, kind="comments", owner=MAIN_PART, type_name=kind, rid="c1"
    )
    return packed(held)


# Zips


def overlapping() -> bytes:
    """Let a hundred entries of the directory share one entry's data."""
    true = entries(parts(GOOD))
    shared = [replace(true[0], name=b"xl/media/%d.png" % n, place=0) for n in range(100)]
    return zipped(true, [*(replace(one) for one in true), *shared])


def two_directories() -> bytes:
    """Hide a second zip in the comment of the first.

    Its comment claims to be longer than it is: Python's zipfile takes that one all the same,
    calamine the first.
    """
    first, second = packed(parts(GOOD)), with_part(GOOD, MAIN_PART, other())
    comment = _shifted(second, len(first))[:-2] + struct.pack("<H", 5) + b"x"
    return first[:-2] + struct.pack("<H", len(comment)) + comment


def _shifted(content: bytes, by: int) -> bytes:
    """Move every offset of a zip's directory, as when something is put before it."""
    moved = bytearray(content)
    end = content.rfind(b"PK\5\6")
    count, start = struct.unpack_from("<H4xI", content, end + 10)
    place = start
    for _ in range(count):
        name, offset = struct.unpack_from("<H", moved, place + 28)[0], place + 42
        struct.pack_into("<I", moved, offset, struct.unpack_from("<I", moved, offset)[0] + by)
        place += 46 + name
    struct.pack_into("<I", moved, end + 16, start + by)
    return bytes(moved)


def many_zip64() -> bytes:
    """Claim 2^32 entries in the zip64 end record."""
    content = packed(parts(GOOD))
    end = content.rfind(b"PK\5\6")
    size, start = struct.unpack_from("<II", content, end + 12)
    large = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, HUGE, HUGE, size, start)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
    last = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, HUGE, HUGE, 0)
    return content[:end] + large + locator + last


def repacked(method: int) -> bytes:
    """Claim another packing method for every part; bzip2 and LZMA are really used."""
    done: dict[int, Callable[[bytes], bytes]] = {
        12: bz2.compress,
        14: lambda part: struct.pack("<BBH", 9, 4, 5) + lzma.compress(
            part, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1}]
        ),
    }  # fmt: skip
    pack = done.get(method, zlib.compress)
    return zipped([
        Entry(name.encode(), pack(part), zlib.crc32(part), len(part), method)
        for name, part in parts(GOOD).items()
    ])  # fmt: skip


def archive(held: Mapping[str, bytes]) -> bytes:
    """Pack files as they are."""
    return zipped([
        Entry(name.encode(), content, zlib.crc32(content), len(content), STORED)
        for name, content in held.items()
    ])  # fmt: skip


def locked_archive() -> bytes:
    """Mark the workbook in an archive as encrypted."""
    return zipped([replace(entry("甲.xlsx", GOOD), flags=UTF8 | ENCRYPTED)])


def wide_archive() -> bytes:
    """Pack an archive of archives, each of ten megabytes and together of half a gigabyte."""
    inner = zipped([vast("甲.xlsx", b"PK\3\4", rather_tight(MIB), 10, b"")])
    return archive({f"{n}.zip": inner for n in range(50)})


# Parts and relations


def outside(target: str, *, mode: str = "") -> Make:
    """Lead a sheet's relation out of the file."""
    new = f'Target="{target}"' + (f' TargetMode="{mode}"' if mode else "")
    edit = swapped('Target="worksheets/sheet2.xml"', new)
    return partial(with_part, GOOD, RELATIONS_PART, edit)


def decoy(owner: str, old: str, new: str) -> bytes:
    """Move a part that others know by its relation, and leave a changed one in its place."""
    held = parts(GOOD)
    target = old.removeprefix("xl/") if owner == RELATIONS_PART else old
    moved = new.removeprefix("xl/") if owner == RELATIONS_PART else new
    held[owner] = edited(held[owner], swapped(f'Target="{target}"', f'Target="{moved}"'))
    held[TYPES_PART] = edited(held[TYPES_PART], swapped(f"/{old}", f"/{new}"))
    held[new] = held[old]
    return packed(held)


def decoy_workbook() -> bytes:
    """Let programs open xl/book.xml, whose table is another than that of xl/workbook.xml."""
    held = parts(decoy("_rels/.rels", WORKBOOK_PART, "xl/book.xml"))
    held["xl/worksheets/other.xml"] = edited(held[MAIN_PART], other())
    held["xl/_rels/book.xml.rels"] = edited(
        held[RELATIONS_PART], swapped("sheet2.xml", "other.xml")
    )
    return packed(held)


def decoy_strings() -> bytes:
    """Let programs read xl/texts.xml, whose texts are others than those of sharedStrings.xml."""
    held = parts(decoy(RELATIONS_PART, STRINGS_PART, "xl/texts.xml"))
    held[STRINGS_PART] = held[STRINGS_PART].replace("张三".encode(), "王五".encode())
    return packed(held)


# XML


def deep(levels: int) -> str:
    """Nest elements."""
    return f'<row r="40">{"<x>" * levels}{"</x>" * levels}</row>'


def attributes(count: int) -> str:
    """Write an element with many attributes."""
    each = " ".join(f'a{n}="1"' for n in range(count))
    return f"<row {each}/>"


def other(place: str = H14) -> Edit:
    """Change a figure."""
    return cell(place, f'<c r="{place}" s="{{s}}"><v>9</v></c>')


def twice(first: str, second: str) -> Edit:
    """Write the figure of H10 as two cells."""
    return cell(H10, f'<c r="{H10}" s="{{s}}">{first}</c><c r="{H10}" s="{{s}}">{second}</c>')


def figure(content: str, **attribute: str) -> Edit:
    """Write the figure of H10 with this content."""
    more = "".join(f' {name}="{value}"' for name, value in attribute.items())
    return cell(H10, f'<c r="{H10}" s="{{s}}"{more}>{content}</c>')


# Encryption


def rounds(head: bytes) -> bytes:
    """Ask for 2^32-1 rounds of hashing."""
    assert b'spinCount="100"' in head
    return head.replace(b'spinCount="100"', b'spinCount="%d"' % HUGE)


def laughing(head: bytes) -> bytes:
    """Declare an entity bomb in the header of the encryption."""
    return head.replace(b"?>", b"?>" + LAUGHS.encode(), 1)


FILEPASS = record(0x2F, struct.pack("<HHH48x", 1, 1, 1))


# Old formats


def looping(content: bytes) -> bytes:
    """Let the first stream's chain of sectors lead back to its beginning."""
    (table,) = struct.unpack_from("<I", content, 76)
    place = 512 * (table + 1)
    return content[: place + 4] + struct.pack("<I", 0) + content[place + 8 :]


def sst(count: int) -> bytes:
    """Claim so many shared texts."""
    return record(0xFC, struct.pack("<II", count, count))


def unlike_xml() -> bytes:
    """Call the main sheet's part nothing like XML, and put white space before its DTD."""
    held = parts(GOOD)
    sheet = held.pop(MAIN_PART).partition(b"?>")[2]
    held["xl/worksheets/sheet2.dat"] = b" " * 100 + LAUGHS.encode() + sheet
    held[RELATIONS_PART] = held[RELATIONS_PART].replace(b"sheet2.xml", b"sheet2.dat")
    return packed(held)


def related_again(target: str, instead: str) -> Callable[[Parts], None]:
    """Lead a relation of an .xlsb to another part."""

    def change(held: Parts) -> None:
        part = "xl/_rels/workbook.bin.rels"
        held[part] = held[part].replace(target.encode(), instead.encode())

    return change


def sheets_of_one_name(held: Parts) -> None:
    """Give a sheet of an .xlsb the name of another, which is as long."""
    one, other = (name.encode("utf-16-le") for name in (CHECK, SHEET))
    held["xl/workbook.bin"] = held["xl/workbook.bin"].replace(one, other)


def main_part_elsewhere(held: Parts) -> None:
    """Let the document's relations name another workbook than the one in the usual place."""
    held["xl/other.bin"] = held["xl/workbook.bin"]
    held["_rels/.rels"] = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/other.bin"/></Relationships>'
    ).encode()


def texts_elsewhere(held: Parts) -> None:
    """Let the workbook's relations name other texts than those in the usual place."""
    texts = bits(159, struct.pack("<II", 0, 0)) + bits(160)
    held["xl/sharedStrings.bin"] = held["xl/texts.bin"] = texts
    part = "xl/_rels/workbook.bin.rels"
    added = f'<Relationship Id="rId90" Type="{OFFICE}/sharedStrings" Target="texts.bin"/>'
    held[part] = edited(held[part], before("</Relationships>", added))


def sheet_outside(held: Parts) -> None:
    """Let a sheet be a part of another file."""
    part = "xl/_rels/workbook.bin.rels"
    held[part] = held[part].replace(
        b'Target="worksheets/sheet2.bin"', b'Target="file:///other.bin" TargetMode="External"'
    )


def many_formats(formats: int, used: int) -> bytes:
    """Use a few hundred long number formats tens of thousands of times."""
    code = r"0\." * 300
    own = "".join(f'<numFmt numFmtId="{200 + n}" formatCode="{code}{n}"/>' for n in range(formats))
    looks = "".join(f'<xf numFmtId="{200 + n % formats}"/>' for n in range(used))
    return with_part(GOOD, STYLES_PART, before("</numFmts>", own), before("</cellXfs>", looks))


def nested_sheets(records: int, sheets: int) -> bytes:
    """Begin many sheets one inside the other, so that each holds the same records."""
    begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 6))
    head = record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 6))
    names = [f"{number:02}".encode("utf-16-le") for number in range(sheets)]
    place = len(head) + sum(12 + len(name) for name in names) + 4
    for number, name in enumerate(names):
        where = place + number * len(begin)
        head += record(0x0085, struct.pack("<IHBB", where, 0, len(name) // 2, 1) + name)
    end = record(0x0A, b"")
    body = begin * sheets + record(0x0099, b"") * records + end * sheets
    return ole({"Workbook": head + end + body})


def ods_table(rows: str) -> Edit:
    """Put rows into the first table of an .ods."""
    return before("</table:table>", rows)


def ods_row(rows: int = 1, columns: int = 1) -> Edit:
    """Repeat a row of one cell."""
    return ods_table(
        f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell '
        f'table:number-columns-repeated="{columns}" office:value-type="float" office:value="1"/>'
        "</table:table-row>"
    )


# No workbooks


def plain_workbook() -> bytes:
    """Make a workbook of somebody else's."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(["指标", "完成数"])
    sheet.append(["专利申请", 910])
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def document(folder: str, main_type: str) -> Make:
    """Make the least of a Word or PowerPoint document, with a picture in it."""
    kind = f"application/vnd.openxmlformats-officedocument.{main_type}.main+xml"
    types = f'<Types><Override PartName="/{folder}/document.xml" ContentType="{kind}"/></Types>'
    return lambda: archive({
        TYPES_PART: types.encode(),
        "_rels/.rels": b"<Relationships/>",
        f"{folder}/document.xml": b"<document/>",
        f"{folder}/media/image1.png": PNG.ljust(6000, b"\0"),
    })  # fmt: skip


def tarred() -> bytes:
    """Pack the good return into a tar."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        info = tarfile.TarInfo("甲.xlsx")
        info.size = len(GOOD)
        tar.addfile(info, io.BytesIO(GOOD))
    return target.getvalue()


def gzipped() -> bytes:
    """Pack the good return as gzip does."""
    stream = zlib.compressobj(6, zlib.DEFLATED, 31)
    return stream.compress(GOOD) + stream.flush()


TABLE = "指标,完成数\n专利申请,910\n"
WEB_PAGE = "<html><body><table><tr><td>910</td></tr></table></body></html>"
XML_2003 = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'
)
MAIL = "From: a@example.com\r\nTo: b@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\n910\r\n"
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 1, 1, 8, 0, 0, 0, 0)
OWNER = b"\x05admin".ljust(55) + "\x05admin".encode("utf-16-le").ljust(110, b"\0")
SHORTCUT = struct.pack("<I16sII", 0x4C, bytes.fromhex("0114020000000000c000000000000046"), 0, 0)


def just(content: bytes | str) -> Make:
    """Give a content as it is."""
    raw = content.encode() if isinstance(content, str) else content
    return lambda: raw


# The tables


GROUPS: tuple[tuple[str, tuple[str, ...], Mapping[str, Make]], ...] = (
    ("a cell, merge or hyperlink over the whole sheet, or too many of them", LARGE, {
        "last cell.xlsx": main(more_rows('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
        "last row.xlsx": main(more_rows('<row r="1048576"><c r="A1048576"><v>1</v></c></row>')),
        "last column.xlsx": main(cell("L3", '<c r="L3" s="{s}"/><c r="XFD3"><v>1</v></c>')),
        "merge over the sheet.xlsx": main(merges('<mergeCell ref="A1:XFD1048576"/>')),
        "merge over columns.xlsx": main(merges('<mergeCell ref="H1:L1048576"/>')),
        "ten thousand merges.xlsx": main(merges(
            "".join(f'<mergeCell ref="N{n}:O{n}"/>' for n in range(1, 10_001)))),
        "link over the sheet.xlsx": main(links('<hyperlink ref="A1:XFD1048576" location="A1"/>')),
        "ten thousand links.xlsx": main(links(
            "".join(f'<hyperlink ref="N{n}" location="A1"/>' for n in range(1, 10_001)))),
    }),
    ("a row number of 2^32-1", ("file_too_large", "file_damaged"), {
        "row 4294967295.xlsx": main(
            more_rows('<row r="4294967295"><c r="H4294967295"><v>1</v></c></row>')),
        "row 4294967295 of nameless cells.xlsx": main(
            more_rows('<row r="4294967295"><c><v>1</v></c></row>')),
        "row 4294967296.xlsx": main(
            more_rows('<row r="4294967296"><c r="H4294967296"><v>1</v></c></row>')),
        "row 2 to the 70.xlsx": main(more_rows(f'<row r="{2**70}"><c r="H{2**70}"/></row>')),
        "column ZZZZZZZ.xlsx": main(more_rows('<row r="40"><c r="ZZZZZZZ40"><v>1</v></c></row>')),
        "column XFE.xlsx": main(more_rows('<row r="40"><c r="XFE40"><v>1</v></c></row>')),
    }),
    ("addresses that are none", DAMAGED, {
        "row 0.xlsx": main(more_rows('<row r="0"><c r="H0"><v>1</v></c></row>')),
        "address of a megabyte.xlsx": main(more_rows(f'<row r="40"><c r="{"H" * MIB}"/></row>')),
        "address without a row.xlsx": main(more_rows('<row r="40"><c r="H"><v>1</v></c></row>')),
        "address without a column.xlsx": main(
            more_rows('<row r="40"><c r="40"><v>1</v></c></row>')),
        "empty address.xlsx": main(more_rows('<row r="40"><c r=""><v>1</v></c></row>')),
        "row named in words.xlsx": main(more_rows('<row r="x"><c><v>1</v></c></row>')),
        "merge of no area.xlsx": main(merges('<mergeCell ref="A1:"/>')),
    }),
    ("a lying uniqueCount", LARGE, {
        "uniqueCount.xlsx": strings(swapped('uniqueCount="', 'uniqueCount="4294967295" x="')),
        "uniqueCount before count.xlsx": strings(
            swapped(' uniqueCount="', ' x="'), swapped("<sst ", '<sst uniqueCount="4294967295" ')),
    }),
    ("a lying count, which only some readers believe", (*LARGE, AS_TYPED), {
        "count without uniqueCount.xlsx": strings(
            swapped('uniqueCount="', 'x="'), swapped(' count="', ' count="4294967295" y="')),
        "count of formats.xlsx": partial(with_part, GOOD, STYLES_PART, swapped(
            '<cellXfs count="', '<cellXfs count="4294967295" x="')),
        "count of merges.xlsx": main(swapped(
            '<mergeCells count="', '<mergeCells count="4294967295" x="')),
    }),
    ("gigabytes of shared strings or white space in a few megabytes of zip",
     ("file_unsafe", "file_too_large"), {
        "white space between rows.xlsx": vast_sheet(b" " * MIB, 300),
        "white space in a value.xlsx": vast_sheet(
            b" " * MIB, 300, head=b'<row r="1"><c r="A1" t="str"><v>', tail=b"</v></c></row>"),
        "one long shared string.xlsx": vast_strings(
            b"A" * MIB, 300, head=b"<si><t>", tail=b"</t></si>"),
        "white space behind a password.xlsx": lambda: locked(
            vast_sheet(b" " * MIB, 300)(), OPEN_TO_ALL),
    }),
    ("ninety megabytes packed a thousand times smaller: only the ratio tells", UNSAFE, {
        "white space in a tag.xlsx": vast_sheet(b" " * MIB, 90, head=b"<row", tail=b"/>"),
        "white space among shared strings.xlsx": vast_strings(b" " * MIB, 90),
        "white space in the styles.xlsx": lambda: with_entry(
            vast(STYLES_PART, b'<styleSheet xmlns="x">', b" " * MIB, 90, b"</styleSheet>")),
        "white space in the properties.xlsx": lambda: with_entry(
            vast(CUSTOM_PART, b"<Properties>", b" " * MIB, 90, b"</Properties>")),
        "white space in the content types.xlsx": lambda: with_entry(
            vast(TYPES_PART, b"<Types>", b" " * MIB, 90, b"</Types>")),
        "a vast picture.xlsx": lambda: with_entry(
            vast("xl/media/image1.png", PNG, b"\0" * MIB, 90, b"")),
    }),
    ("33 million rows, 40 million string items", ("file_unsafe", "file_too_large"), {
        "fifty million rows.xlsx": vast_sheet(b"<row/>" * (MIB // 6), 300),
        "fifty million cells in a row.xlsx": vast_sheet(
            b"<c/>" * (MIB // 4), 200, head=b'<row r="1">', tail=b"</row>"),
        "fifty million strings.xlsx": vast_strings(b"<si/>" * (MIB // 5), 250),
        "twenty million blank strings.xlsx": vast_strings(b"<si><t/></si>" * (MIB // 13), 250),
    }),
    ("rows, strings and parts of an ordinary density, too many of them", LARGE, {
        "thirty thousand rows.xlsx": many_rows,
        "six hundred thousand strings.xlsx": many_strings,
        "pictures of 120 MB.xlsx": large_media,
        "1200 parts.xlsx": lambda: zipped(
            [*entries(parts(GOOD)), *(entry(f"xl/media/{n}.png", PNG) for n in range(1200))]),
        "70 sheets.xlsx": lambda: own_sheets(70),
    }),
    ("each sheet within the limits, all together beyond memory",
     ("file_too_large", "reading_failed"), {
        "fifty wide sheets.xlsx": many_wide_sheets,
    }),
    ("5,000 sheets on one part", ("file_too_large", "file_damaged"), {
        "5000 sheets on one part.xlsx": listed_sheets(5000),
    }),
    ("one part, relation or name for two sheets", ("file_damaged", "layout_lost"), {
        "two sheets on one part.xlsx": listed_sheets(6),
        "two sheets of one name.xlsx": book(swapped(f'name="{GUIDE}"', f'name="{MAIN}"')),
        "two relations of one id.xlsx": partial(
            with_part, GOOD, RELATIONS_PART, swapped('Id="rId3"', 'Id="rId2"')),
    }),
    ("number formats of 200k '['", LARGE, {
        "format of brackets.xlsx": partial(
            with_part, GOOD, STYLES_PART, swapped('"0.0%"', f'"{"[" * 200_000}"')),
        "format of 200,000 signs.xlsx": partial(
            with_part, GOOD, STYLES_PART, swapped('"0.0%"', f"'{'#' * 200_000}'")),
    }),
    ("entity bombs and external entities", UNSAFE, dict(entity_hazards())),
    ("entity bombs and external entities, in other shapes", UNSAFE, {
        "quadratic entity.xlsx": lambda: entity(STRINGS_PART, LONG, times=20_000),
        "remote DTD.xlsx": main(swapped("?>", f"?>{REMOTE}")),
        "bare DOCTYPE.xlsx": main(swapped("?>", "?><!DOCTYPE worksheet>")),
        "DOCTYPE behind a long comment.xlsx": main(
            swapped("?>", f"?><!--{'x' * 200_000}-->{LAUGHS}"),
            more_rows('<row r="40"><c r="A40" t="str"><v>&i;</v></c></row>')),
        "laughs in an ods.ods": lambda: ods(
            swapped("?>", f"?>{LAUGHS}"), swapped("<text:p>", "<text:p>&i;")),
        "laughs in a comment part.xlsx": lambda: commented(LAUGHS),
        "laughs in a part called otherwise.xlsx": unlike_xml,
    }),
    ("UTF-16 parts: calamine gives 0 cells without a word", UNSAFE, {
        "UTF-16 sheet.xlsx": main(encoded("UTF-16")),
        "UTF-16 sheet without mark.xlsx": main(encoded("UTF-16-LE", "UTF-16")),
        "UTF-16 sheet undeclared.xlsx": main(lambda xml: xml.split("?>")[1].encode("UTF-16-BE")),
        "UTF-16 list.xlsx": partial(with_part, GOOD, LIST_PART, encoded("UTF-16")),
        "UTF-16 strings.xlsx": strings(encoded("UTF-16")),
        "UTF-16 workbook.xlsx": book(encoded("UTF-16")),
        "UTF-16 relations.xlsx": partial(with_part, GOOD, RELATIONS_PART, encoded("UTF-16")),
        "UTF-16 laughs.xlsx": main(
            swapped("?>", f"?>{LAUGHS}"), more_rows("&i;"), encoded("UTF-16")),
        "UTF-32 sheet.xlsx": main(encoded("UTF-32")),
        "UTF-7 sheet.xlsx": main(encoded("UTF-7")),
        "GBK strings.xlsx": strings(
            lambda xml: xml.replace("UTF-8", "GBK", 1).encode("gbk", "xmlcharrefreplace")),
        "Latin-1 sheet.xlsx": main(
            lambda xml: xml.replace("UTF-8", "ISO-8859-1").encode("latin-1", "xmlcharrefreplace")),
        "UTF-16 content.ods": lambda: ods(encoded("UTF-16")),
    }),
    ("NUL bytes, and bytes of another encoding than declared", ("file_unsafe", "file_damaged"), {
        "NUL in a sheet.xlsx": main(swapped(CLOSE, f"\0{CLOSE}")),
        "NUL in a value.xlsx": main(figure(f"<v>{TRUE}\0</v>")),
        "NUL in a shared string.xlsx": strings(swapped("<t>", "<t>\0")),
        "DOCTYPE in EBCDIC.xlsx": main(
            swapped("?>", f"?>{LAUGHS}"), lambda xml: xml.replace("UTF-8", "IBM037", 1),
            lambda xml: xml.encode("cp037", "xmlcharrefreplace")),
        "GBK strings said to be UTF-8.xlsx": strings(
            lambda xml: xml.encode("gbk", "xmlcharrefreplace")),
    }),
    ("bad CRC: calamine ignores it", DAMAGED, {
        "bad CRC.xlsx": lambda: lying(MAIN_PART, lambda one: replace(one, crc=1)),
        "bad CRC of the strings.xlsx": lambda: lying(STRINGS_PART, lambda one: replace(one, crc=1)),
    }),
    ("bad CRC of what is not read", ("file_salvaged", "file_damaged"), {
        "bad CRC of a picture.xlsx": lambda: with_entry(
            replace(entry("xl/media/image1.png", PNG), crc=1)),
    }),
    ("headers that lie of sizes", LIES, {
        "part said to be small.xlsx": lambda: with_entry(
            replace(vast(MAIN_PART, HEAD, b" " * MIB, 300, SHEET_TAIL), size=20_000)),
        "part said to be of 4 GB.xlsx": lambda: lying(
            MAIN_PART, lambda one: replace(one, size=HUGE - 1)),
        "part said to be packed in 4 GB.xlsx": lambda: lying(
            MAIN_PART, lambda one: replace(one, packed=HUGE - 1)),
        "part said to be empty.xlsx": lambda: lying(MAIN_PART, lambda one: replace(one, size=0)),
    }),
    ("an end record that lies of its entries", (*LIES, AS_TYPED), {
        "2 to the 32 entries.xlsx": many_zip64,
    }),
    ("two parts with one name: the last wins", DAMAGED, {
        "two sheets of one part name.xlsx": lambda: added(
            MAIN_PART, edited(parts(GOOD)[MAIN_PART], other())),
        "two parts that differ in case.xlsx": lambda: added(
            MAIN_PART.replace("sheet2", "Sheet2"),
            edited(parts(GOOD)[MAIN_PART], other())),
        "two workbooks.xlsx": lambda: added(WORKBOOK_PART, parts(GOOD)[WORKBOOK_PART]),
    }),
    ("'../' in names, backslash names", UNSAFE, {
        "name that climbs.xlsx": lambda: added("../../../etc/cron.d/x"),
        "name that climbs inside.xlsx": lambda: added("xl/../../x.xml"),
        "name with backslashes.xlsx": lambda: added("..\\..\\x.dll"),
        "sheet with a backslash name.xlsx": lambda: renamed(
            MAIN_PART, MAIN_PART.replace("/", "\\")),
        "absolute name.xlsx": lambda: added("/etc/passwd"),
        "name with a drive.xlsx": lambda: added("C:/Windows/x.dll"),
        "name of another server.xlsx": lambda: added("\\\\server\\share\\x"),
        "name with a NUL.xlsx": lambda: added("xl/media/x.png\0.xml"),
        "name with a line break.xlsx": lambda: added("xl/media/x\n.png"),
    }),
    ("entries over one another, rare packing", UNSAFE, {
        "overlapping parts.xlsx": overlapping,
        "bzip2.xlsx": lambda: repacked(12),
        "lzma.xlsx": lambda: repacked(14),
        "deflate64.xlsx": lambda: repacked(9),
        "zstandard.xlsx": lambda: repacked(93),
        "overlapping members.zip": lambda: zipped(
            [entry("甲.xlsx", GOOD)],
            [replace(entry(f"{n}.xlsx", GOOD), place=0) for n in range(20)]),
        "bzip2 members.zip": lambda: zipped(
            [replace(entry("甲.xlsx", GOOD), method=12)]),
    }),
    ("a directory that says other than the headers", ("file_damaged", "file_unsafe", AS_TYPED), {
        "headers with other names.xlsx": lambda: lying(
            MAIN_PART, lambda one: replace(one, name=LIST_PART.encode()), only_inside=True),
    }),
    ("two directories: which one counts is the reader's choice", ("file_damaged", "file_unsafe"), {
        "two directories.xlsx": two_directories,
    }),
    ("encrypted zips", LOCKED, {
        "part with a password.xlsx": lambda: lying(
            MAIN_PART, lambda one: replace(one, flags=UTF8 | ENCRYPTED)),
        "member with a password.zip": locked_archive,
        "AES members.zip": lambda: zipped(
            [replace(entry("甲.xlsx", GOOD), flags=UTF8 | ENCRYPTED, method=99)]),
    }),
    ("a truncated zip", DAMAGED, {
        "cut at 80 percent.xlsx": lambda: GOOD[: len(GOOD) * 8 // 10],
        "cut at 50 percent.xlsx": lambda: GOOD[: len(GOOD) // 2],
        "cut at 30 percent.xlsx": lambda: GOOD[: len(GOOD) * 3 // 10],
        "cut within the first header.xlsx": lambda: GOOD[:20],
        "middle zeroed.xlsx": lambda: GOOD[:6000] + bytes(6000) + GOOD[12_000:],
        "cut archive.zip": lambda: archive({"甲.xlsx": GOOD, "乙.xlsx": GOOD})[: len(GOOD)],
    }),
    ("a zip whose beginning is lost", ("file_damaged", "file_foreign"), {
        "beginning lost.xlsx": lambda: GOOD[len(GOOD) // 4 :],
    }),
    ("missing parts", DAMAGED, {
        "no workbook part.xlsx": without(WORKBOOK_PART),
        "no sheet part.xlsx": without(MAIN_PART),
        "no shared strings.xlsx": without(STRINGS_PART),
        "no relations.xlsx": without(RELATIONS_PART),
        "no styles.xlsx": without(STYLES_PART),
        "empty sheet part.xlsx": main(lambda xml: ""),
        "empty workbook part.xlsx": book(lambda xml: ""),
        "shared string beyond the table.xlsx": main(
            cell("B3", '<c r="B3" s="{s}" t="s"><v>99999</v></c>')),
    }),
    ("a shared string that is none: calamine gives the first", ("file_damaged", "not_a_number"), {
        "shared string -1.xlsx": main(figure("<v>-1</v>", t="s")),
        "shared string named in words.xlsx": main(figure("<v>x</v>", t="s")),
    }),
    ("a workbook without sheets", ("file_damaged", "layout_lost", "file_not_ours"), {
        "no sheets listed.xlsx": book(lambda xml: xml.split("<sheets>")[0] + "</workbook>"),
    }),
    ("missing parts that a reader can do without", (*DAMAGED, AS_TYPED), {
        "no content types.xlsx": without(TYPES_PART),
        "no root relations.xlsx": without("_rels/.rels"),
        "style beyond the table.xlsx": main(swapped(f'<c r="{H10}" s="', f'<c r="{H10}" s="9999')),
    }),
    ("relations that lead outside", ("file_damaged", "file_unsafe"), {
        "sheet outside the file.xlsx": outside("../../../../etc/passwd"),
        "sheet on the disk.xlsx": outside("file:///etc/passwd"),
        "sheet declared external.xlsx": outside("file:///etc/passwd", mode="External"),
        "sheet on a server.xlsx": outside("http://127.0.0.1:9/sheet.xml", mode="External"),
        "sheet that is the strings.xlsx": outside("sharedStrings.xml"),
    }),
    ("a part that programs open, and another in its usual place",
     ("file_damaged", "file_unsafe", "layout_lost"), {
        "decoy workbook.xlsx": decoy_workbook,
        "decoy strings.xlsx": decoy_strings,
    }),
    ("XML that is cut or not well-formed", DAMAGED, {
        "sheet cut in a tag.xlsx": main(lambda xml: xml[: xml.index(f'<c r="{H14}"') + 8]),
        "sheet cut between rows.xlsx": main(lambda xml: xml[: xml.index('<row r="15"')]),
        "strings cut.xlsx": strings(lambda xml: xml[: len(xml) * 9 // 10]),
        "workbook cut.xlsx": book(lambda xml: xml[: xml.index("<definedNames")]),
        "cell attribute twice.xlsx": main(cell(H14, f'<c r="{H14}" r="H15"><v>9</v></c>')),
        "attribute without quotes.xlsx": main(swapped('<row r="14"', "<row r=14")),
    }),
    ("XML that is not well-formed, but says what it says", (*DAMAGED, AS_TYPED), {
        "tags crossed.xlsx": main(swapped("</c></row>", "</row></c>")),
        "attribute twice.xlsx": main(swapped('<row r="14"', '<row r="14" r="15"')),
        "second root.xlsx": main(swapped("</worksheet>", "</worksheet><worksheet/>")),
        "text behind the root.xlsx": main(swapped("</worksheet>", "</worksheet>x")),
        "no worksheet.xlsx": main(lambda xml: xml.replace("worksheet", "chartsheet")),
        "undefined prefix.xlsx": main(figure(f"<y:v>{TRUE}</y:v>")),
        "control character.xlsx": strings(swapped("<t>", "<t>\x01")),
    }),
    ("XML built to overload a parser", (*LIES, AS_TYPED), {
        "a hundred thousand levels.xlsx": main(more_rows(deep(100_000))),
        "a hundred thousand levels in the strings.xlsx": strings(
            before("</sst>", f"<si>{'<r>' * 100_000}{'</r>' * 100_000}</si>")),
        "a hundred thousand levels in the workbook.xlsx": book(before("<sheets>", deep(100_000))),
        "a hundred thousand attributes.xlsx": main(more_rows(attributes(100_000))),
        "attribute of a megabyte.xlsx": main(more_rows(f'<row r="40" x="{"H" * MIB}"/>')),
        "column 4294967295.xlsx": main(
            swapped("<cols>", '<cols><col min="1" max="4294967295" hidden="1"/>')),
    }),
    ("XML built to overload a search by patterns", (*LIES, "reading_failed", AS_TYPED), {
        "a hundred thousand types.xlsx": main(
            more_rows(f"""<row r="40"><c r="A40"{' t="e"' * 100_000}<""")),
        "a hundred thousand names.xlsx": partial(with_part, GOOD, CUSTOM_PART, before(
            "<property ", "<property" + ' name="a"' * 100_000)),
        "a hundred thousand dates.xlsx": partial(with_part, GOOD, "docProps/core.xml", before(
            "<dcterms:modified", "<dcterms:modified" * 100_000)),
        "formula of a hundred thousand blanks.xlsx": main(figure(
            f"<f>{' ' * 100_000}!|</f><v>{TRUE}</v>")),
    }),
    ("a figure that is far too long, or no number", ("not_a_number", *LIES), {
        "figure of words.xlsx": main(figure("<v>86 or 99</v>")),
        "figure not a number.xlsx": main(figure("<v>NaN</v>")),
        "character references in a figure.xlsx": main(figure(f"<v>{'&#57;' * 100_000}</v>")),
        "figure of a megabyte.xlsx": main(figure(f"<v>{'9' * MIB}</v>")),
    }),
    ("no figure may come of a cell that says two things", DAMAGED, {
        "cell twice.xlsx": main(twice(f"<v>{TRUE}</v>", "<v>99</v>")),
        "cell twice, once blank.xlsx": main(twice(f"<v>{TRUE}</v>", "")),
        "cell twice in far rows.xlsx": main(
            more_rows(f'<row r="40"><c r="{H10}"><v>99</v></c></row>')),
        "cell twice, once lower case.xlsx": main(
            more_rows(f'<row r="40"><c r="{H10.lower()}"><v>99</v></c></row>')),
        "cell twice, once with signs.xlsx": main(
            more_rows(f'<row r="40"><c r="$H${ROW}"><v>99</v></c></row>')),
        "row twice.xlsx": main(more_rows(f'<row r="{ROW}"><c r="{H10}"><v>99</v></c></row>')),
        "row twice, cells nameless.xlsx": main(
            more_rows(f'<row r="{ROW}">{"<c/>" * 7}<c><v>99</v></c></row>')),
        "nameless cell on a named one.xlsx": main(
            before(f'<c r="I{ROW}"', f'<c r="G{ROW}"/><c><v>99</v></c>')),
        "two values in a cell.xlsx": main(figure(f"<v>{TRUE}</v><v>99</v>")),
        "value and text in a cell.xlsx": main(figure(f"<v>{TRUE}</v><is><t>99</t></is>")),
        "sheet data twice.xlsx": main(swapped(CLOSE, (
            f'{CLOSE}<sheetData><row r="{ROW}"><c r="{H10}"><v>99</v></c></row></sheetData>'))),
        "sheet data twice, the other first.xlsx": main(swapped("<sheetData>", (
            f'<sheetData><row r="{ROW}"><c r="{H10}"><v>99</v></c></row></sheetData><sheetData>'))),
        "tag in a figure.xlsx": main(figure(f"<v>{TRUE[0]}<x/>{TRUE[1:]}</v>")),
        "type that is none.xlsx": main(figure(f"<v>{TRUE}</v>", t="q")),
        "cell twice.xls": lambda: xls(last=record(0x0203, struct.pack("<HHHd", 9, 7, 0, 99))),
    }),
    ("what XML allows, and calamine misreads without a word", (*DAMAGED, AS_TYPED), {
        "cell in a comment.xlsx": main(
            swapped("<sheetData>", f'<!-- <c r="{H10}"><v>99</v></c> --><sheetData>')),
        "comment in a figure.xlsx": main(figure(f"<v>{TRUE[0]}<!-- -->{TRUE[1:]}</v>")),
        "instruction in a figure.xlsx": main(figure(f"<v>{TRUE[0]}<?x?>{TRUE[1:]}</v>")),
        "character reference in a figure.xlsx": main(figure(f"<v>{TRUE[0]}&#{ord(TRUE[1])};</v>")),
        "CDATA figure.xlsx": main(figure(f"<v><![CDATA[{TRUE}]]></v>")),
        "CDATA in a figure.xlsx": main(figure(f"<v>{TRUE[0]}<![CDATA[{TRUE[1:]}]]></v>")),
        "foreign cell.xlsx": main(cell(H10, (
            f'<c r="{H10}" s="{{s}}"><v>{TRUE}</v></c>'
            f'<y:c xmlns:y="urn:y" r="{H10}"><y:v>99</y:v></y:c>'))),
        "foreign value.xlsx": main(figure(f'<v>{TRUE}</v><y:v xmlns:y="urn:y">99</y:v>')),
        "foreign row.xlsx": main(more_rows(
            f'<y:row xmlns:y="urn:y" r="{ROW}"><y:c r="{H10}"><y:v>99</y:v></y:c></y:row>')),
    }),
    ("cells that stand where no cell is", (*DAMAGED, AS_TYPED), {
        "cell of another row.xlsx": main(
            swapped(f'<row r="{ROW}"', '<row r="40"')),
        "cells in an extension.xlsx": main(before("</worksheet>", (
            f'<extLst><ext><sheetData><row r="{ROW}"><c r="{H10}"><v>99</v></c></row></sheetData>'
            "</ext></extLst>"))),
    }),
    ("alternatives of which a program takes one", ("file_damaged", "file_unsafe"), {
        "alternative figures.xlsx": main(cell(H10, (
            f'<mc:AlternateContent xmlns:mc="{ALTERNATIVES}">'
            f'<mc:Choice Requires="x14"><c r="{H10}"><v>{TRUE}</v></c></mc:Choice>'
            f'<mc:Fallback><c r="{H10}"><v>99</v></c></mc:Fallback></mc:AlternateContent>'))),
    }),
    ("a formula of 100,000 characters",
     ("file_too_large", "file_damaged", "formula_altered", "formula_entry"), {
        "formula of 100,000 characters.xlsx": main(figure(f"<f>{'1+' * 50_000}1</f><v>{TRUE}</v>")),
        "brackets 100,000 deep.xlsx": main(
            figure(f"<f>{'(' * 100_000}1{')' * 100_000}</f><v>{TRUE}</v>")),
    }),
    ("encryption with a spin count of 2^32", ("file_unsafe", "file_encrypted"), {
        "four billion rounds.xlsx": lambda: locked(GOOD, PASSWORD, rounds),
        "laughs in the encryption.xlsx": lambda: locked(GOOD, PASSWORD, laughing),
    }),
    ("encrypted, and the password is not told", LOCKED, {
        "password.xlsx": lambda: locked(GOOD, PASSWORD),
        "password.xls": lambda: xls(first=FILEPASS),
        "weak password.xls": lambda: xls(first=record(0x2F, struct.pack("<HHH", 0, 1, 1))),
        "password.ods": lambda: ods(manifest=swapped(
            '"text/xml"/>', '"text/xml"><manifest:encryption-data/></manifest:file-entry>')),
    }),
    ("encrypted in a way that cannot be opened", ("file_encrypted", "file_damaged"), {
        "encrypted twice.xlsx": lambda: locked(locked(GOOD, PASSWORD), OPEN_TO_ALL),
        "no key in the header.xlsx": lambda: ole(
            {"EncryptionInfo": b"\4\0\4\0\x40\0\0\0<x/>", "EncryptedPackage": b"\0" * 64}),
    }),
    ("what is hostile stays so behind the password every program knows", UNSAFE, {
        "laughs behind a password.xlsx": lambda: locked(entity(MAIN_PART, LAUGHS), OPEN_TO_ALL),
    }),
    ("encrypted, but no workbook", FOREIGN, {
        "document behind a password.xlsx": lambda: locked(
            document("word", "wordprocessingml.document")(), OPEN_TO_ALL),
    }),
    ("old workbooks that lie or are broken", LIES, {
        "lying SST.xls": lambda: xls(first=sst(HUGE)),
        "lying dimensions.xls": lambda: xls(dimensions=(0, HUGE, 0, 0xFFFF)),
        "reversed dimensions.xls": lambda: xls(dimensions=(50, 3, 20, 1)),
        "last cell.xls": lambda: xls(last=record(0x0203, struct.pack("<HHHd", 65_535, 255, 0, 1))),
        "too many columns.xls": lambda: xls(
            last=record(0x00BD, struct.pack("<HHHI", 40, 0, 0, 0) + struct.pack("<H", 0xFFFF))),
        "cut.xls": lambda: xls()[:9000],
        "cut stream.xls": lambda: ole(
            {"Workbook": record(0x0809, struct.pack("<HHHH", 0x600, 5, 0, 0))}),
        "record beyond the end.xls": lambda: xls(last=struct.pack("<HH", 0x0203, 0xFFFF)),
        "short record.xls": lambda: xls(last=record(0x0203, b"\1")),
        "looping sectors.xls": lambda: looping(xls()),
        "garbage stream.xls": lambda: ole({"Workbook": rather_tight(20_000)}),
    }),
    ("old workbooks that lie of what a reader need not believe", (*LIES, AS_TYPED), {
        "whole dimensions.xls": lambda: xls(dimensions=(0, 65_536, 0, 256)),
        "string beyond the table.xls": lambda: xls(
            first=sst(0), last=record(0x00FD, struct.pack("<HHHI", 40, 0, 0, 99_999))),
    }),
    ("workbooks of before Excel 97", ("file_foreign", "file_damaged"), {
        "Excel 95.xls": lambda: ole({"Book": record(0x0809, struct.pack("<HHHH", 0x500, 5, 0, 0))}),
    }),
    ("binary workbooks with bad records", LIES, {
        "record beyond the end.xlsb": lambda: xlsb(broken=bits(5, b"", size=2**27)),
        "endless record.xlsb": lambda: xlsb(broken=b"\xff\xff\xff\xff\xff\xff"),
        "short record.xlsb": lambda: xlsb(broken=bits(0, struct.pack("<I", 0)) + bits(5, b"\1")),
        "row 4294967295.xlsb": lambda: xlsb(row=HUGE - 100),
        "row 1048576.xlsb": lambda: xlsb(row=1_048_540),
        "lying count.xlsb": lambda: xlsb(
            strings=bits(159, struct.pack("<II", HUGE, HUGE)) + bits(160)),
        "text without end.xlsb": lambda: xlsb(
            broken=bits(0, bytes(17)) + bits(6, struct.pack("<III", 0, 0, HUGE - 1))),
    }),
    ("binary workbooks that two readers take in two ways", ("file_damaged",), {
        "cell twice.xlsb": lambda: xlsb(last=bits_row(60, 7, 7)),
        "cells in another order.xlsb": lambda: xlsb(last=bits_row(60, 8, 7)),
        "row twice.xlsb": lambda: xlsb(last=bits_row(60, 7) + bits_row(60, 8)),
        "rows in another order.xlsb": lambda: xlsb(last=bits_row(61, 7) + bits_row(60, 7)),
        "row of figures again.xlsb": lambda: xlsb(last=bits_row(9, 7)),
        "two sheets of one part.xlsb": lambda: xlsb(changed=related_again(
            "worksheets/sheet3.bin", "worksheets/sheet2.bin")),
        "sheet named twice.xlsb": lambda: xlsb(changed=sheets_of_one_name),
        "workbook in another place.xlsb": lambda: xlsb(changed=main_part_elsewhere),
        "texts in another place.xlsb": lambda: xlsb(changed=texts_elsewhere),
        "text beyond the table.xlsb": lambda: xlsb(
            last=bits_row(60) + bits(7, struct.pack("<III", 7, 0, 5))),
        "sheet of another file.xlsb": lambda: xlsb(changed=sheet_outside),
    }),
    ("a binary workbook of endless records", LARGE, {
        "half a million records.xlsb": lambda: xlsb(last=b"".join(
            bits(1000, struct.pack("<I", n * 2_654_435_761 % HUGE)) for n in range(500_000))),
    }),
    ("small files that ask a reader for long work", (*LARGE, AS_TYPED), {
        "columns hidden over and over.xlsx": main(
            before("</cols>", '<col min="1" max="16384" hidden="1"/>' * 24_000)),
        "columns hidden over and over.xlsb": lambda: xlsb(broken=bits(
            60, struct.pack("<IIIIH", 0, 16_383, 2_304, 0, 1)) * 45_000),
        "three hundred long formats.xlsx": lambda: many_formats(300, 60_000),
        "formulas of brackets.xlsx": main(*(
            cell(f"I{row}", f'<c r="I{row}" s="{{s}}"><f>{"[" * 31_000}</f><v>1</v></c>')
            for row in (10, 11, 14, 15))),
    }),
    ("records of .xls that are walked again and again", LARGE, {
        "sixty sheets in one another.xls": lambda: nested_sheets(500_000, 60),
        "repeated cells of a misleading style.ods": lambda: ods(
            ods_row(rows=19_990, columns=256)),
    }),
    ("ODS with a million repeated rows", LARGE, {
        "a million rows.ods": lambda: ods(ods_row(rows=1_000_000)),
        "two billion rows.ods": lambda: ods(ods_row(rows=2**31 - 1)),
        "sixteen thousand columns.ods": lambda: ods(ods_row(columns=16_384)),
        "two billion columns.ods": lambda: ods(ods_row(columns=2**31 - 1)),
        "a hundred thousand wide rows.ods": lambda: ods(ods_row(rows=100_000, columns=16_000)),
    }),
    ("ODS that is broken or lies", LIES, {
        "cut content.ods": lambda: ods(lambda xml: xml[: xml.index("</table:table>")]),
        "2 to the 64 rows.ods": lambda: ods(ods_row(rows=2**64)),
        "minus one column.ods": lambda: ods(ods_row(columns=-1)),
    }),
    ("ODS that a reader may take or leave", (*LIES, AS_TYPED), {
        "no rows.ods": lambda: ods(ods_row(rows=0)),
        "cells nested.ods": lambda: ods(ods_table(
            f"<table:table-row>{'<table:table-cell>' * 50_000}{'</table:table-cell>' * 50_000}"
            "</table:table-row>")),
    }),
    ("OLE2 with garbage behind its header", ("file_foreign", "file_damaged"), {
        "garbage.xls": just(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + rather_tight(8000)),
        "OLE2 header alone.xls": just(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        "OLE2 of zeros.xls": just(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(4096, b"\0")),
    }),
    ("somebody's own workbook", ("file_not_ours",), {
        "own table.xlsx": plain_workbook,
        "own table.xls": lambda: xls(sheets={"Sheet1": {(0, 0): "专利申请", (0, 1): 910}}),
        "an empty sheet.xls": lambda: xls(sheets={"Sheet1": {(0, 0): 1}}),
    }),
    ("archives of archives", ("archive_nested",), {
        "three levels.zip": lambda: archive(
            {"a.zip": archive({"b.zip": archive({"甲.xlsx": GOOD})})}),
    }),
    ("archives beyond the limits", LARGE, {
        "400 members.zip": lambda: archive({f"{n}.txt": b"x" for n in range(400)}),
        "400 members one level down.zip": lambda: archive(
            {"a.zip": archive({f"{n}.txt": b"x" for n in range(400)})}),
        "half a gigabyte.zip": wide_archive,
        "a vast member of ordinary density.zip": lambda: zipped(
            [vast("甲.xlsx", b"PK\3\4", rather_tight(MIB), 40, b"")]),
    }),
    ("zip bombs", UNSAFE, {
        "vast member.zip": lambda: zipped([vast("甲.xlsx", b"PK\3\4", b"\0" * MIB, 300, b"")]),
        "vast member one level down.zip": lambda: archive(
            {"a.zip": zipped([vast("甲.xlsx", b"PK\3\4", b"\0" * MIB, 300, b"")])}),
    }),
    ("names that lead out of an archive are only shown", ("archive_opened", "file_unsafe"), {
        "members that climb.zip": lambda: archive({"../../甲.xlsx": GOOD, "C:\\乙.txt": b"x"}),
    }),
    ("archives", ("archive_opened",), {
        "returns.zip": lambda: archive({"甲.xlsx": GOOD, "说明.txt": b"x"}),
        "returns packed on Windows.zip": lambda: zipped(
            [replace(entry("", GOOD), name="甲.xlsx".encode("gb18030"), flags=0)]),
        "archive said to be a workbook.xlsx": lambda: archive({"甲.xlsx": GOOD}),
    }),
    ("zips that hold no workbook", ("archive_opened", "file_foreign", "file_damaged"), {
        "no workbook in it.xlsx": lambda: archive({"readme.txt": b"x"}),
        "nothing in it.zip": lambda: archive({}),
    }),
    ("packed otherwise", ("archive_packed",), {
        "returns.rar": just(b"Rar!\x1a\x07\x01\0" + rather_tight(2000)),
        "returns.7z": just(b"7z\xbc\xaf\x27\x1c\0\4" + rather_tight(2000)),
        "returns.tar": tarred,
        "return.xlsx.gz": gzipped,
        "rar said to be a workbook.xlsx": just(b"Rar!\x1a\x07\0" + rather_tight(2000)),
    }),
    ("other files, and others renamed .xlsx or .xls", FOREIGN, {
        "scan.pdf": just(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"),
        "letter.docx": document("word", "wordprocessingml.document"),
        "slides.pptx": document("ppt", "presentationml.presentation"),
        "letter said to be a workbook.xlsx": document("word", "wordprocessingml.document"),
        "letter.doc": lambda: ole({"WordDocument": b"\xec\xa5" + bytes(4094)}),
        "message.msg": lambda: ole({"__properties_version1.0": bytes(32)}),
        "scan.png": just(PNG),
        "photo.jpg": just(b"\xff\xd8\xff\xe0\0\x10JFIF\0" + rather_tight(2000)),
        "table.csv": just("\ufeff" + TABLE),
        "table in GB18030.csv": just(TABLE.encode("gb18030")),
        "csv said to be a workbook.xlsx": just(TABLE.encode("gb18030")),
        "note.txt": just("见附件\r\n"),
        "web page.xls": just(WEB_PAGE),
        "XML table 2003.xls": just(XML_2003),
        "message.eml": just(MAIL),
        "database.db": just(b"SQLite format 3\0" + bytes(4080)),
        "program.exe": just(b"MZ\x90\0\3\0\0\0" + rather_tight(2000)),
        "program said to be a workbook.xlsx": just(b"MZ\x90\0\3\0\0\0" + rather_tight(2000)),
        "letter.rtf": just("{\\rtf1\\ansi x}"),
        "noise.xlsx": just(rather_tight(5000)),
    }),
    ("shortcuts", ("file_shortcut",), {
        "return.xlsx.lnk": just(SHORTCUT.ljust(500, b"\0")),
        "return.url": just("[InternetShortcut]\r\nURL=https://example.com/\r\n"),
        "shortcut said to be a workbook.xlsx": just(SHORTCUT.ljust(500, b"\0")),
    }),
    ("empty", ("file_empty",), {
        "empty.xlsx": just(b""),
        "zeros.xlsx": just(bytes(30_000)),
    }),
    ("'~$' and '._' files", LEFT, {
        "~$return.xlsx": just(OWNER),
        "._return.xlsx": just(b"\0\5\x16\7\0\2\0\0Mac OS X".ljust(120, b"\0")),
        ".~lock.return.xlsx#": just(",admin,pc,01.01.2018 12:00,file:///C:/Users/admin;"),
        ".DS_Store": just(b"\0\0\0\1Bud1".ljust(6148, b"\0")),
    }),
    ("what Windows leaves in a folder", ("file_leftover", "file_foreign"), {
        "Thumbs.db": lambda: ole({"Catalog": bytes(64)}),
        "desktop.ini": just("[.ShellClassInfo]\r\n"),
    }),
)  # fmt: skip

FILES: tuple[Hazard, ...] = tuple(
    Hazard(name, make, codes, origin)
    for origin, codes, makers in GROUPS
    for name, make in makers.items()
)
assert len({one.name.casefold() for one in FILES}) == len(FILES)
