"""Files saved by every program in every format: read to the same figures, or refused rightly."""

import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import require
from consolidator.checks.run import check_returned
from consolidator.intake.brief import Brief
from consolidator.intake.values import Returned, State
from consolidator.issue.issuing import issue
from office.gnumeric import Gnumeric
from office.javascript import ExcelJS, SheetJS
from office.libreoffice import LibreOffice
from returns import read_here
from test_round_trip import NOW, PLAN, Q4, Answers, answers_of, assignment_of, typed_into

UNIT = "sanjing"
GNUMERIC = {
    "Gnumeric_Excel:excel_biff8": ".xls",
    "Gnumeric_Excel:excel_dsf": ".xls",
    "Gnumeric_Excel:xlsx": ".xlsx",
    "Gnumeric_Excel:xlsx2": ".xlsx",
    "Gnumeric_OpenCalc:odf": ".ods",
    "Gnumeric_OpenCalc:openoffice": ".ods",
}
"""What Gnumeric writes that is a workbook of ours."""
REFUSED_GNUMERIC = {
    "Gnumeric_Excel:excel_biff7": (".xls", "file_foreign"),
    "Gnumeric_XmlIO:sax": (".gnumeric", "archive_packed"),
    "Gnumeric_XmlIO:sax:0": (".xml", "file_foreign"),
    "Gnumeric_dif:dif": (".dif", "file_foreign"),
    "Gnumeric_html:html40": (".html", "file_foreign"),
    "Gnumeric_html:xhtml": (".html", "file_foreign"),
    "Gnumeric_html:latex": (".tex", "file_foreign"),
    "Gnumeric_html:roff": (".me", "file_foreign"),
    "Gnumeric_pdf:pdf_assistant": (".pdf", "file_foreign"),
    "Gnumeric_stf:stf_csv": (".csv", "file_foreign"),
    "Gnumeric_stf:stf_assistant": (".txt", "file_foreign"),
    "Gnumeric_sylk:sylk": (".slk", "file_foreign"),
}
LIBREOFFICE = {"xlsx:Calc MS Excel 2007 XML": ".xlsx", "xlsx:Calc Office Open XML": ".xlsx",
               "xlsm:Calc MS Excel 2007 VBA XML": ".xlsm", "xls:MS Excel 97": ".xls",
               "ods:calc8": ".ods", "ots:calc8_template": ".ots",
               "xltx:Calc MS Excel 2007 XML Template": ".xltx"}  # fmt: skip
REFUSED_LIBREOFFICE = dict.fromkeys(("fods", "csv", "html", "pdf", "slk", "dif"), "file_foreign")
"""LibreOffice's own flat XML among them: it says nothing else than XML."""


@pytest.fixture(scope="module")
def filled(
    libreoffice: LibreOffice, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Answers]:
    """Fill an issued template in LibreOffice; every program begins with what it saved."""
    folder = tmp_path_factory.mktemp("filled")
    (issued,) = issue(PLAN, Q4, folder / "templates", now=NOW, units=[UNIT])
    answers = answers_of(assignment_of(UNIT))
    path = folder / "填好.xlsx"
    libreoffice.fill(issued.path, path, typed_into(assignment_of(UNIT), answers))
    return path, answers


def read(path: Path) -> Returned:
    (returned, *_) = read_here([(path, path.name)], Brief(PLAN, Q4))
    return returned


def hold_alike(path: Path, answers: Answers, *also: str) -> None:
    """Hold that a file is read to what was typed, and that nothing but ``also`` is found."""
    returned = read(path)
    assert returned.submission is not None, returned.refusal
    readings = returned.submission.readings
    entered = {key: one.value for key, one in readings.items() if one.state is not State.BLANK}
    assert entered == answers
    assert {one.code for one in check_returned(returned, PLAN)} <= set(also)


