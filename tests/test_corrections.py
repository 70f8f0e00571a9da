"""更正表: a unit gets its own figures back in a fresh form, its mistakes marked, nothing else."""

import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.utils.protection import hash_password
from openpyxl.workbook import Workbook

from consolidator.checks.findings import Finding
from consolidator.checks.run import check_returned
from consolidator.checks.selection import FileStatus, UnitStatus
from consolidator.forms.layout import Value
from consolidator.forms.quarterly.addresses import CHECK, GUIDE, LIST, MAIN, Places
from consolidator.forms.quarterly.assignment import (
    APPROVED_BY,
    FILLED_BY,
    FILLED_ON,
    PHONE,
    STATEMENT,
    Assignment,
    Key,
)
from consolidator.forms.quarterly.correction import SHEET
from consolidator.forms.stamp import SHEET as STAMP_SHEET
from consolidator.forms.stamp import decode
from consolidator.intake.brief import Brief
from consolidator.intake.returned import read_returned
from consolidator.issue.issue_list import FILE_NAME, read_issue_list
from consolidator.issue.issuing import issue
from consolidator.report.consolidate import Consolidated, consolidate
from consolidator.report.corrections import Sealing
from consolidator.severity import Severity
from consolidator.signing import find_or_draw_key
from office import xsd
from office.libreoffice import LibreOffice
from office.program import Program, Values
from office.reading import both, formula_results
from returns import (
    NOON,
    Q4,
    SHIPPED,
    Answers,
    actual,
    ask,
    filed_row,
    good_answers,
    put,
    remark,
    rendered,
    typed_into,
)
from terminal import Terminal
from test_cli import PERIOD, TEMPLATE
from test_pages import faults, printed
from test_recalculation import hold
from test_selection import PLAN, sent
from unit_slips import cell_images, commented, dde, linked, with_macros, with_object
from workbook_parts import MAIN_PART, Make, cell, parts, with_part

NAME = "科技指标_春江镇_2017Q4_更正.xlsx"
OLD_FORM = Path(__file__).parent / "data" / "quarterly-1.xlsx"
LATER = NOON + timedelta(days=3)
ERROR, WARNING = Severity.ERROR, Severity.WARNING
Pair = tuple[str, str]

SLIPS: Answers = {
    actual("hightech_firms"): "约12",
    actual("rd_institutions"): -3.0,
    actual("private_tech_firms"): None,
    actual("hightech_products"): 86.5,
    actual("patent_applications"): "=1+1",
    actual("innovation_talents"): 30.0,
    actual("iur_agreements"): 17.0,
    actual("outreach_events"): 10.0,
    remark("tech_reports"): "“长”" * 90,
    FILLED_BY: None,
    FILLED_ON: "元月五日",
    Key("filed001", "date"): "五月",
    Key("filed002", "partner"): None,
    Key("filed003", "date"): date(2016, 5, 18),
    Key("filed005", "filing"): "BA-filed004",
}
"""What the unit did wrong; besides, it has a formula error, an altered target and a comment."""
RIGHT: Answers = {
    remark("rd_institutions"): "=1+1 是备注，不是公式",
    STATEMENT: "另有三项正在申报。",
}
"""What it did right, and wants to find again."""
MENDED: Answers = {
    actual("hightech_firms"): 87.0,
    actual("rd_institutions"): 3.0,
    actual("private_tech_firms"): 56.0,
    actual("hightech_products"): 86.0,
    actual("patent_applications"): 910.0,
    actual("invention_grants"): 70.0,
    actual("innovation_talents"): 3.0,
    actual("iur_agreements"): 18.0,
    remark("outreach_events"): "受天气影响，下年补足。",
    remark("tech_reports"): "已精简。",
    FILLED_BY: "张三",
    FILLED_ON: date(2018, 1, 9),
    Key("filed001", "date"): date(2017, 5, 18),
    Key("filed002", "partner"): "某大学",
    Key("filed003", "date"): date(2017, 5, 18),
    Key("filed005", "filing"): "BA-filed005",
}
FOUND: dict[Pair, Severity] = {
    ("H10", "not_a_number"): ERROR,
    ("H11", "negative"): ERROR,
    ("H12", "blank"): ERROR,
    ("H13", "not_whole"): ERROR,
    ("H14", "not_a_number"): ERROR,
    ("H16", "error_value"): ERROR,
    ("H17", "scale_target"): WARNING,
    ("H20", "list_mismatch"): ERROR,
    ("L21", "lag_unexplained"): ERROR,
    ("L23", "text_too_long"): WARNING,
    ("D26", "signer_blank"): ERROR,
    ("H27", "not_a_date"): ERROR,
    ("D8", "not_a_date"): ERROR,
    ("E9", "list_incomplete"): ERROR,
    ("D10", "filed_outside_year"): ERROR,
    ("G12", "filing_repeated"): ERROR,
    ("F10", "locked_altered"): ERROR,
    ("H22", "comment_present"): Severity.INFO,
}
AGAIN = {
    pair if pair != ("H16", "error_value") else ("H16", "not_a_number"): severity
    for pair, severity in FOUND.items()
    if pair[1] not in ("locked_altered", "comment_present")
}
"""What is found where the correction comes back untouched: the error value is plain text now."""


