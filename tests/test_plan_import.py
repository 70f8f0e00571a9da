"""plan import: official tables are understood, or it is said what was not; nothing is guessed."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import RGBColor

from consolidator.errors import OperatorError
from consolidator.intake.brief import Brief
from consolidator.intake.official.document import read_document
from consolidator.intake.official.understanding import Understanding
from consolidator.plan.check import examine
from consolidator.plan.model import Plan
from consolidator.report.consolidate import consolidate
from consolidator.severity import Severity
from office.program import Program
from official import (
    CORNER,
    NOTE,
    TITLE,
    UNITS,
    Cells,
    annex_1,
    annex_2,
    into_word,
    official,
    pasted,
    saved,
    wide,
)
from plans import SHIPPED_TABLES, as_book, counted, judged, tables
from returns import NOON, Q4, SHIPPED, ask, put, rendered
from workbook_parts import with_part


def understood(content: bytes, name: str = "附件.docx") -> tuple[Plan | None, Understanding]:
    """Read a document onto the shipped plan."""
    understanding = read_document(content, name, SHIPPED_TABLES)
    return examine(understanding.plan)[0], understanding


def told(understanding: Understanding) -> list[tuple[str, str]]:
    """Return what was not understood: what stood there, and why."""
    return [(one.found, one.reason) for one in understanding.problems]


def test_the_official_document_is_the_shipped_plan() -> None:
    plan, understanding = understood(saved(into_word(official())))
    assert told(understanding) == []
    assert understanding.notes == ()
    assert {kind: (len(c.matched), c.new, c.missing)
            for kind, c in understanding.compared.items()} == {
        "单位": (11, [], []), "指标": (15, [], []), "附件1": (7, [], []), "附件3": (3, [], []),
    }  # fmt: skip
    assert plan == SHIPPED


def test_full_width_digits_and_long_dashes_are_the_same_plan() -> None:
    def printed(_row: str, unit: str, text: str) -> str:
        return {"--": "－－"}.get(text, wide(text) if unit < "m" else f" {text} ")

    plan, understanding = understood(saved(into_word(official(change=printed))))
    assert told(understanding) == []
    assert plan == SHIPPED


@pytest.mark.parametrize("merged", [True, False], ids=["merged", "unmerged"])
def test_a_table_pasted_into_a_workbook_is_the_shipped_plan(
    merged: bool, program: Program, tmp_path: Path
) -> None:
    mine = pasted(tmp_path / "粘贴.xlsx", annex_2(), merged=merged)
    other = tmp_path / "另存.xlsx"
    program.convert(mine, other)
    for path in (mine, other):
        plan, understanding = understood(path.read_bytes(), path.name)
        assert told(understanding) == []
        assert len(understanding.notes) == 2, "annexes 1 and 3 carry over, and it is said"
        assert plan == SHIPPED


# A new year's document


def changed(rows: Cells) -> Understanding:
    """Read a changed annex 2 on its own."""
    pieces: list[str | Cells] = ["附件2", *TITLE, rows, NOTE]
    return read_document(saved(into_word(pieces)), "附件.docx", SHIPPED_TABLES)


def test_what_is_new_gets_a_code_and_what_is_missing_is_told() -> None:
    rows = annex_2()
    rows[0][5] = "新材料产业园\n\n（西太湖镇）"
    del rows[2]
    rows += [["11", "数字经济企业数（家）", "<", *["5"] * 11],
             [None, "其中：规模以上", "<", *["2"] * 11],
             ["12", "绿色产值占比（%）", "<", *["12.5%"] * 11]]  # fmt: skip
    understanding = changed(rows)
    assert told(understanding) == []
    units, indicators = (understanding.compared[kind] for kind in ("单位", "指标"))
    assert (units.new, units.missing) == (
        ["新材料产业园（西太湖镇）"], ["新龙国际商务区（新桥镇）"],
    )  # fmt: skip
    assert indicators.new == ["数字经济企业数", "其中：规模以上", "绿色产值占比"]
    assert indicators.missing == ["有效期内的高企总数"]
    plan = understanding.plan
    assert dict(plan.rows["units"][2].values) == {
        "code": "unit3", "name": "新材料产业园（西太湖镇）", "short": "西太湖镇",
    }  # fmt: skip
    assert [
        tuple(row[key] for key in ("code", "number", "measure", "kind", "parent", "accrual"))
        for row in plan.rows["indicators"][-3:]
    ] == [
        ("indicator15", "11", "家", "count", "", ""),
        ("indicator16", "11", "", "count", "indicator15", ""),
        ("indicator17", "12", "%", "ratio", "", ""),
    ]
    assert plan.rows["targets"][-1]["unit3"] == "12.5%"
    # What the document does not say is left to staff, and named.
    faults = [one.place for one in examine(as_book(plan))[1] if one.severity is Severity.ERROR]
    assert {"“指标”表 G20", "“指标”表 I20", "“指标”表 E21", "“指标”表 K22"} <= set(faults)


def test_another_years_title_sets_the_year_and_leaves_the_base_years_targets_out() -> None:
    pieces: list[str | Cells] = ["2018年常州高新区目标与任务表", annex_2(), "备注：新的备注。"]
    understanding = read_document(saved(into_word(pieces)), "a.docx", SHIPPED_TABLES)
    plan = understanding.plan
    assert (plan.settings["year"], plan.settings["name"]) == (2018, "2018")
    assert (plan.settings["title"], plan.settings["note"]) == (
        "2018年常州高新区目标与任务表", "新的备注。",
    )  # fmt: skip
    assert {row["target"] for row in plan.rows["district_targets"]} == {""}
    assert {row["district_target"] for row in plan.rows["indicators"]} == {""}
    assert any("年度不同，目标留空" in note for note in understanding.notes)


def test_rows_of_one_name_are_told_apart_by_their_number() -> None:
    base = tables(
        [("a", "甲镇", "甲"), ("b", "乙镇", "乙")],
        [counted("one", 1, "企业"), counted("one_part", 1, "其中：省级", parent="one"),
         counted("two", 2, "机构"), counted("two_part", 2, "其中：省级", parent="two")],
        {(unit, code): "5" for unit in "ab" for code in ("one", "one_part", "two", "two_part")},
    )  # fmt: skip
    rows: Cells = [["单位指标", "<", "甲镇", "乙镇"], ["1", "企业", "7", "7"],
                   ["2", "机构", "8", "8"], [None, "其中：省级", "3", "3"]]  # fmt: skip
    understanding = read_document(saved(into_word([rows])), "a.docx", base)
    assert [row["code"] for row in understanding.plan.rows["indicators"]] == [
        "one", "two", "two_part",
    ]  # fmt: skip


# Cells that could be taken for something else

UNREADABLE = {
    "a measure": ("23家", "不是数字"),
    "about": ("约23", "不是数字"),
    "two numbers": ("23/24", "不是数字"),
    "a circled digit": ("②③", "含有①、² 之类的符号"),
    "a square": ("23²", "含有①、² 之类的符号"),
    "per cent": ("23%", "计数的目标带有百分号"),
    "nothing": ("", "空白"),
    "groups of two digits": ("1,23", "不是数字"),
    "a group that begins with nought": ("0,350", "不是数字"),
    "two lines": ("30\n35", "有几段数字，分不清是不是一个数"),
    "two numbers with a space": ("30 35", "有几段数字，分不清是不是一个数"),
    "a negative number": ("-23", "不是数字"),
    "a Chinese numeral": ("二十三", "不是数字"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_is_no_plain_number_stays_blank_and_is_named(kind: str) -> None:
    said, reason = UNREADABLE[kind]

    def printed(row: str, unit: str, text: str) -> str:
        return said if (row, unit) == ("hightech_firms", "menghe") else text

    plan, understanding = understood(saved(into_word(official(change=printed))))
    assert plan is None
    assert [(one.place, one.found, one.reason) for one in understanding.problems] == [
        ("第 2 个表格第 3 行第 4 格", said, reason)
    ]
    blank = [(row["indicator"], unit) for row in understanding.plan.rows["targets"]
             for unit in understanding.plan.unit_columns if not row[unit]]  # fmt: skip
    assert blank == [("hightech_firms", "menghe")]


@pytest.mark.parametrize(
    ("said", "target"),
    [("47.1", "47.1%"), ("1,234", "1234%"), ("0.47", ""), ("1", ""), ("４７．１％", "47.1%")],
)
def test_a_ratio_without_its_sign_is_taken_only_where_it_can_be_nothing_else(
    said: str, target: str
) -> None:
    def printed(row: str, unit: str, text: str) -> str:
        return said if (row, unit) == ("hightech_output_ratio", "menghe") else text

    understanding = understood(saved(into_word(official(change=printed))))[1]
    assert understanding.plan.rows["targets"][0]["menghe"] == target
    assert bool(understanding.problems) is (target == "")


def odd(edit: Callable[[Any], None]) -> Understanding:
    """Read the official document with one cell of annex 2 (the 23 of menghe) edited in Word."""
    document = into_word(official())
    edit(document.tables[1].cell(2, 4))
    return understood(saved(document))[1]


def tracked(cell: Any) -> None:
    """Type a digit with changes tracked."""
    added = parse_xml(f'<w:ins {nsdecls("w")} w:id="1"><w:r><w:t>5</w:t></w:r></w:ins>')
    cell.paragraphs[0]._p.append(added)


def raised(cell: Any) -> None:
    """Add a footnote's number as a superscript."""
    cell.paragraphs[0].add_run("1").font.superscript = True


