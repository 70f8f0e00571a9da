"""What a reader said of a row or a text before is what it would say of it now."""

import gc
import re
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from consolidator.intake.formats.number_formats import PLAIN, Misleading
from consolidator.intake.formats.ooxml import Described, scan_ooxml
from consolidator.intake.formats.package import parts_of, stored_zip
from consolidator.intake.formats.plain_row import read_row
from consolidator.intake.formats.plain_table import LONG_CELL, AnsweredRow, CellAnswers, Table
from consolidator.intake.formats.plain_texts import ANSWERS, Texts, cut_texts
from consolidator.intake.formats.reading import Rows, read_values
from consolidator.intake.formats.recalling import recalled
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.limits import RETURN
from consolidator.intake.opening import open_workbook
from returns import SHIPPED, ask, good_answers, rendered
from unit_slips import SLIPS, Slip
from workbook_parts import (
    GOOD,
    MAIN_PART,
    OFFICE,
    PACKAGE,
    RELATIONS_PART,
    SPACE,
    STRINGS_PART,
    STYLES_PART,
    TYPES_PART,
    WORKBOOK_PART,
    at,
    cell,
    packed,
    parts,
    swapped,
    with_part,
)

MAIN_SHEET = "填报表"


def described(content: bytes) -> Described | None:
    """Describe a workbook; None where it is none, or may not be read."""
    try:
        return scan_ooxml(parts_of(content, RETURN), RETURN)
    except NotReadableError:
        return None


def trimmed(rows: Rows) -> list[list[tuple[str, object]]]:
    """Return values with their types, without what is blank at the ends of rows and sheets."""
    lines = [[(type(one).__name__, one) for one in row] for row in rows]
    for line in lines:
        while line and line[-1][1] == "":
            line.pop()
    while lines and not lines[-1]:
        lines.pop()
    return lines


def values(content: bytes) -> tuple[dict[str, list[list[tuple[str, object]]]], ...]:
    """Return what a reader says of the whole workbook, and twice what is recalled of it."""
    about = described(content)
    assert about is not None
    assert about.plain is not None
    whole = read_values(stored_zip(about.kept), about.marks)
    return tuple(
        {name: trimmed(rows) for name, rows in sheets.items()}
        for sheets in (whole, recalled(about.plain), recalled(about.plain))
    )


@pytest.mark.parametrize("unit", [one.code for one in SHIPPED.units])
def test_each_unit_reads_as_it_would_by_itself(unit: str) -> None:
    whole, *recollected = values(rendered(ask(unit)))
    assert recollected == [whole, whole]


def test_most_slips_are_plainly_written() -> None:
    plain = [one for slip in SLIPS if (one := described(slip.make())) and one.plain]
    assert len(plain) > len(SLIPS) / 2


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.title.rstrip("."))
def test_every_slip_reads_as_it_would_by_itself(slip: Slip) -> None:
    about = described(slip.make())
    if about is None or about.plain is None:
        return
    whole, *recollected = values(slip.make())
    assert recollected == [whole, whole]


_CONTENT = st.one_of(
    st.integers(-(10**16), 10**16).map(lambda n: f"<v>{n}</v>"),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda n: f"<v>{n!r}</v>"),
    st.sampled_from(["<v>0</v>", "<v/>", "<v></v>", "<f>1+1</f><v>2</v>", "<f>A1</f>"]),
)


def hold_alike(made: bytes, about: Described) -> None:
    """Hold that a workbook is read alike as a whole and recalled, or not at all either way."""
    try:
        read_values(stored_zip(about.kept), about.marks)
    except NotReadableError:
        assert about.plain is not None
        with pytest.raises(NotReadableError):
            recalled(about.plain)
    else:
        whole, *recollected = values(made)
        assert recollected == [whole, whole]


@settings(max_examples=100)
@example("<v>-106751991169</v>", 0, 21)
@given(_CONTENT, st.integers(0, 60), st.integers(0, 60))
def test_a_cell_reads_alike_in_every_format(content: str, one: int, other: int) -> None:
    """The same bytes of a row under other cell formats may be a date."""
    place = at("hightech_firms")
    for style in (one, other):
        made = with_part(GOOD, MAIN_PART, cell(place, f'<c r="{place}" s="{style}">{content}</c>'))
        about = described(made)
        if about is not None and about.plain is not None:
            hold_alike(made, about)


