"""Formula and number agree: what Python cached is what the spreadsheet programs compute.

Every formula of the template and of the district workbook is computed anew by LibreOffice and by
Gnumeric and compared cell by cell with its cached value.
"""

import datetime
import math
import os
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from consolidator.excel.writer import to_bytes
from consolidator.forms.layout import address
from consolidator.forms.quarterly.addresses import MAIN, Places
from consolidator.forms.quarterly.assignment import LIST_KEYS, Assignment, Key
from consolidator.forms.quarterly.book import quarterly_book
from consolidator.intake.brief import Brief
from consolidator.plan.check import load_plan
from consolidator.plan.model import Plan
from consolidator.plan.period import Period
from consolidator.plan.tables import COLUMNS as PLAN_COLUMNS
from consolidator.report.consolidate import Consolidated, consolidate
from consolidator.report.context import (
    DATA,
    HEAT,
    LAGGING,
    OVERVIEW,
    PROBLEMS,
    STATUS,
    SUMMARY,
    UNIT,
    UNITS,
)
from consolidator.report.data_sheet import COLUMNS, key_of
from office.libreoffice import LibreOffice
from office.program import Program, Result, Results
from office.reading import both, formula_results
from test_round_trip import NOW, PLAN, Q4, Answers, answers_of, assignment_of

Q1, Q2, YEAR = (Period.parse(code) for code in ("2017-Q1", "2017-Q2", "2017"))
LATER = NOW + datetime.timedelta(hours=1)
ALLOWED = {
    *("SUM", "IF", "IFERROR", "COUNT", "COUNTIF", "COUNTIFS", "SUMIFS", "SUMPRODUCT", "INDEX"),
    *("MATCH", "VLOOKUP", "RANK", "ROUND", "HYPERLINK", "INDIRECT", "OFFSET", "ISNUMBER"),
    *("ISBLANK", "LEN", "TRIM", "AND", "OR", "NOT", "N", "INT", "LEFT", "DATE", "SUBSTITUTE"),
    "TEXT",
}
"""The functions that all programs compute alike (FACTS.md, formulas)."""


def differences(cached: Results, computed: Results) -> list[str]:
    """Name each formula cell whose cached value a program does not compute."""
    assert cached.keys() <= computed.keys()
    return [
        f"{sheet}!{cell}: cached {value!r}, computed {computed[sheet].get(cell)!r}"
        for sheet, cells in cached.items()
        for cell, value in cells.items()
        if not _same(value, computed[sheet].get(cell))
    ]


def _same(cached: Result, computed: Result) -> bool:
    if isinstance(cached, float) and isinstance(computed, float):
        return math.isclose(cached, computed, rel_tol=1e-9)
    none = (None, "")
    return (cached in none and computed in none) or (
        type(cached) is type(computed) and cached == computed
    )


def hold(program: Program, workbook: Path, *, least: int) -> None:
    """Hold that a program computes what is cached; the workbook has ``least`` formulas or more."""
    cached = formula_results(workbook)
    assert sum(map(len, cached.values())) >= least
    told = differences(cached, program.recalculate(workbook))
    assert not told, "\n".join([f"{len(told)} cells differ:", *told[:9]])


# Templates


def _empty(assignment: Assignment) -> Assignment:
    return assignment


def _filled(assignment: Assignment) -> Assignment:
    previous = {one.code: 3.0 for one in assignment.plan.indicators if not one.amounts}
    return replace(assignment, answers=answers_of(assignment), previous=previous)


def _changed(assignment: Assignment, changes: Mapping[str, object]) -> Assignment:
    """Give a filled form with some figures changed; None leaves them blank."""
    answers: Answers = answers_of(assignment)
    for row, value in changes.items():
        assert value is None or isinstance(value, (float, str))
        answers[Key(row, "actual")] = value
    return replace(assignment, answers=answers)


def _slips(assignment: Assignment) -> Assignment:
    return _changed(
        assignment,
        {
            "hightech_output": 9e6,
            "hightech_firms": "约 20",
            "rd_institutions": -1.0,
            "private_tech_firms": 2.5,
            "hightech_products": None,
            "patent_applications": 10.0,
            "invention_applications": 11.0,
            "iur_events": 1.0,
            "iur_agreements": "无",
            "iur_events_518": None,
        },
    )


