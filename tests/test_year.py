"""A whole year of three units: four quarters and the annual round, held to results by hand.

Units report late, wrong and not at all; what was wrong is mended in the correction workbook; the
bureau's register outranks reports; reviewers score, one of them not; and the final ranking is
the one computed by hand.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from consolidator.cli import run
from consolidator.excel.writer import to_bytes
from consolidator.forms.layout import Value
from consolidator.forms.quarterly.addresses import MAIN, Places
from consolidator.forms.quarterly.assignment import (
    APPROVED_BY,
    FILLED_BY,
    FILLED_ON,
    LIST_KEYS,
    PHONE,
    Assignment,
    Key,
)
from consolidator.forms.quarterly.book import file_name, quarterly_book
from consolidator.forms.review.assignment import item_key
from consolidator.forms.review.places import FIRST, SHEET
from consolidator.plan.check import load_plan
from consolidator.plan.model import Plan
from consolidator.plan.period import Period
from consolidator.report.context import SCORES
from consolidator.signing import find_key
from office.program import Program, Values
from office.reading import formula_results
from test_recalculation import hold

MEETING = "对接会"
TEXTS = {
    "plan.toml": """name = "小区"
year = 2017
title = "小区目标任务表"
note = ""
deadline_days = 10
[contact]
office = "科技局"
person = "综合处"
phone = "1"
mail = "a@example.com"
[weights]
quantity = 70
review = 30
achievement_cap = 1.0
[review]
mean = "plain"
""",
    "units.csv": "code,name,short\nalpha,甲镇,甲镇\nbeta,乙镇,乙镇\ngamma,丙街道,丙街道\n",
    "indicators.csv": (
        "code,number,group,name,measure,kind,accrual,parent,first_quarter,filed_kinds,"
        "numerator,denominator,district_target,weight,meaning,rule\n"
        "share,1,,高新占比,%,ratio,cumulative,,1,,over:高新产值:万元,under:总产值:万元,45%,,,\n"
        "firms,2,,高企数,家,count,stock,,1,,,,,,,\n"
        "patents,3,专利,申请,件,count,cumulative,,1,,,,,,,\n"
        "inventions,3,专利,发明,件,count,cumulative,patents,1,,,,,,,\n"
        f"meetings,4,,对接活动,场,count,cumulative,,1,{MEETING},,,,,,\n"
    ),
    "targets.csv": (
        "indicator,name,alpha,beta,gamma\n"
        "share,高新占比,50%,40%,--\n"
        "firms,高企数,10,0,20\n"
        "patents,申请,100,200,300\n"
        "inventions,发明,10,20,30\n"
        "meetings,对接活动,4,4,4\n"
    ),
    "district_targets.csv": (
        "code,number,name,measure,kind,target,parent,first_quarter,source,numerator,denominator\n"
        "share_of_all,1,高新占比,%,ratio,45%,,1,share,,\n"
        "platforms,2,新增平台,个,count,5,,1,,,\n"
    ),
    "review_items.csv": "number,name,full_marks\n1,重视程度,10\n2,保障情况,20\n",
    "contacts.csv": "unit,name,mail,copy\n",
}
Figures = Mapping[str, float | None]
# What each unit reports, quarter by quarter; figures are cumulative, firms are those there are.
YEAR_OF: dict[str, list[dict[str, float]]] = {
    "alpha": [
        {"over": 100, "under": 250, "firms": 10, "patents": 25, "inventions": 2, "meetings": 1},
        {"over": 200, "under": 500, "firms": 12, "patents": 45, "inventions": 3, "meetings": 2},
        {"over": 330, "under": 750, "firms": 15, "patents": 70, "inventions": 4, "meetings": 3},
        {"over": 450, "under": 1000, "firms": 15, "patents": 80, "inventions": 5, "meetings": 4},
    ],
    "beta": [
        {"over": 50, "under": 250, "firms": 1, "patents": 50, "inventions": 5, "meetings": 1},
        {"over": 100, "under": 500, "firms": 1, "patents": 100, "inventions": 10, "meetings": 2},
        {"over": 150, "under": 750, "firms": 2, "patents": 150, "inventions": 15, "meetings": 3},
        {"over": 200, "under": 1000, "firms": 2, "patents": 200, "inventions": 20, "meetings": 4},
    ],
    "gamma": [
        {"firms": 8, "patents": 40, "inventions": 2, "meetings": 0},
        {"firms": 10, "patents": 80, "inventions": 4, "meetings": 1},
        {"firms": 12, "patents": 100, "inventions": 5, "meetings": 1},
        {"firms": 12, "patents": 120, "inventions": 6, "meetings": 2},
    ],
}
# The register has one meeting of alpha less than it reports, and two of gamma more.
REGISTER = [
    ("甲镇", 3, 1), ("甲镇", 6, 2), ("甲镇", 9, 3),
    ("乙镇", 3, 1), ("乙镇", 6, 2), ("乙镇", 9, 3), ("乙镇", 11, 4),
    ("丙街道", 5, 1), ("丙街道", 8, 2), ("丙街道", 10, 3), ("丙街道", 12, 4),
]  # fmt: skip
# Marks of four reviewers for alpha, beta and gamma, two items each. The third sends nothing; the
# fourth is of 甲镇 and does not score it.
MARKS: dict[str, list[tuple[float, float] | None]] = {
    "评委一": [(9, 18), (8, 16), (7, 14)],
    "评委二": [(8, 16), (9, 18), (8, 15)],
    "评委四": [None, (7, 17), (6, 13)],
}
# Quantity, 25 a number:
#   alpha  .45/.5 = .9; 15/10 counts 1; .8 and .5 of 12.5 each; 3 of 4 filed:
#          22.5 + 25 + 10 + 6.25 + 18.75 = 82.5
#   beta   no firms (target 0), so a third more each: .5*33.33 + 16.67 + 16.67 + 33.33 = 83.33
#   gamma  no share: .6*33.33 + .4*16.67 + .2*16.67 + 4 of 4 filed: 20 + 6.67 + 3.33 + 33.33 = 63.33
# Review: alpha 8.5 + 17 of two; beta 8 + 17 and gamma 7 + 14 of three.
# Total: .7 * 82.5 + 25.5 = 83.25; .7 * 83.333 + 25 = 83.333; .7 * 63.333 + 21 = 65.333.
FINAL = {"alpha": (82.5, 25.5, 83.25, 2), "beta": (83.333333, 25.0, 83.333333, 1),
         "gamma": (63.333333, 21.0, 65.333333, 3)}  # fmt: skip
# By what units reported alone, alpha would be first: 88.75 * .7 + 25.5 = 87.625.


class Bureau:
    """The bureau at work in a folder: what it runs, and what lies there."""

    def __init__(self, root: Path, program: Program, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self.program, self.capsys = root, program, capsys
        (root / "plan").mkdir()
        for name, text in TEXTS.items():
            (root / "plan" / name).write_text(text, "utf-8")
        self.plan: Plan = load_plan(str(root / "plan"))

    def runs(self, *arguments: str) -> Any:
        """Run a command and return its exit status and what it told as JSON."""
        own = ["--plan", str(self.root / "plan"), "--workspace", str(self.root), "--json"]
        status = run([*arguments, *own])
        told = self.capsys.readouterr()
        assert told.out, told.err
        return status, json.loads(told.out)

    def consolidates(self, period: Period, *options: str) -> tuple[dict[str, str], Any]:
        """Consolidate; return each unit's status, and all that was told."""
        _, told = self.runs("consolidate", "--period", period.code, *options)
        return {one["code"]: one["status"] for one in told["units"]}, told

    def answers(self, period: Period, unit: str, changes: Figures) -> dict[Key, Value]:
        """Answer a unit's form with the year's figures and some changes."""
        figures: dict[str, float | None] = {**YEAR_OF[unit][period.last_quarter - 1], **changes}
        answers: dict[Key, Value] = {Key(code, "actual"): one for code, one in figures.items()}
        answers |= {Key(one.code, "remark"): "正在推进" for one in self.plan.indicators}
        for key in LIST_KEYS[: int(figures["meetings"] or 0)]:
            place = int(key.removeprefix("filed"))
            day = date(2017, 3 * place, 18)
            texts: tuple[Value, ...] = (MEETING, day, "某大学", "对接", f"{unit}-{place}")
            columns = ("kind", "date", "partner", "subject", "filing")
            answers |= {Key(key, column): one for column, one in zip(columns, texts, strict=True)}
        answers |= {FILLED_BY: "张三", APPROVED_BY: "李四", PHONE: "1"}
        return answers | {FILLED_ON: date(2018, 1, 5)}

    def receives(
        self, period: Period, unit: str, changes: Figures | None = None, *, name: str = ""
    ) -> Path:
        """Save what a unit sends: the issued form with its figures typed in, then saved again."""
        key = find_key(self.root)
        form = Assignment(self.plan, self.plan.unit(unit), period, signing_key=key)
        filled = replace(form, answers=self.answers(period, unit, changes or {}))
        target = self.root / "returns" / period.code / (name or file_name(form))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(to_bytes(quarterly_book(filled)))
        return target

    def mends(self, period: Period, correction: Path, unit: str, code: str, number: float) -> None:
        """Send a correction workbook back with one figure mended, in a real program."""
        form = Assignment(self.plan, self.plan.unit(unit), period)
        cell = Places(form).local(Key(code, "actual"))
        target = self.root / "returns" / period.code / f"{correction.stem}好.xlsx"
        self.program.fill(correction, target, {(MAIN, cell): number})

    def registers(self) -> Path:
        """Keep the year's filings in a plain list, as the cooperation office does."""
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(["单位", "类别", "日期", "合作单位", "活动主题或协议名称", "备案号"])
        codes = {one.short: one.code for one in self.plan.units}
        for short, month, place in REGISTER:
            filing = f"{codes[short]}-{place}"
            sheet.append([short, MEETING, date(2017, month, 18), "某大学", "对接", filing])
        path = self.root / "备案.xlsx"
        book.save(path)
        return path

    def reviews(self) -> None:
        """Issue the review, have reviewers score in a real program, and merge their marks."""
        (self.root / "评委.txt").write_text("评委一\n评委二\n评委三\n评委四,甲镇\n", "utf-8")
        names = str(self.root / "评委.txt")
        status, told = self.runs("review", "issue", "--period", "2017", "--reviewers", names)
        assert status == 0
        forms = {one["name"]: Path(one["file"]) for one in told["issued"]}
        folder = self.root / "returns/2017/评议"
        folder.mkdir(parents=True)
        for name, marks in MARKS.items():
            sheet = openpyxl.load_workbook(forms[name])[SHEET]
            keys = [cell.value for cell in sheet[2]]
            values: dict[tuple[str, str], Any] = {}
            for place, pair in enumerate(marks):
                for item, mark in zip(self.plan.review_items, pair or (), strict=False):
                    column = keys.index(item_key(item)) + 1
                    values[SHEET, sheet.cell(FIRST + 1 + place, column).coordinate] = mark
            signed: Values = values
            self.program.fill(forms[name], folder / forms[name].name, signed)
        status, told = self.runs("review", "consolidate", "--period", "2017")
        assert status == 1, "one reviewer is missing"
        assert [one["status"] for one in told["reviewers"]].count("missing") == 1


