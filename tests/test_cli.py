"""The command line: every command runs, every mistake is one Chinese sentence, no traceback."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import openpyxl
import pytest

from consolidator import __version__
from consolidator.cli import cli
from consolidator.commands.issue import PASSWORD_VARIABLE
from consolidator.forms.quarterly.addresses import MAIN, Places
from consolidator.forms.quarterly.assignment import FILLED_BY, PHONE, Key
from consolidator.report import data_sheet
from returns import (
    Q4,
    SHIPPED,
    Answers,
    actual,
    ask,
    good_answers,
    plan_folder,
    put,
    remark,
    rendered,
    typed_into,
)
from terminal import Terminal, contents

PERIOD = ["--period", "2017-Q4"]
YEAR = ["--period", "2017"]
TEMPLATE = "templates/2017-Q4/科技指标_春江镇_2017Q4.xlsx"
WORKBOOK = "output/2017-Q4/汇总表_2017Q4.xlsx"


def came_back(folder: Path, unit: str = "chunjiang", changes: Answers | None = None) -> Path:
    assignment = ask(unit)
    content = rendered(assignment, good_answers(assignment) | (changes or {}))
    return put(folder / "returns" / "2017-Q4" / f"{unit}.xlsx", content)


@pytest.fixture
def returned(terminal: Terminal) -> Terminal:
    """Give a workspace to which one unit sent a good return."""
    came_back(terminal.root)
    return terminal


# Every command runs


def commands(group: click.Group = cli, *path: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)


COMMANDS = sorted(commands())


def test_these_are_the_commands() -> None:
    assert [" ".join(command) for command in COMMANDS] == [
        "check", "consolidate", "demo", "issue", "mail", "mail collect", "mail draft", "mail init",
        "mail login", "mail remind", "mail send",
        "plan", "plan check", "plan export", "plan import",
        "plan show", "print", "register", "review", "review consolidate", "review issue", "status",
    ]  # fmt: skip


@pytest.mark.parametrize("command", [(), *COMMANDS], ids=" ".join)
def test_help_is_in_chinese(command: tuple[str, ...], terminal: Terminal) -> None:
    said = terminal(*command, "--help")
    assert (said.status, said.error) == (0, "")
    assert said.out.startswith("用法：")
    known = {"consolidator", "json", "plan", "period", "returns", "output", "templates", "toml"}
    known |= {"history", "replace", "unit", "workspace", "help", "version", "Q", "h", "JSON"}
    known |= {"sheet", "soffice", "LibreOffice", "PDF"}
    known |= {"password", "file", "district", "reviewers", "count", "xlsx", "csv", "txt"}
    known |= {"docx", "to", "base", "corrections", "reminders", "retry", "yes", "since", "again"}
    known |= {"mark", "read", "excel", "arrived", "eml", "SMTP", "IMAP", "Outlook", "Foxmail"}
    known |= {word for path in COMMANDS for word in path} | set(PASSWORD_VARIABLE.split("_"))
    assert set(re.findall(r"[A-Za-z]+", said.out)) <= known
    assert "-h, --help" in said.out


def test_the_version_is_told(terminal: Terminal) -> None:
    assert terminal("--version").out == f"consolidator {__version__}\n"


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from consolidator.cli import run; status = run(['--help']);"
        "heavy = {'pandas', 'numpy', 'openpyxl', 'xlsxwriter', 'lxml', 'python_calamine', 'rich'};"
        "sys.exit(status or ' '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=False, cwd=Path(__file__).parent
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_package_runs_as_a_module_and_its_status_is_the_process_own(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "consolidator", "issue", "--period", "2017-Q9"],
        capture_output=True, check=False, cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.decode().startswith("错误：报告期“2017-Q9”写法不对")


def test_plan_show_prints_the_table(terminal: Terminal) -> None:
    said = terminal("plan", "show")
    assert said.status == 0
    assert "春江镇" in said.out
    assert "7,575" in said.out


def test_plan_show_as_json(terminal: Terminal) -> None:
    shown = terminal("plan", "show", "--json").json
    assert [one["code"] for one in shown["units"]] == [unit.code for unit in SHIPPED.units]
    assert len(shown["indicators"]) == 15


def test_plan_check_is_content_with_the_shipped_plan(terminal: Terminal) -> None:
    said = terminal("plan", "check")
    assert said.status == 0
    assert said.out.endswith("没有错误，可以使用。\n")


def test_plan_check_names_faults_and_ends_with_1(terminal: Terminal) -> None:
    folder = plan_folder(terminal.root / "plan", "targets.csv", "86,23,14,50", "86,x,0,50")
    said = terminal("plan", "check", "--plan", folder)
    assert said.status == 1
    assert "错误  targets.csv 第 3 行 menghe 列：目标“x”不是数字" in said.out
    assert "警告  targets.csv 第 3 行 xinqiao 列：目标为 0" in said.out
    told = terminal("plan", "check", "--plan", folder, "--json")
    assert told.status == 1
    assert [(one["severity"], one["place"]) for one in told.json["faults"]] == [
        ("warning", "plan.toml [contact]"),
        ("info", "targets.csv 第 2 行 chuangyi 列"),
        ("error", "targets.csv 第 3 行 menghe 列"),
        ("warning", "targets.csv 第 3 行 xinqiao 列"),
    ]


def test_issue_writes_a_template_a_unit_and_the_list(terminal: Terminal) -> None:
    said = terminal("issue", *PERIOD, "--json")
    assert (said.status, said.error) == (0, "")
    assert len(said.json["issued"]) == 11
    assert {one["state"] for one in said.json["issued"]} == {"new"}
    made = contents(terminal.root)
    assert sorted(made) == sorted(
        ["consolidator.key", "templates/2017-Q4/发放清单.xlsx"]
        + [f"templates/2017-Q4/科技指标_{unit.short}_2017Q4.xlsx" for unit in SHIPPED.units]
    )
    again = terminal("issue", *PERIOD)
    assert again.status == 0
    assert again.out.count("未变") == 11
    assert contents(terminal.root) == made


def test_issue_for_two_units_writes_two_templates(terminal: Terminal) -> None:
    said = terminal("issue", *PERIOD, "--unit", "河海街道", "--unit", "chunjiang", "--json")
    assert [one["unit"] for one in said.json["issued"]] == ["chunjiang", "hehai"]
    assert len(contents(terminal.root / "templates")) == 3


def test_the_list_keeps_password_and_hash_and_a_later_unit_gets_the_same_password(
    terminal: Terminal,
) -> None:
    first = terminal("issue", *PERIOD, "--unit", "hehai", "--json").json
    terminal("issue", *PERIOD, "--unit", "chunjiang")
    sheet = openpyxl.load_workbook(first["issue_list"])["发放清单"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert [row[0] for row in rows] == ["chunjiang", "hehai"]
    assert rows[0][5] == rows[1][5]
    assert re.fullmatch(r"[a-z0-9]{10}", str(rows[0][5]))
    assert rows[1][6] == first["issued"][0]["sha256"]


def test_reissue_with_other_content_is_refused_and_with_replace_the_old_one_is_kept(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal("issue", *PERIOD, "--unit", "chunjiang")
    old = (terminal.root / TEMPLATE).read_bytes()
    monkeypatch.setenv("CONSOLIDATOR_PASSWORD", "another")
    terminal.refused("issue", *PERIOD, words="科技指标_春江镇_2017Q4.xlsx.*--replace")
    said = terminal("issue", *PERIOD, "--unit", "chunjiang", "--replace", "--json")
    assert [one["state"] for one in said.json["issued"]] == ["replaced"]
    assert (terminal.root / TEMPLATE).read_bytes() != old
    kept = list((terminal.root / "templates/2017-Q4/history").glob("科技指标_春江镇*"))
    assert [path.read_bytes() for path in kept] == [old]


def test_check_says_of_one_file_what_consolidate_says(terminal: Terminal) -> None:
    good, bad = came_back(terminal.root), came_back(
        terminal.root, "hehai", {actual("tech_reports"): None, PHONE: None}
    )  # fmt: skip
    said = terminal("check", good)
    assert (said.status, said.out) == (
        0,
        "chunjiang.xlsx（滨江经济开发区（春江镇），2017年第四季度）：没有错误，可以上报。\n",
    )
    said = terminal("check", good, bad)
    assert said.status == 1
    assert "hehai.xlsx（河海街道，2017年第四季度）：有 2 项错误" in said.out
    assert "错误  填报表 H23：“上报信息·其中：科技工作信息”没有填写。" in said.out
    told = terminal("check", good, bad, "--json").json
    assert [one["file"] for one in told["files"]] == ["chunjiang.xlsx", "hehai.xlsx"]
    mine = [(one["cell"], one["code"]) for one in told["files"][1]["findings"]]
    assert mine == [("H23", "blank"), ("D27", "signer_blank")]
    whole = terminal("consolidate", *PERIOD, "--json").json["findings"]
    assert [(one["cell"], one["code"]) for one in whole if one["file"] == "hehai.xlsx"] == mine


def test_check_of_a_file_that_is_none_of_ours_is_a_finding(terminal: Terminal) -> None:
    openpyxl.Workbook().save("自制.xlsx")
    said = terminal("check", "自制.xlsx")
    assert said.status == 1
    assert "整份文件：不是本系统下发的填报表" in said.out


def test_templates_filled_by_another_program_are_consolidated_exactly(terminal: Terminal) -> None:
    terminal("issue", *PERIOD, "--unit", "chunjiang")
    assignment = ask()
    target = terminal.root / "returns" / "2017-Q4" / "收到" / "表.xlsx"
    typed_into(terminal.root / TEMPLATE, target, assignment)
    told = terminal("consolidate", *PERIOD, "--json").json
    assert told["files"] == [
        {
            "file": "收到/表.xlsx",
            "status": "counted",
            "unit": "chunjiang",
            "code": None,
            "sender": None,
            "received": None,
        }
    ]
    figures = {one["indicator"]: one["actual"] for one in told["figures"]
               if one["unit"] == "chunjiang"}  # fmt: skip
    targets = {one.code: SHIPPED.target("chunjiang", one.code) for one in SHIPPED.indicators}
    assert figures == targets | {"hightech_firms": 87}


def test_consolidate_ends_with_1_while_units_are_missing_and_0_when_all_is_well(
    terminal: Terminal,
) -> None:
    came_back(terminal.root)
    said = terminal("consolidate", *PERIOD)
    assert said.status == 1
    assert "共 11 个单位：已接收 1，需更正 0，未报 10。" in said.out
    assert "共 1 个文件：采用 1，被替代 0，重复 0，退回 0，略过 0。" in said.out
    for unit in SHIPPED.units[1:]:
        came_back(terminal.root, unit.code)
    assert terminal("consolidate", *PERIOD).status == 0


def test_consolidate_reads_the_paths_it_is_given(terminal: Terminal) -> None:
    path = came_back(terminal.root)
    told = terminal("consolidate", path, *PERIOD, "--json").json
    assert [one["file"] for one in told["files"]] == ["chunjiang.xlsx"]


def test_the_district_workbook_that_stood_there_is_kept(returned: Terminal) -> None:
    returned("consolidate", *PERIOD)
    old = (returned.root / WORKBOOK).read_bytes()
    said = returned("consolidate", *PERIOD)
    kept = list((returned.root / "output/2017-Q4/history").iterdir())
    assert [path.read_bytes() for path in kept] == [old]
    assert f"原汇总表已存为：{kept[0].relative_to(returned.root)}" in said.out


def test_returns_are_never_touched(returned: Terminal) -> None:
    before = contents(returned.root / "returns")
    returned("consolidate", *PERIOD)
    assert contents(returned.root / "returns") == before


def test_an_adjustment_typed_into_the_workbook_survives_and_is_listed(returned: Terminal) -> None:
    returned("consolidate", *PERIOD)
    adjust(returned.root / WORKBOOK, "chunjiang/hightech_firms", 90, "来函更正")
    adjust(returned.root / WORKBOOK, "chunjiang/tech_reports", 13, None)
    for _ in range(2):
        told = returned("consolidate", *PERIOD, "--json").json
        own = {one["indicator"]: one for one in told["figures"] if one["unit"] == "chunjiang"}
        assert (own["hightech_firms"]["actual"], own["hightech_firms"]["basis"]) == (90, "调整")
        assert (own["tech_reports"]["actual"], own["tech_reports"]["basis"]) == (12, "上报")
        notes = [(one["indicator"], one["code"]) for one in told["findings"]
                 if one["unit"] == "chunjiang"]  # fmt: skip
        assert notes == [("tech_reports", "adjustment_incomplete"), ("hightech_firms", "adjusted")]


def adjust(path: Path, key: str, number: object, reason: object) -> None:
    """Type an adjustment beside a figure, as staff do."""
    workbook = openpyxl.load_workbook(path)
    sheet = workbook["数据"]
    (row,) = (row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == key)
    for column, value in (("adjusted", number), ("reason", reason)):
        cell = sheet.cell(row, data_sheet.COLUMNS.index(column) + 1)
        assert cell.protection.locked is False
        cell.value = value  # type: ignore[assignment]
    workbook.save(path)


def test_the_demo_plays_the_whole_journey_on_marked_data_in_a_folder_of_its_own(
    terminal: Terminal,
) -> None:
    (terminal.root / "演示").mkdir()
    said = terminal("demo")
    assert said.status == 0
    assert "演示数据均为虚构" in said.out
    for line in said.out.splitlines()[-5:]:
        assert Path(line.split()[-1]).exists()
    book = openpyxl.load_workbook(next((terminal.root / "演示2").rglob("汇总表*.xlsx")))
    for sheet in book.worksheets:
        cells = [str(cell.value) for row in sheet.iter_rows(max_row=6) for cell in row]
        assert any("演示数据，非真实上报" in text for text in cells), sheet.title
    assert not list((terminal.root / "演示").iterdir())
    terminal.refused("demo", "演示", words="已经存在")


# The JSON contract

CONTRACT = {
    "units": {"code", "name", "status", "file", "findings"},
    "files": {"file", "status", "unit", "code"},
    "findings": {
        "code", "severity", "unit", "file", "sheet", "cell", "indicator", "found", "expected",
        "message",
    },
    "figures": {
        "indicator", "unit", "target", "actual", "achievement", "file", "sheet", "cell", "covered",
    },
    "scores": {"unit", "score", "rank"},
}  # fmt: skip


def test_the_json_keeps_the_keys_of_the_contract(returned: Terminal) -> None:
    came_back(returned.root, "hehai", {actual("tech_reports"): "约12"})
    put(returned.root / "returns/2017-Q4/坏.xlsx", b"")
    said = returned("consolidate", *PERIOD, "--json")
    told = said.json
    assert (said.status, said.error) == (1, "")
    assert {"period", "plan", "outputs", *CONTRACT} <= set(told)
    assert (told["period"], told["plan"]) == ("2017-Q4", "2017")
    assert set(told["outputs"]) >= {"workbook", "corrections"}
    assert Path(told["outputs"]["workbook"]).is_file()
    for key, names in CONTRACT.items():
        assert key == "scores" or told[key]
        for one in told[key]:
            assert names <= set(one), key
    for one in told["units"]:
        assert set(one["findings"]) == {"error", "warning", "info"}
        assert one["status"] in {"accepted", "needs_correction", "missing"}
    statuses = {one["status"] for one in told["files"]}
    assert statuses <= {"counted", "superseded", "duplicate", "rejected", "ignored"}
    assert {one["severity"] for one in told["findings"]} <= {"error", "warning", "info"}


def test_the_json_has_numbers_fractions_and_null(returned: Terminal) -> None:
    told = returned("consolidate", *PERIOD, "--json").json
    figures = {(one["unit"], one["indicator"]): one for one in told["figures"]}
    assert len(told["figures"]) == 12 * 15
    ratio = "hightech_output_ratio"
    first, absent, district = (
        figures[unit, ratio] for unit in ("chunjiang", "chuangyi", "district")
    )
    assert (first["target"], first["actual"], first["achievement"]) == (0.47, 0.47, 1.0)
    assert (first["sheet"], first["cell"], first["file"]) == ("填报表", "H8、H9", "chunjiang.xlsx")
    assert [absent[key] for key in ("target", "actual", "achievement", "file", "cell")] == [
        None
    ] * 5
    assert (district["target"], district["actual"], district["covered"]) == (0.59, 0.47, 1)
    assert first["covered"] is None
    missing = next(one for one in told["units"] if one["code"] == "hehai")
    assert (missing["status"], missing["file"]) == ("missing", None)
    for one in told["figures"]:
        for key in ("target", "actual", "achievement", "covered"):
            assert one[key] is None or type(one[key]) in (int, float)


# Every mistake is one sentence

MISTAKES: dict[str, tuple[list[str], str]] = {
    "a period that is none": (["consolidate", "--period", "2017Q4"], "2017-Q4，全年写作 2017"),
    "another year's period": (["consolidate", "--period", "2018-Q1"], "不在 2017 年目标任务内"),
    "issuing for another year": (["issue", "--period", "2016-Q4"], "不在 2017 年目标任务内"),
    "a plan that is not there": (["issue", *PERIOD, "--plan", "没有"], "找不到目标任务“没有”"),
    "a plan to show that is not there": (["plan", "show", "--plan", "1"], "找不到目标任务“1”"),
    "an unknown unit": (["issue", *PERIOD, "--unit", "changzhou"], "“changzhou”.*chunjiang"),
    "an unknown option": (["issue", *PERIOD, "--units", "x"], "没有选项 --units"),
    "an unknown option of the whole": (["--verbose"], "没有选项 --verbose"),
    "an unknown command": (["collect"], "没有命令“collect”.*consolidate"),
    "an unknown command of a group": (["plan", "edit"], "没有命令“edit”.*show"),
    "a missing option": (["issue"], "缺少 --period"),
    "a missing argument": (["check"], "缺少"),
    "an option without its value": (["issue", "--period"], "--period"),
    "an argument too many": (["plan", "show", "x"], "命令写法不对|多余"),
    "a flag with a value": (["issue", *PERIOD, "--json=yes"], "--json"),
    "a folder that is not there": (
        ["consolidate", "没有", *PERIOD],
        "找不到“没有”.*文件夹路径",
    ),
    "no returns folder": (["consolidate", *PERIOD], "找不到“returns/2017-Q4”"),
    "a file that is not there": (
        ["check", "没有.xlsx"],
        "找不到“没有.xlsx”.*路径和名称",
    ),
    "a review of a quarter": (["review", "issue", *PERIOD, "--count", "7"], "评议一年一次"),
    "a review without reviewers": (["review", "issue", "--period", "2017"], "请写明评委"),
    "a review of no reviewers": (["review", "issue", *YEAR, "--count", "0"], "人数 0 不能用"),
    "a number of reviewers that is none": (["review", "issue", *YEAR, "--count", "七"], "不是整数"),
    "reviewers named and numbered": (
        ["review", "issue", *YEAR, "--count", "7", "--reviewers", "评委.txt"],
        "两者写一个",
    ),
    "reviewers that are not there": (
        ["review", "issue", *YEAR, "--reviewers", "没有.csv"],
        "“没有.csv”读不出来",
    ),
    "a review that was not issued": (["review", "consolidate", *YEAR], "先用 review issue"),
    "a workspace that is not there": (["issue", *PERIOD, "--workspace", "没"], "找不到工作文件夹"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_chinese_sentence_and_changes_nothing(
    mistake: str, terminal: Terminal
) -> None:
    arguments, words = MISTAKES[mistake]
    terminal.refused(*arguments, words=words)


@pytest.mark.parametrize("command", [[], ["plan"], ["review"]])
def test_a_group_alone_shows_its_help_or_says_what_is_missing(
    command: list[str], terminal: Terminal
) -> None:
    said = terminal(*command)
    assert said.status in (0, 2)
    assert "用法：" in said.out + said.error or said.error.startswith("错误：")
    assert "Usage" not in said.out + said.error


def test_a_plan_with_faults_stops_every_command_but_plan_check(returned: Terminal) -> None:
    folder = plan_folder(returned.root / "plan", "targets.csv", "86,23,14,50", "86,x,14,50")
    for command in (["issue", *PERIOD], ["consolidate", *PERIOD], ["plan", "show"]):
        returned.refused(
            *command, "--plan", folder, words="有 1 处错误：targets.csv 第 3 行 menghe 列"
        )
    returned.refused(
        "check", "returns/2017-Q4/chunjiang.xlsx", "--plan", folder, words="有 1 处错误"
    )


@pytest.mark.parametrize("part", ["output", "output/2017-Q4"])
def test_an_output_that_cannot_be_written_is_said_and_nothing_is_left_behind(
    part: str, returned: Terminal
) -> None:
    put(returned.root / part, b"a file where a folder should be")
    returned.refused("consolidate", *PERIOD, words="不能写入“.*汇总表_2017Q4.xlsx”|不能写入")


@pytest.mark.parametrize("part", ["templates", "templates/2017-Q4"])
def test_templates_that_cannot_be_written_are_said_and_none_is_left_behind(
    part: str, terminal: Terminal
) -> None:
    put(terminal.root / part, b"a file where a folder should be")
    terminal.refused("issue", *PERIOD, words="不能写入")


def test_a_workbook_that_is_a_folder_is_said(returned: Terminal) -> None:
    (returned.root / WORKBOOK).mkdir(parents=True)
    returned.refused("consolidate", *PERIOD, words="汇总表_2017Q4.xlsx”读不出来|不能写入")


def test_a_template_that_is_a_folder_is_said(terminal: Terminal) -> None:
    (terminal.root / TEMPLATE).mkdir(parents=True)
    terminal.refused("issue", *PERIOD, words="科技指标_春江镇_2017Q4.xlsx")


def test_an_output_that_is_not_ours_is_never_overwritten(returned: Terminal) -> None:
    path = returned.root / WORKBOOK
    path.parent.mkdir(parents=True)
    openpyxl.Workbook().save(path)
    returned.refused("consolidate", *PERIOD, words="不是2017年第四季度的汇总表")


def test_another_periods_workbook_under_this_name_is_never_overwritten(returned: Terminal) -> None:
    returned("consolidate", "returns", "--period", "2017-Q3")
    other = (returned.root / "output/2017-Q3/汇总表_2017Q3.xlsx").read_bytes()
    put(returned.root / WORKBOOK, other)
    returned.refused("consolidate", *PERIOD, words="不是2017年第四季度的汇总表")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"not a workbook"])
def test_a_district_workbook_that_cannot_be_read_is_never_overwritten(
    content: bytes, returned: Terminal
) -> None:
    put(returned.root / WORKBOOK, content)
    returned.refused("consolidate", *PERIOD, words="读不出来，其中可能有手工调整")


def test_a_workbook_whose_figures_lost_their_keys_is_never_overwritten(returned: Terminal) -> None:
    returned("consolidate", *PERIOD)
    workbook = openpyxl.load_workbook(returned.root / WORKBOOK)
    workbook["数据"].cell(2, 1).value = None
    workbook.save(returned.root / WORKBOOK)
    returned.refused("consolidate", *PERIOD, words="读不出来，其中可能有手工调整")


def test_a_workbook_that_lost_rows_of_figures_is_never_overwritten_unsaid(
    returned: Terminal,
) -> None:
    returned("consolidate", *PERIOD)
    adjust(returned.root / WORKBOOK, "chunjiang/hightech_firms", 90, "来函更正")
    workbook = openpyxl.load_workbook(returned.root / WORKBOOK)
    for row in range(1, workbook["数据"].max_row + 1):
        if workbook["数据"].cell(row, 1).value == "chunjiang/hightech_firms":
            workbook["数据"].cell(row, 1).value = None
    workbook.save(returned.root / WORKBOOK)
    said = returned("consolidate", *PERIOD)
    assert said.status == 2, "an adjustment was dropped without a word"


def test_an_issue_list_that_cannot_be_read_is_never_overwritten(terminal: Terminal) -> None:
    put(terminal.root / "templates/2017-Q4/发放清单.xlsx", b"PK\x03\x04 cut")
    terminal.refused("issue", *PERIOD, words="发放清单.xlsx”读不出来")


def test_an_issue_list_that_is_another_workbook_is_never_overwritten(terminal: Terminal) -> None:
    path = terminal.root / "templates/2017-Q4/发放清单.xlsx"
    path.parent.mkdir(parents=True)
    openpyxl.Workbook().save(path)
    terminal.refused("issue", *PERIOD, words="发放清单.xlsx")


def test_a_previous_workbook_that_cannot_be_read_stops_issuing(terminal: Terminal) -> None:
    put(terminal.root / "output/2017-Q3/汇总表_2017Q3.xlsx", b"PK\x03\x04 cut")
    terminal.refused("issue", *PERIOD, words="上期汇总表“.*”读不出来")


def test_a_fault_of_our_own_is_one_sentence_too_and_kept_in_a_file(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(spec: str) -> None:
        raise ZeroDivisionError(spec)

    monkeypatch.setattr("consolidator.intake.plans.load_plan", fail)
    monkeypatch.setattr("tempfile.tempdir", str(terminal.root))
    said = terminal("plan", "show")
    assert said.status == 3
    assert re.fullmatch(r"错误：程序内部出错[^\n]+。\n", said.error)
    (log,) = terminal.root.glob("consolidator-*.log")
    assert "ZeroDivisionError" in log.read_text("utf-8")
    assert str(log) in said.error


# Text from units stays text

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-1+1", "@SUM(1)", "\t=1+1", "{=1}", "http://x.example"]


def test_text_from_units_never_becomes_a_formula_or_a_link(terminal: Terminal) -> None:
    codes = [one.code for one in SHIPPED.indicators[1:8]]
    figures: Answers = {actual(code): text for code, text in zip(codes, FORMULAS, strict=True)}
    signed: Answers = {FILLED_BY: "=2+2", PHONE: "@x", Key("filed001", "kind"): "=3+3"}
    came_back(terminal.root, "chunjiang", figures | signed | {remark("tech_reports"): "=4+4"})
    names = ["=cmd.xlsx", "@x.xlsx", "+1.xlsx"]
    for name in names:
        put(terminal.root / "returns/2017-Q4" / name, b"")
    terminal("consolidate", *PERIOD)
    cells = [
        cell
        for sheet in openpyxl.load_workbook(terminal.root / WORKBOOK).worksheets
        for row in sheet.iter_rows()
        for cell in row
    ]
    for text in [*FORMULAS, "=2+2", "@x", *names]:
        found = [cell for cell in cells if str(cell.value).strip() == text.strip()]
        assert found, f"{text} is nowhere in the workbook"
        for cell in found:
            assert cell.data_type == "s", f"{cell.parent.title} {cell.coordinate}"
            assert cell.hyperlink is None
    assert not [cell for cell in cells if cell.data_type == "f" and "3+3" in str(cell.value)]


def test_the_places_named_are_those_of_the_form() -> None:
    places = Places(ask())
    assert places.local(actual("tech_reports")) == "H23"
    assert places.sheet(actual("tech_reports")) == MAIN
    assert Q4.code == "2017-Q4"


def test_a_file_that_is_no_return_is_never_said_to_be_ready(terminal: Terminal) -> None:
    put(terminal.root / "扫描件.pdf", b"%PDF-1.4")
    said = terminal("check", "扫描件.pdf")
    assert (said.status, said.error) == (1, "")
    assert said.out.startswith("扫描件.pdf：不能作为填报表上报。")


def test_an_empty_returns_folder_is_pointed_out(terminal: Terminal) -> None:
    (terminal.root / "returns/2017-Q4").mkdir(parents=True)
    said = terminal("consolidate", *PERIOD)
    assert said.status == 1
    assert "收回文件夹里没有文件" in said.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "没有写要做什么"),
        (("plan",), "没有写要做什么"),
        (("check",), "缺少文件"),
        (("consolidate", "--period"), "--period 后面没有写值"),
    ],
)
def test_half_a_command_is_answered_in_chinese(
    arguments: tuple[str, ...], words: str, terminal: Terminal
) -> None:
    said = terminal(*arguments)
    assert (said.status, said.out) == (2, "")
    assert words in said.error
