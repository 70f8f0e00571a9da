"""Read the sheets of a workbook into which tables were pasted, each as one grid."""

import math
from datetime import date, datetime
from decimal import Decimal

from consolidator.forms.plan.words import number_text
from consolidator.intake.formats.marks import Marks
from consolidator.intake.formats.number_formats import only_writes_percent, shows_otherwise
from consolidator.intake.formats.reading import Rows
from consolidator.intake.formats.refusing import hold_count
from consolidator.intake.official.grid import MOST_CELLS, Entry, Grid
from consolidator.intake.opening import Opened
from consolidator.intake.plan_cells import place_of

_NOT_COMPUTED = "是没有计算结果的公式"
Origins = dict[tuple[int, int], tuple[int, int]]


def pasted_grids(opened: Opened) -> list[Grid]:
    """Return every sheet as a grid; hidden rows and columns are marked, not taken.

    Raises:
        NotReadableError: they have more cells than a document's tables may.
    """
    cells = sum(len(rows) * max(map(len, rows), default=0) for rows in opened.sheets.values())
    hold_count(cells, MOST_CELLS, "铺开的单元格")
    return [
        Grid(f"“{name}”表", _rows(name, rows, opened.marks[name]))
        for name, rows in opened.sheets.items()
        if rows
    ]


def _rows(name: str, rows: Rows, marks: Marks) -> tuple[tuple[Entry, ...], ...]:
    width = max(map(len, rows))
    origins: Origins = {}
    for top, left, bottom, right in marks.merges:
        for row in range(top, min(bottom, len(rows) - 1) + 1):
            for column in range(left, min(right, width - 1) + 1):
                origins[row, column] = (top, left)
    entries: dict[tuple[int, int], Entry] = {}

    def entry(row: int, column: int) -> Entry:
        at = origins.get((row, column), (row, column))
        if at not in entries:
            cells = rows[at[0]]
            content = cells[at[1]] if at[1] < len(cells) else None
            entries[at] = _entry(place_of(name, *at), at, content, marks)
        return entries[at]

    return tuple(tuple(entry(row, column) for column in range(width)) for row in range(len(rows)))


def _entry(place: str, at: tuple[int, int], content: object, marks: Marks) -> Entry:
    if at in marks.errors:
        return Entry(marks.errors[at], place, at, "是错误值")
    if at in marks.uncomputed:
        return Entry(f"={marks.formulas.get(at, '')}", place, at, _NOT_COMPUTED)
    if content is None or content == "":
        return Entry("", place, at)
    trouble = "所在的工作表隐藏着" if marks.hidden else ""
    if at[0] in marks.hidden_rows or at[1] in marks.hidden_columns:
        trouble = "所在的行或列隐藏着"
    if isinstance(content, bool):
        return Entry(str(content).upper(), place, at, "是逻辑值")
    if isinstance(content, (int, float)):
        value = float(content)
        if not math.isfinite(value):
            return Entry(str(value), place, at, "数字过大")
        code = marks.disguised.get(at)
        if code and (shows_otherwise(code, value) or only_writes_percent(code)):
            trouble = f"数字格式“{code[:40]}”显示的是别的数"
        text = number_text(value)
        if at in marks.percents:
            text = f"{format((Decimal(text) * 100).normalize(), 'f')}%"
        return Entry(text, place, at, trouble)
    if isinstance(content, (date, datetime)):
        return Entry(str(content), place, at, "是日期")
    if isinstance(content, str):
        return Entry(content, place, at, trouble)
    return Entry(str(content), place, at, "是时间")
