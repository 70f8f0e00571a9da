"""The earlier periods of a year, as their district workbooks record them.

There is no database: the district workbook of a period is its record. The first figure seen of
an earlier period is kept beside the present one, so that one that was restated stays told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from consolidator.checks.findings import Finding, plain
from consolidator.figures.adjustments import FigureKey
from consolidator.forms.quarterly import derive
from consolidator.plan.model import Indicator, Kind, Plan
from consolidator.plan.period import Period

FirstSeen = Mapping[str, Mapping[FigureKey, float]]
"""The figures first seen of earlier periods, by the period's code."""


@dataclass(frozen=True, slots=True)
class PastPeriod:
    """What the district workbook of an earlier period says."""

    period: Period
    file: str
    actuals: Mapping[FigureKey, float]
    """Figures by unit and indicator; a ratio's two amounts by their own codes."""
    rates: Mapping[str, float]
    """Each unit's overall rate, where it has one."""
    ranks: Mapping[str, int]
    parameters: Mapping[str, float | str] = field(default_factory=dict)
    """What staff typed in place of the scores' parameters."""

    def district(self, plan: Plan, indicator: Indicator) -> float | None:
        """Return the district's figure: a count's sum, a ratio's sum over sum; None for none."""
        if indicator.kind is Kind.RATIO:
            over, under = (self._sum(plan, amount.code) for amount in indicator.amounts)
            return derive.ratio(over, under)
        return self._sum(plan, indicator.code)

    def _sum(self, plan: Plan, code: str) -> float | None:
        held = [self.actuals.get((unit.code, code)) for unit in plan.units]
        known = [one for one in held if one is not None]
        return sum(known) if known else None


@dataclass(frozen=True)
class History:
    """The earlier periods of the year that have a district workbook, in order."""

    periods: tuple[PastPeriod, ...] = ()
    first_seen: FirstSeen = field(default_factory=dict)

    @property
    def last(self) -> PastPeriod | None:
        """The latest of them."""
        return self.periods[-1] if self.periods else None

    def before(self, period: Period) -> PastPeriod | None:
        """Return the period right before ``period``, where its workbook is there."""
        return next((one for one in self.periods if one.period == period.previous), None)

    def first(self, past: PastPeriod, key: FigureKey) -> float | None:
        """Return the figure first seen of an earlier period; its present one if it is new."""
        seen = self.first_seen.get(past.period.code)
        return past.actuals.get(key) if seen is None else seen.get(key)

    def restated(self, plan: Plan) -> Iterator[tuple[PastPeriod, FigureKey, str, str]]:
        """Yield the figures that differ from those first seen, with both as text."""
        for past in self.periods:
            for unit in plan.units:
                for one in plan.indicators:
                    key = unit.code, one.code
                    first, now = self.first(past, key), past.actuals.get(key)
                    if first != now:
                        yield past, key, _said(one, first), _said(one, now)

    def findings(self, plan: Plan) -> Iterator[Finding]:
        """List every restated figure."""
        for past, (unit, code), first, now in self.restated(plan):
            name = f"{past.period.title}的{plan.indicator_by_code[code].label}"
            yield Finding(
                "restated", unit=unit, file=past.file, indicator=code, name=name, found=first,
                expected=now,
            )  # fmt: skip


def _said(indicator: Indicator, number: float | None) -> str:
    if number is None:
        return "空缺"
    return f"{number:.1%}" if indicator.kind is Kind.RATIO else plain(number)
