"""The register against the units' own lists: every difference is told, and only differences."""

from pathlib import Path

import pytest

from consolidator.checks.findings import Finding
from consolidator.checks.register import Outcome, same_number
from registers import Q2, held, told
from returns import AGREEMENT, EVENT, VISIT


def about_units(findings: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    return told([one for one in findings if one.unit])


ONE = f"| {EVENT} | 2017-03-01 | 一大学 | 会 | BA-001 |"
TWO = f"| {AGREEMENT} | 2017-05-18 | 二大学 | 议 | BA-002 |"


def registered(unit: str, row: str) -> str:
    return f"| {unit} {row}"


def test_a_list_that_agrees_with_the_register_raises_nothing(tmp_path: Path) -> None:
    found = held(
        tmp_path,
        f"{registered('甲镇', ONE)}\n{registered('甲镇', TWO)}",
        {"alpha": f"{ONE}\n{TWO}"},
    )
    assert found.findings == ()
    assert found.how == {0: "备案号一致", 1: "备案号一致"}


@pytest.mark.parametrize("number", ["ba 001", "ＢＡ－００１", "BA001", "Ba—001"])
def test_numbers_match_whatever_their_width_case_spaces_and_dashes(
    number: str, tmp_path: Path
) -> None:
    found = held(tmp_path, registered("甲镇", ONE), {"alpha": ONE.replace("BA-001", number)})
    assert found.findings == ()


def test_a_row_without_a_match_by_number_is_matched_by_date_and_partner(tmp_path: Path) -> None:
    mine = ONE.replace("BA-001", "备1").replace("一大学", "一 大 学")
    found = held(tmp_path, registered("甲镇", ONE), {"alpha": mine})
    assert found.how == {0: "日期和合作单位一致"}
    assert about_units(found.findings) == [("alpha", "G8", "filing_differs")]
    assert found.findings[0].expected == "BA-001（F2）"


def test_what_is_reported_and_not_filed_and_what_is_filed_and_not_reported(
    tmp_path: Path,
) -> None:
    found = held(tmp_path, registered("甲镇", TWO), {"alpha": ONE})
    assert about_units(found.findings) == [
        ("alpha", "F2", "filing_unreported"),
        ("alpha", "G8", "filing_unregistered"),
        ("alpha", "H10", "filed_count_differs"),
        ("alpha", "H8", "filed_count_differs"),
    ]
    assert found.how == {0: "单位没有列出"}


def test_what_is_filed_under_another_unit_is_told_of_the_one_that_lists_it(
    tmp_path: Path,
) -> None:
    found = held(tmp_path, registered("乙镇", ONE), {"alpha": ONE, "beta": ""})
    assert about_units(found.findings) == [
        ("alpha", "G8", "filing_elsewhere"),
        ("alpha", "H8", "filed_count_differs"),
        ("beta", "F2", "filing_unreported"),
        ("beta", "H8", "filed_count_differs"),
    ]
    (elsewhere,) = (one for one in found.findings if one.code == "filing_elsewhere")
    assert elsewhere.expected == "乙镇"
    assert found.how == {0: "甲镇列为本单位的"}


def test_one_events_day_and_partner_in_two_towns_are_two_events(tmp_path: Path) -> None:
    other = ONE.replace("BA-001", "BA-009")
    found = held(
        tmp_path,
        f"{registered('甲镇', ONE)}\n{registered('乙镇', other)}",
        {"alpha": ONE.replace("BA-001", "x1"), "beta": other.replace("BA-009", "x2")},
    )
    assert found.how == {0: "日期和合作单位一致", 1: "日期和合作单位一致"}


@pytest.mark.parametrize(
    ("mine", "cell"),
    [
        (ONE.replace(EVENT, VISIT), "C8"),
        (ONE.replace("2017-03-01", "2017-03-02"), "D8"),
    ],
)
def test_a_matched_row_of_another_kind_or_date_is_told_by_its_cell(
    mine: str, cell: str, tmp_path: Path
) -> None:
    found = held(tmp_path, registered("甲镇", ONE), {"alpha": mine})
    assert ("alpha", cell, "filing_differs") in about_units(found.findings)
    assert found.how == {0: "备案号一致"}


def test_of_two_on_one_day_with_one_partner_the_one_of_the_same_kind_matches(
    tmp_path: Path,
) -> None:
    both = [ONE, ONE.replace(EVENT, AGREEMENT).replace("001", "002")]
    mine = [one.replace("BA-00", "x") for one in reversed(both)]
    found = held(
        tmp_path, "\n".join(registered("甲镇", one) for one in both), {"alpha": "\n".join(mine)}
    )
    assert {one.code for one in found.findings} == {"filing_differs"}
    assert {one.name for one in found.findings} == {"备案号"}


def test_a_number_twice_in_a_list_is_matched_once_and_not_told_again(tmp_path: Path) -> None:
    found = held(tmp_path, registered("甲镇", ONE), {"alpha": f"{ONE}\n{ONE}"})
    assert about_units(found.findings) == [("alpha", "H8", "filed_count_differs")]


def test_a_number_twice_in_the_register_counts_once_and_is_told(tmp_path: Path) -> None:
    rows = f"{registered('甲镇', ONE)}\n{registered('甲镇', ONE)}"
    found = held(tmp_path, rows, {"alpha": ONE})
    assert told(found.findings) == [("", "F3", "register_repeated")]


def test_a_row_that_the_register_has_with_a_fault_is_not_said_to_be_missing(
    tmp_path: Path,
) -> None:
    found = held(
        tmp_path,
        registered("甲镇", ONE.replace(EVENT, "讲座")),
        {"alpha": ONE},
    )
    assert told(found.findings) == [
        ("", "", "register_empty"),
        ("", "B2", "register_kind_unknown"),
        ("alpha", "H8", "filed_count_differs"),
    ]


def test_a_row_dated_after_the_period_is_matched_and_counts_nothing(tmp_path: Path) -> None:
    late = ONE.replace("2017-03-01", "2017-07-01")
    found = held(
        tmp_path,
        f"{registered('甲镇', late)}\n{registered('乙镇', ONE.replace('001', '003'))}",
        {"alpha": late},
        period=Q2,
    )
    assert found.filings[0].outcome is Outcome.LATER
    assert about_units(found.findings) == [
        ("alpha", "C2", "register_later"), ("alpha", "H8", "filed_count_differs")
    ]  # fmt: skip


def test_a_unit_that_has_not_reported_has_nothing_to_compare(tmp_path: Path) -> None:
    found = held(tmp_path, registered("甲镇", ONE))
    assert found.findings == ()
    assert found.how == {0: "单位未报"}


def test_a_figure_that_an_error_voids_is_still_held_against_the_register(tmp_path: Path) -> None:
    found = held(
        tmp_path, registered("甲镇", ONE), {"alpha": ONE}, counts={"alpha": {"events": 5.0}}
    )
    (differs,) = found.findings
    assert (differs.code, differs.found, differs.expected) == ("filed_count_differs", "5", "1")
    assert differs.severity == "warning"


def test_a_blank_figure_differs_from_nothing(tmp_path: Path) -> None:
    found = held(
        tmp_path, registered("甲镇", ONE), {"alpha": ONE}, counts={"alpha": {"events": None}}
    )
    assert found.findings == ()


@pytest.mark.parametrize("hidden", ["\u200b", "\u00ad", "\ufeff"])
def test_characters_that_nobody_sees_make_no_other_number(hidden: str) -> None:
    assert same_number(f"CZ{hidden}2017001") == same_number("CZ2017001")
