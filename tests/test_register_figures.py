"""What the register counts: figures by hand for three units, and what the workbook shows.

`events` count both kinds of events and `visits` one of them, so that one row counts for two.
"""

import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from consolidator.checks.register_matching import hold
from consolidator.cli import run
from consolidator.errors import OperatorError
from consolidator.excel.writer import to_bytes
from consolidator.figures.adjustments import Adjustment, Adjustments
from consolidator.figures.filed import filed_figures
from consolidator.figures.table import build
from consolidator.figures.values import Figures
from consolidator.forms.layout import Value, address
from consolidator.forms.quarterly.assignment import LIST_KEYS
from consolidator.forms.register.book import register_book
from consolidator.intake.brief import Brief
from consolidator.plan.period import Period
from consolidator.report.as_json import to_json
from consolidator.report.consolidate import Consolidated, consolidate
from consolidator.report.context import DATA, HEAT, REGISTER, SUMMARY, SUMMARY_A4
from consolidator.report.data_sheet import COLUMNS, FIRST, key_of
from consolidator.report.previous import open_earlier
from office.program import Program
from office.reading import formula_results
from registers import YEAR, filed_plan, filled_form, listed, plain_list, read, reported, table
from returns import (
    AGREEMENT,
    EVENT,
    NOON,
    VISIT,
    Answers,
    actual,
    ask,
    good_answers,
    put,
    rendered,
)
from test_recalculation import hold as hold_results

PLAN = filed_plan()
REGISTERED = f"""
| 甲镇   | {EVENT}     | 2017-03-01 | 一大学 | 会一 | 001 |
| 甲镇   | {VISIT}     | 2017-05-18 | 二大学 | 会二 | 002 |
| 甲镇   | {VISIT}     | 2017-05-19 | 三大学 | 会三 | 003 |
| 甲镇   | {AGREEMENT} | 2017-06-01 | 四大学 | 议四 | 004 |
| 乙镇   | {AGREEMENT} | 2017-06-30 | 四大学 | 议五 | 005 |
| 乙镇   | {EVENT}     | 2017-07-01 | 五大学 | 会六 | 006 |
| 丙街道 | {VISIT}     | 2017-05-18 | 六大学 | 会七 | 007 |
| 丙街道 | {EVENT}     | 2016-05-18 | 六大学 | 会八 | 008 |
| 丙街道 | {EVENT}     | 2017-05-18 | 六大学 | 会九 |     |
"""
LISTS = {
    "alpha": f"""
| {EVENT}     | 2017-03-01 | 一大学 | 会一 | 001 |
| {VISIT}     | 2017-05-18 | 二大学 | 会二 | 002 |
| {AGREEMENT} | 2017-06-01 | 四大学 | 议四 | 004 |
""",
    "beta": f"""
| {EVENT}     | 2017-02-01 | 八大学 | 会十 | 010 |
| {AGREEMENT} | 2017-06-30 | 四大学 | 议五 | 005 |
""",
}
"""Gamma does not report."""
BY_HAND: Mapping[tuple[str, str, str], tuple[float | None, float, str]] = {
    # period, unit, indicator: reported, figure, basis
    ("2017", "alpha", "events"): (2, 3, "备案"),
    ("2017", "alpha", "visits"): (1, 2, "备案"),
    ("2017", "alpha", "agreements"): (1, 1, "备案"),
    ("2017", "beta", "events"): (1, 1, "备案"),
    ("2017", "beta", "visits"): (0, 0, "备案"),
    ("2017", "beta", "agreements"): (1, 1, "备案"),
    ("2017", "gamma", "events"): (None, 1, "备案"),
    ("2017", "gamma", "agreements"): (None, 0, "备案"),
    ("2017-Q2", "alpha", "events"): (2, 3, "备案"),
    ("2017-Q2", "beta", "events"): (1, 0, "备案"),
    ("2017-Q2", "beta", "agreements"): (1, 1, "备案"),
    ("2017-Q2", "gamma", "events"): (None, 1, "备案"),
    ("2017-Q1", "alpha", "events"): (2, 1, "备案"),
    ("2017-Q1", "alpha", "visits"): (1, 0, "备案"),
    ("2017-Q1", "gamma", "events"): (None, 0, "备案"),
}


