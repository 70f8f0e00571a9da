"""Tell what an .xlsb holds besides values, from the BIFF12 records of its parts.

Record numbers and layouts are those of [MS-XLSB].
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from consolidator.intake.formats.biff import ERRORS
from consolidator.intake.formats.marks import UNKNOWN_ERROR, Marks, Remark
from consolidator.intake.formats.number_formats import PLAIN, Misleading, misleading
from consolidator.intake.formats.package import stored_zip
from consolidator.intake.formats.refusing import NotReadableError, hold_area, hold_cell, hold_count
from consolidator.intake.formats.relations import (
    addresses_outside,
    brought_along,
    relations_of,
    workbook_relations,
)
from consolidator.intake.formats.sheet_marks import mistake
from consolidator.intake.limits import Limits

_WORKBOOK = "xl/workbook.bin"
_USUAL = {"sharedStrings": "xl/sharedStrings.bin", "styles": "xl/styles.bin"}
"""Where calamine looks for a part whatever the relations say, by the relation's type (0.9.1)."""
_ROW, _BLANK, _TEXT_OF_TABLE, _COLUMN, _AREA, _SHEET = 0, 1, 7, 60, 148, 156
_TEXT, _FORMAT, _CELL_FORMAT = 19, 44, 47
_BEGIN_STRINGS, _MERGE, _BEGIN_LINK, _LINK = 159, 176, 360, 494
_BEGIN_CELL_FORMATS, _END_CELL_FORMATS, _BEGIN_COMMENT, _COMMENT_TEXT = 617, 618, 635, 637
_CELLS = {2, 3, 4, 5, 6, 7, 62}
"""Cells with a stored value; BrtCellBlank (1) is none of them."""
_FORMULAS = {8, 9, 10, 11}
_SHORT = {short: short - 11 for short in range(12, 19)}
"""Cells that stand right of the one before and do not tell their column, and what else they are."""
_CELL_ERROR, _FORMULA_ERROR = 3, 11
_OF_AREAS = {426, 428}
"""Formulas that give a whole area its numbers: BrtArrFmla and BrtTable."""
_ROW_HIDDEN, _COLUMN_HIDDEN, _SHEET_HIDDEN = 0x10, 0x01, (1, 2)
_LOW, _NARROW = 40, 77
"""Twentieths of a point and 256ths of a character below which nothing can be read."""
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384

Record = tuple[int, bytes]


class Scanned(NamedTuple):
    """What the parts of a workbook tell besides the values."""

    marks: Mapping[str, Marks]
    """By the name of the worksheet."""
    remarks: tuple[Remark, ...]
    content: bytes
    """The workbook again, with every cell telling its column."""


@dataclass(slots=True)
class _Sheet:
    """One worksheet while its records pass by."""

    limits: Limits
    texts: int
    formats: Misleading
    marks: Marks = field(default_factory=Marks)
    row: int = -1
    column: int = -1
    links: int = 0
    written: bytearray = field(default_factory=bytearray)


def scan_xlsb(parts: Mapping[str, bytes], limits: Limits) -> Scanned:
    """Return what an .xlsb tells besides its values, and the document as a reader is to get it.

    A cell right of another need not tell its column ([MS-XLSB] 2.4, BrtShort records; SheetJS
    writes them so). calamine leaves such cells out without a word (0.9.1).

    Raises:
        NotReadableError: a part is missing or garbled, it can be read in two ways, or it is
            beyond the limits.
    """
    try:
        return _scanned(parts, limits)
    except (struct.error, IndexError, KeyError) as error:
        raise NotReadableError("file_damaged", "工作簿的记录不完整") from error


