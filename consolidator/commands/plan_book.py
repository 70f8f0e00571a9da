"""plan export and plan import: the plan as a workbook that staff edit, and official tables."""

from pathlib import Path

import click

from consolidator.commands.options import (
    PATH,
    WELL,
    json_option,
    now,
    plan_option,
    print_json,
)
from consolidator.console import ChineseCommand


@click.command(
    cls=ChineseCommand,
    name="export",
    help="导出：把目标任务写成可以修改的工作簿，或文本文件的文件夹。",
)
@click.option(
    "--to", "target", type=PATH, metavar="工作簿|文件夹",
    help="写到哪里：.xlsx 结尾的工作簿，或一个新文件夹；默认为“目标任务_年度.xlsx”。",
)  # fmt: skip
@plan_option
@json_option
def plan_export(target: Path | None, plan_name: str, as_json: bool) -> int:
    """Write the plan as a workbook or a folder."""
    from consolidator.intake.plans import tables_named
    from consolidator.issue.plan_writing import default_target, write_plan

    tables = tables_named(plan_name)
    path, kept = write_plan(tables, target or default_target(tables), now=now())
    if as_json:
        return print_json(
            {"plan": plan_name, "written": str(path), "kept": str(kept) if kept else None}
        )
    click.echo(f"已写出：{path}")
    if kept:
        click.echo(f"原文件已存为：{kept}")
    return WELL
