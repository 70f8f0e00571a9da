"""What goes to paper, as LibreOffice prints it: how many pages, which paper, nothing cut.

Text that does not fit its cell shows in the PDF in one of three ways: characters are missing (text
that does not wrap is cut at the cell's edge), lines lie over other lines (wrapped text runs out of
its row), or a number becomes ###. All three are looked for, and a test proves that they are found.
"""

import re
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from lxml import etree
from openpyxl.utils.cell import range_boundaries

from consolidator.excel.writer import to_bytes
from consolidator.forms.quarterly.addresses import CHECK, GUIDE, LIST, MAIN
from consolidator.forms.quarterly.assignment import Assignment, Key
from consolidator.forms.quarterly.book import quarterly_book
from consolidator.plan.period import Period
from consolidator.report.context import (
    ABOUT,
    DATA,
    FILES,
    HEAT,
    LAGGING,
    OVERVIEW,
    PARAMETERS,
    PROBLEMS,
    SCORES,
    STATUS,
    SUMMARY,
    SUMMARY_A4,
    UNIT,
    UNITS,
)
from consolidator.report.data_sheet import COLUMNS
from office.libreoffice import LibreOffice
from test_recalculation import DISTRICTS, report
from test_round_trip import PLAN, Q4, answers_of, assignment_of

A3, A4 = (297, 420), (210, 297)
MILLIMETRE = 72 / 25.4
EDGE = 20
"""Points of paper's edge that printers leave white."""
CHINESE = re.compile("[\u4e00-\u9fff]")
FOOTER = Counter("第页共页打印")


@dataclass(frozen=True, slots=True)
class Word:
    """A run of characters on a page and the box it fills, in points."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    def lies_over(self, other: "Word") -> bool:
        """Tell whether the boxes share more than a third of the lower one's height, and width."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        lower = min(self.bottom - self.top, other.bottom - other.top)
        return across > 1 and down > lower / 3


@dataclass(frozen=True, slots=True)
class Page:
    """A printed page: its size in millimetres, upright or across, and its words."""

    width: int
    height: int
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """Everything on the page without white space."""
        return "".join("".join(word.text for word in self.words).split())


def pages_of(pdf: Path) -> list[Page]:
    """Read the pages of a PDF through poppler."""
    command = ["pdftotext", "-bbox", str(pdf), "-"]
    told = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    legal = re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", b"", told)
    pages = []
    for page in etree.fromstring(legal).iter("{*}page"):
        words = tuple(
            Word(word.text or "", *(float(word.get(k)) for k in ("xMin", "yMin", "xMax", "yMax")))
            for word in page.iter("{*}word")
        )
        width, height = (round(float(page.get(side)) / MILLIMETRE) for side in ("width", "height"))
        pages.append(Page(width, height, words))
    return pages


def faults(sheet: Any, pages: list[Page]) -> list[str]:
    """Name what of a sheet is not to be read on its pages: cut, overlaid, or shown as ###."""
    footer: Any = sheet.oddFooter
    texts = [*printed_texts(sheet), str(footer.left.text or "") * len(pages)]
    wanted = Counter(char for text in texts for char in text if CHINESE.match(char))
    shown = Counter("".join(page.text for page in pages))
    for _ in pages:
        shown -= FOOTER
    lost = "".join((wanted - shown).elements())
    found = [f"lost: {lost}"] if lost else []
    for number, page in enumerate(pages, start=1):
        found += [f"page {number}: ###"] * ("###" in page.text)
        found += [
            f"page {number}: “{one.text}” over “{other.text}”"
            for one, other in combinations(page.words, 2)
            if one.lies_over(other)
        ]
    return found


