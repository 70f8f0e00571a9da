"""Read the cells of a plan workbook as the text a plan is written in; what is odd is a fault.

The number is taken from the cell's value, never from what is shown: 47% is stored as 0.47.
"""

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from consolidator.forms.layout import address
from consolidator.forms.plan.fields import Takes
from consolidator.forms.plan.words import number_text
from consolidator.intake.formats.number_formats import only_writes_percent, shows_otherwise
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.placing import Table, cut
from consolidator.plan.examining import read_number
from consolidator.plan.faults import Fault
from consolidator.severity import Severity

_SEARCHED = 12
"""Rows below the keys in which the headings are looked for."""


def holds(table: Table, row: int, column: int) -> bool:
    """Tell whether anything stands in a cell; a formula that shows nothing does not."""
    content = table.at(row, column)
    blank = content is None or (isinstance(content, str) and not content.strip())
    return (
        not blank or (row, column) in table.marks.errors or (row, column) in table.marks.uncomputed
    )


def place_of(sheet: str, row: int, column: int) -> str:
    """Name a cell, counted from 0, as the one who edits the workbook finds it: ``“目标”表 D7``."""
    return f"“{sheet}”表 {address(row, column)}"


@dataclass(slots=True)
class PlanCells:
    """The cells of one sheet, and the faults found in them so far."""

    table: Table
    faults: list[Fault] = field(default_factory=list)

    def place(self, row: int, column: int) -> str:
        """Name a cell of the sheet."""
        return place_of(self.table.sheet, row, column)

    def error(self, row: int, column: int, message: str) -> None:
        """Note that a cell cannot be used."""
        self.faults.append(Fault(Severity.ERROR, self.place(row, column), message))

    def warn(self, row: int, column: int, message: str) -> None:
        """Note what is probably a slip."""
        self.faults.append(Fault(Severity.WARNING, self.place(row, column), message))

    def text(self, row: int, column: int, takes: Takes = Takes.TEXT) -> str:
        """Return a cell as the plan's text; empty where it cannot be used, with a fault."""
        place, marks = (row, column), self.table.marks
        content = self.table.at(row, column)
        if place in marks.errors:
            self.error(row, column, f"是错误值 {marks.errors[place]}，请改为正确的内容。")
            return ""
        if place in marks.uncomputed:
            self.error(row, column, "是没有计算结果的公式，请直接写出内容。")
            return ""
        if isinstance(content, bool):
            self.error(row, column, "是逻辑值，请直接写出内容。")
            return ""
        if content is None or isinstance(content, (int, float, str)):
            written = self._written(row, column, content, takes)
            if place in marks.formulas and written:
                self.warn(row, column, f"是公式，按其结果“{cut(written)}”采用，请改为直接写出。")
            return written
        self.error(row, column, "是日期或时间，请把格式改为“常规”后重写。")
        return ""

    def _written(self, row: int, column: int, content: float | str | None, takes: Takes) -> str:
        if isinstance(content, (int, float)):
            return self._number(row, column, float(content), takes)
        text = (content or "").replace("\r\n", "\n").strip()
        return _plainly(text) if takes.is_number else text

    def _number(self, row: int, column: int, value: float, takes: Takes) -> str:
        if not math.isfinite(value):
            self.error(row, column, "数字过大，请改正。")
            return ""
        code = self.table.marks.disguised.get((row, column))
        if takes.is_number and code and (shows_otherwise(code, value) or only_writes_percent(code)):
            self.error(
                row, column,
                f"数字格式“{cut(code)}”把 {number_text(value)} 显示成了别的数，请改为“常规”格式。",
            )  # fmt: skip
            return ""
        return number_text(value)

    def shown(self, row: int, column: int) -> str:
        """Return what is shown in a cell that formulas may fill."""
        content = self.table.at(row, column)
        if isinstance(content, float):
            return number_text(content)
        return content.strip() if isinstance(content, str) else ""

    def is_number(self, row: int, column: int) -> bool:
        """Tell whether a number is stored, not a text."""
        return isinstance(self.table.at(row, column), (int, float))

    def heading(self, titles: Mapping[str, str], at: Mapping[str, int]) -> int:
        """Return the row of the headings, below which the entries begin.

        Raises:
            NotReadableError: it is not there: what is an entry cannot be told.
        """
        last = min(len(self.table.rows), self.table.header + _SEARCHED)
        for row in range(self.table.header + 1, last):
            told = sum(self.table.at(row, at[key]) == title for key, title in titles.items())
            if told * 2 > len(titles):
                return row
        raise NotReadableError("layout_lost", f"“{self.table.sheet}”表的表头不见了")

    def is_percent(self, row: int, column: int) -> bool:
        """Tell whether a number is shown with a percent sign."""
        return (row, column) in self.table.marks.percents

    def hold_unmerged(self, first_row: int, last_column: int) -> None:
        """Note the merged areas among the entries: whose value it is cannot be told."""
        for top, left, bottom, right in self.table.marks.merges:
            if bottom < first_row or left > last_column:
                continue
            area = f"{address(top, left)}:{address(bottom, right)}"
            self.faults.append(
                Fault(
                    Severity.ERROR, f"“{self.table.sheet}”表 {area}",
                    "单元格合并了，分不清是谁的内容，请取消合并后逐格填写。",
                )
            )  # fmt: skip

    def warn_hidden(self, rows: list[int], columns: list[int]) -> None:
        """Note entries that nobody sees and that count all the same."""
        marks = self.table.marks
        told = [f"第 {row + 1} 行" for row in rows if row in marks.hidden_rows]
        told += [
            f"{address(0, column).rstrip('1')} 列"
            for column in columns if column in marks.hidden_columns
        ]  # fmt: skip
        if told:
            self.faults.append(
                Fault(
                    Severity.WARNING, f"“{self.table.sheet}”表",
                    f"{cut('、'.join(told))}隐藏着，其中的内容照样采用，请显示出来核对。",
                )
            )  # fmt: skip


def _plainly(text: str) -> str:
    """Return a number typed with full-width digits plainly; other text as it is."""
    if any(unicodedata.category(char) == "No" for char in text):
        return text
    plain = unicodedata.normalize("NFKC", text).strip()
    return plain if read_number(plain) is not None or set(plain) <= set("-—") else text
