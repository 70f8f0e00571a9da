"""Merge the reviewers' marks: a mean for each unit and item, the median, and who is far off.

Nothing is removed: a mark far from the median is pointed at and still counts. Where there is no
mark there is no mean, which is not 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from consolidator.checks.findings import Finding, in_order, plain
from consolidator.checks.review_selection import ReviewerResult, ReviewerStatus, SettledReview
from consolidator.figures.review_results import ItemKey
from consolidator.forms.review.assignment import AVOIDED, Reviewer, mark_key, reason_key
from consolidator.forms.review.marking import is_far, merged, middle
from consolidator.intake.values import State
from consolidator.plan.model import ReviewItem, Unit

BLANK, MISSING = "未评", "未交"
"""Words in place of a mark: left blank with a reason, and not returned at all."""
UNUSED = "✗"
"""What stands before something that was entered and gives no mark."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What one reviewer gave one unit for one item, and where it stands."""

    reviewer: Reviewer
    unit: Unit
    item: ReviewItem
    value: float | None
    """The mark that counts; None where there is none."""
    word: str
    """What is shown where no mark counts."""
    file: str = ""
    sheet: str = ""
    cell: str = ""
    far: bool = False
    """Whether it lies far from the median."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What the marks of one unit and item come to."""

    mean: float | None
    middle: float | None
    count: int


@dataclass(frozen=True)
class ReviewFigures:
    """Every mark and what they come to."""

    settled: SettledReview
    marks: tuple[Mark, ...]
    """By unit in the plan's order, then reviewer, then item."""
    merged: dict[ItemKey, Merged]

    def total(self, unit: Unit) -> float | None:
        """Return the sum of a unit's means; None where one is missing."""
        items = self.settled.plan.review_items
        means = [self.merged[unit.code, item.number].mean for item in items]
        known = [mean for mean in means if mean is not None]
        return sum(known) if known and len(known) == len(means) else None

    @cached_property
    def far(self) -> tuple[Mark, ...]:
        """The marks that lie far from the median."""
        return tuple(one for one in self.marks if one.far)


def merge(settled: SettledReview) -> ReviewFigures:
    """Compute every mean and point at marks far from the median."""
    plan = settled.plan
    found: dict[ItemKey, Merged] = {}
    marks: list[Mark] = []
    for unit in plan.units:
        by_item = {}
        for item in plan.review_items:
            given = [_mark(result, unit, item) for result in settled.reviewers]
            values = [one.value for one in given if one.value is not None]
            half = middle(values)
            mean = merged(values, plan.reviewing.mean)
            found[unit.code, item.number] = Merged(mean, half, len(values))
            by_item[item.number] = [_compared(one, half) for one in given]
        for place in range(len(settled.reviewers)):
            marks += (by_item[item.number][place] for item in plan.review_items)
    return ReviewFigures(settled, tuple(marks), found)


def with_outliers(figures: ReviewFigures) -> ReviewFigures:
    """Return the figures with a finding for each mark that is far off."""
    settled = figures.settled
    found = in_order([*settled.findings, *_outliers(figures)])
    return replace(figures, settled=replace(settled, findings=tuple(found)))


def _outliers(figures: ReviewFigures) -> Iterator[Finding]:
    for one in figures.far:
        half = figures.merged[one.unit.code, one.item.number].middle
        assert one.value is not None
        assert half is not None
        yield Finding(
            "mark_outlier",
            unit=one.reviewer.code,
            file=one.file,
            sheet=one.sheet,
            cell=one.cell,
            name=f"{one.unit.short}·{one.item.number}. {one.item.name}",
            found=plain(one.value),
            expected=plain(half),
            field=mark_key(one.unit, one.item),
        )


def _mark(result: ReviewerResult, unit: Unit, item: ReviewItem) -> Mark:
    reviewer, key = result.reviewer, mark_key(unit, item)
    if result.status is ReviewerStatus.MISSING or result.submission is None:
        return Mark(reviewer, unit, item, None, MISSING)
    reading = result.submission.readings[key]
    value, said = result.marks.get(key), reading.raw.strip()
    if unit.code == reviewer.unit:
        word = AVOIDED if said in ("", AVOIDED) else f"{UNUSED} {said}"
    elif reading.state is State.BLANK and not reading.fault:
        why = result.submission.readings[reason_key(unit)]
        word = BLANK if why.state is State.ENTERED else f"{UNUSED} 空白"
    else:
        word = f"{UNUSED} {said}".strip()
    return Mark(reviewer, unit, item, value, "" if value is not None else word, *reading.source)


def _compared(mark: Mark, half: float | None) -> Mark:
    if mark.value is None or half is None:
        return mark
    return replace(mark, far=is_far(mark.value, half, mark.item.full_marks))