_VALUES = st.one_of(
    st.integers(0, 3).map(lambda n: f' t="s"><v>{n}</v></c>'),
    st.integers(-(10**6), 10**6).map(lambda n: f"><v>{n}</v></c>"),
    st.floats(0, 1e9).map(lambda n: f' t="n"><v>{n!r}</v></c>'),
    st.sampled_from([
        "/>", "></c>", "><v/></c>", "><v></v></c>", "><f>A1</f></c>", "><f>A1</f><v></v></c>",
        "><f>A1</f><v>7</v></c>", ' t="str"><f>A1</f><v>a&amp;b</v></c>',
        ' t="str"><f>A1</f><v/></c>',
        ' t="str"><v>0</v></c>', ' t="b"><v>1</v></c>', ' t="b"><v>0</v></c>',
        ' t="inlineStr"><is><t>x</t></is></c>', ' t="d"><v>2017-12-31</v></c>',
    ]),
)  # fmt: skip
_CELLS = st.dictionaries(
    st.tuples(st.integers(1, 12), st.integers(0, 7)), st.tuples(st.integers(0, 3), _VALUES)
)


def table(cells: dict[tuple[int, int], tuple[int, str]]) -> bytes:
    """Write the table of a sheet from formats and contents of its cells, by row and column."""
    written = "".join(
        f'<row r="{row}">'
        + "".join(
            f'<c r="{"ABCDEFGH"[column]}{row}" s="{style}"{content}'
            for (at_row, column), (style, content) in sorted(cells.items())
            if at_row == row
        )
        + "</row>"
        for row in sorted({row for row, _ in cells})
    )
    return f"<sheetData>{written}</sheetData>".encode()


_TEXTS = tuple(f"<si><t>text {number}</t></si>".encode() for number in range(4))
_STYLES = (
    f'<styleSheet xmlns="{SPACE}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
    '<xf numFmtId="10"/><xf numFmtId="49"/></cellXfs></styleSheet>'
).encode()


@settings(max_examples=300)
@given(_CELLS)
def test_every_cell_stands_where_it_would_by_itself(
    cells: dict[tuple[int, int], tuple[int, str]],
) -> None:
    made = small(*_TEXTS, sheet=table(cells), styles=_STYLES)
    about = described(made)
    if about is not None and about.plain is not None:
        hold_alike(made, about)


def test_a_plain_table_of_every_sort_of_cell_is_recalled() -> None:
    """The test above would pass if none ever was."""
    contents = ["><v>1</v></c>", ' t="s"><v>3</v></c>', "/>", ' t="str"><f>A1</f><v>x</v></c>']
    cells = {(row, row % 3): (row % 2, one) for row, one in enumerate(contents, start=2)}
    whole, *recollected = values(small(*_TEXTS, sheet=table(cells), styles=_STYLES))
    assert recollected == [whole, whole]
    assert sum(map(len, whole["A"])) > len(contents)


def test_many_sorts_of_cells_are_read_and_the_next_file_is_remembered_again() -> None:
    for first in range(0, 2_000, 500):
        cells = {(n, 0): (first + n, "><v>1</v></c>") for n in range(1, 500)}
        whole, *recollected = values(small(*_TEXTS, sheet=table(cells)))
        assert recollected == [whole, whole]
        assert len(whole["A"]) == 499
    cells = {(n, 0): (5_000, f"><v>{n}</v></c>") for n in range(1, 9)}
    made = small(*_TEXTS, sheet=table(cells))
    recall(made)
    about = described(made)
    assert about is not None
    assert about.plain is not None
    assert not any(taken.unknown for taken in about.plain.sheets.values())


@pytest.mark.parametrize("far", ["A1048576", "XFD2"])
@pytest.mark.parametrize("content", ["", "<v>7</v>"])
def test_cells_far_away_count_only_where_they_hold_anything(far: str, content: str) -> None:
    row = far.lstrip("AXFD")
    cells = f'<row r="{row}"><c r="{far}" s="0">{content}</c></row>'
    sheet = f'<sheetData><row r="1"><c r="A1"><v>5</v></c></row>{cells}</sheetData>'
    made = small(sheet=sheet.encode())
    if content:
        with pytest.raises(NotReadableError) as refused:
            open_workbook(made)
        assert refused.value.refusal.code == "file_too_large"
    else:
        assert first(made) == [5]


