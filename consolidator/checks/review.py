"""Check one reviewer's return: every mark by itself, blanks, the own unit, locked cells.

A mark with an error gives no figure; the reviewer's other marks still count.
"""

from collections.abc import Iterator

from consolidator.checks.findings import Finding, in_order, plain
from consolidator.forms.quarterly.assignment import Key
from consolidator.forms.review.assignment import (
    AVOIDED,
    REASON,
    ReviewAssignment,
    item_key,
    mark_key,
    reason_key,
)
from consolidator.forms.review.marking import STEP, is_in_steps
from consolidator.forms.review.places import HEAD_KEY
from consolidator.intake.values import Observed, Reading, State, Submission
from consolidator.plan.model import ReviewItem, Unit


def check_review(assignment: ReviewAssignment, submission: Submission) -> list[Finding]:
    """Return the findings of one return, errors first."""
    return in_order([*_noticed(assignment, submission), *_marks(assignment, submission)])


def voided(key: Key) -> str:
    """Return how a finding names the mark that gives no figure because of it."""
    return f"{key.row}/{key.column}"


def sound_marks(submission: Submission, findings: list[Finding]) -> dict[Key, float]:
    """Return the marks that count: numbers that no error voids."""
    void = {key for one in findings if one.severity == "error" for key in one.voids}
    return {
        key: one.number
        for key, one in submission.readings.items()
        if one.number is not None and key.column != REASON and voided(key) not in void
    }


def _marks(assignment: ReviewAssignment, submission: Submission) -> Iterator[Finding]:
    readings = submission.readings
    formulas = {
        Key(one.row, one.column): one.found
        for one in submission.observed
        if one.code == "formula_entry"
    }
    for unit in assignment.plan.units:
        explained = readings[reason_key(unit)].state is State.ENTERED
        for item in assignment.items:
            key = mark_key(unit, item)
            reading = readings[key]
            if assignment.avoids(unit):
                code, found, expected = _avoided(reading)
            elif key in formulas:
                code, found, expected = "mark_formula", formulas[key], ""
            else:
                code, found, expected = _judge(reading, item, explained=explained)
            if code:
                yield Finding(
                    code,
                    unit=submission.unit,
                    file=reading.source.file,
                    sheet=reading.source.sheet,
                    cell=reading.source.cell,
                    name=assignment.called(unit, item),
                    found=found,
                    expected=expected,
                    voids=(voided(key),),
                    field=key,
                )


def _avoided(reading: Reading) -> tuple[str, str, str]:
    said = reading.raw.strip()
    wrong = said not in ("", AVOIDED) or reading.fault in ("error_value", "formula_uncomputed")
    return ("mark_in_own_unit", said, "") if wrong else ("", "", "")


def _judge(reading: Reading, item: ReviewItem, *, explained: bool) -> tuple[str, str, str]:
    """Return code, what was found and what was expected; no code for a mark that counts."""
    number, said = reading.number, reading.raw.strip()
    if reading.fault:
        return reading.fault, said, ""
    if reading.state is State.BLANK:
        return ("", "", "") if explained else ("mark_unexplained", "", "")
    if reading.state is State.UNREADABLE or number is None:
        return "not_a_number", said, reading.reason
    if reading.normalised:
        # Text may be a number to the eye: whether it was meant as one is not for us to guess.
        return "not_a_number", said, "是文字，不是数字"
    if not 0 <= number <= item.full_marks:
        return "mark_out_of_range", plain(number), plain(item.full_marks)
    if not is_in_steps(number):
        return "mark_not_in_steps", plain(number), plain(STEP)
    return "", "", ""


def _noticed(assignment: ReviewAssignment, submission: Submission) -> Iterator[Finding]:
    """Word what intake noticed; formulas in marks are told with the marks."""
    for one in submission.observed:
        if one.code == "formula_entry" and one.column != REASON:
            continue
        yield Finding(
            one.code,
            unit=submission.unit,
            file=one.source.file,
            sheet=one.source.sheet,
            cell=one.source.cell,
            name=_name(assignment, one),
            found=one.found,
            expected=one.expected,
            voids=tuple(_voids(assignment, one)),
            field=Key(one.row, one.column) if one.row else None,
        )


def _name(assignment: ReviewAssignment, one: Observed) -> str:
    units, items = _of(assignment, one)
    if one.row == HEAD_KEY:
        return f"第 {items[0].number} 项的名称或满分" if items else "表头"
    if not units:
        return ""
    if one.column == REASON:
        return f"{units[0].short}的未评原因"
    return assignment.called(units[0], items[0]) if items else f"{units[0].short}一行的单位名称"


def _voids(assignment: ReviewAssignment, one: Observed) -> Iterator[str]:
    """Name the marks beside an altered unit, or below an altered item: they mean something else."""
    if one.code != "review_altered":
        return
    units, items = _of(assignment, one)
    for unit in assignment.plan.units if one.row == HEAD_KEY else units:
        for item in items if one.row == HEAD_KEY else assignment.items:
            yield voided(mark_key(unit, item))


def _of(
    assignment: ReviewAssignment, one: Observed
) -> tuple[tuple[Unit, ...], tuple[ReviewItem, ...]]:
    """Return the unit and the item that something noticed is about, where it is about one."""
    units = tuple(unit for unit in assignment.plan.units if unit.code == one.row)
    items = tuple(item for item in assignment.items if item_key(item) == one.column)
    return units, items
