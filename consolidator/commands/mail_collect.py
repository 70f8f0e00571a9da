"""mail collect: attachments out of the bureau's mailbox into the folder of what came back."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from consolidator.commands.options import (
    ATTENTION,
    WELL,
    brief_of,
    existing,
    json_option,
    now,
    passwords_option,
    period_option,
    plan_option,
    print_json,
    workspace_option,
)
from consolidator.console import ChineseCommand, progress, show_table
from consolidator.errors import OperatorError

if TYPE_CHECKING:
    from consolidator.mail.collecting import Collection


@click.command(
    cls=ChineseCommand,
    help="收取：把邮箱（IMAP）里各单位来信的附件原样存进 returns，收过的不会再收；"
    "不删除邮件，也不标为已读。",
)
@period_option
@click.option(
    "--since", "since_text", metavar="日期",
    help="收取这一天以来的邮件，写作 2018-01-05；默认为本期填报表下发的那一天。",
)  # fmt: skip
@click.option("--again", is_flag=True, help="收过的邮件也再看一遍；已在文件夹里的不会重复存。")
@click.option("--mark-read", is_flag=True, help="把存了附件的邮件标为已读。")
@passwords_option
@plan_option
@workspace_option
@json_option
def collect(
    period_code: str, since_text: str | None, again: bool, mark_read: bool,
    password_file: Path | None, plan_name: str, workspace: Path, as_json: bool,
) -> int:  # fmt: skip
    """Collect what came by mail."""
    from consolidator.intake.plans import load_plan
    from consolidator.issue.issue_list import FILE_NAME, read_issue_list
    from consolidator.mail.collecting import Collector
    from consolidator.mail.credentials import find_credentials
    from consolidator.mail.journal import alone
    from consolidator.mail.mailbox import Mailbox
    from consolidator.mail.sent_log import SentLog
    from consolidator.mail.taken_log import TakenLog
    from consolidator.plan.check import hold_period
    from consolidator.plan.period import Period
    from consolidator.settings import FILE_NAME as SETTINGS
    from consolidator.settings import load_settings
    from consolidator.workspace import Workspace

    period, place = Period.parse(period_code), Workspace(existing(workspace))
    loaded, settings = load_plan(plan_name), load_settings(place.root)
    hold_period(loaded, period)
    listed = read_issue_list(place.templates(period) / FILE_NAME)
    since = _since(since_text, [one.issued for one in listed.values()])
    if not settings.mail.address or not settings.imap.host:
        raise OperatorError(
            f"还没有设置收信邮箱：请在工作文件夹的 {SETTINGS} 里写明 [mail] 的 address 和 "
            "[imap] 的 host；没有该文件的，运行 consolidator mail init 写一份带说明的样例。"
        )
    who = find_credentials("imap", settings.imap.host, settings.mail.address)
    with alone(place.mail()), Mailbox(settings.imap, who, place.root) as mailbox:
        collector = Collector(
            mailbox,
            brief_of(loaded, period, place, password_file),
            place,
            taken=TakenLog(place.mail()),
            sent=SentLog(place.mail()),
            issued={one.digest: code for code, one in listed.items()},
            most_bytes=settings.imap.message_mb * 2**20,
            now=now,
        )
        with progress("收取") as begin:
            found = collector.collect(since, again=again, mark=mark_read, begin=begin)
    if as_json:
        print_json({"period": period.code, "plan": loaded.name, **_to_json(found)})
    else:
        _show(found, loaded, since)
    well = not any(one.notes or any(each.note for each in one.saved) for one in found.mails)
    return WELL if well else ATTENTION


def _since(text: str | None, issued: list[str]) -> date:
    if text is None:
        if not issued:
            raise OperatorError(
                "本期的填报表还没有下发，不知道从哪一天收起："
                "请加 --since，例如 --since 2018-01-05。"
            )
        return datetime.fromisoformat(min(issued)).date()
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise OperatorError(f"--since 的“{text}”不是日期：请写作 2018-01-05 这样。") from error


def _to_json(found: "Collection") -> dict[str, Any]:
    mails = [
        {
            "from": one.sender,
            "subject": one.subject,
            "received": f"{one.received:%Y-%m-%dT%H:%M:%S}",
            "saved": [
                {"file": str(each.path), "sha256": each.letter.sha256, "unit": each.unit or None,
                 "note": each.note or None}
                for each in one.saved
            ],
            "notes": list(one.notes),
        }
        for one in found.mails
    ]  # fmt: skip
    return {"mails": mails, "known": found.known, "without_attachment": found.empty}


def _show(found: "Collection", plan: Any, since: date) -> None:
    rows = [
        (one.sender, f"{one.received:%m-%d %H:%M}", each.path.name, _whose(plan, each.unit),
         each.note or "已读出")
        for one in found.mails
        for each in one.saved
    ]  # fmt: skip
    if rows:
        columns = ("来信", "收到", "存为", "单位", "情况")
        show_table([(one, "left") for one in columns], rows)
    for one in found.mails:
        for note in one.notes:
            whose = one.sender or "未知"
            click.echo(f"  {whose}“{one.subject}”（{one.received:%m-%d %H:%M}）：{note}。")
    click.echo(
        f"{since} 以来：新存附件 {len(rows)} 个；以前收过的邮件 {found.known} 封；"
        f"没有附件的其他来信 {found.empty} 封。"
    )
    if rows:
        click.echo("附件已存进 returns，请运行 consolidate 检查和汇总。")


def _whose(plan: Any, code: str) -> str:
    unit = plan.named(code) if code else None
    return unit.name if unit else "—"
