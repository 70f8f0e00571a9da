"""Whose a workbook is: stamps and their signatures, the names people see, the workspace's key."""

import re
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from consolidator.checks.decisions import Action, Decision, Decisions
from consolidator.checks.findings import Finding
from consolidator.checks.run import check_returned
from consolidator.checks.selection import Settled, UnitStatus, settle
from consolidator.cli import run
from consolidator.errors import OperatorError
from consolidator.files import sha256
from consolidator.forms.layout import Value
from consolidator.forms.quarterly.addresses import CHECK, GUIDE, LIST, MAIN
from consolidator.forms.quarterly.assignment import FORM, NAMED, PHONE
from consolidator.forms.stamp import PROPERTY, SHEET, Stamp, Verdict, decode
from consolidator.intake.brief import Brief
from consolidator.intake.returned import read_content, read_returned
from consolidator.intake.values import Returned, State, Submission
from consolidator.plan.check import load_plan
from consolidator.plan.period import Period
from consolidator.report.corrections import FOLDER as CORRECTIONS
from consolidator.severity import Severity
from consolidator.signing import FILE_NAME, VARIABLE, find_key, find_or_draw_key
from returns import (
    NOON,
    Q4,
    SHIPPED,
    Answers,
    actual,
    ask,
    good_answers,
    mended,
    plan_folder,
    put,
    rendered,
    submission_of,
    typed_into,
)
from workbook_parts import CUSTOM_PART, STRINGS_PART, packed, parts, swapped, with_part

Pairs = list[tuple[str, str]]
Alter = Callable[[Stamp], Stamp]
KEY, OTHER_KEY = b"0123456789abcdef", b"fedcba9876543210"
SIGNED = replace(ask(), signing_key=KEY)
STAMP = SIGNED.stamp
OTHER = SHIPPED.unit_by_code["benniu"]
FIRST, SECOND = (Path(__file__).parent / f"data/quarterly-{number}.xlsx" for number in (1, 2))
COPIES = (GUIDE, MAIN, LIST, CHECK, SHEET, PROPERTY)
"""Where the stamp stands: in A1 of each sheet, and in a custom property."""
PERIOD = ("--period", "2017-Q4")


def read(content: bytes, key: bytes = b"", *, period: Period | None = Q4) -> Returned:
    brief = Brief(SHIPPED, period, signing_key=key)
    return read_content(content, "上报.xlsx", sha256(content), NOON, brief)


def found(returned: Returned) -> Pairs:
    return [(one.cell, one.code) for one in check_returned(returned, SHIPPED)]


def severities(returned: Returned) -> set[Severity]:
    return {one.severity for one in check_returned(returned, SHIPPED)}


def submission(returned: Returned) -> Submission:
    assert returned.submission is not None, returned.refusal
    return returned.submission


def figures(returned: Returned) -> Answers:
    return dict(submission(returned).figures())


def restamped(stamp: Stamp, content: bytes = b"") -> bytes:
    """Change every copy of the stamp; its check sum is right."""
    held = parts(content or rendered(SIGNED))
    old, new = STAMP.encode().encode(), stamp.encode().encode()
    changed = {name for name, part in held.items() if old in part}
    # All sheets share one text.
    assert changed == {STRINGS_PART, CUSTOM_PART}
    return packed({name: part.replace(old, new) for name, part in held.items()})


def one_copy(place: str, said: str) -> bytes:
    """Change one copy of the stamp."""
    if place == PROPERTY:
        old = STAMP.encode()
        return with_part(rendered(SIGNED), CUSTOM_PART, swapped(old, said))
    return mended(SIGNED, {(place, "A1"): said})


# Signatures


def test_the_stamp_stands_on_every_sheet_and_in_a_property(tmp_path: Path) -> None:
    workbook = openpyxl.load_workbook(put(tmp_path / "上报.xlsx", rendered(SIGNED)))
    assert {sheet.title: sheet["A1"].value for sheet in workbook} == dict.fromkeys(
        COPIES[:-1], STAMP.encode()
    )
    assert STAMP.encode().encode() in parts(rendered(SIGNED))[CUSTOM_PART]


def test_a_stamp_signed_with_the_workspaces_key_has_no_finding() -> None:
    assert found(read(rendered(SIGNED), KEY)) == []


