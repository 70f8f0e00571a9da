"""Take the values of a plainly written table out of its rows, and lay them out again.

Where each value stands is alike in all files made from one form, and is remembered; so is what a
reader said of a value.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain, compress
from operator import itemgetter, not_
from typing import NamedTuple

from consolidator.intake.formats.number_formats import Misleading
from consolidator.intake.formats.plain_row import LONG, VALUE, Row, read_row
from consolidator.intake.formats.reading import Rows
from consolidator.intake.formats.sheet_marks import NUMBER

_VALUE, _BEGINNING = re.compile(rb"<v>([^<]+)<"), VALUE.removesuffix(b"/v>")
"""A value up to the next tag, whichever that is: it is held with the row."""
_NUMBER = re.compile(NUMBER)
_DECIMAL = re.compile(rb"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,20})?")
"""A number as people write it: all take it alike."""
_TYPED, _DAY = re.compile(rb' t="(?!n")'), b"43000"
"""A type that is not a number's, and a number that is a day in 2017 to a cell that holds days."""
_PLACES = {b"%d" % number: number for number in range(4_096)}
"""The usual numbers of shared texts."""
_DIGITS = 9
"""The most digits of such a number."""
_FORMATS_KEPT, _TABLES_KEPT, _ROWS_KEPT = 4, 32, 1_024
_LONG = 98_304
"""Bytes of a table beyond which it is not remembered."""
_LARGE = 8_192
"""Cells laid out beyond which it is not remembered how."""
_SORTS_KEPT, _VALUES_KEPT, LONG_CELL = 1_024, 16_384, 256
"""How many sorts of cells and values are remembered, and the most bytes of either."""


class Cell(NamedTuple):
    """A cell for a reader of values: without its reference and its formula."""

    sort: bytes
    """What stands before its value; the whole cell where it has none."""
    value: bytes
    """Empty where it has none."""

    @property
    def written(self) -> bytes:
        """The cell from behind its reference on."""
        return self.sort + self.value + b"</v></c>" if self.value else self.sort


class CellAnswers:
    """What a reader said of cells under one set of cell formats; of none it says None."""

    def __init__(self) -> None:
        """Begin with nothing that is remembered."""
        self._known: dict[bytes, dict[bytes, object]] = {}
        self._count = 0
        self._numbers: set[bytes] = set()
        """The sorts of cells that the reader takes for numbers, and not for days."""

    def about(self, sort: bytes) -> dict[bytes, object]:
        """Return what was said of cells of one sort by their values, now and later."""
        known = self._known.get(sort)
        if known is None:
            known = {}
            if not self.is_full and len(sort) <= LONG_CELL:
                self._known[sort] = known
        return known

    @property
    def is_full(self) -> bool:
        """Whether nothing more will be said of cells of other sorts."""
        return len(self._known) >= _SORTS_KEPT

    def number(self, cell: Cell) -> float | None:
        """Return what a cell with a plainly written number says; None where a reader is to."""
        plain = cell.sort in self._numbers and _DECIMAL.fullmatch(cell.value)
        return float(cell.value) if plain else None

    def to_ask(self, unknown: Iterable[Cell]) -> list[Cell]:
        """Return the cells to ask about: the unknown ones, and a day of each sort of theirs.

        Beyond the last day the reader takes the number of a cell of days for a number: what it
        says of the unknown ones does not tell what the sort holds.
        """
        asked = dict.fromkeys(unknown)
        sorts = [cell.sort for cell in asked if cell.value and not _TYPED.search(cell.sort)]
        asked |= dict.fromkeys(
            Cell(sort, _DAY) for sort in sorts if _DAY not in self._known.get(sort, (_DAY,))
        )
        return list(asked)

    def learn(self, told: Mapping[Cell, object]) -> None:
        """Remember what was told, but for long cells, and for so many that no form has them."""
        if len(told) > _VALUES_KEPT // 2:
            return
        if self._count + len(told) > _VALUES_KEPT:
            self._count = 0
            for known in self._known.values():
                known.clear()
        self._count += len(told)
        for cell, said in told.items():
            if cell.sort in self._known and len(cell.value) <= LONG_CELL:
                self._known[cell.sort][cell.value] = said
                if cell.value == _DAY and type(said) is float:
                    self._numbers.add(cell.sort)


class Taken(NamedTuple):
    """The values of a sheet's cells, in the order of the cells."""

    table: "Table"
    texts: Sequence[int]
    """The numbers of shared texts."""
    said: Sequence[object]
    """What all other cells say, but for the `unknown`."""
    unknown: Sequence[tuple[int, Cell]]
    """Those that a reader is to be asked about, with their places among the others."""

    def laid_out(self, texts: Sequence[str], told: Mapping[Cell, object]) -> Rows:
        """Lay the sheet out from its shared texts and what a reader said of the other cells."""
        said = list(self.said)
        for place, cell in self.unknown:
            said[place] = told[cell]
        return self.table.laid_out(list(map(texts.__getitem__, self.texts)), said)


class _Layout(NamedTuple):
    """Which cells stand in the rows that hold anything."""

    rows: Sequence[int]
    width: int
    pick: Callable[[Sequence[object]], tuple[object, ...]]
    """Picks a blank, then those cells one by one, from a blank, shared texts and other cells."""


