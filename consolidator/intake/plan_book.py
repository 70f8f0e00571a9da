"""Read a plan workbook into the plan's tables; places in faults are sheets and cells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from consolidator.errors import OperatorError
from consolidator.forms.layout import column_letter
from consolidator.forms.plan.book import names_of
from consolidator.forms.plan.fields import (
    AMOUNT_PARTS,
    CHECK,
    FORM_OF,
    FORMS,
    SETTING_COLUMNS,
    SETTING_LINES,
    SETTINGS_SHEET,
    SHEET_OF,
    TARGET_KEYS,
    TARGETS,
    WORDS,
    Form,
    Takes,
)
from consolidator.forms.plan.words import meant
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.limits import PLAN
from consolidator.intake.opening import Opened, open_workbook
from consolidator.intake.placing import Table, find_table
from consolidator.intake.plan_cells import PlanCells, holds, place_of
from consolidator.intake.plan_targets import target_rows
from consolidator.plan.codes import with_codes
from consolidator.plan.faults import Fault
from consolidator.plan.tables import COLUMNS, PlanTables, Row


@dataclass(slots=True)
class BookWording:
    """The places and words of one plan workbook."""

    sheets: dict[str, str] = field(default_factory=dict)
    """By table: what its sheet is really called."""
    columns: dict[str, dict[str, int]] = field(default_factory=dict)
    """By table: where its columns stand."""
    settings: dict[str, int] = field(default_factory=dict)
    """By key: the rows of the settings."""
    value_column: int = 0

    def cell(self, table: str, line: int, column: str) -> str:
        """Name the sheet and the cell."""
        at = self.columns.get(table, {}).get(column)
        if at is None:
            return f"{self.table(table)}第 {line} 行"
        return place_of(self.sheets[table], line - 1, at)

    def table(self, table: str) -> str:
        """Name the sheet."""
        return f"“{self.sheets.get(table, SHEET_OF[table])}”表"

    def column(self, table: str, column: str) -> str:
        """Name the sheet and the column's letter."""
        at = self.columns.get(table, {}).get(column)
        return self.table(table) + ("" if at is None else f" {column_letter(at)} 列")

    def head(self, table: str) -> str:
        """Name the heading of a table."""
        return f"{self.table(table)}表头"

    def setting(self, section: str, key: str = "") -> str:
        """Name the cell of a setting, or the sheet of all."""
        row = self.settings.get(f"{section}.{key}" if section else key)
        sheet = self.sheets.get(SETTINGS_SHEET, SETTINGS_SHEET)
        return f"“{sheet}”表" if row is None else place_of(sheet, row, self.value_column)

    def word(self, word: str) -> str:
        """Return what staff read for a word of the plan."""
        return WORDS.get(word, word)


