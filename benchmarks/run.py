"""Measure speed and memory, all in one run on one machine: ``make bench``.

Everything measured runs in a fresh child process, several times, by turns; medians are shown.
Only the standard library is imported here: on Linux a child's peak memory begins with that of
the process it was started from.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_PERIOD = "2017-Q4"
_PASSES = 10
"""How often all returns are read, each time in a fresh process."""
_SAVED = 100
"""Returns that LibreOffice saves again."""
_PYTHON = sys.executable
_MEBIBYTE = 1 << (20 if sys.platform == "darwin" else 10)  # ru_maxrss: bytes, else kibibytes
_ISSUE_BOOKS = """
import sys, time
from consolidator.excel.writer import to_bytes
from consolidator.forms.quarterly.assignment import Assignment
from consolidator.forms.quarterly.book import quarterly_book
from consolidator.plan.check import load_plan
from consolidator.plan.period import Period
plan, period = load_plan("2017"), Period.parse("2017-Q4")
started = time.perf_counter()
for unit in plan.units:
    to_bytes(quarterly_book(Assignment(plan, unit, period), password="benchmark"))
print((time.perf_counter() - started) / len(plan.units))
"""


_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>
"""
"""A profile of LibreOffice that computes every formula anew on opening."""
_READ_RETURNS = """
import json, sys, time
from pathlib import Path
from consolidator.intake.brief import Brief
from consolidator.intake.returned import read_returned
from consolidator.plan.check import load_plan
from consolidator.plan.period import Period
files = sorted(Path(sys.argv[2]).iterdir())
brief = Brief(load_plan(sys.argv[1]), Period.parse("2017-Q4"))
times = []
for path in files:
    started = time.perf_counter()
    returned = read_returned(path, path.name, brief)
    times.append(time.perf_counter() - started)
    assert returned.submission is not None, returned.refusal
print(json.dumps(times))
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One child process: seconds on the clock, seconds of processor, MiB at its peak."""

    wall: float
    processor: float
    peak: float
    output: str


