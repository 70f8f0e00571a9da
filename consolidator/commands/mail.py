"""mail draft, send, remind: templates, corrections and reminders to each unit."""

from pathlib import Path
from typing import Any

import click

from consolidator.commands.options import (
    ATTENTION,
    WELL,
    Decorator,
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
from consolidator.commands.rounds import take
from consolidator.console import ChineseCommand, ChineseGroup, confirm, progress, show_table
from consolidator.errors import OperatorError

_unit_option: Decorator = click.option(
    "--unit", "units", multiple=True, metavar="单位", help="只发这个单位，写名称或代码，可写多次。"
)
_corrections_option: Decorator = click.option(
    "--corrections", is_flag=True, help="发更正表：给每个需更正的单位，正文列出它的问题。"
)
_reminders_option: Decorator = click.option(
    "--reminders", is_flag=True, help="催报：只给未报和需更正的单位。"
)
_retry_option: Decorator = click.option(
    "--retry", is_flag=True, help="被拒收、被退信和不确定是否送达的也再发一次。"
)
_yes_option: Decorator = click.option("--yes", is_flag=True, help="不再询问，直接发送。")


@click.group(cls=ChineseGroup, help="邮件：起草、发送填报表和更正表，催报，收取各单位发回的附件。")
def mail() -> None:
    """Hold the mail commands together."""


@mail.command(
    cls=ChineseCommand,
    help="起草：给每个单位写一份 .eml 草稿，双击用 Outlook、Foxmail 等打开，核对后手工发送。",
)
@period_option
@_corrections_option
@_reminders_option
@_unit_option
@register_option
@passwords_option
@plan_option
@workspace_option
@json_option
def draft(
    period_code: str, corrections: bool, reminders: bool, units: tuple[str, ...],
    register_file: Path | None, password_file: Path | None, plan_name: str, workspace: Path,
    as_json: bool,
) -> int:  # fmt: skip
    """Write drafts."""
    from consolidator.mail.drafts import write_drafts
    from consolidator.settings import load_settings

    kind = _kind(corrections=corrections, reminders=reminders)
    desk, place, offer = _offer(
        kind, period_code, plan_name, workspace, units, register_file, password_file
    )
    folder = place.drafts(desk.period)
    sender = load_settings(place.root).mail
    written = write_drafts(offer.mailings, folder, sender, now=now())
    if as_json:
        drafts = [
            {"unit": one.mailing.unit.code, "kind": str(kind), "file": str(one.path),
             "to": list(one.mailing.contact.addresses), "state": one.state}
            for one in written
        ]  # fmt: skip
        print_json(
            {"period": desk.period.code, "plan": desk.plan.name, "drafts": drafts,
             "without_address": [one.code for one in offer.unaddressed]}
        )  # fmt: skip
    else:
        words = {"new": "新写", "same": "未变", "replaced": "更新"}
        show_table(
            [("单位", "left"), ("收件人", "left"), ("草稿", "left"), ("情况", "left")],
            [(one.mailing.unit.name, "、".join(one.mailing.contact.addresses), one.path.name,
              words[one.state]) for one in written],
        )  # fmt: skip
        click.echo(f"{kind.chinese}草稿 {len(written)} 封，在 {folder}。")
        _show_unaddressed(offer)
    return ATTENTION if offer.unaddressed else WELL


@mail.command(
    cls=ChineseCommand,
    help="发送：列出要发的邮件，确认后由发信服务器（SMTP）发出；发过的不会再发，中断后再运行会接着发。",
)
@period_option
@_corrections_option
@_reminders_option
@_unit_option
@_retry_option
@_yes_option
@register_option
@passwords_option
@plan_option
@workspace_option
@json_option
def send(
    period_code: str, corrections: bool, reminders: bool, units: tuple[str, ...], retry: bool,
    yes: bool, register_file: Path | None, password_file: Path | None, plan_name: str,
    workspace: Path, as_json: bool,
) -> int:  # fmt: skip
    """Send mails."""
    kind = _kind(corrections=corrections, reminders=reminders)
    return _send(
        kind, period_code, plan_name, workspace, units, register_file, password_file,
        retry=retry, yes=yes, as_json=as_json,
    )  # fmt: skip


@mail.command(
    cls=ChineseCommand, help="催报：给未报和需更正的单位发催报邮件，等同 send --reminders。"
)
@period_option
@_unit_option
@_retry_option
@_yes_option
@register_option
@passwords_option
@plan_option
@workspace_option
@json_option
def remind(
    period_code: str, units: tuple[str, ...], retry: bool, yes: bool, register_file: Path | None,
    password_file: Path | None, plan_name: str, workspace: Path, as_json: bool,
) -> int:  # fmt: skip
    """Send reminders."""
    kind = _kind(corrections=False, reminders=True)
    return _send(
        kind, period_code, plan_name, workspace, units, register_file, password_file,
        retry=retry, yes=yes, as_json=as_json,
    )  # fmt: skip


def _kind(*, corrections: bool, reminders: bool) -> Any:
    from consolidator.mail.mailing import Kind

    if corrections and reminders:
        raise click.UsageError("--corrections 和 --reminders 只能写一种：请去掉一个。")
    if corrections:
        return Kind.CORRECTION
    return Kind.REMINDER if reminders else Kind.TEMPLATE


def _offer(
    kind: Any, period_code: str, plan_name: str, workspace: Path, units: tuple[str, ...],
    register_file: Path | None, password_file: Path | None,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """Return desk, workspace and offer of mails of a kind, each held to be its recipient's."""
    from consolidator.intake.plans import load_plan
    from consolidator.mail import choosing
    from consolidator.mail.mailing import Kind
    from consolidator.plan.period import Period
    from consolidator.signing import find_key
    from consolidator.workspace import Workspace

    period, place = Period.parse(period_code), Workspace(existing(workspace))
    loaded = load_plan(plan_name)
    templates = place.templates(period)
    desk = choosing.Desk(
        loaded, period, templates, find_key(place.root), now().date(), place.notice()
    )
    if kind is Kind.TEMPLATE:
        return desk, place, choosing.templates(desk, units)
    taken, written = take(
        loaded, period, place, register=register_file, password_file=password_file
    )
    choose = choosing.corrections if kind is Kind.CORRECTION else choosing.reminders
    return desk, place, choose(desk, taken, written, units)


def _send(
    kind: Any, period_code: str, plan_name: str, workspace: Path, units: tuple[str, ...],
    register_file: Path | None, password_file: Path | None, *, retry: bool, yes: bool,
    as_json: bool,
) -> int:  # fmt: skip
    import time

    from consolidator.mail.credentials import find_credentials
    from consolidator.mail.journal import alone
    from consolidator.mail.sending import due, send
    from consolidator.mail.sent_log import SentLog
    from consolidator.mail.smtp import Connection
    from consolidator.settings import load_settings

    desk, place, offer = _offer(
        kind, period_code, plan_name, workspace, units, register_file, password_file
    )
    settings = load_settings(place.root)
    with alone(place.mail()):
        log = SentLog(place.mail())
        steps = due(offer.mailings, log, retry=retry)
        waiting = [one for one in steps if not one.already]
        if waiting:
            _hold_settings(settings)
            _hold_addresses(waiting)
            who = find_credentials("smtp", settings.smtp.host, settings.mail.address)
            if not as_json:
                _show_waiting(waiting, kind, settings)
            if not yes and not confirm(f"发出这 {len(waiting)} 封邮件吗"):
                raise OperatorError("没有发出任何邮件：要发送请回答 y，或加 --yes。")
        with progress("发送") as begin:
            steps = send(
                steps,
                settings,
                lambda: Connection(settings.smtp, who, place.root),
                log,
                now=lambda: now().astimezone(),
                sleep=time.sleep,
                step=begin(len({one.mailing.identity for one in waiting})),
            )
    if as_json:
        mails = [
            {"unit": one.mailing.unit.code, "kind": str(kind), "file": one.mailing.file,
             "sha256": one.mailing.digest, "to": one.address, "state": str(one.state),
             "already": one.already, "reply": one.reply or None}
            for one in steps
        ]  # fmt: skip
        print_json(
            {"period": desk.period.code, "plan": desk.plan.name, "mails": mails,
             "without_address": [one.code for one in offer.unaddressed]}
        )  # fmt: skip
    else:
        _show_sent(steps, kind)
        _show_unaddressed(offer)
    well = all(str(one.state) == "sent" for one in steps) and not offer.unaddressed
    return WELL if well else ATTENTION


def _hold_settings(settings: Any) -> None:
    from consolidator.settings import FILE_NAME

    if not settings.mail.address or not settings.smtp.host:
        raise OperatorError(
            f"还没有设置发信邮箱：请在工作文件夹的 {FILE_NAME} 里写明 [mail] 的 address 和 "
            "[smtp] 的 host；没有该文件的，运行 consolidator mail init 写一份带说明的样例。"
        )


def _hold_addresses(waiting: list[Any]) -> None:
    from consolidator.plan.annexes import is_sample

    if names := dict.fromkeys(one.mailing.unit.name for one in waiting if is_sample(one.address)):
        raise OperatorError(
            f"{'、'.join(names)}的邮箱还是样例（example.com），一封也没有发出："
            "请把目标任务的联系人改成真的地址（plan export），再用 --plan 指明。"
        )


def _show_waiting(waiting: list[Any], kind: Any, settings: Any) -> None:
    rows = [(one.mailing.unit.name, one.address, one.mailing.file) for one in waiting]
    show_table([("单位", "left"), ("收件人", "left"), ("附件", "left")], rows)
    click.echo(f"由 {settings.mail.address} 发出，{kind.chinese}共 {len(waiting)} 封。")


def _show_sent(steps: list[Any], kind: Any) -> None:
    fresh = [one for one in steps if not one.already]
    if not steps:
        click.echo(f"没有要发的{kind.chinese}邮件。")
        return
    sent = sum(str(one.state) == "sent" for one in fresh)
    before = sum(one.already and str(one.state) == "sent" for one in steps)
    click.echo(f"这次发出 {sent} 封，以前已发 {before} 封。")
    for one in steps:
        if str(one.state) != "sent":
            why = f"（{one.reply}）" if one.reply else ""
            click.echo(f"  {one.state.chinese}：{one.mailing.unit.name} {one.address}{why}")
    if any(one.state.is_doubtful for one in steps):
        click.echo("请核对地址，或向收件人问明；要再发一次请加 --retry。")
    if any(not one.state.is_settled for one in steps):
        click.echo("没有发出的，再运行一次本命令就会接着发。")


def _show_unaddressed(offer: Any) -> None:
    if offer.unaddressed:
        names = "、".join(one.name for one in offer.unaddressed)
        click.echo(f"没有邮箱地址，没有发给：{names}。请在目标任务的联系人里补上。")
