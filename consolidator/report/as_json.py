"""A consolidation as one JSON object, as the contract has it (DESIGN.md, command line)."""

from collections.abc import Mapping
from typing import Any

from consolidator.checks.register import Outcome
from consolidator.figures.values import Figures
from consolidator.intake.letters import Letter, letter_for
from consolidator.plan.model import DISTRICT
from consolidator.report.annex1_sheet import achievement, actual_of
from consolidator.report.consolidate import Consolidated
from consolidator.report.context import District
from consolidator.severity import Severity


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
                **_came(letter_for(one.file, result.district.letters)),
            }
            for one in settled.files
        ],
        "findings": [one.to_json() for one in settled.findings],
        "figures": _figures(result.figures),
        "register": _register(result),
        "scores": _scores(result),
        "district_targets": _district_targets(result.district),
        "outputs": {
            "workbook": str(result.workbook),
            "decisions": str(result.decisions),
            "corrections": [str(path) for path in result.corrections],
        },
    }


def _came(letter: Letter | None) -> Mapping[str, Any]:
    """Return who sent a file and when it reached the mailbox; null where it did not come so."""
    return {
        "sender": letter.sender if letter else None,
        "received": letter.received if letter else None,
    }


def _register(result: Consolidated) -> Mapping[str, Any] | None:
    """Return which register was used, and how its rows ended; the numbers add up to all rows."""
    if result.register is None:
        return None
    totals = result.register.totals
    return {
        "file": result.register.file,
        "path": str(result.register_path),
        "rows": len(result.register.filings),
        **{outcome.name.lower(): totals[outcome] for outcome in Outcome},
    }


def _district_targets(district: District) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for one in district.settled.plan.district_targets:
        figure = district.annex1.get(one.code)
        found.append(
            {
                "code": one.code,
                "name": one.name,
                "target": one.target,
                "actual": actual_of(district, one),
                "achievement": achievement(district, one),
                "file": (figure.file if figure else "") or None,
                "sheet": (figure.sheet if figure else "") or None,
                "cell": (figure.cell if figure else "") or None,
            }
        )
    return found


def _scores(result: Consolidated) -> list[Mapping[str, Any]]:
    return [
        {
            "unit": unit.code,
            "score": one.total,
            "rank": one.rank,
            "quantity": one.quantity,
            "review": one.review,
            "lowest": one.low,
            "highest": one.high,
            "best_rank": one.best,
            "worst_rank": one.worst,
            "owed": one.owed,
        }
        for unit, one in zip(result.figures.plan.units, result.scores.units, strict=True)
    ]


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
            "reported": one.reported,
            "filed": one.filed.number if one.filed else None,
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
