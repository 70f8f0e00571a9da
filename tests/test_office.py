"""The harness itself: what the tests believe of the spreadsheet programs is proved here."""

import datetime
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter  # type: ignore[import-untyped,unused-ignore]

from conftest import require
from office import xsd
from office.digest import WORKBOOK, digest
from office.gnumeric import Gnumeric
from office.libreoffice import LibreOffice, to_png
from office.program import Formula, OfficeError, Program, Values
from office.reading import formula_results

SHEET = "填报表"
SECOND = "二 级's"
pytestmark = pytest.mark.filterwarnings("ignore:Workbook contains no default style")
ALL_SUFFIXES = pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods"])


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """Issue a small protected form; every cached value in it is a lie."""
    path = tmp_path / "模板.xlsx"
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "yyyy/m/d", "locked": False})
        free = book.add_format({"locked": False})
        sheet = book.add_worksheet(SHEET)
        sheet.protect("secret")
        sheet.freeze_panes(2, 1)
        sheet.write_string("A1", "单位名称", free)
        for address in ("H7", "H8"):
            sheet.write_blank(address, None, free)
        sheet.write_blank("H9", None, day)
        sheet.write_formula("J7", "=H7*2", None, 999)
        sheet.write_formula("J8", "=IF(ISTEXT(H8),H8,TYPE(H8))", None, "lie")
        sheet.write_formula("J9", "=YEAR(H9)", None, 1)
        sheet.write_formula("K7", "=1/0", None, 5)
        sheet.write_formula("K8", "=1=1", None, False)
        sheet.write_formula("K9", '=IF(TRUE,"对","错")', None, "错")
        second = book.add_worksheet(SECOND)
        second.write_formula("A1", f"={SHEET}!H7+1", None, -1)
        for row in range(2, 5):  # Gnumeric shares one expression among such neighbours
            second.write_formula(f"B{row}", f"=C{row}+{SHEET}!$H$7", None, -1)
    return path


def test_recalculation_does_not_believe_cached_values(program: Program, template: Path) -> None:
    computed = program.recalculate(template)
    assert computed[SHEET]["J7"] == 0.0
    assert computed[SECOND] == {"A1": 1.0, "B2": 0.0, "B3": 0.0, "B4": 0.0}


def test_recalculation_tells_numbers_text_booleans_and_errors_apart(
    program: Program, template: Path
) -> None:
    computed = program.recalculate(template)[SHEET]
    assert (computed["K7"], computed["K8"], computed["K9"]) == ("#DIV/0!", True, "对")
    assert computed["J8"] == 1.0
    assert computed["J8"] is not True


@ALL_SUFFIXES
def test_a_unit_fills_numbers_text_and_dates_in_any_format(
    program: Program, template: Path, suffix: str
) -> None:
    filled = template.with_name(f"已填{suffix}")
    day = datetime.date(2025, 5, 6)
    program.fill(template, filled, {(SHEET, "H7"): 5, (SHEET, "H8"): "007", (SHEET, "H9"): day})
    computed = program.recalculate(filled)
    assert [computed[SHEET][cell] for cell in ("J7", "J8", "J9")] == [10.0, "007", 2025.0]
    assert computed[SECOND] == {"A1": 6.0, "B2": 5.0, "B3": 5.0, "B4": 5.0}


@ALL_SUFFIXES
def test_conversion_keeps_what_was_filled(program: Program, template: Path, suffix: str) -> None:
    filled, converted = template.with_name("已填.xlsx"), template.with_name(f"转换{suffix}")
    program.fill(template, filled, {(SHEET, "H7"): 21})
    program.convert(filled, converted)
    assert program.recalculate(converted)[SHEET]["J7"] == 42.0


def test_text_that_looks_like_a_formula_stays_text(program: Program, template: Path) -> None:
    computed = _filled(program, template, {(SHEET, "H8"): "=1+1"})
    assert computed.value == "=1+1"
    assert computed.data_type == "s"


def test_a_formula_is_typed_in_english_with_commas(program: Program, template: Path) -> None:
    filled = template.with_name("已填.xlsx")
    typed = Formula(f"=SUM('{SHEET}'!H7,2)")
    program.fill(template, filled, {(SHEET, "H7"): 3, (SHEET, "H8"): typed})
    assert program.recalculate(filled)[SHEET]["H8"] == 5.0


def test_a_date_keeps_the_format_of_its_cell(program: Program, template: Path) -> None:
    cell = _filled(program, template, {(SHEET, "H9"): datetime.date(2025, 5, 6)}, address="H9")
    assert cell.value == datetime.datetime(2025, 5, 6)
    assert cell.number_format.replace("\\", "") == "yyyy/m/d"


def test_a_cell_can_be_cleared(program: Program, template: Path) -> None:
    assert _filled(program, template, {(SHEET, "A1"): None}, address="A1").value is None


def test_an_unknown_sheet_is_refused_by_name(program: Program, template: Path) -> None:
    with pytest.raises(OfficeError, match="没有此表"):
        program.fill(template, template.with_name("已填.xlsx"), {("没有此表", "A1"): 1})


