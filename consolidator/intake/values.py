"""What intake hands on: readings that remember their cell, submissions, refusals.

Readings and their sources are tuples: there are hundreds in a file, and tuples cost least.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from consolidator.forms.layout import Value
from consolidator.forms.quarterly.assignment import Key
from consolidator.forms.stamp import Stamp


class State(StrEnum):
    """What was found in an entry cell; blank is not zero, and unreadable is neither."""

    ENTERED = "entered"
    BLANK = "blank"
    UNREADABLE = "unreadable"
    LOST = "lost"
    """Its cell is not there any more, or cannot be told from others."""


class Source(NamedTuple):
    """The cell of the file a value stands in; the file is named relative to its folder."""

    file: str
    sheet: str
    cell: str


new_source: Callable[[tuple[str, str, str]], Source] = partial(tuple.__new__, Source)
"""Makes a source of its parts in half the time that its constructor takes."""


class Reading(NamedTuple):
    """One entry cell: what stood there, and what it is taken for."""

    raw: str
    """As typed, for people: quotes and spaces kept."""
    state: State
    value: Value
    """The number, date or text used; None unless entered."""
    source: Source
    normalised: bool = False
    """The value used is written differently from what was typed; it is shown as a finding."""
    reason: str = ""
    """Why an unreadable value cannot be used, in Chinese."""
    fault: str = ""
    """The code of the finding that says so, where the value itself is not at fault."""

    @property
    def number(self) -> float | None:
        """The value as a number, None where there is none."""
        return float(self.value) if isinstance(self.value, (int, float)) else None


new_reading: Callable[[tuple[str, State, Value, Source, bool, str, str]], Reading] = partial(
    tuple.__new__, Reading
)
"""Makes a reading of its parts in half the time that its constructor takes."""


class Observed(NamedTuple):
    """Something noteworthy about a cell, or about the file: a code, and particulars."""

    code: str
    source: Source
    row: str = ""
    """The key of the row it stands in, where it is one of the form's."""
    column: str = ""
    found: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is not a submission: a code of the findings' catalogue, and particulars."""

    code: str
    found: str = ""
    expected: str = ""
    sheet: str = ""
    cell: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """A return that was read: whose it is, and every entry cell by its key."""

    stamp: Stamp
    saved: datetime
    """When it was last saved, by the file itself where it tells, else by the file system."""
    readings: Mapping[Key, Reading]
    observed: tuple[Observed, ...] = ()
    """What was altered, moved, hidden or left in the file besides its entries."""

    @property
    def unit(self) -> str:
        """The code of the unit."""
        return self.stamp.unit

    def content(self) -> tuple[object, ...]:
        """Return what tells identical submissions: what was entered, what was altered."""
        entered = tuple((key, one.raw) for key, one in sorted(self.readings.items()) if one.raw)
        altered = (one for one in self.observed if one.code == "locked_altered")
        return entered, tuple((one.row, one.column, one.found) for one in altered)

    def figures(self) -> tuple[tuple[Key, Value], ...]:
        """Return the numbers that were entered, in the order of the form."""
        entered = self.readings.items()
        return tuple((key, one.value) for key, one in entered if one.number is not None)


@dataclass(frozen=True, slots=True)
class Returned:
    """One file of the returns folder: a submission, or the reason why it is none."""

    file: str
    digest: str
    submission: Submission | None = None
    refusal: Refusal | None = None
    ignored: bool = False
    """Not a workbook at all, or a program's own leftover: set aside, still listed."""
    size: int = field(default=0)
