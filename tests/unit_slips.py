"""Make what units really do to a return: it must still be read, or be named to the cell.

Each is made from the good return, as the program that does it writes it: where rows or columns
move, every reference to them moves too, and results stay as they were computed.
"""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from html import escape

import openpyxl
from openpyxl.utils import column_index_from_string, get_column_letter

from consolidator.forms.quarterly.addresses import GUIDE, KEY_ROW, LIST, MAIN
from consolidator.forms.quarterly.assignment import NAMED
from consolidator.forms.stamp import PROPERTY, SHEET
from returns import SHIPPED, ask
from workbook_parts import (
    CUSTOM_PART,
    GOOD,
    GUIDE_PART,
    LIST_PART,
    MAIN_PART,
    OFFICE,
    OPEN_TO_ALL,
    RELATIONS_PART,
    SPACE,
    SPREADSHEET,
    STAMP_PART,
    STORED,
    STRINGS_PART,
    STYLES_PART,
    TYPES_PART,
    WORKBOOK_PART,
    Edit,
    Make,
    Parts,
    added_part,
    at,
    before,
    cell,
    edited,
    entries,
    entry,
    locked,
    main,
    packed,
    parts,
    related,
    swapped,
    typed,
    with_part,
    zipped,
)

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Slip:
    """A return that a unit meant well."""

    title: str
    make: Make
    name: str
    findings: frozenset[Pair]
    """Cell and code of all that is found; no cell where it is about the file."""
    figures_intact: bool
    """Whether every figure must still be read as typed; else nothing is said of them."""


FIRMS, INSTITUTES, PATENTS, REPORTS = (
    at(row) for row in ("hightech_firms", "rd_institutions", "patent_applications", "tech_reports")
)
UNDER, RATIO = at("industrial_output"), at("hightech_output_ratio")
INVENTIONS, FILLED_ON = at("invention_applications"), at("contact")
LINE = int(PATENTS[1:])
LABEL, MEASURE, TARGET, RATE, STATUS, REMARK = (
    at("patent_applications", column)
    for column in ("indicator", "measure", "target", "achievement", "status", "remark")
)
SHEETS = (GUIDE_PART, MAIN_PART, LIST_PART, "xl/worksheets/sheet4.xml", STAMP_PART)
OTHER = SHIPPED.unit_by_code["benniu"]


# Cells


def figure(place: str, content: str, **attributes: str) -> Make:
    """Write a cell of the table with this content."""
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return main(cell(place, f'<c r="{place}" s="{{s}}"{more}>{content}</c>'))


def number(place: str, value: str) -> Make:
    """Write another number."""
    return figure(place, f"<v>{value}</v>")


def text(place: str, said: str, *, part: str = MAIN_PART) -> Make:
    """Write a text, which goes into the shared texts."""

    def make() -> bytes:
        held = parts(GOOD)
        index = held[STRINGS_PART].count(b"<si>")
        added = f'<si><t xml:space="preserve">{escape(said)}</t></si>'
        held[STRINGS_PART] = edited(
            held[STRINGS_PART],
            before("</sst>", added),
            lambda xml: re.sub(r'uniqueCount="\d+"', f'uniqueCount="{index + 1}"', xml),
        )
        new = f'<c r="{place}" s="{{s}}" t="s"><v>{index}</v></c>'
        held[part] = edited(held[part], cell(place, new))
        return packed(held)

    return make


def style_of(place: str) -> str:
    """Return the number of a cell's style."""
    found = re.search(rf'<c r="{place}" s="(\d+)"', parts(GOOD)[MAIN_PART].decode())
    assert found
    return found[1]


def dressed(place: str, like: str, value: str) -> Make:
    """Write a number with the format of another cell."""
    return main(cell(place, f'<c r="{place}" s="{style_of(like)}"><v>{value}</v></c>'))


def formatted(place: str, code: str) -> Make:
    """Give a figure a number format of its own."""

    def make() -> bytes:
        held = parts(GOOD)
        number = re.search(r'<cellXfs count="(\d+)">', held[STYLES_PART].decode())
        assert number
        held[STYLES_PART] = edited(
            held[STYLES_PART],
            before("</numFmts>", f'<numFmt numFmtId="999" formatCode="{escape(code)}"/>'),
            before("</cellXfs>", '<xf numFmtId="999" fontId="0" fillId="0" borderId="0"/>'),
        )
        new = f'<c r="{place}" s="{number[1]}"><v>{TRUE[place]}</v></c>'
        held[MAIN_PART] = edited(held[MAIN_PART], cell(place, new))
        return packed(held)

    return make


def merged(area: str, *blanked: str) -> Make:
    """Merge cells: all but the first lose their content."""
    emptied = [cell(one, f'<c r="{one}" s="{{s}}"/>') for one in blanked]
    return main(*emptied, before('<mergeCell ref="B3', f'<mergeCell ref="{area}"/>'))


def dimension(said: str) -> Make:
    """Say another dimension of every sheet."""
    return everywhere(lambda xml: re.sub(r"<dimension[^>]*/>", said, xml), "xl/worksheets/")


def row_hidden(row: int) -> Edit:
    """Hide a row."""
    return swapped(f'<row r="{row}" ', f'<row r="{row}" hidden="1" ')


# Rows and columns that move


