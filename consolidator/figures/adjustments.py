"""What staff set by hand beside a reported figure, with their reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from consolidator.checks.findings import Finding, plain
from consolidator.plan.model import Plan

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
    reported: float | None
    """The reported figure (or numerator) that stood beside it when it was last seen."""

    @property
    def applies(self) -> bool:
        """Tell whether it is used: a number that makes sense, and a reason."""
        return bool(self.reason.strip()) and bool(self.numbers)

    @property
    def numbers(self) -> tuple[float, ...]:
        """The parts that are numbers and not negative."""
        parts = (self.figure, self.denominator)
        return tuple(part for part in parts if isinstance(part, (int, float)) and part >= 0)


Adjustments = Mapping[FigureKey, Adjustment]


def adjustment_findings(
    adjustments: Adjustments, reported: Mapping[FigureKey, float | None], plan: Plan
) -> Iterator[Finding]:
    """List every adjustment, and say which are not used or may be out of date."""
    for (unit, code), one in adjustments.items():
        about = Finding(
            "adjusted", unit=unit, indicator=code, name=plan.indicator_by_code[code].label
        )
        now = _said(reported.get((unit, code)))
        if not one.applies:
            why = "调整数不是不小于 0 的数字" if one.reason.strip() else "没有填写理由"
            yield replace(about, code="adjustment_incomplete", found=why)
            continue
        to = "/".join(plain(part) for part in one.numbers)
        yield replace(about, found=now, expected=to)
        if _said(one.reported) != now:
            was = _said(one.reported)
            yield replace(about, code="adjustment_outdated", found=was, expected=now)


def _said(number: float | None) -> str:
    return "空缺" if number is None else plain(number)
