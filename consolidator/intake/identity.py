"""Find whose a workbook is: collect the copies of its stamp and hold them together."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from consolidator.errors import OperatorError
from consolidator.forms.quarterly.addresses import CHECK, GUIDE
from consolidator.forms.quarterly.assignment import BELOW, NAMED, Assignment
from consolidator.forms.review.assignment import FAMILY as REVIEWS
from consolidator.forms.review.assignment import FORM as REVIEW_FORM
from consolidator.forms.review.assignment import ReviewAssignment, Reviewer
from consolidator.forms.stamp import MARK, PROPERTY, Stamp, Verdict, decode, looks_like
from consolidator.intake.form_tables import plain
from consolidator.intake.formats.marks import Remark
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.opening import Opened
from consolidator.intake.remembering import LONG
from consolidator.plan.model import Plan
from consolidator.plan.period import Period

_SEARCHED_ROWS = 12
"""How far down stamps and names are looked for: rows may have been inserted above them."""
_SEARCHED_COLUMNS = 4
_IN_TITLE = re.compile(r"[（(]([^（()）]+(?:[（(][^）)]+[)）])?)[,，]")
"""The unit's name in a title: ``填报说明（奔牛镇，2017年第四季度）``."""
_TITLED = (GUIDE, CHECK)
_NAMED = plain(NAMED)
_TITLE = 200
"""Characters of a title that are looked at."""
_TEXTS_KEPT = 512
"""How many texts are remembered by the name they show."""


Top = Mapping[str, Sequence[str]]
"""The texts in the first cells of each sheet: stamps and names are looked for among them."""


def top_of(opened: Opened) -> Top:
    """Return the texts in the first cells of each sheet."""
    return {
        name: [
            cell
            for row in rows[:_SEARCHED_ROWS]
            for cell in row[:_SEARCHED_COLUMNS]
            if cell and isinstance(cell, str)
        ]
        for name, rows in opened.sheets.items()
    }


def find_stamp(opened: Opened, top: Top) -> Stamp:
    """Return the stamp on which all copies in the workbook agree.

    Raises:
        NotReadableError: there is none, a copy was garbled, or copies disagree.
    """
    copies = {text for texts in top.values() for text in texts if MARK in text and looks_like(text)}
    if PROPERTY in opened.properties:
        copies.add(opened.properties[PROPERTY])
    if not copies:
        raise NotReadableError("file_not_ours")
    stamps = {decode(text) for text in copies}
    if None in stamps:
        raise NotReadableError("stamp_garbled")
    different = {stamp for stamp in stamps if stamp}
    if len(different) > 1:
        units = sorted({f"{stamp.unit} {stamp.period}" for stamp in different})
        said = " 与 ".join(units) if len(units) > 1 else "多种标识"
        raise NotReadableError("stamp_conflict", said)
    return different.pop()


def stamped_period(stamp: Stamp, plan: Plan) -> Period:
    """Return the period a workbook was made for.

    Raises:
        NotReadableError: it lies in another year than the plan's.
    """
    try:
        period = Period.parse(stamp.period)
    except OperatorError as error:
        raise NotReadableError("stamp_garbled") from error
    if period.year != plan.year:
        raise NotReadableError("wrong_period", stamp.period, f"{plan.year} 年的报告期")
    return period


def hold_stamp(stamp: Stamp, plan: Plan, period: Period, key: bytes) -> Iterator[Remark]:
    """Hold that a workbook is what is asked for, and yield what is noteworthy about its stamp.

    Raises:
        NotReadableError: it is another unit's, period's, plan's or form's, or its stamp was
            not made by this workspace.
    """
    verdict = _verdict(stamp, key)
    if stamp.form.startswith(REVIEWS):
        raise NotReadableError("form_of_review")
    if stamp.unit not in plan.unit_by_code:
        raise NotReadableError("wrong_unit", stamp.unit)
    if stamp.period != period.code:
        raise NotReadableError("wrong_period", stamp.period, period.code)
    if stamp.form not in BELOW:
        raise NotReadableError("wrong_form", stamp.form, "、".join(BELOW))
    if stamp.fingerprint != plan.fingerprint(stamp.unit):
        raise NotReadableError("wrong_plan", stamp.fingerprint, plan.fingerprint(stamp.unit))
    yield from _about_signature(verdict, key)


def hold_review_stamp(
    stamp: Stamp, plan: Plan, period: Period, reviewers: Sequence[Reviewer], key: bytes
) -> Iterator[Remark]:
    """Hold that a workbook is a review that is asked for; yield what is noteworthy of its stamp.

    Raises:
        NotReadableError: it is no review, or that of another reviewer, period, plan or form, or
            its stamp was not made by this workspace.
    """
    verdict = _verdict(stamp, key)
    if not stamp.form.startswith(REVIEWS):
        raise NotReadableError("form_of_unit")
    if stamp.period != period.code:
        raise NotReadableError("wrong_period", stamp.period, period.code)
    reviewer = next((one for one in reviewers if one.code == stamp.unit), None)
    if reviewer is None:
        raise NotReadableError("unknown_reviewer", stamp.unit)
    if stamp.form != REVIEW_FORM:
        raise NotReadableError("wrong_form", stamp.form, REVIEW_FORM)
    if stamp.fingerprint != ReviewAssignment(plan, period, reviewer).fingerprint:
        raise NotReadableError("review_outdated")
    yield from _about_signature(verdict, key)


def _verdict(stamp: Stamp, key: bytes) -> Verdict:
    """Judge a stamp's signature.

    Raises:
        NotReadableError: it was signed with this workspace's name and not with its key.
    """
    verdict = stamp.verdict(key)
    if verdict is Verdict.FORGED:
        raise NotReadableError("stamp_forged")
    return verdict


def _about_signature(verdict: Verdict, key: bytes) -> Iterator[Remark]:
    """Yield what is noteworthy about a signature that is not forged."""
    if verdict is Verdict.UNSIGNED and key:
        yield Remark("stamp_unsigned")
    elif verdict is Verdict.OTHER_KEY:
        yield Remark("signature_unverified")


def hold_name(top: Top, assignment: Assignment) -> None:
    """Hold that the names people see in the workbook are not another unit's.

    Raises:
        NotReadableError: one is.
    """
    mine = {plain(assignment.unit.name), plain(assignment.unit.short)}
    shown = {
        (_known_name if len(text) <= LONG else _name_in)(text, sheet in _TITLED)
        for sheet, texts in top.items()
        for text in texts
    }
    others = shown - mine - {""}
    for unit in assignment.plan.units if others else ():
        if {plain(unit.name), plain(unit.short)} & others:
            raise NotReadableError("unit_name_differs", unit.name, assignment.unit.name)


def _name_in(text: str, titled: bool) -> str:
    """Return the unit's name that a text shows; empty where it shows none."""
    # No other character is read as the first of these words: most texts are passed by.
    if _NAMED[0] in text and plain(text).startswith(_NAMED):
        return plain(text).removeprefix(_NAMED)
    match = _IN_TITLE.search(text[:_TITLE]) if titled else None
    return plain(match[1]) if match else ""


_known_name = lru_cache(maxsize=_TEXTS_KEPT)(_name_in)
