"""Search a worksheet of SpreadsheetML that is written in the usual plain manner.

That is several times faster than a parser. The sheet is cut at the ends of its rows, and each
piece must be rows and cells as a whole: then no reader can find anything else there. Most
pieces are alike in all files made from one form, and what they say is remembered.
"""

import html
import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import chain
from operator import attrgetter, le
from typing import NamedTuple

from consolidator.intake.formats.marks import Marks, Place
from consolidator.intake.formats.number_formats import Misleading
from consolidator.intake.formats.references import place_of
from consolidator.intake.formats.refusing import hold_cell
from consolidator.intake.formats.sheet_marks import (
    MAIN,
    NUMBER,
    hide_columns,
    hold_length,
    hold_links,
    hold_text,
    is_not_shown,
    is_tiny,
    merge,
    mistake,
)
from consolidator.intake.limits import Limits
from consolidator.intake.remembering import remembered

_DATA, _DATA_END = b"<sheetData>", b"</sheetData>"
_PLAIN_ROOT = re.compile(rb"<worksheet [^<>]*\bxmlns=\"" + re.escape(MAIN[0]) + rb"\"")
_ATTRIBUTES = rb'(?: [\w:]+="[^"<>&]*")*+ ?'
_TAGS = {
    b"mergeCell": re.compile(rb'<mergeCell ref="([A-Z0-9:$]+)" ?/>'),
    b"hyperlink": re.compile(rb'<hyperlink [^<>]*?\bref="([A-Z0-9:$]+)"'),
    b"col": re.compile(rb"<col" + _ATTRIBUTES + rb"/>"),
    b"sheetFormatPr": re.compile(rb"<sheetFormatPr" + _ATTRIBUTES + rb"/>"),
}
"""What is asked of a sheet besides its cells; every such tag must be plainly written."""
_EVERY = {name: re.compile(rb"[<:]" + name + rb"(?![\w.-])[^/]") for name in _TAGS}
"""The same tags, however they are written; closing ones have a stroke."""
_NAMESPACE = re.compile(rb' xmlns(:[\w.-]+)?="([^"&]*)"')
_HIDING = (b"<!--", b"<![CDATA[")
"""What tags may hide in."""
_HEADINGS = re.compile(
    rb"<headerFooter[^<>]*>(?:<(?:odd|even|first)(?:Header|Footer)>[^<>]*</[A-Za-z]{9,11}>)*"
)
_ROW_TAG = rb'<row r="[1-9][0-9]{0,6}"' + _ATTRIBUTES
_ROW_TAGS = re.compile(rb"(?:" + _ROW_TAG + rb"/>)*+(?:(" + _ROW_TAG + rb")>)?")
"""Rows without cells, and the beginning of one with cells."""
_ROW = re.compile(rb"<row [^<>]*>")
_CELL = re.compile(
    rb'r="([A-Z]{1,3}[1-9][0-9]{0,6})"(?: s="([0-9]+)")?(?: t="s"><v>([0-9]{1,9})</v></c>'
    rb'|(?:( t="(?:str|b|d|inlineStr)")| t="n")?'
    rb'(?:/>|>(<f(?: t="(?:shared|normal)"| (?:ref|si|ca|aca|bx)="[^"<>&]*")*+ ?'
    rb"(?:/>|>[^<]*</f>))?"
    rb"((?(4)<v>[^<]*</v>|<v>(?:" + NUMBER + rb")?</v>)|<v/>"
    rb'|<is><t(?: xml:space="preserve")?>[^<]*</t></is>)?</c>))'
)
"""A cell as programs write it, from behind ``<c `` on.

Its reference, format, shared text, type, formula and value. One without a type must hold a
number. One with an error value is left to the parser.
"""
_FORMULA_TEXT = re.compile(rb"<f[^<>]*>([^<]*)")
_ATTRIBUTE = re.compile(r' ([\w:]+)="([^"]*)"')
_ROWS_KEPT, _LONG_ROW = 2_048, 4_096
_SURROUNDINGS_KEPT, _LONG_SURROUNDINGS = 64, 65_536
"""How many are remembered, and the most bytes of one."""


