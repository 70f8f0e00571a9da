"""Settle which file counts for each unit: every file and every unit gets one status.

Of several readable submissions of a unit the latest without errors counts, else the latest;
later means saved later, by the file itself where it tells, else by the file system.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from consolidator.checks.comparing import changes, name_of_another, same_figures
from consolidator.checks.decisions import NONE, Decisions
from consolidator.checks.findings import Finding, in_order
from consolidator.checks.run import check_submission, refusal_finding
from consolidator.checks.senders import about_letter, stranger_of
from consolidator.forms.quarterly.assignment import Previous, previous_of
from consolidator.intake.letters import Letter, letter_for
from consolidator.intake.values import Refusal, Returned, Submission
from consolidator.plan.model import DISTRICT, Plan, Unit
from consolidator.plan.period import Period
from consolidator.severity import Severity

RULE = (
    "只读取标识为本期的填报表。"
    "同一单位有多份可读的填报表时，采用保存时间最晚且没有错误的一份；都有错误的，采用最晚的一份。"
    "寄件人不是该单位联系人的，不替代该单位的其他填报表；空白的表不替代填了数的。"
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
_TOLD = ("passed_over", "stranger_passed")
"""Codes that say of a later file why it does not count."""
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
    district: UnitResult | None = None
    """The district's own form (annex 1); None where the plan asks nothing of the district."""

    @property
    def of_district(self) -> "Settled | None":
        """The same with the district as its only unit; None where nothing is asked of it."""
        own = self.plan.district_plan
        if own is None or self.district is None:
            return None
        return replace(self, plan=own, units=(self.district,), district=None)

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
class Candidate:
    """A readable submission with its own findings: one that may count."""

    file: str
    digest: str
    submission: Submission
    findings: tuple[Finding, ...]
    arrived: datetime | None = None
    """When it reached the mailbox; None where it did not come by mail."""
    stranger: str = ""
    """The sender's address where he is nobody's contact of the unit."""

    @property
    def errors(self) -> int:
        """How many errors it has."""
        return sum(one.severity is Severity.ERROR for one in self.findings)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of a sender's submissions counts, and what became of the others."""

    chosen: Candidate | None
    files: tuple[FileResult, ...]
    notes: tuple[Finding, ...]
    before: Candidate | None
    """The last one that was saved before the one chosen."""


def settle(
    returned: Iterable[Returned],
    plan: Plan,
    period: Period,
    *,
    previous: Previous | None = None,
    decisions: Decisions = NONE,
    letters: Mapping[str, Letter] | None = None,
) -> Settled:
    """Give every file and every unit exactly one status, and collect the findings.

    ``letters`` tell how files came, by their names, where they came by mail.
    """
    letters = letters or {}
    files: list[FileResult] = []
    about_files: list[Finding] = []
    asked = (*plan.units, *(plan.district_plan.units if plan.district_plan else ()))
    by_unit: dict[str, list[Candidate]] = {unit.code: [] for unit in asked}
    digests: set[str] = set()
    for one in returned:
        digests.add(one.digest)
        about_files += map(decisions.waive, about_letter(one, plan, letters))
        refusal = _refusal(one, decisions)
        if refusal:
            aside = one.ignored or refusal.code == "file_excluded"
            status = FileStatus.IGNORED if aside else FileStatus.REJECTED
            files.append(FileResult(one.file, status, refusal.unit, refusal.code, one.digest))
            about_files.append(refusal_finding(one.file, refusal))
        elif one.submission:
            code = one.submission.unit
            known = previous_of(code, previous)
            checked = check_submission(one.submission, plan, known)
            checked += filter(None, [name_of_another(one.file, code, plan)])
            letter = letter_for(one.file, letters)
            by_unit[code].append(
                Candidate(
                    one.file,
                    one.digest,
                    one.submission,
                    tuple(map(decisions.waive, checked)),
                    letter.arrived if letter else None,
                    stranger_of(letter, code, plan),
                )
            )
    units: list[UnitResult] = []
    about_units: list[Finding] = []
    chosen_of: dict[str, Candidate | None] = {}
    for unit in asked:
        choice = choose(unit.code, unit.short, by_unit[unit.code])
        notes = list(choice.notes)
        if choice.chosen and choice.before:
            before, now = choice.before.submission, choice.chosen.submission
            notes += changes(before, now, plan.of(unit.code))
        files += choice.files
        about_files += map(decisions.waive, notes)
        chosen_of[unit.code] = choice.chosen
    sent = {code: [one.submission for one in several] for code, several in by_unit.items()}
    counting = {code: (one.file, one.submission) for code, one in chosen_of.items() if one}
    copied = {one.unit: decisions.waive(one) for one in same_figures(counting, sent, plan)}
    for unit in asked:
        chosen = chosen_of[unit.code]
        # Nobody chases the bureau itself: what it has not filled in stands open in its table.
        owed = [] if unit.code == DISTRICT else [Finding("missing_unit", unit=unit.code)]
        mine = list(chosen.findings) if chosen else owed
        mine += [copied[unit.code]] if unit.code in copied else []
        about_units += mine
        units.append(_unit_result(unit, chosen, mine))
    files.sort(key=lambda result: result.file)
    passed = {one.file for one in files if one.code == "stranger_passed"}
    about_files = [
        one for one in about_files if one.code != "sender_unknown" or one.file not in passed
    ]
    order = {unit.code: place for place, unit in enumerate(asked)}
    findings = sorted(about_units + about_files, key=lambda one: order.get(one.unit, len(order)))
    waived = {one.identity for one in findings if one.waived}
    findings += decisions.faults(digests, waived)
    own = units[len(plan.units)] if len(units) > len(plan.units) else None
    return Settled(
        plan, period, tuple(files), tuple(units[: len(plan.units)]), tuple(in_order(findings)), own
    )


