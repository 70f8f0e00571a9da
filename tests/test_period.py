"""The reporting period."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidator.errors import OperatorError
from consolidator.plan.period import Period
from returns import ask

CODES = ["2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4", "2017"]


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_read_and_written_alike(code: str) -> None:
    assert Period.parse(code).code == code
    assert Period.parse(f" {code} ") == Period.parse(code)


@pytest.mark.parametrize(
    "code",
    [
        "", "2017Q4", "2017-Q5", "2017-Q0", "17-Q4", "2017-4", "2017-Q", "2017-Q44",
        "20170", "２０１７", "2017-Q４", "2017年", "第四季度", "2017/Q4", "2017-Q4\n2", "../2017",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_how_it_is_written(code: str) -> None:
    with pytest.raises(OperatorError, match="2017-Q4，全年写作 2017"):
        Period.parse(code)


@given(st.text(max_size=12))
def test_no_text_does_more_than_be_refused(code: str) -> None:
    with suppress(OperatorError):
        assert Period.parse(code).code == code.strip()


def test_each_period_is_named_for_people_and_for_file_names() -> None:
    assert [Period.parse(code).title for code in CODES] == [
        "2017年第一季度", "2017年第二季度", "2017年第三季度", "2017年第四季度", "2017年度",
    ]  # fmt: skip
    assert [Period.parse(code).short for code in CODES] == [
        "2017Q1", "2017Q2", "2017Q3", "2017Q4", "2017",
    ]  # fmt: skip


def test_time_progress_is_the_share_of_the_year_gone() -> None:
    assert [Period.parse(code).time_progress for code in CODES] == [0.25, 0.5, 0.75, 1, 1]


def test_the_period_before_lies_in_the_same_year_for_figures_start_anew() -> None:
    before = [Period.parse(code).previous for code in CODES]
    assert [one.code if one else None for one in before] == [
        None, "2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4",
    ]  # fmt: skip


def test_returns_are_due_ten_days_after_the_periods_end() -> None:
    due = [ask(period=Period.parse(code)).deadline for code in CODES]
    assert due == [
        date(2017, 4, 10), date(2017, 7, 10), date(2017, 10, 10), date(2018, 1, 10),
        date(2018, 1, 10),
    ]  # fmt: skip


def test_what_falls_into_the_second_quarter_is_not_asked_for_in_the_first() -> None:
    asked = [
        "iur_events_518" in {line.key for line in ask(period=Period.parse(code)).entries}
        for code in CODES
    ]
    assert asked == [False, True, True, True, True]
