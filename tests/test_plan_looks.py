"""What the plan workbook is: valid, guided, printable, locked where nothing is to be typed."""

import os
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from consolidator.forms.plan.fields import FORMS, GUIDE, SETTINGS_SHEET, TARGETS
from office import xsd
from office.digest import digest
from plans import many
from test_plan_book import ODD, written
from test_recalculation import ALLOWED, formulas_of, functions_of

DIGEST = Path(__file__).with_name("digests") / "plan_2017.txt"
ORDER = [GUIDE, "单位", "指标", TARGETS, "附件1", "附件3", SETTINGS_SHEET, "联系人"]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the shipped plan's workbook."""
    return written(tmp_path_factory.mktemp("plan") / "目标任务.xlsx")


@pytest.fixture(scope="module")
def book(path: Path) -> Workbook:
    """Give it as openpyxl reads it."""
    return openpyxl.load_workbook(path)


def test_plan_workbooks_are_valid_workbooks(shared: Path, path: Path, tmp_path: Path) -> None:
    others = (written(tmp_path / "a.xlsx", ODD), written(tmp_path / "b.xlsx", many(300, 2)))
    for one in (path, *others):
        assert xsd.problems(one, shared / "ecma376") == []


def test_the_same_plan_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    assert written(tmp_path / "甲.xlsx").read_bytes() == path.read_bytes()


def test_it_opens_on_the_instructions_and_every_sheet_is_there(book: Workbook) -> None:
    assert book.sheetnames == ORDER
    assert book.active is not None
    assert book.active.title == GUIDE
    assert not [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]


def test_headings_keys_and_formulas_are_locked_and_entries_are_not(book: Workbook) -> None:
    for sheet in book.worksheets:
        assert sheet.protection.sheet, sheet.title
        for row in sheet.iter_rows(max_row=5):
            headings = [c for c in row if c.value is not None and not c.protection.locked]
            assert headings == [], sheet.title
        for row in sheet.iter_rows():
            for one in row:
                if isinstance(one.value, str) and one.value.startswith("="):
                    assert one.protection.locked, f"{sheet.title} {one.coordinate}"
    unlocked = [book[TARGETS][cell].protection.locked for cell in ("G6", "Q20", "R5", "R7", "F21")]
    assert unlocked == [False] * 5


def test_every_cell_to_fill_has_a_validation_that_speaks_chinese(book: Workbook) -> None:
    for sheet in book.worksheets:
        ruled: dict[str, Any] = {}
        for rule in sheet.data_validations.dataValidation:
            for row in (cells for area in rule.sqref.ranges for cells in area.cells):
                ruled[sheet.cell(*row).coordinate] = rule
        open_cells = {
            one.coordinate for row in sheet.iter_rows() for one in row if not one.protection.locked
        }
        assert open_cells <= ruled.keys(), sheet.title
        for rule in ruled.values():
            assert re.search("[\u4e00-\u9fff]", f"{rule.error}")
            assert re.search("[\u4e00-\u9fff]", f"{rule.prompt}")


def test_rules_name_other_sheets_by_defined_names_only(book: Workbook) -> None:
    for sheet in book.worksheets:
        formulas = [
            text
            for several in sheet.conditional_formatting
            for rule in several.rules
            for text in rule.formula
        ]
        formulas += [str(one.formula1) for one in sheet.data_validations.dataValidation]
        assert not [text for text in formulas if "!" in text], sheet.title


def test_formulas_call_safe_functions_only_and_are_not_too_long(path: Path) -> None:
    found = formulas_of(path)
    every = found.cells | found.rules | found.names
    called = {place: functions_of(text) - ALLOWED for place, text in every.items()}
    assert {place: names for place, names in called.items() if names} == {}
    assert max(map(len, found.cells.values())) <= 8192
    assert max(map(len, found.rules.values())) <= 255
    assert not [place for place, text in every.items() if "#REF!" in text]


def test_every_sheet_prints_with_a_title_and_its_head_on_each_page(book: Workbook) -> None:
    for sheet in book.worksheets:
        fit: Any = sheet.sheet_properties.pageSetUpPr
        assert fit.fitToPage, sheet.title
        assert str(sheet.print_area), sheet.title
        footer: Any = sheet.oddFooter
        assert "&P" in footer.center.text, sheet.title
        assert sheet.sheet_view.showGridLines is False
    for name in (*(form.sheet for form in FORMS), TARGETS):
        assert book[name].print_title_rows == "$5:$5"
        assert book[name].freeze_panes


def test_the_workbook_looks_as_kept(path: Path) -> None:
    """Written anew with UPDATE_DIGESTS=1 in the environment."""
    told = "\n".join(f"== {sheet}\n{text}" for sheet, text in digest(path).items())
    if os.environ.get("UPDATE_DIGESTS") == "1":
        DIGEST.write_text(told, "utf-8", newline="\n")
    assert told.splitlines() == DIGEST.read_text("utf-8").splitlines()
