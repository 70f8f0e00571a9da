"""What was understood of an official document: the plan's tables, and what needs a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from consolidator.plan.tables import PlanTables


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell or line that was not understood: it stays blank in what is written."""

    place: str
    found: str
    reason: str


@dataclass(frozen=True, slots=True)
class TableFound:
    """A table that was found: which annex, where, how large."""

    annex: str
    place: str
    rows: int
    columns: int


@dataclass(slots=True)
class Comparison:
    """The names of one kind against those of the plan the document was held against."""

    matched: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, list[str]]:
        """Return it for programs."""
        return {"matched": self.matched, "new": self.new, "missing": self.missing}


@dataclass(frozen=True, slots=True)
class Understanding:
    """All that was understood, and all that was not."""

    plan: PlanTables
    tables: tuple[TableFound, ...]
    compared: Mapping[str, Comparison]
    """By the kind's Chinese name: 单位, 指标, 附件1, 附件3."""
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "tables": [
                {"annex": one.annex, "place": one.place, "rows": one.rows, "columns": one.columns}
                for one in self.tables
            ],
            "names": {kind: one.to_json() for kind, one in self.compared.items()},
            "not_understood": [
                {"place": one.place, "found": one.found, "reason": one.reason}
                for one in self.problems
            ],
            "notes": list(self.notes),
        }
