"""Settle which file counts for each reviewer: every file and every reviewer gets one status."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from consolidator.checks.comparing import named_after
from consolidator.checks.findings import Finding, in_order
from consolidator.checks.review import check_review, sound_marks
from consolidator.checks.run import refusal_finding
from consolidator.checks.selection import Candidate, FileResult, FileStatus, choose
from consolidator.forms.quarterly.assignment import Key
from consolidator.forms.review.assignment import ReviewAssignment, Reviewer
from consolidator.intake.values import Returned, Submission
from consolidator.plan.model import Plan
from consolidator.plan.period import Period
from consolidator.severity import Severity

RULE = (
    "只读取发放清单中的评委的评议表。同一评委有多份可读的，采用保存时间最晚且没有错误的一份；"
    "都有错误的，采用最晚的一份。有错误的评分不采用，同一评委的其他评分照常计入。"
)
_OURS = {"superseded": "review_superseded", "passed_over": "review_passed_over"}
"""Codes whose remedy is another one for reviewers."""
_ALIKE = 10
"""So many marks that are all alike, and not all the same mark, are no accident."""


class ReviewerStatus(StrEnum):
    """Where a reviewer stands."""

    RETURNED = "returned"
    NEEDS_CORRECTION = "needs_correction"
    MISSING = "missing"

    @property
    def chinese(self) -> str:
        """The word people see."""
        return {"returned": "已交", "needs_correction": "有错误", "missing": "未交"}[self]


@dataclass(frozen=True, slots=True)
class ReviewerResult:
    """A reviewer, the one status, and what counts."""

    reviewer: Reviewer
    status: ReviewerStatus
    submission: Submission | None = None
    file: str = ""
    marks: Mapping[Key, float] = field(default_factory=dict)
    """The marks that count."""


@dataclass(frozen=True)
class SettledReview:
    """Every file, every reviewer and every finding of a year's review."""

    plan: Plan
    period: Period
    reviewers: tuple[ReviewerResult, ...]
    files: tuple[FileResult, ...]
    findings: tuple[Finding, ...]

    @property
    def returned(self) -> int:
        """How many reviewers' marks there are."""
        return sum(one.status is not ReviewerStatus.MISSING for one in self.reviewers)

    @cached_property
    def file_totals(self) -> Mapping[FileStatus, int]:
        """How many files ended how; the numbers add up to all files."""
        counts = Counter(one.status for one in self.files)
        return {status: counts[status] for status in FileStatus}

    @cached_property
    def reviewer_totals(self) -> Mapping[ReviewerStatus, int]:
        """How many reviewers stand where; the numbers add up to all reviewers."""
        counts = Counter(one.status for one in self.reviewers)
        return {status: counts[status] for status in ReviewerStatus}

    @property
    def needs_attention(self) -> bool:
        """Tell whether anything must be mended or is missing."""
        return any(one.severity is Severity.ERROR for one in self.findings)


def settle_review(
    returned: Iterable[Returned], plan: Plan, period: Period, reviewers: Sequence[Reviewer]
) -> SettledReview:
    """Give every file and every reviewer exactly one status, and collect the findings."""
    files: list[FileResult] = []
    about_files: list[Finding] = []
    sent: dict[str, list[Candidate]] = {one.code: [] for one in reviewers}
    forms = {one.code: ReviewAssignment(plan, period, one) for one in reviewers}
    for one in returned:
        if one.refusal:
            status = FileStatus.IGNORED if one.ignored else FileStatus.REJECTED
            unit, code = one.refusal.unit, one.refusal.code
            files.append(FileResult(one.file, status, unit, code, one.digest))
            about_files.append(refusal_finding(one.file, one.refusal))
        elif one.submission:
            code = one.submission.unit
            found = check_review(forms[code], one.submission)
            others = [other.name for other in reviewers if other.code != code]
            misnamed = named_after(one.file, code, forms[code].reviewer.name, others)
            found += [misnamed] if misnamed else []
            sent[code].append(Candidate(one.file, one.digest, one.submission, tuple(found)))
    results: list[ReviewerResult] = []
    about_reviewers: list[Finding] = []
    for reviewer in reviewers:
        choice = choose(reviewer.code, reviewer.name, sent[reviewer.code])
        files += (replace(one, code=_OURS.get(one.code, one.code)) for one in choice.files)
        about_files += (replace(one, code=_OURS.get(one.code, one.code)) for one in choice.notes)
        if chosen := choice.chosen:
            about_reviewers += chosen.findings
            marks = sound_marks(chosen.submission, list(chosen.findings))
            flawed = ReviewerStatus.NEEDS_CORRECTION if chosen.errors else ReviewerStatus.RETURNED
            results.append(ReviewerResult(reviewer, flawed, chosen.submission, chosen.file, marks))
        else:
            about_reviewers.append(
                Finding("missing_reviewer", unit=reviewer.code, name=reviewer.name)
            )
            results.append(ReviewerResult(reviewer, ReviewerStatus.MISSING))
    files.sort(key=lambda result: result.file)
    findings = [*about_reviewers, *_same_marks(results), *about_files]
    order = {one.code: place for place, one in enumerate(reviewers)}
    findings.sort(key=lambda one: order.get(one.unit, len(order)))
    return SettledReview(plan, period, tuple(results), tuple(files), tuple(in_order(findings)))


def _same_marks(results: Sequence[ReviewerResult]) -> Iterator[Finding]:
    """Point at reviewers all of whose marks, for units both marked, are those of another."""
    for one in results:
        alike = {
            other.reviewer.name: count
            for other in results
            if other is not one and (count := _alike(one.marks, other.marks))
        }
        if alike:
            yield Finding(
                "same_marks",
                unit=one.reviewer.code,
                file=one.file,
                found=str(max(alike.values())),
                expected="、".join(alike),
            )


def _alike(mine: Mapping[Key, float], other: Mapping[Key, float]) -> int:
    """Count the marks that two reviewers both gave, where all are alike and that says something."""
    both = [key for key in mine if key in other]
    if len(both) < _ALIKE or any(mine[key] != other[key] for key in both):
        return 0
    return len(both) if len({mine[key] for key in both}) > 1 else 0
