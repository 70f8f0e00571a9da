"""The identity a workbook carries: whose it is, for which period, of which form and plan.

It stands in three places (a very hidden sheet, a hidden row on each visible sheet, custom
document properties), because every spreadsheet program loses some of them; the copies are
compared on receipt. What decides is the cell text, never whether a sheet is hidden.
"""

import hashlib
from dataclasses import dataclass

SHEET = "标识"
PROPERTY = "ConsolidatorStamp"
MARK = "consolidator-stamp"
_FIELDS = 7


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which unit, period, form (with its version) and plan a workbook was made for."""

    form: str
    plan: str
    period: str
    unit: str
    fingerprint: str

    def encode(self) -> str:
        """Return the stamp as one line of ASCII, ending in a check sum over the rest."""
        body = ";".join((MARK, self.form, self.plan, self.period, self.unit, self.fingerprint))
        return f"{body};{_check_sum(body)}"


def decode(text: str) -> Stamp | None:
    """Read one copy of a stamp; None where the text is no stamp or was garbled."""
    parts = text.strip().split(";")
    if len(parts) != _FIELDS or parts[0] != MARK:
        return None
    if _check_sum(";".join(parts[:-1])) != parts[-1]:
        return None
    return Stamp(*parts[1:-1])


def looks_like(text: object) -> bool:
    """Tell whether a cell holds a stamp, whole or garbled."""
    return isinstance(text, str) and text.lstrip().startswith(MARK)


def _check_sum(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:8]
