"""Make what the review's tests need: a plan of two items, reviewers, and forms they filled.

Marks are written as a table: a line a reviewer, in it a word a unit and item, units first. ``-``
is a blank with a reason, ``?`` a blank without, and a reviewer without a line sent nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from consolidator.checks.findings import Finding
from consolidator.checks.review_selection import SettledReview, settle_review
from consolidator.excel.writer import to_bytes
from consolidator.figures.review import ReviewFigures, merge, with_outliers
from consolidator.forms.layout import Value
from consolidator.forms.quarterly.assignment import Key
from consolidator.forms.review.assignment import (
    ReviewAssignment,
    Reviewer,
    mark_key,
    reason_key,
)
from consolidator.forms.review.book import review_book
from consolidator.forms.stamp import Stamp
from consolidator.intake.brief import Brief
from consolidator.intake.folder import find_files
from consolidator.plan.model import MeanKind, Plan, Reviewing, ReviewItem
from consolidator.plan.period import Period
from returns import NOON, put, read_here, small_plan, with_cells

YEAR = Period(2017)
ITEMS = (ReviewItem(1, "重视程度", 10), ReviewItem(2, "特色工作", 5))
REVIEWERS = tuple(Reviewer(f"reviewer{n:02d}", f"评委{n:02d}") for n in range(1, 7))
FIRST = REVIEWERS[0]
REASON = "没有到场"
WITHOUT_PLACE = [("", "missing_reviewer")] * 5
"""What is found of the other reviewers where only the first one sent a form."""


def review_plan(mean: MeanKind = MeanKind.PLAIN) -> Plan:
    """Return a plan of three units (alpha, beta, gamma) and two items of 10 and 5 marks."""
    return replace(small_plan(), review_items=ITEMS, reviewing=Reviewing(mean))


PLAN = review_plan()


def marked(
    reviewer: Reviewer, line: str, plan: Plan = PLAN, *, signing_key: bytes = b""
) -> ReviewAssignment:
    """Return a form filled with the marks of a line."""
    form = ReviewAssignment(plan, YEAR, reviewer, signing_key=signing_key)
    cells = [(unit, item) for unit in plan.units for item in plan.review_items]
    answers: dict[Key, Value] = {}
    for (unit, item), word in zip(cells, line.split(), strict=True):
        if form.avoids(unit):
            continue
        if word == "-":
            answers[reason_key(unit)] = REASON
        elif word != "?":
            answers[mark_key(unit, item)] = _value(word)
    return replace(form, answers=answers)


def _value(word: str) -> Value:
    # Python takes full-width digits for a number; a cell holds them as text.
    try:
        return float(word) if word.isascii() else word
    except ValueError:
        return word


GOOD = "8 4 9 4.5 7.5 3"


def sent(
    line: str = GOOD,
    reviewer: Reviewer = FIRST,
    *,
    plan: Plan = PLAN,
    signing_key: bytes = b"",
    cells: Mapping[str, Value] | None = None,
) -> bytes:
    """Return a filled form as a file, with cells of any kind changed by their addresses."""
    book = review_book(marked(reviewer, line, plan, signing_key=signing_key))
    if not cells:
        return to_bytes(book)
    return with_cells(book, {("评议表", where): value for where, value in cells.items()})


def restamped(stamp: Stamp) -> bytes:
    """Return a filled form in which every copy of the stamp is another one."""
    book = review_book(marked(FIRST, GOOD))
    text = stamp.encode()
    places = {("评议表", "A1"): text, ("标识", "A1"): text}
    return with_cells(replace(book, custom={}), places)


def settled(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    plan: Plan = PLAN,
    reviewers: Sequence[Reviewer] = REVIEWERS,
    signing_key: bytes = b"",
    saved: datetime = NOON,
) -> SettledReview:
    """Put files in a folder, each saved an hour after the one before, read and settle them."""
    folder.mkdir(parents=True, exist_ok=True)
    for hour, (name, content) in enumerate(files.items()):
        put(folder / name, content, saved=saved + timedelta(hours=hour))
    brief = Brief(plan, YEAR, signing_key=signing_key, reviewers=tuple(reviewers))
    return settle_review(read_here(find_files([folder]), brief), plan, YEAR, reviewers)


def found(folder: Path, files: Mapping[str, bytes], **told: object) -> list[Finding]:
    """Return the findings about files of a review."""
    return list(settled(folder, files, **told).findings)  # type: ignore[arg-type]


def merged(
    folder: Path,
    table: str,
    *,
    mean: MeanKind = MeanKind.PLAIN,
    reviewers: Sequence[Reviewer] = REVIEWERS,
) -> ReviewFigures:
    """Send the forms of a table through files, and merge what comes back.

    A line begins with the number of its reviewer, from 1 on.
    """
    plan = review_plan(mean)
    files = {}
    for line in table.strip().splitlines():
        number, _, words = line.strip().partition(" ")
        reviewer = reviewers[int(number) - 1]
        files[f"{reviewer.name}.xlsx"] = sent(words, reviewer, plan=plan)
    return with_outliers(merge(settled(folder, files, plan=plan, reviewers=reviewers)))