@dataclass(frozen=True, slots=True)
class Case:
    """A consolidated period in which one unit has much to correct and another nothing."""

    root: Path
    brief: Brief
    sealing: Sealing
    template: Path
    result: Consolidated
    password: str

    @property
    def correction(self) -> Path:
        (path,) = self.result.corrections
        return path

    @property
    def findings(self) -> list[Finding]:
        return [one for one in self.result.settled.findings if one.unit == "chunjiang"]

    def again(self, output: Path, *files: Path) -> Consolidated:
        """Consolidate what came back at first together with what came back since."""
        paths = [self.root / "returns", *files]
        return consolidate(self.brief, paths, output, now=LATER, sealing=self.sealing)


def pairs_of(findings: list[Finding]) -> dict[Pair, Severity]:
    """Give cell and code of findings, each with its severity; none stands twice."""
    pairs = {(one.cell, one.code): one.severity for one in findings}
    assert len(pairs) == len(findings)
    return pairs


def _worse(path: Path) -> None:
    """Add what a form's entry cells do not take: an error value, another target, a comment."""
    book = openpyxl.load_workbook(path)
    sheet: Any = book[MAIN]
    sheet["H16"].value, sheet["H16"].data_type = "#N/A", "e"
    sheet["F10"].value = 1
    sheet["H22"].comment = Comment("请科技局核实", "春江镇")
    book.save(path)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Issue two templates, get one back with every kind of slip, and consolidate."""
    root = tmp_path_factory.mktemp("case")
    key = find_or_draw_key(root)
    units = ["chunjiang", "hehai"]
    issued = issue(SHIPPED, Q4, root / "templates", now=NOON, units=units, key=key)
    answers = good_answers(ask()) | RIGHT | SLIPS
    for one, filled in zip(issued, (answers, good_answers(ask("hehai"))), strict=True):
        typed_into(one.path, root / "returns" / one.path.name, ask(one.unit.code), filled)
    _worse(root / "returns" / issued[0].path.name)
    listed = read_issue_list(root / "templates" / FILE_NAME)
    passwords = {code: one.password for code, one in listed.items()}
    brief, sealing = Brief(SHIPPED, Q4, signing_key=key.secret), Sealing(passwords, key.secret)
    result = consolidate(
        brief, [root / "returns"], root / "output", now=NOON, sealing=sealing,
        previous={("chunjiang", "hightech_firms"): 80.0, ("hehai", "hightech_firms"): 20.0},
    )  # fmt: skip
    return Case(root, brief, sealing, issued[0].path, result, passwords["chunjiang"])


@pytest.fixture
def terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    """Give an empty workspace."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONSOLIDATOR_PASSWORD", raising=False)
    return Terminal(tmp_path, capsys)


def corrections(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("corrections/*.xlsx"))


def one_return(folder: Path, answers: Mapping[Key, Value], *, unit: str = "chunjiang") -> Path:
    """Save a unit's good return with other answers in it."""
    assignment = ask(unit)
    content = rendered(assignment, good_answers(assignment) | dict(answers))
    return put(folder / "returns" / f"{unit}.xlsx", content)


def run(folder: Path, *, now: datetime = NOON) -> Consolidated:
    return consolidate(Brief(SHIPPED, Q4), [folder / "returns"], folder / "output", now=now)


# Who gets one


def test_a_unit_that_must_correct_something_gets_one_and_no_other(tmp_path: Path) -> None:
    put(tmp_path / "returns/甲.xlsx", sent(firms=None))
    put(tmp_path / "returns/乙.xlsx", sent("beta", patents=1600.0))
    result = consolidate(Brief(PLAN, Q4), [tmp_path / "returns"], tmp_path / "output", now=NOON)
    statuses = {one.unit.code: one.status for one in result.settled.units}
    assert statuses == {
        "alpha": UnitStatus.NEEDS_CORRECTION, "beta": UnitStatus.ACCEPTED,
        "gamma": UnitStatus.MISSING,
    }  # fmt: skip
    assert [one.code for one in result.settled.findings if one.unit == "beta"] == ["scale_target"]
    assert corrections(tmp_path / "output") == ["科技指标_甲镇_2017Q4_更正.xlsx"]
    assert [path.name for path in result.corrections] == corrections(tmp_path / "output")


def test_a_unit_whose_file_could_not_be_read_gets_none(tmp_path: Path) -> None:
    put(tmp_path / "returns/甲.xlsx", sent()[:3000])
    result = consolidate(Brief(PLAN, Q4), [tmp_path / "returns"], tmp_path / "output", now=NOON)
    assert {one.status for one in result.settled.units} == {UnitStatus.MISSING}
    assert result.corrections == ()


def test_of_several_files_the_one_that_counts_is_corrected(tmp_path: Path) -> None:
    for hour, content in enumerate((sent(firms=None), sent(patents=None), sent(firms=-1.0))):
        put(tmp_path / f"returns/{hour}.xlsx", content, saved=NOON + timedelta(hours=hour))
    result = consolidate(Brief(PLAN, Q4), [tmp_path / "returns"], tmp_path / "output", now=NOON)
    (path,) = result.corrections
    rows = listed(path)
    assert [(row[1], row[2]) for row in rows] == [("错误", f"→ {MAIN} H10")]
    assert rows[0][3] == "“高企数”填的是负数 -1"


def test_what_is_asked_of_a_unit_is_found_beside_the_results(case: Case) -> None:
    assert case.correction == case.root / "output" / "corrections" / NAME
    assert corrections(case.root / "output") == [NAME]
    assert pairs_of(case.findings) == FOUND


