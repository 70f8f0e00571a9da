"""Put the district workbook together from its sheets."""

from consolidator.forms.layout import Book
from consolidator.plan.period import Period
from consolidator.report.about_sheet import about_sheet
from consolidator.report.annex1_sheet import annex1_sheet
from consolidator.report.context import (
    BASES,
    IDENTITY,
    OVERVIEW,
    STATES,
    TIME_PROGRESS,
    UNIT_NAMES,
    District,
)
from consolidator.report.data_sheet import data_sheet, whole_range
from consolidator.report.decisions_sheet import decisions_sheet
from consolidator.report.files_sheet import files_sheet
from consolidator.report.heat_sheet import heat_sheet
from consolidator.report.history_sheet import history_sheet
from consolidator.report.lagging_sheet import lagging_sheet
from consolidator.report.overview_sheet import overview_sheet
from consolidator.report.parameters_sheet import parameters_sheet, time_progress_cell
from consolidator.report.problems_sheet import problems_sheet
from consolidator.report.register_sheet import register_sheet
from consolidator.report.review_sheet import review_sheet
from consolidator.report.score_rows_sheet import score_rows_sheet
from consolidator.report.score_sheet import score_sheet
from consolidator.report.stakes_sheet import stakes_sheet
from consolidator.report.status_sheet import status_sheet, units_range
from consolidator.report.summary_a4_sheet import summary_a4_sheet
from consolidator.report.summary_sheet import summary_sheet
from consolidator.report.trend_sheet import trend_sheet
from consolidator.report.unit_sheets import PAGED, unit_sheet, units_sheet


def district_book(district: District) -> Book:
    """Describe the whole workbook; the same results and time give the same workbook."""
    settled = district.settled
    paged = len(settled.plan.units) <= PAGED
    return Book(
        sheets=(
            overview_sheet(district),
            summary_sheet(district),
            *([summary_a4_sheet(district)] if paged else []),
            heat_sheet(district),
            lagging_sheet(district),
            *([annex1_sheet(district)] if settled.plan.district_targets else []),
            score_sheet(district),
            stakes_sheet(district),
            *([review_sheet(district, district.reviews)] if district.reviews else []),
            *([trend_sheet(district)] if district.history.periods else []),
            unit_sheet(district),
            *([units_sheet(district)] if paged else []),
            status_sheet(district),
            files_sheet(district),
            problems_sheet(district),
            decisions_sheet(district),
            *([register_sheet(district)] if district.register else []),
            score_rows_sheet(district),
            parameters_sheet(district),
            *([history_sheet(district)] if district.history.periods else []),
            data_sheet(district),
            about_sheet(district),
        ),
        title=f"{settled.period.title}目标完成情况汇总表",
        author=settled.plan.contact.office,
        created=district.made,
        names={
            TIME_PROGRESS: time_progress_cell(district),
            BASES: whole_range(district, "basis"),
            STATES: whole_range(district, "progress"),
            UNIT_NAMES: units_range(district, "unit"),
        },
        custom={"ConsolidatorDistrict": f"{IDENTITY};{settled.plan.name};{settled.period.code}"},
        active=OVERVIEW,
    )


def file_name(period: Period) -> str:
    """Return the district workbook's file name."""
    return f"汇总表_{period.short}.xlsx"