def figures(
    folder: Path, *, period: Period = YEAR, adjustments: Adjustments | None = None,
    counts: Mapping[str, Mapping[str, Value]] | None = None,
) -> Figures:  # fmt: skip
    settled = reported(LISTS, counts, period=period)
    held = hold(read(folder, plain_list(table(REGISTERED))), settled)
    settled = replace(settled, findings=(*settled.findings, *held.findings))
    return build(settled, adjustments or {}, filed_figures(held.counted, held.file))


def figure(found: Figures, unit: str, code: str) -> Any:
    return next(one for one in found.rows if (one.unit, one.indicator) == (unit, code))


@pytest.mark.parametrize(("period", "unit", "code"), list(BY_HAND))
def test_a_figure_is_what_the_register_counts_up_to_the_periods_end(
    period: str, unit: str, code: str, tmp_path: Path
) -> None:
    one = figure(figures(tmp_path, period=Period.parse(period)), unit, code)
    told, number, basis = BY_HAND[period, unit, code]
    assert (one.reported, one.figure, one.actual, one.basis) == (told, number, number, basis)


def test_the_districts_figures_add_up_the_registers_over_every_unit_that_is_asked(
    tmp_path: Path,
) -> None:
    found = {one.indicator: one for one in figures(tmp_path).district}
    assert (found["events"].actual, found["events"].covered) == (5, 3)
    assert (found["visits"].actual, found["visits"].covered, found["visits"].asked) == (2, 2, 2)
    assert (found["agreements"].actual, found["agreements"].covered) == (2, 3)
    assert (found["firms"].covered, found["firms"].asked) == (2, 3)


def test_what_is_not_asked_has_no_figure_whatever_is_filed(tmp_path: Path) -> None:
    one = figure(figures(tmp_path), "gamma", "visits")
    assert (one.filed, one.actual, one.basis) == (None, None, "—")


def test_a_missing_unit_has_the_registers_figures_and_stays_missing(tmp_path: Path) -> None:
    found = figures(tmp_path)
    assert figure(found, "gamma", "firms").basis == "未报"
    assert figure(found, "gamma", "events").actual == 1


def test_a_report_that_an_error_voids_does_not_void_the_registers_figure(tmp_path: Path) -> None:
    found = figures(tmp_path, counts={"alpha": {"events": 9.0}, "beta": {"events": "约 2"}})
    alpha, beta = (figure(found, unit, "events") for unit in ("alpha", "beta"))
    assert (alpha.reported, alpha.raw, alpha.actual, alpha.basis) == (None, "9", 3, "备案")
    assert (beta.reported, beta.raw, beta.actual, beta.basis) == (None, "约 2", 1, "备案")


def test_staffs_adjustment_outranks_the_register(tmp_path: Path) -> None:
    one = Adjustment(7.0, None, "补备案中", (2.0, None))
    found = figures(tmp_path, adjustments={("alpha", "events"): one})
    adjusted = figure(found, "alpha", "events")
    assert (adjusted.actual, adjusted.basis, adjusted.filed.number) == (7, "调整", 3)
    idle = figures(tmp_path, adjustments={("alpha", "events"): replace(one, reason="")})
    assert figure(idle, "alpha", "events").basis == "备案"


def test_a_figure_names_the_cells_it_counts(tmp_path: Path) -> None:
    found = figures(tmp_path)
    events, none = figure(found, "alpha", "events"), figure(found, "gamma", "agreements")
    assert (events.file, events.sheet, events.cell) == ("册.xlsx", "台账", "F2、F3、F4")
    assert events.reported_in == "alpha.xlsx 填报表 H8"
    assert (none.file, none.cell, none.reported_in) == ("册.xlsx", "", "")