def _nothing_to_divide_by(assignment: Assignment) -> Assignment:
    return _changed(assignment, {"hightech_output": 0.0, "industrial_output": 0.0})


def _one_amount(assignment: Assignment) -> Assignment:
    return _changed(assignment, {"hightech_output": 5.0, "industrial_output": None})


def _on_the_edge(assignment: Assignment) -> Assignment:
    """Put achievements right on, and a hair below, the time progress and 90 % of it."""
    gone = assignment.period.time_progress
    targets = {
        one.indicator.code: assignment.plan.target(assignment.unit.code, one.indicator.code) or 0
        for one in assignment.headline
        if not one.indicator.filed_kinds and not one.indicator.amounts
    }
    shares = (gone, gone * 0.9, gone - 1e-9, gone * 0.9 - 1e-9)
    return _changed(
        assignment,
        {code: target * shares[n % 4] for n, (code, target) in enumerate(targets.items())},
    )


def _no_remarks(assignment: Assignment) -> Assignment:
    answers = {
        key: "  " if key.column == "remark" else value
        for key, value in _changed(assignment, {"patent_applications": 0.0}).answers.items()
    }
    return replace(assignment, answers=answers)


def _half_a_list(assignment: Assignment) -> Assignment:
    """Leave out list cells one by one, write a date as text, repeat a number, leave a gap."""
    answers = dict(_filled(assignment).answers)
    first, second, third, far = (LIST_KEYS[place] for place in (0, 1, 2, -1))
    del answers[Key(first, "partner")]
    answers |= {
        Key(second, "date"): "五月十八日",
        Key(third, "filing"): "00001",
        Key(far, "filing"): "00001",
        Key(far, "kind"): "其他",
    }
    return replace(assignment, answers=answers)


def _long_filing_numbers(assignment: Assignment) -> Assignment:
    """Give filings numbers of 18 digits that differ in the last one only."""
    answers = dict(_filled(assignment).answers)
    numbers = {
        key: f"32041120170000{key.row[-3:]:0>4}" for key in answers if key.column == "filing"
    }
    return replace(assignment, answers={**answers, **numbers})


def _filing_numbers_with_leading_zeros(assignment: Assignment) -> Assignment:
    filings: Answers = {Key(LIST_KEYS[0], "filing"): "1", Key(LIST_KEYS[1], "filing"): "001"}
    return replace(assignment, answers={**_filled(assignment).answers, **filings})


def _filing_numbers_like_patterns(assignment: Assignment) -> Assignment:
    filings: Answers = {
        Key(LIST_KEYS[0], "filing"): "常科*",
        Key(LIST_KEYS[1], "filing"): "常科〔2017〕2号",
        Key(LIST_KEYS[2], "filing"): ">0",
    }
    return replace(assignment, answers={**_filled(assignment).answers, **filings})


def _large_counts(assignment: Assignment) -> Assignment:
    return _changed(assignment, {"iur_events": 12_345_678.0, "iur_agreements": 1.23456789})


TEMPLATES: dict[str, tuple[str, Period, Callable[[Assignment], Assignment]]] = {
    "empty Q1": ("chunjiang", Q1, _empty),
    "empty Q2": ("menghe", Q2, _empty),
    "empty Q4": ("sanjing", Q4, _empty),
    "empty year": ("xuejia", YEAR, _empty),
    "empty without a ratio": ("chuangyi", Q4, _empty),
    "filled Q1": ("luoxi", Q1, _filled),
    "filled Q2": ("hehai", Q2, _filled),
    "filled Q4": ("chunjiang", Q4, _filled),
    "filled year": ("benniu", YEAR, _filled),
    "filled without a ratio": ("chuangyi", Q1, _filled),
    "slips": ("xinqiao", Q4, _slips),
    "nothing to divide by": ("menghe", Q4, _nothing_to_divide_by),
    "one amount": ("menghe", Q4, _one_amount),
    "on the edge Q1": ("sanjing", Q1, _on_the_edge),
    "on the edge Q2": ("hehai", Q2, _on_the_edge),
    "no remarks": ("xuejia", Q4, _no_remarks),
    "half a list": ("xuejia", Q4, _half_a_list),
    "long filing numbers": ("xuejia", Q4, _long_filing_numbers),
    "filing numbers with leading zeros": ("xuejia", Q4, _filing_numbers_with_leading_zeros),
    "filing numbers like patterns": ("xuejia", Q4, _filing_numbers_like_patterns),
    "large counts": ("xuejia", Q4, _large_counts),
}


