"""status: where each unit stands, and what is to be done next."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from consolidator.commands.options import (
    ATTENTION,
    WELL,
    existing,
    json_option,
    now,
    passwords_option,
    period_option,
    plan_option,
    print_json,
    register_option,
    workspace_option,
)
from consolidator.commands.rounds import locked_notice, take
from consolidator.console import ChineseCommand, show_table

if TYPE_CHECKING:
    from consolidator.mail.taken_log import TakenLog
    from consolidator.report.round import Round
    from consolidator.workspace import Workspace


@click.command(
    cls=ChineseCommand,
    help="进度：每个单位下发、发信、收到、状态和下一步；按收到的文件现算，不改动汇总表。",
)
@period_option
@click.option("--excel", is_flag=True, help="另存一份进度表（.xlsx），在 output 的报告期文件夹。")
@register_option
@passwords_option
@plan_option
@workspace_option
@json_option
def status(
    period_code: str, excel: bool, register_file: Path | None, password_file: Path | None,
    plan_name: str, workspace: Path, as_json: bool,
) -> int:  # fmt: skip
    """Show where each unit stands."""
    from consolidator.excel.writer import to_bytes
    from consolidator.files import keep, write_all
    from consolidator.intake.plans import load_plan
    from consolidator.issue.issue_list import FILE_NAME, read_issue_list
    from consolidator.mail.outgoing.sent_log import SentLog
    from consolidator.mail.standing import standings
    from consolidator.mail.standing_book import file_name, standing_book
    from consolidator.mail.taken_log import TakenLog
    from consolidator.plan.period import Period
    from consolidator.workspace import Workspace

    period, place = Period.parse(period_code), Workspace(existing(workspace))
    loaded, made = load_plan(plan_name), now()
    taken, corrections = take(
        loaded, period, place, register=register_file, password_file=password_file
    )
    heard = TakenLog(place.mail())
    found = standings(
        taken,
        read_issue_list(place.templates(period) / FILE_NAME),
        SentLog(place.mail()),
        corrections,
        heard,
        today=made.date(),
    )
    path = None
    if excel:
        path = place.output(period) / file_name(period)
        if path.exists():
            keep(path, stamp=made)
        book = standing_book(found, loaded, period, made=made, notice=place.notice())
        write_all({path: to_bytes(book)})
    if as_json:
        units = [
            {"code": one.unit.code, "name": one.unit.name, "issued": one.issued or None,
             "sent": one.sent or None, "received": one.received or None, "files": one.files,
             "status": str(one.status), "next_step": one.next_step,
             "command": one.command or None}
            for one in found
        ]  # fmt: skip
        print_json(
            {"period": period.code, "plan": loaded.name, "units": units,
             "workbook": str(path) if path else None}
        )  # fmt: skip
    else:
        columns = ("单位", "下发", "最近发出的邮件", "最近收到", "文件", "状态", "下一步")
        show_table(
            [(one, "right" if one == "文件" else "left") for one in columns],
            [(one.unit.short, one.issued[5:], one.sent, one.received, one.files, one.status.chinese,
              f"{one.next_step}（{one.command}）" if one.command else one.next_step)
             for one in found],
        )  # fmt: skip
        totals = "，".join(f"{one.chinese} {n}" for one, n in taken.settled.unit_totals.items())
        click.echo(f"共 {len(found)} 个单位：{totals}。")
        for notice in _notices(taken, heard, place):
            click.echo(f"注意：{notice}。")
        if path:
            click.echo(f"进度表：{path}")
    return WELL if all(str(one.status) == "accepted" for one in found) else ATTENTION


def _notices(taken: "Round", heard: "TakenLog", place: "Workspace") -> Iterator[str]:
    """Yield why a unit may seem to owe something that it has sent."""
    yield from locked_notice(taken)
    if heard.last_run:
        yield f"上次收取邮件是 {heard.last_run[:16]}"
    period = place.returns(taken.settled.period).relative_to(place.root).as_posix()
    lying = {letter.sha256 for letter in taken.letters.values()}
    gone = [
        path
        for path, sha256 in heard.saved().items()
        if path.startswith(f"{period}/")
        and sha256 not in lying
        and not (place.root / path).exists()
    ]
    if gone:
        yield (
            f"收取过的 {len(gone)} 个文件不在原处（如“{gone[0]}”）：不是有意移走的，"
            "用 mail collect --again 收回"
        )
