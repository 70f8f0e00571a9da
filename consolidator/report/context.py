"""What every sheet of the district workbook is made from, and the parts they share."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Protocol

from consolidator.checks.decisions import NONE, Decisions
from consolidator.checks.findings import Finding
from consolidator.checks.register_matching import Held
from consolidator.checks.selection import Settled
from consolidator.figures.adjustments import FigureKey
from consolidator.figures.history import History
from consolidator.figures.lagging import furthest_behind
from consolidator.figures.parameters import Parameters
from consolidator.figures.review_results import ReviewResults
from consolidator.figures.scores import Scores, scores
from consolidator.figures.values import OWED, Figure, Figures
from consolidator.forms.layout import Area, Cell, Columns, Role, Shape, Style, Tone, height_for
from consolidator.intake.letters import Letter
from consolidator.plan.model import Indicator, Kind
from consolidator.severity import Severity

OVERVIEW, SUMMARY, SUMMARY_A4, HEAT, LAGGING = (
    "总览", "目标完成情况汇总表", "汇总表A4", "完成率", "滞后清单",
)  # fmt: skip
UNIT, UNITS, STATUS, FILES, PROBLEMS, DECISIONS, DATA, ABOUT = (
    "单位通报", "单位通报（打印）", "提交情况", "收到文件", "问题清单", "处理意见", "数据", "说明",
)  # fmt: skip
ANNEX1, SCORES, STAKES, REVIEW, SCORE_ROWS, PARAMETERS, TREND, HISTORY = (
    "附件1", "得分", "名次影响", "评议", "得分明细", "评分参数", "趋势", "历期数据",
)  # fmt: skip
SHEETS = (
    OVERVIEW, SUMMARY, SUMMARY_A4, HEAT, LAGGING, ANNEX1, SCORES, STAKES, REVIEW, TREND, UNIT,
    UNITS, STATUS, FILES, PROBLEMS, DECISIONS, SCORE_ROWS, PARAMETERS, HISTORY, DATA, ABOUT,
)  # fmt: skip
REGISTER = "备案信息"
"""The sheet that is only there where a register was given."""
IDENTITY = "consolidator-district"
IDENTITY_ROW, KEY_ROW, TITLE_ROW, INFO_ROW, HEAD_ROW = range(5)
"""Every sheet begins alike: two hidden rows, title, period and time made, heading."""
HIDDEN_ROWS = (IDENTITY_ROW, KEY_ROW)
_MOST_LINKS = 60_000
_OF_WORDS = (
    "lag_unexplained", "text_too_long", "locked_text_altered", "formula_replaced",
    "formula_altered", "stale_result",
)  # fmt: skip
"""Codes of problems in remarks, labels and derived cells: whatever becomes of them, the figure
stays."""
RANKED = 500
"""Units up to which ranks are computed in the workbook: each looks at all units."""
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
    parameters: Parameters
    """What scores are computed with."""
    notice: str = ""
    decisions: Decisions = NONE
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where each file lies as seen from the workbook's own folder, by the name it goes by."""
    annex1: Mapping[str, Figure] = field(default_factory=dict)
    """What the district's own form says of annex 1, by the target's code."""
    history: History = field(default_factory=History)
    """The earlier periods of the year."""
    reviews: ReviewResults | None = None
    """The merged marks of the review, where the period has one."""
    register: Held | None = None
    """None where none was given: figures are then what units reported."""
    letters: Mapping[str, Letter] = field(default_factory=dict)
    """How files came, by their names, where they came by mail."""

    @property
    def previous_ranks(self) -> Mapping[str, int]:
        """The ranks in the district workbook of the period before, by unit code."""
        past = self.history.before(self.settled.period)
        return past.ranks if past else {}

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
    def scores(self) -> Scores:
        """Points, scores and ranks."""
        return scores(
            self.figures,
            self.parameters,
            open_problems=self.open_problems,
            reviews=self.reviews.marks if self.reviews else None,
        )

    @cached_property
    def open_problems(self) -> Mapping[FigureKey, int]:
        """How many errors and warnings may still change a figure, by unit and indicator."""
        found: Counter[FigureKey] = Counter()
        for one in self.settled.findings:
            if one.unit and one.severity is not Severity.INFO and one.code not in _OF_WORDS:
                found.update((one.unit, code) for code in {one.indicator, *one.voids} - {""})
        return found

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


class Titled(Protocol):
    """What a workbook's sheets have below their titles."""

    @property
    def subtitle(self) -> str:
        """The line itself."""


def top(district: Titled, title: str, last: int) -> Iterator[tuple[Area, Cell]]:
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


def is_owed(cell: str) -> str:
    """Return the formula part that tells whether a cell says why there is no figure."""
    return "OR(" + ",".join(f'{cell}="{word}"' for word in OWED) + ")"


PROGRESS_TONES = (("▲", Tone.GOOD), ("●", Tone.WARN), ("▼", Tone.BAD))
"""The first character of a progress, and its tone."""
