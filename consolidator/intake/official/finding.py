"""Find the annexes' tables in grids, by their headings and the units' names."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from consolidator.intake.official.grid import Entry, Grid, alike

_LABELS = {
    "序号", "编号", "指标", "指标名称", "名称", "项目", "类别", "分类", "分组", "单位", "计量单位",
    "单位指标", "指标单位",
}  # fmt: skip
_MEASURES = {"单位", "计量单位"}
_DISTRICT = {"全区", "全区目标"}
_NOT_UNITS = {"合计", "总计", "小计", "全区", "备注", "全区合计"}
_MARKS = re.compile(r"\(([\d.]+)分\)$")
_NOTE = re.compile(r"(备注|注|说明)[::]")


class Annex(StrEnum):
    """Which annex a table is."""

    DISTRICT = "附件1"
    TARGETS = "附件2"
    REVIEW = "附件3"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of an annex: its labels, and its values by the head they stand under."""

    row: int
    number: str
    labels: tuple[tuple[int, Entry], ...]
    """The texts before the values other than the number, each with its column."""
    values: tuple[tuple[Entry, ...], ...]
    """Of each head, the cells under it that hold anything, or the one that is blank."""


@dataclass(frozen=True, slots=True)
class Found:
    """An annex as found."""

    annex: Annex
    place: str
    heads: tuple[Entry, ...]
    lines: tuple[Line, ...]
    measures: tuple[str, ...]
    """By line: what stands in a column of measures, where there is one."""
    name_column: int
    above: tuple[str, ...]
    note: str
    stray: tuple[tuple[Entry, str], ...] = ()
    """Cells that belong to no line, with the reason."""


def find_annexes(grids: list[Grid], is_unit: Callable[[str], bool]) -> list[Found]:
    """Return every annex found in the grids, in their order."""
    return [one for grid in grids for one in _in_grid(grid, is_unit)]


def _in_grid(grid: Grid, is_unit: Callable[[str], bool]) -> Iterator[Found]:
    row, start = 0, 0
    while row < len(grid.rows):
        kind = _kind(grid.rows[row], is_unit)
        if kind is None:
            row += 1
            continue
        above = (*grid.before, *_texts(grid, start, row))
        found, row = _read(grid, row, kind, is_unit, above)
        start = row
        if found.lines:
            yield found


def _texts(grid: Grid, first: int, last: int) -> Iterator[str]:
    for row in range(first, last):
        yield from dict.fromkeys(one.text.strip() for one in grid.rows[row] if one.text.strip())


def _kind(entries: tuple[Entry, ...], is_unit: Callable[[str], bool]) -> Annex | None:
    texts = {alike(one.text) for one in entries}
    wholes = {one.origin for one in entries if alike(one.text) in _DISTRICT}
    if len(wholes) == 1 and texts & {"指标名称", "指标"} and not _corner(entries):
        return Annex.DISTRICT
    units = {one.origin for one in entries if is_unit(one.text)}
    if _corner(entries) and (units or len({one.origin for one in entries}) > 2):
        return Annex.TARGETS
    return Annex.TARGETS if len(units) >= 2 else None


def _corner(entries: tuple[Entry, ...]) -> bool:
    return any(alike(one.text) in ("单位指标", "指标单位") for one in entries)


