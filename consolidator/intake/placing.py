"""Find a table in a sheet by its hidden keys: rows and columns may have moved."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from consolidator.forms.layout import address
from consolidator.intake.formats.marks import Marks
from consolidator.intake.formats.reading import Rows
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.opening import Opened

_SEARCHED_ROWS = 40
_SHOWN = 300
"""Characters of a text that a message shows."""
KEY = "key"
"""The column that holds the rows' keys."""


@dataclass(frozen=True, slots=True)
class Table:
    """Where a table's rows and columns stand in a sheet, counted from 0."""

    sheet: str
    rows: Rows
    marks: Marks
    header: int
    """The row that names the columns."""
    row_of: Mapping[str, int]
    column_of: Mapping[str, int]
    doubled: frozenset[str] = field(default=frozenset())
    """Keys of rows that stand twice; they are in ``row_of`` once or not at all."""

    @property
    def width(self) -> int:
        """The number of columns up to the last that holds anything."""
        return max(map(len, self.rows), default=0)

    def has(self, row: str, column: str) -> bool:
        """Tell whether the cell was found."""
        return row in self.row_of and column in self.column_of

    def content(self, row: str, column: str) -> object:
        """Return what stands in a cell; None outside the sheet."""
        return self.at(self.row_of[row], self.column_of[column])

    def at(self, row: int, column: int) -> object:
        """Return what stands at a place of the sheet; None outside it."""
        if row >= len(self.rows):
            return None
        cells = self.rows[row]
        return cells[column] if column < len(cells) else None

    def address(self, row: str, column: str) -> str:
        """Return where a cell really stands in the file: ``H7``; empty where it was not found."""
        if not self.has(row, column):
            return ""
        return address(self.row_of[row], self.column_of[column])


def find_table(opened: Opened, preferred: str, columns: tuple[str, ...]) -> Table:
    """Find the one table with these column keys, whatever its sheet is called.

    Raises:
        NotReadableError: it is not there, or stands there twice.
    """
    tables = keyed_tables(opened, preferred, columns)
    found = [table for table in tables if len(table.column_of) == len(columns)]
    if not found:
        raise NotReadableError("layout_lost", f"找不到“{preferred}”的隐藏标识行", preferred)
    if len(found) > 1:
        names = "、".join(table.sheet for table in found)
        raise NotReadableError("layout_lost", f"工作表 {names} 都是“{preferred}”", preferred)
    return found[0]


def key_rows(opened: Opened) -> dict[str, list[int]]:
    """Return the rows near the top of each sheet that may name the columns of a table."""
    return {
        name: [index for index, row in enumerate(cells[:_SEARCHED_ROWS]) if KEY in row]
        for name, cells in opened.sheets.items()
    }


def keyed_tables(
    opened: Opened,
    preferred: str,
    columns: Iterable[str],
    among: Mapping[str, Sequence[int]] | None = None,
) -> Iterator[Table]:
    """Yield every table with these column keys, that of the preferred sheet first.

    ``among`` is what `key_rows` returns, for who asks for several tables.
    """
    wanted = set(columns)
    among = key_rows(opened) if among is None else among
    for name in sorted(among, key=preferred.__ne__):
        cells = opened.sheets[name]
        header = next((row for row in among[name] if _names(cells[row], wanted)), None)
        if header is None:
            continue
        column_of = {
            cell: index
            for index, cell in enumerate(cells[header])
            if isinstance(cell, str) and cell in wanted
        }
        row_of: dict[str, int] = {}
        doubled = set()
        key = column_of[KEY]
        for index, row in enumerate(cells):
            mark = row[key] if key < len(row) else None
            if mark and isinstance(mark, str) and index != header:
                if mark in row_of:
                    doubled.add(mark)
                else:
                    row_of[mark] = index
        yield Table(name, cells, opened.marks[name], header, row_of, column_of, frozenset(doubled))


def _names(row: Sequence[object], wanted: set[str]) -> bool:
    """Tell whether a row names the columns: most of them, and none twice."""
    held = [cell for cell in row if isinstance(cell, str) and cell in wanted]
    return len(held) == len(set(held)) and len(held) * 2 > len(wanted)


def cut(text: str) -> str:
    """Return a text short enough for a message."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}……"
