"""The reporting period: a quarter of a plan's year, or the year itself."""

import re
from dataclasses import dataclass

from consolidator.errors import OperatorError

_CODE = re.compile(r"(\d{4})(?:-Q([1-4]))?", re.ASCII)
_CHINESE_QUARTER = "一二三四"


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A year and, unless it is the annual round, one of its quarters (1 to 4)."""

    year: int
    quarter: int | None = None

    @classmethod
    def parse(cls, code: str) -> "Period":
        """Read ``2017-Q4`` or ``2017``.

        Raises:
            OperatorError: the code is neither.
        """
        match = _CODE.fullmatch(code.strip().upper())
        if not match:
            raise OperatorError(f"报告期“{code}”写法不对：季度写作 2017-Q4，全年写作 2017。")
        return cls(int(match[1]), int(match[2]) if match[2] else None)

    @property
    def code(self) -> str:
        """The period as it stands in folder names and stamps: ``2017-Q4``."""
        return f"{self.year}-Q{self.quarter}" if self.quarter else str(self.year)

    @property
    def short(self) -> str:
        """The period as it stands in file names: ``2017Q4``."""
        return self.code.replace("-", "")

    @property
    def title(self) -> str:
        """The period as people read it: ``2017年第四季度``."""
        if self.quarter is None:
            return f"{self.year}年度"
        return f"{self.year}年{self.label}"

    @property
    def label(self) -> str:
        """The period within its year: ``第四季度``, ``全年``."""
        return f"第{_CHINESE_QUARTER[self.quarter - 1]}季度" if self.quarter else "全年"

    @property
    def last_quarter(self) -> int:
        """The quarter up to whose end the period's cumulative figures run."""
        return self.quarter or 4

    @property
    def time_progress(self) -> float:
        """The share of the year gone at the period's end: 0.25, 0.5, 0.75 or 1."""
        return self.last_quarter / 4

    @property
    def previous(self) -> "Period | None":
        """The period before within the same year; figures start anew each year."""
        if self.quarter is None:
            return Period(self.year, 4)
        return Period(self.year, self.quarter - 1) if self.quarter > 1 else None