def template(name: str, folder: Path) -> Path:
    """Write the template of one scenario."""
    unit, period, change = TEMPLATES[name]
    path = folder / f"{name}.xlsx"
    path.write_bytes(to_bytes(quarterly_book(change(assignment_of(unit, period)))))
    return path


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_caches_what_programs_compute(
    program: Program, name: str, tmp_path: Path
) -> None:
    hold(program, template(name, tmp_path), least=60)


def test_a_wrong_cached_value_would_be_seen(program: Program, tmp_path: Path) -> None:
    right, wrong = template("filled Q4", tmp_path), tmp_path / "wrong.xlsx"
    part = "xl/worksheets/sheet2.xml"
    with zipfile.ZipFile(right) as whole, zipfile.ZipFile(wrong, "w") as package:
        for one in whole.namelist():
            xml = whole.read(one)
            if one == part:
                xml, count = re.subn(rb'(<c r="I12"[^>]*><f>.*?<v>)[^<]*', rb"\g<1>9", xml)
                assert count == 1
            package.writestr(one, xml)
    told = differences(formula_results(wrong), program.recalculate(wrong))
    (seen,) = (one for one in told if one.startswith(f"{MAIN}!I12:"))
    assert seen.startswith(f"{MAIN}!I12: cached 9.0, computed ")


def test_a_unit_sees_what_python_computes_from_its_entries(
    program: Program, tmp_path: Path
) -> None:
    """Type a whole form into the empty template: the results are those of the prefilled one."""
    assignment = assignment_of("menghe")
    places, answers = Places(assignment), answers_of(assignment)
    blank, typed, prefilled = (tmp_path / f"{n}.xlsx" for n in ("blank", "typed", "prefilled"))
    blank.write_bytes(to_bytes(quarterly_book(assignment)))
    prefilled.write_bytes(to_bytes(quarterly_book(replace(assignment, answers=answers))))
    values = {
        (places.sheet(key), address(*places.cell(key))): value for key, value in answers.items()
    }
    program.fill(blank, typed, values)
    assert differences(formula_results(prefilled), formula_results(typed)) == []


# The district workbook


def report(
    folder: Path, plan: Plan, period: Period, forms: Mapping[str, Assignment]
) -> Consolidated:
    """Consolidate these forms, each named by its file."""
    returns = folder / "returns"
    returns.mkdir(exist_ok=True)
    saved = (NOW - datetime.timedelta(days=1)).replace(tzinfo=datetime.UTC).timestamp()
    for name, assignment in forms.items():
        (returns / name).write_bytes(to_bytes(quarterly_book(assignment)))
        os.utime(returns / name, (saved, saved))
    return consolidate(Brief(plan, period), [returns], folder / "output", now=NOW)


def _forms(count: int, period: Period = Q4, plan: Plan = PLAN) -> dict[str, Assignment]:
    units = plan.units[:count]
    return {f"{one.code}.xlsx": _filled(Assignment(plan, one, period)) for one in units}


def _report(count: int, period: Period = Q4) -> Callable[[Path], Path]:
    return lambda folder: report(folder, PLAN, period, _forms(count, period)).workbook


def _with_findings(folder: Path) -> Path:
    """Every kind of fault, files that are none of ours, one twice, one later and worse."""
    changes: list[Callable[[Assignment], Assignment]] = [
        *(_slips, _nothing_to_divide_by, _one_amount, _no_remarks, _half_a_list),
        *(_filling_numbers_full_width, _on_the_edge, _empty, _filled),
    ]
    forms = {
        f"{unit.code} =1+1 & 'x'.xlsx": change(Assignment(PLAN, unit, Q4))
        for unit, change in zip(PLAN.units, changes, strict=False)
    }
    (folder / "returns").mkdir()
    (folder / "returns" / "通知.txt").write_text("无", "utf-8")
    (folder / "returns" / "坏.xlsx").write_bytes(b"PK\x03\x04")
    last = forms[f"{PLAN.units[8].code} =1+1 & 'x'.xlsx"]
    forms |= {"重复.xlsx": last, "较早.xlsx": _changed(last, {"rd_institutions": 9.0})}
    return report(folder, PLAN, Q4, forms).workbook