def unseen(cell: Any) -> None:
    """Add a digit that is not shown."""
    cell.paragraphs[0].add_run("1").font.hidden = True


def nested(cell: Any) -> None:
    """Put a table into the cell."""
    cell.add_table(1, 1)


def struck(cell: Any) -> None:
    """Strike a digit through."""
    cell.paragraphs[0].add_run("1").font.strike = True


def lifted(cell: Any) -> None:
    """Raise a digit by its position, as a note is."""
    run = cell.paragraphs[0].add_run("1")
    run._r.get_or_add_rPr().append(parse_xml(f'<w:position {nsdecls("w")} w:val="12"/>'))


def white(cell: Any) -> None:
    """Write a digit in white."""
    cell.paragraphs[0].add_run("0").font.color.rgb = RGBColor(255, 255, 255)


def styled(cell: Any) -> None:
    """Give a digit a style of its own, which may hide it."""
    run = cell.paragraphs[0].add_run("0")
    run._r.get_or_add_rPr().append(parse_xml(f'<w:rStyle {nsdecls("w")} w:val="a"/>'))


def numbered(cell: Any) -> None:
    """Have Word number the paragraph."""
    properties = cell.paragraphs[0]._p.get_or_add_pPr()
    properties.append(parse_xml(f'<w:numPr {nsdecls("w")}><w:numId w:val="1"/></w:numPr>'))


