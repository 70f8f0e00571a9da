"""Where units stand: one rate over all a unit's indicators, its rank, and what lags most.

The numbered indicators of annex 2 weigh alike and the rows of one number share its weight; an
achievement counts up to 100 %, and only rows with a figure count. A unit that still owes a figure
has a rate but no rank: its rate says nothing of what it owes. These are no official scores.
"""

import math
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass

from consolidator.figures.values import Figure, Figures
from consolidator.forms.quarterly.derive import Progress
from consolidator.plan.model import Plan

OWED = ("未报", "待更正")
"""The words that stand where a figure is owed."""
DIGITS = 6
"""Decimals a rate is rounded to, so that equal ones share a rank in every program."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One unit's overall rate; None where it has no figure at all."""

    rate: float | None
    covered: int
    """How many of its rows have an achievement."""
    rank: int | None
    """Equal rates share a rank; None where a figure is owed, or there is none at all."""
    order: int
    """Its place from 1 when units are sorted, those without a rank last."""


def weight(plan: Plan, indicator: int) -> float:
    """Return the weight of the indicator at a position of the plan."""
    rows = Counter(one.number for one in plan.indicators)
    return 1 / rows[plan.indicators[indicator].number]


def standings(figures: Figures) -> tuple[Standing, ...]:
    """Return the standing of each unit, in the plan's order."""
    weights = [weight(figures.plan, place) for place in range(len(figures.plan.indicators))]
    rates: list[float | None] = []
    covered = []
    for unit in range(len(figures.plan.units)):
        rows = zip(figures.of(unit), weights, strict=True)
        held = [(one.achievement, share) for one, share in rows if one.achievement is not None]
        total = math.fsum(share for _, share in held)
        points = math.fsum(min(rate, 1.0) * share for rate, share in held)
        rates.append(round(points / total, DIGITS) if total else None)
        covered.append(len(held))
    ranked = [
        None if any(one.basis in OWED for one in figures.of(unit)) else rate
        for unit, rate in enumerate(rates)
    ]
    known = sorted(rate for rate in ranked if rate is not None)
    seen: Counter[float | None] = Counter()
    found = []
    for rate, mine, held_rows in zip(rates, ranked, covered, strict=True):
        above = len(known) if mine is None else len(known) - bisect_right(known, mine)
        order = above + seen[mine] + 1
        seen[mine] += 1
        found.append(Standing(rate, held_rows, None if mine is None else above + 1, order))
    return tuple(found)


def furthest_behind(figures: Figures) -> tuple[tuple[int, Figure], ...]:
    """Return the figures that lag with their places among all, those furthest behind first."""
    behind = [
        (place, one) for place, one in enumerate(figures.rows) if one.progress is Progress.LAGGING
    ]
    return tuple(sorted(behind, key=lambda found: (found[1].achievement or 0.0, found[0])))
