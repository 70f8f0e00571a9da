"""Read a row of a worksheet of SpreadsheetML that is written in the usual plain manner.

Most rows are alike in all files made from one form, so what one says is remembered.
"""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import NamedTuple

from consolidator.intake.formats.marks import Place
from consolidator.intake.formats.number_formats import Misleading
from consolidator.intake.formats.references import place_of
from consolidator.intake.formats.sheet_marks import NUMBER, is_not_shown
from consolidator.intake.remembering import remembered

TEXT = rb"(?:[^<>&\r\x00-\x08\x0b\x0c\x0e-\x1f]|&(?:amp|lt|gt|quot|apos|#10);)*+"
"""A text that all take alike."""
_ATTRIBUTES = rb'(?: (?!xmlns)[\w:]+="[^"<>&]*")*+ ?'
_ROW_TAG = rb'<row r="[1-9][0-9]{0,6}"' + _ATTRIBUTES
_ROW_TAGS = re.compile(rb"(?:" + _ROW_TAG + rb"/>)*+(?:(" + _ROW_TAG + rb")>)?")
"""Rows without cells, and the beginning of one with cells."""
_ROW = re.compile(rb"<row [^<>]*>")
_CELL = re.compile(
    rb'r="([A-Z]{1,3}[1-9][0-9]{0,6})"(?: s="([0-9]+)")?(?: t="s"><v>([0-9]{1,9})</v></c>'
    rb'|(?:( t="(?:str|b|d|inlineStr)")| t="n")?'
    rb'(?:/>|>(<f(?: t="(?:shared|normal)"| (?:ref|si|ca|aca|bx)="[^"<>&]*")*+ ?'
    rb"(?:/>|>" + TEXT + rb"</f>))?"
    rb"((?(4)<v>[^<]*</v>|<v>(?:" + NUMBER + rb")?</v>)|<v/>"
    rb'|<is><t(?: xml:space="preserve")?>[^<]*</t></is>)?</c>))'
)
"""A cell as programs write it, from behind ``<c `` on.

Its reference, format, shared text, type, formula and value. One without a type must hold a
number. One with an error value is left to the parser.
"""
_FORMULA_TEXT = re.compile(rb"<f[^<>]*>([^<]*)")
"""Of one that was matched: its attributes have no signs of tags in them."""
_ATTRIBUTE = re.compile(r' ([\w:]+)="([^"]*)"')
_FORMATS_KEPT, _ROWS_KEPT, _CELLS_KEPT = 4, 1_024, 4_096
LONG = 4_096
"""Bytes of a row beyond which it is not remembered."""