def computed(cell: Any) -> None:
    """Put a field into the cell."""
    kinds = ("begin", "separate", "end")
    for kind in kinds:
        mark = f'<w:r {nsdecls("w")}><w:fldChar w:fldCharType="{kind}"/></w:r>'
        cell.paragraphs[0]._p.append(parse_xml(mark))


def removed_row(cell: Any) -> None:
    """Delete the row with changes tracked."""
    row = cell._tc.getparent()
    row.get_or_add_trPr().append(parse_xml(f'<w:del {nsdecls("w")} w:id="1"/>'))


def renamed_label(cell: Any) -> None:
    """Change the row's name with changes tracked."""
    label = cell._tc.getparent().tc_lst[1]
    added = parse_xml(f'<w:ins {nsdecls("w")} w:id="1"><w:r><w:t>二</w:t></w:r></w:ins>')
    label.p_lst[0].append(added)


@pytest.mark.parametrize(
    "edit", [struck, lifted, white, styled, numbered, computed, removed_row, renamed_label]
)
def test_a_number_that_may_print_otherwise_is_not_taken(edit: Callable[[Any], None]) -> None:
    understanding = odd(edit)
    assert understanding.problems
    assert understanding.plan.rows["targets"][1]["menghe"] == ""


@pytest.mark.parametrize(
    ("edit", "reason"),
    [(tracked, "修订"), (raised, "上标"), (unseen, "隐藏"), (nested, "表格")],
)
def test_a_number_that_depends_on_how_it_is_looked_at_is_not_taken(
    edit: Callable[[Any], None], reason: str
) -> None:
    understanding = odd(edit)
    ((place, why),) = [(one.place, one.reason) for one in understanding.problems]
    assert place == "第 2 个表格第 3 行第 4 格"
    assert reason in why
    assert understanding.plan.rows["targets"][1]["menghe"] == ""


def controlled(cell: Any) -> None:
    """Put what is typed into a content control and a smart tag, with a bookmark before it."""
    inside = "<w:smartTag><w:r><w:t>23</w:t></w:r></w:smartTag>"
    for one in list(cell.paragraphs[0]._p):
        cell.paragraphs[0]._p.remove(one)
    cell.paragraphs[0]._p.append(
        parse_xml(f"<w:sdt {nsdecls('w')}><w:sdtContent>{inside}</w:sdtContent></w:sdt>")
    )


def test_what_word_wraps_a_number_in_does_no_harm() -> None:
    understanding = odd(controlled)
    assert told(understanding) == []
    assert judged(understanding.plan)[0] == SHIPPED


