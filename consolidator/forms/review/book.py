"""Put the review workbook of one reviewer together."""

from datetime import datetime

from consolidator.forms.layout import Book
from consolidator.forms.quarterly.book import stamp_sheet
from consolidator.forms.review.assignment import ReviewAssignment
from consolidator.forms.review.places import SHEET
from consolidator.forms.review.sheet import review_sheet
from consolidator.forms.stamp import PROPERTY


def review_book(assignment: ReviewAssignment, *, password: str = "") -> Book:
    """Describe the whole workbook; the same assignment gives the same workbook."""
    period = assignment.period
    return Book(
        sheets=(review_sheet(assignment), stamp_sheet(assignment.stamp, "评委")),
        title=f"{assignment.reviewer.name} {period.title}评议表",
        author=assignment.plan.contact.office,
        # Fixed, so that issuing twice gives the same bytes: the first day of the period's year.
        created=datetime(period.year, 1, 1),
        custom={PROPERTY: assignment.stamp.encode()},
        password=password,
        active=SHEET,
    )


def file_name(assignment: ReviewAssignment) -> str:
    """Return the form's file name: whose it is and when."""
    return f"评议表_{assignment.reviewer.name}_{assignment.period.short}.xlsx"
