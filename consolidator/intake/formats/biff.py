"""Tell what an .xls or .et holds besides values, from the records of its BIFF8 stream.

Record numbers and layouts are those of [MS-XLS]. A stream is walked once, before any reader
sees it: a count or an area that lies makes the reader of values ask for gigabytes.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from consolidator.intake.formats.marks import UNKNOWN_ERROR, Marks, Place, Remark
from consolidator.intake.formats.number_formats import Misleading, misleading
from consolidator.intake.formats.refusing import NotReadableError, hold_area, hold_cell, hold_count
from consolidator.intake.formats.sheet_marks import mistake
from consolidator.intake.limits import Limits

ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?",
    0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip
"""Error values by the byte that BIFF8 and BIFF12 keep of them."""

_FORMULA, _EOF, _NOTE, _FILEPASS, _CONTINUE = 0x0006, 0x000A, 0x001C, 0x002F, 0x003C
_OBJ, _COLINFO, _BOUNDSHEET, _MULRK, _RSTRING = 0x005D, 0x007D, 0x0085, 0x00BD, 0x00D6
_MERGECELLS, _SST, _LABELSST, _SUPBOOK, _TXO = 0x00E5, 0x00FC, 0x00FD, 0x01AE, 0x01B6
_HLINK, _DIMENSIONS, _NUMBER, _LABEL, _BOOLERR = 0x01B8, 0x0200, 0x0203, 0x0204, 0x0205
_STRING, _ROW, _RK, _FORMAT, _BOF = 0x0207, 0x0208, 0x027E, 0x041E, 0x0809
_CELL_FORMAT = 0x00E0
_BLANK, _MULBLANK, _ARRAY, _TABLE = 0x0201, 0x00BE, 0x0221, 0x0236
_PLAIN_CELLS = {_NUMBER, _LABEL, _LABELSST, _RSTRING, _RK, _BLANK}
_SEVERAL = {_MULRK, _MULBLANK}
_OF_OLDER = {0x0000, 0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0007, 0x0008, 0x0206, 0x0406}
"""Cells and rows of BIFF2 to BIFF4, which have no place in a stream of BIFF8."""
_BIFF8, _WORKSHEET, _MACRO_SHEET = 0x0600, 0, 1
_ITSELF, _ADD_INS = 0x0401, 0x3A01
_ROW_HIDDEN, _COLUMN_HIDDEN, _SHEET_HIDDEN = 0x20, 0x01, 0x03
_HEIGHT, _LOW, _NARROW = 0x7FFF, 40, 77
"""The bits of a height; the twentieths of a point and 256ths of a character below which nothing
can be read."""
_MOST_ROWS, _MOST_COLUMNS = 65_536, 256

Record = tuple[int, bytes]


@dataclass(slots=True)
class _Globals:
    """What the part before the sheets tells: the sheets and where each begins."""

    sheets: list[tuple[str, int]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    codes: dict[str, str] = field(default_factory=dict)
    """The workbook's own number formats by their number."""
    used: list[str] = field(default_factory=list)
    """The number of each cell format's number format."""
    remarks: list[Remark] = field(default_factory=list)


@dataclass(slots=True)
class _Sheet:
    """One sheet while its records pass by."""

    limits: Limits
    formats: Misleading
    marks: Marks = field(default_factory=Marks)
    held: set[Place] = field(default_factory=set)
    """Where a cell with a value stood already."""
    rows: set[int] = field(default_factory=set)
    awaited: Place | None = None
    """A formula whose text comes in a STRING record of its own."""
    drawn: int = 0
    """The object last drawn, and how many characters of its text are still to come."""
    missing: int = 0
    texts: dict[int, str] = field(default_factory=dict)
    links: int = 0


def scan_biff(stream: bytes, limits: Limits) -> tuple[dict[str, Marks], list[Remark]]:
    """Return the marks of each worksheet of a ``Workbook`` stream, and remarks about the file.

    Raises:
        NotReadableError: it is encrypted, of before Excel 97, garbled or beyond the limits.
    """
    try:
        records = _Records(stream, limits.records)
        about = _globals(records, limits)
        formats = misleading(about.codes, about.used)
        marks = {name: _sheet(records, at, limits, formats) for name, at in about.sheets}
        for name in about.hidden & marks.keys():
            marks[name].hidden = True
        return marks, about.remarks
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise NotReadableError("file_damaged", "工作簿的记录不完整") from error


