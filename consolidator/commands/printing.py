"""print: the district workbook as PDF."""

from pathlib import Path

import click

from consolidator.commands.options import (
    PATH,
    WELL,
    existing,
    json_option,
    period_option,
    plan_option,
    print_json,
    workspace_option,
)
from consolidator.console import ChineseCommand


@click.command(
    cls=ChineseCommand,
    name="print",
    help="打印：用 LibreOffice 把汇总表生成 PDF，全套、单张或某个单位的通报。",
)
@period_option
@click.option("--sheet", "sheets", multiple=True, metavar="工作表", help="只印这张表，可写多次。")
@click.option(
    "--unit", "units", multiple=True, metavar="单位",
    help="只印这个单位的通报，写名称或代码，可写多次。",
)  # fmt: skip
@click.option("--soffice", type=PATH, metavar="程序", help="soffice 程序的位置；不写则自动查找。")
@plan_option
@workspace_option
@json_option
def print_(
    period_code: str, sheets: tuple[str, ...], units: tuple[str, ...], soffice: Path | None,
    plan_name: str, workspace: Path, as_json: bool,
) -> int:  # fmt: skip
    """Print the district workbook."""
    from consolidator.intake.plans import load_plan
    from consolidator.plan.period import Period
    from consolidator.report.book import file_name
    from consolidator.report.printing import print_set, print_unit
    from consolidator.workspace import Workspace

    if sheets and units:
        raise click.UsageError("--sheet 和 --unit 只能写一种：请去掉一个。")
    period, place = Period.parse(period_code), Workspace(existing(workspace))
    loaded = load_plan(plan_name)
    workbook = place.output(period) / file_name(period)
    if units:
        made = [print_unit(workbook, period, loaded, one, soffice=soffice) for one in units]
    else:
        made = [print_set(workbook, period, sheets=sheets, soffice=soffice)]
    if as_json:
        pdf = [str(one) for one in made]
        return print_json({"period": period.code, "workbook": str(workbook), "pdf": pdf})
    for one in made:
        click.echo(f"已生成：{one}")
    return WELL
