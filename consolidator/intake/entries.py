"""Read the entry cells of a form: what was typed, where, and what stands in the way of using it."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from consolidator.forms.layout import address
from consolidator.forms.quarterly.addresses import NOTE_MARK
from consolidator.forms.quarterly.assignment import (
    LIST_FIELDS,
    LIST_KEYS,
    STATEMENT,
    Assignment,
    FieldKind,
    Key,
)
from consolidator.intake.form_tables import FormTables
from consolidator.intake.formats.marks import Marks, Place
from consolidator.intake.formats.number_formats import shows_otherwise
from consolidator.intake.formats.references import Area, leads_outside
from consolidator.intake.placing import Table, cut
from consolidator.intake.typed import NOT_A_RATIO, take
from consolidator.intake.values import Observed, Reading, Source, State

_FAULTS = {
    "entry_merged": "与别的填报单元格合并，分不清是哪一格的数",
    "error_value": "是公式错误值",
    "formula_uncomputed": "是没有算出结果的公式",
    "formula_external": "是引用其他文件的公式",
}
_AUTHOR = 40
"""Characters by which a program may put an author's name before a comment."""
_LOST = "找不到这个单元格"
_FIGURES = (FieldKind.COUNT, FieldKind.AMOUNT)


def read_entries(
    tables: FormTables, assignment: Assignment, file: str
) -> tuple[dict[Key, Reading], list[Observed]]:
    """Return every entry cell by its key, and what was noticed about entry cells.

    Rows of the list that hold nothing are left out.
    """
    readings, observed = read_fields(tables.main, file, _fields(assignment))
    if tables.filed:
        listed, noticed = read_fields(tables.filed, file, _listed(tables.filed))
        readings.update(listed)
        observed += noticed
    return readings, observed


Fields = list[tuple[Key, FieldKind, str]]
"""Key, what the field takes, and its unit of measure."""


def read_fields(
    table: Table, file: str, fields: Fields
) -> tuple[dict[Key, Reading], list[Observed]]:
    """Return the fields of one table by their keys, and what was noticed about their cells."""
    reader = _Reader(table, file, fields)
    return dict(reader.readings()), list(reader.observed())


def _fields(assignment: Assignment) -> Fields:
    fields: Fields = [(one.value_key, one.kind, one.measure) for one in assignment.entries]
    fields += [(one.remark_key, FieldKind.TEXT, "") for one in assignment.headline]
    fields += [(key, kind, "") for key, (_, kind) in assignment.below.items()]
    return fields


def _listed(table: Table) -> Fields:
    """Return the fields of the rows that hold anything."""
    columns = [table.column_of[name] for name in LIST_FIELDS if name in table.column_of]
    first, last = min(columns, default=0), max(columns, default=-1)
    failed = {row for row, _ in table.marks.errors}
    fields: Fields = []
    for key in LIST_KEYS:
        row = table.row_of.get(key)
        if row is None or row >= len(table.rows):
            continue
        cells = table.rows[row]
        width = len(cells)
        across = cells[first : last + 1]
        if across.count("") + across.count(None) == len(across) and row not in failed:
            continue
        if any(column < width and cells[column] not in (None, "") for column in columns) or any(
            (row, column) in table.marks.errors for column in columns
        ):
            fields += [(Key(key, name), kind, "") for name, (_, kind) in LIST_FIELDS.items()]
    return fields


