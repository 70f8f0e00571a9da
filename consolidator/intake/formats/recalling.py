"""Read the values of a plainly written workbook, asking a reader only what it has not said before.

What a row says depends on its bytes and the cell formats alone, once its shared texts are left
out; what a text says, on its bytes alone. So a small workbook is put together of the rows and
texts that are not known yet, and given to the reader.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from consolidator.intake.formats.package import stored_zip
from consolidator.intake.formats.plain_row import Row
from consolidator.intake.formats.plain_texts import Texts, say
from consolidator.intake.formats.reading import Rows, read_values
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.formats.relations import LONG_PART, OFFICE
from consolidator.intake.formats.sheet_marks import MAIN

_PACKAGE = b"http://schemas.openxmlformats.org/package/2006/relationships"
_SHEET = b'<worksheet xmlns="' + MAIN[0] + b'"><sheetData>%b</sheetData></worksheet>'
_TEXTS = "texts"
"""The sheet of the workbook put together that has a text in each row; others have numbers."""
_KEPT = 16
"""How many lists of sheets are remembered."""


class PlainBook(NamedTuple):
    """The parts of a workbook that values come from, all plainly written."""

    sheets: Mapping[str, Sequence[Row]]
    texts: Texts
    styles: bytes
    """The part with the cell formats; empty where there is none."""
    listing: tuple[tuple[str, bytes], ...]
    """The parts that tell which sheets there are, by name."""
    targets: tuple[tuple[str, str], ...]
    """Each sheet with its part, as they were understood."""


def recalled(book: PlainBook) -> dict[str, Rows]:
    """Return the values of each sheet.

    Raises:
        NotReadableError: the reader cannot read a row or text.
    """
    long = sum(len(part) for _, part in book.listing) > LONG_PART
    (_hold_listed if long else _hold_listed_once)(book.listing, book.targets)
    unknown = book.texts.unknown
    asked = [[row for row in rows if row.line is None] for rows in book.sheets.values()]
    asked = [rows for rows in asked if rows]
    told: dict[bytes, str] = {}
    if unknown or asked:
        names = [*map(str, range(len(asked))), _TEXTS]
        answers = read_values(_put_together(asked, unknown, book.styles, names), names)
        for name, rows in zip(names, asked, strict=False):
            for row in rows:
                row.line = _line(answers[name], row)
        told = _told(unknown, answers[_TEXTS])
    texts = say(book.texts, told)
    return {name: _laid_out(rows, texts) for name, rows in book.sheets.items()}


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


def _laid_out(rows: Sequence[Row], texts: Sequence[str]) -> Rows:
    """Lay the rows of a sheet out from the first cell on, each as long as the longest."""
    width = max([row.facts.held for row in rows]) + 1
    empty = [""] * width
    sheet: list[Sequence[object]] = []
    for row in rows:
        if not row.line:
            continue
        line = row.line.copy()
        for column, text in row.shared:
            line[column] = texts[text]
        if len(line) < width:
            line += empty[len(line) :]
        if row.facts.last > len(sheet):
            sheet += [empty] * (row.facts.last - len(sheet))
        sheet.append(line)
    return sheet


def _line(answered: Rows, row: Row) -> list[object]:
    """Return what was answered of a row, as far as it holds anything."""
    last, width = row.facts.last, row.facts.held + 1
    said = answered[last][:width] if last < len(answered) else []
    return [*said, *[""] * (width - len(said))]


def _told(asked: Sequence[bytes], answered: Rows) -> dict[bytes, str]:
    """Return what was answered of each text, which must stand before its own number.

    Raises:
        NotReadableError: it is no text, or was taken for another one.
    """
    numbers = [row[1] if len(row) > 1 else None for row in answered]
    texts = [row[0] for row in answered if isinstance(row[0], str)]
    if numbers != list(map(str, range(len(asked)))) or len(texts) != len(asked):
        raise NotReadableError("file_damaged", "内容读不出来")
    return dict(zip(asked, texts, strict=True))


def _put_together(
    asked: Sequence[Sequence[Row]], texts: Sequence[bytes], styles: bytes, names: Sequence[str]
) -> bytes:
    """Write a workbook of the rows that are asked, sheet by sheet, and of texts."""
    sheets = [b"".join([row.values for row in rows]) for rows in asked]
    rows = (
        b'<row r="%d"><c r="A%d" t="s"><v>%d</v></c><c r="B%d" t="s"><v>%d</v></c></row>'
        % (number, number, 2 * number - 2, number, 2 * number - 1)
        for number in range(1, len(texts) + 1)
    )
    sheets.append(b"".join(rows))
    numbered = (b"%b</si><si><t>%d</t></si>" % (text, n) for n, text in enumerate(texts))
    listed = [
        b'<sheet name="%b" sheetId="%d" r:id="s%d"/>' % (name.encode(), number + 1, number)
        for number, name in enumerate(names)
    ]
    related = [
        b'<Relationship Id="s%d" Type="%b/worksheet" Target="worksheets/%d.xml"/>'
        % (number, OFFICE[0], number)
        for number in range(len(sheets))
    ]
    related += [
        b'<Relationship Id="%b" Type="%b/%b" Target="%b.xml"/>' % (sort, OFFICE[0], sort, sort)
        for sort in (b"styles", b"sharedStrings")
    ]
    parts = {
        "_rels/.rels": b'<Relationships xmlns="%b"><Relationship Id="w" Type="%b/officeDocument" '
        b'Target="xl/workbook.xml"/></Relationships>' % (_PACKAGE, OFFICE[0]),
        "xl/workbook.xml": b'<workbook xmlns="%b" xmlns:r="%b"><sheets>%b</sheets></workbook>'
        % (MAIN[0], OFFICE[0], b"".join(listed)),
        "xl/_rels/workbook.xml.rels": b'<Relationships xmlns="%b">%b</Relationships>'
        % (_PACKAGE, b"".join(related)),
        "xl/sharedStrings.xml": b'<sst xmlns="%b">%b</sst>' % (MAIN[0], b"".join(numbered)),
    }
    if styles:
        parts["xl/styles.xml"] = styles
    for number, data in enumerate(sheets):
        parts[f"xl/worksheets/{number}.xml"] = _SHEET % data
    return stored_zip(parts)
