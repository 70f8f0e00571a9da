"""register: the empty workbook in which the bureau enters its filings."""

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
    register_place,
    workspace_option,
)
from consolidator.console import ChineseCommand
from consolidator.errors import OperatorError


@click.command(
    cls=ChineseCommand,
    help="备案信息：生成登记全年产学研活动和协议的空白工作簿，不覆盖已有的。\n\n"
    "报告期写年度或其中任何一个季度都可以：一年一份，默认放在 templates 下该年度的文件夹。",
)
@period_option
@click.option("--to", "target", type=PATH, metavar="文件", help="写到这个 .xlsx 文件。")
@plan_option
@workspace_option
@json_option
def register(
    period_code: str, target: Path | None, plan_name: str, workspace: Path, as_json: bool
) -> int:
    """Write the empty register of a year."""
    from consolidator.excel.writer import to_bytes
    from consolidator.files import write_all
    from consolidator.forms.register.book import register_book
    from consolidator.intake.plans import load_plan
    from consolidator.plan.check import hold_period
    from consolidator.plan.period import Period
    from consolidator.workspace import Workspace

    period, loaded = Period.parse(period_code), load_plan(plan_name)
    hold_period(loaded, period)
    path = target or register_place(Workspace(existing(workspace)), period)
    if path.suffix.lower() != ".xlsx":
        raise OperatorError(
            f"“{path}”不能用：备案信息是 .xlsx 工作簿，请把文件名写成以 .xlsx 结尾。"
        )
    if path.exists():
        raise OperatorError(f"“{path}”已经有了，没有改动：请直接打开登记，或用 --to 写到别处。")
    write_all({path: to_bytes(register_book(loaded))})
    if as_json:
        return print_json({"period": period.code, "plan": loaded.name, "register": str(path)})
    click.echo(f"已生成：{path}")
    click.echo("登记后，汇总时加 --register 和这个文件的位置，有关指标就按备案信息计数。")
    return WELL
