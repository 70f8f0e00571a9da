"""Run every check over a submission, in the order in which people mend."""

from collections.abc import Callable, Iterable, Mapping

from consolidator.checks import cells, filed, guards, observed, relations
from consolidator.checks.case import Case
from consolidator.checks.findings import Finding, in_order
from consolidator.forms.quarterly.assignment import Assignment
from consolidator.intake.values import Refusal, Returned, Submission
from consolidator.plan.model import Plan
from consolidator.plan.period import Period

CHECKS: tuple[Callable[[Case], Iterable[Finding]], ...] = (
    observed.noticed,
    cells.figures,
    relations.ratios,
    relations.parts,
    filed.ties,
    filed.rows,
    filed.repeated,
    relations.lags,
    relations.falls,
    cells.remarks,
    cells.signers,
    cells.faults,
    guards.scale,
    guards.ratios,
    guards.copied,
)
"""Every check there is; a new one is a line here."""


def check_submission(
    submission: Submission, plan: Plan, previous: Mapping[str, float] | None = None
) -> list[Finding]:
    """Return the findings of one submission, errors first.

    ``previous`` holds the unit's figures of the period before by line key, where known.
    """
    plan = plan.of(submission.unit)
    period, unit = Period.parse(submission.stamp.period), plan.unit_by_code[submission.unit]
    assignment = Assignment(plan, unit, period, form=submission.stamp.form)
    case = Case(assignment, submission, previous or {})
    return in_order([finding for check in CHECKS for finding in check(case)])


def refusal_finding(file: str, refusal: Refusal) -> Finding:
    """Word why a file is no submission."""
    return Finding(
        code=refusal.code,
        unit=refusal.unit,
        file=file,
        sheet=refusal.sheet,
        cell=refusal.cell,
        found=refusal.found,
        expected=refusal.expected,
    )


def check_returned(
    returned: Returned, plan: Plan, previous: Mapping[str, float] | None = None
) -> list[Finding]:
    """Return the findings of one file by itself, readable or not."""
    if returned.refusal:
        return [refusal_finding(returned.file, returned.refusal)]
    assert returned.submission is not None
    return check_submission(returned.submission, plan, previous)
