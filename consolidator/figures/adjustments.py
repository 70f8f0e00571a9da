"""What staff set by hand beside a reported figure, with their reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

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
    cell: str = ""
    """Where it stands in the sheet of figures."""

    @property
    def applies(self) -> bool:
        """Tell whether it is used: a number that makes sense, and a reason."""
        return bool(self.reason.strip()) and any(
            isinstance(part, (int, float)) for part in (self.figure, self.denominator)
        )


Adjustments = Mapping[FigureKey, Adjustment]


def adjustment_findings(
    adjustments: Adjustments, reported: Mapping[FigureKey, float | None], plan: Plan, file: str
) -> Iterator[Finding]:
    """List every adjustment, and say which are not used or may be out of date."""
    for (unit, code), one in adjustments.items():
        indicator = plan.indicator_by_code[code]
        now = reported.get((unit, code))

        def finding(kind: str, found: str, expected: str = "") -> Finding:
            return Finding(
                kind, unit, file, "数据", one.cell, code, indicator.label, found, expected  # noqa: B023
            )

        if not one.applies:
            wrong = "没有填写理由" if not one.reason.strip() else "调整数不是数字"
            yield finding("adjustment_incomplete", wrong)
            continue
        parts = (one.figure, one.denominator)
        shown = "/".join(plain(part) for part in parts if isinstance(part, (int, float)))
        yield finding("adjusted", "空缺" if now is None else plain(now), shown)
        if one.reported != now:
            before = "空缺" if one.reported is None else plain(one.reported)
            yield finding("adjustment_outdated", before, "空缺" if now is None else plain(now))
