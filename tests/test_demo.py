"""The demonstration, run as a person runs it: a new folder, everything in it marked as made up."""

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from conftest import REPOSITORY
from consolidator.demo import NOTICE
from consolidator.intake.brief import Brief
from consolidator.intake.returned import read_returned
from consolidator.plan.check import load_plan
from consolidator.plan.period import Period
from consolidator.workspace import NOTICE_FILE

PLAN, PERIOD = load_plan("2017"), Period.parse("2017-Q4")
TRACEBACK = "Traceback"


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of the command line printed, and how it ended."""

    status: int
    said: str
    complained: str


def run(folder: Path, *arguments: str) -> Run:
    """Run the command line in a folder, as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-m", "consolidator", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH") or str(REPOSITORY)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def contents(folder: Path) -> dict[str, str]:
    """Give each file below a folder with its hash."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Two runs in one place: what the first left, before and after the second."""

    place: Path
    first: Run
    left: dict[str, str]
    second: Run

    @property
    def folder(self) -> Path:
        """The folder the first run made."""
        return self.place / "演示"


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """Run the demonstration twice in an empty place."""
    place = tmp_path_factory.mktemp("demo")
    first = run(place, "demo")
    left = contents(place)
    return Demonstration(place, first, left, run(place, "demo"))


def test_it_ends_well_and_says_nothing_alarming(demonstration: Demonstration) -> None:
    for one in (demonstration.first, demonstration.second):
        assert one.status == 0, one.complained
        assert TRACEBACK not in one.said + one.complained
        assert "虚构" in one.said.splitlines()[0]


def test_it_issues_a_template_for_each_unit_and_the_list(demonstration: Demonstration) -> None:
    folder = demonstration.folder / "templates" / PERIOD.code
    names = {f"科技指标_{unit.short}_2017Q4.xlsx" for unit in PLAN.units}
    assert len(names) == 11
    assert {path.name for path in folder.iterdir()} == {*names, "发放清单.xlsx"}


def test_it_makes_up_returns_for_all_units_but_one(demonstration: Demonstration) -> None:
    folder = demonstration.folder / "returns" / PERIOD.code
    read = [
        read_returned(path, path.name, Brief(PLAN, PERIOD)) for path in sorted(folder.iterdir())
    ]
    units = [one.submission.unit for one in read if one.submission]
    assert len(set(units)) == 10
    assert len(units) == 11
    assert len([one for one in read if one.submission is None]) == 2


def test_made_up_figures_say_that_they_are_made_up(demonstration: Demonstration) -> None:
    notice = (demonstration.folder / NOTICE_FILE).read_text("utf-8")
    assert notice.startswith(NOTICE)
    returns = demonstration.folder / "returns" / PERIOD.code
    for path in returns.glob("*.xlsx"):
        assert "演示（虚构）" in _texts(path), path.name
    for sheet in openpyxl.load_workbook(_workbook(demonstration)).worksheets:
        top = [str(cell.value) for row in sheet.iter_rows(max_row=5) for cell in row]
        assert any(NOTICE in text for text in top), sheet.title
        footer: Any = sheet.oddFooter
        assert NOTICE in str(footer.left.text), sheet.title


def test_every_path_it_prints_is_there(demonstration: Demonstration) -> None:
    """Paths stand at the ends of lines; the last word of each that holds a separator is one."""
    paths = [
        Path(line.split(maxsplit=1)[1].strip())
        for line in demonstration.first.said.splitlines()
        if re.match(r"\s+\S+\s+/", line)
    ]
    assert len(paths) >= 3
    assert [path for path in paths if not path.exists()] == []
    assert _workbook(demonstration) in paths


def test_the_typical_slips_are_found(demonstration: Demonstration) -> None:
    workspace = str(demonstration.folder)
    again = run(demonstration.place, "check", *(str(p) for p in _returned(demonstration)))
    for word in ("没有填写", "大于其上级指标", "备注没有说明", "备案明细有", "没有标识"):
        assert word in again.said, workspace
    assert again.status == 1


def test_the_district_workbook_is_the_result_of_the_returns(demonstration: Demonstration) -> None:
    sheet = openpyxl.load_workbook(_workbook(demonstration), data_only=True)["提交情况"]
    states = [row[3] for row in sheet.iter_rows(min_row=7, max_row=17, values_only=True)]
    assert states.count("未报") == 1
    assert set(states) == {"已接收", "需更正", "未报"}


def test_a_second_run_takes_another_folder_and_leaves_the_first_alone(
    demonstration: Demonstration,
) -> None:
    folders = {path.name for path in demonstration.place.iterdir()}
    assert folders == {"演示", "演示2"}
    now = contents(demonstration.place)
    assert {name: now[name] for name in now if name.startswith("演示/")} == demonstration.left
    second = {name.partition("/")[2] for name in now if name.startswith("演示2/")}
    assert second == {name.partition("/")[2] for name in demonstration.left}


def test_a_folder_that_is_there_is_refused_and_not_touched(tmp_path: Path) -> None:
    taken = tmp_path / "已有"
    taken.mkdir()
    (taken / "重要.txt").write_text("不能丢", "utf-8")
    before = contents(tmp_path)
    refused = run(tmp_path, "demo", str(taken))
    assert refused.status == 2
    assert "已经存在" in refused.complained
    assert len(refused.complained.strip().splitlines()) == 1
    assert contents(tmp_path) == before


def test_a_named_folder_is_made(tmp_path: Path) -> None:
    done = run(tmp_path, "demo", "新的/演示")
    assert done.status == 0, done.complained
    assert (tmp_path / "新的" / "演示" / "output" / PERIOD.code).is_dir()


def _workbook(demonstration: Demonstration) -> Path:
    (workbook,) = (demonstration.folder / "output" / PERIOD.code).glob("汇总表*.xlsx")
    return workbook


def _returned(demonstration: Demonstration) -> list[Path]:
    return sorted((demonstration.folder / "returns" / PERIOD.code).glob("*.xlsx"))


def _texts(path: Path) -> set[str]:
    return {
        str(cell)
        for sheet in openpyxl.load_workbook(path).worksheets
        for row in sheet.iter_rows(values_only=True)
        for cell in row
    }
