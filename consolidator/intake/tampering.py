"""Compare the locked cells of a returned form with what was issued, each by its place.

A table whose rows or columns moved is compared where its cells stand now. Formulas are compared
as text where the format keeps it: programs write the same formula in different ways, so what
does not count is taken out first.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta

from consolidator.forms.layout import Columns, Value, address
from consolidator.forms.quarterly.addresses import (
    LIST,
    LIST_COLUMNS,
    MAIN,
    MAIN_COLUMNS,
    Places,
)
from consolidator.forms.quarterly.issued import VISIBLE, IssuedForm, Locked
from consolidator.intake.form_tables import FormTables, plain
from consolidator.intake.formats.marks import Place
from consolidator.intake.formats.reading import Rows
from consolidator.intake.formats.references import place_of
from consolidator.intake.formats.sniff import Kind
from consolidator.intake.opening import Opened
from consolidator.intake.placing import Table, cut
from consolidator.intake.remembering import remembered
from consolidator.intake.values import Observed, Source

_SAME = 1e-9
_FORMULA = 60
"""Characters of a formula that a message shows."""
_FORMULAS_KEPT, _LONG_FORMULA = 4_096, 2_048
_MANY = 12
"""From so many differences in a sheet of texts on, the sheet as a whole is named."""
_ASKED = ("indicator", "measure", "target", "actual")
"""Columns of the main table that say what is asked; the rest only explains."""
_LOOSE = re.compile(r"[\s$']|_xlfn\.|\(\)")
_DECIMAL = re.compile(r"\d+\.\d+")
_REFERENCE = re.compile(
    r"(?<![\w.\"])(?:('(?:[^']|'')+'|[^\W\d][\w.]*)!)?"
    r"(\$?[A-Z]{1,3}\$?\d{1,7})(?::(\$?[A-Z]{1,3}\$?\d{1,7}))?(?![\w(])"
)
"""A cell or an area in a formula, with its sheet where that is another one."""
Where = Callable[[int, int], Place | None]
"""Tells where a cell of the issued form stands now; None where it is gone."""
Stand = tuple[str, Where]
"""What a sheet is called now, and where its cells stand."""


def differences(
    opened: Opened, tables: FormTables, issued: IssuedForm, places: Places, file: str,
    *, worded_alike: bool,
) -> Iterator[Observed]:  # fmt: skip
    """Yield every locked cell that is not as issued.

    Args:
        opened: the workbook.
        tables: where its tables stand.
        issued: the locked cells as issued.
        places: where its fields stand as issued.
        file: what findings call the file.
        worded_alike: whether the plan still explains as it did then; else only cells that say
            what is asked are compared.
    """
    stands: dict[str, Stand] = {name: (name, _as_issued) for name in VISIBLE}
    stands[MAIN] = (tables.main.sheet, _where(tables.main, places.rows, MAIN_COLUMNS))
    stands[LIST] = (LIST, _gone)
    if tables.filed:
        where = _where(tables.filed, places.list_rows, LIST_COLUMNS)
        stands[LIST] = (tables.filed.sheet, where)
    row_keys = {row: key for key, row in places.rows.items()}
    for locked, one in _sheet(opened, MAIN, issued, stands, file):
        key, name = row_keys.get(locked.row, ""), MAIN_COLUMNS.all[locked.column].key
        asked = bool(key) and key not in places.below and name in _ASKED and not locked.formula
        if asked or worded_alike:
            code = "locked_altered" if asked else one.code
            yield one._replace(code=code, row=key, column=name)
    if not worded_alike:
        return
    if tables.filed:
        yield from (one for _, one in _sheet(opened, LIST, issued, stands, file))
    for name in VISIBLE:
        if name not in (MAIN, LIST):
            yield from _text_sheet(opened, name, issued, stands, file)


def _text_sheet(
    opened: Opened, name: str, issued: IssuedForm, stands: Mapping[str, Stand], file: str
) -> Iterator[Observed]:
    """Compare a sheet without entries; where much differs, say so once."""
    if name not in opened.sheets:
        yield Observed("sheet_missing", Source(file, name, ""), found=name)
        return
    found = [one for _, one in _sheet(opened, name, issued, stands, file)]
    if len(found) <= _MANY:
        yield from found
    else:
        first = min(found, key=lambda one: place_of(one.source.cell))
        yield first._replace(
            code="sheet_altered", found=str(len(found)), expected=first.source.cell
        )


def _as_issued(row: int, column: int) -> Place:
    return row, column


def _gone(_row: int, _column: int) -> None:
    """Say of every cell of a sheet that is gone that it is."""


def _where(table: Table, issued: Mapping[str, int], columns: Columns) -> Where:
    """Return where cells stand now: keyed rows by their key, those above with the heading."""
    if issued.items() <= table.row_of.items() and columns.places.items() <= table.column_of.items():
        return _as_issued
    rows = {row: table.row_of.get(key) for key, row in issued.items()}
    shift = _shift(table, issued)
    across = {place: table.column_of.get(key) for key, place in columns.places.items()}

    def where(row: int, column: int) -> Place | None:
        there = rows.get(row, row + shift)
        over = across.get(column)
        return None if there is None or over is None or there < 0 else (there, over)

    return where


def _shift(table: Table, issued: Mapping[str, int]) -> int:
    first = min(issued, key=lambda key: issued[key])
    return table.row_of[first] - issued[first] if first in table.row_of else 0


def _sheet(
    opened: Opened, name: str, issued: IssuedForm, stands: Mapping[str, Stand], file: str
) -> Iterator[tuple[Locked, Observed]]:
    """Yield each locked cell of a sheet that is not as issued."""
    sheet, where = stands[name]
    rows, marks = opened.sheets[sheet], opened.marks[sheet]
    here, moved = issued[name], where is not _as_issued
    for one in here.fixed if moved else here.unlike(rows):
        place = where(one.row, one.column)
        if place is not None and not same(found := _at(rows, place), one.value):
            source = Source(file, sheet, address(*place))
            yield (
                one,
                Observed(
                    "locked_text_altered", source, found=said(found), expected=said(one.value)
                ),
            )
    formulas = marks.formulas
    for one in here.derived if moved else here.otherwise(formulas):
        place = where(one.row, one.column)
        if place is None:
            continue
        if code := _formula(opened, name, place, one, stands):
            source = Source(file, sheet, address(*place))
            now = f"={formulas[place]}" if place in formulas else said(_at(rows, place))
            yield one, Observed(code, source, found=_brief(now), expected=_brief(f"={one.formula}"))


def _formula(
    opened: Opened, name: str, place: Place, issued: Locked, stands: Mapping[str, Stand]
) -> str:
    """Return the code of what is wrong with a derived cell; empty where nothing is."""
    sheet, _ = stands[name]
    rows, marks = opened.sheets[sheet], opened.marks[sheet]
    if place not in marks.formulas:
        # Some programs save results in place of formulas: then no formula is left anywhere.
        # SheetJS leaves out those that came to an empty text.
        dropped = not marks.formulas or (not issued.value and not plain(_at(rows, place)))
        return "" if dropped else "formula_replaced"
    found = marks.formulas[place]
    if found == issued.formula or not found or opened.kind is not Kind.OOXML:
        return ""
    if _alike(found, issued.formula):
        return ""
    moved = _moved(issued.formula, name, stands)
    return "" if moved is None or _alike(found, moved) else "formula_altered"


@remembered(_FORMULAS_KEPT, _LONG_FORMULA)
def _alike(found: str, issued: str) -> bool:
    """Tell whether two formulas differ only in what programs write differently."""
    return _loose(found) == _loose(issued)


@remembered(_FORMULAS_KEPT, _LONG_FORMULA)
def _loose(formula: str) -> str:
    """Return a formula without what programs write differently."""
    rounded = _DECIMAL.sub(lambda number: f"{float(number[0]):.12g}", formula)
    return _LOOSE.sub("", rounded).upper().lstrip("=+")


def _moved(formula: str, own: str, stands: Mapping[str, Stand]) -> str | None:
    """Return an issued formula as it reads after sheets, rows or columns moved.

    None where it refers to a cell that is gone: what is said of that cell explains it.
    """
    gone = False

    def there(reference: str, where: Where) -> str:
        nonlocal gone
        place = where(*place_of(reference.replace("$", "")))
        gone = gone or place is None
        return address(*place) if place else reference

    def move(match: re.Match[str]) -> str:
        name = (match[1] or own).strip("'")
        sheet, where = stands.get(name, (name, _as_issued))
        first = there(match[2], where)
        area = f"{first}:{there(match[3], where)}" if match[3] else first
        return f"{sheet}!{area}" if match[1] else area

    moved = _REFERENCE.sub(move, formula)
    return None if gone else moved


def _at(rows: Rows, place: Place) -> object:
    row, column = place
    if row >= len(rows) or column >= len(rows[row]):
        return None
    return rows[row][column]


def same(found: object, expected: Value) -> bool:
    """Tell whether a cell says what was issued: width and white space do not count."""
    if type(found) is type(expected) and found == expected:
        return True
    if expected is None or expected == "":
        return found is None or not plain(found)
    if isinstance(expected, (int, float)):
        found = _as_number(found)
        if not isinstance(found, (int, float)) or isinstance(found, bool):
            return False
        return abs(float(found) - expected) <= _SAME * max(1.0, abs(expected))
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    return plain(found) == plain(expected)


def _as_number(found: object) -> object:
    """Turn a time or a day back into the number it was: Gnumeric's .xls gives its percentages so.

    Day 1 is 1900-01-01 (Excel's 1900 date system, before its 29 February of that year).
    """
    if isinstance(found, time):
        past = timedelta(
            hours=found.hour, minutes=found.minute, seconds=found.second,
            microseconds=found.microsecond,
        )  # fmt: skip
        return past / timedelta(days=1)
    if isinstance(found, datetime):
        return (found - datetime(1899, 12, 31)) / timedelta(days=1)
    if isinstance(found, date):
        return float((found - date(1899, 12, 31)).days)
    return found


def _brief(formula: str) -> str:
    """Show the beginning of a formula: who reads the message knows the cell."""
    return formula if len(formula) <= _FORMULA else f"{formula[:_FORMULA]}……"


def said(content: object) -> str:
    """Show a cell's content in a message."""
    if isinstance(content, float):
        return f"{content:.10g}"
    return cut(str(content or "").strip())
