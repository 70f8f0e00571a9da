"""Put the district workbook together from its sheets."""

from consolidator.forms.layout import Book
from consolidator.plan.period import Period
from consolidator.report.about_sheet import about_sheet
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
from consolidator.report.lagging_sheet import lagging_sheet
from consolidator.report.overview_sheet import overview_sheet, time_progress_cell
from consolidator.report.problems_sheet import problems_sheet
from consolidator.report.register_sheet import register_sheet
from consolidator.report.status_sheet import status_sheet, units_range
from consolidator.report.summary_a4_sheet import summary_a4_sheet
from consolidator.report.summary_sheet import summary_sheet
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
            unit_sheet(district),
            *([units_sheet(district)] if paged else []),
            status_sheet(district),
            files_sheet(district),
            problems_sheet(district),
            decisions_sheet(district),
            *([register_sheet(district)] if district.register else []),
            data_sheet(district),
            about_sheet(district),
        ),
        title=f"{settled.period.title}目标完成情况汇总表",
        author=settled.plan.contact.office,
        created=district.made,
        names={
            TIME_PROGRESS: time_progress_cell(),
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