def test_values_that_are_not_as_many_as_their_cells_are_not_taken() -> None:
    row = read_row(b'<row r="1"><c r="A1"><v>0</v></c><c r="B1"><v>0</v></c>', PLAIN)
    assert row is not None
    answers = CellAnswers()
    shelf = Table([AnsweredRow(row, answers)], answers)
    assert shelf.take([b"1", b"2"]) is not None
    assert shelf.take([b"1"]) is None
    assert shelf.take([b"1", b"2", b"3"]) is None


def test_a_tag_without_end_is_left_to_the_parser() -> None:
    """To take millions of attributes apart here would take a gigabyte."""
    few, many = (b"".join(b' a%d="1"' % n for n in range(count)) for count in (9, 900))
    cells = b'><c r="A1"><v>0</v></c>'
    assert read_row(b'<row r="1"' + few + cells, PLAIN) is not None
    assert read_row(b'<row r="1"' + many + cells, PLAIN) is None


def test_what_was_said_under_one_set_of_formats_is_not_said_under_another() -> None:
    dated = with_part(GOOD, STYLES_PART, swapped('formatCode="#,##0"', 'formatCode="yyyy-mm-dd"'))
    read = [trimmed(open_workbook(one).sheets[MAIN_SHEET]) for one in (GOOD, dated, GOOD, dated)]
    days = [sum(sort == "date" for row in sheet for sort, _ in row) for sheet in read]
    assert days[1] > days[0]
    assert read[2:] == read[:2]


def test_a_row_too_long_to_remember_is_read_all_the_same() -> None:
    place = at("hightech_firms")
    long = "字" * LONG_CELL
    made = with_part(
        GOOD, MAIN_PART, cell(place, f'<c r="{place}" t="str"><f>""</f><v>{long}</v></c>')
    )
    whole, *recollected = values(made)
    assert recollected == [whole, whole]
    assert any(value == long for row in whole[MAIN_SHEET] for _, value in row)


def test_what_one_file_holds_does_not_push_out_all_that_is_known() -> None:
    recall(GOOD)
    before = dict(ANSWERS.known)
    assert before
    for text in (b"new %d", b"new &amp; %d"):
        vast = b"".join(b"<si><t>%b</t></si>" % (text % n) for n in range(20_000))
        cut = cut_texts(b"<sst >" + vast + b"</sst>")
        assert cut is not None
        assert len(cut.unknown) == (20_000 if b"&" in text else 0)
        ANSWERS.learn({text: "new" for _, text in cut.unknown})
    assert ANSWERS.known == before


def recall(content: bytes) -> None:
    """Read a workbook, so that it is known."""
    about = described(content)
    assert about is not None
    assert about.plain is not None
    recalled(about.plain)


@pytest.mark.parametrize(
    "part",
    [
        b"", b"<sst/>", b"<sst></sst>", b"<sst><si><t>1</t></si>", b"<si><t>1</t></si></sst>",
        b"<sst><si><t>1</t><r><t>2</t></r></si></sst>", b"<sst><si><t>1</t></si><x/></sst>",
        b"<sst><si><r><rPr><b>1</b></rPr><t>2</t></r></si></sst>", b"<sst><si><t>\r</t></si></sst>",
        b"<sst><si><t>1</t></si><!-- --></sst>", b"<sst><si><t>&#49;</t></si></sst>",
        b"<sst><si/><si><t>1</t></si></sst>", b"<sst><si><t>1</t></si><si></si></sst>",
        b"<sst><si><t>1<b>2</b></t></si></sst>", b"<sst/><si><t>1</t></si></sst>",
        b"<sst><si><t>1</t><rPh><t>2</t></rPh></si></sst>",
        b"<x:sst><si><t>1</t></si></x:sst>", b"<sst><si><t>1</t></si></sst><sst>",
    ],
)  # fmt: skip
def test_texts_written_otherwise_are_left_to_the_reader(part: bytes) -> None:
    assert cut_texts(part) is None