class _Cell(NamedTuple):
    place: Place
    style: bytes
    text: int
    """The shared text it refers to; -1 for none."""
    formula: str | None
    computed: bool
    """Whether a result is stored with the formula."""
    length: int
    """Of the formula in the file."""
    value: bytes
    """The cell again for a reader of values, without its formula; empty where it holds none."""


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What is to be known of a row besides values: the same object where it is the same.

    It speaks of the rows without cells that come before, too; all count from 0.
    """

    first: int = -1
    last: int = -1
    """The row the cells are in, where it is open."""
    opened: bool = False
    end: int = -1
    """The last column with a cell; -1 for none."""
    held: int = -1
    """The last column that holds anything; -1 for none."""
    hidden: tuple[int, ...] = ()
    formulas: tuple[tuple[Place, str], ...] = ()
    longest: int = 0
    """Bytes of the longest formula."""
    uncomputed: tuple[Place, ...] = ()
    """Formulas without a stored result."""
    percents: tuple[Place, ...] = ()
    disguised: tuple[tuple[Place, str], ...] = ()


@dataclass(slots=True, eq=False)
class Row:
    """A row up to its end, with the rows without cells that come before it."""

    facts: Facts
    shared: tuple[tuple[int, int], ...]
    """Columns that hold a shared text, with its number."""
    text: int
    """The last shared text that is referred to; -1 for none."""
    values: bytes
    """The cells that hold any other value, for a reader."""
    line: list[object] | None
    """What a reader said of the row, blank where a shared text goes; None until it was asked."""


NOTHING = Row(Facts(), (), -1, b"", [])
_KNOWN_FACTS = lru_cache(maxsize=_ROWS_KEPT)(Facts)


def read_row(piece: bytes, formats: Misleading) -> Row | None:
    """Read the rows up to the end of one with cells; None where they are not plainly written."""
    if not piece:
        return NOTHING
    tags, *pieces = piece.split(b"<c ")
    match = _ROW_TAGS.fullmatch(tags)
    opened = match is not None and match[1] is not None
    if match is None or (pieces and not opened):
        return None
    numbers, hidden = [0], []
    for tag in _ROW.findall(tags):
        told = _attributes(tag)
        if told is None or int(told["r"]) <= numbers[-1]:
            return None
        numbers.append(int(told["r"]))
        if is_not_shown(told, "ht"):
            hidden.append(numbers[-1] - 1)
    short = len(piece) <= LONG
    cells, column, last = [], -1, numbers[-1] - 1
    for cell in map(_cell, pieces):
        if cell is None or cell.place[0] != last or cell.place[1] <= column:
            return None
        column = cell.place[1]
        cells.append(cell)
    held = max((cell.place[1] for cell in cells if cell.value or cell.text >= 0), default=-1)
    values = b"".join(cell.value for cell in cells)
    facts = (_KNOWN_FACTS if short else Facts)(
        numbers[1] - 1,
        last,
        opened,
        column,
        held,
        tuple(hidden),
        tuple((one.place, one.formula) for one in cells if one.formula is not None),
        max((cell.length for cell in cells), default=0),
        tuple(one.place for one in cells if one.formula is not None and not one.computed),
        tuple(one.place for one in cells if one.style in formats.percents),
        tuple(
            (one.place, formats.disguised[one.style])
            for one in cells
            if one.style in formats.disguised
        ),
    )
    return Row(
        facts,
        shared=tuple((cell.place[1], cell.text) for cell in cells if cell.text >= 0),
        text=max((cell.text for cell in cells), default=-1),
        values=values and b'<row r="%d">%b</row>' % (numbers[-1], values),
        line=None if values else [""] * (held + 1),
    )


@lru_cache(maxsize=_FORMATS_KEPT)
def rows_of(formats: Misleading) -> Callable[[bytes], Row | None]:
    """Return what reads short rows with these formats as `read_row` does, and remembers them."""
    return lru_cache(maxsize=_ROWS_KEPT)(partial(read_row, formats=formats))


@remembered(_CELLS_KEPT)
def _cell(piece: bytes) -> _Cell | None:
    """Read one cell; None where it is not plainly written."""
    match = _CELL.fullmatch(piece)
    if not match:
        return None
    reference, style, text, _, formula, value = match.groups()
    place = place_of(reference.decode())
    look = (style or b"").lstrip(b"0") or b"0"
    if text is not None:
        return _Cell(place, look, int(text), None, False, 0, b"")
    said = None
    if formula:
        written = _FORMULA_TEXT.match(formula)
        try:
            said = html.unescape(written[1].decode()) if written else ""
        except UnicodeDecodeError:
            return None
    computed = bool(value) and value.startswith(b"<v>") and value != b"<v></v>"
    start, end = match.span(5)
    again = b"<c " + piece[:start] + piece[end:] if formula else b"<c " + piece
    holds = formula is not None or value is not None
    return _Cell(place, look, -1, said, computed, len(formula or b""), again if holds else b"")


@remembered(4_096)
def _attributes(tag: bytes) -> Mapping[str, str] | None:
    """Return the attributes of a plainly written tag; None where one stands there twice."""
    found = _ATTRIBUTE.findall(tag.decode("utf-8", "replace"))
    return dict(found) if len({name for name, _ in found}) == len(found) else None
