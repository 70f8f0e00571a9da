"""The plan as a workbook: it says what the text files say, and every fault has its cell."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consolidator.errors import OperatorError
from consolidator.excel.writer import to_bytes
from consolidator.forms.layout import Cell, Column, Columns, Role, Sheet, Style
from consolidator.forms.plan.book import plan_book
from consolidator.intake.plan_book import read_plan_book, tables_of_book
from consolidator.intake.plans import load_plan
from consolidator.plan.check import examine
from consolidator.plan.faults import Fault
from consolidator.plan.model import Plan, Unit
from consolidator.plan.tables import PlanTables
from consolidator.severity import Severity
from office.libreoffice import LibreOffice
from office.program import Program, Values
from office.reading import formula_results
from plans import SHIPPED_TABLES, as_book, as_text, counted, judged, made_up, many, tables
from returns import SHIPPED, ask, put, rendered
from workbook_parts import Edit, before, cell, parts, swapped, with_part

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.INFO
ODD = tables(
    [("u1", "=1+1", "'甲"), ("u2", "（乙）　“镇”", "乙 镇"), ("name2", "丙\"', &<镇>\n二", "丙"),
     ("u4", "１２３", "0")],
    [
        counted("i1", 1, "@合计", kind="ratio", numerator="o1:=甲:万元",
                denominator="d1:乙　 丙:件",
                district_target="2.86%", group="+组", weight="20"),
        counted("i2", 2, "专利  申请", weight="30.5", filed_kinds="甲|=乙", meaning="一\n二"),
        counted("i3", 2, "其中：=发明", parent="i2", accrual="stock", first_quarter="4"),
        counted("i4", 3, "专利  申请", weight="49.5"),
    ],
    {
        **{(unit, "i1"): text for unit, text in
           zip(("u1", "u2", "name2", "u4"), ("47.1%", "13.57%", "--", "100%"), strict=True)},
        **{(unit, "i2"): text for unit, text in
           zip(("u1", "u2", "name2", "u4"), ("1,600", "86", "0", "—"), strict=True)},
        **{(unit, "i3"): text for unit, text in
           zip(("u1", "u2", "name2", "u4"), ("1600", "--", "0", "7"), strict=True)},
        **{(unit, "i4"): text for unit, text in
           zip(("u1", "u2", "name2", "u4"), ("1", "2", "3", "999999999"), strict=True)},
    },
    contacts=[{"unit": "u1", "name": "=张三", "mail": "a@example.com", "copy": ""}],
    review_items=[{"number": "1", "name": "（甲） 项", "full_marks": "7.5"}],
)  # fmt: skip
"""A plan with everything that spreadsheet programs like to change."""


def written(path: Path, plan: PlanTables = SHIPPED_TABLES) -> Path:
    """Write a plan's workbook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(to_bytes(plan_book(plan)))
    return path


def read(path: Path) -> tuple[Plan | None, list[Fault]]:
    """Read a plan's workbook and judge it."""
    return examine(read_plan_book(path))


