"""Render a ``Book`` as an .xlsx workbook; nothing else in the package writes one."""

import io
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from consolidator.excel import theme
from consolidator.forms.layout import (
    Area,
    Book,
    Cell,
    Chart,
    Highlight,
    Note,
    Printing,
    Role,
    Sheet,
    Style,
    Tone,
    Validation,
    column_letter,
    height_for,
)

_DEFAULT_HEIGHT = 21
_GROWING = (
    "insert_rows", "insert_columns", "delete_rows", "delete_columns", "format_rows",
    "format_cells",
)  # fmt: skip
_PAPERS = {"A3": 8, "A4": 9}
_PLAIN_KINDS = {"Blank", "String", "Number", "Datetime", "Formula"}
_letter = lru_cache(maxsize=None)(column_letter)
_NOTE_WIDTH = 260
_NOTE_COLUMNS, _NOTE_LINE = 38, 13
"""Pixels, and the digits of 9 points and the points a line that they make."""
_LONGEST_FOOTER = 255
"""Longer ones are dropped by XlsxWriter with a warning, and refused by Excel."""


class RenderError(Exception):
    """A book asks for what a workbook cannot hold: the form is at fault, never the data."""


def to_bytes(book: Book) -> bytes:
    """Return the workbook as the bytes of an .xlsx file.

    Raises:
        RenderError: a cell lies outside the grid or a text, link or validation is too long.
    """
    buffer = io.BytesIO()
    _Rendering(book, buffer).run()
    return buffer.getvalue()


def to_file(book: Book, path: Path) -> None:
    """Write the workbook to ``path``, keeping little in memory."""
    with path.open("wb") as stream:
        _Rendering(book, stream).run()


class _LockedWorkbook(xlsxwriter.Workbook):
    """XlsxWriter's workbook with the structure lock it cannot write by itself.

    ``workbookProtection`` stands before ``bookViews`` (ECMA-376 part 1, 18.2.27).
    """

    structure_hash = ""

    def _write_book_views(self) -> None:
        if self.structure_hash:
            self._xml_empty_tag(
                "workbookProtection",
                [("workbookPassword", self.structure_hash), ("lockStructure", "1")],
            )
        super()._write_book_views()


