"""What several files together tell, and what a clerk stumbled on in a round played by hand."""

from pathlib import Path

import pytest

from consolidator.checks.findings import Finding
from consolidator.checks.selection import Settled, settle
from consolidator.errors import OperatorError
from consolidator.files import cannot_write
from consolidator.forms.layout import Value
from consolidator.forms.quarterly.assignment import LIST_KEYS, Key
from consolidator.intake.brief import Brief
from consolidator.intake.folder import find_files
from consolidator.plan.period import Period
from consolidator.settings import load_settings
from returns import NOON, Q4, SHIPPED, Answers, actual, ask, good_answers, put, read_here, rendered

HOUR = 3600


def sent(unit: str, changes: Answers | None = None) -> bytes:
    assignment = ask(unit)
    return rendered(assignment, good_answers(assignment) | (changes or {}))


def settled(folder: Path, *files: tuple[str, bytes]) -> Settled:
    """Put files in a folder, each saved an hour after the one before, and settle."""
    for place, (name, content) in enumerate(files):
        put(folder / name, content, saved=NOON.fromtimestamp(NOON.timestamp() + place * HOUR))
    return settle(read_here(find_files([folder]), Brief(SHIPPED, Q4)), SHIPPED, Q4)


def of_code(result: Settled, code: str) -> list[Finding]:
    return [one for one in result.findings if one.code == code]


def copied_from(unit: str) -> Answers:
    """Take every count that a unit entered."""
    answers = good_answers(ask(unit))
    return {key: value for key, value in answers.items() if key.column == "actual"
            and key.row in SHIPPED.indicator_by_code}  # fmt: skip


def test_figures_of_a_neighbours_older_return_are_noticed_too(tmp_path: Path) -> None:
    newer: Answers = {actual("private_tech_firms"): 41.0}
    result = settled(
        tmp_path,
        ("三井.xlsx", sent("sanjing")),
        ("三井新.xlsx", sent("sanjing", newer)),
        ("龙虎塘.xlsx", sent("longhutang", copied_from("sanjing"))),
    )
    found = of_code(result, "same_figures")
    assert [(one.unit, one.file) for one in found] == [("longhutang", "龙虎塘.xlsx")]
    assert "三井街道" in found[0].message


def test_a_file_named_after_another_unit_is_pointed_at(tmp_path: Path) -> None:
    result = settled(tmp_path, ("龙虎塘街道.xlsx", sent("sanjing")), ("表.xlsx", sent("hehai")))
    (found,) = of_code(result, "file_name_differs")
    assert (found.unit, found.found, found.expected) == ("sanjing", "龙虎塘街道", "三井街道")


def test_a_file_named_after_its_unit_and_another_is_not_pointed_at(tmp_path: Path) -> None:
    result = settled(tmp_path, ("三井街道转龙虎塘街道.xlsx", sent("sanjing")))
    assert of_code(result, "file_name_differs") == []


def test_of_the_same_return_twice_the_one_named_after_the_unit_counts(tmp_path: Path) -> None:
    for name in ("龙虎塘(2).xlsx", "三井街道.xlsx", "表.xlsx"):
        put(tmp_path / name, sent("sanjing"))
    result = settle(read_here(find_files([tmp_path]), Brief(SHIPPED, Q4)), SHIPPED, Q4)
    assert [one.file for one in result.units if one.file] == ["三井街道.xlsx"]


def test_a_number_written_otherwise_is_no_change(tmp_path: Path) -> None:
    as_text: dict[Key, Value] = {actual("patent_applications"): "910件"}
    result = settled(
        tmp_path, ("1.xlsx", sent("chunjiang")), ("2.xlsx", sent("chunjiang", as_text))
    )
    assert of_code(result, "changed") == []


def test_a_row_of_the_list_is_one_change(tmp_path: Path) -> None:
    row = LIST_KEYS[0]
    changed: Answers = {Key(row, "partner"): "另一大学", Key(row, "subject"): "另一场"}
    result = settled(
        tmp_path, ("1.xlsx", sent("chunjiang")), ("2.xlsx", sent("chunjiang", changed))
    )
    assert [(one.sheet, one.cell) for one in of_code(result, "changed")] == [
        ("产学研备案明细", "E8")
    ]


def test_a_period_may_be_written_with_a_small_q() -> None:
    assert Period.parse("2017-q4") == Period(2017, 4)


def test_a_limit_outside_its_table_is_told_where_it_belongs(tmp_path: Path) -> None:
    (tmp_path / "consolidator.toml").write_text("file_mb = 50\n", "utf-8")
    with pytest.raises(OperatorError, match=r"file_mb 要写在 \[limits\]"):
        load_settings(tmp_path)


def test_a_file_that_cannot_be_written_is_called_by_its_own_name(tmp_path: Path) -> None:
    aside = tmp_path / ".汇总表_2017Q4.xlsx.4711.part"
    said = str(cannot_write(aside, PermissionError()))
    assert "汇总表_2017Q4.xlsx”" in said
    assert "part" not in said