@settings(max_examples=50)
@given(plan=made_up())
def test_text_and_workbook_load_to_equal_plans(
    plan: PlanTables, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("plan")
    text = as_text(plan, folder / "text")
    book = as_book(text)
    assert judged(book)[0] == judged(text)[0]
    assert judged(as_text(book, folder / "again"))[0] == judged(text)[0]


def test_the_workbook_of_the_shipped_plan_is_the_shipped_plan(tmp_path: Path) -> None:
    assert load_plan(str(written(tmp_path / "目标任务.xlsx"))) == SHIPPED


@pytest.mark.parametrize("plan", [SHIPPED_TABLES, ODD], ids=["shipped", "odd"])
def test_a_program_that_opens_and_saves_the_workbook_changes_nothing(
    plan: PlanTables, program: Program, tmp_path: Path
) -> None:
    mine, other = written(tmp_path / "甲.xlsx", plan), tmp_path / "乙.xlsx"
    program.convert(mine, other)
    found, faults = read(other)
    assert [one for one in faults if one.severity is ERROR] == []
    assert found == judged(plan)[0]


def test_the_formulas_come_to_what_python_wrote(program: Program, tmp_path: Path) -> None:
    wrong = tables(
        [("a", "甲镇", "甲"), ("b", "甲镇", "乙"), ("c", "", "丙")],
        [counted("i1", 1, "专利"), counted("i2", 1, "发明", parent="i1"),
         counted("i3", 2, "产值", kind="ratio"), counted("i1", 3, "场次", parent="无"),
         counted("i5", 4, "人才", accrual="")],
        {(unit, code): said for unit, several in
         {"a": ("5", "6", "47%", "", "--"), "b": ("--", "1", "x", "7", "1"),
          "c": ("", "--", "5家", "8", "2")}.items()
         for code, said in zip(("i1", "i2", "i3", "i1", "i5"), several, strict=True)},
    )  # fmt: skip
    several = {"甲.xlsx": SHIPPED_TABLES, "乙.xlsx": many(3, 4), "丙.xlsx": wrong}
    for name, plan in several.items():
        path = written(tmp_path / name, plan)
        assert alike(program.recalculate(path)) == alike(formula_results(path))


def alike(results: Mapping[str, Mapping[str, object]]) -> dict[tuple[str, str], object]:
    """Take an empty text for nothing, as programs do."""
    return {
        (sheet, cell): None if value == "" else value
        for sheet, cells in results.items()
        for cell, value in cells.items()
    }


# Every fault is named with its sheet and cell

UNITS_PART, INDICATORS_PART, TARGETS_PART = (f"xl/worksheets/sheet{n}.xml" for n in (2, 3, 4))
SETTINGS_PART = "xl/worksheets/sheet7.xml"
SHIPPED_BOOK = to_bytes(plan_book(SHIPPED_TABLES))


def text(address: str, said: str) -> Edit:
    """Type a text into a cell."""
    return cell(address, f'<c r="{address}" s="{{s}}" t="inlineStr"><is><t>{said}</t></is></c>')


def stored(address: str, inner: str, kind: str = "n") -> Edit:
    """Store something in a cell."""
    return cell(address, f'<c r="{address}" s="{{s}}" t="{kind}">{inner}</c>')


def merged(area: str) -> Edit:
    """Merge cells."""
    return swapped("</mergeCells>", f'<mergeCell ref="{area}"/></mergeCells>')


def in_percent(xml: str) -> str:
    """Give 0.23 the look of a ratio, in a row of counts."""
    found = re.search(r'<c r="G6" s="(\d+)"', xml)
    assert found
    return cell("H7", f'<c r="H7" s="{found[1]}"><v>0.23</v></c>')(xml)  # type: ignore[return-value]


FAULTS: dict[str, tuple[str, list[Edit], Severity, str, str]] = {
    "target blank": (TARGETS_PART, [stored("H7", "")], ERROR, "“目标”表 H7", "空缺"),
    "target with its measure": (
        TARGETS_PART, [text("H7", "86家")], ERROR, "“目标”表 H7", "不是数字",
    ),
    "target of a circled digit": (
        TARGETS_PART, [text("H7", "③")], ERROR, "“目标”表 H7", "不是数字",
    ),
    "target an error value": (
        TARGETS_PART, [stored("H7", "<v>#N/A</v>", "e")], ERROR, "“目标”表 H7", "错误值 #N/A",
    ),
    "target a formula without a result": (
        TARGETS_PART, [stored("H7", "<f>G7*2</f>")], ERROR, "“目标”表 H7", "没有计算结果",
    ),
    "target a formula": (
        TARGETS_PART, [stored("H7", "<f>20+3</f><v>23</v>")], WARNING, "“目标”表 H7", "“23”",
    ),
    "target a date": (
        TARGETS_PART, [stored("H7", "<v>2017-05-18T00:00:00</v>", "d")], ERROR, "“目标”表 H7",
        "日期",
    ),
    "target a truth": (
        TARGETS_PART, [stored("H7", "<v>1</v>", "b")], ERROR, "“目标”表 H7", "逻辑值",
    ),
    "target vast": (
        TARGETS_PART, [stored("H7", "<v>1E+999</v>")], ERROR, "“目标”表 H7", "",
    ),
    "target not whole": (TARGETS_PART, [stored("H7", "<v>23.5</v>")], ERROR, "“目标”表 H7", "整数"),
    "count in per cent": (TARGETS_PART, [in_percent], ERROR, "“目标”表 H7", "百分比格式"),
    "ratio above 1": (TARGETS_PART, [stored("H6", "<v>13.5</v>")], ERROR, "“目标”表 H6", "0 到 1"),
    "part above whole": (
        TARGETS_PART, [stored("H12", "<v>601</v>")], ERROR, "“目标”表 H12", "大于“专利申请”",
    ),
    "targets merged": (TARGETS_PART, [merged("H7:I7")], ERROR, "“目标”表 H7:I7", "合并"),
    "row of targets hidden": (
        TARGETS_PART, [swapped('<row r="7" ', '<row r="7" hidden="1" ')], WARNING, "“目标”表",
        "第 7 行隐藏着",
    ),
    "head of another unit": (
        TARGETS_PART, [text("H5", "河海街道")], ERROR, "“目标”表 H5", "现代农业产业园区（孟河镇）",
    ),
    "head without a result": (
        TARGETS_PART, [stored("H5", "<f>A1</f>")], ERROR, "“目标”表 H5", "没有计算结果",
    ),
    "unit's column twice": (
        TARGETS_PART, [text("H2", "unit:chunjiang"), text("H5", "滨江经济开发区（春江镇）")], ERROR,
        "“目标”表 H5", "出现了两次",
    ),
    "column of an unknown unit": (
        TARGETS_PART, [text("R5", "某镇")], ERROR, "“目标”表 R5", "没有单位“某镇”",
    ),
    "targets under no head": (
        TARGETS_PART, [stored("R7", "<v>5</v>")], ERROR, "“目标”表 R5", "没有写是哪个单位",
    ),
    "targets of no indicator": (
        TARGETS_PART, [stored("H22", "<v>5</v>")], ERROR, "“目标”表 F22", "没有写是哪个指标",
    ),
    "row of another indicator": (
        TARGETS_PART, [text("F7", "民科指标数")], ERROR, "“目标”表 F7", "有效期内的高企总数",
    ),
    "row of an indicator twice": (
        TARGETS_PART, [text("F21", "民科指标数")], ERROR, "“目标”表 F21", "出现了两次",
    ),
    "unit removed with its targets left": (
        UNITS_PART, [stored("B7", ""), stored("C7", ""), stored("E7", "")], ERROR, "“目标”表 H5",
        "不在“单位”表",
    ),
    "unit copied with its code": (
        UNITS_PART, [text("B17", "新镇"), text("C17", "新镇"), text("E17", "menghe")], ERROR,
        "“单位”表 E17", "重复",
    ),
    "unit without a column": (
        UNITS_PART, [text("B17", "新镇"), text("C17", "新镇")], ERROR, "“目标”表表头",
        "缺少单位“新镇”（unit12）",
    ),
    "unit's name an error": (
        UNITS_PART, [stored("B7", "<v>#REF!</v>", "e")], ERROR, "“单位”表 B7", "错误值 #REF!",
    ),
    "short name no file name": (UNITS_PART, [text("C7", "孟/河")], ERROR, "“单位”表 C7", "文件名"),
    "unknown kind": (
        INDICATORS_PART, [text("F7", "数量")], ERROR, "“指标”表 F7", "可用：计数、比率",
    ),
    "whole unknown": (
        INDICATORS_PART, [text("H12", "专利")], ERROR, "“指标”表 H12", "“专利”不存在",
    ),
    "ratio without its amounts": (
        INDICATORS_PART, [stored("K6", ""), stored("L6", "")], ERROR, "“指标”表 K6",
        "名称和计量单位",
    ),
    "year no year": (SETTINGS_PART, [text("C7", "二〇一七")], ERROR, "“设置”表 C7", "“年度”"),
    "unknown mean": (
        SETTINGS_PART, [text("C18", "中位数")], ERROR, "“设置”表 C18", "平均、去掉最高最低后平均",
    ),
    "weight negative": (
        SETTINGS_PART, [stored("C15", "<v>-1</v>")], ERROR, "“设置”表 C15", "“定量权重”",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_named_with_its_sheet_and_cell(fault: str) -> None:
    part, edits, severity, place, words = FAULTS[fault]
    plan, faults = examine(tables_of_book(with_part(SHIPPED_BOOK, part, *edits), "甲.xlsx"))
    assert [
        one for one in faults
        if (one.severity, one.place) == (severity, place) and words in one.message
    ], "\n".join(map(str, faults))  # fmt: skip
    assert len({(one.place, one.message) for one in faults}) == len(faults)
    assert (plan is None) is (severity is ERROR)
    assert all(one.message.endswith("。") for one in faults)


@pytest.mark.parametrize(
    ("said", "target"),
    [("２３", 23), (" 23 ", 23), ("1,600", 1600), ("－－", None), ("—", None)],
)
def test_a_target_typed_as_text_is_what_it_says(said: str, target: float | None) -> None:
    content = with_part(SHIPPED_BOOK, TARGETS_PART, text("H7", said))
    plan, _ = judged(tables_of_book(content, "甲.xlsx"))
    assert plan.target("menghe", "hightech_firms") == target


@pytest.mark.parametrize(
    ("stored_as", "target"),
    [("0.47", 0.47), ("0.47099999999999997", 0.471), ("0.47100000000000003", 0.471),
     ("0.28499999999999998", 0.285), ("1", 1.0), ("5.0000000000000003E-2", 0.05)],
)  # fmt: skip
def test_a_ratio_is_the_printed_number_whatever_its_last_binary_digit(
    stored_as: str, target: float
) -> None:
    content = with_part(SHIPPED_BOOK, TARGETS_PART, stored("H6", f"<v>{stored_as}</v>"))
    plan, _ = judged(tables_of_book(content, "甲.xlsx"))
    assert plan.target("menghe", "hightech_output_ratio") == target


# What is no plan workbook, or is one no more


def without(name: str) -> bytes:
    """Return the shipped plan's workbook without one of its sheets."""
    book = plan_book(SHIPPED_TABLES)
    kept = tuple(sheet for sheet in book.sheets if sheet.name != name)
    left = {key: target for key, target in book.names.items() if f"'{name}'" not in target}
    return to_bytes(replace(book, sheets=kept, names=left))


REFUSED: dict[str, tuple[bytes, str]] = {
    **{f"without {name}": (without(name), f"找不到“{name}”") for name in
       ("单位", "指标", "目标", "附件1", "附件3", "设置", "联系人")},
    "its keys are gone": (
        with_part(SHIPPED_BOOK, TARGETS_PART, text("A2", "x")), "找不到“目标”的隐藏标识行",
    ),
    "a column is gone": (
        with_part(SHIPPED_BOOK, INDICATORS_PART, text("D2", "x")), "找不到“指标”的隐藏标识行",
    ),
    "its headings are gone": (
        with_part(SHIPPED_BOOK, UNITS_PART, text("B5", "x"), text("C5", "y")), "“单位”表的表头",
    ),
    "a returned template": (rendered(ask()), "不是目标任务工作簿"),
    "nothing": (b"", "读不出来"),
    "cut": (SHIPPED_BOOK[:9_000], "读不出来"),
    "no workbook": (b"%PDF-1.4", "读不出来"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_plan_workbook_is_refused_in_one_sentence(kind: str, tmp_path: Path) -> None:
    content, words = REFUSED[kind]
    path = put(tmp_path / "目标任务.xlsx", content)
    with pytest.raises(OperatorError, match=re.escape(words)) as refused:
        load_plan(str(path))
    assert str(refused.value).count("。") == 1


def test_a_sheet_far_too_large_is_refused(tmp_path: Path) -> None:
    far = before("</sheetData>", '<row r="900000"><c r="A900000"><v>1</v></c></row>')
    path = put(tmp_path / "甲.xlsx", with_part(SHIPPED_BOOK, TARGETS_PART, far))
    with pytest.raises(OperatorError, match="读不出来"):
        load_plan(str(path))


def test_columns_may_be_swapped_since_their_hidden_keys_go_with_them() -> None:
    names = [row["name"] for row in SHIPPED_TABLES.rows["units"]]
    edits = [text("G2", "unit:menghe"), text("H2", "unit:chunjiang"), text("G5", names[1]),
             text("H5", names[0])]  # fmt: skip
    values = SHIPPED_TABLES.rows["targets"]
    for line, row in enumerate(values, start=6):
        for column, unit in (("G", "menghe"), ("H", "chunjiang")):
            number = float(row[unit].removesuffix("%")) / (100 if line == 6 else 1)
            edits.append(stored(f"{column}{line}", f"<v>{number!r}</v>"))
    plan, _ = judged(tables_of_book(with_part(SHIPPED_BOOK, TARGETS_PART, *edits), "甲.xlsx"))
    assert plan == SHIPPED


def test_other_sheets_of_staffs_own_do_no_harm(libreoffice: LibreOffice, tmp_path: Path) -> None:
    book = plan_book(SHIPPED_TABLES)
    own = Sheet("草稿", [Cell(0, 0, "随手记", Style(Role.PLAIN))], Columns(Column("a", "", 20)))
    path = put(tmp_path / "甲.xlsx", to_bytes(replace(book, sheets=(own, *book.sheets))))
    libreoffice.convert(path, tmp_path / "乙.xlsx")
    assert load_plan(str(tmp_path / "乙.xlsx")) == SHIPPED


# The clerk edits


def test_a_clerk_changes_a_target(program: Program, tmp_path: Path) -> None:
    path, other = written(tmp_path / "甲.xlsx"), tmp_path / "乙.xlsx"
    program.fill(path, other, {("目标", "H7"): 24, ("目标", "H6"): 0.136, ("目标", "Q6"): "--"})
    plan, faults = read(other)
    assert plan is not None, "\n".join(map(str, faults))
    changed = {
        pair: (SHIPPED.targets[pair], target)
        for pair, target in plan.targets.items()
        if SHIPPED.targets[pair] != target
    }
    assert changed == {
        ("menghe", "hightech_firms"): (23, 24), ("menghe", "hightech_output_ratio"): (0.135, 0.136),
    }  # fmt: skip


def test_a_clerk_adds_a_unit_and_an_indicator_and_renames_others(
    libreoffice: LibreOffice, tmp_path: Path
) -> None:
    path, other = written(tmp_path / "甲.xlsx"), tmp_path / "乙.xlsx"
    new_unit: Values = {
        ("单位", "B17"): "新材料园区（西太湖镇）", ("单位", "C17"): "西太湖镇",
        ("目标", "R5"): "新材料园区（西太湖镇）", ("目标", "R6"): 0.3,
        ("联系人", "B17"): "西太湖镇", ("联系人", "D17"): "xth@example.com",
        **{("目标", f"R{row}"): 1 for row in range(7, 22)},
    }  # fmt: skip
    new_indicator: Values = {
        ("指标", "B21"): 11, ("指标", "D21"): "数字经济企业", ("指标", "E21"): "家",
        ("指标", "F21"): "计数", ("指标", "G21"): "期末实有", ("指标", "I21"): 1,
        ("目标", "F21"): "数字经济企业",
        **{("目标", f"{column}21"): 9 for column in "GHIJKLMNOPQ"},
    }  # fmt: skip
    renamed: Values = {("单位", "B11"): "西夏墅新镇", ("指标", "D9"): "民营科技企业数"}
    libreoffice.fill(path, other, {**new_unit, **new_indicator, **renamed})
    tables_found = read_plan_book(other)
    plan, faults = judged(tables_found)
    assert [unit.code for unit in plan.units][-2:] == ["chuangyi", "unit12"]
    assert plan.units[5] == Unit("xixiashu", "西夏墅新镇", "西夏墅镇")
    assert plan.indicator_by_code["private_tech_firms"].name == "民营科技企业数"
    assert plan.indicators[-1].code == "indicator16"
    assert plan.target("unit12", "hightech_output_ratio") == 0.3
    assert plan.target("unit12", "indicator16") == 1
    assert plan.target("menghe", "indicator16") == 9
    assert plan.contacts["unit12"].mail == "xth@example.com"
    assert {one.place for one in faults if one.severity is NOTE and "代码" in one.message} == {
        "“单位”表 E17", "“指标”表 V21",
    }  # fmt: skip
    again = as_book(tables_found)
    assert judged(again)[0] == plan
    assert not [one for one in judged(again)[1] if "代码" in one.message]
    assert formula_results(other)["单位"]["D17"] == "✓"
    assert formula_results(other)["指标"]["S21"] == "✓"


def test_a_clerk_removes_a_unit_and_an_indicator(libreoffice: LibreOffice, tmp_path: Path) -> None:
    path, other = written(tmp_path / "甲.xlsx"), tmp_path / "乙.xlsx"
    gone: Values = {
        ("单位", "B7"): None, ("单位", "C7"): None, ("单位", "E7"): None,
        **{("目标", f"H{row}"): None for row in range(6, 21)},
        ("联系人", "B7"): None, ("联系人", "D7"): None,
        **{("指标", f"{column}20"): None for column in "BCDEFGIQRV"},
        **{("目标", f"{column}20"): None for column in "GHIJKLMNOPQ"},
    }  # fmt: skip
    libreoffice.fill(path, other, gone)
    plan, _ = judged(read_plan_book(other))
    assert [unit.code for unit in plan.units] == [
        unit.code for unit in SHIPPED.units if unit.code != "menghe"
    ]
    assert plan.indicators == SHIPPED.indicators[:-1]


@pytest.mark.parametrize(("units", "indicators"), [(1, 1), (500, 1), (2, 100)])
def test_a_plan_of_any_size_is_the_same_as_a_workbook(units: int, indicators: int) -> None:
    plan = many(units, indicators)
    assert judged(as_book(plan))[0] == judged(plan)[0]


ODDITIES = (
    "", "<v>5</v>", "<f>A1</f>", '" t="e"><v>#REF!</v>', '" t="b"><v>1</v>',
    *(f'" t="inlineStr"><is><t>{said}</t></is>' for said in
      ("甲", "--", "47%", "key", "unit:menghe", "menghe", "专利申请", "河海街道", "比率", "２")),
)  # fmt: skip


@settings(max_examples=60)
@given(data=st.data())
def test_whatever_is_typed_anywhere_no_target_moves_to_another_unit(data: st.DataObject) -> None:
    changed = set()
    content = SHIPPED_BOOK
    for _ in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.sampled_from([2, 3, 4, 4, 4]))
        at = f"{data.draw(st.sampled_from('ABCDEFGHIJQRX'))}{data.draw(st.integers(2, 22))}"
        inner = data.draw(st.sampled_from(ODDITIES))
        opened = f'<c r="{at}{inner}</c>' if inner.startswith('"') else f'<c r="{at}">{inner}</c>'
        name = f"xl/worksheets/sheet{number}.xml"
        if f'<c r="{at}"' not in parts(content)[name].decode():
            continue
        content = with_part(content, name, cell(at, opened))
        changed |= {at} if number == 4 else set()
    try:
        plan, _ = examine(tables_of_book(content, "甲.xlsx"))
    except OperatorError:
        return
    for unit, letter in zip(SHIPPED.units, "GHIJKLMNOPQ", strict=True):
        for row, one in enumerate(SHIPPED.indicators, start=6):
            if plan and plan.targets.get((unit.code, one.code)) != SHIPPED.target(
                unit.code, one.code
            ):
                assert f"{letter}{row}" in changed