class _SafeWorksheet(Worksheet):
    """A worksheet that takes formulas as they are.

    XlsxWriter tries some thirty patterns on every formula for functions newer than Excel 2010.
    Forms use none of those (a test holds them to the safe functions), and without the search a
    formula is written several times faster.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        """Take the sign off: a file keeps formulas without it (ECMA-376 part 1, 18.17)."""
        return formula.removeprefix("=")

    alike: Area | None = None

    def _formula_of(self, row: int, col: int, formula: str) -> str:
        """Return the element of a formula: of those that are alike only the first says it.

        It is a shared formula then (ECMA-376 part 1, 18.3.1.40), as Excel itself writes it.
        """
        area = self.alike
        if area is None or col != area.first_column or not area.first_row <= row <= area.last_row:
            return f"<f>{escape(formula)}</f>"
        if row > area.first_row:
            return '<f t="shared" si="0"/>'
        return f'<f t="shared" ref="{area}" si="0">{escape(formula)}</f>'

    def _calculate_spans(self) -> None:
        """Leave out the spans of rows, a hint that no reader needs (ECMA-376, 18.3.1.73)."""

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        """Write a cell as XlsxWriter does, the kinds that forms use without its detours."""
        kind = cell.__class__.__name__
        if not cell.format or kind not in _PLAIN_KINDS:
            super()._write_cell(row, col, cell)
            return
        out: Any = self.fh
        start = f'<c r="{_letter(col)}{row + 1}" s="{cell.format._get_xf_index()}"'
        if kind == "Blank":
            out.write(f"{start}/>")
        elif kind == "String":
            out.write(f'{start} t="s"><v>{cell.string}</v></c>')
        elif kind != "Formula":
            out.write(f"{start}><v>{cell.number:.16G}</v></c>")
        elif isinstance(cell.value, str):
            shown = ' t="str"' if cell.value else ""
            formula = self._formula_of(row, col, cell.formula)
            out.write(f"{start}{shown}>{formula}<v>{escape(cell.value)}</v></c>")
        else:
            formula = self._formula_of(row, col, cell.formula)
            out.write(f"{start}>{formula}<v>{cell.value:.16G}</v></c>")


class _Rendering:
    def __init__(self, book: Book, target: Any) -> None:
        self.book = book
        self.workbook = _LockedWorkbook(
            target,
            {
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_date_format": "yyyy-mm-dd",
                "default_format_properties": {"font_name": theme.TEXT_FONT, "font_size": 10.5},
                "in_memory": isinstance(target, io.BytesIO),
            },
        )
        self.formats: dict[Style, Format] = {}
        self.tones: dict[Tone, Format] = {}

    def run(self) -> None:
        book, workbook = self.book, self.workbook
        workbook.set_properties(
            {"title": book.title, "author": book.author, "created": book.created}
        )
        for name, text in book.custom.items():
            workbook.set_custom_property(name, text, "text")
        for sheet in book.sheets:
            self._sheet(sheet)
        for name, target in book.names.items():
            if workbook.define_name(name, f"={target}"):
                raise RenderError(f"defined name {name!r}")
        if book.password:
            worksheet: Any = workbook.worksheets()[0]
            workbook.structure_hash = worksheet._encode_password(book.password)
        workbook.close()

    def _format(self, style: Style) -> Format:
        if style not in self.formats:
            self.formats[style] = self.workbook.add_format(dict(theme.properties(style)))
        return self.formats[style]

    def _tone(self, tone: Tone) -> Format:
        if tone not in self.tones:
            self.tones[tone] = self.workbook.add_format(dict(theme.TONES[tone]))
        return self.tones[tone]

    def _sheet(self, sheet: Sheet) -> None:
        worksheet = self.workbook.add_worksheet(sheet.name, worksheet_class=_SafeWorksheet)
        assert isinstance(worksheet, _SafeWorksheet)
        worksheet.alike = sheet.alike
        _columns(worksheet, sheet)
        for area, cell in sheet.merges:
            if (area.first_row, area.first_column) != (area.last_row, area.last_column):
                worksheet.merge_range(*area, "", self._format(cell.style))
            self._write(worksheet, cell)
        fitting = _Fitting(sheet)
        for cell in sheet.cells:
            self._write(worksheet, cell)
            fitting.see(cell)
        for row, height in fitting.heights.items():
            worksheet.set_row(row, height)
        for area, validation in sheet.validations:
            _validate(worksheet, area, validation)
        for highlight in sheet.highlights:
            self._highlight(worksheet, highlight)
        for note in sheet.notes:
            _note(worksheet, note, self.book.author)
        for chart in sheet.charts:
            _chart(self.workbook, worksheet, chart)
        if sheet.filter:
            worksheet.autofilter(*sheet.filter)
        _view(worksheet, sheet, active=sheet.name == (self.book.active or self.book.sheets[0].name))
        _print(worksheet, sheet.printing)
        if sheet.protected:
            allowed = {"autofilter": True, "format_columns": True}
            if sheet.growing:
                allowed |= dict.fromkeys(_GROWING, True)
            worksheet.protect(self.book.password, allowed)
        if sheet.very_hidden:
            worksheet.very_hidden()

    def _write(self, worksheet: Worksheet, cell: Cell) -> None:
        """Write one cell by the type of its value: text never becomes a formula or a link.

        The methods behind XlsxWriter's public ones are called, which only add the parsing of
        addresses such as ``A1`` that forms do not use.
        """
        row, column, value, style, formula, link = cell
        look = self._format(style)
        if formula:
            if link and worksheet.write_url(row, column, link, look, "-"):
                raise RenderError(f"{worksheet.get_name()} link at row {row} column {column}")
            cached = "" if value is None else value
            failed = worksheet._write_formula(row, column, formula, look, cached)
        elif link:
            failed = worksheet.write_url(row, column, link, look, str(value))
        elif value is None or value == "":
            failed = worksheet._write_blank(row, column, None, look)
        elif isinstance(value, str):
            failed = worksheet._write_string(row, column, value, look)
        elif isinstance(value, date):
            value = datetime(value.year, value.month, value.day)
            failed = worksheet.write_datetime(row, column, value, look)
        else:
            failed = worksheet._write_number(row, column, value, look)
        if failed:
            raise RenderError(f"{worksheet.get_name()} row {row} column {column}: code {failed}")

    def _highlight(self, worksheet: Worksheet, highlight: Highlight) -> None:
        options = {
            "type": "formula",
            "criteria": "=" + highlight.formula,
            "format": self._tone(highlight.tone),
            "stop_if_true": highlight.stop,
        }
        if worksheet.conditional_format(*highlight.area, options):
            raise RenderError(f"{worksheet.get_name()} highlight {highlight}")


class _Fitting:
    """The heights that rows without one of their own need for their longest text.

    Programs do not grow a row for wrapped text when they open a file that gives no height.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.given = {*sheet.heights, *sheet.hidden_rows}
        self.widths = [column.width for column in sheet.columns.all]
        # Text of so few characters fits on one line whatever it is made of.
        self.short = [(width - 2) / 2 for width in self.widths]
        self.heights: dict[int, float] = {}

    def see(self, cell: Cell) -> None:
        """Take a cell into account; most are told apart by their length alone."""
        text, row, column = cell.value, cell.row, cell.column
        if not isinstance(text, str) or len(text) <= self.short[column]:
            return
        if row in self.given or cell.style.role is Role.HIDDEN:
            return
        height = height_for([(text, self.widths[column])], least=0)
        if height > self.heights.get(row, _DEFAULT_HEIGHT):
            self.heights[row] = height


def _note(worksheet: Worksheet, note: Note, author: str) -> None:
    height = height_for([(note.text, _NOTE_COLUMNS)], line=_NOTE_LINE, least=40)
    options = {
        "author": author, "font_name": theme.TEXT_FONT, "font_size": 9, "width": _NOTE_WIDTH,
        "height": height * 4 / 3,
    }  # fmt: skip
    if worksheet.write_comment(note.row, note.column, note.text, options):
        raise RenderError(f"{worksheet.get_name()} note at row {note.row} column {note.column}")


