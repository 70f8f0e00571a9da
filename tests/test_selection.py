"""Which file counts: every file and every unit ends in exactly one status."""

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import olefile
import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile  # type: ignore[import-untyped,unused-ignore]

from consolidator.checks.selection import FileStatus, Settled, UnitStatus, settle
from consolidator.errors import OperatorError
from consolidator.forms.layout import Value
from consolidator.forms.quarterly.addresses import CHECK, GUIDE, LIST, MAIN
from consolidator.forms.quarterly.assignment import PHONE, Assignment
from consolidator.forms.stamp import SHEET
from consolidator.intake.brief import Brief
from consolidator.intake.folder import find_files
from consolidator.plan.model import Plan, Unit
from consolidator.plan.period import Period
from returns import (
    NOON,
    Q4,
    Answers,
    actual,
    ask,
    good_answers,
    mended,
    put,
    read_here,
    rendered,
    small_plan,
    typed_into,
)

PLAN = small_plan()
STAMPS = ((GUIDE, "A1"), (MAIN, "A1"), (LIST, "A1"), (CHECK, "A1"), (SHEET, "A1"))
COUNTED, REJECTED, IGNORED = FileStatus.COUNTED, FileStatus.REJECTED, FileStatus.IGNORED
SUPERSEDED, DUPLICATE = FileStatus.SUPERSEDED, FileStatus.DUPLICATE
ACCEPTED, MISSING = UnitStatus.ACCEPTED, UnitStatus.MISSING
TO_CORRECT = UnitStatus.NEEDS_CORRECTION
Outcome = dict[str, tuple[FileStatus, str, str]]


def form(unit: str = "alpha", *, plan: Plan = PLAN, period: Period = Q4) -> Assignment:
    return ask(unit, plan=plan, period=period)


def sent(unit: str = "alpha", **changes: Value) -> bytes:
    """Fill a unit's return: the good answers with some figures changed."""
    assignment = form(unit)
    figures: Answers = {actual(key): value for key, value in changes.items() if key != "phone"}
    phone: Answers = {PHONE: changes["phone"]} if "phone" in changes else {}
    return rendered(assignment, good_answers(assignment) | figures | phone)


def settled(folder: Path, plan: Plan = PLAN) -> Settled:
    """Settle what lies in the folder; whatever it is, everything has one status and adds up."""
    files = find_files([folder])
    result = settle(read_here(files, Brief(plan, Q4)), plan, Q4)
    assert {one.file.split("/", 1)[0] for one in result.files} >= {
        name.split("/", 1)[0] for _, name in files
    }
    assert sum(result.file_totals.values()) == len(result.files) >= len(files)
    assert len({one.file for one in result.files}) == len(result.files)
    assert [one.unit for one in result.units] == list(plan.units)
    assert sum(result.unit_totals.values()) == len(plan.units)
    counted = {one.unit for one in result.files if one.status is COUNTED}
    assert counted == {one.unit.code for one in result.units if one.status is not MISSING}
    for one in result.files:
        about = [each.code for each in result.findings if each.file == one.file and not each.cell]
        assert one.status is COUNTED or about == [one.code]
    return result


def files_of(result: Settled) -> Outcome:
    return {one.file: (one.status, one.unit, one.code) for one in result.files}


def units_of(result: Settled) -> list[UnitStatus]:
    return [one.status for one in result.units]


