"""The checks: exact (cell, code) pairs, one message a cause, and the self-check page agrees."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consolidator.checks.catalogue import CATALOGUE
from consolidator.checks.findings import Finding
from consolidator.checks.run import check_returned, check_submission
from consolidator.forms.layout import Role, Value, address
from consolidator.forms.quarterly.addresses import LIST, MAIN, Places
from consolidator.forms.quarterly.assignment import (
    APPROVED_BY,
    FILLED_BY,
    FILLED_ON,
    LIST_KEYS,
    PHONE,
    TEXT_LIMIT,
    Assignment,
    FieldKind,
    Key,
)
from consolidator.forms.quarterly.book import quarterly_book
from consolidator.forms.quarterly.check_sheet import overall
from consolidator.forms.quarterly.issued import VISIBLE, IssuedSheet
from consolidator.forms.quarterly.rules import PASS, rules
from consolidator.intake.brief import Brief
from consolidator.intake.returned import read_content, read_returned
from consolidator.intake.values import Observed
from consolidator.plan.period import Period
from consolidator.severity import Severity
from returns import (
    AGREEMENT,
    EVENT,
    NOON,
    Q4,
    SHIPPED,
    VISIT,
    Answers,
    actual,
    ask,
    came_back,
    filed_row,
    good_answers,
    mended,
    put,
    remark,
    rendered,
    submission_of,
)
from workbook_parts import GOOD, MAIN_PART, cell, with_part

Pairs = list[tuple[str, str]]
ERROR = Severity.ERROR
ROW1, ROW2, FREE = LIST_KEYS[0], LIST_KEYS[1], LIST_KEYS[23]
FILED = {"iur_events", "iur_events_518", "iur_agreements"}
"""What a row of no known kind leaves open."""
TECH, FIRMS, RATIO = "tech_reports", "hightech_firms", "hightech_output_ratio"
WHOLE, PART = "patent_applications", "invention_applications"


def pairs(findings: Iterable[Finding]) -> Pairs:
    return [(one.cell, one.code) for one in findings]


def voided(findings: Iterable[Finding]) -> set[str]:
    return {code for one in findings if one.severity is ERROR for code in one.voids}


def checked(changes: Mapping[Key, Value], folder: Path) -> list[Finding]:
    """Send a good return with some answers changed through a file, and check it."""
    assignment = ask()
    returned = came_back(folder, assignment, good_answers(assignment) | dict(changes))
    assert returned.refusal is None
    return check_returned(returned, SHIPPED)


def without_row(row: str) -> Answers:
    return dict.fromkeys(filed_row(row, EVENT))


# What stands in the entry cells, the findings it gives, and the figures those void.
# Chunjiang lists one visit (row 8), 18 agreements (9 to 26), four events (27 to 30).
ANSWERS: dict[str, tuple[Answers, Pairs, set[str]]] = {
    "all is well": ({}, [], set()),
    "a blank": ({actual(TECH): None}, [("H23", "blank")], {TECH}),
    "only spaces": ({actual(TECH): " \u3000"}, [("H23", "blank")], {TECH}),
    "nought is no blank": (
        {actual(TECH): 0.0, remark(TECH): "尚未开展"}, [], set(),
    ),
    "a blank amount": ({actual("hightech_output"): None}, [("H8", "blank")], {RATIO}),
    "both amounts blank": (
        {actual("hightech_output"): None, actual("industrial_output"): None},
        [("H8", "blank"), ("H9", "blank")], {RATIO},
    ),
    "a guess": ({actual(TECH): "约12"}, [("H23", "not_a_number")], {TECH}),
    "a percentage": ({actual(TECH): "100%"}, [("H23", "not_a_number")], {TECH}),
    "ten thousand where it is the measure": (
        {actual("industrial_output"): "100万"}, [("H9", "not_a_number")], {RATIO},
    ),
    "below nought": ({actual(TECH): -1.0}, [("H23", "negative")], {TECH}),
    "below nought in text": ({actual(TECH): "－1"}, [("H23", "negative")], {TECH}),
    "an amount below nought": ({actual("hightech_output"): -1.0}, [("H8", "negative")], {RATIO}),
    "not whole": ({actual(TECH): 12.5}, [("H23", "not_whole")], {TECH}),
    "an amount need not be whole": ({actual("hightech_output"): 470000.25}, [], set()),
    "full-width digits": ({actual(TECH): "１２"}, [("H23", "normalised")], set()),
    "with its measure": ({actual(TECH): "12条"}, [("H23", "normalised")], set()),
    "a date in text": (
        {Key(ROW1, "date"): "2017年5月18日"}, [("D8", "normalised")], set(),
    ),
    "the date of signing in text": (
        {FILLED_ON: "2018年1月5日"}, [("H27", "normalised")], set(),
    ),
    "a long remark": (
        {remark(TECH): "长" * (TEXT_LIMIT + 1)}, [("L23", "text_too_long")], set(),
    ),
    "a remark as long as may be": ({remark(TECH): "长" * TEXT_LIMIT}, [], set()),
    "not signed": ({FILLED_BY: None}, [("D26", "signer_blank")], set()),
    "not approved": ({APPROVED_BY: " "}, [("H26", "signer_blank")], set()),
    "no telephone": ({PHONE: None}, [("D27", "signer_blank")], set()),
    "not dated": ({FILLED_ON: None}, [("H27", "signer_blank")], set()),
    "no such day": ({FILLED_ON: "2018-02-30"}, [("H27", "not_a_date")], set()),
    "part above whole": (
        {actual(PART): 911.0}, [("H15", "part_above_whole")], {PART, WHOLE},
    ),
    "part equal to its whole": ({actual(PART): 910.0}, [], set()),
    "part of a blank": ({actual(WHOLE): None}, [("H14", "blank")], {WHOLE}),
    "part of what is no number": ({actual(WHOLE): "多"}, [("H14", "not_a_number")], {WHOLE}),
    "part of what is below nought": ({actual(WHOLE): -5.0}, [("H14", "negative")], {WHOLE}),
    "numerator above denominator": (
        {actual("hightech_output"): 1000001.0}, [("H8", "ratio_impossible")], {RATIO},
    ),
    "nothing to divide by": (
        {actual("hightech_output"): 0.0, actual("industrial_output"): 0.0},
        [("H9", "ratio_impossible")], {RATIO},
    ),
    "numerator over nothing": (
        {actual("industrial_output"): 0.0}, [("H8", "ratio_impossible")], {RATIO},
    ),
    "a lag": ({actual(TECH): 5.0}, [("L23", "lag_unexplained")], set()),
    "a lag with a remark": ({actual(TECH): 5.0, remark(TECH): "人手不足"}, [], set()),
    "a lag with a remark of spaces": (
        {actual(TECH): 5.0, remark(TECH): "\u3000 "}, [("L23", "lag_unexplained")], set(),
    ),
    "near is no lag": ({actual(TECH): 11.0}, [], set()),
    "exactly nine tenths is no lag": ({actual(WHOLE): 819.0}, [], set()),
    "just below nine tenths": ({actual(WHOLE): 818.0}, [("L14", "lag_unexplained")], set()),
    "a lag of the ratio": (
        {actual("hightech_output"): 300000.0}, [("L7", "lag_unexplained")], set(),
    ),
    "a lag of a figure in full width": (
        {actual(TECH): "５"}, [("L23", "lag_unexplained"), ("H23", "normalised")], set(),
    ),
    "fewer agreements than listed": (
        {actual("iur_agreements"): 17.0}, [("H20", "list_mismatch")], {"iur_agreements"},
    ),
    "an agreement not listed": (
        without_row(LIST_KEYS[18]), [("H20", "list_mismatch")], {"iur_agreements"},
    ),
    "a visit counts as event too": (
        without_row(ROW1),
        [("H18", "list_mismatch"), ("H19", "list_mismatch")], {"iur_events", "iur_events_518"},
    ),
    "a blank is not held against the list": (
        {actual("iur_agreements"): None}, [("H20", "blank")], {"iur_agreements"},
    ),
    "a row without partner": (
        {Key(ROW1, "partner"): None}, [("E8", "list_incomplete")], set(),
    ),
    "a row with a kind only": (
        {Key(FREE, "kind"): AGREEMENT, actual("iur_agreements"): 19.0},
        [("D31", "list_incomplete")], set(),
    ),
    "a row without kind": (
        filed_row(FREE, "") | {Key(FREE, "kind"): None}, [("C31", "list_incomplete")], FILED,
    ),
    "a row of spaces": ({Key(FREE, "partner"): " "}, [], set()),
    "a kind not on the list": (
        filed_row(FREE, "讲座"), [("C31", "list_kind_unknown")], FILED,
    ),
    "a counted row that lost its kind": (
        {Key(ROW1, "kind"): None}, [("C8", "list_incomplete")], FILED,
    ),
    "a date of another year": (
        {Key(ROW1, "date"): date(2016, 5, 18)}, [("D8", "filed_outside_year")], set(),
    ),
    "the year's first and last day": (
        {Key(ROW1, "date"): date(2017, 1, 1), Key(ROW2, "date"): date(2017, 12, 31)}, [], set(),
    ),
    "no date in the list": ({Key(ROW1, "date"): "五月"}, [("D8", "not_a_date")], set()),
    "a filing number twice": (
        {Key(ROW2, "filing"): "ba-FILED001"}, [("G9", "filing_repeated")], set(),
    ),
    "a filing number three times": (
        {Key(row, "filing"): "7" for row in LIST_KEYS[:3]},
        [("G9", "filing_repeated"), ("G10", "filing_repeated")], set(),
    ),
    "many slips at once": (
        {actual(TECH): None, actual(FIRMS): "八十六", actual("rd_institutions"): 1.0,
         PHONE: None, Key(ROW1, "subject"): None},
        [("H10", "not_a_number"), ("H23", "blank"), ("F8", "list_incomplete"),
         ("L11", "lag_unexplained"), ("D27", "signer_blank")], {FIRMS, TECH},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ANSWERS)
def test_answers_give_exactly_these_findings(what: str, tmp_path: Path) -> None:
    changes, expected, void = ANSWERS[what]
    findings = checked(changes, tmp_path)
    assert pairs(findings) == expected
    assert voided(findings) == void
    assert {one.sheet for one in findings} <= {MAIN, LIST}
    assert {one.unit for one in findings} <= {"chunjiang"}


# Locked cells, stored results: what the file holds besides its answers
LOCKED: dict[str, tuple[dict[tuple[str, str], Value], Pairs, set[str]]] = {
    "a target lowered": ({(MAIN, "F10"): 80.0}, [("F10", "locked_altered")], set()),
    "a target wiped": ({(MAIN, "F10"): None}, [("F10", "locked_altered")], set()),
    "an indicator renamed": ({(MAIN, "D10"): "高企"}, [("D10", "locked_altered")], {FIRMS}),
    "a measure changed": ({(MAIN, "E9"): "亿元"}, [("E9", "locked_altered")], {RATIO}),
    "spaces and widths do not count": (
        {(MAIN, "D7"): "高新技术产业 产值占规上工业产值比重"}, [], set(),
    ),
    "an old result": ({(MAIN, "H23"): 13.0}, [("I23", "stale_result")], set()),
    "an old ratio": (
        {(MAIN, "H8"): 480000.0}, [("H7", "stale_result"), ("I7", "stale_result")], set(),
    ),
    "a result written over": ({(MAIN, "I23"): 2.0}, [("I23", "formula_replaced")], set()),
    "a result that is not there": ({(MAIN, "I23"): None}, [], set()),
}  # fmt: skip


def altered(changes: Mapping[tuple[str, str], Value], folder: Path) -> list[Finding]:
    path = put(folder / "上报.xlsx", mended(ask(), changes))
    return check_returned(read_returned(path, path.name, Brief(SHIPPED, Q4)), SHIPPED)


@pytest.mark.parametrize("what", LOCKED)
def test_what_was_issued_is_what_must_come_back(what: str, tmp_path: Path) -> None:
    changes, expected, void = LOCKED[what]
    findings = altered(changes, tmp_path)
    assert sorted(pairs(findings)) == expected
    assert voided(findings) == void


@pytest.mark.parametrize(
    ("place", "code"), [("F19", "locked_altered"), ("J7", "locked_text_altered")]
)
def test_a_truth_value_is_not_the_number_it_stands_for(place: str, code: str) -> None:
    """F19 is a target of 1, J7 the time progress of the year's end."""
    for typed, expected in ((' t="b"', [code]), ("", [])):
        written = f'<c r="{place}" s="{{s}}"{typed}><v>1</v></c>'
        content = with_part(GOOD, MAIN_PART, cell(place, written))
        read = read_content(content, "上报.xlsx", "", NOON, Brief(SHIPPED, Q4)).submission
        assert read is not None
        assert [one.code for one in read.observed if one.source.cell == place] == expected