def _chart(workbook: xlsxwriter.Workbook, worksheet: Worksheet, one: Chart) -> None:
    """Draw bars that are told apart in black and white: dark ones before pale, edged ones.

    The axis ends at 150 %: one wrong figure would else squeeze all others to nothing. What is
    longer is cut, and its name says its number.
    """
    chart: Any = workbook.add_chart({"type": "bar"})
    text = {"name": theme.TEXT_FONT, "size": 9, "color": theme.INK}
    for place, series in enumerate(one.series):
        fill = theme.PALE_BAR if series.pale else theme.BAR
        if one.side_by_side:
            fill = theme.shade(place, len(one.series))
        chart.add_series(
            {
                "name": series.name,
                "categories": f"={one.categories}",
                "values": f"={series.values}",
                "fill": {"color": fill},
                "border": {"color": theme.MUTED if series.pale else theme.BAR, "width": 0.75},
                "gap": 45,
                "overlap": 0 if one.side_by_side else 100,
            }
        )
    title = {"name": theme.TITLE_FONT, "size": 12, "bold": False, "color": theme.INK}
    chart.set_title({"name": one.title, "name_font": title})
    line = {"visible": True, "line": {"color": theme.BORDER, "width": 0.75}}
    chart.set_x_axis(
        {"num_format": "0%", "min": 0, "max": 1.5, "num_font": text, "major_gridlines": line}
    )
    # The first name stands at the top, and the numbers below the last.
    chart.set_y_axis(
        {"reverse": True, "crossing": "max", "num_font": text, "major_tick_mark": "none"}
    )
    chart.set_legend({"position": "bottom", "font": text})
    chart.set_size({"width": one.width, "height": one.height})
    chart.show_hidden_data()
    placing = {"description": one.description, "object_position": 1}
    if worksheet.insert_chart(one.row, one.column, chart, placing):
        raise RenderError(f"{worksheet.get_name()} chart {one.title!r}")


def _columns(worksheet: Worksheet, sheet: Sheet) -> None:
    if sheet.row_height:
        worksheet.set_default_row(sheet.row_height)
    for index, column in enumerate(sheet.columns.all):
        worksheet.set_column(index, index, column.width, None, {"hidden": column.hidden})
    for row in sheet.hidden_rows:
        worksheet.set_row(row, None, None, {"hidden": True})
    for row, height in sheet.heights.items():
        worksheet.set_row(row, height)


def _view(worksheet: Worksheet, sheet: Sheet, *, active: bool) -> None:
    worksheet.hide_gridlines(2)
    worksheet.set_zoom(sheet.zoom)
    worksheet.set_selection(*sheet.cursor, *sheet.cursor)
    if sheet.freeze:
        worksheet.freeze_panes(*sheet.freeze)
    if active:
        worksheet.activate()
        worksheet.set_first_sheet()
    if sheet.tab:
        worksheet.set_tab_color(theme.TABS[sheet.tab])


def _print(worksheet: Worksheet, printing: Printing) -> None:
    worksheet.set_paper(_PAPERS[printing.paper])
    if printing.landscape:
        worksheet.set_landscape()
    worksheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    if printing.scale:
        worksheet.set_print_scale(printing.scale)
        worksheet.set_h_pagebreaks(list(printing.row_breaks))
    else:
        worksheet.fit_to_pages(1, printing.tall)
    if printing.centred:
        worksheet.center_horizontally()
    if printing.area:
        worksheet.print_area(*printing.area)
    if printing.repeat_rows:
        worksheet.repeat_rows(*printing.repeat_rows)
    if printing.repeat_columns:
        worksheet.repeat_columns(*printing.repeat_columns)
    left = printing.footer.replace("&", "&&")
    footer = f"&L&9 {left}&C&9第 &P 页  共 &N 页&R&9打印：&D &T"
    if len(footer) > _LONGEST_FOOTER:
        raise RenderError(f"{worksheet.get_name()} footer {footer!r}")
    worksheet.set_footer(footer)


def _validate(worksheet: Worksheet, area: Area, validation: Validation) -> None:
    kind = validation.kind
    options: dict[str, Any] = {
        "validate": kind,
        "input_title": validation.title[:32],
        "input_message": validation.prompt,
        "error_title": "填写有误",
        "error_message": validation.error,
    }
    if kind == "list":
        options["source"] = (
            "=" + validation.formula if validation.formula else [*validation.choices]
        )
    elif kind == "custom":
        options["value"] = "=" + validation.formula
    elif validation.maximum is None:
        options |= {"criteria": ">=", "value": validation.minimum}
    else:
        options |= {
            "criteria": "between", "minimum": validation.minimum, "maximum": validation.maximum,
        }  # fmt: skip
    if worksheet.data_validation(*area, options):
        raise RenderError(f"{worksheet.get_name()} validation {validation.title}")
