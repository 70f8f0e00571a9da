"""What came by mail: its record lies beside it, is no return, and leads back to the sender."""

import json
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest

from consolidator.checks.findings import Finding
from consolidator.checks.selection import FileStatus, Settled, settle
from consolidator.intake.brief import Brief
from consolidator.intake.folder import find_files
from consolidator.intake.letters import (
    SUFFIX,
    Letter,
    decode,
    is_record,
    letter_for,
    letter_of,
    letters_of,
    record_of,
)
from consolidator.plan.model import Plan, UnitContact
from hostile_files import archive
from letters import LETTER, by_mail
from returns import (
    NOON,
    Q4,
    Answers,
    actual,
    ask,
    good_answers,
    put,
    read_here,
    rendered,
    small_plan,
)


def contacts(plan: Plan) -> Plan:
    """Give the plan's first unit a contact with a copy."""
    own = UnitContact("alpha", "张三", "alpha@town.test", ("boss@town.test",))
    return replace(plan, contacts={"alpha": own})


PLAN = contacts(small_plan())
GOOD = rendered(ask("alpha", plan=PLAN))


def settled(folder: Path, *, plan: Plan = PLAN) -> Settled:
    """Settle all that lies in a folder, with its letters."""
    files, letters = letters_of(find_files([folder]))
    return settle(read_here(files, Brief(plan, Q4)), plan, Q4, letters=letters)


def about(result: Settled, code: str) -> list[Finding]:
    """Return the findings of a code."""
    return [one for one in result.findings if one.code == code]


def changed(answers: Answers | None = None) -> bytes:
    """Return the unit's return with one figure changed."""
    assignment = ask("alpha", plan=PLAN)
    return rendered(assignment, good_answers(assignment) | (answers or {actual("firms"): 13}))


def statuses(result: Settled) -> dict[str, str]:
    """Return what became of each file."""
    return {one.file: str(one.status) for one in result.files}


# The record


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = put(tmp_path / "甲.xlsx", b"x")
    letter = by_mail(path)
    assert letter_of(path) == letter
    assert decode(letter.encode()) == letter
    assert record_of(path).read_text("utf-8").count("张三") == 1


def test_a_record_is_no_file_of_its_own(tmp_path: Path) -> None:
    path = put(tmp_path / "子" / "甲.xlsx", b"x")
    by_mail(path)
    assert [name for _, name in find_files([tmp_path])] == ["子/甲.xlsx"]
    assert is_record(record_of(path))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-20],
        lambda text: "[" * 100_000,
        lambda text: json.dumps([json.loads(text)]),
        lambda text: json.dumps({**json.loads(text), "more": 1}),
        lambda text: json.dumps({**json.loads(text), "uid": "7"}),
        lambda text: json.dumps({**json.loads(text), "uid": True}),
        lambda text: json.dumps({**json.loads(text), "received": "gestern"}),
        lambda text: json.dumps({**json.loads(text), "file": "乙.xlsx", "sha256": "0" * 64}),
        lambda text: json.dumps({**json.loads(text), "subject": "\ud800"}),
        lambda text: text + " " * 70_000,
    ],
    ids=["cut", "deep", "list", "more", "type", "bool", "time", "other", "half", "large"],
)
def test_what_is_no_record_is_a_file_like_any_other(
    spoil: Callable[[str], str], tmp_path: Path
) -> None:
    path = put(tmp_path / "甲.xlsx", b"x")
    by_mail(path)
    record_of(path).write_text(spoil(record_of(path).read_text("utf-8")), "utf-8")
    assert letter_of(path) is None
    assert {name for _, name in find_files([tmp_path])} == {"甲.xlsx", f"甲.xlsx{SUFFIX}"}


def test_a_record_whose_file_is_gone_is_listed(tmp_path: Path) -> None:
    path = put(tmp_path / "甲.xlsx", b"x")
    by_mail(path)
    path.unlink()
    assert [name for _, name in find_files([tmp_path])] == [f"甲.xlsx{SUFFIX}"]