_SHEETS = [sheet for sheet in quarterly_book(ask()).sheets if sheet.name in VISIBLE]
_LOCKED_CELLS = [
    (sheet.name, address(cell.row, cell.column))
    for sheet in _SHEETS
    for cell in (*sheet.cells, *(cell for _, cell in sheet.merges))
    if cell.style.role not in (Role.ENTRY, Role.HIDDEN)
]
_WRITTEN_OVER = st.sampled_from([None, 0.0, 1.0, 100.0, "字", "—", " "])


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(_LOCKED_CELLS), _WRITTEN_OVER, max_size=20))
def test_cells_compared_at_once_differ_where_each_by_itself_does(
    changes: dict[tuple[str, str], Value],
) -> None:
    content = mended(ask(), changes)

    def observed() -> list[Observed]:
        read = read_content(content, "上报.xlsx", "", NOON, Brief(SHIPPED, Q4)).submission
        assert read is not None
        return sorted(read.observed, key=str)

    at_once = observed()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(IssuedSheet, "unlike", lambda issued, _rows: issued.fixed)
        patch.setattr(IssuedSheet, "otherwise", lambda issued, _formulas: issued.derived)
        assert observed() == at_once


def test_what_is_not_asked_of_a_unit_must_stay_unfilled(tmp_path: Path) -> None:
    path = put(tmp_path / "上报.xlsx", mended(ask("chuangyi"), {(MAIN, "H7"): 0.5}))
    findings = check_returned(read_returned(path, path.name, Brief(SHIPPED, Q4)), SHIPPED)
    assert pairs(findings) == [("H7", "locked_altered")]


