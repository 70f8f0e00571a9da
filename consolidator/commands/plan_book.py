"""plan export and plan import: the plan as a workbook that staff edit, and official tables."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from consolidator.commands.options import (
    ATTENTION,
    PATH,
    WELL,
    json_option,
    now,
    plan_option,
    print_json,
)
from consolidator.console import ChineseCommand, show_table

if TYPE_CHECKING:
    from consolidator.intake.official.understanding import Understanding
    from consolidator.plan.faults import Fault


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


@click.command(
    cls=ChineseCommand,
    name="import",
    help="导入：读入改好的工作簿，或正式文件（.docx）、粘贴的表格（.xlsx）里的附件，写成目标任务。\n\n"
    "单位和指标按名称与 --base 对应；看不懂的格子逐一列出并留空，绝不猜测。",
)
@click.argument("file", type=PATH, metavar="文件")
@click.option(
    "--to", "target", type=PATH, metavar="工作簿|文件夹",
    help="写到哪里：.xlsx 结尾的工作簿，或一个新文件夹；默认为“目标任务_年度.xlsx”。",
)  # fmt: skip
@click.option(
    "--base", "base_name", default="2017", show_default=True, metavar="年度|工作簿|文件夹",
    help="与哪个目标任务对应：代码、类型、含义、规则从它沿用。",
)  # fmt: skip
@json_option
def plan_import(file: Path, target: Path | None, base_name: str, as_json: bool) -> int:
    """Read a plan workbook or an official document and write the plan."""
    from consolidator.intake.official.importing import read_file
    from consolidator.intake.plans import tables_named
    from consolidator.issue.plan_writing import default_target, write_plan
    from consolidator.plan.check import examine
    from consolidator.severity import Severity

    tables, understanding = read_file(file, lambda: tables_named(base_name))
    path, kept = write_plan(tables, target or default_target(tables), now=now())
    _, faults = examine(tables_named(str(path)))
    errors = [fault for fault in faults if fault.severity is Severity.ERROR]
    attention = bool(errors or (understanding and understanding.problems))
    if as_json:
        print_json(
            {
                "file": str(file),
                "understood": understanding.to_json() if understanding else None,
                "faults": [
                    {"severity": str(one.severity), "place": one.place, "message": one.message}
                    for one in faults
                ],
                "written": str(path),
                "kept": str(kept) if kept else None,
            }
        )
        return ATTENTION if attention else WELL
    if understanding:
        _show(understanding)
    _show_faults(faults)
    click.echo(f"已写出：{path}")
    if kept:
        click.echo(f"原文件已存为：{kept}")
    verdict = f"还有 {len(errors)} 处要补齐或改正" if errors else "没有错误，请与原文件核对后使用"
    click.echo(f"目标任务“{path}”：{verdict}。")
    return ATTENTION if attention else WELL


def _show(understanding: "Understanding") -> None:
    """Show what was understood of a document, and every cell that was not."""
    found = [(one.annex, one.place, one.rows, one.columns) for one in understanding.tables]
    show_table([("附件", "left"), ("在哪里", "left"), ("行", "right"), ("列", "right")], found)
    rows: list[tuple[Any, ...]] = []
    for kind, one in understanding.compared.items():
        rows.append((kind, len(one.matched), len(one.new), len(one.missing)))
    show_table(
        [("名称", "left"), ("对上", "right"), ("新的", "right"), ("文件里没有", "right")], rows
    )
    for kind, one in understanding.compared.items():
        if one.new:
            click.echo(f"新的{kind}：{'、'.join(one.new)}。")
        if one.missing:
            click.echo(f"文件里没有、因此没有列入的{kind}：{'、'.join(one.missing)}。")
    for note in understanding.notes:
        click.echo(f"注意：{note}")
    if understanding.problems:
        click.echo(f"看不懂的有 {len(understanding.problems)} 处，都留空：")
        show_table(
            [("在哪里", "left"), ("内容", "left"), ("原因", "left")],
            [(one.place, one.found, one.reason) for one in understanding.problems],
        )


def _show_faults(faults: "list[Fault]") -> None:
    for fault in faults:
        click.echo(f"{fault.severity.chinese}  {fault}")
