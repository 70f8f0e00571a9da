"""What units really do to a return: it is read as typed, or named to the cell, and no more."""

from functools import cache

import pytest

from consolidator.checks.run import check_returned
from consolidator.files import sha256
from consolidator.forms.quarterly.assignment import Key
from consolidator.intake.brief import Brief
from consolidator.intake.returned import read_content
from consolidator.intake.values import Returned
from returns import NOON, Q4, SHIPPED, ask, good_answers
from unit_slips import SLIPS, Slip

BRIEF = Brief(SHIPPED, Q4)
BY_TITLE = pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.title.rstrip("."))


@cache
def read(slip: Slip) -> Returned:
    content = slip.make()
    return read_content(content, slip.name, sha256(content), NOON, BRIEF)


def figures(returned: Returned) -> dict[Key, float]:
    assert returned.submission is not None, returned.refusal
    readings = returned.submission.readings
    return {key: one.number for key, one in readings.items() if one.number is not None}


@BY_TITLE
def test_a_slip_gives_these_findings_and_no_other(slip: Slip) -> None:
    found = check_returned(read(slip), SHIPPED)
    assert {(one.cell, one.code) for one in found} == slip.findings
    assert len(found) >= len(slip.findings)


@BY_TITLE
def test_a_slip_changes_no_figure_unless_it_is_named(slip: Slip) -> None:
    typed = {key: value for key, value in good_answers(ask()).items() if isinstance(value, float)}
    returned = read(slip)
    if slip.figures_intact:
        assert figures(returned) == typed
        return
    named = {one.cell for one in check_returned(returned, SHIPPED)}
    if returned.submission is None:
        return
    for key, reading in returned.submission.readings.items():
        if key in typed and reading.number != typed[key]:
            assert reading.source.cell in named, f"{key} is {reading.number}, and nothing says so"
