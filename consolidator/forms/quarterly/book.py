"""Put the quarterly workbook of one unit together from its sheets."""

from datetime import datetime

from consolidator.forms.layout import Book, Cell, Column, Columns, Role, Sheet, Style, address
from consolidator.forms.quarterly.addresses import (
    CHECK,
    CHECK_BANNER,
    LIST,
    LIST_COLUMNS,
    LIST_FIRST,
    MAIN,
    Places,
)
from consolidator.forms.quarterly.assignment import (
    APPROVED_BY,
    FILLED_BY,
    FILLED_ON,
    LIST_FIELDS,
    LIST_KEYS,
    PHONE,
    STATEMENT,
    Assignment,
)
from consolidator.forms.quarterly.check_sheet import check_sheet, overall
from consolidator.forms.quarterly.guide_sheet import guide_sheet
from consolidator.forms.quarterly.list_sheet import list_sheet
from consolidator.forms.quarterly.main_sheet import main_sheet
from consolidator.forms.quarterly.rules import rules
from consolidator.forms.stamp import PROPERTY, SHEET, Stamp

BELOW_NAMES = {
    STATEMENT: "statement", FILLED_BY: "filled_by", APPROVED_BY: "approved_by", PHONE: "phone",
    FILLED_ON: "filled_on",
}  # fmt: skip


def quarterly_book(assignment: Assignment, *, password: str = "") -> Book:
    """Describe the whole workbook; the same assignment gives the same workbook."""
    places = Places(assignment)
    judged = rules(assignment, places.full)
    period = assignment.period
    return Book(
        sheets=(
            guide_sheet(assignment, places),
            main_sheet(assignment, places, overall(judged)),
            list_sheet(assignment, places),
            check_sheet(assignment, places, judged),
            stamp_sheet(assignment.stamp, "填报单位"),
        ),
        title=f"{assignment.unit.name} {period.title}填报表",
        author=assignment.plan.contact.office,
        # Fixed, so that issuing twice gives the same bytes: the first day of the period's year.
        created=datetime(period.year, 1, 1),
        names=dict(_names(assignment, places)),
        custom={PROPERTY: assignment.stamp.encode()},
        password=password,
        active=MAIN,
    )


def file_name(assignment: Assignment) -> str:
    """Return the template's file name: whose it is and when, short enough for mail."""
    return f"科技指标_{assignment.unit.short}_{assignment.period.short}.xlsx"


def stamp_sheet(stamp: Stamp, sender: str) -> Sheet:
    """Describe the very hidden sheet that carries the stamp; ``sender`` says whose it is."""
    return Sheet(
        name=SHEET,
        cells=[
            Cell(0, 0, stamp.encode(), Style(Role.PLAIN)),
            Cell(1, 0, f"本表供系统识别{sender}，请勿改动或删除。", Style(Role.PLAIN)),
        ],
        columns=Columns(Column("stamp", "", 90)),
        very_hidden=True,
    )


def _names(assignment: Assignment, places: Places) -> list[tuple[str, str]]:
    names = [(f"actual_{line.key}", places.full(line.value_key)) for line in assignment.entries]
    names += [(f"remark_{line.key}", places.full(line.remark_key)) for line in assignment.headline]
    names += [(BELOW_NAMES[key], places.full(key)) for key in assignment.below]
    last = LIST_FIRST + len(LIST_KEYS) - 1
    names += [
        (f"filed_{column}", LIST_COLUMNS.down(column, LIST_FIRST, last, sheet=LIST))
        for column in LIST_FIELDS
    ]
    names.append(("self_check", address(*CHECK_BANNER, sheet=CHECK, fixed=True)))
    return names
