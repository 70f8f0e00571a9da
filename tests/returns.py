"""Make what the rule tests need: a small plan, good answers, and workbooks that hold them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from math import ceil
from pathlib import Path

import openpyxl

import consolidator
from consolidator.excel.writer import to_bytes
from consolidator.forms.layout import Book, Cell, Value, address
from consolidator.forms.quarterly.addresses import Places
from consolidator.forms.quarterly.assignment import (
    APPROVED_BY,
    FILLED_BY,
    FILLED_ON,
    LIST_FIELDS,
    LIST_KEYS,
    PHONE,
    SIGNERS,
    Assignment,
    FieldKind,
    Key,
)
from consolidator.forms.quarterly.book import quarterly_book
from consolidator.intake.brief import Brief
from consolidator.intake.returned import read_file, read_returned
from consolidator.intake.typed import take
from consolidator.intake.values import Reading, Returned, Source, Submission
from consolidator.plan.check import load_plan
from consolidator.plan.model import (
    Accrual,
    Amount,
    Contact,
    Indicator,
    Kind,
    MeanKind,
    Plan,
    Reviewing,
    Unit,
    Weights,
)
from consolidator.plan.period import Period

Answers = dict[Key, Value]
SHIPPED = load_plan("2017")
Q4 = Period(2017, 4)
NOON = datetime(2018, 1, 5, 12, 0)
_RENDERED: dict[object, bytes] = {}
EVENT, VISIT, AGREEMENT = "专场产学研活动", "5.18期间来访活动", "产学研协议"


def actual(row: str) -> Key:
    """Name the figure of a line."""
    return Key(row, "actual")


def remark(row: str) -> Key:
    """Name the remark of a line."""
    return Key(row, "remark")


def ask(unit: str = "chunjiang", *, plan: Plan = SHIPPED, period: Period = Q4) -> Assignment:
    """Give a unit its form, without answers."""
    return Assignment(plan, plan.unit_by_code[unit], period)


def good_answers(assignment: Assignment) -> Answers:
    """Answer as a unit does that reached everything: its self-check page is content."""
    answers: Answers = {
        FILLED_BY: "张三",
        APPROVED_BY: "李四",
        PHONE: "0519-85127000",
        FILLED_ON: date(assignment.period.year + 1, 1, 5),
    }
    gone = assignment.period.time_progress
    counts: dict[str, int] = {}
    for line in assignment.headline:
        one = line.indicator
        target = assignment.plan.target(assignment.unit.code, one.code) or 0
        if one.kind is Kind.RATIO:
            over, under = one.amounts
            answers[actual(over.code)] = float(round(target * 1_000_000))
            answers[actual(under.code)] = 1_000_000.0
        else:
            # One above, or the form would look like a copy of its targets at year's end.
            counts[one.code] = ceil(target * gone) + (one.code == "hightech_firms")
            answers[line.value_key] = float(counts[one.code])
    free = iter(LIST_KEYS)
    listed: dict[str, int] = {}
    filed = [line.indicator for line in assignment.headline if line.indicator.filed_kinds]
    for one in sorted(filed, key=lambda indicator: len(indicator.filed_kinds)):
        kind = one.filed_kinds[0]
        for _ in range(counts[one.code] - sum(listed.get(each, 0) for each in one.filed_kinds)):
            listed[kind] = listed.get(kind, 0) + 1
            answers |= filed_row(next(free), kind, year=assignment.period.year)
    return answers


def filed_row(row: str, kind: str, *, year: int = 2017) -> Answers:
    """Fill one row of the list of filed events and agreements."""
    return {
        Key(row, "kind"): kind,
        Key(row, "date"): date(year, 5, 18),
        Key(row, "partner"): "某大学",
        Key(row, "subject"): "对接会",
        Key(row, "filing"): f"BA-{row}",
    }


def rendered(assignment: Assignment, answers: Mapping[Key, Value] | None = None) -> bytes:
    """Return the unit's workbook with the answers in it (the good ones, unless others)."""
    filled = good_answers(assignment) if answers is None else answers
    what = (assignment.stamp, assignment.unit, frozenset(filled.items()))
    if what not in _RENDERED:
        _RENDERED[what] = to_bytes(quarterly_book(replace(assignment, answers=filled)))
    return _RENDERED[what]


def typed_into(
    template: Path, target: Path, assignment: Assignment, answers: Mapping[Key, Value] | None = None
) -> Path:
    """Type the answers into an issued template's entry cells with openpyxl and save it."""
    places = Places(assignment)
    workbook = openpyxl.load_workbook(template)
    for key, value in (good_answers(assignment) if answers is None else answers).items():
        row, column = places.cell(key)
        cell = workbook[places.sheet(key)].cell(row + 1, column + 1)
        assert cell.protection.locked is False, f"{key} is no entry cell"
        cell.value = value
        if isinstance(value, str) and value.startswith("="):
            cell.data_type = "s"
    workbook.properties.modified = NOON
    target.parent.mkdir(parents=True, exist_ok=True)
    workbook.save(target)
    return target


def put(path: Path, content: bytes, *, saved: datetime = NOON) -> Path:
    """Write a file whose time in the file system is ``saved``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (saved.timestamp(), saved.timestamp()))
    return path


def came_back(
    folder: Path, assignment: Assignment, answers: Mapping[Key, Value] | None = None
) -> Returned:
    """Send the unit's workbook through a real file and read it."""
    path = put(folder / "上报.xlsx", rendered(assignment, answers))
    return read_returned(path, path.name, Brief(assignment.plan, assignment.period))


