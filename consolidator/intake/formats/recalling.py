"""Read the values of a plainly written workbook, asking a reader only what it has not said before.

What a row says depends on its bytes and the cell formats alone, once its shared texts are left
out; what a text says, on its bytes alone. So a small workbook is put together of the rows and
texts that are not known yet, and given to the reader.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from consolidator.intake.formats.package import stored_zip
from consolidator.intake.formats.plain_row import Row
from consolidator.intake.formats.plain_texts import Texts, say
from consolidator.intake.formats.reading import Rows, read_values
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.formats.sheet_marks import MAIN

_OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = b"http://schemas.openxmlformats.org/package/2006/relationships"
_TEXTS = "texts"
"""The sheet of the workbook put together that has a text in each row; others have numbers."""


class PlainBook(NamedTuple):
    """The parts of a workbook that values come from, all plainly written."""

    sheets: Mapping[str, Sequence[Row]]
    texts: Texts
    styles: bytes
    """The part with the cell formats; empty where there is none."""


def recalled(book: PlainBook) -> dict[str, Rows]:
    """Return the values of each sheet.

    Raises:
        NotReadableError: the reader cannot read a row or text.
    """
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
    """Return what was answered of each text.

    Raises:
        NotReadableError: it is no text, or was passed over.
    """
    texts = [row[0] for row in answered]
    if len(texts) != len(asked) or not all(isinstance(text, str) for text in texts):
        raise NotReadableError("file_damaged", "内容读不出来")
    return dict(zip(asked, map(str, texts), strict=True))


def _put_together(
    asked: Sequence[Sequence[Row]], texts: Sequence[bytes], styles: bytes, names: Sequence[str]
) -> bytes:
    """Write a workbook of the rows that are asked, sheet by sheet, and of texts."""
    sheets = [b"".join([row.values for row in rows]) for rows in asked]
    sheets.append(
        b"".join(
            b'<row r="%d"><c r="A%d" t="s"><v>%d</v></c></row>' % (number + 1, number + 1, number)
            for number in range(len(texts))
        )
    )
    listed = [
        b'<sheet name="%b" sheetId="%d" r:id="s%d"/>' % (name.encode(), number + 1, number)
        for number, name in enumerate(names)
    ]
    related = [
        b'<Relationship Id="s%d" Type="%b/worksheet" Target="worksheets/%d.xml"/>'
        % (number, _OFFICE, number)
        for number in range(len(sheets))
    ]
    related += [
        b'<Relationship Id="%b" Type="%b/%b" Target="%b.xml"/>' % (sort, _OFFICE, sort, sort)
        for sort in (b"styles", b"sharedStrings")
    ]
    parts = {
        "_rels/.rels": b'<Relationships xmlns="%b"><Relationship Id="w" Type="%b/officeDocument" '
        b'Target="xl/workbook.xml"/></Relationships>' % (_PACKAGE, _OFFICE),
        "xl/workbook.xml": b'<workbook xmlns="%b" xmlns:r="%b"><sheets>%b</sheets></workbook>'
        % (MAIN[0], _OFFICE, b"".join(listed)),
        "xl/_rels/workbook.xml.rels": b'<Relationships xmlns="%b">%b</Relationships>'
        % (_PACKAGE, b"".join(related)),
        "xl/sharedStrings.xml": b'<sst xmlns="%b">%b</sst>'
        % (MAIN[0], b"".join(text + b"</si>" for text in texts)),
    }
    if styles:
        parts["xl/styles.xml"] = styles
    for number, rows in enumerate(sheets):
        parts[f"xl/worksheets/{number}.xml"] = (
            b'<worksheet xmlns="%b"><sheetData>%b</sheetData></worksheet>' % (MAIN[0], rows)
        )
    return stored_zip(parts)
