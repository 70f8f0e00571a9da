"""处理意见: what staff set aside with a reason holds from run to run, and nothing else does."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.cell import Cell
from openpyxl.workbook import Workbook

from consolidator.checks.catalogue import CATALOGUE
from consolidator.checks.decisions import Action, Decision, Decisions
from consolidator.checks.findings import Finding
from consolidator.checks.selection import FileStatus, UnitStatus
from consolidator.errors import OperatorError
from consolidator.forms.layout import Value
from consolidator.forms.quarterly.assignment import LIST_KEYS, PHONE
from consolidator.intake.brief import Brief
from consolidator.plan.model import Plan
from consolidator.report.as_json import to_json
from consolidator.report.consolidate import Consolidated, consolidate
from consolidator.report.context import DECISIONS
from consolidator.report.decisions_book import FILES, FINDINGS
from consolidator.severity import Severity
from office.libreoffice import LibreOffice
from office.program import Program, Values
from returns import (
    NOON,
    Q4,
    SHIPPED,
    Answers,
    actual,
    ask,
    good_answers,
    put,
    remark,
    rendered,
)
from terminal import Terminal
from test_cli import PERIOD, adjust, came_back
from test_pages import faults, printed
from test_selection import PLAN, form, sent, zipped

NAME = "处理意见_2017Q4.xlsx"
WAIVE, EXCLUDE = Action.WAIVE, Action.EXCLUDE
COUNTED, REJECTED, IGNORED = FileStatus.COUNTED, FileStatus.REJECTED, FileStatus.IGNORED
SUPERSEDED = FileStatus.SUPERSEDED
ACCEPTED, MISSING = UnitStatus.ACCEPTED, UnitStatus.MISSING
TO_CORRECT = UnitStatus.NEEDS_CORRECTION
PART = "“发明申请”为 50，大于其上级指标的 40"
Row = dict[str, str]


class Bureau:
    """A bureau's folder: what came back, and what its runs made of it, an hour apart."""

    def __init__(self, root: Path, plan: Plan = PLAN) -> None:
        self.plan = plan
        self.returns, self.output = root / "returns", root / "output"
        self.returns.mkdir()
        self.hours = 0

    @property
    def book(self) -> Path:
        return self.output / NAME

    def receives(self, name: str, content: bytes) -> Path:
        self.hours += 1
        return put(self.returns / name, content, saved=NOON + timedelta(hours=self.hours))

    def consolidates(self) -> Consolidated:
        self.hours += 1
        now = NOON + timedelta(days=1, hours=self.hours)
        result = consolidate(Brief(self.plan, Q4), [self.returns], self.output, now=now)
        assert result.decisions == self.book
        assert to_json(result)["outputs"]["decisions"] == str(self.book)
        return result

    def waives(self, about: str, reason: str | None, action: str | None = WAIVE) -> None:
        """Type into the row of the problem whose text holds ``about``, as staff do in Excel."""
        type_in(self.book, cells_of(self.book, FINDINGS, about, action, reason))

    def excludes(self, file: str, reason: str | None, action: str | None = EXCLUDE) -> None:
        """Type into the row of a file."""
        type_in(self.book, cells_of(self.book, FILES, file, action, reason))

    def history(self) -> list[Path]:
        return sorted(self.output.glob(f"history/{NAME.removesuffix('.xlsx')}*"))


def above(unit: str = "alpha", *, inventions: float = 50.0, **changes: Value) -> bytes:
    """Fill a return whose part is above its whole, and explain that the whole lags behind."""
    assignment = form(unit)
    figures: Answers = {actual(key): value for key, value in changes.items() if key != "phone"}
    figures |= {actual("patents"): 40.0, actual("inventions"): inventions}
    signed: Answers = {PHONE: changes["phone"]} if "phone" in changes else {}
    explained: Answers = {remark("patents"): "受理较晚，下季度补足。"}
    return rendered(assignment, good_answers(assignment) | figures | signed | explained)


def rows_of(path: Path, sheet: str) -> list[Row]:
    """Read the rows of a sheet of decisions by the keys of its columns."""
    rows = openpyxl.load_workbook(path)[sheet].iter_rows(min_row=2, values_only=True)
    keys = [str(key) for key in next(rows)]
    told = [dict(zip(keys, (str(cell or "") for cell in row), strict=True)) for row in rows]
    return [row for row in told[3:] if row["key"]]


def cells_of(path: Path, sheet: str, about: str, action: str | None, reason: str | None) -> Values:
    """Find the one row that is about something, and where a decision is typed there."""
    page = openpyxl.load_workbook(path)[sheet]
    keys = {str(cell.value): cell.column or 0 for cell in page[2]}
    (row,) = (
        number
        for number in range(6, page.max_row + 1)
        if about in str(page.cell(number, keys["about"]).value)
    )
    return {
        (sheet, page.cell(row, keys[name]).coordinate): value
        for name, value in (("action", action), ("reason", reason))
    }


def type_in(path: Path, values: Values) -> None:
    """Type texts into entry cells; a text stays one whatever it begins with."""
    book = openpyxl.load_workbook(path)
    for (sheet, address), value in values.items():
        cell: Any = book[sheet][address]
        assert cell.protection.locked is False, f"{sheet} {address} is no entry cell"
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
    book.save(path)


def pairs_of(result: Consolidated, unit: str = "alpha") -> dict[tuple[str, str], Severity]:
    """Give the findings of a unit as cell and code, each with its severity."""
    own = [one for one in result.settled.findings if one.unit == unit]
    pairs = {(one.cell, one.code): one.severity for one in own}
    assert len(pairs) == len(own)
    return pairs


