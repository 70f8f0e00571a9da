"""Build the table of figures: one row a unit and indicator, and the district's rows over it.

What a figure is, in this order: the adjustment by staff, the register's count where a register
is given, what the unit reported. A cell with an error gives no figure. A ratio is never added
up: the district's is sum over sum.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from consolidator.checks.findings import Finding
from consolidator.checks.selection import Settled, UnitResult
from consolidator.figures.adjustments import Adjustment, Adjustments, FigureKey, Reported
from consolidator.figures.values import ADJUSTED, FILED, DistrictFigure, Figure, Figures, Filed
from consolidator.forms.quarterly import derive
from consolidator.forms.quarterly.assignment import Key
from consolidator.intake.values import Reading
from consolidator.plan.model import Indicator, Plan
from consolidator.plan.period import Period


def build(
    settled: Settled,
    adjustments: Adjustments,
    filed: Mapping[FigureKey, Filed] | None = None,
    *,
    time_progress: float | None = None,
) -> Figures:
    """Compute every figure from what counts, the findings and the staff's adjustments.

    Args:
        settled: what counts.
        adjustments: what staff set.
        filed: the register's counts, where a register is given; a unit that is asked an
            indicator that counts filings has an entry there, maybe of 0.
        time_progress: what achievements are held against; None for the period's own.
    """
    counts = filed or {}
    gone = settled.period.time_progress if time_progress is None else time_progress
    voided, problems = _by_figure(settled.findings)
    rows = tuple(
        _figure(settled, result, one, adjustments.get((result.unit.code, one.code)),
                void=(result.unit.code, one.code) in voided,
                problems=problems.get((result.unit.code, one.code), 0), gone=gone,
                filed=counts.get((result.unit.code, one.code)))
        for result in settled.units
        for one in settled.plan.indicators
    )  # fmt: skip
    return Figures(settled.plan, settled.period, rows, _district(settled, rows, gone))


def reported(settled: Settled) -> dict[FigureKey, Reported]:
    """Return what each unit reported, by unit and indicator, voided figures as None."""
    plain = build(settled, {})
    return {(one.unit, one.indicator): (one.reported, one.reported_under) for one in plain.rows}


def _by_figure(findings: tuple[Finding, ...]) -> tuple[set[FigureKey], dict[FigureKey, int]]:
    voided: set[FigureKey] = set()
    problems: dict[FigureKey, int] = {}
    for one in findings:
        voided.update((one.unit, code) for code in one.voids if one.severity == "error")
        if one.indicator and one.severity != "info":
            key = (one.unit, one.indicator)
            problems[key] = problems.get(key, 0) + 1
    return voided, problems


def _figure(
    settled: Settled, result: UnitResult, indicator: Indicator, adjustment: Adjustment | None,
    *, void: bool, problems: int, gone: float, filed: Filed | None,
) -> Figure:  # fmt: skip
    plan, period, unit = settled.plan, settled.period, result.unit.code
    asked = plan.asks(unit, indicator, period)
    readings = _readings(result, indicator) if asked else []
    values = [None if void else reading.number for reading in readings]
    given, under = [*values, None, None][:2]
    ratio = bool(indicator.amounts)
    used = adjustment.used(ratio=ratio) if asked and adjustment else None
    known = (given if filed is None else float(filed.number), under)
    figure, denominator = (
        old if new is None else new for new, old in zip(used or (None, None), known, strict=True)
    )
    actual = derive.ratio(figure, denominator) if ratio else figure
    word = _no_figure(plan, result, indicator, period)
    target = plan.target(unit, indicator.code)
    rate = derive.achievement(actual, target)
    source = readings[0].source if readings else None
    cell = "、".join(one.source.cell for one in readings)
    reported_in = f"{result.file} {source.sheet} {cell}" if filed and source else ""
    file, sheet = (result.file, source.sheet) if source else ("", "")
    return Figure(
        unit=unit,
        indicator=indicator.code,
        target=target,
        asked=asked,
        reported=given,
        reported_under=under,
        raw="；".join(one.raw for one in readings if void or one.normalised or one.reason),
        adjustment=adjustment,
        figure=figure,
        denominator=denominator,
        actual=actual,
        achievement=rate,
        progress=derive.progress(rate, gone),
        basis=_basis(word if actual is None else "", adjusted=bool(used), filed=bool(filed)),
        word=word,
        file=filed.file if filed else file,
        sheet=filed.sheet if filed else sheet,
        cell=filed.cell if filed else cell,
        problems=problems,
        remark=_remark(result, indicator) if asked else "",
        filed=filed,
        reported_in=reported_in,
    )


def _basis(none: str, *, adjusted: bool, filed: bool) -> str:
    """Say what a figure rests on; ``none`` is why there is no figure."""
    if adjusted:
        return ADJUSTED
    return FILED if filed else none or "上报"


def _no_figure(plan: Plan, result: UnitResult, indicator: Indicator, period: Period) -> str:
    """Return the word shown where a unit has no figure."""
    if plan.target(result.unit.code, indicator.code) is None:
        return "—"
    if not indicator.is_due(period):
        return "本期不填"
    return "未报" if result.submission is None else "待更正"


def _readings(result: UnitResult, indicator: Indicator) -> list[Reading]:
    if result.submission is None:
        return []
    codes = [amount.code for amount in indicator.amounts] or [indicator.code]
    return [result.submission.readings[Key(code, "actual")] for code in codes]


def _remark(result: UnitResult, indicator: Indicator) -> str:
    if result.submission is None:
        return ""
    return result.submission.readings[Key(indicator.code, "remark")].raw.strip()


def _district(
    settled: Settled, rows: tuple[Figure, ...], gone: float
) -> tuple[DistrictFigure, ...]:
    table = pd.DataFrame(
        {
            "indicator": [one.indicator for one in rows],
            "asked": [one.asked for one in rows],
            "covered": [one.actual is not None for one in rows],
            "target": pd.array([one.target for one in rows], dtype="Float64"),
            "figure": pd.array([one.figure for one in rows], dtype="Float64"),
            "denominator": pd.array([one.denominator for one in rows], dtype="Float64"),
        }
    )
    totals = table.groupby("indicator", sort=False)[["asked", "covered"]].sum()
    held = table[table["covered"]].groupby("indicator", sort=False)
    sums: Mapping[Any, Mapping[Any, Any]] = (
        held[["target", "figure", "denominator"]].sum().to_dict("index")
    )
    asked_of, covered_of = totals["asked"].to_dict(), totals["covered"].to_dict()
    found = []
    for one in settled.plan.indicators:
        asked, covered = int(asked_of[one.code]), int(covered_of[one.code])
        of_covered = sums.get(one.code)
        figure, under, covered_target = (
            float(of_covered[name]) if of_covered else None
            for name in ("figure", "denominator", "target")
        )
        ratio = bool(one.amounts)
        actual = derive.ratio(figure, under) if ratio else figure
        target = settled.plan.district_target(one)
        rate = derive.achievement(actual, target)
        found.append(
            DistrictFigure(
                indicator=one.code,
                target=target,
                actual=actual,
                achievement=rate,
                progress=derive.progress(rate, gone),
                covered=covered,
                asked=asked,
                covered_target=None if ratio else covered_target,
            )
        )
    return tuple(found)