def _read(
    grid: Grid, top: int, kind: Annex, is_unit: Callable[[str], bool], above: tuple[str, ...]
) -> tuple[Found, int]:
    """Read the table whose heading begins in row ``top``; return it with the row behind it."""
    width = len(grid.rows[top])
    bottom = top
    if kind is not Annex.DISTRICT and _corner(grid.rows[top]):
        bottom = max(
            grid.bottom(top, column)
            for column in range(width)
            if alike(grid.rows[top][column].text) in ("单位指标", "指标单位")
        )
    # Below a heading over several units stand their names: the row that knows most of them.
    head = max(
        range(top, bottom + 1),
        key=lambda row: (sum(is_unit(one.text) for one in grid.rows[row]), row),
    )
    row_of_heads = grid.rows[head]
    first = next((c for c, one in enumerate(row_of_heads) if _is_head(one, kind)), width)
    labelled = [alike(one.text) for one in row_of_heads[:first]]
    measured = next((c for c, text in enumerate(labelled) if text in _MEASURES), None)
    if kind is not Annex.DISTRICT and measured is not None and "指标" in labelled[measured]:
        measured = None
    columns = _columns(row_of_heads, first, kind)
    stray: list[tuple[Entry, str]] = []
    lines: list[Line] = []
    measures: list[str] = []
    note = ""
    row = bottom + 1
    while row < len(grid.rows) and _kind(grid.rows[row], is_unit) is None:
        entries = grid.rows[row]
        said = next((one for one in entries if one.text.strip()), None)
        if said is not None and _NOTE.match(alike(said.text)):
            note = said.text.strip()
            row += 1
            break
        if said is not None and alike(said.text).startswith("附件"):
            break
        if said is not None:
            line = _line(grid, row, first, columns, measured, row_of_heads)
            stray += _astray(grid, row, row_of_heads[first:], first)
            if line.number or any(one.text.strip() for cell in line.values for one in cell):
                lines.append(line)
                told = "" if measured is None else entries[measured].text
                measures.append(told)
            else:
                stray.append((said, "这一行没有目标，没有列入"))
        row += 1
    if not note and grid.after and _NOTE.match(alike(grid.after[0])):
        note = grid.after[0]
    names = [c for c, text in enumerate(labelled) if text in ("指标", "指标名称", "名称", "项目")]
    name_column = max(names, default=first - 1)
    if kind is Annex.TARGETS and lines and all(_MARKS.search(alike(_last(one))) for one in lines):
        kind = Annex.REVIEW
    heads = tuple(row_of_heads[cells[0]] for cells in columns)
    place = f"{grid.place}第 {head + 1} 行起"
    return Found(kind, place, heads, tuple(lines), tuple(measures), name_column, above, note,
                 tuple(stray)), row  # fmt: skip


def _last(line: Line) -> str:
    return line.labels[-1][1].text if line.labels else ""


def _is_head(one: Entry, kind: Annex) -> bool:
    text = alike(one.text)
    if kind is Annex.DISTRICT:
        return text in _DISTRICT
    return bool(text) and text not in _LABELS


def _columns(heads: tuple[Entry, ...], first: int, kind: Annex) -> list[list[int]]:
    """Return the columns of every head: a name merged over several has them all."""
    groups: dict[tuple[int, int], list[int]] = {}
    for column in range(first, len(heads)):
        one = heads[column]
        if kind is Annex.DISTRICT and not _is_head(one, kind):
            continue
        text = alike(one.text)
        if text and (kind is Annex.DISTRICT or text not in _NOT_UNITS):
            groups.setdefault(one.origin, []).append(column)
    return list(groups.values())


def _line(
    grid: Grid, row: int, first: int, columns: list[list[int]], measured: int | None,
    heads: tuple[Entry, ...],
) -> Line:  # fmt: skip
    entries = grid.rows[row]
    labels: dict[tuple[int, int], tuple[int, Entry]] = {}
    number = ""
    for column in range(first):
        one, text = entries[column], alike(entries[column].text)
        if not text or column == measured:
            continue
        if not labels and not number and re.fullmatch(r"\(?\d{1,3}[.、)]?", text):
            number = re.sub(r"\D", "", text)
        elif one.origin != entries[0].origin or not number:
            labels.setdefault(one.origin, (column, one))
    values = []
    for cells in columns:
        under = {entries[column].origin: entries[column] for column in cells}
        held = [one for one in under.values() if one.text.strip()]
        chosen = held or [next(iter(under.values()))]
        doubt = heads[cells[0]].trouble
        if len(under) > 1:
            doubt = doubt or "盖着几列，分不清哪一列是目标"
        values.append(tuple(_shared(grid, row, cells, _doubted(one, doubt)) for one in chosen))
    return Line(row, number, tuple(labels.values()), tuple(values))


def _doubted(one: Entry, doubt: str) -> Entry:
    """Mark a value under a head that cannot be relied on."""
    return one._replace(trouble=f"表头{doubt}") if doubt and not one.trouble else one


def _shared(grid: Grid, row: int, cells: list[int], one: Entry) -> Entry:
    """Mark a value that is merged with cells of other units or lines: whose it is, is not said."""
    own = {(row, column) for column in cells}
    spread = {
        (r, c)
        for r in range(max(row - 1, 0), min(row + 2, len(grid.rows)))
        for c in range(max(cells[0] - 1, 0), min(cells[-1] + 2, len(grid.rows[row])))
        if grid.rows[r][c].origin == one.origin
    }
    if spread - own and one.text.strip() and not one.trouble:
        return one._replace(trouble="是合并的单元格，分不清是谁的目标")
    return one


def _astray(
    grid: Grid, row: int, heads: tuple[Entry, ...], first: int
) -> Iterator[tuple[Entry, str]]:
    """Yield the values that stand under no head."""
    for column, head in enumerate(heads, start=first):
        one = grid.rows[row][column]
        if one.text.strip() and not head.text.strip():
            yield one, "上面没有名称，没有列入"
