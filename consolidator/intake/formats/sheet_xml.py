"""Tell what a worksheet of SpreadsheetML holds besides values, from its XML.

A sheet written in the usual plain manner is searched with a pattern, which is several times
faster than a parser; each cell must match it whole. Any other sheet (prefixes, other quotes)
goes through the parser. A test holds both to the same marks.

Whatever could be read in two ways is refused: a comment inside a number, two values in a cell,
a cell of another namespace. Programs take such cells differently, and none is to be believed.
"""

import html
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import compress
from operator import itemgetter

from lxml import etree

from consolidator.intake.formats.marks import Marks, Place
from consolidator.intake.formats.number_formats import PLAIN, Misleading
from consolidator.intake.formats.refusing import NotReadableError, hold_cell, hold_count
from consolidator.intake.limits import Limits

PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
MAIN = (
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/spreadsheetml/main",
)
"""The namespaces of SpreadsheetML: transitional and strict."""
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,10})")
_NUMBER = rb"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?"
_CELL = re.compile(
    rb'(<c r="([A-Z]{1,3}[1-9][0-9]{0,6})"(?: s="([0-9]+)")?(?: t="s"><v>([0-9]{1,9})</v></c>'
    rb'|(?:( t="(?:str|b|d|inlineStr)")| t="n")?(?:/>|>(<f[^<>]*(?:/>|>[^<]*</f>))?'
    rb"(?:(?(5)<v>[^<]*</v>|<v>(?:" + _NUMBER + rb")?</v>)|<v/>"
    rb"|<is><t[^<>]*>[^<]*</t></is>)?</c>)))"
)
"""A cell as programs write it: all, its reference, format, shared text, type and formula.

One without a type must hold a number. One with an error value is left to the parser.
"""
_WHOLE_NUMBER = re.compile(_NUMBER)
_FORMULA_TEXT = re.compile(rb"<f[^<>]*>([^<]*)")
_PLAIN_TYPES = {"", "n", "s", "str", "b", "e", "inlineStr", "d"}
_IN_CELL = ("f", "v", "is", "extLst")
_WITH_PARTS, _VALUES = ("}is", "}extLst"), ("}is", "}v")
_MERGE = re.compile(rb'<mergeCell ref="([A-Z0-9:$]+)"')
_LINK = re.compile(rb'<hyperlink [^<>]*?\bref="([A-Z0-9:$]+)"')
_ROW = re.compile(rb"<row [^<>]*>")
_EMPTY_ROW = re.compile(rb"<row [^<>]*/><c ")
"""A row without cells, with a cell behind it."""
_COLUMN = re.compile(rb"<col [^<>]*>")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_SHOWING = ("r", "hidden", "ht", "min", "max", "width")
_LONG_TAG = 2_000
"""Characters beyond which the attributes of a tag are left to the parser."""
_NOTHING = re.compile(r"0+(\.0*)?")
"""A height or width of nothing."""
_PLAIN_ROOT = re.compile(rb"<worksheet [^<>]*\bxmlns=\"" + re.escape(MAIN[0]) + rb"\"")
_DATA, _DATA_END = b"<sheetData>", b"</sheetData>"
_TWO_WAYS = (b"<!", b"<?")
_TRUE = {"1", "true"}
_MOST_COLUMNS = 16_384
UNKNOWN_ERROR = "#ERROR!"


def scan_sheet(
    xml: bytes, limits: Limits, *, texts: int = 0, formats: Misleading = PLAIN
) -> tuple[Marks, bytes]:
    """Return the marks of one worksheet, and the part as a reader is to be given it.

    Args:
        xml: the part.
        limits: how far its cells may reach, and how many of anything it may hold.
        texts: the number of shared texts its cells may refer to.
        formats: the cell formats that show another number than is stored.

    Raises:
        NotReadableError: it is not well-formed, can be read in two ways, is beyond the limits,
            or two cells have one place.
    """
    marks = _searched(xml, limits, texts, formats)
    return _parsed(xml, limits, texts, formats) if marks is None else (marks, xml)


