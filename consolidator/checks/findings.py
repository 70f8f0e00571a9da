"""A finding: something wrong or noteworthy, with its code, its place and its unit."""

from dataclasses import dataclass
from typing import Any

from consolidator.checks.catalogue import CATALOGUE
from consolidator.severity import Severity


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

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return CATALOGUE[self.code].severity

    @property
    def message(self) -> str:
        """The finding in one Chinese sentence without its place."""
        return self._worded(CATALOGUE[self.code].message)

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return self._worded(CATALOGUE[self.code].remedy)

    def _worded(self, template: str) -> str:
        return template.format(found=self.found, expected=self.expected, name=f"“{self.name}”")

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
        }


def in_order(findings: list[Finding]) -> list[Finding]:
    """Return errors first, then warnings; within each the order they were found in."""
    rank = list(Severity)
    return sorted(findings, key=lambda one: rank.index(one.severity))


def plain(number: float) -> str:
    """Show a number in a message: whole numbers without decimals, none in e-notation."""
    return f"{number:.0f}" if number == int(number) else f"{number:.6f}".rstrip("0")
