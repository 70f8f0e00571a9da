"""The checks: exact (cell, code) pairs, one message a cause, and the self-check page agrees."""

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consolidator.checks.catalogue import CATALOGUE
from consolidator.checks.findings import Finding
from consolidator.checks.run import check_returned, check_submission
from consolidator.checks.selection import settle
from consolidator.figures.adjustments import Adjustment, adjustment_findings
from consolidator.forms.layout import Value
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
from consolidator.forms.quarterly.check_sheet import overall
from consolidator.forms.quarterly.rules import PASS, rules
from consolidator.intake.brief import Brief
from consolidator.intake.folder import find_files, read_all
from consolidator.intake.returned import read_returned
from consolidator.plan.model import Plan, Unit
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
    small_plan,
    submission_of,
)

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
        {FILLED_ON: "2018年1月5日"}, [("H26", "normalised")], set(),
    ),
    "a long remark": (
        {remark(TECH): "长" * (TEXT_LIMIT + 1)}, [("L23", "text_too_long")], set(),
    ),
    "a remark as long as may be": ({remark(TECH): "长" * TEXT_LIMIT}, [], set()),
    "not signed": ({FILLED_BY: None}, [("D25", "signer_blank")], set()),
    "not approved": ({APPROVED_BY: " "}, [("H25", "signer_blank")], set()),
    "no telephone": ({PHONE: None}, [("D26", "signer_blank")], set()),
    "not dated": ({FILLED_ON: None}, [("H26", "signer_blank")], set()),
    "no such day": ({FILLED_ON: "2018-02-30"}, [("H26", "not_a_date")], set()),
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
         ("L11", "lag_unexplained"), ("D26", "signer_blank")], {FIRMS, TECH},
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
    "a result written over": ({(MAIN, "I23"): 2.0}, [("I23", "stale_result")], set()),
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
        ("H23", "not_a_number", "#DIV/0!")
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
    signers = [(cell, "signer_blank") for cell in ("D25", "H25", "D26", "H26")]
    assert found == [*figures, *signers]


# Each code of the catalogue, and nothing besides what it brings with it

Situation = tuple[Callable[[Path], Iterable[Finding]], Pairs]


def one_unit() -> Plan:
    plan = small_plan()
    return replace(plan, units=plan.units[:1])


def settled(
    files: Mapping[str, bytes], *, plan: Plan | None = None
) -> Callable[[Path], Iterable[Finding]]:
    """Put files of one unit's returns in a folder, the later ones saved later, and settle."""

    def act(folder: Path) -> Iterable[Finding]:
        for hour, (name, content) in enumerate(files.items()):
            put(folder / name, content, saved=NOON + timedelta(hours=hour))
        asked = plan or one_unit()
        return settle(read_all(find_files([folder]), Brief(asked, Q4)), asked, Q4).findings

    return act


def alpha(changes: Answers | None = None, *, plan: Plan | None = None) -> Assignment:
    assignment = ask("alpha", plan=plan or one_unit())
    return replace(assignment, answers=good_answers(assignment) | (changes or {}))


def sent(changes: Answers | None = None, **other: object) -> bytes:
    assignment = replace(alpha(changes), **other)  # type: ignore[arg-type]
    return rendered(assignment, assignment.answers)


def of_other_form() -> bytes:
    stamp = replace(alpha().stamp, form="quarterly/0").encode()
    places = [("填报说明", "A1"), (MAIN, "A1"), (LIST, "A1"), ("自检", "A1"), ("标识", "A1")]
    return without_properties(mended(alpha(), dict.fromkeys(places, stamp)))


def without_properties(content: bytes) -> bytes:
    bare = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(bare, "w") as new:
        for name in old.namelist():
            if name != "docProps/custom.xml":
                new.writestr(name, old.read(name))
    return bare.getvalue()


