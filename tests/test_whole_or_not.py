"""A run that is killed at any write leaves every file old or new, and nothing typed is lost.

Another process does the run, and dies without a word at the first, second, ... last time it
opens a file for writing, flushes one to the disk, renames or removes one.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from consolidator.checks.decisions import Action
from consolidator.checks.selection import UnitStatus
from consolidator.files import sha256
from consolidator.forms.quarterly.addresses import MAIN
from consolidator.forms.stamp import Verdict, decode
from consolidator.intake.brief import Brief
from consolidator.issue.issue_list import FILE_NAME, read_issue_list
from consolidator.issue.issuing import Outcome, issue
from consolidator.report.consolidate import Consolidated, consolidate
from consolidator.report.decisions_book import FINDINGS
from consolidator.signing import find_key, find_or_draw_key
from returns import NOON, Q4, put
from test_cli import adjust
from test_decisions import above, cells_of, type_in
from test_selection import PLAN, sent

TESTS = Path(__file__).parent
KILLED, MINUTE = 77, 60
EARLIER, NOW, LATER = (NOON + timedelta(days=days) for days in (0, 1, 2))
UNITS = ("alpha", "gamma")
PART = "大于其上级指标的"
Files = dict[str, bytes]

CHILD = """
import builtins, io, json, os, sys
from datetime import datetime
from pathlib import Path

from consolidator.intake.brief import Brief
from consolidator.issue.issuing import issue
from consolidator.report.consolidate import consolidate
from consolidator.signing import find_or_draw_key
from returns import Q4, small_plan

command, root, fatal, now = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
now, plan, touched = datetime.fromisoformat(now), small_plan(), []


def touch(what, path):
    touched.append(f"{what} {Path(str(path)).name}")
    if len(touched) == fatal:
        os._exit(77)


def ours(path):
    return str(path).startswith(str(root))


def dying(name, real):
    def call(path, *given, **named):
        if name == "fsync" or (ours(path) and os.path.exists(path)):
            touch(name, path)
        return real(path, *given, **named)
    return call


def opening(file, mode="r", *given, **named):
    stream = really_open(file, mode, *given, **named)
    if set(mode) & set("wax+") and ours(file):
        touch("open", file)
    return stream


really_open = io.open
builtins.open = io.open = opening
for name in ("replace", "rename", "unlink", "remove", "fsync"):
    setattr(os, name, dying(name, getattr(os, name)))

if command == "consolidate":
    consolidate(Brief(plan, Q4), [root / "returns"], root / "output", now=now)
elif command == "replace":
    key = find_or_draw_key(root)
    issue(
        plan, Q4, root / "templates", now=now, key=key, password="second", replace=True,
        units=["alpha", "gamma"],
    )
else:
    key = find_or_draw_key(root)
    issue(plan, Q4, root / "templates", now=now, key=key, units=["alpha", "gamma"])
