"""Read the entry cells of a form: what was typed, where, and what stands in the way of using it."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache

from consolidator.forms.layout import address
from consolidator.forms.quarterly.addresses import NOTE_MARK
from consolidator.forms.quarterly.assignment import (
    FIELDS_BELOW,
    LIST_FIELDS,
    LIST_KEYS,
    STATEMENT,
    Assignment,
    FieldKind,
    Key,
    Lines,
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
_PATTERNS = 64
"""Patterns of what is asked whose fields are remembered."""
_FIGURES = (FieldKind.COUNT, FieldKind.AMOUNT)
_BLANK, _ENTERED = State.BLANK, State.ENTERED


def read_entries(
    tables: FormTables, assignment: Assignment, file: str
) -> tuple[dict[Key, Reading], list[Observed]]:
    """Return every entry cell by its key, and what was noticed about entry cells.

    Rows of the list that hold nothing are left out.
    """
    readings, observed = read_fields(tables.main, file, _fields(assignment.asked, assignment.form))
    if tables.filed:
        listed, noticed = read_fields(tables.filed, file, _listed(tables.filed))
        readings.update(listed)
        observed += noticed
    return readings, observed


Field = tuple[Key, FieldKind, str]
"""A field's key, what it takes, and its unit of measure."""


def read_fields(
    table: Table, file: str, fields: Sequence[Field]
) -> tuple[dict[Key, Reading], list[Observed]]:
    """Return the fields of one table by their keys, and what was noticed about their cells."""
    reader = _Reader(table, file, fields)
    return reader.readings(), list(reader.observed())


@lru_cache(maxsize=_PATTERNS)
def _fields(asked: Lines, form: str) -> Sequence[Field]:
    return (
        *((one.value_key, one.kind, one.measure) for one in asked.entries),
        *((one.remark_key, FieldKind.TEXT, "") for one in asked.headline),
        *((key, kind, "") for key, (_, kind) in FIELDS_BELOW[form].items()),
    )


_ROW_FIELDS: Mapping[str, Sequence[Field]] = {
    row: [(Key(row, name), kind, "") for name, (_, kind) in LIST_FIELDS.items()]
    for row in LIST_KEYS
}
"""The fields of each row of the list."""


def _listed(table: Table) -> Sequence[Field]:
    """Return the fields of the rows that hold anything."""
    columns = [table.column_of[name] for name in LIST_FIELDS if name in table.column_of]
    first, last = min(columns, default=0), max(columns, default=-1)
    failed = {row for row, _ in table.marks.errors}
    blank = ("",) * (last + 1 - first)
    fields: list[Field] = []
    for key in LIST_KEYS:
        row = table.row_of.get(key)
        if row is None or row >= len(table.rows):
            continue
        cells = table.rows[row]
        width = len(cells)
        if tuple(cells[first : last + 1]) == blank and row not in failed:
            continue
        if any(column < width and cells[column] not in (None, "") for column in columns) or any(
            (row, column) in table.marks.errors for column in columns
        ):
            fields += _ROW_FIELDS[key]
    return fields


