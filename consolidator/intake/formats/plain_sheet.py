"""Search a worksheet of SpreadsheetML that is written in the usual plain manner.

That is several times faster than a parser. The sheet is cut at the ends of its rows, and each
piece must be rows and cells as a whole: then no reader can find anything else there. Most
pieces are alike in all files made from one form, and what they say is remembered.
"""

import re
from contextlib import suppress
from functools import lru_cache
from itertools import pairwise

from consolidator.intake.formats.marks import Marks
from consolidator.intake.formats.number_formats import Misleading
from consolidator.intake.formats.plain_row import TEXT, Facts
from consolidator.intake.formats.plain_table import Taken, reader_of
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.formats.sheet_marks import MAIN, hold_length, hold_text
from consolidator.intake.formats.surroundings import (
    Surroundings,
    note_surroundings,
    parsed_sheet,
    rows_and_cells,
    surroundings_of,
)
from consolidator.intake.limits import Limits
from consolidator.intake.remembering import remembered

_NAME, _DATA, _DATA_END = b"sheetData", b"<sheetData>", b"</sheetData>"
_ROW_START, _ROW = b"<row ", re.compile(rb'<row r="([0-9]{1,9})"')
_TABLE = f"{{{MAIN[0].decode()}}}sheetData"
_HEADINGS, _HEADINGS_END = b"<headerFooter", b"</headerFooter>"
_NO_HEADINGS = b"<headerFooter/>"
_PLAIN_HEADINGS = re.compile(
    rb'<headerFooter(?: \w+="[^"<>&]*")*+>'
    rb"(?:<((?:odd|even|first)(?:Header|Footer))>" + TEXT + rb"</\1>)*+</headerFooter>"
)
_BY_CONDITION, _OWN_FORMAT = b"dxfId", b"numFmt"
_KEPT, _LONG = 32, 98_304
"""How many sheets and surroundings are remembered, and the most bytes of one."""


def searched(
    xml: bytes, limits: Limits, texts: int, formats: Misleading
) -> tuple[Marks, Taken] | None:
    """Return the marks and the values of a plainly written sheet; None where it is not one.

    Args:
        xml: the part.
        limits: how far its cells may reach, and how many of anything it may hold.
        texts: the number of shared texts its cells may refer to.
        formats: the cell formats that show another number than is stored.

    Raises:
        NotReadableError: it is beyond the limits, or refers to what is not there.
    """
    # That this is the table, and the one there is, is held with the surroundings and the rows.
    start = xml.find(_DATA) + len(_DATA)
    end = xml.find(_DATA_END, start)
    if not len(_DATA) <= start <= end:
        return None
    rest = xml[:start] + _without_headings(xml[end:])
    around = _surroundings(rest)
    if around is None or (formats.conditional and _BY_CONDITION in rest):
        return None
    # A table that goes on beyond the limits ends up with the parser: it is not read here first.
    last = _ROW.match(xml, xml.rfind(_ROW_START, start, end))
    if last and int(last[1]) > limits.rows:
        return None
    taken = reader_of(formats).take(xml[start:end])
    if taken is None:
        return None
    marks = (_marks if len(xml) > _LONG else _known_marks)(taken.table.facts, around, limits)
    if marks is None:
        return None
    hold_text(max(taken.texts, default=-1), texts)
    return marks.copy(), taken


def _marks(rows: tuple[Facts, ...], around: Surroundings, limits: Limits) -> Marks | None:
    """Put together what the rows of a sheet hold; None where they do not rise, or reach far.

    People format cells down to the last one of a sheet: the parser tells whether they hold
    anything.

    Raises:
        NotReadableError: it is beyond the limits.
    """
    # What stands behind the last row has none of its own, or is nothing.
    if rows[-1].opened or not all(row.opened for row in rows[:-1]):
        return None
    if any(after.first <= before.last for before, after in pairwise(rows) if after.last >= 0):
        return None
    ends = [(row.last, row.end) for row in rows if row.end >= 0]
    if any(row >= limits.rows or column >= limits.columns for row, column in ends):
        return None
    marks = Marks()
    if ends:
        marks.last_row = ends[-1][0]
        marks.last_column = max(column for _, column in ends)
    hold_length(max(row.longest for row in rows), limits)
    for row in rows:
        marks.formulas.update(row.formulas)
        marks.uncomputed.update(row.uncomputed)
        marks.percents.update(row.percents)
        marks.disguised.update(row.disguised)
        marks.hidden_rows.update(row.hidden)
    note_surroundings(marks, around, limits)
    return marks


_known_marks = lru_cache(maxsize=_KEPT)(_marks)


def _without_headings(tail: bytes) -> bytes:
    """Empty what is printed above and below pages: it names the unit, and nothing else does."""
    start, end = tail.rfind(_HEADINGS), tail.rfind(_HEADINGS_END) + len(_HEADINGS_END)
    plain = _are_plain(tail[start:end])
    return tail[:start] + _NO_HEADINGS + tail[end:] if plain else tail


@remembered(_KEPT)
def _are_plain(headings: bytes) -> bool:
    """Tell whether that is all that stands there, and can be read."""
    with suppress(UnicodeDecodeError):
        return bool(_PLAIN_HEADINGS.fullmatch(headings) and headings.decode())
    return False


@remembered(_KEPT, _LONG)
def _surroundings(rest: bytes) -> Surroundings | None:
    """Read a sheet without its rows; None where the place they were cut out of is in doubt.

    As a whole it must still be a sheet whose table is empty, and have no rows elsewhere. One whose
    conditions bring number formats of their own is left to the parser.
    """
    if _OWN_FORMAT in rest:
        return None
    try:
        root, data = parsed_sheet(rest)
    except NotReadableError:
        return None
    around = surroundings_of(root)
    elsewhere = next(rows_and_cells(root, data), None) is not None
    named = rest.count(_NAME) == 2 and data.tag == _TABLE and not data.text
    return around if named and not elsewhere and not around.squeezed else None
