"""The figures of a period as values: one a unit and indicator, and the district's over them."""

from dataclasses import dataclass
from typing import NamedTuple

from consolidator.figures.adjustments import Adjustment
from consolidator.forms.quarterly import derive
from consolidator.plan.model import Plan
from consolidator.plan.period import Period

ADJUSTED = "调整"
"""The basis of a figure that staff set."""
FILED = "备案"
"""The basis of a figure that the register counts."""
SETTLED = (ADJUSTED, FILED)
"""The bases of figures that are the bureau's own: no open problem of a report changes them."""
OWED = ("未报", "待更正")
"""The words that stand where a figure is owed."""


class Filed(NamedTuple):
    """How many filings the register has for a figure, and the cells of their numbers."""

    number: int
    file: str
    sheet: str
    cell: str
    """Several cells with ``、`` between; empty where nothing is filed."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The figure of one unit and indicator; None where there is none."""

    unit: str
    indicator: str
    target: float | None
    asked: bool
    reported: float | None
    """What the unit reported and no error voids; a ratio's numerator."""
    reported_under: float | None
    """A ratio's denominator."""
    raw: str
    """What was typed, where it is not simply the number used."""
    adjustment: Adjustment | None
    figure: float | None
    """The figure used, or the numerator used."""
    denominator: float | None
    actual: float | None
    achievement: float | None
    progress: derive.Progress | None
    basis: str
    """``调整``, ``备案``, ``上报``, or why there is no figure."""
    word: str
    """What is shown where there is no figure."""
    file: str
    sheet: str
    cell: str
    problems: int
    remark: str = ""
    """The unit's own explanation."""
    filed: Filed | None = None
    """What the register has, where one is given and the indicator counts filings."""
    reported_in: str = ""
    """Where the reported number stands, where the figure's own source is the register."""


@dataclass(frozen=True, slots=True)
class DistrictFigure:
    """The district's figure of an indicator, with how many units it covers."""

    indicator: str
    target: float | None
    actual: float | None
    achievement: float | None
    progress: derive.Progress | None
    covered: int
    asked: int
    covered_target: float | None
    """The targets of the units covered: what their figures are to be held against."""


@dataclass(frozen=True)
class Figures:
    """Every figure of a period."""

    plan: Plan
    period: Period
    rows: tuple[Figure, ...]
    """Units in the plan's order, within each the indicators in the plan's order."""
    district: tuple[DistrictFigure, ...]

    def of(self, unit: int) -> tuple[Figure, ...]:
        """Return the rows of the unit at a position of the plan."""
        width = len(self.plan.indicators)
        return self.rows[unit * width : (unit + 1) * width]