def test_signed_and_unsigned_forms_give_the_same_readings() -> None:
    signed, unsigned = (
        submission(read(content)) for content in (rendered(SIGNED), rendered(ask()))
    )
    assert signed.readings == unsigned.readings


@pytest.mark.parametrize("key", [b"", OTHER_KEY], ids=["no key", "another key"])
def test_a_signature_that_cannot_be_checked_is_a_warning_and_every_figure_is_read(
    key: bytes,
) -> None:
    returned = read(rendered(SIGNED), key)
    assert found(returned) == [("", "signature_unverified")]
    assert severities(returned) == {Severity.WARNING}
    assert figures(returned) == figures(read(rendered(SIGNED), KEY))
    assert len(figures(returned)) == len(SIGNED.entries)


@pytest.mark.parametrize("key", [b"", KEY], ids=["no key", "a key"])
def test_an_unsigned_stamp_is_a_warning_where_the_workspace_has_a_key(key: bytes) -> None:
    returned = read(rendered(ask()), key)
    assert found(returned) == ([("", "stamp_unsigned")] if key else [])
    assert severities(returned) <= {Severity.WARNING}


def test_a_signature_that_was_cut_out_is_a_warning_and_every_figure_is_read() -> None:
    returned = read(restamped(replace(STAMP, signature="")), KEY)
    assert found(returned) == [("", "stamp_unsigned")]
    assert severities(returned) == {Severity.WARNING}
    assert figures(returned) == figures(read(rendered(SIGNED), KEY))


ALTERED: dict[str, Alter] = {
    "another unit": lambda one: replace(one, unit="benniu"),
    "another unit with its own fingerprint": lambda one: replace(
        one, unit="benniu", fingerprint=SHIPPED.fingerprint("benniu")
    ),
    "another period": lambda one: replace(one, period="2017-Q3"),
    "another fingerprint": lambda one: replace(one, fingerprint="0" * 12),
    "another plan": lambda one: replace(one, plan="2018"),
    "another form": lambda one: replace(one, form="quarterly/9"),
    "another wording": lambda one: replace(one, wording="0" * 8),
    "another signature": lambda one: replace(one, signature=f"{one.signature[:-4]}0000"),
    "a signature cut short": lambda one: replace(one, signature=one.signature[:-1]),
    "a key's name alone": lambda one: replace(one, signature=one.signature.partition(".")[0]),
    "another stamp's signature": lambda one: replace(
        one, signature=replace(one, unit="benniu").signed(KEY).signature
    ),
}


@pytest.mark.parametrize("what", ALTERED)
def test_a_stamp_altered_in_every_copy_with_its_old_signature_is_refused(what: str) -> None:
    returned = read(restamped(ALTERED[what](STAMP)), KEY)
    assert returned.submission is None
    assert found(returned) == [("", "stamp_forged")]
    assert severities(returned) == {Severity.ERROR}


def test_a_form_made_over_to_another_unit_with_its_name_is_refused_by_its_signature() -> None:
    named = {
        (MAIN, "B4"): f"填报单位：{OTHER.name}",
        (LIST, "B4"): f"填报单位：{OTHER.name}",
        (GUIDE, "B3"): f"填报说明（{OTHER.name}，2017年第四季度）",
        (CHECK, "B3"): f"自检表（{OTHER.short}，2017年第四季度）",
    }
    other = ALTERED["another unit with its own fingerprint"](STAMP)
    content = restamped(other, mended(SIGNED, named))
    assert found(read(content, KEY)) == [("", "stamp_forged")]
    # Without the key nobody can tell; the targets are still held against the unit's own.
    without = read(content)
    assert submission(without).unit == "benniu"
    assert ("", "signature_unverified") in found(without)
    assert ("F10", "locked_altered") in found(without)


def test_a_forged_stamp_names_no_unit_that_is_not_in_the_plan() -> None:
    refusals = [
        read(restamped(replace(STAMP, unit=unit)), KEY).refusal for unit in ("benniu", "omega")
    ]
    assert [one.unit for one in refusals if one] == ["benniu", ""]