def printed_texts(sheet: Any) -> list[str]:
    """Give the texts in a sheet's print area, or of the whole sheet where it has none."""
    area = str(sheet.print_area).split("!")[-1] if sheet.print_area else sheet.dimensions
    left, top, right, bottom = range_boundaries(area)
    rows = sheet.iter_rows(min_row=top, max_row=bottom, min_col=left, max_col=right)
    hidden = {
        column
        for one in sheet.column_dimensions.values()
        if one.hidden
        for column in range(one.min, one.max + 1)
    }
    return [
        str(cell.value)
        for row in rows
        for cell in row
        # openpyxl puts a link's place into a cell that is empty (3.1.5).
        if isinstance(cell.value, str)
        and cell.column not in hidden
        and not (cell.hyperlink and cell.value == cell.hyperlink.location)
    ]


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed workbook: each sheet with its pages, in order."""

    sheets: Mapping[str, Any]
    pages: dict[str, list[Page]]


def printed(office: LibreOffice, workbook: Path, folder: Path) -> Printed:
    """Print a workbook and tell its pages apart by the titles of its sheets."""
    book = openpyxl.load_workbook(workbook, data_only=True)
    sheets = {one.title: one for one in book.worksheets if one.sheet_state == "visible"}
    titles = {name: "".join(str(one.cell(3, 2).value).split()) for name, one in sheets.items()}
    pages: dict[str, list[Page]] = {name: [] for name in sheets}
    names = iter(sheets)
    current = ""
    following = next(names, None)
    for page in pages_of(office.to_pdf(workbook, folder)):
        if following is not None and page.text.startswith(titles[following]):
            current, following = following, next(names, None)
        assert current, f"the first page has no title: {page.text[:40]}"
        pages[current].append(page)
    return Printed(sheets, pages)


def _empty(assignment: Assignment) -> Assignment:
    return assignment


def _filled(assignment: Assignment) -> Assignment:
    """Fill in the longest that may stand in a cell: amounts, a remark of a few lines."""
    answers = answers_of(assignment)
    answers |= {
        Key("industrial_output", "actual"): 123_456_789.12,
        Key("hightech_output", "actual"): 98_765_432.1,
        Key("patent_applications", "actual"): 123_456.0,
        Key("invention_grants", "remark"): "受上年同期基数较高影响，预计下季度补足。" * 2,
    }
    return replace(assignment, answers=answers)


TEMPLATES: dict[str, tuple[str, str, Callable[[Assignment], Assignment]]] = {
    "empty, longest unit name": ("longhutang", "2017-Q4", _empty),
    "filled": ("chunjiang", "2017-Q4", _filled),
    "without a ratio, first quarter": ("chuangyi", "2017-Q1", _empty),
}


@pytest.fixture(scope="module", params=TEMPLATES)
def template(
    request: pytest.FixtureRequest,
    libreoffice: LibreOffice,
    tmp_path_factory: pytest.TempPathFactory,
) -> Printed:
    """Give a printed template."""
    unit, code, change = TEMPLATES[request.param]
    folder = tmp_path_factory.mktemp("template")
    path = folder / "template.xlsx"
    assignment = change(assignment_of(unit, Period.parse(code)))
    path.write_bytes(to_bytes(quarterly_book(assignment)))
    return printed(libreoffice, path, folder)


@pytest.fixture(scope="module", params=["eleven returned", "findings"])
def district(
    request: pytest.FixtureRequest,
    libreoffice: LibreOffice,
    tmp_path_factory: pytest.TempPathFactory,
) -> Printed:
    """Give a printed district workbook."""
    folder = tmp_path_factory.mktemp("district")
    return printed(libreoffice, DISTRICTS[request.param](folder), folder)


def test_a_template_takes_one_page_a_sheet_and_two_for_the_list(template: Printed) -> None:
    pages = {name: len(found) for name, found in template.pages.items()}
    assert 1 <= pages.pop(LIST) <= 2
    assert pages == {GUIDE: 1, MAIN: 1, CHECK: 1}


def test_a_template_is_printed_on_a4(template: Printed) -> None:
    for name, pages in template.pages.items():
        size = A4[::-1] if name in (MAIN, LIST) else A4
        assert {(page.width, page.height) for page in pages} == {size}, name


def test_nothing_of_a_template_is_cut_on_paper(template: Printed) -> None:
    told = {name: faults(sheet, template.pages[name]) for name, sheet in template.sheets.items()}
    assert {name: found[:5] for name, found in told.items() if found} == {}


def test_every_page_of_a_template_is_numbered(template: Printed) -> None:
    pages = [page for found in template.pages.values() for page in found]
    for number, page in enumerate(pages, start=1):
        assert f"第{number}页" in page.text
        assert re.search(r"共\d+页", page.text)


def test_the_form_leaves_room_for_signature_and_seal(template: Printed) -> None:
    (page,) = template.pages[MAIN]
    assert "单位负责人（签字）" in page.text
    assert "单位（盖章）" in page.text


def test_what_leaders_read_takes_one_page_each(district: Printed) -> None:
    pages = {name: len(found) for name, found in district.pages.items()}
    assert {pages[name] for name in (OVERVIEW, SUMMARY, HEAT, UNIT, ABOUT)} == {1}
    assert pages[SUMMARY_A4] == 2
    assert pages[UNITS] == len(PLAN.units)
    assert pages[LAGGING] <= 2
    assert pages[STATUS] == 1
    assert pages[FILES] <= 2
    assert pages[PROBLEMS] <= 6
    assert pages[DATA] <= 8


def test_wide_tables_are_printed_on_a3_across(district: Printed) -> None:
    across = {
        **dict.fromkeys((OVERVIEW, SUMMARY, HEAT, SCORES, DATA), A3[::-1]),
        **dict.fromkeys((SUMMARY_A4, UNIT, UNITS, PARAMETERS, ABOUT), A4),
    }
    for name, pages in district.pages.items():
        size = across.get(name, A4[::-1])
        assert {(page.width, page.height) for page in pages} == {size}, name


def test_nothing_of_a_district_workbook_is_cut_on_paper(district: Printed) -> None:
    told = {name: faults(sheet, district.pages[name]) for name, sheet in district.sheets.items()}
    assert {name: found[:5] for name, found in told.items() if found} == {}


def test_nothing_lies_outside_the_margins(district: Printed, template: Printed) -> None:
    for paper in (district, template):
        for name, pages in paper.pages.items():
            for page in pages:
                right, bottom = page.width * MILLIMETRE, page.height * MILLIMETRE
                outside = [
                    word.text for word in page.words
                    if word.left < EDGE or word.right > right - EDGE
                    or word.top < EDGE or word.bottom > bottom - EDGE
                ]  # fmt: skip
                assert not outside, f"{name}: {outside[:5]}"


def test_adjusted_figures_carry_a_star_on_paper(libreoffice: LibreOffice, tmp_path: Path) -> None:
    paper = printed(libreoffice, DISTRICTS["adjusted"](tmp_path), tmp_path)
    data = paper.sheets[DATA]
    basis = COLUMNS.index("basis") + 1
    adjusted = sum(row[basis - 1] == "调整" for row in data.iter_rows(values_only=True))
    assert adjusted
    for name in (SUMMARY, SUMMARY_A4):
        starred = [
            word.text for page in paper.pages[name] for word in page.words
            if re.fullmatch(r"[0-9,.]+%?\*", word.text)
        ]  # fmt: skip
        assert len(starred) == adjusted, name


def test_every_page_of_a_long_table_repeats_its_head(district: Printed) -> None:
    pages = district.pages[DATA]
    assert len(pages) > 1
    for page in pages:
        assert "来源文件" in page.text
        assert "年度目标" in page.text


def test_long_texts_and_names_from_units_are_printed_whole(
    libreoffice: LibreOffice, tmp_path: Path
) -> None:
    """Text for a number, a long file name and several people who filled the form together."""
    assignment = assignment_of("longhutang")
    answers = answers_of(assignment) | {
        Key("signers", "indicator"): "张三、李四、王五、赵六（综合科）",
        Key("patent_applications", "actual"): "约一千二百件（含已受理未缴费的部分）",
    }
    name = "光伏产业园区（龙虎塘街道）2017年第四季度科技指标填报表（修改稿）最终版2.xlsx"
    result = report(tmp_path, PLAN, Q4, {name: replace(assignment, answers=answers)})
    paper = printed(libreoffice, result.workbook, tmp_path)
    told = {name: faults(sheet, paper.pages[name]) for name, sheet in paper.sheets.items()}
    assert {name: found[:5] for name, found in told.items() if found} == {}


def test_the_longest_plan_is_printed_whole(libreoffice: LibreOffice, tmp_path: Path) -> None:
    paper = printed(libreoffice, DISTRICTS["longest names"](tmp_path), tmp_path)
    told = {name: faults(sheet, paper.pages[name]) for name, sheet in paper.sheets.items()}
    assert {name: found[:5] for name, found in told.items() if found} == {}


def test_cut_text_would_be_seen(libreoffice: LibreOffice, tmp_path: Path) -> None:
    path = tmp_path / "cut.xlsx"
    with xlsxwriter.Workbook(path) as book:
        wrapped, plain = book.add_format({"text_wrap": True, "valign": "vcenter"}), None
        money = book.add_format({"num_format": "#,##0.00"})
        for name in ("好", "切", "叠", "数"):
            sheet = book.add_worksheet(name)
            sheet.set_column(0, 3, 10)
            for row in range(11):
                sheet.set_row(row, 20)
            sheet.write_string("B3", f"题目{name}")
        good, cut, over, number = book.worksheets()
        good.write_string("A4", "放得下", wrapped)
        good.write_string("A5", "下面一格", wrapped)
        cut.write_string("A4", "不换行的文字太长了，被右边的一格切掉", plain)
        cut.write_string("B4", "右边", plain)
        over.write_string("A8", "上面一格", wrapped)
        over.write_string("A9", "换行的文字太长了，在这一行里放不下，压住上面和下面", wrapped)
        over.write_string("A10", "下面一格", wrapped)
        number.write_number("A4", 1_234_567_890.12, money)
    paper = printed(libreoffice, path, tmp_path)
    told = {name: faults(sheet, paper.pages[name]) for name, sheet in paper.sheets.items()}
    assert told["好"] == []
    assert re.fullmatch("lost: .*切.*掉.*", told["切"][0])
    assert any("over" in fault for fault in told["叠"])
    assert told["数"] == ["page 1: ###"]
