"""Points, scores and ranks, held to results computed by hand, and to what programs compute."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from consolidator.excel.writer import to_bytes
from consolidator.figures.history import History, PastPeriod
from consolidator.figures.parameters import (
    CAP,
    QUANTITY,
    REVIEW,
    TIME_PROGRESS,
    Typed,
    parameters,
    weight_key,
)
from consolidator.figures.review_results import ReviewResults
from consolidator.figures.scores import Scores, rank_within, scores
from consolidator.figures.values import Figure, Figures
from consolidator.forms.layout import address
from consolidator.forms.quarterly.assignment import Assignment
from consolidator.forms.quarterly.book import file_name, quarterly_book
from consolidator.intake.brief import Brief
from consolidator.plan.model import Plan, ReviewItem
from consolidator.plan.period import Period
from consolidator.report import parameters_sheet, score_sheet
from consolidator.report.consolidate import Consolidated, consolidate
from consolidator.report.context import (
    HEAT,
    OVERVIEW,
    PARAMETERS,
    SCORE_ROWS,
    SCORES,
    STAKES,
)
from consolidator.report.context import UNITS as UNIT_PAGES
from office.program import Program
from office.reading import formula_results
from returns import Q4, SHIPPED, good_answers, small_plan
from test_recalculation import LATER, differences

NOW = LATER - timedelta(hours=1)
YEAR = Period(2017)
PLAIN = Figure(
    unit="", indicator="", target=1.0, asked=True, reported=None, reported_under=None, raw="",
    adjustment=None, figure=None, denominator=None, actual=None, achievement=None, progress=None,
    basis="上报", word="", file="", sheet="", cell="", problems=0,
)  # fmt: skip
UNITS, CODES = ("alpha", "beta", "gamma"), ("share", "firms", "patents", "inventions")
NONE = "—"
Rates = Mapping[str, tuple[float | str, ...]]
WHOLE: Rates = {
    "alpha": (0.9, 1.5, 0.8, 0.5),
    "beta": (0.5, NONE, 1.0, 1.0),
    "gamma": (NONE, 0.6, 0.4, 0.2),
}
"""Achievements of three units; a dash where the row has no target, or one of 0."""
MARKS = {
    ("alpha", 1): 8.0, ("alpha", 2): 18.0, ("beta", 1): 10.0, ("beta", 2): 20.0,
    ("gamma", 1): 5.0, ("gamma", 2): 10.0,
}  # fmt: skip
ITEMS = (ReviewItem(1, "重视程度", 10), ReviewItem(2, "保障情况", 20))


def figures_of(rates: Rates, plan: Plan, owed: tuple[str, ...] = ()) -> Figures:
    """Build figures with these achievements; those named ``unit/indicator`` are owed."""
    rows = []
    for unit in UNITS:
        for code, rate in zip(CODES, rates[unit], strict=True):
            row = replace(PLAIN, unit=unit, indicator=code)
            if rate == NONE:
                row = replace(row, target=None, asked=False, basis=NONE)
            elif f"{unit}/{code}" in owed:
                row = replace(row, basis="待更正")
            else:
                assert isinstance(rate, float)
                row = replace(row, actual=rate, achievement=rate)
            rows.append(row)
    return Figures(plan, Q4, tuple(rows), ())


def scored(
    rates: Rates = WHOLE, *, typed: Typed | None = None,
    owed: tuple[str, ...] = (), problems: Mapping[tuple[str, str], int] | None = None,
    marks: Mapping[tuple[str, int], float] | None = None, plan: Plan | None = None,
) -> Scores:  # fmt: skip
    """Score three units."""
    plan = plan or replace(small_plan(), review_items=ITEMS)
    return scores(
        figures_of(rates, plan, owed),
        parameters(plan, Q4, typed or {}),
        open_problems=problems,
        reviews=marks,
    )


# Three numbers weigh 100/3 each, the two rows of the third 50/3; alpha's firms count 100 % only.
#         share     firms    patents   inventions
# alpha   .9*33.33  33.33    .8*16.67  .5*16.67          = 30 + 33.33 + 13.33 + 8.33   = 85
# beta    .5*50     -        1*25      1*25              = 75     (66.67 apply: times 1.5)
# gamma   -         .6*50    .4*25     .2*25             = 45     (66.67 apply: times 1.5)
def test_points_scores_and_ranks_are_those_computed_by_hand() -> None:
    found = scored()
    assert [one.quantity for one in found.units] == [85.0, 75.0, 45.0]
    assert [one.total for one in found.units] == [85.0, 75.0, 45.0]
    assert [one.rank for one in found.units] == [1, 2, 3]
    points = [one.points for one in found.rows]
    assert points == pytest.approx(
        [30, 100 / 3, 40 / 3, 25 / 3, 25, None, 25, 25, None, 30, 10, 5], abs=1e-9
    )
    assert found.units[0].by_number == pytest.approx({1: 30, 2: 100 / 3, 3: 65 / 3})
    assert found.units[1].by_number[2] is None


# Weights 40, 35, 25: alpha 36+35+10+6.25 = 87.25; beta of 65: (20+12.5+12.5)*100/65 = 69.23;
# gamma of 60: (21+5+2.5)*100/60 = 47.5.
def test_weights_given_take_the_place_of_equal_ones() -> None:
    typed = {weight_key(1): 40.0, weight_key(2): 35.0, weight_key(3): 25.0}
    assert [one.total for one in scored(typed=typed).units] == [87.25, 69.230769, 47.5]


def test_an_achievement_counts_up_to_the_cap() -> None:
    over = scored(typed={CAP: 1.2})
    # 1.2 * 33.33 = 40 instead of 33.33.
    assert over.units[0].total == pytest.approx(85 + 20 / 3)
    assert [one.total for one in over.units[1:]] == [75.0, 45.0]


# Quantity 70 of 100, review 30 of 30 marks: .7*85+26 = 85.5; .7*75+30 = 82.5; .7*45+15 = 46.5.
def test_quantity_and_review_make_up_the_total() -> None:
    found = scored(marks=MARKS)
    assert [one.review for one in found.units] == [26.0, 30.0, 15.0]
    assert [one.total for one in found.units] == [85.5, 82.5, 46.5]
    halves = scored(marks=MARKS, typed={QUANTITY: 40.0, REVIEW: 60.0})
    # .4*85+52 = 86; .4*75+60 = 90; .4*45+30 = 48: the second is now first.
    assert [one.total for one in halves.units] == [86.0, 90.0, 48.0]
    assert [one.rank for one in halves.units] == [2, 1, 3]


def test_a_unit_without_every_mark_has_no_total_and_no_rank() -> None:
    marks = {key: mark for key, mark in MARKS.items() if key != ("beta", 2)}
    found = scored(marks=marks)
    assert [one.total for one in found.units] == [85.5, None, 46.5]
    assert [one.rank for one in found.units] == [1, None, 2]
    # Nothing to full marks: .7*75 = 52.5 to 82.5.
    assert (found.units[1].low, found.units[1].high) == (52.5, 82.5)
    assert (found.units[1].best, found.units[1].worst) == (2, 2)


def test_a_review_without_items_does_not_count() -> None:
    found = scored(marks={}, plan=small_plan())
    assert not found.reviewed
    assert [one.total for one in found.units] == [85.0, 75.0, 45.0]


def test_equal_scores_share_a_rank_and_keep_the_plans_order() -> None:
    rates: Rates = {"alpha": (0.5, 0.5, 0.5, 0.5), "beta": (0.75, NONE, 0.75, 0.75),
             "gamma": (NONE, 0.75, 0.75, 0.75)}  # fmt: skip
    found = scored(rates)
    assert [one.total for one in found.units] == [50.0, 75.0, 75.0]
    assert [one.rank for one in found.units] == [3, 1, 1]
    assert [one.order for one in found.units] == [3, 1, 2]


# Without its patents alpha has 71.67 so far, and comes to 88.33 at most: first in any case but
# one: below beta's 75.
def test_a_unit_that_owes_a_figure_has_a_rate_and_a_range_but_no_score() -> None:
    found = scored(owed=("alpha/patents",))
    alpha, beta, gamma = found.units
    assert (alpha.quantity, alpha.total, alpha.rank, alpha.owed) == (None, None, None, 1)
    assert alpha.rate == pytest.approx(0.86)
    assert (alpha.low, alpha.high) == pytest.approx((215 / 3, 265 / 3))
    assert (alpha.best, alpha.worst) == (1, 2)
    assert (beta.rank, beta.best, beta.worst) == (1, 1, 2)
    assert (gamma.rank, gamma.best, gamma.worst) == (2, 3, 3)
    assert alpha.order == 3


def test_a_unit_that_reported_nothing_may_end_anywhere_and_is_never_a_zero() -> None:
    owed = tuple(f"gamma/{code}" for code in CODES)
    gamma = scored(owed=owed).units[2]
    assert (gamma.rate, gamma.quantity, gamma.total, gamma.rank) == (None,) * 4
    assert (gamma.low, gamma.high) == (0.0, 100.0)
    assert (gamma.best, gamma.worst) == (1, 3)


def test_an_open_problem_leaves_the_score_and_opens_its_range() -> None:
    beta = scored(problems={("beta", "share"): 1}).units[1]
    assert (beta.total, beta.rank) == (75.0, 2)
    assert (beta.low, beta.high) == (50.0, 100.0)
    assert (beta.best, beta.worst) == (1, 2)


@pytest.mark.parametrize("basis", ["调整", "备案"])
def test_what_staff_adjusted_and_what_the_register_counts_is_settled(basis: str) -> None:
    plan = small_plan()
    figures = figures_of(WHOLE, plan)
    rows = [replace(one, basis=basis) if one.unit == "beta" else one for one in figures.rows]
    found = scores(
        replace(figures, rows=tuple(rows)),
        parameters(plan, Q4, {}),
        open_problems={("beta", "share"): 1},
    )
    assert not any(one.doubtful for one in found.rows)


def test_no_weight_at_all_scores_nothing_and_ends() -> None:
    found = scored(typed=dict.fromkeys(map(weight_key, (1, 2, 3)), 0.0))
    assert [one.total for one in found.units] == [None, None, None]
    assert [one.rank for one in found.units] == [None, None, None]


@pytest.mark.parametrize(
    ("typed", "used"),
    [(50.0, 50.0), (0.0, 0.0), (-1.0, 70.0), ("五十", 70.0), (1e9, 70.0), (None, 70.0)],
)
def test_a_parameter_takes_a_number_within_its_bounds_only(
    typed: float | str | None, used: float
) -> None:
    found = parameters(SHIPPED, Q4, {} if typed is None else {QUANTITY: typed})
    assert found.used(QUANTITY) == used


def test_the_defaults_are_the_plans_and_the_periods() -> None:
    found = parameters(SHIPPED, Period.parse("2017-Q3"), {})
    assert found.used(TIME_PROGRESS) == 0.75
    assert (found.used(CAP), found.used(QUANTITY), found.used(REVIEW)) == (1.0, 70.0, 30.0)
    assert found.weights == dict.fromkeys(range(1, 11), 10.0)


@pytest.mark.parametrize(
    ("own", "other", "rank"), [(75.0, 90.0, 1), (75.0, 85.0, 1), (75.0, 84.0, 2), (75.0, 40.0, 3)]
)
def test_the_rank_another_total_would_have(own: float, other: float, rank: int) -> None:
    assert rank_within([85.0, own, 45.0, None], own, other) == rank


# In the workbook


def returned(folder: Path, count: int, period: Period) -> None:
    """Put good returns of the first units into ``folder``; each has reached less than the last."""
    folder.mkdir()
    for place, unit in enumerate(SHIPPED.units[:count]):
        assignment = Assignment(SHIPPED, unit, period)
        answers = good_answers(assignment)
        for line in assignment.entries:
            reached = answers[line.value_key]
            if not line.amount and not line.indicator.filed_kinds:
                assert isinstance(reached, float)
                answers[line.value_key] = max(reached - place, 1.0)
                answers[line.remark_key] = "正在推进"
        form = replace(assignment, answers=answers)
        (folder / file_name(assignment)).write_bytes(to_bytes(quarterly_book(form)))


def consolidated(
    folder: Path, period: Period = Q4, count: int = 9, reviews: ReviewResults | None = None
) -> Consolidated:
    """Consolidate the returns in ``folder``, made first where there are none."""
    if not (folder / "returns").exists():
        returned(folder / "returns", count, period)
        now = NOW
    else:
        now = LATER
    brief = Brief(SHIPPED, period)
    ranks = {"chunjiang": 3, "menghe": 2, "xinqiao": 1}
    before = period.previous
    assert before is not None
    past = PastPeriod(before, "汇总表.xlsx", {}, {}, ranks)
    return consolidate(
        brief, [folder / "returns"], folder / "output", now=now, history=History((past,)),
        reviews=reviews,
    )  # fmt: skip


def reviews() -> ReviewResults:
    """Return merged marks of every unit but the last, which lacks one."""
    marks = {
        (unit.code, item.number): 9.5 - place * 0.25 - item.number * 0.5
        for place, unit in enumerate(SHIPPED.units)
        for item in SHIPPED.review_items
    }
    del marks[SHIPPED.units[-1].code, 2]
    cells = {key: address(4 + place, 3) for place, key in enumerate(marks)}
    counted = dict.fromkeys(marks, 5)
    return ReviewResults("评议汇总_2017.xlsx", "评议结果", marks, cells, counted, 7, 5)


TYPED = {
    TIME_PROGRESS: 0.9, CAP: 1.05, QUANTITY: 60.0, REVIEW: 40.0, weight_key(1): 0.0,
    weight_key(6): 25.5,
}  # fmt: skip


@pytest.mark.parametrize("name", ["libreoffice", "gnumeric"])
@pytest.mark.parametrize("reviewed", [False, True])
def test_scores_after_changing_parameters_are_what_the_next_run_computes(
    name: str, reviewed: bool, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    program: Program = request.getfixturevalue(name)
    period = YEAR if reviewed else Q4
    given = reviews() if reviewed else None
    first = consolidated(tmp_path, period, reviews=given)
    keys = [one.key for one in parameters(SHIPPED, period, {}).all]
    column = parameters_sheet.COLUMNS.index("typed")
    typed = {
        (PARAMETERS, address(parameters_sheet.FIRST + keys.index(key), column)): value
        for key, value in TYPED.items()
    }
    saved = tmp_path / "saved.xlsx"
    program.fill(first.workbook, saved, typed)
    seen = formula_results(saved)
    saved.replace(first.workbook)
    again = consolidated(tmp_path, period, reviews=given)
    found = formula_results(again.workbook)
    kept = {sheet: found[sheet] for sheet in (SCORES, SCORE_ROWS, PARAMETERS, STAKES, HEAT)}
    shown = {sheet: {cell: seen[sheet][cell] for cell in kept[sheet]} for sheet in kept}
    assert sum(map(len, kept.values())) > 2_000
    assert differences(shown, kept)[:9] == []
    before = [one.total for one in first.scores.units]
    assert before != [one.total for one in again.scores.units]
    changed = [one.name for one in again.settled.findings if one.code == "parameter_changed"]
    assert len(changed) == len(TYPED)


def test_a_parameter_that_cannot_be_used_is_named_and_the_default_stays(tmp_path: Path) -> None:
    import openpyxl

    first = consolidated(tmp_path, count=3)
    book = openpyxl.load_workbook(first.workbook)
    sheet = book[PARAMETERS]
    row = next(n for n in range(1, 20) if sheet.cell(n, 1).value == CAP)
    sheet.cell(row, parameters_sheet.COLUMNS.index("typed") + 1).value = "百分之百"
    book.save(first.workbook)
    again = consolidated(tmp_path)
    (told,) = (one for one in again.settled.findings if one.code == "parameter_refused")
    assert "“单项完成率封顶”填的“百分之百（应为 1% 到 1000% 的数字）”不能用" in told.message
    assert [one.total for one in again.scores.units] == [one.total for one in first.scores.units]
    kept = openpyxl.load_workbook(again.workbook)[PARAMETERS]
    assert kept.cell(row, parameters_sheet.COLUMNS.index("typed") + 1).value == "百分之百"


def test_movement_is_held_against_the_period_before(tmp_path: Path) -> None:
    result = consolidated(tmp_path, count=3)
    ranks = [one.rank for one in result.scores.units[:3]]
    found = formula_results(result.workbook)[SCORES]
    cols = {name: number for number, name in enumerate(_columns(result))}
    moved = [found[address(score_sheet.FIRST + unit, cols["move"])] for unit in range(3)]
    expected = []
    for rank, before in zip(ranks, (3, 2, 1), strict=True):
        assert rank is not None
        step = before - rank
        expected.append("—" if not step else f"▲ {step}" if step > 0 else f"▼ {-step}")
    assert moved == expected


def _columns(result: Consolidated) -> list[str]:
    import openpyxl

    sheet = openpyxl.load_workbook(result.workbook)[SCORES]
    return [str(cell.value) for cell in sheet[2]]


def test_the_overview_lists_units_by_rank(tmp_path: Path) -> None:
    result = consolidated(tmp_path, count=4)
    found = formula_results(result.workbook)[OVERVIEW]
    names = [value for value in found.values() if value in {one.name for one in SHIPPED.units}]
    order = sorted(range(11), key=lambda unit: result.scores.units[unit].order)
    assert names == [SHIPPED.units[unit].name for unit in order]


def test_parameters_are_taken_over_within_the_year_but_for_the_time_progress(
    tmp_path: Path,
) -> None:
    returned(tmp_path / "returns", 3, Q4)
    typed = {CAP: 1.2, TIME_PROGRESS: 0.5}
    past = PastPeriod(Period.parse("2017-Q3"), "汇总表.xlsx", {}, {}, {}, typed)
    told = consolidate(
        Brief(SHIPPED, Q4), [tmp_path / "returns"], tmp_path / "output", now=NOW,
        history=History((past,)),
    )  # fmt: skip
    assert told.district.parameters.used(CAP) == 1.2
    assert told.district.parameters.used(TIME_PROGRESS) == 1.0
    assert [one.name for one in told.settled.findings if one.code == "parameter_changed"] == [
        "单项完成率封顶"
    ]


# Weights of 40, 35 and 45 come to 120; alpha's 36 + 35 + 18 + 11.25 = 100.25 of them are 83.54.
def test_the_total_is_out_of_a_hundred_whatever_the_weights_come_to() -> None:
    typed = {weight_key(1): 40.0, weight_key(2): 35.0, weight_key(3): 45.0}
    alpha = scored(typed=typed).units[0]
    assert alpha.quantity == pytest.approx(100.25)
    assert alpha.total == pytest.approx(100.25 / 1.2, abs=1e-6)


def test_a_table_says_how_many_units_have_no_rank_yet_and_how_many_reviewers_are_out(
    tmp_path: Path,
) -> None:
    result = consolidated(tmp_path, YEAR, count=9, reviews=reviews())
    found = formula_results(result.workbook)[SCORES].values()
    (line,) = (one for one in found if str(one).startswith("注意"))
    assert line == (
        "注意：还有 2 个单位没有总分，现名次只在有总分的单位之间排；可能名次按全部单位计。"
        "还有 2 位评委没有交评议表，交来后总分和名次可能改变。"
    )


def test_a_rank_that_may_still_change_is_called_so_on_the_page_of_its_unit(tmp_path: Path) -> None:
    result = consolidated(tmp_path, YEAR, count=9)
    cells = formula_results(result.workbook)[UNIT_PAGES].values()
    lines = [line for one in cells if "综合完成率" in (line := str(one))]
    called = [
        "名次 —"
        if one.rank is None
        else f"{'名次' if one.best == one.worst else '暂定名次'} {one.rank}/9"
        for one in result.district.scores.units
    ]
    assert [line.rpartition("　")[2] for line in lines] == called
    assert {one.split()[0] for one in called} == {"名次", "暂定名次"}
