"""A finding: something wrong or noteworthy, with its code, its place and its unit."""

import hashlib
from dataclasses import dataclass
from typing import Any

from consolidator.checks.catalogue import CATALOGUE
from consolidator.forms.quarterly.assignment import Key
from consolidator.severity import Severity

_NOTHING = "空白"
"""What is shown where nothing was found."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; ``file``, ``sheet`` and ``cell`` lead to what is to be looked at."""

    code: str
    unit: str = ""
    file: str = ""
    sheet: str = ""
    cell: str = ""
    indicator: str = ""
    name: str = ""
    """What the indicator or field is called in the message."""
    found: str = ""
    expected: str = ""
    voids: tuple[str, ...] = ()
    """Codes of indicators that get no figure because of it; only errors void."""

    field: Key | None = None
    """The entry field it is about, where its cell may be gone."""
    waived: str = ""
    """Why staff set it aside; it is then listed as a note and voids nothing."""

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return Severity.INFO if self.waived else CATALOGUE[self.code].severity

    @property
    def waivable(self) -> bool:
        """Tell whether staff may set it aside: it is about one unit, and its code allows it."""
        return bool(self.unit) and CATALOGUE[self.code].waivable

    @property
    def identity(self) -> str:
        """Return what tells the same problem in a later return: whatever its file is called."""
        parts = (self.unit, self.code, self.sheet, self.cell, self.found, self.expected)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    @property
    def message(self) -> str:
        """The finding in one Chinese sentence without its place."""
        message = self._worded(CATALOGUE[self.code].message)
        return f"{message}（已豁免：{self.waived}）" if self.waived else message

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return "不需要处理。" if self.waived else self._worded(CATALOGUE[self.code].remedy)

    def _worded(self, template: str) -> str:
        found, expected = self.found or _NOTHING, self.expected or _NOTHING
        return template.format(found=found, expected=expected, name=f"“{self.name}”")

    def to_json(self) -> dict[str, Any]:
        """Return the finding as the JSON contract has it; what is absent is null."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "unit": self.unit or None,
            "file": self.file or None,
            "sheet": self.sheet or None,
            "cell": self.cell or None,
            "indicator": self.indicator or None,
            "found": self.found or None,
            "expected": self.expected or None,
            "message": self.message,
            "remedy": self.remedy,
            "waived": self.waived or None,
        }


def in_order(findings: list[Finding]) -> list[Finding]:
    """Return errors first, then warnings; within each the order they were found in."""
    rank = list(Severity)
    return sorted(findings, key=lambda one: rank.index(one.severity))


def plain(number: float) -> str:
    """Show a number in a message: whole numbers without decimals, none in e-notation."""
    return f"{number:.0f}" if number == int(number) else f"{number:.6f}".rstrip("0")
