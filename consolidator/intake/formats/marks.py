"""What a sheet holds besides values: what the reader of values does not tell.

Each format has a module that finds these in its own records; positions count from 0.
"""

from dataclasses import dataclass, field

Place = tuple[int, int]
"""Row and column."""
UNKNOWN_ERROR = "#ERROR!"
"""An error value that the file does not name."""


@dataclass(slots=True)
class Marks:
    """One sheet's errors, formulas, merges, hidden rows and comments."""

    errors: dict[Place, str] = field(default_factory=dict)
    """Error values such as ``#DIV/0!``: the reader gives them as blank."""
    formulas: dict[Place, str] = field(default_factory=dict)
    """Formulas as the file writes them, without ``=``; an empty text where it keeps no text."""
    uncomputed: set[Place] = field(default_factory=set)
    """Formulas without a stored result."""
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First row, first column, last row, last column, all included."""
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    comments: dict[Place, str] = field(default_factory=dict)
    percents: set[Place] = field(default_factory=set)
    """Cells shown with a percent sign."""
    disguised: set[Place] = field(default_factory=set)
    """Cells whose number format shows another number than the one that is stored, or none."""
    hidden: bool = False
    """Whether the sheet itself is hidden."""
    last_row: int = -1
    """The last row and column that hold anything."""
    last_column: int = -1


@dataclass(frozen=True, slots=True)
class Remark:
    """Something noteworthy about a file as a whole: a code of the catalogue, and particulars."""

    code: str
    found: str = ""
    expected: str = ""
    sheet: str = ""
    cell: str = ""