@pytest.mark.parametrize(
    ("part", "texts"),
    [
        (b"<sst><si><t>1_</t></si></sst>", [b"<si><t>1_</t>"]),
        (
            b'<?xml version="1.0"?>\r\n<sst a="b">\n<si><t xml:space="preserve"> </t></si></sst>\n',
            [b'<si><t xml:space="preserve"> </t>'],
        ),
        (
            b'<sst><si><t>a&amp;b</t><phoneticPr fontId="1" type="noConversion"/></si></sst>',
            [b'<si><t>a&amp;b</t><phoneticPr fontId="1" type="noConversion"/>'],
        ),
        (
            b'<sst><si><r><rPr><b/><sz val="9"/></rPr><t>a</t></r><r><t>b</t></r></si></sst>',
            [b'<si><r><rPr><b/><sz val="9"/></rPr><t>a</t></r><r><t>b</t></r>'],
        ),
        (b"<sst><si><t>a&#10;b</t></si></sst>", [b"<si><t>a\nb</t>"]),
    ],
)
def test_plainly_written_texts_are_cut(
    part: bytes, texts: Sequence[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ANSWERS, "known", {})
    cut = cut_texts(part)
    assert cut is not None
    assert [text for _, text in cut.unknown] == texts


@pytest.mark.parametrize(
    "piece",
    [
        "<t>王五 2017</t>", '<t xml:space="preserve">a b</t>', "<t>0</t>",
        '<t>字</t><phoneticPr fontId="1" type="noConversion"/>',
    ],
)  # fmt: skip
def test_letters_say_what_they_are_written_with(
    piece: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ANSWERS, "known", {})
    cut = cut_texts(f"<sst><si>{piece}</si></sst>".encode())
    assert cut is not None
    assert not cut.unknown
    assert cut.said == [re.sub("<[^>]*>", "", piece)]


_SIGNS = st.sampled_from([
    " ", "_", "_x000D_", "_x0041_", "&amp;", "&lt;", "&#10;", "&#x41;", "\n", "\r", "\t", "\u3000",
    "\xa0", "\u2028", "\u0085", "\ufeff", "\u200b", "\x7f", ">", "'", '"', "]]", "=1+1",
])  # fmt: skip
_LETTERS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<&"), max_size=6)
_PIECES = st.tuples(
    st.sampled_from(["<t>", '<t xml:space="preserve">']),
    st.lists(st.one_of(_SIGNS, _LETTERS), max_size=4).map("".join),
    st.sampled_from(["", '<phoneticPr fontId="1"/>']),
).map(lambda one: f"<si>{one[0]}{one[1]}</t>{one[2]}</si>".encode())


@settings(max_examples=300)
@given(st.lists(_PIECES, min_size=1, max_size=8))
def test_every_text_says_what_the_reader_makes_of_it(pieces: list[bytes]) -> None:
    made = small(*pieces)
    about = described(made)
    if about is not None and about.plain is not None:
        hold_alike(made, about)


_WRITTEN = st.one_of(
    st.integers(-(10**17), 10**17).map(str),
    st.decimals(-(10**6), 10**6, places=4).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,20})?", fullmatch=True),
    st.sampled_from([
        "0", "-0", "-0.0", "00", "007", "1.", ".5", "+1", "1e3", "43000", "0.5", "2958466",
        "9007199254740993", "999999999999999.99999999999999999999", "-106751991169",
    ]),
)  # fmt: skip
_SORTS = ["0", "10", "14", "20", "22", "46", "49", "164", "165"]
_FORMATS = "".join(f'<xf numFmtId="{sort}"/>' for sort in _SORTS)
_MANY_STYLES = (
    f'<styleSheet xmlns="{SPACE}"><numFmts><numFmt numFmtId="164" formatCode="[h]:mm"/>'
    '<numFmt numFmtId="165" formatCode="0.0&quot;年&quot;"/></numFmts>'
    f"<cellXfs>{_FORMATS}</cellXfs></styleSheet>"
).encode()


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, 8), _WRITTEN), min_size=1, max_size=8))
def test_every_number_says_what_the_reader_makes_of_it(numbers: list[tuple[int, str]]) -> None:
    """What was learnt of a number in one cell format is held to the next in the same."""
    cells = {
        (row, 0): (style, f"><v>{number}</v></c>")
        for row, (style, number) in enumerate(numbers, start=1)
    }
    made = small(*_TEXTS, sheet=table(cells), styles=_MANY_STYLES)
    about = described(made)
    assert about is not None
    if about.plain is not None:
        hold_alike(made, about)