Q1, Q2, Q3, Q4 = (Period(2017, quarter) for quarter in (1, 2, 3, 4))
ALL = ("alpha", "beta", "gamma")


def ranks(told: Any) -> dict[str, int | None]:
    return {one["unit"]: one["rank"] for one in told["scores"]}


def codes(told: Any, unit: str) -> set[str]:
    return {one["code"] for one in told["findings"] if one["unit"] == unit}


def test_a_year_ends_in_the_ranking_computed_by_hand(
    libreoffice: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bureau = Bureau(tmp_path, libreoffice, capsys)

    # First quarter: alpha is late.
    assert bureau.runs("issue", "--period", "2017-Q1")[0] == 0
    for unit in ("beta", "gamma"):
        bureau.receives(Q1, unit)
    status, told = bureau.consolidates(Q1)
    assert status == {"alpha": "missing", "beta": "accepted", "gamma": "accepted"}
    assert ranks(told) == {"alpha": None, "beta": 1, "gamma": 2}
    bureau.receives(Q1, "alpha")
    status, told = bureau.consolidates(Q1)
    assert set(status.values()) == {"accepted"}
    # alpha 20 + 25 + 3.125 + 2.5 + 6.25 of 100; beta 16.67 + 4.17 + 4.17 + 8.33; gamma less.
    assert told["scores"][0]["score"] == pytest.approx(56.875)
    assert ranks(told) == {"alpha": 1, "beta": 2, "gamma": 3}

    # Second quarter: beta's inventions are more than its patents, and it mends them.
    bureau.receives(Q2, "alpha")
    bureau.receives(Q2, "gamma")
    bureau.receives(Q2, "beta", {"inventions": 110})
    status, told = bureau.consolidates(Q2)
    assert status["beta"] == "needs_correction"
    assert codes(told, "beta") == {"part_above_whole", "scale_previous"}
    (correction,) = told["outputs"]["corrections"]
    bureau.mends(Q2, Path(correction), "beta", "inventions", 10)
    status, told = bureau.consolidates(Q2)
    assert set(status.values()) == {"accepted"}

    # Third quarter: gamma sends nothing, beta a quarter's figure in place of the year's.
    bureau.receives(Q3, "alpha")
    bureau.receives(Q3, "beta", {"patents": 50, "inventions": 15})
    status, told = bureau.consolidates(Q3)
    assert status == {"alpha": "accepted", "beta": "accepted", "gamma": "missing"}
    assert "fall_explained" in codes(told, "beta")
    bureau.receives(Q3, "beta", name="乙镇更正.xlsx")
    status, told = bureau.consolidates(Q3)
    assert "fall_explained" not in codes(told, "beta")
    assert ranks(told)["gamma"] is None

    # Fourth quarter, without the register: by what units say of themselves.
    register = str(bureau.registers())
    for unit in ALL:
        bureau.receives(Q4, unit)
    status, told = bureau.consolidates(Q4)
    assert set(status.values()) == {"accepted"}
    assert told["scores"][0]["score"] == pytest.approx(88.75)

    # The annual round: the register counts, and so does the review.
    for unit in ALL:
        bureau.receives(Period(2017), unit)
    bureau.reviews()
    status, told = bureau.consolidates(Period(2017), "--register", register)
    assert set(status.values()) == {"accepted"}
    assert "reported_not_filed" in codes(told, "alpha")
    assert "filed_not_reported" in codes(told, "gamma")
    for one in told["scores"]:
        quantity, review, total, rank = FINAL[one["unit"]]
        assert one["quantity"] == pytest.approx(quantity, abs=1e-6), one
        assert one["review"] == pytest.approx(review), one
        assert one["score"] == pytest.approx(total, abs=1e-6), one
        assert one["rank"] == rank, one
    workbook = tmp_path / "output/2017/汇总表_2017.xlsx"
    hold(libreoffice, workbook, least=500)
    shown = [value for value in formula_results(workbook)[SCORES].values() if value == "▼ 1"]
    assert len(shown) == 1, "alpha was first in the fourth quarter"