def _filling_numbers_full_width(assignment: Assignment) -> Assignment:
    return _changed(assignment, {"patent_applications": "１２３４", "outreach_events": " 1,000 "})


Adjusted = Mapping[tuple[str, str], tuple[object, object, object]]
COUNT, RATIO = "patent_applications", "hightech_output_ratio"
WHOLE: Adjusted = {
    ("menghe", COUNT): (650, None, "来电更正，=1+1"),
    ("hehai", COUNT): (0, None, "无证书"),
    ("chuangyi", COUNT): (65, None, "未报，按证书"),
    ("chunjiang", RATIO): (1_000_000, 3_000_000, "统计局"),
    ("longhutang", RATIO): (12.5, 99.5, "未报，按统计局"),
    ("xuejia", RATIO): (12.5, None, "统计局"),
    ("luoxi", RATIO): (None, 9_999_999, "统计局"),
}
PARTS: Adjusted = {
    ("longhutang", RATIO): (12.5, None, "只知分子"),
    ("menghe", RATIO): (12.5, 0, "分母为零"),
    ("chunjiang", RATIO): ("x", 7, "理由"),
    ("menghe", COUNT): (650, None, None),
    ("xinqiao", COUNT): (None, None, "理由"),
    ("xuejia", COUNT): ("约 5", None, "理由"),
    ("luoxi", COUNT): (-5, None, "理由"),
    ("hehai", COUNT): (5, None, "   "),
}


def _adjusted(adjusted: Adjusted) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        result = report(folder, PLAN, Q4, _forms(9))
        book = openpyxl.load_workbook(result.workbook)
        sheet = book[DATA]
        rows = {str(sheet.cell(row, 1).value): row for row in range(1, sheet.max_row + 1)}
        for key, values in adjusted.items():
            for name, value in zip(("adjusted", "adjusted_under", "reason"), values, strict=True):
                cell = sheet.cell(rows[key_of(*key)], COLUMNS.index(name) + 1)
                cell.value = value  # type: ignore[assignment]
        book.save(result.workbook)
        returns = folder / "returns"
        return consolidate(Brief(PLAN, Q4), [returns], folder / "output", now=LATER).workbook

    return make


PLAN_TEXT = """name = "其他"
year = 2017
title = "标题"
note = "说明。"
deadline_days = 10
[contact]
office = "科技局"
person = "综合处"
phone = "1"
mail = "a@example.com"
[weights]
quantity = 70
review = 30
achievement_cap = 1.0

[review]
mean = "plain"
"""
INDICATOR_COLUMNS = (
    "code,number,group,name,measure,kind,accrual,parent,first_quarter,filed_kinds,"
    "numerator,denominator,district_target,weight,meaning,rule"
)


def other_plan(folder: Path, units: list[str], rows: list[tuple[str, str, str]]) -> Plan:
    """Load a plan written as a folder: unit names, and (indicator, name, targets) rows.

    An indicator's own text is its line of indicators.csv with NAME where the name stands.
    """
    place = folder / "plan"
    place.mkdir(parents=True)
    codes = [f"u{n}" for n in range(len(units))]
    quoted = ['"' + name.replace('"', '""') + '"' for _, name, _ in rows]
    texts = {
        "plan.toml": [PLAN_TEXT],
        "units.csv": [
            "code,name,short",
            *(f"{c},{name},单位{c}" for c, name in zip(codes, units, strict=True)),
        ],
        "indicators.csv": [
            INDICATOR_COLUMNS,
            *(line.replace("NAME", q) for (line, _, _), q in zip(rows, quoted, strict=True)),
        ],
        "targets.csv": [
            ",".join(["indicator", "name", *codes]),
            *(
                f"{line.split(',')[0]},{q},{targets}"
                for (line, _, targets), q in zip(rows, quoted, strict=True)
            ),
        ],
        "district_targets.csv": [",".join(PLAN_COLUMNS["district_targets"])],
        "review_items.csv": ["number,name,full_marks"],
        "contacts.csv": ["unit,name,mail,copy"],
    }
    for name, lines in texts.items():
        (place / name).write_text("\n".join(lines) + "\n", "utf-8")
    return load_plan(str(place))


RATIO_LINE = "{0},{1},,NAME,%,ratio,cumulative,,1,,{0}_a:分子{0}:万元,{0}_b:分母{0}:万元,{2},,义,规"
COUNT_LINE = "{0},{1},{2},NAME,个,count,cumulative,{3},{4},{5},,,,,义,规"


