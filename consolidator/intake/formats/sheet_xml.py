"""Tell what a worksheet of SpreadsheetML holds besides values, from its XML.

A sheet written in the usual plain manner is searched; any other (prefixes, other quotes) goes
through the parser here. A test holds both to the same marks.

Whatever could be read in two ways is refused: a comment inside a number, two values in a cell,
a cell of another namespace. Programs take such cells differently, and none is to be believed.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress
from typing import NamedTuple

from lxml import etree

from consolidator.intake.formats.marks import UNKNOWN_ERROR, Marks, Place
from consolidator.intake.formats.number_formats import PLAIN, Misleading, may_mislead
from consolidator.intake.formats.plain_sheet import searched
from consolidator.intake.formats.plain_table import Taken
from consolidator.intake.formats.references import area_of, place_of
from consolidator.intake.formats.refusing import NotReadableError, hold_area, hold_cell, hold_count
from consolidator.intake.formats.sheet_marks import (
    NUMBER,
    hold_length,
    hold_text,
    is_not_shown,
    mistake,
    whole,
)
from consolidator.intake.formats.surroundings import (
    asked,
    note_surroundings,
    parsed_sheet,
    rows_and_cells,
    surroundings_of,
)
from consolidator.intake.formats.xml_parsing import plain_xml
from consolidator.intake.limits import Limits

_NUMBER = re.compile(NUMBER)
_PLAIN_TYPES = {"", "n", "s", "str", "b", "e", "inlineStr", "d"}
_IN_CELL = ("f", "v", "is", "extLst")
_WITH_PARTS, _VALUES = ("}is", "}extLst"), ("}is", "}v")
_FEWER = 20
"""Of areas that a condition may give another number to, so many times fewer than of merges."""
_OF_AREAS = ("array", "dataTable")
"""Formulas that give a whole area its numbers."""
_ERRORS = {
    "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA",
}  # fmt: skip
"""What calamine knows for an error value: at any other it gives the whole file up (0.9.1)."""


class Scanned(NamedTuple):
    """What a worksheet holds."""

    marks: Marks
    part: bytes
    """The sheet as a reader is to be given it."""
    taken: Taken | None
    """Its values, where it is plainly written."""


def scan_sheet(
    xml: bytes, limits: Limits, *, texts: int = 0, formats: Misleading = PLAIN
) -> Scanned:
    """Return what one worksheet holds.

    Args:
        xml: the part.
        limits: how far its cells may reach, and how many of anything it may hold.
        texts: the number of shared texts its cells may refer to.
        formats: the cell formats that show another number than is stored.

    Raises:
        NotReadableError: it is not well-formed, can be read in two ways, is beyond the limits,
            or two cells have one place.
    """
    found = searched(xml, limits, texts, formats)
    if found is None:
        return Scanned(*_parsed(xml, limits, texts, formats), None)
    marks, taken = found
    return Scanned(marks, xml, taken)


def _parsed(xml: bytes, limits: Limits, texts: int, formats: Misleading) -> tuple[Marks, bytes]:
    """Parse a sheet, and write it again: calamine misreads numbers with references in them."""
    root, data = parsed_sheet(xml)
    tag = str(data.tag).removesuffix("sheetData").__add__
    _hold_one_way(rows_and_cells(root, data), tag)
    marks = Marks()
    cells = [(one, place_of(one.get("r"))) for one in _cells(root, tag("row"), tag("c"))]
    places = [place for _, place in cells]
    if len(set(places)) != len(places):
        raise NotReadableError("file_damaged", "两个单元格的地址相同")
    _reach(marks, places, [len(cell) > 0 for cell, _ in cells], limits)
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
            if formula.get("t") in _OF_AREAS and formula.get("ref"):
                area = area_of(formula.get("ref"))
                hold_area(*area, limits)
                marks.cover(area, marks.formulas[place])
        if cell.get("t") == "e":
            marks.errors[place] = shown or UNKNOWN_ERROR
            if stored is not None and shown not in _ERRORS:
                stored.text = "#VALUE!"
    _hold_values(values, texts)
    mistake(marks, [(places, [_style(cell) for cell, _ in cells])], formats)
    _mistake_by_condition(marks, root, places, formats, limits)
    around = surroundings_of(root)
    note_surroundings(marks, around, limits)
    for one in root.iter(tag("row")):
        attributes = asked(one)
        if is_not_shown(attributes, "ht") or (around.squeezed and "ht" not in attributes):
            marks.hidden_rows.add(whole(attributes["r"], 0) - 1)
    return marks, plain_xml(root)


def _hold_one_way(elements: Iterable[etree._Element], tag: Callable[[str], str]) -> None:
    """Hold that rows and cells are of one kind and place, and each cell says one thing."""
    data, row, cell = tag("sheetData"), tag("row"), tag("c")
    inside = set(map(tag, _IN_CELL))
    for element in elements:
        lies_in = {row: data, cell: row}.get(element.tag)
        if lies_in is None or element.getparent().tag != lies_in:
            raise NotReadableError("file_damaged", "工作表的写法有歧义")
        if element.tag == cell:
            tags = [one.tag for one in element]
            plain = all(len(one) == 0 or one.tag.endswith(_WITH_PARTS) for one in element)
            once = len(set(tags)) == len(tags) and sum(one.endswith(_VALUES) for one in tags) < 2
            if not (set(tags) <= inside and once and plain):
                raise NotReadableError("file_damaged", "单元格的写法有歧义")


def _style(cell: etree._Element) -> bytes:
    return (cell.get("s", "").lstrip("0") or "0").encode()


def _mistake_by_condition(
    marks: Marks, root: etree._Element, places: Sequence[Place], formats: Misleading,
    limits: Limits,
) -> None:  # fmt: skip
    """Note the cells to which a condition may give a format that shows another number."""
    found: list[tuple[str, str]] = []
    for rule in root.iter("{*}cfRule"):
        own = [one.get("formatCode", "") for one in rule.iter("{*}numFmt")]
        named = formats.conditional.get(rule.get("dxfId", "").encode())
        codes = [code for code in (*own, named) if code and may_mislead(code)]
        parent = rule.getparent()
        areas = [parent.get("sqref", ""), *(one.text or "" for one in parent.iter("{*}sqref"))]
        found += [(area, code) for code in codes for area in " ".join(areas).split()]
    hold_count(len(found), limits.merges // _FEWER, "改变数字格式的条件")
    ordered = sorted(places) if found else []
    for area, code in found:
        top, left, bottom, right = area_of(area)
        first, last = bisect_left(ordered, (top, 0)), bisect_left(ordered, (bottom + 1, 0))
        marks.disguised.update(
            (place, code) for place in ordered[first:last] if left <= place[1] <= right
        )


def _hold_values(values: list[tuple[str, str]], texts: int) -> None:
    """Hold that values are what their cells' types say."""
    for sort, value in values:
        if sort not in _PLAIN_TYPES:
            raise NotReadableError("file_damaged", "单元格的类型不对")
        if sort in ("", "n") and not _NUMBER.fullmatch(value.encode()):
            raise NotReadableError("file_damaged", "单元格的数值不对")
        if sort == "s" and not (value.isascii() and value.isdigit() and len(value) < 10):
            raise NotReadableError("file_damaged", "单元格的文字不存在")
    hold_text(max((int(value) for sort, value in values if sort == "s"), default=-1), texts)


