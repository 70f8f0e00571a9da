"""Find a table in a sheet by its hidden keys: rows and columns may have moved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from consolidator.forms.layout import column_letter
from consolidator.intake.opening import Opened, Rows
from consolidator.intake.refusing import NotReadableError

_SEARCHED_ROWS = 40


@dataclass(frozen=True, slots=True)
class Table:
    """Where a table's rows and columns stand in a sheet, counted from 0."""

    sheet: str
    rows: Rows
    errors: Mapping[str, str]
    header: int
    """The row that names the columns."""
    row_of: Mapping[str, int]
    column_of: Mapping[str, int]
    letters: Mapping[str, str]

    def content(self, row: str, column: str) -> object:
        """Return what stands in a cell; None outside the sheet."""
        cells = self.rows[self.row_of[row]]
        index = self.column_of[column]
        return cells[index] if index < len(cells) else None

    def holds(self, row: str, columns: Iterable[str]) -> bool:
        """Tell whether any of the cells holds something."""
        cells = self.rows[self.row_of[row]]
        most = len(cells)
        return any(
            index < most and cells[index] not in (None, "")
            for index in map(self.column_of.__getitem__, columns)
        )

    def address(self, row: str, column: str) -> str:
        """Return where a cell really stands in the file: ``H7``."""
        return f"{self.letters[column]}{self.row_of[row] + 1}"


def find_table(
    opened: Opened, preferred: str, rows: Iterable[str], columns: tuple[str, ...]
) -> Table:
    """Find the one table with these row and column keys, whatever its sheet is called.

    Raises:
        NotReadableError: it is not there, stands there twice, or lacks or repeats a key.
    """
    found = []
    ordered = sorted(opened.sheets.items(), key=lambda item: item[0] != preferred)
    for name, cells in ordered:
        header = _header(cells, columns)
        if header is not None:
            found.append((name, cells, header))
    if not found:
        raise NotReadableError("layout_lost", f"找不到“{preferred}”的隐藏标识行", preferred)
    if len(found) > 1:
        names = "、".join(name for name, _, _ in found)
        raise NotReadableError("layout_lost", f"工作表 {names} 都是“{preferred}”", preferred)
    name, cells, header = found[0]
    column_of = {str(cell): index for index, cell in reversed(list(enumerate(cells[header])))}
    letters = {column: column_letter(index) for column, index in column_of.items()}
    key = column_of["key"]
    wanted = set(rows)
    row_of: dict[str, int] = {}
    for index, row in enumerate(cells):
        mark = row[key] if key < len(row) else None
        if mark in wanted:
            if mark in row_of:
                raise NotReadableError("layout_lost", f"“{name}”的 {mark} 行重复", preferred)
            row_of[str(mark)] = index
    if lost := wanted - row_of.keys():
        lines = "、".join(sorted(lost)[:3])
        raise NotReadableError("layout_lost", f"“{name}”少了 {len(lost)} 行（{lines}）", preferred)
    return Table(name, cells, opened.errors.get(name, {}), header, row_of, column_of, letters)


def _header(cells: Rows, columns: tuple[str, ...]) -> int | None:
    wanted = set(columns)
    for index, row in enumerate(cells[:_SEARCHED_ROWS]):
        if "key" not in row:
            continue
        held = [cell for cell in row if isinstance(cell, str) and cell in wanted]
        if len(held) == len(wanted) == len(set(held)):
            return index
    return None
