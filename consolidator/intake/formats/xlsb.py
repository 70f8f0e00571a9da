"""Tell what an .xlsb holds besides values, from the BIFF12 records of its parts.

Record numbers and layouts are those of [MS-XLSB].
"""

import posixpath
import re
import struct
from collections.abc import Iterator, Mapping

from lxml import etree

from consolidator.intake.formats.biff import ERRORS
from consolidator.intake.formats.marks import UNKNOWN_ERROR, Marks
from consolidator.intake.formats.package import stored_zip
from consolidator.intake.formats.refusing import NotReadableError, hold_cell, hold_count
from consolidator.intake.formats.xml_parsing import PARSER
from consolidator.intake.limits import Limits

_WORKBOOK, _STRINGS = "xl/workbook.bin", "xl/sharedStrings.bin"
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.bin")
_ROW, _COLUMN, _AREA, _SHEET, _BEGIN_STRINGS = 0, 60, 148, 156, 159
_MERGE, _LINK, _BEGIN_COMMENT, _COMMENT_TEXT = 176, 494, 635, 637
_CELLS = {2, 3, 4, 5, 6, 7, 62}
"""Cells with a stored value; BrtCellBlank (1) is none of them."""
_FORMULAS = {8, 9, 10, 11}
_SHORT_BLANK, _SHORT_CELLS = 12, {13, 14, 15, 16, 17, 18}
"""Cells that stand right of the one before and do not tell their column."""
_LONG_OF_SHORT = {short: short - 11 for short in (_SHORT_BLANK, *_SHORT_CELLS)}
_CELL_ERROR, _SHORT_ERROR, _FORMULA_ERROR = 3, 14, 11
_ROW_HIDDEN, _COLUMN_HIDDEN = 0x10, 0x01
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384

Record = tuple[int, bytes]


def without_short_cells(parts: Mapping[str, bytes]) -> bytes:
    """Return the document again with every cell telling its column.

    A cell right of another need not tell it ([MS-XLSB] 2.4, BrtShort records; SheetJS writes
    them so). calamine leaves such cells out without a word (0.9.1).

    Raises:
        NotReadableError: a sheet's records are garbled.
    """
    return stored_zip(
        {
            name: _with_columns(part) if _SHEET_PART.fullmatch(name) else part
            for name, part in parts.items()
        }
    )


def _with_columns(part: bytes) -> bytes:
    pieces, column = [], -1
    for kind, content in _records(part):
        if kind == _ROW:
            column = -1
        elif kind in _LONG_OF_SHORT:
            column += 1
            kind, content = _LONG_OF_SHORT[kind], struct.pack("<I", column) + content
        elif kind in _CELLS or kind in _FORMULAS or kind == 1:
            column = struct.unpack_from("<I", content)[0]
        pieces += [_written(kind), _written(len(content)), content]
    return b"".join(pieces)


def _written(number: int) -> bytes:
    """Write a number of seven bits a byte, lowest first."""
    written = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        written.append(low | (0x80 if number else 0))
        if not number:
            return bytes(written)


def scan_xlsb(parts: Mapping[str, bytes], limits: Limits) -> dict[str, Marks]:
    """Return the marks of each worksheet of an .xlsb, by its name.

    Raises:
        NotReadableError: a part is missing or garbled, or it is beyond the limits.
    """
    try:
        if _STRINGS in parts:
            _hold_strings(parts[_STRINGS], limits)
        return {
            name: _sheet(parts, part, limits)
            for name, part in _sheets(parts, limits)
            if part.endswith(".bin") and "/worksheets/" in part
        }
    except (struct.error, IndexError, KeyError, etree.XMLSyntaxError) as error:
        raise NotReadableError("file_damaged", "工作簿的记录不完整") from error


def _records(part: bytes) -> Iterator[Record]:
    at = 0
    while at < len(part):
        kind, at = _number(part, at, 2)
        size, at = _number(part, at, 4)
        if at + size > len(part):
            raise NotReadableError("file_damaged", "工作簿的记录不完整")
        # A record's type keeps the mark that its second byte follows.
        yield kind, part[at : at + size]
        at += size


def _number(part: bytes, at: int, most: int) -> tuple[int, int]:
    """Read a number of seven bits a byte, lowest first; return it and where it ends."""
    number = 0
    for place in range(most):
        byte = part[at + place]
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return number, at + place + 1
    return number, at + most