class _Surroundings(NamedTuple):
    """What a sheet has besides its rows."""

    merges: tuple[str, ...]
    links: tuple[str, ...]
    columns: tuple[Mapping[str, str], ...]
    conditional: bool
    """Whether conditions give cells another look."""


class _Cell(NamedTuple):
    place: Place
    style: bytes
    text: int
    """The shared text it refers to; -1 for none."""
    formula: tuple[Place, str, bool, int] | None
    """Its place, its text, whether a result is stored with it, its length in the file."""
    holds: bool


class _Row(NamedTuple):
    """A row, and the rows without cells that come before it; all count from 0."""

    first: int
    last: int
    """The row the cells are in, where it is open."""
    opened: bool
    hidden: tuple[int, ...]
    places: tuple[Place, ...]
    styles: tuple[bytes, ...]
    held: int
    """The last column that holds anything; -1 for none."""
    text: int
    """The last shared text that is referred to; -1 for none."""
    formulas: tuple[tuple[Place, str, bool, int], ...]


_NOTHING = _Row(-1, -1, False, (), (), (), -1, -1, ())


def searched(xml: bytes, limits: Limits, texts: int, formats: Misleading) -> Marks | None:
    """Return the marks of a plainly written sheet; None where it is not one.

    Args:
        xml: the part.
        limits: how far its cells may reach, and how many of anything it may hold.
        texts: the number of shared texts its cells may refer to.
        formats: the cell formats that show another number than is stored.

    Raises:
        NotReadableError: it is beyond the limits, or refers to what is not there.
    """
    start, end = xml.find(_DATA) + len(_DATA), xml.find(_DATA_END)
    if not len(_DATA) <= start <= end:
        return None
    around = _surroundings(xml[:start] + _without_headings(xml[end:]), start)
    pieces = xml[start:end].split(b"</row>")
    long = max(map(len, pieces)) > _LONG_ROW
    found = list(map(_row if long else _short_row, pieces))
    if around is None or not all(found) or (formats.conditional and around.conditional):
        return None
    rows = [one for one in found if one is not None]
    # The last piece is what stands behind the last row.
    if rows[-1].opened or not all(map(attrgetter("opened"), rows[:-1])):
        return None
    if rows[-1] is _NOTHING:
        del rows[-1]
    if any(map(le, map(attrgetter("first"), rows[1:]), map(attrgetter("last"), rows))):
        return None
    marks = Marks()
    _reach(marks, rows, limits)
    hold_text(max(map(attrgetter("text"), rows), default=-1), texts)
    for place, text, computed, length in chain.from_iterable(map(attrgetter("formulas"), rows)):
        hold_length(length, limits)
        marks.formulas[place] = text
        if not computed:
            marks.uncomputed.add(place)
    mistake(marks, map(attrgetter("places", "styles"), rows), formats)
    marks.hidden_rows.update(chain.from_iterable(map(attrgetter("hidden"), rows)))
    merge(marks, around.merges, limits)
    hold_links(around.links, limits)
    hide_columns(marks, around.columns, limits)
    return marks


def _reach(marks: Marks, rows: list[_Row], limits: Limits) -> None:
    """Hold that what holds anything lies within the limits.

    People format cells down to the last one of a sheet; a reader passes over those.
    """
    ends = [row.places[-1] for row in rows if row.places]
    if any(row >= limits.rows or column >= limits.columns for row, column in ends):
        ends = [(row.last, row.held) for row in rows if row.held >= 0]
    if ends:
        marks.last_row = ends[-1][0]
        marks.last_column = max(column for _, column in ends)
        hold_cell(marks.last_row, marks.last_column, limits)


def _without_headings(tail: bytes) -> bytes:
    """Take out what is printed above and below pages: it names the unit, and nothing else does."""
    start, end = tail.find(b"<headerFooter"), tail.find(b"</headerFooter>")
    return tail[:start] + tail[end:] if _HEADINGS.fullmatch(tail[start:end]) else tail