def files_of(result: Consolidated) -> dict[str, tuple[FileStatus, str]]:
    return {one.file: (one.status, one.code) for one in result.settled.files}


def codes_of(result: Consolidated) -> list[str]:
    """Give the codes of the findings that belong to no unit."""
    return [one.code for one in result.settled.findings if not one.unit]


def status_of(result: Consolidated, unit: str = "alpha") -> UnitStatus:
    return next(one.status for one in result.settled.units if one.unit.code == unit)


def figure_of(result: Consolidated, indicator: str, unit: str = "alpha") -> float | None:
    rows = {(one.unit, one.indicator): one.actual for one in result.figures.rows}
    return rows[unit, indicator]


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    """Give a bureau to which nothing came back yet."""
    return Bureau(tmp_path)


@pytest.fixture
def doubtful(bureau: Bureau) -> Bureau:
    """Give a bureau to which one return came that has an error which may be set aside."""
    bureau.receives("甲.xlsx", above())
    result = bureau.consolidates()
    assert pairs_of(result) == {("H12", "part_above_whole"): Severity.ERROR}
    return bureau


@pytest.fixture
def terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    """Give a workspace in which a unit's return lacks a telephone number."""
    monkeypatch.chdir(tmp_path)
    came_back(tmp_path, changes={PHONE: None})
    return Terminal(tmp_path, capsys)


# What is listed


def test_every_problem_that_may_be_set_aside_is_listed_and_no_other(bureau: Bureau) -> None:
    bureau.receives("甲.xlsx", above(firms=None, phone=None))
    bureau.receives("乙.xlsx", sent("beta", patents=1600.0, inventions="约 20"))
    result = bureau.consolidates()
    by_key = {one.identity: one for one in result.settled.findings}
    listed = [(row, by_key[row["key"]]) for row in rows_of(bureau.book, FINDINGS)]
    assert [(row["unit"], row["state"], one.cell, one.code) for row, one in listed] == [
        ("甲镇", "错误", "H12", "part_above_whole"),
        ("甲镇", "错误", "D16", "signer_blank"),
        ("乙镇", "警告", "H11", "scale_target"),
    ]
    assert listed[0][0]["about"] == f"填报表 H12：{PART}"
    left = {one.code for one in result.settled.findings} - {one.code for _, one in listed}
    assert left == {"blank", "not_a_number", "missing_unit"}


def test_every_file_is_listed_with_what_became_of_it(bureau: Bureau) -> None:
    good, other = sent(), sent("beta")
    for name, content in {
        "甲.xlsx": sent(firms=11.0), "a/甲改.xlsx": good, "b/甲改.xlsx": good,
        "坏.xlsx": b"PK\x03\x04", "通知.txt": b"text", ".DS_Store": b"x",
        "包.zip": zipped({"乙.xlsx": other}),
    }.items():  # fmt: skip
        bureau.receives(name, content)
    bureau.consolidates()
    listed = [(one["about"], one["unit"], one["state"]) for one in rows_of(bureau.book, FILES)]
    assert sorted(listed) == sorted(
        [
            ("包.zip/乙.xlsx", "乙镇", "采用"),
            ("a/甲改.xlsx、b/甲改.xlsx", "甲镇", "采用"),
            ("坏.xlsx", "—", "退回"),
            ("甲.xlsx", "甲镇", "被替代"),
            ("通知.txt", "—", "略过"),
        ]
    )


def test_what_programs_leave_behind_is_not_listed(bureau: Bureau) -> None:
    bureau.receives("~$甲.xlsx", b"x")
    bureau.consolidates()
    assert rows_of(bureau.book, FILES) == []


def test_a_file_too_large_to_be_read_is_listed_too(bureau: Bureau) -> None:
    bureau.receives("大.xlsx", b"PK\x03\x04" + bytes(21 * 2**20))
    result = bureau.consolidates()
    assert files_of(result) == {"大.xlsx": (REJECTED, "file_too_large")}
    assert [one["about"] for one in rows_of(bureau.book, FILES)] == ["大.xlsx"]


def test_only_what_staff_decide_can_be_typed(doubtful: Bureau) -> None:
    for sheet in openpyxl.load_workbook(doubtful.book).worksheets:
        open_cells = {
            cell.coordinate
            for row in sheet.iter_rows()
            for cell in row
            if not cell.protection.locked
        }
        assert open_cells == {"F6", "G6"}
        assert sheet.protection.sheet
        rules: Any = sheet.data_validations
        choices = {str(one.sqref): one.formula1 for one in rules.dataValidation}
        assert choices["F6"] == {FINDINGS: '"豁免"', FILES: '"排除"'}[sheet.title]


# A finding set aside


def test_a_waived_finding_is_a_note_that_voids_nothing(doubtful: Bureau) -> None:
    before = doubtful.consolidates()
    assert status_of(before) is TO_CORRECT
    assert [figure_of(before, one) for one in ("patents", "inventions")] == [None, None]
    assert len(before.corrections) == 1
    doubtful.waives(PART, "已电话核实")
    after = doubtful.consolidates()
    assert pairs_of(after) == {("H12", "part_above_whole"): Severity.INFO}
    (one,) = (each for each in after.settled.findings if each.unit == "alpha")
    assert one.message == f"{PART}（已豁免：已电话核实）"
    assert one.to_json()["waived"] == "已电话核实"
    assert status_of(after) is ACCEPTED
    assert [figure_of(after, one) for one in ("patents", "inventions")] == [40, 50]
    district = {each.indicator: each for each in after.figures.district}
    assert (district["inventions"].actual, district["inventions"].covered) == (50, 1)
    assert after.corrections == ()
    assert not before.corrections[0].exists()
    assert codes_of(after) == []