def test_no_number_of_a_row_with_a_cell_too_few_is_taken() -> None:
    document = into_word(official())
    row = document.tables[1].rows[2]._tr
    row.remove(row.tc_lst[4])
    understanding = understood(saved(document))[1]
    assert len(understanding.problems) == 11
    assert {one.reason for one in understanding.problems} == {
        "这一行的格数与别的行不同，分不清是谁的"
    }
    targets = understanding.plan.rows["targets"][1]
    assert {targets[unit.code] for unit in SHIPPED.units} == {""}


def test_no_number_under_a_heading_with_a_cell_too_few_is_taken() -> None:
    document = into_word(official())
    row = document.tables[1].rows[0]._tr
    row.remove(row.tc_lst[4])
    plan = understood(saved(document))[1].plan
    assert {row[unit] for row in plan.rows["targets"] for unit in plan.unit_columns} == {""}


def test_a_number_over_two_units_or_two_rows_is_nobodys() -> None:
    rows = annex_2()
    rows[2][5] = "<"
    rows[4][7] = None
    understanding = changed(rows)
    merged = "是合并的单元格，分不清是谁的目标"
    assert {one.reason for one in understanding.problems} == {merged}
    targets = understanding.plan.rows["targets"]
    assert [targets[1]["menghe"], targets[1]["xinqiao"]] == ["", ""]
    assert [targets[2]["luoxi"], targets[3]["luoxi"]] == ["", ""]


def test_totals_and_lines_of_text_around_the_table_are_not_taken_for_targets() -> None:
    rows = annex_2()
    for place, row in enumerate(rows):
        row.append("合计" if place == 0 else "999")
    rows += [["制表人：张三", "<", "<", *[""] * 12]]
    understanding = changed(rows)
    assert told(understanding) == [("制表人：张三", "这一行没有目标，没有列入")]
    assert judged(understanding.plan)[0].targets == SHIPPED.targets


def test_values_under_no_unit_are_named() -> None:
    rows = annex_2()
    rows[0].append("")
    for row in rows[1:]:
        row.append("7")
    assert set(told(changed(rows))) == {("7", "上面没有名称，没有列入")}


def test_a_heading_over_several_units_is_no_unit() -> None:
    rows = annex_2()
    top: list[str | None] = [CORNER, "<", "<", "园区", "<", "<", "<", "<", "镇、街道",
                             *["<"] * 5]  # fmt: skip
    rows[0][:3] = [None, "<", "<"]
    content = saved(into_word(["附件2", *TITLE, [top, *rows], NOTE]))
    understanding = read_document(content, "a.docx", SHIPPED_TABLES)
    assert told(understanding) == []
    assert judged(understanding.plan)[0] == SHIPPED


# Pasted tables


def workbook(path: Path, edit: Callable[[Any], None]) -> Understanding:
    """Read the pasted annex 2 with the sheet edited."""
    pasted(path, annex_2())
    opened = openpyxl.load_workbook(path)
    edit(opened.active)
    opened.save(path)
    return understood(path.read_bytes(), path.name)[1]


def _date(sheet: Any) -> None:
    sheet["F6"] = date(2017, 5, 18)


def _formula(sheet: Any) -> None:
    sheet["F6"] = "=20+3"


def _disguise(sheet: Any) -> None:
    sheet["F6"].number_format = "0!.0,"


def _hide(sheet: Any) -> None:
    sheet.column_dimensions["F"].hidden = True


def _fraction(sheet: Any) -> None:
    sheet["F5"].number_format = "General"


@pytest.mark.parametrize(
    ("edit", "cells", "reason"),
    [
        (_date, 1, "日期"), (_formula, 1, "没有计算结果"), (_disguise, 1, "显示的是别的数"),
        (_hide, 15, "隐藏"), (_fraction, 1, "没有百分号"),
    ],
)  # fmt: skip
def test_a_pasted_cell_that_may_be_something_else_is_not_taken(
    edit: Callable[[Any], None], cells: int, reason: str, tmp_path: Path
) -> None:
    problems = workbook(tmp_path / "粘贴.xlsx", edit).problems
    assert len(problems) == cells, problems
    assert all(reason in one.reason and "F" in one.place for one in problems)


def test_a_district_workbook_is_not_taken_for_a_plan(tmp_path: Path) -> None:
    book = tmp_path / "out"
    consolidate(Brief(SHIPPED, Q4), [put(tmp_path / "in/a.xlsx", rendered(ask()))], book, now=NOON)
    (made,) = book.glob("汇总表*.xlsx")
    with pytest.raises(OperatorError, match="另一种工作簿"):
        read_document(made.read_bytes(), "汇总表.xlsx", SHIPPED_TABLES)