def test_another_period_of_the_plan_is_read_where_none_is_asked_for() -> None:
    third = replace(ask(period=Period(2017, 3)), signing_key=KEY)
    assert found(read(rendered(third), KEY, period=None)) == []
    assert found(read(rendered(third), KEY)) == [("", "wrong_period")]


@pytest.mark.parametrize(
    ("stamp", "key", "code"),
    [
        (replace(STAMP, form="quarterly/9").signed(KEY), KEY, "wrong_form"),
        (replace(STAMP, form="quarterly/9", signature=""), KEY, "wrong_form"),
        (replace(STAMP, form="quarterly/9"), b"", "wrong_form"),
        (replace(STAMP, form="yearly/2").signed(KEY), KEY, "wrong_form"),
        (replace(STAMP, unit="omega").signed(KEY), KEY, "wrong_unit"),
        (replace(STAMP, period="2017").signed(KEY), KEY, "wrong_period"),
        (replace(STAMP, fingerprint="0" * 12).signed(KEY), KEY, "wrong_plan"),
        (replace(STAMP, unit="benniu").signed(KEY), KEY, "wrong_plan"),
    ],
)
def test_a_true_stamp_of_something_else_is_refused_for_what_it_is_of(
    stamp: Stamp, key: bytes, code: str
) -> None:
    assert found(read(restamped(stamp), key)) == [("", code)]


def test_a_form_of_an_unknown_version_is_told_which_versions_are_read() -> None:
    refusal = read(restamped(replace(STAMP, form="quarterly/9").signed(KEY)), KEY).refusal
    assert refusal is not None
    assert (refusal.found, refusal.expected) == (
        "quarterly/9",
        "quarterly/1、quarterly/2、quarterly/3",
    )
    assert refusal.unit == "chunjiang"


# Copies that differ, or are no stamps


@pytest.mark.parametrize("place", COPIES)
@pytest.mark.parametrize(
    ("other", "said"),
    [
        (replace(STAMP, unit="benniu").signed(KEY), "benniu 2017-Q4 与 chunjiang 2017-Q4"),
        (replace(STAMP, period="2017-Q3").signed(KEY), "chunjiang 2017-Q3 与 chunjiang 2017-Q4"),
        (STAMP.signed(OTHER_KEY), "多种标识"),
        (replace(STAMP, signature=""), "多种标识"),
    ],
    ids=["unit", "period", "key", "unsigned"],
)
def test_one_copy_of_the_stamp_that_differs_is_a_conflict(
    place: str, other: Stamp, said: str
) -> None:
    returned = read(one_copy(place, other.encode()), KEY)
    assert found(returned) == [("", "stamp_conflict")]
    assert returned.refusal is not None
    assert returned.refusal.found == said


@pytest.mark.parametrize("place", COPIES)
@pytest.mark.parametrize(
    "garble",
    [
        lambda text: text.replace("chunjiang", "benniu"),
        lambda text: text[:40],
        lambda text: f"{text};",
        lambda text: text.replace(";", "；"),
        lambda text: text.upper().replace("CONSOLIDATOR-STAMP", "consolidator-stamp"),
    ],
    ids=["another unit", "cut", "a field more", "full width", "capitals"],
)
def test_one_copy_of_the_stamp_that_was_garbled_is_refused(
    place: str, garble: Callable[[str], str]
) -> None:
    assert found(read(one_copy(place, garble(STAMP.encode())), KEY)) == [("", "stamp_garbled")]


def test_white_space_around_a_stamp_does_not_count() -> None:
    content = mended(SIGNED, {(SHEET, "A1"): f" {STAMP.encode()}\n"})
    assert found(read(content, KEY)) == []


def test_a_workbook_that_lost_any_copy_but_one_is_still_known() -> None:
    for kept in COPIES:
        lost = dict.fromkeys((name, "A1") for name in COPIES[:-1] if name != kept)
        content = mended(SIGNED, lost)
        if kept != PROPERTY:
            content = with_part(content, CUSTOM_PART, swapped(PROPERTY, "Other"))
        assert found(read(content, KEY)) == []


def test_a_workbook_that_lost_every_copy_is_none_of_ours() -> None:
    content = mended(SIGNED, dict.fromkeys((name, "A1") for name in COPIES[:-1]))
    content = with_part(content, CUSTOM_PART, swapped(PROPERTY, "Other"))
    assert found(read(content, KEY)) == [("", "file_not_ours")]