def _sheets(parts: Mapping[str, bytes], limits: Limits) -> Iterator[tuple[str, str]]:
    """Yield each sheet's name and part."""
    related = _related(parts, _WORKBOOK)
    count = 0
    for kind, content in _records(parts[_WORKBOOK]):
        if kind == _SHEET:
            count += 1
            hold_count(count, limits.sheets, "工作表")
            relation, at = _text(content, 8)
            name, _ = _text(content, at)
            yield name, related[relation][1]


def _related(parts: Mapping[str, bytes], part: str) -> dict[str, tuple[str, str]]:
    """Return the parts that a part refers to: id -> the last word of its type, and its name."""
    folder, name = posixpath.split(part)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in parts:
        return {}
    return {
        str(one.get("Id")): (
            str(one.get("Type")).rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, str(one.get("Target")))).lstrip("/"),
        )
        for one in etree.fromstring(parts[relations], PARSER)
    }


def _sheet(parts: Mapping[str, bytes], part: str, limits: Limits) -> Marks:
    marks = Marks()
    row = column = -1
    links = 0
    for kind, content in _records(parts[part]):
        if kind == _ROW:
            row, flags = struct.unpack_from("<I7xB", content)
            column = -1
            if flags & _ROW_HIDDEN and row < limits.rows:
                marks.hidden_rows.add(row)
        elif kind in _CELLS or kind in _FORMULAS:
            column = struct.unpack_from("<I", content)[0]
            _mark_cell(marks, (row, column), kind, content[8:], limits)
        elif kind in _SHORT_CELLS:
            column += 1
            _mark_cell(marks, (row, column), kind, content[4:], limits)
        elif kind in (1, _SHORT_BLANK):
            column = column + 1 if kind == _SHORT_BLANK else struct.unpack_from("<I", content)[0]
        elif kind == _LINK:
            links += 1
            hold_count(links, limits.links, "超链接")
        else:
            _mark_layout(marks, kind, content, limits)
    for sort, other in _related(parts, part).values():
        if sort == "comments":
            _mark_comments(marks, parts[other])
    return marks


def _mark_cell(
    marks: Marks, place: tuple[int, int], kind: int, content: bytes, limits: Limits
) -> None:
    row, column = place
    if row < 0:
        raise NotReadableError("file_damaged", "单元格不在行内")
    hold_cell(row, column, limits)
    marks.last_row = max(marks.last_row, row)
    marks.last_column = max(marks.last_column, column)
    if kind in _FORMULAS:
        marks.formulas[place] = ""
    if kind in (_CELL_ERROR, _SHORT_ERROR, _FORMULA_ERROR):
        marks.errors[place] = ERRORS.get(content[0], UNKNOWN_ERROR)


def _mark_layout(marks: Marks, kind: int, content: bytes, limits: Limits) -> None:
    if kind == _COLUMN:
        first, last, flags = struct.unpack_from("<II8xH", content)
        if flags & _COLUMN_HIDDEN:
            marks.hidden_columns |= set(range(first, min(last + 1, _MOST_COLUMNS)))
    elif kind == _MERGE:
        top, bottom, left, right = struct.unpack_from("<4I", content)
        marks.merges.append((top, left, bottom, right))
        hold_count(len(marks.merges), limits.merges, "合并区域")
    elif kind == _AREA:
        top, bottom, left, right = struct.unpack_from("<4I", content)
        if bottom >= _MOST_ROWS or right >= _MOST_COLUMNS or top > bottom or left > right:
            raise NotReadableError("file_damaged", "工作表的范围不对")


def _mark_comments(marks: Marks, part: bytes) -> None:
    place = (0, 0)
    for kind, content in _records(part):
        if kind == _BEGIN_COMMENT:
            row, column = struct.unpack_from("<4xI4xI", content)
            place = (row, column)
            marks.comments[place] = ""
        elif kind == _COMMENT_TEXT:
            marks.comments[place] = _text(content, 1)[0]


def _hold_strings(part: bytes, limits: Limits) -> None:
    for kind, content in _records(part):
        if kind == _BEGIN_STRINGS:
            hold_count(struct.unpack_from("<I", content, 4)[0], limits.strings, "共享文本")
            return


def _text(content: bytes, at: int) -> tuple[str, int]:
    """Read a text that tells its length in characters; return it and where it ends."""
    length = struct.unpack_from("<I", content, at)[0]
    if length == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * length
    if end > len(content):
        raise NotReadableError("file_damaged", "文字的记录不完整")
    return content[at + 4 : end].decode("utf-16-le", "replace"), end
