"""Reviewers' marks: which count, what they come to, and what is said of the others.

Every expectation was computed by hand. Three units, items of 10 and 5 marks, six reviewers.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from consolidator.checks.review_selection import ReviewerStatus
from consolidator.figures.review import ReviewFigures
from consolidator.forms.review.assignment import Reviewer
from consolidator.forms.review.marking import is_far, middle
from consolidator.forms.review.marking import merged as merged_mean
from consolidator.plan.model import MeanKind
from reviews import FIRST, PLAN, REVIEWERS, WITHOUT_PLACE, found, merged, sent

ALL_SIX = """
    1  8   4    9   4.5  7    3
    2  9   4    9   4.5  8    3
    3  10  5    9   4    7.5  2.5
    4  7   3.5  9   5    7    3
    5  8   4    9   4    6    3.5
    6  6   3.5  9   5    9.5  3
"""


def means(figures: ReviewFigures) -> Mapping[tuple[str, int], tuple[float | None, int]]:
    return {key: (one.mean, one.count) for key, one in figures.merged.items()}


def codes(figures: ReviewFigures) -> list[tuple[str, str, str]]:
    return sorted((one.unit, one.cell, one.code) for one in figures.settled.findings)


def test_a_plain_mean_is_the_sum_over_the_number_of_marks(tmp_path: Path) -> None:
    figures = merged(tmp_path, ALL_SIX)
    assert means(figures) == {
        ("alpha", 1): (48 / 6, 6), ("alpha", 2): (24 / 6, 6),
        ("beta", 1): (9.0, 6), ("beta", 2): (27 / 6, 6),
        ("gamma", 1): (45 / 6, 6), ("gamma", 2): (18 / 6, 6),
    }  # fmt: skip
    assert [figures.total(unit) for unit in PLAN.units] == [12.0, 13.5, 10.5]
    assert codes(figures) == []


def test_a_trimmed_mean_leaves_out_one_highest_and_one_lowest_mark(tmp_path: Path) -> None:
    figures = merged(tmp_path, ALL_SIX, mean=MeanKind.TRIMMED)
    assert means(figures) == {
        # 48 - 10 - 6; 24 - 5 - 3.5, of two marks of 3.5 one stays
        ("alpha", 1): (32 / 4, 6), ("alpha", 2): (15.5 / 4, 6),
        # all marks are 9: 54 - 9 - 9; 27 - 5 - 4, of two marks of 5 and of 4 one each stays
        ("beta", 1): (36 / 4, 6), ("beta", 2): (18 / 4, 6),
        # 45 - 9.5 - 6; 18 - 3.5 - 2.5
        ("gamma", 1): (29.5 / 4, 6), ("gamma", 2): (12 / 4, 6),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("marks", "plain", "trimmed"),
    [
        ([], None, None),
        ([7], 7, 7),
        ([0, 10], 5, 5),
        ([0, 9, 9, 10], 7, 7),
        ([0, 9, 9, 9, 10], 7.4, 9),
        ([8, 8, 8, 8, 8], 8, 8),
        ([10, 10, 10, 4, 4], 7.6, 8),
        ([0, 0, 0, 0, 0], 0, 0),
    ],
    ids=str,
)
def test_five_marks_are_trimmed_and_four_are_not(
    marks: list[float], plain: float | None, trimmed: float | None
) -> None:
    assert merged_mean(marks, MeanKind.PLAIN) == plain
    assert merged_mean(marks, MeanKind.TRIMMED) == trimmed


def test_a_missing_reviewer_is_named_and_no_mark_of_0_stands_for_him(tmp_path: Path) -> None:
    table = "\n".join(ALL_SIX.strip().splitlines()[:5])
    figures = merged(tmp_path, table)
    assert means(figures)["alpha", 1] == (42 / 5, 5)
    assert means(figures)["gamma", 2] == (15 / 5, 5)
    assert codes(figures) == [("reviewer06", "", "missing_reviewer")]
    (missing,) = figures.settled.findings
    assert "评委06" in missing.message
    assert figures.settled.returned == 5
    assert {one.word for one in figures.marks if one.reviewer == REVIEWERS[5]} == {"未交"}


def test_a_blank_with_a_reason_counts_for_nothing_and_is_no_error(tmp_path: Path) -> None:
    figures = merged(tmp_path, ALL_SIX.replace("1  8   4 ", "1  -   4 "))
    assert means(figures)["alpha", 1] == (40 / 5, 5)
    assert means(figures)["alpha", 2] == (24 / 6, 6)
    assert codes(figures) == []
    assert figures.marks[0].word == "未评"


def test_a_blank_without_reason_is_an_error_of_its_cell(tmp_path: Path) -> None:
    figures = merged(tmp_path, ALL_SIX.replace("1  8   4 ", "1  ?   4 "))
    assert means(figures)["alpha", 1] == (40 / 5, 5)
    assert codes(figures) == [("reviewer01", "D8", "mark_unexplained")]
    assert figures.settled.reviewers[0].status is ReviewerStatus.NEEDS_CORRECTION


def test_a_unit_without_any_mark_has_a_blank_mean_and_no_total(tmp_path: Path) -> None:
    figures = merged(tmp_path, "1 - 4 9 4.5 7 3\n2 - 5 9 4.5 8 3")
    assert means(figures)["alpha", 1] == (None, 0)
    assert means(figures)["alpha", 2] == (4.5, 2)
    assert [figures.total(unit) for unit in PLAN.units] == [None, 13.5, 10.5]


def test_a_reviewer_does_not_mark_the_own_unit(tmp_path: Path) -> None:
    reviewers = (replace(FIRST, unit="beta"), *REVIEWERS[1:])
    figures = merged(tmp_path, ALL_SIX, reviewers=reviewers)
    assert means(figures)["beta", 1] == (9.0, 5)
    assert means(figures)["beta", 2] == (22.5 / 5, 5)
    assert means(figures)["alpha", 1] == (8.0, 6)
    assert codes(figures) == []
    own = [one.word for one in figures.marks if one.reviewer.unit == one.unit.code]
    assert own == ["回避", "回避"]


def test_a_mark_for_the_own_unit_counts_for_nothing_and_the_others_do(tmp_path: Path) -> None:
    own = Reviewer("reviewer01", "评委01", "beta")
    content = sent(reviewer=own, cells={"D9": 10.0})
    findings = found(tmp_path, {"甲.xlsx": content}, reviewers=[own])
    assert [(one.cell, one.code) for one in findings] == [("D9", "mark_in_own_unit")]


@pytest.mark.parametrize(
    ("mark", "half", "full", "far"),
    [
        (5, 8, 10, False),
        (4.5, 8, 10, True),
        (10, 7, 10, False),
        (10, 6.75, 10, True),
        (3, 4.5, 5, False),
        (2.5, 4.25, 5, True),
        (5.5, 8, 7, True),
        (6, 8, 7, False),
    ],
)
def test_a_mark_is_far_off_beyond_30_per_cent_of_full_marks_from_the_median(
    mark: float, half: float, full: float, far: bool
) -> None:
    assert is_far(mark, half, full) is far


def test_an_outlier_is_pointed_at_and_still_counts(tmp_path: Path) -> None:
    figures = merged(tmp_path, ALL_SIX.replace("6  6  ", "6  0  "))
    assert means(figures)["alpha", 1] == (42 / 6, 6)
    assert middle([8, 9, 10, 7, 8, 0]) == 8
    assert codes(figures) == [("reviewer06", "D8", "mark_outlier")]
    (outlier,) = figures.settled.findings
    assert (outlier.found, outlier.expected, str(outlier.severity)) == ("0", "8", "warning")
    assert not figures.settled.needs_attention


BAD_MARKS = {
    "8分": "not_a_number",
    "８": "not_a_number",
    "约8": "not_a_number",
    "11": "mark_out_of_range",
    "10.5": "mark_out_of_range",
    "-1": "mark_out_of_range",
    "8.3": "mark_not_in_steps",
    "0.25": "mark_not_in_steps",
}


@pytest.mark.parametrize(("word", "code"), BAD_MARKS.items())
def test_a_wrong_mark_gives_no_figure_and_the_others_count(
    word: str, code: str, tmp_path: Path
) -> None:
    figures = merged(tmp_path, ALL_SIX.replace("1  8   4 ", f"1  {word} 4 "))
    assert codes(figures) == [("reviewer01", "D8", code)]
    assert means(figures)["alpha", 1] == (40 / 5, 5)
    assert means(figures)["alpha", 2] == (24 / 6, 6)
    assert figures.marks[0].word.startswith("✗")


@pytest.mark.parametrize("word", ["0", "10", "0.5", "9.5"])
def test_marks_from_0_to_full_marks_in_steps_of_a_half_count(word: str, tmp_path: Path) -> None:
    figures = merged(tmp_path, f"1 {word} 4 9 4.5 7 3")
    assert means(figures)["alpha", 1] == (float(word), 1)
    assert sorted((one.cell, one.code) for one in figures.settled.findings) == WITHOUT_PLACE


def test_all_marks_of_another_reviewer_are_pointed_at(tmp_path: Path) -> None:
    items = tuple(replace(PLAN.review_items[0], number=n) for n in range(1, 5))
    plan = replace(PLAN, review_items=items)
    line = "8 9 7.5 6 8 9 7 6 8 9 7.5 5"
    lines = {
        FIRST: line,
        REVIEWERS[1]: line,
        REVIEWERS[2]: line.replace("5", "6"),
        replace(REVIEWERS[3], unit="gamma"): line,
    }
    reviewers = tuple(lines)
    several = {
        f"{one.name}.xlsx": sent(words.replace("7.6", "7.5"), one, plan=plan)
        for one, words in lines.items()
    }
    findings = found(tmp_path, several, plan=plan, reviewers=reviewers)
    assert [(one.unit, one.code, one.found) for one in findings] == [
        ("reviewer01", "same_marks", "12"),
        ("reviewer02", "same_marks", "12"),
    ]


def test_the_same_mark_everywhere_is_no_copy(tmp_path: Path) -> None:
    items = tuple(replace(PLAN.review_items[0], number=n) for n in range(1, 5))
    plan = replace(PLAN, review_items=items)
    forms = {f"{one.name}.xlsx": sent("10 " * 12, one, plan=plan) for one in REVIEWERS[:2]}
    assert found(tmp_path, forms, plan=plan, reviewers=REVIEWERS[:2]) == []