# Names people see


def shown(name: str, short: str) -> dict[str, tuple[str, str]]:
    """Return where a form shows its unit's name, by sheet: the cell, and what stands there."""
    return {
        MAIN: ("B4", f"填报单位：{name}"),
        LIST: ("B4", f"填报单位：{name}"),
        GUIDE: ("B3", f"填报说明（{name}，2017年第四季度）"),
        CHECK: ("B3", f"自检表（{short}，2017年第四季度）"),
    }


def calling_itself(name: str, sheet: str) -> bytes:
    place, said = shown(name, name)[sheet]
    return mended(SIGNED, {(sheet, place): said})


def test_a_form_shows_its_units_name_in_these_places(tmp_path: Path) -> None:
    workbook = openpyxl.load_workbook(put(tmp_path / "上报.xlsx", rendered(SIGNED)))
    for sheet, (place, said) in shown(SIGNED.unit.name, SIGNED.unit.short).items():
        assert workbook[sheet][place].value == said


@pytest.mark.parametrize("sheet", [MAIN, LIST, GUIDE, CHECK])
@pytest.mark.parametrize(
    "name",
    ["奔牛镇", "现代农业产业园区（孟河镇）", "孟河镇", "孟 河 镇", "现代农业产业园区(孟河镇)"],
)
def test_another_units_name_that_people_see_is_refused(name: str, sheet: str) -> None:
    returned = read(calling_itself(name, sheet), KEY)
    assert found(returned) == [("", "unit_name_differs")]
    refusal = returned.refusal
    assert refusal is not None
    assert (refusal.unit, refusal.expected) == ("chunjiang", SIGNED.unit.name)
    assert refusal.found in (OTHER.name, SHIPPED.unit_by_code["menghe"].name)


@pytest.mark.parametrize("said", ["填报单位:奔牛镇", " 填报单位： 奔牛镇", "填报单位 ：奔牛镇"])
def test_width_and_white_space_do_not_hide_another_units_name(said: str) -> None:
    content = mended(SIGNED, {(MAIN, "B4"): said})
    assert found(read(content, KEY)) == [("", "unit_name_differs")]


@pytest.mark.parametrize("sheet", [MAIN, LIST, GUIDE, CHECK])
@pytest.mark.parametrize("name", ["春江镇", "滨江开发区", "滨江经济开发区"])
def test_a_name_that_is_no_other_units_is_an_altered_text(name: str, sheet: str) -> None:
    place, said = shown(name, name)[sheet]
    issued = shown(SIGNED.unit.name, SIGNED.unit.short)[sheet][1]
    expected = [(place, "locked_text_altered")] if said != issued else []
    assert found(read(calling_itself(name, sheet), KEY)) == expected


# The first version of the form


def first_form(key: bytes = b"") -> Returned:
    return read_returned(FIRST, FIRST.name, Brief(SHIPPED, Q4, signing_key=key))


def test_the_first_version_of_the_form_is_read_and_says_what_moved() -> None:
    returned = first_form()
    # Whoever filled it typed the targets.
    assert found(returned) == [("H10", "target_copied"), ("", "form_migrated")]
    (migrated,) = (one for one in check_returned(returned, SHIPPED) if one.severity == "info")
    assert migrated.found == (
        "quarterly/1；填报人 D25→D26、审核人 H25→H26、联系电话 D26→D27、填报日期 H26→H27"
    )
    assert migrated.expected == FORM == "quarterly/3"


def test_the_second_version_of_the_form_is_read_and_nothing_of_it_seems_altered() -> None:
    findings = check_returned(
        read_returned(SECOND, SECOND.name, Brief(SHIPPED, Q4)), SHIPPED, {"patent_applications": 9}
    )
    assert {one.code for one in findings} == {
        "blank", "signer_blank", "form_migrated",
    }  # fmt: skip
    (migrated,) = (one for one in findings if one.code == "form_migrated")
    assert migrated.found == "quarterly/2；没有单元格移动"