# The workbook


def returns(folder: Path, period: Period = YEAR) -> Path:
    """Write the two units' returns as workbooks."""
    where = folder / "returns"
    for unit, text in LISTS.items():
        assignment = ask(unit, plan=PLAN, period=period)
        rows = table(text)
        answers: Answers = {
            key: value
            for key, value in good_answers(assignment).items()
            if key.row not in LIST_KEYS
        }
        for line in assignment.headline:
            if kinds := line.indicator.filed_kinds:
                answers[line.value_key] = float(sum(row[0] in kinds for row in rows))
            answers[line.remark_key] = "说明"
        put(where / f"{unit}.xlsx", rendered(assignment, answers | listed(rows)))
    return where


def report(
    folder: Path, *, register: bytes | None = None, hour: int = 0, period: Period = YEAR
) -> Consolidated:
    path = folder / "册.xlsx"
    path.write_bytes(plain_list(table(REGISTERED)) if register is None else register)
    return consolidate(
        Brief(PLAN, period), [returns(folder, period)], folder / "output",
        now=NOON + timedelta(hours=hour), register=path,
    )  # fmt: skip


def adjust(workbook: Path, unit: str, code: str, number: float) -> None:
    book = openpyxl.load_workbook(workbook)
    sheet = book[DATA]
    row = next(n for n in range(FIRST + 1, sheet.max_row + 1)
               if sheet.cell(n, 1).value == key_of(unit, code))  # fmt: skip
    sheet.cell(row, COLUMNS.index("adjusted") + 1).value = number
    sheet.cell(row, COLUMNS.index("reason") + 1).value = "核实"
    book.save(workbook)


@pytest.mark.parametrize("code", ["2017", "2017-Q2", "2017-Q1"])
def test_programs_compute_what_is_cached_with_a_register(
    program: Program, code: str, tmp_path: Path
) -> None:
    hold_results(program, report(tmp_path, period=Period.parse(code)).workbook, least=100)


def test_programs_compute_what_is_cached_with_adjustments_over_a_register(
    program: Program, tmp_path: Path
) -> None:
    adjust(report(tmp_path).workbook, "alpha", "events", 7)
    again = report(tmp_path, hour=1)
    assert figure(again.figures, "alpha", "events").basis == "调整"
    hold_results(program, again.workbook, least=100)


def test_programs_compute_what_is_cached_with_an_empty_register(
    program: Program, tmp_path: Path
) -> None:
    result = report(tmp_path, register=to_bytes(register_book(PLAN)))
    assert {one.code for one in result.settled.findings} >= {"register_empty"}
    hold_results(program, result.workbook, least=100)


@pytest.mark.parametrize(
    ("number", "reason", "shown", "basis"),
    [
        (7, "核实", 7, "调整"),
        (7, None, 3, "备案"),
        (-1, "核实", 3, "备案"),
    ],
)
def test_an_adjustment_typed_over_a_register_is_used_at_once_and_only_if_sound(
    program: Program, number: float | None, reason: str | None, shown: float, basis: str,
    tmp_path: Path,
) -> None:  # fmt: skip
    workbook, saved = report(tmp_path).workbook, tmp_path / "saved.xlsx"
    typed = {"adjusted": number, "reason": reason}
    row = FIRST + 1
    program.fill(workbook, saved, {
        (DATA, address(row, COLUMNS.index(name))): value
        for name, value in typed.items() if value is not None
    })  # fmt: skip
    found = formula_results(saved)[DATA]
    at = {name: COLUMNS.at(name, row) for name in ("actual", "basis", "filed")}
    assert (found[at["actual"]], found[at["basis"]], found[at["filed"]]) == (shown, basis, 3)


