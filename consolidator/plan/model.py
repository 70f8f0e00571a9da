"""What is asked of whom, as frozen values: a plan's units, indicators and targets."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from consolidator.plan.period import Period

DISTRICT = "district"
"""The code that stands for the district as a whole; no unit may have it."""


class Kind(StrEnum):
    """How an indicator's figure comes about."""

    COUNT = "count"
    RATIO = "ratio"
    """A share of two amounts of one measure, shown in per cent."""
    QUOTIENT = "quotient"
    """One amount over another of a different measure; only annex 1 has any."""


class Accrual(StrEnum):
    """How figures of the quarters relate: they add up over the year, or are a state in time."""

    CUMULATIVE = "cumulative"
    STOCK = "stock"


@dataclass(frozen=True, slots=True)
class Unit:
    """One of the parks, towns and streets that report."""

    code: str
    name: str
    """The full name, as annex 2 prints it."""
    short: str
    """The name people say; it stands in file names and narrow columns."""


@dataclass(frozen=True, slots=True)
class Amount:
    """One of the two amounts a ratio is computed from."""

    code: str
    name: str
    measure: str


def _amounts(numerator: Amount | None, denominator: Amount | None) -> tuple[Amount, ...]:
    if numerator is None and denominator is None:
        return ()
    return tuple(amount for amount in (numerator, denominator) if amount)


@dataclass(frozen=True, slots=True)
class Indicator:
    """A row of annex 2."""

    code: str
    number: int
    """The number annex 2 prints; rows below one another may share it."""
    group: str
    name: str
    measure: str
    kind: Kind
    accrual: Accrual
    parent: str | None
    """The code of the indicator this one is part of."""
    first_quarter: int
    """The first quarter in which there is something to report (5.18 falls into the second)."""
    filed_kinds: tuple[str, ...]
    """The kinds of filed events and agreements this indicator counts (annex 2, note)."""
    numerator: Amount | None
    denominator: Amount | None
    district_target: float | None
    """The district's own target (annex 1), where the units' targets do not add up to one."""
    weight: float | None
    """The weight of the number, on one of its rows; None everywhere where numbers weigh alike."""
    meaning: str
    rule: str

    @property
    def amounts(self) -> tuple[Amount, ...]:
        """The amounts a unit enters: two for a ratio, none for a count."""
        return _amounts(self.numerator, self.denominator)

    @property
    def label(self) -> str:
        """Group and name in one: ``专利·发明申请``."""
        return f"{self.group}·{self.name}" if self.group else self.name

    def is_due(self, period: Period) -> bool:
        """Tell whether the indicator is asked for in ``period``."""
        return period.last_quarter >= self.first_quarter