def test_every_reading_of_the_first_version_is_what_stands_in_its_cell() -> None:
    workbook = openpyxl.load_workbook(FIRST)
    readings = submission(first_form()).readings
    for key, reading in readings.items():
        cell = workbook[reading.source.sheet][reading.source.cell]
        content = cell.value.date() if isinstance(cell.value, datetime) else cell.value
        assert cell.protection.locked is False, key
        assert reading.value == content
        assert reading.state is (State.BLANK if content is None else State.ENTERED)
    cells = {(one.source.sheet, one.source.cell) for one in readings.values()}
    filled = {
        (sheet.title, cell.coordinate)
        for sheet in workbook
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None and cell.protection.locked is False
    }
    assert len(cells) == len(readings)
    assert filled <= cells


@pytest.mark.parametrize("key", [b"", KEY], ids=["no key", "a key"])
def test_the_first_version_is_asked_for_no_signature_but_told_that_it_has_none(
    key: bytes,
) -> None:
    unsigned = [("", "stamp_unsigned")] if key else []
    expected = [*unsigned, ("H10", "target_copied"), ("", "form_migrated")]
    assert sorted(found(first_form(key))) == sorted(expected)


def test_the_present_form_is_not_migrated() -> None:
    assert "form_migrated" not in {code for _, code in found(read(rendered(ask())))}


# Two units with the same figures


ALIKE = ("luoxi", "longhutang")
"""Two units whose targets lie so close that one set of figures reaches both."""


def alike(**changes: Value) -> Answers:
    """Answer for either of the two, with some figures changed."""
    first, second = (good_answers(ask(unit)) for unit in ALIKE)
    most: Answers = {
        key: max(value, other)
        for key, value in first.items()
        if isinstance(value, float) and isinstance(other := second[key], float)
    }
    return first | most | {actual(key): value for key, value in changes.items()}


def settled(
    *sent: tuple[str, Answers], period: Period = Q4, decisions: Decisions | None = None
) -> Settled:
    """Settle returns of units, each with its answers."""
    returned = [
        Returned(f"{unit}.xlsx", unit, submission=submission_of(ask(unit, period=period), answers))
        for unit, answers in sent
    ]
    return settle(returned, SHIPPED, period, decisions=decisions or Decisions())


def same(result: Settled) -> list[Finding]:
    return [one for one in result.findings if one.code == "same_figures"]


def states(result: Settled) -> dict[str, UnitStatus]:
    return {one.unit.code: one.status for one in result.units if one.submission}


def test_two_units_with_the_same_figures_are_both_to_explain_it() -> None:
    result = settled(*((unit, alike()) for unit in ALIKE))
    of_units = [one for one in result.findings if one.unit in ALIKE]
    assert [(one.unit, one.cell, one.code) for one in of_units] == [
        (unit, "", "same_figures") for unit in ALIKE
    ]
    names = [SHIPPED.unit_by_code[unit].name for unit in ALIKE]
    assert [(one.found, one.expected) for one in of_units] == [
        ("14", names[1]), ("14", names[0]),
    ]  # fmt: skip
    assert [one.file for one in of_units] == [f"{unit}.xlsx" for unit in ALIKE]
    assert {one.severity for one in of_units} == {Severity.ERROR}
    assert {one.voids for one in of_units} == {()}
    assert states(result) == dict.fromkeys(ALIKE, UnitStatus.NEEDS_CORRECTION)


def test_the_same_figures_are_let_pass_where_staff_waive_them() -> None:
    sent = [(unit, alike()) for unit in ALIKE]
    waived = {
        one.identity: Decision(one.identity, Action.WAIVE, "已核实", "")
        for one in same(settled(*sent))
    }
    result = settled(*sent, decisions=Decisions(about_findings=waived))
    assert [(one.unit, one.severity, one.waived) for one in same(result)] == [
        (unit, Severity.INFO, "已核实") for unit in ALIKE
    ]
    assert states(result) == dict.fromkeys(ALIKE, UnitStatus.ACCEPTED)


def test_the_two_amounts_of_a_ratio_do_not_tell_figures_apart() -> None:
    other = alike(hightech_output=900_001.0, industrial_output=1_000_001.0)
    assert len(same(settled((ALIKE[0], alike()), (ALIKE[1], other)))) == 2


def test_one_figure_that_differs_is_enough() -> None:
    other = alike(tech_reports=13.0)
    assert same(settled((ALIKE[0], alike()), (ALIKE[1], other))) == []


