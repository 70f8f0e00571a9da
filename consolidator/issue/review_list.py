"""The issue list of a review: which form went to which reviewer, and who the reviewers are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from consolidator.forms.layout import Book, Column, Columns
from consolidator.forms.review.assignment import Reviewer
from consolidator.issue.issue_list import (
    RECORD,
    Issued,
    issued_in,
    list_book,
    read_rows,
)
from consolidator.plan.model import Plan
from consolidator.plan.period import Period

_COLUMNS = Columns(
    Column("reviewer", "", 3, hidden=True),
    Column("unit", "", 3, hidden=True),
    Column("number", "序号", 6),
    Column("name", "评委", 18),
    Column("own", "所在单位（回避）", 30),
    *RECORD,
)


class ReviewIssued(NamedTuple):
    """A reviewer, and the form that was issued."""

    reviewer: Reviewer
    issued: Issued


def read_review_list(path: Path) -> dict[str, ReviewIssued]:
    """Return who was sent a form, by the reviewer's code; nothing where there is no list yet.

    Raises:
        OperatorError: the list cannot be read; without it nobody knows who the reviewers are.
    """
    found = {}
    for row in read_rows(path, _COLUMNS):
        reviewer = Reviewer(row["reviewer"], row["name"], row["unit"])
        found[reviewer.code] = ReviewIssued(reviewer, issued_in(row, reviewer.code))
    return found


def review_list_book(
    plan: Plan,
    period: Period,
    reviewers: Sequence[Reviewer],
    issued: Mapping[str, Issued],
    *,
    made: datetime,
) -> Book:
    """Describe the list, reviewers in the order given."""
    units = plan.unit_by_code
    rows = [
        (
            (one.code, one.unit),
            (one.name, units[one.unit].name if one.unit in units else "—"),
            issued[one.code],
        )
        for one in reviewers
        if one.code in issued
    ]
    return list_book(plan, period, _COLUMNS, rows, what="评议表", made=made)