def test_every_field_is_needed() -> None:
    told = json.loads(LETTER.encode())
    for one in fields(Letter):
        less = {name: value for name, value in told.items() if name != one.name}
        assert decode(json.dumps(less).encode()) is None


def test_a_member_of_an_archive_came_as_the_archive_did() -> None:
    assert letter_for("包.zip/子/甲.xlsx", {"包.zip": LETTER}) is LETTER
    assert letter_for("包.zip2/甲.xlsx", {"包.zip": LETTER}) is None


# What is made of it


def test_a_unit_s_own_address_and_its_copies_raise_nothing(tmp_path: Path) -> None:
    for sender in ("alpha@town.test", "Alpha@Town.Test", "boss@town.test"):
        by_mail(put(tmp_path / "甲.xlsx", GOOD), sender=sender)
        assert not about(settled(tmp_path), "sender_unknown")


def test_a_stranger_is_named_and_his_file_still_counts(tmp_path: Path) -> None:
    by_mail(put(tmp_path / "甲.xlsx", GOOD), sender="who@else.test")
    result = settled(tmp_path)
    (found,) = about(result, "sender_unknown")
    assert (found.unit, found.file, found.found) == ("alpha", "甲.xlsx", "who@else.test")
    assert [one.status for one in result.files] == [FileStatus.COUNTED]


def test_a_stranger_s_archive_is_named_once_for_each_return_in_it(tmp_path: Path) -> None:
    packed = archive({"甲.xlsx": GOOD, "说明.txt": b"text"})
    by_mail(put(tmp_path / "包.zip", packed), sender="who@else.test")
    found = about(settled(tmp_path), "sender_unknown")
    assert [one.file for one in found] == ["包.zip/甲.xlsx"]


def test_without_contacts_nobody_is_a_stranger(tmp_path: Path) -> None:
    by_mail(put(tmp_path / "甲.xlsx", GOOD), sender="who@else.test")
    assert not about(settled(tmp_path, plan=small_plan()), "sender_unknown")


def test_a_file_that_came_by_hand_has_no_sender(tmp_path: Path) -> None:
    put(tmp_path / "甲.xlsx", GOOD)
    assert not about(settled(tmp_path), "sender_unknown")


def test_a_file_changed_since_it_was_collected_is_named(tmp_path: Path) -> None:
    path = put(tmp_path / "甲.xlsx", b"as it came")
    by_mail(path)
    assignment = ask("alpha", plan=PLAN)
    put(path, rendered(assignment, good_answers(assignment)))
    (found,) = about(settled(tmp_path), "file_changed")
    assert (found.unit, found.file) == ("alpha", "甲.xlsx")


def test_a_file_that_is_no_return_is_held_against_its_mail_too(tmp_path: Path) -> None:
    path = put(tmp_path / "表.xlsx", b"PK")
    by_mail(path, sha256_="f" * 64)
    assert [one.file for one in about(settled(tmp_path), "file_changed")] == ["表.xlsx"]


def test_a_stranger_displaces_nothing_that_is_sound(tmp_path: Path) -> None:
    """Whoever has a unit's template can fill it: what a contact sent goes on counting."""
    own, strange = tmp_path / "甲.xlsx", tmp_path / "乙.xlsx"
    by_mail(put(own, GOOD, saved=NOON))
    put(strange, changed(), saved=NOON + timedelta(hours=1))
    by_mail(strange, sender="who@else.test", uid=8)
    result = settled(tmp_path)
    assert statuses(result) == {"甲.xlsx": "counted", "乙.xlsx": "superseded"}
    assert [one.file for one in about(result, "stranger_passed")] == ["乙.xlsx"]


