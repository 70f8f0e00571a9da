"""Zip archives that came back: each file in one is listed by itself and ends in one status."""

import gzip
import io
import tarfile
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from consolidator.checks.selection import FileStatus, Settled, UnitStatus, settle
from consolidator.files import sha256
from consolidator.intake.brief import Brief
from consolidator.intake.folder import find_files
from consolidator.intake.limits import RETURN
from consolidator.intake.values import Returned
from consolidator.intake.workers import read_all
from returns import NOON, Q4, SHIPPED, ask, good_answers, put, read_here, rendered
from workbook_parts import (
    ENCRYPTED,
    GOOD,
    UTF8,
    Entry,
    before,
    entries,
    entry,
    locked,
    main,
    packed,
    parts,
    vast,
    xls,
    zipped,
)

COUNTED, SUPERSEDED = FileStatus.COUNTED, FileStatus.SUPERSEDED
DUPLICATE, REJECTED, IGNORED = FileStatus.DUPLICATE, FileStatus.REJECTED, FileStatus.IGNORED
OTHER = rendered(ask("benniu"))
"""The good return of another unit."""
BRIEF = Brief(SHIPPED, Q4)
OPENED = (IGNORED, "archive_opened")
Outcome = dict[str, tuple[FileStatus, str]]


def archive(files: Mapping[str, bytes]) -> bytes:
    """Pack files as most programs do: names in UTF-8, and marked so."""
    return packed(files)


def named(name: bytes, content: bytes = b"x", *, flags: int = 0) -> Entry:
    """Pack a file under a name in any encoding."""
    return replace(entry("", content), name=name, flags=flags)


def returns(folder: Path, files: Mapping[str, bytes]) -> list[tuple[Path, str]]:
    for name, content in files.items():
        put(folder / name, content)
    return find_files([folder])


def settled(returned: Sequence[Returned], files: Sequence[tuple[Path, str]]) -> Settled:
    """Settle what was read: every file and every member has one status, and they add up."""
    result = settle(returned, SHIPPED, Q4)
    assert len(result.files) == len(returned) == sum(result.file_totals.values())
    assert len({one.file for one in result.files}) == len(result.files)
    assert {name for _, name in files} <= {one.file for one in result.files}
    assert sum(result.unit_totals.values()) == len(SHIPPED.units) == len(result.units)
    counted = [one.unit for one in result.files if one.status is COUNTED]
    assert sorted(counted) == sorted(one.unit.code for one in result.units if one.submission)
    for one in result.files:
        about = [each.code for each in result.findings if each.file == one.file and not each.cell]
        assert one.status is COUNTED or about == [one.code]
    return result


def outcome(folder: Path, files: Mapping[str, bytes], brief: Brief = BRIEF) -> Outcome:
    """Read and settle files; nothing may be written anywhere."""
    found = returns(folder, files)
    before_it = contents(folder.parent)
    result = settled(read_here(found, brief), found)
    assert contents(folder.parent) == before_it
    return {one.file: (one.status, one.code) for one in result.files}


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()) for path in files}


