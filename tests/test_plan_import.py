"""plan import: official tables are understood, or it is said what was not; nothing is guessed."""

from pathlib import Path

import pytest

from consolidator.intake.official.document import read_document
from consolidator.intake.official.understanding import Understanding
from consolidator.plan.check import examine
from consolidator.plan.model import Plan
from office.program import Program
from official import annex_2, into_word, official, pasted, saved, wide
from plans import SHIPPED_TABLES
from returns import SHIPPED


def understood(content: bytes, name: str = "附件.docx") -> tuple[Plan | None, Understanding]:
    """Read a document onto the shipped plan."""
    understanding = read_document(content, name, SHIPPED_TABLES)
    return examine(understanding.plan)[0], understanding


def told(understanding: Understanding) -> list[tuple[str, str]]:
    """Return what was not understood: what stood there, and why."""
    return [(one.found, one.reason) for one in understanding.problems]


def test_the_official_document_is_the_shipped_plan() -> None:
    plan, understanding = understood(saved(into_word(official())))
    assert told(understanding) == []
    assert understanding.notes == ()
    assert {kind: (len(c.matched), c.new, c.missing)
            for kind, c in understanding.compared.items()} == {
        "单位": (11, [], []), "指标": (15, [], []), "附件1": (7, [], []), "附件3": (3, [], []),
    }  # fmt: skip
    assert plan == SHIPPED


def test_full_width_digits_and_long_dashes_are_the_same_plan() -> None:
    def printed(_row: str, unit: str, text: str) -> str:
        return {"--": "－－"}.get(text, wide(text) if unit < "m" else f" {text} ")

    plan, understanding = understood(saved(into_word(official(change=printed))))
    assert told(understanding) == []
    assert plan == SHIPPED


@pytest.mark.parametrize("merged", [True, False], ids=["merged", "unmerged"])
def test_a_table_pasted_into_a_workbook_is_the_shipped_plan(
    merged: bool, program: Program, tmp_path: Path
) -> None:
    mine = pasted(tmp_path / "粘贴.xlsx", annex_2(), merged=merged)
    other = tmp_path / "另存.xlsx"
    program.convert(mine, other)
    for path in (mine, other):
        plan, understanding = understood(path.read_bytes(), path.name)
        assert told(understanding) == []
        assert len(understanding.notes) == 2, "annexes 1 and 3 carry over, and it is said"
        assert plan == SHIPPED
