"""Read a row of a worksheet of SpreadsheetML that is written in the usual plain manner.

It is read without its values: so it is alike in all files made from one form.
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from consolidator.intake.formats.marks import Place
from consolidator.intake.formats.number_formats import Misleading
from consolidator.intake.formats.references import place_of
from consolidator.intake.formats.sheet_marks import is_not_shown
from consolidator.intake.remembering import remembered

TEXT = rb"(?:[^<>&\r\x00-\x08\x0b\x0c\x0e-\x1f]++|&(?:amp|lt|gt|quot|apos|#10);)*+"
"""A text that all take alike."""
_ATTRIBUTES = rb'(?: (?!xmlns)[\w:]+="[^"<>&]*")*+ ?'
_ROW_TAG = rb'<row r="[1-9][0-9]{0,6}"' + _ATTRIBUTES
_ROW_TAGS = re.compile(rb"(?:" + _ROW_TAG + rb"/>)*+(?:(" + _ROW_TAG + rb")>)?")
"""Rows without cells, and the beginning of one with cells."""
_ROW = re.compile(rb"<row [^<>]*>")
VALUE = b"<v>0</v>"
"""Stands for each value that was cut out: it may be that of a cell of any type."""
_CELL = re.compile(
    rb'r="([A-Z]{1,3}[1-9][0-9]{0,6})"(?: s="([0-9]+)")?(?:( t="s">)' + VALUE + rb"</c>"
    rb'|(?:( t="(?:str|b|d|inlineStr)")| t="n")?'
    rb'(?:/>|>(<f(?: t="(?:shared|normal)"| (?:ref|si|ca|aca|bx)="[^"<>&]*")*+ ?'
    rb"(?:/>|>" + TEXT + rb"</f>))?"
    rb"(" + VALUE + rb'|<v></v>|<v/>|<is><t(?: xml:space="preserve")?>[^<]*</t></is>)?</c>))'
)
"""A cell as programs write it, from behind ``<c `` on.

Its reference, format, shared text, type, formula and value. One with an error value is left to
the parser.
"""
_FORMULA_TEXT = re.compile(rb"<f[^<>]*>([^<]*)")
"""Of one that was matched: its attributes have no signs of tags in them."""
_ATTRIBUTE = re.compile(r' ([\w:]+)="([^"]*)"')


class Slot(NamedTuple):
    """A cell that holds something: a value that was cut out, or none."""

    column: int
    content: bytes
    """The cell up to its value, or the whole cell where it has none.

    Its reference and its formula are left out: so a reader of values is given it.
    """
    valued: bool
    shared: bool
    """Whether its value is the number of a shared text."""
    number: bool
    """Whether its value must be a number."""


class _Cell(NamedTuple):
    place: Place
    style: bytes
    slot: Slot | None
    """None where it holds nothing."""
    formula: str | None
    computed: bool
    """Whether a result is stored with the formula."""
    length: int
    """Of the formula in the file."""


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What is to be known of a row besides what it holds: the same object where it is the same.

    It speaks of the rows without cells that come before, too; all count from 0.
    """

    first: int = -1
    last: int = -1
    """The row the cells are in, where it is open."""
    opened: bool = False
    end: int = -1
    """The last column with a cell; -1 for none."""
    hidden: tuple[int, ...] = ()
    formulas: tuple[tuple[Place, str], ...] = ()
    longest: int = 0
    """Bytes of the longest formula."""
    uncomputed: tuple[Place, ...] = ()
    """Formulas without a stored result."""
    percents: tuple[Place, ...] = ()
    disguised: tuple[tuple[Place, str], ...] = ()


class Row:
    """A row up to its end without its values, with the rows without cells that come before it."""

    def __init__(self, facts: Facts, slots: Sequence[Slot] = ()) -> None:
        """Sort the cells that hold something, once for all tables that have this row."""
        valued = [slot for slot in slots if slot.valued]
        self.facts = facts
        self.width = slots[-1].column + 1 if slots else 0
        """The number of columns up to the last that holds something."""
        self.shared = [slot.shared for slot in valued]
        """Whether each value is the number of a shared text."""
        self.texts = [slot.column for slot in valued if slot.shared]
        """The columns of those that are."""
        self.others = [slot for slot in valued if not slot.shared]
        self.blanks = [slot for slot in slots if not slot.valued]
        """Those without a value, such as formulas whose result was not stored."""


_NOTHING = Row(Facts())
_KNOWN_FACTS = lru_cache(maxsize=1_024)(Facts)
LONG = 2_048
"""Bytes of a row beyond which nothing of it is remembered."""


def read_row(piece: bytes, formats: Misleading) -> Row | None:
    """Read the rows up to the end of one with cells; None where they are not plainly written.

    Args:
        piece: the rows, with `VALUE` in place of each value.
        formats: the cell formats that show another number than is stored.
    """
    if not piece:
        return _NOTHING
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
    cells, column, last = [], -1, numbers[-1] - 1
    for cell in map(_cell, pieces):
        if cell is None or cell.place[0] != last or cell.place[1] <= column:
            return None
        column = cell.place[1]
        cells.append(cell)
    disguised = formats.disguised
    facts = (_KNOWN_FACTS if len(piece) <= LONG else Facts)(
        numbers[1] - 1,
        last,
        opened,
        column,
        tuple(hidden),
        tuple((one.place, one.formula) for one in cells if one.formula is not None),
        max((one.length for one in cells), default=0),
        tuple(one.place for one in cells if one.formula is not None and not one.computed),
        tuple(one.place for one in cells if one.style in formats.percents),
        tuple((one.place, disguised[one.style]) for one in cells if one.style in disguised),
    )
    return Row(facts, tuple(one.slot for one in cells if one.slot))


def _cell(piece: bytes) -> _Cell | None:
    """Read one cell; None where it is not plainly written."""
    match = _CELL.fullmatch(piece)
    if not match:
        return None
    reference, style, text, typed, formula, value = match.groups()
    said = None
    if formula:
        written = _FORMULA_TEXT.match(formula)
        try:
            said = html.unescape(written[1].decode()) if written else ""
        except UnicodeDecodeError:
            return None
    start, end = match.span(5) if formula else (len(piece), len(piece))
    content, valued, _ = (piece[match.end(1) + 1 : start] + piece[end:]).partition(VALUE)
    content += b"<v>" if valued else b""
    place = place_of(reference.decode())
    holds = text is not None or formula is not None or value is not None
    slot = Slot(place[1], content, bool(valued), text is not None, typed is None)
    return _Cell(
        place,
        (style or b"").lstrip(b"0") or b"0",
        slot if holds else None,
        formula=said,
        computed=bool(valued),
        length=len(formula or b""),
    )


@remembered(4_096)
def _attributes(tag: bytes) -> Mapping[str, str] | None:
    """Return the attributes of a plainly written tag; None where it is long, or has one twice."""
    if len(tag) > LONG:
        return None
    found = _ATTRIBUTE.findall(tag.decode("utf-8", "replace"))
    return dict(found) if len({name for name, _ in found}) == len(found) else None