# 更正说明


def listed(path: Path) -> list[list[str]]:
    """Read the rows of the list of problems: number, severity, place, message, remedy."""
    sheet = openpyxl.load_workbook(path)[SHEET]
    rows = [[str(cell or "") for cell in row[1:]] for row in sheet.iter_rows(values_only=True)]
    head = rows.index(["序号", "程度", "位置", "问题", "怎样改"])
    return rows[head + 1 :]


def test_it_opens_on_what_is_to_be_corrected(case: Case) -> None:
    book = openpyxl.load_workbook(case.correction)
    assert book.active is not None
    assert book.active.title == SHEET
    states = {sheet.title: sheet.sheet_state for sheet in book.worksheets}
    assert states == {
        SHEET: "visible", GUIDE: "visible", MAIN: "visible", LIST: "visible", CHECK: "visible",
        STAMP_SHEET: "veryHidden",
    }  # fmt: skip
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_view.tabSelected] == [SHEET]


def test_it_lists_exactly_the_errors_and_then_the_warnings(case: Case) -> None:
    told = [one for one in case.findings if one.severity is not Severity.INFO]
    assert len(told) == len(FOUND) - 1
    assert [row[0] for row in listed(case.correction)] == [str(n + 1) for n in range(len(told))]
    assert [(row[1], row[3]) for row in listed(case.correction)] == [
        (one.severity.chinese, one.message) for one in told
    ]
    # What the workbook has restored already is not to be restored.
    for row, one in zip(listed(case.correction), told, strict=True):
        restored = one.code in ("locked_altered", "formula_altered", "formula_replaced")
        assert ("已恢复" in row[4]) is restored
        assert restored or row[4] in (one.remedy, "请在本工作簿中填写。")
    severities = [row[1] for row in listed(case.correction)]
    assert severities == ["错误"] * 15 + ["警告"] * 2


def test_it_says_how_much_there_is_to_do(case: Case) -> None:
    cells = [cell.value for row in openpyxl.load_workbook(case.correction)[SHEET] for cell in row]
    assert any("有 15 处错误，另有 2 处请核对" in str(text) for text in cells)


def test_every_problem_leads_to_its_cell_in_this_workbook(case: Case) -> None:
    book = openpyxl.load_workbook(case.correction)
    leads: list[str] = []
    for row in book[SHEET].iter_rows(min_col=4, max_col=4):
        link = row[0].hyperlink
        if link is None:
            continue
        assert (link.target, link.ref) == (None, row[0].coordinate)
        sheet, _, address = str(link.location).rpartition("!")
        target = book[sheet.strip("'")][address]
        assert target.protection.locked is False, f"{link.location} is no entry cell"
        assert row[0].value == f"→ {target.parent.title} {address}"
        leads.append(address)
    shown = [one for one in case.findings if one.severity is not Severity.INFO]
    assert leads == [one.cell for one in shown if one.code != "locked_altered"]


def test_what_is_no_entry_cell_is_named_as_it_was_in_the_file_that_came(case: Case) -> None:
    (row,) = (one for one in listed(case.correction) if not one[2].startswith("→"))
    assert row[2] == f"原文件 {MAIN} F10"
    assert row[3].startswith("锁定单元格被改动：现为“1”")


# What is in it


def test_everything_the_unit_entered_is_in_it(case: Case) -> None:
    book = openpyxl.load_workbook(case.correction)
    places, held = Places(ask()), good_answers(ask()) | RIGHT | SLIPS
    for key, value in held.items():
        row, column = places.cell(key)
        found: Any = book[places.sheet(key)].cell(row + 1, column + 1).value
        if isinstance(value, date):
            found = found.date()
        expected = value if key != actual("invention_grants") else "#N/A"
        assert found == expected, f"{key}"
    entries = {
        (sheet.title, cell.coordinate)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None and not cell.protection.locked
    }
    assert len(entries) == sum(value is not None for value in held.values())


def test_what_could_not_be_read_is_kept_as_plain_text(case: Case) -> None:
    book = openpyxl.load_workbook(case.correction)
    texts = {
        (MAIN, "H10"): "约12", (MAIN, "H14"): "=1+1", (MAIN, "H16"): "#N/A",
        (MAIN, "L11"): "=1+1 是备注，不是公式", (MAIN, "H27"): "元月五日", (LIST, "D8"): "五月",
    }  # fmt: skip
    for (sheet, address), text in texts.items():
        one = book[sheet][address]
        assert (one.value, one.data_type, one.hyperlink) == (text, "s", None), f"{sheet} {address}"


def test_targets_and_formulas_are_those_of_the_template(case: Case) -> None:
    mine, issued = (openpyxl.load_workbook(path) for path in (case.correction, case.template))
    for name in (GUIDE, MAIN, LIST, CHECK, STAMP_SHEET):
        for row in issued[name].iter_rows():
            for one in row:
                same = mine[name][one.coordinate]
                assert same.protection.locked == one.protection.locked
                if one.protection.locked and (name, one.coordinate) != (MAIN, "G10"):
                    assert same.value == one.value, f"{name} {one.coordinate}"
                    assert same.number_format == one.number_format
        rules: Any = mine[name].data_validations
        issued_rules: Any = issued[name].data_validations
        assert [(str(one.sqref), one.type, one.formula1) for one in rules.dataValidation] == [
            (str(one.sqref), one.type, one.formula1) for one in issued_rules.dataValidation
        ]


