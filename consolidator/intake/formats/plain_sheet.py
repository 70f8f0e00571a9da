"""Search a worksheet of SpreadsheetML that is written in the usual plain manner.

That is several times faster than a parser. The sheet is cut at the ends of its rows, and each
piece must be rows and cells as a whole: then no reader can find anything else there. Most
pieces are alike in all files made from one form, and what they say is remembered.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, repeat

from consolidator.intake.formats.marks import Marks
from consolidator.intake.formats.number_formats import Misleading
from consolidator.intake.formats.plain_row import (
    ATTRIBUTES,
    LONG,
    Facts,
    Row,
    attributes,
    read_row,
    short_row,
)
from consolidator.intake.formats.refusing import hold_cell
from consolidator.intake.formats.sheet_marks import (
    MAIN,
    hide_columns,
    hold_length,
    hold_links,
    hold_text,
    is_tiny,
    merge,
)
from consolidator.intake.limits import Limits
from consolidator.intake.remembering import remembered

_DATA, _DATA_END = b"<sheetData>", b"</sheetData>"
_PLAIN_ROOT = re.compile(rb"<worksheet [^<>]*\bxmlns=\"" + re.escape(MAIN[0]) + rb"\"")
_TAGS = {
    b"mergeCell": re.compile(rb'<mergeCell ref="([A-Z0-9:$]+)" ?/>'),
    b"hyperlink": re.compile(rb'<hyperlink [^<>]*?\bref="([A-Z0-9:$]+)"'),
    b"col": re.compile(rb"<col" + ATTRIBUTES + rb"/>"),
    b"sheetFormatPr": re.compile(rb"<sheetFormatPr" + ATTRIBUTES + rb"(?:/>|></sheetFormatPr>)"),
}
"""What is asked of a sheet besides its cells; every such tag must be plainly written."""
_EVERY = {name: re.compile(rb"[<:]" + name + rb"(?![\w.-])[^/]") for name in _TAGS}
"""The same tags, however they are written; closing ones have a stroke."""
_NAMESPACE = re.compile(rb' xmlns(:[\w.-]+)?="([^"&]*)"')
_HIDING = (b"<!--", b"<![CDATA[")
"""What tags may hide in."""
_HEADINGS = re.compile(
    rb"<headerFooter[^<>]*>(?:<(?:odd|even|first)(?:Header|Footer)>[^<>]*</[A-Za-z]{9,11}>)*"
)
_KEPT, _LONG = 64, 65_536
"""How many sheets and surroundings are remembered, and the most bytes of one."""


@dataclass(frozen=True, slots=True, eq=False)
class _Surroundings:
    """What a sheet has besides its rows."""

    merges: tuple[str, ...]
    links: tuple[str, ...]
    columns: tuple[Mapping[str, str], ...]
    conditional: bool
    """Whether conditions give cells another look."""


def searched(
    xml: bytes, limits: Limits, texts: int, formats: Misleading
) -> tuple[Marks, Sequence[Row]] | None:
    """Return the marks and the rows of a plainly written sheet; None where it is not one.

    Args:
        xml: the part.
        limits: how far its cells may reach, and how many of anything it may hold.
        texts: the number of shared texts its cells may refer to.
        formats: the cell formats that show another number than is stored.

    Raises:
        NotReadableError: it is beyond the limits, or refers to what is not there.
    """
    # That there is one end only is held with the surroundings and the rows.
    start, end = xml.find(_DATA) + len(_DATA), xml.rfind(_DATA_END)
    if not len(_DATA) <= start <= end:
        return None
    around = _surroundings(xml[:start] + _without_headings(xml[end:]), start)
    if around is None or (formats.conditional and around.conditional):
        return None
    pieces = xml[start:end].split(b"</row>")
    long = max(map(len, pieces)) > LONG
    rows = [row for row in map(read_row if long else short_row, pieces, repeat(formats)) if row]
    if len(rows) < len(pieces):
        return None
    facts = tuple([row.facts for row in rows])
    marks = (_marks if len(xml) > _LONG else _known_marks)(facts, around, limits)
    if marks is None:
        return None
    hold_text(max([row.text for row in rows]), texts)
    return marks.copy(), rows


def _marks(rows: tuple[Facts, ...], around: _Surroundings, limits: Limits) -> Marks | None:
    """Put together what the rows of a sheet hold; None where they do not rise.

    Raises:
        NotReadableError: it is beyond the limits.
    """
    # What stands behind the last row has none of its own, or is nothing.
    if rows[-1].opened or not all(row.opened for row in rows[:-1]):
        return None
    if any(after.first <= before.last for before, after in pairwise(rows) if after.last >= 0):
        return None
    marks = Marks()
    _reach(marks, rows, limits)
    hold_length(max(row.longest for row in rows), limits)
    for row in rows:
        marks.formulas.update(row.formulas)
        marks.uncomputed.update(row.uncomputed)
        marks.percents.update(row.percents)
        marks.disguised.update(row.disguised)
        marks.hidden_rows.update(row.hidden)
    merge(marks, around.merges, limits)
    hold_links(around.links, limits)
    hide_columns(marks, around.columns, limits)
    return marks


_known_marks = lru_cache(maxsize=_KEPT)(_marks)


def _reach(marks: Marks, rows: Sequence[Facts], limits: Limits) -> None:
    """Hold that what holds anything lies within the limits.

    People format cells down to the last one of a sheet; a reader passes over those.
    """
    ends = [(row.last, row.end) for row in rows if row.end >= 0]
    if any(row >= limits.rows or column >= limits.columns for row, column in ends):
        ends = [(row.last, row.held) for row in rows if row.held >= 0]
    if ends:
        marks.last_row = ends[-1][0]
        marks.last_column = max(column for _, column in ends)
        hold_cell(marks.last_row, marks.last_column, limits)


def _without_headings(tail: bytes) -> bytes:
    """Take out what is printed above and below pages: it names the unit, and nothing else does."""
    start, end = tail.rfind(b"<headerFooter"), tail.rfind(b"</headerFooter>")
    return tail[:start] + tail[end:] if _HEADINGS.fullmatch(tail[start:end]) else tail


@remembered(_KEPT, _LONG)
def _surroundings(rest: bytes, start: int) -> _Surroundings | None:
    """Read a sheet without its rows, whose place is ``start``; None if not plainly written."""
    head = rest[:start]
    if (
        rest.count(b"sheetData") != 2
        or rest.count(MAIN[0]) != 1
        or not _PLAIN_ROOT.search(head)
        or _open_tags(head) != 2
        or any(sign in rest for sign in _HIDING)
    ):
        return None
    if not _plainly_named(rest):
        return None
    found = [pattern.findall(rest) for pattern in _TAGS.values()]
    every = (len(pattern.findall(rest)) for pattern in _EVERY.values())
    if any(len(one) != count for one, count in zip(found, every, strict=True)):
        return None
    merges, links, *sized = found
    columns, defaults = (list(map(attributes, tags)) for tags in sized)
    if not all(columns) or not all(defaults):
        return None
    if any(one is not None and is_tiny(one, "defaultRowHeight") for one in defaults):
        return None
    return _Surroundings(
        tuple(one.decode() for one in merges),
        tuple(one.decode() for one in links),
        tuple(one for one in columns if one is not None),
        b"dxfId" in rest or b"numFmt" in rest,
    )


def _plainly_named(rest: bytes) -> bool:
    """Tell whether no prefix stands for the namespace of sheets: its tags need none here."""
    found = _NAMESPACE.findall(rest)
    return len(found) == rest.count(b"xmlns") and not any(
        prefix and name in MAIN for prefix, name in found
    )


def _open_tags(head: bytes) -> int:
    """Count the elements that are still open: with more than two the table lies in another one."""
    return head.count(b"<") - 2 * head.count(b"</") - head.count(b"/>") - head.count(b"<?")
