"""What every sheet of the district workbook is made from, and the parts they share."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from consolidator.checks.decisions import NONE, Decisions
from consolidator.checks.findings import Finding
from consolidator.checks.register_matching import Held
from consolidator.checks.selection import Settled
from consolidator.figures.standing import Standing, furthest_behind, standings
from consolidator.figures.values import Figure, Figures
from consolidator.forms.layout import Area, Cell, Columns, Role, Shape, Style, Tone, height_for
from consolidator.plan.model import Indicator, Kind

OVERVIEW, SUMMARY, SUMMARY_A4, HEAT, LAGGING = (
    "总览", "目标完成情况汇总表", "汇总表A4", "完成率", "滞后清单",
)  # fmt: skip
UNIT, UNITS, STATUS, FILES, PROBLEMS, DECISIONS, DATA, ABOUT = (
    "单位通报", "单位通报（打印）", "提交情况", "收到文件", "问题清单", "处理意见", "数据", "说明",
)  # fmt: skip
SHEETS = (
    OVERVIEW, SUMMARY, SUMMARY_A4, HEAT, LAGGING, UNIT, UNITS, STATUS, FILES, PROBLEMS, DECISIONS,
    DATA, ABOUT,
)  # fmt: skip
FILED = "备案"
"""What stands for the basis of a figure that the register counts."""
REGISTER = "备案信息"
"""The sheet that is only there where a register was given."""
IDENTITY = "consolidator-district"
IDENTITY_ROW, KEY_ROW, TITLE_ROW, INFO_ROW, HEAD_ROW = range(5)
"""Every sheet begins alike: two hidden rows, title, period and time made, heading."""
HIDDEN_ROWS = (IDENTITY_ROW, KEY_ROW)
_MOST_LINKS = 60_000
TIME_PROGRESS = "time_progress"
"""The defined name of the one cell that holds the period's time progress."""
BASES, STATES, UNIT_NAMES = "data_basis", "data_progress", "unit_names"
"""Defined names of columns: rules may refer to another sheet by name only (Excel 2007)."""


@dataclass(frozen=True)
class District:
    """A period's results, ready to be written."""

    settled: Settled
    figures: Figures
    made: datetime
    version: str
    notice: str = ""
    decisions: Decisions = NONE
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where each file lies as seen from the workbook's own folder, by the name it goes by."""
    register: Held | None = None
    """None where none was given: figures are then what units reported."""

    @property
    def linked(self) -> bool:
        """Whether figures lead to their rows: Excel takes 65,530 links on a sheet."""
        return len(self.figures.rows) <= _MOST_LINKS

    @property
    def subtitle(self) -> str:
        """The line below each title: period, when made, and a notice where there is one."""
        period = self.settled.period
        line = f"报告期：{period.title}    汇总时间：{self.made:%Y-%m-%d %H:%M}"
        return f"{line}    【{self.notice}】" if self.notice else line

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """Where each unit stands, in the plan's order."""
        return standings(self.figures)

    @cached_property
    def lagging(self) -> tuple[tuple[int, Figure], ...]:
        """The figures that lag with their places among all, those furthest behind first."""
        return furthest_behind(self.figures)

    @cached_property
    def findings_of(self) -> Mapping[str, list[Finding]]:
        """The findings of each unit that has any, by its code."""
        found: dict[str, list[Finding]] = {}
        for one in self.settled.findings:
            found.setdefault(one.unit, []).append(one)
        return found

    @property
    def footer(self) -> str:
        """What stands at the foot of every printed page."""
        line = f"{self.settled.period.title}  汇总于 {self.made:%Y-%m-%d %H:%M}"
        return f"{line}  {self.notice}" if self.notice else line


def top(district: District, title: str, last: int) -> Iterator[tuple[Area, Cell]]:
    """Return title and subtitle, merged over the sheet's width."""
    yield Area(TITLE_ROW, 1, TITLE_ROW, last), Cell(TITLE_ROW, 1, title, Style(Role.TITLE))
    info = Cell(INFO_ROW, 1, district.subtitle, Style(Role.SUBTITLE))
    yield Area(INFO_ROW, 1, INFO_ROW, last), info


def heads(columns: Columns, row: int = HEAD_ROW) -> Iterator[Cell]:
    """Return the heading cells of a table, hidden columns left out."""
    for index, column in enumerate(columns.all):
        if not column.hidden:
            yield Cell(row, index, column.title, Style(Role.HEADING))


def fitted(cells: Iterable[Cell], columns: Columns, *, least: float = 22) -> dict[int, float]:
    """Return the heights in points at which the texts of these cells show uncut, by row."""
    texts: dict[int, list[tuple[str, float]]] = {}
    for cell in cells:
        width = columns.all[cell.column].width
        text = cell.value if isinstance(cell.value, str) else ""
        texts.setdefault(cell.row, []).append((text, width))
    return {row: height_for(held, least=least) for row, held in texts.items()}


def counted(
    row: int, last: int, lead: str, counts: list[tuple[str, int]], column: str
) -> tuple[Area, Cell]:
    """Return a live line such as ``共 11 个单位：已接收 8，需更正 2，未报 1``.

    Each number counts its word in the range ``column``.
    """
    text = lead + "，".join(f"{word} {number}" for word, number in counts)
    parts = "".join(
        f'&"{"，" if place else ""}{word} "&COUNTIF({column},"{word}")'
        for place, (word, _) in enumerate(counts)
    )
    cell = Cell(row, 1, text, Style(Role.BANNER), f'"{lead}"{parts}')
    return Area(row, 1, row, last), cell


def shape_of(indicator: Indicator) -> Shape:
    """Return how an indicator's figures are shown."""
    return Shape.RATIO if indicator.kind is Kind.RATIO else Shape.COUNT


PROGRESS_TONES = (("▲", Tone.GOOD), ("●", Tone.WARN), ("▼", Tone.BAD))
"""The first character of a progress, and its tone."""
