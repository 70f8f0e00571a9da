"""Find the form's tables in a returned workbook: by hidden keys, else names, else printed labels.

What stands where is never guessed: a table, row or column that is not found with certainty is
left out, and whoever reads says so of each cell.
"""

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from consolidator.forms.layout import Columns
from consolidator.forms.quarterly.addresses import (
    KEY_ROW,
    LIST,
    LIST_COLUMNS,
    MAIN,
    MAIN_COLUMNS,
    Places,
)
from consolidator.forms.quarterly.assignment import LIST_FIELDS, LIST_KEYS, Assignment, Key
from consolidator.forms.quarterly.book import BELOW_NAMES
from consolidator.forms.quarterly.issued import VISIBLE
from consolidator.forms.stamp import SHEET
from consolidator.intake.formats.marks import Remark
from consolidator.intake.formats.reading import Rows
from consolidator.intake.formats.references import place_of
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.opening import Opened
from consolidator.intake.placing import KEY, Table, key_rows, keyed_tables
from consolidator.intake.remembering import remembered

_NAMED_CELL = re.compile(r"'?((?:[^']|'')+?)'?!\$?([A-Z]{1,3})\$?(\d{1,7})(?::.*)?")
_SEARCHED_ROWS = 40
_ISSUED = (*VISIBLE, SHEET)
"""The sheets of a form as issued."""


@dataclass(frozen=True, slots=True)
class FormTables:
    """Where the form's two tables stand in a workbook."""

    main: Table
    filed: Table | None
    """None where the list was not found."""
    remarks: tuple[Remark, ...]


def find_form(opened: Opened, assignment: Assignment, places: Places) -> FormTables:
    """Find the tables of the unit's form; ``places`` is where they stand as issued.

    Raises:
        NotReadableError: the main table was not found, or stands there twice with other figures.
    """
    remarks: list[Remark] = []
    rows = [line.key for line in assignment.lines]
    among = key_rows(opened)
    main = _find(opened, _Main(assignment), among, remarks)
    if main is None:
        raise NotReadableError("layout_lost", f"找不到“{MAIN}”", MAIN)
    filed = _find(opened, _Filed(), among, remarks)
    if filed is None:
        remarks.append(Remark("sheet_lost", LIST))
    moved = [*moved_parts(main, places.rows, rows, MAIN, MAIN_COLUMNS)]
    if filed:
        moved += moved_parts(filed, places.list_rows, LIST_KEYS, LIST, LIST_COLUMNS)
    if moved:
        remarks.append(Remark("layout_moved", "；".join(moved)))
    return FormTables(main, filed, tuple(remarks))


@remembered(65_536)
def plain(content: object) -> str:
    """Return a text as people read it: width and white space do not count."""
    return "".join(unicodedata.normalize("NFKC", str(content or "")).split())


class _Wanted(ABC):
    """What one of the tables is to hold; what only a damaged table needs is made when asked for."""

    sheet: str
    columns: Columns
    rows: tuple[str, ...]
    label_column: str
    """The column the labels of the rows stand in; those of other rows stand anywhere."""

    @property
    @abstractmethod
    def labels(self) -> Mapping[str, str]:
        """What is printed in a row, by the row's key; what stands there twice is left out."""

    @property
    def anywhere(self) -> Mapping[str, str]:
        """What is printed in rows without a label column."""
        return {}

    @property
    @abstractmethod
    def names(self) -> Mapping[str, Key]:
        """Defined names and the fields they lead to."""

    @property
    def entries(self) -> tuple[Key, ...]:
        """Every entry field."""
        return tuple(self.names.values())


class _Main(_Wanted):
    """The table of figures with the fields below it."""

    sheet, columns, label_column = MAIN, MAIN_COLUMNS, "indicator"

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        below = dict.fromkeys(key.row for key in assignment.below)
        self.rows = (*(line.key for line in assignment.lines), *below)

    @property
    def labels(self) -> Mapping[str, str]:
        lines = self.assignment.lines
        labels = {one.key: one.name if one.amount else one.indicator.name for one in lines}
        known = [plain(label) for label in labels.values()]
        return {key: label for key, label in labels.items() if known.count(plain(label)) == 1}

    @property
    def anywhere(self) -> Mapping[str, str]:
        below: dict[str, str] = {}
        for key, (label, _) in self.assignment.below.items():
            below.setdefault(key.row, label)
        return below

    @property
    def names(self) -> Mapping[str, Key]:
        assignment = self.assignment
        figures = {f"actual_{one.key}": one.value_key for one in assignment.entries}
        remarks = {f"remark_{one.key}": one.remark_key for one in assignment.headline}
        return {**figures, **remarks, **{BELOW_NAMES[key]: key for key in assignment.below}}


