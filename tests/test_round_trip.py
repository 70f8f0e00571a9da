"""What a unit types into an issued template in a real program is what the district reads.

The templates are issued by the product, filled and saved by LibreOffice and by Gnumeric in each
format units send, and consolidated.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from consolidator.checks.findings import Finding
from consolidator.checks.run import check_returned
from consolidator.checks.selection import FileStatus, UnitStatus
from consolidator.figures.values import Figure
from consolidator.forms import stamp
from consolidator.forms.layout import Value, address
from consolidator.forms.quarterly.addresses import GUIDE, LIST, MAIN, Places
from consolidator.forms.quarterly.assignment import (
    APPROVED_BY,
    FILLED_BY,
    FILLED_ON,
    LIST_KEYS,
    PHONE,
    STATEMENT,
    Assignment,
    Key,
)
from consolidator.intake.brief import Brief
from consolidator.intake.returned import read_returned
from consolidator.intake.values import Reading, Returned, State
from consolidator.issue.issuing import issue
from consolidator.plan.check import load_plan
from consolidator.plan.model import DISTRICT, Kind
from consolidator.plan.period import Period
from consolidator.report.as_json import to_json
from consolidator.report.consolidate import Consolidated, consolidate
from consolidator.report.context import DATA
from consolidator.report.data_sheet import COLUMNS, key_of
from office.gnumeric import Gnumeric
from office.libreoffice import LibreOffice
from office.program import Program, Values

PLAN = load_plan("2017")
Q4 = Period.parse("2017-Q4")
NOW = datetime.datetime(2018, 1, 8, 9, 30)
UNITS = tuple(unit.code for unit in PLAN.units)
SUFFIXES = (".xlsx", ".xls", ".ods")
ALL_SUFFIXES = pytest.mark.parametrize("suffix", SUFFIXES)
Answers = dict[Key, Value]


def answers_of(assignment: Assignment) -> Answers:
    """Make up a form without a fault: every kind of entry, a zero, and text that asks for care."""
    answers: Answers = {
        FILLED_BY: "张三·Özgür",
        APPROVED_BY: "=1+1",
        PHONE: "0519-85127751",
        FILLED_ON: datetime.date(assignment.period.year + 1, 1, 5),
        STATEMENT: "另有三项正在申报。",
    }
    listed = {kind: 1 + place for place, kind in enumerate(assignment.plan.filed_kinds)}
    for place, line in enumerate(assignment.headline):
        one = line.indicator
        target = assignment.plan.target(assignment.unit.code, one.code) or 0
        answers[line.remark_key] = f"{one.name}：进度“正常”，A&B <{place}> 'x' \"y\""
        if one.kind is Kind.RATIO:
            over, under = (Key(amount.code, "actual") for amount in one.amounts)
            answers |= {over: 1_234_567.89 + place, under: 2_345_678.9}
        elif one.filed_kinds:
            answers[line.value_key] = float(sum(listed[kind] for kind in one.filed_kinds))
        elif one.parent:
            whole = answers[Key(one.parent, "actual")]
            assert isinstance(whole, float)
            answers[line.value_key] = whole // 2
        else:
            answers[line.value_key] = 0.0 if place == 4 else target + place
    rows = iter(LIST_KEYS)
    for kind, count in listed.items():
        for number in range(count):
            row = next(rows)
            answers |= {
                Key(row, "kind"): kind,
                Key(row, "date"): datetime.date(assignment.period.year, 1 + number, 28),
                Key(row, "partner"): "=SUM(A1:A9)",
                Key(row, "subject"): f"{kind}第 {number} 次 & <洽谈>",
                Key(row, "filing"): f"00{row[-3:]}",
            }
    return answers


def typed_into(assignment: Assignment, answers: Answers) -> Values:
    """Turn answers into what is typed where in the template as issued."""
    places = Places(assignment)
    return {
        (places.sheet(key), address(*places.cell(key))): value for key, value in answers.items()
    }


def assignment_of(unit: str, period: Period = Q4) -> Assignment:
    """Give what a unit of the 2017 plan is asked."""
    return Assignment(PLAN, PLAN.unit_by_code[unit], period)


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Issue the eleven templates of the fourth quarter."""
    folder = tmp_path_factory.mktemp("templates")
    return {one.unit.code: one.path for one in issue(PLAN, Q4, folder, now=NOW)}