@lru_cache(maxsize=65_536)
def place_of(reference: str) -> Place:
    """Return the place of ``H10`` or ``$H$10``, counted from 0.

    Raises:
        NotReadableError: it is no reference to a cell.
    """
    match = _REFERENCE.fullmatch(reference)
    if not match or match[2].startswith("0"):
        raise NotReadableError("file_damaged", "单元格地址不对")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


@lru_cache(maxsize=65_536)
def _place(reference: bytes) -> Place:
    return place_of(reference.decode())


@lru_cache(maxsize=65_536)
def area_of(reference: str) -> tuple[int, int, int, int]:
    """Return first row, first column, last row, last column of ``A1:B2`` or ``A1``."""
    first, _, last = reference.partition(":")
    top, left = place_of(first)
    bottom, right = place_of(last or first)
    return min(top, bottom), min(left, right), max(top, bottom), max(left, right)


def _searched(xml: bytes, limits: Limits, texts: int, formats: Misleading) -> Marks | None:
    """Search a plainly written sheet; None where it is not one.

    The cells and the tags of rows that are found must be all there is between ``<sheetData>``
    and its end: then no reader can find anything else there.
    """
    start, end = xml.find(_DATA) + len(_DATA), xml.find(_DATA_END)
    head = xml[:start]
    if (
        start < len(_DATA)
        or xml.count(b"sheetData") != 2
        or xml.count(MAIN[0]) != 1
        or not _PLAIN_ROOT.search(head)
        or _open_tags(head) != 2
    ):
        return None
    inner, rest = xml[start:end], xml[:start] + xml[end:]
    cells, rows = _CELL.findall(inner), _ROW.findall(inner)
    closed = sum(not row.endswith(b"/>") for row in rows)
    found = sum(map(len, map(itemgetter(0), cells))) + sum(map(len, rows)) + 6 * closed
    if found != len(inner) or inner.count(b"</row>") != closed:
        return None
    if (
        b"</row><c" in inner
        or inner.startswith(b"<c")
        or (closed < len(rows) and _EMPTY_ROW.search(inner))
    ):
        raise NotReadableError("file_damaged", "工作表的写法有歧义")
    merges, links = _MERGE.findall(rest), _LINK.findall(rest)
    columns = _COLUMN.findall(rest)
    if max(map(len, (*rows, *columns)), default=0) > _LONG_TAG:
        return None
    counts = (len(merges), len(links), len(columns))
    if counts != (rest.count(b"<mergeCell "), rest.count(b"<hyperlink "), rest.count(b"<col ")):
        return None
    marks = Marks()
    places = list(map(_place, map(itemgetter(1), cells)))
    _hold_places(marks, places, (cell[0].endswith(b"</c>") for cell in cells), limits)
    _hold_indexes(filter(None, map(itemgetter(3), cells)), texts)
    for place, cell in compress(zip(places, cells, strict=True), map(itemgetter(5), cells)):
        whole, formula = cell[0], _FORMULA_TEXT.match(cell[5])
        hold_length(len(cell[5]), limits)
        marks.formulas[place] = _unescaped(formula[1]) if formula else ""
        if b"<v>" not in whole or whole.endswith(b"<v></v></c>"):
            marks.uncomputed.add(place)
    _mistake(marks, list(zip(places, map(itemgetter(2), cells), strict=True)), formats)
    _merge(marks, (one.decode() for one in merges), limits)
    _link([one.decode() for one in links], limits)
    hidden = [one for one in rows if b"hidden" in one or b"ht" in one]
    _hide(marks, map(_attributes, hidden), map(_attributes, columns))
    return marks


def _open_tags(head: bytes) -> int:
    """Count the elements that are still open: with more than two the table lies in another one."""
    return head.count(b"<") - 2 * head.count(b"</") - head.count(b"/>") - head.count(b"<?")


