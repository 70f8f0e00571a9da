"""How reviewers mark and how their marks are merged: every number of these rules, in one place.

Full marks and the kind of mean are the plan's. What annex 3 says of merging is not known, so
these are defaults: marks go in steps of 0.5; a trimmed mean leaves out one highest and one lowest
mark, and with fewer than five marks it is the plain mean; a mark further from the median of a
unit's marks for an item than 30 % of full marks is pointed at and never removed.
"""

from collections.abc import Sequence
from statistics import median

from consolidator.plan.model import MeanKind

STEP = 0.5
"""Marks go in steps of so much."""
TRIMMED_FROM = 5
"""So many marks are needed to leave out the highest and the lowest."""
FAR = 0.3
"""The share of full marks by which a mark may lie off the median before it is pointed at."""
_DIGITS = 9
"""Decimals to which distances are compared, in formulas too."""


def is_in_steps(mark: float) -> bool:
    """Tell whether a mark is a multiple of the step."""
    return mark / STEP == int(mark / STEP)


def is_sound(mark: float, full_marks: float) -> bool:
    """Tell whether a mark lies within 0 and full marks, and in steps."""
    return 0 <= mark <= full_marks and is_in_steps(mark)


def sound_formula(cell: str, full_marks: float) -> str:
    """Return the formula that holds for a sound mark in ``cell`` and for nothing else."""
    steps = f"{cell}/{STEP}"
    within = f"AND({cell}>=0,{cell}<={full_marks:g},INT({steps})={steps})"
    return f"IF(ISNUMBER({cell}),{within},FALSE)"


def merged(marks: Sequence[float], kind: MeanKind) -> float | None:
    """Return the mean of the marks for one unit and item; None where there are none."""
    if not marks:
        return None
    if kind is MeanKind.TRIMMED and len(marks) >= TRIMMED_FROM:
        return (sum(marks) - max(marks) - min(marks)) / (len(marks) - 2)
    return sum(marks) / len(marks)


def merged_formula(marks: str, kind: MeanKind) -> str:
    """Return the formula of `merged` over a range whose other cells hold text or nothing."""
    mean = f"AVERAGE({marks})"
    if kind is MeanKind.TRIMMED:
        trimmed = f"(SUM({marks})-MAX({marks})-MIN({marks}))/(COUNT({marks})-2)"
        mean = f"IF(COUNT({marks})>={TRIMMED_FROM},{trimmed},{mean})"
    return f'IF(COUNT({marks})=0,"",{mean})'


def middle(marks: Sequence[float]) -> float | None:
    """Return the median of the marks; None where there are none."""
    return median(marks) if marks else None


def is_far(mark: float, middle_mark: float, full_marks: float) -> bool:
    """Tell whether a mark lies further from the median than it may."""
    return round(abs(mark - middle_mark) - FAR * full_marks, _DIGITS) > 0


def far_formula(mark: str, middle_mark: str, full_marks: float) -> str:
    """Return the formula of `is_far`; it holds for no cell without a mark."""
    distance = f"IF({mark}>{middle_mark},{mark}-{middle_mark},{middle_mark}-{mark})"
    far = f"ROUND({distance}-{FAR * full_marks:.12g},{_DIGITS})>0"
    return f"IF(ISNUMBER({mark}),{far},FALSE)"


def in_words(kind: MeanKind) -> str:
    """Say how marks become one, for those who read the result."""
    if kind is MeanKind.PLAIN:
        return "各评委评分的算术平均"
    return (
        f"去掉一个最高分和一个最低分后的平均（同分只去一个；不足 {TRIMMED_FROM} 个评分的，"
        "不去最高最低，取算术平均）"
    )
