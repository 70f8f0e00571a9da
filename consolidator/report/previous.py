"""Read back what staff typed into an earlier district workbook: their adjustments."""

from collections.abc import Mapping
from pathlib import Path

from consolidator.errors import OperatorError
from consolidator.figures.adjustments import Adjustment, FigureKey
from consolidator.intake.opening import NotReadable, open_workbook
from consolidator.intake.placing import Table, find_table
from consolidator.plan.model import Plan
from consolidator.plan.period import Period
from consolidator.report.context import DATA, IDENTITY
from consolidator.report.data_sheet import COLUMNS, key_of

_KEYS = tuple(column.key for column in COLUMNS.all)


def read_adjustments(path: Path, plan: Plan, period: Period) -> dict[FigureKey, Adjustment]:
    """Return the adjustments in the district workbook at ``path``; none where there is no file.

    Rows are found by their keys, so that a sorted or filtered sheet reads alike.

    Raises:
        OperatorError: the file is no district workbook of this period, or its sheet of figures
            can no longer be read; nothing that staff may have typed is lost then.
    """
    if not path.exists():
        return {}
    try:
        table = _figures_of(path, plan, period)
    except (NotReadable, OSError) as error:
        raise OperatorError(
            f"“{path}”读不出来，其中可能有手工调整：请先用 Excel 打开检查、关闭后重试，"
            "或把它移到别的文件夹。"
        ) from error
    return dict(_adjustments(table, plan))


def _figures_of(path: Path, plan: Plan, period: Period) -> Table:
    opened = open_workbook(path.read_bytes())
    identity = f"{IDENTITY};{plan.name};{period.code}"
    cells = [cell for rows in opened.sheets.values() for row in rows[:12] for cell in row[:1]]
    if identity not in cells:
        raise OperatorError(
            f"“{path}”不是{period.title}的汇总表：请把它移到别的文件夹后重试，以免被覆盖。"
        )
    return find_table(opened, DATA, (), _KEYS)


def _adjustments(table: Table, plan: Plan) -> Mapping[FigureKey, Adjustment]:
    keys = {
        key_of(unit.code, one.code): (unit.code, one.code)
        for unit in plan.units
        for one in plan.indicators
    }
    found: dict[FigureKey, Adjustment] = {}
    at = table.column_of
    for index, row in enumerate(table.rows):
        figure_key = keys.get(str(row[at["key"]])) if len(row) > at["reason"] else None
        if figure_key is None:
            continue
        figure, denominator = (_typed(row[at[key]]) for key in ("adjusted", "adjusted_under"))
        reason = str(row[at["reason"]] or "").strip()
        if figure is None and denominator is None and not reason:
            continue
        reported = _typed(row[at["reported"]])
        found[figure_key] = Adjustment(
            figure=figure,
            denominator=denominator,
            reason=reason,
            reported=reported if isinstance(reported, float) else None,
            cell=f"{COLUMNS.letter('adjusted')}{index + 1}",
        )
    return found


def _typed(content: object) -> float | str | None:
    if isinstance(content, (int, float)) and not isinstance(content, bool):
        return float(content)
    return str(content).strip() or None if content is not None else None

