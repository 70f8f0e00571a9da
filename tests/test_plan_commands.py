"""plan export and plan import at the command line, and the plan workbook in other commands."""

from pathlib import Path

import pytest

from consolidator.intake.plans import load_plan
from official import into_word, official, saved
from plans import SHIPPED_TABLES, many
from returns import SHIPPED, ask, plan_folder, put, rendered
from terminal import Terminal, contents
from test_cli import PERIOD
from test_plan_book import SHIPPED_BOOK, TARGETS_PART, stored, text, written
from workbook_parts import with_part

BOOK = "目标任务_2017.xlsx"


def test_exporting_writes_a_workbook_that_serves_as_the_plan(terminal: Terminal) -> None:
    said = terminal("plan", "export")
    assert (said.status, said.out) == (0, f"已写出：{BOOK}\n")
    assert load_plan(str(terminal.root / BOOK)) == SHIPPED
    assert terminal("plan", "show", "--plan", BOOK).out == terminal("plan", "show").out


def test_a_workbook_that_stands_is_kept_before_it_is_replaced(terminal: Terminal) -> None:
    terminal("plan", "export")
    assert "原文件" not in terminal("plan", "export").out, "nothing changed"
    edited = with_part(SHIPPED_BOOK, TARGETS_PART, stored("H7", "<v>24</v>"))
    put(terminal.root / BOOK, edited)
    said = terminal("plan", "export", "--json").json
    assert Path(said["kept"]).read_bytes() == edited
    assert load_plan(str(terminal.root / BOOK)) == SHIPPED


def test_exporting_to_a_folder_writes_the_text_files(terminal: Terminal) -> None:
    assert terminal("plan", "export", "--to", "文本").status == 0
    assert load_plan("文本") == SHIPPED
    assert sorted(path.name for path in Path("文本").iterdir()) == sorted(
        [*(f"{table}.csv" for table in SHIPPED_TABLES.rows), "plan.toml"]
    )


def test_exporting_never_writes_over_what_it_does_not_know(terminal: Terminal) -> None:
    put(terminal.root / "文本" / "a.txt", b"mine")
    put(terminal.root / "文件", b"mine")
    (terminal.root / "目录.xlsx").mkdir()
    put(terminal.root / "目录.xlsx" / "a.txt", b"mine")
    for target, words in (
        ("文本", "已有文件"), ("文件", "不能写成"), ("a.csv", "不能写成"),
        ("目录.xlsx", "已有文件"), ("a.docx", "不能写成"),
    ):  # fmt: skip
        terminal.refused("plan", "export", "--to", target, words=words)


def test_a_plan_with_faults_is_exported_faults_and_all(terminal: Terminal) -> None:
    folder = plan_folder(terminal.root / "plan", "targets.csv", "86,23,14,50", "86,23家,,50")
    assert terminal("plan", "export", "--plan", folder, "--to", "甲.xlsx").status == 0
    faults = terminal("plan", "check", "--plan", "甲.xlsx", "--json").json["faults"]
    assert [one["place"] for one in faults if one["severity"] == "error"] == [
        "“目标”表 H7", "“目标”表 I7",
    ]  # fmt: skip


def test_a_workbook_with_faults_stops_other_commands(terminal: Terminal) -> None:
    put(terminal.root / "甲.xlsx", with_part(SHIPPED_BOOK, TARGETS_PART, text("H7", "86家")))
    for command in (["issue", *PERIOD], ["consolidate", *PERIOD], ["plan", "show"]):
        terminal.refused(*command, "--plan", "甲.xlsx", words="有 1 处错误：“目标”表 H7")
    assert terminal("plan", "check", "--plan", "甲.xlsx").status == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("没有.xlsx", None, "读不出来"),
        ("模板.xlsx", rendered(ask()), "不是目标任务工作簿"),
        ("文件.docx", b"PK", "plan import"),
    ],
)
def test_a_file_that_is_no_plan_is_refused(
    name: str, content: bytes | None, words: str, terminal: Terminal
) -> None:
    if content is not None:
        put(terminal.root / name, content)
    terminal.refused("plan", "check", "--plan", name, words=words)


