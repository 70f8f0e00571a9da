"""What the mail commands share: what may be sent, and what is to be known before it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from consolidator.commands.options import existing, now
from consolidator.commands.rounds import locked_notice, take
from consolidator.errors import OperatorError

if TYPE_CHECKING:
    from consolidator.mail.outgoing.choosing import Desk, Offer
    from consolidator.mail.outgoing.mailing import Kind
    from consolidator.mail.outgoing.sent_log import SentLog
    from consolidator.report.round import Round
    from consolidator.settings import Settings
    from consolidator.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Asked:
    """What a mail command was asked for."""

    period: str
    plan: str
    workspace: Path
    units: tuple[str, ...]
    register: Path | None
    password_file: Path | None


@dataclass(frozen=True, slots=True)
class Offered:
    """What may be sent, and all it was chosen from."""

    kind: "Kind"
    desk: "Desk"
    place: "Workspace"
    settings: "Settings"
    log: "SentLog"
    offer: "Offer"
    taken: "Round | None"
    """The round as it stands; None where templates go out and nothing came back yet."""

    def notices(self) -> Iterator[str]:
        """Yield what is to be known before anything goes."""
        from consolidator.mail.outgoing.mailing import Kind
        from consolidator.mail.taken_log import TakenLog
        from consolidator.plan.annexes import is_sample

        contact = self.desk.plan.contact
        if contact.phone.startswith("（") or is_sample(contact.mail):
            yield "目标任务里科技局自己的电话或邮箱还没有填好，邮件和模板里会照样写出"
        if self.kind is Kind.TEMPLATE or self.taken is None:
            return
        if self.settings.imap.host:
            last = TakenLog(self.place.mail()).last_run
            yield (
                f"上次收取邮件是 {last[:16]}" if last
                else "还没有收取过邮件，各单位可能已经回信，请先运行 mail collect"
            )  # fmt: skip
        yield from locked_notice(self.taken)


def offered(kind: "Kind", asked: Asked) -> Offered:
    """Return what may be sent of a kind of mails, each held to be its recipient's own."""
    from consolidator.intake.plans import load_plan
    from consolidator.mail.outgoing import choosing
    from consolidator.mail.outgoing.mailing import Kind
    from consolidator.mail.outgoing.sent_log import SentLog
    from consolidator.mail.taken_log import TakenLog
    from consolidator.plan.period import Period
    from consolidator.settings import load_settings
    from consolidator.signing import find_key
    from consolidator.workspace import Workspace

    period, place = Period.parse(asked.period), Workspace(existing(asked.workspace))
    loaded = load_plan(asked.plan)
    desk = choosing.Desk(
        loaded, period, place.templates(period), find_key(place.root), now().date(), place.notice()
    )
    settings, log = load_settings(place.root), SentLog(place.mail())
    taken: Any = None
    if kind is Kind.TEMPLATE:
        offer = choosing.templates(desk, asked.units)
        if not asked.units and any(log.went_elsewhere(one) for one in offer.mailings):
            taken, _ = _round(asked, loaded, period, place)
            offer = choosing.without_returned(offer, taken, log)
    else:
        taken, written = _round(asked, loaded, period, place)
        if not taken.files and taken.earlier:
            raise OperatorError(
                f"“{place.returns(period)}”里没有收回的文件，而本期已有汇总表：汇总时写了别的"
                "文件夹的，请把收回的文件移到这里，再发更正表和催报。"
            )
        if kind is Kind.CORRECTION:
            offer = choosing.corrections(desk, taken, written, asked.units)
        else:
            heard = TakenLog(place.mail())
            offer = choosing.reminders(desk, taken, written, asked.units, log=log, heard=heard)
    return Offered(kind, desk, place, settings, log, offer, taken)


def _round(asked: Asked, plan: Any, period: Any, place: Any) -> tuple[Any, Any]:
    return take(plan, period, place, register=asked.register, password_file=asked.password_file)