def _parsed(xml: bytes, limits: Limits, texts: int, formats: Misleading) -> tuple[Marks, bytes]:
    """Parse a sheet, and write it again: calamine misreads numbers with references in them."""
    declared = xml.find(b"?>") + 2 if xml.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml") else 0
    if any(xml.find(sign, declared) >= 0 for sign in _TWO_WAYS):
        raise NotReadableError("file_damaged", "工作表的写法有歧义")
    try:
        root = etree.fromstring(xml, PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotReadableError("file_damaged", "工作表的内容不完整") from error
    names = [one.decode() for one in MAIN]
    name_space = next((one for one in names if root.tag == f"{{{one}}}worksheet"), None)
    data = [] if name_space is None else list(root.iter(f"{{{name_space}}}sheetData"))
    if len(data) != 1 or data[0].getparent() is not root:
        raise NotReadableError("file_damaged", "工作表的内容不对")
    tag = f"{{{name_space}}}".__add__
    _hold_one_way(root, tag("row"), tag("c"), {tag(name) for name in _IN_CELL})
    marks = Marks()
    cells = [(one, place_of(one.get("r"))) for one in _cells(root, tag("row"), tag("c"))]
    places = [place for _, place in cells]
    _hold_places(marks, places, (len(cell) > 0 for cell, _ in cells), limits)
    values = []
    for cell, place in cells:
        formula, stored = cell.find(tag("f")), cell.find(tag("v"))
        shown = "" if stored is None else stored.text or ""
        if shown:
            values.append((str(cell.get("t", "")), shown))
        if formula is not None:
            marks.formulas[place] = formula.text or ""
            hold_length(len(marks.formulas[place]), limits)
            if not shown:
                marks.uncomputed.add(place)
        if cell.get("t") == "e":
            marks.errors[place] = shown or UNKNOWN_ERROR
    _hold_values(values, texts)
    _mistake(marks, [(place, cell.get("s", "").encode()) for cell, place in cells], formats)
    merges = [one.get("ref", "") for one in root.iter(tag("mergeCell"))]
    _merge(marks, merges, limits)
    _link([one.get("ref", "") for one in root.iter(tag("hyperlink"))], limits)
    _hide(
        marks,
        (_asked(one) for one in root.iter(tag("row"))),
        (_asked(one) for one in root.iter(tag("col"))),
    )
    return marks, plain_xml(root)


def plain_xml(root: etree._Element) -> bytes:
    """Write a part so that every reader takes it alike: no references, no CDATA."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _hold_one_way(root: etree._Element, row: str, cell: str, inside: set[str]) -> None:
    """Hold that rows and cells are of one kind and place, and each cell says one thing."""
    for element in root.iter("{*}row", "{*}c"):
        parent = element.getparent()
        if element.tag not in (row, cell) or (element.tag == cell) != (parent.tag == row):
            raise NotReadableError("file_damaged", "工作表的写法有歧义")
        if element.tag == cell:
            tags = [one.tag for one in element]
            plain = all(len(one) == 0 or one.tag.endswith(_WITH_PARTS) for one in element)
            once = len(set(tags)) == len(tags) and sum(one.endswith(_VALUES) for one in tags) < 2
            if not (set(tags) <= inside and once and plain):
                raise NotReadableError("file_damaged", "单元格的写法有歧义")


def _hold_values(values: list[tuple[str, str]], texts: int) -> None:
    """Hold that values are what their cells' types say."""
    for sort, value in values:
        if sort not in _PLAIN_TYPES:
            raise NotReadableError("file_damaged", "单元格的类型不对")
        if sort in ("", "n") and not _WHOLE_NUMBER.fullmatch(value.encode()):
            raise NotReadableError("file_damaged", "单元格的数值不对")
        if sort == "s" and not (value.isascii() and value.isdigit() and len(value) < 10):
            raise NotReadableError("file_damaged", "单元格的文字不存在")
    _hold_indexes((value.encode() for sort, value in values if sort == "s"), texts)


def _hold_indexes(indexes: Iterable[bytes], texts: int) -> None:
    """Hold that references to shared texts lead to one.

    calamine takes the first text for one that is not there (0.9.1).
    """
    if max(map(int, indexes), default=-1) >= texts:
        raise NotReadableError("file_damaged", "单元格的文字不存在")


def _cells(root: etree._Element, row_tag: str, cell_tag: str) -> Iterator[etree._Element]:
    """Yield the cells, each given the reference it has by its order where it does not say one."""
    row = 0
    for line in root.iter(row_tag):
        row = _whole(line.get("r"), row + 1)
        column = 0
        for cell in line.iter(cell_tag):
            if cell.get("r") is not None:
                column = place_of(cell.get("r"))[1] + 1
            else:
                column += 1
                cell.set("r", f"{_letters(column)}{row}")
            yield cell


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _whole(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        raise NotReadableError("file_damaged", "行号不对")
    return int(text)


def _hold_places(marks: Marks, places: list[Place], holds: Iterable[bool], limits: Limits) -> None:
    """Hold that no place is taken twice, and that what holds anything lies within the limits.

    People format cells down to the last one of a sheet; a reader passes over those.
    """
    if len(set(places)) != len(places):
        raise NotReadableError("file_damaged", "两个单元格的地址相同")
    last = _last(places)
    if last[0] >= limits.rows or last[1] >= limits.columns:
        last = _last(list(compress(places, holds)))
        hold_cell(*last, limits)
    marks.last_row, marks.last_column = last


def _last(places: list[Place]) -> Place:
    if not places:
        return -1, -1
    return max(places)[0], max(map(itemgetter(1), places))


def hold_length(length: int, limits: Limits) -> None:
    """Hold the length of a formula; in UTF-8 a character may take four bytes.

    Raises:
        NotReadableError: it is longer.
    """
    if length > limits.formula_length * 4:
        raise NotReadableError("file_too_large", f"公式 {length} 个字符")


def _mistake(marks: Marks, styles: list[tuple[Place, bytes]], formats: Misleading) -> None:
    """Note the cells whose number format shows another number than is stored."""
    if formats.percents:
        marks.percents = {place for place, style in styles if (style or b"0") in formats.percents}
    if formats.disguised:
        marks.disguised = {place for place, style in styles if (style or b"0") in formats.disguised}


def _merge(marks: Marks, references: Iterable[str], limits: Limits) -> None:
    for reference in references:
        area = area_of(reference)
        hold_cell(area[2], area[3], limits)
        marks.merges.append(area)
    hold_count(len(marks.merges), limits.merges, "合并区域")


def _link(references: list[str], limits: Limits) -> None:
    hold_count(len(references), limits.links, "超链接")
    for reference in references:
        _, _, bottom, right = area_of(reference)
        hold_cell(bottom, right, limits)


def _hide(marks: Marks, rows: Iterable[dict[str, str]], columns: Iterable[dict[str, str]]) -> None:
    row = -1
    for attributes in rows:
        row = _whole(attributes.get("r"), row + 2) - 1
        if _not_shown(attributes, "ht"):
            marks.hidden_rows.add(row)
    for attributes in columns:
        if _not_shown(attributes, "width"):
            first, last = _whole(attributes.get("min"), 1), _whole(attributes.get("max"), 1)
            marks.hidden_columns |= set(range(first - 1, min(last, _MOST_COLUMNS)))


def _asked(element: etree._Element) -> dict[str, str]:
    """Return the attributes that tell whether a row or column is shown."""
    found = ((name, element.get(name)) for name in _SHOWING)
    return {name: value for name, value in found if value is not None}


def _not_shown(attributes: dict[str, str], size: str) -> bool:
    """Tell whether a row or column is hidden, or has been drawn to no height or width."""
    return attributes.get("hidden") in _TRUE or bool(_NOTHING.fullmatch(attributes.get(size, "")))


@lru_cache(maxsize=4_096)
def _attributes(text: bytes) -> dict[str, str]:
    found = _ATTRIBUTE.findall(text.decode("utf-8", "replace"))
    return {name: one or other for name, one, other in found}


@lru_cache(maxsize=4_096)
def _unescaped(text: bytes) -> str:
    """Decode a text of the XML; the formulas of one form's files are all alike."""
    return html.unescape(text.decode("utf-8", "replace"))
