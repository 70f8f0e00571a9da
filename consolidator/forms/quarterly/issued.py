"""What a form holds as issued, cell by cell: what a reader compares the locked cells with.

Describing a whole form takes longer than reading a return, and the forms of most units differ
in name and targets only. So one form of each pattern is described, with signs in place of what is
the unit's own, and kept.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from consolidator.forms.layout import Cell, Role, Value
from consolidator.forms.quarterly.addresses import CHECK, GUIDE, LIST, MAIN, MAIN_COLUMNS, Places
from consolidator.forms.quarterly.assignment import Asking, Assignment
from consolidator.forms.quarterly.book import quarterly_book
from consolidator.plan.model import Plan

_SIGN = "\x01"
_NAME, _SHORT = f"{_SIGN}name{_SIGN}", f"{_SIGN}short{_SIGN}"
"""Stand for the unit's names until the form of one unit is asked for."""
_OPEN = {Role.ENTRY, Role.HIDDEN}
VISIBLE = (GUIDE, MAIN, LIST, CHECK)
_WIDTHS = 4
"""How many widths of a sheet it is remembered for where its cells stand in a line."""


class Locked(NamedTuple):
    """A locked cell as issued, counted from 0."""

    row: int
    column: int
    value: Value
    """Empty where the cell is blank; of a formula, what it came to in an empty form."""
    formula: str


class Common:
    """The cells of one sheet that are fixed, and alike in the forms of all units."""

    def __init__(self, cells: Sequence[Locked]) -> None:
        """Get ready to compare them all at once."""
        self.cells = cells
        # Of a single cell nothing but its content would be picked: the first one is picked twice.
        self._picked = [*cells[:1], *cells]
        self._values = tuple([cell.value for cell in self._picked])
        self._like_truth = [n for n, value in enumerate(self._values) if value in (True, False)]
        """Those that a truth value equals."""
        self._height = max((cell.row for cell in cells), default=-1) + 1
        self._width = max((cell.column for cell in cells), default=-1) + 1
        self._pick = lru_cache(maxsize=_WIDTHS)(self._picker)

    def _picker(self, width: int) -> Callable[[Sequence[object]], tuple[object, ...]]:
        """Return what picks the cells out of rows of this width that are put in a line."""
        return itemgetter(*[cell.row * width + cell.column for cell in self._picked])

    def unlike(self, rows: Sequence[Sequence[object]]) -> Sequence[Locked]:
        """Return the cells worth a closer look where nothing moved: of an unaltered form, none."""
        above = rows[: self._height]
        widths = set(map(len, above))
        if not self.cells:
            return ()
        if len(above) < self._height or len(widths) > 1 or min(widths) < self._width:
            return self.cells
        found = self._pick(*widths)(list(chain.from_iterable(above)))
        if found == self._values and not any(type(found[n]) is bool for n in self._like_truth):
            return ()
        return [
            cell
            for cell, now in zip(self._picked[1:], found[1:], strict=True)
            if now != cell.value or type(now) is bool
        ]


class IssuedSheet(NamedTuple):
    """The locked cells of one sheet: those with a fixed content, and the derived ones."""

    common: Common
    own: Sequence[Locked]
    """Fixed, and the unit's own: its targets and names."""
    derived: Sequence[Locked]
    formulas: Mapping[tuple[int, int], str]
    """The formulas of the derived cells, by their places, in the same order."""

    @property
    def fixed(self) -> list[Locked]:
        """All cells with a fixed content."""
        return [*self.common.cells, *self.own]


IssuedForm = Mapping[str, IssuedSheet]
"""By the name of the sheet."""


class IssuedForms:
    """The forms of one plan and period, described as they are asked for."""

    def __init__(self) -> None:
        """Begin with none."""
        self._patterns: dict[tuple[object, ...], dict[str, _Pattern]] = {}
        self._plan: Plan | None = None

    def of(self, assignment: Assignment) -> IssuedForm:
        """Return the locked cells of a unit's form; previous figures are left out."""
        if assignment.plan is not self._plan:
            self._plan = assignment.plan
            self._patterns.clear()
        pattern = (
            assignment.form,
            assignment.period,
            assignment.notice,
            assignment.asked,
        )
        if pattern not in self._patterns:
            self._patterns[pattern] = _described(assignment)
        return {
            sheet: issued._replace(own=[_own(assignment, *one) for one in own])
            for sheet, (issued, own) in self._patterns[pattern].items()
        }


def _own(assignment: Assignment, cell: Locked, indicator: str) -> Locked:
    """Fill in what is the unit's own: a target, or its name in a text."""
    unit = assignment.unit
    value: Value
    if indicator:
        value = assignment.plan.target(unit.code, indicator)
    else:
        value = str(cell.value).replace(_NAME, unit.name).replace(_SHORT, unit.short)
    return Locked(cell.row, cell.column, value, cell.formula)


_Pattern = tuple[IssuedSheet, list[tuple[Locked, str]]]
"""Of one sheet: what is common to units, and what is a unit's own, with the target it holds."""


def _described(assignment: Assignment) -> dict[str, _Pattern]:
    unit = replace(assignment.unit, name=_NAME, short=_SHORT)
    form = replace(assignment, unit=unit, answers={}, previous={}, signing_key=b"")
    places = Places(form)
    targets = dict(_targets(assignment, places))
    found = {}
    for sheet in quarterly_book(form).sheets:
        if sheet.name not in VISIBLE:
            continue
        common, derived = [], []
        own: list[tuple[Locked, str]] = []
        merged = [cell for _, cell in sheet.merges]
        for cell in (*sheet.cells, *merged):
            if cell.style.role in _OPEN or _is_previous(sheet.name, cell):
                continue
            # A reader gives a blank cell as an empty text.
            locked = Locked(cell.row, cell.column, cell.value or _blank(cell), cell.formula)
            indicator = targets.get((cell.row, cell.column), "") if sheet.name == MAIN else ""
            if cell.formula:
                derived.append(locked)
            elif indicator or (isinstance(cell.value, str) and _SIGN in cell.value):
                own.append((locked, indicator))
            else:
                common.append(locked)
        formulas = {(one.row, one.column): one.formula for one in derived}
        found[sheet.name] = IssuedSheet(Common(common), (), derived, formulas), own
    return found


def _blank(cell: Cell) -> Value:
    return "" if cell.value is None else cell.value


def _targets(assignment: Assignment, places: Places) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the cells that hold a target, with the indicator's code."""
    for line in assignment.lines:
        if not line.amount and line.asking is not Asking.NOT_APPLICABLE:
            place = places.rows[line.key], MAIN_COLUMNS.index("target")
            yield place, line.indicator.code


def _is_previous(sheet: str, cell: Cell) -> bool:
    return sheet == MAIN and cell.column == MAIN_COLUMNS.index("previous") and cell.value == "—"