class _Records:
    """Reads records, of which all parts together may have so many."""

    def __init__(self, stream: bytes, most: int) -> None:
        self.stream = stream
        self.left = self.most = most

    def of(self, at: int) -> Iterator[Record]:
        """Yield the records of one part, from its BOF to its EOF; charts in it are skipped."""
        stream, depth = self.stream, 0
        while True:
            self.left -= 1
            if self.left < 0:
                raise NotReadableError("file_too_large", f"内含 {self.most} 条以上记录")
            kind, size = struct.unpack_from("<HH", stream, at)
            content = stream[at + 4 : at + 4 + size]
            if len(content) < size or (depth == 0 and kind != _BOF):
                raise NotReadableError("file_damaged", "工作簿的记录不完整")
            at += 4 + size
            if kind == _BOF:
                depth += 1
            if depth == 1:
                yield kind, content
            if kind == _EOF:
                depth -= 1
                if depth == 0:
                    return


def _globals(records: _Records, limits: Limits) -> _Globals:
    about = _Globals()
    for kind, content in records.of(0):
        if kind == _BOF and struct.unpack_from("<H", content)[0] != _BIFF8:
            raise NotReadableError("file_foreign", "是 Excel 95 或更早的格式")
        if kind == _FILEPASS:
            raise NotReadableError("file_encrypted")
        if kind == _SST:
            hold_count(struct.unpack_from("<I", content, 4)[0], limits.strings, "共享文本")
        elif kind == _BOUNDSHEET:
            _list_sheet(about, content)
            hold_count(len(about.sheets), limits.sheets, "工作表")
            starts = [at for _, at in about.sheets]
            if len(set(starts)) != len(starts):
                raise NotReadableError("file_damaged", "两张工作表用了同一段内容")
        elif kind == _SUPBOOK:
            about.remarks += _links(content)
        elif kind == _FORMAT:
            _list_format(about, content, limits)
        elif kind == _CELL_FORMAT:
            about.used.append(str(struct.unpack_from("<2xH", content)[0]))
    return about


def _list_format(about: _Globals, content: bytes, limits: Limits) -> None:
    number, length = struct.unpack_from("<HH", content)
    if length > limits.format_length:
        raise NotReadableError("file_too_large", f"数字格式 {length} 个字符")
    about.codes[str(number)] = _text(content, 4, length)


def _list_sheet(about: _Globals, content: bytes) -> None:
    at, state, sort, length = struct.unpack_from("<IBBB", content)
    name = _text(content, 7, length)
    if state & _SHEET_HIDDEN:
        about.hidden.add(name)
    if sort == _WORKSHEET:
        about.sheets.append((name, at))
    elif sort == _MACRO_SHEET:
        about.remarks.append(Remark("macro_present", sheet=name))


def _links(content: bytes) -> Iterator[Remark]:
    """Tell another workbook, whose path starts with 1, from a DDE or OLE server, which has none."""
    length = struct.unpack_from("<H", content, 2)[0]
    if length in (_ITSELF, _ADD_INS):
        return
    path = _text(content, 4, length)
    plain = "".join(one for one in path.replace("\3", "/") if one >= " ").strip()
    if plain:
        server = not path.startswith("\1") and "\3" in path
        yield Remark("dde_link" if server else "external_link", plain)


def _sheet(records: _Records, at: int, limits: Limits, formats: Misleading) -> Marks:
    sheet = _Sheet(limits, formats)
    for kind, content in records.of(at):
        if not _mark_cell(sheet, kind, content):
            _mark_layout(sheet, kind, content)
        if kind in (_OBJ, _TXO, _CONTINUE, _NOTE):
            _mark_comment(sheet, kind, content)
    if sheet.awaited:
        sheet.marks.uncomputed.add(sheet.awaited)
    return sheet.marks


def _mark_cell(sheet: _Sheet, kind: int, content: bytes) -> bool:
    """Note a cell that holds something; tell whether the record was one."""
    marks = sheet.marks
    if kind == _STRING:
        if sheet.awaited is None:
            # Programs put a text without its formula into different cells.
            raise NotReadableError("file_damaged", "公式的记录前后不一")
        sheet.awaited = None
        return True
    if kind in _OF_OLDER:
        # calamine passes over these, other programs do not (0.9.1).
        raise NotReadableError("file_damaged", "单元格的写法有歧义")
    if kind not in _PLAIN_CELLS and kind not in _SEVERAL and kind not in (_FORMULA, _BOOLERR):
        return False
    place: Place = struct.unpack_from("<HH", content)
    row, column = place
    if sheet.awaited:
        marks.uncomputed.add(sheet.awaited)
        sheet.awaited = None
    if kind in _SEVERAL:
        column = struct.unpack("<H", content[-2:])[0]
    several = [(row, held) for held in range(place[1], column + 1)]
    if row in sheet.rows and not sheet.held.isdisjoint(several):
        raise NotReadableError("file_damaged", "两个单元格的地址相同")
    if kind in (_BLANK, _MULBLANK):
        return True
    hold_cell(row, column, sheet.limits)
    sheet.held.update(several)
    sheet.rows.add(row)
    marks.last_row = max(marks.last_row, row)
    marks.last_column = max(marks.last_column, column)
    styles = [struct.unpack_from("<H", content, 4 + 6 * n)[0] for n in range(len(several))]
    mistake(marks, [(several, [str(style).encode() for style in styles])], sheet.formats)
    if kind == _BOOLERR and content[7]:
        marks.errors[place] = ERRORS.get(content[6], UNKNOWN_ERROR)
    if kind == _FORMULA:
        marks.formulas[place] = ""
        _note_result(sheet, place, content[6:14])
    return True


