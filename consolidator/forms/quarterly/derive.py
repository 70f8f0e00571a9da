"""Compute what the form derives: the Python twin of every formula in it.

The rules for numbers are the same for a template's own cells, for the checks and for the
district workbook: achievement is actual over target, status compares it with time progress.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from consolidator.forms.layout import Value
from consolidator.forms.quarterly.assignment import Assignment, Key, Line

NEAR = 0.9
"""At this share of the time progress or more an indicator is near, below it lags."""
NO_RATE = "—"


class Progress(StrEnum):
    """How an achievement stands against the time gone; the text is what cells show."""

    REACHED = "▲ 达到"
    NEAR = "● 接近"
    LAGGING = "▼ 滞后"


@dataclass(frozen=True, slots=True)
class Derived:
    """What a line derives from the answers; None where an input is missing."""

    actual: float | None
    achievement: float | str
    progress: Progress | None


def is_number(value: Value) -> bool:
    """Tell what ISNUMBER tells of an entered value; a date is a number to a program."""
    return value is not None and not isinstance(value, str)


def number(value: Value) -> float | None:
    """Return an answer as a number, None where it is blank or text."""
    return float(value) if isinstance(value, (int, float)) else None


def text(value: Value) -> str:
    """Return an entered value as text without white space around it; blank is empty."""
    return "" if value is None else str(value).strip()


def ratio(numerator: float | None, denominator: float | None) -> float | None:
    """Divide two amounts; None where one is missing or nothing can be divided by."""
    if numerator is None or denominator is None or denominator <= 0:
        return None
    return numerator / denominator


def achievement(actual: float | None, target: float | None) -> float | None:
    """Return actual over target; None where there is no figure, no target or a target of 0."""
    if actual is None or target is None or target <= 0:
        return None
    return actual / target


def achievement_formula(target: str, actual: str) -> str:
    """Return the formula text (without ``=``) of the same over the cells of both."""
    return f'IF(N({target})>0,IF(ISNUMBER({actual}),{actual}/{target},""),"{NO_RATE}")'


def progress(rate: float | None, time_progress: float) -> Progress | None:
    """Compare an achievement with the share of the year that has gone.

    Both sides are compared to 12 digits, in the formulas too, so that 27/40 against 90 % of
    0.75 falls the same way in every program.
    """
    if rate is None:
        return None
    if round(rate - time_progress, 12) >= 0:
        return Progress.REACHED
    if round(rate - time_progress * NEAR, 12) >= 0:
        return Progress.NEAR
    return Progress.LAGGING


def progress_formula(rate: str, time_progress: str) -> str:
    """Return the formula text (without ``=``) that names the progress of the cell ``rate``."""
    near = f'IF(ROUND({rate}-{time_progress}*{NEAR},12)>=0,"{Progress.NEAR}","{Progress.LAGGING}")'
    reached = f'IF(ROUND({rate}-{time_progress},12)>=0,"{Progress.REACHED}",{near})'
    return f'IF(ISNUMBER({rate}),{reached},"")'


def measure(
    figures: Sequence[float | None], target: float | None
) -> tuple[float | None, float | str]:
    """Return actual and achievement of an indicator's line, as its cells show them.

    Args:
        figures: its figure, or the two amounts of a ratio; None where one is missing.
        target: None where none applies.
    """
    actual = figures[0] if len(figures) == 1 else ratio(figures[0], figures[1])
    rate = achievement(actual, target)
    if rate is not None:
        return actual, rate
    return actual, NO_RATE if target is None or target == 0 else ""


def derive(assignment: Assignment, line: Line, answers: Mapping[Key, Value]) -> Derived:
    """Compute the derived cells of an indicator's line from the answers."""
    figures = [number(answers.get(key)) for key in line.figure_keys]
    target = assignment.plan.target(assignment.unit.code, line.indicator.code)
    actual, rate = measure(figures, target)
    known = None if isinstance(rate, str) else rate
    return Derived(actual, rate, progress(known, assignment.period.time_progress))


class RowMark(StrEnum):
    """What the form says of a row of the filed list; the text is what the cell shows."""

    PASS = "✓"
    NO_KIND = "✗ 类别"
    NOT_WHOLE = "✗ 不全"
    REPEATED = "✗ 重复"


def row_marks(assignment: Assignment) -> dict[str, RowMark]:
    """Judge the rows of the filed list that hold anything, by row key."""
    rows = assignment.filed_rows
    filings = Counter(text(row["filing"]).casefold() for _, row in rows)
    marks = {}
    for key, row in rows:
        day = row["date"]
        dated = isinstance(day, date) and day.year == assignment.period.year
        if row["kind"] not in assignment.plan.filed_kinds:
            marks[key] = RowMark.NO_KIND
        elif not dated or not all(text(row[column]) for column in ("partner", "subject", "filing")):
            marks[key] = RowMark.NOT_WHOLE
        else:
            repeated = filings[text(row["filing"]).casefold()] > 1
            marks[key] = RowMark.REPEATED if repeated else RowMark.PASS
    return marks


def filed_count(assignment: Assignment, kinds: tuple[str, ...]) -> int:
    """Count the rows of the filed list that are of one of ``kinds``."""
    return sum(row["kind"] in kinds for _, row in assignment.filed_rows)
