"""Locked cells: what was issued is what must come back."""

from collections.abc import Iterator

from consolidator.checks.case import Case
from consolidator.checks.findings import Finding

_SAYS_WHAT_IS_ASKED = {"indicator", "measure", "actual"}
"""Where one of these was altered, the figure beside it may mean something else."""


def altered(case: Case) -> Iterator[Finding]:
    """Name every locked cell of the table that was altered."""
    by_key = {line.key: line for line in case.assignment.lines}
    for one in case.submission.altered:
        line = by_key.get(one.row)
        voids = one.column in _SAYS_WHAT_IS_ASKED and line is not None
        yield case.finding(
            "locked_altered",
            one.source,
            line=line,
            found=one.found,
            expected=one.expected,
            voids=(line.indicator.code,) if voids and line else (),
        )


def stale(case: Case) -> Iterator[Finding]:
    """Warn of stored results that the entries do not give; the entries are what counts."""
    by_key = {line.key: line for line in case.assignment.lines}
    for one in case.submission.stale:
        yield case.finding(
            "stale_result",
            one.source,
            line=by_key.get(one.row),
            found=one.found,
            expected=one.expected,
        )