@pytest.mark.parametrize("indicators", [1, 100])
def test_a_plan_workbook_serves_from_issuing_to_consolidating(
    indicators: int, terminal: Terminal
) -> None:
    written(terminal.root / "目标任务.xlsx", many(2, indicators))
    plan = ("--plan", "目标任务.xlsx")
    assert terminal("plan", "check", *plan).status == 0
    assert terminal("issue", *PERIOD, *plan).status == 0
    assert len(list((terminal.root / "templates/2017-Q4").glob("*.xlsx"))) == 3
    (terminal.root / "returns/2017-Q4").mkdir(parents=True)
    said = terminal("consolidate", *PERIOD, *plan)
    assert (said.status, said.error) == (1, "")
    assert (terminal.root / "output/2017-Q4/汇总表_2017Q4.xlsx").exists()


# Importing


def test_importing_the_official_document_writes_the_plan(terminal: Terminal) -> None:
    put(terminal.root / "附件.docx", saved(into_word(official())))
    said = terminal("plan", "import", "附件.docx")
    assert (said.status, said.error) == (0, "")
    assert "看不懂" not in said.out
    assert load_plan(BOOK) == SHIPPED


def test_what_is_not_understood_is_listed_and_left_blank(terminal: Terminal) -> None:
    def printed(row: str, unit: str, said: str) -> str:
        return {("hightech_firms", "menghe"): "23家", ("tech_reports", "luoxi"): ""}.get(
            (row, unit), said
        )

    put(terminal.root / "附件.docx", saved(into_word(official(change=printed))))
    told = terminal("plan", "import", "附件.docx", "--to", "甲.xlsx", "--json")
    assert told.status == 1
    assert [
        (one["place"], one["found"], one["reason"])
        for one in told.json["understood"]["not_understood"]
    ] == [
        ("第 2 个表格第 3 行第 4 格", "23家", "不是数字"),
        ("第 2 个表格第 16 行第 8 格", "", "空白"),
    ]
    errors = [one["place"] for one in told.json["faults"] if one["severity"] == "error"]
    assert errors == ["“目标”表 H7", "“目标”表 K20"]
    shown = terminal("plan", "import", "附件.docx", "--to", "甲.xlsx")
    assert shown.status == 1
    assert "第 2 个表格第 3 行第 4 格" in shown.out
    assert "23家" in shown.out


def test_importing_a_plan_workbook_writes_it_as_text(terminal: Terminal) -> None:
    written(terminal.root / "甲.xlsx")
    assert terminal("plan", "import", "甲.xlsx", "--to", "文本").status == 0
    assert load_plan("文本") == SHIPPED


def test_importing_over_the_file_itself_keeps_it(terminal: Terminal) -> None:
    edited = with_part(SHIPPED_BOOK, TARGETS_PART, text("H7", "２４"))
    put(terminal.root / "甲.xlsx", edited)
    said = terminal("plan", "import", "甲.xlsx", "--to", "甲.xlsx", "--json").json
    assert Path(said["kept"]).read_bytes() == edited
    assert load_plan("甲.xlsx").target("menghe", "hightech_firms") == 24


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("没有.docx", None, "读不出来"),
        ("模板.xlsx", rendered(ask()), "另一种工作簿"),
        ("附件.docx", b"PK\x03\x04 cut", "读不出来"),
        ("附件.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"WordDocument".join([b"\0"] * 2),
         "读不出来|旧格式"),
        ("附件.pdf", b"%PDF-1.4", "读不出来"),
        ("空.docx", saved(into_word(["没有表格"])), "没有找到附件2"),
        ("两个.docx", saved(into_word([*official(), *official()])), "2 个像附件"),
    ],
)  # fmt: skip
def test_what_holds_no_plan_is_refused(
    name: str, content: bytes | None, words: str, terminal: Terminal
) -> None:
    if content is not None:
        put(terminal.root / name, content)
    before = contents(terminal.root)
    terminal.refused("plan", "import", name, words=words)
    assert contents(terminal.root) == before
