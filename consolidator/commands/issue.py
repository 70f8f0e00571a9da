"""issue: one protected template a unit."""

import os
from pathlib import Path

import click

from consolidator.commands.options import (
    WELL,
    existing,
    json_option,
    now,
    period_option,
    plan_option,
    previous_figures,
    print_json,
    workspace_option,
)
from consolidator.console import ChineseCommand, progress, show_table

PASSWORD_VARIABLE = "CONSOLIDATOR_PASSWORD"


@click.command(
    cls=ChineseCommand,
    help="下发：给每个单位生成一份受保护的填报表。\n\n"
    f"{PASSWORD_VARIABLE}：设了这个环境变量，就用它作保护密码；没有设的自动生成，记在发放清单里。",
)
@period_option
@click.option(
    "--unit", "units", multiple=True, metavar="单位", help="只发这个单位，写名称或代码，可写多次。"
)
@click.option("--district", is_flag=True, help="只发区级填报表（附件1），由科技局和有关部门填写。")
@click.option(
    "--replace", is_flag=True, help="允许换发已按别的内容发放过的模板（旧表存入 history）。"
)
@plan_option
@workspace_option
@json_option
def issue(
    period_code: str, units: tuple[str, ...], district: bool, replace: bool, plan_name: str,
    workspace: Path, as_json: bool,
) -> int:  # fmt: skip
    """Issue templates."""
    from consolidator.intake.plans import load_plan
    from consolidator.issue.issue_list import FILE_NAME
    from consolidator.issue.issuing import issue as issue_templates
    from consolidator.plan.period import Period
    from consolidator.signing import find_or_draw_key
    from consolidator.workspace import Workspace

    if units and district:
        raise click.UsageError("--unit 和 --district 只能写一种：请去掉一个。")
    period, place = Period.parse(period_code), Workspace(existing(workspace))
    loaded = load_plan(plan_name)
    folder = place.templates(period)
    with progress("生成填报表") as begin:
        step = begin(1 if district else len(units) or len(loaded.units))
        outcomes = issue_templates(
            loaded,
            period,
            folder,
            now=now(),
            units=units,
            district=district,
            password=os.environ.get(PASSWORD_VARIABLE, ""),
            key=find_or_draw_key(place.root),
            previous=previous_figures(loaded, period, place),
            replace=replace,
            step=step,
        )
    if as_json:
        issued = [
            {"unit": o.unit.code, "file": str(o.path), "state": o.state, "sha256": o.digest}
            for o in outcomes
        ]
        return print_json(
            {"period": period.code, "plan": loaded.name, "issued": issued,
             "issue_list": str(folder / FILE_NAME)}
        )  # fmt: skip
    words = {"new": "新发", "same": "未变", "replaced": "换发"}
    rows = [(o.unit.name, o.path.name, words[o.state]) for o in outcomes]
    show_table([("单位", "left"), ("文件", "left"), ("情况", "left")], rows)
    click.echo(f"共 {len(outcomes)} 份，在 {folder}；密码和校验值记在“{FILE_NAME}”。")
    return WELL
