"""demo: the whole journey on made-up returns."""

from pathlib import Path

import click

from consolidator.commands.options import PATH, WELL, now
from consolidator.commands.showing import show_result
from consolidator.console import ChineseCommand


@click.command(cls=ChineseCommand, help="演示：在新文件夹里用虚构数据走完全部流程。")
@click.argument("folder", required=False, type=PATH, metavar="[文件夹]")
def demo(folder: Path | None) -> int:
    """Play the whole journey."""
    from consolidator.demo import new_folder, run_demo
    from consolidator.forms.layout import display_width
    from consolidator.intake.plans import load_plan
    from consolidator.plan.period import Period

    where = new_folder(folder)
    journey = run_demo(load_plan("2017"), Period.parse("2017-Q4"), where, now=now())
    click.echo(f"演示数据均为虚构。已下发 {len(journey.issued)} 份模板，并汇总了虚构的填报表：")
    show_result(journey.result)
    period = journey.result.settled.period
    click.echo("\n可以打开看看：")
    to_see = {
        "模板": journey.issued[0].path,
        "邮件草稿": journey.drafts[0].path,
        "收回的": journey.workspace.returns(period),
        "汇总表": journey.result.workbook,
        "处理意见": journey.result.decisions,
    }
    if journey.result.corrections:
        to_see["更正表"] = journey.result.corrections[0]
    for name, path in to_see.items():
        click.echo(f"  {name}{' ' * (10 - display_width(name))}{path.resolve()}")
    return WELL
