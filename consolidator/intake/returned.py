"""Read one returned file: a submission with every entry cell, or the reason why it is none."""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from consolidator.files import sha256
from consolidator.forms.layout import Value
from consolidator.forms.quarterly import derive
from consolidator.forms.quarterly.addresses import LIST, LIST_COLUMNS, MAIN, MAIN_COLUMNS, SHEETS
from consolidator.forms.quarterly.assignment import (
    FORM,
    LIST_FIELDS,
    LIST_KEYS,
    NAMED,
    SIGNERS,
    Asking,
    Assignment,
    FieldKind,
    Key,
    Line,
)
from consolidator.intake.brief import Brief
from consolidator.intake.identity import find_stamp, hold_stamp, stamped_period
from consolidator.intake.opening import Opened, open_workbook
from consolidator.intake.placing import Table, find_table
from consolidator.intake.refusing import NotReadableError
from consolidator.intake.typed import take
from consolidator.intake.values import (
    Difference,
    Reading,
    Refusal,
    Returned,
    Source,
    State,
    Submission,
)

_LEFTOVERS = ("~$", "._", ".")
_OTHER_KINDS = {
    ".csv", ".doc", ".docx", ".pdf", ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff",
    ".txt", ".lnk", ".url", ".ini", ".db", ".eml", ".msg", ".html", ".htm", ".ppt", ".pptx",
}  # fmt: skip
_SAME = 1e-9
_NAME_ROWS = 12


def read_returned(path: Path, name: str, brief: Brief) -> Returned:
    """Read the file at ``path``; ``name`` is how findings call it.

    Never raises for what is in the file: every file ends as a submission or with a refusal.
    """
    if path.name.startswith(_LEFTOVERS):
        return Returned(name, "", refusal=Refusal("file_leftover"), ignored=True)
    try:
        content = path.read_bytes()
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)
    except OSError as error:
        return Returned(name, "", refusal=Refusal("file_unreadable", error.strerror or ""))
    digest = sha256(content)
    if path.suffix.lower() in _OTHER_KINDS and not content.startswith((b"PK\x03\x04", b"\xd0\xcf")):
        refusal = Refusal("file_foreign", path.suffix.lower())
        return Returned(name, digest, refusal=refusal, ignored=True, size=len(content))
    stamp = None
    plan = brief.plan
    try:
        opened = open_workbook(content, SHEETS, limits=brief.limits)
        stamp = find_stamp(opened)
        asked = brief.period or stamped_period(stamp, plan)
        hold_stamp(stamp, plan, asked, FORM)
        assignment = Assignment(plan, plan.unit_by_code[stamp.unit], asked)
        main, filed = _tables(assignment, opened)
        _hold_name(assignment, main)
        readings = dict(_readings(assignment, main, filed, name))
        altered = tuple(_altered(assignment, main, name))
        stale = tuple(_stale(assignment, main, readings, name))
    except NotReadableError as problem:
        known = stamp is not None and stamp.unit in plan.unit_by_code
        unit = stamp.unit if stamp is not None and known else ""
        refusal = replace(problem.refusal, unit=unit)
        foreign = refusal.code == "file_foreign" and path.suffix.lower() in _OTHER_KINDS
        return Returned(name, digest, refusal=refusal, ignored=foreign, size=len(content))
    submission = Submission(stamp, opened.saved or modified, readings, altered, stale)
    return Returned(name, digest, submission=submission, size=len(content))


def _tables(assignment: Assignment, opened: Opened) -> tuple[Table, Table]:
    line_keys = [line.key for line in assignment.lines]
    rows = dict.fromkeys([*line_keys, *(key.row for key in SIGNERS)])
    main = find_table(opened, MAIN, rows, tuple(one.key for one in MAIN_COLUMNS.all))
    filed = find_table(opened, LIST, LIST_KEYS, tuple(one.key for one in LIST_COLUMNS.all))
    return main, filed


def _hold_name(assignment: Assignment, main: Table) -> None:
    """Hold that the name people see above the table is not another unit's."""
    for row in main.rows[:_NAME_ROWS]:
        for cell in row:
            if isinstance(cell, str) and cell.startswith(NAMED):
                name = _plain(cell.removeprefix(NAMED))
                if name == _plain(assignment.unit.name):
                    return
                others = [one.name for one in assignment.plan.units if _plain(one.name) == name]
                if others:
                    raise NotReadableError("unit_name_differs", others[0], assignment.unit.name)