def test_what_a_program_types_is_a_decision(doubtful: Bureau, program: Program) -> None:
    saved = doubtful.output / "saved.xlsx"
    program.fill(doubtful.book, saved, cells_of(doubtful.book, FINDINGS, PART, WAIVE, "=已核实"))
    saved.replace(doubtful.book)
    for _ in range(2):
        result = doubtful.consolidates()
        assert pairs_of(result) == {("H12", "part_above_whole"): Severity.INFO}
        assert (status_of(result), codes_of(result)) == (ACCEPTED, [])
        (row,) = rows_of(doubtful.book, FINDINGS)
        assert (row["action"], row["reason"], row["effect"]) == ("豁免", "=已核实", "已豁免")
        assert row["state"] == "提示"


def test_what_is_not_waived_is_still_held_against_the_unit(bureau: Bureau) -> None:
    bureau.receives("甲.xlsx", above(phone=None))
    bureau.consolidates()
    bureau.waives(PART, "已核实")
    result = bureau.consolidates()
    assert pairs_of(result) == {
        ("D16", "signer_blank"): Severity.ERROR,
        ("H12", "part_above_whole"): Severity.INFO,
    }
    assert status_of(result) is TO_CORRECT
    assert figure_of(result, "inventions") == 50


def test_a_waiver_does_not_cover_the_same_cell_with_another_value(doubtful: Bureau) -> None:
    doubtful.waives(PART, "已核实")
    doubtful.receives("甲.xlsx", above(inventions=51.0))
    result = doubtful.consolidates()
    assert pairs_of(result) == {("H12", "part_above_whole"): Severity.ERROR}
    assert status_of(result) is TO_CORRECT
    assert figure_of(result, "inventions") is None
    assert codes_of(result) == ["decision_idle"]
    assert [(row["state"], row["effect"]) for row in rows_of(doubtful.book, FINDINGS)] == [
        ("错误", ""),
        ("本次没有", "本次没有用上"),
    ]


def test_a_waiver_holds_whatever_the_file_is_called(doubtful: Bureau) -> None:
    doubtful.waives(PART, "已核实")
    (doubtful.returns / "甲.xlsx").unlink()
    doubtful.receives("重发/最终.xlsx", above())
    assert status_of(doubtful.consolidates()) is ACCEPTED


def test_a_waiver_holds_for_its_unit_only(doubtful: Bureau) -> None:
    doubtful.waives(PART, "已核实")
    doubtful.receives("乙.xlsx", above("beta"))
    result = doubtful.consolidates()
    assert status_of(result) is ACCEPTED
    assert pairs_of(result, "beta") == {("H12", "part_above_whole"): Severity.ERROR}


def test_a_decision_whose_problem_is_gone_is_kept_told_and_works_again(doubtful: Bureau) -> None:
    doubtful.waives(PART, "已核实")
    doubtful.receives("甲.xlsx", sent())
    for _ in range(2):
        result = doubtful.consolidates()
        assert (pairs_of(result), codes_of(result)) == ({}, ["decision_idle"])
        assert {one.severity for one in result.settled.findings if not one.unit} == {Severity.INFO}
        (row,) = rows_of(doubtful.book, FINDINGS)
        assert [row[one] for one in ("state", "about", "action", "reason", "effect")] == [
            "本次没有", f"填报表 H12：{PART}", "豁免", "已核实", "本次没有用上",
        ]  # fmt: skip
    doubtful.receives("甲.xlsx", above())
    result = doubtful.consolidates()
    assert pairs_of(result) == {("H12", "part_above_whole"): Severity.INFO}
    assert (status_of(result), codes_of(result)) == (ACCEPTED, [])


def test_a_decision_whose_problem_is_gone_still_tells_its_unit(doubtful: Bureau) -> None:
    doubtful.waives(PART, "已核实")
    doubtful.receives("甲.xlsx", sent())
    result = doubtful.consolidates()
    assert [row["unit"] for row in rows_of(doubtful.book, FINDINGS)] == ["甲镇"]
    (told,) = (one for one in result.settled.findings if one.code == "decision_idle")
    assert "甲镇" in told.message


def test_a_cleared_decision_ends(doubtful: Bureau) -> None:
    doubtful.waives(PART, "已核实")
    assert status_of(doubtful.consolidates()) is ACCEPTED
    doubtful.waives(PART, None, None)
    result = doubtful.consolidates()
    assert (status_of(result), codes_of(result)) == (TO_CORRECT, [])
    assert [row["action"] for row in rows_of(doubtful.book, FINDINGS)] == [""]


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("豁免", None), (None, "已核实"), ("豁免", "　 "), ("排除", "已核实"), ("同意", "已核实"),
    ],
)  # fmt: skip
def test_a_waiver_needs_both_action_and_reason(
    doubtful: Bureau, action: str | None, reason: str | None
) -> None:
    doubtful.waives(PART, reason, action)
    for _ in range(2):
        result = doubtful.consolidates()
        assert pairs_of(result) == {("H12", "part_above_whole"): Severity.ERROR}
        assert status_of(result) is TO_CORRECT
        assert codes_of(result) == ["decision_incomplete"]
        (row,) = rows_of(doubtful.book, FINDINGS)
        assert (row["action"], row["reason"]) == (action or "", (reason or "").strip())
        assert row["effect"] == "没有采用"


# Codes that may not be waived


