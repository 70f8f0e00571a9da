"""Read back an earlier district workbook: what staff typed into it, and its figures and ranks."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from consolidator.errors import OperatorError
from consolidator.figures.adjustments import Adjustment, FigureKey
from consolidator.figures.history import PastPeriod
from consolidator.figures.parameters import parameters
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.limits import OWN
from consolidator.intake.opening import Opened, open_workbook
from consolidator.intake.placing import KEY, Table, find_table, keyed_tables
from consolidator.plan.model import Plan
from consolidator.plan.period import Period
from consolidator.report import parameters_sheet
from consolidator.report.context import (
    DATA,
    DECISIONS,
    HISTORY,
    IDENTITY,
    PARAMETERS,
    REGISTER,
    SCORES,
)
from consolidator.report.data_sheet import COLUMNS, key_of
from consolidator.report.history_sheet import FIRST_SEEN

_TYPED = ("adjusted", "adjusted_under", "reason")
_REASON_TITLE = COLUMNS.all[COLUMNS.index("reason")].title
_ADDED = {"filed"}
"""Columns that workbooks written before they came about do not have."""
_KEYS = tuple(column.key for column in COLUMNS.all if column.key not in _ADDED)
_PARAMETER_KEYS = tuple(column.key for column in parameters_sheet.COLUMNS.all)
_SCORE_KEYS = (KEY, "rate", "total", "rank")


@dataclass(frozen=True)
class Earlier:
    """A district workbook written before, read once: the record of its period."""

    path: Path
    opened: Opened
    plan: Plan
    called: str = ""

    def adjustments(self) -> dict[FigureKey, Adjustment]:
        """Return what staff adjusted.

        Rows are found by their keys, so that a sorted or filtered sheet reads alike.

        Raises:
            OperatorError: the sheet of figures can no longer be read; nothing that staff may have
                typed is lost then.
        """
        with self._readable():
            return dict(_adjustments(self._figures, self.plan))

    def parameters(self) -> dict[str, float | str]:
        """Return what staff typed in place of the scores' parameters, by key.

        Raises:
            OperatorError: the sheet is there and can no longer be read.
        """
        with self._readable():
            tables = [
                table
                for table in keyed_tables(self.opened, PARAMETERS, _PARAMETER_KEYS)
                if len(table.column_of) == len(_PARAMETER_KEYS)
            ]
            if not tables and PARAMETERS not in self.opened.sheets:
                # One that an earlier version of this program wrote.
                return {}
            if len(tables) != 1 or tables[0].doubled:
                raise NotReadableError("layout_lost", f"“{PARAMETERS}”的标识重复或丢失")
            return dict(self._parameters(tables[0]))

    def _parameters(self, table: Table) -> Iterator[tuple[str, float | str]]:
        for one in parameters(self.plan, Period(self.plan.year), {}).all:
            if one.key not in table.row_of:
                continue
            if table.content(one.key, "name") != one.name:
                raise NotReadableError("layout_lost", f"“{PARAMETERS}”的行与标识不符")
            row, column = table.row_of[one.key], table.column_of["typed"]
            if (typed := _typed_at(table, row, column)) is not None:
                yield one.key, typed

    def past(self, period: Period) -> PastPeriod:
        """Return what the workbook says of its period, as later ones want it.

        Raises:
            OperatorError: the sheet of figures can no longer be read.
        """
        ranks = {unit: int(rank) for unit, rank in self._of_scores("rank").items()}
        rates = self._of_scores("rate")
        return PastPeriod(period, self.path.name, self.actuals(), rates, ranks, self.parameters())

    def _of_scores(self, column: str) -> dict[str, float]:
        """Return the numbers of a column of the sheet of scores, by unit code."""
        for table in keyed_tables(self.opened, SCORES, _SCORE_KEYS):
            if table.sheet == SCORES and column in table.column_of:
                held = {key: table.content(key, column) for key in table.row_of}
                return {
                    key: number
                    for key, number in held.items()
                    if key in self.plan.unit_by_code and isinstance(number, float)
                }
        return {}

    def first_seen(self) -> dict[str, dict[FigureKey, float]]:
        """Return the figures first seen of periods earlier still, by the period's code."""
        known = {
            key_of(unit.code, one.code): (unit.code, one.code)
            for unit in self.plan.units
            for one in self.plan.indicators
        }
        found: dict[str, dict[FigureKey, float]] = {}
        periods = [Period(self.plan.year, quarter) for quarter in range(1, 5)]
        columns = [f"{FIRST_SEEN}{one.code}" for one in periods]
        for table in keyed_tables(self.opened, HISTORY, (KEY, "now", "new", "restated")):
            if table.doubled:
                raise _unreadable(self.path, self.called)
            header = list(table.rows[table.header])
            for period, column in zip(periods, columns, strict=True):
                if column not in header:
                    continue
                at = header.index(column)
                held = {key: table.at(row, at) for key, row in table.row_of.items()}
                found[period.code] = {
                    known[key]: number
                    for key, number in held.items()
                    if key in known and isinstance(number, float)
                }
        return found

    def actuals(self) -> dict[FigureKey, float]:
        """Return each unit's figures; a ratio's two amounts are there too, by their own codes.

        Raises:
            OperatorError: the sheet of figures can no longer be read.
        """
        with self._readable():
            return dict(_actuals(self._figures, self.plan))

    @property
    def registered(self) -> bool:
        """Whether a register of filings was used for it."""
        return REGISTER in self.opened.sheets

    def count_decisions(self) -> int:
        """Return how many of staff's decisions the workbook prints."""
        rows = self.opened.sheets.get(DECISIONS, ())
        return sum(isinstance(row[1], float) for row in rows if len(row) > 1)

    @cached_property
    def _figures(self) -> Table:
        return find_table(self.opened, DATA, _KEYS)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except NotReadableError as error:
            raise _unreadable(self.path, self.called) from error