def returns(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files, each saved an hour after the one before."""
    for hour, (name, content) in enumerate(files.items()):
        put(folder / name, content, saved=NOON + timedelta(hours=hour))
    return folder


# Which of several counts


def test_the_latest_of_several_valid_returns_counts(tmp_path: Path) -> None:
    result = settled(
        returns(
            tmp_path, {"c.xlsx": sent(), "a.xlsx": sent(firms=11.0), "b.xlsx": sent(firms=12.0)}
        )
    )
    assert files_of(result) == {
        "a.xlsx": (SUPERSEDED, "alpha", "superseded"),
        "b.xlsx": (COUNTED, "alpha", ""),
        "c.xlsx": (SUPERSEDED, "alpha", "superseded"),
    }
    assert result.units[0].file == "b.xlsx"
    assert units_of(result) == [ACCEPTED, MISSING, MISSING]


def test_a_later_return_with_errors_is_passed_over_for_an_earlier_one_without(
    tmp_path: Path,
) -> None:
    result = settled(
        returns(
            tmp_path,
            {"1.xlsx": sent(firms=11.0), "2.xlsx": sent(), "3.xlsx": sent(firms=None, phone=None)},
        )
    )
    assert files_of(result) == {
        "1.xlsx": (SUPERSEDED, "alpha", "superseded"),
        "2.xlsx": (COUNTED, "alpha", ""),
        "3.xlsx": (SUPERSEDED, "alpha", "passed_over"),
    }
    (passed,) = (one for one in result.findings if one.code == "passed_over")
    assert (passed.unit, passed.file, passed.found, passed.expected) == (
        "alpha", "3.xlsx", "2", "2.xlsx",
    )  # fmt: skip
    assert units_of(result)[0] is ACCEPTED


def test_where_all_have_errors_the_latest_counts_and_its_findings_only(tmp_path: Path) -> None:
    result = settled(returns(tmp_path, {"1.xlsx": sent(patents=None), "2.xlsx": sent(firms=None)}))
    assert files_of(result) == {
        "1.xlsx": (SUPERSEDED, "alpha", "superseded"),
        "2.xlsx": (COUNTED, "alpha", ""),
    }
    assert units_of(result)[0] is TO_CORRECT
    assert [one.code for one in result.findings if one.unit == "alpha"] == [
        "blank", "superseded", "changed", "changed",
    ]  # fmt: skip


def test_the_time_in_the_file_decides_before_the_file_systems(tmp_path: Path) -> None:
    template = put(tmp_path / "模板.xlsx", rendered(form(), {}))
    for name, firms, saved, copied in (
        ("旧.xlsx", 11.0, NOON - timedelta(days=1), NOON + timedelta(days=9)),
        ("新.xlsx", 12.0, NOON, NOON + timedelta(hours=1)),
    ):
        _saved_and_copied(template, tmp_path / "returns" / name, firms, saved, copied)
    result = settled(tmp_path / "returns")
    assert [one.file for one in result.files if one.status is COUNTED] == ["新.xlsx"]


def test_a_clock_that_runs_ahead_does_not_win_over_later_files(tmp_path: Path) -> None:
    template = put(tmp_path / "模板.xlsx", rendered(form(), {}))
    for name, firms, saved, copied in (
        ("旧.xlsx", 11.0, NOON + timedelta(days=365), NOON),
        ("新.xlsx", 12.0, NOON + timedelta(days=1), NOON + timedelta(days=1)),
    ):
        _saved_and_copied(template, tmp_path / "returns" / name, firms, saved, copied)
    result = settled(tmp_path / "returns")
    assert [one.file for one in result.files if one.status is COUNTED] == ["新.xlsx"]


def _saved_and_copied(
    template: Path, path: Path, firms: float, saved: datetime, copied: datetime
) -> None:
    """Put a return that tells one time, while its file tells another."""
    assignment = form()
    answers = good_answers(assignment) | {actual("firms"): firms}
    typed_into(template, path, assignment, answers)
    workbook = openpyxl.load_workbook(path)
    content = io.BytesIO()
    workbook.save(content)
    put(path, _saved_at(content.getvalue(), saved), saved=copied)


def _saved_at(content: bytes, saved: datetime) -> bytes:
    """Set the time that openpyxl sets to now on saving."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            xml = old.read(name)
            if name == "docProps/core.xml":
                head, rest = xml.split(b"<dcterms:modified", 1)
                start, rest = rest.split(b">", 1)
                rest = rest.split(b"<", 1)[1]
                now = f"{saved:%Y-%m-%dT%H:%M:%SZ}".encode()
                xml = head + b"<dcterms:modified" + start + b">" + now + b"<" + rest
            new.writestr(name, xml)
    return target.getvalue()


def test_of_two_saved_at_once_one_counts_and_always_the_same_one(tmp_path: Path) -> None:
    for name, firms in (("a.xlsx", 11.0), ("b.xlsx", 12.0)):
        put(tmp_path / name, sent(firms=firms))
    first, second = settled(tmp_path), settled(tmp_path)
    assert files_of(first) == files_of(second)
    assert first.file_totals == {
        COUNTED: 1, SUPERSEDED: 1, DUPLICATE: 0, REJECTED: 0, IGNORED: 0,
    }  # fmt: skip


def test_the_same_bytes_twice_count_once(tmp_path: Path) -> None:
    result = settled(returns(tmp_path, {"a.xlsx": sent(), "副本/a.xlsx": sent()}))
    assert sorted(status for status, _, _ in files_of(result).values()) == [COUNTED, DUPLICATE]
    assert units_of(result) == [ACCEPTED, MISSING, MISSING]
    digests = {one.digest for one in result.files}
    assert len(digests) == 1


def test_the_same_answers_in_another_file_are_a_duplicate_too(tmp_path: Path) -> None:
    assignment = form()
    put(tmp_path / "a.xlsx", sent())
    typed_into(put(tmp_path / "b.xlsx", rendered(assignment, {})), tmp_path / "b.xlsx", assignment)
    result = settled(tmp_path)
    assert sorted(status for status, _, _ in files_of(result).values()) == [COUNTED, DUPLICATE]
    assert len({one.digest for one in result.files}) == 2


def test_another_remark_alone_is_no_duplicate(tmp_path: Path) -> None:
    result = settled(returns(tmp_path, {"a.xlsx": sent(), "b.xlsx": sent(phone="1")}))
    assert files_of(result)["a.xlsx"][0] is SUPERSEDED


def test_the_same_answers_with_an_altered_target_are_no_duplicate(tmp_path: Path) -> None:
    good, bad = sent(), mended(form(), {(MAIN, "F10"): 1.0})
    result = settled(returns(tmp_path, {"good.xlsx": good, "bad.xlsx": bad}))
    assert files_of(result) == {
        "bad.xlsx": (SUPERSEDED, "alpha", "passed_over"),
        "good.xlsx": (COUNTED, "alpha", ""),
    }


def test_units_do_not_take_one_anothers_returns(tmp_path: Path) -> None:
    result = settled(
        returns(tmp_path, {f"{unit}.xlsx": sent(unit) for unit in ("gamma", "alpha", "beta")})
    )
    assert [one.file for one in result.units] == ["alpha.xlsx", "beta.xlsx", "gamma.xlsx"]
    assert units_of(result) == [ACCEPTED] * 3
    assert not result.needs_attention


def test_where_nothing_came_back_every_unit_is_missing(tmp_path: Path) -> None:
    result = settled(tmp_path)
    assert units_of(result) == [MISSING] * 3
    assert [(one.code, one.unit) for one in result.findings] == [
        ("missing_unit", unit.code) for unit in PLAN.units
    ]
    assert result.needs_attention


# Files that do not count


def without_properties(content: bytes) -> bytes:
    bare = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(bare, "w") as new:
        for name in old.namelist():
            if name != "docProps/custom.xml":
                new.writestr(name, old.read(name))
    return bare.getvalue()


def stamped(copies: Mapping[tuple[str, str], str]) -> bytes:
    """Change copies of the stamp of a good return of ``alpha``."""
    return mended(form(), dict(copies))


def other_stamp(**changes: str) -> str:
    return replace(form().stamp, **changes).encode()


def stranger() -> bytes:
    wider = replace(
        PLAN,
        units=(*PLAN.units, Unit("omega", "外镇", "外镇")),
        targets={**PLAN.targets, **{("omega", one.code): 1.0 for one in PLAN.indicators}},
    )
    return rendered(form("omega", plan=wider))


def zipped(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def encrypted() -> bytes:
    target = io.BytesIO()
    OOXMLFile(io.BytesIO(sent())).encrypt("密码", target)
    return target.getvalue()


def own_workbook() -> bytes:
    workbook, target = openpyxl.Workbook(), io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def test_an_encrypted_workbook_is_really_encrypted() -> None:
    with olefile.OleFileIO(io.BytesIO(encrypted())) as ole:
        assert ole.exists("EncryptedPackage")


NOT_COUNTED: dict[str, tuple[Callable[[], bytes], FileStatus, str, str]] = {
    "the quarter before": (
        lambda: rendered(form(period=Period(2017, 3))), REJECTED, "alpha", "wrong_period",
    ),
    "the year": (lambda: rendered(form(period=Period(2017))), REJECTED, "alpha", "wrong_period"),
    "a unit that is not in the plan": (stranger, REJECTED, "", "wrong_unit"),
    "another plan's target": (
        lambda: rendered(form(plan=small_plan({("alpha", "firms"): 11}))),
        REJECTED, "alpha", "wrong_plan",
    ),
    "an older form": (
        lambda: without_properties(stamped(dict.fromkeys(STAMPS, other_stamp(form="quarterly/0")))),
        REJECTED, "alpha", "wrong_form",
    ),
    "a sheet of another unit": (
        lambda: stamped({(LIST, "A1"): other_stamp(unit="beta")}), REJECTED, "", "stamp_conflict",
    ),
    "another unit's stamp in a sheet nobody looks at": (
        lambda: stamped({(SHEET, "A1"): other_stamp(unit="beta")}), REJECTED, "", "stamp_conflict",
    ),
    "another unit's stamp on the guide": (
        lambda: stamped({(GUIDE, "A1"): other_stamp(unit="beta")}), REJECTED, "", "stamp_conflict",
    ),
    "cell stamps that the properties contradict": (
        lambda: stamped(dict.fromkeys(STAMPS, other_stamp(unit="beta"))),
        REJECTED, "", "stamp_conflict",
    ),
    "a garbled stamp": (
        lambda: stamped({(SHEET, "A1"): form().stamp.encode().replace("alpha", "beta")}),
        REJECTED, "", "stamp_garbled",
    ),
    "a stamp cut short": (
        lambda: stamped({(SHEET, "A1"): form().stamp.encode()[:30]}), REJECTED, "", "stamp_garbled",
    ),
    "another unit's name above the table": (
        lambda: mended(form(), {(MAIN, "B4"): "填报单位：乙镇"}),
        REJECTED, "alpha", "unit_name_differs",
    ),
    "a workbook of one's own": (own_workbook, REJECTED, "", "file_not_ours"),
    "nothing": (lambda: b"", REJECTED, "", "file_empty"),
    "a workbook cut short": (lambda: sent()[:-5000], REJECTED, "", "file_damaged"),
    "half a workbook": (lambda: sent()[: len(sent()) // 2], REJECTED, "", "file_damaged"),
    "the first bytes of a workbook": (lambda: b"PK\x03\x04", REJECTED, "", "file_damaged"),
    "an encrypted workbook": (encrypted, REJECTED, "", "file_encrypted"),
    "a Word document": (
        lambda: zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
        REJECTED, "", "file_foreign",
    ),
    "a workbook without its sheets": (
        lambda: zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<workbook/>"}),
        REJECTED, "", "file_damaged",
    ),
    "text under a workbook's name": (lambda: b"hello", REJECTED, "", "file_foreign"),
    "a web page under a workbook's name": (
        lambda: b"<html><table><tr><td>1</td></tr></table></html>", REJECTED, "", "file_foreign",
    ),
    "an old file cut short": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), REJECTED, "", "file_damaged",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", NOT_COUNTED)
def test_a_file_that_does_not_count_is_sent_back_and_costs_no_other(
    what: str, tmp_path: Path
) -> None:
    make, status, unit, code = NOT_COUNTED[what]
    result = settled(returns(tmp_path, {"bad.xlsx": make(), "good.xlsx": sent("beta")}))
    assert files_of(result) == {
        "bad.xlsx": (status, unit, code),
        "good.xlsx": (COUNTED, "beta", ""),
    }
    assert units_of(result) == [MISSING, ACCEPTED, MISSING]
    assert result.needs_attention


def test_a_part_that_stands_twice_is_refused(tmp_path: Path) -> None:
    target = io.BytesIO(sent())
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(target, "a") as archive,
    ):
        archive.writestr("xl/workbook.xml", b"<workbook/>")
    result = settled(returns(tmp_path, {"a.xlsx": target.getvalue()}))
    assert files_of(result) == {"a.xlsx": (REJECTED, "", "file_damaged")}


@pytest.mark.parametrize("cell", ["XFD1048576", "AAA99", "A100000", "B4294967295"])
def test_a_cell_far_out_is_refused_before_a_reader_lays_out_the_sheet(
    cell: str, tmp_path: Path
) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sent())) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            xml = old.read(name)
            if name == "xl/worksheets/sheet2.xml":
                row = "".join(char for char in cell if char.isdigit())
                far = f'<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData>'
                xml = xml.replace(b"</sheetData>", far.encode())
            new.writestr(name, xml)
    result = settled(returns(tmp_path, {"a.xlsx": target.getvalue()}))
    assert files_of(result) == {"a.xlsx": (REJECTED, "", "file_too_large")}


def test_a_bomb_is_refused_without_unpacking_it(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<x/>")
        archive.writestr("xl/workbook.xml", b" " * (101 * 2**20))
    assert len(target.getvalue()) < 2**20
    result = settled(returns(tmp_path, {"a.xlsx": target.getvalue()}))
    assert files_of(result) == {"a.xlsx": (REJECTED, "", "file_too_large")}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("~$甲镇.xlsx", "file_leftover"),
        (".~lock.甲镇.xlsx#", "file_leftover"),
        (".DS_Store", "file_leftover"),
        ("Thumbs.db", "file_leftover"),
        ("会议通知.txt", "file_foreign"),
        ("说明.docx", "file_foreign"),
        ("盖章扫描件.PDF", "file_foreign"),
        ("照片.jpg", "file_foreign"),
    ],
)
def test_what_is_no_workbook_at_all_is_set_aside_and_still_listed(
    name: str, code: str, tmp_path: Path
) -> None:
    result = settled(returns(tmp_path, {name: b"some bytes", "good.xlsx": sent()}))
    assert files_of(result)[name] == (IGNORED, "", code)
    assert units_of(result)[0] is ACCEPTED