def test_the_period_before_is_shown_where_it_is_known(case: Case) -> None:
    sheet = openpyxl.load_workbook(case.correction)[MAIN]
    assert [sheet["G10"].value, sheet["G11"].value] == [80, "—"]


def test_it_is_signed_and_locked_like_the_template(case: Case) -> None:
    mine, issued = (openpyxl.load_workbook(path) for path in (case.correction, case.template))
    locks = {sheet.title: sheet.protection.password for sheet in issued.worksheets}
    assert set(locks.values()) == {hash_password(case.password)}
    assert {sheet.title: sheet.protection.password for sheet in mine.worksheets} == {
        **locks, SHEET: hash_password(case.password),
    }  # fmt: skip
    assert all(sheet.protection.sheet for sheet in mine.worksheets)
    assert mine.security.workbookPassword == issued.security.workbookPassword
    assert mine.security.lockStructure
    stamp = str(issued[STAMP_SHEET]["A1"].value)
    assert {sheet["A1"].value for sheet in mine.worksheets} == {stamp}
    decoded = decode(stamp)
    assert decoded is not None
    assert decoded == ask().stamp.signed(case.brief.signing_key)


def test_the_command_locks_and_signs_it_with_what_the_issue_list_and_the_workspace_hold(
    terminal: Terminal,
) -> None:
    for unit in ("chunjiang", "hehai"):
        terminal("issue", *PERIOD, "--unit", unit)
    returned = terminal.root / "returns/2017-Q4/回来.xlsx"
    typed_into(terminal.root / TEMPLATE, returned, ask(), good_answers(ask()) | {PHONE: None})
    said = terminal("consolidate", *PERIOD, "--json")
    (path,) = (Path(one) for one in said.json["outputs"]["corrections"])
    assert path == Path("output/2017-Q4/corrections") / NAME
    password = read_issue_list(terminal.root / "templates/2017-Q4" / FILE_NAME)[
        "chunjiang"
    ].password
    mine, issued = (openpyxl.load_workbook(one) for one in (path, terminal.root / TEMPLATE))
    assert mine[MAIN].protection.password == hash_password(password)
    assert mine[SHEET]["A1"].value == issued[MAIN]["A1"].value
    said = terminal("consolidate", *PERIOD)
    assert "更正表：1 份，在 output/2017-Q4/corrections" in said.out.replace("\\", "/")
    terminal("check", path)


def blank_one(make: Make) -> bytes:
    """Leave one figure of a return blank, so that its unit has something to correct."""
    return with_part(make(), MAIN_PART, cell("H23", '<c r="H23" s="{s}"/>'))


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (with_macros, "macro_present"),
        (linked(None), "external_link"),
        (linked("[1]Sheet1!A1"), "external_link"),
        (dde, "dde_link"),
        (with_object, "embedded_object"),
        (cell_images, "blank"),
        (commented, "comment_present"),
    ],
)
def test_nothing_of_the_returned_files_own_parts_is_in_it(
    tmp_path: Path, make: Make, code: str
) -> None:
    plain, odd = tmp_path / "plain", tmp_path / "odd"
    put(plain / "returns/chunjiang.xlsx", blank_one(lambda: rendered(ask())))
    put(odd / "returns/chunjiang.xlsx", blank_one(make))
    corrected, other = run(plain), run(odd)
    assert code in {one.code for one in other.settled.findings if one.unit == "chunjiang"}
    mine, theirs = (parts(one.corrections[0].read_bytes()) for one in (corrected, other))
    assert theirs.keys() == mine.keys()
    for name, part in theirs.items():
        if name.endswith(".rels"):
            assert b"External" not in part, name
            assert part.count(b"<Relationship ") == mine[name].count(b"<Relationship "), name
    whole = b"".join(theirs.values())
    assert "含外观设计".encode() not in whole
    assert not re.search(rb"<f>[^<]*\[", whole)
    names = [set(openpyxl.load_workbook(one.corrections[0]).defined_names)
             for one in (corrected, other)]  # fmt: skip
    assert names[0] == names[1]


# Marks


def marks_of(path: Path, assignment: Assignment, folder: Path) -> dict[Pair, str]:
    """Give the conditional formats that the template does not have, by sheet and cell."""
    issued = put(folder / "issued.xlsx", rendered(assignment, {}))

    def rules(workbook: Path) -> set[tuple[str, str, str]]:
        return {
            (sheet.title, str(area.sqref), str(text))
            for sheet in openpyxl.load_workbook(workbook).worksheets
            for area in sheet.conditional_formatting
            for rule in area.rules
            for text in rule.formula
        }

    added = rules(path) - rules(issued)
    marks = {(sheet, area): text for sheet, area, text in added if sheet != SHEET}
    assert len(marks) == sum(sheet != SHEET for sheet, _, _ in added)
    return marks


def probing(path: Path, marks: Mapping[Pair, str], target: Path) -> dict[str, Pair]:
    """Put the formulas of marks into cells, where programs tell what they come to."""
    book, _ = both(path)
    sheet = book.create_sheet("probe")
    where = {}
    for row, ((name, address), text) in enumerate(marks.items(), start=1):
        assert "!" not in text
        there = re.sub(rf"(?<![A-Z\"$]){address}(?!\d)", f"'{name}'!{address}", text)
        sheet.cell(row, 1).value = f"={there.removeprefix('=')}"
        where[f"A{row}"] = (name, address)
    book.save(target)
    return where


