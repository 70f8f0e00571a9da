"""Make up plans of every shape for the tests of the plan's workbook."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from consolidator.excel.writer import to_bytes
from consolidator.files import is_safe_name
from consolidator.forms.plan.book import plan_book
from consolidator.intake.plan_book import tables_of_book
from consolidator.plan.check import examine
from consolidator.plan.faults import Fault
from consolidator.plan.model import Plan
from consolidator.plan.tables import COLUMNS, PlanTables, Row, find_source, read_tables
from consolidator.plan.text_files import texts_of
from consolidator.severity import Severity

ODD = "甲乙丙丁镇街道（）()“”\"'=+-@,;，； 　％%Ａ０９0aB<>&|\n_x0D①~*?[]{}🙂"
CODES = ("name", "number", "key", "check", "spare1", "whole", "kind", "2017", "A_b", "unit3", "E5")


def tables(
    units: list[tuple[str, str, str]],
    indicators: list[dict[str, str]],
    targets: Mapping[tuple[str, str], str],
    **more: Any,
) -> PlanTables:
    """Build a plan's tables: units as (code, name, short), the targets by unit and indicator."""
    settings = {
        "name": "2017", "year": 2017, "title": "目标任务表", "note": "", "deadline_days": 10,
        "contact": {"office": "科技局", "person": "综合处", "phone": "1", "mail": "a@example.com"},
        "weights": {"quantity": 70, "review": 30, "achievement_cap": 1.0},
        "review": {"mean": "plain"},
    } | more.pop("settings", {})  # fmt: skip
    codes = tuple(code for code, _, _ in units)
    rows: dict[str, list[dict[str, str]]] = {
        "units": [dict(zip(COLUMNS["units"], unit, strict=True)) for unit in units],
        "indicators": [dict.fromkeys(COLUMNS["indicators"], "") | one for one in indicators],
        "targets": [
            {"indicator": one["code"], "name": one["name"]}
            | {unit: targets[unit, one["code"]] for unit in codes}
            for one in indicators
        ],
        "district_targets": [],
        "review_items": [],
        "contacts": [],
    } | more
    return PlanTables(
        settings,
        {
            table: tuple(
                Row(table, line, dict.fromkeys(COLUMNS[table], "") | values)
                for line, values in enumerate(several, start=2)
            )
            for table, several in rows.items()
        },
        {**COLUMNS, "targets": (*COLUMNS["targets"], *codes)},
    )


def counted(code: str, number: int, name: str, **more: str) -> dict[str, str]:
    """Describe a count."""
    return {
        "code": code, "number": str(number), "name": name, "measure": "家", "kind": "count",
        "accrual": "cumulative", "first_quarter": "1",
    } | more  # fmt: skip


def many(units: int, indicators: int) -> PlanTables:
    """Build a plan of so many units and indicators."""
    asked = [counted(f"i{n}", n, f"指标{n}") for n in range(1, indicators + 1)]
    asking = [(f"u{n}", f"第{n}镇", f"{n}镇") for n in range(1, units + 1)]
    targets = {
        (unit, one["code"]): str(place * 7 % 900 + 1)
        for place, (unit, _, _) in enumerate(asking)
        for one in asked
    }
    return tables(asking, asked, targets)


