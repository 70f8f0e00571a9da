"""What every check looks at: one submission beside what was asked of its unit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from consolidator.checks.findings import Finding
from consolidator.forms.layout import Value
from consolidator.forms.quarterly.assignment import (
    LIST_FIELDS,
    LIST_KEYS,
    Assignment,
    FieldKind,
    Key,
    Line,
)
from consolidator.intake.values import Reading, Source, State, Submission


@dataclass(frozen=True)
class Case:
    """A submission and its assignment."""

    assignment: Assignment
    submission: Submission
    previous: Mapping[str, float] = field(default_factory=dict)
    """The period before's cumulative figures by line key, where known."""

    @property
    def readings(self) -> Mapping[Key, Reading]:
        """Every entry cell that was read."""
        return self.submission.readings

    @cached_property
    def sound(self) -> Mapping[str, float]:
        """The figures that are good in themselves, by line key; relations look at these only."""
        return {
            line.key: number
            for line in self.assignment.entries
            if (number := sound_number(self.readings[line.value_key], line)) is not None
        }

    @cached_property
    def filed_indicators(self) -> tuple[str, ...]:
        """The codes of the indicators that count rows of the list."""
        indicators = (line.indicator for line in self.assignment.headline)
        return tuple(one.code for one in indicators if one.filed_kinds)

    @cached_property
    def lines(self) -> Mapping[str, Line]:
        """The lines of the form by their key."""
        return {line.key: line for line in self.assignment.lines}

    @cached_property
    def filed(self) -> tuple[Mapping[str, Reading], ...]:
        """The rows of the filed list that hold anything, each by its column keys."""
        rows = []
        for row in LIST_KEYS:
            if Key(row, "kind") in self.readings:
                cells = {column: self.readings[Key(row, column)] for column in LIST_FIELDS}
                if any(cell.state is not State.BLANK for cell in cells.values()):
                    rows.append(cells)
        return tuple(rows)

    @cached_property
    def answers(self) -> Mapping[Key, Value]:
        """What was entered; a figure that is not sound counts as blank."""
        answers: dict[Key, Value] = {
            key: one.value for key, one in self.readings.items() if one.state is State.ENTERED
        }
        for line in self.assignment.entries:
            answers[line.value_key] = self.sound.get(line.key)
        return answers

    def finding(
        self, code: str, source: Source, *, line: Line | None = None, name: str = "",
        found: str = "", expected: str = "", voids: tuple[str, ...] = (), key: Key | None = None,
    ) -> Finding:  # fmt: skip
        """Word a finding about a cell of this submission; ``key`` names a cell that is gone."""
        return Finding(
            code=code,
            unit=self.submission.unit,
            file=source.file,
            sheet=source.sheet,
            cell=source.cell,
            indicator=line.indicator.code if line else "",
            name=name or (line.name if line else ""),
            found=found,
            expected=expected,
            voids=voids,
            field=key,
        )


def sound_number(reading: Reading, line: Line) -> float | None:
    """Return a figure that is good in itself: a number, not negative, whole where it counts."""
    number = reading.number
    if reading.state is not State.ENTERED or number is None or number < 0:
        return None
    if line.kind is FieldKind.COUNT and number != int(number):
        return None
    return number