@pytest.mark.parametrize("odd", ["2958466", "99999999", "1e300"])
def test_a_number_that_is_no_day_makes_no_numbers_of_days(odd: str) -> None:
    """The reader takes it for a number, whatever the format says."""

    def cells(*written: str) -> bytes:
        held = {(row, 0): (1, f"><v>{one}</v></c>") for row, one in enumerate(written, start=1)}
        return small(*_TEXTS, sheet=table(held), styles=_STYLES)

    for made in (cells(odd), cells(odd, "43001"), cells("43002", "0.5")):
        whole, *recollected = values(made)
        assert recollected == [whole, whole]
    assert first(cells("43003"))[0] != 43_003


def as_libreoffice_writes(content: bytes) -> bytes:
    """Write a workbook's texts in runs, with references for the ends of lines, and so on."""
    held = parts(content)
    head, table = held[STRINGS_PART].decode().split("<si>", 1)
    runs = (
        r'<si><r><rPr><sz val="9"/></rPr><t>\1</t></r>'
        r'<r><t xml:space="preserve">\2</t></r></si>'
    )
    table = re.sub(r"<si><t>([^<&])([^<]*)</t></si>", runs, f"<si>{table}")
    held[STRINGS_PART] = f"{head}{table.replace(chr(10), '&#10;')}".encode()
    held[WORKBOOK_PART] = held[WORKBOOK_PART].replace(
        b"<workbookPr", b'<workbookPr date1904="false"'
    )
    for name in held:
        if name.startswith("xl/worksheets/"):
            held[name] = re.sub(rb"(<sheetFormatPr [^<>]*)/>", rb"\1></sheetFormatPr>", held[name])
    return packed(held)


def test_what_libreoffice_writes_is_plainly_written() -> None:
    made = as_libreoffice_writes(GOOD)
    held = parts(made)
    assert all(
        sign in held[part]
        for part, sign in (
            (STRINGS_PART, b"</r><r>"), (STRINGS_PART, b"&#10;"), (WORKBOOK_PART, b"date1904"),
            (MAIN_PART, b"</sheetFormatPr>"),
        )
    )  # fmt: skip
    whole, *recollected = values(made)
    assert recollected == [whole, whole]
    assert whole == values(GOOD)[0]


def as_excel_writes(content: bytes) -> bytes:
    """Write a workbook with the marks of Excel in Chinese (from memory: it was not at hand)."""
    held = parts(content)
    held[STRINGS_PART] = held[STRINGS_PART].replace(
        b"</si>", b'<phoneticPr fontId="1" type="noConversion"/></si>'
    )
    root = (
        b' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        b' mc:Ignorable="x14ac xr" xr:uid="{00000000-0001-0000-0000-000000000000}"'
        b' xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"'
        b' xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision"><'
    )
    rules = (
        b'<extLst><ext xmlns:x14="urn:x14" uri="{78C0D931}"><x14:conditionalFormattings>'
        b'<x14:conditionalFormatting xmlns:xm="urn:xm"><x14:cfRule type="expression" priority="1">'
        b"<xm:f>A1&gt;0</xm:f></x14:cfRule><xm:sqref>A1</xm:sqref></x14:conditionalFormatting>"
        b"</x14:conditionalFormattings></ext></extLst></worksheet>"
    )
    for name, part in held.items():
        if name.startswith("xl/worksheets/"):
            part = re.sub(rb"(<worksheet [^<>]*)><", rb"\1" + root, part, count=1)
            part = re.sub(rb"(<row [^<>]*?)(/?>)", rb'\1 x14ac:dyDescent="0.15"\2', part)
            part = part.replace(b"<sheetFormatPr ", b'<sheetFormatPr x14ac:dyDescent="0.15" ')
            held[name] = part.replace(b"</worksheet>", rules)
    return packed(held)


def test_what_excel_writes_is_plainly_written() -> None:
    whole, *recollected = values(as_excel_writes(GOOD))
    assert recollected == [whole, whole]
    assert whole == values(GOOD)[0]


@pytest.mark.parametrize("said", ["1", "true", "on"])
def test_a_workbook_that_may_count_other_days_is_read_by_itself(said: str) -> None:
    open_workbook(GOOD)
    made = with_part(GOOD, WORKBOOK_PART, swapped("<workbookPr", f'<workbookPr date1904="{said}"'))
    about = described(made)
    assert about is not None
    assert about.plain is None


