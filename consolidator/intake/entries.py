"""Read the entry cells of a form: what was typed, where, and what stands in the way of using it."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
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
_PATTERNS, _MANY = 256, 512
"""How many patterns of fields, and of their places, are remembered, and how long ones."""
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
        listed, noticed = read_fields(tables.filed, file, _of_rows(_listed(tables.filed)))
        readings.update(listed)
        observed += noticed
    return readings, observed


Field = tuple[Key, FieldKind, str]
"""A field's key, what it takes, and its unit of measure."""


class Fields:
    """The fields to be read of a table; the same ones are better made once than often."""

    def __init__(self, fields: Sequence[Field]) -> None:
        """Find the rows and columns they are named by."""
        self.fields = fields
        self.rows = tuple(dict.fromkeys(key.row for key, _, _ in fields))
        self.columns = tuple(dict.fromkeys(key.column for key, _, _ in fields))


def read_fields(
    table: Table, file: str, fields: Fields
) -> tuple[dict[Key, Reading], list[Observed]]:
    """Return the fields of one table by their keys, and what was noticed about their cells."""
    reader = _Reader(table, file, fields)
    return reader.readings(), list(reader.observed())


@lru_cache(maxsize=_PATTERNS)
def _fields(asked: Lines, form: str) -> Fields:
    return Fields(
        [
            *((one.value_key, one.kind, one.measure) for one in asked.entries),
            *((one.remark_key, FieldKind.TEXT, "") for one in asked.headline),
            *((key, kind, "") for key, (_, kind) in FIELDS_BELOW[form].items()),
        ]
    )


@lru_cache(maxsize=_PATTERNS)
def _of_rows(rows: tuple[str, ...]) -> Fields:
    """Return the fields of rows of the list."""
    return Fields(
        [(Key(row, name), kind, "") for row in rows for name, (_, kind) in LIST_FIELDS.items()]
    )


def _listed(table: Table) -> tuple[str, ...]:
    """Return the rows of the list that hold anything."""
    columns = [table.column_of[name] for name in LIST_FIELDS if name in table.column_of]
    first, last = min(columns, default=0), max(columns, default=-1)
    blank = ("",) * (last + 1 - first)
    held = {n for n, row in enumerate(table.rows) if tuple(row[first : last + 1]) != blank}
    held |= {row for row, _ in table.marks.errors if row < len(table.rows)}
    return tuple(
        key
        for key in LIST_KEYS
        if (row := table.row_of.get(key, -1)) in held
        and any(
            table.at(row, column) not in (None, "") or (row, column) in table.marks.errors
            for column in columns
        )
    )


class _Placed:
    """Where the fields of a table stand; a row or column is -1 where it was not found."""

    def __init__(self, fields: Fields, rows: Iterable[int], columns: Iterable[int]) -> None:
        row_of = dict(zip(fields.rows, rows, strict=True))
        column_of = dict(zip(fields.columns, columns, strict=True))
        placed = [(one, (row_of[one[0].row], column_of[one[0].column])) for one in fields.fields]
        self.lost = {place for _, place in placed if -1 in place}
        self.cells = [
            (*one, place, "" if place in self.lost else address(*place)) for one, place in placed
        ]
        """Each field with its place and address."""
        self.key_at = {place: key for (key, _, _), place in placed if place not in self.lost}
        self.figures = {place for (_, kind, _), place in placed if kind in _FIGURES} - self.lost
        self.rows = sorted({row for row, _ in self.key_at})
        self.columns = sorted({column for _, column in self.key_at})

    def near(self, areas: Iterable[Area]) -> list[Area]:
        """Return the areas that lie where fields may be."""
        rows, columns = self.rows, self.columns
        return [
            (top, left, bottom, right)
            for top, left, bottom, right in areas
            if rows
            and (top <= rows[-1] and bottom >= rows[0])
            and (left <= columns[-1] and right >= columns[0])
            and bisect_left(rows, top) < bisect_right(rows, bottom)
        ]


_placed = lru_cache(maxsize=_PATTERNS)(_Placed)


class _Reader:
    """Reads the fields of one table."""

    def __init__(self, table: Table, file: str, fields: Fields) -> None:
        self.table = table
        self.file = file
        rows = tuple([table.row_of.get(row, -1) for row in fields.rows])
        columns = tuple([table.column_of.get(column, -1) for column in fields.columns])
        place = _placed if len(fields.fields) <= _MANY else _Placed
        self.placed = place(fields, rows, columns)
        self.formulas = self.placed.key_at.keys() & table.marks.formulas.keys()
        """Places of fields with a formula."""
        self.faults = self._faults()

    def _faults(self) -> dict[Place, str]:
        """Return the cells whose content cannot be used whatever it is, with the reason's code."""
        marks, keys = self.table.marks, self.placed.key_at.keys()
        faults = dict.fromkeys(keys & marks.errors.keys(), "error_value")
        for place in self.formulas - faults.keys():
            if place in marks.uncomputed:
                faults[place] = "formula_uncomputed"
            elif leads_outside(marks.formulas[place]):
                faults[place] = "formula_external"
        for top, left, bottom, right in self.placed.near(marks.merges):
            inside = [p for p in keys if top <= p[0] <= bottom and left <= p[1] <= right]
            # The one cell that is shown is the upper left; what the others held is gone.
            if len(inside) > 1 or (inside and inside[0] != (top, left)):
                faults |= dict.fromkeys(inside, "entry_merged")
        return faults

    def readings(self) -> dict[Key, Reading]:
        file, sheet, rows = self.file, self.table.sheet, self.table.rows
        height, percents = len(rows), self.table.marks.percents
        in_doubt = self.placed.lost | self.faults.keys()
        found = {}
        for key, kind, measure, place, name in self.placed.cells:
            if in_doubt and place in in_doubt:
                found[key] = self._in_doubt(key, place)
                continue
            row, column = place
            source = new_source((file, sheet, name))
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
        if place in self.placed.lost:
            return _lost(self.table, key, self.file)
        return self._unusable(place, Source(self.file, self.table.sheet, address(*place)))

    def _unusable(self, place: Place, source: Source) -> Reading:
        fault = self.faults[place]
        shown = self.table.marks.errors.get(place) or self._shown(place)
        return Reading(shown, State.UNREADABLE, None, source, reason=_FAULTS[fault], fault=fault)

    def observed(self) -> Iterator[Observed]:
        """Yield what is noteworthy about entry cells that can be read all the same."""
        marks, placed = self.table.marks, self.placed
        for top, left, _, _ in marks.merges:
            key = placed.key_at.get((top, left))
            if key is not None and key != STATEMENT and (top, left) not in self.faults:
                yield self._noticed("cells_merged", key, (top, left))
        if placed.cells and marks.hidden:
            yield self._hidden()
        marked = self.formulas | (placed.key_at.keys() & marks.comments.keys())
        # Most cells whose format could show another number are days: they are no figures.
        marked |= placed.figures & marks.disguised.keys()
        all_shown = marks.hidden_rows.isdisjoint(placed.rows)
        all_shown = all_shown and marks.hidden_columns.isdisjoint(placed.columns)
        if not marked and all_shown:
            return
        for key, kind, _, place, _ in placed.cells:
            if place in placed.lost:
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
        source = Source(self.file, self.table.sheet, address(*place))
        return Observed(code, source, key.row, key.column, found, expected)


def _lost(table: Table, key: Key, file: str) -> Reading:
    source = Source(file, table.sheet, "")
    fault = "row_doubled" if key.row in table.doubled else "cell_lost"
    return Reading("", State.LOST, None, source, reason=_LOST, fault=fault)
