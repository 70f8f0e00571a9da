"""Read the values of a plainly written workbook, asking a reader only what it has not said before.

What a cell says depends on its bytes and the cell formats alone, unless it is a shared text; what
a text says, on its bytes alone. So a small workbook is put together of the cells and texts that
are not known yet, and given to the reader.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

from consolidator.intake.formats.package import stored_zip
from consolidator.intake.formats.plain_table import Cell, CellAnswers, Taken
from consolidator.intake.formats.plain_texts import ANSWERS, Texts
from consolidator.intake.formats.reading import Rows, read_values
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.formats.relations import LONG_PART, OFFICE
from consolidator.intake.formats.sheet_marks import MAIN

_PACKAGE = b"http://schemas.openxmlformats.org/package/2006/relationships"
_SHEET = b'<worksheet xmlns="' + MAIN[0] + b'"><sheetData>%b</sheetData></worksheet>'
_CELLS, _TEXTS = "cells", "texts"
"""The sheets of the workbook put together."""
_FRAME = {
    "_rels/.rels": b'<Relationships xmlns="%b"><Relationship Id="w" Type="%b/officeDocument" '
    b'Target="xl/workbook.xml"/></Relationships>' % (_PACKAGE, OFFICE[0]),
    "xl/workbook.xml": b'<workbook xmlns="%b" xmlns:r="%b"><sheets>'
    b'<sheet name="cells" sheetId="1" r:id="cells"/><sheet name="texts" sheetId="2" r:id="texts"/>'
    b"</sheets></workbook>" % (MAIN[0], OFFICE[0]),
    "xl/_rels/workbook.xml.rels": b'<Relationships xmlns="%b">%b</Relationships>'
    % (
        _PACKAGE,
        b"".join(
            b'<Relationship Id="%b" Type="%b/%b" Target="%b.xml"/>' % (name, OFFICE[0], sort, place)
            for name, sort, place in (
                (b"cells", b"worksheet", b"worksheets/cells"),
                (b"texts", b"worksheet", b"worksheets/texts"),
                (b"styles", b"styles", b"styles"),
                (b"strings", b"sharedStrings", b"sharedStrings"),
            )
        ),
    ),
}
"""What else it has, in every case."""
_KEPT = 16
"""How many lists of sheets are remembered."""
_Asked = TypeVar("_Asked")


class PlainBook(NamedTuple):
    """The parts of a workbook that values come from, all plainly written."""

    sheets: Mapping[str, Taken]
    texts: Texts
    styles: bytes
    """The part with the cell formats; empty where there is none."""
    answers: CellAnswers
    """What a reader said of cells under these formats."""
    listing: tuple[tuple[str, bytes], ...]
    """The parts that tell which sheets there are, by name."""
    targets: tuple[tuple[str, str], ...]
    """Each sheet with its part, as they were understood."""


def recalled(book: PlainBook) -> dict[str, Rows]:
    """Return the values of each sheet.

    Raises:
        NotReadableError: the reader cannot read a cell or text.
    """
    long = sum(len(part) for _, part in book.listing) > LONG_PART
    (_hold_listed if long else _hold_listed_once)(book.listing, book.targets)
    cells = book.answers.to_ask(cell for one in book.sheets.values() for _, cell in one.unknown)
    texts = dict.fromkeys(piece for _, piece in book.texts.unknown)
    told_cells, told_texts = _ask(cells, list(texts), book.styles)
    book.answers.learn(told_cells)
    ANSWERS.learn(told_texts)
    said = list(book.texts.said)
    for place, piece in book.texts.unknown:
        said[place] = told_texts[piece]
    return {name: taken.laid_out(said, told_cells) for name, taken in book.sheets.items()}


def _hold_listed(
    listing: tuple[tuple[str, bytes], ...], targets: tuple[tuple[str, str], ...]
) -> None:
    """Hold that the reader finds the same sheets, each in the same part.

    Raises:
        NotReadableError: it finds others.
    """
    numbered = {
        target: _SHEET % (b'<row r="1"><c r="A1"><v>%d</v></c></row>' % number)
        for number, (_, target) in enumerate(targets)
    }
    found = read_values(stored_zip({**dict(listing), **numbered}), [name for name, _ in targets])
    if any(found[name] != [[number]] for number, (name, _) in enumerate(targets)):
        raise NotReadableError("file_damaged", "工作表的清单前后不一")


_hold_listed_once = lru_cache(maxsize=_KEPT)(_hold_listed)


def _ask(
    cells: Sequence[Cell], texts: Sequence[bytes], styles: bytes
) -> tuple[dict[Cell, object], dict[bytes, str]]:
    """Return what a reader says of each cell and each text.

    Raises:
        NotReadableError: it cannot read one.
    """
    if not cells and not texts:
        return {}, {}
    said = read_values(_put_together(cells, texts, styles), (_CELLS, _TEXTS))
    told = _told(texts, said[_TEXTS])
    told_texts = {piece: one for piece, one in told.items() if isinstance(one, str)}
    if len(told_texts) != len(told):
        raise NotReadableError("file_damaged", "内容读不出来")
    return _told(cells, said[_CELLS]), told_texts


def _told(asked: Sequence[_Asked], answered: Rows) -> dict[_Asked, object]:
    """Return what was answered of each piece, which must stand before its own number.

    Raises:
        NotReadableError: it was taken for another one.
    """
    if [row[1:] for row in answered] != [[str(n)] for n in range(1, len(asked) + 1)]:
        raise NotReadableError("file_damaged", "内容读不出来")
    return dict(zip(asked, [row[0] for row in answered], strict=True))


def _put_together(cells: Sequence[Cell], texts: Sequence[bytes], styles: bytes) -> bytes:
    """Write a workbook of cells and of texts, each in a row of its own before the row's number."""
    numbered = (b"%b</si><si><t>%d</t></si>" % (text, n) for n, text in enumerate(texts, start=1))
    sheets = {
        _CELLS: b"".join(
            b'<row r="%d"><c r="A%d"%b<c r="B%d" t="str"><v>%d</v></c></row>'
            % (n, n, cell.written, n, n)
            for n, cell in enumerate(cells, start=1)
        ),
        _TEXTS: b"".join(
            b'<row r="%d"><c r="A%d" t="s"><v>%d</v></c><c r="B%d" t="s"><v>%d</v></c></row>'
            % (n, n, 2 * n - 2, n, 2 * n - 1)
            for n in range(1, len(texts) + 1)
        ),
    }
    parts = {
        **_FRAME,
        "xl/sharedStrings.xml": b'<sst xmlns="%b">%b</sst>' % (MAIN[0], b"".join(numbered)),
        **{f"xl/worksheets/{name}.xml": _SHEET % rows for name, rows in sheets.items()},
    }
    return stored_zip({**parts, "xl/styles.xml": styles} if styles else parts)
