"""Read back what staff typed into an earlier district workbook: their adjustments."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from consolidator.errors import OperatorError
from consolidator.figures.adjustments import Adjustment, FigureKey
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.limits import OWN
from consolidator.intake.opening import Opened, open_workbook
from consolidator.intake.placing import Table, find_table
from consolidator.plan.model import Plan
from consolidator.plan.period import Period
from consolidator.report.context import DATA, DECISIONS, IDENTITY, REGISTER
from consolidator.report.data_sheet import COLUMNS, key_of

_TYPED = ("adjusted", "adjusted_under", "reason")
_REASON_TITLE = COLUMNS.all[COLUMNS.index("reason")].title
_ADDED = {"filed"}
"""Columns that workbooks written before they came about do not have."""
_KEYS = tuple(column.key for column in COLUMNS.all if column.key not in _ADDED)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier district workbook of the period tells."""

    adjustments: Mapping[FigureKey, Adjustment] = field(default_factory=dict)
    registered: bool = False
    """Whether a register of filings was used for it."""


def read_adjustments(path: Path, plan: Plan, period: Period) -> dict[FigureKey, Adjustment]:
    """Return the adjustments in the district workbook at ``path``; see `read_earlier`."""
    return dict(read_earlier(path, plan, period).adjustments)


def read_earlier(path: Path, plan: Plan, period: Period) -> Earlier:
    """Read the district workbook at ``path``; it tells nothing where there is no file.

    Rows are found by their keys, so that a sorted or filtered sheet reads alike.

    Raises:
        OperatorError: the file is no district workbook of this period, or its sheet of figures
            can no longer be read; nothing that staff may have typed is lost then.
    """
    if not path.exists():
        return Earlier()
    try:
        opened = _opened(path, plan, period)
        table = find_table(opened, DATA, _KEYS)
        return Earlier(dict(_adjustments(table, plan)), REGISTER in opened.sheets)
    except (NotReadableError, OSError) as error:
        raise OperatorError(
            f"“{path}”读不出来，其中可能有手工调整：请先用 Excel 打开检查、关闭后重试，"
            "或把它移到别的文件夹。"
        ) from error


def count_decisions(path: Path) -> int:
    """Return how many of staff's decisions the district workbook at ``path`` prints.

    Raises:
        OperatorError: the file cannot be read.
    """
    if not path.exists():
        return 0
    try:
        rows = open_workbook(path.read_bytes(), limits=OWN).sheets.get(DECISIONS, ())
    except (NotReadableError, OSError) as error:
        raise OperatorError(f"“{path}”读不出来：请检查该文件，或把它移开后重试。") from error
    return sum(isinstance(row[1], float) for row in rows if len(row) > 1)


def read_actuals(path: Path, plan: Plan, period: Period) -> dict[FigureKey, float]:
    """Return each unit's figures of an earlier period, as its district workbook has them.

    A ratio's two amounts are there too, by their own codes.

    Raises:
        OperatorError: the file is no district workbook of that period.
    """
    if not path.exists():
        return {}
    try:
        table = find_table(_opened(path, plan, period), DATA, _KEYS)
    except (NotReadableError, OSError) as error:
        raise OperatorError(
            f"上期汇总表“{path}”读不出来：请检查该文件，或把它移开后重试。"
        ) from error
    return dict(_actuals(table, plan))


def _actuals(table: Table, plan: Plan) -> Iterator[tuple[FigureKey, float]]:
    at = table.column_of
    for (unit, code), row in _rows(table, plan):
        names = [code, *(amount.code for amount in plan.indicator_by_code[code].amounts)]
        for name, column in zip(names, ("actual", "figure", "denominator"), strict=False):
            number = row[at[column]]
            if isinstance(number, (int, float)):
                yield (unit, name), float(number)


def _rows(table: Table, plan: Plan) -> Iterator[tuple[FigureKey, Sequence[Any]]]:
    keys = {
        key_of(unit.code, one.code): (unit.code, one.code)
        for unit in plan.units
        for one in plan.indicators
    }
    at = table.column_of
    farthest = max(at.values())
    for row in table.rows[table.header + 1 :]:
        if len(row) <= farthest:
            continue
        heading = row[at["reason"]] == _REASON_TITLE
        if key := keys.get(str(row[at["key"]])):
            yield key, row
        elif not heading and any(row[at[column]] not in (None, "") for column in _TYPED):
            raise NotReadableError("layout_lost", "有调整的行失去了标识")


def _opened(path: Path, plan: Plan, period: Period) -> Opened:
    opened = open_workbook(path.read_bytes(), limits=OWN)
    identity = f"{IDENTITY};{plan.name};{period.code}"
    cells = [cell for rows in opened.sheets.values() for row in rows[:12] for cell in row[:1]]
    if identity not in cells:
        raise OperatorError(
            f"“{path}”不是{period.title}的汇总表：请把它移到别的文件夹后重试，以免被覆盖。"
        )
    return opened


def _adjustments(table: Table, plan: Plan) -> Iterator[tuple[FigureKey, Adjustment]]:
    at = table.column_of
    for key, row in _rows(table, plan):
        figure, denominator = (_typed(row[at[name]]) for name in ("adjusted", "adjusted_under"))
        reason = str(row[at["reason"]] or "").strip()
        if figure is None and denominator is None and not reason:
            continue
        over, under = (_typed(row[at[name]]) for name in ("reported", "reported_under"))
        yield (
            key,
            Adjustment(
                figure=figure,
                denominator=denominator,
                reason=reason,
                reported=(
                    over if isinstance(over, float) else None,
                    under if isinstance(under, float) else None,
                ),
            ),
        )


def _typed(content: object) -> float | str | None:
    if isinstance(content, (int, float)) and not isinstance(content, bool):
        return float(content)
    return str(content).strip() or None if content is not None else None