def test_a_figure_that_only_one_of_them_gave_tells_them_apart() -> None:
    other = alike(tech_reports=None)
    assert same(settled((ALIKE[0], alike()), (ALIKE[1], other))) == []


@pytest.mark.parametrize(("figures", "told"), [(4, False), (5, True)])
def test_figures_that_are_alike_count_where_five_of_them_are_not_nought(
    figures: int, told: bool
) -> None:
    assignment = ask(ALIKE[0])
    counts = [line.key for line in assignment.entries if not line.amount]
    free = [key for key in counts if not key.startswith("iur")]
    few: Answers = alike(**dict.fromkeys(counts, 0.0))
    few |= {actual(key): 1.0 for key in free[:figures]}
    result = settled(*((unit, few) for unit in ALIKE))
    assert [one.unit for one in same(result)] == (list(ALIKE) if told else [])


def test_of_three_alike_each_is_told_both_others() -> None:
    third = "sanjing"
    result = settled(*((unit, alike()) for unit in (*ALIKE, third)))
    assert [one.unit for one in same(result)] == ["luoxi", "sanjing", "longhutang"]
    names = {unit: SHIPPED.unit_by_code[unit].name for unit in (*ALIKE, third)}
    assert [one.expected for one in same(result)] == [
        f"{names['sanjing']}、{names['longhutang']}",
        f"{names['luoxi']}、{names['longhutang']}",
        f"{names['luoxi']}、{names['sanjing']}",
    ]


def test_a_unit_that_sent_the_same_twice_is_no_other_unit() -> None:
    result = settled((ALIKE[0], alike()), (ALIKE[0], alike()))
    assert same(result) == []


# The stamp as one line of text

FIELD = st.text(st.characters(codec="utf-8", exclude_characters=";"), max_size=20)
STAMPS = st.builds(Stamp, *[FIELD] * 5, wording=FIELD, signature=FIELD)
KEYS = st.binary(min_size=16, max_size=64)


@given(STAMPS)
def test_a_stamp_is_read_back_as_it_was_written(stamp: Stamp) -> None:
    # Only the first version of the form has a stamp without wording, and it is never signed.
    expected = stamp if stamp.wording else replace(stamp, signature="")
    assert decode(stamp.encode()) == expected


@given(STAMPS, KEYS)
def test_a_signed_stamp_is_valid_to_its_own_key_alone(stamp: Stamp, key: bytes) -> None:
    signed = stamp.signed(key)
    assert signed.verdict(key) is Verdict.VALID
    assert signed.verdict(b"") is signed.verdict(key[::-1] + b"x") is Verdict.OTHER_KEY
    assert signed.signed(b"").verdict(key) is Verdict.UNSIGNED


@settings(max_examples=500)
@given(
    st.integers(0, len(STAMP.encode()) - 1),
    st.characters(codec="utf-8") | st.sampled_from("0123456789abcdef;.-/Q "),
    st.sampled_from(["put", "insert", "drop"]),
    st.booleans(),
)
def test_no_change_of_one_character_makes_another_valid_stamp(
    place: int, char: str, how: str, summed: bool
) -> None:
    text = STAMP.encode()
    head, tail = text[:place], text[place + (how != "insert") :]
    changed = head + ("" if how == "drop" else char) + tail
    assume(changed != text)
    if summed:
        # Whoever changes it on purpose knows how the check sum is made.
        body = changed.rpartition(";")[0]
        changed = f"{body};{sha256(body.encode())[:8]}"
    stamp = decode(changed)
    assert stamp in (None, STAMP) or (stamp and stamp.verdict(KEY) is not Verdict.VALID)


@pytest.mark.parametrize("name", ["2017;1", "2017;"])
def test_a_plan_is_not_called_what_would_break_its_stamps(name: str, tmp_path: Path) -> None:
    folder = plan_folder(tmp_path / "plan", "plan.toml", 'name = "2017"', f'name = "{name}"')
    with pytest.raises(OperatorError, match="name"):
        load_plan(str(folder))


# The workspace's key


@pytest.fixture(autouse=True)
def _no_key_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv("CONSOLIDATOR_PASSWORD", raising=False)


