"""The list of filed events and agreements: whole rows, and counts that tie to the figures."""

from collections.abc import Iterator
from datetime import date

from consolidator.checks.case import Case
from consolidator.checks.findings import Finding, plain
from consolidator.forms.quarterly.assignment import LIST_FIELDS
from consolidator.intake.values import Reading, State


def rows(case: Case) -> Iterator[Finding]:
    """Check every row that holds anything."""
    kinds = case.assignment.plan.filed_kinds
    for cells in case.filed:
        missing = [
            LIST_FIELDS[column][0] for column, cell in cells.items() if cell.state is State.BLANK
        ]
        if missing:
            first = next(cell for cell in cells.values() if cell.state is State.BLANK)
            voids = case.filed_indicators if cells["kind"] is first else ()
            yield case.finding(
                "list_incomplete", first.source, found="、".join(missing), voids=voids
            )
        kind, day = cells["kind"], cells["date"]
        if kind.state is State.ENTERED and kind.value not in kinds:
            yield case.finding(
                "list_kind_unknown",
                kind.source,
                found=kind.raw,
                expected="、".join(kinds),
                voids=case.filed_indicators,
            )
        yield from _day(case, day)


def _day(case: Case, day: Reading) -> Iterator[Finding]:
    year = case.assignment.period.year
    name = LIST_FIELDS["date"][0]
    if day.fault:
        return
    if day.state is State.UNREADABLE:
        yield case.finding("not_a_date", day.source, name=name, found=day.raw, expected=day.reason)
    elif isinstance(day.value, date) and day.value.year != year:
        yield case.finding(
            "filed_outside_year", day.source, found=str(day.value), expected=str(year)
        )
    elif day.normalised:
        yield case.finding(
            "normalised", day.source, name=name, found=day.raw, expected=str(day.value)
        )


def repeated(case: Case) -> Iterator[Finding]:
    """Name filing numbers that stand twice: each is for one event or agreement."""
    seen: dict[str, str] = {}
    for cells in case.filed:
        filing = cells["filing"]
        if filing.state is not State.ENTERED:
            continue
        number = str(filing.value).casefold()
        if number in seen:
            yield case.finding(
                "filing_repeated", filing.source, found=filing.raw, expected=seen[number]
            )
        seen.setdefault(number, filing.source.cell)


def ties(case: Case) -> Iterator[Finding]:
    """Name filed indicators whose figure is not the number of rows listed (annex 2, note).

    A row whose kind is not known voids these figures by itself, and could count for any.
    """
    if any(one.code == "sheet_lost" for one in case.submission.observed):
        return
    listed = [cells["kind"].value for cells in case.filed]
    if not all(kind in case.assignment.plan.filed_kinds for kind in listed):
        return
    for line in case.assignment.headline:
        kinds = line.indicator.filed_kinds
        if not kinds or line.key not in case.sound:
            continue
        count = sum(kind in kinds for kind in listed)
        if case.sound[line.key] != count:
            yield case.finding(
                "list_mismatch",
                case.readings[line.value_key].source,
                line=line,
                found=plain(case.sound[line.key]),
                expected=str(count),
                voids=(line.indicator.code,),
            )