def unsound(code: str, cell: str, *, found: str = "", expected: str = "") -> Finding:
    """Name an error that makes a figure unreadable."""
    return Finding(code, "alpha", sheet="填报表", cell=cell, found=found, expected=expected)


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        pytest.param(None, unsound("blank", "H10"), id="blank"),
        pytest.param(
            "约12", unsound("not_a_number", "H10", found="约12", expected="不是数字"),
            id="not a number",
        ),
        pytest.param(-3.0, unsound("negative", "H10", found="-3"), id="negative"),
    ],
)  # fmt: skip
def test_a_forged_row_does_not_waive_what_may_not_be(
    bureau: Bureau, content: str | float | None, finding: Finding
) -> None:
    bureau.receives("甲.xlsx", sent(firms=content))
    before = bureau.consolidates()
    identities = {one.identity: one.code for one in before.settled.findings}
    assert identities[finding.identity] == finding.code
    assert rows_of(bureau.book, FINDINGS) == []
    book = openpyxl.load_workbook(bureau.book)
    forged = (finding.identity, 1, "甲镇", "错误", "伪造的一行", "豁免", "理由", "")
    for column, text in enumerate(forged, start=1):
        cell: Any = book[FINDINGS].cell(6, column)
        cell.value = text
    book.save(bureau.book)
    result = bureau.consolidates()
    assert pairs_of(result) == {("H10", finding.code): Severity.ERROR}
    assert (status_of(result), codes_of(result)) == (TO_CORRECT, ["decision_idle"])
    assert figure_of(result, "firms") is None
    (row,) = rows_of(bureau.book, FINDINGS)
    assert (row["about"], row["effect"]) == ("伪造的一行", "本次没有用上")


def test_what_leaves_a_figure_unreadable_may_not_be_waived() -> None:
    unreadable = {
        "blank", "not_a_number", "error_value", "formula_uncomputed", "formula_external",
        "entry_merged", "negative", "not_whole", "cell_lost", "row_doubled", "ratio_impossible",
        "missing_unit", "not_a_date", "list_kind_unknown", "sheet_lost",
    }  # fmt: skip
    assert not {code for code in unreadable if CATALOGUE[code].waivable}


# Whatever is listed can be set aside


def _an_error(bureau: Bureau) -> None:
    bureau.receives("甲.xlsx", above(phone=None))


def _a_warning(bureau: Bureau) -> None:
    bureau.receives("甲.xlsx", sent(patents=800.0))


def _a_later_file_passed_over(bureau: Bureau) -> None:
    bureau.receives("甲.xlsx", sent())
    bureau.receives("甲2.xlsx", sent(firms=None))


@pytest.mark.parametrize(
    ("make", "codes"),
    [
        (_an_error, {"part_above_whole", "signer_blank"}),
        (_a_warning, {"scale_target"}),
        (_a_later_file_passed_over, {"passed_over"}),
    ],
)
def test_every_problem_that_is_listed_can_be_set_aside(
    bureau: Bureau, make: Callable[[Bureau], None], codes: set[str]
) -> None:
    make(bureau)
    assert set_aside(bureau) == codes


def test_two_units_whose_figures_are_alike_can_be_left_so(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path, SHIPPED)
    for unit in ("chunjiang", "menghe"):
        assignment = ask(unit)
        answers = {key: value for key, value in good_answers(assignment).items()
                   if key.row not in LIST_KEYS}  # fmt: skip
        for line in assignment.headline:
            if not line.indicator.amounts:
                answers[line.value_key] = 0.0 if line.indicator.filed_kinds else 5.0
            answers[line.remark_key] = "说明"
        bureau.receives(f"{unit}.xlsx", rendered(assignment, answers))
    assert set_aside(bureau) == {"same_figures"}


def test_what_the_next_run_no_longer_says_is_not_listed(bureau: Bureau) -> None:
    """An adjustment is outdated once: the workbook then shows it beside the new report."""
    bureau.receives("甲.xlsx", sent(firms=11.0))
    adjust(bureau.consolidates().workbook, "alpha/firms", 12, "证书")
    bureau.consolidates()
    bureau.receives("甲.xlsx", sent(firms=13.0))
    assert pairs_of(bureau.consolidates())["", "adjustment_outdated"] is Severity.WARNING
    assert rows_of(bureau.book, FINDINGS) == []
    assert pairs_of(bureau.consolidates()) == {("", "adjusted"): Severity.INFO}


def set_aside(bureau: Bureau) -> set[str]:
    """Set every problem aside that is listed, hold that nothing is left, and give their codes."""
    before = bureau.consolidates()
    listed = rows_of(bureau.book, FINDINGS)
    decided = {f"F{6 + n}": str(WAIVE) for n in range(len(listed))}
    decided |= {f"G{6 + n}": "理由" for n in range(len(listed))}
    type_in(bureau.book, {(FINDINGS, address): text for address, text in decided.items()})
    result = bureau.consolidates()
    waived = {one.identity for one in result.settled.findings if one.waived}
    assert waived == {row["key"] for row in listed}
    assert codes_of(result) == []
    assert {one["effect"] for one in rows_of(bureau.book, FINDINGS)} == {"已豁免"}
    return {one.code for one in before.settled.findings if one.identity in waived}


# A file set aside