def small(*texts: bytes, sheet: bytes = b"", workbook: bytes = b"", styles: bytes = b"") -> bytes:
    """Write a workbook of one sheet, with these shared texts one below the other."""
    rows = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>%d</v></c></row>' % (number + 1, number + 1, number)
        for number in range(len(texts))
    )
    sheets = b'<sheet name="A" sheetId="1" r:id="r1"/><sheet name="B" sheetId="2" r:id="r2"/>'
    space, office = SPACE.encode(), OFFICE.encode()
    data = b"<sheetData>%b</sheetData>" % rows
    relations = {
        "r1": ("worksheet", "worksheets/1.xml"), "r2": ("worksheet", "worksheets/2.xml"),
        "r3": ("sharedStrings", "sharedStrings.xml"), "r4": ("styles", "styles.xml"),
    }  # fmt: skip
    listed = "".join(
        f'<Relationship Id="{one}" Type="{OFFICE}/{sort}" Target="{target}"/>'
        for one, (sort, target) in relations.items()
    )
    return packed({
        TYPES_PART: b"<Types/>",
        "_rels/.rels": b'<Relationships xmlns="%b/relationships"><Relationship Id="w" '
        b'Type="%b/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        % (PACKAGE.encode(), office),
        RELATIONS_PART: f'<Relationships xmlns="{PACKAGE}/relationships">{listed}</Relationships>'
        .encode(),
        WORKBOOK_PART: b'<workbook xmlns="%b" xmlns:r="%b"><sheets>%b</sheets></workbook>'
        % (space, office, workbook or sheets),
        STRINGS_PART: b'<sst xmlns="%b">%b</sst>' % (space, b"".join(texts)),
        STYLES_PART: styles or b'<styleSheet xmlns="%b"/>' % space,
        "xl/worksheets/1.xml": b'<worksheet xmlns="%b">%b</worksheet>' % (space, sheet or data),
        "xl/worksheets/2.xml": b'<worksheet xmlns="%b"><sheetData><row r="1"><c r="A1"><v>77</v>'
        b"</c></row></sheetData></worksheet>" % space,
    })  # fmt: skip


def first(content: bytes) -> list[object]:
    """Return the first cell of each row of a small workbook's first sheet."""
    return [row[0] for row in open_workbook(content).sheets["A"]]


@pytest.mark.parametrize("tag", ["si", "sst", "t", "r", "rPh", "x", "c", "row", "numFmt"])
def test_a_text_moves_no_other_text(tag: str) -> None:
    """An empty tag among a run's looks begins a text of its own for the reader."""
    moving = f"<si><r><rPr><{tag}/><{tag}/></rPr><t>x</t></r></si>".encode()
    texts = [b"<si><t>%d</t></si>" % n for n in range(7_100, 7_190)]
    cut = cut_texts(b"<sst>" + moving + b"".join(texts) + b"</sst>")
    assert cut is None
    with suppress(NotReadableError):
        open_workbook(small(moving, *texts))
    assert first(small(*texts[40:])) == [str(n) for n in range(7_140, 7_190)]


def test_answers_that_are_another_texts_are_not_believed() -> None:
    pieces = [b"<si><r><rPr><si/><si/></rPr><t>x</t></r>", b"<si><t>7200</t>"]
    moving = Texts(["", ""], list(enumerate(pieces)))
    about = described(small(b"<si><t>1</t></si>"))
    assert about is not None
    assert about.plain is not None
    with pytest.raises(NotReadableError):
        recalled(about.plain._replace(texts=moving))
    assert first(small(b"<si><t>7200</t></si>")) == ["7200"]


@pytest.mark.parametrize(
    "sheets",
    [
        '<sheet name="A" sheetId="1" q:id="r2" r:id="r1" xmlns:q="urn:q"/>',
        '<sheet name="A" sheetId="1" r:id="r1" q:id="r2" xmlns:q="urn:q"/>',
        '<sheet name="A" sheetId="1" q:id="r1" xmlns:q="urn:q"/>',
        '<sheet name="A" sheetId="1" id="r2" r:id="r1"/>',
    ],
)
def test_a_sheet_has_one_part(sheets: str) -> None:
    other = '<sheet name="B" sheetId="2" r:id="r2"/>'
    with pytest.raises(NotReadableError):
        open_workbook(small(workbook=f"{sheets}{other}".encode()))