@remembered(_SURROUNDINGS_KEPT, _LONG_SURROUNDINGS)
def _surroundings(rest: bytes, start: int) -> _Surroundings | None:
    """Read a sheet without its rows, whose place is ``start``; None if not plainly written."""
    head = rest[:start]
    if (
        rest.count(b"sheetData") != 2
        or rest.count(MAIN[0]) != 1
        or not _PLAIN_ROOT.search(head)
        or _open_tags(head) != 2
        or any(sign in rest for sign in _HIDING)
    ):
        return None
    if not _plainly_named(rest):
        return None
    found = [pattern.findall(rest) for pattern in _TAGS.values()]
    every = (len(pattern.findall(rest)) for pattern in _EVERY.values())
    if any(len(one) != count for one, count in zip(found, every, strict=True)):
        return None
    merges, links, *sized = found
    columns, defaults = (list(map(_attributes, tags)) for tags in sized)
    if not all(columns) or not all(defaults):
        return None
    if any(one is not None and is_tiny(one, "defaultRowHeight") for one in defaults):
        return None
    return _Surroundings(
        tuple(one.decode() for one in merges),
        tuple(one.decode() for one in links),
        tuple(one for one in columns if one is not None),
        b"dxfId" in rest or b"numFmt" in rest,
    )


def _plainly_named(rest: bytes) -> bool:
    """Tell whether no prefix stands for the namespace of sheets: its tags need none here."""
    found = _NAMESPACE.findall(rest)
    return len(found) == rest.count(b"xmlns") and not any(
        prefix and name in MAIN for prefix, name in found
    )


def _open_tags(head: bytes) -> int:
    """Count the elements that are still open: with more than two the table lies in another one."""
    return head.count(b"<") - 2 * head.count(b"</") - head.count(b"/>") - head.count(b"<?")


def _row(piece: bytes) -> _Row | None:
    """Read the rows up to the end of one with cells; None where they are not plainly written."""
    if not piece:
        return _NOTHING
    tags, *pieces = piece.split(b"<c ")
    match = _ROW_TAGS.fullmatch(tags)
    opened = match is not None and match[1] is not None
    if match is None or (pieces and not opened):
        return None
    numbers, hidden = [0], []
    for tag in _ROW.findall(tags):
        attributes = _attributes(tag)
        if attributes is None or int(attributes["r"]) <= numbers[-1]:
            return None
        numbers.append(int(attributes["r"]))
        if is_not_shown(attributes, "ht"):
            hidden.append(numbers[-1] - 1)
    cells, column, last = [], -1, numbers[-1] - 1
    for one in pieces:
        cell = _cell(one)
        if cell is None or cell.place[0] != last or cell.place[1] <= column:
            return None
        column = cell.place[1]
        cells.append(cell)
    return _Row(
        numbers[1] - 1,
        last,
        opened,
        tuple(hidden),
        tuple(cell.place for cell in cells),
        tuple(cell.style for cell in cells),
        max((cell.place[1] for cell in cells if cell.holds), default=-1),
        max((cell.text for cell in cells), default=-1),
        tuple(cell.formula for cell in cells if cell.formula is not None),
    )


_short_row = lru_cache(maxsize=_ROWS_KEPT)(_row)


def _cell(piece: bytes) -> _Cell | None:
    """Read one cell; None where it is not plainly written."""
    match = _CELL.fullmatch(piece)
    if not match:
        return None
    reference, style, text, _, formula, value = match.groups()
    place = place_of(reference.decode())
    told = None
    if formula:
        written = _FORMULA_TEXT.match(formula)
        said = html.unescape(written[1].decode("utf-8", "replace")) if written else ""
        computed = bool(value) and value.startswith(b"<v>") and value != b"<v></v>"
        told = (place, said, computed, len(formula))
    holds = not piece.endswith(b"/>")
    look = (style or b"").lstrip(b"0") or b"0"
    return _Cell(place, look, -1 if text is None else int(text), told, holds)


@remembered(4_096)
def _attributes(tag: bytes) -> Mapping[str, str] | None:
    """Return the attributes of a plainly written tag; None where one stands there twice."""
    found = _ATTRIBUTE.findall(tag.decode("utf-8", "replace"))
    return dict(found) if len({name for name, _ in found}) == len(found) else None
