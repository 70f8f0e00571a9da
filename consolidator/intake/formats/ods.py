"""Tell what an .ods holds besides values, and make every .ods readable.

Rows and cells of OpenDocument say how often they repeat; positions come from adding that up.
"""

import io
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping

from lxml import etree

from consolidator.intake.formats.marks import UNKNOWN_ERROR, Marks, Remark
from consolidator.intake.formats.ods_styles import OFFICE, TABLE, TEXT, Styles
from consolidator.intake.formats.package import stored_zip
from consolidator.intake.formats.refusing import (
    NotReadableError,
    hold_area,
    hold_cell,
    hold_count,
    hold_sheets,
)
from consolidator.intake.formats.xml_parsing import PARSER
from consolidator.intake.limits import Limits

_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
_HOLD_ROWS = tuple(
    f"{TABLE}{name}" for name in ("table", "table-rows", "table-row-group", "table-header-rows")
)
_SHAPES = f"{TABLE}shapes"
_VALUES = {
    "float": "value", "percentage": "value", "currency": "value", "date": "date-value",
    "time": "time-value", "boolean": "boolean-value", "string": "string-value",
}  # fmt: skip
"""The attribute that holds a value, by its type (ODF 1.2 part 1, 19.385)."""
_PREFIXES = {
    "office": OFFICE[1:-1], "table": TABLE[1:-1], "text": TEXT[1:-1], "calcext": _CALC[1:-1],
}  # fmt: skip
_HIDDEN = ("collapse", "filter")
_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
_MOST_COLUMNS = 16_384
_PREFIX, _REFERENCE = re.compile(r"^\w+:=|^="), re.compile(r"\[([^\[\]#]*)\]")
"""What a formula begins with, and its references within the document: ``of:=[.H10]``."""
_XLINK = "{http://www.w3.org/1999/xlink}href"
_SOURCES = ("table-source", "cell-range-source", "database-source-table", "database-source-query",
            "database-source-sql")  # fmt: skip
"""Elements of a table or range that takes its content from elsewhere."""
_CONTENT, _STYLES = "content.xml", "styles.xml"


def scan_ods(parts: Mapping[str, bytes], limits: Limits) -> dict[str, Marks]:
    """Return the marks of each table of an .ods, by its name.

    Raises:
        NotReadableError: it is not well-formed or beyond the limits.
    """
    root = _content(parts)
    _hold_names(parts)
    _hold_one_way(root)
    styles = Styles(*_styles(parts), root)
    styles.conditional |= {
        str(one.get(f"{_CALC}apply-style-name")) for one in root.iter(f"{_CALC}condition")
    }
    tables = [one for one in root.iter(f"{TABLE}table") if _is_sheet(one)]
    hold_count(len(tables), limits.sheets, "工作表")
    marks: dict[str, Marks] = {}
    for one in tables:
        marks[str(one.get(f"{TABLE}name"))] = _marks(one, styles, limits)
        hold_sheets(marks.values(), limits)
    if len(marks) != len(tables):
        raise NotReadableError("file_damaged", "两张工作表同名")
    return marks


def without_layout_space(parts: Mapping[str, bytes]) -> bytes:
    """Return the document again with no white space between the tags of ``content.xml``.

    The results of DDE links, tables of their own, are left out.

    calamine refuses it (0.9.1), and Gnumeric lays its XML out with it. White space inside
    paragraphs (elements of ODF's ``text`` namespace) is text and stays.

    Raises:
        NotReadableError: ``content.xml`` is not well-formed.
    """
    root = _content(parts)
    for links in list(root.iter(f"{TABLE}dde-links")):
        links.getparent().remove(links)
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        inside_text = element.tag.startswith(TEXT)
        if not inside_text and element.text and not element.text.strip():
            element.text = None
        parent = element.getparent()
        in_text = parent is not None and str(parent.tag).startswith(TEXT)
        if not in_text and element.tail and not element.tail.strip():
            element.tail = None
    return stored_zip({**parts, _CONTENT: etree.tostring(root)})


def remarks_of(parts: Mapping[str, bytes]) -> Iterator[Remark]:
    """Tell macros, embedded objects, and links to other files and programs."""
    for name in parts:
        folder = name.partition("/")[0]
        if folder in ("Basic", "Scripts") and name.count("/") > 1:
            yield Remark("macro_present")
        elif folder.startswith("Object ") and name.endswith("/content.xml"):
            yield Remark("embedded_object", folder)
    root = _content(parts)
    for one in root.iter(*(f"{TABLE}{name}" for name in _SOURCES)):
        yield Remark("external_link", one.get(_XLINK) or "数据连接")
    for one in root.iter(f"{OFFICE}dde-source"):
        yield Remark("dde_link", one.get(f"{OFFICE}dde-application", ""))


