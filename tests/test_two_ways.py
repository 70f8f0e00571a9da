"""What a file shows and what it stores may differ: then the cell is named, or the file refused.

Each case was seen to be read as one number and shown by another program as a second one, or not
at all.
"""

import re
import struct

import pytest

from consolidator.checks.run import check_returned
from consolidator.files import sha256
from consolidator.intake.returned import read_content
from returns import NOON, SHIPPED
from test_unit_slips import BRIEF
from workbook_parts import (
    GOOD,
    MAIN_PART,
    STYLES_PART,
    WORKBOOK_PART,
    Edit,
    Make,
    at,
    before,
    bits,
    bits_row,
    cell,
    edited,
    main,
    ods,
    packed,
    parts,
    record,
    swapped,
    with_part,
    xls,
    xlsb,
)

FIRMS = at("hightech_firms")
ROW = int(FIRMS[1:])
LEFT = f"G{ROW}"
BELOW = f"H{ROW + 1}"
WHOLE_ROW = re.search(rf'<row r="{ROW}" .*?</row>', parts(GOOD)[MAIN_PART].decode())
assert WHOLE_ROW
OPENED = WHOLE_ROW[0]
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STYLED = (
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" '
)


def formula(where: str, attributes: str, text: str, value: float) -> Edit:
    """Put a formula that fills an area into one of the form's cells."""
    return cell(where, f'<c r="{where}" s="{{s}}"><f {attributes}>{text}</f><v>{value}</v></c>')


def conditional(code: str) -> bytes:
    """Let a condition give the figure another number format."""
    held = parts(GOOD)
    styles = held[STYLES_PART].decode()
    found = re.search(r'<dxfs count="(\d+)">', styles)
    assert found
    count = int(found[1])
    dxf = f'<dxf><numFmt numFmtId="300" formatCode="{code}"/></dxf>'
    held[STYLES_PART] = edited(
        held[STYLES_PART],
        swapped(found[0], f'<dxfs count="{count + 1}">'),
        before("</dxfs>", dxf),
    )
    rule = (
        f'<conditionalFormatting sqref="{FIRMS}"><cfRule type="expression" dxfId="{count}" '
        'priority="99"><formula>TRUE</formula></cfRule></conditionalFormatting>'
    )
    held[MAIN_PART] = edited(held[MAIN_PART], before("<conditionalFormatting", rule))
    return packed(held)


def old_number(kind: int, *, layout: str = "<HHHd") -> bytes:
    """Write a number over the figure by a record that only older formats have."""
    return record(kind, struct.pack(layout, ROW - 1, 7, 0, 5))


def ods_styles(styles: str, *edits: Edit) -> bytes:
    return ods(
        swapped("<office:document-content ", f"<office:document-content {STYLED}"),
        before("<office:body>", f"<office:automatic-styles>{styles}</office:automatic-styles>"),
        *edits,
    )


SCALED = (
    '<number:number-style style:name="N1"><number:number number:display-factor="1000"/>'
    "</number:number-style>"
)
FIGURE = '<table:table-cell office:value-type="float" office:value="87.0">'
FAKE = (
    '<table:shapes><draw:frame xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0">'
    "<table:table><table:table-row><table:table-cell/></table:table-row></table:table>"
    "</draw:frame></table:shapes>"
)