def _scanned(parts: Mapping[str, bytes], limits: Limits) -> Scanned:
    relations = workbook_relations(parts, _WORKBOOK, _USUAL)
    records = _Records(limits.records)
    sheets = []
    hidden = set()
    for kind, content in records.of(parts[_WORKBOOK]):
        if kind == _SHEET:
            relation, at = _string(content, 8)
            name, _ = _string(content, at)
            related = relations[relation]
            if related.outside:
                raise NotReadableError("file_damaged", "工作表没有对应的部件")
            if related.sort == "worksheet":
                sheets.append((name, related.target))
            if struct.unpack_from("<I", content)[0] in _SHEET_HIDDEN:
                hidden.add(name)
    hold_count(len(sheets), limits.sheets, "工作表")
    if any(len(set(names)) != len(names) for names in zip(*sheets, strict=True)):
        raise NotReadableError("file_damaged", "两张工作表用了同一个部件或名称")
    used = {one.sort: parts[one.target] for one in relations.values() if one.sort in _USUAL}
    texts = _count_texts(records, used.get("sharedStrings", b""), limits)
    formats = _formats(records, used["styles"], limits) if "styles" in used else PLAIN
    marks, written = {}, dict(parts)
    for name, part in sheets:
        sheet = _Sheet(limits, texts, formats)
        for kind, content in records.of(parts[part]):
            _take(sheet, kind, content)
        for related in relations_of(parts, part).values():
            if related.sort == "comments" and not related.outside:
                _mark_comments(sheet.marks, records.of(parts[related.target]))
        sheet.marks.hidden = name in hidden
        marks[name], written[part] = sheet.marks, bytes(sheet.written)
    links = (one.target for one in relations.values() if one.sort == "externalLink")
    remarks = [*brought_along(parts), *(_link(records, parts, part) for part in links)]
    return Scanned(marks, tuple(dict.fromkeys(remarks)), stored_zip(written))


class _Records:
    """Reads records, of which all parts together may have so many."""

    def __init__(self, most: int) -> None:
        self.left = self.most = most

    def of(self, part: bytes) -> Iterator[Record]:
        """Yield the records of one part."""
        at = 0
        while at < len(part):
            self.left -= 1
            if self.left < 0:
                raise NotReadableError("file_too_large", f"内含 {self.most} 条以上记录")
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


def _take(sheet: _Sheet, kind: int, content: bytes) -> None:
    """Note a record of a sheet, and write it for the reader."""
    if kind == _ROW:
        _begin_row(sheet, content)
    elif kind in _SHORT:
        kind, content = _SHORT[kind], struct.pack("<I", sheet.column + 1) + content
    if kind in _CELLS or kind in _FORMULAS or kind == _BLANK:
        _mark_cell(sheet, kind, content)
    elif kind != _ROW:
        _mark_layout(sheet, kind, content)
    for number in (kind, len(content)):
        while number > 0x7F:
            sheet.written.append(number & 0x7F | 0x80)
            number >>= 7
        sheet.written.append(number)
    sheet.written += content


def _begin_row(sheet: _Sheet, content: bytes) -> None:
    row, height, flags = struct.unpack_from("<I4xHxB", content)
    if row <= sheet.row:
        raise NotReadableError("file_damaged", "工作表的行前后颠倒或重复")
    sheet.row, sheet.column = row, -1
    if (flags & _ROW_HIDDEN or height < _LOW) and row < sheet.limits.rows:
        sheet.marks.hidden_rows.add(row)


def _mark_cell(sheet: _Sheet, kind: int, content: bytes) -> None:
    column, style = struct.unpack_from("<II", content)
    if column <= sheet.column:
        raise NotReadableError("file_damaged", "两个单元格的地址相同或前后颠倒")
    if sheet.row < 0:
        raise NotReadableError("file_damaged", "单元格不在行内")
    sheet.column = column
    if kind == _BLANK:
        return
    marks, place = sheet.marks, (sheet.row, column)
    hold_cell(*place, sheet.limits)
    marks.last_row = sheet.row
    marks.last_column = max(marks.last_column, column)
    mistake(marks, [((place,), (str(style & 0xFFFFFF).encode(),))], sheet.formats)
    if kind in _FORMULAS:
        marks.formulas[place] = ""
    if kind in (_CELL_ERROR, _FORMULA_ERROR):
        marks.errors[place] = ERRORS.get(content[8], UNKNOWN_ERROR)
    if kind == _TEXT_OF_TABLE and struct.unpack_from("<I", content, 8)[0] >= sheet.texts:
        raise NotReadableError("file_damaged", "单元格的文字不存在")


