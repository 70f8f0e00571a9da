"""A table as found in a document: cells with their text, their place, and what they share."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

_INVISIBLE = re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff\u00ad]+")
_BETWEEN_WORDS = re.compile(r"(?<=[A-Za-z0-9])\s+(?=[A-Za-z0-9])")

MOST_CELLS = 500_000
"""Cells of all tables of a document, merged ones counted in full."""


class Entry(NamedTuple):
    """One cell; those of a merged area are all the same one."""

    text: str
    place: str
    """Where people find it: ``“Sheet1”表 D7``."""
    origin: tuple[int, int]
    """The row and column, from 0, of the merged area's first cell; its own where it has none."""
    trouble: str = ""
    """Why its text cannot be taken for a value, in Chinese."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its rows are equally long."""

    place: str
    rows: tuple[tuple[Entry, ...], ...]
    before: tuple[str, ...] = ()
    """The texts between the table before and this one."""
    after: tuple[str, ...] = ()

    def bottom(self, row: int, column: int) -> int:
        """Return the last row of the merged area that a cell lies in."""
        origin = self.rows[row][column].origin
        while row + 1 < len(self.rows) and self.rows[row + 1][column].origin == origin:
            row += 1
        return row


@lru_cache(maxsize=65_536)
def alike(text: str) -> str:
    """Return a text as names are compared: width, brackets and white space do not count."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()


def one_line(text: str) -> str:
    """Return a name without the line breaks and spaces it was printed with."""
    kept = _BETWEEN_WORDS.sub("\0", text.strip())
    return _INVISIBLE.sub("", kept).replace("\0", " ")
