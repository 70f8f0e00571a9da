"""The workspace's settings: every limit can be set, every mistake is one Chinese sentence."""

import json
import re
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from random import Random

import pytest

from consolidator.checks.run import check_returned
from consolidator.cli import run
from consolidator.errors import OperatorError
from consolidator.files import sha256
from consolidator.intake.brief import Brief
from consolidator.intake.limits import MEANINGS, RETURN, Limits
from consolidator.intake.returned import read_content, read_file
from consolidator.settings import FILE_NAME, Settings, load_settings
from returns import NOON, Q4, SHIPPED, put
from workbook_parts import (
    GOOD,
    STYLES_PART,
    before,
    cell,
    entries,
    entry,
    locked,
    main,
    parts,
    swapped,
    with_part,
    xlsb,
    zipped,
)

LIMITS = [one.name for one in fields(Limits)]
PERIOD = ("--period", "2017-Q4")
ROW = '<row r="25000"><c r="A25000"><v>1</v></c></row>'
FAR = main(before("</sheetData>", ROW))()
"""A good return with a stray number below the last row that is read."""


def told(folder: Path, content: str | bytes) -> Path:
    """Write the settings of a workspace."""
    return put(folder / FILE_NAME, content if isinstance(content, bytes) else content.encode())


def mistake(folder: Path, content: str | bytes) -> str:
    """Return what is said of settings that cannot be used: one Chinese sentence with the file."""
    path = told(folder, content)
    with pytest.raises(OperatorError) as caught:
        load_settings(folder)
    said = str(caught.value)
    assert f"设置文件“{path}”" in said
    assert re.fullmatch(r"[^\n。]+。", said), said
    return said


def outcome(content: bytes, limits: Limits) -> list[str]:
    """Read a file within limits and return the codes of its findings."""
    brief = Brief(SHIPPED, Q4, limits, passwords=("geheim",))
    returned = read_content(content, "上报.xlsx", sha256(content), NOON, brief)
    return [one.code for one in check_returned(returned, SHIPPED)]


# What may be set


def test_a_workspace_without_settings_has_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == Settings() == Settings(limits=RETURN)


@pytest.mark.parametrize(
    "content",
    ["", "\ufeff", "\n# 说明\n", "[limits]\n", "\ufeff[limits] # 限制\r\n", "limits = {}"],
)
def test_settings_that_set_nothing_are_the_defaults(content: str, tmp_path: Path) -> None:
    told(tmp_path, content)
    assert load_settings(tmp_path) == Settings()


@pytest.mark.parametrize("name", LIMITS)
def test_each_limit_can_be_raised_and_lowered_and_no_other_changes(
    name: str, tmp_path: Path
) -> None:
    for value in (getattr(RETURN, name) + 1, 1):
        told(tmp_path, f"[limits]\n{name} = {value}\n")
        assert load_settings(tmp_path).limits == replace(RETURN, **{name: value})


def test_several_limits_can_be_set_at_once(tmp_path: Path) -> None:
    told(tmp_path, "[limits]\nrows = 30_000 # 大表\nseconds = 60\n")
    assert load_settings(tmp_path).limits == replace(RETURN, rows=30_000, seconds=60)


def test_every_limit_has_a_chinese_name_of_its_own() -> None:
    assert set(MEANINGS) == set(LIMITS)
    assert len(set(MEANINGS.values())) == len(LIMITS)
    assert all(re.search("[\u4e00-\u9fff]", meaning) for meaning in MEANINGS.values())


# What may not


@pytest.mark.parametrize("name", ["limit", "mails", "Limits", "限制"])
def test_an_unknown_table_is_named_with_those_there_are(name: str, tmp_path: Path) -> None:
    for content in (f'["{name}"]\nrows = 1\n', f'"{name}" = 1\n[limits]\nrows = 9\n'):
        known = "limits、mail、smtp、imap"
        assert mistake(tmp_path, content).endswith(f"中没有“{name}”这一项：可用的有 {known}。")


@pytest.mark.parametrize("name", ["row", "Rows", "file-mb", "行数"])
def test_an_unknown_limit_is_named_with_those_there_are(name: str, tmp_path: Path) -> None:
    said = mistake(tmp_path, f'[limits]\nrows = 9\n"{name}" = 1\n')
    assert said.endswith(f"[limits] 中没有“{name}”这一项：可用的有 {'、'.join(LIMITS)}。")


@pytest.mark.parametrize(
    "value",
    [
        "0",
        "-1",
        "1.5",
        "20000.0",
        "true",
        '"20000"',
        "[1]",
        "{ a = 1 }",
        "2017-01-01",
        "inf",
        "nan",
    ],
)
@pytest.mark.parametrize("name", ["rows", "seconds"])
def test_a_value_that_is_no_number_above_nought_is_named_with_its_key(
    name: str, value: str, tmp_path: Path
) -> None:
    said = mistake(tmp_path, f"[limits]\n{name} = {value}\n")
    assert said.endswith(f"[limits] 中，{name}（{MEANINGS[name]}）须为大于 0 的整数。")


