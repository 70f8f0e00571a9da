"""What staff set by hand beside a reported figure, with their reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from consolidator.checks.findings import Finding, plain
from consolidator.plan.model import Kind, Plan
from consolidator.plan.period import Period

Reported = tuple[float | None, float | None]
FigureKey = tuple[str, str]
"""Unit code and indicator code."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An adjustment as it stands in the district workbook.

    For a ratio ``figure`` and ``denominator`` are the two amounts, for a count ``denominator``
    is None. What is not a number is kept as the text that was typed.
    """

    figure: float | str | None
    denominator: float | str | None
    reason: str
    reported: Reported
    """The reported figure (or numerator) and denominator that stood beside it when last seen."""

    def used(self, *, ratio: bool) -> tuple[float | None, float | None] | None:
        """Return the figure and the denominator that are used, None where neither is.

        An adjustment takes a reason and a number that is not negative; a count's is whole, and
        only a ratio has a denominator.
        """
        figure, denominator = _number(self.figure), _number(self.denominator)
        if ratio and any(
            number is None and typed is not None
            for number, typed in ((figure, self.figure), (denominator, self.denominator))
        ):
            # One amount of two that cannot be used makes the other one doubtful.
            return None
        if not ratio:
            whole = figure is not None and figure == int(figure)
            figure, denominator = figure if whole else None, None
        parts = (figure, denominator)
        return parts if self.reason.strip() and parts != (None, None) else None


def _number(typed: float | str | None) -> float | None:
    return float(typed) if isinstance(typed, (int, float)) and typed >= 0 else None


Adjustments = Mapping[FigureKey, Adjustment]


def adjustment_findings(
    adjustments: Adjustments,
    reported: Mapping[FigureKey, Reported],
    plan: Plan,
    period: Period,
) -> Iterator[Finding]:
    """List every adjustment, and say which are not used or may be out of date."""
    for (unit, code), one in adjustments.items():
        indicator = plan.indicator_by_code[code]
        about = Finding("adjusted", unit=unit, indicator=code, name=indicator.label)
        now = _said(reported.get((unit, code), (None, None)))
        used = one.used(ratio=indicator.kind is Kind.RATIO)
        if used is None or not plan.asks(unit, indicator, period):
            why = _why_not(one)
            why = why if plan.asks(unit, indicator, period) else "该单位本期不填此指标"
            yield replace(about, code="adjustment_incomplete", found=why)
            continue
        to = "/".join(plain(part) for part in used if part is not None)
        yield replace(about, found=now, expected=to)
        if _said(one.reported) != now:
            was = _said(one.reported)
            yield replace(about, code="adjustment_outdated", found=was, expected=now)


def _why_not(one: Adjustment) -> str:
    typed = one.denominator if one.figure is None else one.figure
    if typed is None:
        return "只填了理由，没有填调整数"
    if not one.reason.strip():
        return "没有填写理由"
    return f"调整数“{plain(typed) if isinstance(typed, float) else typed}”不是合适的数字"


def _said(reported: Reported) -> str:
    return "/".join(plain(part) for part in reported if part is not None) or "无可用数"