def test_a_file_that_is_no_workbook_is_refused(program: Program, tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 this is no zip")
    with pytest.raises(OfficeError):
        program.convert(broken, tmp_path / "converted.xlsx")


def test_gnumeric_overwrites_one_formula_of_several_alike(
    gnumeric: Gnumeric, template: Path
) -> None:
    filled = template.with_name("已填.xlsx")
    values: Values = {(SHEET, "J7"): 1, (SHEET, "H7"): 3, (SECOND, "B2"): Formula("=2+2")}
    gnumeric.fill(template, filled, values)
    computed = formula_results(filled)
    assert "J7" not in computed[SHEET]
    assert computed[SECOND] == {"A1": 4.0, "B2": 4.0, "B3": 3.0, "B4": 3.0}


def test_libreoffice_refuses_a_formula_in_a_locked_cell_only(
    libreoffice: LibreOffice, template: Path
) -> None:
    target = template.with_name("已填.xlsx")
    with pytest.raises(OfficeError, match="J7 is locked"):
        libreoffice.fill(template, target, {(SHEET, "J7"): Formula("=1")})
    libreoffice.fill(template, target, {(SHEET, "J7"): 1})
    assert "J7" not in formula_results(target)[SHEET]


def test_libreoffice_leaves_what_a_person_leaves(libreoffice: LibreOffice, template: Path) -> None:
    filled = template.with_name("已填.xlsx")
    libreoffice.fill(template, filled, {(SHEET, "H7"): 3})
    assert openpyxl.load_workbook(filled)[SHEET].freeze_panes == "B3"
    assert formula_results(filled)[SHEET]["J7"] == 6.0
    assert formula_results(filled)[SHEET]["K7"] == 5.0, "stale: nothing it depends on changed"


def test_a_workbook_can_be_looked_at_page_by_page(
    libreoffice: LibreOffice, template: Path, tmp_path: Path
) -> None:
    pages = to_png(libreoffice.to_pdf(template, tmp_path), tmp_path, dpi=40)
    assert len(pages) >= 2
    assert all(page.read_bytes().startswith(b"\x89PNG") for page in pages)


def test_a_soffice_that_hangs_is_replaced_and_none_is_left_behind(
    libreoffice: LibreOffice, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert libreoffice.name
    monkeypatch.setenv("TMPDIR", str(template.parent))
    monkeypatch.setattr("tempfile.tempdir", None)
    with LibreOffice() as office:
        office.timeout = 0.0
        with pytest.raises(OfficeError, match="did not answer"):
            office.recalculate(template)
        assert not _processes_of(template.parent)
        office.timeout = 60.0
        assert office.recalculate(template)[SECOND] == {"A1": 1.0, "B2": 0.0, "B3": 0.0, "B4": 0.0}
        assert _processes_of(template.parent)
    assert not _processes_of(template.parent)


def test_soffice_ends_when_the_tests_are_killed(libreoffice: LibreOffice, template: Path) -> None:
    assert libreoffice.name
    script = (
        "import os, pathlib, sys; from office.libreoffice import LibreOffice;"
        "LibreOffice().recalculate(pathlib.Path(sys.argv[1])); os._exit(7)"
    )
    folders = {"TMPDIR": str(template.parent), "PYTHONPATH": str(Path(__file__).parent)}
    killed = subprocess.run(
        [sys.executable, "-c", script, str(template)],
        env={**os.environ, **folders},
        timeout=120,
        check=False,
    )
    assert killed.returncode == 7
    give_up = time.monotonic() + 20
    while _processes_of(template.parent) and time.monotonic() < give_up:
        time.sleep(0.1)
    assert not _processes_of(template.parent)


def test_the_schemas_have_nothing_against_xlsxwriter(shared: Path, template: Path) -> None:
    assert xsd.problems(template, shared / "ecma376") == []


def test_the_schemas_name_the_part_and_line_of_a_problem(shared: Path, template: Path) -> None:
    broken = template.with_name("broken.xlsx")
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(template) as whole, zipfile.ZipFile(broken, "w") as package:
        for name in whole.namelist():
            xml = whole.read(name)
            package.writestr(name, xml.replace(b"<sheetData", b"<x/><sheetData", name == part))
    (problem,) = xsd.problems(broken, shared / "ecma376")
    assert problem.startswith(f"{part}:2: Element ")


def test_a_digest_tells_values_formulas_locks_and_rules(template: Path) -> None:
    told = digest(template)
    assert list(told) == [WORKBOOK, SHEET, SECOND]
    lines = told[SHEET].splitlines()
    assert "J7 =H7*2 -> 999" in lines
    assert "A1 '单位名称' unlocked" in lines
    assert "H9 yyyy/m/d unlocked" in lines
    assert "view freeze=B3" in lines


def test_a_digest_is_the_same_each_time(template: Path) -> None:
    assert digest(template) == digest(template)


def test_an_absent_program_skips_here_and_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no soffice"):
        require("no soffice")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no soffice"):
        require("no soffice")
    require(None)


def _filled(
    program: Program, template: Path, values: Values, *, address: str = "H8"
) -> openpyxl.cell.Cell:
    filled = template.with_name("已填.xlsx")
    program.fill(template, filled, values)
    cell = openpyxl.load_workbook(filled)[SHEET][address]
    assert isinstance(cell, openpyxl.cell.Cell)
    return cell


def _processes_of(folder: Path) -> list[str]:
    """Return the command lines of the processes that name a profile in the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"{folder}/office-" in command:
            found.append(command)
    return found