class _Filed(_Wanted):
    """The list of filed events and agreements."""

    sheet, columns, rows, label_column = LIST, LIST_COLUMNS, LIST_KEYS, "number"

    @property
    def labels(self) -> Mapping[str, str]:
        return {key: str(number) for number, key in enumerate(LIST_KEYS, start=1)}

    @property
    def names(self) -> Mapping[str, Key]:
        return {f"filed_{column}": Key(LIST_KEYS[0], column) for column in LIST_FIELDS}

    @property
    def entries(self) -> tuple[Key, ...]:
        return tuple(Key(row, column) for row in LIST_KEYS for column in LIST_FIELDS)


def _find(
    opened: Opened, wanted: _Wanted, among: Mapping[str, Sequence[int]], remarks: list[Remark]
) -> Table | None:
    keyed = keyed_tables(opened, wanted.sheet, wanted.columns.places, among)
    tables = [_completed(table, wanted) for table in keyed]
    if not tables:
        tables = list(_labelled(opened, wanted))
        remarks += [Remark("placed_by_labels", wanted.sheet, sheet=one.sheet) for one in tables[:1]]
    if not tables:
        tables = list(_named(opened, wanted))
        remarks += [Remark("placed_by_names", wanted.sheet, sheet=one.sheet) for one in tables[:1]]
    if not tables:
        return None
    first, *others = tables
    if others:
        names = "、".join(table.sheet for table in tables)
        if any(_entries(one, wanted) != _entries(first, wanted) for one in others):
            raise NotReadableError(
                "layout_lost", f"工作表 {names} 都是“{wanted.sheet}”而内容不同", wanted.sheet
            )
        remarks.append(Remark("sheet_copied", names, first.sheet, sheet=others[0].sheet))
    else:
        remarks += _like(opened, wanted, first)
    return first


def _like(opened: Opened, wanted: _Wanted, table: Table) -> Iterator[Remark]:
    """Tell sheets of the unit's own on which the table stands again, with other figures.

    A hidden one is not what the unit shows.
    """
    own = {
        name: rows
        for name, rows in opened.sheets.items()
        if name not in _ISSUED and name != table.sheet and not opened.marks[name].hidden
    }
    for other in _labelled(replace(opened, sheets=own), wanted) if own else ():
        keys = [key for key in wanted.entries if other.has(*key) and table.has(*key)]
        if any((other.content(*key) or None) != (table.content(*key) or None) for key in keys):
            yield Remark("sheet_like_form", other.sheet, table.sheet, sheet=other.sheet)


def _entries(table: Table, wanted: _Wanted) -> list[object]:
    return [
        (key, table.content(*key) or None) if table.has(*key) else (key, "")
        for key in wanted.entries
    ]


def _completed(table: Table, wanted: _Wanted) -> Table:
    """Find rows and columns that lost their key by what is printed there; drop doubtful rows."""
    column_of = dict(table.column_of)
    lost = [one for one in wanted.columns.all if one.key not in column_of and one.title]
    heading = _heading(table.rows, wanted.columns) if lost else None
    titles = [plain(cell) for cell in heading[1]] if heading else []
    for column in lost:
        places = [n for n, cell in enumerate(titles) if cell == plain(column.title)]
        if len(places) == 1 and places[0] not in column_of.values():
            column_of[column.key] = places[0]
    table = replace(table, column_of=column_of) if lost else table
    asked = frozenset(wanted.rows)
    row_of = {key: row for key, row in table.row_of.items() if key in asked}
    doubled = table.doubled & asked
    for key in doubled:
        if not _same_twice(table, key, wanted):
            del row_of[key]
    if len(row_of) < len(wanted.rows):
        known = set(row_of.values())
        for key, row in _printed_rows(table.rows, table.header, wanted, column_of):
            if key not in row_of and key not in doubled and row not in known:
                row_of[key] = row
    return replace(table, row_of=row_of, doubled=doubled - row_of.keys())