def _other_plan(folder: Path) -> Path:
    """Two ratios, targets of 0 and none at all, a part, other kinds of filings, two units away."""
    plan = other_plan(
        folder,
        ["甲镇", "乙'镇&乡", "丙 街道", "丁", "戊"],
        [
            (RATIO_LINE.format("r1", 1, "50%"), "占比", "40%,--,0,100%,20%"),
            (RATIO_LINE.format("r2", 2, ""), "另一占比", "0%,0%,0%,0%,0%"),
            (COUNT_LINE.format("c1", 3, "组", "", 1, ""), "总数", "10,20,30,0,--"),
            (COUNT_LINE.format("c2", 3, "组", "c1", 1, ""), "其中：部分", "1,20,--,0,--"),
            (COUNT_LINE.format("c3", 4, "", "", 1, ""), "都不考核", "--,--,--,--,--"),
            (COUNT_LINE.format("c4", 5, "", "", 1, ""), "目标都是零", "0,0,0,0,0"),
            (COUNT_LINE.format("c5", 6, "", "", 1, "会议|培训"), "活动", "1,2,3,4,5"),
        ],
    )
    return report(folder, plan, Q4, _forms(3, plan=plan)).workbook


def _one_unit(folder: Path) -> Path:
    plan = other_plan(folder, ["独镇"], [(COUNT_LINE.format("c1", 1, "", "", 4, ""), "数", "4")])
    return report(folder, plan, Q1, {}).workbook


def _names_with_marks(folder: Path) -> Path:
    """Names that formulas could take for a pattern, a comparison or the end of a text."""
    names = ("R&D投入*", "高企?数", '"双创"活动', ">5亿元企业数", "=新认定", "~入库", "*")
    rows = [
        (COUNT_LINE.format(f"c{n}", n, "", "", 1, ""), name, "4,8,9")
        for n, name in enumerate(names, start=1)
    ]
    rows += [
        (RATIO_LINE.format("r1", 8, "50%"), "占比*", "40%,30%,20%"),
        (RATIO_LINE.format("r2", 9, "50%"), "占比*之二", "40%,30%,20%"),
    ]
    plan = other_plan(folder, ["甲", "乙", "丙"], rows)
    return report(folder, plan, Q2, _forms(2, Q2, plan)).workbook


def _names_alike(folder: Path) -> Path:
    """Two indicators of one name, and two that differ by case only."""
    rows = [
        (COUNT_LINE.format(f"c{n}", n, "", "", 1, ""), name, "400,800,900")
        for n, name in enumerate(("企业数", "企业数", "App数", "APP数"), start=1)
    ]
    plan = other_plan(folder, ["甲", "乙", "丙"], rows)
    return report(folder, plan, Q2, _forms(2, Q2, plan)).workbook


def _longest_names(folder: Path) -> Path:
    rows = [
        (COUNT_LINE.format("c1", 1, "很长的类别名称" * 3, "", 1, ""), "名" * 120, "4,8,9"),
        (RATIO_LINE.format("r1", 2, "50%"), "比" * 120, "40%,30%,20%"),
    ]
    units = [name + "高新技术产业开发区（很长的镇和街道的名称）" * 2 for name in "甲乙丙"]
    plan = other_plan(folder, units, rows)
    return report(folder, plan, Q2, _forms(2, Q2, plan)).workbook


DISTRICTS: dict[str, Callable[[Path], Path]] = {
    "none returned": _report(0, YEAR),
    "one returned": _report(1, Q2),
    "ten returned": _report(10, Q1),
    "eleven returned": _report(11),
    "findings": _with_findings,
    "adjusted": _adjusted(WHOLE),
    "adjusted in part": _adjusted(PARTS),
    "another plan": _other_plan,
    "one unit, nothing due": _one_unit,
    "names with marks": _names_with_marks,
    "names alike": _names_alike,
    "longest names": _longest_names,
}


@pytest.mark.parametrize("name", DISTRICTS)
def test_a_district_workbook_caches_what_programs_compute(
    program: Program, name: str, tmp_path: Path
) -> None:
    hold(program, DISTRICTS[name](tmp_path), least=20)


