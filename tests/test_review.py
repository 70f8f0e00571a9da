"""The review from issue to result: forms go out, come back in any state, and are merged."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from consolidator.checks.review_selection import SettledReview
from consolidator.errors import OperatorError
from consolidator.files import sha256
from consolidator.forms.layout import Value
from consolidator.forms.review.assignment import Reviewer
from consolidator.forms.stamp import PROPERTY, SHEET, decode, key_name
from consolidator.intake.reviewer_list import read_reviewers
from consolidator.issue.issue_list import FILE_NAME
from consolidator.issue.review_issuing import ReviewOutcome, issue_reviews, numbered
from consolidator.issue.review_list import read_review_list
from consolidator.plan.model import MeanKind, Reviewing
from consolidator.report.review_results import read_review_results
from returns import NOON, SHIPPED, ask, plan_folder, put, rendered, small_plan
from reviews import (
    FIRST,
    GOOD,
    PLAN,
    REVIEWERS,
    YEAR,
    found,
    marked,
    restamped,
    review_plan,
    sent,
    settled,
)
from terminal import Terminal, contents

ISSUED = "templates/2017/评议"
RETURNS = "returns/2017/评议"
WORKBOOK = "output/2017/评议汇总_2017.xlsx"
PERIOD = ["--period", "2017"]


# Issuing


def issued(folder: Path, *named: tuple[str, str], **told: Any) -> list[ReviewOutcome]:
    return issue_reviews(PLAN, YEAR, list(named), folder, now=NOON, **told)


def test_a_form_a_reviewer_goes_out_with_a_list_of_them(terminal: Terminal) -> None:
    (terminal.root / "评委.txt").write_text("张三,春江镇\n李四\n", "utf-8")
    said = terminal("review", "issue", *PERIOD, "--reviewers", "评委.txt", "--json")
    assert said.status == 0
    told = said.json["issued"]
    assert [(one["reviewer"], one["name"], one["unit"], one["state"]) for one in told] == [
        ("reviewer01", "张三", "chunjiang", "new"), ("reviewer02", "李四", None, "new"),
    ]  # fmt: skip
    listed = read_review_list(terminal.root / ISSUED / FILE_NAME)
    for one in told:
        path = terminal.root / ISSUED / f"评议表_{one['name']}_2017.xlsx"
        assert path == Path(terminal.root, one["file"])
        record = listed[one["reviewer"]]
        assert record.reviewer == Reviewer(one["reviewer"], one["name"], one["unit"] or "")
        assert record.issued.digest == one["sha256"] == sha256(path.read_bytes())
        assert len(record.issued.password) == 10


def test_issuing_twice_gives_the_same_bytes(terminal: Terminal) -> None:
    arguments = ("review", "issue", *PERIOD, "--count", "3")
    assert terminal(*arguments).status == 0
    before = contents(terminal.root)
    said = terminal(*arguments, "--json")
    assert [one["state"] for one in said.json["issued"]] == ["same"] * 3
    assert contents(terminal.root) == before


def test_numbered_reviewers_sort_as_they_count() -> None:
    assert [name for name, _ in numbered(3)] == ["评委01", "评委02", "评委03"]
    assert numbered(120)[0] == ("评委001", "")


def test_a_form_that_went_out_otherwise_is_replaced_on_request_only(tmp_path: Path) -> None:
    issued(tmp_path, ("张三", ""), ("李四", ""))
    before = contents(tmp_path)
    with pytest.raises(OperatorError, match=r"评议表_张三_2017.*--replace"):
        issued(tmp_path, ("张三", "alpha"), ("李四", ""))
    assert contents(tmp_path) == before
    told = issued(tmp_path, ("张三", "alpha"), ("李四", ""), replace=True)
    assert [one.state for one in told] == ["replaced", "same"]
    kept = [path.name for path in (tmp_path / "history").iterdir()]
    assert sorted(name.partition("_2018")[0] for name in kept) == ["发放清单", "评议表_张三_2017"]


def test_a_reviewer_is_taken_off_the_list_on_request_only_and_the_form_is_kept(
    tmp_path: Path,
) -> None:
    issued(tmp_path, ("张三", ""), ("李四", ""))
    before = contents(tmp_path)
    with pytest.raises(OperatorError, match=r"评委 李四 不在这次的名单里.*--replace"):
        issued(tmp_path, ("张三", ""), ("王五", ""))
    assert contents(tmp_path) == before
    told = issued(tmp_path, ("张三", ""), ("王五", ""), replace=True)
    assert [(one.reviewer.code, one.state) for one in told] == [
        ("reviewer01", "same"), ("reviewer03", "new"),
    ]  # fmt: skip
    assert list(read_review_list(tmp_path / FILE_NAME)) == ["reviewer01", "reviewer03"]
    assert not (tmp_path / "评议表_李四_2017.xlsx").exists()
    (kept,) = (tmp_path / "history").glob("评议表_李四*")
    assert kept.read_bytes() == before["评议表_李四_2017.xlsx"]


def test_a_further_reviewer_changes_nothing_for_the_others(tmp_path: Path) -> None:
    issued(tmp_path, ("张三", ""), ("李四", ""))
    before = contents(tmp_path)
    told = issued(tmp_path, ("王五", ""), ("李四", ""), ("张三", ""))
    assert [(one.reviewer.code, one.state) for one in told] == [
        ("reviewer03", "new"), ("reviewer02", "same"), ("reviewer01", "same"),
    ]  # fmt: skip
    after = contents(tmp_path)
    for name in ("评议表_张三_2017.xlsx", "评议表_李四_2017.xlsx"):
        assert after[name] == before[name]


@pytest.mark.parametrize(
    "names",
    [["张/三"], ["CON"], [""], ["张三."], ["甲" * 31], ["张\u200b三"], ["张三", "张三"],
     ["A", "Ａ"], ["Li", "LI"], []],
    ids=str,
)  # fmt: skip
def test_names_that_no_file_or_two_files_could_have_are_refused(
    names: list[str], tmp_path: Path
) -> None:
    with pytest.raises(OperatorError):
        issued(tmp_path, *((name, "") for name in names))
    assert not list(tmp_path.iterdir())


def test_a_plan_without_review_items_has_no_review(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="没有评议内容"):
        issue_reviews(small_plan(), YEAR, [("张三", "")], tmp_path, now=NOON)


def test_a_plan_with_more_items_than_formulas_take_is_refused(tmp_path: Path) -> None:
    items = tuple(replace(PLAN.review_items[0], number=n) for n in range(1, 52))
    with pytest.raises(OperatorError, match="最多 50 项"):
        issue_reviews(replace(PLAN, review_items=items), YEAR, [("张三", "")], tmp_path, now=NOON)


def own_workbook(*rows: tuple[str | int | None, ...]) -> bytes:
    book, target = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(target)
    return target.getvalue()


LISTS: dict[str, bytes] = {
    "a.txt": "张三\n李四，乙镇\n".encode(),
    "b.txt": "姓名\t单位\n张三\t\n李四\tbeta\n".encode("utf-8-sig"),
    "c.csv": '姓名,所属单位\n"张三",\n李四,乙镇\n'.encode("gb18030"),
    "d.csv": "所属单位,序号,姓名\n,1,张三\n乙 镇,2,李四\n\n".encode(),
    "e.xlsx": own_workbook(("姓名或编号", "所属单位"), ("张三", None), ("李四", "乙镇")),
    "f.xlsx": own_workbook((None, None), ("张三",), ("李四", "beta")),
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_reviewers_are_read_whatever_their_form(name: str, tmp_path: Path) -> None:
    path = put(tmp_path / name, LISTS[name])
    assert read_reviewers(path, PLAN) == [("张三", ""), ("李四", "beta")]


def test_a_reviewers_number_is_a_name_too(tmp_path: Path) -> None:
    path = put(tmp_path / "a.xlsx", own_workbook(("编号",), (7,), (12,)))
    assert read_reviewers(path, PLAN) == [("7", ""), ("12", "")]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", "张三,外镇\n".encode(), "第 1 行的单位“外镇”不认识"),
        ("a.csv", "姓名,单位\n,乙镇\n".encode(), "第 2 行没有姓名"),
        ("a.csv", "1,张三,乙镇\n".encode(), "第 1 行多于两列"),
        ("a.txt", b"", "里没有评委"),
        ("a.txt", b"\xff\xff\xff", "UTF-8"),
        ("a.xlsx", b"hello", "读不出来"),
        ("a.docx", b"", "读不出来"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_by_its_row(
    name: str, content: bytes, words: str, tmp_path: Path
) -> None:
    with pytest.raises(OperatorError, match=words):
        read_reviewers(put(tmp_path / name, content), PLAN)


# What comes back


def outcome(result: SettledReview) -> dict[str, tuple[str, str]]:
    return {one.file: (str(one.status), one.code) for one in result.files}


def test_every_file_ends_in_one_status(tmp_path: Path) -> None:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("评委03.xlsx", sent(reviewer=REVIEWERS[2]))
        archive.writestr("说明.txt", "你好")
    result = settled(
        tmp_path,
        {
            "评委01.xlsx": sent(),
            "评委01 (2).xlsx": sent(),
            "评委01 改.xlsx": sent("9 4 9 4.5 7.5 3"),
            "评委02.xlsx": sent(reviewer=REVIEWERS[1]),
            "包.zip": zipped.getvalue(),
            "填报表.xlsx": rendered(ask("alpha", plan=small_plan())),
            "外人.xlsx": sent(reviewer=Reviewer("reviewer09", "外人")),
            "坏.xlsx": sent()[:900],
            "自制.xlsx": own_workbook(("张三", 8)),
            "~$评委01.xlsx": b"x",
        },
    )
    assert outcome(result) == {
        "评委01.xlsx": ("duplicate", "duplicate_file"),
        "评委01 (2).xlsx": ("superseded", "review_superseded"),
        "评委01 改.xlsx": ("counted", ""),
        "评委02.xlsx": ("counted", ""),
        "包.zip": ("ignored", "archive_opened"),
        "包.zip/评委03.xlsx": ("counted", ""),
        "包.zip/说明.txt": ("ignored", "file_foreign"),
        "填报表.xlsx": ("ignored", "form_of_unit"),
        "外人.xlsx": ("rejected", "unknown_reviewer"),
        "坏.xlsx": ("rejected", "file_damaged"),
        "自制.xlsx": ("rejected", "file_not_ours"),
        "~$评委01.xlsx": ("ignored", "file_leftover"),
    }
    assert sum(result.file_totals.values()) == len(result.files) == 12
    assert sum(result.reviewer_totals.values()) == len(REVIEWERS)
    assert result.returned == 3


def test_a_later_form_with_errors_is_passed_over(tmp_path: Path) -> None:
    result = settled(tmp_path, {"甲.xlsx": sent(), "乙.xlsx": sent("11 4 9 4.5 7.5 3")})
    assert outcome(result) == {
        "甲.xlsx": ("counted", ""), "乙.xlsx": ("superseded", "review_passed_over"),
    }  # fmt: skip


def test_one_reviewers_form_under_anothers_name_counts_once_and_the_other_is_missing(
    tmp_path: Path,
) -> None:
    result = settled(
        tmp_path, {"评委01.xlsx": sent(), "评委02.xlsx": sent("9 4 9 4.5 7.5 3")},
        reviewers=REVIEWERS[:2],
    )  # fmt: skip
    assert [(one.reviewer.name, str(one.status), one.file) for one in result.reviewers] == [
        ("评委01", "returned", "评委02.xlsx"), ("评委02", "missing", ""),
    ]  # fmt: skip
    assert {one.code for one in result.findings} == {
        "file_name_differs", "review_superseded", "missing_reviewer",
    }  # fmt: skip


def test_a_name_written_over_another_is_refused(tmp_path: Path) -> None:
    result = settled(tmp_path, {"甲.xlsx": sent(cells={"B4": "评委：评委02"})})
    assert outcome(result) == {"甲.xlsx": ("rejected", "reviewer_name_differs")}


KEY = b"0123456789abcdef"
STAMP = marked(FIRST, GOOD).stamp
STAMPS = {
    "wrong_period": replace(STAMP, period="2018"),
    "wrong_form": replace(STAMP, form="review/0"),
    "unknown_reviewer": replace(STAMP, unit="reviewer77"),
    "review_outdated": replace(STAMP, fingerprint="0" * 12),
    "stamp_forged": replace(STAMP, signature=f"{key_name(KEY)}.{'0' * 32}"),
    "form_of_unit": replace(STAMP, form="quarterly/2"),
}


@pytest.mark.parametrize("code", STAMPS)
def test_a_stamp_of_something_else_is_refused(code: str, tmp_path: Path) -> None:
    result = settled(tmp_path, {"甲.xlsx": restamped(STAMPS[code])}, signing_key=KEY)
    assert [one.code for one in result.files] == [code]
    assert result.returned == 0


def test_a_signed_form_is_taken_without_remark_and_an_unsigned_one_with(tmp_path: Path) -> None:
    signed = sent(signing_key=KEY)
    told = {"reviewers": [FIRST], "signing_key": KEY}
    assert found(tmp_path / "a", {"甲.xlsx": signed}, **told) == []
    unsigned = found(tmp_path / "b", {"甲.xlsx": sent()}, **told)
    assert [one.code for one in unsigned] == ["stamp_unsigned"]


def test_other_items_full_marks_or_units_make_a_form_outdated(tmp_path: Path) -> None:
    items, units = PLAN.review_items, PLAN.units
    for number, plan in enumerate(
        [
            replace(PLAN, review_items=(replace(items[0], full_marks=20), items[1])),
            replace(PLAN, review_items=(replace(items[0], name="别的"), items[1])),
            replace(PLAN, units=(replace(units[0], name="别镇"), *units[1:])),
        ]
    ):
        result = settled(tmp_path / str(number), {"甲.xlsx": sent(plan=plan)})
        assert [one.code for one in result.files] == ["review_outdated"]


def test_another_way_to_merge_does_not_make_forms_outdated(tmp_path: Path) -> None:
    result = settled(tmp_path, {"甲.xlsx": sent(plan=review_plan(MeanKind.TRIMMED))})
    assert [str(one.status) for one in result.files] == ["counted"]


ALTERED: dict[str, tuple[dict[str, Value], list[tuple[str, str]], int]] = {
    "a unit's name": ({"C9": "丙街道"}, [("C9", "review_altered")], 4),
    "an item's name": ({"D7": "2. 特色工作\n（满分 10 分）"}, [("D7", "review_altered")], 3),
    "full marks": ({"E7": "2. 特色工作\n（满分 50 分）"}, [("E7", "review_altered")], 3),
    "a total": ({"F8": 30.0}, [("F8", "stale_result")], 6),
}


@pytest.mark.parametrize("what", ALTERED)
def test_an_altered_locked_cell_voids_the_marks_whose_meaning_it_changes(
    what: str, tmp_path: Path
) -> None:
    cells, expected, counting = ALTERED[what]
    result = settled(tmp_path, {"甲.xlsx": sent(cells=cells)}, reviewers=[FIRST])
    assert [(one.cell, one.code) for one in result.findings] == expected
    assert len(result.reviewers[0].marks) == counting


def edited(act: Any) -> bytes:
    """Return a good form after something was done to its sheet with openpyxl."""
    book = openpyxl.load_workbook(io.BytesIO(sent()))
    # openpyxl leaves merged areas where they were when rows move: a spreadsheet program does not.
    for area in list(book["评议表"].merged_cells.ranges):
        book["评议表"].unmerge_cells(str(area))
    act(book["评议表"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def set_error(sheet: Any) -> None:
    sheet["D8"] = "#DIV/0!"
    sheet["D8"].data_type = "e"


def swap_rows(sheet: Any) -> None:
    for column in "ABCDEFGHIJ":
        one, other = sheet[f"{column}8"], sheet[f"{column}9"]
        if "=" not in str(one.value):
            one.value, other.value = other.value, one.value


def copy_row(sheet: Any) -> None:
    for column in "ABCDE":
        sheet[f"{column}14"] = sheet[f"{column}8"].value
    sheet["D14"] = 2


DONE_TO_IT = {
    "rows inserted above": (lambda s: s.insert_rows(3, 2), [("", "layout_moved")], 6),
    "a row inserted in it": (lambda s: s.insert_rows(9), [("", "layout_moved")], 6),
    "a column inserted": (lambda s: s.insert_cols(4), [("", "layout_moved")], 6),
    "the sheet renamed": (lambda s: setattr(s, "title", "我的"), [("", "layout_moved")], 6),
    "rows in another order": (swap_rows, [("", "layout_moved")], 6),
    "a row deleted": (
        lambda s: s.delete_rows(9), [("", "cell_lost"), ("", "cell_lost"), ("", "layout_moved")], 4,
    ),
    "a row copied and its copy changed": (
        copy_row, [("", "row_doubled"), ("", "row_doubled")], 4,
    ),
    "two marks merged": (
        lambda s: s.merge_cells("D8:E8"), [("D8", "entry_merged"), ("E8", "entry_merged")], 4,
    ),
    "a mark merged with the total": (
        lambda s: s.merge_cells("E8:F8"), [("E8", "cells_merged")], 6,
    ),
    "an error value": (set_error, [("D8", "error_value")], 5),
    "a formula without result": (
        lambda s: s.__setitem__("D8", "=4+4"), [("D8", "formula_uncomputed")], 5,
    ),
    "a percentage": (
        lambda s: setattr(s["D8"], "number_format", "0%"), [("D8", "not_a_number")], 5,
    ),
    "a hidden row": (
        lambda s: setattr(s.row_dimensions[8], "hidden", True),
        [("D8", "hidden_entry"), ("E8", "hidden_entry")], 6,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", DONE_TO_IT)
def test_what_is_done_to_a_form_costs_no_mark_that_can_be_told(what: str, tmp_path: Path) -> None:
    act, expected, counting = DONE_TO_IT[what]
    result = settled(tmp_path, {"甲.xlsx": edited(act)}, reviewers=[FIRST])
    assert sorted((one.cell, one.code) for one in result.findings) == sorted(expected)
    marks = result.reviewers[0].marks
    assert len(marks) == counting
    good = {"alpha/item1": 8, "alpha/item2": 4, "beta/item1": 9, "beta/item2": 4.5,
            "gamma/item1": 7.5, "gamma/item2": 3}  # fmt: skip
    assert {f"{key.row}/{key.column}": mark for key, mark in marks.items()}.items() <= good.items()


def test_a_copied_sheet_is_refused_and_never_guessed(tmp_path: Path) -> None:
    content = edited(lambda sheet: sheet.parent.copy_worksheet(sheet))
    assert outcome(settled(tmp_path, {"甲.xlsx": content})) == {
        "甲.xlsx": ("rejected", "layout_lost")
    }


def test_a_form_without_its_keys_is_refused_and_never_guessed(tmp_path: Path) -> None:
    content = edited(lambda sheet: sheet.delete_rows(2))
    assert outcome(settled(tmp_path, {"甲.xlsx": content})) == {
        "甲.xlsx": ("rejected", "layout_lost")
    }


# The command


@pytest.fixture
def returned(terminal: Terminal) -> Terminal:
    """Give a workspace in which three reviewers were sent forms and two returned them."""
    terminal("review", "issue", *PERIOD, "--count", "3")
    for number, mark in ((1, 8), (2, 9)):
        name = f"评议表_评委{number:02d}_2017.xlsx"
        book = openpyxl.load_workbook(terminal.root / ISSUED / name)
        for row in range(8, 19):
            for column in "DEF":
                book["评议表"][f"{column}{row}"] = mark
        book.properties.modified = NOON + timedelta(hours=number)
        (terminal.root / RETURNS).mkdir(parents=True, exist_ok=True)
        book.save(terminal.root / RETURNS / name)
    return terminal


def test_the_means_are_told_in_the_workbook_and_in_json(returned: Terminal) -> None:
    said = returned("review", "consolidate", *PERIOD, "--json")
    assert said.status == 1
    told = said.json
    assert set(told) == {
        "period", "plan", "mean", "reviewers", "files", "findings", "results", "outputs",
    }  # fmt: skip
    assert [(one["name"], one["status"]) for one in told["reviewers"]] == [
        ("评委01", "returned"), ("评委02", "returned"), ("评委03", "missing"),
    ]  # fmt: skip
    assert [(one["code"], one["reviewer"]) for one in told["findings"]] == [
        ("missing_reviewer", "reviewer03")
    ]
    assert len(told["results"]) == 33
    assert {(one["mean"], one["marks"]) for one in told["results"]} == {(8.5, 2)}
    read = read_review_results(returned.root / WORKBOOK, SHIPPED, YEAR)
    assert read.marks == {(one["unit"], one["item"]): 8.5 for one in told["results"]}
    assert set(read.counted.values()) == {2}
    assert (read.file, read.sheet) == ("评议汇总_2017.xlsx", "评议结果")
    assert (read.reviewers, read.returned) == (3, 2)
    book = openpyxl.load_workbook(returned.root / WORKBOOK, data_only=True)
    assert {book[read.sheet][cell].value for cell in read.cells.values()} == {8.5}
    assert json.dumps(told, allow_nan=False)


def test_all_is_well_when_every_reviewer_returned(returned: Terminal) -> None:
    third = "评议表_评委03_2017.xlsx"
    book = openpyxl.load_workbook(returned.root / ISSUED / third)
    for row in range(8, 19):
        book["评议表"][f"I{row}"] = "未参加"
    book.save(returned.root / RETURNS / third)
    said = returned("review", "consolidate", *PERIOD)
    assert said.status == 0
    assert "应评 3 人，收回 3 人" in said.out


def test_an_earlier_result_is_kept_and_another_workbook_is_never_overwritten(
    returned: Terminal,
) -> None:
    returned("review", "consolidate", *PERIOD)
    before = (returned.root / WORKBOOK).read_bytes()
    returned("review", "consolidate", *PERIOD)
    (kept,) = (returned.root / "output/2017/history").iterdir()
    assert kept.read_bytes() == before
    put(returned.root / WORKBOOK, own_workbook(("我的",)))
    returned.refused("review", "consolidate", *PERIOD, words="不是2017年度的评议汇总")
    put(returned.root / WORKBOOK, b"hello")
    returned.refused("review", "consolidate", *PERIOD, words="读不出来")


def test_a_result_from_before_the_plan_changed_is_kept_and_renewed(returned: Terminal) -> None:
    returned("review", "consolidate", *PERIOD)
    folder = plan_folder(returned.root / "plan", "plan.toml", 'mean = "plain"', 'mean = "trimmed"')
    said = returned("review", "consolidate", *PERIOD, "--plan", folder, "--json")
    assert (said.status, said.json["mean"]) == (1, "trimmed")
    assert len(list((returned.root / "output/2017/history").iterdir())) == 1


def test_an_empty_folder_is_pointed_out_and_a_missing_one_refused(returned: Terminal) -> None:
    (returned.root / "空").mkdir()
    said = returned("review", "consolidate", "空", *PERIOD)
    assert said.status == 1
    assert "收回文件夹里没有文件" in said.out
    read = read_review_results(returned.root / WORKBOOK, SHIPPED, YEAR)
    assert (read.marks, read.returned, read.reviewers) == ({}, 0, 3)
    returned.refused("review", "consolidate", "没有", *PERIOD, words="找不到“没有”")


def test_a_result_that_cannot_be_written_is_said(returned: Terminal) -> None:
    (returned.root / "output").write_text("", "utf-8")
    returned.refused("review", "consolidate", *PERIOD, words="不能写入“output")


def test_an_issue_list_that_cannot_be_read_stops_both_commands(returned: Terminal) -> None:
    put(returned.root / ISSUED / FILE_NAME, b"hello")
    returned.refused("review", "consolidate", *PERIOD, words="发放清单.xlsx”读不出来")
    returned.refused("review", "issue", *PERIOD, "--count", "3", words="发放清单.xlsx”读不出来")


def test_returned_forms_are_never_touched(returned: Terminal) -> None:
    before = contents(returned.root / "returns")
    returned("review", "consolidate", *PERIOD)
    assert contents(returned.root / "returns") == before


def test_forms_of_a_review_do_not_disturb_the_years_own_returns(returned: Terminal) -> None:
    said = returned("consolidate", *PERIOD, "--json")
    assert said.status == 1
    assert {(one["status"], one["code"]) for one in said.json["files"]} == {
        ("ignored", "form_of_review")
    }
    assert {one["code"] for one in said.json["findings"] if one["severity"] == "error"} == {
        "missing_unit"
    }


# The result read back


def test_results_of_another_year_or_plan_or_without_results_are_refused(
    returned: Terminal,
) -> None:
    returned("review", "consolidate", *PERIOD)
    path = returned.root / WORKBOOK
    other = replace(SHIPPED, review_items=SHIPPED.review_items[:2])
    trimmed = replace(SHIPPED, reviewing=Reviewing(MeanKind.TRIMMED))
    for changed in (other, trimmed):
        with pytest.raises(OperatorError, match="目标任务调整以前汇总的"):
            read_review_results(path, changed, YEAR)
    with pytest.raises(OperatorError, match="不是2017年度的评议汇总"):
        read_review_results(path, replace(SHIPPED, name="2018"), YEAR)
    book = openpyxl.load_workbook(path)
    book.save(path)
    with pytest.raises(OperatorError, match="不是算好的平均分"):
        read_review_results(path, SHIPPED, YEAR)
    with pytest.raises(OperatorError, match="读不出来"):
        read_review_results(put(path, b"PK"), SHIPPED, YEAR)
    with pytest.raises(OperatorError, match="读不出来"):
        read_review_results(path.with_name("没有.xlsx"), SHIPPED, YEAR)


def test_the_stamp_stands_in_three_places() -> None:
    book: Any = openpyxl.load_workbook(io.BytesIO(sent()))
    text = book["评议表"]["A1"].value
    stamp = decode(text)
    assert stamp is not None
    assert (stamp.form, stamp.unit, stamp.period) == ("review/1", "reviewer01", "2017")
    assert book[SHEET]["A1"].value == text
    assert {one.value for one in book.custom_doc_props.props if one.name == PROPERTY} == {text}