class AnsweredRow:
    """A row with what was said of cells like its own, by their values."""

    def __init__(self, row: Row, answers: CellAnswers) -> None:
        """Look up, once for all tables that have this row, where that is kept."""
        self.row = row
        self.others = [answers.about(slot.content) for slot in row.others]
        self.blanks = [answers.about(slot.content) for slot in row.blanks]


class Table:
    """The rows of a sheet without its values: tells which value is what, and where it stands."""

    def __init__(self, answered: Sequence[AnsweredRow], answers: CellAnswers) -> None:
        """Put the cells of rows together; they are laid out only where the rows rise."""
        self.rows = rows = [one.row for one in answered]
        self.facts = tuple([row.facts for row in rows])
        self._shared = list(chain.from_iterable([row.shared for row in rows]))
        self._other = list(map(not_, self._shared))
        # Cells without a value come last, in both ways.
        blanks = list(chain.from_iterable([row.blanks for row in rows]))
        self._others = [*chain.from_iterable([row.others for row in rows]), *blanks]
        self._blanks = [b""] * len(blanks)
        self._answers = answers
        self._about = list(chain.from_iterable([one.others for one in answered]))
        self._about += chain.from_iterable([one.blanks for one in answered])
        self._layout: _Layout | None = None

    def take(self, values: Sequence[bytes]) -> Taken | None:
        """Sort the values of the rows; None where one is not what its cell must hold."""
        if len(values) != len(self._shared):
            return None
        texts = _numbers(list(compress(values, self._shared)))
        others = [*compress(values, self._other), *self._blanks]
        said = list(map(dict.get, self._about, others))
        unknown, told = [], {}
        for place in [n for n, one in enumerate(said) if one is None] if None in said else ():
            cell = Cell(self._others[place].content, others[place])
            number = self._answers.number(cell)
            if number is None:
                unknown.append((place, cell))
            else:
                said[place] = told[cell] = number
        self._answers.learn(told)
        # What is remembered was held before.
        if texts is None or not all(self._may_hold(place, cell) for place, cell in unknown):
            return None
        return Taken(self, texts, said, unknown)

    def _may_hold(self, place: int, cell: Cell) -> bool:
        slot = self._others[place]
        return not (slot.number and slot.valued) or bool(_NUMBER.fullmatch(cell.value))

    def laid_out(self, texts: Sequence[object], others: Sequence[object]) -> Rows:
        """Lay out what shared texts and other cells say, in the order they were taken in.

        Return the rows from the first one on, each as long as the longest.
        """
        layout = self._layout or self._lay_out()
        if len(layout.rows) * layout.width <= _LARGE:
            self._layout = layout
        if not layout.rows:
            return []
        said = layout.pick(["", *texts, *others])
        laid: list[Sequence[object]] = [("",) * layout.width] * (layout.rows[-1] + 1)
        for row, start in zip(layout.rows, range(1, len(said), layout.width), strict=True):
            laid[row] = said[start : start + layout.width]
        return laid

    def _lay_out(self) -> _Layout:
        text, other, blank = 1, 1 + sum(self._shared), 1 + len(self._shared)
        held = [row for row in self.rows if row.width]
        width = max((row.width for row in held), default=0)
        picked = [0]
        for row in held:
            line = [0] * width
            for column in row.texts:
                line[column], text = text, text + 1
            for slot in row.others:
                line[slot.column], other = other, other + 1
            for slot in row.blanks:
                line[slot.column], blank = blank, blank + 1
            picked += line
        return _Layout([row.facts.last for row in held], width, itemgetter(*picked))


def _numbers(texts: Sequence[bytes]) -> list[int] | None:
    """Return the numbers of shared texts; None where one is not plainly written."""
    try:
        return list(map(_PLACES.__getitem__, texts))
    except KeyError:
        plain = all(text.isdigit() and len(text) <= _DIGITS for text in texts)
        return list(map(int, texts)) if plain else None


class TableReader:
    """Reads tables under one set of cell formats, and remembers those that are short."""

    def __init__(self, formats: Misleading) -> None:
        """Begin with nothing that is remembered."""
        self._formats = formats
        self._begin()

    def _begin(self) -> None:
        self.answers = CellAnswers()
        self._known_row = lru_cache(maxsize=_ROWS_KEPT)(self._row)
        self._known_table = lru_cache(maxsize=_TABLES_KEPT)(self._table)

    def take(self, table: bytes) -> Taken | None:
        """Take the values of a sheet's table; None where it is not plainly written."""
        if self.answers.is_full:
            self._begin()
        cut = _VALUE.split(table)
        pattern = _BEGINNING.join(cut[::2])
        found = self._known_table(pattern) if len(pattern) <= _LONG else self._table(pattern)
        return found.take(cut[1::2]) if found else None

    def _table(self, pattern: bytes) -> Table | None:
        """Read a table that has `VALUE` in place of each value."""
        pieces = pattern.split(b"</row>")
        short = len(pattern) <= _LONG and max(map(len, pieces)) <= LONG
        rows = [row for row in map(self._known_row if short else self._row, pieces) if row]
        return Table(rows, self.answers) if len(rows) == len(pieces) else None

    def _row(self, piece: bytes) -> AnsweredRow | None:
        row = read_row(piece, self._formats)
        return AnsweredRow(row, self.answers) if row else None


reader_of = lru_cache(maxsize=_FORMATS_KEPT)(TableReader)
"""The reader of tables with these formats, remembered for few sets of them at a time."""
