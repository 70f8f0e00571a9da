"""The review's workbooks in real spreadsheet programs: filled, recalculated, printed, valid."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from consolidator.excel.writer import to_bytes
from consolidator.forms.layout import address
from consolidator.forms.quarterly.assignment import Key
from consolidator.forms.review.assignment import ReviewAssignment, Reviewer, mark_key, reason_key
from consolidator.forms.review.book import review_book
from consolidator.forms.review.places import ReviewPlaces
from consolidator.intake.brief import Brief
from consolidator.issue.issue_list import FILE_NAME
from consolidator.issue.review_issuing import issue_reviews
from consolidator.plan.model import MeanKind, Reviewing
from consolidator.report.review.consolidate import consolidate_reviews
from consolidator.report.review.context import MARKS, RESULTS, REVIEWERS, SHEETS
from office import xsd
from office.libreoffice import LibreOffice
from office.program import Formula, Program, Value
from returns import NOON, SHIPPED, put
from reviews import FIRST, GOOD, PLAN, YEAR, marked, review_plan, sent
from reviews import REVIEWERS as SIX
from test_recalculation import ALLOWED, formulas_of, functions_of, hold
from test_review_marks import ALL_SIX

ALSO = {"AVERAGE", "MAX", "MIN", "MEDIAN"}
"""Older than any program of these: all compute them alike, over ranges with texts too."""
OWN = replace(FIRST, unit="beta")


def results(folder: Path, table: str, mean: MeanKind = MeanKind.PLAIN, **other: Any) -> Path:
    """Merge a table's marks through files and return the workbook."""
    plan, reviewers = review_plan(mean), other.get("reviewers", SIX)
    for line in table.strip().splitlines():
        number, _, words = line.strip().partition(" ")
        one = reviewers[int(number) - 1]
        put(folder / "returns" / f"{one.name}.xlsx", sent(words, one, plan=plan))
    (folder / "returns").mkdir(exist_ok=True)
    brief = Brief(plan, YEAR, reviewers=tuple(reviewers))
    made = consolidate_reviews(brief, [folder / "returns"], folder / "output", now=NOON)
    return made.workbook


def form(line: str, reviewer: Reviewer = FIRST) -> Callable[[Path], Path]:
    return lambda folder: put(folder / "表.xlsx", sent(line, reviewer))