def test_an_excluded_file_is_ignored_and_the_next_best_counts(bureau: Bureau) -> None:
    bureau.receives("1.xlsx", sent(firms=11.0))
    bureau.receives("2.xlsx", sent(firms=12.0))
    bureau.receives("3.xlsx", sent(firms=13.0))
    assert figure_of(bureau.consolidates(), "firms") == 13
    bureau.excludes("3.xlsx", "发错了")
    result = bureau.consolidates()
    assert files_of(result) == {
        "1.xlsx": (SUPERSEDED, "superseded"),
        "2.xlsx": (COUNTED, ""),
        "3.xlsx": (IGNORED, "file_excluded"),
    }
    assert (figure_of(result, "firms"), status_of(result)) == (12, ACCEPTED)
    (told,) = (one for one in result.settled.findings if one.file == "3.xlsx")
    assert (told.unit, told.severity) == ("alpha", Severity.INFO)
    assert told.message == "已由科技局排除：发错了"
    row = next(one for one in rows_of(bureau.book, FILES) if one["about"] == "3.xlsx")
    assert (row["unit"], row["state"], row["effect"]) == ("甲镇", "略过", "已排除")


def test_an_earlier_file_without_errors_can_be_excluded_for_a_later_one(bureau: Bureau) -> None:
    bureau.receives("1.xlsx", sent(firms=11.0))
    bureau.receives("2.xlsx", sent(firms=12.0, phone=None))
    assert figure_of(bureau.consolidates(), "firms") == 11
    bureau.excludes("1.xlsx", "该单位声明作废")
    result = bureau.consolidates()
    assert files_of(result) == {
        "1.xlsx": (IGNORED, "file_excluded"),
        "2.xlsx": (COUNTED, ""),
    }
    assert (figure_of(result, "firms"), status_of(result)) == (12, TO_CORRECT)


def test_a_unit_whose_only_file_is_excluded_is_missing(bureau: Bureau) -> None:
    bureau.receives("甲.xlsx", sent())
    bureau.consolidates()
    bureau.excludes("甲.xlsx", "不是本单位的")
    result = bureau.consolidates()
    assert status_of(result) is MISSING
    assert pairs_of(result) == {
        ("", "missing_unit"): Severity.ERROR, ("", "file_excluded"): Severity.INFO,
    }  # fmt: skip


def test_a_file_is_excluded_by_its_content_whatever_it_is_called(bureau: Bureau) -> None:
    bureau.receives("甲.xlsx", sent(firms=11.0))
    bureau.consolidates()
    bureau.excludes("甲.xlsx", "作废")
    bureau.receives("改名/新.xlsx", sent(firms=11.0))
    bureau.receives("甲.xlsx", sent(firms=12.0))
    result = bureau.consolidates()
    assert files_of(result) == {
        "改名/新.xlsx": (IGNORED, "file_excluded"),
        "甲.xlsx": (COUNTED, ""),
    }


def test_every_copy_of_an_excluded_file_is_ignored(bureau: Bureau) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        bureau.receives(name, sent())
    bureau.consolidates()
    bureau.excludes("a.xlsx、b.xlsx", "作废")
    result = bureau.consolidates()
    assert set(files_of(result).values()) == {(IGNORED, "file_excluded")}
    assert codes_of(result) == []


def test_a_file_in_an_archive_can_be_excluded(bureau: Bureau) -> None:
    bureau.receives("包.zip", zipped({"甲.xlsx": sent(firms=11.0), "乙.xlsx": sent("beta")}))
    bureau.consolidates()
    bureau.excludes("包.zip/甲.xlsx", "作废")
    result = bureau.consolidates()
    assert files_of(result)["包.zip/甲.xlsx"] == (IGNORED, "file_excluded")
    assert (status_of(result), status_of(result, "beta")) == (MISSING, ACCEPTED)


def test_a_file_that_was_sent_back_can_be_excluded(bureau: Bureau) -> None:
    for unit in ("alpha", "beta", "gamma"):
        bureau.receives(f"{unit}.xlsx", sent(unit))
    bureau.receives("坏.xlsx", b"PK\x03\x04")
    assert bureau.consolidates().settled.needs_attention
    bureau.excludes("坏.xlsx", "另有完好的一份")
    result = bureau.consolidates()
    assert files_of(result)["坏.xlsx"] == (IGNORED, "file_excluded")
    assert not result.settled.needs_attention


def test_an_excluded_file_that_is_gone_is_told_and_excluded_again_when_it_returns(
    bureau: Bureau,
) -> None:
    bureau.receives("甲.xlsx", sent(firms=11.0))
    bureau.consolidates()
    bureau.excludes("甲.xlsx", "作废")
    (bureau.returns / "甲.xlsx").unlink()
    for _ in range(2):
        assert codes_of(bureau.consolidates()) == ["decision_idle"]
        (row,) = rows_of(bureau.book, FILES)
        assert (row["about"], row["state"], row["effect"]) == (
            "甲.xlsx", "本次没有", "本次没有用上",
        )  # fmt: skip
    bureau.receives("又来了.xlsx", sent(firms=11.0))
    result = bureau.consolidates()
    assert files_of(result) == {"又来了.xlsx": (IGNORED, "file_excluded")}
    assert codes_of(result) == []


@pytest.mark.parametrize(
    ("action", "reason"), [("排除", None), (None, "作废"), ("豁免", "作废"), ("排除", " ")]
)
def test_excluding_needs_both_action_and_reason(
    bureau: Bureau, action: str | None, reason: str | None
) -> None:
    bureau.receives("甲.xlsx", sent())
    bureau.consolidates()
    bureau.excludes("甲.xlsx", reason, action)
    result = bureau.consolidates()
    assert files_of(result) == {"甲.xlsx": (COUNTED, "")}
    assert codes_of(result) == ["decision_incomplete"]
    (row,) = rows_of(bureau.book, FILES)
    assert row["effect"] == "没有采用"


