"""Slips of scale and of copying: pointed at by exact cell, never corrected, never in the way."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from consolidator.checks.findings import Finding
from consolidator.checks.run import check_submission
from consolidator.checks.selection import Settled, UnitStatus, settle
from consolidator.cli import run
from consolidator.figures.table import build
from consolidator.forms.layout import Value
from consolidator.forms.quarterly.assignment import Assignment, Key
from consolidator.intake.values import Returned
from consolidator.plan.model import Plan
from consolidator.plan.period import Period
from consolidator.severity import Severity
from returns import (
    Q4,
    SHIPPED,
    Answers,
    actual,
    ask,
    good_answers,
    put,
    rendered,
    small_plan,
    submission_of,
)

Pairs = list[tuple[str, str]]
Before = Mapping[str, float]
Q1, Q3 = Period(2017, 1), Period(2017, 3)
GUARDS = {"scale_target", "scale_previous", "ratio_scale", "target_copied", "nothing_new"}
OVER, UNDER, RATIO = "hightech_output", "industrial_output", "hightech_output_ratio"
FIRMS, LABS, PRIVATE = "hightech_firms", "rd_institutions", "private_tech_firms"


def checked(
    changes: Mapping[str, Value] | None = None,
    before: Before | None = None,
    *,
    unit: str = "chunjiang",
    plan: Plan = SHIPPED,
    period: Period = Q4,
) -> list[Finding]:
    """Check the good answers with some figures changed; whatever lags is explained."""
    assignment = ask(unit, plan=plan, period=period)
    return check_submission(submission_of(assignment, told(assignment, changes)), plan, before)


def told(assignment: Assignment, changes: Mapping[str, Value] | None = None) -> Answers:
    """Return the good answers with figures changed, a remark on every line."""
    remarks: Answers = {line.remark_key: "说明" for line in assignment.headline}
    figures: Answers = {actual(key): value for key, value in (changes or {}).items()}
    return good_answers(assignment) | remarks | figures


def pairs(findings: list[Finding]) -> Pairs:
    return [(one.cell, one.code) for one in findings]


def counts(assignment: Assignment) -> list[str]:
    return [line.key for line in assignment.entries if not line.amount]


def good_figures(unit: str = "chunjiang", period: Period = Q4) -> dict[str, float]:
    """Return the figures of the good answers by line key: as those of the period before."""
    assignment = ask(unit, period=period)
    answers = good_answers(assignment)
    return {one.key: float(str(answers[one.value_key])) for one in assignment.entries}


# Chunjiang's targets: 86 high-tech firms, 3 institutes, 56 private firms, 910 patents; its good
# answers are 87, 3, 56 and 910, and 470,000 of 1,000,000 for the ratio's target of 47 %.
TARGET: dict[str, tuple[str, dict[str, Value], Pairs]] = {
    "what was asked": ("chunjiang", {}, []),
    "eight times the target": ("chunjiang", {PRIVATE: 448.0}, [("H12", "scale_target")]),
    "just below eight times": ("chunjiang", {PRIVATE: 447.0}, []),
    "a zero too many": ("chunjiang", {PRIVATE: 560.0}, [("H12", "scale_target")]),
    "eight times three is above ten": ("chunjiang", {LABS: 24.0}, [("H11", "scale_target")]),
    "just below that": ("chunjiang", {LABS: 23.0}, []),
    "eight of one asked for": ("menghe", {LABS: 8.0}, []),
    "nine of one": ("menghe", {LABS: 9.0}, []),
    "ten of one": ("menghe", {LABS: 10.0}, [("H11", "scale_target")]),
    "a stock many times its target": ("chunjiang", {FIRMS: 688.0}, [("H10", "scale_target")]),
    "one part of a ratio has no target": (
        "chunjiang", {OVER: 47_000_000.0, UNDER: 100_000_000.0}, [],
    ),
    "two slips": (
        "chunjiang", {PRIVATE: 560.0, LABS: 30.0},
        [("H11", "scale_target"), ("H12", "scale_target")],
    ),
    "what is no figure is no slip of scale": (
        "chunjiang", {PRIVATE: "560个"}, [("H12", "not_a_number")],
    ),
    "what is not whole is no slip of scale": (
        "chunjiang", {PRIVATE: 560.5}, [("H12", "not_whole")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TARGET)
def test_a_figure_many_times_its_target_is_pointed_at(what: str) -> None:
    unit, changes, expected = TARGET[what]
    assert pairs(checked(changes, unit=unit)) == expected


def test_a_figure_without_a_target_to_reach_is_not_held_against_it() -> None:
    plan = small_plan()
    assert plan.target("beta", "firms") == 0
    assert pairs(checked({"firms": 1_000_000.0}, unit="beta", plan=plan)) == []


def test_the_target_is_that_of_the_year_in_every_quarter() -> None:
    assert pairs(checked({PRIVATE: 447.0}, period=Q1)) == []
    assert pairs(checked({PRIVATE: 448.0}, period=Q1)) == [("H12", "scale_target")]


def test_a_figure_written_with_a_measure_is_both_normalised_and_pointed_at() -> None:
    assert pairs(checked({PRIVATE: "560家"})) == [
        ("H12", "scale_target"), ("H12", "normalised"),
    ]  # fmt: skip


# Figures now, figures of the period before, findings
PREVIOUS: dict[str, tuple[dict[str, Value], Before, Pairs]] = {
    "nothing is known": ({PRIVATE: 64.0}, {}, []),
    "eight times": ({PRIVATE: 64.0}, {PRIVATE: 8.0}, [("H12", "scale_previous")]),
    "just below eight times": ({PRIVATE: 63.0}, {PRIVATE: 8.0}, []),
    "one less": ({PRIVATE: 56.0}, {PRIVATE: 57.0}, [("H12", "fall_explained")]),
    "the same": ({PRIVATE: 56.0}, {PRIVATE: 56.0}, []),
    "nought after one": ({PRIVATE: 0.0}, {PRIVATE: 1.0}, [("H12", "fall_explained")]),
    "little after less": ({LABS: 9.0}, {LABS: 1.0}, []),
    "ten after one": ({LABS: 10.0}, {LABS: 1.0}, [("H11", "scale_previous")]),
    "much after nought": ({PRIVATE: 64.0}, {PRIVATE: 0.0}, []),
    "a stock may fall": ({FIRMS: 10.0}, {FIRMS: 800.0}, []),
    "a stock may not grow so": ({FIRMS: 87.0}, {FIRMS: 10.0}, [("H10", "scale_previous")]),
    "above the target and above the period before": (
        {PRIVATE: 560.0}, {PRIVATE: 8.0}, [("H12", "scale_target")],
    ),
    "above the target and far below the period before": (
        {PRIVATE: 448.0}, {PRIVATE: 4480.0}, [("H12", "scale_target"), ("H12", "fall_explained")],
    ),
    "an amount": ({}, {OVER: 58_750.0}, [("H8", "scale_previous")]),
    "an amount just below": ({}, {OVER: 58_751.0}, []),
    "an amount that fell": ({}, {UNDER: 8_000_000.0}, [("H9", "fall_explained")]),
    "both amounts": (
        {}, {OVER: 47_000.0, UNDER: 100_000.0},
        [("H8", "scale_previous"), ("H9", "scale_previous")],
    ),
    "the ratio itself is no amount": ({}, {RATIO: 0.05}, []),
    "a blank": ({PRIVATE: None}, {PRIVATE: 8.0}, [("H12", "blank")]),
    "another unit's line": ({}, {"firms": 1.0}, []),
}  # fmt: skip


@pytest.mark.parametrize("what", PREVIOUS)
def test_a_figure_far_off_the_period_befores_is_pointed_at(what: str) -> None:
    changes, before, expected = PREVIOUS[what]
    assert pairs(checked(changes, before)) == expected


def test_a_slip_of_scale_says_both_figures() -> None:
    (above,) = checked({PRIVATE: 560.0})
    (off,) = checked({}, {OVER: 47_000.5})
    assert (above.indicator, above.found, above.expected) == (PRIVATE, "560", "56")
    assert (off.indicator, off.found, off.expected) == (RATIO, "470000", "47000.5")
    assert above.name == "民科指标数"
    assert off.name == "高新技术产业产值"


RATIOS: dict[str, tuple[float, float, Pairs]] = {
    "both in 万元": (470_000, 1_000_000, []),
    "denominator in 元": (470_000, 10_000_000_000, [("H8", "ratio_scale")]),
    "numerator in 亿元": (47, 1_000_000, [("H8", "ratio_scale")]),
    "an eighth of the target": (58_750, 1_000_000, [("H8", "ratio_scale")]),
    "just above an eighth": (58_751, 1_000_000, []),
    "nothing over something": (0, 1_000_000, [("H8", "ratio_scale")]),
    "a percentage of a hundred": (47, 100, [("H8", "ratio_scale")]),
    "a fraction of one": (0.47, 1, [("H8", "ratio_scale")]),
    "amounts just above a percentage": (47.5, 101, []),
    "numerator in 元": (4_700_000_000, 1_000_000, [("H8", "ratio_impossible")]),
    "nothing over nothing": (0, 0, [("H9", "ratio_impossible")]),
    "all over all": (1_000_000, 1_000_000, []),
}


@pytest.mark.parametrize("what", RATIOS)
def test_amounts_in_different_measures_are_pointed_at_once(what: str) -> None:
    over, under, expected = RATIOS[what]
    assert pairs(checked({OVER: float(over), UNDER: float(under)})) == expected


def test_a_slip_of_measures_shows_the_share_and_its_amounts() -> None:
    (one,) = checked({OVER: 47.0, UNDER: 100.0})
    assert (one.indicator, one.found, one.expected) == (RATIO, "47.0%（47/100）", "47.0%")


def test_a_ratio_that_is_not_asked_for_is_not_looked_at() -> None:
    assert OVER not in good_figures("chuangyi")
    assert pairs(checked(unit="chuangyi")) == []


@pytest.mark.parametrize("amount", [OVER, UNDER])
def test_a_ratio_with_a_blank_amount_is_no_slip(amount: str) -> None:
    cell = {OVER: "H8", UNDER: "H9"}[amount]
    assert pairs(checked({OVER: 47.0, UNDER: 100.0, amount: None})) == [(cell, "blank")]


# Figures that were copied


def targets(unit: str = "chunjiang", period: Period = Q4) -> dict[str, Value]:
    assignment = ask(unit, period=period)
    return {key: SHIPPED.target(unit, key) for key in counts(assignment)}


@pytest.mark.parametrize("unit", [unit.code for unit in SHIPPED.units])
def test_a_form_in_which_every_count_is_its_target_is_pointed_at_once(unit: str) -> None:
    (one,) = checked(targets(unit), unit=unit)
    assert (one.cell, one.code, one.found) == ("H10", "target_copied", "14")


def test_the_amounts_of_a_ratio_have_no_target_to_be_copied_from() -> None:
    changes = targets() | {OVER: 500_000.0}
    assert pairs(checked(changes)) == [("H10", "target_copied")]


@pytest.mark.parametrize("key", [FIRMS, LABS, "outreach_events", "tech_reports"])
def test_one_count_beside_its_target_is_enough(key: str) -> None:
    target = SHIPPED.target("chunjiang", key) or 0
    for other in (target + 1, target - 1):
        assert pairs(checked(targets() | {key: other})) == []


def test_a_blank_or_unreadable_count_is_no_copy() -> None:
    assert pairs(checked(targets() | {"tech_reports": None})) == [("H23", "blank")]
    assert pairs(checked(targets() | {"tech_reports": "十二"})) == [("H23", "not_a_number")]


def test_fewer_than_five_counts_may_all_be_their_targets() -> None:
    plan = small_plan()
    changes: dict[str, Value] = {
        key: plan.target("alpha", key) for key in ("firms", "patents", "inventions")
    }
    assert pairs(checked(changes, unit="alpha", plan=plan)) == []
    before = {"firms": 10.0, "patents": 100.0, "inventions": 10.0}
    assert pairs(checked(changes, before, unit="alpha", plan=plan)) == []


def test_a_form_in_which_no_count_is_new_is_pointed_at_once() -> None:
    (one,) = checked({}, good_figures())
    assert (one.cell, one.code, one.found) == ("H10", "nothing_new", "14")


def test_new_amounts_alone_are_nothing_new() -> None:
    before = good_figures() | {OVER: 400_000.0, UNDER: 900_000.0}
    assert pairs(checked({}, before)) == [("H10", "nothing_new")]


@pytest.mark.parametrize("key", [FIRMS, "tech_reports"])
def test_one_count_that_is_new_is_enough(key: str) -> None:
    before = good_figures()
    assert pairs(checked({}, before | {key: before[key] - 1})) == []


@pytest.mark.parametrize("key", [PRIVATE, OVER, "tech_reports"])
def test_a_cumulative_figure_that_fell_is_explained_or_an_error(key: str) -> None:
    before = {key: good_figures()[key] + 1}
    told = good_answers(ask())
    codes = {one.code for one in check_submission(submission_of(ask(), told), SHIPPED, before)}
    assert codes == {"figure_fell"}
    where = RATIO if key == OVER else key
    told |= {Key(where, "remark"): "上期多计一件"}
    codes = {one.code for one in check_submission(submission_of(ask(), told), SHIPPED, before)}
    assert codes == {"fall_explained"}


def test_a_count_that_is_not_known_of_the_period_before_counts_as_new() -> None:
    before = good_figures()
    del before["tech_reports"]
    assert pairs(checked({}, before)) == []


def test_nothing_at_all_twice_is_no_copy() -> None:
    # Nothing is listed either.
    nothing: Answers = dict.fromkeys(good_answers(ask()))
    nothing |= {line.remark_key: "没有发生" for line in ask().headline}
    nothing |= {key: value for key, value in good_answers(ask()).items() if key.row == "signers"}
    nothing |= {key: value for key, value in good_answers(ask()).items() if key.row == "contact"}
    nothing |= {Key(key, "actual"): 0.0 for key in counts(ask())}
    nothing |= {actual(OVER): 470_000.0, actual(UNDER): 1_000_000.0}
    before = dict.fromkeys(counts(ask()), 0.0)
    assert pairs(check_submission(submission_of(ask(), nothing), SHIPPED, before)) == []


def test_the_years_round_repeats_the_fourth_quarters_figures_without_a_word() -> None:
    # Both are cumulative up to the same day.
    year = Period(2017)
    assert year.previous == Q4
    assert pairs(checked({}, good_figures(period=Q4), period=year)) == []


def test_a_form_of_targets_and_of_the_figures_before_is_told_once() -> None:
    before = {key: float(str(value)) for key, value in targets().items()}
    assert pairs(checked(targets(), before)) == [("H10", "target_copied")]


# They stand in nobody's way

SLIPS: dict[str, tuple[dict[str, Value], Before]] = {
    "scale_target": ({PRIVATE: 560.0}, {}),
    "scale_previous": ({}, {PRIVATE: 5.0}),
    "ratio_scale": ({OVER: 47.0, UNDER: 100.0}, {}),
    "target_copied": (targets(), {}),
    "nothing_new": ({}, good_figures()),
}


def settled(
    sent: Mapping[str, Answers], before: Mapping[tuple[str, str], float] | None = None
) -> Settled:
    """Settle a return of each unit, with figures of the period before."""
    returned = [
        Returned(f"{unit}.xlsx", unit, submission=submission_of(ask(unit), answers))
        for unit, answers in sent.items()
    ]
    return settle(returned, SHIPPED, Q4, previous=before)


@pytest.mark.parametrize("code", SLIPS)
def test_a_slip_is_a_warning_that_voids_nothing_and_changes_no_figure(code: str) -> None:
    changes, before = SLIPS[code]
    answers = told(ask(), changes)
    known = {("chunjiang", key): number for key, number in before.items()}
    result = settled({"chunjiang": answers}, known)
    (one,) = (one for one in result.findings if one.unit == "chunjiang")
    assert (one.code, one.severity, one.voids) == (code, Severity.WARNING, ())
    assert one.waivable
    assert result.units[0].status is UnitStatus.ACCEPTED
    rows = {row.indicator: row for row in build(result, {}).rows if row.unit == "chunjiang"}
    typed = {key.row: value for key, value in answers.items() if key.column == "actual"}
    for indicator in SHIPPED.indicators:
        row = rows[indicator.code]
        names = [amount.code for amount in indicator.amounts] or [indicator.code]
        used = [row.figure, row.denominator][: len(names)]
        assert used == [typed[name] for name in names], indicator.code


def test_the_slips_above_are_all_there_are() -> None:
    assert set(SLIPS) == GUARDS


def test_previous_figures_reach_each_unit_as_its_own() -> None:
    sent = {unit: told(ask(unit)) for unit in ("chunjiang", "menghe")}
    before = {("chunjiang", PRIVATE): 5.0, ("menghe", FIRMS): 2.0, ("benniu", LABS): 1.0}
    result = settled(sent, before)
    assert [(one.unit, one.cell, one.code) for one in result.findings if one.code in GUARDS] == [
        ("chunjiang", "H12", "scale_previous"),
        ("menghe", "H10", "scale_previous"),
    ]


# Through the command line


def send(root: Path, period: Period, unit: str, answers: Answers) -> Path:
    content = rendered(ask(unit, period=period), answers)
    return put(root / "returns" / period.code / f"{unit}.xlsx", content)


def consolidated(root: Path, period: Period, capsys: pytest.CaptureFixture[str]) -> Pairs:
    """Consolidate a period and return the slips that were found, by unit and cell."""
    run(["consolidate", "--period", period.code, "--workspace", str(root), "--json"])
    found = json.loads(capsys.readouterr().out)["findings"]
    return [(f"{one['unit']} {one['cell']}", one["code"]) for one in found if one["code"] in GUARDS]


def test_the_quarter_before_in_the_same_workspace_is_what_figures_are_held_against(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    third = ask(period=Q3)
    # Both amounts a tenth, a stock that will fall; and a unit whose counts will stay as they were.
    small = {OVER: 47_000.0, UNDER: 100_000.0, PRIVATE: 7.0, FIRMS: 86.0}
    send(tmp_path, Q3, "chunjiang", told(third, small))
    send(tmp_path, Q3, "menghe", told(ask("menghe")))
    now = told(ask(), {FIRMS: 10.0})
    sent = send(tmp_path, Q4, "chunjiang", now)
    send(tmp_path, Q4, "menghe", told(ask("menghe")))
    # Alone, the fourth quarter has nothing to be held against.
    assert consolidated(tmp_path, Q4, capsys) == []
    assert consolidated(tmp_path, Q3, capsys) == []
    expected = [
        ("chunjiang H8", "scale_previous"),
        ("chunjiang H9", "scale_previous"),
        ("chunjiang H12", "scale_previous"),
        ("menghe H10", "nothing_new"),
    ]
    assert consolidated(tmp_path, Q4, capsys) == expected
    # Checking the one file says the same.
    assert run(["check", str(sent), "--workspace", str(tmp_path), "--json"]) == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert [(one["cell"], one["code"]) for one in file["findings"]] == [
        ("H8", "scale_previous"), ("H9", "scale_previous"), ("H12", "scale_previous"),
    ]  # fmt: skip


def test_a_figure_that_was_void_the_quarter_before_is_not_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    send(tmp_path, Q3, "chunjiang", told(ask(period=Q3), {PRIVATE: "7家左右", LABS: 1.0}))
    send(tmp_path, Q4, "chunjiang", told(ask(), {LABS: 12.0}))
    assert consolidated(tmp_path, Q3, capsys) == []
    assert consolidated(tmp_path, Q4, capsys) == [("chunjiang H11", "scale_previous")]


def test_only_the_quarter_right_before_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    send(tmp_path, Q1, "chunjiang", told(ask(period=Q1)))
    send(tmp_path, Q4, "chunjiang", told(ask(), {PRIVATE: 400.0}))
    assert consolidated(tmp_path, Q1, capsys) == []
    assert consolidated(tmp_path, Q4, capsys) == []
