"""Find whose a workbook is: collect the copies of its stamp and hold them together."""

import re

from consolidator.errors import OperatorError
from consolidator.forms.stamp import MARK, PROPERTY, Stamp, decode, looks_like
from consolidator.intake.opening import Opened, Rows
from consolidator.intake.refusing import NotReadableError
from consolidator.plan.model import Plan
from consolidator.plan.period import Period

_STAMP_TEXT = re.compile(rb"<t[^>]*>(" + MARK.encode() + rb"[^<]*)</t>")
_SEARCHED_ROWS = 12
"""How far down a stamp is looked for: rows may have been inserted above it."""


def find_stamp(opened: Opened) -> Stamp:
    """Return the stamp on which all copies in the workbook agree.

    Raises:
        NotReadableError: there is none, a copy was garbled, or copies disagree.
    """
    copies = [text for rows in opened.sheets.values() for text in _stamps(rows)]
    copies += [found.decode("utf-8", "replace") for found in _STAMP_TEXT.findall(opened.strings)]
    if PROPERTY in opened.properties:
        copies.append(opened.properties[PROPERTY])
    if not copies:
        raise NotReadableError("file_not_ours")
    stamps = {decode(text) for text in copies}
    if None in stamps:
        raise NotReadableError("stamp_garbled")
    if len(stamps) > 1:
        units = sorted({f"{stamp.unit} {stamp.period}" for stamp in stamps if stamp})
        raise NotReadableError("stamp_conflict", " 与 ".join(units) or "多种标识")
    (stamp,) = stamps
    assert stamp is not None
    return stamp


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


def hold_stamp(stamp: Stamp, plan: Plan, period: Period, form: str) -> None:
    """Hold that a workbook is what is asked for: this plan, period and form.

    Raises:
        NotReadableError: it is another unit's, period's, plan's or form's.
    """
    if stamp.unit not in plan.unit_by_code:
        raise NotReadableError("wrong_unit", stamp.unit)
    if stamp.period != period.code:
        raise NotReadableError("wrong_period", stamp.period, period.code)
    if stamp.form != form:
        raise NotReadableError("wrong_form", stamp.form, form)
    if stamp.fingerprint != plan.fingerprint(stamp.unit):
        raise NotReadableError("wrong_plan", stamp.fingerprint, plan.fingerprint(stamp.unit))


def _stamps(rows: Rows) -> list[str]:
    return [str(cell) for row in rows[:_SEARCHED_ROWS] for cell in row[:3] if looks_like(cell)]
