"""A sheet that is searched and a sheet that is parsed give the same marks and the same values."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from consolidator.forms.layout import address
from consolidator.intake.formats.marks import Marks
from consolidator.intake.formats.number_formats import (
    PLAIN,
    is_percent,
    may_mislead,
    only_writes_percent,
    shows_otherwise,
)
from consolidator.intake.formats.ooxml import formats_of
from consolidator.intake.formats.references import area_of, place_of
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.formats.sheet_marks import MAIN
from consolidator.intake.formats.sheet_xml import scan_sheet
from consolidator.intake.limits import RETURN
from consolidator.intake.values import Refusal
from unit_slips import SLIPS, Slip
from workbook_parts import GOOD, MAIN_PART, STYLES_PART, packed, parts


def sheets_of(content: bytes) -> list[bytes]:
    """Return the worksheets of a workbook's zip, none where it is none."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return []
    return [
        part
        for name, part in parts(content).items()
        if name.startswith("xl/worksheets/") and name.endswith(".xml")
    ]


def parsed_instead(xml: bytes) -> bytes:
    """Write a sheet so that it is not plain any more, and says the same."""
    assert xml.count(b"<sheetData>") == 1
    return xml.replace(b"<sheetData>", b"<sheetData >")


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.title.rstrip("."))
def test_both_ways_find_the_same(slip: Slip) -> None:
    content = slip.make()
    sheets = sheets_of(content)
    styles = parts(content).get(STYLES_PART) if sheets else None
    formats = formats_of(styles) if styles else PLAIN
    for xml in sheets:
        if xml.count(b"<sheetData>") != 1:
            continue
        outcomes: list[Marks | Refusal] = []
        for one in (xml, parsed_instead(xml)):
            try:
                outcomes.append(scan_sheet(one, RETURN, texts=10_000, formats=formats)[0])
            except NotReadableError as problem:
                outcomes.append(problem.refusal)
        assert outcomes[0] == outcomes[1]


def test_a_sheet_written_again_has_the_values_it_had() -> None:
    held = parts(GOOD)
    again = scan_sheet(parsed_instead(held[MAIN_PART]), RETURN, texts=10_000).part
    assert again != held[MAIN_PART]
    before, after = (
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("填报表").to_python()
        for content in (GOOD, packed({**held, MAIN_PART: again}))
    )
    assert before == after


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="A2"></c><c r="IW2"></c>', b'<c r="IW2" s="1"/>', b'<c r="IW2"><v/></c>',
        b"<c r=\"A2\"><f>&#10;&#128;</f><v>1</v></c>", b'<c r="A2"><f>1\r\n+1</f><v>2</v></c>',
        b'<c r="A2"><f>A1&lt;2&amp;&quot;x&apos;</f><v>1</v></c>',
        b'<c r="A2"><f>"\xff"</f><v>1</v></c>', b'<c r="A2"><f>&copy;</f><v>1</v></c>',
        b'<c r="A2"><f>"&#10;"</f><v>1</v></c>',
        b'<c r="A2"><f>&#x41;1</f><v>1</v></c>', b'<c r="A2"><f/><v>1</v></c>',
        b'<c r="A2" t="str"><f>A1</f><v></v></c>',
        b'<c r="A2"/></row><row r="4" ht="0"/><row r="5">',
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "around", [b"<cols/>", b'<sheetFormatPr defaultRowHeight="1"/>', b"<extLst/>",
               b'<sheetFormatPr defaultRowHeight="15"></sheetFormatPr>'],
)  # fmt: skip
def test_both_ways_find_the_same_of_a_cell(cell: bytes, around: bytes) -> None:
    xml = (
        b'<worksheet xmlns="' + MAIN[0] + b'">' + around + b'<sheetData><row r="2">' + cell
        + b"</row></sheetData></worksheet>"
    )  # fmt: skip
    outcomes: list[Marks | str] = []
    for one in (xml, parsed_instead(xml)):
        try:
            outcomes.append(scan_sheet(one, RETURN).marks)
        except NotReadableError as problem:
            outcomes.append(problem.refusal.code)
    assert outcomes[0] == outcomes[1]


@given(st.integers(0, 1_048_575), st.integers(0, 16_383))
def test_a_place_is_read_back_from_its_reference(row: int, column: int) -> None:
    assert place_of(address(row, column)) == (row, column)
    assert place_of(address(row, column, fixed=True)) == (row, column)
    assert area_of(f"A1:{address(row, column)}") == (0, 0, row, column)


@settings(max_examples=50)
@given(st.text(max_size=8))
def test_what_is_no_reference_is_refused(text: str) -> None:
    try:
        row, column = place_of(text)
    except NotReadableError:
        return
    assert text.strip("$")[0].isalpha()
    assert (row, column) >= (0, 0)


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="A1"><v>1</v><v>2</v></c>',
        b'<c r="A1"><v>1<!-- --></v></c>',
        b'<c r="A1"><v><![CDATA[1]]></v></c>',
        b'<c r="A1"><v>1</v></c><c r="A1"><v>2</v></c>',
        b'<c r="A1"><v>one</v></c>',
        b'<c r="A1" t="s"><v>9</v></c>',
        b'<c r="A1" t="s"><v>-1</v></c>',
        b'<c r="A1"><x xmlns="urn:x"/><v>1</v></c>',
        b'<c r="A0"><v>1</v></c>',
        b"</row><c r='A2'><v>1</v></c><row r='3'>",
        b'<c r="A2"><v>1</v></c>',
        b'<c r="A1"><v>1</v></c></row><row r="1"><c r="B1"><v>2</v></c>',
        b'<c r="A1"><v>1</v></c></row><row r="1" hidden="1"/><row r="2">',
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(cell: bytes) -> None:
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = (
        b'<worksheet xmlns="' + main + b'"><sheetData><row r="1">' + cell
        + b"</row></sheetData></worksheet>"
    )  # fmt: skip
    with pytest.raises(NotReadableError) as refused:
        scan_sheet(xml, RETURN, texts=3)
    assert refused.value.refusal.code == "file_damaged"


