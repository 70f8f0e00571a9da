"""What a reader is told before it opens a file."""

from dataclasses import dataclass, field

from consolidator.forms.quarterly.issued import IssuedForms
from consolidator.forms.review.assignment import Reviewer
from consolidator.intake.limits import RETURN, Limits
from consolidator.plan.model import Plan
from consolidator.plan.period import Period


@dataclass(frozen=True, slots=True)
class Brief:
    """Which plan and period are asked for, and what opens, verifies and bounds a file."""

    plan: Plan
    period: Period | None
    """None takes the file's own, as when a unit checks its form by itself."""
    limits: Limits = RETURN
    passwords: tuple[str, ...] = field(default=(), repr=False)
    """Passwords of encrypted workbooks, tried in turn."""
    signing_key: bytes = field(default=b"", repr=False)
    """The workspace's signing key; empty where there is none, and signatures go unverified."""
    reviewers: tuple[Reviewer, ...] | None = None
    """Whose reviews are asked for; None asks for what units report."""
    issued: IssuedForms = field(default_factory=IssuedForms, compare=False, repr=False)
    """The forms as issued, described once for all files."""