MARKED = {
    (LIST if one in ("D8", "E9", "D10", "G12") else MAIN, one)
    for one, code in FOUND
    if code not in ("locked_altered", "comment_present")
}


def mended(assignment: Assignment, answers: Mapping[Key, Value]) -> Values:
    """Turn answers into what is typed where."""
    places = Places(assignment)
    return {(places.sheet(key), places.local(key)): value for key, value in answers.items()}


def test_every_wrong_cell_is_marked_until_it_is_changed(
    case: Case, program: Program, tmp_path: Path
) -> None:
    marks = marks_of(case.correction, ask(), tmp_path)
    assert marks.keys() == MARKED
    probe, changed = tmp_path / "probe.xlsx", tmp_path / "changed.xlsx"
    where = probing(case.correction, marks, probe)
    before = program.recalculate(probe)["probe"]
    assert {where[one]: value for one, value in before.items()} == dict.fromkeys(MARKED, True)
    program.fill(probe, changed, mended(ask(), MENDED))
    after = formula_results(changed)["probe"]
    assert {where[one]: value for one, value in after.items()} == dict.fromkeys(MARKED, False)


def test_a_mark_comes_before_the_forms_own_and_looks_like_a_mistake(case: Case) -> None:
    book = openpyxl.load_workbook(case.correction)
    fills = {}
    for name, address in MARKED:
        rules = [
            rule
            for area in book[name].conditional_formatting
            if str(area.sqref) == address
            for rule in area.rules
        ]
        first = min(rules, key=lambda rule: rule.priority)
        fills[address] = first.dxf.fill.bgColor.rgb[2:]
    assert {fills.pop(one) for one in ("H17", "L23")} == {"FDEBD0"}
    assert set(fills.values()) == {"FBD5D5"}


ODD_TEXTS = {
    "a line break": "约\n12家",
    "a line break as Windows writes it": "约\r\n12家",
    "quotes": '"约"12""',
    "a long text": "约" * 400,
    "long and quoted": '"' * 400,
    "spaces at both ends": "  约 12  ",
    "full width": "约１２",
    "an ampersand": "<12&>",
    "wildcards": "*?~",
    "true": "TRUE",
    "a rare character": "约𠮷12",
}


def odd_figures() -> Answers:
    """Put every odd text into a figure of its own."""
    codes = [one.code for one in SHIPPED.indicators if not one.amounts]
    return {actual(code): text for code, text in zip(codes, ODD_TEXTS.values(), strict=False)}


def test_a_text_that_is_no_number_is_marked_whatever_it_is(
    program: Program, tmp_path: Path
) -> None:
    figures = odd_figures()
    one_return(tmp_path, figures)
    (path,) = run(tmp_path).corrections
    marks = marks_of(path, ask(), tmp_path)
    names = {(MAIN, Places(ask()).local(key)): name
             for key, name in zip(figures, ODD_TEXTS, strict=True)}  # fmt: skip
    assert names.keys() <= marks.keys()
    where = probing(path, marks, tmp_path / "probe.xlsx")
    told = program.recalculate(tmp_path / "probe.xlsx")["probe"]
    unmarked = {names[where[one]] for one, value in told.items()
                if where[one] in names and value is not True}  # fmt: skip
    assert unmarked == set()
    values: Values = dict.fromkeys(names, 12)
    program.fill(tmp_path / "probe.xlsx", tmp_path / "changed.xlsx", values)
    told = formula_results(tmp_path / "changed.xlsx")["probe"]
    still = {names[where[one]] for one, value in told.items()
             if where[one] in names and value is not False}  # fmt: skip
    assert still == set()


def test_a_mark_does_not_count_characters_as_only_some_programs_do(tmp_path: Path) -> None:
    """Excel counts a rare character, as in some names of places, as two; others as one."""
    one_return(tmp_path, {actual("hightech_firms"): "约12家，另有𠮷田1家"})
    ((place, text),) = marks_of(run(tmp_path).corrections[0], ask(), tmp_path).items()
    assert place == (MAIN, "H10")
    assert not re.search(r"(LEFT|MID|LEN)\(H10,\d+\)", text), text


def test_a_number_that_is_wrong_is_marked_to_the_last_digit(
    program: Program, tmp_path: Path
) -> None:
    figures: Answers = {
        actual("hightech_firms"): -0.1,
        actual("rd_institutions"): 1 / 3,
        actual("private_tech_firms"): 1_234_567.1,
        actual("hightech_products"): -1e14,
        actual("patent_applications"): 2e15,
    }
    one_return(tmp_path, figures)
    result = run(tmp_path)
    marks = marks_of(result.corrections[0], ask(), tmp_path)
    where = probing(result.corrections[0], marks, tmp_path / "probe.xlsx")
    told = program.recalculate(tmp_path / "probe.xlsx")["probe"]
    marked = {where[one][1] for one, value in told.items() if value is True}
    assert marked >= {Places(ask()).local(key) for key in figures}


def comments_of(path: Path) -> dict[Pair, str]:
    return {
        (sheet.title, one.coordinate): one.comment.text
        for sheet in openpyxl.load_workbook(path).worksheets
        for row in sheet.iter_rows()
        for one in row
        if one.comment
    }