@dataclass(frozen=True, slots=True)
class Move:
    """A row or column (from 1) inserted in front of ``place``, deleted, or cut and put down one."""

    axis: int
    """0 for a row, 1 for a column."""
    place: int
    by: int
    """1 inserts, -1 deletes, 0 lets it change places with the next one."""

    def point(self, one: int) -> int | None:
        """Return where a row or column comes to stand; None where it is gone."""
        if self.by == 0:
            return {self.place: self.place + 1, self.place + 1: self.place}.get(one, one)
        if self.by < 0 and one == self.place:
            return None
        return one + self.by if one >= self.place else one

    def span(self, first: int, last: int) -> tuple[int, int] | None:
        """Return where an area comes to stand."""
        if self.by < 0:
            first, last = first - (first > self.place), last - (last >= self.place)
            return (first, last) if first <= last else None
        start, end = self.point(first), self.point(last)
        if first != last and self.by == 0:
            return first, last
        return (start, end) if start and end else None


REFERENCE = re.compile(
    r"(?<![\w$!'])(?:('[^']+'|\w+)!)?(\$?)([A-Z]{1,3})(\$?)(\d+)"
    r"(?::(\$?)([A-Z]{1,3})(\$?)(\d+))?(?![\w(])"
)
CELL = re.compile(r'<c r="([A-Z]+)(\d+)"([^>]*?(?:/>|>.*?</c>))', re.DOTALL)
ROW = re.compile(r'<row r="(\d+)"([^>]*?)(?:/>|>(.*?)</row>)', re.DOTALL)
FORMULA = re.compile(r"(<(?:f|formula|formula1|formula2|definedName)\b[^>]*>)([^<]*)(?=</)")
AREAS = re.compile(r'(\b(?:(?:sq)?ref|activeCell|topLeftCell)=")([^"]*)')
PLACES = re.compile(r'(\blocation=")([^"]*)')
COLUMN = re.compile(r'<col min="(\d+)" max="(\d+)"([^>]*>)')


def moved(content: bytes, move: Move) -> bytes:
    """Change the table's sheet as a spreadsheet program does: what refers to it follows."""
    held = parts(content)
    for part in (*SHEETS, WORKBOOK_PART):
        own = part == MAIN_PART
        follow = partial(REFERENCE.sub, partial(_reference, move, own))
        xml = FORMULA.sub(partial(_followed, follow), held[part].decode())
        for pattern in (PLACES, AREAS) if own else (PLACES,):
            xml = pattern.sub(partial(_followed, follow), xml)
        held[part] = (_relaid(xml, move) if own else xml).encode()
    return packed(held)


def _followed(follow: Callable[[str], str], found: re.Match[str]) -> str:
    return f"{found[1]}{follow(found[2])}"


def _reference(move: Move, own: bool, found: re.Match[str]) -> str:
    sheet, *signs = found.groups()
    if (sheet is None and not own) or (sheet is not None and sheet.strip("'") != MAIN):
        return found[0]
    corners = [
        [int(signs[n + 3]), column_index_from_string(signs[n + 1])] for n in (0, 4) if signs[n + 3]
    ]
    span = move.span(corners[0][move.axis], corners[-1][move.axis])
    prefix = "" if sheet is None else f"{sheet}!"
    if span is None:
        return f"{prefix}#REF!"
    for corner, place in zip(corners, span, strict=False):
        corner[move.axis] = place
    return prefix + ":".join(
        f"{signs[4 * n]}{get_column_letter(column)}{signs[4 * n + 2]}{row}"
        for n, (row, column) in enumerate(corners)
    )


def _relaid(xml: str, move: Move) -> str:
    """Renumber rows, cells and columns, and drop what belonged to deleted ones."""
    rows = sorted(filter(None, (_row(found, move) for found in ROW.finditer(xml))))
    head, rest = xml.split("<sheetData>")
    xml = f"{head}<sheetData>{''.join(row for _, row in rows)}</sheetData>"
    xml += rest.split("</sheetData>")[1]
    if move.axis == 1:
        xml = COLUMN.sub(partial(_column, move), xml)
    gone = r'<(conditionalFormatting|dataValidation)\b[^>]*="#REF!"[^>]*>.*?</\1>'
    return re.sub(gone, "", xml)


def _row(found: re.Match[str], move: Move) -> tuple[int, str] | None:
    line = move.point(int(found[1])) if move.axis == 0 else int(found[1])
    if line is None:
        return None
    cells = []
    for one in CELL.finditer(found[3] or ""):
        index = column_index_from_string(one[1])
        column = move.point(index) if move.axis == 1 else index
        if column is not None:
            cells.append(f'<c r="{get_column_letter(column)}{line}"{one[3]}')
    return line, f'<row r="{line}"{found[2]}>{"".join(cells)}</row>'


def _column(move: Move, found: re.Match[str]) -> str:
    span = move.span(int(found[1]), int(found[2]))
    return f'<col min="{span[0]}" max="{span[1]}"{found[3]}' if span else ""


def move(axis: int, place: int, by: int) -> Make:
    """Insert or delete one row or column."""
    return partial(moved, GOOD, Move(axis, place, by))


def keys_deleted() -> bytes:
    """Delete the row and the column of keys."""
    return moved(moved(GOOD, Move(0, 2, -1)), Move(1, 1, -1))


def line_doubled() -> bytes:
    """Copy a line and insert the copy below it, with another figure."""
    content, below = moved(GOOD, Move(0, LINE + 1, 1)), LINE + 1
    found = re.search(rf'(?s)<row r="{LINE}".*?</row>', parts(content)[MAIN_PART].decode())
    assert found
    copy = found[0].replace(f'<row r="{LINE}"', f'<row r="{below}"')
    copy = re.sub(rf"(?<=[A-Z]){LINE}\b", str(below), copy)
    changed = edited(copy.encode(), cell(f"H{below}", f'<c r="H{below}"><v>7</v></c>'))
    return with_part(content, MAIN_PART, swapped(found[0], found[0] + changed.decode()))


