"""What commands share: their options, the workspace's means, and how results are printed."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from consolidator.errors import OperatorError

# Everything else is imported where it is used: `--help` must answer at once.
WELL, ATTENTION = 0, 1
"""Exit statuses: all well; done, but something needs attention."""
PATH = click.Path(path_type=Path, readable=False)
"""Whether it can be read is told in Chinese where it is read."""
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

plan_option: Decorator = click.option(
    "--plan", "plan_name", default="2017", show_default=True, metavar="年度|工作簿|文件夹",
    help="目标任务：自带的年度、目标任务工作簿（.xlsx），或含 plan.toml 的文件夹。",
)  # fmt: skip
workspace_option: Decorator = click.option(
    "--workspace", default=".", type=PATH, metavar="文件夹",
    help="工作文件夹，其下有 templates、returns、output；默认为当前文件夹。",
)  # fmt: skip
period_option: Decorator = click.option(
    "--period", "period_code", required=True, metavar="报告期",
    help="报告期：季度写作 2017-Q4，全年写作 2017。",
)  # fmt: skip
passwords_option: Decorator = click.option(
    "--password-file", type=PATH, metavar="文件",
    help="文本文件，每行一个打开密码，用来打开设了密码的填报表和备案信息。",
)  # fmt: skip
register_option: Decorator = click.option(
    "--register", "register_file", type=PATH, metavar="文件",
    help="科技局的备案信息工作簿：产学研活动和协议按它计数，不写则按单位填报数。",
)  # fmt: skip
json_option: Decorator = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出结果。")


def brief_of(plan: Any, period: Any, place: Any, password_file: Path | None) -> Any:
    """Gather what a reader is told: limits, key and passwords of the workspace."""
    from consolidator.intake.brief import Brief
    from consolidator.settings import load_settings
    from consolidator.signing import find_key

    return Brief(
        plan,
        period,
        limits=load_settings(place.root).limits,
        passwords=lines_of(password_file) if password_file else (),
        signing_key=find_key(place.root),
    )


def lines_of(path: Path) -> tuple[str, ...]:
    """Return the passwords in a file, one a line; a space may be part of one."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise OperatorError(
            f"密码文件“{path}”读不出来：请检查路径，并以 UTF-8 编码保存，每行一个密码。"
        ) from error
    if not (passwords := tuple(line for line in lines if line)):
        raise OperatorError(f"密码文件“{path}”里没有密码：请每行写一个密码。")
    return passwords


def history_of(plan: Any, period: Any, place: Any) -> Any:
    """Read the year's earlier periods from their district workbooks, where those lie here."""
    from consolidator.figures.history import History
    from consolidator.plan.check import hold_period
    from consolidator.plan.period import Period
    from consolidator.report.book import file_name
    from consolidator.report.previous import open_earlier

    hold_period(plan, period)
    last = period.last_quarter - (period.quarter is not None)
    past: list[Any] = []
    first_seen: dict[str, Any] = {}
    for one in [Period(period.year, quarter) for quarter in range(1, last + 1)]:
        path = place.output(one) / file_name(one)
        if earlier := open_earlier(path, plan, one, called=f"{one.title}的汇总表"):
            first_seen = {**earlier.first_seen(), **first_seen}
            past.append(earlier.past(one))
    return History(tuple(past), first_seen)


def reviews_of(plan: Any, period: Any, place: Any) -> Any:
    """Read the merged reviews of the year, where their workbook lies here; None if not."""
    from consolidator.report.review.book import file_name
    from consolidator.report.review_results import read_review_results

    path = place.output(period) / file_name(period)
    annual = period.quarter is None
    return read_review_results(path, plan, period) if annual and path.exists() else None


def previous_figures(plan: Any, period: Any, place: Any) -> dict[tuple[str, str], float]:
    """Read the figures of the period before, where its district workbook lies here."""
    from consolidator.plan.check import hold_period
    from consolidator.report.book import file_name
    from consolidator.report.previous import open_earlier

    hold_period(plan, period)
    before = period.previous
    if before is None:
        return {}
    path = place.output(before) / file_name(before)
    earlier = open_earlier(path, plan, before, called="上期汇总表")
    return earlier.actuals() if earlier else {}


def sealing_of(period: Any, place: Any) -> Any:
    """Return what correction workbooks are locked and signed with: as the templates were."""
    from consolidator.issue.issue_list import FILE_NAME, read_issue_list
    from consolidator.report.corrections import Sealing
    from consolidator.signing import find_key

    listed = read_issue_list(place.templates(period) / FILE_NAME)
    passwords = {code: one.password for code, one in listed.items()}
    return Sealing(passwords, find_key(place.root))


def register_place(place: Any, period: Any) -> Path:
    """Return where the register of a period's year lies unless told otherwise."""
    from consolidator.forms.register.book import file_name
    from consolidator.plan.period import Period

    folder: Path = place.templates(Period(period.year))
    return folder / file_name(period.year)


def existing(workspace: Path) -> Path:
    """Return the workspace; raise `OperatorError` where there is none."""
    if not workspace.is_dir():
        raise OperatorError(
            f"找不到工作文件夹“{workspace}”：请先建好，或改正 --workspace 后的路径。"
        )
    return workspace


def print_json(content: dict[str, Any]) -> int:
    """Print UTF-8 whatever the terminal's encoding: programs read this."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    click.echo(text.encode())
    return WELL


def now() -> datetime:
    """Return the time of the run, to the second."""
    return datetime.now().replace(microsecond=0)
