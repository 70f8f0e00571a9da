"""Read the entry cells of a form: what was typed, where, and what stands in the way of using it."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
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
from consolidator.intake.formats.marks import Place
from consolidator.intake.formats.number_formats import shows_otherwise
from consolidator.intake.formats.references import Area, leads_outside
from consolidator.intake.placing import Table, cut
from consolidator.intake.typed import NOT_A_RATIO, take
from consolidator.intake.values import Observed, Reading, Source, State, new_reading, new_source

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
    blank = ("",) * (last + 1 - first)
    held = {n for n, row in enumerate(table.rows) if tuple(row[first : last + 1]) != blank}
    held |= {row for row, _ in table.marks.errors if row < len(table.rows)}
    fields: list[Field] = []
    for key in LIST_KEYS:
        row = table.row_of.get(key, -1)
        if row in held and any(
            table.at(row, column) not in (None, "") or (row, column) in table.marks.errors
            for column in columns
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
        self.formulas = self.key_at.keys() & table.marks.formulas.keys()
        self.rows = {row for row, _ in self.key_at}
        self.columns = {column for _, column in self.key_at}
        self.faults = self._faults()

    def _faults(self) -> dict[Place, str]:
        """Return the cells whose content cannot be used whatever it is, with the reason's code."""
        marks, keys = self.table.marks, self.key_at.keys()
        faults = dict.fromkeys(keys & marks.errors.keys(), "error_value")
        for place in self.formulas - faults.keys():
            if place in marks.uncomputed:
                faults[place] = "formula_uncomputed"
            elif leads_outside(marks.formulas[place]):
                faults[place] = "formula_external"
        for top, left, bottom, right in self._merges():
            inside = [p for p in keys if top <= p[0] <= bottom and left <= p[1] <= right]
            # The one cell that is shown is the upper left; what the others held is gone.
            if len(inside) > 1 or (inside and inside[0] != (top, left)):
                faults |= dict.fromkeys(inside, "entry_merged")
        return faults

    def _merges(self) -> list[Area]:
        """Return the merged areas that lie where entry cells may be."""
        if not self.key_at:
            return []
        above, below = min(self.rows), max(self.rows)
        first, last = min(self.columns), max(self.columns)
        near = [
            area
            for area in self.table.marks.merges
            if area[0] <= below and area[2] >= above and area[1] <= last and area[3] >= first
        ]
        rows = sorted(self.rows) if near else []
        return [one for one in near if bisect_left(rows, one[0]) < bisect_right(rows, one[2])]

    def readings(self) -> dict[Key, Reading]:
        file, sheet, rows = self.file, self.table.sheet, self.table.rows
        height, percents = len(rows), self.table.marks.percents
        in_doubt = self.lost | self.faults.keys()
        found = {}
        for key, kind, measure, place in self.cells:
            if in_doubt and place in in_doubt:
                found[key] = self._in_doubt(key, place)
                continue
            row, column = place
            source = new_source((file, sheet, _named(row, column)))
            cells = rows[row] if row < height else ()
            content = cells[column] if column < len(cells) else None
            if not content and (content is None or content == ""):
                found[key] = new_reading(("", _BLANK, None, source, False, "", ""))
                continue
            raw, state, value, normalised, reason = take(content, kind, measure)
            if kind in _FIGURES and place in percents and state is _ENTERED:
                state, value, reason = State.UNREADABLE, None, NOT_A_RATIO
            found[key] = new_reading((raw, state, value, source, normalised, reason, ""))
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
        marked = self.formulas | (self.key_at.keys() & marks.comments.keys())
        marked |= self._disguised()
        all_shown = marks.hidden_rows.isdisjoint(self.rows) and marks.hidden_columns.isdisjoint(
            self.columns
        )
        if not marked and all_shown:
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
        if place in marks.disguised and kind in _FIGURES and self._shows_otherwise(place):
            yield self._noticed("figure_disguised", key, place, self._typed(place))
        text = marks.comments.get(place, "")
        if text and NOTE_MARK not in text[:_AUTHOR]:
            yield self._noticed("comment_present", key, place, cut(text))

    def _disguised(self) -> set[Place]:
        """Return the figures whose number format may show another number than is stored."""
        places = self.key_at.keys() & self.table.marks.disguised.keys()
        # Most are days: they are no figures.
        return places and {one for _, kind, _, one in self.cells if kind in _FIGURES} & places

    def _shows_otherwise(self, place: Place) -> bool:
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


def _lost(table: Table, key: Key, file: str) -> Reading:
    source = Source(file, table.sheet, "")
    fault = "row_doubled" if key.row in table.doubled else "cell_lost"
    return Reading("", State.LOST, None, source, reason=_LOST, fault=fault)