@dataclass(frozen=True, slots=True)
class Journey:
    """What each unit typed, in which file it came back, and what was made of it."""

    typed: dict[str, Answers]
    file: dict[str, str]
    result: Consolidated

    def readings(self, unit: str) -> dict[Key, Reading]:
        """Give what was read of a unit's entry cells."""
        found = next(one for one in self.result.settled.units if one.unit.code == unit)
        assert found.submission is not None
        return dict(found.submission.readings)


@pytest.fixture(scope="module")
def journey(
    libreoffice: LibreOffice,
    gnumeric: Gnumeric,
    templates: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Journey:
    """Fill eleven templates, three in LibreOffice, the others in Gnumeric, and consolidate."""
    root = tmp_path_factory.mktemp("journey")
    returns = root / "returns"
    typed, file = {}, {}
    for place, (unit, template) in enumerate(templates.items()):
        program: Program = libreoffice if place < len(SUFFIXES) else gnumeric
        suffix = SUFFIXES[place % len(SUFFIXES)]
        answers = typed[unit] = answers_of(assignment_of(unit))
        if place % 2:
            answers[PHONE] = 13_800_138_000.0
        file[unit] = f"{program.name}/收回 {unit}{suffix}"
        target = returns / file[unit]
        target.parent.mkdir(parents=True, exist_ok=True)
        program.fill(template, target, typed_into(assignment_of(unit), answers))
    return Journey(typed, file, consolidate(Brief(PLAN, Q4), [returns], root / "output", now=NOW))


@pytest.mark.parametrize("unit", UNITS)
def test_every_entry_is_read_as_it_was_typed(journey: Journey, unit: str) -> None:
    typed = journey.typed[unit]
    if isinstance(typed[PHONE], float):
        typed = typed | {PHONE: "13800138000"}
    assert _entered(journey.readings(unit)) == typed
    assert len(typed) > 60


@pytest.mark.parametrize("unit", UNITS)
def test_every_reading_names_the_cell_that_was_typed_into(journey: Journey, unit: str) -> None:
    sources = {key: one.source for key, one in journey.readings(unit).items()}
    assert {one.file for one in sources.values()} == {journey.file[unit]}
    named = {(one.sheet, one.cell) for one in sources.values()}
    assert named == set(typed_into(assignment_of(unit), journey.typed[unit]))


@pytest.mark.parametrize("unit", UNITS)
def test_nothing_is_found_wrong_with_a_form_filled_without_fault(
    journey: Journey, unit: str
) -> None:
    assert [one for one in journey.result.settled.findings if one.unit == unit] == []


def test_every_unit_is_accepted_and_every_file_counts(journey: Journey) -> None:
    settled = journey.result.settled
    assert {one.status for one in settled.units} == {UnitStatus.ACCEPTED}
    assert {one.file: one.unit for one in settled.files} == {
        file: unit for unit, file in journey.file.items()
    }
    assert {one.status for one in settled.files} == {FileStatus.COUNTED}
    assert settled.findings == ()


@pytest.mark.parametrize("unit", UNITS)
def test_every_figure_is_what_was_typed_and_names_its_cell(journey: Journey, unit: str) -> None:
    assignment, typed = assignment_of(unit), journey.typed[unit]
    places, figures = Places(assignment), _figures(journey.result, unit)
    for line in assignment.headline:
        figure, amounts = figures[line.key], line.indicator.amounts
        keys = [Key(amount.code, "actual") for amount in amounts] or [line.value_key]
        assert [figure.figure, figure.denominator][: len(keys)] == [typed[key] for key in keys]
        assert figure.cell == "、".join(places.local(key) for key in keys)
        assert (figure.file, figure.sheet, figure.basis) == (journey.file[unit], MAIN, "上报")


def test_a_ratio_that_is_not_asked_has_no_figure(journey: Journey) -> None:
    figure = _figures(journey.result, "chuangyi")["hightech_output_ratio"]
    assert (figure.target, figure.actual, figure.achievement) == (None, None, None)
    assert (figure.asked, figure.basis) == (False, "—")


def test_the_district_adds_up_what_was_typed(journey: Journey) -> None:
    for one in journey.result.figures.district:
        indicator = PLAN.indicator_by_code[one.indicator]
        codes = [amount.code for amount in indicator.amounts] or [indicator.code]
        sums = [_total(journey, code) for code in codes]
        ratio = indicator.kind is Kind.RATIO
        assert one.actual == pytest.approx(sums[0] / sums[1] if ratio else sums[0], rel=1e-12)
        assert one.covered == one.asked == (10 if ratio else 11)


def test_the_json_gives_each_figure_its_file_sheet_and_cell(journey: Journey) -> None:
    told = [one for one in to_json(journey.result)["figures"] if one["unit"] != DISTRICT]
    places = {unit: Places(assignment_of(unit)) for unit in UNITS}
    counts = [one for one in told if PLAN.indicator_by_code[one["indicator"]].kind is Kind.COUNT]
    assert len(counts) == 11 * 14
    for one in counts:
        key = Key(one["indicator"], "actual")
        assert one["actual"] == journey.typed[one["unit"]][key]
        assert (one["file"], one["sheet"]) == (journey.file[one["unit"]], MAIN)
        assert one["cell"] == places[one["unit"]].local(key)


def test_the_district_workbook_shows_each_figure_beside_its_source(journey: Journey) -> None:
    sheet = openpyxl.load_workbook(journey.result.workbook, data_only=True)[DATA]
    rows = {str(row[0]): row for row in sheet.iter_rows(min_row=3, values_only=True)}
    at = COLUMNS.index
    for unit in UNITS:
        places = Places(assignment_of(unit))
        for line in assignment_of(unit).entries:
            if line.amount:
                continue
            row = rows[key_of(unit, line.key)]
            assert row[at("actual")] == journey.typed[unit][line.value_key]
            assert row[at("file")] == journey.file[unit]
            assert (row[at("sheet")], row[at("cell")]) == (MAIN, places.local(line.value_key))


@ALL_SUFFIXES
def test_the_unit_without_a_ratio_reports_through_every_program(
    program: Program, suffix: str, tmp_path: Path
) -> None:
    """In the first quarter, when the events around 18 May are not due either."""
    period = Period.parse("2017-Q1")
    assignment = assignment_of("chuangyi", period)
    (issued,) = issue(PLAN, period, tmp_path / "templates", now=NOW, units=["chuangyi"])
    answers = answers_of(assignment)
    back = tmp_path / f"收回{suffix}"
    program.fill(issued.path, back, typed_into(assignment, answers))
    returned = read_returned(back, back.name, Brief(PLAN, period))
    assert _entered(_readings(returned)) == answers
    assert len(assignment.entries) == 13
    assert check_returned(returned, PLAN) == []


@ALL_SUFFIXES
def test_an_empty_template_sent_back_is_ours_and_lacks_every_entry(
    program: Program, templates: dict[str, Path], suffix: str, tmp_path: Path
) -> None:
    assignment = assignment_of("hehai")
    returned = _filled(program, templates, tmp_path / f"收回{suffix}", assignment, {})
    assert _entered(_readings(returned)) == {}
    places, signers = Places(assignment), (FILLED_BY, APPROVED_BY, PHONE, FILLED_ON)
    assert _codes(check_returned(returned, PLAN)) == {
        *((places.local(line.value_key), "blank") for line in assignment.entries),
        *((places.local(key), "signer_blank") for key in signers),
    }


@ALL_SUFFIXES
def test_slips_are_named_and_nothing_else_is(
    program: Program, templates: dict[str, Path], suffix: str, tmp_path: Path
) -> None:
    """A blank is no zero; text for a number is taken visibly or refused, never guessed."""
    assignment = assignment_of("xuejia")
    meant: dict[str, tuple[str, float | None]] = {
        "patent_applications": (" １２３４ ", 1234.0),
        "private_tech_firms": ("1,045", 1045.0),
        "outreach_events": ("30场", 30.0),
        "industrial_output": ("2,345,678.90", 2_345_678.9),
        "outreach_reports": ("约 15", None),
        "tech_reports": ("#N/A", None),
    }
    texts: Answers = {Key(row, "actual"): text for row, (text, _) in meant.items()}
    filed_on, blank = Key(LIST_KEYS[0], "date"), Key("invention_grants", "actual")
    slips = texts | {filed_on: "2017年5月18日", Key("invention_applications", "actual"): 600.0}
    answers = answers_of(assignment) | slips
    del answers[blank]
    returned = _filled(program, templates, tmp_path / f"收回{suffix}", assignment, answers)
    readings = _readings(returned)
    for row, (text, number) in meant.items():
        one = readings[Key(row, "actual")]
        assert (one.raw.strip(), one.number) == (text.strip(), number)
        state = State.UNREADABLE if number is None else State.ENTERED
        assert (one.state, one.normalised) == (state, number is not None)
    assert readings[blank].state is State.BLANK
    assert readings[filed_on].value == datetime.date(2017, 5, 18)
    local = Places(assignment).local
    assert _codes(check_returned(returned, PLAN)) == {
        (local(blank), "blank"),
        (local(filed_on), "normalised"),
        (local(Key("private_tech_firms", "actual")), "scale_target"),
        *(
            (local(Key(row, "actual")), "not_a_number" if number is None else "normalised")
            for row, (_, number) in meant.items()
        ),
    }


@pytest.fixture(scope="module")
def filled(
    libreoffice: LibreOffice, templates: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Assignment, Answers]:
    """Give a template that LibreOffice filled and saved as .xlsx."""
    assignment = assignment_of("sanjing")
    path = tmp_path_factory.mktemp("filled") / "三井.xlsx"
    answers = answers_of(assignment)
    libreoffice.fill(templates["sanjing"], path, typed_into(assignment, answers))
    return path, assignment, answers


def _rename(book: Workbook) -> None:
    book[MAIN].title, book[LIST].title = "Sheet1", "明细 (2)"


def _insert_row_above(book: Workbook) -> None:
    book[MAIN].insert_rows(1)
    book[LIST].insert_rows(3)


def _insert_row_inside(book: Workbook) -> None:
    book[MAIN].insert_rows(12)
    book[LIST].insert_rows(9)


def _insert_column(book: Workbook) -> None:
    # openpyxl moves cells and leaves merged areas where they were.
    for area in list(book[MAIN].merged_cells.ranges):
        book[MAIN].unmerge_cells(str(area))
    book[MAIN].insert_cols(2)
    book[LIST].insert_cols(1)


def _turn_sheets_about(book: Workbook) -> None:
    book.move_sheet(MAIN, 3)
    book.move_sheet(LIST, -2)


def _delete_the_keys(book: Workbook) -> None:
    book[LIST].delete_rows(2)


def _show_all_sheets(book: Workbook) -> None:
    for sheet in book.worksheets:
        sheet.sheet_state = "visible"


@pytest.mark.parametrize(
    ("change", "down", "right", "sheet"),
    [
        pytest.param(_rename, 0, 0, "Sheet1", id="sheets renamed"),
        pytest.param(_insert_row_above, 1, 0, MAIN, id="row inserted above"),
        pytest.param(_insert_row_inside, 1, 0, MAIN, id="row inserted inside"),
        pytest.param(_insert_column, 0, 1, MAIN, id="column inserted"),
        pytest.param(_delete_the_keys, 0, 0, MAIN, id="keys of the list deleted"),
        pytest.param(_turn_sheets_about, 0, 0, MAIN, id="sheets moved"),
        pytest.param(_show_all_sheets, 0, 0, MAIN, id="sheets shown"),
    ],
)
def test_a_table_that_was_moved_reads_the_same(
    filled: tuple[Path, Assignment, Answers],
    tmp_path: Path,
    change: Callable[[Workbook], None],
    down: int,
    right: int,
    sheet: str,
) -> None:
    path, assignment, answers = filled
    returned = _read(_changed(path, tmp_path, change))
    assert _entered(_readings(returned)) == answers
    codes = {finding.code for finding in check_returned(returned, PLAN)}
    assert codes <= {"layout_moved", "placed_by_labels"}
    last = assignment.entries[-1].value_key
    row, column = Places(assignment).cell(last)
    source = _readings(returned)[last].source
    assert (source.sheet, source.cell) == (sheet, address(row + down, column + right))


def _forge_the_unit(book: Workbook) -> None:
    other = assignment_of("benniu").stamp.encode()
    book[stamp.SHEET]["A1"].value = other


def _remove_every_stamp(book: Workbook) -> None:
    del book[stamp.SHEET]
    for sheet in book.worksheets:
        sheet["A1"].value = None
    properties: Any = book
    for name in list(properties.custom_doc_props.names):
        del properties.custom_doc_props[name]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(_forge_the_unit, "stamp_conflict", id="stamps disagree"),
        pytest.param(_remove_every_stamp, "file_not_ours", id="stamps removed"),
    ],
)
def test_a_form_that_cannot_be_trusted_is_refused_with_its_reason(
    filled: tuple[Path, Assignment, Answers],
    tmp_path: Path,
    change: Callable[[Workbook], None],
    code: str,
) -> None:
    returned = _read(_changed(filled[0], tmp_path, change))
    assert returned.submission is None
    assert [one.code for one in check_returned(returned, PLAN)] == [code]


