"""What every issued and consolidated workbook is: valid, protected, guided, printable, the same.

`test_the_workbook_looks_as_kept` compares text digests kept in tests/digests. After a change that
is meant, run it with UPDATE_DIGESTS=1 in the environment to write them anew, and read the diff.
"""

import datetime
import html
import os
import re
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.protection import hash_password
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from consolidator import __version__
from consolidator.files import sha256
from consolidator.forms import stamp
from consolidator.forms.layout import address
from consolidator.forms.quarterly.addresses import CHECK, GUIDE, LIST, MAIN, Places
from consolidator.forms.quarterly.assignment import (
    APPROVED_BY,
    FILLED_BY,
    LIST_FIELDS,
    LIST_KEYS,
    PHONE,
    Assignment,
    FieldKind,
    Key,
)
from consolidator.issue.issue_list import FILE_NAME, read_issue_list
from consolidator.issue.issuing import issue
from consolidator.plan.period import Period
from consolidator.report.context import (
    ABOUT,
    ANNEX1,
    DATA,
    DECISIONS,
    FILES,
    HEAT,
    HISTORY,
    LAGGING,
    OVERVIEW,
    PARAMETERS,
    PROBLEMS,
    REVIEW,
    SCORE_ROWS,
    SCORES,
    SHEETS,
    STAKES,
    STATUS,
    SUMMARY,
    SUMMARY_A4,
    TREND,
    UNIT,
    UNITS,
)
from consolidator.report.data_sheet import COLUMNS
from office import xsd
from office.digest import digest
from test_recalculation import DISTRICTS, report
from test_round_trip import NOW, PLAN, Q4, answers_of, assignment_of

