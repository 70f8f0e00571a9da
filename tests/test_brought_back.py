"""What a later run reads back from an edited workbook: nothing wrong is taken unseen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from consolidator.errors import OperatorError
from consolidator.figures.adjustments import Adjustment
from consolidator.figures.parameters import CAP
from consolidator.report import data_sheet, parameters_sheet
from consolidator.report.context import DATA, PARAMETERS
from consolidator.report.previous import open_earlier
from returns import Q4, SHIPPED
from test_recalculation import _forms, report

_AT = data_sheet.COLUMNS.index
_TYPED = parameters_sheet.COLUMNS.index("typed") + 1


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a district workbook of three returns."""
    return report(tmp_path_factory.mktemp("made"), SHIPPED, Q4, _forms(3)).workbook


def edited(made: Path, folder: Path, edit: Callable[[Any], object]) -> Path:
    """Return a copy of the workbook that someone edited."""
    book = openpyxl.load_workbook(made)
    edit(book)
    path = folder / made.name
    book.save(path)
    return path


def row_of(sheet: Any, key: str) -> int:
    return next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == key)


def _sort(book: Any) -> None:
    """Change two rows of figures, as a sort does that leaves the hidden first column behind."""
    sheet = book[DATA]
    first, second = (row_of(sheet, f"{unit}/hightech_firms") for unit in ("chunjiang", "menghe"))
    for column in range(2, sheet.max_column + 1):
        a, b = sheet.cell(first, column), sheet.cell(second, column)
        a.value, b.value = b.value, a.value


def _copy_a_row(book: Any) -> None:
    sheet = book[DATA]
    row = row_of(sheet, "menghe/hightech_firms")
    sheet.cell(row, 1).value = "chunjiang/hightech_firms"


@pytest.mark.parametrize("edit", [_sort, _copy_a_row])
def test_figures_whose_key_and_name_disagree_stop_the_run(
    made: Path, edit: Callable[[Any], None], tmp_path: Path
) -> None:
    earlier = open_earlier(edited(made, tmp_path, edit), SHIPPED, Q4)
    assert earlier is not None
    for read in (earlier.adjustments, earlier.actuals):
        with pytest.raises(OperatorError, match="读不出来"):
            read()


def _adjust(typed: object, under: object = None) -> Callable[[Any], None]:
    def edit(book: Any) -> None:
        sheet = book[DATA]
        row = row_of(sheet, "chunjiang/hightech_output_ratio")
        for key, value in (("adjusted", typed), ("adjusted_under", under), ("reason", "来函")):
            sheet.cell(row, _AT(key) + 1).value = value

    return edit


@pytest.mark.parametrize(
    ("typed", "under", "kept"),
    [
        (47.0, "#N/A", (47.0, "#N/A")),
        (47.0, "=1+1", (47.0, "=1+1")),
        (47.0, "1,00", (47.0, "1,00")),
        (47.0, None, (47.0, None)),
    ],
)
def test_an_adjustment_keeps_what_was_typed_and_uses_no_half_of_it(
    made: Path, typed: object, under: object, kept: tuple[object, object], tmp_path: Path
) -> None:
    earlier = open_earlier(edited(made, tmp_path, _adjust(typed, under)), SHIPPED, Q4)
    assert earlier is not None
    found = earlier.adjustments()["chunjiang", "hightech_output_ratio"]
    assert (found.figure, found.denominator) == kept
    used = found.used(ratio=True)
    assert used == ((47.0, None) if under is None else None)


def test_a_ratio_takes_no_amount_beside_one_that_cannot_be_used() -> None:
    for one in (Adjustment("约10", 100.0, "x", (None, None)), Adjustment(5.0, -1.0, "x", (1, 2))):
        assert one.used(ratio=True) is None


def _parameter(edit: Callable[[Any, int], object]) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        sheet = book[PARAMETERS]
        row = row_of(sheet, CAP)
        sheet.cell(row, _TYPED).value = 1.2
        edit(sheet, row)

    return change


def _rename(sheet: Any, row: int) -> None:
    assert row
    sheet.title = "评分参数 (2)"


def test_parameters_are_found_whatever_their_sheet_is_called(made: Path, tmp_path: Path) -> None:
    earlier = open_earlier(edited(made, tmp_path, _parameter(_rename)), SHIPPED, Q4)
    assert earlier is not None
    assert earlier.parameters() == {CAP: 1.2}


@pytest.mark.parametrize(
    "edit",
    [
        lambda sheet, row: setattr(sheet.cell(row + 1, 1), "value", CAP),
        lambda sheet, row: setattr(sheet.cell(row, 2), "value", "数量分占总分"),
    ],
    ids=["key twice", "name of another"],
)
def test_parameters_whose_key_and_name_disagree_stop_the_run(
    made: Path, edit: Callable[[Any, int], object], tmp_path: Path
) -> None:
    earlier = open_earlier(edited(made, tmp_path, _parameter(edit)), SHIPPED, Q4)
    assert earlier is not None
    with pytest.raises(OperatorError, match="读不出来"):
        earlier.parameters()


def test_a_parameter_that_is_an_error_value_is_told_not_dropped(made: Path, tmp_path: Path) -> None:
    change = _parameter(lambda sheet, row: setattr(sheet.cell(row, _TYPED), "value", "#N/A"))
    earlier = open_earlier(edited(made, tmp_path, change), SHIPPED, Q4)
    assert earlier is not None
    assert earlier.parameters() == {CAP: "#N/A"}