def read_here(files: Sequence[tuple[Path, str]], brief: Brief) -> list[Returned]:
    """Read files as the worker processes do, but in this one: rules need no processes."""
    results = []
    for path, name in files:
        found, inside = read_file(path, name, brief, member=None)
        results.append(found)
        for one in inside:
            called = f"{name}/{one.name}"
            results.append(read_file(path, called, brief, member=one.index)[0])
    return results


def small_plan(targets: Mapping[tuple[str, str], float | None] | None = None) -> Plan:
    """Build a plan of three units and four indicators.

    ``share`` is a ratio that is not applicable to ``gamma``; ``firms`` has a target of 0 for
    ``beta``; ``inventions`` are part of ``patents``.
    """
    own: dict[tuple[str, str], float | None] = {
        ("alpha", "share"): 0.5, ("beta", "share"): 0.4, ("gamma", "share"): None,
        ("alpha", "firms"): 10, ("beta", "firms"): 0, ("gamma", "firms"): 20,
        ("alpha", "patents"): 100, ("beta", "patents"): 200, ("gamma", "patents"): 300,
        ("alpha", "inventions"): 10, ("beta", "inventions"): 20, ("gamma", "inventions"): 30,
    }  # fmt: skip
    return Plan(
        name="small",
        year=2017,
        title="小计划",
        note="",
        deadline_days=10,
        contact=Contact("科技局", "综合处", "0519-1", "a@example.com"),
        units=(
            Unit("alpha", "甲镇", "甲镇"), Unit("beta", "乙镇", "乙镇"),
            Unit("gamma", "丙街道", "丙街道"),
        ),
        indicators=(
            indicator(
                "share", 1, "高新产值占比", Kind.RATIO,
                amounts=(Amount("over", "高新产值", "万元"), Amount("under", "总产值", "万元")),
                district_target=0.6,
            ),
            indicator("firms", 2, "高企数"),
            indicator("patents", 3, "专利申请"),
            indicator("inventions", 3, "发明申请", parent="patents"),
        ),
        targets=own | dict(targets or {}),
        weights=Weights(70, 30, 1),
        reviewing=Reviewing(MeanKind.PLAIN),
        district_targets=(),
        review_items=(),
        contacts={},
    )  # fmt: skip


def indicator(
    code: str,
    number: int,
    name: str,
    kind: Kind = Kind.COUNT,
    *,
    parent: str | None = None,
    amounts: tuple[Amount, Amount] | None = None,
    district_target: float | None = None,
) -> Indicator:
    """Build an indicator that is due from the first quarter on."""
    return Indicator(
        code=code,
        number=number,
        group="",
        name=name,
        measure="%" if amounts else "家",
        kind=kind,
        accrual=Accrual.CUMULATIVE,
        parent=parent,
        first_quarter=1,
        filed_kinds=(),
        numerator=amounts[0] if amounts else None,
        denominator=amounts[1] if amounts else None,
        district_target=district_target,
        weight=None,
        meaning="",
        rule="",
    )


def plan_folder(folder: Path, file: str = "", old: str = "", new: str = "") -> Path:
    """Write the shipped plan's files to a new folder, with one text of one file replaced."""
    source = Path(consolidator.__file__).parent / "plan" / "data" / "2017"
    folder.mkdir(parents=True)
    for path in source.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    if file:
        content = (folder / file).read_text("utf-8")
        assert content.count(old) >= 1, f"{file} holds no {old!r}"
        (folder / file).write_text(content.replace(old, new, 1), "utf-8")
    return folder


def mended(assignment: Assignment, changes: Mapping[tuple[str, str], Value]) -> bytes:
    """Return a good return with cells of any kind changed: sheet and address to value.

    Formulas keep the results they had, as when a program does not recalculate.
    """
    return with_cells(
        quarterly_book(replace(assignment, answers=good_answers(assignment))), changes
    )


def with_cells(book: Book, changes: Mapping[tuple[str, str], Value]) -> bytes:
    """Return a workbook with cells of any kind changed: sheet and address to value."""
    left = dict(changes)

    def change(sheet: str, cell: Cell) -> Cell:
        place = (sheet, address(cell.row, cell.column))
        return cell._replace(value=left.pop(place), formula="") if place in left else cell

    sheets = tuple(
        replace(
            sheet,
            cells=[change(sheet.name, cell) for cell in sheet.cells],
            merges=tuple((area, change(sheet.name, cell)) for area, cell in sheet.merges),
        )
        for sheet in book.sheets
    )
    assert not left, f"no such cells: {left}"
    return to_bytes(replace(book, sheets=sheets))


def submission_of(assignment: Assignment, answers: Mapping[Key, Value]) -> Submission:
    """Take answers as intake takes them from a file, without the file."""
    places = Places(assignment)

    def read(key: Key, kind: FieldKind, measure: str = "") -> Reading:
        taken = take(answers.get(key), kind, measure)
        source = Source("上报.xlsx", places.sheet(key), places.local(key))
        return Reading(taken.raw, taken.state, taken.value, source, taken.normalised, taken.reason)

    readings = {
        line.value_key: read(line.value_key, line.kind, line.measure) for line in assignment.entries
    }
    for line in assignment.headline:
        readings[line.remark_key] = read(line.remark_key, FieldKind.TEXT)
    readings |= {key: read(key, kind) for key, (_, kind) in SIGNERS.items()}
    for row in LIST_KEYS:
        keys = {Key(row, column): kind for column, (_, kind) in LIST_FIELDS.items()}
        if any(answers.get(key) not in (None, "") for key in keys):
            readings |= {key: read(key, kind) for key, kind in keys.items()}
    return Submission(assignment.stamp, NOON, readings)