# Sheets


def renamed(old: str, new: str) -> bytes:
    """Rename a sheet."""
    held = parts(GOOD)
    for part in (*SHEETS, WORKBOOK_PART):
        xml = held[part].decode().replace(f'<sheet name="{old}"', f'<sheet name="{new}"')
        held[part] = re.sub(rf"'{old}'!|(?<=>){old}!", f"'{new}'!", xml).encode()
    return packed(held)


def reordered() -> bytes:
    """Move the first sheet to the end."""

    def edit(xml: str) -> str:
        listed = re.findall(r"<sheet [^>]*/>", xml)
        xml = xml.replace("".join(listed), "".join([*listed[1:], listed[0]]))
        last = len(listed) - 1
        return re.sub(
            r'localSheetId="(\d)"', lambda m: f'localSheetId="{(int(m[1]) - 1) % (last + 1)}"', xml
        )

    return with_part(GOOD, WORKBOOK_PART, edit, swapped('activeTab="1"', 'activeTab="0"'))


def with_sheet(name: str, part: bytes | str, *, kind: str = "worksheet") -> bytes:
    """Add a sheet."""
    held = parts(GOOD)
    added_part(
        held, f"xl/{kind}s/extra.xml", part, kind=kind, owner=WORKBOOK_PART,
        type_name=f"{SPREADSHEET}.{kind}+xml", rid="rId91",
    )  # fmt: skip
    sheet = f'<sheet name="{name}" sheetId="91" r:id="rId91"/>'
    held[WORKBOOK_PART] = edited(held[WORKBOOK_PART], before("</sheets>", sheet))
    return packed(held)


def copied(*edits: Edit) -> Make:
    """Copy the sheet of the table."""
    return lambda: with_sheet(f"{MAIN} (2)", edited(parts(GOOD)[MAIN_PART], *edits))


def pasted(*edits: Edit) -> Make:
    """Paste what is seen of the table to a sheet of its own: the hidden keys stay behind."""

    def seen(xml: str) -> str:
        xml = re.sub(r'<c r="A\d+"[^<>]*(?:/>|>.*?</c>)', "", xml)
        return re.sub(rf'<row r="{KEY_ROW + 1}" .*?</row>', "", xml)

    return lambda: with_sheet("最终", edited(parts(GOOD)[MAIN_PART], seen, *edits))


def without_sheets(*names: str) -> bytes:
    """Delete sheets, with their relations and names."""
    held = parts(GOOD)
    xml = held[WORKBOOK_PART].decode()
    for name in names:
        found = re.search(rf'<sheet name="{name}"[^>]*r:id="(\w+)"/>', xml)
        assert found
        xml = xml.replace(found[0], "")
        relation = re.search(
            rf'<Relationship Id="{found[1]}"[^>]*Target="([^"]+)"/>', held[RELATIONS_PART].decode()
        )
        assert relation
        held[RELATIONS_PART] = edited(held[RELATIONS_PART], swapped(relation[0], ""))
        del held[f"xl/{relation[1]}"]
        kind = rf'<Override PartName="/xl/{relation[1]}"[^>]*/>'
        held[TYPES_PART] = re.sub(kind.encode(), b"", held[TYPES_PART])
    # A deleted sheet's own names go with it; the others' numbers are not looked at here.
    xml = re.sub(r'<definedName [^>]*localSheetId="[^>]*>[^<]*</definedName>', "", xml)
    held[WORKBOOK_PART] = xml.encode()
    return packed(held)


# Stamps


def without_property() -> Parts:
    """Lose the custom properties, as some programs do."""
    held = parts(GOOD)
    del held[CUSTOM_PART]
    for part in (TYPES_PART, "_rels/.rels"):
        held[part] = re.sub(rb"<(Override|Relationship) [^>]*custom[^>]*/>", b"", held[part])
    return held


def only_property() -> bytes:
    """Lose every stamp but that of the custom properties."""
    held = parts(without_sheets(SHEET))
    for part in SHEETS[:-1]:
        held[part] = edited(held[part], cell("A1", '<c r="A1" s="{s}"/>'))
    return packed(held)


def property_said(said: str) -> Make:
    """Let the custom property say something else."""
    stamp = ask().stamp.encode()
    return partial(with_part, GOOD, CUSTOM_PART, swapped(stamp, said))


# What is in the workbook besides


def linked(formula: str | None) -> Make:
    """Link another workbook, from a figure or from nowhere."""

    def make() -> bytes:
        held = parts(GOOD)
        _add_link(held, f'<externalBook xmlns:r="{OFFICE}" r:id="rId1"/>')
        about = f'Type="{OFFICE}/externalLinkPath" Target="file:///D:/x.xlsx" TargetMode="External"'
        held.update(related(held, "xl/externalLinks/externalLink1.xml", about, "rId1"))
        if formula:
            new = f'<c r="{FIRMS}" s="{{s}}"><f>{formula}</f><v>{typed("hightech_firms")}</v></c>'
            held[MAIN_PART] = edited(held[MAIN_PART], cell(FIRMS, new))
        return packed(held)

    return make


def dde() -> bytes:
    """Link another program."""
    held = parts(GOOD)
    link = '<ddeLink ddeService="cmd" ddeTopic="/c calc"><ddeItems><ddeItem name="A0"/></ddeItems>'
    _add_link(held, f"{link}</ddeLink>")
    return packed(held)


