"""The register: which rows are read from which workbook, which count, and what is said."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from consolidator.checks.register import Outcome, counted, judge, same_number
from consolidator.errors import OperatorError
from consolidator.excel.writer import to_bytes
from consolidator.forms.layout import Value
from consolidator.forms.register.book import register_book
from consolidator.intake.register import Register, read_register
from consolidator.plan.period import Period
from hostile_files import FILES, Hazard
from office.gnumeric import Gnumeric
from office.libreoffice import LibreOffice
from registers import HEADINGS, YEAR, filed_plan, filled_form, held, plain_list, read, table, told
from returns import AGREEMENT, EVENT, VISIT, ask, rendered

PLAN = filed_plan()
ROWS = table(f"""
| 甲镇 | {EVENT}     | 2017-03-01 | 一大学 | 会一 | 001 |
| 乙镇 | {AGREEMENT} | 2017-05-18 | 二大学 | 议二 | 002 |
""")
READ = [("alpha", EVENT, date(2017, 3, 1), "001"), ("beta", AGREEMENT, date(2017, 5, 18), "002")]
COUNTED, LATER, OUTSIDE, REPEATED, NOT_ASKED, UNUSABLE, ASIDE = Outcome


def taken(register: Register, period: Period = YEAR) -> list[tuple[str, str, date | None, str]]:
    filings, _ = judge(register, PLAN, period)
    return [(one.unit, one.kind, one.day, one.number) for one in filings
            if one.outcome is COUNTED]  # fmt: skip


def outcomes(register: Register, period: Period = YEAR) -> list[Outcome]:
    return [one.outcome for one in judge(register, PLAN, period)[0]]


def edited(change: Callable[[Any], None], content: bytes | None = None) -> bytes:
    """Change a plain list of the two rows with openpyxl."""
    book = openpyxl.load_workbook(io.BytesIO(content or plain_list(ROWS)))
    change(book.worksheets[0])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


# Whose workbook it is


def test_the_empty_register_reads_as_one_without_rows(tmp_path: Path) -> None:
    register = read(tmp_path, to_bytes(register_book(PLAN)))
    assert (register.rows, register.noticed, register.unread) == ((), (), ())


def test_what_is_typed_into_the_register_is_read_with_its_cells(tmp_path: Path) -> None:
    register = read(tmp_path, filled_form(PLAN, ROWS))
    assert taken(register) == READ
    assert register.rows[1].source("filing") == ("册.xlsx", "备案信息", "H8")
    assert register.rows[0].source("unit").cell == "C7"


def test_rows_and_columns_that_moved_are_found_by_their_keys(tmp_path: Path) -> None:
    def move(sheet: Any) -> None:
        sheet.insert_rows(7, 3)
        sheet.insert_cols(4)
        sheet["C6"] = "哪个单位呢"

    book = openpyxl.load_workbook(io.BytesIO(filled_form(PLAN, ROWS)))
    move(book["备案信息"])
    target = io.BytesIO()
    book.save(target)
    assert taken(read(tmp_path, target.getvalue())) == READ


@pytest.mark.parametrize("program", ["libreoffice", "gnumeric"])
@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods"])
def test_a_register_that_a_program_saved_in_its_own_format_reads_alike(
    program: str, suffix: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    office: LibreOffice | Gnumeric = request.getfixturevalue(program)
    (tmp_path / "表.xlsx").write_bytes(filled_form(PLAN, ROWS))
    office.convert(tmp_path / "表.xlsx", tmp_path / f"存{suffix}")
    register = read(tmp_path, (tmp_path / f"存{suffix}").read_bytes())
    assert taken(register) == READ


@pytest.mark.parametrize(
    "headings",
    [
        ["所属单位", "类型", "时间", "高校院所", "协议名称", "备案编号"],
        ["镇（街道）", "活动类别", "签订日期", "合作方", "主题", "编号"],
        ["单 位", "类别*", "日期（年月日）", "合作单位：", "名称", "备案号\n（必填）"],
        ["镇街道", "类别", "活动时间", "合作院校", "内容", "编 号"],
    ],
)
@pytest.mark.parametrize("above", [0, 3])
def test_a_list_that_the_bureau_keeps_is_read_by_its_headings(
    headings: list[Value], above: int, tmp_path: Path
) -> None:
    assert taken(read(tmp_path, plain_list(ROWS, headings, above=above))) == READ


def test_columns_in_another_order_and_others_between_do_not_matter(tmp_path: Path) -> None:
    headings = ["序号", "备案号", "经费", "日期", "类别", "联系人", "单位"]
    rows: list[list[Value]] = [[1, "001", 5, date(2017, 3, 1), EVENT, "张三", "甲镇"]]
    register = read(tmp_path, plain_list(rows, headings))
    assert taken(register) == READ[:1]
    assert register.rows[0].source("filing").cell == "B2"


def test_of_a_filing_number_and_a_running_number_the_filing_number_is_meant(
    tmp_path: Path,
) -> None:
    rows = [[7, *ROWS[0]]]
    headings = ["编号", "单位", "类别", "日期", "合作单位", "主题", "备案号"]
    assert taken(read(tmp_path, plain_list(rows, headings))) == READ[:1]


def test_every_sheet_with_the_headings_is_read_and_others_are_told(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(plain_list(ROWS[:1])))
    second = book.create_sheet("协议")
    second.append(HEADINGS)
    second.append(ROWS[1])
    book.create_sheet("空的")
    book.create_sheet("别的").append(["单位", "电话"])
    target = io.BytesIO()
    book.save(target)
    register = read(tmp_path, target.getvalue())
    assert taken(register) == READ
    assert register.unread == ("别的",)


def test_blank_rows_and_headings_repeated_on_each_page_are_skipped(tmp_path: Path) -> None:
    rows: list[list[Value]] = [ROWS[0], [None] * 6, ["  "] * 6, [*HEADINGS], ROWS[1], [""] * 6]
    register = read(tmp_path, plain_list(rows))
    assert taken(register) == READ
    assert len(register.rows) == 2


@pytest.mark.parametrize(
    "typed",
    ["2017-5-18", "2017年5月18日", "2017.5.18", "2017/05/18", "２０１７-5-18", " 2017 年 5 月18日",
     "20170518", datetime(2017, 5, 18), 42873],
)  # fmt: skip
def test_a_date_is_taken_however_it_is_written(typed: Value, tmp_path: Path) -> None:
    rows = [["乙镇", AGREEMENT, typed, "二大学", "议二", "002"]]
    assert taken(read(tmp_path, plain_list(rows))) == READ[1:]


@pytest.mark.parametrize("name", ["乙镇", "beta", "BETA", "乙 镇", "　乙镇 ", "ｂｅｔａ"])
def test_a_unit_is_known_by_code_full_and_short_name(name: str, tmp_path: Path) -> None:
    rows = [[name, *ROWS[1][1:]]]
    assert taken(read(tmp_path, plain_list(rows))) == READ[1:]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("BA-001", "ba 001", True), ("ＢＡ－００１", "BA001", True),
        ("常科备〔2017〕2号", "常科备[2017]2号", True), ("2017-001", "2017 — 001", True),
        ("BA—2017—1", "BA-2017-1", True), ("2017-1-11", "2017-11-1", False),
        ("2017 1 11", "2017 11 1", False), ("001", "1", False), ("BA-001", "BA-002", False),
    ],
)  # fmt: skip
def test_filing_numbers_are_the_same_whatever_their_width_case_spaces_and_dashes(
    one: str, other: str, same: bool
) -> None:
    assert (same_number(one) == same_number(other)) is same


# Which rows count


def row(place: int, **changes: Value) -> list[Value]:
    named = dict(zip(("unit", "kind", "date", "partner", "subject", "filing"), ROWS[0],
                     strict=True))  # fmt: skip
    return [*(named | {"filing": f"号{place}"} | changes).values()]


@pytest.mark.parametrize(
    ("changes", "cell", "code"),
    [
        ({"unit": None}, "A2", "register_incomplete"),
        ({"kind": None}, "B2", "register_incomplete"),
        ({"date": None}, "C2", "register_incomplete"),
        ({"filing": None}, "F2", "register_incomplete"),
        ({"unit": "丁镇"}, "A2", "register_unit_unknown"),
        ({"unit": "甲"}, "A2", "register_unit_unknown"),
        ({"kind": "讲座"}, "B2", "register_kind_unknown"),
        ({"date": "五月"}, "C2", "register_unusable"),
        ({"date": "2017-02-30"}, "C2", "register_unusable"),
        ({"filing": "待补"}, "F2", "register_unusable"),
        ({"filing": 320411201700001234}, "F2", "register_unusable"),
        ({"filing": date(2017, 5, 1)}, "F2", "register_unusable"),
        ({"filing": True}, "F2", "register_unusable"),
        ({"date": date(2016, 3, 1)}, "C2", "register_outside_year"),
    ],
)
def test_a_row_that_lacks_something_is_named_by_its_cell_and_does_not_count(
    changes: dict[str, Value], cell: str, code: str, tmp_path: Path
) -> None:
    register = read(tmp_path, plain_list([row(1, **changes), row(2)]))
    filings, findings = judge(register, PLAN, YEAR)
    assert told(findings) == [("", cell, code)]
    assert "没有计入" in findings[0].message
    assert [one.outcome for one in filings] == [
        OUTSIDE if code == "register_outside_year" else UNUSABLE, COUNTED
    ]  # fmt: skip


@pytest.mark.parametrize("column", ["partner", "subject"])
def test_a_row_counts_without_what_only_explains_it(column: str, tmp_path: Path) -> None:
    register = read(tmp_path, plain_list([row(1, **{column: None})]))
    assert judge(register, PLAN, YEAR)[1] == []
    assert outcomes(register) == [COUNTED]


def test_totals_and_remarks_below_the_list_are_set_aside_and_told(tmp_path: Path) -> None:
    register = read(tmp_path, plain_list([row(1), ["合计"], [None, None, None, "共一家"]]))
    filings, findings = judge(register, PLAN, YEAR)
    assert [one.outcome for one in filings] == [COUNTED, ASIDE, ASIDE]
    assert told(findings) == [("", "A3", "register_aside"), ("", "D4", "register_aside")]


def test_an_unknown_unit_is_told_once_with_all_its_cells(tmp_path: Path) -> None:
    register = read(tmp_path, plain_list([row(n, unit="丁镇") for n in range(7)]))
    _, findings = judge(register, PLAN, YEAR)
    assert [one.code for one in findings] == ["register_unit_unknown", "register_empty"]
    assert findings[0].expected == "A2、A3、A4、A5、A6 等 7 行"


@pytest.mark.parametrize(
    ("code", "last"),
    [("2017-Q1", "2017-03-31"), ("2017-Q2", "2017-06-30"), ("2017-Q4", "2017-12-31")],
)
def test_rows_up_to_the_periods_last_day_count(code: str, last: str, tmp_path: Path) -> None:
    day = date.fromisoformat(last)
    rows = [row(1, date=day), row(2, date=day.replace(month=day.month % 12 + 1, day=1))]
    period = Period.parse(code)
    filings, findings = judge(read(tmp_path, plain_list(rows)), PLAN, period)
    later = code != "2017-Q4"
    assert [one.outcome for one in filings] == [COUNTED, LATER if later else COUNTED]
    assert told(findings) == ([("alpha", "C3", "register_later")] if later else [])


def test_a_row_that_no_figure_of_its_unit_counts_is_not_called_counted(tmp_path: Path) -> None:
    plan = replace(PLAN, targets={**PLAN.targets, ("gamma", "agreements"): None})
    rows = [
        row(1),
        *(
            row(number, unit="丙街道", kind=kind)
            for number, kind in ((2, AGREEMENT), (3, VISIT), (4, AGREEMENT), (2, AGREEMENT))
        ),
    ]
    filings, findings = judge(read(tmp_path, plain_list(rows)), plan, YEAR)
    assert [one.outcome for one in filings] == [COUNTED, NOT_ASKED, COUNTED, NOT_ASKED, REPEATED]
    assert told(findings) == [
        ("", "F6", "register_repeated"),
        ("gamma", "B3", "register_not_asked"),
    ]
    counts = counted(filings, plan, YEAR)
    assert sum(map(len, counts.values())) == 2
    assert ("gamma", "agreements") not in counts


def test_a_number_that_stands_twice_counts_once(tmp_path: Path) -> None:
    rows = [row(1), row(2), row(1), row(2, unit="乙镇")]
    filings, findings = judge(read(tmp_path, plain_list(rows)), PLAN, YEAR)
    assert [one.outcome for one in filings] == [COUNTED, COUNTED, REPEATED, REPEATED]
    assert told(findings) == [
        ("", "F4", "register_repeated"), ("", "F5", "register_number_clash")
    ]  # fmt: skip
    assert [one.severity for one in findings] == ["warning", "error"]


def test_numbers_that_began_anew_each_year_are_no_repetition(tmp_path: Path) -> None:
    rows = [row(1, date=date(2016, 5, 1)), row(1)]
    assert outcomes(read(tmp_path, plain_list(rows))) == [OUTSIDE, COUNTED]


def test_a_register_in_which_nothing_counts_is_an_error(tmp_path: Path) -> None:
    assert told(held(tmp_path, "").findings) == [("", "", "register_empty")]


# Kept by hand


def test_a_unit_merged_over_several_rows_holds_for_all_of_them(tmp_path: Path) -> None:
    def merge(sheet: Any) -> None:
        sheet.merge_cells("A2:A5")

    rows = [row(1), row(2, unit=None), row(3, unit=None)]
    register = read(tmp_path, edited(merge, plain_list(rows)))
    assert [one[0] for one in taken(register)] == ["alpha"] * 3
    assert len(register.rows) == 3
    assert [one.source.cell for one in register.noticed] == ["A3"]


@pytest.mark.parametrize(("area", "faulty"), [("F2:F3", [2, 3]), ("B2:C2", [2])])
def test_a_number_merged_over_rows_and_cells_merged_across_are_not_used(
    area: str, faulty: list[int], tmp_path: Path
) -> None:
    register = read(tmp_path, edited(lambda sheet: sheet.merge_cells(area), plain_list(
        [row(1), row(2)])))  # fmt: skip
    filings, findings = judge(register, PLAN, YEAR)
    bad = [one.row.row + 1 for one in filings if one.outcome is UNUSABLE]
    assert bad == faulty
    assert {one.code for one in findings} <= {"register_unusable", "register_empty"}


def test_hidden_rows_and_sheets_count_and_are_told(tmp_path: Path) -> None:
    def hide(sheet: Any) -> None:
        sheet.row_dimensions[2].hidden = True
        sheet.parent.create_sheet("首页").append(["说明"])
        sheet.sheet_state = "hidden"

    register = read(tmp_path, edited(hide))
    assert taken(register) == READ
    assert [one.what[:2] for one in register.noticed] == ["1 ", "被隐"]
    codes = [one.code for one in judge(register, PLAN, YEAR)[1]]
    assert codes == ["register_noticed", "register_noticed", "register_sheet_unread"]


def test_a_hidden_row_that_is_blank_is_nothing_to_be_told(tmp_path: Path) -> None:
    def hide(sheet: Any) -> None:
        sheet.insert_rows(3)
        sheet["A3"].number_format = "0"
        sheet.row_dimensions[3].hidden = True

    register = read(tmp_path, edited(hide))
    assert taken(register) == READ
    assert not register.noticed


@pytest.mark.parametrize(
    ("cell", "formula"),
    [("A2", "=乙"), ("C2", "=DATE(2017,3,1)"), ("F2", "=[1]表!A1"), ("B2", '=1/0&""')],
)
def test_a_formula_without_a_stored_result_is_never_computed_or_followed(
    cell: str, formula: str, tmp_path: Path
) -> None:
    def put(sheet: Any) -> None:
        sheet[cell] = formula

    register = read(tmp_path, edited(put))
    filings, findings = judge(register, PLAN, YEAR)
    assert told(findings) == [("", cell, "register_unusable")]
    assert [one.outcome for one in filings] == [UNUSABLE, COUNTED]


def test_the_stored_result_of_a_formula_is_used_and_told(
    libreoffice: LibreOffice, tmp_path: Path
) -> None:
    def put(sheet: Any) -> None:
        sheet["F2"] = '="00"&1'
        sheet["C2"] = "=1/0"

    (tmp_path / "a.xlsx").write_bytes(edited(put, plain_list([row(0), row(1)])))
    libreoffice.convert(tmp_path / "a.xlsx", tmp_path / "b.xlsx")
    filings, findings = judge(read(tmp_path, (tmp_path / "b.xlsx").read_bytes()), PLAN, YEAR)
    assert told(findings) == [("", "C2", "register_unusable"), ("", "F2", "register_noticed")]
    assert filings[0].number == "001"


# What is no register


def encrypted(content: bytes) -> bytes:
    from msoffcrypto.format.ooxml import (  # type: ignore[import-untyped,unused-ignore]
        OOXMLFile,
    )

    target = io.BytesIO()
    OOXMLFile(io.BytesIO(content)).encrypt("密码", target)
    return target.getvalue()


WRONG: dict[str, tuple[Callable[[], bytes], str]] = {
    "a template": (lambda: rendered(ask("alpha", plan=PLAN)), "是填报表"),
    "another year's": (
        lambda: edited(lambda sheet: sheet.cell(1, 1, "consolidator-register;小;2016"),
                       plain_list(ROWS, above=2)), "不是 2017 年"),
    "a district workbook's copy": (
        lambda: edited(lambda sheet: sheet.cell(1, 1, "consolidator-district;小;2017"),
                       plain_list(ROWS, above=2)), "汇总表"),
    "no table": (lambda: plain_list(ROWS, ["甲", "乙", "丙"]), "单位、类别、日期、备案号"),
    "no number": (lambda: plain_list(ROWS, HEADINGS[:5]), "单位、类别、日期、备案号"),
    "two units": (
        lambda: plain_list(ROWS, [*HEADINGS[:6], "镇街道"]), "A1“单位”、G1“镇街道”"),
    "empty": (lambda: b"", "空文件"),
    "cut": (lambda: plain_list(ROWS)[:-900], "已损坏"),
    "half": (lambda: plain_list(ROWS)[:2000], "已损坏"),
    "text": (lambda: "单位,类别".encode(), "不是可读的"),
    "encrypted": (lambda: encrypted(plain_list(ROWS)), "打开密码"),
    "too far": (
        lambda: edited(lambda sheet: sheet.cell(1_000_000, 1, "甲镇")), "超出可读范围"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_register_is_the_operators_mistake(what: str, tmp_path: Path) -> None:
    make, words = WRONG[what]
    with pytest.raises(OperatorError, match=words) as caught:
        read(tmp_path, make())
    sentence = str(caught.value)
    assert "册.xlsx" in sentence
    assert sentence.count("。") == 1
    assert sentence.endswith("。")


@pytest.mark.parametrize("hazard", FILES, ids=lambda one: one.name)
def test_no_hostile_file_is_taken_for_a_register(hazard: Hazard, tmp_path: Path) -> None:
    with pytest.raises(OperatorError):
        read(tmp_path, hazard.make())


def test_a_register_that_is_not_there_is_the_operators_mistake(tmp_path: Path) -> None:
    for path in (tmp_path / "没有.xlsx", tmp_path):
        with pytest.raises(OperatorError):
            read_register(path, "没有.xlsx", PLAN)


def test_an_encrypted_register_opens_with_its_password(tmp_path: Path) -> None:
    path = tmp_path / "册.xlsx"
    path.write_bytes(encrypted(plain_list(ROWS)))
    assert taken(read_register(path, path.name, PLAN, ("不对", "密码"))) == READ
    with pytest.raises(OperatorError, match="都不对"):
        read_register(path, path.name, PLAN, ("不对",))


def test_the_kinds_of_the_plan_are_those_that_count(tmp_path: Path) -> None:
    rows = [row(1, kind=" 5.18 期间来访活动"), row(2, kind=VISIT), row(3, kind="５.18期间来访活动")]
    assert [one[1] for one in taken(read(tmp_path, plain_list(rows)))] == [VISIT] * 3


def _in_cell(where: str, value: object, look: str) -> bytes:
    """Return a plain list with two rows, one cell of it with a value and a number format."""
    rows: list[list[Value]] = [
        ["甲镇", EVENT, date(2017, 3, 1), "某大学", "对接", "BA-1"],
        ["乙镇", EVENT, date(2017, 3, 2), "某大学", "对接", "BA-2"],
    ]
    book = openpyxl.load_workbook(io.BytesIO(plain_list(rows)))
    sheet: Any = book.active
    if where:
        sheet[where].value = value
        sheet[where].number_format = look
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("where", "value", "look"),
    [
        ("C2", 42795, '"2018-05-01"'),
        ("C2", date(2017, 3, 1), 'yyyy"-12-01"'),
        ("A2", "甲镇", '0;0;0;"乙镇"'),
        ("F2", 17001, "000000"),
    ],
)
def test_a_cell_whose_format_shows_something_else_is_not_used(
    where: str, value: object, look: str, tmp_path: Path
) -> None:
    path = tmp_path / "册.xlsx"
    path.write_bytes(_in_cell(where, value, look))
    first, second = read_register(path, "册.xlsx", filed_plan()).rows
    assert len(first.faults) == 1
    assert not second.faults


def test_a_hidden_column_and_cells_under_no_heading_are_told(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(_in_cell("", None, "")))
    sheet: Any = book.active
    sheet.column_dimensions["A"].hidden = True
    sheet["J3"].value = "乙镇"
    path = tmp_path / "册.xlsx"
    book.save(path)
    noticed = read_register(path, "册.xlsx", filed_plan()).noticed
    said = "；".join(one.what for one in noticed)
    assert "1 列被隐藏" in said
    assert "表头没有名称的列有内容" in said