def test_the_register_is_a_sheet_from_which_every_counted_row_leads_to_its_cell(
    tmp_path: Path,
) -> None:
    sheet = openpyxl.load_workbook(report(tmp_path).workbook)[REGISTER]
    rows = list(sheet.iter_rows(min_row=7))
    shown = [(row[4].value, row[9].value, row[10].value, row[13].value) for row in rows]
    assert shown == [
        ("甲镇", "001", "计入", "F2"), ("甲镇", "002", "计入", "F3"), ("甲镇", "003", "计入", "F4"),
        ("甲镇", "004", "计入", "F5"), ("乙镇", "005", "计入", "F6"), ("乙镇", "006", "计入", "F7"),
        ("丙街道", "007", "计入", "F8"), ("丙街道", "008", "不在本年", "F9"),
        ("丙街道", None, "有问题，不计", "F10"),
    ]  # fmt: skip
    for row in rows:
        link = row[13].hyperlink
        assert link
        assert link.target
        assert link.target.replace("\\", "/") == "../册.xlsx"
        assert link.location == f"'台账'!{row[13].value}"


def test_a_row_of_data_shows_both_numbers_and_leads_to_the_units_rows(tmp_path: Path) -> None:
    workbook = report(tmp_path).workbook
    sheet = openpyxl.load_workbook(workbook, data_only=True)[DATA]
    row = {column.key: sheet.cell(FIRST + 6, n + 1)
           for n, column in enumerate(COLUMNS.all)}  # fmt: skip
    assert row["key"].value == "beta/events"
    assert [row[name].value for name in ("reported", "filed", "figure", "basis")] == [
        1, 1, 1, "备案"
    ]  # fmt: skip
    assert row["file"].value == "册.xlsx；上报数见 beta.xlsx 填报表 H8"
    link = row["cell"].hyperlink
    assert link
    assert link.location == f"'{REGISTER}'!E11"


@pytest.mark.parametrize("sheet", [SUMMARY, SUMMARY_A4, HEAT])
def test_figures_of_the_register_carry_a_mark_on_paper_and_a_legend_explains_it(
    sheet: str, tmp_path: Path
) -> None:
    given = report(tmp_path)
    without = consolidate(Brief(PLAN, YEAR), [tmp_path / "returns"], tmp_path / "b", now=NOON)
    assert _marks(given.workbook, sheet) > 0
    assert _marks(without.workbook, sheet) == 0
    assert "带 # 的" in _texts(given.workbook, sheet)
    assert "带 # 的" not in _texts(without.workbook, sheet)


def _marks(workbook: Path, sheet: str) -> int:
    """Count the conditional formats that print the register's mark."""
    found = openpyxl.load_workbook(workbook)[sheet].conditional_formatting
    formats = [rule.dxf.numFmt for area in found for rule in area.rules if rule.dxf]
    return sum('"#"' in one.formatCode for one in formats if one is not None)


def _texts(workbook: Path, sheet: str) -> str:
    rows = openpyxl.load_workbook(workbook)[sheet].iter_rows(values_only=True)
    return "".join(str(cell) for row in rows for cell in row if isinstance(cell, str))


def test_without_a_register_the_workbook_says_so_and_hides_the_column(tmp_path: Path) -> None:
    result = consolidate(Brief(PLAN, YEAR), [returns(tmp_path)], tmp_path / "output", now=NOON)
    book = openpyxl.load_workbook(result.workbook)
    assert REGISTER not in book.sheetnames
    assert book[DATA].column_dimensions[COLUMNS.letter("filed")].hidden
    assert "本次没有给备案信息" in _texts(result.workbook, "说明")
    assert to_json(result)["register"] is None


