"""mail collect: attachments out of the bureau's mailbox into the folder of what came back."""

from contextlib import closing
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

_FIRST_YEAR = 1990

if TYPE_CHECKING:
    from consolidator.mail.incoming.collecting import Collection


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
    from consolidator.issue.issue_list import first_issued
    from consolidator.mail.credentials import find_credentials
    from consolidator.mail.incoming.collecting import Collector
    from consolidator.mail.incoming.mailbox import Mailbox
    from consolidator.mail.journal import alone
    from consolidator.mail.outgoing.sent_log import SentLog
    from consolidator.mail.taken_log import TakenLog
    from consolidator.plan.check import hold_period
    from consolidator.plan.period import Period
    from consolidator.settings import FILE_NAME as SETTINGS
    from consolidator.settings import load_settings
    from consolidator.workspace import Workspace

    period, place = Period.parse(period_code), Workspace(existing(workspace))
    loaded, settings = load_plan(plan_name), load_settings(place.root)
    hold_period(loaded, period)
    _hold_contacts(loaded)
    since = _since(since_text, first_issued(place.templates(period)))
    if not settings.mail.address or not settings.imap.host:
        raise OperatorError(
            f"还没有设置收信邮箱：请在工作文件夹的 {SETTINGS} 里写明 [mail] 的 address 和 "
            "[imap] 的 host；没有该文件的，运行 consolidator mail init 写一份带说明的样例。"
        )
    who = find_credentials("imap", settings.imap.host, settings.mail.address)
    with alone(place.mail()), closing(Mailbox(settings.imap, who, place.root)) as mailbox:
        sent = SentLog(place.mail())
        collector = Collector(
            mailbox,
            brief_of(loaded, period, place, password_file),
            place,
            taken=TakenLog(place.mail()),
            sent=sent,
            issued=_own(place, loaded, sent),
            most_bytes=settings.imap.message_mb * 2**20,
            now=now,
        )
        try:
            with progress("收取") as begin:
                found = collector.collect(since, again=again, mark=mark_read, begin=begin)
        except KeyboardInterrupt as error:
            raise OperatorError(
                "已中断：收好的都有记录，再运行一次会接着收，并列出这次收了什么。"
            ) from error
    if as_json:
        print_json({"period": period.code, "plan": loaded.name, **_to_json(found)})
    else:
        _show(found, loaded, since)
    well = not found.untold and not any(
        one.notes or any(each.note for each in one.saved) for one in found.mails
    )
    return WELL if well else ATTENTION


def _since(text: str | None, issued: str) -> date:
    if text is None:
        if not issued:
            raise OperatorError(
                "这里没有本期下发的填报表，不知道从哪一天收起：请核对当前文件夹或 --workspace；"
                "确实没有用程序下发的，加 --since，例如 --since 2018-01-05。"
            )
        return _day(issued, "发放清单的发放时间")
    return _day(text, "--since 的")


def _day(text: str, what: str) -> date:
    try:
        day = datetime.fromisoformat(text.strip()).date()
    except ValueError as error:
        raise OperatorError(f"{what}“{text}”不是日期：请写作 2018-01-05 这样。") from error
    if day.year < _FIRST_YEAR:
        raise OperatorError(f"{what}“{text}”太早：请写 {_FIRST_YEAR} 年以后的日期。")
    return day


def _own(place: Any, plan: Any, sent: Any) -> dict[str, str]:
    """Return the unit codes of all workbooks the bureau itself made, by their SHA-256."""
    from consolidator.issue.issue_list import all_issued
    from consolidator.plan.period import Period

    periods = [Period(plan.year, quarter) for quarter in (None, 1, 2, 3, 4)]
    own = [one for period in periods for one in all_issued(place.templates(period))]
    return {**{one.digest: one.unit for one in own}, **sent.workbooks()}


def _hold_contacts(plan: Any) -> None:
    """Hold that the contacts are not the samples: mails of units would pass for strangers'."""
    from consolidator.plan.annexes import is_sample

    addresses = [one for contact in plan.contacts.values() for one in contact.addresses]
    if addresses and all(map(is_sample, addresses)):
        raise OperatorError(
            "目标任务的联系人还是样例（example.com），认不出哪些来信是各单位的，没有收取："
            "请用 --plan 指明写好联系人的目标任务工作簿。"
        )


def _to_json(found: "Collection") -> dict[str, Any]:
    mails = [
        {
            "from": one.sender,
            "subject": one.subject,
            "received": f"{one.received:%Y-%m-%dT%H:%M:%S}",
            "saved": [
                {"file": str(each.path), "sha256": each.letter.sha256, "unit": each.unit or None,
                 "note": each.note or None, "new": each.is_new}
                for each in one.saved
            ],
            "notes": [each.text for each in one.notes],
        }
        for one in found.mails
    ]  # fmt: skip
    return {
        "mails": mails,
        "known": found.known,
        "without_attachment": found.empty,
        "untold": [
            {"from": one.sender, "subject": one.subject, "received": one.received,
             "saved": list(one.saved), "notes": [each.text for each in one.notes]}
            for one in found.untold
        ],
    }  # fmt: skip


def _show(found: "Collection", plan: Any, since: date) -> None:
    if found.untold:
        click.echo("上次收取中途断了，当时已经收取、还没有列出的：")
        for taken in found.untold:
            what = [f"存为 {path}" for path in taken.saved] + [one.text for one in taken.notes]
            if what:
                click.echo(_line(taken.sender, taken.subject, taken.received, "；".join(what)))
    rows = [
        (one.sender, f"{one.received:%m-%d %H:%M}", each.path.name, _whose(plan, each.unit),
         each.note or ("已读出" if each.is_new else "已在文件夹里"))
        for one in found.mails
        for each in one.saved
    ]  # fmt: skip
    if rows:
        columns = ("来信", "收到", "存为", "单位", "情况")
        show_table([(one, "left") for one in columns], rows)
    for one in found.mails:
        for note in one.notes:
            click.echo(_line(one.sender, one.subject, f"{one.received:%m-%d %H:%M}", note.text))
    new = sum(each.is_new for one in found.mails for each in one.saved)
    click.echo(
        f"{since} 以来：新存附件 {new} 个；以前收过的邮件 {found.known} 封；"
        f"没有附件的其他来信 {found.empty} 封。"
    )
    if rows:
        click.echo("附件已存进 returns，请运行 consolidate 检查和汇总。")


def _line(sender: str, subject: str, received: str, what: str) -> str:
    return f"  {sender or '未知'}“{subject}”（{received}）：{what}。"


def _whose(plan: Any, code: str) -> str:
    unit = plan.named(code) if code else None
    return unit.name if unit else "—"