def test_a_file_is_taken_back_by_clearing_its_row(bureau: Bureau) -> None:
    bureau.receives("甲.xlsx", sent())
    bureau.consolidates()
    bureau.excludes("甲.xlsx", "作废")
    assert status_of(bureau.consolidates()) is MISSING
    bureau.excludes("甲.xlsx", None, None)
    assert status_of(bureau.consolidates()) is ACCEPTED


# What may happen to the workbook in between


@pytest.fixture
def decided(bureau: Bureau) -> Bureau:
    """Give a bureau that waived one finding of several and excluded one file of several."""
    bureau.receives("1.xlsx", sent("gamma", firms=21.0))
    bureau.receives("2.xlsx", above(firms=12.0, phone=None))
    bureau.receives("3.xlsx", above("beta", inventions=51.0))
    bureau.receives("4.xlsx", sent("gamma"))
    bureau.consolidates()
    bureau.excludes("1.xlsx", "作废")
    bureau.waives(PART, "已核实")
    return bureau


def holds(bureau: Bureau) -> None:
    """Hold that what was decided is applied, and nothing else."""
    result = bureau.consolidates()
    waived = [(one.unit, one.cell, one.code) for one in result.settled.findings if one.waived]
    assert waived == [("alpha", "H12", "part_above_whole")]
    ignored = [one.file for one in result.settled.files if one.status is IGNORED]
    assert ignored == ["1.xlsx"]
    assert codes_of(result) == []


def _upside_down(book: Workbook) -> None:
    for sheet in book.worksheets:
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=6)]
        for number, row in enumerate(reversed(rows), start=6):
            for column, value in enumerate(row, start=1):
                sheet.cell(number, column).value = value


def _renamed(book: Workbook) -> None:
    book[FINDINGS].title, book[FILES].title = "Sheet1", "文件 (2)"


def _turned_about(book: Workbook) -> None:
    book.move_sheet(FILES, -1)


def _taken_apart(book: Workbook) -> None:
    for sheet in book.worksheets:
        for area in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(area))


def _rows_inserted(book: Workbook) -> None:
    _taken_apart(book)
    for sheet in book.worksheets:
        sheet.insert_rows(7)
        sheet.insert_rows(1, 2)


def _column_inserted(book: Workbook) -> None:
    _taken_apart(book)
    for sheet in book.worksheets:
        sheet.insert_cols(1)
        sheet.insert_cols(6)


def _shown(book: Workbook) -> None:
    for sheet in book.worksheets:
        sheet.row_dimensions[1].hidden = sheet.row_dimensions[2].hidden = False
        sheet.column_dimensions["A"].hidden = False


def _filtered(book: Workbook) -> None:
    for row in range(6, 9):
        book[FINDINGS].row_dimensions[row].hidden = True


def _other_rows_deleted(book: Workbook) -> None:
    for sheet in book.worksheets:
        for row in range(sheet.max_row, 5, -1):
            if sheet.cell(row, 6).value is None:
                sheet.delete_rows(row)


@pytest.mark.parametrize(
    "change",
    [
        _upside_down, _renamed, _turned_about, _rows_inserted, _column_inserted, _shown, _filtered,
        _other_rows_deleted,
    ],
)  # fmt: skip
def test_decisions_survive_what_staff_do_to_the_sheets(
    decided: Bureau, change: Callable[[Workbook], None]
) -> None:
    book = openpyxl.load_workbook(decided.book)
    change(book)
    book.save(decided.book)
    holds(decided)


def test_decisions_survive_being_saved_by_another_program(
    decided: Bureau, program: Program
) -> None:
    saved = decided.output / "saved.xlsx"
    program.convert(decided.book, saved)
    saved.replace(decided.book)
    holds(decided)


def test_a_row_that_was_copied_counts_once(decided: Bureau) -> None:
    book = openpyxl.load_workbook(decided.book)
    for sheet in book.worksheets:
        for row in range(6, sheet.max_row + 1):
            if sheet.cell(row, 6).value is not None:
                copied = [sheet.cell(row, column).value for column in range(1, 9)]
                sheet.append(copied)
                break
    book.save(decided.book)
    holds(decided)
    assert len(rows_of(decided.book, FINDINGS)) == 3


def test_a_run_that_changes_nothing_leaves_the_workbook_and_its_history_alone(
    decided: Bureau,
) -> None:
    typed = decided.book.read_bytes()
    holds(decided)
    written, kept = decided.book.read_bytes(), decided.history()
    assert written != typed
    assert typed in [path.read_bytes() for path in kept]
    for _ in range(2):
        holds(decided)
        assert decided.book.read_bytes() == written
        assert decided.history() == kept


def test_what_staff_typed_is_kept_in_the_history_before_it_is_rewritten(doubtful: Bureau) -> None:
    assert doubtful.history() == []
    doubtful.waives(PART, "已核实")
    typed = doubtful.book.read_bytes()
    doubtful.consolidates()
    assert [path.read_bytes() for path in doubtful.history()] == [typed]


# What stops a run: nothing that staff typed is ever lost


def _without_keys(book: Workbook, sheet: str) -> None:
    for row in range(6, book[sheet].max_row + 1):
        book[sheet].cell(row, 1).value = None


def _with_two_opinions(book: Workbook, sheet: str) -> None:
    copied = [book[sheet].cell(6, column).value for column in range(1, 9)]
    book[sheet].append([*copied[:6], "另一个理由", None])


def _without_column_keys(book: Workbook, sheet: str) -> None:
    for column in range(1, 9):
        book[sheet].cell(2, column).value = None


