"""Read references as files write them: to cells and areas, to other files and programs."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from consolidator.intake.formats.marks import Marks, Place, Remark
from consolidator.intake.formats.refusing import NotReadableError

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,10})")
_OUTSIDE = re.compile(r"\[\d+\]|\[[^\[\]]+\.\w+\]")
"""A formula's reference to another workbook: ``[1]Sheet1!A1``, ``['file:///a.ods'#$Sheet1.A1]``."""
_CALL = re.compile(r"^[+=-]?\s*'?[\w .]+'?\||(?<![\w.])DDE\(", re.IGNORECASE)
"""A formula that calls another program: ``cmd|'/c calc'!A0``."""
_SEARCHED, _SHOWN = 200, 60
"""How far into a formula a call is looked for, and how much of it a message shows."""
Area = tuple[int, int, int, int]
"""First row, first column, last row, last column, all included."""
# What is no reference raises, and is not remembered: so what is, is short.


@lru_cache(maxsize=65_536)
def place_of(reference: str) -> Place:
    """Return the place of ``H10`` or ``$H$10``, counted from 0.

    Raises:
        NotReadableError: it is no reference to a cell.
    """
    match = _REFERENCE.fullmatch(reference)
    if not match or match[2].startswith("0"):
        raise NotReadableError("file_damaged", "单元格地址不对")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


@lru_cache(maxsize=65_536)
def area_of(reference: str) -> Area:
    """Return the area of ``A1:B2``, or of the one cell ``A1``.

    Raises:
        NotReadableError: it is no reference to an area.
    """
    first, between, last = reference.partition(":")
    top, left = place_of(first)
    bottom, right = place_of(last if between else first)
    return min(top, bottom), min(left, right), max(top, bottom), max(left, right)


def leads_outside(formula: str) -> bool:
    """Tell whether a formula takes its result from another workbook or program."""
    return bool(_OUTSIDE.search(formula) or _CALL.search(formula[:_SEARCHED]))


def calls(sheets: Iterable[Marks]) -> Iterator[Remark]:
    """Tell the formulas that call another program."""
    for one in sheets:
        # Hardly any formula has one of these signs: all are looked at in one go first.
        every = "\n".join(one.formulas.values())
        for formula in one.formulas.values() if "|" in every or "DDE(" in every else ():
            if ("|" in formula or "DDE(" in formula) and _CALL.search(formula[:_SEARCHED]):
                yield Remark("dde_link", formula[:_SHOWN])
