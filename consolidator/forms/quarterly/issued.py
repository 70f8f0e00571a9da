"""What a form holds as issued, cell by cell: what a reader compares the locked cells with.

Describing a whole form takes longer than reading a return, and the forms of most units differ
in name and targets only. So one form of each pattern is described, with signs in place of what is
the unit's own, and kept.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, compress
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
_WIDTHS = 128
"""How many sheets of one width it is remembered for where the fixed cells stand in a line."""


Place = tuple[int, int]
"""Row and column, counted from 0."""


class Locked(NamedTuple):
    """A locked cell as issued, counted from 0."""

    row: int
    column: int
    value: Value
    """Empty where the cell is blank; of a formula, what it came to in an empty form."""
    formula: str


class Fixed:
    """The cells with a fixed content of one sheet, alike in place in the forms of all units."""

    def __init__(self, cells: Sequence[Locked], own: Container[int]) -> None:
        """Get ready to take what stands in all of them out of a sheet at once.

        Args:
            cells: the cells, from left to right and from top to bottom.
            own: which of them hold a unit's own.
        """
        self.cells = cells
        may_equal = enumerate(cell.value in (True, False) for cell in cells)
        self.doubtful = [n for n, truth in may_equal if truth or n in own]
        """Which of them hold what a truth value may equal."""
        self.height = max((cell.row for cell in cells), default=-1) + 1
        self.width = max((cell.column for cell in cells), default=-1) + 1
        """Rows and columns up to the last of them."""

    def held(self, rows: Sequence[Sequence[object]]) -> list[object] | None:
        """Return what stands in the cells; None where the rows do not reach them all."""
        above = rows[: self.height]
        widths = set(map(len, above))
        if len(above) < self.height or len(widths) != 1:
            return None
        (width,) = widths
        line = chain.from_iterable(above)
        return list(compress(line, _chosen(self, width))) if width >= self.width else None


@lru_cache(maxsize=_WIDTHS)
def _chosen(fixed: Fixed, width: int) -> Sequence[bool]:
    """Tell of each cell of rows of this width, put in a line, whether it is a fixed one."""
    chosen = [False] * (fixed.height * width)
    for cell in fixed.cells:
        chosen[cell.row * width + cell.column] = True
    return chosen


class IssuedSheet(NamedTuple):
    """The locked cells of one sheet: those with a fixed content, and the derived ones."""

    where: Fixed
    values: list[Value]
    """What the fixed cells hold, the unit's own targets and names among them."""
    derived: Sequence[Locked]
    formulas: Mapping[Place, str]
    """The formulas of the derived cells, by their places, in the same order."""

    @property
    def fixed(self) -> list[Locked]:
        """All cells with a fixed content."""
        cells = zip(self.where.cells, self.values, strict=True)
        return [cell._replace(value=value) for cell, value in cells]

    def unlike(self, rows: Sequence[Sequence[object]]) -> Sequence[Locked]:
        """Return the fixed cells worth a closer look where nothing moved: few, mostly none."""
        held = self.where.held(rows)
        if held is None:
            return self.fixed
        if held == self.values and not any(type(held[n]) is bool for n in self.where.doubtful):
            return ()
        now = zip(self.fixed, held, strict=True)
        return [one for one, value in now if value != one.value or type(value) is bool]

    def otherwise(self, formulas: Mapping[Place, str]) -> Sequence[Locked]:
        """Return the derived cells worth a closer look where nothing moved: few, mostly none."""
        if formulas == self.formulas:
            return ()
        # Where a formula is shared, its text stands in the first of its cells only.
        now = zip(self.derived, map(formulas.get, self.formulas), strict=True)
        return [one for one, formula in now if formula != "" and formula != one.formula]


IssuedForm = Mapping[str, IssuedSheet]
"""By the name of the sheet."""


_Own = tuple[str, str]
"""What a cell of a unit's own holds: a text with signs in it, or the target of an indicator."""
_Pattern = tuple[IssuedSheet, dict[int, _Own]]
"""A sheet, and which of its fixed cells hold a unit's own."""


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
            sheet: _filled(assignment, issued, own)
            for sheet, (issued, own) in self._patterns[pattern].items()
        }


def _filled(assignment: Assignment, issued: IssuedSheet, own: Mapping[int, _Own]) -> IssuedSheet:
    """Fill in what is the unit's own."""
    plan, unit, values = assignment.plan, assignment.unit, issued.values.copy()
    for place, (content, indicator) in own.items():
        if indicator:
            values[place] = plan.target(unit.code, indicator)
        else:
            values[place] = content.replace(_NAME, unit.name).replace(_SHORT, unit.short)
    return issued._replace(values=values)


def _described(assignment: Assignment) -> dict[str, _Pattern]:
    unit = replace(assignment.unit, name=_NAME, short=_SHORT)
    form = replace(assignment, unit=unit, answers={}, previous={}, signing_key=b"")
    targets = dict(_targets(assignment, Places(form)))
    found = {}
    for sheet in quarterly_book(form).sheets:
        if sheet.name not in VISIBLE:
            continue
        fixed: dict[Place, Locked] = {}
        derived: dict[Place, Locked] = {}
        own: dict[Place, _Own] = {}
        merged = [cell for _, cell in sheet.merges]
        for cell in (*sheet.cells, *merged):
            if cell.style.role in _OPEN or _is_previous(sheet.name, cell):
                continue
            place = cell.row, cell.column
            # A reader gives a blank cell as an empty text.
            locked = Locked(*place, cell.value or _blank(cell), cell.formula)
            indicator = targets.get(place, "") if sheet.name == MAIN else ""
            if cell.formula:
                derived[place] = locked
                continue
            fixed[place] = locked
            if indicator or (isinstance(cell.value, str) and _SIGN in cell.value):
                own[place] = str(cell.value), indicator
        places = sorted(fixed)
        held = {n: own[place] for n, place in enumerate(places) if place in own}
        cells = [fixed[place] for place in places]
        found[sheet.name] = (
            IssuedSheet(
                Fixed(cells, held),
                [cell.value for cell in cells],
                list(derived.values()),
                {place: cell.formula for place, cell in derived.items()},
            ),
            held,
        )
    return found


def _blank(cell: Cell) -> Value:
    return "" if cell.value is None else cell.value


def _targets(assignment: Assignment, places: Places) -> Iterator[tuple[Place, str]]:
    """Yield the cells that hold a target, with the indicator's code."""
    for line in assignment.lines:
        if not line.amount and line.asking is not Asking.NOT_APPLICABLE:
            place = places.rows[line.key], MAIN_COLUMNS.index("target")
            yield place, line.indicator.code


def _is_previous(sheet: str, cell: Cell) -> bool:
    return sheet == MAIN and cell.column == MAIN_COLUMNS.index("previous") and cell.value == "—"
