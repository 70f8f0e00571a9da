"""Refuse a file: the one exception of intake, and the bound that every format's scan holds."""

from collections.abc import Iterable

from consolidator.forms.layout import address
from consolidator.intake.formats.marks import Marks
from consolidator.intake.limits import Limits
from consolidator.intake.values import Refusal


class NotReadableError(Exception):
    """A file cannot be opened as a workbook; carries the refusal."""

    def __init__(self, code: str, found: str = "", expected: str = "") -> None:
        """Keep the code of the catalogue and what it is about."""
        super().__init__(code, found)
        self.refusal = Refusal(code, found, expected)


def hold_cell(row: int, column: int, limits: Limits) -> None:
    """Hold that a cell, counted from 0, lies where a file may have one.

    Raises:
        NotReadableError: it lies beyond the last row or column of the limits.
    """
    if row >= limits.rows or column >= limits.columns:
        raise NotReadableError("file_too_large", f"单元格 {address(row, column)}")


def hold_sheets(marks: Iterable[Marks], limits: Limits) -> None:
    """Hold that all sheets together can be laid out, each from its first cell to its last.

    Raises:
        NotReadableError: they have too many cells.
    """
    cells = sum((one.last_row + 1) * (one.last_column + 1) for one in marks)
    hold_count(cells, limits.cells, "铺开的单元格")


def hold_area(top: int, left: int, bottom: int, right: int, limits: Limits) -> None:
    """Hold that an area lies where a file may have cells, and is not vast.

    Raises:
        NotReadableError: it does not, or is.
    """
    if top > bottom or left > right:
        raise NotReadableError("file_damaged", "单元格区域不对")
    hold_cell(bottom, right, limits)
    hold_count((bottom - top + 1) * (right - left + 1), limits.cells // 10, "一个公式的单元格")


def hold_count(count: int, most: int, what: str) -> None:
    """Hold that a file has no more of something than it may; ``what`` names it with its measure.

    Raises:
        NotReadableError: it has more.
    """
    if count > most:
        raise NotReadableError("file_too_large", f"{what} {count} 个")
