"""Settle which file counts for each unit: every file and every unit gets one status.

Of several readable submissions of a unit the latest without errors counts, else the latest;
later means saved later, by the file itself where it tells, else by the file system.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from consolidator.checks.findings import Finding, in_order
from consolidator.checks.run import check_submission, refusal_finding
from consolidator.intake.values import Returned, Submission
from consolidator.plan.model import Plan, Unit
from consolidator.plan.period import Period
from consolidator.severity import Severity

RULE = (
    "同一单位有多份可读的填报表时，采用保存时间最晚且没有错误的一份；都有错误的，采用最晚的一份。"
    "保存时间以文件内记录为准，文件没有记录的以文件修改时间为准。"
)


class FileStatus(StrEnum):
    """What became of a file."""

    COUNTED = "counted"
    SUPERSEDED = "superseded"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    IGNORED = "ignored"

    @property
    def chinese(self) -> str:
        """The word people see."""
        return _FILE_WORDS[self]


class UnitStatus(StrEnum):
    """Where a unit stands."""

    ACCEPTED = "accepted"
    NEEDS_CORRECTION = "needs_correction"
    MISSING = "missing"

    @property
    def chinese(self) -> str:
        """The word people see."""
        return _UNIT_WORDS[self]


_FILE_WORDS = {
    "counted": "采用", "superseded": "被替代", "duplicate": "重复", "rejected": "退回",
    "ignored": "略过",
}  # fmt: skip
_UNIT_WORDS = {"accepted": "已接收", "needs_correction": "需更正", "missing": "未报"}


@dataclass(frozen=True, slots=True)
class FileResult:
    """A file and its one status."""

    file: str
    status: FileStatus
    unit: str
    code: str
    """The code of the finding that says why; empty for a file that counts."""
    digest: str


@dataclass(frozen=True, slots=True)
class UnitResult:
    """A unit and its one status."""

    unit: Unit
    status: UnitStatus
    submission: Submission | None
    file: str


@dataclass(frozen=True)
class Settled:
    """Every file, every unit and every finding of a period's returns."""

    plan: Plan
    period: Period
    files: tuple[FileResult, ...]
    units: tuple[UnitResult, ...]
    findings: tuple[Finding, ...]

    @cached_property
    def unit_totals(self) -> Mapping[UnitStatus, int]:
        """How many units stand where; the numbers add up to all units."""
        counts = Counter(one.status for one in self.units)
        return {status: counts[status] for status in UnitStatus}

    @cached_property
    def file_totals(self) -> Mapping[FileStatus, int]:
        """How many files ended how; the numbers add up to all files."""
        counts = Counter(one.status for one in self.files)
        return {status: counts[status] for status in FileStatus}

    @cached_property
    def counts(self) -> Mapping[str, Mapping[Severity, int]]:
        """How many findings of each severity a unit has; units without any are left out."""
        counts: dict[str, Counter[Severity]] = {}
        for one in self.findings:
            counts.setdefault(one.unit, Counter())[one.severity] += 1
        return counts

    def count(self, unit: str, severity: Severity) -> int:
        """How many findings of a severity a unit has."""
        return self.counts.get(unit, {}).get(severity, 0)

    @property
    def needs_attention(self) -> bool:
        """Tell whether anything must be corrected or is missing."""
        return any(one.status is not UnitStatus.ACCEPTED for one in self.units) or any(
            one.severity is Severity.ERROR for one in self.findings
        )


@dataclass(frozen=True, slots=True)
class _Candidate:
    file: str
    digest: str
    submission: Submission
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> int:
        return sum(one.severity is Severity.ERROR for one in self.findings)


def settle(returned: Iterable[Returned], plan: Plan, period: Period) -> Settled:
    """Give every file and every unit exactly one status, and collect the findings."""
    files: list[FileResult] = []
    about_files: list[Finding] = []
    by_unit: dict[str, list[_Candidate]] = {unit.code: [] for unit in plan.units}
    for one in returned:
        if one.refusal:
            status = FileStatus.IGNORED if one.ignored else FileStatus.REJECTED
            refusal = one.refusal
            files.append(FileResult(one.file, status, refusal.unit, refusal.code, one.digest))
            about_files.append(refusal_finding(one.file, refusal))
        elif one.submission:
            checked = tuple(check_submission(one.submission, plan))
            candidate = _Candidate(one.file, one.digest, one.submission, checked)
            by_unit[one.submission.unit].append(candidate)
    units: list[UnitResult] = []
    about_units: list[Finding] = []
    for unit in plan.units:
        chosen, results, notes = _choose(unit, by_unit[unit.code])
        files += results
        about_files += notes
        mine = list(chosen.findings) if chosen else [Finding("missing_unit", unit=unit.code)]
        about_units += mine
        units.append(_unit_result(unit, chosen))
    files.sort(key=lambda result: result.file)
    order = {unit.code: place for place, unit in enumerate(plan.units)}
    findings = sorted(about_units + about_files, key=lambda one: order.get(one.unit, len(order)))
    return Settled(plan, period, tuple(files), tuple(units), tuple(in_order(findings)))


def _choose(
    unit: Unit, candidates: list[_Candidate]
) -> tuple[_Candidate | None, list[FileResult], list[Finding]]:
    """Choose the submission that counts; say of every other one why it does not."""
    ordered = sorted(candidates, key=lambda one: (one.submission.saved, one.file), reverse=True)
    files: list[FileResult] = []
    notes: list[Finding] = []

    def set_aside(one: _Candidate, status: FileStatus, finding: Finding) -> None:
        files.append(FileResult(one.file, status, unit.code, finding.code, one.digest))
        notes.append(finding)

    distinct: list[_Candidate] = []
    for one in ordered:
        same_content = (d for d in distinct if d.submission.content() == one.submission.content())
        twin = next(same_content, None)
        if twin is None:
            distinct.append(one)
        else:
            same = Finding("duplicate_file", unit.code, one.file, expected=twin.file)
            set_aside(one, FileStatus.DUPLICATE, same)
    if not distinct:
        return None, files, notes
    chosen = next((one for one in distinct if not one.errors), distinct[0])
    files.append(FileResult(chosen.file, FileStatus.COUNTED, unit.code, "", chosen.digest))
    later = True
    for one in distinct:
        if one is chosen:
            later = False
        elif later:
            passed = Finding(
                "passed_over", unit.code, one.file, found=str(one.errors), expected=chosen.file
            )
            set_aside(one, FileStatus.SUPERSEDED, passed)
        else:
            replaced = Finding("superseded", unit.code, one.file, expected=chosen.file)
            set_aside(one, FileStatus.SUPERSEDED, replaced)
    return chosen, files, notes


def _unit_result(unit: Unit, chosen: _Candidate | None) -> UnitResult:
    if chosen is None:
        return UnitResult(unit, UnitStatus.MISSING, None, "")
    status = UnitStatus.NEEDS_CORRECTION if chosen.errors else UnitStatus.ACCEPTED
    return UnitResult(unit, status, chosen.submission, chosen.file)