def measure(*command: str | Path, statuses: tuple[int, ...] = (0,)) -> Run:
    """Run a command to its end.

    Raises:
        SystemExit: it ended with a status that is not expected.
    """
    environment = os.environ | {"PYTHONPATH": str(_HERE.parent), "PYTHONUTF8": "1"}
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        child = subprocess.Popen([str(part) for part in command], stdout=output, env=environment)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode()
    if child.returncode not in statuses:
        sys.exit(f"{' '.join(str(part) for part in command)}: status {child.returncode}\n{text}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _MEBIBYTE, text)


def consolidate(folder: Path, *, plan: str | Path, keep: bool = False) -> Run:
    """Consolidate the returns in ``folder`` as the command does, printing JSON."""
    if not keep:
        for old in folder.glob("output/**/*.xlsx"):
            old.unlink()
    return measure(
        _PYTHON, "-m", "consolidator", "consolidate", "--period", _PERIOD, "--json",
        "--plan", plan, "--workspace", folder, statuses=(0, 1),
    )  # fmt: skip


def hold_alike(product: Run, baseline: Run) -> None:
    """Hold that both read the same figures, or the comparison says nothing.

    Raises:
        SystemExit: they did not.
    """
    numbers = [
        one[part]
        for one in json.loads(product.output)["figures"]
        if one["unit"] != "district"
        for part in ("actual", "numerator", "denominator")
        if one.get(part) is not None
    ]
    other = json.loads(baseline.output)
    if len(numbers) != other["figures"] or abs(sum(numbers) - other["total"]) > 1e-3:
        sys.exit(f"not the same figures: {len(numbers)} adding up to {sum(numbers)}, {other}")


def _line(name: str, runs: list[Run], *, each: int = 0) -> None:
    wall = statistics.median(run.wall for run in runs)
    processor = statistics.median(run.processor for run in runs)
    peak = statistics.median(run.peak for run in runs)
    share = f"{wall / each * 1000:8.1f} ms each" if each else ""
    print(f"{name:<42}{wall:8.2f} s {processor:8.2f} s {peak:7.0f} MiB {share}", flush=True)


def _small(folder: Path, repeats: int) -> None:
    """Measure what a district of 11 units waits for."""
    helps = [measure(_PYTHON, "-m", "consolidator", "--help") for _ in range(repeats * 3)]
    _line("consolidator --help", helps)
    books = [float(measure(_PYTHON, "-c", _ISSUE_BOOKS).output) for _ in range(repeats)]
    issues = []
    for number in range(repeats):
        place = folder / f"issue{number}"
        place.mkdir()
        issues.append(
            measure(
                _PYTHON, "-m", "consolidator", "issue",
                "--period", _PERIOD, "--workspace", place,
            )
        )  # fmt: skip
    _line("issue, 11 templates, the whole command", issues, each=11)
    print(
        f"{'  of which making a template':<42}{'':32}{statistics.median(books) * 1000:8.1f} ms each"
    )
    measure(_PYTHON, _HERE / "synthetic.py", folder / "small", "11")
    plan = folder / "small" / "plan"
    few = [consolidate(folder / "small", plan=plan) for _ in range(repeats)]
    _line("consolidate, 11 returns", few, each=11)


def _large(folder: Path, units: int, repeats: int, *, profiled: bool) -> None:
    """Measure many returns against the plain script, by turns."""
    started = time.perf_counter()
    measure(_PYTHON, _HERE / "synthetic.py", folder / "large", str(units))
    print(f"({units} returns made in {time.perf_counter() - started:.0f} s)", flush=True)
    place, plan = folder / "large", folder / "large" / "plan"
    ours, theirs = [], []
    for _ in range(repeats):
        ours.append(consolidate(place, plan=plan))
        theirs.append(
            measure(
                _PYTHON, _HERE / "baseline.py", place / "returns" / _PERIOD, place / "plain.xlsx"
            )
        )
    hold_alike(ours[-1], theirs[-1])
    _read("reading one good return, pre-flight included", plan, place / "returns" / _PERIOD)
    if saved := _saved_again(place / "returns" / _PERIOD, place / "saved"):
        _read("the same, saved by LibreOffice", plan, saved)
    _line(f"consolidate, {units} returns", ours, each=units)
    _line(f"plain pandas and openpyxl, {units} returns", theirs, each=units)
    wall, processor = (
        statistics.median(getattr(one, part) for one in theirs)
        / statistics.median(getattr(one, part) for one in ours)
        for part in ("wall", "processor")
    )
    print(f"{'consolidate is faster by':<42}{wall:8.2f} x {processor:8.2f} x")
    if profiled:
        _profile(place, plan)


def _read(name: str, plan: Path, returns: Path) -> None:
    """Measure how long one of many returns takes to be read.

    What a processor shares with others makes whole passes slow: so the shortest time of each
    return is told, too.
    """
    passes = [
        json.loads(measure(_PYTHON, "-c", _READ_RETURNS, plan, returns).output)
        for _ in range(_PASSES)
    ]
    medians = sorted(map(statistics.median, passes))
    shortest = statistics.median(map(min, zip(*passes, strict=True)))
    for what, seconds in (
        (name, statistics.median(medians)),
        (f"  in the quickest of {_PASSES} passes over all", medians[0]),
        (f"  each in the quickest of its {_PASSES}", shortest),
    ):
        print(f"{what:<74}{seconds * 1000:8.2f} ms each", flush=True)


def _saved_again(returns: Path, target: Path) -> Path | None:
    """Have LibreOffice save some returns again, where it is at hand."""
    office = shutil.which("soffice")
    if office is None:
        return None
    profile = f"-env:UserInstallation={(target / 'profile').as_uri()}"
    files = sorted(returns.iterdir())[:_SAVED]
    measure(
        office, profile, "--headless", "--convert-to", "xlsx", "--outdir", target / "xlsx", *files
    )
    return target / "xlsx"


def _under_fire(folder: Path, repeats: int) -> None:
    """Measure a folder of 11 good returns and 500 hostile or foreign files."""
    place = folder / "fire"
    measure(_PYTHON, _HERE / "hostile.py", place, "500")
    runs = [consolidate(place, plan="2017") for _ in range(repeats)]
    _line("consolidate, 11 returns and 500 hostile files", runs)
    told = json.loads(runs[-1].output)
    counted = sum(one["status"] == "counted" for one in told["files"])
    print(f"{'  of which counted':<42}{counted:>8} of {len(told['units'])} units")


def _growth(folder: Path, sizes: list[int]) -> None:
    """Measure how the district workbook grows with its units: size, and recalculation.

    What is recalculated is saved as .ods, which writes every value: LibreOffice's writer of .xlsx
    looks each link up among all links before it, so with a link a figure its saving takes time
    with the square of the units (3,000 units: 143 s, of which 120 in that look-up).
    """
    office = shutil.which("soffice")
    if office is None:
        print("(no soffice on the path: recalculation is not measured)")
        return
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_ALWAYS, "utf-8")
    start = None
    for units in sizes:
        place = folder / f"growth{units}"
        measure(_PYTHON, _HERE / "synthetic.py", place, str(units))
        run = consolidate(place, plan=place / "plan")
        (workbook,) = place.glob("output/*/*汇总表*.xlsx")
        command = [office, f"-env:UserInstallation={profile.as_uri()}", "--headless"]
        command += ["--convert-to", "ods", "--outdir", str(place / "again")]
        if start is None:
            small = place / "small.csv"
            small.write_text("1,2\n", "utf-8")
            measure(*command, small)
            start = measure(*command, small).wall
        again = measure(*command, workbook)
        size, seconds = workbook.stat().st_size, again.wall - start
        print(
            f"{f'district workbook of {units} units':<42}{run.wall:8.2f} s to make, "
            f"{size / 1024 / units:6.1f} KiB a unit; opened, computed and saved by LibreOffice in "
            f"{seconds:6.1f} s, {seconds / units * 1000:6.1f} ms a unit, {again.peak:.0f} MiB",
            flush=True,
        )


