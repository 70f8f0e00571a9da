"""consolidate: from returned files to the district workbook."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from consolidator.commands.options import (
    ATTENTION,
    PATH,
    WELL,
    brief_of,
    existing,
    history_of,
    json_option,
    now,
    passwords_option,
    period_option,
    plan_option,
    print_json,
    register_option,
    register_place,
    reviews_of,
    sealing_of,
    workspace_option,
)
from consolidator.commands.showing import show_result
from consolidator.console import ChineseCommand, progress


@click.command(cls=ChineseCommand, help="汇总：读取收回的填报表，逐格检查，生成全区汇总表。")
@click.argument("paths", nargs=-1, type=PATH, metavar="[文件夹或文件]...")
@period_option
@register_option
@passwords_option
@plan_option
@workspace_option
@json_option
def consolidate(
    paths: tuple[Path, ...], period_code: str, register_file: Path | None,
    password_file: Path | None, plan_name: str, workspace: Path, as_json: bool,
) -> int:  # fmt: skip
    """Consolidate a period."""
    from consolidator.intake.plans import load_plan
    from consolidator.plan.period import Period
    from consolidator.report.as_json import to_json
    from consolidator.report.consolidate import consolidate as consolidate_returns
    from consolidator.workspace import Workspace

    period, place = Period.parse(period_code), Workspace(existing(workspace))
    loaded = load_plan(plan_name)
    history = history_of(loaded, period, place)
    before = history.before(period)
    reviews = reviews_of(loaded, period, place)
    with progress("读取填报表") as begin, _no_collection():
        result = consolidate_returns(
            brief_of(loaded, period, place, password_file),
            paths or [place.returns(period)],
            place.output(period),
            now=now(),
            notice=place.notice(),
            previous=before.actuals if before else {},
            history=history,
            reviews=reviews,
            sealing=sealing_of(period, place),
            register=register_file,
            begin=begin,
        )
    if as_json:
        print_json(to_json(result))
    else:
        show_result(result)
        unused = register_place(place, period)
        if register_file is None and _is_filled(unused, loaded):
            click.echo(f"没有使用备案信息：“{unused}”在那里，要用请加 --register 和它的位置。")
        if reviews:
            came = f"收回 {reviews.returned}/{reviews.reviewers} 人"
            click.echo(f"计入评议：{reviews.file}，{came}。")
        click.echo(f"\n汇总表：{result.workbook}")
        if result.corrections:
            where = result.corrections[0].parent
            click.echo(f"更正表：{len(result.corrections)} 份，在 {where}，请发给对应的单位。")
        click.echo(f"处理意见：{result.decisions}")
        if result.kept:
            click.echo(f"原汇总表已存为：{result.kept}")
    return ATTENTION if result.settled.needs_attention else WELL


def _is_filled(register: Path, plan: Any) -> bool:
    """Tell whether a register lies there in which something was entered since it was written."""
    from consolidator.excel.writer import to_bytes
    from consolidator.forms.register.book import register_book

    return register.is_file() and register.read_bytes() != to_bytes(register_book(plan))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Spare a run the search for circles among its millions of small values: it makes none."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
