"""Where a page on a unit takes its figures from: always one unit, or the one that is chosen."""

from abc import ABC, abstractmethod

from consolidator.forms.layout import address
from consolidator.report import data_sheet, problems_sheet, score_sheet, status_sheet
from consolidator.report.context import DATA, TITLE_ROW, District


class Source(ABC):
    """Where a page's figures come from: always one unit, or the one that is chosen."""

    def __init__(self, district: District, unit: int) -> None:
        self.district = district
        self.unit = unit

    @abstractmethod
    def figure(self, column: str, indicator: int) -> str:
        """Return the formula that gives a cell of the unit's rows of figures."""

    @abstractmethod
    def place(self, column: str) -> str:
        """Return the formula that gives a cell of the unit's row among the scores."""

    @abstractmethod
    def status(self, column: str) -> str:
        """Return the formula that gives a cell of the unit's row of statuses."""

    def title(self, ending: str) -> str:
        """Return the formula of the page's title."""
        return f'{self.status("unit")}&"{ending}"'

    @abstractmethod
    def problem(self, column: str, number: int) -> str:
        """Return the formula that gives a cell of the unit's problem of this number, from 1."""


class Always(Source):
    """Always the one unit."""

    def figure(self, column: str, indicator: int) -> str:
        """Return a cell of the unit's rows of figures."""
        row = data_sheet.row_of(self.district, self.unit, indicator)
        return data_sheet.COLUMNS.at(column, row, sheet=DATA)

    def place(self, column: str) -> str:
        """Return a cell of the unit's row among the scores."""
        return score_sheet.unit_cell(self.district, self.unit, column)

    def status(self, column: str) -> str:
        """Return a cell of the unit's row of statuses."""
        return status_sheet.unit_cell(self.unit, column)

    def problem(self, column: str, number: int) -> str:
        """Return a cell of the unit's problem; nothing where problems are written as text."""
        return ""


class Chosen(Source):
    """The unit whose number, from 1, stands in the hidden cell beside the choice."""

    position = address(TITLE_ROW, 0, fixed=True)
    """It is 0 where no unit of that name is chosen."""

    def figure(self, column: str, indicator: int) -> str:
        """Return a cell of the unit's rows of figures."""
        width = len(self.district.settled.plan.indicators)
        everyone = data_sheet.whole_range(self.district, column)
        return self._if_chosen(f"INDEX({everyone},({self.position}-1)*{width}+{indicator + 1})")

    def place(self, column: str) -> str:
        """Return a cell of the unit's row among the scores."""
        everyone = score_sheet.units_range(self.district, column)
        return self._if_chosen(f"INDEX({everyone},{self.position})")

    def status(self, column: str) -> str:
        """Return a cell of the unit's row of statuses."""
        everyone = status_sheet.units_range(self.district, column)
        return self._if_chosen(f"INDEX({everyone},{self.position})")

    def _if_chosen(self, formula: str) -> str:
        return f'IF({self.position}=0,"",{formula})'

    def title(self, ending: str) -> str:
        """Return the title; it asks for a choice where there is none."""
        return f'IF({self.position}=0,"请选择单位",{super().title(ending)})'

    def problem(self, column: str, number: int) -> str:
        """Return a cell of the unit's problem; nothing where problems are written as text."""
        keys = problems_sheet.whole_range(self.district, "key")
        texts = problems_sheet.whole_range(self.district, column)
        key = f'{self.status("unit")}&"#{number}"'
        return f'IFERROR(INDEX({texts},MATCH({key},{keys},0)),"")'
