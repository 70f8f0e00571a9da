"""What `print` makes through LibreOffice: the whole set, one sheet or one unit, or one sentence."""

import os
import re
from pathlib import Path

import pytest

from conftest import require
from consolidator.errors import OperatorError
from consolidator.report import printing
from consolidator.report.context import OVERVIEW, SUMMARY_A4, UNITS
from consolidator.report.printing import WHOLE_SET, print_set, print_unit
from office import libreoffice as libreoffice_program
from test_pages import A3, A4, Page, pages_of
from test_recalculation import DISTRICTS
from test_round_trip import PLAN, Q4


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a district workbook with findings."""
    require(libreoffice_program.available())
    return DISTRICTS["findings"](tmp_path_factory.mktemp("print"))


def sizes(pages: list[Page]) -> set[tuple[int, int]]:
    return {(page.width, page.height) for page in pages}


def test_the_whole_set_is_one_pdf_whose_pages_are_counted_over_all_of_it(workbook: Path) -> None:
    before = workbook.read_bytes()
    made = print_set(workbook, Q4)
    pages = pages_of(made)
    for number, page in enumerate(pages, start=1):
        assert f"第{number}页" in page.text
        assert re.search(rf"共{len(pages)}页", page.text)
    text = "".join(page.text for page in pages)
    for unit in PLAN.units:
        assert f"{unit.name}目标完成情况通报" in text
    assert "请选择单位" not in text
    assert workbook.read_bytes() == before
    assert [one.name for one in made.parent.iterdir()] == ["全套_2017Q4.pdf"]


def test_dates_at_the_foot_are_written_as_in_china(workbook: Path) -> None:
    (page,) = pages_of(print_set(workbook, Q4, sheets=[OVERVIEW]))
    assert re.search(r"打印：20\d\d[/-]\d{1,2}[/-]\d{1,2}", page.text)


def test_one_sheet_is_printed_alone(workbook: Path) -> None:
    pages = pages_of(print_set(workbook, Q4, sheets=[SUMMARY_A4]))
    assert len(pages) == 2
    assert sizes(pages) == {A4}
    (page,) = pages_of(print_set(workbook, Q4, sheets=[OVERVIEW]))
    assert sizes([page]) == {A3[::-1]}


@pytest.mark.parametrize("place", [0, 6, 10])
def test_one_unit_is_printed_alone(workbook: Path, place: int) -> None:
    unit = PLAN.units[place]
    for called in (unit.code, unit.name):
        (page,) = pages_of(print_unit(workbook, Q4, PLAN, called))
        assert page.text.startswith(f"{unit.name}目标完成情况通报")
        assert "第1页共1页" in page.text


def test_what_cannot_be_printed_is_one_sentence(
    workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(workbook.read_bytes()[:5000])
    failing = tmp_path / "soffice"
    failing.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    failing.chmod(0o755)
    for words, attempt in (
        ("请先汇总", lambda: print_set(tmp_path / "没有.xlsx", Q4)),
        ("请重新汇总", lambda: print_set(broken, Q4)),
        ("没有工作表“没有”", lambda: print_set(workbook, Q4, sheets=["没有"])),
        ("没有单位“没有”", lambda: print_unit(workbook, Q4, PLAN, "没有")),
        ("找不到“没有”", lambda: print_set(workbook, Q4, soffice=Path("没有"))),
        ("没有印成", lambda: print_set(workbook, Q4, soffice=failing)),
    ):
        with pytest.raises(OperatorError, match=words):
            attempt()  # type: ignore[no-untyped-call]
    monkeypatch.setattr(printing, "_ELSEWHERE", ())
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(OperatorError, match="libreoffice-calc"):
        print_set(workbook, Q4)


def test_a_system_without_chinese_fonts_is_told_which_package_to_install(
    workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = tmp_path / "fc-list"
    silent.write_text("#!/bin/sh\nexit 0\n", "utf-8")
    silent.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(OperatorError, match="fonts-noto-cjk"):
        print_set(workbook, Q4)


def test_the_set_leaves_out_what_is_for_the_screen_only() -> None:
    assert UNITS in WHOLE_SET
    assert SUMMARY_A4 not in WHOLE_SET
