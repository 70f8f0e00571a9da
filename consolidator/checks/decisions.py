"""What staff decided about files and findings, with their reasons: 处理意见."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from consolidator.checks.findings import Finding

_SHOWN = 300
"""Characters of a reason that a message shows; the workbook keeps all of it."""


class Action(StrEnum):
    """What staff may decide; the text is what the cell shows."""

    EXCLUDE = "排除"
    """A file counts for nothing."""
    WAIVE = "豁免"
    """A finding stays listed and holds nothing up."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of the workbook of decisions that holds something."""

    subject: str
    """The SHA-256 of a file, or the identity of a finding."""
    action: str
    """As typed; one of the actions where it can be used."""
    reason: str
    about: str
    """What it is about, for people."""
    unit: str = ""
    """Whose it is, for people."""

    @property
    def why(self) -> str:
        """The reason, short enough for a message."""
        return self.reason if len(self.reason) <= _SHOWN else f"{self.reason[:_SHOWN]}……"

    def holds(self, action: Action) -> bool:
        """Tell whether it decides ``action``: it says so, and why."""
        return self.action == action and bool(self.reason)


@dataclass(frozen=True)
class Decisions:
    """Every decision of a period."""

    about_files: Mapping[str, Decision] = field(default_factory=dict)
    """By the SHA-256 of the file."""
    about_findings: Mapping[str, Decision] = field(default_factory=dict)
    """By the identity of the finding."""

    def excluded(self, digest: str) -> str:
        """Return why a file is excluded; empty where it is not."""
        decision = self.about_files.get(digest)
        return decision.why if decision and decision.holds(Action.EXCLUDE) else ""

    def waive(self, finding: Finding) -> Finding:
        """Return the finding, set aside where staff decided so and its code allows it."""
        if not self.about_findings or not finding.waivable:
            return finding
        decision = self.about_findings.get(finding.identity)
        if decision is None or not decision.holds(Action.WAIVE):
            return finding
        return replace(finding, waived=decision.why)

    def faults(self, files: set[str], waived: set[str]) -> Iterator[Finding]:
        """Name decisions that are incomplete, and those that nothing came of this time.

        Args:
            files: the SHA-256 of every file that was read.
            waived: the identities of the findings that were set aside.
        """
        for decisions, action, used in (
            (self.about_files, Action.EXCLUDE, files),
            (self.about_findings, Action.WAIVE, waived),
        ):
            for subject, one in decisions.items():
                about = f"{one.unit} {one.about}".strip()
                if not one.holds(action):
                    yield Finding("decision_incomplete", found=f"{about}（{_fault(one, action)}）")
                elif subject not in used:
                    yield Finding("decision_idle", found=f"{about}（{one.action}）")


def _fault(decision: Decision, action: Action) -> str:
    """Say why a decision cannot be used."""
    if not decision.action:
        return "没有选择处理方式"
    if decision.action != action:
        return f"“{decision.action[:_SHOWN]}”不能用，这里只能选“{action}”"
    return "没有填写理由"


NONE = Decisions()
