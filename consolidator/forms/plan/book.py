"""The plan workbook, sheet by sheet, made of a plan's tables, faults and all."""

from datetime import datetime

from consolidator.forms.layout import Book
from consolidator.forms.plan.fields import (
    CONTACTS,
    DISTRICT,
    FIRST,
    IDENTITY,
    INDICATORS,
    PROPERTY,
    REVIEW,
    TARGETS,
    UNITS,
)
from consolidator.forms.plan.guide_sheet import guide_sheet
from consolidator.forms.plan.list_sheet import Check, list_name, list_sheet, values_of
from consolidator.forms.plan.live import (
    Lists,
    indicator_check,
    indicator_result,
    unit_check,
    unit_result,
)
from consolidator.forms.plan.settings_sheet import settings_sheet
from consolidator.forms.plan.target_rules import UNIT_NAMES
from consolidator.forms.plan.target_sheet import Targets, target_sheet
from consolidator.forms.plan.words import Names
from consolidator.plan.tables import PlanTables

_FIXED_YEAR = 2017
"""Of the creation time where the plan names none: the same plan gives the same bytes."""


def names_of(tables: PlanTables) -> dict[str, Names]:
    """Return the names by which rows of one table are named in another."""
    by_name = {
        table: Names.of((row["code"], row["name"]) for row in tables.rows[table])
        for table in ("indicators", "district_targets")
    }
    units = Names.of((row["code"], row["short"]) for row in tables.rows["units"])
    return {**by_name, "units": units}


def plan_book(tables: PlanTables) -> Book:
    """Describe the workbook."""
    names = names_of(tables)
    targets, lists = Targets(tables, names), Lists(tables)
    year = tables.settings.get("year")
    fixed = year if isinstance(year, int) and 1980 <= year <= 9_999 else _FIXED_YEAR
    contact = tables.settings.get("contact")
    return Book(
        sheets=(
            guide_sheet(tables),
            list_sheet(UNITS, tables, names, _unit_checks(targets, lists)),
            list_sheet(INDICATORS, tables, names, _indicator_checks(targets, lists)),
            target_sheet(targets),
            *(list_sheet(form, tables, names) for form in (DISTRICT, REVIEW)),
            settings_sheet(tables),
            list_sheet(CONTACTS, tables, names),
        ),
        title=f"{str(year)[:20]}年目标任务",
        author=str(contact.get("office", ""))[:200] if isinstance(contact, dict) else "",
        created=datetime(fixed, 1, 1),
        names={
            list_name("units"): lists.range(UNITS, "short"),
            UNIT_NAMES: lists.range(UNITS, "name"),
            list_name("indicators"): lists.range(INDICATORS, "name"),
            list_name("district_targets"): lists.range(DISTRICT, "name"),
        },
        custom={PROPERTY: IDENTITY},
    )


def _unit_checks(targets: Targets, lists: Lists) -> list[Check]:
    heads, rows = targets.area.heads(), targets.tables.rows["units"]
    results = [unit_result(rows, row, targets.heads) for row in rows] + [""] * UNITS.spare
    return [
        (unit_check(lists, FIRST + place, heads), result) for place, result in enumerate(results)
    ]


def _indicator_checks(targets: Targets, lists: Lists) -> list[Check]:
    rows = targets.tables.rows["indicators"]
    listed = targets.area.names(sheet=TARGETS)
    there = [str(targets.label(code, "name")) for code, _ in targets.rows]
    results = [
        indicator_result(rows, values_of(row, INDICATORS, targets.names), row["code"], there)
        for row in rows
    ] + [""] * INDICATORS.spare
    return [
        (indicator_check(lists, FIRST + place, listed), result)
        for place, result in enumerate(results)
    ]
