"""mail draft, send, remind: templates, corrections and reminders to each unit."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from consolidator.commands.mail_offers import Asked, Offered, offered
from consolidator.commands.options import (
    ATTENTION,
    WELL,
    Decorator,
    json_option,
    now,
    passwords_option,
    period_option,
    plan_option,
    print_json,
    register_option,
    workspace_option,
)
from consolidator.console import ChineseCommand, ChineseGroup, confirm, progress, show_table
from consolidator.errors import OperatorError

if TYPE_CHECKING:
    from consolidator.mail.outgoing.mailing import Kind
    from consolidator.mail.outgoing.sending import Step

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
    "--retry", is_flag=True,
    help="被拒收、被退信和不确定是否送达的也再发一次；一般加 --unit 写明单位。",
)  # fmt: skip
_arrived_option: Decorator = click.option(
    "--arrived", is_flag=True, help="不确定是否送达的，对方说收到了：记为已发，不再发。"
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
    from consolidator.mail.outgoing.drafts import write_drafts

    asked = Asked(period_code, plan_name, workspace, units, register_file, password_file)
    found = offered(_kind(corrections=corrections, reminders=reminders), asked)
    offer, folder = found.offer, found.place.drafts(found.desk.period)
    outdated = () if units else tuple(_outdated(found))
    written = write_drafts(
        offer.mailings, folder, found.settings.mail, now=now(), outdated=outdated
    )
    if as_json:
        drafts = [
            {"unit": one.mailing.unit.code, "kind": str(found.kind), "file": str(one.path),
             "to": list(one.mailing.contact.addresses), "state": one.state}
            for one in written
        ]  # fmt: skip
        print_json({**_about(found), "drafts": drafts})
    else:
        words = {"new": "新写", "same": "未变", "replaced": "更新"}
        if written:
            show_table(
                [(one, "left") for one in ("单位", "收件人", "草稿", "情况")],
                [(one.mailing.unit.short, "、".join(one.mailing.contact.addresses),
                  one.path.name, words[one.state]) for one in written],
            )  # fmt: skip
        click.echo(f"{found.kind.chinese}草稿 {len(written)} 封，在 {folder}。")
        _show_others(found)
        for notice in found.notices():
            click.echo(f"注意：{notice}。")
        if samples := _samples(one.contact.mail for one in offer.mailings):
            click.echo(f"注意：{samples} 个收件人还是样例地址（example.com），请先改好联系人。")
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
@_arrived_option
@_yes_option
@register_option
@passwords_option
@plan_option
@workspace_option
@json_option
def send(
    period_code: str, corrections: bool, reminders: bool, units: tuple[str, ...], retry: bool,
    arrived: bool, yes: bool, register_file: Path | None, password_file: Path | None,
    plan_name: str, workspace: Path, as_json: bool,
) -> int:  # fmt: skip
    """Send mails."""
    if retry and arrived:
        raise click.UsageError("--retry 和 --arrived 只能写一种：请去掉一个。")
    if arrived and not units:
        raise click.UsageError("--arrived 要用 --unit 写明是哪个单位收到了：请补上。")
    asked = Asked(period_code, plan_name, workspace, units, register_file, password_file)
    kind = _kind(corrections=corrections, reminders=reminders)
    return _send(kind, asked, retry=retry, arrived=arrived, yes=yes, as_json=as_json)


@mail.command(cls=ChineseCommand, help="催报：给未报和需更正的单位发催报邮件，每天最多一封。")
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
    asked = Asked(period_code, plan_name, workspace, units, register_file, password_file)
    kind = _kind(corrections=False, reminders=True)
    return _send(kind, asked, retry=retry, arrived=False, yes=yes, as_json=as_json)


def _kind(*, corrections: bool, reminders: bool) -> "Kind":
    from consolidator.mail.outgoing.mailing import Kind

    if corrections and reminders:
        raise click.UsageError("--corrections 和 --reminders 只能写一种：请去掉一个。")
    if corrections:
        return Kind.CORRECTION
    return Kind.REMINDER if reminders else Kind.TEMPLATE


def _outdated(found: Offered) -> Iterator[str]:
    """Yield the names of drafts that nobody should send any more."""
    from consolidator.checks.selection import UnitStatus
    from consolidator.mail.outgoing.drafts import draft_name
    from consolidator.mail.outgoing.mailing import Kind

    wanted = {one.unit.code for one in found.offer.mailings}
    for unit in found.desk.plan.units:
        if unit.code not in wanted:
            yield draft_name(found.kind, unit, found.desk.period)
    for result in found.taken.settled.units if found.taken else ():
        if result.status is UnitStatus.ACCEPTED:
            for kind in (Kind.CORRECTION, Kind.REMINDER):
                yield draft_name(kind, result.unit, found.desk.period)


def _send(
    kind: "Kind", asked: Asked, *, retry: bool, arrived: bool, yes: bool, as_json: bool
) -> int:
    from consolidator.mail.journal import alone
    from consolidator.mail.outgoing.sending import arrive, due

    found = offered(kind, asked)
    with alone(found.place.mail()):
        found = offered(kind, asked) if found.log.has_changed() else found
        steps = due(found.offer.mailings, found.log, retry=retry)
        if arrived:
            steps = arrive(steps, found.log, now=now().astimezone())
        if any(not one.already for one in steps):
            steps = _handed(found, steps, yes=yes, quiet=as_json)
    if as_json:
        mails = [
            {"unit": one.mailing.unit.code, "kind": str(kind), "file": one.mailing.file,
             "sha256": one.mailing.digest, "to": one.address, "state": str(one.state),
             "already": one.already, "reply": one.reply or None}
            for one in steps
        ]  # fmt: skip
        print_json({**_about(found), "mails": mails})
    else:
        _show_sent(steps, kind)
        _show_others(found)
    well = all(str(one.state) == "sent" for one in steps) and not found.offer.unaddressed
    return WELL if well else ATTENTION


def _handed(found: Offered, steps: "list[Step]", *, yes: bool, quiet: bool) -> "list[Step]":
    """Ask, send what is due, and return every step as it stands then."""
    from consolidator.mail.credentials import find_credentials
    from consolidator.mail.outgoing.sending import send
    from consolidator.mail.outgoing.smtp import Connection

    settings, waiting = found.settings, [one for one in steps if not one.already]
    _hold(found, waiting)
    who = find_credentials("smtp", settings.smtp.host, settings.mail.address)
    if not quiet:
        _show_waiting(found, waiting)
    mails = len({one.mailing.identity for one in waiting})
    if not yes and not confirm(f"发出{found.desk.period.title}的这 {mails} 封邮件吗"):
        raise OperatorError("没有发出任何邮件：要发送请回答 y，或加 --yes。")
    try:
        with progress("发送") as begin:
            return send(
                steps,
                settings,
                lambda: Connection(settings.smtp, who, found.place.root),
                found.log,
                now=lambda: now().astimezone(),
                sleep=time.sleep,
                step=begin(mails),
            )
    except KeyboardInterrupt as error:
        gone = sum(found.log.state(one.mailing, one.address).is_settled for one in waiting)
        raise OperatorError(
            f"已中断：这次要发给 {len(waiting)} 个收件人，已处理 {gone} 个，都有记录；"
            "再运行一次会接着发。"
        ) from error


def _hold(found: Offered, waiting: "Sequence[Step]") -> None:
    """Hold that the mailbox is set up, and that no address is a sample."""
    from consolidator.plan.annexes import is_sample
    from consolidator.settings import FILE_NAME

    if not found.settings.mail.address or not found.settings.smtp.host:
        raise OperatorError(
            f"还没有设置发信邮箱：请在工作文件夹的 {FILE_NAME} 里写明 [mail] 的 address 和 "
            "[smtp] 的 host；没有该文件的，运行 consolidator mail init 写一份带说明的样例。"
        )
    if names := dict.fromkeys(one.mailing.unit.name for one in waiting if is_sample(one.address)):
        raise OperatorError(
            f"{'、'.join(names)}的邮箱还是样例（example.com），一封也没有发出："
            "请把目标任务的联系人改成真的地址（plan export），再用 --plan 指明。"
        )


def _samples(addresses: Iterator[str]) -> int:
    from consolidator.plan.annexes import is_sample

    return sum(map(is_sample, addresses))


def _about(found: Offered) -> dict[str, object]:
    offer, desk = found.offer, found.desk
    return {
        "period": desk.period.code,
        "plan": desk.plan.name,
        "without_address": [one.code for one in offer.unaddressed],
        "spared": [{"unit": unit.code, "reason": why} for unit, why in offer.spared],
    }


def _show_waiting(found: Offered, waiting: "Sequence[Step]") -> None:
    from consolidator.mail.outgoing.mailing import Kind

    status = {one.unit.code: one.status.chinese for one in found.taken.settled.units} if (
        found.taken and found.kind is not Kind.TEMPLATE
    ) else {}  # fmt: skip
    columns = ["单位", *(["状态"] if status else []), "收件人", "附件"]
    rows = [
        (one.mailing.unit.short, *([status[one.mailing.unit.code]] if status else []),
         one.address, one.mailing.file)
        for one in waiting
    ]  # fmt: skip
    show_table([(one, "left") for one in columns], rows)
    for notice in found.notices():
        click.echo(f"注意：{notice}。")
    mails = len({one.mailing.identity for one in waiting})
    click.echo(
        f"由 {found.settings.mail.address} 发出，{found.desk.period.title}{found.kind.chinese}"
        f" {mails} 封，收件人 {len(waiting)} 个。"
    )


def _show_sent(steps: "Sequence[Step]", kind: "Kind") -> None:
    if not steps:
        click.echo(f"没有要发的{kind.chinese}邮件。")
        return
    sent = sum(not one.already and str(one.state) == "sent" for one in steps)
    before = sum(one.already and str(one.state) == "sent" for one in steps)
    click.echo(f"这次发给 {sent} 个收件人，以前已发 {before} 个。")
    for one in steps:
        if str(one.state) != "sent":
            why = f"（{one.reply}）" if one.reply else ""
            todo = "要再发一次请加 --retry" if one.state.is_doubtful else "再运行一次会接着发"
            if str(one.state) == "handed":
                todo = "请问明：收到了的加 --arrived，没有收到的加 --retry"
            name = one.mailing.unit.name
            click.echo(f"  {one.state.chinese}：{name} {one.address}{why}；{todo}。")


def _show_others(found: Offered) -> None:
    """Say who gets nothing, and why."""
    if found.offer.unaddressed:
        names = "、".join(one.name for one in found.offer.unaddressed)
        click.echo(f"没有邮箱地址，没有发给：{names}。请在目标任务的联系人里补上。")
    for unit, why in found.offer.spared:
        click.echo(f"没有发给{unit.name}：{why}。")