def open_earlier(path: Path, plan: Plan, period: Period, *, called: str = "") -> Earlier | None:
    """Open the district workbook at ``path``; None where there is no file.

    Args:
        path: the file.
        plan: the plan it must be of.
        period: the period it must be of.
        called: what it is called in errors, where it is not the one to be replaced.

    Raises:
        OperatorError: it cannot be read, or is no district workbook of this plan and period.
    """
    if not path.exists():
        return None
    try:
        opened = open_workbook(path.read_bytes(), limits=OWN)
    except (NotReadableError, OSError) as error:
        raise _unreadable(path, called) from error
    identity = f"{IDENTITY};{plan.name};{period.code}"
    cells = [cell for rows in opened.sheets.values() for row in rows[:12] for cell in row[:1]]
    if identity not in cells:
        raise OperatorError(
            f"“{path}”不是{period.title}的汇总表：请把它移到别的文件夹后重试，以免被覆盖。"
        )
    return Earlier(path, opened, plan, called)


def _unreadable(path: Path, called: str) -> OperatorError:
    if called:
        return OperatorError(f"{called}“{path}”读不出来：请检查该文件，或把它移开后重试。")
    return OperatorError(
        f"“{path}”读不出来，其中可能有手工调整：请先用 Excel 打开检查、关闭后重试，"
        "或把它移到别的文件夹。"
    )


def _actuals(table: Table, plan: Plan) -> Iterator[tuple[FigureKey, float]]:
    at = table.column_of
    for (unit, code), row, place in _rows(table, plan):
        names = [code, *(amount.code for amount in plan.indicator_by_code[code].amounts)]
        for name, column in zip(names, ("actual", "figure", "denominator"), strict=False):
            number = row[at[column]]
            if (place, at[column]) in table.marks.errors:
                raise NotReadableError("layout_lost", "完成数是错误值")
            if isinstance(number, (int, float)):
                yield (unit, name), float(number)


def _rows(table: Table, plan: Plan) -> Iterator[tuple[FigureKey, Sequence[Any], int]]:
    keys = {
        key_of(unit.code, one.code): (unit.code, one.code)
        for unit in plan.units
        for one in plan.indicators
    }
    at = table.column_of
    farthest = max(at.values())
    seen: set[FigureKey] = set()
    for number, row in enumerate(table.rows[table.header + 1 :], start=table.header + 1):
        if len(row) <= farthest:
            continue
        heading = row[at["reason"]] == _REASON_TITLE
        if key := keys.get(str(row[at["key"]])):
            told = row[at["code"]], row[at["unit"]]
            if key in seen or told != (key[1], plan.unit(key[0]).short):
                raise NotReadableError("layout_lost", "行的标识与单位、指标不符，或重复")
            seen.add(key)
            yield key, row, number
        elif not heading and any(row[at[column]] not in (None, "") for column in _TYPED):
            raise NotReadableError("layout_lost", "有调整的行失去了标识")


def _adjustments(table: Table, plan: Plan) -> Iterator[tuple[FigureKey, Adjustment]]:
    at = table.column_of
    for key, row, place in _rows(table, plan):
        figure, denominator = (
            _typed_at(table, place, at[name]) for name in ("adjusted", "adjusted_under")
        )
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


def _typed_at(table: Table, row: int, column: int) -> float | str | None:
    """Return what staff typed into a cell; an error value and an open formula as text."""
    place = row, column
    if place in table.marks.errors:
        return table.marks.errors[place]
    if place in table.marks.uncomputed:
        return f"={table.marks.formulas[place]}"
    return _typed(table.at(row, column))


def _typed(content: object) -> float | str | None:
    if isinstance(content, (int, float)) and not isinstance(content, bool):
        return float(content)
    return str(content).strip() or None if content is not None else None