print(json.dumps(touched))
"""


@dataclass(frozen=True, slots=True)
class Death:
    """A killed run: at which touch of the disk, and what lay there before and after it."""

    at: str
    root: Path
    left: Files
    """The files it left."""
    again: Files
    """The files after the next run, which nobody killed."""
    result: object
    """What that run said."""

    def standing(self, folder: str) -> Files:
        return {name: content for name, content in self.left.items() if name.startswith(folder)}


def files_below(root: Path) -> Files:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*")) if path.is_file()
    }  # fmt: skip


def run_child(command: str, root: Path, fatal: int) -> list[str]:
    """Run a command in another process; it dies at its ``fatal``-th touch of the disk, if any.

    Returns every touch of a run that was not killed, and nothing of one that was.
    """
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    done = subprocess.run(
        [sys.executable, "-c", CHILD, command, str(root), str(fatal), NOW.isoformat()],
        env={**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"},
        capture_output=True, text=True, encoding="utf-8", check=False, timeout=MINUTE,
    )  # fmt: skip
    assert done.returncode == (KILLED if fatal else 0), done.stderr
    return [str(one) for one in json.loads(done.stdout)] if not fatal else []


def kill_everywhere(
    command: str, before: Path, next_run: Callable[[Path], object]
) -> tuple[Files, list[Death]]:
    """Kill a command at every touch of the disk, each time in a fresh copy of a workspace.

    The next run comes long after: what lies aside then is nobody's. Returns what a whole run
    leaves, and the deaths.
    """
    whole = shutil.copytree(before, before.with_name("whole"))
    touched = run_child(command, whole, 0)

    def kill(place: int) -> Death:
        root = shutil.copytree(before, before.with_name(f"killed{place}"))
        run_child(command, root, place)
        left = files_below(root)
        for part in root.rglob("*.part"):
            os.utime(part, (EARLIER.timestamp(), EARLIER.timestamp()))
        result = next_run(root)
        return Death(f"{place}: {touched[place - 1]}", root, left, files_below(root), result)

    with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
        deaths = list(pool.map(kill, range(1, len(touched) + 1)))
    return files_below(whole), deaths


def aside(files: Files) -> list[str]:
    """Name what was written aside and never came to be renamed."""
    return [name for name in files if name.endswith(".part")]


# Consolidating


def next_consolidation(root: Path) -> Consolidated:
    return consolidate(Brief(PLAN, Q4), [root / "returns"], root / "output", now=LATER)


@dataclass(frozen=True, slots=True)
class Consolidation:
    """A workspace with results, what a whole run makes of it, and runs that were killed."""

    before: Files
    whole: Files
    deaths: list[Death]


@pytest.fixture(scope="module")
def consolidation(tmp_path_factory: pytest.TempPathFactory) -> Consolidation:
    """Kill a run that replaces every result, makes a correction and puts another away.

    Staff have typed an adjustment and a decision before it.
    """
    root = tmp_path_factory.mktemp("consolidation") / "before"
    put(root / "returns/甲.xlsx", sent(firms=None))
    put(root / "returns/乙.xlsx", above("beta", phone=None))
    first = consolidate(Brief(PLAN, Q4), [root / "returns"], root / "output", now=EARLIER)
    assert len(first.corrections) == 2
    adjust(first.workbook, "beta/firms", 4, "按证书")
    type_in(first.decisions, cells_of(first.decisions, FINDINGS, PART, Action.WAIVE, "已核实"))
    put(root / "returns/甲.xlsx", sent(firms=11.0), saved=NOW)
    put(root / "returns/乙.xlsx", above("beta", phone=None, under=900_000.0), saved=NOW)
    put(root / "returns/丙.xlsx", sent("gamma", firms=-1.0), saved=NOW)
    before = files_below(root)
    return Consolidation(before, *kill_everywhere("consolidate", root, next_consolidation))


def test_a_run_touches_the_disk_where_it_can_be_killed(consolidation: Consolidation) -> None:
    touched = [one.at.split(" ", 2)[1] for one in consolidation.deaths]
    assert {"open", "fsync", "replace", "unlink"} <= set(touched)
    assert touched.count("replace") >= 8
    made = consolidation.whole.keys() - consolidation.before.keys()
    assert {name for name in made if "/history/" not in name} == {
        "output/corrections/科技指标_丙街道_2017Q4_更正.xlsx"
    }
    gone = consolidation.before.keys() - consolidation.whole.keys()
    assert gone == {"output/corrections/科技指标_甲镇_2017Q4_更正.xlsx"}


def test_every_workbook_is_the_old_one_or_the_new_one(consolidation: Consolidation) -> None:
    before, whole = consolidation.before, consolidation.whole
    for death in consolidation.deaths:
        for name, content in death.left.items():
            if name.endswith(".part"):
                continue
            allowed = {before.get(name), whole.get(name)}
            assert content in allowed, f"{name} after dying at {death.at}"


def test_every_workbook_that_may_stand_there_opens(
    consolidation: Consolidation, tmp_path: Path
) -> None:
    """The test above holds that no other content ever stands there."""
    several = {content for files in (consolidation.before, consolidation.whole)
               for name, content in files.items() if name.startswith("output/")}  # fmt: skip
    assert len(several) >= 8
    for content in several:
        assert openpyxl.load_workbook(put(tmp_path / "one.xlsx", content)).worksheets


def test_nothing_is_gone_that_is_not_replaced_or_kept(consolidation: Consolidation) -> None:
    for death in consolidation.deaths:
        contents = set(death.left.values())
        for name, content in consolidation.before.items():
            kept = name in death.left or content in contents
            assert kept, f"{name} after dying at {death.at}"
            if name.startswith("returns/"):
                assert death.left[name] == content


def test_what_staff_typed_stands_or_is_kept_after_every_death(
    consolidation: Consolidation,
) -> None:
    typed = ("output/汇总表_2017Q4.xlsx", "output/处理意见_2017Q4.xlsx")
    for death in consolidation.deaths:
        for name in typed:
            assert consolidation.before[name] in death.left.values(), f"{name}: {death.at}"


def test_the_next_run_makes_what_a_whole_run_would_have_made(
    consolidation: Consolidation,
) -> None:
    for death in consolidation.deaths:
        for name, content in consolidation.whole.items():
            if "/history/" not in name and "汇总表" not in name:
                assert death.again[name] == content, f"{name} after dying at {death.at}"
        standing = {name for name in death.again if "/history/" not in name} - {*aside(death.again)}
        whole = {name for name in consolidation.whole if "/history/" not in name}
        assert standing == whole, death.at


def test_adjustments_and_decisions_hold_in_the_next_run(consolidation: Consolidation) -> None:
    for death in consolidation.deaths:
        result = death.result
        assert isinstance(result, Consolidated)
        figures = {(one.unit, one.indicator): one for one in result.figures.rows}
        assert (figures["beta", "firms"].actual, figures["beta", "firms"].basis) == (4, "调整")
        waived = [(one.unit, one.cell, one.waived)
                  for one in result.settled.findings if one.waived]  # fmt: skip
        assert waived == [("beta", "H12", "已核实")], death.at
        assert [one.status for one in result.settled.units] == [
            UnitStatus.ACCEPTED, UnitStatus.NEEDS_CORRECTION, UnitStatus.NEEDS_CORRECTION,
        ]  # fmt: skip


def test_what_a_death_leaves_aside_is_hidden(consolidation: Consolidation) -> None:
    left = {name for death in consolidation.deaths for name in aside(death.left)}
    assert left
    assert {name.rpartition("/")[2][0] for name in left} == {"."}


def test_what_a_death_left_aside_is_gone_after_the_next_run(consolidation: Consolidation) -> None:
    left = {death.at: aside(death.again) for death in consolidation.deaths}
    assert {at: names for at, names in left.items() if names} == {}


# Issuing anew


def next_replacement(root: Path) -> list[Outcome]:
    key = find_or_draw_key(root)
    return issue(
        PLAN, Q4, root / "templates", now=LATER, key=key, password="second", replace=True,
        units=UNITS,
    )  # fmt: skip


@pytest.fixture(scope="module")
def replacement(tmp_path_factory: pytest.TempPathFactory) -> Consolidation:
    """Kill a run that issues one template with another password, and one for the first time."""
    root = tmp_path_factory.mktemp("replacement") / "before"
    root.mkdir()
    key = find_or_draw_key(root)
    issue(PLAN, Q4, root / "templates", now=EARLIER, key=key, password="first", units=UNITS[:1])
    before = files_below(root)
    return Consolidation(before, *kill_everywhere("replace", root, next_replacement))


def test_every_template_is_the_old_one_or_the_new_one(replacement: Consolidation) -> None:
    before, whole = replacement.before, replacement.whole
    assert len(replacement.deaths) >= 15
    for death in replacement.deaths:
        assert death.left.keys() >= before.keys(), death.at
        for name, content in death.left.items():
            if not name.endswith(".part"):
                allowed = {before.get(name), whole.get(name)}
                assert content in allowed, f"{name} after dying at {death.at}"


def test_the_password_of_every_template_that_stands_is_on_record(
    replacement: Consolidation, tmp_path: Path
) -> None:
    for death in replacement.deaths:
        lists = {name: content for name, content in death.standing("templates/").items()
                 if FILE_NAME.removesuffix(".xlsx") in name and name.endswith(".xlsx")}  # fmt: skip
        listed = [read_issue_list(put(tmp_path / "list.xlsx", one)) for one in lists.values()]
        known = {one.digest for several in listed for one in several.values()}
        for name, content in death.standing("templates/").items():
            if name.endswith(".xlsx") and name not in lists:
                assert sha256(content) in known, f"{name} after dying at {death.at}"


def test_issuing_again_completes_what_a_death_broke_off(replacement: Consolidation) -> None:
    for death in replacement.deaths:
        for name, content in replacement.whole.items():
            if "/history/" not in name and FILE_NAME not in name:
                assert death.again[name] == content, f"{name} after dying at {death.at}"
        issued = read_issue_list(death.root / "templates" / FILE_NAME)
        assert {code: one.password for code, one in issued.items()} == dict.fromkeys(
            UNITS, "second"
        )
        old = {content for name, content in replacement.before.items() if name.endswith(".xlsx")}
        assert old <= set(death.again.values()), death.at


def test_what_issuing_left_aside_is_gone_after_the_next_run(replacement: Consolidation) -> None:
    left = {death.at: aside(death.again) for death in replacement.deaths}
    assert {at: names for at, names in left.items() if names} == {}


# Issuing for the first time


def next_issue(root: Path) -> list[Outcome]:
    key = find_or_draw_key(root)
    return issue(PLAN, Q4, root / "templates", now=LATER, key=key, units=UNITS)


@pytest.fixture(scope="module")
def first_issue(tmp_path_factory: pytest.TempPathFactory) -> list[Death]:
    """Kill a run that draws key and password and issues all templates."""
    root = tmp_path_factory.mktemp("first") / "before"
    root.mkdir()
    _, deaths = kill_everywhere("issue", root, next_issue)
    assert len(deaths) >= 12
    return deaths


def test_no_template_stands_without_its_key_and_password(
    first_issue: list[Death], tmp_path: Path
) -> None:
    for number, death in enumerate(first_issue):
        root = tmp_path / str(number)
        for name, content in death.left.items():
            put(root / name, content)
        templates = [name for name in death.left if "科技指标" in name and name.endswith(".xlsx")]
        listed = read_issue_list(root / "templates" / FILE_NAME)
        for name in templates:
            book = openpyxl.load_workbook(root / name)
            stamp = decode(str(book[MAIN]["A1"].value))
            assert stamp is not None
            assert stamp.verdict(find_key(root)) is Verdict.VALID, f"{name}: {death.at}"
            assert sha256(death.left[name]) == listed[stamp.unit].digest, f"{name}: {death.at}"


def test_the_next_run_issues_all_templates_with_one_key_and_one_password(
    first_issue: list[Death],
) -> None:
    for death in first_issue:
        issued = read_issue_list(death.root / "templates" / FILE_NAME)
        assert issued.keys() == {*UNITS}, death.at
        assert len({one.password for one in issued.values()}) == 1, death.at
        for one in issued.values():
            content = (death.root / "templates" / one.file).read_bytes()
            assert sha256(content) == one.digest, death.at


def test_what_the_first_issue_left_aside_is_gone_after_the_next_run(
    first_issue: list[Death],
) -> None:
    left = {death.at: aside(death.again) for death in first_issue}
    assert {at: names for at, names in left.items() if names} == {}
