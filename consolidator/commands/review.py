"""review: issue the forms of annex 3 to reviewers, and merge what they return."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from consolidator.commands.issue import PASSWORD_VARIABLE
from consolidator.commands.options import (
    ATTENTION,
    PATH,
    WELL,
    brief_of,
    existing,
    json_option,
    now,
    passwords_option,
    period_option,
    plan_option,
    print_json,
    workspace_option,
)
from consolidator.console import ChineseCommand, ChineseGroup, progress, show_table
from consolidator.errors import OperatorError

if TYPE_CHECKING:
    from consolidator.report.review.consolidate import ConsolidatedReview

_SHOWN = 20
"""Findings and files that are listed in the terminal."""


@click.group(cls=ChineseGroup, help="评议（附件3）：给评委下发评议表，汇总评分。")
def review() -> None:
    """Hold the commands about the review together."""


@review.command(
    "issue",
    cls=ChineseCommand,
    help="下发评议表：给每位评委生成一份。\n\n"
    f"{PASSWORD_VARIABLE}：设了这个环境变量，就用它作保护密码；没有设的自动生成，记在发放清单里。",
)
@period_option
@click.option(
    "--reviewers",
    "listed",
    type=PATH,
    metavar="文件",
    help="评委名单（.xlsx、.csv、.txt）：每行姓名或编号，可加所属单位。",
)
@click.option("--count", metavar="人数", help="不写名单，按人数生成：评委01、评委02……")
@click.option(
    "--replace",
    is_flag=True,
    help="允许换发已按别的内容发放过的评议表，撤下不在名单里的评委（旧表存入 history）。",
)
@plan_option
@workspace_option
@json_option
def review_issue(
    period_code: str, listed: Path | None, count: str | None, replace: bool, plan_name: str,
    workspace: Path, as_json: bool,
) -> int:  # fmt: skip
    """Issue the forms of a review."""
    from consolidator.intake.plans import load_plan
    from consolidator.issue.issue_list import FILE_NAME
    from consolidator.issue.review_issuing import hold_annual, issue_reviews
    from consolidator.plan.period import Period
    from consolidator.signing import find_or_draw_key
    from consolidator.workspace import Workspace

    period, place = Period.parse(period_code), Workspace(existing(workspace))
    loaded = load_plan(plan_name)
    hold_annual(loaded, period)
    named = _named(listed, count, loaded)
    folder = place.reviews(place.templates(period))
    with progress("生成评议表") as begin:
        outcomes = issue_reviews(
            loaded,
            period,
            named,
            folder,
            now=now(),
            password=os.environ.get(PASSWORD_VARIABLE, ""),
            key=find_or_draw_key(place.root),
            replace=replace,
            step=begin(len(named)),
        )
    if as_json:
        issued = [
            {"reviewer": one.reviewer.code, "name": one.reviewer.name,
             "unit": one.reviewer.unit or None, "file": str(one.path), "state": one.state,
             "sha256": one.digest}
            for one in outcomes
        ]  # fmt: skip
        return print_json(
            {"period": period.code, "plan": loaded.name, "issued": issued,
             "issue_list": str(folder / FILE_NAME)}
        )  # fmt: skip
    words = {"new": "新发", "same": "未变", "replaced": "换发"}
    units = loaded.unit_by_code
    rows = [
        (one.reviewer.name, units[one.reviewer.unit].short if one.reviewer.unit else "—",
         one.path.name, words[one.state])
        for one in outcomes
    ]  # fmt: skip
    columns = [("评委", "left"), ("所在单位（回避）", "left"), ("文件", "left"), ("情况", "left")]
    show_table(columns, rows)
    click.echo(f"共 {len(outcomes)} 份，在 {folder}；密码和校验值记在“{FILE_NAME}”。")
    return WELL


def _named(listed: Path | None, count: str | None, plan: Any) -> list[tuple[str, str]]:
    """Return the reviewers that the operator names or numbers."""
    from consolidator.intake.reviewer_list import read_reviewers
    from consolidator.issue.review_issuing import numbered

    if (listed is None) == (count is None):
        raise OperatorError(
            "请写明评委：用 --reviewers 给出名单文件，或用 --count 写人数，两者写一个。"
        )
    if listed is not None:
        return read_reviewers(listed, plan)
    if not (count or "").isdecimal():
        raise OperatorError(f"评委人数“{count}”不是整数：请写数字，例如 --count 7。")
    return numbered(int(count or ""))


@review.command("consolidate", cls=ChineseCommand, help="汇总评议：读取收回的评议表，合并评分。")
@click.argument("paths", nargs=-1, type=PATH, metavar="[文件夹或文件]...")
@period_option
@passwords_option
@plan_option
@workspace_option
@json_option
def review_consolidate(
    paths: tuple[Path, ...], period_code: str, password_file: Path | None, plan_name: str,
    workspace: Path, as_json: bool,
) -> int:  # fmt: skip
    """Merge the reviewers' marks."""
    from dataclasses import replace

    from consolidator.intake.plans import load_plan
    from consolidator.issue.issue_list import FILE_NAME
    from consolidator.issue.review_issuing import hold_annual
    from consolidator.issue.review_list import read_review_list
    from consolidator.plan.period import Period
    from consolidator.report.review.consolidate import consolidate_reviews, to_json
    from consolidator.workspace import Workspace

    period, place = Period.parse(period_code), Workspace(existing(workspace))
    loaded = load_plan(plan_name)
    hold_annual(loaded, period)
    issue_list = place.reviews(place.templates(period)) / FILE_NAME
    reviewers = tuple(one.reviewer for one in read_review_list(issue_list).values())
    if not reviewers:
        raise OperatorError(
            f"“{issue_list}”里没有评委：请先用 review issue 下发评议表，或从备份恢复该清单。"
        )
    brief = brief_of(loaded, period, place, password_file)
    with progress("读取评议表") as begin:
        result = consolidate_reviews(
            replace(brief, reviewers=reviewers),
            paths or [place.reviews(place.returns(period))],
            place.output(period),
            now=now(),
            notice=place.notice(),
            begin=begin,
        )
    if as_json:
        print_json(to_json(result))
    else:
        _show(result)
    return ATTENTION if result.settled.needs_attention else WELL


def _show(result: "ConsolidatedReview") -> None:
    """Show reviewers, files, and the findings that staff must act on."""
    settled = result.settled
    rows = [
        (one.reviewer.name, one.status.chinese, len(one.marks), one.file)
        for one in settled.reviewers
    ]
    columns = [("评委", "left"), ("状态", "left"), ("采用评分", "right"), ("采用文件", "left")]
    show_table(columns, rows)
    files = "，".join(f"{one.chinese} {number}" for one, number in settled.file_totals.items())
    click.echo(f"应评 {len(settled.reviewers)} 人，收回 {settled.returned} 人。")
    click.echo(f"共 {len(settled.files)} 个文件：{files}。")
    if not settled.files:
        click.echo("注意：收回文件夹里没有文件，请确认文件夹对不对。")
    told = [one for one in settled.findings if one.severity != "info"]
    for one in told[:_SHOWN]:
        where = " ".join(part for part in (one.file, one.sheet, one.cell) if part)
        click.echo(f"  {one.severity.chinese}  {where or '评委'}：{one.message}。{one.remedy}")
    if len(told) > _SHOWN:
        click.echo(f"  其余 {len(told) - _SHOWN} 条见评议汇总的“问题清单”。")
    click.echo(f"\n评议汇总：{result.workbook}")
    if result.kept:
        click.echo(f"原评议汇总已存为：{result.kept}")