def names_of(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return the named ranges and the cells they stand for, written as SpreadsheetML does."""
    return {
        str(one.get(f"{TABLE}name")): _reference(str(one.get(f"{TABLE}cell-range-address")))
        for one in _content(parts).iter(f"{TABLE}named-range")
    }


def _reference(address: str) -> str:
    sheet, _, cell = address.partition(":")[0].rpartition(".")
    return f"{sheet.lstrip('$')}!{cell}"


def _content(parts: Mapping[str, bytes]) -> etree._Element:
    if _CONTENT not in parts:
        raise NotReadableError("file_damaged", "缺少部件")
    try:
        return etree.fromstring(parts[_CONTENT], PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotReadableError("file_damaged", "部件的内容不完整") from error


def _styles(parts: Mapping[str, bytes]) -> Iterator[etree._Element]:
    """Yield the part of styles, where there is one that can be read: a sheet can do without."""
    if _STYLES in parts:
        try:
            yield etree.fromstring(parts[_STYLES], PARSER)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise NotReadableError("file_damaged", "部件的内容不完整") from error


def _hold_names(parts: Mapping[str, bytes]) -> None:
    """Hold that every prefix stands for what it usually does.

    calamine goes by the prefix, whatever it stands for (0.9.1).
    """
    try:
        declared = etree.iterparse(
            io.BytesIO(parts[_CONTENT]), events=("start-ns",), resolve_entities=False,
            no_network=True, load_dtd=False, huge_tree=False,
        )  # fmt: skip
        for _, (prefix, name) in declared:
            known = prefix in _PREFIXES or name in _PREFIXES.values()
            if known and _PREFIXES.get(prefix) != name:
                raise NotReadableError("file_damaged", "命名空间的写法有歧义")
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotReadableError("file_damaged", "部件的内容不完整") from error


def _hold_one_way(root: etree._Element) -> None:
    """Hold that rows lie in tables that are sheets, and cells in rows.

    calamine takes any row it comes to, and the first end of a table for the sheet's (0.9.1).
    """
    for one in root.iter(f"{TABLE}table-row", f"{TABLE}table", *_CELLS):
        parent = one.getparent()
        if one.tag == f"{TABLE}table":
            fits = _is_sheet(one) or (parent is not None and parent.tag == f"{TABLE}dde-link")
        elif one.tag == f"{TABLE}table-row":
            fits = parent is not None and parent.tag in _HOLD_ROWS
        else:
            fits = parent is not None and parent.tag == f"{TABLE}table-row"
        if not fits:
            raise NotReadableError("file_damaged", "工作表的写法有歧义")


def _is_sheet(table: etree._Element) -> bool:
    """Tell a sheet from a table inside a drawing or a tracked change."""
    parent = table.getparent()
    return parent is not None and parent.tag == f"{OFFICE}spreadsheet"


def _marks(table: etree._Element, styles: Styles, limits: Limits) -> Marks:
    marks = Marks(hidden=styles.is_hidden(table.get(f"{TABLE}style-name", "")))
    ends: list[int] = []
    looks: list[str] = []
    column = 0
    for one in _inside(table, f"{TABLE}table-column"):
        count = _repeated(one, "columns")
        if _is_not_shown(one, "table-column", styles):
            marks.hidden_columns |= set(range(column, min(column + count, limits.columns)))
        column += count
        ends.append(column)
        looks.append(str(one.get(f"{TABLE}default-cell-style-name", "")))

    def of_column(place: int) -> str:
        at = bisect_right(ends, place)
        return looks[at] if at < len(looks) else ""

    row = 0
    for line in _inside(table, f"{TABLE}table-row"):
        count = _repeated(line, "rows")
        if _mark_row(marks, line, row, count, limits):
            hold_cell(row + count - 1, 0, limits)
            _mistake(marks, line, range(row, row + count), styles, of_column)
        if row < limits.rows and _is_not_shown(line, "table-row", styles):
            marks.hidden_rows |= set(range(row, min(row + count, limits.rows)))
        row += count
    hold_count(len(marks.merges), limits.merges, "合并区域")
    return marks


def _is_not_shown(element: etree._Element, family: str, styles: Styles) -> bool:
    """Tell whether a row or column is hidden, or drawn so small that nothing is seen of it."""
    hidden = element.get(f"{TABLE}visibility") in _HIDDEN
    return hidden or styles.is_small(family, element.get(f"{TABLE}style-name", ""))


def _mistake(
    marks: Marks, line: etree._Element, rows: range, styles: Styles, of_column: Callable[[int], str]
) -> None:
    """Note a row's cells whose style shows another number than is stored.

    A cell without a style has that of its row, else that of its column.
    """
    of_row, otherwise = (
        line.get(f"{TABLE}default-cell-style-name", ""),
        styles.misleads_by_condition(),
    )
    column = 0
    for cell in line.iterchildren(*_CELLS):
        first, column = column, column + _repeated(cell, "columns")
        if not _holds(cell):
            continue
        for place in range(first, column):
            name = cell.get(f"{TABLE}style-name") or of_row or of_column(place)
            percent, code = styles.misleads(name)
            code = code or otherwise
            for row in rows if percent or code else ():
                if percent:
                    marks.percents.add((row, place))
                if code:
                    marks.disguised[row, place] = code


def _inside(table: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Yield rows or columns of a table, those in groups and headings too."""
    for one in table:
        if one.tag == tag:
            yield one
        elif isinstance(one.tag, str) and one.tag != _SHAPES:
            yield from (inner for inner in one.iter(tag))


def _mark_row(marks: Marks, line: etree._Element, row: int, count: int, limits: Limits) -> bool:
    """Note a row's cells; tell whether it holds anything."""
    column, held = 0, False
    for cell in line.iterchildren(*_CELLS):
        times = _repeated(cell, "columns")
        if _holds(cell):
            held = True
            hold_cell(row, column + times - 1, limits)
            hold_count((row + count) * (column + times), limits.cells, "铺开的单元格")
            marks.last_row = max(marks.last_row, row + count - 1)
            marks.last_column = max(marks.last_column, column + times - 1)
            told = _told(cell)
            for place in range(column, column + times) if told else ():
                _mark_cell(marks, cell, (row, place), limits)
        over = _whole(cell, "number-columns-spanned")
        down = _whole(cell, "number-rows-spanned")
        if (over, down) != (1, 1):
            hold_cell(row + down - 1, column + over - 1, limits)
            marks.merges.append((row, column, row + down - 1, column + over - 1))
        column += times
    return held


def _told(cell: etree._Element) -> bool:
    """Hold that a cell says one thing; tell whether there is more to it than a value.

    Programs take a value by its type, by whichever attribute is there, or by its text.
    """
    sort = cell.get(f"{OFFICE}value-type") or ""
    values = {name.removeprefix(OFFICE) for name in cell.attrib if name.startswith(OFFICE)}
    values -= {"value-type", "currency"}
    shown = cell.get(f"{_CALC}value-type") or sort
    if not values <= {_VALUES.get(sort, "")} or shown not in (sort, "error"):
        raise NotReadableError("file_damaged", "单元格的写法有歧义")
    return (
        cell.get(f"{TABLE}formula") is not None
        or sort == "percentage"
        or shown == "error"
        or cell.find(f"{OFFICE}annotation") is not None
    )


def _mark_cell(marks: Marks, cell: etree._Element, place: tuple[int, int], limits: Limits) -> None:
    formula = cell.get(f"{TABLE}formula")
    if cell.get(f"{OFFICE}value-type") == "percentage":
        marks.percents.add(place)
    shown = "".join("".join(one.itertext()) for one in cell.iterchildren(f"{TEXT}p"))
    if formula is not None:
        marks.formulas[place] = _plain_formula(formula)
        down, over = (_whole(cell, f"number-matrix-{what}-spanned") for what in ("rows", "columns"))
        if (down, over) != (1, 1):
            area = (*place, place[0] + down - 1, place[1] + over - 1)
            hold_area(*area, limits)
            marks.cover(area, marks.formulas[place])
        if not cell.get(f"{OFFICE}value-type"):
            marks.uncomputed.add(place)
    of_error = cell.get(f"{_CALC}value-type") == "error"
    if of_error or (formula is not None and shown.startswith(_ERRORS)):
        marks.errors[place] = shown or UNKNOWN_ERROR
    for note in cell.iterchildren(f"{OFFICE}annotation"):
        marks.comments[place] = "".join(
            "".join(one.itertext()) for one in note.iterchildren(f"{TEXT}p")
        ).strip()


def _plain_formula(formula: str) -> str:
    """Write a formula as people know it; what leads to another file keeps its brackets."""
    return _REFERENCE.sub(lambda found: found[1].lstrip("."), _PREFIX.sub("", formula))


def _holds(cell: etree._Element) -> bool:
    return (
        cell.get(f"{OFFICE}value-type") is not None
        or cell.get(f"{TABLE}formula") is not None
        or len(cell) > 0
    )


def _repeated(element: etree._Element, what: str) -> int:
    return _whole(element, f"number-{what}-repeated")


def _whole(element: etree._Element, attribute: str) -> int:
    text = element.get(f"{TABLE}{attribute}") or "1"
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) < 1:
        raise NotReadableError("file_damaged", "重复次数不对")
    return int(text)
