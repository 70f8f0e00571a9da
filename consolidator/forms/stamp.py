"""The identity a workbook carries: whose it is, for which period, of which form and plan.

It stands in three places (a very hidden sheet, a hidden row on each visible sheet, custom
document properties), because every spreadsheet program loses some of them; the copies are
compared on receipt. What decides is the cell text, never whether a sheet is hidden.

A workspace with a key signs its stamps, so that nobody else can make one that verifies.
"""

import hashlib
import hmac
from dataclasses import dataclass, replace
from enum import StrEnum

SHEET = "标识"
PROPERTY = "ConsolidatorStamp"
MARK = "consolidator-stamp"
_FIRST_FIELDS, _FIELDS = 7, 9
"""Of the first version of the form, without wording and signature; and of later ones."""


class Verdict(StrEnum):
    """What a stamp's signature says to the holder of a key."""

    VALID = "valid"
    UNSIGNED = "unsigned"
    OTHER_KEY = "other key"
    """Signed with a key that is not at hand: nothing can be said."""
    FORGED = "forged"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which unit, period, form (with its version) and plan a workbook was made for."""

    form: str
    plan: str
    period: str
    unit: str
    fingerprint: str
    """Changes with what is asked of the unit."""
    wording: str = ""
    """Changes with the explanations in the workbook; empty where the stamp does not tell."""
    signature: str = ""
    """The key's name and the signature, with a dot between; empty where nothing is signed."""

    def encode(self) -> str:
        """Return the stamp as one line of ASCII, ending in a check sum over the rest."""
        body = self._body() + (f";{self.signature}" if self.wording else "")
        return f"{body};{_check_sum(body)}"

    def signed(self, key: bytes) -> "Stamp":
        """Return the stamp with its signature; without one where there is no key."""
        signature = f"{key_name(key)}.{_signature(key, self._body())}" if key else ""
        return replace(self, signature=signature)

    def verdict(self, key: bytes) -> Verdict:
        """Judge the signature by the key at hand, which may be none."""
        if not self.signature:
            return Verdict.UNSIGNED
        name, _, signature = self.signature.partition(".")
        if not key or name != key_name(key):
            return Verdict.OTHER_KEY
        sound = hmac.compare_digest(signature.encode(), _signature(key, self._body()).encode())
        return Verdict.VALID if sound else Verdict.FORGED

    def _body(self) -> str:
        parts = (MARK, self.form, self.plan, self.period, self.unit, self.fingerprint)
        return ";".join((*parts, self.wording) if self.wording else parts)


def decode(text: str) -> Stamp | None:
    """Read one copy of a stamp; None where the text is no stamp or was garbled."""
    parts = text.strip().split(";")
    if len(parts) not in (_FIRST_FIELDS, _FIELDS) or parts[0] != MARK:
        return None
    if _check_sum(";".join(parts[:-1])) != parts[-1]:
        return None
    return Stamp(*parts[1:-1])


def looks_like(text: object) -> bool:
    """Tell whether a cell holds a stamp, whole or garbled."""
    return isinstance(text, str) and text.lstrip().startswith(MARK)


def key_name(key: bytes) -> str:
    """Return the 8 hexadecimal digits by which a key is told from others."""
    return hashlib.sha256(b"consolidator-key;" + key).hexdigest()[:8]


def _signature(key: bytes, body: str) -> str:
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()[:32]


def _check_sum(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:8]