@dataclass(frozen=True, slots=True)
class DistrictTarget:
    """A row of annex 1: a target of the district as a whole."""

    code: str
    number: str
    name: str
    measure: str
    kind: Kind
    target: float
    """A ratio's as a fraction."""
    parent: str | None
    """The code of the row this one is part of."""
    first_quarter: int
    """The first quarter in which it is known."""
    source: str | None
    """The code of the indicator of annex 2 whose district figure this is; None if entered."""
    numerator: Amount | None
    denominator: Amount | None

    @property
    def amounts(self) -> tuple[Amount, ...]:
        """The amounts to be entered: two for a ratio or quotient that no unit's figures give."""
        return _amounts(self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A row of annex 3: what reviewers score, and the full marks."""

    number: int
    name: str
    full_marks: float


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom units ask, and where they send their return."""

    office: str
    person: str
    phone: str
    mail: str


@dataclass(frozen=True, slots=True)
class UnitContact:
    """Where a unit's template and corrections are mailed to."""

    unit: str
    name: str
    mail: str
    """Empty where none is known."""
    copies: tuple[str, ...]

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address mail goes to, the unit's own first."""
        told = (one for one in (self.mail, *self.copies) if one)
        return tuple({one.lower(): one for one in reversed(list(told))}.values())[::-1]

    def has(self, address: str) -> bool:
        """Tell whether an address is one of the unit's, however it is written."""
        return address.lower() in {one.lower() for one in self.addresses}


@dataclass(frozen=True, slots=True)
class Weights:
    """Scoring defaults; the official scoring rules are not known."""

    quantity: float
    review: float
    achievement_cap: float


class MeanKind(StrEnum):
    """How the marks of several reviewers become one."""

    PLAIN = "plain"
    TRIMMED = "trimmed"
    """Without the highest and the lowest mark, where there are enough."""


@dataclass(frozen=True, slots=True)
class Reviewing:
    """How the review (annex 3) is merged; a default, the official rule is not known."""

    mean: MeanKind


@dataclass(frozen=True)
class Plan:
    """A year's units, indicators and targets.

    A target is a number (ratios as fractions) or None where annex 2 prints ``--``: not
    applicable, which is neither zero nor missing.
    """

    name: str
    year: int
    title: str
    note: str
    deadline_days: int
    """Days after a period's end by which units send their return."""
    contact: Contact
    units: tuple[Unit, ...]
    indicators: tuple[Indicator, ...]
    targets: Mapping[tuple[str, str], float | None]
    """By unit code and indicator code; one entry for every pair."""
    weights: Weights
    reviewing: Reviewing
    district_targets: tuple[DistrictTarget, ...]
    review_items: tuple[ReviewItem, ...]
    contacts: Mapping[str, UnitContact]
    """By unit code; a unit may have none."""

    @cached_property
    def unit_by_code(self) -> Mapping[str, Unit]:
        """The units by their code."""
        return {unit.code: unit for unit in self.units}

    @cached_property
    def indicator_by_code(self) -> Mapping[str, Indicator]:
        """The indicators by their code."""
        return {indicator.code: indicator for indicator in self.indicators}

    @cached_property
    def filed_kinds(self) -> tuple[str, ...]:
        """Every kind of filed event or agreement, each once, in the indicators' order."""
        return tuple(dict.fromkeys(kind for one in self.indicators for kind in one.filed_kinds))

    @cached_property
    def district_plan(self) -> "Plan | None":
        """What annex 1 asks of the district itself, as a plan with one unit; None for nothing.

        What the units' figures give is not asked for. So a form for it is issued, read and
        checked like every other.
        """
        asked = [one for one in self.district_targets if one.source is None]
        if not asked:
            return None
        unit = Unit(DISTRICT, f"{self.contact.office}（区级目标）", "区级")
        return replace(
            self,
            note="",
            units=(unit,),
            indicators=tuple(map(_as_indicator, asked)),
            targets={(DISTRICT, one.code): one.target for one in asked},
            district_targets=(),
            review_items=(),
            contacts={},
        )

    def of(self, unit: str) -> "Plan":
        """Return the plan that asks something of a unit: this one, or the district's own."""
        own = self.district_plan if unit == DISTRICT else None
        return own or self

    def unit(self, code: str) -> Unit:
        """Return the unit with this code, the district itself among them.

        Raises:
            KeyError: there is none.
        """
        return self.of(code).unit_by_code[code]

    def named(self, code: str) -> Unit | None:
        """Return the unit with this code, the district itself among them; None for none."""
        return self.of(code).unit_by_code.get(code)

    @cached_property
    def number_weights(self) -> Mapping[int, float]:
        """The weight of each number of annex 2; 100 shared alike where the plan gives none."""
        numbers = dict.fromkeys(one.number for one in self.indicators)
        given = {one.number: one.weight for one in self.indicators if one.weight is not None}
        return {number: given.get(number, 100 / len(numbers)) for number in numbers}

    def target(self, unit: str, indicator: str) -> float | None:
        """Return the target of a unit, None where it is not applicable."""
        return self.targets[unit, indicator]

    def asks(self, unit: str, indicator: Indicator, period: Period) -> bool:
        """Tell whether ``unit`` has to report ``indicator`` in ``period``."""
        return self.target(unit, indicator.code) is not None and indicator.is_due(period)

    def district_target(self, indicator: Indicator) -> float | None:
        """Return the district's target: the units' sum, for a ratio annex 1's own.

        Counts add up over units, a ratio never does.
        """
        if indicator.kind is Kind.RATIO:
            return indicator.district_target
        return sum(self.targets[unit.code, indicator.code] or 0 for unit in self.units)

    @cached_property
    def _asked_of_all(self) -> str:
        rows = [
            [
                *(one.code, one.name, one.measure, one.kind, one.parent, one.first_quarter),
                *one.filed_kinds,
                *(part for amount in one.amounts for part in (amount.code, amount.measure)),
            ]
            for one in self.indicators
        ]
        return json.dumps([self.year, rows], ensure_ascii=False)

    @cached_property
    def wording(self) -> str:
        """Return 8 hexadecimal digits that change with what forms explain but do not ask."""
        contact = self.contact
        texts = [
            *(self.title, self.note, self.deadline_days),
            *(contact.office, contact.person, contact.phone, contact.mail),
            *((one.number, one.group, one.meaning, one.rule) for one in self.indicators),
        ]
        return hashlib.sha256(json.dumps(texts, ensure_ascii=False).encode()).hexdigest()[:8]

    def fingerprint(self, unit: str) -> str:
        """Return 12 hexadecimal digits that change when what is asked of ``unit`` changes.

        Other units' targets and the wording of explanations do not count: a mended telephone
        number must not turn away a return that was filled correctly.
        """
        targets = [self.targets[unit, one.code] for one in self.indicators]
        asked = json.dumps([self._asked_of_all, unit, self.unit_by_code[unit].name, targets])
        return hashlib.sha256(asked.encode()).hexdigest()[:12]


def _meaning(one: DistrictTarget) -> str:
    return "除以".join(amount.name for amount in one.amounts) or f"附件1：{one.name}。"


def _as_indicator(one: DistrictTarget) -> Indicator:
    """Return a row of annex 1 as a form asks for it."""
    digits = "".join(char for char in one.number if char.isdecimal())
    return Indicator(
        code=one.code,
        number=int(digits or 0),
        group="",
        name=one.name,
        measure=one.measure,
        kind=one.kind,
        accrual=Accrual.CUMULATIVE if one.kind is Kind.COUNT else Accrual.STOCK,
        parent=one.parent,
        first_quarter=one.first_quarter,
        filed_kinds=(),
        numerator=one.numerator,
        denominator=one.denominator,
        district_target=one.target,
        weight=None,
        meaning=_meaning(one),
        rule="填本年累计数。" if one.kind is Kind.COUNT else "填两项数，比值由表格自动计算。",
    )