def test_the_result_as_data_names_the_register_and_its_cells(tmp_path: Path) -> None:
    told = to_json(report(tmp_path))
    assert told["register"] == {
        "file": "册.xlsx", "path": str(tmp_path / "册.xlsx"), "rows": 9, "counted": 7, "later": 0,
        "outside": 1, "repeated": 0, "not_asked": 0, "unusable": 1, "aside": 0,
    }  # fmt: skip
    one = next(one for one in told["figures"] if (one["unit"], one["indicator"]) ==
               ("alpha", "events"))  # fmt: skip
    assert (one["actual"], one["basis"], one["reported"], one["filed"]) == (3, "备案", 2, 3)
    assert (one["file"], one["sheet"], one["cell"]) == ("册.xlsx", "台账", "F2、F3、F4")
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_a_register_that_lies_among_the_returns_is_no_return(tmp_path: Path) -> None:
    where = returns(tmp_path)
    path = put(where / "alpha的册.xlsx", filled_form(PLAN, table(REGISTERED)))
    for register, files in ((path, 2), (None, 3)):
        result = consolidate(
            Brief(PLAN, YEAR), [where], tmp_path / f"output{files}", now=NOON, register=register
        )
        assert len(result.settled.files) == files


def test_a_register_with_the_name_of_a_return_is_told_from_it(tmp_path: Path) -> None:
    where = returns(tmp_path)
    path = put(tmp_path / "alpha.xlsx", plain_list(table(REGISTERED)))
    result = consolidate(Brief(PLAN, YEAR), [where], tmp_path / "output", now=NOON, register=path)
    assert result.register is not None
    assert result.register.file == path.as_posix()


def test_a_register_that_cannot_be_read_leaves_everything_as_it_was(tmp_path: Path) -> None:
    first = report(tmp_path)
    before = {one: one.read_bytes() for one in (tmp_path / "output").rglob("*") if one.is_file()}
    with pytest.raises(OperatorError):
        report(tmp_path, register=b"PK", hour=1)
    assert before == {
        one: one.read_bytes() for one in (tmp_path / "output").rglob("*") if one.is_file()
    }
    assert first.workbook in before


def test_what_the_product_wrote_itself_is_no_register(program: Program, tmp_path: Path) -> None:
    where = returns(tmp_path)
    (where / "beta.xlsx").write_bytes(
        rendered(ask("beta", plan=PLAN, period=YEAR), {actual("firms"): None})
    )
    result = consolidate(Brief(PLAN, YEAR), [where], tmp_path / "output", now=NOON)
    saved = tmp_path / "另存.xlsx"
    program.convert(result.workbook, saved)
    assert result.corrections
    for path in (result.workbook, saved, result.decisions, *result.corrections):
        with pytest.raises(OperatorError, match="不是备案信息"):
            read(tmp_path, path.read_bytes())


def test_adjustments_of_a_workbook_from_before_the_column_are_carried_over(
    tmp_path: Path,
) -> None:
    workbook = report(tmp_path).workbook
    adjust(workbook, "beta", "firms", 8)
    now = open_earlier(workbook, PLAN, YEAR)
    assert now
    assert now.registered
    book = openpyxl.load_workbook(workbook)
    del book[REGISTER]
    book[DATA].delete_cols(COLUMNS.index("filed") + 1)
    book.save(workbook)
    old = open_earlier(workbook, PLAN, YEAR)
    assert old
    assert not old.registered
    assert old.adjustments() == now.adjustments()
    assert old.adjustments()["beta", "firms"].figure == 8


def test_a_correction_tells_a_unit_what_is_not_filed_and_names_no_other(tmp_path: Path) -> None:
    where = returns(tmp_path)
    assignment = ask("alpha", plan=PLAN, period=YEAR)
    rows = table(LISTS["alpha"].replace("001", "005"))
    answers: Answers = {
        key: value for key, value in good_answers(assignment).items() if key.row not in LIST_KEYS
    }
    answers |= listed(rows) | {actual("firms"): None}
    put(where / "alpha.xlsx", rendered(assignment, answers))
    path = put(tmp_path / "册.xlsx", plain_list(table(REGISTERED)))
    result = consolidate(Brief(PLAN, YEAR), [where], tmp_path / "output", now=NOON, register=path)
    (correction,) = result.corrections
    text = _texts(correction, "更正说明")
    assert "登记在另一个单位名下" in text
    assert "乙镇" not in text