def of_unknown_unit() -> bytes:
    plan = one_unit()
    stranger = Unit("omega", "外镇", "外镇")
    wider = replace(
        plan,
        units=(*plan.units, stranger),
        targets={**plan.targets, **{("omega", one.code): 1.0 for one in plan.indicators}},
    )
    return rendered(ask("omega", plan=wider))


def of_another_plan() -> bytes:
    return rendered(ask("alpha", plan=small_plan({("alpha", "firms"): 11})))


def without_keys() -> bytes:
    return mended(alpha(), {(MAIN, "A8"): None})


def adjusted(one: Adjustment) -> Callable[[Path], Iterable[Finding]]:
    return lambda _: list(
        adjustment_findings(
            {("alpha", "firms"): one}, {("alpha", "firms"): (10.0, None)}, small_plan(), Q4
        )
    )


def answered(what: str) -> Situation:
    changes, expected, _ = ANSWERS[what]
    return lambda folder: checked(changes, folder), expected


def encrypted() -> bytes:
    from msoffcrypto.format.ooxml import (  # type: ignore[import-untyped,unused-ignore]
        OOXMLFile,
    )

    target = io.BytesIO()
    OOXMLFile(io.BytesIO(sent())).encrypt("密码", target)
    return target.getvalue()


def unreadable(folder: Path) -> Iterable[Finding]:
    """Read a file that was there when the folder was listed and is gone now."""
    plan = one_unit()
    listed = [(folder / "没有了.xlsx", "没有了.xlsx")]
    return settle(read_all(listed, Brief(plan, Q4)), plan, Q4).findings


