"""Whatever lies in the returns folder: the run ends, each file has one status and its reason."""

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import pytest

from consolidator.checks.selection import FileStatus, Settled, UnitStatus, settle
from consolidator.forms.quarterly.assignment import Key
from consolidator.intake.brief import Brief
from consolidator.intake.folder import find_files
from consolidator.intake.returned import read_returned
from consolidator.intake.values import Returned
from consolidator.intake.workers import read_all
from hostile_files import AS_TYPED, FILES, Hazard
from returns import Q4, SHIPPED, ask, good_answers, put, rendered

A_FEW_SECONDS = 4
BY_ORIGIN = pytest.mark.parametrize("hazard", FILES, ids=lambda one: one.name)
TYPED = {key: value for key, value in good_answers(ask()).items() if isinstance(value, float)}


@dataclass(frozen=True, slots=True)
class Ended:
    """A whole folder that was read: good returns among hostile files."""

    read: list[Returned]
    settled: Settled

    def of(self, hazard: Hazard) -> list[Returned]:
        """Return what became of a file, and of those in it."""
        name = place(hazard)
        return [one for one in self.read if one.file == name or one.file.startswith(f"{name}/")]


def place(hazard: Hazard) -> str:
    """Name a file relative to the folder: names repeat, so each has a folder of its own."""
    return f"{FILES.index(hazard):03d}/{hazard.name}"


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """Read every hostile file together with a good return of each unit, in worker processes."""
    folder = tmp_path_factory.mktemp("returns")
    for unit in SHIPPED.units:
        # Named to come last, when the readers have been through everything else.
        put(folder / "zz" / f"{unit.code}.xlsx", rendered(ask(unit.code)))
    for hazard in FILES:
        put(folder / place(hazard), hazard.make())
    read = read_all(find_files([folder]), Brief(SHIPPED, Q4))
    good = [one for one in read if one.file.startswith("zz/") or one.refusal]
    return Ended(read, settle(good, SHIPPED, Q4))


@BY_ORIGIN
def test_a_hostile_file_ends_with_the_reason_that_fits(hazard: Hazard, ended: Ended) -> None:
    codes = set()
    for one in ended.of(hazard):
        if one.refusal:
            codes.add(one.refusal.code)
        else:
            assert one.submission is not None
            codes |= {each.code for each in one.submission.observed}
            figures = {
                key: reading.number
                for key, reading in one.submission.readings.items()
                if reading.number is not None
            }
            codes |= {AS_TYPED} if figures == TYPED else set()
            _hold_named(one, figures)
    assert codes & set(hazard.codes), f"{hazard.origin}: {codes}"


def _hold_named(returned: Returned, figures: dict[Key, float]) -> None:
    """Hold that no figure is another than was typed, whatever else is said of the file."""
    for key, number in figures.items():
        assert number == TYPED[key], f"{returned.file}: {key} is {number}"


def test_no_good_return_suffers_from_the_hostile_ones(ended: Ended) -> None:
    assert {one.status for one in ended.settled.units} <= {
        UnitStatus.ACCEPTED, UnitStatus.NEEDS_CORRECTION,
    }  # fmt: skip
    counted = {one.file for one in ended.settled.files if one.status is FileStatus.COUNTED}
    assert counted == {f"zz/{unit.code}.xlsx" for unit in SHIPPED.units}


def test_every_file_has_one_status_and_they_add_up(ended: Ended) -> None:
    names = [one.file for one in ended.settled.files]
    assert len(set(names)) == len(names)
    assert sum(ended.settled.file_totals.values()) == len(names)
    for one in ended.settled.files:
        assert one.status is FileStatus.COUNTED or one.code
    told = {one.file for one in ended.settled.findings if one.file}
    refused = {one.file for one in ended.read if one.refusal}
    assert refused <= told


def test_all_that_was_ever_seen_to_fool_a_reader_is_tried() -> None:
    assert len(FILES) > 300
    assert len({place(one) for one in FILES}) == len(FILES)


def test_every_file_is_answered_by_itself_and_not_stopped(tmp_path: Path) -> None:
    """A process that has to be stopped costs its whole time limit, once a file."""
    slow = {}
    for hazard in FILES:
        path = put(tmp_path / "收回", hazard.make())
        began = perf_counter()
        read_returned(path, hazard.name, Brief(SHIPPED, Q4))
        if (took := perf_counter() - began) > A_FEW_SECONDS:
            slow[hazard.name] = took
    assert slow == {}
