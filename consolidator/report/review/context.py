"""What every sheet of 评议汇总 is made from, and the parts they share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from consolidator.checks.review_selection import SettledReview
from consolidator.figures.review import ReviewFigures
from consolidator.forms.review.assignment import asked_of_all
from consolidator.plan.model import Plan
from consolidator.plan.period import Period

RESULTS, MARKS, REVIEWERS, FILES, PROBLEMS, ABOUT = (
    "评议结果", "评分明细", "评委", "收到文件", "问题清单", "说明",
)  # fmt: skip
SHEETS = (RESULTS, MARKS, REVIEWERS, FILES, PROBLEMS, ABOUT)
_IDENTITY = "consolidator-review"
_MOST_LINKS = 60_000
"""Excel takes 65,530 links on a sheet."""


def family(plan: Plan, period: Period) -> str:
    """Return what the identities of all results of a plan and year begin with."""
    return f"{_IDENTITY};{plan.name};{period.code};"


def identity(plan: Plan, period: Period) -> str:
    """Return the text by which a result is known: whose marks of what, and how merged."""
    return f"{family(plan, period)}{asked_of_all(plan)};{plan.reviewing.mean}"


@dataclass(frozen=True)
class ReviewDistrict:
    """A year's review, ready to be written."""

    figures: ReviewFigures
    made: datetime
    version: str
    notice: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where each file lies as seen from the workbook's own folder, by the name it goes by."""

    @property
    def settled(self) -> SettledReview:
        """Files, reviewers and findings."""
        return self.figures.settled

    @property
    def plan(self) -> Plan:
        """The plan whose units are reviewed."""
        return self.settled.plan

    @property
    def linked(self) -> bool:
        """Whether marks lead to the cells they were read from."""
        return len(self.figures.marks) <= _MOST_LINKS

    @property
    def subtitle(self) -> str:
        """The line below each title: period, reviewers, when made, and a notice if any."""
        settled = self.settled
        line = (
            f"{settled.period.title}评议    应评 {len(settled.reviewers)} 人，"
            f"收回 {settled.returned} 人    汇总时间：{self.made:%Y-%m-%d %H:%M}"
        )
        return f"{line}    【{self.notice}】" if self.notice else line

    @property
    def footer(self) -> str:
        """What stands at the foot of every printed page."""
        line = f"{self.settled.period.title}评议  汇总于 {self.made:%Y-%m-%d %H:%M}"
        return f"{line}  {self.notice}" if self.notice else line
