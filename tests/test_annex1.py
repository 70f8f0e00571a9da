"""Annex 1: the district's own form goes out, comes back and counts beside units' figures."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from consolidator.cli import run
from consolidator.excel.writer import to_bytes
from consolidator.forms.layout import Value
from consolidator.forms.quarterly.addresses import MAIN
from consolidator.forms.quarterly.assignment import Assignment
from consolidator.forms.quarterly.book import file_name, quarterly_book
from consolidator.plan.model import DISTRICT
from consolidator.plan.period import Period
from consolidator.report.context import ANNEX1
from office.program import Program
from returns import Q4, SHIPPED, good_answers, plan_folder
from test_recalculation import hold

FORM = "科技指标_区级_2017Q4.xlsx"
# Where the form has its entry cells, by what they ask for; and what is typed there.
CELLS = {
    "rd_expenditure": "H8", "gdp": "H9", "valid_invention_patents": "H11", "population": "H12",
    "new_hightech_firms": "H13", "new_rd_institutions": "H14",
    "new_rd_institutions_provincial": "H15", "new_platforms": "H16",
}  # fmt: skip
TYPED: dict[str, Value] = {
    "rd_expenditure": 28.5, "gdp": 1_000.0, "valid_invention_patents": 2_200.0,
    "population": 55.0, "new_hightech_firms": 160, "new_rd_institutions": 30,
    "new_rd_institutions_provincial": 8, "new_platforms": 4,
}  # fmt: skip
SIGNED: dict[str, Value] = {
    "D19": "张三",
    "H19": "李四",
    "D20": "85127000",
    "H20": date(2018, 1, 5),
}
# By hand: 28.5/1000 = 2.85 % of 2.86 %; 2200/55 = 40 of 44.33; 160 of 152; 4 of 5.
REACHED = {
    "rd_share": (0.0285, 0.0285 / 0.0286), "patents_per_10k": (40.0, 40 / 44.33),
    "new_hightech_firms": (160.0, 160 / 152), "new_rd_institutions": (30.0, 30 / 29),
    "new_rd_institutions_provincial": (8.0, 1.0), "new_platforms": (4.0, 0.8),
}  # fmt: skip


def issued(root: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert run(["issue", "--period", "2017-Q4", "--district", "--workspace", str(root)]) == 0
    assert "共 1 份" in capsys.readouterr().out
    return root / "templates" / "2017-Q4" / FORM


def filled(
    program: Program, template: Path, root: Path, changes: dict[str, Value] | None = None
) -> Path:
    """Fill the form in a program, as the bureau does, and put it among the returns."""
    values = {CELLS[key]: value for key, value in (TYPED | (changes or {})).items()} | SIGNED
    remarks: dict[str, Value] = {"L7": "以统计年报为准", "L10": "推进中", "L16": "明年补足"}
    target = root / "returns" / "2017-Q4" / FORM
    target.parent.mkdir(parents=True, exist_ok=True)
    cells = {(MAIN, cell): value for cell, value in (values | remarks).items() if value is not None}
    program.fill(template, target, cells)
    return target


def told(root: Path, capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    run(["consolidate", "--period", "2017-Q4", "--workspace", str(root), "--json", *options])
    return json.loads(capsys.readouterr().out)


def test_the_districts_form_goes_out_comes_back_and_counts(
    program: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled(program, issued(tmp_path, capsys), tmp_path)
    for unit in SHIPPED.units[:2]:
        assignment = Assignment(SHIPPED, unit, Q4)
        form = quarterly_book(replace(assignment, answers=good_answers(assignment)))
        (tmp_path / "returns/2017-Q4" / file_name(assignment)).write_bytes(to_bytes(form))
    found = told(tmp_path, capsys)
    assert next((one["file"], one["status"], one["unit"]) for one in found["files"]) == (
        FORM, "counted", DISTRICT,
    )  # fmt: skip
    assert len(found["units"]) == 11
    assert not [one for one in found["findings"] if one["unit"] == DISTRICT]
    rows = {one["code"]: one for one in found["district_targets"]}
    for code, (actual, rate) in REACHED.items():
        assert rows[code]["actual"] == pytest.approx(actual), code
        assert rows[code]["achievement"] == pytest.approx(rate), code
        assert rows[code]["file"] == FORM
    assert rows["rd_share"]["cell"] == "H8、H9"
    assert rows["new_platforms"]["cell"] == "H16"
    # Both units reached their shares: 47 % and 13.5 % of one and the same amount.
    share = rows["hightech_output_share"]
    assert share["actual"] == pytest.approx((0.47 + 0.135) / 2)
    assert share["file"] is None
    hold(program, tmp_path / "output/2017-Q4/汇总表_2017Q4.xlsx", least=500)


def test_a_wrong_figure_of_the_district_is_sent_back_as_any_units(
    libreoffice: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong: dict[str, Value] = {"new_rd_institutions_provincial": 31, "new_platforms": "5个左右",
                               "population": 0}  # fmt: skip
    filled(libreoffice, issued(tmp_path, capsys), tmp_path, wrong)
    found = told(tmp_path, capsys)
    codes = {(one["cell"], one["code"]) for one in found["findings"] if one["unit"] == DISTRICT}
    assert codes >= {("H15", "part_above_whole"), ("H16", "not_a_number"),
                     ("H12", "ratio_impossible")}  # fmt: skip
    rows = {one["code"]: one for one in found["district_targets"]}
    for code in ("new_rd_institutions_provincial", "new_platforms", "patents_per_10k"):
        assert rows[code]["actual"] is None, code
    assert rows["rd_share"]["actual"] == pytest.approx(0.0285)
    (correction,) = found["outputs"]["corrections"]
    assert Path(correction).name == "科技指标_区级_2017Q4_更正.xlsx"
    book = openpyxl.load_workbook(tmp_path / "output/2017-Q4/汇总表_2017Q4.xlsx", data_only=True)
    shown = [cell.value for row in book[ANNEX1].iter_rows() for cell in row]
    assert shown.count("待更正") == 4


def test_a_form_that_did_not_come_leaves_its_targets_open_and_blames_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "returns/2017-Q4").mkdir(parents=True)
    found = told(tmp_path, capsys)
    assert [one["actual"] for one in found["district_targets"]] == [None] * 7
    assert {one["unit"] for one in found["findings"]} == {one.code for one in SHIPPED.units}
    book = openpyxl.load_workbook(tmp_path / "output/2017-Q4/汇总表_2017Q4.xlsx", data_only=True)
    shown = [cell.value for row in book[ANNEX1].iter_rows() for cell in row]
    assert shown.count("未报") == 6
    assert shown.count("区级填报表没有收到") == 6


def test_what_is_known_at_years_end_only_is_not_asked_before() -> None:
    own = SHIPPED.district_plan
    assert own is not None
    asked = [[line.key for line in Assignment(own, own.units[0], Period(2017, quarter)).entries]
             for quarter in (1, 4)]  # fmt: skip
    assert set(asked[1]) - set(asked[0]) == {"rd_expenditure", "gdp"}


def test_a_plan_without_targets_for_the_district_has_no_form_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = plan_folder(tmp_path / "plan")
    lines = (folder / "district_targets.csv").read_text("utf-8").splitlines()
    (folder / "district_targets.csv").write_text(lines[0] + "\n", "utf-8")
    status = run(["issue", "--period", "2017-Q4", "--district", "--plan", str(folder),
                  "--workspace", str(tmp_path)])  # fmt: skip
    assert status == 2
    assert "附件1 没有需要区级填报的目标" in capsys.readouterr().err
    (tmp_path / "returns/2017-Q4").mkdir(parents=True)
    assert told(tmp_path, capsys, "--plan", str(folder))["district_targets"] == []


def test_a_unit_and_the_district_are_not_asked_for_at_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["issue", "--period", "2017-Q4", "--district", "--unit", "menghe"]) == 2
    assert "--unit 和 --district 只能写一种" in capsys.readouterr().err