@dataclass(frozen=True, slots=True)
class Adjusting:
    """An adjusted district workbook: as the program left it, and consolidated once more."""

    seen: Results
    again: Consolidated
    once_more: Consolidated


@pytest.fixture(scope="module", params=["libreoffice", "gnumeric"])
def adjusting(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Adjusting:
    """Adjust figures in a program, as staff do, and consolidate over the saved workbook twice."""
    program: Program = request.getfixturevalue(request.param)
    folder = tmp_path_factory.mktemp("adjusting")
    first = report(folder, PLAN, Q4, _forms(9))
    sheet = openpyxl.load_workbook(first.workbook)[DATA]
    rows = {str(sheet.cell(row, 1).value): row for row in range(1, sheet.max_row + 1)}
    values = {
        (DATA, address(rows[key_of(*key)] - 1, COLUMNS.index(name))): value
        for key, typed in WHOLE.items()
        for name, value in zip(("adjusted", "adjusted_under", "reason"), typed, strict=True)
        if isinstance(value, (int, float, str))
    }
    saved = folder / "saved.xlsx"
    program.fill(first.workbook, saved, values)
    seen = formula_results(saved)
    saved.replace(first.workbook)
    again, once_more = (
        consolidate(Brief(PLAN, Q4), [folder / "returns"], first.workbook.parent, now=now)
        for now in (LATER, LATER + datetime.timedelta(hours=1))
    )
    return Adjusting(seen, again, once_more)


def test_what_staff_see_after_adjusting_is_what_the_next_run_computes(
    adjusting: Adjusting,
) -> None:
    """Two things are left out, as only the next run makes them anew.

    These are the counts of findings, adjustments among them, and the list of what lags.
    """
    workbook = adjusting.once_more.workbook
    found = formula_results(workbook)
    formulas = openpyxl.load_workbook(workbook)[OVERVIEW]
    for cell in list(found[OVERVIEW]):
        if any(f"'{sheet}'!" in str(formulas[cell].value) for sheet in (PROBLEMS, STATUS, LAGGING)):
            del found[OVERVIEW][cell]
    assert len(found[OVERVIEW]) > 150
    seen = {
        sheet: {cell: adjusting.seen[sheet][cell] for cell in found[sheet]}
        for sheet in (DATA, SUMMARY, HEAT, OVERVIEW)
    }
    assert differences(seen, found)[:9] == []
    figures = {(one.unit, one.indicator): one for one in adjusting.once_more.figures.rows}
    assert figures["menghe", COUNT].actual == 650
    assert figures["hehai", COUNT].actual == 0
    assert figures["chunjiang", RATIO].actual == pytest.approx(1 / 3)
    assert figures["luoxi", RATIO].figure == 1_234_567.89
    assert {figures[key].basis for key in WHOLE} == {"调整"}


def test_adjustments_survive_every_run_and_are_listed_as_findings(adjusting: Adjusting) -> None:
    first, last = COLUMNS.index("adjusted"), COLUMNS.index("reason")
    for result in (adjusting.again, adjusting.once_more):
        listed = [
            (one.unit, one.indicator)
            for one in result.settled.findings
            if one.code.startswith("adjust")
        ]
        assert sorted(listed) == sorted(WHOLE)
        assert {one.code for one in result.settled.findings} == {"missing_unit", "adjusted"}
        sheet = openpyxl.load_workbook(result.workbook)[DATA]
        typed = {
            str(row[0]): row[first : last + 1]
            for row in sheet.iter_rows(min_row=6, values_only=True)
        }
        kept = {key: values for key, values in typed.items() if any(values)}
        assert kept == {key_of(*key): values for key, values in WHOLE.items()}


# What formulas are made of


@dataclass(frozen=True, slots=True)
class Formulas:
    """Every formula of a workbook, by where it stands."""

    cells: dict[str, str]
    rules: dict[str, str]
    names: dict[str, str]


def formulas_of(workbook: Path) -> Formulas:
    """Collect the formulas of cells, of validations and conditional formats, and of names."""
    book, _ = both(workbook)
    return Formulas(
        {
            f"{sheet.title}!{cell.coordinate}": str(cell.value)
            for sheet in book.worksheets
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f"
        },
        {f"{sheet.title} {place}": text for sheet in book for place, text in _rules(sheet)},
        {name: str(one.attr_text) for name, one in book.defined_names.items()},
    )


def _rules(sheet: Any) -> Iterator[tuple[str, str]]:
    for area in sheet.conditional_formatting:
        for rule in area.rules:
            yield from ((f"format {area.sqref} {n}", text) for n, text in enumerate(rule.formula))
    for rule in sheet.data_validations.dataValidation:
        for text in (rule.formula1, rule.formula2):
            if text:
                yield f"validation {rule.sqref}", str(text)


def functions_of(formula: str) -> set[str]:
    """Name the functions a formula calls; what stands in quotes is text or a sheet's name."""
    bare = re.sub(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'', "", formula)
    return {name.upper() for name in re.findall(r"([A-Za-z_][\w.]*)\s*\(", bare)}


EXAMPLES: dict[str, Callable[[Path], Path]] = {
    **{
        name: lambda folder, name=name: template(name, folder)  # type: ignore[misc]
        for name in ("empty Q1", "empty Q4", "filled year", "empty without a ratio", "slips")
    },
    **{name: DISTRICTS[name] for name in ("findings", "adjusted", "longest names")},
}


@pytest.fixture(scope="module", params=EXAMPLES)
def formulas(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Formulas:
    """Give the formulas of templates and district workbooks in turn."""
    return formulas_of(EXAMPLES[request.param](tmp_path_factory.mktemp("example")))


def test_the_page_on_a_unit_follows_the_choice(libreoffice: LibreOffice, tmp_path: Path) -> None:
    workbook, chosen = DISTRICTS["findings"](tmp_path), tmp_path / "chosen.xlsx"
    of_all = formula_results(workbook)[UNITS]
    titles = {str(of_all[cell]): int(cell[1:]) for cell in of_all if cell.startswith("B")
              and "目标完成情况通报" in str(of_all[cell])}  # fmt: skip
    assert len(titles) == len(PLAN.units)
    for unit in (PLAN.units[0], PLAN.units[4], PLAN.units[10]):
        libreoffice.fill(workbook, chosen, {(UNIT, "D5"): unit.name})
        found = libreoffice.recalculate(chosen)[UNIT]
        top = next(row for title, row in titles.items() if title.startswith(unit.name))
        for row in range(7, 7 + len(PLAN.indicators)):
            for column in "EFGHIJK":
                page = of_all[f"{column}{row - 3 + top}"]
                assert _same(page, found[f"{column}{row}"]), f"{unit.code} {column}{row}"
    libreoffice.fill(workbook, chosen, {(UNIT, "D5"): ""})
    found = libreoffice.recalculate(chosen)[UNIT]
    assert found["B3"] == "请选择单位"
    assert not [cell for cell, value in found.items() if str(value).startswith("#")]


def test_a_district_workbook_saved_again_by_a_program_still_computes(
    program: Program, tmp_path: Path
) -> None:
    workbook = DISTRICTS["findings"](tmp_path)
    again = tmp_path / "again.xlsx"
    program.convert(workbook, again)
    told = differences(formula_results(workbook), program.recalculate(again))
    assert not told, "\n".join([f"{len(told)} cells differ:", *told[:9]])
    kept, made = (sum(map(len, formula_results(path).values())) for path in (again, workbook))
    assert kept == made


def test_formulas_call_safe_functions_only(formulas: Formulas) -> None:
    called = {
        place: functions_of(text) - ALLOWED
        for place, text in (formulas.cells | formulas.rules | formulas.names).items()
    }
    assert {place: names for place, names in called.items() if names} == {}
    assert {"IF", "ISNUMBER"} <= functions_of(" ".join(formulas.cells.values()))
    assert len(formulas.rules) > 10


def test_formulas_keep_within_the_lengths_excel_takes(formulas: Formulas) -> None:
    assert max(map(len, formulas.cells.values())) <= 8192
    assert max(map(len, formulas.rules.values())) <= 255


def test_formulas_name_no_other_workbook_and_no_table(formulas: Formulas) -> None:
    for place, text in (formulas.cells | formulas.rules | formulas.names).items():
        assert "[" not in re.sub(r'"(?:[^"]|"")*"', "", text), place
        assert "#REF!" not in text, place


def test_a_function_is_told_from_text_and_from_a_sheet_name() -> None:
    told = functions_of('IF(\'表 XLOOKUP(1)\'!A1>0,"LET(""x"")",iferror(N(A2),0))')
    assert told == {"IF", "IFERROR", "N"}
