"""plan: show and check the yearly targets."""

import click

from consolidator.commands.options import ATTENTION, WELL, json_option, plan_option, print_json
from consolidator.console import ChineseGroup, show_table


@click.group(cls=ChineseGroup, help="查看和检查年度目标任务。")
def plan() -> None:
    """Hold the commands about the plan together."""


@plan.command("show", help="显示目标任务表。")
@plan_option
@json_option
def plan_show(plan_name: str, as_json: bool) -> int:
    """Print the plan's table."""
    from consolidator.intake.plans import load_plan
    from consolidator.plan.show import plan_json, plan_rows

    loaded = load_plan(plan_name)
    if as_json:
        return print_json(plan_json(loaded))
    click.echo(loaded.title)
    columns, rows = plan_rows(loaded)
    show_table(
        [(head, "left" if place < 2 else "right") for place, head in enumerate(columns)], rows
    )
    click.echo(f"注：{loaded.note}")
    return WELL


@plan.command("check", help="检查目标任务，指出每一处错误的位置。")
@plan_option
@json_option
def plan_check(plan_name: str, as_json: bool) -> int:
    """Name every fault of the plan."""
    from consolidator.intake.plans import tables_named
    from consolidator.plan.check import examine
    from consolidator.severity import Severity

    _, faults = examine(tables_named(plan_name))
    errors = sum(fault.severity is Severity.ERROR for fault in faults)
    if as_json:
        found = [
            {"severity": str(one.severity), "place": one.place, "message": one.message}
            for one in faults
        ]
        print_json({"plan": plan_name, "faults": found})
    else:
        for fault in faults:
            click.echo(f"{fault.severity.chinese}  {fault}")
        verdict = f"有 {errors} 处错误，请改正后再用。" if errors else "没有错误，可以使用。"
        click.echo(f"目标任务“{plan_name}”：{verdict}")
    return ATTENTION if errors else WELL
