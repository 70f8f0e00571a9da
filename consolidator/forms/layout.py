"""The vocabulary in which a workbook is described: cells with roles, columns with keys.

Rows and columns count from 0, as XlsxWriter does; ``address`` turns them into ``H7``. Nothing
here writes: ``excel.writer`` renders a ``Book``, and the reader takes addresses from the same
columns.
"""

import math
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

Value = str | float | date | None


class Role(StrEnum):
    """What a cell is for; the theme says what that looks like."""

    TITLE = "title"
    SUBTITLE = "subtitle"
    HEADING = "heading"
    LABEL = "label"
    GIVEN = "given"
    ENTRY = "entry"
    DERIVED = "derived"
    TOTAL = "total"
    BANNER = "banner"
    NOTE = "note"
    LINK = "link"
    SIGNATURE = "signature"
    PLAIN = "plain"
    HIDDEN = "hidden"


class Shape(StrEnum):
    """How a value is shown: its number format and alignment."""

    TEXT = "text"
    CENTRED = "centred"
    COUNT = "count"
    AMOUNT = "amount"
    RATIO = "ratio"
    EXACT_RATIO = "exact ratio"
    """With as many decimals as the number has: a target is never shown rounded."""
    FINE_RATIO = "fine ratio"
    TENTHS = "tenths"
    POINTS = "points"
    SCORE = "score"
    DATE = "date"


class Style(NamedTuple):
    """A role and a shape."""

    role: Role
    shape: Shape = Shape.TEXT


class Cell(NamedTuple):
    """One cell: its value, or a formula with Python's own result as the value."""

    row: int
    column: int
    value: Value
    style: Style
    formula: str = ""
    link: str = ""
    """`jump`, `file_link` or empty; a cell with a formula may have one too."""


class Area(NamedTuple):
    """A rectangle of cells, both corners included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    def __str__(self) -> str:
        first = address(self.first_row, self.first_column)
        return f"{first}:{address(self.last_row, self.last_column)}"


class Tone(StrEnum):
    """What a highlighted cell says; a symbol or word in the sheet always says it too."""

    BLANK = "blank"
    WRONG = "wrong"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    MUTED = "muted"
    ADJUSTED = "adjusted"
    RATE_GOOD = "rate good"
    RATE_WARN = "rate warn"
    RATE_BAD = "rate bad"
    MARKED_COUNT = "marked count"
    MARKED_RATIO = "marked ratio"
    FILED_COUNT = "filed count"
    FILED_GOOD = "filed good"
    FILED_WARN = "filed warn"
    FILED_BAD = "filed bad"


@dataclass(frozen=True, slots=True)
class Highlight:
    """A conditional format: where ``formula`` (for the first cell) holds, the tone applies."""

    area: Area
    formula: str
    tone: Tone
    stop: bool = False


@dataclass(frozen=True, slots=True)
class Validation:
    """What an entry cell takes, and what the person at it is told (Chinese)."""

    kind: str
    """``integer``, ``decimal``, ``date``, ``list``, ``length`` or ``custom``."""
    title: str
    prompt: str
    error: str
    minimum: float | date | None = None
    maximum: float | date | None = None
    choices: tuple[str, ...] = ()
    formula: str = ""


class Note(NamedTuple):
    """A comment on a cell."""

    row: int
    column: int
    text: str


class Column(NamedTuple):
    """A column of a table: its key for programs, its heading for people."""

    key: str
    title: str
    width: float
    hidden: bool = False


class Columns:
    """The columns of one sheet; the only place where a key becomes a position or a letter."""

    def __init__(self, *columns: Column) -> None:
        """Give the columns their positions, from 0 in this order."""
        self.all = columns
        self.places: Mapping[str, int] = {one.key: index for index, one in enumerate(columns)}
        """Their positions, by key."""

    def index(self, key: str) -> int:
        """Return the position of a column, counted from 0."""
        return self.places[key]

    def letter(self, key: str) -> str:
        """Return the letter of a column."""
        return column_letter(self.places[key])

    def at(self, key: str, row: int, *, sheet: str = "", fixed: bool = False) -> str:
        """Return the address of the cell in ``row`` (from 0) of the column ``key``."""
        return address(row, self.places[key], sheet=sheet, fixed=fixed)

    def down(self, key: str, first: int, last: int, *, sheet: str = "") -> str:
        """Return the fixed range of the column ``key`` from row ``first`` to ``last``."""
        start, end = (address(row, self.places[key], fixed=True) for row in (first, last))
        return f"{_prefix(sheet)}{start}:{end}"


class Series(NamedTuple):
    """One row of bars: its name, the range of its values, and whether it stands behind others."""

    name: str
    values: str
    pale: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of bars that lie, one behind or beside the other, on an axis of percentages."""

    row: int
    column: int
    """Where its upper left corner lies."""
    title: str
    description: str
    """What it shows, for those who do not see it."""
    categories: str
    """The range of the bars' names."""
    series: tuple[Series, ...]
    side_by_side: bool = False
    """Whether the series stand beside each other, the later ones darker, not one behind another."""
    width: int = 560
    height: int = 400
    """In pixels."""


