"""What reading a file comes to, whatever its form: refusals, remarks, when it was saved."""

from datetime import datetime, timedelta

from consolidator.intake.formats.marks import Remark
from consolidator.intake.values import Observed, Refusal, Returned, Source

_SET_ASIDE = {"file_leftover", "archive_opened", "form_of_review", "form_of_unit"}
"""Codes of what is no return of this round at all: set aside, still listed."""
_NO_WORKBOOK = {"file_foreign", "file_shortcut", "file_empty"}
"""Set aside too, unless the sender took it for a workbook: its name says so."""
_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods")


def saved_at(told: datetime | None, modified: datetime) -> datetime:
    """Return the last-saved time a file tells, unless it lies behind the file's own by a day.

    A computer whose clock runs ahead would else win over every later correction.
    """
    if told is None or told > modified + timedelta(days=1):
        return modified
    return told


def refused(name: str, digest: str, refusal: Refusal, size: int = 0) -> Returned:
    """Return what a file is that is no submission: refused, or set aside."""
    taken_for_one = name.lower().endswith(_WORKBOOKS)
    ignored = refusal.code in _SET_ASIDE or (refusal.code in _NO_WORKBOOK and not taken_for_one)
    return Returned(name, digest, refusal=refusal, ignored=ignored, size=size)


def observed_in(remark: Remark, file: str) -> Observed:
    """Return what was noticed about a file as something noticed in it."""
    source = Source(file, remark.sheet, remark.cell)
    return Observed(remark.code, source, found=remark.found, expected=remark.expected)
