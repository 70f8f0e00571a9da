"""What one reviewer is asked: to mark every unit but their own for every item of annex 3."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from consolidator.forms.layout import Value
from consolidator.forms.quarterly.assignment import Key
from consolidator.forms.quarterly.derive import is_number, number, text
from consolidator.forms.review.marking import is_sound
from consolidator.forms.stamp import Stamp
from consolidator.plan.model import Plan, ReviewItem, Unit
from consolidator.plan.period import Period

FAMILY = "review/"
"""What the codes of all versions of this form begin with."""
FORM = "review/1"
REASON = "reason"
"""The column in which a reviewer says why cells of the row are blank."""
AVOIDED = "回避"
"""What stands in place of marks in the row of the reviewer's own unit."""


@dataclass(frozen=True, slots=True)
class Reviewer:
    """One who marks; the code stands in stamps and never changes, the name is as typed."""

    code: str
    name: str
    unit: str = ""
    """The code of the unit the reviewer belongs to; empty for none."""


def item_key(item: ReviewItem) -> str:
    """Return the key of an item's column."""
    return f"item{item.number}"


def mark_key(unit: Unit, item: ReviewItem) -> Key:
    """Name the field of a unit's mark for an item."""
    return Key(unit.code, item_key(item))


def reason_key(unit: Unit) -> Key:
    """Name the field in which blanks of a unit's row are explained."""
    return Key(unit.code, REASON)


def asked_of_all(plan: Plan) -> str:
    """Return 12 hexadecimal digits that change with units, items and full marks."""
    units = [(unit.code, unit.name) for unit in plan.units]
    items = [(one.number, one.name, one.full_marks) for one in plan.review_items]
    told = json.dumps([plan.year, units, items], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class ReviewAssignment:
    """One reviewer's form for one year, and the values already in it.

    ``answers`` holds what the entry cells contain; an issued form has none.
    """

    plan: Plan
    period: Period
    reviewer: Reviewer
    answers: Mapping[Key, Value] = field(default_factory=dict)
    signing_key: bytes = field(default=b"", repr=False)
    """Signs the stamp; empty where the workspace has none."""

    @cached_property
    def stamp(self) -> Stamp:
        """The identity of the workbook; where a template has a unit it has the reviewer."""
        return Stamp(
            form=FORM,
            plan=self.plan.name,
            period=self.period.code,
            unit=self.reviewer.code,
            fingerprint=self.fingerprint,
            wording=self.plan.wording,
        ).signed(self.signing_key)

    @cached_property
    def fingerprint(self) -> str:
        """12 hexadecimal digits that change with what is asked of this reviewer."""
        own = self.reviewer
        told = json.dumps([asked_of_all(self.plan), own.code, own.name, own.unit])
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    @property
    def items(self) -> tuple[ReviewItem, ...]:
        """The items of annex 3, in its order."""
        return self.plan.review_items

    def avoids(self, unit: Unit) -> bool:
        """Tell whether a unit is the reviewer's own, which takes no mark."""
        return unit.code == self.reviewer.unit

    @property
    def marked(self) -> tuple[Unit, ...]:
        """The units to be marked."""
        return tuple(unit for unit in self.plan.units if not self.avoids(unit))

    def called(self, unit: Unit, item: ReviewItem) -> str:
        """Return what a mark is called in messages."""
        return f"{unit.short}·{item.number}. {item.name}"

    def total(self, unit: Unit) -> float | None:
        """Return the sum of a unit's marks; None until every item has one."""
        given = [self.answers.get(mark_key(unit, item)) for item in self.items]
        numbers = [number(value) for value in given if is_number(value)]
        known = [one for one in numbers if one is not None]
        return sum(known) if known and len(known) == len(self.items) else None

    def wrong(self, unit: Unit) -> int:
        """Count the cells of a row that hold something else than a sound mark."""
        return sum(
            not self._sound(self.answers[mark_key(unit, item)], item)
            for item in self.items
            if self.answers.get(mark_key(unit, item)) not in (None, "")
        )

    def unexplained(self, unit: Unit) -> int:
        """Count the blank cells of a row in which no reason is given."""
        if text(self.answers.get(reason_key(unit))):
            return 0
        return sum(self.answers.get(mark_key(unit, item)) in (None, "") for item in self.items)

    def _sound(self, value: Value, item: ReviewItem) -> bool:
        mark = number(value)
        return mark is not None and is_sound(mark, item.full_marks)