MISSING = ("", "missing_unit")
SITUATIONS: dict[str, Situation] = {
    "file_empty": (settled({"甲.xlsx": b""}), [MISSING, ("", "file_empty")]),
    "file_too_large": (
        settled({"甲.xlsx": b"PK\x03\x04" + bytes(21 * 2**20)}), [MISSING, ("", "file_too_large")],
    ),
    "file_encrypted": (
        lambda folder: settled({"甲.xlsx": encrypted()})(folder), [MISSING, ("", "file_encrypted")],
    ),
    "file_damaged": (
        lambda folder: settled({"甲.xlsx": sent()[:-2000]})(folder),
        [MISSING, ("", "file_damaged")],
    ),
    "file_unreadable": (unreadable, [MISSING, ("", "file_unreadable")]),
    "file_foreign": (settled({"说明.txt": b"hello"}), [MISSING, ("", "file_foreign")]),
    "file_leftover": (settled({"~$甲.xlsx": b"x"}), [MISSING, ("", "file_leftover")]),
    "file_not_ours": (
        lambda folder: settled({"甲.xlsx": own_workbook()})(folder),
        [MISSING, ("", "file_not_ours")],
    ),
    "stamp_garbled": (
        lambda folder: settled(
            {"甲.xlsx": mended(alpha(), {(MAIN, "A1"): alpha().stamp.encode()[:-1] + "x"})}
        )(folder),
        [MISSING, ("", "stamp_garbled")],
    ),
    "stamp_conflict": (
        lambda folder: settled(
            {"甲.xlsx": mended(
                alpha(), {(MAIN, "A1"): replace(alpha().stamp, period="2017-Q3").encode()}
            )}
        )(folder),
        [MISSING, ("", "stamp_conflict")],
    ),
    "wrong_unit": (
        lambda folder: settled({"甲.xlsx": of_unknown_unit()})(folder),
        [MISSING, ("", "wrong_unit")],
    ),
    "unit_name_differs": (
        lambda folder: settled(
            {"甲.xlsx": mended(ask("alpha", plan=small_plan()), {(MAIN, "B4"): "填报单位：乙 镇"})},
            plan=replace(small_plan(), units=small_plan().units[:2]),
        )(folder),
        [MISSING, ("", "unit_name_differs"), MISSING],
    ),
    "wrong_period": (
        lambda folder: settled({"甲.xlsx": sent(period=Period(2017, 3))})(folder),
        [MISSING, ("", "wrong_period")],
    ),
    "wrong_form": (
        lambda folder: settled({"甲.xlsx": of_other_form()})(folder),
        [MISSING, ("", "wrong_form")],
    ),
    "wrong_plan": (
        lambda folder: settled({"甲.xlsx": of_another_plan()})(folder),
        [MISSING, ("", "wrong_plan")],
    ),
    "layout_lost": (
        lambda folder: settled({"甲.xlsx": without_keys()})(folder),
        [MISSING, ("", "layout_lost")],
    ),
    "duplicate_file": (
        lambda folder: settled({"甲.xlsx": sent(), "甲 (1).xlsx": sent()})(folder),
        [("", "duplicate_file")],
    ),
    "superseded": (
        lambda folder: settled({"甲.xlsx": sent(), "甲 (1).xlsx": sent({PHONE: "1"})})(folder),
        [("", "superseded")],
    ),
    "passed_over": (
        lambda folder: settled({"甲.xlsx": sent(), "甲 (1).xlsx": sent({PHONE: None})})(folder),
        [("", "passed_over")],
    ),
    "missing_unit": (settled({}), [MISSING]),
    "blank": answered("a blank"),
    "not_a_number": answered("a guess"),
    "negative": answered("below nought"),
    "not_whole": answered("not whole"),
    "normalised": answered("full-width digits"),
    "text_too_long": answered("a long remark"),
    "signer_blank": answered("not signed"),
    "not_a_date": answered("no such day"),
    "part_above_whole": answered("part above whole"),
    "ratio_impossible": answered("numerator above denominator"),
    "lag_unexplained": answered("a lag"),
    "list_mismatch": answered("fewer agreements than listed"),
    "list_incomplete": answered("a row without partner"),
    "list_kind_unknown": answered("a kind not on the list"),
    "filed_outside_year": answered("a date of another year"),
    "filing_repeated": answered("a filing number twice"),
    "locked_altered": (
        lambda folder: altered(LOCKED["a target lowered"][0], folder), [("F10", "locked_altered")],
    ),
    "stale_result": (
        lambda folder: altered(LOCKED["an old result"][0], folder), [("I23", "stale_result")],
    ),
    "adjusted": (adjusted(Adjustment(12.0, None, "来函更正", (10.0, None))), [("", "adjusted")]),
    "adjustment_incomplete": (
        adjusted(Adjustment(12.0, None, "", (10.0, None))), [("", "adjustment_incomplete")],
    ),
    "adjustment_outdated": (
        adjusted(Adjustment(12.0, None, "来函更正", (9.0, None))),
        [("", "adjusted"), ("", "adjustment_outdated")],
    ),
}  # fmt: skip


def own_workbook() -> bytes:
    workbook, target = openpyxl.Workbook(), io.BytesIO()
    workbook.save(target)
    return target.getvalue()


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_code_of_the_catalogue_is_raised_and_brings_no_other_with_it(
    code: str, tmp_path: Path
) -> None:
    act, expected = SITUATIONS[code]
    findings = list(act(tmp_path))
    assert pairs(findings) == expected
    assert code in {one.code for one in findings}


def test_no_situation_is_for_a_code_that_the_catalogue_does_not_have() -> None:
    assert set(SITUATIONS) == set(CATALOGUE)


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_finding_is_worded_with_all_its_particulars(code: str, tmp_path: Path) -> None:
    act, _ = SITUATIONS[code]
    for one in act(tmp_path):
        words = one.message + one.remedy
        assert "{" not in words
        assert "“”" not in words, f"{code} has an empty particular: {words}"
        assert not one.message.endswith(("：", "。"))
        assert one.remedy.endswith("。")


# The self-check page agrees with the checks


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


@settings(deadline=None, max_examples=150)
@given(answers_for(ask(), loose=False))
def test_the_page_says_that_it_may_be_sent_just_when_the_checks_find_no_error(
    changes: Answers,
) -> None:
    content, errors = verdicts(changes)
    assert content is (not errors), errors


@settings(deadline=None, max_examples=150)
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