# The command line


def test_the_register_is_written_where_the_manual_says_and_never_over_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "templates" / "2017" / "备案信息_2017.xlsx"
    asked = ["register", "--period", "2017", "--workspace", str(tmp_path)]
    assert run([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["register"] == str(place)
    first = place.read_bytes()
    assert run(asked) == 2
    assert "已经有了，没有改动" in capsys.readouterr().err
    assert place.read_bytes() == first
    other = tmp_path / "别处" / "册.xlsx"
    assert run([*asked, "--to", str(other)]) == 0
    assert other.read_bytes() == first
    assert run([*asked, "--to", str(tmp_path / "册.csv")]) == 2
    assert run(["register", "--period", "2018", "--workspace", str(tmp_path)]) == 2
    capsys.readouterr()


def test_a_register_at_its_place_is_used_only_when_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["register", "--period", "2017", "--workspace", str(tmp_path)])
    (tmp_path / "returns" / "2017-Q4").mkdir(parents=True)
    place = tmp_path / "templates" / "2017" / "备案信息_2017.xlsx"
    asked = ["consolidate", "--period", "2017-Q4", "--workspace", str(tmp_path)]
    capsys.readouterr()
    assert run(asked) == 1
    assert "备案信息" not in capsys.readouterr().out, "nothing was entered in it"
    book = openpyxl.load_workbook(place)
    book["备案信息"]["C7"] = "春江镇"
    book.save(place)
    assert run(asked) == 1
    assert f"没有使用备案信息：“{place}”在那里" in capsys.readouterr().out
    assert run([*asked, "--register", str(place)]) == 1
    told = capsys.readouterr().out
    assert f"备案信息：使用“{place}”，共 1 行：" in told
    assert "错误  整份备案信息：备案信息中没有一条计入本期" in told
    assert run(asked) == 1
    assert "上次汇总使用了备案信息，这次没有" in capsys.readouterr().out
    assert run(asked) == 1
    assert "上次汇总使用了备案信息" not in capsys.readouterr().out
    assert run([*asked, "--register", str(tmp_path / "没有.xlsx")]) == 2
    assert re.fullmatch(r"错误：找不到备案信息“[^\n]+。\n", capsys.readouterr().err)


def test_the_empty_register_computes_and_judges_what_is_typed(
    program: Program, tmp_path: Path
) -> None:
    path, saved = tmp_path / "册.xlsx", tmp_path / "填.xlsx"
    path.write_bytes(to_bytes(register_book(PLAN)))
    hold_results(program, path, least=500)
    rows = [
        ("甲镇", EVENT, "001"), ("beta", VISIT, "002"), ("丁镇", EVENT, "003"),
        ("甲镇", "讲座", "004"), ("甲镇", EVENT, None), ("甲镇", EVENT, "006"),
        ("甲镇", AGREEMENT, "006"),
    ]  # fmt: skip
    day = 42873
    values: dict[tuple[str, str], Any] = {}
    for number, (unit, kind, filing) in enumerate(rows, start=7):
        typed = {"C": unit, "D": kind, "E": day, "H": filing}
        values |= {("备案信息", f"{letter}{number}"): value
                   for letter, value in typed.items() if value is not None}  # fmt: skip
    del values["备案信息", "E7"]
    program.fill(path, saved, values)
    found = formula_results(saved)["备案信息"]
    assert [found[f"J{number}"] or "" for number in range(7, 15)] == [
        "✗ 日期", "✓", "✗ 单位", "✗ 类别", "✗ 备案号", "✓", "✗ 备案号重复", "",
    ]  # fmt: skip
    assert found["B4"] == f"已登记可计入 2 条　{EVENT} 1　{VISIT} 1　{AGREEMENT} 0"


def test_writing_the_register_twice_gives_the_same_bytes() -> None:
    first, second = (to_bytes(register_book(PLAN)) for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        assert package.testzip() is None
