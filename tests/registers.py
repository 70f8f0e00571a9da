"""Make registers for the rule tests: tables written as text, as workbooks and as lists."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl

from consolidator.checks.findings import Finding
from consolidator.checks.register_matching import Held, hold
from consolidator.checks.selection import Settled, settle
from consolidator.excel.writer import to_bytes
from consolidator.forms.layout import Value
from consolidator.forms.quarterly.assignment import LIST_FIELDS, LIST_KEYS, Key
from consolidator.forms.register.book import register_book
from consolidator.forms.register.columns import COLUMNS, FIRST, SHEET
from consolidator.intake.register import Register, read_register
from consolidator.intake.values import Returned
from consolidator.plan.model import Plan
from consolidator.plan.period import Period
from returns import (
    AGREEMENT,
    EVENT,
    VISIT,
    Answers,
    actual,
    ask,
    good_answers,
    indicator,
    small_plan,
    submission_of,
)

Q2 = Period(2017, 2)
YEAR = Period(2017)
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
HEADINGS = ["单位", "类别", "日期", "合作单位", "活动主题或协议名称", "备案号", "备注"]


def filed_plan() -> Plan:
    """Return three units with firms, and three indicators that count filings.

    ``events`` count both kinds of events, ``visits`` one of them; gamma has no target for
    visits.
    """
    plan = small_plan()
    events = replace(indicator("events", 4, "产学研活动"), filed_kinds=(EVENT, VISIT))
    visits = replace(indicator("visits", 4, "来访活动", parent="events"), filed_kinds=(VISIT,))
    agreements = replace(indicator("agreements", 5, "产学研协议"), filed_kinds=(AGREEMENT,))
    targets: dict[tuple[str, str], float | None] = {
        (unit.code, code): number
        for unit in plan.units
        for code, number in (("firms", 10.0), ("events", 4.0), ("visits", 1.0), ("agreements", 2.0))
    }
    targets["gamma", "visits"] = None
    firms = next(one for one in plan.indicators if one.code == "firms")
    return replace(plan, indicators=(firms, events, visits, agreements), targets=targets)


def table(text: str) -> list[list[Value]]:
    """Read a table whose rows stand on lines and whose cells between bars; days become dates."""
    return [
        [_value(cell.strip()) for cell in line.strip().strip("|").split("|")]
        for line in text.strip().splitlines()
    ]


def _value(cell: str) -> Value:
    match = _DAY.fullmatch(cell)
    return date(*(int(part) for part in match.groups())) if match else cell or None


def plain_list(
    rows: Sequence[Sequence[Value]], headings: Sequence[Value] = HEADINGS, *, above: int = 0
) -> bytes:
    """Return a list as a bureau keeps it: headings, then the rows, below some title rows."""
    book, content = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.title = "台账"
    for number in range(above):
        sheet.append([f"标题第 {number + 1} 行"])
    sheet.append(list(headings))
    for row in rows:
        sheet.append(list(row))
    book.save(content)
    return content.getvalue()


def filled_form(plan: Plan, rows: Sequence[Sequence[Value]]) -> bytes:
    """Type rows into the empty register that the product writes."""
    book = openpyxl.load_workbook(io.BytesIO(to_bytes(register_book(plan))))
    sheet = book[SHEET]
    for number, row in enumerate(rows, start=FIRST + 1):
        for column, value in enumerate(row, start=COLUMNS.index("unit") + 1):
            cell = sheet.cell(number, column)
            assert cell.protection.locked is False
            cell.value = value
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def read(folder: Path, content: bytes, plan: Plan | None = None, name: str = "册.xlsx") -> Register:
    """Send a register through a real file and read it."""
    path = folder / name
    path.write_bytes(content)
    return read_register(path, name, plan or filed_plan())


def listed(rows: Sequence[Sequence[Value]]) -> Answers:
    """Answer a unit's own list: rows of kind, date, partner, subject and filing number."""
    answers: Answers = {}
    for key, row in zip(LIST_KEYS, rows, strict=False):
        answers |= {Key(key, name): cell for name, cell in zip(LIST_FIELDS, row, strict=True)}
    return answers


def reported(
    lists: Mapping[str, str],
    counts: Mapping[str, Mapping[str, Value]] | None = None,
    *,
    period: Period = YEAR,
) -> Settled:
    """Settle returns of the units that have a list; its rows are what the figures count."""
    plan, returned = filed_plan(), []
    for unit, text in lists.items():
        assignment = ask(unit, plan=plan, period=period)
        rows = table(text) if text.strip() else []
        answers: Answers = {
            key: value
            for key, value in good_answers(assignment).items()
            if key.row not in LIST_KEYS
        }
        for line in assignment.headline:
            if kinds := line.indicator.filed_kinds:
                answers[line.value_key] = float(sum(row[0] in kinds for row in rows))
            answers[line.remark_key] = "说明"
        own = {actual(code): value for code, value in (counts or {}).get(unit, {}).items()}
        submission = submission_of(assignment, answers | listed(rows) | own)
        returned.append(Returned(f"{unit}.xlsx", unit, submission=submission))
    return settle(returned, plan, period)


def held(
    folder: Path, register: str, lists: Mapping[str, str] | None = None, *,
    counts: Mapping[str, Mapping[str, Value]] | None = None, period: Period = YEAR,
) -> Held:  # fmt: skip
    """Hold a register, written as a table, against units' lists, written as tables."""
    rows = table(register) if register.strip() else []
    settled = reported(lists or {}, counts, period=period)
    return hold(read(folder, plain_list(rows)), settled)


def told(findings: Sequence[Finding]) -> list[tuple[str, str, str]]:
    """Return unit, cell and code of findings, in order."""
    return sorted((one.unit, one.cell, one.code) for one in findings)