def test_an_error_value_is_no_number_and_no_blank(tmp_path: Path) -> None:
    good, broken = rendered(ask()), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            xml = old.read(name)
            if name == "xl/worksheets/sheet2.xml":
                start = xml.index(b'<c r="H23"')
                end = xml.index(b"</c>", start)
                style = xml[start:end].split(b's="')[1].split(b'"')[0]
                error = b'<c r="H23" s="' + style + b'" t="e"><v>#DIV/0!</v>'
                xml = xml[:start] + error + xml[end:]
            new.writestr(name, xml)
    path = put(tmp_path / "上报.xlsx", broken.getvalue())
    findings = check_returned(read_returned(path, path.name, Brief(SHIPPED, Q4)), SHIPPED)
    # The result beside it is not reported too: one message a cause.
    assert [(one.cell, one.code, one.found) for one in findings] == [
        ("H23", "error_value", "#DIV/0!")
    ]


@pytest.mark.parametrize("code", ["2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4", "2017"])
@pytest.mark.parametrize("unit", ["chunjiang", "chuangyi"])
def test_a_good_return_of_any_period_has_no_findings(unit: str, code: str, tmp_path: Path) -> None:
    assignment = ask(unit, period=Period.parse(code))
    assert check_returned(came_back(tmp_path, assignment), SHIPPED) == []


