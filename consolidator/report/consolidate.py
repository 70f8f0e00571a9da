"""Consolidate a period: read what came back, settle it, write the district workbook."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from consolidator import __version__
from consolidator.checks.findings import in_order
from consolidator.checks.selection import Settled, settle
from consolidator.excel.writer import to_file
from consolidator.figures.adjustments import adjustment_findings
from consolidator.figures.table import build, reported
from consolidator.figures.values import DISTRICT, Figures
from consolidator.files import aside_of, cannot_write, discard, keep, write_all
from consolidator.intake.brief import Brief
from consolidator.intake.folder import find_files, read_all
from consolidator.plan.check import hold_period
from consolidator.plan.model import Plan
from consolidator.plan.period import Period
from consolidator.report.book import district_book, file_name
from consolidator.report.context import District
from consolidator.report.previous import read_adjustments
from consolidator.severity import Severity


@dataclass(frozen=True, slots=True)
class Consolidated:
    """What a run found and wrote."""

    settled: Settled
    figures: Figures
    workbook: Path
    kept: Path | None
    """Where the district workbook that stood there before was kept."""


def consolidate(
    plan: Plan,
    period: Period,
    paths: Sequence[Path],
    folder: Path,
    *,
    now: datetime,
    notice: str = "",
    begin: Callable[[int], Callable[[], object]] = lambda total: lambda: None,
) -> Consolidated:
    """Read every file below ``paths`` and write the district workbook to ``folder``.

    Adjustments in a district workbook that stands there are carried over, and that workbook is
    kept in the folder's history before it is replaced. ``begin`` gets the number of files and
    returns what is called after each, for a progress bar.

    Raises:
        OperatorError: another year's period, a path that is not there, an earlier district
            workbook that cannot be read, or a folder that cannot be written.
    """
    hold_period(plan, period)
    target = folder / file_name(period)
    adjustments = read_adjustments(target, plan, period)
    files = find_files(paths)
    read = read_all(files, Brief(plan, period), step=begin(len(files)))
    settled = settle(read, plan, period)
    if adjustments:
        notes = list(adjustment_findings(adjustments, reported(settled), plan, period))
        settled = replace(settled, findings=tuple(in_order([*settled.findings, *notes])))
    figures = build(settled, adjustments)
    district = District(settled, figures, now, __version__, notice)
    return Consolidated(settled, figures, target, _write(district, target, now))


def _write(district: District, target: Path, now: datetime) -> Path | None:
    aside = aside_of(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        to_file(district_book(district), aside)
        kept = keep(target, stamp=now) if target.exists() else None
        write_all({target: aside})
    except OSError as error:
        raise cannot_write(target, error) from error
    finally:
        discard([aside])
    return kept


def to_json(result: Consolidated) -> dict[str, Any]:
    """Return a run's result as the JSON contract has it (DESIGN.md, command line)."""
    settled = result.settled
    return {
        "period": settled.period.code,
        "plan": settled.plan.name,
        "units": [
            {
                "code": one.unit.code,
                "name": one.unit.name,
                "status": str(one.status),
                "file": one.file or None,
                "findings": {str(s): settled.count(one.unit.code, s) for s in Severity},
            }
            for one in settled.units
        ],
        "files": [
            {
                "file": one.file,
                "status": str(one.status),
                "unit": one.unit or None,
                "code": one.code or None,
            }
            for one in settled.files
        ],
        "findings": [one.to_json() for one in settled.findings],
        "figures": _figures(result.figures),
        "scores": [],
        "outputs": {"workbook": str(result.workbook), "corrections": []},
    }


def _figures(figures: Figures) -> list[Mapping[str, Any]]:
    units = [
        {
            "indicator": one.indicator,
            "unit": one.unit,
            "target": one.target,
            "actual": one.actual,
            "achievement": one.achievement,
            "numerator": one.figure if one.denominator is not None else None,
            "denominator": one.denominator,
            "basis": one.basis,
            "file": one.file or None,
            "sheet": one.sheet or None,
            "cell": one.cell or None,
            "covered": None,
        }
        for one in figures.rows
    ]
    district = [
        {
            "indicator": one.indicator,
            "unit": DISTRICT,
            "target": one.target,
            "actual": one.actual,
            "achievement": one.achievement,
            "covered_target": one.covered_target,
            "file": None,
            "sheet": None,
            "cell": None,
            "covered": one.covered,
            "asked": one.asked,
        }
        for one in figures.district
    ]
    return [*units, *district]
