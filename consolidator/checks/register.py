"""Judge the rows of the register: which count in a period, and why the others do not.

Cumulative: what is dated within the plan's year and up to the period's end counts. A number
stands for one filing: where it stands again, the first row counts.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from consolidator.checks.findings import Finding
from consolidator.forms.register.columns import FIELDS, NEEDED
from consolidator.intake.placing import cut
from consolidator.intake.register import Register, RegisterRow
from consolidator.intake.values import State
from consolidator.plan.model import Kind, Plan
from consolidator.plan.period import Period

_DASHES = "-‐‑‒–—―−_"
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s-]+(?=\d)")
_LOOSE = re.compile(r"[\s-]+")
_BRACKETS = str.maketrans("[]{}【】〔〕〈〉<>", "()()()()()()")
_NAMED = 5
"""Cells that a message about several rows names."""


class Outcome(StrEnum):
    """What became of a row; the text is what people see."""

    COUNTED = "计入"
    LATER = "晚于报告期末，本期不计"
    OUTSIDE = "不在本年，没有计入"
    REPEATED = "备案号重复，没有另计"
    NOT_ASKED = "不考核该单位此类，没有计入"
    UNUSABLE = "有问题，没有计入"
    ASIDE = "不是备案，略过"


@dataclass(frozen=True, slots=True)
class Filing:
    """A row of the register as it was judged; what could not be told is empty or None."""

    row: RegisterRow
    outcome: Outcome
    unit: str = ""
    """The unit's code."""
    kind: str = ""
    day: date | None = None
    number: str = ""
    """The filing number, written as numbers are compared: see `same_number`."""

    @property
    def known(self) -> bool:
        """Tell whether it stands for a filing of the year, whether or not it counts by now."""
        return self.outcome in (Outcome.COUNTED, Outcome.LATER, Outcome.NOT_ASKED)


def judge(
    register: Register, plan: Plan, period: Period
) -> tuple[tuple[Filing, ...], list[Finding]]:
    """Judge every row, and list what is wrong with those that do not count."""
    units, kinds = _units(plan), {same_text(kind): kind for kind in plan.filed_kinds}
    filings: list[Filing] = []
    findings: list[Finding] = []
    first_of: dict[str, Filing] = {}
    asked = _asked(plan, period)
    for row in register.rows:
        one, faults = _judged(row, units, kinds)
        if one.outcome is Outcome.COUNTED:
            one = replace(one, outcome=_dated(one.day, period))
        if one.known:
            earlier = first_of.setdefault(one.number, one)
            if earlier is not one:
                one = replace(one, outcome=Outcome.REPEATED)
                faults.append(_repeated(one, earlier))
        if one.outcome is Outcome.COUNTED and (one.unit, one.kind) not in asked:
            one = replace(one, outcome=Outcome.NOT_ASKED)
        filings.append(one)
        findings += faults
    findings = [
        *_together(findings),
        *_left_out(filings, period),
        *_not_asked(filings),
        *_about(register),
    ]
    if not any(one.outcome is Outcome.COUNTED for one in filings):
        findings.append(Finding("register_empty", file=register.file))
    return tuple(filings), findings


def counted(
    filings: Iterable[Filing], plan: Plan, period: Period
) -> Mapping[tuple[str, str], tuple[Filing, ...]]:
    """Return the filings that each figure counts, by unit and indicator code.

    Every unit that is asked an indicator which counts filings has an entry, maybe an empty one:
    the register is complete by definition.
    """
    asked = _asked(plan, period)
    found: dict[tuple[str, str], list[Filing]] = {
        (unit, code): [] for (unit, _), codes in asked.items() for code in codes
    }
    for filing in filings:
        if filing.outcome is Outcome.COUNTED:
            for code in asked[filing.unit, filing.kind]:
                found[filing.unit, code].append(filing)
    return {key: tuple(several) for key, several in found.items()}