def inside(folder: Path, *members: Entry) -> Outcome:
    """Return what becomes of the members of one archive, without its name before theirs."""
    found = outcome(folder, {"包.zip": zipped(members)})
    assert found.pop("包.zip") == OPENED
    return {name.removeprefix("包.zip/"): status for name, status in found.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the folder of what came back, below others that must stay as they are."""
    return tmp_path / "a" / "b" / "returns"


# Each member by itself


def test_the_members_of_an_archive_are_listed_one_by_one_and_the_archive_is_set_aside(
    folder: Path,
) -> None:
    files = {"包.zip": archive({"甲.xlsx": GOOD, "夹/乙.xlsx": OTHER, "说明.txt": b"x"})}
    assert outcome(folder, files) == {
        "包.zip": OPENED,
        "包.zip/甲.xlsx": (COUNTED, ""),
        "包.zip/夹/乙.xlsx": (COUNTED, ""),
        "包.zip/说明.txt": (IGNORED, "file_foreign"),
    }


def test_what_is_read_from_an_archive_is_what_is_read_outside(folder: Path) -> None:
    found = returns(folder, {"甲.xlsx": GOOD, "包.zip": archive({"甲.xlsx": GOOD})})
    by_name = {one.file: one for one in read_here(found, BRIEF)}
    packed_one, plain = by_name["包.zip/甲.xlsx"], by_name["甲.xlsx"]
    assert packed_one.submission
    assert plain.submission
    assert packed_one.submission.content() == plain.submission.content()
    assert packed_one.digest == plain.digest == sha256(GOOD)
    assert packed_one.submission.saved == plain.submission.saved
    sources = {one.source.file for one in packed_one.submission.readings.values()}
    assert sources == {"包.zip/甲.xlsx"}


def test_an_archive_is_known_by_its_content_whatever_it_is_called(folder: Path) -> None:
    for name in ("包.ZIP", "包.xlsx", "包", "包.rar"):
        where = folder / name.replace(".", "")
        assert outcome(where, {name: archive({"甲.xlsx": GOOD})}) == {
            name: OPENED, f"{name}/甲.xlsx": (COUNTED, ""),
        }  # fmt: skip


def test_every_kind_of_workbook_is_read_from_an_archive(folder: Path) -> None:
    wrong = main(before("</sheetData>", '<row r="90000"><c r="A90000"><v>1</v></c></row>'))()
    assert inside(folder, entry("甲.xls", xls()), entry("乙.xlsx", OTHER), entry("丙", wrong)) == {
        "甲.xls": (COUNTED, ""),
        "乙.xlsx": (COUNTED, ""),
        "丙": (REJECTED, "file_too_large"),
    }


def test_a_member_that_cannot_be_read_costs_itself_only(folder: Path) -> None:
    bomb = zipped([*entries(parts(GOOD)), vast("xl/a.xml", b"", bytes(2**20), 30, b"")])
    found = inside(
        folder,
        entry("好.xlsx", GOOD),
        entry("炸弹.xlsx", bomb),
        replace(entry("锁.xlsx", GOOD), flags=UTF8 | ENCRYPTED),
        entry("设密.xlsx", locked(GOOD, "geheim")),
        entry("坏.xlsx", GOOD[: len(GOOD) // 2]),
        replace(entry("错.xlsx", GOOD), crc=1),
        replace(entry("怪.xlsx", GOOD), method=12),
        entry("空.xlsx", b""),
        entry("文字.xlsx", "见附件".encode()),
        entry("文字.txt", "见附件".encode()),
        entry("网址.url", b"[InternetShortcut]\r\nURL=https://example.com/\r\n"),
        entry("自制.xlsx", _own_workbook()),
    )
    assert found == {
        "好.xlsx": (COUNTED, ""),
        "炸弹.xlsx": (REJECTED, "file_unsafe"),
        "锁.xlsx": (REJECTED, "file_encrypted"),
        "设密.xlsx": (REJECTED, "file_encrypted"),
        "坏.xlsx": (REJECTED, "file_damaged"),
        "错.xlsx": (REJECTED, "file_damaged"),
        "怪.xlsx": (REJECTED, "file_unsafe"),
        "空.xlsx": (REJECTED, "file_empty"),
        "文字.xlsx": (REJECTED, "file_foreign"),
        "文字.txt": (IGNORED, "file_foreign"),
        "网址.url": (IGNORED, "file_shortcut"),
        "自制.xlsx": (REJECTED, "file_not_ours"),
    }


def _own_workbook() -> bytes:
    return xls(sheets={"Sheet1": {(0, 0): "专利申请", (0, 1): 910}})


@pytest.mark.parametrize("times", [10, 300], ids=["of 10 MB", "of 300 MB"])
def test_a_bomb_among_the_members_costs_itself_only(times: int, folder: Path) -> None:
    bomb = vast("炸弹.xlsx", b"PK\3\4", bytes(2**20), times, b"")
    assert inside(folder, entry("好.xlsx", GOOD), bomb) == {
        "好.xlsx": (COUNTED, ""),
        "炸弹.xlsx": (REJECTED, "file_unsafe"),
    }


def test_what_programs_leave_in_archives_is_set_aside(folder: Path) -> None:
    files = {
        "甲.xlsx": GOOD, "~$甲.xlsx": b"x", ".DS_Store": b"x", "夹/Thumbs.db": b"x",
        "__MACOSX/._甲.xlsx": b"x", "夹/__MACOSX/夹/._甲.xlsx": b"x",
    }  # fmt: skip
    found = inside(folder, entry("夹/", b""), *entries(files))
    assert found == {
        "甲.xlsx": (COUNTED, ""),
        "~$甲.xlsx": (IGNORED, "file_leftover"),
        ".DS_Store": (IGNORED, "file_leftover"),
        "夹/Thumbs.db": (IGNORED, "file_leftover"),
    }


@pytest.mark.parametrize("members", [[], [entry("夹/", b"")], [entry("__MACOSX/._甲", b"x")]])
def test_an_archive_without_files_is_told_to_be_empty(members: list[Entry], folder: Path) -> None:
    content = zipped(members)
    assert outcome(folder, {"包.zip": content, "表.xlsx": content}) == {
        "包.zip": (IGNORED, "file_foreign"),
        "表.xlsx": (REJECTED, "file_foreign"),
    }


# The same workbook twice


def test_a_workbook_inside_and_outside_counts_once(folder: Path) -> None:
    found = outcome(folder, {"甲.xlsx": GOOD, "包.zip": archive({"甲.xlsx": GOOD})})
    assert found == {
        "包.zip": OPENED,
        "包.zip/甲.xlsx": (DUPLICATE, "duplicate_file"),
        "甲.xlsx": (COUNTED, ""),
    }


def test_one_archive_sent_twice_counts_once(folder: Path) -> None:
    content = archive({"甲.xlsx": GOOD, "乙.xlsx": OTHER})
    found = outcome(folder, {"1.zip": content, "2.zip": content})
    assert sorted(found.values()) == sorted(
        [OPENED] * 2 + [(COUNTED, "")] * 2 + [(DUPLICATE, "duplicate_file")] * 2
    )


def test_another_return_of_the_same_unit_in_an_archive_is_weighed_like_any_other(
    folder: Path,
) -> None:
    later = rendered(ask(), good_answers(ask()) | {ask().entries[-1].value_key: 13.0})
    put(folder / "甲.xlsx", GOOD)
    path = put(folder / "包.zip", archive({"甲.xlsx": later}), saved=NOON.replace(hour=13))
    assert path.exists()
    result = settled(read_here(find_files([folder]), BRIEF), find_files([folder]))
    assert {one.file: one.status for one in result.files} == {
        "包.zip": IGNORED, "包.zip/甲.xlsx": COUNTED, "甲.xlsx": SUPERSEDED,
    }  # fmt: skip


def test_members_of_one_name_are_told_apart(folder: Path) -> None:
    found = returns(folder, {"包.zip": zipped([
        entry("甲.xlsx", GOOD), entry("甲.xlsx", OTHER), entry("../甲.xlsx", b""),
    ])})  # fmt: skip
    result = settled(read_here(found, BRIEF), found)
    assert sorted((one.status, one.unit) for one in result.files) == sorted(
        [(IGNORED, ""), (COUNTED, "chunjiang"), (COUNTED, "benniu"), (REJECTED, "")]
    )
    assert all(one.file.startswith("包.zip") for one in result.files)


def test_a_member_that_already_has_the_name_of_another_renamed_is_told_apart_too(
    folder: Path,
) -> None:
    names = [
        "甲.xlsx",
        "甲.xlsx",
        "甲 (2).xlsx",
        "甲(2).xlsx",
        "甲（2）.xlsx",
        "甲-2.xlsx",
        "甲.xlsx",
    ]
    for order in (names, names[::-1]):
        content = zipped([entry(name, b"x") for name in order])
        path = put(folder / "包.zip", content)
        read = read_here([(path, path.name)], BRIEF)
        assert len({one.file for one in read}) == len(read) == len(names) + 1


# Archives in archives


def test_an_archive_in_an_archive_is_opened_too(folder: Path) -> None:
    inner = archive({"乙.xlsx": OTHER, "深/说明.txt": b"x"})
    assert inside(folder, entry("甲.xlsx", GOOD), entry("内.zip", inner)) == {
        "甲.xlsx": (COUNTED, ""),
        "内.zip/乙.xlsx": (COUNTED, ""),
        "内.zip/深/说明.txt": (IGNORED, "file_foreign"),
    }


def test_an_archive_of_the_third_level_is_not_opened_and_costs_no_other(folder: Path) -> None:
    inner = archive({"三.zip": archive({"丙.xlsx": GOOD}), "乙.xlsx": OTHER})
    assert inside(folder, entry("甲.xlsx", GOOD), entry("内.zip", inner)) == {
        "甲.xlsx": (COUNTED, ""),
        "内.zip/三.zip": (REJECTED, "archive_nested"),
        "内.zip/乙.xlsx": (COUNTED, ""),
    }


@pytest.mark.parametrize(
    ("inner", "status", "code"),
    [
        (archive({"乙.xlsx": OTHER})[:-40], REJECTED, "file_damaged"),
        (archive({}), IGNORED, "file_foreign"),
        (b"Rar!\x1a\x07\x01\0" + bytes(range(256)), REJECTED, "archive_packed"),
    ],
    ids=["damaged", "empty", "rar"],
)
def test_an_archive_in_an_archive_that_cannot_be_opened_is_one_file(
    inner: bytes, status: FileStatus, code: str, folder: Path
) -> None:
    assert inside(folder, entry("甲.xlsx", GOOD), entry("内.zip", inner)) == {
        "甲.xlsx": (COUNTED, ""),
        "内.zip": (status, code),
    }


# Too much


def test_an_archive_of_as_many_files_as_may_be_is_read(folder: Path) -> None:
    files = {f"{n}.txt": b"x" for n in range(RETURN.archive_members)}
    assert len(outcome(folder, {"包.zip": archive(files)})) == 301


@pytest.mark.parametrize("deep", [False, True], ids=["at once", "one level down"])
def test_an_archive_of_one_file_too_many_is_refused_whole(deep: bool, folder: Path) -> None:
    files = {f"{n}.txt": b"x" for n in range(RETURN.archive_members + 1)}
    content = archive({"内.zip": archive(files)}) if deep else archive(files)
    assert outcome(folder, {"包.zip": content, "甲.xlsx": GOOD}) == {
        "包.zip": (REJECTED, "file_too_large"),
        "甲.xlsx": (COUNTED, ""),
    }


def test_folders_do_not_count_as_files_of_an_archive(folder: Path) -> None:
    limits = replace(RETURN, archive_members=1)
    members = [*(entry(f"{n}/", b"") for n in range(5)), entry("1/甲.xlsx", GOOD)]
    found = outcome(folder, {"包.zip": zipped(members)}, replace(BRIEF, limits=limits))
    assert found == {"包.zip": OPENED, "包.zip/1/甲.xlsx": (COUNTED, "")}


def test_an_archive_that_is_too_large_unpacked_is_refused_whole(folder: Path) -> None:
    noise = b"".join(sha256(f"{n}".encode()).encode() for n in range(10_000))
    content = archive({f"{n}.bin": noise for n in range(2)})
    limits = replace(RETURN, archive_mb=1)
    assert outcome(folder, {"包.zip": content}, replace(BRIEF, limits=limits)) == {
        "包.zip": (REJECTED, "file_too_large")
    }


@pytest.mark.parametrize("cut", [30, 200, 10_000])
def test_an_archive_that_is_cut_short_is_damaged(cut: int, folder: Path) -> None:
    content = archive({"甲.xlsx": GOOD, "乙.xlsx": OTHER})
    assert outcome(folder, {"包.zip": content[:-cut]}) == {"包.zip": (REJECTED, "file_damaged")}


def test_members_over_one_another_are_refused(folder: Path) -> None:
    first = entry("甲.xlsx", GOOD)
    content = zipped([first], [replace(entry(f"{n}.xlsx", GOOD), place=0) for n in range(3)])
    assert outcome(folder, {"包.zip": content}) == {"包.zip": (REJECTED, "file_unsafe")}


# Packed otherwise


def _tarred() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        about = tarfile.TarInfo("甲.xlsx")
        about.size = len(GOOD)
        tar.addfile(about, io.BytesIO(GOOD))
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "packer"),
    [
        ("包.rar", b"Rar!\x1a\x07\x01\0" + GOOD, "RAR"),
        ("旧包.rar", b"Rar!\x1a\x07\0" + GOOD, "RAR"),
        ("包.7z", b"7z\xbc\xaf\x27\x1c\0\4" + GOOD, "7Z"),
        ("甲.xlsx.gz", gzip.compress(GOOD, mtime=0), "GZIP 或 TAR"),
        ("包.tar", _tarred(), "GZIP 或 TAR"),
        ("包.tgz", gzip.compress(_tarred(), mtime=0), "GZIP 或 TAR"),
        ("其实是压缩包.xlsx", b"Rar!\x1a\x07\x01\0" + GOOD, "RAR"),
    ],
)
def test_what_is_packed_otherwise_is_to_be_unpacked_first(
    name: str, content: bytes, packer: str, folder: Path
) -> None:
    assert outcome(folder, {name: content, "外.zip": archive({name: content})}) == {
        name: (REJECTED, "archive_packed"),
        "外.zip": OPENED,
        f"外.zip/{name}": (REJECTED, "archive_packed"),
    }
    (first, *_) = read_here([(folder / name, name)], BRIEF)
    assert first.refusal
    assert first.refusal.found == packer


# Names


@pytest.mark.parametrize(
    ("raw", "flags"),
    [
        ("科技指标_春江镇（最终）.xlsx".encode(), UTF8),
        ("科技指标_春江镇（最终）.xlsx".encode(), 0),
        ("科技指标_春江镇（最终）.xlsx".encode("gb18030"), 0),
    ],
    ids=["UTF-8, marked", "UTF-8, unmarked", "GB18030"],
)
def test_chinese_names_are_shown_right_whoever_packed_them(
    raw: bytes, flags: int, folder: Path
) -> None:
    name = "科技指标_春江镇（最终）.xlsx"
    assert inside(folder, named(raw, GOOD, flags=flags)) == {name: (COUNTED, "")}
    inner = zipped([named(raw, GOOD, flags=flags)])
    deep = inside(folder / "深", named("内层".encode("gb18030") + b".zip", inner))
    assert deep == {f"内层.zip/{name}": (COUNTED, "")}


def test_rare_characters_of_gb18030_are_shown_right(folder: Path) -> None:
    name = "㐀𠀀镕.txt"
    assert list(inside(folder, named(name.encode("gb18030")))) == [name]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("../甲.txt", "甲.txt"),
        ("../../../../etc/cron.d/甲.txt", "etc/cron.d/甲.txt"),
        ("夹/../../甲.txt", "夹/甲.txt"),
        ("./甲.txt", "甲.txt"),
        ("/etc/甲.txt", "etc/甲.txt"),
        ("..\\..\\甲.txt", "甲.txt"),
        ("夹\\甲.txt", "夹/甲.txt"),
        ("C:\\Windows\\甲.txt", "Windows/甲.txt"),
        ("C:甲.txt", "甲.txt"),
        ("\\\\server\\share\\甲.txt", "server/share/甲.txt"),
        ("夹//甲.txt", "夹/甲.txt"),
        ("..", "第1个文件"),
        ("\x07", "第1个文件"),
        ("甲\0.exe.txt", "甲.exe.txt"),
        ("甲\r\n乙.txt", "甲乙.txt"),
        ("甲\x1b[31m.txt", "甲[31m.txt"),
        ("甲\u202etxt.exe", "甲txt.exe"),
    ],
)
def test_a_name_that_leads_elsewhere_is_shown_without_what_leads(
    raw: str, shown: str, folder: Path
) -> None:
    assert list(inside(folder, named(raw.encode(), flags=UTF8))) == [shown]


@pytest.mark.parametrize(
    "char",
    [*map(chr, range(32)), "\x7f", "\x85", "\x9b", "\u2028", "\u2029", "\u202e", "\u2066", "\u200b",
     "\ufeff", "\ufffe", "\uffff"],
    ids=ascii,
)  # fmt: skip
def test_no_name_is_shown_with_what_is_no_character_to_be_seen(char: str, folder: Path) -> None:
    ((shown, _),) = inside(folder, named(f"甲{char}乙.txt".encode(), flags=UTF8)).items()
    assert char not in shown
    assert not [one for one in shown if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp", "Cn")]
    assert shown.startswith("甲")
    assert shown.endswith("乙.txt")


def test_a_name_in_no_known_encoding_is_shown_somehow(folder: Path) -> None:
    ((shown, status),) = inside(folder, named(b"\xff\xff\x80.xlsx", GOOD)).items()
    assert status == (COUNTED, "")
    assert shown.endswith(".xlsx")


# With the processes that really read


def test_files_in_archives_and_beside_them_add_up_as_the_workers_read_them(
    folder: Path,
) -> None:
    inner = archive({"乙.xlsx": OTHER, "三.zip": archive({"丙.xlsx": GOOD})})
    files = {
        "1.zip": archive({"甲.xlsx": GOOD, "内.zip": inner, "说明.txt": b"x"}),
        "2.xlsx": GOOD,
        "3.zip": archive({f"{n}.txt": b"x" for n in range(301)}),
        "4.rar": b"Rar!\x1a\x07\x01\0" + GOOD,
        "5.zip": zipped([replace(entry("锁.xlsx", GOOD), flags=UTF8 | ENCRYPTED)]),
    }
    found = returns(folder, files)
    before_it = contents(folder.parent)
    steps: list[int] = []
    read = read_all(found, BRIEF, step=lambda: steps.append(1))
    assert contents(folder.parent) == before_it
    # In the order of the files, and of the members of each.
    expected: Outcome = {
        "1.zip": OPENED,
        "1.zip/甲.xlsx": (DUPLICATE, "duplicate_file"),
        "1.zip/内.zip/乙.xlsx": (COUNTED, ""),
        "1.zip/内.zip/三.zip": (REJECTED, "archive_nested"),
        "1.zip/说明.txt": (IGNORED, "file_foreign"),
        "2.xlsx": (COUNTED, ""),
        "3.zip": (REJECTED, "file_too_large"),
        "4.rar": (REJECTED, "archive_packed"),
        "5.zip": OPENED,
        "5.zip/锁.xlsx": (REJECTED, "file_encrypted"),
    }
    assert [one.file for one in read] == list(expected)
    assert len(steps) == len(read)
    result = settled(read, found)
    assert {one.file: (one.status, one.code) for one in result.files} == expected
    assert result.file_totals == {
        COUNTED: 2, SUPERSEDED: 0, DUPLICATE: 1, REJECTED: 4, IGNORED: 3,
    }  # fmt: skip
    assert result.unit_totals == {
        UnitStatus.ACCEPTED: 2, UnitStatus.NEEDS_CORRECTION: 0, UnitStatus.MISSING: 9,
    }  # fmt: skip
    assert read == read_here(found, BRIEF)