def test_an_empty_template_gives_one_error_a_cell_and_none_twice(tmp_path: Path) -> None:
    assignment = ask()
    found = pairs(check_returned(came_back(tmp_path, assignment, {}), SHIPPED))
    figures = [(Places(assignment).local(line.value_key), "blank") for line in assignment.entries]
    signers = [(cell, "signer_blank") for cell in ("D26", "H26", "D27", "H27")]
    assert found == [*figures, *signers]


def verdicts(changes: Mapping[Key, Value], unit: str = "chunjiang") -> tuple[bool, Pairs]:
    """Return whether the page says that the form may be sent, and the errors found in it."""
    assignment = ask(unit)
    answers = good_answers(assignment) | dict(changes)
    filled = replace(assignment, answers=answers)
    page = overall(rules(filled, Places(filled).full))
    findings = check_submission(submission_of(assignment, answers), SHIPPED)
    errors = [one for one in findings if one.severity is ERROR]
    return page == f"{PASS} 可以上报", pairs(errors)


@pytest.mark.parametrize("what", ANSWERS)
def test_the_page_is_content_only_where_the_checks_are(what: str) -> None:
    changes, expected, _ = ANSWERS[what]
    errors = [pair for pair in expected if CATALOGUE[pair[1]].severity is ERROR]
    content, found = verdicts(changes)
    assert found == errors
    assert not (content and errors)