def _asked(plan: Plan, period: Period) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Return the indicators a unit is asked that count a kind of filing, by unit and kind."""
    counts = [one for one in plan.indicators if one.filed_kinds and one.kind is Kind.COUNT]
    found = {
        (unit.code, kind): tuple(
            one.code
            for one in counts
            if kind in one.filed_kinds and plan.asks(unit.code, one, period)
        )
        for unit in plan.units
        for kind in plan.filed_kinds
    }
    return {key: codes for key, codes in found.items() if codes}


def same_text(text: str) -> str:
    """Return a name as names are compared: width, case and white space do not count."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def same_number(text: str) -> str:
    """Return a filing number as numbers are compared.

    Width, case, the form of brackets, spaces and dashes do not count; but between two digits a
    space or dash stays, as a dash: 2017-1-11 is not 2017-11-1.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_BRACKETS)
    plain = "".join(char for char in plain if unicodedata.category(char) != "Cf")
    plain = "".join("-" if char in _DASHES else char for char in plain)
    parts = _BETWEEN_DIGITS.sub("\x00", plain)
    return _LOOSE.sub("", parts).replace("\x00", "-")


def _units(plan: Plan) -> Mapping[str, str]:
    """Return the units' codes by what they may be called; a name of two units calls none."""
    known: dict[str, set[str]] = {}
    for unit in plan.units:
        for name in (unit.code, unit.name, unit.short):
            known.setdefault(same_text(name), set()).add(unit.code)
    return {name: next(iter(codes)) for name, codes in known.items() if len(codes) == 1}


def _judged(
    row: RegisterRow, units: Mapping[str, str], kinds: Mapping[str, str]
) -> tuple[Filing, list[Finding]]:
    """Take a row for what it says; it counts unless a finding says why not."""
    cells = {name: row.cell(name) for name in NEEDED}
    blank = {
        name
        for name, one in cells.items()
        if one.state is State.BLANK and not (name in row.faults and not one.raw)
    }
    if {"kind", "date", "filing"} <= blank:
        what = next((one.raw for name in FIELDS if (one := row.cell(name)).raw.strip()), "")
        told = _finding("register_aside", row, _first_held(row), found=what)
        return Filing(row, Outcome.ASIDE), [told]
    faults = [
        _finding("register_unusable", row, name, name=FIELDS[name][0], found=cells[name].raw,
                 expected=row.faults[name])
        for name in NEEDED if name in row.faults
    ]  # fmt: skip
    missing = [name for name in NEEDED if name in blank and name not in row.faults]
    if missing:
        names = "、".join(FIELDS[name][0] for name in missing)
        faults.append(_finding("register_incomplete", row, missing[0], found=names))
    sound = {name: str(one.value) for name, one in cells.items()
             if one.state is State.ENTERED and name not in row.faults}  # fmt: skip
    number = same_number(sound.get("filing", ""))
    if "filing" in sound and not any(char.isdigit() for char in number):
        faults.append(_finding("register_unusable", row, "filing", name=FIELDS["filing"][0],
                               found=sound["filing"], expected="没有数字，不像备案号"))  # fmt: skip
    unit = units.get(same_text(sound.get("unit", "")))
    kind = kinds.get(same_text(sound.get("kind", "")))
    if unit is None and "unit" in sound:
        faults.append(_finding("register_unit_unknown", row, "unit", found=sound["unit"]))
    if kind is None and "kind" in sound:
        faults.append(_finding("register_kind_unknown", row, "kind", found=sound["kind"]))
    day = cells["date"].value if "date" in sound else None
    filing = Filing(
        row,
        Outcome.UNUSABLE if faults else Outcome.COUNTED,
        unit or "",
        kind or "",
        day if isinstance(day, date) else None,
        number,
    )
    return filing, faults


def _first_held(row: RegisterRow) -> str:
    return next((name for name in FIELDS if row.cell(name).raw.strip()), "filing")


