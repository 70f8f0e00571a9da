"""What intake noticed besides the entries: locked cells, formulas, moved tables, macros."""

from collections.abc import Iterator

from consolidator.checks.case import Case
from consolidator.checks.findings import Finding
from consolidator.forms.quarterly.assignment import Key
from consolidator.intake.values import Observed

_SAYS_WHAT_IS_ASKED = {"indicator", "measure", "actual"}
"""Where one of these was altered, the figure beside it may mean something else."""


def noticed(case: Case) -> Iterator[Finding]:
    """Word everything that was noticed about a file and its cells."""
    for one in case.submission.observed:
        line = case.lines.get(one.row)
        yield case.finding(
            one.code, one.source, line=line, name=_name(case, one), found=one.found,
            expected=one.expected, voids=_voids(case, one),
        )  # fmt: skip


def _voids(case: Case, one: Observed) -> tuple[str, ...]:
    if one.code == "sheet_lost":
        return case.filed_indicators
    line = case.lines.get(one.row)
    if one.code == "locked_altered" and line and one.column in _SAYS_WHAT_IS_ASKED:
        return (line.indicator.code,)
    return ()


def _name(case: Case, one: Observed) -> str:
    """Name the entry field it is about; a locked cell has none."""
    key = Key(one.row, one.column)
    return case.assignment.called(key) if key in case.readings else ""