def _same_twice(table: Table, key: str, wanted: _Wanted) -> bool:
    """Tell whether all rows of one key hold the same entries."""
    columns = {table.column_of[one.column] for one in wanted.entries
               if one.row == key and one.column in table.column_of}  # fmt: skip
    at = table.column_of[KEY]
    rows = [n for n, row in enumerate(table.rows) if at < len(row) and row[at] == key]
    return all(len({str(table.at(row, column) or "") for row in rows}) == 1 for column in columns)


def _heading(rows: Rows, columns: Columns) -> tuple[int, list[object]] | None:
    """Find the row in which most of the printed column titles stand."""
    titles = {plain(column.title) for column in columns.all if column.title}
    for index, row in enumerate(rows[:_SEARCHED_ROWS]):
        if len(titles & {plain(cell) for cell in row if cell}) * 2 > len(titles):
            return index, list(row)
    return None


def _printed_rows(
    rows: Rows, above: int, wanted: _Wanted, column_of: Mapping[str, int]
) -> Iterator[tuple[str, int]]:
    """Yield the rows below ``above`` that are found by the one place their label stands in."""
    at = column_of.get(wanted.label_column)
    places: dict[str, list[int]] = {}
    for index, row in enumerate(rows[above + 1 :], start=above + 1):
        if at is not None and at < len(row) and row[at] not in (None, ""):
            places.setdefault(plain(row[at]).removesuffix(".0"), []).append(index)
    for key, label in wanted.labels.items():
        if len(found := places.get(plain(label), [])) == 1:
            yield key, found[0]
    for key, label in wanted.anywhere.items():
        found = [n for n, row in enumerate(rows) if plain(label) in map(plain, row)]
        if len(found) == 1:
            yield key, found[0]


def _labelled(opened: Opened, wanted: _Wanted) -> Iterator[Table]:
    """Yield tables found by their printed column titles and row labels."""
    for name, rows in opened.sheets.items():
        heading = _heading(rows, wanted.columns)
        if heading is None:
            continue
        header, titles = heading
        shown = [plain(title) for title in titles]
        column_of = {
            column.key: shown.index(plain(column.title))
            for column in wanted.columns.all
            if column.title and shown.count(plain(column.title)) == 1
        }
        row_of = dict(_printed_rows(rows, header, wanted, column_of))
        needed = {key.column for key in wanted.entries}
        if needed <= column_of.keys() and len(row_of) * 2 > len(wanted.rows):
            yield Table(name, rows, opened.marks[name], header, row_of, column_of)


def _named(opened: Opened, wanted: _Wanted) -> Iterator[Table]:
    """Yield the table that all defined names of the form agree on."""
    row_of: dict[str, set[int]] = {}
    column_of: dict[str, set[int]] = {}
    sheets = set()
    defined = opened.names()
    for name, key in wanted.names.items():
        match = _NAMED_CELL.fullmatch(defined.get(name, ""))
        if not match:
            return
        row, column = place_of(f"{match[2]}{match[3]}")
        sheets.add(match[1].replace("''", "'"))
        row_of.setdefault(key.row, set()).add(row)
        column_of.setdefault(key.column, set()).add(column)
    agreed = all(len(places) == 1 for places in (*row_of.values(), *column_of.values()))
    if not agreed or len(sheets) != 1 or not sheets <= opened.sheets.keys():
        return
    (sheet,) = sheets
    rows = {key: place.copy().pop() for key, place in row_of.items()}
    columns = {key: place.copy().pop() for key, place in column_of.items()}
    if wanted.sheet == LIST:
        first = rows[LIST_KEYS[0]]
        rows = {key: first + n for n, key in enumerate(LIST_KEYS)}
    header = max(min(rows.values()) - 1, 0)
    yield Table(sheet, opened.sheets[sheet], opened.marks[sheet], header, rows, columns)


def moved_parts(
    table: Table, issued: Mapping[str, int], rows: Iterable[str], sheet: str, columns: Columns
) -> Iterator[str]:
    """Say what stands elsewhere than issued."""
    if table.sheet != sheet:
        yield f"“{sheet}”改名为“{table.sheet}”"
    shifted = [key for key in rows if key in table.row_of and table.row_of[key] != issued[key]]
    if shifted:
        yield f"“{table.sheet}”有 {len(shifted)} 行移动"
    across = [key for key, place in table.column_of.items() if place != columns.index(key)]
    if across:
        yield f"“{table.sheet}”有 {len(across)} 列移动"
    if not shifted and not across and table.header not in (KEY_ROW, KEY_ROW + 4, KEY_ROW + 5):
        yield f"“{table.sheet}”的标识行移动"