def _refusal(one: Returned, decisions: Decisions) -> Refusal | None:
    """Return why a file counts for nothing, None where it is a submission that may count."""
    if reason := decisions.excluded(one.digest):
        unit = one.submission.unit if one.submission else ""
        return Refusal("file_excluded", reason, unit=unit)
    return one.refusal


def choose(code: str, name: str, candidates: Iterable[Candidate]) -> Choice:
    """Choose the submission of one sender that counts; say of every other one why it does not.

    ``name`` is what the sender's files are named after.
    """
    # Of several saved at once, the one named after the sender stands for the others.
    ordered = sorted(
        candidates,
        key=lambda one: (one.submission.saved, name in one.file, one.file),
        reverse=True,
    )
    files: list[FileResult] = []
    notes: list[Finding] = []

    def set_aside(one: Candidate, status: FileStatus, finding: Finding) -> None:
        files.append(FileResult(one.file, status, code, finding.code, one.digest))
        notes.append(finding)

    distinct: list[Candidate] = []
    for one in ordered:
        same_content = (d for d in distinct if d.submission.content() == one.submission.content())
        twin = next(same_content, None)
        if twin is None:
            distinct.append(one)
        else:
            same = Finding("duplicate_file", code, one.file, expected=twin.file)
            set_aside(one, FileStatus.DUPLICATE, same)
    if not distinct:
        return Choice(None, tuple(files), tuple(notes), None)
    # Who is nobody's contact displaces nobody, and an empty form nothing that is filled.
    pool = [one for one in distinct if not one.stranger] or distinct
    pool = [one for one in pool if one.submission.figures()] or pool
    chosen = next((one for one in pool if not one.errors), pool[0])
    files.append(FileResult(chosen.file, FileStatus.COUNTED, code, "", chosen.digest))
    later = True
    for one in distinct:
        if one is chosen:
            later = False
        elif later and one.stranger and not chosen.stranger:
            aside = Finding(
                "stranger_passed", code, one.file, found=one.stranger, expected=chosen.file
            )
            set_aside(one, FileStatus.SUPERSEDED, aside)
        elif later:
            passed = Finding(
                "passed_over", code, one.file, found=str(one.errors), expected=chosen.file
            )
            set_aside(one, FileStatus.SUPERSEDED, passed)
        else:
            replaced = Finding("superseded", code, one.file, expected=chosen.file)
            set_aside(one, FileStatus.SUPERSEDED, replaced)
    notes += _last_mail(code, ordered, chosen, {one.file for one in files if one.code in _TOLD})
    before = (one for one in distinct if one.submission.saved < chosen.submission.saved)
    return Choice(chosen, tuple(files), tuple(notes), next(before, None))


def _last_mail(
    code: str, candidates: Iterable[Candidate], chosen: Candidate, told: Container[str]
) -> Iterator[Finding]:
    """Yield that a unit's last mail holds something else than what counts, unless that is told."""
    mailed = [one for one in candidates if one.arrived]
    last = max(mailed, key=lambda one: one.arrived or datetime.min, default=None)
    if last is None or last is chosen or last.file in told or last.stranger:
        return
    if last.submission.content() != chosen.submission.content():
        yield Finding("last_mail_unused", code, last.file, expected=chosen.file)


def _unit_result(unit: Unit, chosen: Candidate | None, findings: list[Finding]) -> UnitResult:
    if chosen is None:
        return UnitResult(unit, UnitStatus.MISSING, None, "")
    wrong = any(one.severity is Severity.ERROR for one in findings)
    status = UnitStatus.NEEDS_CORRECTION if wrong else UnitStatus.ACCEPTED
    return UnitResult(unit, status, chosen.submission, chosen.file)
