"""Match the register with each unit's own list, and tell every difference.

First by filing number, then by date and partner of what is left on both sides. What a figure is
does not hang on it: the register's rows count, whatever a unit listed.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from consolidator.checks.case import Case
from consolidator.checks.findings import Finding, plain
from consolidator.checks.register import (
    Filing,
    Outcome,
    counted,
    judge,
    same_number,
    same_text,
)
from consolidator.checks.selection import Settled
from consolidator.forms.quarterly.assignment import LIST_FIELDS, Assignment
from consolidator.intake.placing import cut
from consolidator.intake.register import Register
from consolidator.intake.values import Reading, State

BY_NUMBER, BY_DAY = "备案号一致", "日期和合作单位一致"
NOT_LISTED, NO_RETURN, NO_LIST = "单位没有列出", "单位未报", "单位明细读不出"
ELSEWHERE = "{}列为本单位的"
Row = Mapping[str, Reading]


@dataclass(frozen=True)
class Held:
    """A register that was judged and held against what the units sent."""

    file: str
    filings: tuple[Filing, ...]
    """Every row that holds anything, in the order of the file."""
    counted: Mapping[tuple[str, str], Sequence[Filing]]
    """Those that each figure counts, by unit and indicator code."""
    how: Mapping[int, str]
    """How a row was found in the units' lists, by its place among all."""
    order: tuple[int, ...]
    """The places of the rows by unit in the plan's order, those of no unit last."""
    findings: tuple[Finding, ...]

    @cached_property
    def totals(self) -> Mapping[Outcome, int]:
        """How many rows ended how; the numbers add up to all rows."""
        counts = Counter(one.outcome for one in self.filings)
        return {outcome: counts[outcome] for outcome in Outcome}

    @cached_property
    def number_of(self) -> Mapping[tuple[str, int] | str, int]:
        """Where a row stands in ``order``, by its sheet and row; and where a unit's first does."""
        found: dict[tuple[str, int] | str, int] = {}
        for number, place in enumerate(self.order):
            one = self.filings[place]
            found[one.row.table.sheet, one.row.row] = number
            found.setdefault(one.unit, number)
        return found


@dataclass(slots=True)
class _State:
    """What is known while matching: filings by number, and which are taken."""

    filings: Sequence[Filing]
    settled: Settled
    how: dict[int, str] = field(default_factory=dict)
    by_number: dict[str, int] = field(default_factory=dict)
    unusable: set[str] = field(default_factory=set)
    """Numbers of rows that do not count for a reason that is a finding of the row's own."""
    of_unit: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.unusable = {one.number for one in self.filings if one.number and not one.known}
        for place, one in enumerate(self.filings):
            if one.known:
                self.by_number.setdefault(one.number, place)
                self.of_unit.setdefault(one.unit, []).append(place)


def hold(register: Register, settled: Settled) -> Held:
    """Judge a register, and match every unit's list with it.

    The findings name what is wrong in the register, then unit by unit what differs.
    """
    filings, findings = judge(register, settled.plan, settled.period)
    counts = counted(filings, settled.plan, settled.period)
    state = _State(filings, settled)
    cases = []
    for result in settled.units:
        unit = result.unit.code
        if result.submission is None:
            state.how |= dict.fromkeys(state.of_unit.get(unit, ()), NO_RETURN)
            continue
        form = result.submission.stamp.form
        assignment = Assignment(settled.plan, result.unit, settled.period, form=form)
        cases.append(Case(assignment, result.submission))
    left = [(case, _by_number(state, case, findings)) for case in cases]
    for case, rows in left:
        unlisted = list(_by_day(state, case, rows, findings))
        findings += [_not_filed(case, row) for row in unlisted]
        findings += _not_reported(state, case)
        findings += _counts_differ(case, counts)
    units = {unit.code: n for n, unit in enumerate(settled.plan.units)}
    order = sorted(range(len(filings)), key=lambda n: units.get(filings[n].unit, len(units)))
    return Held(register.file, filings, counts, state.how, tuple(order), tuple(findings))