class _Reader:
    """Reads the fields of one table."""

    def __init__(self, table: Table, file: str, fields: Fields) -> None:
        self.table = table
        self.file = file
        self.fields = fields
        self.place_of: dict[Key, Place] = {
            key: (table.row_of[key.row], table.column_of[key.column])
            for key, _, _ in fields
            if key.row in table.row_of and key.column in table.column_of
        }
        self.faults = _faults(table.marks, {place: key for key, place in self.place_of.items()})

    def readings(self) -> Iterator[tuple[Key, Reading]]:
        table, file, sheet = self.table, self.file, self.table.sheet
        rows, faults = table.rows, self.faults
        for key, kind, measure in self.fields:
            place = self.place_of.get(key)
            if place is None:
                yield key, _lost(table, key, file)
                continue
            source = Source(file, sheet, _named(place))
            if place in faults:
                fault = faults[place]
                shown = table.marks.errors.get(place) or self._shown(place)
                yield (
                    key,
                    Reading(
                        shown, State.UNREADABLE, None, source, reason=_FAULTS[fault], fault=fault
                    ),
                )
                continue
            row, column = place
            content = rows[row][column] if row < len(rows) and column < len(rows[row]) else None
            raw, state, value, normalised, reason = take(content, kind, measure)
            if place in table.marks.percents and state is State.ENTERED and kind in _FIGURES:
                state, value, reason = State.UNREADABLE, None, NOT_A_RATIO
            yield key, Reading(raw, state, value, source, normalised, reason)

    def observed(self) -> Iterator[Observed]:
        """Yield what is noteworthy about entry cells that can be read all the same."""
        marks = self.table.marks
        keys = {place: key for key, place in self.place_of.items()}
        for top, left, _, _ in marks.merges:
            key = keys.get((top, left))
            if key is not None and key != STATEMENT and (top, left) not in self.faults:
                yield self._noticed("cells_merged", key)
        if self.fields and marks.hidden:
            yield self._hidden()
        marked = marks.formulas.keys() | marks.comments.keys() | marks.disguised.keys()
        for key, kind, _ in self.fields:
            place = self.place_of.get(key)
            if place is None:
                continue
            hidden = place[0] in marks.hidden_rows or place[1] in marks.hidden_columns
            if hidden and (found := self._typed(place)):
                yield self._noticed("hidden_entry", key, found)
            if place in marked:
                yield from self._marked(key, kind, place)

    def _marked(self, key: Key, kind: FieldKind, place: Place) -> Iterator[Observed]:
        marks = self.table.marks
        if place in marks.formulas and place not in self.faults:
            shown = f"={marks.formulas[place]}" if marks.formulas[place] else "公式"
            yield self._noticed("formula_entry", key, cut(shown), self._typed(place))
        if place in marks.disguised and kind in _FIGURES and self._is_disguised(place):
            yield self._noticed("figure_disguised", key, self._typed(place))
        text = marks.comments.get(place, "")
        if text and NOTE_MARK not in text[:_AUTHOR]:
            yield self._noticed("comment_present", key, cut(text))

    def _is_disguised(self, place: Place) -> bool:
        value = self.table.at(*place)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        return shows_otherwise(self.table.marks.disguised[place], float(value))

    def _hidden(self) -> Observed:
        sheet = self.table.sheet
        return Observed("sheet_hidden", Source(self.file, sheet, ""), found=sheet)

    def _shown(self, place: Place) -> str:
        formula = self.table.marks.formulas.get(place)
        return cut(f"={formula}") if formula else self._typed(place)

    def _typed(self, place: Place) -> str:
        return cut(take(self.table.at(*place), FieldKind.TEXT).raw)

    def _noticed(self, code: str, key: Key, found: str = "", expected: str = "") -> Observed:
        source = Source(self.file, self.table.sheet, _named(self.place_of[key]))
        return Observed(code, source, key.row, key.column, found, expected)


@lru_cache(maxsize=65_536)
def _named(place: Place) -> str:
    return address(*place)


def _faults(marks: Marks, keys: dict[Place, Key]) -> dict[Place, str]:
    """Return the cells whose content cannot be used whatever it is, with the reason's code."""
    faults = {place: "error_value" for place in marks.errors if place in keys}
    if marks.formulas:
        for place in keys:
            formula = marks.formulas.get(place)
            if formula is None or place in faults:
                continue
            if place in marks.uncomputed:
                faults[place] = "formula_uncomputed"
            elif leads_outside(formula):
                faults[place] = "formula_external"
    for top, left, bottom, right in _within(marks.merges, keys):
        inside = [p for p in keys if top <= p[0] <= bottom and left <= p[1] <= right]
        # The one cell that is shown is the upper left; what the others held is gone.
        if len(inside) > 1 or (inside and inside[0] != (top, left)):
            faults |= dict.fromkeys(inside, "entry_merged")
    return faults


def _within(merges: Iterable[Area], keys: Iterable[Place]) -> Iterator[Area]:
    """Yield the merged areas that lie where entry cells may be."""
    rows, columns = ({place[n] for place in keys} for n in (0, 1))
    first, last = (min(columns, default=0), max(columns, default=-1))
    for area in merges:
        top, left, bottom, right = area
        if left <= last and right >= first and any(top <= row <= bottom for row in rows):
            yield area


def _lost(table: Table, key: Key, file: str) -> Reading:
    source = Source(file, table.sheet, "")
    fault = "row_doubled" if key.row in table.doubled else "cell_lost"
    return Reading("", State.LOST, None, source, reason=_LOST, fault=fault)