def _cells(root: etree._Element, row_tag: str, cell_tag: str) -> Iterator[etree._Element]:
    """Yield the cells; rows and cells are given the place they have by order where none is told.

    Raises:
        NotReadableError: a row stands there twice, or a cell lies in another row than it says.
    """
    row, seen = 0, set()
    for line in root.iter(row_tag):
        row = whole(line.get("r"), row + 1)
        if row in seen:
            raise NotReadableError("file_damaged", "工作表有两个相同的行号")
        seen.add(row)
        line.set("r", str(row))
        column = 0
        for cell in line.iter(cell_tag):
            if cell.get("r") is not None:
                place = place_of(cell.get("r"))
                column = place[1] + 1
                if place[0] + 1 != row:
                    raise NotReadableError("file_damaged", "单元格不在自己的行里")
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


def _reach(marks: Marks, places: Sequence[Place], holds: Sequence[bool], limits: Limits) -> None:
    """Hold that what holds anything lies within the limits.

    People format cells down to the last one of a sheet; a reader passes over those.
    """
    row, column = _last(places)
    if row >= limits.rows or column >= limits.columns:
        row, column = _last(list(compress(places, holds)))
        hold_cell(row, column, limits)
    marks.last_row, marks.last_column = row, column


def _last(places: Sequence[Place]) -> Place:
    if not places:
        return -1, -1
    return max(row for row, _ in places), max(column for _, column in places)