def _by_number(state: _State, case: Case, findings: list[Finding]) -> list[Row]:
    """Match a list by numbers; return the rows that are left."""
    mine = case.submission.unit
    left, seen = [], set()
    for row in case.filed:
        number = _number(row)
        place = state.by_number.get(number) if number else None
        if place is None:
            if not number or number not in state.unusable:
                left.append(row)
            continue
        if number in seen:
            # That it stands twice in the list is a finding of its own.
            continue
        seen.add(number)
        one = state.filings[place]
        if one.unit == mine:
            state.how[place] = BY_NUMBER
            findings += _differences(case, row, one)
        else:
            plan = state.settled.plan
            state.how.setdefault(place, ELSEWHERE.format(plan.unit_by_code[mine].short))
            source = row["filing"].source
            findings.append(
                case.finding("filing_elsewhere", source, found=cut(row["filing"].raw.strip()),
                             expected=plan.unit_by_code[one.unit].short)
            )  # fmt: skip
    return left


def _by_day(
    state: _State, case: Case, rows: Sequence[Row], findings: list[Finding]
) -> Iterator[Row]:
    """Match what is left of a list by date and partner; yield the rows that are still left."""
    free: dict[tuple[date, str], list[int]] = {}
    for place in state.of_unit.get(case.submission.unit, ()):
        one = state.filings[place]
        partner = same_text(one.row.cell("partner").raw)
        if one.day and partner and state.how.get(place) != BY_NUMBER:
            free.setdefault((one.day, partner), []).append(place)
    left: list[Row] = []
    # Rows of one kind first: two filings of one day with one partner must not change places.
    for kinds_agree, several in ((True, rows), (False, left)):
        for row in list(several):
            day, partner = row["date"].value, same_text(row["partner"].raw)
            alike = free.get((day, partner), []) if isinstance(day, date) and partner else []
            kind = row["kind"].value
            fitting = [n for n in alike if not kinds_agree or state.filings[n].kind == kind]
            if fitting:
                alike.remove(fitting[0])
                state.how[fitting[0]] = BY_DAY
                findings += _differences(case, row, state.filings[fitting[0]])
            elif kinds_agree:
                left.append(row)
            else:
                yield row


def _differences(case: Case, row: Row, one: Filing) -> Iterator[Finding]:
    """Tell in what two rows of the same filing differ."""
    number = one.row.cell("filing").raw.strip()
    for column, theirs, differs in (
        ("filing", number, _number(row) not in ("", one.number)),
        ("kind", one.kind, row["kind"].value != one.kind),
        ("date", str(one.day), row["date"].value != one.day),
    ):
        cell = row[column]
        if differs and cell.state is State.ENTERED:
            place = one.row.source(column)
            mine = str(cell.value) if column == "date" else cell.raw.strip()
            yield case.finding(
                "filing_differs", cell.source, name=LIST_FIELDS[column][0], found=cut(mine),
                expected=f"{cut(theirs)}（{place.cell}）",
            )  # fmt: skip


def _not_filed(case: Case, row: Row) -> Finding:
    """Name a row of a list that the register does not have."""
    held = next((one for one in reversed([*row.values()]) if one.raw), row["filing"])
    cell = row["filing"] if row["filing"].raw else held
    return case.finding("filing_unregistered", cell.source, found=cut(cell.raw.strip()))


def _not_reported(state: _State, case: Case) -> Iterator[Finding]:
    """Name rows of the register that a unit's list does not have."""
    unit = case.submission.unit
    lost = any(one.code == "sheet_lost" for one in case.submission.observed)
    for place in state.of_unit.get(unit, ()):
        one = state.filings[place]
        if place in state.how and state.how[place] in (BY_NUMBER, BY_DAY):
            continue
        if lost:
            state.how[place] = NO_LIST
            continue
        state.how.setdefault(place, NOT_LISTED)
        if one.outcome is Outcome.COUNTED:
            number = one.row.cell("filing").raw.strip()
            source = one.row.source("filing")
            yield Finding("filing_unreported", unit, source.file, source.sheet, source.cell,
                          found=cut(number))  # fmt: skip


def _counts_differ(
    case: Case, counts: Mapping[tuple[str, str], Sequence[Filing]]
) -> Iterator[Finding]:
    """Name figures that are not the register's; a figure that an error voids is told too."""
    for line in case.assignment.headline:
        filings = counts.get((case.submission.unit, line.indicator.code))
        told = case.sound.get(line.key)
        if filings is not None and told is not None and told != len(filings):
            yield case.finding(
                "filed_count_differs", case.readings[line.value_key].source, line=line,
                found=plain(told), expected=str(len(filings)), key=line.value_key,
            )  # fmt: skip


def _number(row: Row) -> str:
    cell = row["filing"]
    return same_number(str(cell.value)) if cell.state is State.ENTERED else ""
