"""Put 评议汇总 together from its sheets."""

from consolidator.forms.layout import Book
from consolidator.plan.period import Period
from consolidator.report.review.about_sheet import about_sheet
from consolidator.report.review.context import RESULTS, ReviewDistrict, identity
from consolidator.report.review.lists import files_sheet, problems_sheet
from consolidator.report.review.marks_sheet import marks_sheet
from consolidator.report.review.results_sheet import results_sheet
from consolidator.report.review.reviewers_sheet import reviewers_sheet


def review_results_book(district: ReviewDistrict) -> Book:
    """Describe the whole workbook; the same results and time give the same workbook."""
    settled = district.settled
    return Book(
        sheets=(
            results_sheet(district),
            marks_sheet(district),
            reviewers_sheet(district),
            files_sheet(district),
            problems_sheet(district),
            about_sheet(district),
        ),
        title=f"{settled.period.title}评议汇总",
        author=settled.plan.contact.office,
        created=district.made,
        custom={"ConsolidatorReview": identity(settled.plan, settled.period)},
        active=RESULTS,
    )


def file_name(period: Period) -> str:
    """Return the file name of the merged reviews."""
    return f"评议汇总_{period.short}.xlsx"
