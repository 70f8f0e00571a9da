"""The overall rate and the rank of units, held to results computed by hand."""

from dataclasses import replace

import pytest

from consolidator.figures.standing import Standing, standings, weight
from consolidator.figures.values import Figure, Figures
from returns import Q4, SHIPPED

PLAIN = Figure(
    unit="", indicator="", target=1.0, asked=True, reported=None, reported_under=None, raw="",
    adjustment=None, figure=None, denominator=None, actual=None, achievement=None, progress=None,
    basis="", word="", file="", sheet="", cell="", problems=0,
)  # fmt: skip
CODES = [one.code for one in SHIPPED.indicators]


def of_rates(*units: dict[str, float | None] | None) -> tuple[Standing, ...]:
    """Rank units: each reached every target but for what is told; None reported nothing."""
    rows: list[Figure] = []
    for unit in SHIPPED.units[: len(units)]:
        told = units[len(rows) // len(CODES)]
        for code in CODES:
            rate = None if told is None else told.get(code, 1.0)
            rows.append(replace(PLAIN, unit=unit.code, indicator=code, achievement=rate))
    plan = replace(SHIPPED, units=SHIPPED.units[: len(units)])
    return standings(Figures(plan, Q4, tuple(rows), ()))


def test_rows_of_one_number_share_its_weight() -> None:
    by_code = {code: weight(SHIPPED, place) for place, code in enumerate(CODES)}
    assert by_code["hightech_firms"] == 1
    assert by_code["patent_applications"] == pytest.approx(1 / 3)
    assert by_code["tech_reports"] == 1 / 2
    assert sum(by_code.values()) == pytest.approx(10)


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ({}, 1.0),
        ({"hightech_firms": 0.5}, 0.95),
        ({"patent_applications": 0.4}, 0.98),
        ({"tech_reports": 0.0}, 0.95),
        ({"hightech_firms": 7.0}, 1.0),
        ({"hightech_firms": 7.0, "rd_institutions": 0.5}, 0.95),
        ({"hightech_firms": None}, 1.0),
        ({"hightech_firms": None, "rd_institutions": 0.1}, 0.9),
        (dict.fromkeys(CODES), None),
    ],
)
def test_the_overall_rate_is_what_is_computed_by_hand(
    rates: dict[str, float | None], expected: float | None
) -> None:
    (found,) = of_rates(rates)
    assert found.rate == expected
    assert found.covered == sum(rates.get(code, 1.0) is not None for code in CODES)


def test_a_unit_that_owes_a_figure_has_a_rate_but_no_rank() -> None:
    rows = [
        replace(PLAIN, unit=unit.code, indicator=code, achievement=1.0)
        for unit in SHIPPED.units[:2] for code in CODES
    ]  # fmt: skip
    rows[3] = replace(rows[3], achievement=None, basis="待更正")
    plan = replace(SHIPPED, units=SHIPPED.units[:2])
    owing, whole = standings(Figures(plan, Q4, tuple(rows), ()))
    assert (owing.rate, owing.rank, owing.order) == (1.0, None, 2)
    assert (whole.rate, whole.rank, whole.order) == (1.0, 1, 1)


def test_equal_rates_share_a_rank_and_keep_the_plans_order() -> None:
    found = of_rates({"hightech_firms": 0.5}, {}, None, {"tech_reports": 0.0}, {}, None)
    assert [one.rank for one in found] == [3, 1, None, 3, 1, None]
    assert [one.order for one in found] == [3, 1, 5, 4, 2, 6]
