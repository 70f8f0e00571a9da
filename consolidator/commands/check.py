"""check: the findings of single files, as their sender would want them."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from consolidator.commands.options import (
    ATTENTION,
    PATH,
    WELL,
    brief_of,
    existing,
    json_option,
    passwords_option,
    plan_option,
    previous_figures,
    print_json,
    workspace_option,
)
from consolidator.console import ChineseCommand

if TYPE_CHECKING:
    from consolidator.checks.findings import Finding


@click.command(cls=ChineseCommand, help="检查：列出一份或几份填报表的问题，与汇总时的说法一致。")
@click.argument("files", nargs=-1, required=True, type=PATH, metavar="文件...")
@passwords_option
@plan_option
@workspace_option
@json_option
def check(
    files: tuple[Path, ...], password_file: Path | None, plan_name: str, workspace: Path,
    as_json: bool,
) -> int:  # fmt: skip
    """Check single files."""
    from consolidator.checks.run import check_returned
    from consolidator.forms.quarterly.assignment import previous_of
    from consolidator.intake.folder import find_files
    from consolidator.intake.plans import load_plan
    from consolidator.intake.workers import read_all
    from consolidator.plan.period import Period
    from consolidator.workspace import Workspace

    loaded, place = load_plan(plan_name), Workspace(existing(workspace))
    brief = brief_of(loaded, None, place, password_file)
    checked = []
    for returned in read_all(find_files(files), brief):
        known: dict[str, float] = {}
        if returned.submission:
            stamped = Period.parse(returned.submission.stamp.period)
            known = previous_of(returned.submission.unit, previous_figures(loaded, stamped, place))
        findings = check_returned(returned, loaded, known)
        if not (returned.refusal and returned.refusal.code == "archive_opened"):
            checked.append((returned.file, returned.submission, findings))
    ready = all(
        submission and not any(finding.severity == "error" for finding in several)
        for _, submission, several in checked
    )
    if as_json:
        found = [
            {"file": name, "findings": [one.to_json() for one in several]}
            for name, _, several in checked
        ]
        print_json({"plan": loaded.name, "files": found})
    else:
        for name, submission, several in checked:
            whose = ""
            if submission:
                period = Period.parse(submission.stamp.period).title
                whose = f"（{loaded.unit(submission.unit).name}，{period}）"
            _show_findings(name, whose, several, readable=submission is not None)
    return WELL if ready else ATTENTION


def _show_findings(name: str, whose: str, findings: "list[Finding]", *, readable: bool) -> None:
    errors = sum(finding.severity == "error" for finding in findings)
    verdict = f"有 {errors} 项错误，请改正后再报" if errors else "没有错误，可以上报"
    click.echo(f"{name}{whose}：{verdict if readable else '不能作为填报表上报'}。")
    for one in findings:
        place = f"{one.sheet} {one.cell}" if one.cell else "整份文件"
        click.echo(f"  {one.severity.chinese}  {place}：{one.message}。{one.remedy}")