def read_plan_book(path: Path) -> PlanTables:
    """Read the workbook at ``path``.

    Raises:
        OperatorError: it cannot be read, or is no plan workbook; one sentence says which.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise OperatorError(
            f"目标任务工作簿“{path}”读不出来：请检查路径，并关闭后重试。"
        ) from error
    return tables_of_book(content, str(path))


def tables_of_book(content: bytes, name: str) -> PlanTables:
    """Return the tables of a workbook; ``name`` is what the operator calls it.

    Raises:
        OperatorError: it cannot be read, or is no plan workbook; one sentence says which.
    """
    try:
        opened = open_workbook(content, limits=PLAN)
    except NotReadableError as error:
        detail = f"（{error.refusal.found}）" if error.refusal.found else ""
        raise OperatorError(
            f"目标任务工作簿“{name}”读不出来{detail}：请用 Excel 打开检查、另存为 .xlsx 后重试。"
        ) from error
    if not is_plan_book(opened):
        raise OperatorError(
            f"“{name}”不是目标任务工作簿：请用 consolidator plan export 导出一份来改，"
            "或用 consolidator plan import 读入正式文件里的表格。"
        )
    try:
        return _tables({sheet: find_table(opened, sheet, keys) for sheet, keys in _WANTED.items()})
    except NotReadableError as error:
        raise OperatorError(
            f"目标任务工作簿“{name}”有误，{error.refusal.found}：请不要删除工作表、表头和隐藏的行、列，"
            "也不要复制工作表，请对照新导出的工作簿恢复。"
        ) from error


_WANTED: Mapping[str, tuple[str, ...]] = {
    **{form.sheet: tuple(column.key for column in form.columns.all) for form in FORMS},
    TARGETS: TARGET_KEYS,
    SETTINGS_SHEET: tuple(column.key for column in SETTING_COLUMNS.all),
}
"""By sheet: the keys of its columns."""


def is_plan_book(opened: Opened) -> bool:
    """Tell whether a workbook has any of the sheets of a plan workbook."""
    for sheet, keys in _WANTED.items():
        try:
            find_table(opened, sheet, keys)
        except NotReadableError:
            continue
        return True
    return False


def _tables(found: Mapping[str, Table]) -> PlanTables:
    wording = BookWording()
    faults: list[Fault] = []
    rows: dict[str, tuple[Row, ...]] = {}
    for form in FORMS:
        cells = PlanCells(found[form.sheet])
        rows[form.table] = tuple(_rows(form, cells, wording))
        faults += cells.faults
    coded, noted = with_codes(rows)
    draft = PlanTables({}, coded, COLUMNS, wording)
    named = {table: _named(FORM_OF[table], several, draft) for table, several in coded.items()}
    targets = PlanCells(found[TARGETS])
    labels, units, lines = target_rows(targets, replace(draft, rows=named))
    wording.sheets["targets"] = targets.table.sheet
    wording.columns["targets"] = {**units, **labels}
    settings = PlanCells(found[SETTINGS_SHEET])
    told = _settings(settings, wording)
    return PlanTables(
        told,
        {**named, "targets": lines},
        {**COLUMNS, "targets": (*COLUMNS["targets"], *units)},
        wording,
        (*faults, *noted, *targets.faults, *settings.faults),
    )


def _rows(form: Form, cells: PlanCells, wording: BookWording) -> Iterator[Row]:
    """Yield a row for every line in which anything but a code stands."""
    table = cells.table
    fields = [one for one in form.fields if one.key != CHECK]
    at = {one.key: table.column_of[one.key] for one in fields}
    amounts = list(dict.fromkeys(one.column for one in fields if one.column != one.key))
    wording.sheets[form.table] = table.sheet
    wording.columns[form.table] = {**at, **{stem: at[f"{stem}_name"] for stem in amounts}}
    first = cells.heading({one.key: one.title for one in fields}, at) + 1
    cells.hold_unmerged(first, max(at.values()))
    own = [at[one.key] for one in fields if one.takes is not Takes.CODE]
    used = []
    for row in range(first, len(table.rows)):
        if not any(holds(table, row, column) for column in own):
            continue
        used.append(row)
        texts = {one.key: cells.text(row, at[one.key], one.takes) for one in fields}
        values = {one.key: texts[one.key] for one in fields if one.column == one.key}
        for stem in amounts:
            parts = [texts[f"{stem}_{part}"] for part in AMOUNT_PARTS]
            values[stem] = ":".join(parts) if any(parts[1:]) else ""
        yield Row(form.table, row + 1, values, wording)
    cells.warn_hidden(used, own)


def _named(form: Form, rows: tuple[Row, ...], draft: PlanTables) -> tuple[Row, ...]:
    """Put the plan's words in place of staff's."""
    names = names_of(draft)
    fields = form.by_key
    return tuple(
        replace(
            row,
            values={
                key: meant(text, fields[key], names) if key in fields else text
                for key, text in row.values.items()
            },
        )
        for row in rows
    )


def _settings(cells: PlanCells, wording: BookWording) -> dict[str, object]:
    table = cells.table
    value = table.column_of["value"]
    wording.sheets[SETTINGS_SHEET] = table.sheet
    wording.value_column = value
    told: dict[str, object] = {}
    for one in SETTING_LINES:
        row = table.row_of.get(one.row_key)
        if row is None:
            continue
        wording.settings[one.row_key] = row
        if one.row_key in table.doubled:
            cells.error(row, value, f"“{one.title}”有两行，请只留一行。")
        text = cells.text(row, value, one.takes)
        section = told.setdefault(one.section, {}) if one.section else told
        assert isinstance(section, dict)
        words = {word: key for key, word in one.words.items()}
        section[one.key] = _setting(text, one.takes) if not words else words.get(text, text)
    return told


def _setting(text: str, takes: Takes) -> str | int | float:
    """Return a setting as the text file would hold it; what is no number stays text."""
    if not takes.is_number:
        return text
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text
