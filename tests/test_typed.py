"""What a person typed: understood visibly where it is clear, refused where it is not."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidator.forms.quarterly.assignment import FieldKind
from consolidator.intake.typed import take
from consolidator.intake.values import State

COUNT, AMOUNT, TEXT, DATE = FieldKind.COUNT, FieldKind.AMOUNT, FieldKind.TEXT, FieldKind.DATE
FULL_WIDTH = str.maketrans("0123456789,.-+", "０１２３４５６７８９，．－＋")
NUMBERS = [COUNT, AMOUNT]


def full_width(text: str) -> str:
    return text.translate(FULL_WIDTH)


# Numbers


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12", 12),
        ("１２", 12),
        (" 12 ", 12),
        ("\u00a012\u00a0", 12),
        ("\u300012", 12),
        ("1\u200b2", 12),
        ("\ufeff12", 12),
        ("1 234", 1234),
        ("12\n", 12),
        ("+12", 12),
        ("＋１２", 12),
        ("-12", -12),
        ("－12", -12),
        ("−12", -12),
        ("1,234", 1234),
        ("1，234", 1234),
        ("１，２３４，５６７", 1234567),
        ("12.0", 12),
        ("12.5", 12.5),
        ("1,234.5", 1234.5),
        ("12家", 12),
        ("12 家", 12),
        ("１２家", 12),
        ("1.5万", 15000),
        ("1.5万家", 15000),
        ("3 万", 30000),
        ("0.07万", 700),
        ("00012", 12),
        ("0", 0),
        ("-0", 0),
    ],
)
def test_a_number_in_text_is_taken_and_marked_as_written_otherwise(
    typed: str, number: float
) -> None:
    taken = take(typed, COUNT, "家")
    assert (taken.state, taken.value, taken.normalised) == (State.ENTERED, number, True)
    assert taken.raw == typed


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("12%", "百分号"), ("12％", "百分号"), ("12 %", "百分号"), ("50%家", "百分号"),
        ("①", "符号"), ("12²", "符号"), ("½", "符号"), ("⑫家", "符号"),
        ("10-12", "不是数字"), ("10~12", "不是数字"), ("10至12", "不是数字"), ("10—12", "不是数字"),
        ("约50", "不是数字"), ("50左右", "不是数字"), ("50余", "不是数字"), (">50", "不是数字"),
        ("1e3", "不是数字"), ("1E3", "不是数字"), ("0x10", "不是数字"), ("1_000", "不是数字"),
        ("1,23", "不是数字"), ("1,2345", "不是数字"), (",123", "不是数字"),
        ("1234,567", "不是数字"),
        ("1、234", "不是数字"), ("1.234.567", "不是数字"), ("1,234,56", "不是数字"),
        ("十二", "不是数字"), ("壹", "不是数字"), ("无", "不是数字"), ("--", "不是数字"),
        ("/", "不是数字"), ("12个", "不是数字"), ("12家企业", "不是数字"), ("家", "不是数字"),
        ("万", "不是数字"), ("1.5万万", "不是数字"), ("1亿", "不是数字"), ("5千", "不是数字"),
        ("3+4", "不是数字"), ("=3+4", "不是数字"), ("(12)", "不是数字"), ("--12", "不是数字"),
        ("12.", "不是数字"), (".5", "不是数字"), ("nan", "不是数字"), ("inf", "不是数字"),
        ("Ⅻ", "不是数字"), ("٣", "不是数字"), ("१२", "不是数字"), ("TRUE", "不是数字"),
        ("9" * 16, "过大"), ("9" * 400, "过大"), ("-" + "9" * 16, "过大"),
        ("1000000000000万", "过大"),
    ],
)  # fmt: skip
def test_what_could_mean_two_things_or_none_is_refused_with_the_reason(
    typed: str, reason: str
) -> None:
    taken = take(typed, COUNT, "家")
    assert (taken.state, taken.value, taken.raw) == (State.UNREADABLE, None, typed)
    assert reason in taken.reason


def test_ten_thousand_is_refused_where_the_measure_is_ten_thousand_already() -> None:
    for typed in ("3万", "3万万元", "３万"):
        taken = take(typed, AMOUNT, "万元")
        assert taken.state is State.UNREADABLE
        assert "含义不明" in taken.reason


def test_the_measure_behind_an_amount_is_no_scale() -> None:
    assert take("3万元", AMOUNT, "万元").value == 3
    assert take("1,234.56 万元", AMOUNT, "万元").value == 1234.56


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize("typed", [None, "", " ", "\u3000", "\u00a0\n\t", "\u200b", "\ufeff"])
def test_blank_is_blank_and_not_zero(typed: str | None, kind: FieldKind) -> None:
    taken = take(typed, kind, "家")
    assert (taken.state, taken.value) == (State.BLANK, None)


@pytest.mark.parametrize(
    ("stored", "number"),
    [(0, 0), (12, 12), (12.0, 12), (-3.0, -3), (12.5, 12.5), (3.0000000000000004, 3), (1e14, 1e14)],
)
def test_a_stored_number_is_itself(stored: float, number: float) -> None:
    taken = take(stored, COUNT, "家")
    assert (taken.state, taken.value, taken.normalised) == (State.ENTERED, number, False)


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        (True, "逻辑值"), (False, "逻辑值"), (1e15, "过大"), (-1e300, "过大"),
        (float("inf"), "过大"), (float("nan"), "过大"),
        (date(2017, 5, 18), "日期"), (datetime(2017, 5, 18), "日期"), (time(5, 18), "日期"),
        (timedelta(1), "日期"),
    ],
)  # fmt: skip
def test_a_stored_value_that_is_no_number_is_refused_with_the_reason(
    stored: object, reason: str
) -> None:
    taken = take(stored, COUNT, "家")
    assert (taken.state, taken.value) == (State.UNREADABLE, None)
    assert reason in taken.reason


def test_a_number_is_shown_as_it_stands_in_the_cell() -> None:
    assert [take(stored, COUNT).raw for stored in (12.0, 12.5, True, date(2017, 5, 18))] == [
        "12", "12.5", "TRUE", "2017-05-18",
    ]  # fmt: skip


WAYS: dict[str, Callable[[int], object]] = {
    "number": float,
    "whole number": int,
    "text": str,
    "full width": lambda n: full_width(str(n)),
    "thousands": lambda n: f"{n:,}",
    "full-width thousands": lambda n: full_width(f"{n:,}"),
    "spaced": lambda n: f"\u3000{n} \u00a0",
    "spaced inside": lambda n: f"{n:,}".replace(",", " "),
    "zero width": lambda n: "\u200b".join(str(n)),
    "measured": lambda n: f"{n} 家",
    "plus": lambda n: f"+{n}",
    "decimals": lambda n: f"{n:,}.00",
    "ten thousands": lambda n: f"{n // 10_000}.{n % 10_000:04d}万",
    "ten thousands measured": lambda n: full_width(f"{n // 10_000}.{n % 10_000:04d}") + "万家",
}


@given(number=st.integers(0, 10**9), way=st.sampled_from(sorted(WAYS)))
def test_a_whole_number_written_in_any_accepted_way_is_exactly_it(number: int, way: str) -> None:
    taken = take(WAYS[way](number), COUNT, "家")
    assert (taken.state, taken.value) == (State.ENTERED, number)


ANYTHING = st.one_of(
    st.text(),
    st.text(alphabet="0123456789０１２，,.．-－−+%％万元家年月日/ \u3000\u200b①²½eE"),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)


@given(
    content=ANYTHING, kind=st.sampled_from(FieldKind), measure=st.sampled_from(["", "万元", "%"])
)
def test_nothing_typed_ever_raises_and_unreadable_always_says_why(
    content: object, kind: FieldKind, measure: str
) -> None:
    taken = take(content, kind, measure)
    assert (taken.value is not None) is (taken.state is State.ENTERED)
    assert bool(taken.reason) is (taken.state is State.UNREADABLE)


@given(content=ANYTHING)
def test_a_number_that_is_taken_is_finite_and_exact_as_far_as_whole_numbers_go(
    content: object,
) -> None:
    taken = take(content, COUNT, "家")
    if taken.value is not None:
        assert isinstance(taken.value, float)
        assert abs(taken.value) < 1e15


# Dates


@pytest.mark.parametrize(
    "typed",
    [
        "2017-05-18", "2017-5-18", "2017.5.18", "2017.05.18", "2017/5/18", "2017年5月18日",
        "2017年05月18日", "2017年5月18", "２０１７年５月１８日", "２０１７－５－１８", "20170518",
        "2017 年 5 月 18 日", " 2017-5-18 ", "2017-5.18",
    ],
)  # fmt: skip
def test_a_date_is_understood_in_many_spellings(typed: str) -> None:
    taken = take(typed, DATE)
    assert (taken.state, taken.value, taken.normalised) == (State.ENTERED, date(2017, 5, 18), True)


@pytest.mark.parametrize(
    ("stored", "shown"), [(date(2017, 5, 18), False), (datetime(2017, 5, 18, 16, 0), True)]
)
def test_a_stored_date_is_itself_and_a_time_of_day_in_it_is_shown(
    stored: date, shown: bool
) -> None:
    taken = take(stored, DATE)
    assert (taken.value, taken.normalised) == (date(2017, 5, 18), shown)


@pytest.mark.parametrize(
    ("serial", "day"), [(42_873.0, date(2017, 5, 18)), (42_873.5, None), (20_170_518.0, None)]
)
def test_the_plain_number_of_a_date_is_taken_visibly_and_no_other_number_is(
    serial: float, day: date | None
) -> None:
    taken = take(serial, DATE)
    assert (taken.value, taken.normalised) == (day, day is not None)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("2017-02-30", "没有这一天"), ("2017-13-01", "没有这一天"), ("20170230", "没有这一天"),
        ("2017-00-10", "没有这一天"), ("0000-01-01", "没有这一天"), ("2017年2月29日", "没有这一天"),
        ("5月18日", "不是日期"), ("2017年5月", "不是日期"), ("17-5-18", "不是日期"),
        ("5/18/2017", "不是日期"), ("2017-5-18前后", "不是日期"), ("昨天", "不是日期"),
        ("201705181", "不是日期"), ("2017-5", "不是日期"), ("2017518", "不是日期"),
        (20180518.0, "不是日期"), (True, "不是日期"),
    ],
)  # fmt: skip
def test_a_date_that_is_none_or_not_clear_is_refused(typed: object, reason: str) -> None:
    taken = take(typed, DATE)
    assert (taken.state, taken.value) == (State.UNREADABLE, None)
    assert reason in taken.reason


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_date_is_read_back_from_every_spelling(day: date) -> None:
    for typed in (
        f"{day}", f"{day:%Y%m%d}", f"{day:%Y/%m/%d}", f"{day.year}.{day.month}.{day.day}",
        full_width(f"{day.year}年{day.month}月{day.day}日"),
    ):  # fmt: skip
        assert take(typed, DATE).value == day


# Texts


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("项目延期", "项目延期"), ("  项目\n延期 ", "项目 延期"), ("\u3000项目", "项目"),
        ("=1+1", "=1+1"), ("０５１９", "０５１９"), ("①见附件", "①见附件"),
        (85127000.0, "85127000"), (True, "TRUE"),
    ],
)  # fmt: skip
def test_text_is_kept_as_typed_but_for_its_spaces(typed: object, text: str) -> None:
    assert take(typed, TEXT).value == text
