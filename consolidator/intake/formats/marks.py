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
    disguised: dict[Place, str] = field(default_factory=dict)
    """Cells whose number format may show another number than is stored, with its code."""
    hidden: bool = False
    """Whether the sheet itself is hidden."""
    last_row: int = -1
    """The last row and column that hold anything."""
    last_column: int = -1

    def copy(self) -> "Marks":
        """Return marks of their own that say the same."""
        return Marks(
            dict(self.errors), dict(self.formulas), set(self.uncomputed), list(self.merges),
            set(self.hidden_rows), set(self.hidden_columns), dict(self.comments),
            set(self.percents), dict(self.disguised), self.hidden, self.last_row,
            self.last_column,
        )  # fmt: skip

    def cover(self, area: tuple[int, int, int, int], formula: str) -> None:
        """Note a formula that gives several cells their numbers, whatever is stored in them.

        The area has the first row, first column, last row and last column.
        """
        top, left, bottom, right = area
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if (row, column) != (top, left):
                    self.uncomputed.add((row, column))
                self.formulas.setdefault((row, column), formula)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something noteworthy about a file as a whole: a code of the catalogue, and particulars."""

    code: str
    found: str = ""
    expected: str = ""
    sheet: str = ""
    cell: str = ""