def _note_result(sheet: _Sheet, place: Place, result: bytes) -> None:
    if len(result) < 8:
        raise NotReadableError("file_damaged", "公式的记录不完整")
    if result[6:] != b"\xff\xff":
        return
    if result[0] == 0:
        sheet.awaited = place
    elif result[0] == 2:
        sheet.marks.errors[place] = ERRORS.get(result[2], UNKNOWN_ERROR)


def _mark_layout(sheet: _Sheet, kind: int, content: bytes) -> None:
    marks, limits = sheet.marks, sheet.limits
    if kind == _ROW:
        row, height, flags = struct.unpack_from("<H4xH4xI", content)
        if flags & _ROW_HIDDEN or height & _HEIGHT < _LOW:
            marks.hidden_rows.add(row)
    elif kind == _COLINFO:
        first, last, width, flags = struct.unpack_from("<HHH2xH", content)
        if flags & _COLUMN_HIDDEN or width < _NARROW:
            marks.hidden_columns |= set(range(first, min(last + 1, limits.columns)))
    elif kind == _MERGECELLS:
        count = struct.unpack_from("<H", content)[0]
        for top, bottom, left, right in struct.iter_unpack("<4H", content[2 : 2 + 8 * count]):
            marks.merges.append((top, left, bottom, right))
        hold_count(len(marks.merges), limits.merges, "合并区域")
    elif kind in (_ARRAY, _TABLE):
        first_row, last_row, first_column, last_column = struct.unpack_from("<HHBB", content)
        hold_area(first_row, first_column, last_row, last_column, limits)
        marks.cover((first_row, first_column, last_row, last_column), "")
    elif kind == _HLINK:
        sheet.links += 1
        hold_count(sheet.links, limits.links, "超链接")
    elif kind == _DIMENSIONS:
        _hold_area(content, limits)


def _hold_area(content: bytes, limits: Limits) -> None:
    """Hold the area a sheet claims: calamine 0.9 reserves room for every cell of it."""
    top, bottom, left, right = struct.unpack_from("<IIHH", content)
    if bottom > _MOST_ROWS or right > _MOST_COLUMNS or top > bottom or left > right:
        raise NotReadableError("file_damaged", "工作表的范围不对")
    if (bottom - top) * (right - left) > limits.rows * limits.columns:
        hold_cell(max(bottom - 1, limits.rows), right - 1, limits)


def _mark_comment(sheet: _Sheet, kind: int, content: bytes) -> None:
    """Gather a comment: its text follows an object's TXO, its cell comes in a later NOTE."""
    if kind == _OBJ:
        sheet.drawn = struct.unpack_from("<H", content, 6)[0]
    elif kind == _TXO:
        sheet.missing = struct.unpack_from("<H", content, 10)[0]
        sheet.texts[sheet.drawn] = ""
    elif kind == _CONTINUE and sheet.missing:
        width = 2 if content[0] & 1 else 1
        length = min(sheet.missing, (len(content) - 1) // width)
        sheet.texts[sheet.drawn] += _text(content, 0, length)
        sheet.missing -= length
    elif kind == _NOTE:
        row, column, drawn = struct.unpack_from("<HH2xH", content)
        sheet.marks.comments[row, column] = sheet.texts.get(drawn, "")


def _text(content: bytes, at: int, length: int) -> str:
    """Read a text of so many characters: a byte that tells their width, then the characters."""
    if content[at] & 1:
        end = at + 1 + 2 * length
        coding = "utf-16-le"
    else:
        end = at + 1 + length
        coding = "latin-1"
    if len(content) < end:
        raise NotReadableError("file_damaged", "文字的记录不完整")
    return content[at + 1 : end].decode(coding, "replace")