EXAMPLES: dict[str, Callable[[Path], Path]] = {
    "an empty form": form("? ? ? ? ? ?"),
    "a filled form": form(GOOD),
    "a form with slips": form("11 8分 ? 4.3 - 3", OWN),
    "plain means": lambda folder: results(folder, ALL_SIX),
    "trimmed means": lambda folder: results(folder, ALL_SIX, MeanKind.TRIMMED),
    "four marks": lambda folder: results(folder, ALL_SIX.split("    5")[0], MeanKind.TRIMMED),
    "marks of all kinds": lambda folder: results(
        folder, "1 11 4 9 4.5 7 3\n2 - 4 9 1 ? ?\n4 8分 4 9 5 7 3\n5 8 4 9 5 7 3\n6 0 4 9 5 7 3",
        MeanKind.TRIMMED, reviewers=(OWN, *SIX[1:]),
    ),
    "nothing returned": lambda folder: results(folder, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_programs_compute_what_is_cached(program: Program, name: str, tmp_path: Path) -> None:
    hold(program, EXAMPLES[name](tmp_path), least=9)


@pytest.mark.parametrize("name", EXAMPLES)
def test_formulas_call_safe_functions_and_keep_within_excels_lengths(
    name: str, tmp_path: Path
) -> None:
    formulas = formulas_of(EXAMPLES[name](tmp_path))
    for place, text in (formulas.cells | formulas.rules).items():
        assert functions_of(text) <= ALLOWED | ALSO, place
    assert max(map(len, formulas.cells.values())) <= 8192
    assert max(map(len, formulas.rules.values())) <= 255
    for place, text in formulas.rules.items():
        assert "!" not in text, place


def test_as_many_items_as_there_may_be_keep_within_excels_lengths(tmp_path: Path) -> None:
    items = tuple(replace(PLAN.review_items[0], number=n, full_marks=12.5) for n in range(101, 151))
    plan = replace(PLAN, review_items=items, reviewing=Reviewing(MeanKind.TRIMMED))
    units = tuple(replace(PLAN.units[0], code=f"u{n}", name=f"第{n}镇") for n in range(40))
    wide = replace(plan, units=units)
    line = "8 " * 50 * len(units)
    filled = put(tmp_path / "in" / "甲.xlsx", sent(line, plan=wide))
    brief = Brief(wide, YEAR, reviewers=(FIRST,))
    made = consolidate_reviews(brief, [filled], tmp_path / "out", now=NOON)
    assert made.settled.findings == ()
    assert len(made.settled.reviewers[0].marks) == 50 * len(units)
    for path in (filled, made.workbook):
        assert max(map(len, formulas_of(path).cells.values())) <= 8192


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_workbook_is_valid(shared: Path, name: str, tmp_path: Path) -> None:
    assert xsd.problems(EXAMPLES[name](tmp_path), shared / "ecma376") == []


def test_the_issue_list_is_valid(shared: Path, tmp_path: Path) -> None:
    issue_reviews(PLAN, YEAR, [("张三", "beta"), ("李四", "")], tmp_path, now=NOON)
    assert xsd.problems(tmp_path / FILE_NAME, shared / "ecma376") == []


def cells_of(workbook: Path) -> dict[tuple[str, str], str]:
    """Return the addresses of marks in 评分明细 by row key and item column."""
    sheet = openpyxl.load_workbook(workbook)[MARKS]
    columns = {cell.value: cell.column_letter for cell in sheet[2] if cell.value}
    return {
        (str(row[0].value), key): f"{columns[key]}{row[0].row}"
        for row in sheet.iter_rows(min_row=6)
        for key in ("item1", "item2")
    }


def test_a_changed_mark_changes_means_totals_and_what_is_far_off(
    libreoffice: LibreOffice, tmp_path: Path
) -> None:
    """Alpha's marks for item 1 are 8 9 10 7 8 6; the 6 becomes 1: 48 - 5 = 43."""
    workbook, changed = results(tmp_path, ALL_SIX, MeanKind.TRIMMED), tmp_path / "changed.xlsx"
    mark = cells_of(workbook)["alpha/reviewer06", "item1"]
    row = mark[1:]
    libreoffice.fill(workbook, changed, {(MARKS, mark): 1.0})
    computed = libreoffice.recalculate(changed)
    shown = computed[RESULTS]
    # trimmed: 43 - 10 - 1 = 32 over 4, as before; item 2 is 15.5 over 4
    assert (shown["D6"], shown["E6"]) == (8.0, 6.0)
    assert shown["H6"] == 8.0 + 15.5 / 4
    # the median of 8 9 10 7 8 1 is 8, and 1 is 7 off
    assert [text for cell, text in computed[MARKS].items() if cell == f"H{row}"] == ["▲第1项 "]
    # the reviewer's marks were 6 3.5 9 5 9.5 3: 36, and are 31
    assert computed[REVIEWERS]["I12"] == 31 / 6


def test_a_mark_taken_out_leaves_five_and_then_four(
    libreoffice: LibreOffice, tmp_path: Path
) -> None:
    workbook, changed = results(tmp_path, ALL_SIX, MeanKind.TRIMMED), tmp_path / "changed.xlsx"
    cells = cells_of(workbook)
    gone: dict[tuple[str, str], Value] = {
        (MARKS, cells["alpha/reviewer06", "item1"]): "未评",
        (MARKS, cells["beta/reviewer05", "item1"]): "未交",
        (MARKS, cells["beta/reviewer06", "item1"]): "未评",
        **{(MARKS, cells[f"gamma/{one.code}", "item1"]): "未评" for one in SIX},
    }
    libreoffice.fill(workbook, changed, gone)
    shown = libreoffice.recalculate(changed)[RESULTS]
    # 8 9 10 7 8: 42 - 10 - 7 over 3; four marks of 9 are not trimmed; gamma has none
    assert (shown["D6"], shown["E6"]) == (25 / 3, 5.0)
    assert (shown["D7"], shown["E7"]) == (9.0, 4.0)
    assert (shown["D8"] or "", shown["E8"], shown["H8"] or "") == ("", 0.0, "")


FILLED: dict[Key, Value] = {
    mark_key(unit, item): value
    for (unit, item), value in zip(
        ((unit, item) for unit in PLAN.units for item in PLAN.review_items),
        (8.0, 4.5, 10.0, None, 0.0, 0.5),
        strict=True,
    )
}
SUFFIXES = (".xlsx", ".xls", ".ods")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_form_filled_in_a_program_is_read_to_the_same_marks(
    program: Program, suffix: str, tmp_path: Path
) -> None:
    issued = put(tmp_path / "表.xlsx", to_bytes(review_book(ReviewAssignment(PLAN, YEAR, FIRST))))
    places = ReviewPlaces(ReviewAssignment(PLAN, YEAR, FIRST))
    reason = reason_key(PLAN.units[1])
    values: dict[tuple[str, str], Value] = {
        ("评议表", places.local(key)): value for key, value in FILLED.items() if value is not None
    }
    values["评议表", places.local(reason)] = "没有到场"
    back = tmp_path / "back" / f"评委01{suffix}"
    back.parent.mkdir()
    program.fill(issued, back, values)
    brief = Brief(PLAN, YEAR, reviewers=(FIRST,))
    made = consolidate_reviews(brief, [back.parent], tmp_path / "output", now=NOON)
    (result,) = made.settled.reviewers
    assert result.marks == {key: value for key, value in FILLED.items() if value is not None}
    assert {one.code for one in made.settled.findings} <= {"stamp_unsigned", "layout_moved"}
    assert str(result.status) == "returned"


def test_a_formula_in_a_mark_counts_for_nothing(libreoffice: LibreOffice, tmp_path: Path) -> None:
    issued, back = put(tmp_path / "表.xlsx", sent()), tmp_path / "back" / "评委01.xlsx"
    back.parent.mkdir()
    libreoffice.fill(issued, back, {("评议表", "D8"): Formula("=4+4")})
    brief = Brief(PLAN, YEAR, reviewers=(FIRST,))
    made = consolidate_reviews(brief, [back], tmp_path / "output", now=NOON)
    assert [(one.cell, one.code) for one in made.settled.findings] == [("D8", "mark_formula")]
    assert len(made.settled.reviewers[0].marks) == 5


def test_the_self_check_follows_what_is_typed(program: Program, tmp_path: Path) -> None:
    empty = put(tmp_path / "表.xlsx", sent("? ? ? ? ? ?", OWN))
    first, second = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    program.fill(empty, first, {("评议表", "D8"): 11.0, ("评议表", "E8"): 4.0})
    told = program.recalculate(first)["评议表"]
    assert told["B6"] == "✗ 还有 2 格没有评分也没有说明原因，1 格分数不对"
    assert (told["G8"], told["G10"], told["F8"]) == ("✗ 错 1 格", "✗ 缺 2 格", 15.0)
    program.fill(first, second, {("评议表", "D8"): 9.5, ("评议表", "H10"): "没有到场"})
    told = program.recalculate(second)["评议表"]
    assert told["B6"] == "✓ 全部评完，可以交回"
    assert (told["G8"], told["F8"], told["F10"] or "") == ("✓", 13.5, "")


# What a reviewer can do


@pytest.fixture
def issued(tmp_path: Path) -> Path:
    """Issue one form of the shipped plan, to a reviewer who belongs to a unit."""
    (one,) = issue_reviews(
        SHIPPED, YEAR, [("张三", "menghe")], tmp_path, now=NOON, password="bureau"
    )
    return one.path


def test_only_marks_and_reasons_of_other_units_can_be_changed(issued: Path) -> None:
    book = openpyxl.load_workbook(issued)
    sheet = book["评议表"]
    unlocked = {
        cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked
    }
    rows = [row for row in range(8, 19) if row != 9]
    assert unlocked == {f"{column}{row}" for column in "DEFI" for row in rows}
    assert [sheet[f"{column}9"].value for column in "DEF"] == ["回避"] * 3
    assert all(one.protection.sheet for one in book.worksheets)
    assert book.security is not None
    assert book.security.lockStructure


def test_every_entry_cell_has_one_validation_that_speaks_chinese(issued: Path) -> None:
    sheet = openpyxl.load_workbook(issued)["评议表"]
    held: dict[str, Any] = {}
    for rule in sheet.data_validations.dataValidation:
        for area in rule.sqref.ranges:
            for row, column in area.cells:
                where = address(row - 1, column - 1)
                assert where not in held
                held[where] = rule
    assert set(held) == {f"{column}{row}" for column in "DEFI" for row in range(8, 19) if row != 9}
    for rule in held.values():
        assert rule.showErrorMessage
        assert all(re.search("[\u4e00-\u9fff]", text) for text in (rule.prompt, rule.error))
        assert len(rule.prompt) <= 255
    assert held["D8"].formula1 == "IF(ISNUMBER(D8),AND(D8>=0,D8<=10,INT(D8/0.5)=D8/0.5),FALSE)"
    assert held["D10"].formula1.startswith("IF(ISNUMBER(D10)")


def test_eleven_units_print_on_one_page(libreoffice: LibreOffice, issued: Path) -> None:
    pdf = libreoffice.to_pdf(issued, issued.parent)
    told = subprocess.run(["pdfinfo", str(pdf)], capture_output=True, text=True, check=True)
    assert re.search(r"^Pages:\s+1$", told.stdout, re.MULTILINE)
    assert re.search(r"Page size:\s+84[12].* x 59[45]", told.stdout)


def test_text_of_operators_and_reviewers_never_becomes_a_formula_or_a_link(tmp_path: Path) -> None:
    tricky = Reviewer("reviewer01", "=1+1", "beta")
    answers = {reason_key(PLAN.units[0]): '=HYPERLINK("http://example.com")'}
    filled = marked(tricky, "8 4 9 4.5 =2+2 3")
    filled = replace(filled, answers={**filled.answers, **answers})
    put(tmp_path / "returns" / "=3+3.xlsx", to_bytes(review_book(filled)))
    brief = Brief(PLAN, YEAR, reviewers=(tricky,))
    made = consolidate_reviews(brief, [tmp_path / "returns"], tmp_path / "output", now=NOON)
    book = openpyxl.load_workbook(made.workbook)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    texts = {cell.value for cell in cells if cell.data_type == "s"}
    assert {"=1+1", "=3+3.xlsx", "✗ =2+2"} <= texts
    formulas = [str(cell.value) for cell in cells if cell.data_type == "f"]
    assert not [one for one in formulas if one in ("=1+1", "=2+2", "=3+3") or "http" in one]


def test_every_sheet_of_the_result_prints_and_opens_at_its_head(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(results(tmp_path, ALL_SIX))
    assert tuple(book.sheetnames) == SHEETS
    for sheet in book.worksheets:
        assert sheet.print_area, sheet.title
        assert int(sheet.page_setup.paperSize or 0) == 9
        footer: Any = sheet.oddFooter
        assert footer.center.text, sheet.title
        assert not sheet.sheet_view.showGridLines
        assert sheet.protection.sheet


def test_every_mark_leads_to_its_cell_in_the_returned_form(tmp_path: Path) -> None:
    workbook = results(tmp_path, ALL_SIX)
    sheet = openpyxl.load_workbook(workbook)[MARKS]
    marks = cells_of(workbook)
    for (key, item), place in marks.items():
        mark = sheet[place]
        origin: Any = sheet.cell(mark.row, mark.column + 1)
        target = (workbook.parent / origin.hyperlink.target.replace("\\", "/")).resolve()
        sheet_name, cell = origin.hyperlink.location.split("!")
        assert cell == origin.value
        there = openpyxl.load_workbook(target)[sheet_name.strip("'")][cell]
        assert there.value == mark.value, (key, item)