@pytest.mark.parametrize(
    ("defaults", "row", "hidden"),
    [
        (b"", b'r="2"', set()),
        (b"", b'r="2" ht="15"', set()),
        (b"", b'r="2" hidden="1"', {1}),
        (b"", b'r="2" hidden="true"', {1}),
        (b"", b'r="2" hidden="0"', set()),
        (b"", b'r="2" ht="0"', {1}),
        (b"", b'r="2" ht="0.75" customHeight="1"', {1}),
        (b"", b'r="2" ht="1e-3"', {1}),
        (b"", b'r="2" ht="&#48;"', {1}),
        (b"", b'hidden="1"', {1}),
        (b'<sheetFormatPr defaultRowHeight="15"/>', b'r="2"', set()),
        (b'<sheetFormatPr defaultRowHeight="0"/>', b'r="2" ht="15"', {0}),
        (b'<sheetFormatPr defaultRowHeight="0"/>', b'r="2"', {0, 1}),
    ],
)
def test_a_row_of_which_nothing_is_seen_is_known(
    defaults: bytes, row: bytes, hidden: set[int]
) -> None:
    xml = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        + defaults + b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row ' + row
        + b'><c r="A2"><v>1</v></c></row></sheetData></worksheet>'
    )  # fmt: skip
    for one in (xml, parsed_instead(xml)):
        assert scan_sheet(one, RETURN)[0].hidden_rows == hidden


@pytest.mark.parametrize("wrapping", [b"sheetPr", b"mc:AlternateContent", b"ext"])
def test_a_table_inside_something_else_is_refused(wrapping: bytes) -> None:
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = (
        b'<worksheet xmlns="' + main + b'" xmlns:mc="urn:mc"><' + wrapping + b"><sheetData>"
        b'<row r="1"><c r="A1"><v>1</v></c></row></sheetData></' + wrapping + b"></worksheet>"
    )  # fmt: skip
    for one in (xml, parsed_instead(xml)):
        with pytest.raises(NotReadableError) as refused:
            scan_sheet(one, RETURN)
        assert refused.value.refusal.code == "file_damaged"


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("General", 87), ("@", 87), ("0", 87), ("#,##0.00_);[Red](#,##0.00)", 87),
        ('0.0"家"', 87), ('#,##0"家"_);[Red]-#,##0', 87), ('0.00"万元"', 87), ("0.00E+00", 87),
        ("# ?/?", 87), ("[DBNum1]0", 87), ("[$￥-804]#,##0.00", 87), ('0"m²"', 87), ('0"."', 87),
        ('"a;b"0;"9"', 87), ('0".";0', 87), ('[=0]"";General', 87), ('[=0]"-";#,##0', 87),
        ('[>=10000]0!.0,"万";0', 87), ("G/通用格式", 87), (";;;", 0), ('0;-0;"-"', 0),
        ('_-* #,##0_-;-* #,##0_-;_-* "-"_-', 0), ("(0)", -87), ("0_)", 87), ("*-0", -87),
    ],
)  # fmt: skip
def test_a_format_that_shows_the_number_itself_is_none_to_warn_of(code: str, value: float) -> None:
    assert not shows_otherwise(code, value)
    assert not is_percent(code)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("0.00,,", 87), ("0!.0,", 87), ("0!.0", 87), (r"0\,0", 87), ('0"."0', 87), ('"12"', 87),
        (r"0\5", 87), (";;;", 87), ('"—";0', 87), ('[<10000]0;0\\.0,"万"', 1_000_000),
        ('[<50]0;"43"', 87), ("[<1]0;[<50]0;0.0,", 87), ('[<>87]0;"1"', 87), ('0"万"', 87),
        ('0"亿"', 87), ('0"千"', 87), ('0"百"', 87), ('0"k"', 87), ('0"‰"', 87), ("e", 87),
        ("yyyy-mm-dd", 87), ("[h]:mm", 87), ("[$1]0", 87), ("0[$0]", 87), ("[$.]0", 87),
        ("0*5", 87), ("*50", 87), ("0‧0", 87), ("0٫0", 87), ('0"-"0', 87), ('0" "0', 87),
        ("0:0", 87), ("0'0", 87), ('"-"0', 87), ("-0", 87), ("(0)", 87), ("000!-0000", 87),
        ('"十"0', 87), ('"一百"0', 87), ('0"½"', 87), ('0;-0;"5"', 0), ("[White]0", 87),
    ],
)  # fmt: skip
def test_a_format_that_shows_another_number_is_known(code: str, value: float) -> None:
    assert may_mislead(code)
    assert shows_otherwise(code, value)


@pytest.mark.parametrize("code", ["0%", "0.0%", '0"%"', r"0\%", "0％", "0.0%;-0.0%", "[<1]0%;0"])
def test_a_format_with_a_percent_sign_is_known(code: str) -> None:
    assert is_percent(code)


@pytest.mark.parametrize(
    ("code", "written"),
    [('0.0"%"', True), (r"0.0\%", True), ("0!%", True), ("0.0%", False), ('0"家"', False)],
)
def test_a_percent_sign_that_is_only_written_is_told_from_one_that_counts(
    code: str, written: bool
) -> None:
    assert only_writes_percent(code) is written