def _without_the_reasons(book: Workbook, sheet: str) -> None:
    _taken_apart(book)
    book[sheet].delete_cols(7)


def _without_the_sheet(book: Workbook, sheet: str) -> None:
    del book[sheet]


@pytest.mark.parametrize("sheet", [FINDINGS, FILES])
@pytest.mark.parametrize(
    "harm",
    [
        _without_keys, _with_two_opinions, _without_column_keys, _without_the_reasons,
        _without_the_sheet,
    ],
)  # fmt: skip
def test_a_workbook_that_lost_what_its_decisions_are_about_stops_the_run(
    terminal: Terminal, harm: Callable[[Workbook, str], None], sheet: str
) -> None:
    terminal("consolidate", *PERIOD)
    path = terminal.root / "output/2017-Q4" / NAME
    type_in(path, cells_of(path, FINDINGS, "联系电话", WAIVE, "已核实"))
    type_in(path, cells_of(path, FILES, "chunjiang.xlsx", EXCLUDE, "作废"))
    book = openpyxl.load_workbook(path)
    harm(book, sheet)
    book.save(path)
    terminal.refused("consolidate", *PERIOD, words="处理意见")


def test_another_periods_workbook_in_its_place_stops_the_run(terminal: Terminal) -> None:
    terminal("consolidate", "returns", "--period", "2017-Q3")
    terminal("consolidate", *PERIOD)
    other = terminal.root / "output/2017-Q3/处理意见_2017Q3.xlsx"
    put(terminal.root / "output/2017-Q4" / NAME, other.read_bytes())
    terminal.refused("consolidate", *PERIOD, words="不是2017年第四季度的处理意见")


def test_another_plans_workbook_in_its_place_stops_the_run(
    terminal: Terminal, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Bureau(tmp_path_factory.mktemp("other"))
    other.consolidates()
    put(terminal.root / "output/2017-Q4" / NAME, other.book.read_bytes())
    terminal.refused("consolidate", *PERIOD, words="不是2017年第四季度的处理意见")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"not a workbook", None])
def test_what_is_no_workbook_of_decisions_is_never_overwritten(
    terminal: Terminal, content: bytes | None
) -> None:
    path = terminal.root / "output/2017-Q4" / NAME
    put(path, content or b"")
    if content is None:
        openpyxl.Workbook().save(path)
    terminal.refused("consolidate", *PERIOD, words="处理意见")


def test_a_folder_in_its_place_stops_the_run(terminal: Terminal) -> None:
    (terminal.root / "output/2017-Q4" / NAME).mkdir(parents=True)
    terminal.refused("consolidate", *PERIOD, words="处理意见")


def test_the_console_names_the_workbook_and_exit_status_follows_the_decisions(
    terminal: Terminal,
) -> None:
    for unit in SHIPPED.units[1:]:
        came_back(terminal.root, unit.code)
    said = terminal("consolidate", *PERIOD)
    assert said.status == 1
    assert f"处理意见：{Path('output/2017-Q4') / NAME}" in said.out
    path = terminal.root / "output/2017-Q4" / NAME
    type_in(path, cells_of(path, FINDINGS, "联系电话", WAIVE, "已核实"))
    said = terminal("consolidate", *PERIOD, "--json")
    assert said.status == 0
    (one,) = said.json["findings"]
    assert (one["cell"], one["code"], one["severity"]) == ("D27", "signer_blank", "info")
    assert one["waived"] == "已核实"
    assert {unit["status"] for unit in said.json["units"]} == {"accepted"}


# What is shown


def test_the_district_workbook_prints_every_decision_and_what_came_of_it(decided: Bureau) -> None:
    decided.waives("联系电话", None)
    decided.receives("1.xlsx", sent("gamma", firms=22.0))
    result = decided.consolidates()
    sheet = openpyxl.load_workbook(result.workbook)[DECISIONS]
    rows = [[str(cell) for cell in row[1:]] for row in sheet.iter_rows(min_row=6, values_only=True)]
    bare = [[cell for cell in row if not cell.endswith(("镇", "街道"))] for row in rows]
    assert [[one.removeprefix("甲镇 ") for one in row] for row in bare] == [
        ["1", "问题", f"填报表 H12：{PART}", "豁免", "已核实", "已豁免"],
        ["2", "问题", "填报表 D16：“联系电话”没有填写", "豁免", "（未填理由）", "没有采用"],
        ["3", "文件", "1.xlsx", "排除", "作废", "本次没有用上"],
    ]
    assert sheet["B3"].value == "处理意见（共 3 条）"


def test_the_district_workbook_says_whose_problem_was_set_aside(decided: Bureau) -> None:
    """H12 of which unit? The same sentence is said of several."""
    sheet = openpyxl.load_workbook(decided.consolidates().workbook)[DECISIONS]
    (row,) = (
        row
        for row in sheet.iter_rows(min_row=6, values_only=True)
        if PART in "".join(map(str, row))
    )
    assert "甲镇" in "".join(map(str, row))


def test_nothing_of_the_workbook_is_cut_on_paper(
    decided: Bureau, libreoffice: LibreOffice, tmp_path: Path
) -> None:
    decided.waives("联系电话", "该单位已搬迁，座机停用，经办人手机号另行登记在册。" * 4)
    decided.consolidates()
    paper = printed(libreoffice, decided.book, tmp_path)
    told = {name: faults(sheet, paper.pages[name]) for name, sheet in paper.sheets.items()}
    assert {name: found[:5] for name, found in told.items() if found} == {}
    assert {name: len(pages) for name, pages in paper.pages.items()} == {FINDINGS: 1, FILES: 1}