def key_file(folder: Path, content: str | bytes) -> Path:
    return put(folder / FILE_NAME, content if isinstance(content, bytes) else content.encode())


def test_a_workspace_without_a_key_has_none(tmp_path: Path) -> None:
    assert find_key(tmp_path) == b""


@pytest.mark.parametrize(
    "content",
    [
        "0123456789abcdef",
        "0123456789abcdef\n",
        "\ufeff0123456789abcdef\r\n",
        "# 密钥\n\n  0123456789abcdef  \n\n",
        "01234567\n89abcdef\n# 完\n",
    ],
)
def test_the_key_is_what_stands_in_its_file_besides_notes_and_blanks(
    content: str, tmp_path: Path
) -> None:
    key_file(tmp_path, content)
    assert find_key(tmp_path) == KEY


def test_a_key_in_the_environment_outranks_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, OTHER_KEY.decode())
    key_file(tmp_path, KEY)
    assert find_key(tmp_path) == find_or_draw_key(tmp_path).secret == OTHER_KEY
    key_file(tmp_path, "x")
    assert find_key(tmp_path) == OTHER_KEY


def test_an_empty_variable_is_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    assert find_key(tmp_path) == b""
    key_file(tmp_path, KEY)
    assert find_key(tmp_path) == KEY


@pytest.mark.parametrize("content", ["", "# 密钥\n", "geheim", "0123456789abcde", "\n\n"])
def test_a_key_that_is_too_short_is_refused_and_not_shown(content: str, tmp_path: Path) -> None:
    path = key_file(tmp_path, content)
    for seek in (find_key, find_or_draw_key):
        with pytest.raises(OperatorError, match="太短") as caught:
            seek(tmp_path)
        assert str(path) in str(caught.value)
        assert not content.strip() or content not in str(caught.value)
    assert path.read_bytes() == content.encode()


def test_a_key_in_the_environment_that_is_too_short_is_refused_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "geheim")
    key_file(tmp_path, KEY)
    with pytest.raises(OperatorError, match=rf"{VARIABLE}.*太短") as caught:
        find_key(tmp_path)
    assert "geheim" not in str(caught.value)


def test_a_key_that_cannot_be_read_is_never_drawn_anew(tmp_path: Path) -> None:
    path = key_file(tmp_path, "密钥密钥密钥密钥".encode("gb18030"))
    for seek in (find_key, find_or_draw_key):
        with pytest.raises(OperatorError, match="读不出来") as caught:
            seek(tmp_path)
        assert str(path) in str(caught.value)
    path.unlink()
    path.mkdir()
    with pytest.raises(OperatorError, match="读不出来"):
        find_or_draw_key(tmp_path)


def test_a_key_is_drawn_where_there_is_none_and_still_to_be_kept(tmp_path: Path) -> None:
    drawn, again = find_or_draw_key(tmp_path), find_or_draw_key(tmp_path)
    assert drawn.secret != again.secret
    assert list(tmp_path.iterdir()) == []
    ((path, content),) = drawn.new_file.items()
    assert path == tmp_path / FILE_NAME
    put(path, content)
    assert find_key(tmp_path) == drawn.secret
    kept = find_or_draw_key(tmp_path)
    assert (kept.secret, kept.new_file) == (drawn.secret, {})


def test_a_key_is_not_shown_by_what_holds_it(tmp_path: Path) -> None:
    drawn = find_or_draw_key(tmp_path)
    assignment = replace(ask(), signing_key=drawn.secret)
    brief = Brief(SHIPPED, Q4, signing_key=drawn.secret)
    shown = f"{drawn!r} {replace(assignment, plan=SHIPPED)!r} {brief!r}"
    assert drawn.secret.decode() not in shown


# Through the command line


def issue(root: Path, *arguments: str) -> int:
    return run(["issue", *PERIOD, "--unit", "chunjiang", "--workspace", str(root), *arguments])


def template(root: Path) -> Path:
    (path,) = (root / "templates" / "2017-Q4").glob("科技指标_*.xlsx")
    return path


