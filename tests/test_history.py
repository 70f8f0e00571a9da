"""The earlier periods of a year: read from their district workbooks, and what was restated."""

import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from consolidator.cli import run
from consolidator.excel.writer import to_bytes
from consolidator.figures.history import History, PastPeriod
from consolidator.forms.layout import Value
from consolidator.forms.quarterly.assignment import Assignment, Key
from consolidator.forms.quarterly.book import file_name, quarterly_book
from consolidator.plan.period import Period
from consolidator.report.context import HISTORY, TREND
from office.program import Program
from returns import SHIPPED, good_answers, small_plan
from test_recalculation import hold

QUARTERS = [Period(2017, quarter) for quarter in (1, 2, 3, 4)]
PATENTS = "patent_applications"


def send(root: Path, period: Period, unit: str, changes: dict[Key, Value] | None = None) -> Path:
    """Put a good return of a unit into the period's folder, with some answers changed."""
    assignment = Assignment(SHIPPED, SHIPPED.unit_by_code[unit], period)
    form = replace(assignment, answers=good_answers(assignment) | (changes or {}))
    path = root / "returns" / period.code / file_name(assignment)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(to_bytes(quarterly_book(form)))
    return path


def consolidated(root: Path, period: Period, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Consolidate a period and return what was restated, as it is worded."""
    status = run(["consolidate", "--period", period.code, "--workspace", str(root), "--json"])
    told = capsys.readouterr()
    assert status in (0, 1), told.err
    findings = json.loads(told.out)["findings"]
    return [one["message"] for one in findings if one["code"] == "restated"]


def workbook(root: Path, period: Period) -> Path:
    """Return where the district workbook of a period lies."""
    return root / "output" / period.code / f"汇总表_{period.short}.xlsx"


def figures(path: Path, unit: str, code: str) -> list[object]:
    """Return a row of 历期数据 by the keys of its columns' row."""
    sheet = openpyxl.load_workbook(path, data_only=True)[HISTORY]
    row = next(one for one in sheet.iter_rows() if one[0].value == f"{unit}/{code}")
    last = next(n for n, one in enumerate(sheet[2]) if one.value == "restated")
    return [one.value for one in row[5 : last + 1]]


def test_each_quarter_shows_those_before_it_and_what_came_new(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # 910 patents are asked for: a quarter of them, rounded up, comes every quarter.
    for period in QUARTERS[:3]:
        send(tmp_path, period, "chunjiang")
        assert consolidated(tmp_path, period, capsys) == []
    assert HISTORY not in openpyxl.load_workbook(workbook(tmp_path, QUARTERS[0])).sheetnames
    assert TREND not in openpyxl.load_workbook(workbook(tmp_path, QUARTERS[0])).sheetnames
    assert figures(workbook(tmp_path, QUARTERS[2]), "chunjiang", PATENTS) == [
        228, 455, 683, 228, None,
    ]  # fmt: skip
    assert figures(workbook(tmp_path, QUARTERS[2]), "menghe", PATENTS)[:3] == ["—", "—", "未报"]


def test_a_restated_figure_stays_told_run_after_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, third, _ = QUARTERS
    for period in (first, second, third):
        send(tmp_path, period, "chunjiang")
        consolidated(tmp_path, period, capsys)
    send(tmp_path, first, "chunjiang", {Key(PATENTS, "actual"): 229.0})
    consolidated(tmp_path, first, capsys)
    said = ["“2017年第一季度的专利·专利申请”后来由 228 改为 229"]
    for _ in range(3):
        assert consolidated(tmp_path, third, capsys) == said
    assert consolidated(tmp_path, second, capsys) == said
    # The third quarter's workbook knows the figure first seen, even if it is made anew.
    workbook(tmp_path, third).unlink()
    (tmp_path / "output" / third.code / "处理意见_2017Q3.xlsx").unlink()
    assert consolidated(tmp_path, third, capsys) == said
    row = figures(workbook(tmp_path, third), "chunjiang", PATENTS)
    assert (row[0], row[-1]) == (229, "第一季度由 228 改为 229")


def test_a_quarter_without_a_workbook_is_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, _, third, _ = QUARTERS
    for period in (first, third):
        send(tmp_path, period, "chunjiang")
        consolidated(tmp_path, period, capsys)
    # What came new is held against the quarter right before only.
    assert figures(workbook(tmp_path, third), "chunjiang", PATENTS) == [228, 683, "—", None]


def test_an_earlier_workbook_that_cannot_be_read_stops_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, _, third, _ = QUARTERS
    send(tmp_path, third, "chunjiang")
    broken = workbook(tmp_path, first)
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"PK\x03\x04")
    assert run(["consolidate", "--period", "2017-Q3", "--workspace", str(tmp_path)]) == 2
    assert "2017年第一季度的汇总表“" in capsys.readouterr().err
    assert not workbook(tmp_path, third).exists()


# share is a ratio: 30/60 and 20/40 come to 50/100; firms add up to 12; nobody has patents.
def test_the_districts_figures_of_an_earlier_period_are_those_computed_by_hand() -> None:
    plan = small_plan()
    past = PastPeriod(
        QUARTERS[0], "",
        {("alpha", "over"): 30.0, ("alpha", "under"): 60.0, ("beta", "over"): 20.0,
         ("beta", "under"): 40.0, ("alpha", "share"): 0.5, ("beta", "share"): 0.5,
         ("alpha", "firms"): 5.0, ("gamma", "firms"): 7.0},
        {}, {},
    )  # fmt: skip
    assert [past.district(plan, one) for one in plan.indicators] == [0.5, 12.0, None, None]


def test_a_figure_that_came_or_went_later_is_restated_too() -> None:
    plan = small_plan()
    key = ("alpha", "firms")
    came = History((PastPeriod(QUARTERS[0], "", {key: 5.0}, {}, {}),), {"2017-Q1": {}})
    went = History((PastPeriod(QUARTERS[0], "", {}, {}, {}),), {"2017-Q1": {key: 5.0}})
    same = History((PastPeriod(QUARTERS[0], "", {key: 5.0}, {}, {}),))
    told = [[one[2:] for one in history.restated(plan)] for history in (came, went, same)]
    assert told == [[("空缺", "5")], [("5", "空缺")], []]


@pytest.mark.parametrize("name", ["libreoffice", "gnumeric"])
def test_the_sheets_of_earlier_periods_cache_what_programs_compute(
    name: str, tmp_path: Path, request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    program: Program = request.getfixturevalue(name)
    for period in QUARTERS[1:]:
        for unit in SHIPPED.units[:3]:
            send(tmp_path, period, unit.code)
        consolidated(tmp_path, period, capsys)
    hold(program, workbook(tmp_path, QUARTERS[3]), least=500)