class _Reader:
    """Reads the fields of one table."""

    def __init__(self, table: Table, file: str, fields: Sequence[Field]) -> None:
        self.table = table
        self.file = file
        row_of, column_of = table.row_of, table.column_of
        self.cells = [
            (key, kind, measure, (row_of.get(key.row, -1), column_of.get(key.column, -1)))
            for key, kind, measure in fields
        ]
        """Each field with its place; its row or column is -1 where it was not found."""
        self.key_at: dict[Place, Key] = {place: key for key, _, _, place in self.cells}
        self.lost = {place for place in self.key_at if -1 in place}
        for place in self.lost:
            del self.key_at[place]
        self.faults = _faults(table.marks, self.key_at.keys())

    def readings(self) -> dict[Key, Reading]:
        table, file, sheet = self.table, self.file, self.table.sheet
        in_doubt, percents = self.lost | self.faults.keys(), table.marks.percents
        found = {}
        for key, kind, measure, place in self.cells:
            if place in in_doubt:
                found[key] = self._in_doubt(key, place)
                continue
            source = Source(file, sheet, _named(*place))
            content = table.at(*place)
            if content is None or content == "":
                found[key] = Reading("", _BLANK, None, source)
                continue
            raw, state, value, normalised, reason = take(content, kind, measure)
            if place in percents and state is _ENTERED and kind in _FIGURES:
                state, value, reason = State.UNREADABLE, None, NOT_A_RATIO
            found[key] = Reading(raw, state, value, source, normalised, reason)
        return found

    def _in_doubt(self, key: Key, place: Place) -> Reading:
        if place in self.lost:
            return _lost(self.table, key, self.file)
        return self._unusable(place, Source(self.file, self.table.sheet, _named(*place)))

    def _unusable(self, place: Place, source: Source) -> Reading:
        fault = self.faults[place]
        shown = self.table.marks.errors.get(place) or self._shown(place)
        return Reading(shown, State.UNREADABLE, None, source, reason=_FAULTS[fault], fault=fault)

    def observed(self) -> Iterator[Observed]:
        """Yield what is noteworthy about entry cells that can be read all the same."""
        marks = self.table.marks
        for top, left, _, _ in marks.merges:
            key = self.key_at.get((top, left))
            if key is not None and key != STATEMENT and (top, left) not in self.faults:
                yield self._noticed("cells_merged", key, (top, left))
        if self.cells and marks.hidden:
            yield self._hidden()
        among = (marks.formulas, marks.comments, marks.disguised)
        marked = {place for one in among for place in one.keys() & self.key_at.keys()}
        if not marked and not marks.hidden_rows and not marks.hidden_columns:
            return
        for key, kind, _, place in self.cells:
            if place in self.lost:
                continue
            hidden = place[0] in marks.hidden_rows or place[1] in marks.hidden_columns
            if hidden and (found := self._typed(place)):
                yield self._noticed("hidden_entry", key, place, found)
            if place in marked:
                yield from self._marked(key, kind, place)

    def _marked(self, key: Key, kind: FieldKind, place: Place) -> Iterator[Observed]:
        marks = self.table.marks
        if place in marks.formulas and place not in self.faults:
            shown = f"={marks.formulas[place]}" if marks.formulas[place] else "公式"
            yield self._noticed("formula_entry", key, place, cut(shown), self._typed(place))
        if place in marks.disguised and kind in _FIGURES and self._is_disguised(place):
            yield self._noticed("figure_disguised", key, place, self._typed(place))
        text = marks.comments.get(place, "")
        if text and NOTE_MARK not in text[:_AUTHOR]:
            yield self._noticed("comment_present", key, place, cut(text))

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

    def _noticed(
        self, code: str, key: Key, place: Place, found: str = "", expected: str = ""
    ) -> Observed:
        source = Source(self.file, self.table.sheet, _named(*place))
        return Observed(code, source, key.row, key.column, found, expected)


_named = lru_cache(maxsize=65_536)(address)


def _faults(marks: Marks, keys: Set[Place]) -> dict[Place, str]:
    """Return the cells whose content cannot be used whatever it is, with the reason's code."""
    faults = dict.fromkeys(keys & marks.errors.keys(), "error_value")
    for place in keys & marks.formulas.keys() - faults.keys():
        if place in marks.uncomputed:
            faults[place] = "formula_uncomputed"
        elif leads_outside(marks.formulas[place]):
            faults[place] = "formula_external"
    for top, left, bottom, right in _within(marks.merges, keys):
        inside = [p for p in keys if top <= p[0] <= bottom and left <= p[1] <= right]
        # The one cell that is shown is the upper left; what the others held is gone.
        if len(inside) > 1 or (inside and inside[0] != (top, left)):
            faults |= dict.fromkeys(inside, "entry_merged")
    return faults


def _within(merges: Iterable[Area], keys: Iterable[Place]) -> Iterator[Area]:
    """Yield the merged areas that lie where entry cells may be."""
    rows, columns = (sorted({place[n] for place in keys}) for n in (0, 1))
    if not keys:
        return
    first, last = columns[0], columns[-1]
    for area in merges:
        top, left, bottom, right = area
        if left <= last and right >= first and bisect_left(rows, top) < bisect_right(rows, bottom):
            yield area


def _lost(table: Table, key: Key, file: str) -> Reading:
    source = Source(file, table.sheet, "")
    fault = "row_doubled" if key.row in table.doubled else "cell_lost"
    return Reading("", State.LOST, None, source, reason=_LOST, fault=fault)