def _readings(
    assignment: Assignment, main: Table, filed: Table, file: str
) -> Iterator[tuple[Key, Reading]]:
    for line in assignment.entries:
        yield line.value_key, _read(main, line.value_key, line.kind, file, line.measure)
    for line in assignment.headline:
        yield line.remark_key, _read(main, line.remark_key, FieldKind.TEXT, file)
    for key, (_, kind) in SIGNERS.items():
        yield key, _read(main, key, kind, file)
    for row in LIST_KEYS:
        if not filed.holds(row, LIST_FIELDS):
            continue
        for column, (_, kind) in LIST_FIELDS.items():
            key = Key(row, column)
            yield key, _read(filed, key, kind, file)


def _read(table: Table, key: Key, kind: FieldKind, file: str, measure: str = "") -> Reading:
    source = Source(file, table.sheet, table.address(*key))
    if error := table.errors.get(source.cell):
        return Reading(error, State.UNREADABLE, None, source, reason="是公式错误值")
    taken = take(table.content(*key), kind, measure)
    return Reading(
        raw=taken.raw,
        state=taken.state,
        value=taken.value,
        source=source,
        normalised=taken.normalised,
        reason=taken.reason,
    )


def _altered(assignment: Assignment, main: Table, file: str) -> Iterator[Difference]:
    """Compare the locked cells of the table with what was issued."""
    for line in assignment.lines:
        for column, expected in _issued(assignment, line):
            found = main.content(line.key, column)
            if not _same(found, expected):
                source = Source(file, main.sheet, main.address(line.key, column))
                yield Difference(source, line.key, column, _said(found), _said(expected))


def _issued(assignment: Assignment, line: Line) -> Iterator[tuple[str, Value]]:
    yield "indicator", line.name if line.amount else line.indicator.name
    yield "measure", line.measure
    if not line.amount:
        target = assignment.plan.target(assignment.unit.code, line.indicator.code)
        yield "target", "—" if target is None else target
    if line.asking in (Asking.NOT_APPLICABLE, Asking.NOT_YET):
        yield "actual", "—" if line.asking is Asking.NOT_APPLICABLE else "本期不填"


def _stale(
    assignment: Assignment, main: Table, readings: dict[Key, Reading], file: str
) -> Iterator[Difference]:
    """Compare stored numbers of derived cells with Python's own; no number is no difference.

    A line whose entries were not typed as numbers is left out: the form could not compute it.
    """
    answers = {key: one.value for key, one in readings.items() if one.state is State.ENTERED}
    for line in assignment.headline:
        codes = [amount.code for amount in line.indicator.amounts] or [line.key]
        if any(readings[Key(code, "actual")].normalised for code in codes):
            continue
        result = derive.derive(assignment, line, answers)
        expected: dict[str, Value] = {"achievement": result.achievement}
        if line.asking is Asking.DERIVED:
            expected["actual"] = result.actual
        for column, value in expected.items():
            found = main.content(line.key, column)
            numbers = isinstance(found, (int, float)) and isinstance(value, (int, float))
            if numbers and not _same(found, value):
                source = Source(file, main.sheet, main.address(line.key, column))
                yield Difference(source, line.key, column, _said(found), _said(value))


def _same(found: object, expected: Value) -> bool:
    if isinstance(expected, (int, float)):
        if isinstance(found, time):
            # An .xls of Gnumeric's gives its percentages out as times of day.
            found = timedelta(hours=found.hour, minutes=found.minute, seconds=found.second,
                              microseconds=found.microsecond) / timedelta(days=1)  # fmt: skip
        if not isinstance(found, (int, float)) or isinstance(found, bool):
            return False
        return abs(float(found) - expected) <= _SAME * max(1.0, abs(expected))
    return _plain(found) == _plain(expected)


def _plain(content: object) -> str:
    return "".join(unicodedata.normalize("NFKC", str(content or "")).split())


def _said(content: object) -> str:
    if isinstance(content, float):
        return f"{content:.10g}"
    return str(content or "").strip()