def test_a_period_without_decisions_says_so(doubtful: Bureau) -> None:
    result = doubtful.consolidates()
    sheet = openpyxl.load_workbook(result.workbook)[DECISIONS]
    assert [cell.value for cell in sheet[6] if cell.value] == ["没有处理意见"]


LIKE_FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "-1+1", "@SUM(1)", "{=1}", "http://x.example")


def test_a_reason_is_never_a_formula_or_a_link(bureau: Bureau) -> None:
    files = {f"={n}.xlsx": text for n, text in enumerate(LIKE_FORMULAS)}
    for n, name in enumerate(files):
        bureau.receives(name, sent("beta", firms=float(n)))
    bureau.receives("甲.xlsx", above())
    bureau.consolidates()
    bureau.waives(PART, "=2+2")
    for name, text in files.items():
        bureau.excludes(name, text)
    bureau.consolidates()
    result = bureau.consolidates()
    assert status_of(result) is ACCEPTED
    assert {files_of(result)[name] for name in files} == {(IGNORED, "file_excluded")}
    for path, sheet in (
        (result.workbook, DECISIONS),
        (bureau.book, FINDINGS),
        (bureau.book, FILES),
    ):
        cells = [cell for row in openpyxl.load_workbook(path)[sheet] for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "n"}
        assert [cell.coordinate for cell in cells if cell.hyperlink] == []
        shown = {str(cell.value) for cell in cells}
        wanted = {*files, *files.values()} if sheet != FINDINGS else set()
        assert wanted <= shown
        assert sheet == FILES or "=2+2" in shown
    sheets = openpyxl.load_workbook(result.workbook).worksheets
    formulas = [str(one.value) for sheet in sheets for row in sheet for one in row
                if one.data_type == "f"]  # fmt: skip
    assert not [text for text in formulas if text in (*files, *LIKE_FORMULAS, "=2+2")]


def test_a_reason_as_long_as_a_cell_takes_stops_nothing(bureau: Bureau) -> None:
    """Excel takes 32,767 characters in a cell, and pasting goes round the form's limit."""
    bureau.receives("甲.xlsx", above())
    bureau.receives("乙.xlsx", sent("beta"))
    bureau.consolidates()
    bureau.waives(PART, "长" * 32_767)
    bureau.excludes("乙.xlsx", "长" * 32_767)
    result = bureau.consolidates()
    assert (status_of(result), status_of(result, "beta")) == (ACCEPTED, MISSING)
    assert [len(row["reason"]) for row in rows_of(bureau.book, FINDINGS)] == [32_767]
    for path in (bureau.book, result.workbook):
        for sheet in openpyxl.load_workbook(path).worksheets:
            heights = [one.height for one in sheet.row_dimensions.values() if one.height]
            assert max(heights) <= 409.5, f"{path.name} {sheet.title}: Excel has no taller row"


def test_reasons_keep_their_line_breaks(doubtful: Bureau) -> None:
    doubtful.waives(PART, "第一行\n第二行")
    doubtful.consolidates()
    (row,) = rows_of(doubtful.book, FINDINGS)
    assert row["reason"] == "第一行\n第二行"


def test_a_reason_is_shown_whole(doubtful: Bureau) -> None:
    """A row is as high as its longest text, the reason too, or paper cuts it."""
    doubtful.waives(PART, "情况已向该单位核实" * 20)
    result = doubtful.consolidates()
    for path, sheet in ((doubtful.book, FINDINGS), (result.workbook, DECISIONS)):
        page = openpyxl.load_workbook(path)[sheet]
        (cell,) = (one for one in page[6] if "情况已向" in str(one.value))
        assert isinstance(cell, Cell)
        lines = 180 * 2 / (page.column_dimensions[cell.column_letter].width - 1)
        height = page.row_dimensions[6].height
        assert height is not None
        assert height >= lines * 14, f"{path.name} {sheet}"


def test_decisions_of_a_failed_run_are_still_there(doubtful: Bureau) -> None:
    """A district workbook that cannot be read ends a run before anything is written."""
    doubtful.waives(PART, "已核实")
    typed = doubtful.book.read_bytes()
    (workbook,) = doubtful.output.glob("汇总表*.xlsx")
    whole = workbook.read_bytes()
    workbook.write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(OperatorError, match="读不出来"):
        doubtful.consolidates()
    assert doubtful.book.read_bytes() == typed
    workbook.write_bytes(whole)
    assert status_of(doubtful.consolidates()) is ACCEPTED


def test_a_lost_workbook_of_decisions_stops_the_run_before_anything_is_written(
    decided: Bureau,
) -> None:
    """The district workbook still prints them: without them figures would change unseen."""
    decided.consolidates()
    typed = decided.book.read_bytes()
    decided.book.unlink()
    before = {path: path.read_bytes() for path in decided.output.rglob("*.xlsx")}
    with pytest.raises(OperatorError, match="条处理意见，这次找不到"):
        decided.consolidates()
    assert {path: path.read_bytes() for path in decided.output.rglob("*.xlsx")} == before
    decided.book.write_bytes(typed)
    holds(decided)


def test_a_wrong_word_for_an_action_is_told_with_the_one_that_fits() -> None:
    decision = Decision("a" * 16, "同意", "审核人出差", "填报表 D16", "甲镇")
    (fault,) = Decisions(about_findings={decision.subject: decision}).faults(set(), set())
    assert fault.code == "decision_incomplete"
    assert "“同意”不能用，这里只能选“豁免”" in fault.message