def as_text(plan: PlanTables, folder: Path) -> PlanTables:
    """Write a plan as text files and read it back."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts_of(plan).items():
        (folder / name).write_text(text, "utf-8", newline="")
    return read_tables(folder)


def as_book(plan: PlanTables) -> PlanTables:
    """Write a plan as a workbook and read it back."""
    return tables_of_book(to_bytes(plan_book(plan)), "目标任务.xlsx")


def judged(plan: PlanTables) -> tuple[Plan, list[Fault]]:
    """Build a plan that must be without errors."""
    built, faults = examine(plan)
    errors = [str(one) for one in faults if one.severity is Severity.ERROR]
    assert not errors, "\n".join(errors)
    assert built is not None
    return built, faults


SHIPPED_TABLES = read_tables(find_source("2017"))

_texts = st.text(ODD, max_size=12).map(str.strip)
_names = _texts.filter(bool)
_codes = st.sampled_from(CODES) | st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True)
_ratios = st.integers(0, 100_000).map(lambda n: f"{n / 1000:g}%") | st.sampled_from(
    ["--", "47.0%", "0.135", "13.50%", "1", "0%", "—"]
)
_counts = st.integers(0, 10**9).map(str) | st.sampled_from(["--", "1,600", "86.0", "0", "-"])


def _unique(found: st.SearchStrategy[str], size: int) -> st.SearchStrategy[list[str]]:
    return st.lists(found, min_size=size, max_size=size, unique_by=str.casefold)


@st.composite
def made_up(draw: st.DrawFn) -> PlanTables:
    """Draw a plan without errors: odd names, ratios, parents, dashes, weights, every annex."""
    size = draw(st.integers(1, 5))
    free = _codes.filter(lambda code: code not in ("name", "indicator"))
    codes, names = draw(_unique(free, size)), draw(_unique(_names, size))
    shorts = draw(_unique(_names.filter(is_safe_name), size))
    units = list(zip(codes, names, shorts, strict=True))
    count = draw(st.integers(1, 6))
    asked: list[dict[str, str]] = []
    targets: dict[tuple[str, str], str] = {}
    weighed = draw(st.booleans())
    for number, code in enumerate(draw(_unique(_codes, count)), start=1):
        kind = draw(st.sampled_from(["count", "ratio"]))
        wholes = [one for one in asked if one["kind"] == "count"]
        whole = draw(st.sampled_from([None, *wholes])) if kind == "count" else None
        one = counted(
            code, number, draw(_names), kind=kind, group=draw(_texts), measure=draw(_names),
            accrual=draw(st.sampled_from(["cumulative", "stock"])),
            first_quarter=str(draw(st.integers(1, 4))),
            parent=whole["code"] if whole else "",
            weight=str(draw(st.integers(1, 40))) if weighed else "",
            filed_kinds="|".join(
                draw(st.lists(st.text("甲乙丙 =“", min_size=1, max_size=3).map(str.strip)
                              .filter(bool), max_size=2))
            ),
            meaning=draw(_texts), rule=draw(_texts),
        )  # fmt: skip
        if kind == "ratio":
            for key in ("numerator", "denominator"):
                named = draw(_names.filter(lambda text: ":" not in text))
                one[key] = f"{code}_{key}:{named}:{draw(st.sampled_from(['万元', '=件', '“家”']))}"
            one["district_target"] = draw(st.sampled_from(["", "59.0%", "0.6"]))
        asked.append(one)
        for unit in codes:
            told = draw(_ratios if kind == "ratio" else _counts)
            # A part is never above its whole.
            targets[unit, code] = "0" if whole and told not in ("--", "-") else told
    district = [
        {"code": f"d{n}", "number": draw(_names), "name": draw(_names), "measure": "件",
         "kind": "quotient", "first_quarter": str(draw(st.integers(1, 4))),
         "target": draw(st.sampled_from(["44.33", "1,000", "0.1"])),
         "numerator": f"d{n}_over:甲:件", "denominator": f"d{n}_under:=乙:万人"}
        for n in range(draw(st.integers(0, 2)))
    ]  # fmt: skip
    if district:
        district.append(
            {"code": "dc", "number": "9", "name": district[0]["name"], "measure": "个",
             "kind": "count", "target": "8", "first_quarter": "1"}
        )  # fmt: skip
        district.append(
            {"code": "dp", "number": "9", "name": "其中", "measure": "个", "kind": "count",
             "target": "7", "parent": "dc", "first_quarter": "1"}
        )  # fmt: skip
    return tables(
        units, asked, targets,
        district_targets=district,
        review_items=[
            {"number": str(n), "name": draw(_names),
             "full_marks": draw(st.sampled_from(["10", "7.5"]))}
            for n in range(1, draw(st.integers(1, 3)))
        ],
        contacts=[
            {"unit": code, "name": draw(_texts), "mail": "a@example.com",
             "copy": draw(st.sampled_from(["", "b@example.com;c@example.com"]))}
            for code in draw(st.lists(st.sampled_from(codes), unique=True))
        ],
        settings={
            "title": draw(_texts), "note": draw(_texts), "deadline_days": draw(st.integers(0, 366)),
            "weights": {"quantity": draw(st.sampled_from([70, 0, 66.5])), "review": 30,
                        "achievement_cap": draw(st.sampled_from([1.0, 1, 1.2]))},
            "review": {"mean": draw(st.sampled_from(["plain", "trimmed"]))},
        },
    )  # fmt: skip