def test_every_wrong_cell_has_a_comment_that_says_what_to_do(case: Case) -> None:
    comments = comments_of(case.correction)
    assert comments.keys() == MARKED
    for one in case.findings:
        place = (one.sheet, one.cell)
        if place in MARKED:
            assert f"{one.message}。{one.remedy}" in comments[place]
        else:
            assert one.code in ("locked_altered", "comment_present")


def test_two_problems_of_one_cell_are_told_in_one_comment(tmp_path: Path) -> None:
    """A repeated filing whose date lies outside the year stands twice in no cell; a part does."""
    part, whole = actual("invention_applications"), actual("patent_applications")
    one_return(tmp_path, {part: 5000.0, whole: 910.0})
    result = run(tmp_path)
    told = [one for one in result.settled.findings if one.cell == "H15"]
    assert [one.code for one in told] == ["part_above_whole", "scale_target"]
    text = "\n".join(f"{one.message}。{one.remedy}" for one in told)
    comments = comments_of(result.corrections[0])
    assert comments.keys() == {(MAIN, "H15")}
    assert comments[MAIN, "H15"].endswith(text)


# Cells and rows that were lost


def _deleted(row: str) -> Callable[[Workbook], None]:
    def delete(book: Workbook) -> None:
        sheet = book[MAIN]
        for area in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(area))
        sheet.delete_rows(Places(ask()).rows[row] + 1)

    return delete


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("private_tech_firms", ["H12"]),
        ("hightech_output_ratio", ["L7"]),
        ("hightech_output", ["H8"]),
        ("statement", ["D25"]),
        ("signers", ["D26", "H26"]),
        ("contact", ["D27", "H27"]),
    ],
)
def test_a_row_that_was_deleted_comes_back_blank_and_every_cell_of_it_is_marked(
    tmp_path: Path, row: str, cells: list[str]
) -> None:
    path = one_return(tmp_path, RIGHT)
    book = openpyxl.load_workbook(path)
    _deleted(row)(book)
    book.save(path)
    result = run(tmp_path)
    lost = [one for one in result.settled.findings if one.code == "cell_lost"]
    assert len(lost) == len(cells)
    (correction,) = result.corrections
    told = [row[2] for row in listed(correction) if "找不到了" in row[3]]
    assert told == [f"→ {MAIN} {one}" for one in cells]
    sheet = openpyxl.load_workbook(correction)[MAIN]
    assert [sheet[one].value for one in cells] == [None] * len(cells)
    assert {(MAIN, one) for one in cells} <= comments_of(correction).keys()
    kept = {actual("tech_reports"): "H23", actual("hightech_products"): "H13"}
    for key, address in kept.items():
        assert sheet[address].value == good_answers(ask())[key]


# What comes back


def read(path: Path, brief: Brief) -> list[Finding]:
    """Read a file as the next run does and give its findings."""
    previous = {"hightech_firms": 80.0}
    returned = read_returned(path, path.name, brief)
    assert returned.submission is not None, returned.refusal
    return check_returned(returned, brief.plan, previous)


def test_returned_untouched_it_gives_the_same_findings_and_none_about_the_form(case: Case) -> None:
    found = pairs_of(read(case.correction, case.brief))
    assert {pair: one for pair, one in found.items() if one is not Severity.INFO} == AGAIN


def test_saved_untouched_by_a_program_it_gives_the_same_findings(
    case: Case, program: Program, tmp_path: Path
) -> None:
    program.convert(case.correction, tmp_path / "再存.xlsx")
    found = pairs_of(read(tmp_path / "再存.xlsx", case.brief))
    assert {pair: one for pair, one in found.items() if one is not Severity.INFO} == AGAIN


def test_its_own_comments_are_not_taken_for_the_units(case: Case) -> None:
    found = read(case.correction, case.brief)
    assert [one.cell for one in found if one.code == "comment_present"] == []


def test_its_own_comments_are_not_taken_for_the_units_after_a_program_saved_it(
    case: Case, program: Program, tmp_path: Path
) -> None:
    program.convert(case.correction, tmp_path / "再存.xlsx")
    found = read(tmp_path / "再存.xlsx", case.brief)
    assert [one.cell for one in found if one.code == "comment_present"] == []


