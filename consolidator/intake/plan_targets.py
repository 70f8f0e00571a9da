"""Read the targets of a plan workbook: whose each column is, and which indicator each row.

A column or row is known by its hidden code, and what is shown there must agree; one without a
code is known by the name alone. Where the two disagree, no number is taken.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from consolidator.forms.plan.fields import CHECK, REMOVED, TARGET_COLUMNS, UNIT_PREFIX, Takes
from consolidator.intake.plan_cells import PlanCells, holds
from consolidator.plan.model import Kind
from consolidator.plan.tables import PlanTables, Row

_UNCOMPUTED = "没有计算结果，请用 Excel 打开、保存后重试。"


@dataclass(slots=True)
class _Known:
    """What a row or column may be: names by code, and codes by the names that are unique."""

    what: str
    sheet: str
    name_of: Mapping[str, str]
    seen: set[str] = field(default_factory=set)

    def of(self, cells: PlanCells, at: tuple[int, int], code: str, *, used: bool) -> str:
        """Return the code of the row or column headed by the cell ``at``; empty if it is none."""
        shown = cells.shown(*at)
        if at in cells.table.marks.uncomputed:
            cells.error(*at, _UNCOMPUTED)
            return ""
        if not code:
            return self._by_name(cells, at, shown, used=used)
        name = self.name_of.get(code)
        if name is None:
            if used:
                cells.error(
                    *at, f"这里有内容，但它的{self.what}不在“{self.sheet}”表里，请恢复或清空这里。"
                )
            return ""
        if shown != name:
            cells.error(*at, f"这里写着“{shown}”，按隐藏的代码却是“{name}”，请核对是否错位。")
            return ""
        return self._once(cells, at, code)

    def _by_name(self, cells: PlanCells, at: tuple[int, int], shown: str, *, used: bool) -> str:
        if not shown or shown == REMOVED:
            if used:
                cells.error(*at, f"这里有内容而没有写是哪个{self.what}，请写上或清空。")
            return ""
        codes = [code for code, name in self.name_of.items() if name == shown]
        if len(codes) == 1:
            return self._once(cells, at, codes[0])
        how = f"有 {len(codes)} 个同名的" if codes else "没有"
        cells.error(*at, f"“{self.sheet}”表里{how}{self.what}“{shown}”，请改正。")
        return ""

    def _once(self, cells: PlanCells, at: tuple[int, int], code: str) -> str:
        if code in self.seen:
            cells.error(*at, f"{self.what}“{self.name_of[code]}”出现了两次，请只留一处。")
            return ""
        self.seen.add(code)
        return code


def target_rows(
    cells: PlanCells, draft: PlanTables
) -> tuple[dict[str, int], dict[str, int], tuple[Row, ...]]:
    """Return where the columns of labels and of units stand, and the rows of the targets."""
    table = cells.table
    own = {column.key: table.column_of[column.key] for column in TARGET_COLUMNS}
    head = cells.heading({key: title for key, title, *_ in TARGET_COLUMNS if title}, own)
    first, name_at = head + 1, own["name"]
    within = [*own.values(), table.column_of[CHECK]]
    across = [column for column in range(table.width) if column not in within]
    below = range(first, len(table.rows))
    cells.hold_unmerged(first, max(max(across, default=0), *within))
    units = _Known("单位", "单位", _names(draft.rows["units"]))
    place_of: dict[str, int] = {}
    for column in across:
        told = table.at(table.header, column)
        marked = isinstance(told, str) and told.startswith(UNIT_PREFIX)
        code = str(told).removeprefix(UNIT_PREFIX) if marked else ""
        used = any(holds(table, row, column) for row in below)
        if found := units.of(cells, (head, column), code, used=used):
            place_of[found] = column
    rows = []
    indicators = _Known("指标", "指标", _names(draft.rows["indicators"]))
    kinds = {row["code"]: row["kind"] for row in draft.rows["indicators"]}
    for row in below:
        told = table.at(row, own["key"])
        used = any(holds(table, row, column) for column in across)
        code = indicators.of(
            cells, (row, name_at), told.strip() if isinstance(told, str) else "", used=used
        )
        if not code:
            continue
        values = {unit: _target(cells, row, place, kinds[code]) for unit, place in place_of.items()}
        labels = {"indicator": code, "name": indicators.name_of[code]}
        rows.append(Row("targets", row + 1, {**values, **labels}, draft.wording))
    cells.warn_hidden([row.line - 1 for row in rows], list(place_of.values()))
    return {"indicator": name_at, "name": name_at}, place_of, tuple(rows)


def _names(rows: tuple[Row, ...]) -> dict[str, str]:
    times = Counter(row["code"] for row in rows)
    return {row["code"]: row["name"] for row in rows if times[row["code"]] == 1}


def _target(cells: PlanCells, row: int, column: int, kind: str) -> str:
    text = cells.text(row, column, Takes.TARGET)
    if (
        text
        and kind == Kind.COUNT
        and cells.is_percent(row, column)
        and cells.is_number(row, column)
    ):
        cells.error(row, column, "这项指标是计数，格子却是百分比格式，请改为“常规”格式后核对。")
        return ""
    return text