def _profile(place: Path, plan: Path) -> None:
    """Show where the time of ``consolidate`` goes."""
    record = place / "profile"
    measure(
        _PYTHON, "-m", "cProfile", "-o", record, "-m", "consolidator", "consolidate", "--json",
        "--period", _PERIOD, "--plan", plan, "--workspace", place,
    )  # fmt: skip
    show = "import pstats,sys; pstats.Stats(sys.argv[1]).sort_stats(sys.argv[2]).print_stats(40)"
    for order in ("cumulative", "tottime"):
        print(measure(_PYTHON, "-c", show, record, order).output)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1000, help="units of the large plan")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each measurement")
    parser.add_argument("--profile", action="store_true", help="show where the time goes")
    parser.add_argument(
        "--growth", type=int, nargs="*", default=[11, 100, 1000], metavar="UNITS",
        help="sizes of district workbooks to have recalculated; none to skip",
    )  # fmt: skip
    options = parser.parse_args()
    if not hasattr(os, "wait4"):
        sys.exit("Peak memory of a child is told by wait4, which this system does not have.")
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, medians of several runs")
    print(f"{'':<42}{'wall':>10}{'processor':>11}{'peak':>11}")
    with tempfile.TemporaryDirectory(prefix="consolidator-bench-") as temporary:
        _small(Path(temporary), options.repeats)
        _under_fire(Path(temporary), options.repeats)
        _growth(Path(temporary), options.growth)
        _large(Path(temporary), options.units, options.repeats, profiled=options.profile)


if __name__ == "__main__":
    main()