def _mark_layout(sheet: _Sheet, kind: int, content: bytes) -> None:
    marks = sheet.marks
    if kind == _COLUMN:
        first, last, width, flags = struct.unpack_from("<III4xH", content)
        if flags & _COLUMN_HIDDEN or width < _NARROW:
            last = min(last + 1, sheet.limits.columns)
            marks.hidden_columns |= set(range(first, last))
    elif kind == _MERGE:
        top, bottom, left, right = struct.unpack_from("<4I", content)
        marks.merges.append((top, left, bottom, right))
        hold_count(len(marks.merges), sheet.limits.merges, "合并区域")
    elif kind in _OF_AREAS:
        top, bottom, left, right = struct.unpack_from("<4I", content)
        hold_area(top, left, bottom, right, sheet.limits)
        marks.cover((top, left, bottom, right), "")
    elif kind == _LINK:
        sheet.links += 1
        hold_count(sheet.links, sheet.limits.links, "超链接")
    elif kind == _AREA:
        top, bottom, left, right = struct.unpack_from("<4I", content)
        if bottom >= _MOST_ROWS or right >= _MOST_COLUMNS or top > bottom or left > right:
            raise NotReadableError("file_damaged", "工作表的范围不对")


def _mark_comments(marks: Marks, records: Iterator[Record]) -> None:
    place = (0, 0)
    for kind, content in records:
        if kind == _BEGIN_COMMENT:
            row, column = struct.unpack_from("<4xI4xI", content)
            place = (row, column)
            marks.comments[place] = ""
        elif kind == _COMMENT_TEXT:
            marks.comments[place] = _string(content, 1)[0]


def _count_texts(records: _Records, part: bytes, limits: Limits) -> int:
    """Hold the number of texts a table claims: a reader makes room for so many at once."""
    texts = 0
    for kind, content in records.of(part):
        if kind == _BEGIN_STRINGS:
            hold_count(struct.unpack_from("<I", content, 4)[0], limits.strings, "共享文本")
        texts += kind == _TEXT
    return texts


def _formats(records: _Records, part: bytes, limits: Limits) -> Misleading:
    """Return the cell formats that show another number than is stored."""
    codes: dict[str, str] = {}
    used: list[str] = []
    of_cells = False
    for kind, content in records.of(part):
        if kind == _FORMAT:
            code = _string(content, 2)[0]
            if len(code) > limits.format_length:
                raise NotReadableError("file_too_large", f"数字格式 {len(code)} 个字符")
            codes[str(struct.unpack_from("<H", content)[0])] = code
        elif kind in (_BEGIN_CELL_FORMATS, _END_CELL_FORMATS):
            of_cells = kind == _BEGIN_CELL_FORMATS
        elif kind == _CELL_FORMAT and of_cells:
            used.append(str(struct.unpack_from("<2xH", content)[0]))
    return misleading(codes, used)


def _link(records: _Records, parts: Mapping[str, bytes], part: str) -> Remark:
    """Tell a link to another workbook from a DDE or OLE link to another program."""
    for kind, content in records.of(parts[part]):
        if kind == _BEGIN_LINK and struct.unpack_from("<H", content)[0]:
            return Remark("dde_link", _string(content, 2)[0])
    return Remark("external_link", addresses_outside(parts, part))


def _string(content: bytes, at: int) -> tuple[str, int]:
    """Read a text that tells its length in characters; return it and where it ends."""
    length = struct.unpack_from("<I", content, at)[0]
    if length == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * length
    if end > len(content):
        raise NotReadableError("file_damaged", "文字的记录不完整")
    return content[at + 4 : end].decode("utf-16-le", "replace"), end
