"""Reading in worker processes: one that dies or hangs costs its one file, and the run goes on."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from consolidator.intake.brief import Brief
from consolidator.intake.folder import find_files
from consolidator.intake.limits import RETURN
from consolidator.intake.values import Returned
from consolidator.intake.workers import read_all
from returns import Q4, SHIPPED, ask, put, read_here, rendered
from workbook_parts import GOOD, entries, locked, zipped

ROUNDS = 9_000_000
"""Of hashing: several seconds for one password."""


def outcomes(read: list[Returned]) -> list[tuple[str, str]]:
    """Return each file and why it is none; empty for a submission."""
    return [(one.file, one.refusal.code if one.refusal else "") for one in read]


def slow() -> bytes:
    """Encrypt a workbook so that opening it takes long."""
    return locked(
        GOOD, "秘密", lambda info: info.replace(b'spinCount="100"', b'spinCount="%d"' % ROUNDS)
    )


def test_files_are_read_as_in_one_process_and_in_their_order(tmp_path: Path) -> None:
    for unit in SHIPPED.units:
        put(tmp_path / f"{unit.code}.xlsx", rendered(ask(unit.code)))
    put(tmp_path / "说明.txt", b"hello")
    files = find_files([tmp_path])
    brief = Brief(SHIPPED, Q4)
    assert read_all(files, brief) == read_here(files, brief)


def test_no_file_is_no_work() -> None:
    assert read_all([], Brief(SHIPPED, Q4)) == []


def test_a_step_is_told_for_each_file(tmp_path: Path) -> None:
    for number in range(3):
        put(tmp_path / f"{number}.xlsx", GOOD)
    steps: list[None] = []
    read_all(find_files([tmp_path]), Brief(SHIPPED, Q4), step=lambda: steps.append(None))
    assert len(steps) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a process's memory")
def test_a_reader_out_of_memory_costs_its_one_file(tmp_path: Path) -> None:
    for number in range(5):
        path = put(tmp_path / f"{number}.xlsx", GOOD)
        if number % 2:
            os.truncate(path, 600 * 2**20)
    brief = Brief(SHIPPED, Q4, limits=replace(RETURN, file_mb=1000, memory_mb=500))
    read = read_all(find_files([tmp_path]), brief)
    assert outcomes(read) == [
        ("0.xlsx", ""), ("1.xlsx", "reading_failed"), ("2.xlsx", ""),
        ("3.xlsx", "reading_failed"), ("4.xlsx", ""),
    ]  # fmt: skip
    assert all(len(one.digest) == 64 for one in read)


def test_a_reader_that_takes_too_long_costs_its_one_file(tmp_path: Path) -> None:
    put(tmp_path / "0.xlsx", slow())
    put(tmp_path / "1.xlsx", GOOD)
    put(tmp_path / "2.xlsx", slow())
    limits = replace(RETURN, seconds=1, hash_rounds=10_000_000)
    read = read_all(find_files([tmp_path]), Brief(SHIPPED, Q4, limits=limits))
    assert outcomes(read) == [
        ("0.xlsx", "reading_failed"), ("1.xlsx", ""), ("2.xlsx", "reading_failed"),
    ]  # fmt: skip
    assert read[0].refusal is not None
    assert "1 秒" in read[0].refusal.found


def test_an_archive_of_slow_files_takes_no_longer_than_an_archive_may(tmp_path: Path) -> None:
    workers = os.cpu_count() or 1
    names = [f"{number:02}.xlsx" for number in range(workers + 2)]
    put(tmp_path / "0.zip", zipped(entries(dict.fromkeys(names, slow()))))
    put(tmp_path / "1.xlsx", GOOD)
    limits = replace(RETURN, seconds=1, archive_seconds=1, hash_rounds=10_000_000)
    steps: list[None] = []
    read = read_all(
        find_files([tmp_path]), Brief(SHIPPED, Q4, limits=limits), step=lambda: steps.append(None)
    )
    assert [one.file for one in read] == ["0.zip", *(f"0.zip/{name}" for name in names), "1.xlsx"]
    assert {one.refusal.code for one in read[1:-1] if one.refusal} == {"reading_failed"}
    reasons = [one.refusal.found for one in read[1:-1] if one.refusal]
    # As many as there are workers are under way when the time is up; fewer where one starts late.
    left_out = [why for why in reasons if "压缩包" in why]
    assert 2 <= len(left_out) < len(reasons)
    assert reasons[-len(left_out) :] == left_out
    assert read[-1].submission is not None
    assert len(steps) == len(read)


def test_a_program_that_guards_nothing_may_read_and_sees_no_noise(tmp_path: Path) -> None:
    put(tmp_path / "甲.xlsx", GOOD)
    os.truncate(put(tmp_path / "乙.xlsx", GOOD), 600 * 2**20)
    script = tmp_path / "script.py"
    script.write_text(
        "from dataclasses import replace\n"
        "from pathlib import Path\n"
        "from consolidator.intake.brief import Brief\n"
        "from consolidator.intake.folder import find_files\n"
        "from consolidator.intake.limits import RETURN\n"
        "from consolidator.intake.workers import read_all\n"
        "from consolidator.plan.check import load_plan\n"
        "from consolidator.plan.period import Period\n"
        "limits = replace(RETURN, file_mb=1000, memory_mb=500)\n"
        "brief = Brief(load_plan('2017'), Period.parse('2017-Q4'), limits=limits)\n"
        f"files = find_files([Path({str(tmp_path)!r}) / n for n in ('甲.xlsx', '乙.xlsx')])\n"
        "print([one.refusal is None for one in read_all(files, brief)])\n",
        "utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    if sys.platform != "win32":
        assert done.stdout == "[True, False]\n"
