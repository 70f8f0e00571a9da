"""What one unit is asked in one period, line by line: the form before any layout."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import NamedTuple

from consolidator.forms.layout import Value
from consolidator.forms.stamp import Stamp
from consolidator.plan.model import Amount, Indicator, Plan, Unit
from consolidator.plan.period import Period

FORM = "quarterly/3"
"""Code and version of the form; a change of layout is a new version."""
_UNSIGNED_FORM = "quarterly/1"
"""The first version, whose stamp tells neither wording nor signature."""
BELOW: Mapping[str, tuple[str, ...]] = {
    "quarterly/1": ("signers", "contact"),
    "quarterly/2": ("statement", "signers", "contact"),
    "quarterly/3": ("statement", "signers", "contact"),
}
"""Every version that may still come back, with the rows below its table."""
LIST_ROWS = 64
TEXT_LIMIT = 200
"""The longest text an entry cell takes, in characters."""
_KEPT = 64
"""How many patterns of what is asked are remembered: a plan has few."""
NAMED = "填报单位："
"""What stands before the unit's name above the table."""


class Key(NamedTuple):
    """The name of a field: the key of its row and the key of its column."""

    row: str
    column: str


Previous = Mapping[tuple[str, str], float]
"""The period before's cumulative figures, by unit code and the code of a line."""


def previous_of(unit: str, previous: Previous | None) -> dict[str, float]:
    """Return the period before's figures of one unit, by the code of a line."""
    return {code: figure for (of, code), figure in (previous or {}).items() if of == unit}


class FieldKind(StrEnum):
    """What a field takes."""

    COUNT = "count"
    AMOUNT = "amount"
    TEXT = "text"
    DATE = "date"
    CHOICE = "choice"


FILLED_BY = Key("signers", "indicator")
APPROVED_BY = Key("signers", "actual")
PHONE = Key("contact", "indicator")
FILLED_ON = Key("contact", "actual")
SIGNERS: Mapping[Key, tuple[str, FieldKind]] = {
    FILLED_BY: ("填报人", FieldKind.TEXT),
    APPROVED_BY: ("审核人", FieldKind.TEXT),
    PHONE: ("联系电话", FieldKind.TEXT),
    FILLED_ON: ("填报日期", FieldKind.DATE),
}
"""The fields below the table: who filled it, who approved it."""

STATEMENT = Key("statement", "indicator")
STATEMENT_NAME = "情况说明"
"""What a unit wants to say about its figures as a whole; it may stay blank."""
FIELDS_BELOW: Mapping[str, Mapping[Key, tuple[str, FieldKind]]] = {
    form: {
        key: field
        for key, field in {STATEMENT: (STATEMENT_NAME, FieldKind.TEXT), **SIGNERS}.items()
        if key.row in rows
    }
    for form, rows in BELOW.items()
}
"""The fields below the table of each version of the form."""

LIST_FIELDS: Mapping[str, tuple[str, FieldKind]] = {
    "kind": ("类别", FieldKind.CHOICE),
    "date": ("日期", FieldKind.DATE),
    "partner": ("合作单位", FieldKind.TEXT),
    "subject": ("活动主题或协议名称", FieldKind.TEXT),
    "filing": ("备案号", FieldKind.TEXT),
}
"""The columns of the list of filed events and agreements."""
LIST_KEYS = tuple(f"filed{row:03d}" for row in range(1, LIST_ROWS + 1))
_LIST_PLACES = {key: place for place, key in enumerate(LIST_KEYS, start=1)}


class Asking(StrEnum):
    """Whether a line has an entry cell."""

    ENTRY = "entry"
    DERIVED = "derived"
    NOT_APPLICABLE = "not applicable"
    NOT_YET = "not yet"


@dataclass(frozen=True)
class Line:
    """A line of the form: an indicator, or one of the two amounts of a ratio."""

    indicator: Indicator
    amount: Amount | None
    asking: Asking

    @cached_property
    def key(self) -> str:
        """The key of the line's row."""
        return self.amount.code if self.amount else self.indicator.code

    @property
    def name(self) -> str:
        """What the line is called in messages."""
        return self.amount.name if self.amount else self.indicator.label

    @property
    def measure(self) -> str:
        """The unit of measure."""
        return self.amount.measure if self.amount else self.indicator.measure

    @property
    def kind(self) -> FieldKind:
        """What the line's entry cell takes."""
        return FieldKind.AMOUNT if self.amount else FieldKind.COUNT

    @cached_property
    def value_key(self) -> Key:
        """The name of the line's figure."""
        return Key(self.key, "actual")

    @cached_property
    def figure_keys(self) -> tuple[Key, ...]:
        """The names of the figures it is measured by: its own, or those of its two amounts."""
        amounts = tuple(Key(one.code, "actual") for one in self.indicator.amounts)
        return amounts or (self.value_key,)

    @cached_property
    def remark_key(self) -> Key:
        """The name of the line's remark."""
        return Key(self.key, "remark")