def test_a_stranger_displaces_nothing_that_has_errors_either(tmp_path: Path) -> None:
    own, strange = tmp_path / "甲.xlsx", tmp_path / "乙.xlsx"
    by_mail(put(own, changed({actual("firms"): None}), saved=NOON))
    put(strange, GOOD, saved=NOON + timedelta(hours=1))
    by_mail(strange, sender="who@else.test", uid=8)
    assert statuses(settled(tmp_path)) == {"甲.xlsx": "counted", "乙.xlsx": "superseded"}


def test_a_unit_without_address_is_known_by_nobody(tmp_path: Path) -> None:
    """Where the plan has contacts, whoever writes for a unit that has none is a stranger."""
    other = UnitContact("beta", "", "beta@town.test", ())
    silent = UnitContact("alpha", "", "", ())
    for contacts_ in ({"beta": other}, {"beta": other, "alpha": silent}):
        by_mail(put(tmp_path / "甲.xlsx", GOOD), sender="who@else.test")
        result = settled(tmp_path, plan=replace(PLAN, contacts=contacts_))
        assert [one.unit for one in about(result, "sender_unknown")] == ["alpha"]


def test_an_empty_form_displaces_nothing_that_is_filled(tmp_path: Path) -> None:
    put(tmp_path / "甲.xlsx", changed({actual("firms"): None}), saved=NOON)
    empty = rendered(ask("alpha", plan=PLAN), {})
    put(tmp_path / "空.xlsx", empty, saved=NOON + timedelta(hours=1))
    assert statuses(settled(tmp_path)) == {"甲.xlsx": "counted", "空.xlsx": "superseded"}


def test_an_address_is_the_same_in_any_case_but_not_in_other_letters() -> None:
    own = UnitContact("alpha", "", "Sanjing@town.test", ("sanjing@TOWN.test", "b@town.test"))
    assert own.addresses == ("Sanjing@town.test", "b@town.test")
    assert own.has("SANJING@town.test")
    assert not own.has("ſanjing@town.teſt")


def test_what_was_put_there_by_hand_is_nobody_strange_s(tmp_path: Path) -> None:
    by_mail(put(tmp_path / "甲.xlsx", GOOD, saved=NOON))
    put(tmp_path / "手工.xlsx", changed(), saved=NOON + timedelta(hours=1))
    assert statuses(settled(tmp_path)) == {"甲.xlsx": "superseded", "手工.xlsx": "counted"}


def test_a_record_is_known_again_when_its_file_was_moved_or_renamed(tmp_path: Path) -> None:
    path = put(tmp_path / "甲.xlsx", GOOD)
    letter = by_mail(path, sender="who@else.test")
    (tmp_path / "子").mkdir()
    path.rename(tmp_path / "子" / "奔牛.xlsx")
    files, letters = letters_of(find_files([tmp_path]))
    assert [name for _, name in files] == ["子/奔牛.xlsx"]
    assert letters == {"子/奔牛.xlsx": replace(letter, file="奔牛.xlsx")}
    assert [one.file for one in about(settled(tmp_path), "sender_unknown")] == ["子/奔牛.xlsx"]


def test_a_file_renamed_with_its_record_is_known_by_its_content(tmp_path: Path) -> None:
    path = put(tmp_path / "甲.xlsx", GOOD)
    letter = by_mail(path, sender="who@else.test")
    new = tmp_path / "奔牛.xlsx"
    path.rename(new)
    record_of(path).rename(record_of(new))
    assert letter_of(new) == replace(letter, file="奔牛.xlsx")
    put(new, changed())
    assert letter_of(new) is None


def test_a_lost_record_belongs_to_nothing_else(tmp_path: Path) -> None:
    path = put(tmp_path / "甲.xlsx", GOOD)
    by_mail(path)
    path.unlink()
    put(tmp_path / "乙.xlsx", changed())
    files, letters = letters_of(find_files([tmp_path]))
    assert {name for _, name in files} == {"乙.xlsx", f"甲.xlsx{SUFFIX}"}
    assert letters == {}