NAMED: dict[str, tuple[Make, str, str]] = {
    "an array over the figure.xlsx": (
        main(formula(LEFT, f't="array" ref="{LEFT}:{FIRMS}"', "COLUMN(E1:F1)", 5)),
        FIRMS, "formula_uncomputed"),
    "an array from the figure down.xlsx": (
        main(formula(FIRMS, f't="array" ref="{FIRMS}:{BELOW}"', "ROW(A5:A6)", 87)),
        BELOW, "formula_uncomputed"),
    "a table of data over the figure.xlsx": (
        main(formula(FIRMS, f't="dataTable" ref="{FIRMS}:{BELOW}" dt2D="0" r1="A1"', "", 87)),
        BELOW, "formula_uncomputed"),
    "an array over the figure.xlsb": (
        lambda: xlsb(last=bits(426, struct.pack("<4IB", ROW - 2, ROW - 1, 7, 7, 0))),
        FIRMS, "formula_uncomputed"),
    "an array over the figure.xls": (
        lambda: xls(last=record(0x0221, struct.pack("<HHBB8x", ROW - 2, ROW - 1, 7, 7))),
        FIRMS, "formula_uncomputed"),
    "a matrix over the figure.ods": (
        lambda: ods(lambda xml: xml.replace(FIGURE, FIGURE[:-1] + (
            ' table:formula="of:=ROW([.A1:.A2])" table:number-matrix-rows-spanned="2" '
            'table:number-matrix-columns-spanned="1">'), 1)),
        BELOW, "formula_uncomputed"),
    "a merge written on two lines.xlsx": (
        main(before("<mergeCell ", f'<mergeCell\nref="{LEFT}:{FIRMS}"/>')), FIRMS, "entry_merged"),
    "a merge with a prefix.xlsx": (
        main(swapped("<worksheet ", '<worksheet xmlns:q="http://schemas.openxmlformats.org/'
                     'spreadsheetml/2006&#47;main" '),
             before("<mergeCell ", f'<q:mergeCell ref="{LEFT}:{FIRMS}"/>')),
        FIRMS, "entry_merged"),
    "a merge of the strict kind.xlsx": (
        main(swapped("<worksheet ", f'<worksheet xmlns:q="{STRICT}" '),
             before("<mergeCell ", f'<q:mergeCell ref="{LEFT}:{FIRMS}"/>')),
        FIRMS, "entry_merged"),
    "a column written on two lines.xlsx": (
        main(swapped('<col min="8"', '<col\nhidden="1" min="8"')), FIRMS, "hidden_entry"),
    "a row hidden in other words.xlsx": (
        main(swapped(f'<row r="{ROW}" ', f'<row r="{ROW}" hidden="on" ')), FIRMS, "hidden_entry"),
    "a format by condition.xlsx": (lambda: conditional("0!.0,"), FIRMS, "figure_disguised"),
    "nothing by condition.xlsx": (lambda: conditional(";;;"), FIRMS, "figure_disguised"),
    "the default style.ods": (
        lambda: ods_styles(
            SCALED + '<style:style style:name="Default" style:family="table-cell" '
            'style:data-style-name="N1"/>'),
        FIRMS, "figure_disguised"),
    "a style by condition.ods": (
        lambda: ods_styles(
            SCALED + '<style:style style:name="X" style:family="table-cell" '
            'style:data-style-name="N1"/><style:style style:name="Y" style:family="table-cell">'
            '<style:map style:condition="cell-content()&gt;1" style:apply-style-name="X"/>'
            "</style:style>",
            swapped(FIGURE, FIGURE.replace(" office", ' table:style-name="Y" office', 1))),
        FIRMS, "figure_disguised"),
    "a date for a number.ods": (
        lambda: ods_styles(
            '<number:date-style style:name="N2"><number:year/></number:date-style>'
            '<style:style style:name="X" style:family="table-cell" style:data-style-name="N2"/>',
            swapped(FIGURE, FIGURE.replace(" office", ' table:style-name="X" office', 1))),
        FIRMS, "figure_disguised"),
}  # fmt: skip
REFUSED: dict[str, Make] = {
    "a row in an alternative.xlsx": main(
        swapped("<worksheet ", f'<worksheet xmlns:zz="urn:zz" xmlns:mc="{MC}" '),
        swapped(OPENED, '<mc:AlternateContent><mc:Choice Requires="zz">'
                f"{OPENED}</mc:Choice></mc:AlternateContent>")),
    "a row in an extension.xlsx": main(swapped(OPENED, f"<extLst>{OPENED}</extLst>")),
    "a sheet in an alternative.xlsx": lambda: with_part(GOOD, WORKBOOK_PART, lambda xml: re.sub(
        r'(<sheet name="填报表"[^>]*/>)',
        rf'<mc:AlternateContent xmlns:mc="{MC}"><mc:Choice Requires="zz">\1</mc:Choice>'
        "</mc:AlternateContent>", xml)),
    "a number of Excel 2.xls": lambda: xls(last=old_number(0x0003, layout="<HHH1xd")),
    "a whole number of Excel 2.xls": lambda: xls(last=old_number(0x0002, layout="<HHH1xH")),
    "a formula of Excel 3.xls": lambda: xls(last=old_number(0x0206)),
    "a blank over the figure.xls": lambda: xls(
        last=record(0x0201, struct.pack("<HHH", ROW - 1, 7, 0))),
    "blanks over the figure.xls": lambda: xls(
        last=record(0x00BE, struct.pack("<HHHHH", ROW - 1, 7, 0, 0, 8))),
    "a number over the figure.xlsb": lambda: xlsb(last=bits_row(ROW - 1, 7)),
    "a table in a shape.ods": lambda: ods(before("<table:table-row>", FAKE)),
    "a row without the usual prefix.ods": lambda: ods(before("<table:table-row>", (
        '<table-row xmlns="urn:oasis:names:tc:opendocument:xmlns:table:1.0"/>'))),
    "a prefix with a reference.ods": lambda: ods(before("<table:table-row>", (
        '<x:table-row xmlns:x="urn:oasis:names:tc:opendocument:xmlns:table:1&#46;0"/>'))),
}  # fmt: skip


def told(name: str, content: bytes) -> set[tuple[str, str]]:
    returned = read_content(content, name, sha256(content), NOON, BRIEF)
    return {(one.cell, one.code) for one in check_returned(returned, SHIPPED)}


@pytest.mark.parametrize("name", NAMED)
def test_a_figure_that_is_shown_otherwise_is_named(name: str) -> None:
    make, where, code = NAMED[name]
    assert (where, code) in told(name, make())


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_programs_take_in_two_ways_is_refused(name: str) -> None:
    assert told(name, REFUSED[name]()) == {("", "file_damaged")}


def test_an_unknown_error_value_costs_its_own_cell_alone() -> None:
    other = parts(GOOD)[MAIN_PART].decode()
    found = re.search(rf'<c r="{BELOW}"[^>]*><v>(\d+)</v>', other)
    assert found
    content = main(cell(FIRMS, f'<c r="{FIRMS}" s="{{s}}" t="e"><v>{found[1]}</v></c>'))()
    assert {where for where, _ in told("上报.xlsx", content)} == {FIRMS}