def _remove_the_stamp_sheet(book: Workbook) -> None:
    del book[stamp.SHEET]


def _remove_the_guide(book: Workbook) -> None:
    del book[GUIDE]


@pytest.mark.parametrize("change", [_remove_the_stamp_sheet, _remove_the_guide])
def test_one_copy_of_the_stamp_is_enough(
    filled: tuple[Path, Assignment, Answers], tmp_path: Path, change: Callable[[Workbook], None]
) -> None:
    path, _, answers = filled
    assert _entered(_readings(_read(_changed(path, tmp_path, change)))) == answers


def test_a_template_whose_hidden_sheets_gnumeric_shows_is_still_ours(
    gnumeric: Gnumeric, templates: dict[str, Path], tmp_path: Path
) -> None:
    assignment = assignment_of("xinqiao")
    back = tmp_path / "收回.xlsx"
    answers = answers_of(assignment)
    returned = _filled(gnumeric, templates, back, assignment, answers)
    states = {sheet.title: sheet.sheet_state for sheet in openpyxl.load_workbook(back).worksheets}
    assert states[stamp.SHEET] == "visible"
    assert returned.submission is not None
    assert returned.submission.stamp == assignment.stamp
    assert _entered(_readings(returned)) == answers


def test_a_locked_cell_that_a_program_overwrote_is_named(
    program: Program, templates: dict[str, Path], tmp_path: Path
) -> None:
    assignment = assignment_of("benniu")
    target = Places(assignment).local(Key("patent_applications", "target"))
    back = tmp_path / "收回.xlsx"
    program.fill(templates["benniu"], back, {(MAIN, target): 90})
    (finding,) = (one for one in check_returned(_read(back), PLAN) if "blank" not in one.code)
    assert (finding.code, finding.sheet, finding.cell) == ("locked_altered", MAIN, target)
    assert (finding.found, finding.expected) == ("90", "180")