def test_a_comment_that_the_unit_adds_to_it_is_told(case: Case, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(case.correction)
    book[MAIN]["H22"].comment = Comment("请再核实", "春江镇")
    book.save(tmp_path / "改.xlsx")
    found = [one for one in read(tmp_path / "改.xlsx", case.brief) if one.cell == "H22"]
    assert [(one.code, one.found) for one in found] == [("comment_present", "请再核实")]


def test_an_error_in_a_text_does_not_come_back_as_a_text(tmp_path: Path) -> None:
    """A name that is #REF! is no name; the correction must not make one of it."""
    path = one_return(tmp_path, {})
    book = openpyxl.load_workbook(path)
    errors = {(MAIN, "H26"): "#REF!", (MAIN, "L11"): "#N/A", (LIST, "E9"): "#VALUE!"}
    for (sheet, address), text in errors.items():
        one: Any = book[sheet][address]
        one.value, one.data_type = text, "e"
    book.save(path)
    result = run(tmp_path)
    own = [one for one in result.settled.findings if one.unit == "chunjiang"]
    assert pairs_of(own) == {(cell, "error_value"): ERROR for _, cell in errors}
    (correction,) = result.corrections
    brief = Brief(SHIPPED, Q4)
    returned = read_returned(correction, correction.name, brief)
    found = {(one.cell, one.code) for one in check_returned(returned, SHIPPED)}
    assert {("H26", "signer_blank"), ("E9", "list_incomplete")} <= found
    assert returned.submission is not None
    assert "#" not in "".join(str(one.value) for one in returned.submission.readings.values())


def test_returned_untouched_it_counts_for_nothing_new(case: Case, tmp_path: Path) -> None:
    put(tmp_path / "更正.xlsx", case.correction.read_bytes(), saved=LATER)
    result = case.again(tmp_path / "output", tmp_path / "更正.xlsx")
    unit = next(one for one in result.settled.units if one.unit.code == "chunjiang")
    assert unit.status is UnitStatus.NEEDS_CORRECTION
    assert len(result.corrections) == 1


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods"])
def test_mended_in_a_program_it_is_accepted_and_the_district_is_right(
    case: Case, program: Program, suffix: str, tmp_path: Path
) -> None:
    back = tmp_path / f"更正{suffix}"
    program.fill(case.correction, back, mended(ask(), MENDED))
    result = case.again(tmp_path / "output", back)
    unit = next(one for one in result.settled.units if one.unit.code == "chunjiang")
    assert (unit.status, unit.file) == (UnitStatus.ACCEPTED, back.name)
    files = {one.file: (one.status, one.code) for one in result.settled.files}
    assert files == {
        back.name: (FileStatus.COUNTED, ""),
        "科技指标_春江镇_2017Q4.xlsx": (FileStatus.SUPERSEDED, "superseded"),
        "科技指标_河海街道_2017Q4.xlsx": (FileStatus.COUNTED, ""),
    }
    worse = [one for one in result.settled.findings
             if one.unit == "chunjiang" and one.severity is not Severity.INFO]  # fmt: skip
    assert worse == []
    mine = good_answers(ask()) | SLIPS | MENDED
    theirs = good_answers(ask("hehai"))
    for one in result.figures.district:
        over = [actual(part.code) for part in SHIPPED.indicator_by_code[one.indicator].amounts]
        sums = [number(mine[key]) + number(theirs[key]) for key in over or [actual(one.indicator)]]
        assert one.actual == pytest.approx(sums[0] / sums[1] if over else sums[0], rel=1e-12)
        assert one.covered == 2
    assert result.corrections == ()


def number(value: Value) -> float:
    assert isinstance(value, float)
    return value


def test_mended_it_says_itself_that_it_may_be_sent(
    case: Case, program: Program, tmp_path: Path
) -> None:
    program.fill(case.correction, tmp_path / "更正.xlsx", mended(ask(), MENDED))
    _, cached = both(tmp_path / "更正.xlsx")
    assert cached[CHECK]["B4"].value == "✓ 可以上报"


# An older form


def test_the_correction_of_an_older_form_is_of_the_new_one(
    program: Program, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(OLD_FORM)
    sheet: Any = book[MAIN]
    sheet["H10"].value, sheet["D25"].value, sheet["H26"].value = "约12", None, "元月"
    (tmp_path / "returns").mkdir()
    book.save(tmp_path / "returns/旧.xlsx")
    result = run(tmp_path)
    own = [one for one in result.settled.findings if one.unit == "chunjiang"]
    assert {pair for pair, one in pairs_of(own).items() if one is not Severity.INFO} == {
        ("H10", "not_a_number"), ("D25", "signer_blank"), ("H26", "not_a_date"),
    }  # fmt: skip
    (correction,) = result.corrections
    stamp = decode(str(openpyxl.load_workbook(correction)[STAMP_SHEET]["A1"].value))
    assert stamp is not None
    assert (stamp.form, stamp.unit) == ("quarterly/3", "chunjiang")
    assert [row[2] for row in listed(correction)] == [
        f"→ {MAIN} H10", f"→ {MAIN} D26", f"→ {MAIN} H27",
    ]  # fmt: skip
    new: Any = openpyxl.load_workbook(correction)[MAIN]
    assert [new[one].value for one in ("D25", "D26", "H26", "D27", "H27", "H23")] == [
        None, None, "李四", "0519-85127000", "元月", 12,
    ]  # fmt: skip
    values: Values = {(MAIN, "H10"): 87, (MAIN, "D26"): "张三", (MAIN, "H27"): date(2018, 1, 9)}
    program.fill(correction, tmp_path / "returns/新.xlsx", values)
    again = run(tmp_path, now=LATER)
    unit = next(one for one in again.settled.units if one.unit.code == "chunjiang")
    assert (unit.status, unit.file) == (UnitStatus.ACCEPTED, "新.xlsx")


# From run to run


def test_once_a_unit_is_accepted_its_correction_is_put_away(tmp_path: Path) -> None:
    one_return(tmp_path, {actual("tech_reports"): None})
    (path,) = run(tmp_path).corrections
    old = path.read_bytes()
    one_return(tmp_path, {})
    assert run(tmp_path, now=LATER).corrections == ()
    assert corrections(tmp_path / "output") == []
    kept = list((path.parent / "history").iterdir())
    assert [one.read_bytes() for one in kept] == [old]
    assert [one.name for one in kept] == [f"{path.stem}_20180108-120000.xlsx"]


def test_a_unit_that_withdraws_its_file_leaves_no_correction_behind(tmp_path: Path) -> None:
    returned = one_return(tmp_path, {actual("tech_reports"): None})
    run(tmp_path)
    returned.unlink()
    assert run(tmp_path, now=LATER).corrections == ()
    assert corrections(tmp_path / "output") == []


def test_a_run_that_changes_nothing_leaves_corrections_and_history_alone(tmp_path: Path) -> None:
    one_return(tmp_path, SLIPS)
    (path,) = run(tmp_path).corrections
    old, saved = path.read_bytes(), path.stat().st_mtime_ns
    run(tmp_path, now=LATER)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (old, saved)
    assert not (path.parent / "history").exists()


def test_a_correction_that_changes_is_kept_before_it_is_rewritten(tmp_path: Path) -> None:
    one_return(tmp_path, {actual("tech_reports"): None})
    (path,) = run(tmp_path).corrections
    old = path.read_bytes()
    one_return(tmp_path, {actual("tech_reports"): None, PHONE: None})
    run(tmp_path, now=LATER)
    assert path.read_bytes() != old
    assert [one.read_bytes() for one in (path.parent / "history").iterdir()] == [old]


def test_a_correction_lying_open_in_excel_is_left_where_it_is(tmp_path: Path) -> None:
    """Excel's own file beside it is none of ours; the workbook is put away all the same."""
    one_return(tmp_path, {actual("tech_reports"): None})
    (path,) = run(tmp_path).corrections
    owner = put(path.with_name(f"~${path.name[2:]}"), b"\x05Clerk")
    one_return(tmp_path, {})
    run(tmp_path, now=LATER)
    assert owner.read_bytes() == b"\x05Clerk"


# A workbook that every program takes


def _many(folder: Path) -> Path:
    one_return(folder, RIGHT | SLIPS)
    return run(folder).corrections[0]


def _empty(folder: Path) -> Path:
    put(folder / "returns/空.xlsx", rendered(ask("chuangyi"), {}))
    return run(folder).corrections[0]


def _odd(folder: Path) -> Path:
    one_return(folder, odd_figures())
    return run(folder).corrections[0]


def _full_list(folder: Path) -> Path:
    rows: Answers = {}
    for number in range(1, 65):
        rows |= filed_row(f"filed{number:03d}", "其他", year=2016)
    one_return(folder, rows)
    return run(folder).corrections[0]


MAKERS = pytest.mark.parametrize("make", [_many, _empty, _odd, _full_list])


@MAKERS
def test_it_is_valid_by_the_schemas(
    make: Callable[[Path], Path], tmp_path: Path, shared: Path
) -> None:
    assert xsd.problems(make(tmp_path), shared / "ecma376") == []


@MAKERS
def test_it_caches_what_programs_compute(
    program: Program, make: Callable[[Path], Path], tmp_path: Path
) -> None:
    hold(program, make(tmp_path), least=60)


@MAKERS
def test_its_rules_are_formulas_as_excel_takes_them(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    for sheet in openpyxl.load_workbook(make(tmp_path)).worksheets:
        for area in sheet.conditional_formatting:
            for rule in area.rules:
                for text in rule.formula:
                    assert not text.startswith("="), f"{sheet.title} {area.sqref}: {text}"
                    constants = re.findall(r'"((?:[^"]|"")*)"', text)
                    longest = max((len(one.replace('""', '"')) for one in constants), default=0)
                    assert longest <= 255, f"{sheet.title} {area.sqref}"


def test_nothing_of_it_is_cut_on_paper(libreoffice: LibreOffice, tmp_path: Path) -> None:
    """What a unit wrote is known here: rows are as high as the form's longest text asks for."""
    long = "受上年同期基数较高影响，预计下季度补足，相关申报材料已报市局。"
    texts: Answers = {
        actual("hightech_firms"): "约一百二十家（含已受理未发证的部分，最终数以发证文件为准）",
        remark("patent_applications"): (long * 7)[:200],
        STATEMENT: (long * 7)[:200],
        Key("filed001", "subject"): (long * 3)[:80],
        Key("filed001", "partner"): (long * 2)[:60],
    }
    beside: Answers = {line.remark_key: "按序时进度推进。" for line in ask().headline}
    one_return(tmp_path, SLIPS | beside | texts)
    paper = printed(libreoffice, run(tmp_path).corrections[0], tmp_path)
    told = {name: faults(sheet, paper.pages[name]) for name, sheet in paper.sheets.items()}
    assert {name: found[:5] for name, found in told.items() if found} == {}
    assert len(paper.pages[SHEET]) == 1


def test_it_is_made_the_same_from_the_same_return(tmp_path: Path) -> None:
    contents = [_many(tmp_path / name).read_bytes() for name in ("a", "b")]
    assert contents[0] == contents[1]


def test_a_made_up_workspace_says_so_on_it(tmp_path: Path) -> None:
    one_return(tmp_path, SLIPS)
    result = consolidate(
        Brief(SHIPPED, Q4), [tmp_path / "returns"], tmp_path / "output", now=NOON,
        notice="演示数据，非真实上报",
    )  # fmt: skip
    sheet = openpyxl.load_workbook(result.corrections[0])[SHEET]
    assert "演示数据，非真实上报" in str(sheet["B4"].value)


def test_answers_hold_nothing_of_another_unit(case: Case) -> None:
    """Every text in it is the form's, the unit's own or a finding's."""
    other = replace(ask("hehai"), answers={})
    with zipfile.ZipFile(case.correction) as package:
        whole = b"".join(package.read(name) for name in package.namelist()).decode(
            "utf-8", "replace"
        )
    assert other.unit.name not in whole
    assert APPROVED_BY in good_answers(ask())
