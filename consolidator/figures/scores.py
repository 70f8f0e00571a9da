"""Scores and ranks: how each unit's figures become points, points a score, scores a rank.

Each number of annex 2 has a weight that its rows share; an achievement counts up to the cap;
rows that are not applicable hand their weight to the unit's others, in proportion. Quantity and
review each make up their share of the total. A unit that still owes a figure or a review has no
score and no rank, only the range its score may end in. The rules are defaults: the official ones
are not known.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consolidator.figures.parameters import CAP, QUANTITY, REVIEW, Parameters
from consolidator.figures.review_results import ItemKey
from consolidator.figures.values import OWED, SETTLED, Figure, Figures
from consolidator.plan.model import Plan

ALONE = 100.0
"""What the total is out of where there is no review."""
DIGITS = 6
"""Decimals a score is rounded to, so that equal ones share a rank in every program."""


@dataclass(frozen=True, slots=True)
class RowScore:
    """How one figure scores."""

    base: float | None
    """Its share of its number's weight; None where it is not scored (no target, a target of 0,
    not asked for)."""
    weight: float
    """The weight after those of rows not scored were handed over."""
    counted: float | None
    """The achievement, at most the cap."""
    points: float | None
    doubtful: bool
    """Whether the figure is owed, or an open problem may still change it."""


@dataclass(frozen=True, slots=True)
class Score:
    """One unit's score; None where there is none yet."""

    rate: float | None
    """Points over weights of the rows that have a figure: its overall achievement."""
    quantity: float | None
    """Points of all rows, of the weights' sum; None while a figure is owed."""
    review: float | None
    """The sum of the review's marks; None where one is missing, or nothing was reviewed."""
    least: float
    most: float
    """What its points of quantity come to at least and at most, whatever becomes of doubtful
    figures."""
    total: float | None
    low: float
    high: float
    """What the total comes to at least and at most."""
    owed: int
    """How many figures it owes."""
    rank: int | None
    order: int
    """Its place from 1 when units are sorted, those without a rank last."""
    best: int
    worst: int
    """The ranks it may end at."""
    by_number: Mapping[int, float | None]
    """Points by the numbers of annex 2; None where no row of the number has a figure."""


@dataclass(frozen=True)
class Scores:
    """Every unit's score, in the plan's order, and every figure's points."""

    units: tuple[Score, ...]
    rows: tuple[RowScore, ...]
    """In the order of the figures."""
    full: float
    """What a unit's quantity points come to at a cap of 100 %."""
    review_full: float
    """Full marks of the review."""
    reviewed: bool
    """Whether the total has its part from the review."""
    share: float
    """What a point of quantity comes to in the total."""


def scores(
    figures: Figures,
    parameters: Parameters,
    *,
    open_problems: Mapping[tuple[str, str], int] | None = None,
    reviews: Mapping[ItemKey, float] | None = None,
) -> Scores:
    """Score every unit.

    Args:
        figures: the period's figures.
        parameters: weights, cap and shares.
        open_problems: how many open problems may still change a figure, by unit and indicator.
        reviews: the merged marks; None where the period has no review.
    """
    plan, problems = figures.plan, open_problems or {}
    bases, full = base_weights(plan, parameters), sum(parameters.weights.values())
    review_full = math.fsum(item.full_marks for item in plan.review_items)
    reviewed = reviews is not None and review_full > 0
    whole = _Whole(parameters, full, review_full, reviewed=reviewed)
    rows: list[RowScore] = []
    drafts: list[_Draft] = []
    for unit in range(len(plan.units)):
        mine = figures.of(unit)
        scored = _rows(mine, bases, full, parameters.used(CAP), problems)
        rows += scored
        review = _review(plan, plan.units[unit].code, reviews) if reviewed else None
        drafts.append(_draft(plan, mine, scored, review, whole))
    return Scores(_ranked(drafts), tuple(rows), full, review_full, reviewed, whole.share)


def base_weights(plan: Plan, parameters: Parameters) -> tuple[float, ...]:
    """Return each indicator's weight: the rows of one number share its weight."""
    rows = Counter(one.number for one in plan.indicators)
    return tuple(parameters.weights[one.number] / rows[one.number] for one in plan.indicators)


def is_scored(one: Figure) -> bool:
    """Tell whether a figure scores at all: it is asked for, and has a target above 0."""
    return one.asked and bool(one.target)


