"""The figures, against tables worked out by hand for three units and four indicators."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from consolidator.checks.selection import Settled, settle
from consolidator.figures.adjustments import Adjustment, Adjustments, adjustment_findings
from consolidator.figures.table import build, reported
from consolidator.figures.values import DistrictFigure, Figure, Figures
from consolidator.forms.layout import Value
from consolidator.forms.quarterly import derive
from consolidator.intake.values import Returned
from consolidator.plan.period import Period
from returns import Answers, actual, ask, good_answers, small_plan, submission_of

PLAN = small_plan()
Q3 = Period(2017, 3)
REACHED, NEAR, LAGGING = derive.Progress
REPORTED: dict[str, dict[str, Value]] = {
    "alpha": {"over": 300.0, "under": 500.0, "firms": 7.0, "patents": 60.0, "inventions": 8.0},
    "beta": {"over": 100.0, "under": 500.0, "firms": 3.0, "patents": 150.0, "inventions": 14.0},
    "gamma": {"firms": 20.0, "patents": 225.0, "inventions": 0.0},
}


def settled(
    *, missing: tuple[str, ...] = (), changed: Mapping[str, Mapping[str, Value]] | None = None
) -> Settled:
    """Settle returns with the figures above, some units missing and some figures changed."""
    returned = []
    for unit, figures in REPORTED.items():
        if unit in missing:
            continue
        assignment = ask(unit, plan=PLAN, period=Q3)
        own: Answers = {
            actual(key): value
            for key, value in (figures | dict((changed or {}).get(unit, {}))).items()
        }
        explained: Answers = {line.remark_key: "说明" for line in assignment.headline}
        submission = submission_of(assignment, good_answers(assignment) | explained | own)
        returned.append(Returned(f"{unit}.xlsx", unit, submission=submission))
    return settle(returned, PLAN, Q3)


def built(adjustments: Adjustments | None = None, **other: object) -> Figures:
    return build(settled(**other), adjustments or {})  # type: ignore[arg-type]


def row(figures: Figures, unit: str, indicator: str) -> Figure:
    (found,) = (one for one in figures.rows if (one.unit, one.indicator) == (unit, indicator))
    return found


def whole(figures: Figures, indicator: str) -> DistrictFigure:
    (found,) = (one for one in figures.district if one.indicator == indicator)
    return found


def near(number: float | None) -> object:
    return None if number is None else pytest.approx(number, abs=1e-12)


@pytest.mark.parametrize(
    ("unit", "indicator", "target", "value", "achievement", "progress", "basis"),
    [
        ("alpha", "share", 0.5, 0.6, 1.2, REACHED, "上报"),
        ("alpha", "firms", 10, 7, 0.7, NEAR, "上报"),
        ("alpha", "patents", 100, 60, 0.6, LAGGING, "上报"),
        ("alpha", "inventions", 10, 8, 0.8, REACHED, "上报"),
        ("beta", "share", 0.4, 0.2, 0.5, LAGGING, "上报"),
        ("beta", "firms", 0, 3, None, None, "上报"),
        ("beta", "patents", 200, 150, 0.75, REACHED, "上报"),
        ("beta", "inventions", 20, 14, 0.7, NEAR, "上报"),
        ("gamma", "share", None, None, None, None, "—"),
        ("gamma", "firms", 20, 20, 1.0, REACHED, "上报"),
        ("gamma", "patents", 300, 225, 0.75, REACHED, "上报"),
        ("gamma", "inventions", 30, 0, 0.0, LAGGING, "上报"),
    ],
)
def test_achievement_is_actual_over_target_and_status_compares_it_with_the_time_gone(
    unit: str, indicator: str, target: float | None, value: float | None,
    achievement: float | None, progress: derive.Progress | None, basis: str,
) -> None:  # fmt: skip
    one = row(built(), unit, indicator)
    assert (one.target, one.actual) == (target, near(value))
    assert (one.achievement, one.progress) == (near(achievement), progress)
    assert one.basis == basis
    assert one.asked is (target is not None)


@pytest.mark.parametrize(
    ("indicator", "target", "value", "achievement", "progress", "covered", "covered_target"),
    [
        # a ratio is the sum of one amount over the sum of the other, never a mean
        ("share", 0.6, 400 / 1000, 400 / 1000 / 0.6, LAGGING, (2, 2), None),
        ("firms", 30, 30, 1.0, REACHED, (3, 3), 30),
        ("patents", 600, 435, 0.725, NEAR, (3, 3), 600),
        ("inventions", 60, 22, 22 / 60, LAGGING, (3, 3), 60),
    ],
)
def test_counts_add_up_and_a_ratio_is_sum_over_sum(
    indicator: str, target: float, value: float, achievement: float, progress: derive.Progress,
    covered: tuple[int, int], covered_target: float | None,
) -> None:  # fmt: skip
    one = whole(built(), indicator)
    assert (one.target, one.actual) == (target, near(value))
    assert (one.achievement, one.progress) == (near(achievement), progress)
    assert (one.covered, one.asked) == covered
    assert one.covered_target == covered_target


def test_a_missing_unit_is_never_a_silent_zero() -> None:
    figures = built(missing=("gamma",))
    for indicator in ("firms", "patents", "inventions"):
        one = row(figures, "gamma", indicator)
        assert (one.actual, one.figure, one.achievement, one.progress) == (None,) * 4
        assert (one.basis, one.file, one.cell) == ("未报", "", "")
    firms, patents = whole(figures, "firms"), whole(figures, "patents")
    assert (firms.actual, firms.covered, firms.asked) == (10, 2, 3)
    assert (firms.target, firms.covered_target) == (30, 10)
    assert (patents.actual, patents.achievement) == (210, near(0.35))
    assert (patents.covered, patents.covered_target) == (2, 300)


def test_where_nobody_reported_there_is_no_district_figure_and_not_nought() -> None:
    for one in built(missing=("alpha", "beta", "gamma")).district:
        assert (one.actual, one.achievement, one.progress, one.covered) == (None, None, None, 0)
        assert one.target is not None


def test_a_cell_with_an_error_gives_no_figure_and_the_units_other_cells_still_count() -> None:
    figures = built(changed={"beta": {"patents": None}})
    void = row(figures, "beta", "patents")
    assert (void.actual, void.basis, void.problems) == (None, "待更正", 1)
    assert row(figures, "beta", "inventions").actual == 14
    assert (whole(figures, "patents").actual, whole(figures, "patents").covered) == (285, 2)
    assert whole(figures, "patents").covered_target == 400


def test_a_part_above_its_whole_gives_neither_figure() -> None:
    figures = built(changed={"alpha": {"inventions": 61.0}})
    for indicator in ("patents", "inventions"):
        one = row(figures, "alpha", indicator)
        assert (one.actual, one.reported, one.basis) == (None, None, "待更正")
    assert row(figures, "alpha", "inventions").raw == "61"
    assert whole(figures, "patents").actual == 375
    assert whole(figures, "inventions").actual == 14


def test_a_unit_with_one_bad_amount_is_in_neither_sum_of_the_ratio() -> None:
    figures = built(changed={"beta": {"under": "多"}})
    assert (whole(figures, "share").actual, whole(figures, "share").covered) == (near(0.6), 1)
    assert row(figures, "beta", "share").reported is None


def test_nought_is_a_figure() -> None:
    one = row(built(), "gamma", "inventions")
    assert (one.figure, one.reported, one.basis) == (0, 0, "上报")


def test_a_figure_says_where_it_came_from_and_what_was_typed() -> None:
    figures = built(changed={"alpha": {"firms": "７家"}})
    firms, share = row(figures, "alpha", "firms"), row(figures, "alpha", "share")
    assert (firms.actual, firms.raw) == (7, "７家")
    assert (firms.file, firms.sheet, firms.cell) == ("alpha.xlsx", "填报表", "H10")
    assert (share.cell, share.raw) == ("H8、H9", "")
    assert row(figures, "gamma", "share").file == ""


def test_every_unit_has_a_row_for_every_indicator_in_the_plans_order() -> None:
    figures = built(missing=("beta",))
    assert [(one.unit, one.indicator) for one in figures.rows] == [
        (unit.code, indicator.code) for unit in PLAN.units for indicator in PLAN.indicators
    ]
    assert [one.unit for one in figures.of(1)] == ["beta"] * 4


def test_what_was_reported_is_told_without_adjustments_and_without_void_figures() -> None:
    told = reported(settled(changed={"beta": {"patents": None}}))
    assert told["alpha", "firms"] == (7, None)
    assert told["alpha", "share"] == (300, 500)
    assert told["beta", "patents"] == (None, None)
    assert told["gamma", "share"] == (None, None)
    assert len(told) == 12


# Adjustments by staff

FIRMS = ("alpha", "firms")
SHARE = ("alpha", "share")


@pytest.mark.parametrize("number", [9.0, 0.0])
def test_an_adjustment_with_a_reason_outranks_what_was_reported(number: float) -> None:
    figures = built({FIRMS: Adjustment(number, None, "来函更正", (7.0, None))})
    one = row(figures, *FIRMS)
    assert (one.reported, one.figure, one.actual, one.basis) == (7, number, number, "调整")
    assert one.achievement == near(number / 10)
    assert whole(figures, "firms").actual == 23 + number


@pytest.mark.parametrize(
    "one",
    [
        Adjustment(9.0, None, "", (7.0, None)),
        Adjustment(9.0, None, "  ", (7.0, None)),
        Adjustment(-9.0, None, "来函更正", (7.0, None)),
        Adjustment("9家", None, "来函更正", (7.0, None)),
        Adjustment(9.5, None, "来函更正", (7.0, None)),
        Adjustment(None, None, "来函更正", (7.0, None)),
        Adjustment(None, 9.0, "来函更正", (7.0, None)),
    ],
    ids=[
        "no reason",
        "spaces",
        "negative",
        "text",
        "half a firm",
        "no number",
        "denominator of a count",
    ],
)
def test_an_adjustment_that_makes_no_sense_is_not_used_and_a_finding_says_so(
    one: Adjustment,
) -> None:
    figures = built({FIRMS: one})
    assert row(figures, *FIRMS) == replace(row(built(), *FIRMS), adjustment=one)
    assert whole(figures, "firms") == whole(built(), "firms")
    assert codes({FIRMS: one}) == ["adjustment_incomplete"]


@pytest.mark.parametrize(
    ("one", "ratio"),
    [
        (Adjustment(400.0, None, "来函更正", (300.0, None)), 0.8),
        (Adjustment(None, 600.0, "来函更正", (300.0, None)), 0.5),
        (Adjustment(480.0, 600.0, "来函更正", (300.0, None)), 0.8),
    ],
)
def test_a_ratio_is_adjusted_by_either_amount(one: Adjustment, ratio: float) -> None:
    adjusted = row(built({SHARE: one}), *SHARE)
    assert (adjusted.actual, adjusted.basis) == (near(ratio), "调整")
    assert (adjusted.reported, adjusted.reported_under) == (300, 500)


def test_an_adjustment_stands_in_for_a_figure_that_is_void_or_missing() -> None:
    adjustments = {
        ("beta", "patents"): Adjustment(160.0, None, "电话核实", (None, None)),
        ("gamma", "patents"): Adjustment(200.0, None, "电话核实", (None, None)),
    }
    figures = built(adjustments, missing=("gamma",), changed={"beta": {"patents": None}})
    assert (whole(figures, "patents").actual, whole(figures, "patents").covered) == (420, 3)
    assert row(figures, "gamma", "patents").basis == "调整"
    assert row(figures, "gamma", "firms").basis == "未报"


def test_an_amount_alone_makes_no_ratio_of_a_missing_unit() -> None:
    figures = built(
        {("beta", "share"): Adjustment(100.0, None, "核实", (None, None))}, missing=("beta",)
    )
    one = row(figures, "beta", "share")
    assert (one.actual, one.achievement) == (None, None)
    share = whole(figures, "share")
    assert (share.actual, share.covered, share.asked) == (near(0.6), 1, 2)


def test_an_adjustment_of_what_is_not_asked_is_not_used_and_not_said_to_be() -> None:
    adjustments = {("gamma", "share"): Adjustment(1.0, 2.0, "误填", (None, None))}
    one = row(built(adjustments), "gamma", "share")
    assert (one.actual, one.basis) == (None, "—")
    assert "adjusted" not in codes(adjustments)


def codes(adjustments: Adjustments) -> list[str]:
    told = reported(settled())
    return [one.code for one in adjustment_findings(adjustments, told, PLAN, settled().period)]


def test_every_adjustment_that_is_used_is_listed() -> None:
    one = Adjustment(9.0, None, "来函更正", (7.0, None))
    (finding,) = adjustment_findings({FIRMS: one}, reported(settled()), PLAN, settled().period)
    assert (finding.code, finding.unit, finding.indicator) == ("adjusted", *FIRMS)
    assert (finding.found, finding.expected) == ("7", "9")


@pytest.mark.parametrize(("before", "words"), [(6.0, "6"), (None, "无可用数")])
def test_an_adjustment_is_out_of_date_when_the_report_beside_it_changed(
    before: float | None, words: str
) -> None:
    one = Adjustment(9.0, None, "来函更正", (before, None))
    _, finding = adjustment_findings({FIRMS: one}, reported(settled()), PLAN, settled().period)
    assert (finding.code, finding.found, finding.expected) == ("adjustment_outdated", words, "7")


def test_an_adjusted_ratio_is_out_of_date_when_only_its_denominator_changed() -> None:
    one = Adjustment(400.0, None, "来函更正", (300.0, 499.0))
    _, finding = adjustment_findings({SHARE: one}, reported(settled()), PLAN, settled().period)
    assert (finding.code, finding.found) == ("adjustment_outdated", "300/499")


# The rules by themselves


@pytest.mark.parametrize(
    ("rate", "gone", "progress"),
    [
        (0.75, 0.75, REACHED), (0.7499999, 0.75, NEAR), (0.675, 0.75, NEAR),
        (27 / 40, 0.75, NEAR), (0.6749999, 0.75, LAGGING), (0.0, 0.25, LAGGING),
        (0.9, 1.0, NEAR), (1.0, 1.0, REACHED), (3.0, 1.0, REACHED), (None, 1.0, None),
    ],
)  # fmt: skip
def test_at_the_time_gone_it_is_reached_at_nine_tenths_near_below_it_lags(
    rate: float | None, gone: float, progress: derive.Progress | None
) -> None:
    assert derive.progress(rate, gone) is progress


@pytest.mark.parametrize(
    ("value", "target", "achievement"),
    [(5, 10, 0.5), (0, 10, 0.0), (15, 10, 1.5), (None, 10, None), (5, None, None), (5, 0, None)],
)
def test_there_is_no_achievement_without_a_figure_or_a_target_above_nought(
    value: float | None, target: float | None, achievement: float | None
) -> None:
    assert derive.achievement(value, target) == achievement
