"""Where each unit stands: what was issued, sent, received, and what is to be done next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from consolidator.checks.selection import FileStatus, UnitResult, UnitStatus
from consolidator.files import sha256
from consolidator.forms.quarterly.assignment import Assignment
from consolidator.intake.letters import letter_for
from consolidator.issue.issue_list import Issued
from consolidator.mail.outgoing.mailing import Kind
from consolidator.mail.outgoing.sent_log import Delivery, SentLog
from consolidator.mail.taken_log import TakenLog
from consolidator.plan.model import Plan, Unit
from consolidator.plan.period import Period
from consolidator.report.round import Round

_ALL = tuple(Kind)
_COMMANDS = {
    Kind.TEMPLATE: "mail send",
    Kind.CORRECTION: "mail send --corrections",
    Kind.REMINDER: "mail remind",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one unit stands; a text is empty where there is nothing to say."""

    unit: Unit
    issued: str
    """When its template was issued."""
    sent: str
    """When mail last went to it, and which; or what went wrong with it."""
    received: str
    """When its last file came, by mail or as the file tells."""
    files: int
    """How many files it has sent that are known to be its own."""
    status: UnitStatus
    next_step: str
    command: str
    """The command for it, where there is one."""


def standings(
    taken: Round,
    issued: Mapping[str, Issued],
    log: SentLog,
    corrections: Mapping[str, tuple[Path, bytes]],
    heard: TakenLog,
    *,
    today: date,
) -> list[Standing]:
    """Return where every unit of the plan stands, in its order.

    Args:
        taken: the round as it stands.
        issued: the issue list, by unit code.
        log: what was sent.
        corrections: the correction workbooks that belong to the round by unit code, and where.
        heard: what was collected.
        today: for what is overdue.
    """
    plan = taken.settled.plan
    mine: dict[str, list[str]] = {unit.code: [] for unit in plan.units}
    for file in taken.settled.files:
        code = file.unit or _by_sender(file.file, taken, plan)
        if code in mine and file.status is not FileStatus.IGNORED:
            mine[code].append(file.file)
    books = _Books(taken, issued, log, corrections, heard, today)
    return [_standing(books, one, mine[one.unit.code]) for one in taken.settled.units]


def _by_sender(file: str, taken: Round, plan: Plan) -> str:
    """Return whose a file is that does not tell: the one unit of which its sender is a contact."""
    letter = letter_for(file, taken.letters)
    if letter is None:
        return ""
    units = [code for code, one in plan.contacts.items() if one.has(letter.sender)]
    return units[0] if len(units) == 1 else ""


@dataclass(frozen=True, slots=True)
class _Books:
    """What a unit's next step is read from."""

    taken: Round
    issued: Mapping[str, Issued]
    log: SentLog
    corrections: Mapping[str, tuple[Path, bytes]]
    heard: TakenLog
    today: date

    @property
    def period(self) -> Period:
        return self.taken.settled.period

    def records(self, unit: Unit) -> list[Mapping[str, Any]]:
        """Return what became of each mail to the addresses a unit has now, oldest first."""
        contact = self.taken.settled.plan.contacts.get(unit.code)
        addresses = contact.addresses if contact else ()
        found = self.log.latest(self.period.code, unit.code, _ALL)
        wanted = {one.lower() for one in addresses}
        return [one for one in found if str(one["to"]).lower() in wanted]

    def last(self, unit: Unit) -> list[Mapping[str, Any]]:
        """Return what became of the last mail to each address, oldest first."""
        by_address = {str(one["to"]).lower(): one for one in self.records(unit)}
        return sorted(by_address.values(), key=lambda one: str(one["at"]))

    def doubtful(self, unit: Unit) -> Mapping[str, Any] | None:
        """Return the mail to a unit that somebody has to look into, None where there is none.

        A reminder of another day is past: today's is another mail.
        """
        today = f"{self.today:%Y-%m-%d}"
        for one in self.last(unit):
            is_past = one["kind"] == Kind.REMINDER and str(one["at"])[:10] != today
            if Delivery(one["state"]).is_doubtful and not is_past:
                return one
        return None

    def gone(self, unit: Unit, address: str) -> dict[Kind, dict[str, str]]:
        """Return the hashes of the workbooks that went to an address, and when, by kind.

        The time is the last one, to the minute.
        """
        found: dict[Kind, dict[str, str]] = {}
        for one in self.records(unit):
            if one["state"] == Delivery.SENT and str(one["to"]).lower() == address.lower():
                moment = str(one["at"])[:16]
                found.setdefault(Kind(one["kind"]), {})[str(one["sha256"])] = moment
        return found