def test_a_table_below_a_limit_is_no_value_either(tmp_path: Path) -> None:
    assert "rows（" in mistake(tmp_path, "[limits.rows]\nmost = 9\n")


@pytest.mark.parametrize("value", ["5", '"rows"', "[]", "true"])
def test_limits_that_are_no_table_are_told_how_they_are_written(value: str, tmp_path: Path) -> None:
    assert mistake(tmp_path, f"limits = {value}\n").endswith(
        "limits 写法不对：应写作 [limits]，每行一项。"
    )


ENGLISH = r"\b(at|line|column|end|Invalid|Expected|Cannot|Illegal|Unclosed|codec|decode|position)\b"
"""Words of Python's own messages."""
BROKEN: dict[str, tuple[str, int]] = {
    "no value": ("[limits]\nrows =\n", 2),
    "no equals sign": ("[limits]\n\nrows 5\n", 3),
    "a bracket that is not closed": ("[limits\nrows = 5\n", 1),
    "a quotation mark that is not closed": ('[limits]\nrows = "5\n', 2),
    "a key that stands twice": ("[limits]\nrows = 5\nrows = 6\n", 3),
    "a table that stands twice": ("[limits]\nrows = 5\n[limits]\n", 3),
    "a full-width digit": ("[limits]\nrows = ５\n", 2),
    "a full-width equals sign": ("[limits]\nrows ＝ 5\n", 2),
    "a thousands comma": ("[limits]\nrows = 20,000\n", 2),
    "a measure": ("[limits]\nfile_mb = 20MB\n", 2),
}


@pytest.mark.parametrize("what", BROKEN)
def test_settings_that_are_no_toml_are_told_the_line_in_chinese(what: str, tmp_path: Path) -> None:
    content, line = BROKEN[what]
    said = mistake(tmp_path, content)
    assert re.search(rf"第 ?{line} ?行", said), said
    assert not re.search(ENGLISH, said), said


def test_settings_that_break_off_are_refused_in_chinese(tmp_path: Path) -> None:
    said = mistake(tmp_path, "[limits]\nrows")
    assert not re.search(ENGLISH, said), said


@pytest.mark.parametrize("content", ["[limits]\n# 行数\n".encode("gb18030"), b"\xff\xfe[\0", b"\0"])
def test_settings_in_another_encoding_are_refused(content: bytes, tmp_path: Path) -> None:
    said = mistake(tmp_path, content)
    assert not re.search(ENGLISH, said), said


def test_a_folder_in_the_place_of_settings_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(OperatorError, match=r"设置文件“.*”读不出来"):
        load_settings(tmp_path)


# Limits hold what they say


