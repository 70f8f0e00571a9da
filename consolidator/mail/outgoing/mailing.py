"""What is mailed to a unit: its template, its corrections, or a reminder with either of them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from consolidator.files import sha256
from consolidator.forms.quarterly.correction import Problem
from consolidator.plan.model import Plan, Unit, UnitContact
from consolidator.plan.period import Period


class Kind(StrEnum):
    """Why a mail goes out."""

    TEMPLATE = "template"
    CORRECTION = "correction"
    REMINDER = "reminder"

    @property
    def chinese(self) -> str:
        """The word people see."""
        return {"template": "填报表", "correction": "更正表", "reminder": "催报"}[self]


@dataclass(frozen=True, slots=True)
class Refused:
    """Something the unit sent that could not be taken."""

    text: str
    """What, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """One mail to one unit: to its address, with copies, always with one workbook."""

    kind: Kind
    plan: Plan
    period: Period
    unit: Unit
    contact: UnitContact
    file: str
    content: bytes
    deadline: date
    day: date
    """The day it is made: a unit may be reminded once a day."""
    problems: tuple[Problem, ...] = ()
    """What there is to mend in the workbook that is attached."""
    refused: tuple[Refused, ...] = ()
    """What the unit had sent that could not be taken."""
    notice: str = ""
    """What every mail must say, for made-up figures."""

    @property
    def digest(self) -> str:
        """The SHA-256 of the workbook."""
        return sha256(self.content)

    @property
    def identity(self) -> str:
        """Return what tells the same mail: nobody gets it twice."""
        day = self.day.isoformat() if self.kind is Kind.REMINDER else ""
        parts = (self.kind, self.period.code, self.unit.code, self.digest, day)
        return sha256("\n".join(parts).encode())[:32]