# Documents made to harm


def part(content: bytes, change: Callable[[str], str]) -> bytes:
    """Return a document with its main part changed."""
    return with_part(content, "word/document.xml", change)


def many_spans(xml: str) -> str:
    """Claim columns without end, row upon row."""
    one = '<w:tc><w:tcPr><w:gridSpan w:val="4096"/></w:tcPr><w:p/></w:tc>'
    table = f"<w:tbl>{f'<w:tr>{one}</w:tr>' * 2000}</w:tbl>"
    return xml.replace("<w:sectPr", f"{table}<w:sectPr", 1)


HARMFUL: dict[str, Callable[[str], str]] = {
    "entities": lambda xml: xml.replace(
        "<w:document", '<!DOCTYPE x [<!ENTITY a "b">]><w:document', 1
    ),
    "a file from outside": lambda xml: xml.replace(
        "<w:document", '<!DOCTYPE x SYSTEM "file:///etc/passwd"><w:document', 1
    ),
    "a span without end": lambda xml: xml.replace(
        'w:gridSpan w:val="3"', 'w:gridSpan w:val="999999999"', 1
    ),
    "columns without end": many_spans,
    "depth without end": lambda xml: xml.replace(
        "<w:sectPr", f"{'<w:p>' * 5000}{'</w:p>' * 5000}<w:sectPr", 1
    ),
    "cut": lambda xml: xml[:2000],
    "UTF-16": lambda xml: xml.replace('encoding="UTF-8"', 'encoding="UTF-16"', 1).replace(
        "encoding='UTF-8'", "encoding='UTF-16'", 1
    ),
}


def test_a_part_is_held_to_be_plain_whatever_it_is_called() -> None:
    content = part(saved(into_word(official())), HARMFUL["entities"])
    renamed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(renamed, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name in ("[Content_Types].xml", "_rels/.rels"):
                text = text.replace(b"word/document.xml", b"word/document.bin")
            new.writestr(name.replace("document.xml", "document.bin"), text)
    with pytest.raises(OperatorError, match="读不出来"):
        read_document(renamed.getvalue(), "a.docx", SHIPPED_TABLES)


@pytest.mark.parametrize("harm", HARMFUL)
def test_a_document_made_to_harm_is_refused(harm: str) -> None:
    content = part(saved(into_word(official())), HARMFUL[harm])
    with pytest.raises(OperatorError, match="读不出来"):
        read_document(content, "a.docx", SHIPPED_TABLES)


def test_a_document_packed_too_tightly_is_refused() -> None:
    bomb = part(
        saved(into_word(official())),
        lambda xml: xml.replace("<w:sectPr", f"{' ' * 60_000_000}<w:sectPr", 1),
    )
    with pytest.raises(OperatorError, match="读不出来"):
        read_document(bomb, "a.docx", SHIPPED_TABLES)


def test_the_made_up_document_has_the_official_texts_line_breaks(shared: Path) -> None:
    source = (shared / "annexes" / "source.txt").read_text("utf-8")
    assert [unit for unit in UNITS if unit not in source] == []
    assert CORNER in source
    assert NOTE in source


def test_another_measure_than_the_base_plans_is_named() -> None:
    def relabelled(cell: Any) -> None:
        label = cell._tc.getparent().tc_lst[1]
        label.p_lst[-1].append(parse_xml(f"<w:r {nsdecls('w')}><w:t>（百家）</w:t></w:r>"))

    assert any("百家" in one.reason and "家" in one.reason for one in odd(relabelled).problems)


def test_nothing_of_a_hidden_sheet_is_taken(tmp_path: Path) -> None:
    def hide(sheet: Any) -> None:
        sheet.sheet_state = "veryHidden"
        sheet.parent.create_sheet("说明")

    understanding = workbook(tmp_path / "粘贴.xlsx", hide)
    assert understanding.problems
    assert {row["menghe"] for row in understanding.plan.rows["targets"]} == {""}


def test_of_two_columns_called_the_whole_district_none_is_chosen() -> None:
    first = annex_1()
    doubled = [[*row[:3], "1", row[3]] for row in first]
    doubled[0] = [*first[0][:3], "全区", "全区目标"]
    pieces: list[str | Cells] = [*TITLE, doubled, *TITLE, annex_2()]
    understanding = understood(saved(into_word(pieces)))[1]
    assert "1" not in {row["target"] for row in understanding.plan.rows["district_targets"]}
