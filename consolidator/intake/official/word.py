"""Read the tables of a Word document, which may be made to harm, into grids.

Its parts are unpacked within limits and held to be plain XML before the reader sees them. The
text is what is printed: what was deleted but is still tracked is left out, and a cell whose
text depends on how it is looked at is marked.
"""

import io
from collections.abc import Iterator
from typing import Any

import docx
from docx.oxml.ns import qn

from consolidator.intake.formats.package import parts_of, stored_zip
from consolidator.intake.formats.refusing import NotReadableError, hold_count
from consolidator.intake.limits import Limits
from consolidator.intake.official.grid import MOST_CELLS, Entry, Grid

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_LEFT_OUT = {
    qn("w:del"), qn("w:moveFrom"), qn("w:txbxContent"), qn("w:pict"), qn("w:tbl"),
    f"{_MC}Fallback",
}  # fmt: skip
_REVISED = {qn("w:ins"), qn("w:del"), qn("w:moveFrom"), qn("w:moveTo")}
_AS_TEXT = {
    qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-",
}  # fmt: skip
_PARAGRAPH, _TABLE, _ROW, _CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
_MOST_COLUMNS = 4_096
_MOST_TABLES = 200
_SHORTER = "这一行的格数与别的行不同，分不清是谁的"
Element = Any
"""python-docx's own elements are lxml's."""


def word_grids(content: bytes, limits: Limits) -> list[Grid]:
    """Return the tables of a .docx document in their order.

    Raises:
        NotReadableError: it is damaged, beyond the limits, made to harm or no such document.
    """
    parts = parts_of(content, limits)
    try:
        document = docx.Document(io.BytesIO(stored_zip(parts)))
        body: Element = document.element.body
        pieces = list(_pieces(body))
    except NotReadableError:
        raise
    except Exception as error:
        # Whatever its parts lack, python-docx raises as it comes.
        raise NotReadableError("file_damaged", "内容读不出来") from error
    tables = [piece for piece in pieces if not isinstance(piece, str)]
    hold_count(len(tables), _MOST_TABLES, "表格")
    grids: list[Grid] = []
    before: list[str] = []
    room = MOST_CELLS
    for piece in pieces:
        if isinstance(piece, str):
            before.append(piece)
            continue
        number = len(grids) + 1
        rows = _rows(piece, number, room)
        room -= len(rows) * len(rows[0]) if rows else 0
        grids.append(Grid(f"第 {number} 个表格", rows, tuple(before)))
        before = []
    if not grids:
        return []
    followed = [*(grid.before for grid in grids[1:]), tuple(before)]
    return [
        Grid(grid.place, grid.rows, grid.before, after)
        for grid, after in zip(grids, followed, strict=True)
    ]


def _pieces(body: Element) -> Iterator[Element]:
    """Yield the paragraphs' texts and the tables, in their order, whatever they stand in."""
    for one in body:
        if one.tag == _PARAGRAPH:
            if text := _text(one).strip():
                yield text
        elif one.tag == _TABLE:
            yield one
        elif one.tag not in _LEFT_OUT:
            yield from _pieces(one)


def _below(parent: Element, tag: str) -> Iterator[Element]:
    """Yield the elements of a table's or row's own, over content controls and the like."""
    for one in parent:
        if one.tag == tag:
            yield one
        elif one.tag not in (_TABLE, _ROW, _CELL, *_LEFT_OUT):
            yield from _below(one, tag)