def answers_for(assignment: Assignment, *, loose: bool) -> st.SearchStrategy[Answers]:
    """Change any entry cells of a good return, as typed or, if ``loose``, as pasted."""
    numbers: st.SearchStrategy[Value] = st.one_of(
        st.none(), st.integers(-2, 40).map(float), st.sampled_from([0.5, 470000.0, 1e6, 1000001.0])
    )
    texts: st.SearchStrategy[Value] = st.sampled_from([None, "", " ", "说明", "长" * 201])
    dates: st.SearchStrategy[Value] = st.sampled_from(
        [None, date(2017, 1, 1), date(2017, 12, 31), date(2018, 1, 1), date(2016, 12, 31)]
    )
    kinds: st.SearchStrategy[Value] = st.sampled_from([None, VISIT, EVENT, AGREEMENT])
    filings: st.SearchStrategy[Value] = st.sampled_from([None, "A1", "a1", "B2", "Ｂ2"])
    if loose:
        odd: list[Value] = [
            "１２",
            "12家",
            "约5",
            "\u3000",
            "2017-5-18",
            "讲座",
            " A1",
            "TRUE",
            "#",
        ]
        pasted = st.sampled_from(odd)
        numbers, texts, dates, kinds, filings = (
            one | pasted for one in (numbers, texts, dates, kinds, filings)
        )
    by_key: dict[Key, st.SearchStrategy[Value]] = {
        line.value_key: numbers for line in assignment.entries
    }
    by_key |= {line.remark_key: texts for line in assignment.headline}
    by_key |= {FILLED_BY: texts, APPROVED_BY: texts, PHONE: texts, FILLED_ON: dates}
    for row in (ROW1, ROW2, FREE):
        by_key |= {
            Key(row, "kind"): kinds, Key(row, "date"): dates, Key(row, "partner"): texts,
            Key(row, "subject"): texts, Key(row, "filing"): filings,
        }  # fmt: skip
    keys = st.lists(st.sampled_from(sorted(by_key)), max_size=4, unique=True)
    return keys.flatmap(lambda chosen: st.fixed_dictionaries({k: by_key[k] for k in chosen}))


@settings(max_examples=150)
@given(answers_for(ask(), loose=False))
def test_the_page_says_that_it_may_be_sent_just_when_the_checks_find_no_error(
    changes: Answers,
) -> None:
    content, errors = verdicts(changes)
    assert content is (not errors), errors


@settings(max_examples=150)
@given(answers_for(ask(), loose=True))
def test_a_form_that_may_be_sent_has_no_error_whatever_was_pasted_into_it(
    changes: Answers,
) -> None:
    content, errors = verdicts(changes)
    assert not (content and errors), errors


def test_answers_taken_without_a_file_are_those_read_from_one(tmp_path: Path) -> None:
    assignment = ask()
    for number, (changes, _, _) in enumerate(list(ANSWERS.values())[::6]):
        answers = good_answers(assignment) | changes
        read = came_back(tmp_path / str(number), assignment, answers).submission
        taken = submission_of(assignment, answers)
        assert read is not None
        assert pairs(check_submission(read, SHIPPED)) == pairs(check_submission(taken, SHIPPED))


def test_a_field_knows_what_it_takes() -> None:
    kinds = {line.key: line.kind for line in ask().entries}
    amounts = {key for key, kind in kinds.items() if kind is FieldKind.AMOUNT}
    assert amounts == {"hightech_output", "industrial_output"}
