"""What only several files together tell: changes since the last return, figures of a neighbour."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from consolidator.checks.findings import Finding
from consolidator.forms.layout import Value
from consolidator.forms.quarterly.assignment import LIST_KEYS, Assignment, Key
from consolidator.intake.values import Reading, State, Submission
from consolidator.plan.model import Plan
from consolidator.plan.period import Period

_ALIKE = 5
"""Two units with so many figures that are not zero, and all alike, did not come to them alone."""
_CHANGES = 40
"""Changes since the last return that are listed one by one."""
_LISTED = frozenset(LIST_KEYS)
Counts = tuple[tuple[Key, Value], ...]


def changes(before: Submission, now: Submission, plan: Plan) -> Iterator[Finding]:
    """List the cells in which a unit's return differs from its last one.

    Of a row of the filed list the first cell that differs is named.
    """
    unit, period = plan.unit_by_code[now.unit], Period.parse(now.stamp.period)
    assignment = Assignment(plan, unit, period, form=now.stamp.form)
    told: set[str] = set()
    for key in dict.fromkeys([*now.readings, *before.readings]):
        old, new = before.readings.get(key), now.readings.get(key)
        if _meant(old) == _meant(new) or (key.row in _LISTED and key.row in told):
            continue
        if len(told) >= _CHANGES:
            return
        told.add(key.row if key.row in _LISTED else f"{key.row}/{key.column}")
        source = new.source if new else None
        yield Finding(
            "changed",
            unit=unit.code,
            file=source.file if source else "",
            sheet=source.sheet if source else "",
            cell=source.cell if source else "",
            indicator=key.row if key.row in plan.indicator_by_code else "",
            name=assignment.called(key),
            found=old.raw.strip() if old else "",
            expected=new.raw.strip() if new else "",
        )


def _meant(reading: Reading | None) -> object:
    """Return what a cell means: how a number is written makes no change."""
    if reading is None or reading.state is State.BLANK:
        return None
    return reading.value if reading.state is State.ENTERED else reading.raw.strip()


def same_figures(
    chosen: Mapping[str, tuple[str, Submission]],
    sent: Mapping[str, Sequence[Submission]],
    plan: Plan,
) -> Iterator[Finding]:
    """Name units whose counts are all the same as those that another unit sent.

    Args:
        chosen: the file and submission that count, by unit code.
        sent: everything readable that each unit sent, older returns included.
        plan: whose indicators are counted.
    """
    senders: dict[Counts, dict[str, None]] = {}
    for unit, submissions in sent.items():
        for one in submissions:
            senders.setdefault(_counts(one, plan), {})[unit] = None
    for unit, (file, submission) in chosen.items():
        counts = _counts(submission, plan)
        others = [one for one in senders[counts] if one != unit]
        if others and sum(bool(value) for _, value in counts) >= _ALIKE:
            names = "、".join(plan.unit_by_code[one].name for one in others)
            yield Finding(
                "same_figures", unit=unit, file=file, found=str(len(counts)), expected=names
            )


def _counts(submission: Submission, plan: Plan) -> Counts:
    figures = submission.figures()
    return tuple((key, value) for key, value in figures if key.row in plan.indicator_by_code)


def name_of_another(file: str, unit: str, plan: Plan) -> Finding | None:
    """Point at a file whose name speaks of another unit than its stamp."""
    others = [one.short for one in plan.units if one.code != unit]
    return named_after(file, unit, plan.unit(unit).short, others)


def named_after(file: str, code: str, own: str, others: Iterable[str]) -> Finding | None:
    """Point at a file named after another sender than ``own``, whose code is ``code``."""
    last = file.rpartition("/")[2]
    found = next((one for one in others if one in last), "")
    if not found or own in last:
        return None
    return Finding("file_name_differs", unit=code, file=file, found=found, expected=own)
