"""Consolidate a period: read what came back, settle it, write the district workbook."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from consolidator import __version__
from consolidator.checks.register_matching import Held
from consolidator.checks.selection import Settled
from consolidator.excel.writer import to_bytes, to_file
from consolidator.figures.filed import filed_figures
from consolidator.figures.history import History
from consolidator.figures.parameters import TIME_PROGRESS
from consolidator.figures.review_results import ReviewResults
from consolidator.figures.scores import Scores
from consolidator.figures.table import build
from consolidator.figures.values import Figures
from consolidator.files import aside_of, cannot_write, discard, keep, write_all
from consolidator.forms.quarterly.assignment import Previous
from consolidator.forms.quarterly.correction import SUFFIX
from consolidator.intake.brief import Brief
from consolidator.report.book import district_book, file_name
from consolidator.report.context import District
from consolidator.report.corrections import FOLDER as CORRECTIONS
from consolidator.report.corrections import Sealing, correction_files
from consolidator.report.decisions_book import decisions_book
from consolidator.report.decisions_book import file_name as decisions_name
from consolidator.report.round import take_round


@dataclass(frozen=True, slots=True)
class Consolidated:
    """What a run found and wrote."""

    settled: Settled
    figures: Figures
    scores: Scores
    district: District
    """All that the district workbook was made from."""
    workbook: Path
    kept: Path | None
    """Where the district workbook that stood there before was kept."""
    decisions: Path
    """The workbook in which staff set files and findings aside."""
    corrections: tuple[Path, ...]
    """One workbook for each unit that has something to correct."""
    register: Held | None = None
    """None where no register was given."""
    register_path: Path | None = None
    register_dropped: bool = False
    """Whether the district workbook that stood there before was made with a register."""


def consolidate(
    brief: Brief,
    paths: Sequence[Path],
    folder: Path,
    *,
    now: datetime,
    notice: str = "",
    previous: Previous | None = None,
    history: History | None = None,
    reviews: ReviewResults | None = None,
    sealing: Sealing | None = None,
    register: Path | None = None,
    begin: Callable[[int], Callable[[], object]] = lambda total: lambda: None,
) -> Consolidated:
    """Read every file below ``paths`` and write the district workbook to ``folder``.

    Adjustments in a district workbook that stands there are carried over, and so are the
    decisions in the workbook beside it; what stands is kept in the folder's history before it
    is replaced.

    Args:
        brief: what is asked for; its period is the one consolidated.
        paths: files and folders that came back.
        folder: where the results go.
        now: the time the results are marked with.
        notice: what every sheet must say, for made-up figures.
        previous: the period before's figures, by unit code and line key.
        history: the year's earlier periods.
        reviews: the merged marks of the review, where the period has one.
        sealing: what correction workbooks are locked and signed with.
        register: the register of filings, where its counts go before what is reported; it is
            no return, even where it lies among them.
        begin: gets the number of files and returns what is called after each.

    Raises:
        OperatorError: another year's period, a path that is not there, a register, an earlier
            district or decisions workbook that cannot be read, or a folder that cannot be
            written.
    """
    taken = take_round(
        brief, paths, folder, previous=previous, history=history, register=register, begin=begin
    )
    settled, held, typed = taken.settled, taken.held, taken.typed
    period = settled.period
    target, deciding = folder / file_name(period), folder / decisions_name(period)
    counts = filed_figures(held.counted, held.file) if held else {}
    figures = build(settled, taken.adjustments, counts, time_progress=typed.used(TIME_PROGRESS))
    own = settled.of_district
    annex1 = {one.indicator: one for one in build(own, {}).rows} if own else {}
    sources = {name: seen for path, name in taken.files if (seen := seen_from(folder, path))}
    if reviews:
        # It lies beside the district workbook.
        sources[reviews.file] = reviews.file
    if held and register and (seen := seen_from(folder, register)):
        sources[held.file] = seen
    district = District(
        settled, figures, now, __version__, typed, notice, taken.decisions, sources,
        annex1, taken.history, reviews, held, taken.letters,
    )  # fmt: skip
    corrections = dict(
        correction_files(
            settled, folder, previous=previous, sealing=sealing or Sealing(), notice=notice
        ).values()
    )
    kept = _write(district, target, {deciding: to_bytes(decisions_book(district)), **corrections})
    dropped = bool(taken.earlier and taken.earlier.registered and held is None)
    return Consolidated(
        settled, figures, district.scores, district, target, kept, deciding, tuple(corrections),
        held, register, dropped,
    )  # fmt: skip


def seen_from(folder: Path, path: Path) -> str:
    """Return a file's path relative to a folder; empty where none leads there (another drive)."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:
        return ""


def _write(district: District, target: Path, others: Mapping[Path, bytes]) -> Path | None:
    """Put everything in place; the district workbook last, and what stood there kept first."""
    aside, now = aside_of(target), district.made
    new = {path: content for path, content in others.items() if not _stands(path, content)}
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        to_file(district_book(district), aside)
        kept = keep(target, stamp=now) if target.exists() else None
        for path in new:
            if path.exists():
                keep(path, stamp=now)
        write_all({**new, target: aside})
        _put_away(target.parent / CORRECTIONS, set(others), now)
    except OSError as error:
        raise cannot_write(target, error) from error
    finally:
        discard([aside])
    return kept


def _stands(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _put_away(folder: Path, wanted: set[Path], now: datetime) -> None:
    """Move corrections that are no longer asked for to the history: nobody should mail them."""
    for path in sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else ():
        if path not in wanted and not path.name.startswith(("~$", ".")):
            keep(path, stamp=now)
            path.unlink()
