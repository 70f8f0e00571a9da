"""Say what every spreadsheet program of the tests can do, and what may be put into a cell.

LibreOffice and Gnumeric both satisfy `Program`, so that one test can be run through each.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class OfficeError(RuntimeError):
    """A spreadsheet program refused, died or did not answer in time."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as a person types it in English Excel: `=SUM('填报表'!H7,1)`.

    Only this makes a formula: a plain str that starts with "=" is put in as text.
    """

    text: str

    def __post_init__(self) -> None:
        if not self.text.startswith("="):
            raise ValueError(f"a formula starts with '=': {self.text!r}")


Value = str | float | datetime.date | Formula | None
"""Text as text, numbers as numbers, dates as date serials, None to clear the cell."""

Values = Mapping[tuple[str, str], Value]
"""What to put in: (sheet name, "H7") -> value."""

Result = float | str | bool | None
Results = dict[str, dict[str, Result]]
"""What formulas came to: sheet name -> "H7" -> number, text, bool or "#DIV/0!"."""


class Program(Protocol):
    """A spreadsheet program that opens, fills, recalculates and saves workbooks."""

    @property
    def name(self) -> str: ...

    def convert(self, source: Path, target: Path) -> None:
        """Save the source as .xlsx, .xls or .ods, by the target's suffix."""

    def fill(self, source: Path, target: Path, values: Values) -> None:
        """Put values into cells, then save by the target's suffix."""

    def recalculate(self, source: Path) -> Results:
        """Compute every formula anew, whatever its cached value says, and return the results."""


def keystroke(value: Value) -> tuple[str, str | float]:
    """Name how a value is put into a cell: its kind and its text, number or date serial.

    Serials count from 1899-12-30, the 1900 date system of Excel after February 1900.
    """
    match value:
        case None:
            return "clear", ""
        case Formula(text):
            return "formula", text
        case bool():
            raise TypeError("a unit types no booleans; write Formula('=TRUE')")
        case str():
            return "text", value
        case datetime.datetime():
            return "date", (value - datetime.datetime(1899, 12, 30)) / datetime.timedelta(days=1)
        case datetime.date():
            return "date", (value - datetime.date(1899, 12, 30)).days
        case _:
            return "number", value
