"""Read the merged reviews back from 评议汇总, each mean with its cell, for the scores."""

from collections.abc import Mapping
from pathlib import Path

from consolidator.checks.review_selection import ReviewerStatus
from consolidator.errors import OperatorError
from consolidator.figures.review_results import ItemKey, ReviewResults
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.limits import OWN
from consolidator.intake.opening import Opened, open_workbook
from consolidator.intake.placing import Table, find_table
from consolidator.plan.model import Plan
from consolidator.plan.period import Period
from consolidator.report.review import reviewers_sheet
from consolidator.report.review.context import RESULTS, REVIEWERS, family, identity
from consolidator.report.review.results_sheet import columns, count_key, mean_key

_SEARCHED_ROWS = 12


def read_review_results(path: Path, plan: Plan, period: Period) -> ReviewResults:
    """Return what the workbook at ``path`` says: cached results, found by hidden keys.

    A unit and item without marks has no entry: that is not a mean of 0.

    Raises:
        OperatorError: the file is another year's or plan's, cannot be read, or holds means
            that no program has computed.
    """
    try:
        opened = open_reviews(path, plan, period)
        _hold_current(opened, path, plan, period)
        keys = tuple(column.key for column in columns(plan).all)
        table = find_table(opened, RESULTS, keys)
        own = tuple(column.key for column in reviewers_sheet.COLUMNS.all)
        returned, reviewers = _returned(find_table(opened, REVIEWERS, own))
    except (NotReadableError, OSError) as error:
        raise OperatorError(
            f"“{path}”读不出来：请用 review consolidate 重新汇总评议，或把它移到别的文件夹。"
        ) from error
    marks: dict[ItemKey, float] = {}
    counted: dict[ItemKey, int] = {}
    cells: dict[ItemKey, str] = {}
    for unit in plan.units:
        for item in plan.review_items:
            key = unit.code, item.number
            mean = _number(table, unit.code, mean_key(item), path)
            count = _number(table, unit.code, count_key(item), path)
            # A mean that no program computed is blank too: the number of marks tells.
            if count is None or (mean is None) != (count == 0):
                raise _unsound(path, table, unit.code, mean_key(item))
            if table.content(unit.code, "unit") != unit.name:
                raise _unsound(path, table, unit.code, "unit")
            if mean is None:
                continue
            place = table.row_of[unit.code], table.column_of[mean_key(item)]
            if place not in table.marks.formulas or table.doubled:
                # Typed over, or copied: a mean is what its marks come to.
                raise _unsound(path, table, unit.code, mean_key(item))
            if not 0 <= mean <= item.full_marks:
                raise _unsound(path, table, unit.code, mean_key(item))
            marks[key], counted[key] = mean, int(count)
            cells[key] = table.address(unit.code, mean_key(item))
    return ReviewResults(path.name, table.sheet, marks, cells, counted, reviewers, returned)


def open_reviews(path: Path, plan: Plan, period: Period) -> Opened:
    """Open a workbook that must be a result of this plan and year, whatever was asked then.

    Raises:
        OperatorError: it is not.
        NotReadableError: it is no workbook.
        OSError: it cannot be read.
    """
    opened = open_workbook(path.read_bytes(), limits=OWN)
    if not any(text.startswith(family(plan, period)) for text in _tops(opened)):
        raise OperatorError(
            f"“{path}”不是{period.title}的评议汇总：请把它移到别的文件夹后重试，以免被覆盖。"
        )
    return opened


def _tops(opened: Opened) -> list[str]:
    """Return the texts at the top of the first column of every sheet."""
    rows = (row for sheet in opened.sheets.values() for row in sheet[:_SEARCHED_ROWS] if row)
    return [row[0] for row in rows if isinstance(row[0], str)]


def _hold_current(opened: Opened, path: Path, plan: Plan, period: Period) -> None:
    """Hold that a result is of the units, items and kind of mean that the plan has now.

    Raises:
        OperatorError: it is not.
    """
    if identity(plan, period) not in _tops(opened):
        raise OperatorError(
            f"“{path}”是目标任务调整以前汇总的（单位、评议内容或平均办法不同）："
            "请用 review consolidate 重新汇总评议。"
        )


def _number(table: Table, row: str, column: str, path: Path) -> float | None:
    """Return a stored result; None where the cell is blank."""
    if not table.has(row, column) or row in table.doubled:
        raise _unsound(path, table, row, column)
    place = table.row_of[row], table.column_of[column]
    content = table.at(*place)
    if isinstance(content, (int, float)) and not isinstance(content, bool):
        return float(content)
    if content not in (None, "") or place in table.marks.errors:
        raise _unsound(path, table, row, column)
    return None


def _unsound(path: Path, table: Table, row: str, column: str) -> OperatorError:
    where = table.address(row, column) or row
    return OperatorError(
        f"“{path}”的“{table.sheet}”{where} 不是算好的平均分：请用 review consolidate 重新汇总评议。"
    )


def _returned(table: Table) -> tuple[int, int]:
    """Return how many reviewers returned their marks, and how many there are."""
    rows: Mapping[str, int] = table.row_of
    missing = ReviewerStatus.MISSING.chinese
    states = [table.content(key, "status") for key in rows if table.has(key, "status")]
    return sum(state != missing for state in states), len(states)
