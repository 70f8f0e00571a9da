"""Make a made-up plan of many units, and what its units would send back.

    python benchmarks/synthetic.py FOLDER UNITS

writes ``FOLDER/plan`` (text files like the shipped plan's, whose targets go round among the
units) and ``FOLDER/returns/2017-Q4`` (one filled form a unit, without slips).
"""

import csv
import io
import math
import os
import random
import sys
import tomllib
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from importlib.resources import files
from pathlib import Path

from consolidator.excel.writer import to_bytes
from consolidator.forms.layout import Value
from consolidator.forms.quarterly.assignment import (
    APPROVED_BY,
    FILLED_BY,
    FILLED_ON,
    LIST_KEYS,
    PHONE,
    Assignment,
    Key,
)
from consolidator.forms.quarterly.book import file_name, quarterly_book
from consolidator.plan.check import load_plan
from consolidator.plan.model import Plan, Unit
from consolidator.plan.period import Period

PERIOD = "2017-Q4"
_SHIPPED = files("consolidator.plan") / "data" / "2017"
_AS_SHIPPED = ("indicators.csv", "district_targets.csv", "review_items.csv")
_MADE_UP = "测试（虚构）"
_REMARKS = 0.2
"""The share of lines with a remark."""


def write_plan(folder: Path, units: int) -> None:
    """Write a plan of ``units`` units; each has the targets of one of the shipped plan's."""
    folder.mkdir(parents=True)
    settings = (_SHIPPED / "plan.toml").read_text("utf-8")
    name = tomllib.loads(settings)["name"]
    settings = settings.replace(f'name = "{name}"', 'name = "benchmark"')
    (folder / "plan.toml").write_text(settings, "utf-8")
    for table in _AS_SHIPPED:
        (folder / table).write_bytes((_SHIPPED / table).read_bytes())
    codes = [f"unit{number:05d}" for number in range(1, units + 1)]
    rows = [(code, f"第{n}测试单位", f"单位{n}") for n, code in enumerate(codes, start=1)]
    _write_table(folder / "units.csv", ["code", "name", "short"], rows)
    _write_table(folder / "contacts.csv", ["unit", "name", "mail", "copy"], [])
    shipped = list(csv.reader(io.StringIO((_SHIPPED / "targets.csv").read_text("utf-8"))))
    targets = [
        [*row[:2], *(row[2 + place % (len(row) - 2)] for place in range(units))]
        for row in shipped[1:]
    ]
    _write_table(folder / "targets.csv", ["indicator", "name", *codes], targets)


def write_returns(plan: Plan, period: Period, folder: Path) -> None:
    """Write every unit's form, filled without slips, as the unit would send it."""
    folder.mkdir(parents=True)
    shares = os.cpu_count() or 1
    with ProcessPoolExecutor(shares) as pool:
        for done in [
            pool.submit(_write_share, plan, period, folder, plan.units[share::shares])
            for share in range(shares)
        ]:
            done.result()


def _write_share(plan: Plan, period: Period, folder: Path, units: Sequence[Unit]) -> None:
    for unit in units:
        blank = Assignment(plan, unit, period)
        filled = Assignment(plan, unit, period, answers=answers(blank))
        (folder / file_name(filled)).write_bytes(to_bytes(quarterly_book(filled)))


def answers(assignment: Assignment) -> dict[Key, Value]:
    """Fill a form as a unit does that reaches every target and lists every event.

    No two units have the same figures, names, remarks and list, or a reader that remembers what
    it read would be measured at its best; and none copies its targets, which would be warned of.
    """
    serial = assignment.plan.units.index(assignment.unit)
    filled: dict[Key, Value] = {
        FILLED_BY: f"填报人{serial}{_MADE_UP}",
        APPROVED_BY: f"审核人{serial}{_MADE_UP}",
        PHONE: f"0519-{serial:08}",
        FILLED_ON: date(assignment.period.year + 1, 1, 1 + serial % 15),
    }
    counts: dict[str, int] = {}
    for place, line in enumerate(assignment.headline):
        target = assignment.plan.target(assignment.unit.code, line.indicator.code) or 0
        if line.indicator.amounts:
            over, under = line.indicator.amounts
            filled[Key(under.code, "actual")] = 1_000_000.0 + serial
            filled[Key(over.code, "actual")] = float(math.ceil((1_000_000 + serial) * target))
        else:
            counts[line.indicator.code] = round(target)
            above = 0 if line.indicator.filed_kinds else _above(serial, place, target)
            filled[line.value_key] = target + float(above)
        if random.Random(f"{serial} {place}").random() < _REMARKS:
            filled[line.remark_key] = f"单位{serial}的说明（虚构）"
    return filled | _filed(assignment, counts)


def _above(serial: int, place: int, target: float) -> int:
    """Return by how much a unit does more than asked: up to as much again, and 1 to 20 at least."""
    return 1 + serial * (2 * place + 3) % max(20, round(target))


def _filed(assignment: Assignment, counts: dict[str, int]) -> dict[Key, Value]:
    """List as many events and agreements as the figures say."""
    filled: dict[Key, Value] = {}
    serial = assignment.plan.units.index(assignment.unit)
    rows = iter(enumerate(LIST_KEYS, start=1))
    listed: dict[str, int] = {}
    counted = [line.indicator for line in assignment.headline if line.indicator.filed_kinds]
    # What counts fewer kinds comes first: its rows count for the wider indicator too.
    for one in sorted(counted, key=lambda indicator: len(indicator.filed_kinds)):
        kind = one.filed_kinds[0]
        for _ in range(counts[one.code] - sum(listed.get(kind, 0) for kind in one.filed_kinds)):
            number, row = next(rows)
            listed[kind] = listed.get(kind, 0) + 1
            filled |= {
                Key(row, "kind"): kind,
                Key(row, "date"): date(assignment.period.year, 5, 1 + (serial + number) % 28),
                Key(row, "partner"): f"测试大学{(serial + number) % 40}（虚构）",
                Key(row, "subject"): f"{kind}第{serial}-{number}号（测试）",
                Key(row, "filing"): f"测试{assignment.unit.code}{row[-3:]}",
            }
    return filled


def _write_table(path: Path, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(head)
        writer.writerows(rows)


def main() -> None:
    """Make plan and returns in a folder that does not hold any yet."""
    folder, units = Path(sys.argv[1]), int(sys.argv[2])
    write_plan(folder / "plan", units)
    plan = load_plan(str(folder / "plan"))
    period = Period.parse(PERIOD)
    write_returns(plan, period, folder / "returns" / period.code)


if __name__ == "__main__":
    main()
