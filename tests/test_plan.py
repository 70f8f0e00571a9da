"""The plan: the shipped one is the official text, and every fault of another is named."""

import csv
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from consolidator.errors import OperatorError
from consolidator.plan.check import examine, load_plan
from consolidator.plan.examining import read_number
from consolidator.plan.faults import Fault
from consolidator.plan.model import Contact, Kind, Plan, Unit
from consolidator.plan.show import plan_json, plan_rows
from consolidator.plan.tables import COLUMNS, find_source, read_tables
from consolidator.severity import Severity
from returns import SHIPPED, plan_folder, small_plan

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.INFO
# Annex 2's rows added up by hand; the ratio's is annex 1's own.
DISTRICT = (
    0.59, 397, 18, 368, 395, 7575, 3225, 597, 18, 40, 11, 96, 213, 163, 123,
)  # fmt: skip


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def alike(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


# The shipped plan is the official text


def test_the_shipped_targets_are_those_of_annex_2_cell_by_cell(shared: Path) -> None:
    head, *lines = table(shared / "annexes" / "annex2_targets.csv")
    official = {
        (unit, line): text
        for line, cells in enumerate(lines)
        for unit, text in enumerate(cells[3:])
    }
    ours = {
        (unit, line): SHIPPED.target(one.code, indicator.code)
        for unit, one in enumerate(SHIPPED.units)
        for line, indicator in enumerate(SHIPPED.indicators)
    }
    assert ours == {
        place: None if text == "--" else read_number(text) for place, text in official.items()
    }
    assert len(head) == 3 + 11
    assert sum(target is not None for target in ours.values()) == 164
    assert [place for place, target in ours.items() if target is None] == [(10, 0)]


def test_the_shipped_units_are_named_as_in_annex_2(shared: Path) -> None:
    head = table(shared / "annexes" / "annex2_targets.csv")[0]
    assert [alike(unit.name) for unit in SHIPPED.units] == [alike(name) for name in head[3:]]


def test_the_shipped_indicators_are_named_numbered_and_grouped_as_in_annex_2(shared: Path) -> None:
    lines = table(shared / "annexes" / "annex2_targets.csv")[1:]
    assert [one.name for one in SHIPPED.indicators] == [
        line[2].removesuffix("（%）") for line in lines
    ]
    number, printed = "", []
    for line in lines:
        number = line[0] or number
        printed.append(int(number))
    assert [one.number for one in SHIPPED.indicators] == printed
    groups = {one.number: one.group for one in SHIPPED.indicators}
    assert groups == {int(line[0]): line[1] for line in lines if line[0]}


def test_the_shipped_district_targets_are_those_of_annex_1(shared: Path) -> None:
    lines = table(shared / "annexes" / "annex1_district_targets.csv")[1:]
    number, official = "", []
    for line in lines:
        number = line[0] or number
        official.append((number, line[1], line[2], float(line[3])))
    ours = [
        (one.number, one.name, one.measure, 100 * one.target if one.measure == "%" else one.target)
        for one in SHIPPED.district_targets
    ]
    assert ours == official


def test_the_shipped_review_items_are_those_of_annex_3(shared: Path) -> None:
    lines = table(shared / "annexes" / "annex3_review_items.csv")[1:]
    ours = [(str(one.number), one.name, one.full_marks) for one in SHIPPED.review_items]
    assert ours == [(line[0], line[1], float(line[2])) for line in lines]


def test_numbers_weigh_alike_until_the_plan_gives_weights() -> None:
    assert SHIPPED.number_weights == dict.fromkeys(range(1, 11), 10.0)
    given = {1: 40.0, 2: 35.0, 3: 25.0}
    plan = small_plan()
    weighed = [replace(one, weight=given[one.number]) for one in plan.indicators]
    assert replace(plan, indicators=tuple(weighed)).number_weights == given


def test_the_district_targets_are_sums_and_the_ratios_is_annex_1s_own() -> None:
    assert [SHIPPED.district_target(one) for one in SHIPPED.indicators] == list(DISTRICT)


def test_the_codes_are_those_of_the_design() -> None:
    assert " ".join(unit.code for unit in SHIPPED.units) == (
        "chunjiang menghe xinqiao xuejia luoxi xixiashu benniu hehai sanjing longhutang chuangyi"
    )
    assert " ".join(one.code for one in SHIPPED.indicators) == (
        "hightech_output_ratio hightech_firms rd_institutions private_tech_firms hightech_products "
        "patent_applications invention_applications invention_grants innovation_talents iur_events "
        "iur_events_518 iur_agreements outreach_events outreach_reports tech_reports"
    )


def test_the_parts_are_those_of_the_design() -> None:
    parents = {one.code: one.parent for one in SHIPPED.indicators if one.parent}
    assert parents == {
        "invention_applications": "patent_applications",
        "iur_events_518": "iur_events",
    }


def test_only_the_output_ratio_is_a_ratio_and_asks_for_both_amounts_in_ten_thousand_yuan() -> None:
    (ratio,) = (one for one in SHIPPED.indicators if one.kind is Kind.RATIO)
    assert [(part.code, part.measure) for part in ratio.amounts] == [
        ("hightech_output", "万元"),
        ("industrial_output", "万元"),
    ]


def test_the_shipped_plan_has_no_fault_but_its_one_dash_and_the_telephone_to_be_filled_in() -> None:
    _, faults = examine(read_tables(find_source("2017")))
    assert [(fault.severity, fault.place) for fault in faults] == [
        (WARNING, "plan.toml [contact]"),
        (NOTE, "targets.csv 第 2 行 chuangyi 列"),
    ]
    assert "phone" in faults[0].message


# Every fault is named with its place

FAULTS: dict[str, tuple[str, str, str, Severity, str, str]] = {
    # units
    "unit code missing": (
        "units.csv", "menghe,现", ",现", ERROR, "units.csv 第 3 行 code 列", "代码空缺",
    ),
    "unit code not plain": (
        "units.csv", "menghe,现", "meng he,现", ERROR,
        "units.csv 第 3 行 code 列", "只能用英文字母",
    ),
    "unit code repeated": (
        "units.csv", "menghe,现", "chunjiang,现", ERROR, "units.csv 第 3 行 code 列", "重复",
    ),
    "unit name missing": (
        "units.csv", "奔牛镇,奔牛镇", ",奔牛镇", ERROR, "units.csv 第 8 行 name 列", "名称空缺",
    ),
    "unit name repeated": (
        "units.csv", "奔牛镇,奔牛镇", "河海街道,奔牛镇", ERROR, "units.csv 第 8 行 name 列", "重复",
    ),
    "short name missing": (
        "units.csv", "奔牛镇,奔牛镇", "奔牛镇,", ERROR, "units.csv 第 8 行 short 列", "名称空缺",
    ),
    "short name repeated": (
        "units.csv", "奔牛镇,奔牛镇", "奔牛镇,河海街道", ERROR,
        "units.csv 第 8 行 short 列", "重复",
    ),
    "short name with a character Windows refuses": (
        "units.csv", "奔牛镇,奔牛镇", "奔牛镇,奔/牛", ERROR, "units.csv 第 8 行 short 列", "文件名",
    ),
    # indicators
    "indicator code repeated": (
        "indicators.csv", "hightech_firms,2", "rd_institutions,2", ERROR,
        "indicators.csv 第 3 行 code 列", "重复",
    ),
    "amount code repeated": (
        "indicators.csv", "industrial_output:", "tech_reports:", ERROR,
        "indicators.csv 第 2 行", "代码“tech_reports”重复",
    ),
    "number not a number": (
        "indicators.csv", "hightech_firms,2", "hightech_firms,二", ERROR,
        "indicators.csv 第 3 行 number 列", "不是数字",
    ),
    "name missing": (
        "indicators.csv", "民科指标数", "", ERROR, "indicators.csv 第 5 行 name 列", "不能空缺",
    ),
    "measure missing": (
        "indicators.csv", "民科指标数,家", "民科指标数,", ERROR,
        "indicators.csv 第 5 行 measure 列", "不能空缺",
    ),
    "kind unknown": (
        "indicators.csv", "民科指标数,家,count", "民科指标数,家,number", ERROR,
        "indicators.csv 第 5 行 kind 列", "可用：count、ratio",
    ),
    "accrual unknown": (
        "indicators.csv", "count,stock", "count,state", ERROR,
        "indicators.csv 第 3 行 accrual 列", "可用：cumulative、stock",
    ),
    "parent unknown": (
        "indicators.csv", "cumulative,iur_events,2", "cumulative,events,2", ERROR,
        "indicators.csv 第 12 行 parent 列", "“events”不存在",
    ),
    "parent of itself": (
        "indicators.csv", "cumulative,iur_events,2", "cumulative,iur_events_518,2", ERROR,
        "indicators.csv 第 12 行 parent 列", "绕成了圈",
    ),
    "parent is a ratio": (
        "indicators.csv", "cumulative,iur_events,2", "cumulative,hightech_output_ratio,2", ERROR,
        "indicators.csv 第 12 行 parent 列", "比率不能有上下级",
    ),
    "first quarter beyond the year": (
        "indicators.csv", "iur_events,2,5.18", "iur_events,5,5.18", ERROR,
        "indicators.csv 第 12 行 first_quarter 列", "1 到 4",
    ),
    "ratio without a denominator": (
        "indicators.csv", "industrial_output:规上工业总产值:万元", "", ERROR,
        "indicators.csv 第 2 行 denominator 列", "代码:名称:计量单位",
    ),
    "count with a numerator": (
        "indicators.csv", "count,stock,,1,,,", "count,stock,,1,,a:b:c,", ERROR,
        "indicators.csv 第 3 行 numerator 列", "只有比率",
    ),
    "district ratio above 1": (
        "indicators.csv", "59.0%", "590%", ERROR,
        "indicators.csv 第 2 行 district_target 列", "0 到 1",
    ),
    # targets
    "indicator of a target unknown": (
        "targets.csv", "hightech_firms,", "firms,", ERROR,
        "targets.csv 第 3 行 indicator 列", "“firms”不认识",
    ),
    "row of targets missing": (
        "targets.csv", "innovation_talents,认定市级及以上创新人才,3,1,1,2,1,1,1,1,3,2,2\n", "",
        ERROR,
        "targets.csv", "缺少指标“认定市级及以上创新人才”（innovation_talents）的一行",
    ),
    "row of targets repeated": (
        "targets.csv", "rd_institutions,新增市级以上研发机构", "hightech_firms,有效期内的高企总数",
        ERROR, "targets.csv 第 4 行 indicator 列", "重复",
    ),
    "column of an unknown unit": (
        "targets.csv", ",menghe", ",meng", ERROR, "targets.csv 表头", "“meng”不认识",
    ),
    "column of a unit missing": (
        "targets.csv", ",menghe", ",meng", ERROR,
        "targets.csv 表头", "缺少单位“现代农业产业园区（孟河镇）”（menghe）的一列",
    ),
    "name differs": (
        "targets.csv", "民科指标数", "民科企业数", ERROR, "targets.csv 第 5 行 name 列", "不符",
    ),
    "target missing": (
        "targets.csv", "86,23,14,50", "86,,14,50", ERROR,
        "targets.csv 第 3 行 menghe 列", "目标空缺",
    ),
    "target not a number": (
        "targets.csv", "86,23,14,50", "86,23家,14,50", ERROR,
        "targets.csv 第 3 行 menghe 列", "“23家”不是数字",
    ),
    "target is NaN": (
        "targets.csv", "86,23,14,50", "86,nan,14,50", ERROR,
        "targets.csv 第 3 行 menghe 列", "“nan”不是数字",
    ),
    "target infinite": (
        "targets.csv", "86,23,14,50", "86,inf,14,50", ERROR,
        "targets.csv 第 3 行 menghe 列", "“inf”不是数字",
    ),
    "target negative": (
        "targets.csv", "86,23,14,50", "86,-23,14,50", ERROR,
        "targets.csv 第 3 行 menghe 列", "不能为负数",
    ),
    "target not whole": (
        "targets.csv", "86,23,14,50", "86,23.5,14,50", ERROR,
        "targets.csv 第 3 行 menghe 列", "应为整数",
    ),
    "ratio above 1": (
        "targets.csv", "47.0%,13.5%", "47.0%,135%", ERROR,
        "targets.csv 第 2 行 menghe 列", "0 到 1",
    ),
    "ratio written without its percent sign": (
        "targets.csv", "47.0%,13.5%", "47.0%,13.5", ERROR,
        "targets.csv 第 2 行 menghe 列", "0 到 1",
    ),
    "part above whole": (
        "targets.csv", "350,100,200", "350,601,200", ERROR,
        "targets.csv 第 8 行 menghe 列", "目标 601 大于“专利申请”的 600",
    ),
    "target of 0": (
        "targets.csv", "86,23,14,50", "86,0,14,50", WARNING,
        "targets.csv 第 3 行 menghe 列", "目标为 0",
    ),
    "target not applicable": (
        "targets.csv", "86,23,14,50", "86,--,14,50", NOTE,
        "targets.csv 第 3 行 menghe 列", "不考核",
    ),
    # annexes 1 and 3
    "district target not a number": (
        "district_targets.csv", "44.33", "四十四", ERROR,
        "district_targets.csv 第 4 行 target 列", "不是数字",
    ),
    "review item's marks negative": (
        "review_items.csv", "特色工作,10", "特色工作,-10", ERROR,
        "review_items.csv 第 4 行 full_marks 列", "不小于 0",
    ),
    # settings
    "annex 1 ratio without its amounts": (
        "district_targets.csv", "rd_expenditure:全社会研发经费支出:亿元", "", ERROR,
        "district_targets.csv 第 2 行 numerator 列", "代码:名称:计量单位",
    ),
    "annex 1 count with amounts": (
        "district_targets.csv", "count,152,,1,,,", "count,152,,1,,a:甲:个,", ERROR,
        "district_targets.csv 第 5 行 numerator 列", "请删去",
    ),
    "annex 1 from an unknown indicator": (
        "district_targets.csv", "hightech_output_ratio", "hightech_ratio", ERROR,
        "district_targets.csv 第 3 行 source 列", "不认识",
    ),
    "annex 1 from an indicator of another kind": (
        "district_targets.csv", "hightech_output_ratio", "hightech_firms", ERROR,
        "district_targets.csv 第 3 行 source 列", "不是同一类",
    ),
    "annex 1 and annex 2 disagree": (
        "district_targets.csv", "59.0%", "58.0%", ERROR,
        "district_targets.csv 第 3 行 target 列", "全区目标不同",
    ),
    "annex 1 share above all": (
        "district_targets.csv", "2.86%", "286%", ERROR,
        "district_targets.csv 第 2 行 target 列", "超出范围",
    ),
    "annex 1 part of nothing": (
        "district_targets.csv", "count,8,new_rd_institutions", "count,8,nothing", ERROR,
        "district_targets.csv 第 7 行 parent 列", "另一项计数指标",
    ),
    "annex 1 amount twice": (
        "district_targets.csv", "population:常住人口", "gdp:常住人口", ERROR,
        "district_targets.csv 第 2 行", "“gdp”重复",
    ),
    "review item twice": (
        "review_items.csv", "2,科技", "1,科技", ERROR,
        "review_items.csv 第 2 行 number 列", "序号“1”重复",
    ),
    "unit with the districts code": (
        "units.csv", "menghe,", "District,", ERROR, "units.csv 第 3 行 code 列", "留给全区使用",
    ),
    "quotient in annex 2": (
        "indicators.csv", "家,count,stock", "家,quotient,stock", ERROR,
        "indicators.csv 第 3 行 kind 列", "只能是 count 或 ratio",
    ),
    "name with a control character": (
        "units.csv", "奔牛镇,奔牛镇", "奔牛镇,奔牛\x07镇", ERROR, "units.csv 第 8 行 short 列",
        "看不见的控制字符",
    ),
    "contact of no unit": (
        "contacts.csv", "menghe,", "menghu,", ERROR, "contacts.csv 第 3 行 unit 列",
        "没有单位“menghu”",
    ),
    "unit with two contacts": (
        "contacts.csv", "menghe,", "chunjiang,", ERROR, "contacts.csv 第 2 行 unit 列",
        "几行联系人",
    ),
    "title of another year": (
        "plan.toml", "year = 2017", "year = 2018", WARNING, "plan.toml", "2017 年，与 2018 年不同",
    ),
    "address that is none": (
        "contacts.csv", "menghe@example.com", "menghe＠example.com", ERROR,
        "contacts.csv 第 3 行 mail 列", "不是邮箱地址",
    ),
    "address with a second line": (
        "contacts.csv", "menghe@example.com", '"menghe@example.com\nBcc: x@example.com"', ERROR,
        "contacts.csv 第 4 行 mail 列", "不是邮箱地址",
    ),
    "copy that is no address": (
        "contacts.csv", "menghe@example.com,", "menghe@example.com,a@example.com; b", ERROR,
        "contacts.csv 第 3 行 copy 列", "“b”不是邮箱地址",
    ),
    "unit without an address": (
        "contacts.csv", "menghe@example.com", "", WARNING, "contacts.csv",
        "“现代农业产业园区（孟河镇）”没有邮箱",
    ),
    "weight for one number only": (
        "indicators.csv", "hightech_firms,2,,有效期内的高企总数,家,count,stock,,1,,,,,,",
        "hightech_firms,2,,有效期内的高企总数,家,count,stock,,1,,,,,20,", ERROR,
        "indicators.csv 第 2 行 weight 列", "其他序号写了权重",
    ),
    "unknown mean": (
        "plan.toml", 'mean = "plain"', 'mean = "median"', ERROR, "plan.toml [review]",
        "plain、trimmed",
    ),
    "cap of nothing": (
        "plan.toml", "achievement_cap = 1.0", "achievement_cap = 0", ERROR,
        "plan.toml [weights]", "achievement_cap 应大于 0",
    ),
    "setting missing": ("plan.toml", "deadline_days = 10", "", ERROR, "plan.toml", "缺少 deadline"),
    "setting unknown": (
        "plan.toml", 'title = "', 'titel = "x"\ntitle = "', ERROR,
        "plan.toml", "不认识的设置 titel",
    ),
    "year not a whole number": (
        "plan.toml", "year = 2017", 'year = "2017"', ERROR, "plan.toml", "year 应为",
    ),
    "section missing": (
        "plan.toml", "[contact]", "[weights.contact]", ERROR,
        "plan.toml [contact]", "缺少这一节",
    ),
    "contact's setting missing": (
        "plan.toml", 'person = "综合处"', "", ERROR, "plan.toml [contact]", "缺少 person",
    ),
    "contact's setting no text": (
        "plan.toml", 'person = "综合处"', "person = 5", ERROR, "plan.toml [contact]", "person",
    ),
    "weight no number": (
        "plan.toml", "quantity = 70", 'quantity = "七十"', ERROR,
        "plan.toml [weights]", "quantity",
    ),
    "weight negative": (
        "plan.toml", "quantity = 70", "quantity = -70", ERROR, "plan.toml [weights]", "quantity",
    ),
    "weight unknown": (
        "plan.toml", "quantity = 70", "quantity = 70\nquality = 1", ERROR,
        "plan.toml [weights]", "不认识的设置 quality",
    ),
    "weight not a number at all": (
        "plan.toml", "quantity = 70", "quantity = nan", ERROR, "plan.toml [weights]", "quantity",
    ),
    "title no text": ("plan.toml", 'title = "2017', "title = 5 # ", ERROR, "plan.toml", "title"),
    "days negative": (
        "plan.toml", "deadline_days = 10", "deadline_days = -1", ERROR,
        "plan.toml", "deadline_days",
    ),
    "year no year": ("plan.toml", "year = 2017", "year = 99999", ERROR, "plan.toml", "year"),
}  # fmt: skip


def faults_of(folder: Path) -> tuple[Plan | None, list[Fault]]:
    return examine(read_tables(folder))


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_named_with_its_place(fault: str, tmp_path: Path) -> None:
    file, old, new, severity, place, words = FAULTS[fault]
    plan, faults = faults_of(plan_folder(tmp_path / "plan", file, old, new))
    assert [
        one for one in faults
        if (one.severity, one.place) == (severity, place) and words in one.message
    ], "\n".join(map(str, faults))  # fmt: skip
    assert (plan is None) is (severity is ERROR)
    assert all(one.message.endswith("。") for one in faults)


@pytest.mark.parametrize(
    "name",
    ["CON", "com1", "奔牛.", " 奔牛", "奔:牛", "奔\\牛", "奔牛?", "COM¹"],
)
def test_a_short_name_must_serve_in_file_names_everywhere(name: str, tmp_path: Path) -> None:
    tables = read_tables(plan_folder(tmp_path / "plan"))
    rows = dict(tables.rows)
    rows["units"] = tuple(
        replace(row, values={**row.values, "short": name}) if row["code"] == "benniu" else row
        for row in rows["units"]
    )
    _, faults = examine(replace(tables, rows=rows))
    assert (ERROR, "units.csv 第 8 行 short 列") in [(one.severity, one.place) for one in faults]


def test_several_faults_are_all_named_at_once(tmp_path: Path) -> None:
    folder = plan_folder(tmp_path / "plan", "targets.csv", "86,23,14,50", "x,-1,,50")
    _, faults = faults_of(folder)
    assert [one.place for one in faults if one.severity is ERROR] == [
        f"targets.csv 第 3 行 {unit} 列" for unit in ("chunjiang", "menghe", "xinqiao")
    ]


@pytest.mark.parametrize("dash", ["--", "—", "——", "-"])
def test_a_dash_of_any_length_is_not_applicable_and_neither_zero_nor_missing(
    dash: str, tmp_path: Path
) -> None:
    folder = plan_folder(tmp_path / "plan", "targets.csv", "86,23,14,50", f"86,{dash},14,50")
    plan, _ = faults_of(folder)
    assert plan is not None
    assert plan.target("menghe", "hightech_firms") is None
    assert plan.district_target(plan.indicator_by_code["hightech_firms"]) == 397 - 23


def test_circles_of_three_parents_are_found(tmp_path: Path) -> None:
    folder = plan_folder(tmp_path / "plan")
    path = folder / "indicators.csv"
    text = path.read_text("utf-8")
    for code, parent in (
        ("outreach_events", "outreach_reports"),
        ("outreach_reports", "tech_reports"),
        ("tech_reports", "outreach_events"),
    ):
        head, rest = text.split(f"\n{code},", 1)
        text = f"{head}\n{code},{rest.replace('cumulative,,', f'cumulative,{parent},', 1)}"
    path.write_text(text, "utf-8")
    _, faults = faults_of(folder)
    assert any("绕成了圈" in one.message for one in faults if one.severity is ERROR)


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("units.csv", "code,name,short", "code,name,brief", "units.csv 缺少列：short"),
        ("targets.csv", "indicator,name", "code,name", "targets.csv 缺少列：indicator"),
        ("targets.csv", ",menghe", ",chunjiang", "targets.csv 有重复的列：chunjiang"),
        ("targets.csv", "86,23,14,50", "86,23,14,50,", "targets.csv 第 3 行有 14 格，表头有 13 格"),
        ("plan.toml", "year = 2017", "year 2017", "plan.toml 写法有误"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_by_name(
    file: str, old: str, new: str, words: str, tmp_path: Path
) -> None:
    folder = plan_folder(tmp_path / "plan", file, old, new)
    with pytest.raises(OperatorError, match=words):
        load_plan(str(folder))


@pytest.mark.parametrize(
    "file",
    [f"{table}.csv" for table in COLUMNS],
)
def test_a_missing_file_and_one_that_is_not_utf8_are_named(file: str, tmp_path: Path) -> None:
    gbk = plan_folder(tmp_path / "gbk")
    text = (gbk / file).read_text("utf-8") + "中"
    (gbk / file).write_bytes(text.encode("gb18030"))
    with pytest.raises(OperatorError, match=f"{file}.*UTF-8"):
        load_plan(str(gbk))
    less = plan_folder(tmp_path / "less")
    (less / file).unlink()
    with pytest.raises(OperatorError, match=f"缺少文件 {file}"):
        load_plan(str(less))


def test_the_byte_order_mark_that_excel_writes_does_no_harm(tmp_path: Path) -> None:
    folder = plan_folder(tmp_path / "plan")
    for path in folder.glob("*"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_plan(str(folder)) == SHIPPED


@pytest.mark.parametrize("spec", ["2016", "", ".", "..", "没有", "/"])
def test_a_plan_that_is_not_there_is_refused(
    spec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OperatorError, match="找不到目标任务"):
        load_plan(spec)


def test_a_plan_with_errors_is_not_loaded_and_its_first_errors_are_named(tmp_path: Path) -> None:
    folder = plan_folder(tmp_path / "plan", "targets.csv", "86,23,14,50", "x,-1,,50")
    with pytest.raises(OperatorError, match=r"有 3 处错误：targets\.csv 第 3 行 chunjiang 列"):
        load_plan(str(folder))


def test_a_plan_folder_without_faults_is_the_shipped_plan(tmp_path: Path) -> None:
    assert load_plan(str(plan_folder(tmp_path / "plan"))) == SHIPPED


@pytest.mark.parametrize(
    ("text", "number"),
    [("47.0%", 0.47), ("86", 86), ("1,600", 1600), (" 5 ", 5), ("2.86", 2.86), ("-3", -3)],
)
def test_numbers_are_read_exactly_as_printed(text: str, number: float) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize("text", ["", "--", "nan", "inf", "8家", "1 2", "1_000", "1,6,0,0"])
def test_what_is_no_plain_number_is_none(text: str) -> None:
    assert read_number(text) is None


# The fingerprint


def changed(plan: Plan) -> list[str]:
    """Say whose fingerprint differs from that of the small plan."""
    before = small_plan()
    return [
        unit.code for unit in plan.units
        if plan.fingerprint(unit.code) != before.fingerprint(unit.code)
    ]  # fmt: skip


def test_the_fingerprint_is_the_same_each_time_and_another_for_each_unit() -> None:
    assert changed(small_plan()) == []
    assert len({small_plan().fingerprint(unit.code) for unit in small_plan().units}) == 3


@pytest.mark.parametrize("target", [11, None, 0])
def test_the_fingerprint_changes_for_the_one_unit_whose_target_changes(
    target: float | None,
) -> None:
    assert changed(small_plan({("alpha", "firms"): target})) == ["alpha"]


def test_the_fingerprint_changes_for_the_one_unit_whose_name_changes() -> None:
    plan = small_plan()
    units = (Unit("alpha", "甲街道", "甲镇"), *plan.units[1:])
    assert changed(replace(plan, units=units)) == ["alpha"]


def test_the_fingerprint_changes_for_all_when_an_indicator_changes() -> None:
    plan = small_plan()
    everyone = ["alpha", "beta", "gamma"]
    ratio, firms, *rest = plan.indicators
    under = replace(ratio.amounts[1], measure="亿元")
    for mended in (
        (ratio, replace(firms, measure="个"), *rest),
        (ratio, replace(firms, name="高企总数"), *rest),
        (ratio, replace(firms, first_quarter=2), *rest),
        (ratio, replace(firms, filed_kinds=("协议",)), *rest),
        (replace(ratio, denominator=under), firms, *rest),
        (ratio, firms, *reversed(rest)),
    ):
        assert changed(replace(plan, indicators=mended)) == everyone


def test_the_fingerprint_does_not_change_with_words_that_ask_for_nothing() -> None:
    plan = small_plan()
    reworded = tuple(replace(one, meaning="新说法", rule="新规则") for one in plan.indicators)
    mended = replace(
        plan,
        title="新标题",
        note="新注",
        deadline_days=20,
        contact=Contact("科技局", "新处", "0519-2", "b@example.com"),
        indicators=reworded,
    )
    assert changed(mended) == []


# Showing it


def test_the_table_shows_every_target_and_the_district() -> None:
    columns, rows = plan_rows(SHIPPED)
    assert len(columns) == 2 + 11 + 1
    assert rows[0][:3] == ["1", "高新技术产业产值占规上工业产值比重（%）", "47.0%"]
    assert rows[0][-2:] == ["—", "59.0%"]
    assert rows[5][-2:] == ["185", "7,575"]


def test_the_json_has_fractions_and_null() -> None:
    first = plan_json(SHIPPED)["indicators"][0]
    assert first["targets"]["chunjiang"] == 0.47
    assert first["targets"]["chuangyi"] is None
    assert first["district"] == 0.59
