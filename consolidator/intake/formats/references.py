"""Read references to cells and areas as files write them: ``H10``, ``$A$1:$B$2``."""

import re
from functools import lru_cache

from consolidator.intake.formats.marks import Place
from consolidator.intake.formats.refusing import NotReadableError

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,10})")
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
    first, _, last = reference.partition(":")
    top, left = place_of(first)
    bottom, right = place_of(last or first)
    return min(top, bottom), min(left, right), max(top, bottom), max(left, right)