def _filled(
    program: Program,
    templates: dict[str, Path],
    back: Path,
    assignment: Assignment,
    answers: Answers,
) -> Returned:
    """Fill a unit's template in a program, save it as ``back`` and read that."""
    program.fill(templates[assignment.unit.code], back, typed_into(assignment, answers))
    return _read(back)


def _read(path: Path) -> Returned:
    return read_returned(path, path.name, Brief(PLAN, Q4))


def _changed(source: Path, folder: Path, change: Callable[[Workbook], None]) -> Path:
    """Change a copy of a returned workbook; what openpyxl then saves has no cached results."""
    book = openpyxl.load_workbook(source)
    change(book)
    book.save(folder / source.name)
    return folder / source.name


def _readings(returned: Returned) -> dict[Key, Reading]:
    assert returned.submission is not None, returned.refusal
    return dict(returned.submission.readings)


def _entered(readings: dict[Key, Reading]) -> Answers:
    return {key: one.value for key, one in readings.items() if one.state is not State.BLANK}


def _codes(findings: list[Finding]) -> set[tuple[str, str]]:
    pairs = {(one.cell, one.code) for one in findings}
    assert len(pairs) == len(findings)
    return pairs


def _figures(result: Consolidated, unit: str) -> dict[str, Figure]:
    return {one.indicator: one for one in result.figures.rows if one.unit == unit}


def _total(journey: Journey, code: str) -> float:
    numbers = [typed.get(Key(code, "actual"), 0.0) for typed in journey.typed.values()]
    return sum(number for number in numbers if isinstance(number, float))
