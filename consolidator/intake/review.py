"""Read one reviewer's returned form: every mark with its cell, or the reason why it is none."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from consolidator.forms.quarterly.assignment import FieldKind, Key
from consolidator.forms.review.assignment import (
    ReviewAssignment,
    item_key,
    mark_key,
    reason_key,
)
from consolidator.forms.review.places import (
    HEAD_KEY,
    INFO_KEY,
    NAMED,
    SHEET,
    ReviewPlaces,
    heading,
)
from consolidator.intake.brief import Brief
from consolidator.intake.entries import Field, Fields, read_fields
from consolidator.intake.form_tables import moved_parts, plain
from consolidator.intake.formats.marks import Remark
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.identity import find_stamp, hold_review_stamp, top_of
from consolidator.intake.opening import open_workbook
from consolidator.intake.outcomes import observed_in, refused, saved_at
from consolidator.intake.placing import Table, find_table
from consolidator.intake.tampering import said, same
from consolidator.intake.values import Observed, Reading, Returned, Source, Submission
from consolidator.plan.model import Unit

_POINTS = "分"


def read_review(
    content: bytes, name: str, digest: str, modified: datetime, brief: Brief
) -> Returned:
    """Read a file's content; ``modified`` stands in where it does not tell when it was saved."""
    plan, period, reviewers = brief.plan, brief.period, brief.reviewers or ()
    assert period is not None
    by_code = {one.code: one for one in reviewers}
    code = ""
    try:
        opened = open_workbook(content, limits=brief.limits, passwords=brief.passwords)
        stamp = find_stamp(opened, top_of(opened))
        code = stamp.unit if stamp.unit in by_code else ""
        about_stamp = list(hold_review_stamp(stamp, plan, period, reviewers, brief.signing_key))
        assignment = ReviewAssignment(plan, period, by_code[code])
        places = ReviewPlaces(assignment)
        table = find_table(opened, SHEET, tuple(one.key for one in places.columns.all))
        _hold_name(table, assignment)
    except NotReadableError as problem:
        return refused(name, digest, replace(problem.refusal, unit=code), len(content))
    table = _without_doubled(table)
    readings, observed = read_fields(table, name, Fields(_fields(assignment)))
    rows = [unit.code for unit in plan.units]
    moved = list(moved_parts(table, places.rows, rows, SHEET, places.columns))
    shifted = [Remark("layout_moved", "；".join(moved))] if moved else []
    remarks = (*about_stamp, *opened.remarks, *shifted)
    submission = Submission(
        stamp=stamp,
        saved=saved_at(opened.saved, modified),
        readings=readings,
        observed=(
            *(observed_in(one, name) for one in remarks),
            *observed,
            *_altered(table, assignment, name),
            *_stale(table, assignment, readings, name),
        ),
    )
    return Returned(name, digest, submission=submission, size=len(content))


def _fields(assignment: ReviewAssignment) -> list[Field]:
    fields: list[Field] = []
    for unit in assignment.plan.units:
        # The own unit's row holds a word: it is read as text, and marked ones as figures.
        kind = FieldKind.TEXT if assignment.avoids(unit) else FieldKind.AMOUNT
        fields += [(mark_key(unit, item), kind, _POINTS) for item in assignment.items]
        fields.append((reason_key(unit), FieldKind.TEXT, ""))
    return fields


def _hold_name(table: Table, assignment: ReviewAssignment) -> None:
    """Hold that the reviewer's name that people see is the one of the stamp.

    Raises:
        NotReadableError: another name stands there.
    """
    if not table.has(INFO_KEY, "number"):
        return
    shown = plain(table.content(INFO_KEY, "number")).removeprefix(plain(NAMED))
    if shown and shown != plain(assignment.reviewer.name):
        raise NotReadableError("reviewer_name_differs", said(shown), assignment.reviewer.name)


def _without_doubled(table: Table) -> Table:
    """Leave out rows that stand there twice: which of them was meant is not for us to guess."""
    row_of = {key: row for key, row in table.row_of.items() if key not in table.doubled}
    return replace(table, row_of=row_of)


def _altered(table: Table, assignment: ReviewAssignment, file: str) -> Iterator[Observed]:
    """Yield the units' names and the items' headings that are not as issued."""
    issued: dict[Key, str] = {Key(unit.code, "unit"): unit.name for unit in assignment.plan.units}
    issued |= {Key(HEAD_KEY, item_key(item)): heading(item) for item in assignment.items}
    for key, text in issued.items():
        if not table.has(*key):
            if key.row == HEAD_KEY and key.column in table.column_of:
                source = Source(file, table.sheet, "")
                yield Observed("review_altered", source, key.row, key.column, "", text)
            continue
        found = table.content(*key)
        if not same(found, text):
            source = Source(file, table.sheet, table.address(*key))
            yield Observed("review_altered", source, key.row, key.column, said(found), said(text))


def _stale(
    table: Table, assignment: ReviewAssignment, readings: Mapping[Key, Reading], file: str
) -> Iterator[Observed]:
    """Compare stored totals with the sums of the marks; no number is no difference."""
    answers = {key: one.value for key, one in readings.items() if not one.normalised}
    filled = replace(assignment, answers=answers)
    for unit in assignment.marked:
        expected, found = filled.total(unit), _total(table, unit)
        if expected is not None and isinstance(found, (int, float)) and not same(found, expected):
            source = Source(file, table.sheet, table.address(unit.code, "total"))
            yield Observed("stale_result", source, found=said(found), expected=said(expected))


def _total(table: Table, unit: Unit) -> object:
    return table.content(unit.code, "total") if table.has(unit.code, "total") else None