def _add_link(held: Parts, body: str) -> None:
    added_part(
        held, "xl/externalLinks/externalLink1.xml",
        f'<externalLink xmlns="{SPACE}">{body}</externalLink>', kind="externalLink",
        owner=WORKBOOK_PART, type_name=f"{SPREADSHEET}.externalLink+xml", rid="rId92",
    )  # fmt: skip
    refers = '<externalReferences><externalReference r:id="rId92"/></externalReferences>'
    held[WORKBOOK_PART] = edited(held[WORKBOOK_PART], before("<definedNames>", refers))


def with_object() -> bytes:
    """Embed an object in the sheet."""
    held = parts(GOOD)
    added_part(
        held, "xl/embeddings/oleObject1.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
        kind="oleObject", owner=MAIN_PART, rid="o1",
        type_name="application/vnd.openxmlformats-officedocument.oleObject",
    )  # fmt: skip
    objects = '<oleObjects><oleObject progId="Package" shapeId="1025" r:id="o1"/></oleObjects>'
    held[MAIN_PART] = edited(held[MAIN_PART], before("</worksheet>", objects))
    return packed(held)


def with_macros() -> bytes:
    """Save the workbook with a macro project."""
    held = parts(GOOD)
    added_part(
        held, "xl/vbaProject.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
        kind="vbaProject", owner=WORKBOOK_PART, rid="rId93",
        type_name="application/vnd.ms-office.vbaProject",
    )  # fmt: skip
    plain, macro = f"{SPREADSHEET}.sheet.main", "application/vnd.ms-excel.sheet.macroEnabled.main"
    held[TYPES_PART] = edited(held[TYPES_PART], swapped(plain, macro))
    return packed(held)


def commented() -> bytes:
    """Put a comment on an entry cell."""
    held = parts(GOOD)
    note = f'<comment ref="{PATENTS}" authorId="0"><text><t>含外观设计</t></text></comment>'
    added_part(
        held, "xl/comments1.xml",
        f'<comments xmlns="{SPACE}"><authors><author>a</author></authors>'
        f"<commentList>{note}</commentList></comments>",
        kind="comments", owner=MAIN_PART, type_name=f"{SPREADSHEET}.comments+xml", rid="c1",
    )  # fmt: skip
    added_part(
        held, "xl/drawings/vmlDrawing1.vml", '<xml xmlns:v="urn:schemas-microsoft-com:vml"/>',
        kind="vmlDrawing", owner=MAIN_PART, rid="c2",
        type_name="application/vnd.openxmlformats-officedocument.vmlDrawing",
    )  # fmt: skip
    held[MAIN_PART] = edited(held[MAIN_PART], before("</worksheet>", '<legacyDrawing r:id="c2"/>'))
    return packed(held)


def cell_images() -> bytes:
    """Keep a picture in a cell, as WPS does."""
    held = parts(GOOD)
    images = "http://www.wps.cn/officeDocument/2017/etCustomData"
    added_part(
        held, "xl/cellimages.xml", f'<etc:cellImages xmlns:etc="{images}"/>', kind="cellImage",
        owner=WORKBOOK_PART, type_name="application/vnd.wps-officedocument.cellimage+xml",
        rid="rId94",
    )  # fmt: skip
    held["xl/media/image1.png"] = b"\x89PNG\r\n\x1a\n" + bytes(64)
    return packed(held)


def wps_properties(xml: str) -> str:
    """Add what WPS writes into the custom properties."""
    said = ("KSOProductBuildVer", "2052-11.1.0.10314"), ("ICV", "0F1A5E9B6C3D4E7F8A9B0C1D2E3F4A5B")
    added = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{pid}" name="{name}">'
        f"<vt:lpwstr>{value}</vt:lpwstr></property>"
        for pid, (name, value) in enumerate(said, start=3)
    )
    return xml.replace("</Properties>", f"{added}</Properties>")


# How programs write


def everywhere(edit: Edit, *names: str) -> Make:
    """Edit every part of the workbook that is XML, or those whose name begins so."""

    def make() -> bytes:
        return packed({
            name: edited(part, edit) if name.startswith(names or ("",)) else part
            for name, part in parts(GOOD).items()
        })  # fmt: skip

    return make


CELLS = ("xl/worksheets/", "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml")


def prefixed(xml: str) -> str:
    """Give the main namespace a prefix."""
    xml = re.sub(r"<(/?)(\w+)(?=[\s/>])", r"<\1x:\2", xml)
    return xml.replace(f'xmlns="{SPACE}"', f'xmlns:x="{SPACE}"')


def single_quoted(xml: str) -> str:
    """Quote attributes with apostrophes."""
    return re.sub(r"(\s[\w:]+)=\"([^\"'<>]*)\"", r"\1='\2'", xml)


def spaced(xml: str) -> str:
    """Put white space around the signs of attributes."""
    return re.sub(r'\s([\w:]+)="', '\n  \\1 = "', xml)


def laid_out(xml: str) -> str:
    """Put every tag on a line of its own; blank texts and values stay as they are."""
    return re.sub(r"(?<!<t)(?<!<v)>(?=<)", ">\n  ", xml)


def turned(xml: str) -> str:
    """Turn the order of attributes about."""

    def tag(found: re.Match[str]) -> str:
        attributes = re.findall(r'[\w:]+="[^"]*"', found[2])
        return f"<{found[1]} {' '.join(reversed(attributes))}{found[3]}>"

    return re.sub(r"<(c|row|f|col|mergeCell|hyperlink|sheet) ([^<>]*?)(/?)>", tag, xml)


def unabridged(xml: str) -> str:
    """Write empty elements with an end tag."""
    return re.sub(r"<([\w:]+)((?:\s[^<>]*?)?)/>", r"<\1\2></\1>", xml)