def by_gnumeric(exporter: str, source: Path, target: Path) -> Path:
    """Save the source by one of Gnumeric's exporters; several write a file a sheet."""
    done = subprocess.run(
        ["ssconvert", "-T", exporter, str(source), str(target)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert target.exists(), done.stderr
    return target


@pytest.mark.parametrize("exporter", GNUMERIC)
def test_what_gnumeric_saves_as_a_workbook_reads_as_typed(
    gnumeric: Gnumeric, filled: tuple[Path, Answers], exporter: str, tmp_path: Path
) -> None:
    assert gnumeric.name
    path, answers = filled
    saved = by_gnumeric(exporter, path, tmp_path / f"收回{GNUMERIC[exporter]}")
    # Its file with two versions in one keeps the newer one, which is read.
    hold_alike(saved, answers)


@pytest.mark.parametrize("exporter", REFUSED_GNUMERIC)
def test_what_gnumeric_saves_as_something_else_is_named(
    gnumeric: Gnumeric, filled: tuple[Path, Answers], exporter: str, tmp_path: Path
) -> None:
    assert gnumeric.name
    suffix, code = REFUSED_GNUMERIC[exporter]
    returned = read(by_gnumeric(exporter, filled[0], tmp_path / f"收回{suffix}"))
    assert returned.refusal is not None
    assert returned.refusal.code == code


def by_libreoffice(form: str, source: Path, folder: Path) -> Path:
    """Save the source in a format by LibreOffice's own converter."""
    profile = folder / "profile"
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", form,
         "--outdir", str(folder), str(source)],
        capture_output=True, timeout=180, check=True,
    )  # fmt: skip
    shutil.rmtree(profile, ignore_errors=True)
    (saved,) = (path for path in folder.iterdir() if path.is_file())
    return saved


@pytest.mark.parametrize("form", LIBREOFFICE)
def test_what_libreoffice_saves_as_a_workbook_reads_as_typed(
    filled: tuple[Path, Answers], form: str, tmp_path: Path
) -> None:
    path, answers = filled
    saved = by_libreoffice(form, path, tmp_path)
    assert saved.suffix == LIBREOFFICE[form]
    hold_alike(saved, answers)


@pytest.mark.parametrize("form", REFUSED_LIBREOFFICE)
def test_what_libreoffice_saves_as_something_else_is_named(
    filled: tuple[Path, Answers], form: str, tmp_path: Path
) -> None:
    returned = read(by_libreoffice(form, filled[0], tmp_path))
    assert returned.refusal is not None
    assert returned.refusal.code == REFUSED_LIBREOFFICE[form]


@pytest.fixture(params=["ExcelJS", "SheetJS"])
def script(request: pytest.FixtureRequest) -> ExcelJS | SheetJS:
    """Give the libraries behind web forms, each in turn."""
    found: ExcelJS | SheetJS = ExcelJS() if request.param == "ExcelJS" else SheetJS()
    require(found.available())
    return found


def test_what_a_script_fills_and_saves_reads_as_typed(
    script: ExcelJS | SheetJS, tmp_path: Path
) -> None:
    (issued,) = issue(PLAN, Q4, tmp_path / "templates", now=NOW, units=[UNIT])
    assignment = assignment_of(UNIT)
    answers = answers_of(assignment)
    typed = typed_into(assignment, answers)
    saved = tmp_path / "收回.xlsx"
    script.fill(issued.path, saved, typed)
    # No formula was computed: what the form derives is as old as the template.
    hold_alike(saved, answers, "stale_result", "formula_replaced")


@pytest.mark.parametrize("suffix", [".xls", ".xlsb", ".ods"])
def test_what_sheetjs_saves_in_older_formats_reads_as_typed(
    filled: tuple[Path, Answers], suffix: str, tmp_path: Path
) -> None:
    require(SheetJS().available())
    path, answers = filled
    saved = tmp_path / f"收回{suffix}"
    SheetJS().convert(path, saved)
    # Dates become plain numbers in its .ods, and formulas results in the others.
    hold_alike(saved, answers, "normalised" if suffix == ".ods" else "formulas_lost")