def _rows(table: Element, number: int, room: int) -> tuple[tuple[Entry, ...], ...]:
    rows: list[list[Entry]] = []
    width = 0
    for index, row in enumerate(_below(table, _ROW)):
        entries = [
            Entry("", f"第 {number} 个表格第 {index + 1} 行", (index, place))
            for place in range(_number(row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}"), 0))
        ]
        for count, cell in enumerate(_below(row, _CELL), start=1):
            column = len(entries)
            properties = cell.find(qn("w:tcPr"))
            span = max(_number(_of(properties, "w:gridSpan"), 1), 1)
            if column + span > _MOST_COLUMNS:
                raise NotReadableError("file_too_large", f"一个表格 {column + span} 列")
            where = f"第 {number} 个表格第 {index + 1} 行第 {count} 格"
            trouble = _row_trouble(row) or _trouble(cell)
            one = Entry(_text(cell), where, (index, column), trouble)
            merge = _of(properties, "w:vMerge")
            if merge is not None and merge.get(qn("w:val"), "continue") == "continue" and rows:
                above = rows[-1][column] if column < len(rows[-1]) else one
                # What a continued cell holds itself is not shown.
                one = above
            entries += [one] * span
        behind = _number(row.find(f"{qn('w:trPr')}/{qn('w:gridAfter')}"), 0)
        entries += [
            Entry("", f"第 {number} 个表格第 {index + 1} 行", (index, place))
            for place in range(len(entries), len(entries) + behind)
        ]
        rows.append(entries)
        width = max(width, len(entries))
        hold_count(len(rows) * width, room, "单元格")
    filled = [list(_filled(row, width, index, number)) for index, row in enumerate(rows)]
    return _spread(filled)


def _spread(rows: list[list[Entry]]) -> tuple[tuple[Entry, ...], ...]:
    """Hand the trouble of a label on to what it names: the cells beside it and below it."""
    columns: dict[int, str] = {}
    spread = []
    for row in rows:
        worded = {
            place: one.trouble
            for place, one in enumerate(row)
            if one.trouble and any(char.isalpha() for char in one.text)
        }
        beside = next(iter(worded.values()), "")
        spread.append(
            tuple(
                one if one.trouble else one._replace(trouble=beside or columns.get(place, ""))
                for place, one in enumerate(row)
            )
        )
        columns |= worded
    return tuple(spread)


def _filled(row: list[Entry], width: int, index: int, number: int) -> Iterator[Entry]:
    """Yield a row as long as the others; in one that is shorter no cell has a sure place."""
    for one in row:
        yield one if len(row) == width or one.trouble else one._replace(trouble=_SHORTER)
    for place in range(len(row), width):
        yield Entry("", f"第 {number} 个表格第 {index + 1} 行", (index, place), _SHORTER)


def _of(properties: Element, name: str) -> Element:
    return None if properties is None else properties.find(qn(name))


def _number(element: Element, otherwise: int) -> int:
    text = "" if element is None else element.get(qn("w:val"), "")
    return min(int(text), _MOST_COLUMNS + 1) if text.isascii() and text.isdigit() else otherwise


def _text(element: Element) -> str:
    """Return the printed text below an element, a line for each paragraph."""
    lines: list[str] = []
    _gather(element, lines)
    return "\n".join(lines) if element.tag == _CELL else "".join(lines)


def _gather(element: Element, lines: list[str]) -> None:
    # Deep nesting is bounded by lxml itself (256 levels without huge_tree).
    if element.tag == _PARAGRAPH:
        lines.append("")
    for one in element:
        if one.tag == qn("w:t"):
            _add(lines, one.text or "")
        elif one.tag in _AS_TEXT:
            _add(lines, _AS_TEXT[one.tag])
        elif one.tag not in _LEFT_OUT:
            _gather(one, lines)


def _add(lines: list[str], text: str) -> None:
    if lines:
        lines[-1] += text
    else:
        lines.append(text)


_PLAIN = {
    qn(f"w:{name}") for name in (
        "p", "r", "t", "br", "cr", "tab", "noBreakHyphen", "softHyphen", "lastRenderedPageBreak",
        "bookmarkStart", "bookmarkEnd", "proofErr", "smartTag", "sdt", "sdtContent",
    )
}  # fmt: skip
"""What a cell's own text may consist of, besides the properties below."""
_PROPERTIES = {qn(f"w:{name}") for name in ("tcPr", "pPr", "rPr", "sdtPr", "smartTagPr")}
_CHANGES_TEXT = {
    qn(f"w:{name}") for name in (
        "vanish", "specVanish", "webHidden", "strike", "dstrike", "vertAlign", "position", "numPr",
        "rStyle", "caps", "fitText", "w", "eastAsianLayout", "del", "ins", "moveFrom", "moveTo",
        "cellDel", "cellIns", "cellMerge", "color",
    )
}  # fmt: skip
"""Properties that may print a text otherwise than it stands there, or not at all."""


def _row_trouble(row: Element) -> str:
    properties = row.find(qn("w:trPr"))
    changed = ("del", "ins", "hidden")
    if properties is not None and any(properties.find(qn(f"w:{one}")) is not None
                                      for one in changed):  # fmt: skip
        return "这一行有没有接受的修订，或被隐藏"
    return ""


def _changes(properties: Element) -> bool:
    """Tell whether properties may change what is printed; a colour only where it is white."""
    for one in properties.iter():
        if one.tag not in _CHANGES_TEXT:
            continue
        told = one.get(qn("w:val"), "1").lower()
        if one.tag == qn("w:color"):
            if told == "ffffff":
                return True
        elif told not in ("0", "false", "off", "baseline", "none"):
            return True
    return False


def _is_plain(element: Element) -> bool:
    """Tell whether below an element only plainly printed text stands."""
    for one in element:
        if not isinstance(one.tag, str):
            continue
        if one.tag in _PROPERTIES:
            if _changes(one):
                return False
        elif one.tag not in _PLAIN or not _is_plain(one):
            return False
    return True


def _trouble(cell: Element) -> str:
    """Say why a cell's text cannot be relied on; empty where it can."""
    if any(True for tag in _REVISED for _ in cell.iter(tag)):
        return "有没有接受的修订，请先在 Word 里接受或拒绝"
    if any(one.get(qn("w:val"), "1") not in ("0", "false") for one in cell.iter(qn("w:vanish"))):
        return "有隐藏的文字"
    if any(
        one.get(qn("w:val")) in ("superscript", "subscript") for one in cell.iter(qn("w:vertAlign"))
    ):
        return "有上标或下标"
    if any(True for _ in cell.iter(_TABLE)):
        return "里面还有一个表格"
    if any(
        True for tag in ("w:sym", "w:object", "w:drawing", "w:pict") for _ in cell.iter(qn(tag))
    ):
        return "有图片或符号"
    return "" if _is_plain(cell) else "有域、删除线、特殊样式等，印出来的可能不是这样"