PICTURE = entry("xl/media/image1.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8_000)
PICTURED = [*entries(parts(GOOD)), PICTURE]
"""A good return with a picture of 2 MB, packed to a few kilobytes."""
COMPUTED = main(cell("H10", '<c r="H10" s="{s}"><f>86+1+0*0</f><v>87</v></c>'))
FORMAT = '"0.0%;[Red]\\-0.0%;0.0%;General"'
REACHED: dict[str, tuple[Callable[[], bytes], int, str]] = {
    "unpacked_mb": (lambda: zipped(PICTURED), 1, "file_too_large"),
    "ratio": (lambda: zipped(PICTURED), 2, "file_unsafe"),
    "parts": (lambda: GOOD, 5, "file_too_large"),
    "tags": (lambda: GOOD, 50, "file_too_large"),
    "records": (xlsb, 100, "file_too_large"),
    "sheets": (lambda: GOOD, 4, "file_too_large"),
    "rows": (lambda: GOOD, 26, "file_too_large"),
    "columns": (lambda: GOOD, 11, "file_too_large"),
    "cells": (lambda: GOOD, 500, "file_too_large"),
    "formula_length": (COMPUTED, 8, "file_too_large"),
    "strings": (lambda: GOOD, 50, "file_too_large"),
    "merges": (lambda: GOOD, 2, "file_too_large"),
    "links": (lambda: GOOD, 2, "file_too_large"),
    "format_length": (
        lambda: with_part(GOOD, STYLES_PART, swapped('"0.0%"', FORMAT)), 20, "file_too_large",
    ),
    "hash_rounds": (lambda: locked(GOOD, "geheim"), 99, "file_unsafe"),
}  # fmt: skip


@pytest.mark.parametrize("name", REACHED)
def test_a_return_beyond_a_lowered_limit_is_refused_and_read_within_the_default(name: str) -> None:
    make, low, code = REACHED[name]
    content = make()
    assert outcome(content, replace(RETURN, **{name: low})) == [code]
    assert set(outcome(content, RETURN)) <= {"formula_entry", "formulas_lost", "normalised"}


def test_every_limit_is_held_by_some_test() -> None:
    # The last two are those of the process that reads: see also the workers' own tests.
    others = {"file_mb", "archive_members", "archive_mb", "memory_mb", "seconds", "archive_seconds"}
    assert set(REACHED) | others == set(LIMITS)


def test_a_file_is_refused_by_its_size_before_it_is_opened(tmp_path: Path) -> None:
    path = put(tmp_path / "上报.xlsx", GOOD + bytes(2**20))
    brief = Brief(SHIPPED, Q4, replace(RETURN, file_mb=1))
    returned, _ = read_file(path, path.name, brief, member=None)
    assert returned.refusal is not None
    assert returned.refusal.code == "file_too_large"
    assert outcome(path.read_bytes(), brief.limits) == ["file_too_large"]


@pytest.mark.parametrize(
    ("name", "low"), [("archive_members", 1), ("archive_mb", 1)], ids=["members", "size"]
)
def test_an_archive_beyond_a_lowered_limit_is_refused_whole(
    name: str, low: int, tmp_path: Path
) -> None:
    noise = bytes(range(256)) * 4_000
    path = put(tmp_path / "包.zip", zipped([entry("甲.bin", noise), entry("乙.bin", noise)]))
    for limits, code, inside in (
        (replace(RETURN, **{name: low}), "file_too_large", 0), (RETURN, "archive_opened", 2),
    ):  # fmt: skip
        returned, members = read_file(path, path.name, Brief(SHIPPED, Q4, limits), member=None)
        assert returned.refusal is not None
        assert (returned.refusal.code, len(members)) == (code, inside)


def test_a_raised_limit_lets_a_return_be_read_that_was_refused() -> None:
    assert outcome(FAR, RETURN) == ["file_too_large"]
    assert outcome(FAR, replace(RETURN, rows=25_000)) == []
    assert outcome(FAR, replace(RETURN, rows=24_999)) == ["file_too_large"]


# Through the command line


def contents(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def sent(root: Path, content: bytes) -> Path:
    return put(root / "returns" / "2017-Q4" / "上报.xlsx", content)


def codes(root: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the codes that `check` and `consolidate` alike have for the one file."""
    where = ("--workspace", str(root), "--json")
    run(["check", str(root / "returns" / "2017-Q4" / "上报.xlsx"), *where])
    (file,) = json.loads(capsys.readouterr().out)["files"]
    run(["consolidate", *PERIOD, *where])
    findings = json.loads(capsys.readouterr().out)["findings"]
    about = [one["code"] for one in findings if one["file"]]
    assert about == [one["code"] for one in file["findings"]]
    return about


@pytest.mark.parametrize(
    "content",
    [
        "[limit]\n",
        "[limits]\nrow = 9\n",
        "[limits]\nrows = 0\n",
        '[limits]\nrows = "9"\n',
        "[",
        "x",
    ],
)
@pytest.mark.parametrize("command", ["check", "consolidate"])
def test_a_mistake_in_the_settings_ends_the_command_before_anything_is_written(
    command: str, content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, settings = sent(tmp_path, GOOD), told(tmp_path, content)
    before_it = contents(tmp_path)
    arguments = [str(path)] if command == "check" else list(PERIOD)
    assert run([command, *arguments, "--workspace", str(tmp_path)]) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"错误：设置文件“[^\n]+。\n", error), error
    assert str(settings) in error
    assert contents(tmp_path) == before_it


def test_what_the_workspace_sets_holds_for_every_command_that_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sent(tmp_path, FAR)
    assert codes(tmp_path, capsys) == ["file_too_large"]
    told(tmp_path, "[limits]\nrows = 30_000\n")
    assert codes(tmp_path, capsys) == []
    told(tmp_path, "[limits]\nrows = 30_000\ncolumns = 5\n")
    assert codes(tmp_path, capsys) == ["file_too_large"]


def test_a_return_that_needs_more_memory_than_is_set_costs_itself_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("resource", reason="this system does not limit a process's memory")
    noise = entry("xl/media/image1.png", Random(1).randbytes(15 * 2**20))
    sent(tmp_path, zipped([*entries(parts(GOOD)), noise]))
    assert codes(tmp_path, capsys) == []
    told(tmp_path, "[limits]\nmemory_mb = 1\n")
    assert codes(tmp_path, capsys) == ["reading_failed"]


@pytest.mark.parametrize("name", ["seconds", "memory_mb", "file_mb"])
@pytest.mark.parametrize("value", [10_000_000, 10**15])
def test_a_limit_set_as_high_as_one_likes_still_lets_returns_be_read(
    name: str, value: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sent(tmp_path, GOOD)
    told(tmp_path, f"[limits]\n{name} = {value}\n")
    status = run(["check", str(path), "--workspace", str(tmp_path)])
    # Where a limit has a limit, that is the operator's to be told.
    assert status in (0, 2), capsys.readouterr().err
    assert "程序内部出错" not in capsys.readouterr().err


def test_issuing_asks_for_no_settings_about_returns(tmp_path: Path) -> None:
    told(tmp_path, "[limits]\nrows = 0\n")
    assert run(["issue", *PERIOD, "--unit", "chunjiang", "--workspace", str(tmp_path)]) == 0
