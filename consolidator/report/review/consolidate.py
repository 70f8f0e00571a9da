"""Consolidate a review: read what reviewers returned, settle it, write 评议汇总."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from consolidator import __version__
from consolidator.checks.findings import Finding
from consolidator.checks.review_selection import SettledReview, settle_review
from consolidator.errors import OperatorError
from consolidator.excel.writer import to_file
from consolidator.figures.review import ReviewFigures, merge, with_outliers
from consolidator.files import aside_of, cannot_write, discard, keep, write_all
from consolidator.forms.review.assignment import item_key
from consolidator.intake.brief import Brief
from consolidator.intake.folder import find_files
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.workers import read_all
from consolidator.plan.model import Plan
from consolidator.report.consolidate import seen_from
from consolidator.report.review.book import file_name, review_results_book
from consolidator.report.review.context import ReviewDistrict
from consolidator.report.review_results import open_reviews


@dataclass(frozen=True, slots=True)
class ConsolidatedReview:
    """What a run found and wrote."""

    figures: ReviewFigures
    workbook: Path
    kept: Path | None
    """Where the workbook that stood there before was kept."""

    @property
    def settled(self) -> SettledReview:
        """Files, reviewers and findings."""
        return self.figures.settled


def consolidate_reviews(
    brief: Brief,
    paths: Sequence[Path],
    folder: Path,
    *,
    now: datetime,
    notice: str = "",
    begin: Callable[[int], Callable[[], object]] = lambda total: lambda: None,
) -> ConsolidatedReview:
    """Read every file below ``paths`` and write the merged reviews to ``folder``.

    Args:
        brief: what is asked for; its reviewers are those whose marks are merged.
        paths: files and folders that came back.
        folder: where the workbook goes; what stands there is kept in its history first.
        now: the time the results are marked with.
        notice: what every sheet must say, for made-up figures.
        begin: gets the number of files and returns what is called after each.

    Raises:
        OperatorError: a path that is not there, another workbook under the result's name, or a
            folder that cannot be written.
    """
    plan, period, reviewers = brief.plan, brief.period, brief.reviewers
    assert period is not None
    assert reviewers
    target = folder / file_name(period)
    _hold_own(target, brief)
    files = find_files(paths)
    read = read_all(files, brief, step=begin(len(files)))
    figures = with_outliers(merge(settle_review(read, plan, period, reviewers)))
    sources = {name: seen for path, name in files if (seen := seen_from(folder, path))}
    district = ReviewDistrict(figures, now, __version__, notice, sources)
    return ConsolidatedReview(figures, target, _write(district, target))


def _hold_own(target: Path, brief: Brief) -> None:
    """Hold that what stands under the result's name is an earlier result.

    Raises:
        OperatorError: it is something else, or cannot be read.
    """
    assert brief.period is not None
    if not target.exists():
        return
    try:
        open_reviews(target, brief.plan, brief.period)
    except (NotReadableError, OSError) as error:
        raise OperatorError(
            f"“{target}”读不出来：请关闭正在打开它的程序，或把它移到别的文件夹后重试。"
        ) from error


def _write(district: ReviewDistrict, target: Path) -> Path | None:
    aside = aside_of(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        to_file(review_results_book(district), aside)
        kept = keep(target, stamp=district.made) if target.exists() else None
        write_all({target: aside})
    except OSError as error:
        raise cannot_write(target, error) from error
    finally:
        discard([aside])
    return kept


def to_json(result: ConsolidatedReview) -> dict[str, Any]:
    """Return a run's result for programs; what is absent is null."""
    settled, merged = result.settled, result.figures.merged
    return {
        "period": settled.period.code,
        "plan": settled.plan.name,
        "mean": str(settled.plan.reviewing.mean),
        "reviewers": [
            {
                "code": one.reviewer.code,
                "name": one.reviewer.name,
                "unit": one.reviewer.unit or None,
                "status": str(one.status),
                "file": one.file or None,
                "marks": len(one.marks),
            }
            for one in settled.reviewers
        ],
        "files": [
            {
                "file": one.file,
                "status": str(one.status),
                "reviewer": one.unit or None,
                "code": one.code or None,
            }
            for one in settled.files
        ],
        "findings": [_finding(one, settled.plan) for one in settled.findings],
        "results": [
            {"unit": unit, "item": item, "mean": one.mean, "marks": one.count}
            for (unit, item), one in merged.items()
        ],
        "outputs": {"workbook": str(result.workbook)},
    }


def _finding(one: Finding, plan: Plan) -> dict[str, Any]:
    """Return a finding with whose it is and, of a mark, the unit and item it is about."""
    unit = one.field.row if one.field and one.field.row in plan.unit_by_code else None
    column = one.field.column if one.field else ""
    item = next((item.number for item in plan.review_items if item_key(item) == column), None)
    told = one.to_json()
    del told["indicator"]
    return {**told, "reviewer": one.unit or None, "unit": unit, "item": item}