def _standing(books: _Books, result: UnitResult, files: Sequence[str]) -> Standing:
    unit = result.unit
    listed = books.issued.get(unit.code)
    letters = [one for file in files if (one := letter_for(file, books.taken.letters))]
    received = max((f"{one.arrived:%Y-%m-%d %H:%M}" for one in letters), default="")
    if not received and result.submission:
        received = f"{result.submission.saved:%Y-%m-%d %H:%M}"
    contact = books.taken.settled.plan.contacts.get(unit.code)
    since = listed.issued if listed else ""
    mails = books.heard.of(contact.addresses, since=since) if contact else []
    if not received and mails:
        received = mails[-1].received[:16]
    told = any(note.for_unit for one in mails for note in one.notes)
    step, command = _next(books, result, came=bool(files) or told, received=received)
    return Standing(
        unit=unit,
        issued=listed.issued[:16] if listed else "",
        sent=_sent(books.last(unit)),
        received=received,
        files=len(files),
        status=result.status,
        next_step=step,
        command=command,
    )


def _sent(records: Sequence[Mapping[str, Any]]) -> str:
    """Return when mail last went to a unit, and which; or what went wrong with the last one."""
    told = ""
    for one in records:
        kind, state = Kind(one["kind"]), Delivery(one["state"])
        if state is not Delivery.SENT:
            return f"{kind.chinese}{state.chinese}"
        told = f"{str(one['at'])[:16]} {kind.chinese}"
    return told


def _next(books: _Books, result: UnitResult, *, came: bool, received: str) -> tuple[str, str]:
    """Return what is to be done next about a unit, and the command for it.

    ``received`` is when its last file came.
    """
    unit, plan = result.unit, books.taken.settled.plan
    listed, contact = books.issued.get(unit.code), plan.contacts.get(unit.code)
    if result.status is UnitStatus.ACCEPTED:
        strangers = [one for one in books.taken.settled.findings if one.code == "sender_unknown"]
        doubted = any(one.file == result.file and not one.waived for one in strangers)
        return ("核实寄件人", "") if doubted else ("完成", "")
    wrong = result.status is UnitStatus.NEEDS_CORRECTION
    if listed is None and not wrong:
        return "下发填报表", "issue"
    if contact is None or not contact.mail:
        return "补上邮箱地址，或另行联系", ""
    if doubtful := books.doubtful(unit):
        kind, state = Kind(doubtful["kind"]), Delivery(doubtful["state"])
        what = "问明收到没有，没有再发" if state is Delivery.HANDED else "核对邮箱地址后重发"
        return what, f"{_COMMANDS[kind]} --retry --unit {unit.code}"
    gone = books.gone(unit, contact.mail)
    if wrong:
        path, correction = books.corrections[unit.code]
        digest = sha256(correction)
        if went := max((one[digest] for one in gone.values() if digest in one), default=""):
            again = "又寄来的仍须更正，再催或打电话", _COMMANDS[Kind.REMINDER]
            return again if received > went else ("等待更正后的表", "")
        stands = path.is_file() and path.read_bytes() == correction
        return ("发更正表", _COMMANDS[Kind.CORRECTION]) if stands else ("汇总", "consolidate")
    assert listed is not None
    deadline = Assignment(plan, unit, books.period).deadline
    if books.log.is_used(books.period.code) and not any(
        listed.digest in one for one in gone.values()
    ):
        return "发填报表", _COMMANDS[Kind.TEMPLATE]
    today = f"{books.today:%Y-%m-%d}"
    if any(one.startswith(today) for one in gone.get(Kind.REMINDER, {}).values()):
        return "今天已催，等待报送", ""
    if came:
        return "来件不能采用，告知原因", _COMMANDS[Kind.REMINDER]
    if books.today > deadline:
        return "已过期限，催报", _COMMANDS[Kind.REMINDER]
    if not gone:
        return "发填报表", _COMMANDS[Kind.TEMPLATE]
    return f"等待报送（{deadline:%m-%d} 前）", ""
