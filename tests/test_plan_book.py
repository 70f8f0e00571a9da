"""The plan as a workbook: it says what the text files say, and every fault has its cell."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings

from consolidator.excel.writer import to_bytes
from consolidator.forms.plan.book import plan_book
from consolidator.intake.plan_book import read_plan_book
from consolidator.intake.plans import load_plan
from consolidator.plan.check import examine
from consolidator.plan.faults import Fault
from consolidator.plan.model import Plan
from consolidator.plan.tables import PlanTables
from consolidator.severity import Severity
from office.program import Program
from office.reading import formula_results
from plans import SHIPPED_TABLES, as_book, as_text, counted, judged, made_up, many, tables
from returns import SHIPPED

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.INFO
ODD = tables(
    [("u1", "=1+1", "'甲"), ("u2", "（乙）　“镇”", "乙 镇"), ("name2", "丙\"', &<镇>\n二", "丙"),
     ("u4", "１２３", "0")],
    [
        counted("i1", 1, "@合计", kind="ratio", numerator="o1:=甲:万元",
                denominator="d1:乙　 丙:件",
                district_target="2.86%", group="+组", weight="20"),
        counted("i2", 2, "专利  申请", weight="30.5", filed_kinds="甲|=乙", meaning="一\n二"),
        counted("i3", 2, "其中：=发明", parent="i2", accrual="stock", first_quarter="4"),
        counted("i4", 3, "专利  申请", weight="49.5"),
    ],
    {
        **{(unit, "i1"): text for unit, text in
           zip(("u1", "u2", "name2", "u4"), ("47.1%", "13.57%", "--", "100%"), strict=True)},
        **{(unit, "i2"): text for unit, text in
           zip(("u1", "u2", "name2", "u4"), ("1,600", "86", "0", "—"), strict=True)},
        **{(unit, "i3"): text for unit, text in
           zip(("u1", "u2", "name2", "u4"), ("1600", "--", "0", "7"), strict=True)},
        **{(unit, "i4"): text for unit, text in
           zip(("u1", "u2", "name2", "u4"), ("1", "2", "3", "999999999"), strict=True)},
    },
    contacts=[{"unit": "u1", "name": "=张三", "mail": "a@example.com", "copy": ""}],
    review_items=[{"number": "1", "name": "（甲） 项", "full_marks": "7.5"}],
)  # fmt: skip
"""A plan with everything that spreadsheet programs like to change."""


def written(path: Path, plan: PlanTables = SHIPPED_TABLES) -> Path:
    """Write a plan's workbook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(to_bytes(plan_book(plan)))
    return path


def read(path: Path) -> tuple[Plan | None, list[Fault]]:
    """Read a plan's workbook and judge it."""
    return examine(read_plan_book(path))


@settings(max_examples=50, deadline=None)
@given(plan=made_up())
def test_text_and_workbook_load_to_equal_plans(
    plan: PlanTables, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("plan")
    text = as_text(plan, folder / "text")
    book = as_book(text)
    assert judged(book)[0] == judged(text)[0]
    assert judged(as_text(book, folder / "again"))[0] == judged(text)[0]


def test_the_workbook_of_the_shipped_plan_is_the_shipped_plan(tmp_path: Path) -> None:
    assert load_plan(str(written(tmp_path / "目标任务.xlsx"))) == SHIPPED


@pytest.mark.parametrize("plan", [SHIPPED_TABLES, ODD], ids=["shipped", "odd"])
def test_a_program_that_opens_and_saves_the_workbook_changes_nothing(
    plan: PlanTables, program: Program, tmp_path: Path
) -> None:
    mine, other = written(tmp_path / "甲.xlsx", plan), tmp_path / "乙.xlsx"
    program.convert(mine, other)
    found, faults = read(other)
    assert [one for one in faults if one.severity is ERROR] == []
    assert found == judged(plan)[0]


def test_the_formulas_come_to_what_python_wrote(program: Program, tmp_path: Path) -> None:
    for name, plan in (("甲.xlsx", SHIPPED_TABLES), ("乙.xlsx", many(3, 4))):
        path = written(tmp_path / name, plan)
        assert alike(program.recalculate(path)) == alike(formula_results(path))


def alike(results: Mapping[str, Mapping[str, object]]) -> dict[tuple[str, str], object]:
    """Take an empty text for nothing, as programs do."""
    return {
        (sheet, cell): None if value == "" else value
        for sheet, cells in results.items()
        for cell, value in cells.items()
    }