def test_a_sheet_of_an_unusual_kind_is_not_left_out() -> None:
    made = with_part(
        small(), RELATIONS_PART, swapped("/worksheet\" Target=\"worksheets/2", "/xlMacrosheet\" "
                                         "Target=\"worksheets/2"),
    )  # fmt: skip
    with pytest.raises(NotReadableError):
        open_workbook(made)


_TABLE = b'<sheetData><row r="1"><c r="A1"><v>42</v></c></row></sheetData>'


@pytest.mark.parametrize(
    "sheet",
    [
        b"<?x " + _TABLE + b" ?>",
        b'<sheetViews a="/>">' + _TABLE + b"</sheetViews>",
        b"<!--" + _TABLE + b"-->",
        b"<extLst><ext>" + _TABLE + b"</ext></extLst>",
        b'<x xmlns="urn:x">' + _TABLE + b"</x>",
        _TABLE + b"<x",
        _TABLE + b"</x>",
        b"<cols></sheetViews>" + _TABLE,
        _TABLE + b"<!DOCTYPE x>",
        b'<sheetData><row r="1" xmlns="urn:x"><c r="A1"><v>42</v></c></row></sheetData>',
    ],
)
def test_a_table_that_is_none_is_not_read(sheet: bytes) -> None:
    try:
        read = open_workbook(small(sheet=sheet)).sheets["A"]
    except NotReadableError:
        return
    assert not any(42 in row for row in read)


@pytest.mark.parametrize("plain", [True, False])
def test_a_control_anchored_to_a_row_is_no_row(plain: bool) -> None:
    """Excel writes drop-down lists and buttons so."""
    drawing = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
    anchor = (
        f'<controls><control><controlPr><anchor xmlns:xdr="{drawing}"><from><xdr:col>1</xdr:col>'
        "<xdr:row>1</xdr:row></from></anchor></controlPr></control></controls>"
    ).encode()
    table = _TABLE if plain else _TABLE.replace(b"<row ", b"<row  ")
    assert first(small(sheet=table + anchor)) == [42]
    inside = table.replace(b"</row>", anchor + b"</row>")
    with pytest.raises(NotReadableError):
        open_workbook(small(sheet=inside))


@pytest.mark.parametrize(
    "tail",
    [
        b"<headerFooter><oddHeader>\xff</oddHeader></headerFooter>",
        b"<headerFooter><oddHeader>\x01</oddHeader></headerFooter>",
        b'<mergeCells><mergeCell ref="A<headerFooter></headerFooter>1:B1"/></mergeCells>',
        b"<pageMar<headerFooter></headerFooter>gins/>",
        b"<headerFooter><oddHeader>1</evenHeader></headerFooter>",
    ],
)
def test_headings_hide_nothing_malformed(tail: bytes) -> None:
    with pytest.raises(NotReadableError):
        open_workbook(small(sheet=_TABLE + tail))


def test_what_is_remembered_of_rows_holds_few_formats() -> None:
    """Some have thousands of misleading ones: a series of such files would fill the memory."""
    for number in range(100):
        code = f'<numFmt numFmtId="165" formatCode="%{number}%"/>'
        forms = f"<numFmts>{code}</numFmts><cellXfs>{'<xf/>' * 3}</cellXfs>"
        styles = f'<styleSheet xmlns="{SPACE}">{forms}</styleSheet>'.encode()
        open_workbook(small(b"<si><t>a</t></si>", styles=styles))
    gc.collect()
    assert sum(isinstance(one, Misleading) for one in gc.get_objects()) < 40


@pytest.mark.parametrize("styles", [b" ", b"<x"])
def test_formats_that_cannot_be_read_are_not_passed_over(styles: bytes) -> None:
    with pytest.raises(NotReadableError):
        open_workbook(small(styles=styles))


def test_a_file_read_before_says_nothing_of_another_units() -> None:
    first = ask("chunjiang")
    other = {**good_answers(first), **dict.fromkeys(list(good_answers(first))[:1], "王五")}
    before = open_workbook(rendered(first)).sheets
    open_workbook(rendered(first, other))
    open_workbook(rendered(ask("benniu")))
    assert open_workbook(rendered(first)).sheets == before