Q1 = Period.parse("2017-Q1")
PASSWORD = "bureau2017"
VISIBLE = (GUIDE, MAIN, LIST, CHECK)
DISTRICT = SHEETS
DIGESTS = Path(__file__).with_name("digests")
CHINESE = re.compile("[\u4e00-\u9fff]")
A3, A4 = 8, 9
Cells = set[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Template:
    """An issued template: the assignment it was made from, its file, and what openpyxl reads."""

    assignment: Assignment
    path: Path
    book: Workbook

    def entries(self) -> dict[tuple[str, str], FieldKind]:
        """Give every entry cell by sheet and address, with what it takes."""
        places, found = Places(self.assignment), {}
        keys = {line.value_key: line.kind for line in self.assignment.entries}
        remarks = [line.remark_key for line in self.assignment.headline]
        keys |= dict.fromkeys(remarks, FieldKind.TEXT)
        keys |= {key: kind for key, (_, kind) in self.assignment.below.items()}
        for row in LIST_KEYS:
            keys |= {Key(row, column): kind for column, (_, kind) in LIST_FIELDS.items()}
        for key, kind in keys.items():
            found[places.sheet(key), address(*places.cell(key))] = kind
        return found


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Issue the templates of two periods."""
    folder = tmp_path_factory.mktemp("issued")
    for period in (Q4, Q1):
        issue(PLAN, period, folder / period.code, now=NOW, password=PASSWORD)
    return folder


@pytest.fixture(scope="module", params=["chunjiang 2017-Q4", "chuangyi 2017-Q1"])
def template(request: pytest.FixtureRequest, issued: Path) -> Template:
    """Give a template with everything, and one without the ratio and what is not due yet."""
    unit, code = str(request.param).split()
    assignment = assignment_of(unit, Period.parse(code))
    (path,) = (issued / code).glob(f"*_{assignment.unit.short}_*.xlsx")
    return Template(assignment, path, openpyxl.load_workbook(path))


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a district workbook with every kind of status and many findings."""
    return DISTRICTS["findings"](tmp_path_factory.mktemp("district"))


@pytest.fixture(scope="module")
def district_book(district: Path) -> Workbook:
    """Give that district workbook as openpyxl reads it."""
    return openpyxl.load_workbook(district)


# Valid and the same


def test_templates_are_valid_workbooks(shared: Path, template: Template) -> None:
    assert xsd.problems(template.path, shared / "ecma376") == []


def test_the_issue_list_is_a_valid_workbook(shared: Path, issued: Path) -> None:
    assert xsd.problems(issued / Q4.code / FILE_NAME, shared / "ecma376") == []


@pytest.mark.parametrize("name", ["findings", "adjusted", "none returned", "longest names"])
def test_district_workbooks_are_valid_workbooks(shared: Path, name: str, tmp_path: Path) -> None:
    assert xsd.problems(DISTRICTS[name](tmp_path), shared / "ecma376") == []


def test_issuing_twice_gives_the_same_bytes_at_any_time(issued: Path, tmp_path: Path) -> None:
    later = NOW + datetime.timedelta(days=3)
    again = issue(PLAN, Q4, tmp_path, now=later, password=PASSWORD)
    assert len(again) == 11
    for one in again:
        assert one.path.read_bytes() == (issued / Q4.code / one.path.name).read_bytes()


def test_the_issue_list_is_the_same_for_the_same_time(issued: Path, tmp_path: Path) -> None:
    issue(PLAN, Q4, tmp_path, now=NOW, password=PASSWORD)
    assert (tmp_path / FILE_NAME).read_bytes() == (issued / Q4.code / FILE_NAME).read_bytes()


def test_consolidating_the_same_returns_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (
        DISTRICTS["another plan"](folder) for folder in (tmp_path / "one", tmp_path / "two")
    )
    assert first != second
    assert first.read_bytes() == second.read_bytes()


def test_no_workbook_carries_macros_or_leads_further_than_to_the_returns(
    template: Template, district: Path
) -> None:
    for path in (template.path, district):
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
            assert not [n for n in names if re.search("vba|externalLink|oleObject|ctrlProp", n)]
            outside = [
                relation
                for part in names
                if part.endswith(".rels")
                for relation in re.findall(r"<Relationship [^>]*>", package.read(part).decode())
                if 'TargetMode="External"' in relation
            ]
        assert (path == district) == bool(outside)
        for relation in outside:
            assert "/relationships/hyperlink" in relation
            target = html.unescape(re.search(r'Target="([^"]*)"', relation)[1])  # type: ignore[index]
            file = path.parent / unquote(target).replace("\\", "/")
            assert file.is_file(), target
            assert "returns" in file.resolve().parts


def test_a_file_with_any_name_is_led_to(tmp_path: Path) -> None:
    name = "奔牛镇 100%#1 (终稿)&+.xlsx"
    result = report(tmp_path, PLAN, Q4, {name: assignment_of("benniu")})
    sheet = openpyxl.load_workbook(result.workbook)[DATA]
    links = {cell.hyperlink for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    targets = {unquote(one.target).replace("\\", "/") for one in links if one.target}
    assert {Path(one).name for one in targets} == {name}
    assert {one.location for one in links if one.target} >= {"'填报表'!H10"}


# Locked and stamped


def test_entry_cells_are_the_only_cells_a_unit_can_change(template: Template) -> None:
    # A merged entry is one cell to whoever fills it; all of it has to be unlocked.
    statement = next(iter(template.assignment.below))
    (wide,) = (
        area
        for area in template.book[MAIN].merged_cells.ranges
        if area.coord.startswith(f"{Places(template.assignment).local(statement)}:")
    )
    merged = {(MAIN, address(row - 1, column - 1)) for row, column in wide.cells}
    assert _unlocked(template.book) == set(template.entries()) | merged
    assert len(template.entries()) > 300


def test_every_sheet_and_the_structure_are_locked_with_the_password(template: Template) -> None:
    for sheet in template.book.worksheets:
        assert sheet.protection.sheet, sheet.title
        assert sheet.protection.password == hash_password(PASSWORD)
    (lock,) = re.findall(r"<workbookProtection [^>]*/>", _part(template.path, "xl/workbook.xml"))
    assert 'lockStructure="1"' in lock
    assert f'workbookPassword="{hash_password(PASSWORD)}"' in lock
    assert PASSWORD.encode() not in b"".join(_parts(template.path).values())


def test_the_structure_lock_stands_where_excel_looks_for_it(template: Template) -> None:
    xml = _part(template.path, "xl/workbook.xml")
    order = [xml.index(f"<{tag}") for tag in ("workbookPr ", "workbookProtection", "bookViews")]
    assert order == sorted(order)


def test_every_list_of_issue_knows_what_went_out(issued: Path) -> None:
    listed = read_issue_list(issued / Q4.code / FILE_NAME)
    assert list(listed) == list(PLAN.unit_by_code)
    for one in listed.values():
        content = (issued / Q4.code / one.file).read_bytes()
        assert (one.digest, one.password) == (sha256(content), PASSWORD)
        assert one.issued == f"{NOW:%Y-%m-%d %H:%M:%S}"


def test_the_stamp_stands_in_three_places(template: Template) -> None:
    text = template.assignment.stamp.encode()
    assert stamp.decode(text) == template.assignment.stamp
    hidden = template.book[stamp.SHEET]
    assert (hidden.sheet_state, hidden["A1"].value) == ("veryHidden", text)
    for name in VISIBLE:
        sheet = template.book[name]
        assert (sheet.sheet_state, sheet["A1"].value) == ("visible", text)
        assert sheet.row_dimensions[1].hidden
    book: Any = template.book
    custom = {one.name: one.value for one in book.custom_doc_props.props}
    assert custom[stamp.PROPERTY] == text


def test_staff_can_change_adjustments_their_reasons_and_parameters_only(
    district_book: Workbook,
) -> None:
    unlocked = _unlocked(district_book)
    adjustable = {COLUMNS.letter(key) for key in ("adjusted", "adjusted_under", "reason")}
    chosen = {place for place in unlocked if place[0] == UNIT}
    assert {cell for _, cell in chosen} == {"D5", "E5", "F5"}, "one cell, merged"
    parameters = {place for place in unlocked if place[0] == PARAMETERS}
    assert {cell.rstrip("0123456789") for _, cell in parameters} == {"E"}
    assert len(parameters) == 4 + 10
    unlocked -= chosen | parameters
    assert {sheet for sheet, _ in unlocked} == {DATA}
    assert {cell.rstrip("0123456789") for _, cell in unlocked} == adjustable
    asked = 11 * 15 - 1
    assert len(unlocked) == asked * 2 + 10
    assert all(sheet.protection.sheet for sheet in district_book.worksheets)


# Guided


def test_every_entry_cell_has_one_validation_that_speaks_chinese(template: Template) -> None:
    by_cell = _validations(template.book)
    kinds = {
        FieldKind.COUNT: "whole", FieldKind.AMOUNT: "decimal", FieldKind.DATE: "date",
        FieldKind.CHOICE: "list", FieldKind.TEXT: "textLength",
    }  # fmt: skip
    assert by_cell.keys() == template.entries().keys()
    for place, kind in template.entries().items():
        (rule,) = by_cell[place]
        assert rule.type == kinds[kind], place
        assert rule.showInputMessage, place
        assert rule.showErrorMessage, place
        assert rule.errorStyle in (None, "stop"), place
        for text, most in (
            *((rule.promptTitle, 32), (rule.errorTitle, 32)),
            *((rule.prompt, 255), (rule.error, 255)),
        ):
            assert CHINESE.search(text), place
            assert len(text) <= most, place


def test_no_entry_for_a_figure_takes_a_negative_number(template: Template) -> None:
    by_cell, entries = _validations(template.book), template.entries()
    numbers = [p for p, kind in entries.items() if kind in (FieldKind.COUNT, FieldKind.AMOUNT)]
    assert len(numbers) == len(template.assignment.entries)
    for place in numbers:
        (rule,) = by_cell[place]
        assert (rule.operator, rule.formula1) == ("greaterThanOrEqual", "0")


def test_the_kinds_of_filed_events_are_chosen_from_a_list(template: Template) -> None:
    (rule,) = _validations(template.book)[LIST, "C8"]
    assert rule.formula1 == '"' + ",".join(PLAN.filed_kinds) + '"'


def test_adjustments_have_validations_that_speak_chinese(district_book: Workbook) -> None:
    by_cell = _validations(district_book)
    assert _unlocked(district_book) <= by_cell.keys()
    for rules in by_cell.values():
        (rule,) = rules
        assert all(CHINESE.search(text) for text in (rule.promptTitle, rule.prompt, rule.error))


def test_a_template_opens_on_the_form_at_its_first_figure(template: Template) -> None:
    assert _active(template.book) == MAIN
    first = Places(template.assignment).local(template.assignment.entries[0].value_key)
    assert _cursor(template.book[MAIN]) == first
    figures = [
        place
        for place, kind in template.entries().items()
        if kind in (FieldKind.COUNT, FieldKind.AMOUNT)
    ]
    assert (MAIN, first) == min(figures, key=_reading_order)
    assert _cursor(template.book[LIST]) == "C8"
    assert _selected(template.book) == [MAIN]


def test_a_district_workbook_opens_on_the_overview(district_book: Workbook) -> None:
    assert _active(district_book) == OVERVIEW
    assert _selected(district_book) == [OVERVIEW]
    expected = [name for name in DISTRICT if name not in (REVIEW, TREND, HISTORY)]
    assert [sheet.title for sheet in district_book.worksheets] == expected
    unlocked = _unlocked(district_book)
    for name in (DATA, UNIT):
        own = [place for place in unlocked if place[0] == name]
        assert (name, _cursor(district_book[name])) == min(own, key=_reading_order)


def test_tables_keep_their_heads_in_sight_and_show_no_gridlines(
    template: Template, district_book: Workbook
) -> None:
    frozen = {MAIN, LIST, CHECK, SUMMARY, HEAT, LAGGING, STATUS, FILES, PROBLEMS, DECISIONS, DATA}
    frozen |= {ANNEX1, SCORES, STAKES, SCORE_ROWS, PARAMETERS}
    for sheet in (*template.book.worksheets, *district_book.worksheets):
        assert sheet.sheet_view.showGridLines is False, sheet.title
        assert bool(sheet.freeze_panes) == (sheet.title in frozen), sheet.title


def test_rules_name_other_sheets_by_defined_names_only(
    template: Template, district_book: Workbook
) -> None:
    for sheet in (*template.book.worksheets, *district_book.worksheets):
        formulas = [
            text
            for several in sheet.conditional_formatting
            for rule in several.rules
            for text in rule.formula
        ]
        formulas += [str(one.formula1) for one in sheet.data_validations.dataValidation]
        assert not [text for text in formulas if "!" in text], sheet.title


def test_names_stand_for_the_entry_cells(template: Template) -> None:
    assignment, entries = template.assignment, template.entries()
    names = {
        name: str(one.attr_text).replace("$", "").replace("'", "").split("!")
        for name, one in template.book.defined_names.items()
    }
    for line in assignment.entries:
        sheet, cell = names.pop(f"actual_{line.key}")
        assert (sheet, cell) == (MAIN, Places(assignment).local(line.value_key))
    for line in assignment.headline:
        sheet, cell = names.pop(f"remark_{line.key}")
        assert (sheet, cell) == (MAIN, Places(assignment).local(line.remark_key))
    assert names.pop("self_check")[0] == CHECK
    for column in LIST_FIELDS:
        sheet, area = names.pop(f"filed_{column}")
        left, top, right, bottom = _bounds(area)
        assert (left, bottom - top + 1) == (right, len(LIST_KEYS))
        cells = {(sheet, address(row - 1, left - 1)) for row in range(top, bottom + 1)}
        assert cells <= entries.keys()
    assert {tuple(place) for place in names.values()} == {
        (MAIN, Places(assignment).local(key)) for key in assignment.below
    }


def test_every_link_of_a_template_leads_to_a_cell_that_is_there(template: Template) -> None:
    links = _links(template.book)
    assert {sheet for sheet, *_ in links} == {GUIDE, CHECK}
    for _, _, sheet, cell in links:
        assert cell in _used(template.book[sheet])
    entries = template.entries()
    checks = [place for sheet, _, *place in links if sheet == CHECK]
    assert len(checks) > 30
    derived = (MAIN, "L7") if template.assignment.unit.code != "chuangyi" else ()
    assert {tuple(place) for place in checks} - set(entries) <= {derived}


def test_every_problem_leads_to_its_unit(district_book: Workbook) -> None:
    links = [link for link in _links(district_book) if link[0] == PROBLEMS]
    rows = [row for row in district_book[PROBLEMS].iter_rows(min_row=6) if row[1].value]
    assert len(links) == len(rows) > 50
    names = {unit.short: unit.name for unit in PLAN.units}
    for _, cell, sheet, target in links:
        unit = district_book[PROBLEMS][f"D{cell[1:]}"].value
        there = [one.value for one in district_book[sheet][re.sub("[A-Z]", "", target)]]
        assert unit == "—" or unit in there or names[str(unit)] in there, (cell, sheet, target)


def test_every_link_of_a_district_workbook_leads_to_a_cell_that_is_there(
    district_book: Workbook,
) -> None:
    for _, _, sheet, cell in _links(district_book):
        assert cell in _used(district_book[sheet])


def test_there_is_room_for_sixty_filed_events_or_more(template: Template) -> None:
    rows = {re.sub("[A-Z]", "", cell) for sheet, cell in template.entries() if sheet == LIST}
    assert len(rows) >= 60
    assert {(LIST, f"{column}{row}") for column in "CDEFG" for row in rows} <= _unlocked(
        template.book
    )


def test_templates_are_short_enough_for_mail(issued: Path) -> None:
    sizes = [path.stat().st_size for path in issued.glob("*/科技指标_*.xlsx")]
    assert len(sizes) == 22
    assert max(sizes) < 60_000


# Printed


def test_every_visible_sheet_of_a_template_prints_on_a4(template: Template) -> None:
    for name in VISIBLE:
        sheet = template.book[name]
        _hold_printing(sheet, paper=A4, landscape=name in (MAIN, LIST), tall=int(name != LIST))
        assert template.assignment.period.title in _footer(sheet)
        assert template.assignment.unit.name in _footer(sheet)
    assert template.book[LIST].print_title_rows == "$7:$7"


def test_every_sheet_of_a_district_workbook_prints(district_book: Workbook) -> None:
    on_one_page = {OVERVIEW, SUMMARY, UNIT}
    upright = {SUMMARY_A4, UNIT, UNITS, PARAMETERS, ABOUT}
    for sheet in district_book.worksheets:
        wide = sheet.title in (OVERVIEW, SUMMARY, HEAT, SCORES, DATA)
        _hold_printing(
            sheet,
            paper=A3 if wide else A4,
            landscape=sheet.title not in upright,
            tall=int(sheet.title in on_one_page),
            broken=sheet.title in (SUMMARY_A4, UNITS),
        )
        assert Q4.title in _footer(sheet)
        assert f"{NOW:%Y-%m-%d %H:%M}" in _footer(sheet)
    for name in (SUMMARY, HEAT, PROBLEMS, DATA):
        assert district_book[name].print_title_rows == "$5:$5"
    assert district_book[LAGGING].print_title_rows == "$6:$6"
    assert district_book[SUMMARY].print_title_cols == "$B:$E"


def _hold_printing(
    sheet: Worksheet, *, paper: int, landscape: bool, tall: int, broken: bool = False
) -> None:
    setup: Any = sheet.page_setup
    fit: Any = sheet.sheet_properties.pageSetUpPr
    assert int(setup.paperSize) == paper, sheet.title
    assert (setup.orientation == "landscape") == landscape, sheet.title
    if broken:
        assert not (fit and fit.fitToPage), sheet.title
        assert 50 <= int(setup.scale) <= 100, sheet.title
        assert len(sheet.row_breaks.brk) >= 1, sheet.title
    else:
        assert fit.fitToPage, sheet.title
        fits = [1 if n is None else int(n) for n in (setup.fitToWidth, setup.fitToHeight)]
        assert fits == [1, tall], sheet.title
    left, top, right, bottom = _bounds(str(sheet.print_area).split("!")[-1])
    assert (left, top) == (2, 3), sheet.title
    shown = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert right >= max(cell.column for cell in shown if cell.row > 2), sheet.title
    assert bottom >= max(cell.row for cell in shown), sheet.title
    assert "&P" in _footer(sheet, "center"), sheet.title
    assert "&N" in _footer(sheet, "center"), sheet.title
    assert sheet.cell(3, 2).value, f"{sheet.title} has no title"


# Text from units


def test_text_from_units_is_text_in_the_district_workbook(tmp_path: Path) -> None:
    tricks = {
        FILLED_BY: "=1+1",
        APPROVED_BY: "+cmd|' /C calc'!A0",
        PHONE: "@SUM(A1)",
        Key("patent_applications", "actual"): '=HYPERLINK("http://example.com")',
        Key("invention_grants", "actual"): "http://example.com",
        Key("hightech_firms", "actual"): "{=1}",
        Key("outreach_events", "actual"): "-2+3",
    }
    assignment = assignment_of("menghe")
    form = replace(assignment, answers=answers_of(assignment) | tricks)
    file = "=2+5+cmd.xlsx"
    result = report(tmp_path, PLAN, Q4, {file: form})
    cells = [
        cell
        for sheet in openpyxl.load_workbook(result.workbook).worksheets
        for row in sheet.iter_rows()
        for cell in row
    ]
    texts = {cell.value for cell in cells if cell.data_type == "s"}
    assert {*tricks.values(), file} <= texts
    formulas = [str(cell.value) for cell in cells if cell.data_type == "f"]
    assert not [one for one in formulas if "cmd" in one or "example" in one or one == "=1+1"]
    outside = {cell.hyperlink.target for cell in cells if cell.hyperlink} - {None}
    assert {unquote(str(one)) for one in outside} == {f"..\\returns\\{file}"}


# As kept


@pytest.mark.parametrize("name", ["template_chunjiang_2017-Q4", "district_small"])
def test_the_workbook_looks_as_kept(name: str, issued: Path, tmp_path: Path) -> None:
    """Written anew with UPDATE_DIGESTS=1 in the environment."""
    if name.startswith("template"):
        (path,) = (issued / Q4.code).glob("*_春江镇_*.xlsx")
    else:
        path = DISTRICTS["another plan"](tmp_path)
    told = "\n".join(f"== {sheet}\n{text}" for sheet, text in digest(path).items())
    told = told.replace(__version__, "VERSION")
    kept = DIGESTS / f"{name}.txt"
    if os.environ.get("UPDATE_DIGESTS") == "1":
        DIGESTS.mkdir(exist_ok=True)
        kept.write_text(told, "utf-8", newline="\n")
    assert kept.is_file(), f"there is no {kept}: run with UPDATE_DIGESTS=1"
    assert told.splitlines() == kept.read_text("utf-8").splitlines()


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def _part(path: Path, name: str) -> str:
    return _parts(path)[name].decode()


def _unlocked(book: Workbook) -> Cells:
    for sheet in book.worksheets:
        for column in sheet.column_dimensions.values():
            assert not column.has_style or column.protection.locked
    return {
        (sheet.title, cell.coordinate)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if not cell.protection.locked
    }


def _validations(book: Workbook) -> dict[tuple[str, str], list[Any]]:
    found: dict[tuple[str, str], list[Any]] = {}
    for sheet in book.worksheets:
        for rule in sheet.data_validations.dataValidation:
            for area in rule.sqref.ranges:
                for row, column in area.cells:
                    found.setdefault((sheet.title, address(row - 1, column - 1)), []).append(rule)
    return found


def _links(book: Workbook) -> list[tuple[str, str, str, str]]:
    """Give each internal link: its sheet and cell, the sheet and cell it leads to."""
    found = []
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                link = cell.hyperlink
                if link is not None and not link.target:
                    target, place = str(link.location).rsplit("!", 1)
                    found.append((sheet.title, cell.coordinate, target.strip("'"), place))
    return found


def _used(sheet: Worksheet) -> set[str]:
    """Give the cells of a sheet that were written, blank entry cells too."""
    return {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.has_style}


def _cursor(sheet: Worksheet) -> str:
    return str(sheet.sheet_view.selection[-1].activeCell)


def _selected(book: Workbook) -> list[str]:
    return [sheet.title for sheet in book.worksheets if sheet.sheet_view.tabSelected]


def _reading_order(place: tuple[str, str]) -> tuple[int, int]:
    left, top, _, _ = _bounds(place[1])
    return top, left


def _bounds(area: str) -> tuple[int, int, int, int]:
    left, top, right, bottom = range_boundaries(area)
    assert left is not None
    assert top is not None
    assert right is not None
    assert bottom is not None
    return left, top, right, bottom


def _footer(sheet: Any, part: str = "left") -> str:
    return str(getattr(sheet.oddFooter, part).text)


def _active(book: Workbook) -> str:
    assert book.active is not None
    return str(book.active.title)
