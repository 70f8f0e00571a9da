"""What a form holds as issued, cell by cell: what a reader compares the locked cells with.

Describing a whole form takes longer than reading a return, and the forms of most units differ
in name and targets only. So one form of each pattern is described, with signs in place of what is
the unit's own, and kept.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter, itemgetter
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
_ROW = attrgetter("row")
VISIBLE = (GUIDE, MAIN, LIST, CHECK)


class Locked(NamedTuple):
    """A locked cell as issued, counted from 0."""

    row: int
    column: int
    value: Value
    """Empty where the cell is blank; of a formula, what it came to in an empty form."""
    formula: str


class Strip(NamedTuple):
    """The locked cells of one row that are alike in the forms of all units."""

    row: int
    pick: Callable[[Sequence[object]], tuple[object, ...]]
    """Picks out of a row what stands in these cells."""
    values: tuple[object, ...]
    """What it picks out of the row as issued."""
    like_truth: bool
    """Whether a truth value equals one of them."""
    cells: Sequence[Locked]


class IssuedSheet(NamedTuple):
    """The locked cells of one sheet: those with a fixed content, and the derived ones."""

    common: Sequence[Strip]
    """Fixed, and alike in the forms of all units."""
    own: Sequence[Locked]
    """Fixed, and the unit's own: its targets and names."""
    derived: Sequence[Locked]
    formulas: Mapping[tuple[int, int], str]
    """The formulas of the derived cells, by their places."""

    @property
    def fixed(self) -> list[Locked]:
        """All cells with a fixed content."""
        return [*(cell for strip in self.common for cell in strip.cells), *self.own]


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
        found[sheet.name] = IssuedSheet(_strips(common), (), derived, formulas), own
    return found


def _strips(cells: Iterable[Locked]) -> list[Strip]:
    strips = []
    for row, among in groupby(sorted(cells, key=_ROW), key=_ROW):
        held = list(among)
        # Of a single column it would pick no tuple: the first one is picked twice.
        picked = [held[0], *held]
        values = tuple(one.value for one in picked)
        pick = itemgetter(*(one.column for one in picked))
        strips.append(Strip(row, pick, values, True in values or False in values, held))
    return strips


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