@dataclass(frozen=True, slots=True)
class Printing:
    """How a sheet goes to paper."""

    paper: str = "A4"
    landscape: bool = False
    tall: int = 0
    """Pages high; 0 for as many as it takes."""
    scale: int = 0
    """Per cent of the true size, where pages end at breaks; 0 to fit one page across."""
    row_breaks: tuple[int, ...] = ()
    """Rows that begin a page; only with a scale."""
    area: Area | None = None
    repeat_rows: tuple[int, int] | None = None
    repeat_columns: tuple[int, int] | None = None
    footer: str = ""
    centred: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet as data. ``cells`` may be a stream: it is read once, in any order."""

    name: str
    cells: Iterable[Cell]
    columns: Columns
    merges: tuple[tuple[Area, Cell], ...] = ()
    heights: Mapping[int, float] = field(default_factory=dict)
    row_height: float = 0
    """Points of rows that need no other; 0 leaves it to the program."""
    hidden_rows: tuple[int, ...] = ()
    validations: tuple[tuple[Area, Validation], ...] = ()
    highlights: tuple[Highlight, ...] = ()
    freeze: tuple[int, int] | None = None
    cursor: tuple[int, int] = (0, 0)
    filter: Area | None = None
    alike: Area | None = None
    """Cells of one column whose formulas are one, each for its own row: it is written once."""
    notes: tuple[Note, ...] = ()
    charts: tuple[Chart, ...] = ()
    printing: Printing = field(default_factory=Printing)
    protected: bool = True
    growing: bool = False
    """Rows and columns may be inserted, protected or not."""
    very_hidden: bool = False
    zoom: int = 100
    tab: Tone | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook as data."""

    sheets: tuple[Sheet, ...]
    title: str
    author: str
    created: datetime
    names: Mapping[str, str] = field(default_factory=dict)
    """Defined names and what they stand for, without the leading ``=``."""
    custom: Mapping[str, str] = field(default_factory=dict)
    """Custom document properties; each text at most 255 characters."""
    password: str = ""
    active: str = ""
    """The sheet shown on opening; the first one if empty."""


def column_letter(index: int) -> str:
    """Return the letter of the column counted from 0: 0 is A, 27 is AB."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int, *, sheet: str = "", fixed: bool = False) -> str:
    """Return the address of a cell counted from 0: ``H7``, ``$H$7``, ``'数据'!H7``."""
    mark = "$" if fixed else ""
    return f"{_prefix(sheet)}{mark}{column_letter(column)}{mark}{row + 1}"


def jump(row: int, column: int, sheet: str) -> str:
    """Return the link target that leads to a cell of the same workbook."""
    return f"internal:{address(row, column, sheet=sheet)}"


def file_link(path: str, sheet: str, cell: str) -> str:
    """Return the link target that leads to a cell of another workbook.

    Args:
        path: relative to the workbook's own folder, with ``/``.
        sheet: the name of the sheet there.
        cell: an address; of several the first is meant.
    """
    first = cell.partition("、")[0]
    # Chinese stays as it is: programs on Windows look for a file of just that name.
    told = "".join(char if ord(char) > 127 else quote(char) for char in path)
    return f"external:{told}#{_prefix(sheet)}{first}"


def display_width(text: str) -> int:
    """Return how many columns of a digit's width ``text`` takes: a Chinese character two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


_TALLEST = 409.0
"""Points of the tallest row that Excel takes."""


@lru_cache(maxsize=10_000)
def lines_needed(text: str, width: float) -> int:
    """Return over how many lines ``text`` wraps in a column ``width`` digits wide.

    A little is kept back for the cell's padding and for words that do not break anywhere.
    """
    room = max(width - 1.5, 2)
    return sum(max(1, math.ceil(display_width(line) / room)) for line in text.split("\n"))


def height_for(texts: Iterable[tuple[str, float]], *, line: float = 15, least: float = 20) -> float:
    """Return the row height in points that shows every (text, column width) uncut."""
    most = max((lines_needed(text, width) for text, width in texts), default=1)
    return min(max(least, most * line + 6), _TALLEST)


_A4_ACROSS, _A4_DOWN = 515.0, 735.0
"""Points that an upright A4 page leaves between our margins, and a little kept back."""
_DIGIT, _PADDING = 6.8, 3.75
"""Points of a digit in the widest font that stands in for 宋体, and of a column's edges."""


def scale_for_a4(columns: Columns, tallest: float) -> int:
    """Return the scale in per cent at which columns and ``tallest`` points fit upright on A4."""
    shown = [column for column in columns.all if not column.hidden]
    across = sum(column.width * _DIGIT + _PADDING for column in shown)
    return int(100 * min(_A4_ACROSS / across, _A4_DOWN / tallest, 1.0))


def in_text(value: str) -> str:
    """Return ``value`` as a text constant of a formula, quotes doubled."""
    return '"' + value.replace('"', '""') + '"'


def _prefix(sheet: str) -> str:
    return "'" + sheet.replace("'", "''") + "'!" if sheet else ""