def last_day(period: Period) -> date:
    """Return the last day of a period."""
    month = period.last_quarter * 3
    first = date(period.year + 1, 1, 1) if month == 12 else date(period.year, month + 1, 1)
    return first - timedelta(days=1)


def _dated(day: date | None, period: Period) -> Outcome:
    assert day is not None
    if day.year != period.year:
        return Outcome.OUTSIDE
    return Outcome.LATER if day > last_day(period) else Outcome.COUNTED


def _repeated(one: Filing, earlier: Filing) -> Finding:
    """Say that a number stands again: for the same filing, or for another one."""
    parts = ((one.unit, earlier.unit), (one.kind, earlier.kind), (one.day, earlier.day))
    alike = all(mine == theirs for mine, theirs in parts)
    code = "register_repeated" if alike else "register_number_clash"
    raw, place = one.row.cell("filing").raw.strip(), earlier.row.source("filing")
    where = place.cell if place.sheet == one.row.table.sheet else f"{place.sheet} {place.cell}"
    return _finding(code, one.row, "filing", found=raw, expected=where)


def _together(findings: list[Finding]) -> Iterator[Finding]:
    """Tell of a name that is not known once, with the cells it stands in."""
    alike: dict[tuple[str, str], list[Finding]] = {}
    for one in findings:
        if one.code in ("register_unit_unknown", "register_kind_unknown"):
            alike.setdefault((one.code, same_text(one.found)), []).append(one)
        else:
            yield one
    for several in alike.values():
        yield replace(several[0], expected=_cells(several))


def _cells(several: list[Finding]) -> str:
    named = "、".join(one.cell for one in several[:_NAMED])
    return f"{named} 等 {len(several)} 行" if len(several) > _NAMED else named


def _left_out(filings: list[Filing], period: Period) -> Iterator[Finding]:
    """Tell of rows that are dated later or in other years: once a unit, and once a year."""
    later: dict[str, list[Filing]] = {}
    outside: dict[int, list[Filing]] = {}
    for one in filings:
        if one.outcome is Outcome.LATER:
            later.setdefault(one.unit, []).append(one)
        elif one.outcome is Outcome.OUTSIDE and one.day:
            outside.setdefault(one.day.year, []).append(one)
    for unit, several in later.items():
        told = _finding("register_later", several[0].row, "date", found=str(len(several)),
                        expected=str(last_day(period)))  # fmt: skip
        yield replace(told, unit=unit)
    for year, several in outside.items():
        yield _finding("register_outside_year", several[0].row, "date",
                       found=f"{len(several)} 行的日期在 {year} 年",
                       expected=str(period.year))  # fmt: skip


def _not_asked(filings: list[Filing]) -> Iterator[Finding]:
    """Tell of rows that no figure of their unit counts: once a unit and kind."""
    alike: dict[tuple[str, str], list[Filing]] = {}
    for one in filings:
        if one.outcome is Outcome.NOT_ASKED:
            alike.setdefault((one.unit, one.kind), []).append(one)
    for (unit, kind), several in alike.items():
        told = _finding("register_not_asked", several[0].row, "kind", found=str(len(several)),
                        expected=kind)  # fmt: skip
        yield replace(told, unit=unit)


def _about(register: Register) -> Iterator[Finding]:
    for one in register.noticed:
        yield Finding("register_noticed", file=register.file, sheet=one.source.sheet,
                      cell=one.source.cell, found=one.what)  # fmt: skip
    for sheet in register.unread:
        yield Finding("register_sheet_unread", file=register.file, sheet=sheet, found=sheet)


def _finding(
    code: str, row: RegisterRow, column: str, *, found: str, expected: str = "", name: str = ""
) -> Finding:
    place = row.source(column)
    return Finding(code, file=place.file, sheet=place.sheet, cell=place.cell, name=name,
                   found=cut(found.strip()), expected=expected)  # fmt: skip