def strict(xml: str) -> str:
    """Use the namespaces of strict OOXML."""
    old, new = "http://schemas.openxmlformats.org", "http://purl.oclc.org/ooxml"
    return (
        xml.replace(f"{old}/spreadsheetml/2006/main", f"{new}/spreadsheetml/main")
        .replace(f"{old}/officeDocument/2006/relationships", f"{new}/officeDocument/relationships")
        .replace(f"{old}/officeDocument/2006/", f"{new}/officeDocument/")
        .replace(f"{old}/drawingml/2006/main", f"{new}/drawingml/main")
    )


def nameless(xml: str) -> str:
    """Leave out the addresses of rows and cells; the gaps are filled with empty ones."""

    def row(found: re.Match[str]) -> str:
        cells = {
            column_index_from_string(one[1]): f"<c{one[3]}" for one in CELL.finditer(found[3] or "")
        }
        filled = (cells.get(n, "<c/>") for n in range(1, max(cells, default=0) + 1))
        return f"<row{found[2]}>{''.join(filled)}</row>"

    rows = {int(one[1]): row(one) for one in ROW.finditer(xml)}
    body = "".join(rows.get(n, "<row/>") for n in range(1, max(rows) + 1))
    head, tail = xml.split("<sheetData>")[0], xml.split("</sheetData>")[1]
    return f"{head}<sheetData>{body}</sheetData>{tail}"


def strings_edited(edit: Callable[[re.Match[str]], str]) -> Make:
    """Edit each of the shared texts."""
    return partial(
        with_part, GOOD, STRINGS_PART, lambda xml: re.sub(r"<t(?: [^>]*)?>([^<]*)</t>", edit, xml)
    )


def rich(found: re.Match[str]) -> str:
    """Split a text into two runs of different type."""
    middle = max(found[1].find(";"), 0)
    runs = (found[1][:middle], found[1][middle:])
    return "".join(f'<r><rPr><b/></rPr><t xml:space="preserve">{run}</t></r>' for run in runs)


def inline(mark: str = "inlineStr") -> bytes:
    """Write texts into the cells, as some programs do, and no shared ones."""
    held = parts(GOOD)
    shared = re.findall(r"(?s)<si>(.*?)</si>", held.pop(STRINGS_PART).decode())
    for part in SHEETS:
        held[part] = edited(held[part], lambda xml: re.sub(
            r't="s"><v>(\d+)</v>', lambda m: f't="{mark}"><is>{shared[int(m[1])]}</is>', xml
        ))  # fmt: skip
    for part in (TYPES_PART, RELATIONS_PART):
        held[part] = re.sub(rb"<(Override|Relationship) [^>]*sharedStrings[^>]*/>", b"", held[part])
    return packed(held)


def other_prefix(xml: str) -> str:
    """Call the namespace of relations otherwise, as .NET does."""
    return xml.replace("xmlns:r=", "xmlns:d3p1=").replace(" r:id=", " d3p1:id=")


def of_1904(*, converted: bool) -> bytes:
    """Count days from 1904, with or without converting the dates."""
    held = parts(GOOD)
    held[WORKBOOK_PART] = edited(
        held[WORKBOOK_PART], swapped("<workbookPr ", '<workbookPr date1904="1" ')
    )
    if converted:
        for part, places in ((MAIN_PART, FILLED_ON), (LIST_PART, r"D\d+")):
            pattern = re.compile(rf'(<c r="{places}" s="\d+"><v>)(\d+)(?=</v>)')
            xml = held[part].decode()
            held[part] = pattern.sub(lambda m: f"{m[1]}{int(m[2]) - 1462}", xml).encode()
    return packed(held)


def resaved() -> bytes:
    """Save it through a library that keeps no results."""
    book = openpyxl.load_workbook(io.BytesIO(GOOD))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


# How programs pack


class Pipe(io.BytesIO):
    """Takes bytes like a connection: one cannot go back in it."""

    def tell(self) -> int:
        """Refuse to tell."""
        raise OSError

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Refuse to go back."""
        raise OSError


def streamed() -> bytes:
    """Pack without going back: sizes stand behind the data."""
    target = Pipe()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts(GOOD).items():
            archive.writestr(name, part)
    return target.getvalue()


def zip64() -> bytes:
    """Pack with the sizes of large files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts(GOOD).items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=True) as stream:
                stream.write(part)
    return target.getvalue()