def test_a_word_document_is_set_aside_though_it_is_a_zip(tmp_path: Path) -> None:
    document = zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"})
    result = settled(returns(tmp_path, {"说明.docx": document}))
    assert files_of(result) == {"说明.docx": (IGNORED, "", "file_foreign")}


# Any name, any place


@pytest.mark.parametrize(
    "name",
    [
        "科技指标_甲镇_2017Q4.xlsx", "最终版（改）2.xlsx", "a b c.XLSX", "乙镇.xlsx",
        "2017-Q1.xlsx", "没有扩展名", "甲.xls", "甲.ods", "甲.et", "甲.txt", "甲.pdf",
        "深/更深/最深/甲.xlsx",
        "空 格/甲#1 & 100%.xlsx", "甲" * 60 + ".xlsx",
    ],
)  # fmt: skip
def test_a_return_is_known_by_its_stamp_whatever_it_is_called(name: str, tmp_path: Path) -> None:
    result = settled(returns(tmp_path, {name: sent()}))
    assert files_of(result) == {name: (COUNTED, "alpha", "")}


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside = put(tmp_path / "elsewhere" / "甲.xlsx", sent())
    folder = tmp_path / "returns"
    folder.mkdir()
    try:
        (folder / "link.xlsx").symlink_to(outside)
    except OSError:
        pytest.skip("this system makes no links")
    assert files_of(settled(folder)) == {}


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = put(tmp_path / "甲.xlsx", sent())
    assert find_files([path, tmp_path, path]) == [(path.resolve(), "甲.xlsx")]


