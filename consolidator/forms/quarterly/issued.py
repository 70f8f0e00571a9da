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


class Fixed:
    """Where the cells with a fixed content stand in one sheet, alike in the forms of all units."""

    def __init__(self, common: Sequence[Locked], own: Sequence[Locked]) -> None:
        """Get ready to take the content of all of them out of a sheet at once.

        Args:
            common: those whose content is alike in the forms of all units, too.
            own: those that hold a unit's own, with signs in its place.
        """
        self.common, self.own = common, own
        self.values = tuple([cell.value for cell in common])
        """What the common ones hold."""
        like_truth = [n for n, value in enumerate(self.values) if value in (True, False)]
        self.doubtful = (*like_truth, *range(len(common), len(common) + len(own)))
        """Places of those whose content a truth value may equal."""
        self._cells = [*common, *own]
        self._height = max((cell.row for cell in self._cells), default=-1) + 1
        self._width = max((cell.column for cell in self._cells), default=-1) + 1
        self._pick = lru_cache(maxsize=_WIDTHS)(self._picker)

    def _picker(self, width: int) -> Callable[[Sequence[object]], tuple[object, ...]]:
        """Return what picks the cells out of rows of this width that are put in a line."""
        # Of a single cell nothing but its content would be picked: two more are.
        return itemgetter(0, 0, *[cell.row * width + cell.column for cell in self._cells])

    def picked(self, rows: Sequence[Sequence[object]]) -> tuple[object, ...] | None:
        """Return what the cells hold, the common ones first; None where rows do not reach them."""
        above = rows[: self._height]
        widths = set(map(len, above))
        if not self._cells or len(above) < self._height or len(widths) > 1:
            return None
        (width,) = widths
        line = chain.from_iterable(above)
        return self._pick(width)(list(line))[2:] if width >= self._width else None


class IssuedSheet(NamedTuple):
    """The locked cells of one sheet: those with a fixed content, and the derived ones."""

    where: Fixed
    own: tuple[Value, ...]
    """What the unit's own cells hold: its targets and names."""
    derived: Sequence[Locked]
    formulas: Mapping[tuple[int, int], str]
    """The formulas of the derived cells, by their places, in the same order."""

    @property
    def fixed(self) -> list[Locked]:
        """All cells with a fixed content."""
        own = zip(self.where.own, self.own, strict=True)
        return [*self.where.common, *(cell._replace(value=value) for cell, value in own)]

    def unlike(self, rows: Sequence[Sequence[object]]) -> Sequence[Locked]:
        """Return the fixed cells worth a closer look where nothing moved: few, mostly none."""
        found = self.where.picked(rows)
        if found is None:
            return self.fixed
        alike = found == self.where.values + self.own
        if alike and not any(type(found[n]) is bool for n in self.where.doubtful):
            return ()
        now = zip(self.fixed, found, strict=True)
        return [one for one, value in now if value != one.value or type(value) is bool]

    def otherwise(self, formulas: Mapping[tuple[int, int], str]) -> Sequence[Locked]:
        """Return the derived cells worth a closer look where nothing moved: few, mostly none."""
        if formulas == self.formulas:
            return ()
        # Where a formula is shared, its text stands in the first of its cells only.
        now = zip(self.derived, map(formulas.get, self.formulas), strict=True)
        return [one for one, formula in now if formula not in ("", one.formula)]


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
            sheet: issued._replace(own=tuple([_own(assignment, *one) for one in own]))
            for sheet, (issued, own) in self._patterns[pattern].items()
        }


def _own(assignment: Assignment, content: str, indicator: str) -> Value:
    """Return what is the unit's own: a target, or its name in a text."""
    unit = assignment.unit
    if indicator:
        return assignment.plan.target(unit.code, indicator)
    return content.replace(_NAME, unit.name).replace(_SHORT, unit.short)


_Pattern = tuple[IssuedSheet, list[tuple[str, str]]]
"""Of one sheet: what is common to units, and what cells of a unit's own hold.

That is a text with signs in it, and the indicator whose target stands there if it is one.
"""


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
        own: list[Locked] = []
        held: list[tuple[str, str]] = []
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
                own.append(locked)
                held.append((str(cell.value), indicator))
            else:
                common.append(locked)
        formulas = {(one.row, one.column): one.formula for one in derived}
        found[sheet.name] = IssuedSheet(Fixed(common, own), (), derived, formulas), held
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
