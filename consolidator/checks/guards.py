"""What may be a slip of scale or of copying: pointed at, never corrected."""

from collections.abc import Iterator

from consolidator.checks.case import Case
from consolidator.checks.findings import Finding, plain
from consolidator.forms.quarterly import derive
from consolidator.forms.quarterly.assignment import Line
from consolidator.plan.model import Kind

_TIMES = 8
"""A zero too many makes ten; what was really reached may lie a little off that."""
_LEAST = 10
"""Smaller counts grow eightfold by themselves."""
_ENOUGH = 5
"""So many figures that are all alike are no accident."""
_PERCENT = 100
"""Two amounts of at most this many 万元 are a share typed as percentage or fraction."""


def scale(case: Case) -> Iterator[Finding]:
    """Point at figures many times above the target, or the period before's."""
    for line in case.assignment.entries:
        number = case.sound.get(line.key)
        if number is None:
            continue
        target = None if line.amount else case.assignment.plan.target(
            case.assignment.unit.code, line.indicator.code
        )  # fmt: skip
        before = case.previous.get(line.key)
        if target and number >= max(target * _TIMES, _LEAST):
            yield _about(case, line, "scale_target", number, target)
        elif before and _has_jumped(number, before):
            yield _about(case, line, "scale_previous", number, before)


def _about(case: Case, line: Line, code: str, number: float, other: float) -> Finding:
    source = case.readings[line.value_key].source
    return case.finding(code, source, line=line, found=plain(number), expected=plain(other))


def _has_jumped(number: float, before: float) -> bool:
    """Tell whether a figure is many times what it was; one that fell is named elsewhere."""
    return number >= _LEAST and number >= before * _TIMES


def ratios(case: Case) -> Iterator[Finding]:
    """Point at a ratio far off its target: its amounts were given in different measures."""
    for line in case.assignment.headline:
        if line.indicator.kind is not Kind.RATIO:
            continue
        over, under = (case.sound.get(amount.code) for amount in line.indicator.amounts)
        target = case.assignment.plan.target(case.assignment.unit.code, line.indicator.code)
        share = derive.ratio(over, under)
        if share is None or not target or over is None or under is None or share > 1:
            continue
        if share * _TIMES <= target or under <= _PERCENT:
            first = next(one for one in case.assignment.entries if one.indicator is line.indicator)
            yield case.finding(
                "ratio_scale",
                case.readings[first.value_key].source,
                line=line,
                found=f"{share:.1%}（{plain(over)}/{plain(under)}）",
                expected=f"{target:.1%}",
            )


def copied(case: Case) -> Iterator[Finding]:
    """Point at a form in which every figure is the target, or the period before's figure."""
    unit = case.assignment.unit.code
    lines = [one for one in case.assignment.entries if not one.amount]
    numbers = {line.key: case.sound.get(line.key) for line in lines}
    if None in numbers.values():
        return
    targets = {one.key: case.assignment.plan.target(unit, one.indicator.code) for one in lines}
    if len(numbers) >= _ENOUGH and numbers == targets:
        yield _alike(case, lines[0], "target_copied", len(numbers))
        return
    if case.assignment.period.quarter is None:
        # The year's own round asks again for what the fourth quarter came to.
        return
    before = {line.key: case.previous.get(line.key) for line in lines}
    if len(numbers) >= _ENOUGH and numbers == before and any(numbers.values()):
        yield _alike(case, lines[0], "nothing_new", len(numbers))


def _alike(case: Case, first: Line, code: str, count: int) -> Finding:
    return case.finding(code, case.readings[first.value_key].source, found=str(count))