def test_two_folders_with_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for folder, firms in (("第一批", 11.0), ("第二批", 12.0)):
        put(tmp_path / folder / "甲.xlsx", sent(firms=firms))
    files = find_files([tmp_path / "第一批", tmp_path / "第二批"])
    names = [name for _, name in files]
    assert len(set(names)) == 2
    result = settle(read_here(files, Brief(PLAN, Q4)), PLAN, Q4)
    assert len({one.file for one in result.files}) == 2


def test_a_path_that_is_not_there_is_the_operators_mistake(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"找不到.*没有"):
        find_files([tmp_path / "没有"])


def test_rows_and_columns_that_moved_are_found_and_named_where_they_are(tmp_path: Path) -> None:
    assignment = form()
    template = put(tmp_path / "模板.xlsx", rendered(assignment, {}))
    answers = good_answers(assignment) | {actual("firms"): None}
    path = typed_into(template, tmp_path / "returns" / "甲.xlsx", assignment, answers)
    workbook = openpyxl.load_workbook(path)
    for merged in list(workbook[MAIN].merged_cells.ranges):
        workbook[MAIN].unmerge_cells(str(merged))
    workbook[MAIN].insert_rows(3, 2)
    workbook[MAIN].title = "我的表"
    workbook.save(path)
    result = settled(path.parent)
    assert [(one.sheet, one.cell, one.code) for one in result.findings if one.unit == "alpha"] == [
        ("我的表", "H12", "blank"),
        ("", "", "layout_moved"),
    ]