@dataclass(frozen=True, slots=True)
class _Whole:
    """How quantity and review make up the total."""

    parameters: Parameters
    full: float
    review_full: float
    reviewed: bool

    @property
    def share(self) -> float:
        whole = self.parameters.used(QUANTITY) if self.reviewed else ALONE
        return whole / self.full if self.full else 0.0

    def total(self, quantity: float, review: float) -> float:
        if not self.reviewed:
            return round(quantity * self.share, DIGITS)
        reviewed = self.parameters.used(REVIEW) / self.review_full
        return round(quantity * self.share + review * reviewed, DIGITS)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A score before units are held against each other."""

    rate: float | None
    quantity: float | None
    review: float | None
    least: float
    most: float
    total: float | None
    low: float
    high: float
    owed: int
    by_number: Mapping[int, float | None]


def _rows(
    mine: Sequence[Figure], bases: Sequence[float], full: float, cap: float,
    problems: Mapping[tuple[str, str], int],
) -> list[RowScore]:  # fmt: skip
    applicable = math.fsum(base for one, base in zip(mine, bases, strict=True) if is_scored(one))
    found = []
    for one, base in zip(mine, bases, strict=True):
        scored = is_scored(one)
        weight = base * full / applicable if scored and applicable > 0 else 0.0
        rate = one.achievement if scored else None
        counted = None if rate is None else min(rate, cap)
        found.append(
            RowScore(
                base=base if scored else None,
                weight=weight,
                counted=counted,
                points=None if counted is None else counted * weight,
                doubtful=scored and is_doubtful(one, problems),
            )
        )
    return found


def is_doubtful(one: Figure, problems: Mapping[tuple[str, str], int]) -> bool:
    """Tell whether a figure may still change; the bureau's own figures are settled."""
    if one.basis in SETTLED:
        return False
    return one.basis in OWED or problems.get((one.unit, one.indicator), 0) > 0


def _review(plan: Plan, unit: str, reviews: Mapping[ItemKey, float] | None) -> float | None:
    marks = [(reviews or {}).get((unit, item.number)) for item in plan.review_items]
    held = [mark for mark in marks if mark is not None]
    return math.fsum(held) if len(held) == len(marks) else None


def _draft(
    plan: Plan, mine: Sequence[Figure], scored: Sequence[RowScore], review: float | None,
    whole: _Whole,
) -> _Draft:  # fmt: skip
    cap = whole.parameters.used(CAP)
    held = [one for one in scored if one.points is not None]
    points = math.fsum(one.points or 0.0 for one in held)
    weights = math.fsum(one.weight for one in held)
    owed = sum(one.basis in OWED for one in mine)
    quantity = round(points, DIGITS) if not owed and weights > 0 else None
    least = math.fsum(one.points or 0.0 for one in held if not one.doubtful)
    most = least + cap * math.fsum(one.weight for one in scored if one.doubtful)
    known = quantity is not None and (review is not None or not whole.reviewed)
    by_number: dict[int, float | None] = {}
    for indicator, one in zip(plan.indicators, scored, strict=True):
        sofar = by_number.setdefault(indicator.number, None)
        if one.points is not None:
            by_number[indicator.number] = (sofar or 0.0) + one.points
    return _Draft(
        rate=round(points / weights, DIGITS) if weights > 0 else None,
        quantity=quantity,
        review=review,
        least=least,
        most=most,
        total=whole.total(quantity or 0.0, review or 0.0) if known else None,
        low=whole.total(least, review or 0.0),
        high=whole.total(most, whole.review_full if review is None else review),
        owed=owed,
        by_number=by_number,
    )


def _ranked(drafts: Sequence[_Draft]) -> tuple[Score, ...]:
    known = sorted(one.total for one in drafts if one.total is not None)
    lows, highs = sorted(one.low for one in drafts), sorted(one.high for one in drafts)
    count = len(drafts)
    seen: Counter[float | None] = Counter()
    found = []
    for one in drafts:
        above = len(known) if one.total is None else len(known) - bisect_right(known, one.total)
        order = above + seen[one.total] + 1
        seen[one.total] += 1
        found.append(
            Score(
                rate=one.rate,
                quantity=one.quantity,
                review=one.review,
                least=one.least,
                most=one.most,
                total=one.total,
                low=one.low,
                high=one.high,
                owed=one.owed,
                rank=None if one.total is None else above + 1,
                order=order,
                best=1 + count - bisect_right(lows, one.high),
                # One whose own range is open does not outdo itself.
                worst=1 + count - bisect_right(highs, one.low) - (one.high > one.low),
                by_number=one.by_number,
            )
        )
    return tuple(found)


def rank_within(totals: Sequence[float | None], own: float, other: float) -> int:
    """Return the rank ``other`` would have among units one of whose totals, ``own``, it replaces.

    Those without a total are left out.
    """
    known = sorted(one for one in totals if one is not None)
    above = len(known) - bisect_right(known, other)
    return 1 + above - (own > other)