@dataclass(frozen=True, eq=False)
class Lines:
    """The lines that all units have in common of which the same is asked."""

    all: tuple[Line, ...]
    """From top to bottom; a ratio is followed by its two amounts."""

    @cached_property
    def entries(self) -> tuple[Line, ...]:
        """The lines with an entry cell for a figure."""
        return tuple(line for line in self.all if line.asking is Asking.ENTRY)

    @cached_property
    def headline(self) -> tuple[Line, ...]:
        """The lines of indicators that are asked for: those that are measured and explained."""
        asked = (Asking.ENTRY, Asking.DERIVED)
        return tuple(one for one in self.all if one.asking in asked and not one.amount)


class _Same:
    """A plan's indicators as a key that means these very ones: to compare them takes long."""

    def __init__(self, indicators: tuple[Indicator, ...]) -> None:
        self.indicators = indicators

    def __hash__(self) -> int:
        return id(self.indicators)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.indicators is other.indicators


@lru_cache(maxsize=_KEPT)
def _lines(same: _Same, askings: tuple[Asking, ...]) -> Lines:
    lines = []
    for indicator, asking in zip(same.indicators, askings, strict=True):
        own = asking
        if asking is Asking.ENTRY and indicator.amounts:
            own = Asking.DERIVED
        lines.append(Line(indicator, None, own))
        lines.extend(Line(indicator, amount, asking) for amount in indicator.amounts)
    return Lines(tuple(lines))


@dataclass(frozen=True)
class Assignment:
    """One unit's form for one period, and the values already in it.

    ``previous`` holds the period before's cumulative figures by indicator code, where known.
    ``answers`` holds what the entry cells contain; an issued template has none.
    """

    plan: Plan
    unit: Unit
    period: Period
    previous: Mapping[str, float] = field(default_factory=dict)
    answers: Mapping[Key, Value] = field(default_factory=dict)
    notice: str = ""
    form: str = FORM
    """The version of the form: this one is issued, older ones still come back."""
    signing_key: bytes = field(default=b"", repr=False)
    """Signs the stamp; empty where the workspace has none."""

    @cached_property
    def stamp(self) -> Stamp:
        """The identity of the workbook."""
        stamp = Stamp(
            form=self.form,
            plan=self.plan.name,
            period=self.period.code,
            unit=self.unit.code,
            fingerprint=self.plan.fingerprint(self.unit.code),
            wording="" if self.form == _UNSIGNED_FORM else self.plan.wording,
        )
        return stamp if self.form == _UNSIGNED_FORM else stamp.signed(self.signing_key)

    @property
    def asks_about_falls(self) -> bool:
        """Whether the form tells amounts of the period before and judges figures that fell."""
        return self.form not in ("quarterly/1", "quarterly/2")

    @property
    def below(self) -> Mapping[Key, tuple[str, FieldKind]]:
        """The fields below the table, which differ between versions of the form."""
        return FIELDS_BELOW[self.form]

    @cached_property
    def asked(self) -> Lines:
        """What is asked, line by line: units that are asked the same share it."""
        indicators = self.plan.indicators
        return _lines(_Same(indicators), tuple([self._asking(one) for one in indicators]))

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line from top to bottom; a ratio is followed by its two amounts."""
        return self.asked.all

    @property
    def entries(self) -> tuple[Line, ...]:
        """The lines with an entry cell for a figure."""
        return self.asked.entries

    @property
    def headline(self) -> tuple[Line, ...]:
        """The lines of indicators that are asked for: those that are measured and explained."""
        return self.asked.headline

    @cached_property
    def filed_rows(self) -> tuple[tuple[str, Mapping[str, Value]], ...]:
        """The rows of the filed list that hold anything to be seen, with their row keys."""
        held = {key.row for key, value in self.answers.items() if str(value or "").strip()}
        return tuple(
            (row, {column: self.answers.get(Key(row, column)) for column in LIST_FIELDS})
            for row in LIST_KEYS
            if row in held
        )

    def called(self, key: Key) -> str:
        """Return what a field is called in messages."""
        if key in self.below:
            return self.below[key][0]
        if key.row in _LIST_PLACES:
            return f"备案明细第 {_LIST_PLACES[key.row]} 行的{LIST_FIELDS[key.column][0]}"
        name = next((line.name for line in self.lines if line.key == key.row), key.row)
        return f"{name}备注" if key.column == "remark" else name

    @property
    def deadline(self) -> date:
        """The day by which the unit sends its return."""
        month = self.period.last_quarter * 3
        year, month = (self.period.year + 1, 1) if month == 12 else (self.period.year, month + 1)
        return date(year, month, 1) - timedelta(days=1) + timedelta(days=self.plan.deadline_days)

    def _asking(self, indicator: Indicator) -> Asking:
        if self.plan.target(self.unit.code, indicator.code) is None:
            return Asking.NOT_APPLICABLE
        if not indicator.is_due(self.period):
            return Asking.NOT_YET
        return Asking.ENTRY