def stored() -> bytes:
    """Pack without compressing."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", STORED) as archive:
        for name, part in parts(GOOD).items():
            archive.writestr(zipfile.ZipInfo(name), part)
    return target.getvalue()


def repacked_by_hand() -> bytes:
    """Unpack the workbook and pack its folders again, in the order of their names."""
    folders = [entry(name, b"") for name in ("_rels/", "docProps/", "xl/", "xl/worksheets/")]
    return zipped(sorted([*entries(parts(GOOD)), *folders], key=lambda one: one.name))


# The table


def _slip(
    title: str, make: Make, *findings: Pair, intact: bool = True, suffix: str = ".xlsx"
) -> Slip:
    return Slip(f"{title}.", make, f"{title}{suffix}", frozenset(findings), intact)


TRUE: Mapping[str, str] = {
    place: typed(row)
    for place, row in (
        (FIRMS, "hightech_firms"), (PATENTS, "patent_applications"), (UNDER, "industrial_output"),
    )
}  # fmt: skip
STAMP = ask().stamp.encode()
GONE = False
MOVED = ("", "layout_moved")

SLIPS: tuple[Slip, ...] = (
    # Rows, columns and sheets
    _slip("A row was inserted above the table", move(0, 3, 1), MOVED),
    _slip("A row was inserted above everything", move(0, 1, 1), MOVED),
    _slip("A row was inserted inside the table", move(0, LINE, 1), MOVED),
    _slip("A column was inserted", move(1, 4, 1), MOVED),
    _slip("A column was inserted in front of everything", move(1, 1, 1), MOVED),
    _slip("The line of a figure was deleted", move(0, LINE, -1), ("", "cell_lost"), MOVED,
          intact=GONE),
    _slip("The column of keys was deleted", move(1, 1, -1), ("", "placed_by_labels"), MOVED),
    _slip("The row of keys was deleted", move(0, 2, -1), ("", "placed_by_labels"), MOVED),
    _slip("Row and column of keys were deleted", keys_deleted, ("", "placed_by_labels"), MOVED),
    _slip("The row of keys and the headings were deleted",
          lambda: moved(moved(GOOD, Move(0, 2, -1)), Move(0, 5, -1)), ("", "placed_by_names"),
          MOVED, *((f"{letter}4", "locked_text_altered") for letter in "DHL")),
    _slip("A line was copied and its copy changed", line_doubled, ("", "row_doubled"), MOVED,
          intact=GONE),
    _slip("Two lines changed places", move(0, int(FIRMS[1:]), 0), MOVED),
    _slip("The sheet was renamed", lambda: renamed(MAIN, "Sheet1"), MOVED),
    _slip("The list was renamed", lambda: renamed(LIST, "明细 (2)"), MOVED),
    _slip("The sheets were put in another order", reordered),
    _slip("The sheet was copied", copied(), ("", "sheet_copied")),
    _slip("The sheet was copied and the copy changed",
          copied(cell(FIRMS, f'<c r="{FIRMS}"><v>7</v></c>')), ("", "layout_lost"), intact=GONE),
    _slip("The table was pasted to a sheet of its own", pasted()),
    _slip("The table was pasted to a sheet of its own and filled there",
          pasted(cell(FIRMS, f'<c r="{FIRMS}"><v>7</v></c>')), ("", "sheet_like_form")),
    _slip("An own sheet was added", lambda: with_sheet("底稿", (
        f'<worksheet xmlns="{SPACE}"><sheetData><row r="1"><c r="A1"><v>5</v></c></row></sheetData>'
        "</worksheet>"))),
    _slip("A chart sheet was added", lambda: with_sheet("图表", (
        f'<chartsheet xmlns="{SPACE}"><sheetViews><sheetView workbookViewId="0"/></sheetViews>'
        "</chartsheet>"), kind="chartsheet")),
    _slip("The guide was deleted", lambda: without_sheets(GUIDE), ("", "sheet_missing")),
    _slip("The list was deleted", lambda: without_sheets(LIST), ("", "sheet_lost"), intact=GONE),
    _slip("The sheet's protection was lifted",
          main(lambda xml: re.sub(r"<sheetProtection[^>]*/>", "", xml))),
    _slip("Every sheet is shown",
          partial(with_part, GOOD, WORKBOOK_PART, swapped(' state="veryHidden"', ""))),
    # Cells that belong together, are hidden or have comments
    _slip("Two figures were merged", merged(f"{PATENTS}:{INVENTIONS}", INVENTIONS),
          (PATENTS, "entry_merged"), (INVENTIONS, "entry_merged"), intact=GONE),
    _slip("A figure was merged with its rate", merged(f"{PATENTS}:{RATE}", RATE),
          (PATENTS, "cells_merged")),
    _slip("The sheet of figures was hidden", partial(with_part, GOOD, WORKBOOK_PART, swapped(
        f'<sheet name="{MAIN}" ', f'<sheet name="{MAIN}" state="hidden" ')), ("", "sheet_hidden")),
    _slip("A line was drawn to no height", main(lambda xml: re.sub(
        rf'(<row r="{LINE}" [^<>]*?)ht="[^"]*"', r'\1ht="0"', xml)), (PATENTS, "hidden_entry")),
    _slip("A line was hidden", main(row_hidden(LINE)), (PATENTS, "hidden_entry")),
    _slip("A line was filtered out", main(row_hidden(LINE), before("<mergeCells", (
        '<autoFilter ref="B6:L23"><filterColumn colId="0"><filters><filter val="1"/></filters>'
        "</filterColumn></autoFilter>"))), (PATENTS, "hidden_entry")),
    _slip("The columns to the right were hidden",
          main(before("</cols>", '<col min="13" max="16384" width="9" hidden="1"/>'))),
    _slip("A figure has a comment", commented, (PATENTS, "comment_present")),
    # Formulas and errors where a number belongs
    _slip("A figure is a formula", figure(FIRMS, f"<f>{TRUE[FIRMS]}+0</f><v>{TRUE[FIRMS]}</v>"),
          (FIRMS, "formula_entry")),
    _slip("A figure is a formula without result", figure(FIRMS, "<f>40+46</f>"),
          (FIRMS, "formula_uncomputed"), intact=GONE),
    _slip("A figure is a formula with an empty result", figure(FIRMS, "<f>40+46</f><v></v>"),
          (FIRMS, "formula_uncomputed"), intact=GONE),
    _slip("A figure comes from another workbook", linked("[1]Sheet1!$B$2"),
          (FIRMS, "formula_external"), ("", "external_link"), intact=GONE),
    _slip("A figure is an error", figure(FIRMS, "<f>1/0</f><v>#DIV/0!</v>", t="e"),
          (FIRMS, "error_value"), intact=GONE),
    _slip("A figure is an error without formula", figure(FIRMS, "<v>#N/A</v>", t="e"),
          (FIRMS, "error_value"), intact=GONE),
    _slip("A figure is an error of a newer program", figure(FIRMS, "<v>#SPILL!</v>", t="e"),
          (FIRMS, "error_value"), intact=GONE),
    _slip("Figures share a formula", figure(
        FIRMS, f'<f t="shared" ref="{FIRMS}:{INSTITUTES}" si="0">{TRUE[FIRMS]}+0</f>'
        f"<v>{TRUE[FIRMS]}</v>"), (FIRMS, "formula_entry")),
    # Numbers that are none, or are written otherwise
    _slip("A figure is a text", text(PATENTS, TRUE[PATENTS]), (PATENTS, "normalised")),
    _slip("A figure has full-width digits", text(PATENTS, "９１０"), (PATENTS, "normalised")),
    _slip("A figure has a no-break space", text(PATENTS, f"\xa0{TRUE[PATENTS]}\xa0"),
          (PATENTS, "normalised")),
    _slip("A figure has thousands", text(UNDER, f"{int(TRUE[UNDER]):,}"), (UNDER, "normalised")),
    _slip("A figure has full-width commas", text(UNDER, f"{int(TRUE[UNDER]):,}".replace(",", "，")),
          (UNDER, "normalised")),
    _slip("A figure has its measure", text(PATENTS, f"{TRUE[PATENTS]}件"), (PATENTS, "normalised")),
    _slip("A figure is written with 万", text(PATENTS, f"{int(TRUE[PATENTS]) / 10_000}万"),
          (PATENTS, "normalised")),
    _slip("An amount in 万元 is written with 万", text(UNDER, "2000万"), (UNDER, "not_a_number"),
          intact=GONE),
    _slip("A figure is about so much", text(PATENTS, "约910"), (PATENTS, "not_a_number"),
          intact=GONE),
    _slip("A figure is a dash", text(REPORTS, "-"), (REPORTS, "not_a_number"), intact=GONE),
    _slip("A figure is a word", text(REPORTS, "无"), (REPORTS, "not_a_number"), intact=GONE),
    _slip("A figure begins with an apostrophe", text(PATENTS, "'910"), (PATENTS, "not_a_number"),
          intact=GONE),
    _slip("A figure begins with an equals sign", text(PATENTS, "=910"), (PATENTS, "not_a_number"),
          intact=GONE),
    _slip("A figure is a boolean", figure(FIRMS, "<v>1</v>", t="b"), (FIRMS, "not_a_number"),
          intact=GONE),
    _slip("A figure is a date", dressed(FIRMS, FILLED_ON, TRUE[FIRMS]), (FIRMS, "not_a_number"),
          intact=GONE),
    _slip("A share was pasted with its format", dressed(FIRMS, RATIO, "0.86"),
          (FIRMS, "not_a_number"), intact=GONE),
    _slip("A figure is shown in ten thousands", formatted(FIRMS, r"0\.0,"),
          (FIRMS, "figure_disguised")),
    _slip("A figure is not shown", formatted(FIRMS, ";;;"), (FIRMS, "figure_disguised")),
    _slip("A figure is shown with other digits", formatted(FIRMS, '"1"0'),
          (FIRMS, "figure_disguised")),
    _slip("A figure is shown with a thousands comma and its unit",
          formatted(FIRMS, '#,##0"家"_);[Red]-#,##0')),
    _slip("A figure is infinite", number(FIRMS, "1E999"), (FIRMS, "not_a_number"), intact=GONE),
    _slip("A figure is an empty text", figure(REPORTS, "<v></v>", t="str"), (REPORTS, "blank"),
          intact=GONE),
    _slip("A figure is white space", text(REPORTS, " \u3000\xa0"), (REPORTS, "blank"), intact=GONE),
    _slip("A figure is an empty cell", main(cell(REPORTS, f'<c r="{REPORTS}" s="{{s}}"/>')),
          (REPORTS, "blank"), intact=GONE),
    _slip("A figure has ten times the digits", number(PATENTS, TRUE[PATENTS] + "0"),
          (PATENTS, "scale_target"), (RATE, "stale_result"), intact=GONE),
    _slip("A date is written with dots", text("D8", "2017.5.18", part=LIST_PART),
          ("D8", "normalised")),
    _slip("A date has no year", text("D8", "5月18日", part=LIST_PART), ("D8", "not_a_date")),
    _slip("A remark speaks of entities", text(
        REMARK, '<!DOCTYPE x [<!ENTITY i "&i;">]>')),
    # Dates from 1904, and other ways to write the same
    _slip("Days are counted from 1904", lambda: of_1904(converted=True)),
    _slip("Days are counted from 1904 and the dates did not follow",
          lambda: of_1904(converted=False),
          *((f"D{row}", "filed_outside_year") for row in range(8, 31))),
    _slip("A number is written with an exponent", number(UNDER, "1E+06")),
    _slip("A number has a digit too many", number(FIRMS, f"{TRUE[FIRMS]}.00000000000001")),
    _slip("A number is said to be one", figure(FIRMS, f"<v>{TRUE[FIRMS]}</v>", t="n")),
    _slip("A date is written as text of its own kind",
          figure(FILLED_ON, "<v>2018-01-05</v>", t="d")),
    # Locked cells
    _slip("A target was altered", number(TARGET, "900"), (TARGET, "locked_altered")),
    _slip("A measure was altered", text(MEASURE, "百件"), (MEASURE, "locked_altered"), intact=GONE),
    _slip("A label was altered", text(LABEL, "专利授权"), (LABEL, "locked_altered"), intact=GONE),
    _slip("A rate was typed over", number(RATE, "1"), (RATE, "formula_replaced")),
    _slip("A status was typed over", text(STATUS, "▲ 达到"), (STATUS, "formula_replaced")),
    _slip("The ratio was typed over", number(RATIO, "0.47"), (RATIO, "formula_replaced")),
    _slip("A rate's formula was changed", figure(RATE, f"<f>{PATENTS}/1</f><v>1</v>"),
          (RATE, "formula_altered")),
    _slip("A rate's formula spans the sheet", figure(
        RATE, f'<f t="array" ref="A1:XFD1048576">{PATENTS}/1</f><v>1</v>'),
        ("", "file_too_large"), intact=GONE),
    _slip("The title was altered", text("B3", "填报表"), ("B3", "locked_text_altered")),
    _slip("The guide was altered", text("B5", "随便填", part=GUIDE_PART),
          ("B5", "locked_text_altered")),
    _slip("The unit's name was altered to another's", text("B4", NAMED + OTHER.name),
          ("", "unit_name_differs"), intact=GONE),
    # Stamps, names and properties
    _slip("The custom properties are lost", lambda: packed(without_property())),
    _slip("The defined names are lost", partial(with_part, GOOD, WORKBOOK_PART, lambda xml: re.sub(
        r"<definedNames>.*</definedNames>", "", xml))),
    _slip("The stamp's sheet was deleted", lambda: without_sheets(SHEET)),
    _slip("Only the property tells whose it is", only_property),
    _slip("One stamp is another unit's", text("A1", ask("benniu").stamp.encode(), part=STAMP_PART),
          ("", "stamp_conflict"), intact=GONE),
    _slip("One stamp is garbled", text("A1", STAMP.replace("chunjiang", "chunjian9"),
                                       part=STAMP_PART), ("", "stamp_garbled"), intact=GONE),
    _slip("The property's stamp is another unit's", property_said(ask("benniu").stamp.encode()),
          ("", "stamp_conflict"), intact=GONE),
    _slip("WPS wrote its own properties", partial(with_part, GOOD, CUSTOM_PART, wps_properties)),
    # What is in the workbook besides
    _slip("It has macros", with_macros, ("", "macro_present"), suffix=".xlsm"),
    _slip("It links another workbook", linked(None), ("", "external_link")),
    _slip("It has an object", with_object, ("", "embedded_object")),
    _slip("It links another program", dde, ("", "dde_link")),
    _slip("It has pictures in cells", cell_images),
    # How programs write
    _slip("The dimension is A1, as WPS writes it", dimension('<dimension ref="A1:A1"/>')),
    _slip("There is no dimension", dimension("")),
    _slip("The dimension is the whole sheet", dimension('<dimension ref="A1:XFD1048576"/>')),
    _slip("The last row has a height", main(before(
        "</sheetData>", '<row r="1048576" ht="20" customHeight="1"/>'))),
    _slip("The last cell has a format", main(before(
        "</sheetData>", '<row r="1048576"><c r="XFD1048576" s="1"/></row>'))),
    _slip("A stray number stands far off", main(before(
        "</sheetData>", '<row r="2000"><c r="Z2000"><v>1</v></c></row>'))),
    _slip("Texts are in the cells", inline),
    _slip("Texts have several types", strings_edited(rich)),
    _slip("Texts have phonetic signs", strings_edited(lambda m: (
        f'{m[0]}<rPh sb="0" eb="1"><t>かな</t></rPh><phoneticPr fontId="1"/>'))),
    _slip("The namespace has a prefix", everywhere(prefixed, *CELLS)),
    _slip("The relations' namespace has another prefix", everywhere(other_prefix, *CELLS)),
    _slip("Attributes have apostrophes", everywhere(single_quoted)),
    _slip("Attributes have white space", everywhere(spaced, *CELLS)),
    _slip("Attributes stand in another order", everywhere(turned, *CELLS)),
    _slip("Tags stand on lines of their own", everywhere(laid_out, *CELLS)),
    _slip("Empty elements have an end tag", everywhere(unabridged, *CELLS)),
    _slip("Parts begin with a byte order mark", everywhere(lambda xml: "\ufeff" + xml)),
    _slip("Namespaces are those of strict OOXML", everywhere(strict)),
    _slip("Cells and rows have no address", everywhere(nameless, "xl/worksheets/")),
    _slip("Cells stand in another order", main(lambda xml: ROW.sub(
        lambda m: f'<row r="{m[1]}"{m[2]}>' + "".join(
            one[0] for one in reversed(list(CELL.finditer(m[3] or "")))) + "</row>", xml))),
    _slip("Rows stand in another order", main(lambda xml: re.sub(
        r"(?s)(?<=<sheetData>).*(?=</sheetData>)",
        lambda m: "".join(one[0] for one in reversed(list(ROW.finditer(m[0])))), xml))),
    _slip("A target of a relation is absolute", partial(
        with_part, GOOD, RELATIONS_PART, lambda xml: re.sub(r'Target="', 'Target="/xl/', xml))),
    _slip("It was saved by a library that keeps no results", resaved),
    # How programs pack
    _slip("Sizes stand behind the data", streamed),
    _slip("Sizes are those of large files", zip64),
    _slip("Nothing is compressed", stored),
    _slip("It was unpacked and packed again", repacked_by_hand),
    _slip("A line break was added at the end", lambda: GOOD + b"\r\n"),
    _slip("The last bytes are lost", lambda: GOOD[:-100], ("", "file_salvaged")),
    _slip("It is encrypted with the password every program knows",
          lambda: locked(GOOD, OPEN_TO_ALL)),
)  # fmt: skip
assert len({one.name for one in SLIPS}) == len(SLIPS)
assert PROPERTY.encode() in parts(GOOD)[CUSTOM_PART]
