"""What figures must hold against one another: parts, ratios, time progress, the period before."""

from collections.abc import Iterator

from consolidator.checks.case import Case
from consolidator.checks.findings import Finding, plain
from consolidator.forms.quarterly import derive
from consolidator.forms.quarterly.assignment import Key
from consolidator.intake.values import State
from consolidator.plan.model import Accrual, Kind


def parts(case: Case) -> Iterator[Finding]:
    """Name parts above their whole; which of the two is wrong is not known."""
    for line in case.assignment.entries:
        parent = line.indicator.parent
        if parent is None or line.amount or parent not in case.sound or line.key not in case.sound:
            continue
        part, whole = case.sound[line.key], case.sound[parent]
        if part > whole:
            yield case.finding(
                "part_above_whole",
                case.readings[line.value_key].source,
                line=line,
                found=plain(part),
                expected=plain(whole),
                voids=(line.indicator.code, parent),
            )


def ratios(case: Case) -> Iterator[Finding]:
    """Name ratios whose numerator is above the denominator, or with nothing to divide by."""
    for line in case.assignment.headline:
        if not line.indicator.amounts:
            continue
        over, under = line.indicator.amounts
        if over.code not in case.sound or under.code not in case.sound:
            continue
        a, b = case.sound[over.code], case.sound[under.code]
        above = a > b and line.indicator.kind is Kind.RATIO
        if b <= 0 or above:
            wrong = over if above else under
            first = next(one for one in case.assignment.entries if one.amount == wrong)
            yield case.finding(
                "ratio_impossible",
                case.readings[first.value_key].source,
                line=line,
                found=f"{over.name} {plain(a)}，{under.name} {plain(b)}",
                voids=(line.indicator.code,),
            )


def falls(case: Case) -> Iterator[Finding]:
    """Name cumulative figures below those of the period before; the remark must say why."""
    for line in case.assignment.entries:
        number, before = case.sound.get(line.key), case.previous.get(line.key)
        if number is None or before is None or number >= before:
            continue
        if line.indicator.accrual is not Accrual.CUMULATIVE:
            continue
        remark = case.readings[Key(line.indicator.code, "remark")]
        if not remark.fault:
            code = "figure_fell" if remark.state is State.BLANK else "fall_explained"
            source = case.readings[line.value_key].source
            yield case.finding(code, source, line=line, found=plain(number), expected=plain(before))


def lags(case: Case) -> Iterator[Finding]:
    """Name what lags behind the time gone and is not explained in the remarks."""
    gone = case.assignment.period.time_progress
    for line in case.assignment.headline:
        result = derive.derive(case.assignment, line, case.answers)
        remark = case.readings[line.remark_key]
        lagging = result.progress is derive.Progress.LAGGING and not remark.fault
        if lagging and remark.state is State.BLANK and isinstance(result.achievement, float):
            yield case.finding(
                "lag_unexplained",
                remark.source,
                line=line,
                found=f"{result.achievement:.1%}",
                expected=f"{gone:.0%}",
            )