def contents(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def stamp_in(path: Path) -> Stamp:
    stamp = decode(str(openpyxl.load_workbook(path)[SHEET]["A1"].value))
    assert stamp is not None
    return stamp


def test_the_first_issue_keeps_a_key_that_signs_its_templates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert issue(tmp_path) == 0
    key = find_key(tmp_path)
    assert re.fullmatch(rb"[0-9a-f]{64}", key)
    assert stamp_in(template(tmp_path)).verdict(key) is Verdict.VALID
    said = "".join(capsys.readouterr())
    assert key.decode() not in said
    assert not any(
        key in content for name, content in contents(tmp_path).items() if name != FILE_NAME
    )


def test_issuing_twice_changes_no_byte(tmp_path: Path) -> None:
    assert issue(tmp_path) == 0
    before = contents(tmp_path)
    assert issue(tmp_path) == 0
    assert contents(tmp_path) == before


def test_a_later_issue_signs_with_the_key_that_stands(tmp_path: Path) -> None:
    key_file(tmp_path, KEY)
    assert issue(tmp_path) == 0
    assert (tmp_path / FILE_NAME).read_bytes() == KEY
    assert stamp_in(template(tmp_path)).signature == STAMP.signature


def test_a_key_in_the_environment_signs_and_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, KEY.decode())
    assert issue(tmp_path) == 0
    assert not (tmp_path / FILE_NAME).exists()
    assert stamp_in(template(tmp_path)).signature == STAMP.signature


def test_an_issue_that_is_refused_keeps_no_key(tmp_path: Path) -> None:
    assert run(["issue", *PERIOD, "--unit", "omega", "--workspace", str(tmp_path)]) == 2
    assert run(["issue", "--period", "2018-Q4", "--workspace", str(tmp_path)]) == 2
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("command", [("issue", *PERIOD), ("consolidate", *PERIOD, "returns")])
def test_a_bad_key_is_the_operators_mistake_and_changes_nothing(
    command: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key_file(tmp_path, "geheim")
    (tmp_path / "returns").mkdir()
    before = contents(tmp_path)
    assert run([*command, "--workspace", str(tmp_path)]) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"错误：签名密钥“[^\n]+”太短[^\n]+。\n", error)
    assert "geheim" not in error
    assert contents(tmp_path) == before


def test_templates_without_their_key_cannot_be_issued_over_unseen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert issue(tmp_path) == 0
    (tmp_path / FILE_NAME).unlink()
    before = contents(tmp_path)
    assert issue(tmp_path) == 2
    assert "换发" in capsys.readouterr().err
    assert contents(tmp_path) == before


def corrected(root: Path) -> Path:
    """Issue a template, send it back without a telephone number, and have that corrected."""
    assert issue(root) == 0
    returned = root / "returns" / "2017-Q4" / "上报.xlsx"
    typed_into(template(root), returned, ask(), good_answers(ask()) | {PHONE: None})
    assert run(["consolidate", *PERIOD, "--workspace", str(root)]) == 1
    (correction,) = (root / "output" / "2017-Q4" / CORRECTIONS).glob("*.xlsx")
    return correction


def test_what_was_issued_or_corrected_here_comes_back_verified(tmp_path: Path) -> None:
    correction, key = corrected(tmp_path), find_key(tmp_path)
    stamps = {stamp_in(path) for path in (correction, template(tmp_path))}
    assert [one.verdict(key) for one in stamps] == [Verdict.VALID]
    stamp_codes = {"stamp_unsigned", "signature_unverified"}
    for path in (correction, tmp_path / "returns" / "2017-Q4" / "上报.xlsx"):
        verified, other = (
            stamp_codes & {code for _, code in found(read(path.read_bytes(), one))}
            for one in (key, OTHER_KEY)
        )
        assert (verified, other) == (set(), {"signature_unverified"})


def test_our_own_notes_in_a_correction_are_not_told_to_whoever_sends_it_back(
    tmp_path: Path,
) -> None:
    correction = corrected(tmp_path)
    content, key = correction.read_bytes(), find_key(tmp_path)
    assert found(read(content, key)) == [("D27", "signer_blank")]


def test_no_other_character_is_read_as_the_first_before_a_units_name() -> None:
    """Names are looked for only in cells that have it."""
    alike = [
        chr(code)
        for code in range(sys.maxunicode + 1)
        if NAMED[0] in unicodedata.normalize("NFKC", chr(code))
    ]
    assert alike == [NAMED[0]]
