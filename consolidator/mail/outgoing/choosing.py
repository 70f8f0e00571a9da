"""Choose what goes to whom, and hold that every workbook is its recipient's own."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from consolidator.checks.findings import Finding
from consolidator.checks.run import refusal_finding
from consolidator.checks.selection import FileStatus, UnitResult, UnitStatus
from consolidator.errors import OperatorError
from consolidator.files import sha256
from consolidator.forms.quarterly.assignment import Assignment
from consolidator.forms.quarterly.correction import Problem
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.identity import find_stamp, hold_stamp, top_of
from consolidator.intake.letters import letter_for
from consolidator.intake.opening import open_workbook
from consolidator.issue.issue_list import FILE_NAME, Issued, read_issue_list
from consolidator.mail.outgoing.mailing import Kind, Mailing, Refused
from consolidator.mail.outgoing.sent_log import SentLog
from consolidator.mail.taken_log import TakenLog
from consolidator.plan.check import find_unit, hold_period
from consolidator.plan.model import Plan, Unit, UnitContact
from consolidator.plan.period import Period
from consolidator.report.corrections import FOLDER, problems_of
from consolidator.report.round import Round

_REMEDIES = {
    **dict.fromkeys(("file_encrypted", "password_wrong"), "请取消打开密码后重新报送。"),
    **dict.fromkeys(("archive_packed", "archive_nested"), "请不要打包，直接发送填报表。"),
    "reading_failed": "请使用下发的模板重新填报。",
    "file_unreadable": "请重新发送。",
    "file_unsafe": "请使用下发的模板重新填报。",
}
"""What a unit is told to do, where the finding's own remedy is for the bureau."""
Written = Mapping[str, tuple[Path, bytes]]
"""Correction workbooks by unit code, and where each should lie."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be sent."""

    mailings: tuple[Mailing, ...]
    unaddressed: tuple[Unit, ...] = ()
    """Units that should get a mail and have no address."""
    spared: tuple[tuple[Unit, str], ...] = ()
    """Units that get none, and why."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What mails are made from, whatever goes in them."""

    plan: Plan
    period: Period
    templates: Path
    """The folder of the period's templates."""
    signing_key: bytes
    day: date
    notice: str = ""
    """What every mail must say, for made-up figures."""

    def chosen(self, units: Sequence[str]) -> list[Unit]:
        """Return the units named by code or name, all where none is; in the plan's order.

        Raises:
            OperatorError: there is no such unit, or the period is of another year.
        """
        hold_period(self.plan, self.period)
        wanted = {find_unit(self.plan, one) for one in units}
        return [one for place, one in enumerate(self.plan.units) if not units or place in wanted]


def templates(desk: Desk, units: Sequence[str] = ()) -> Offer:
    """Return a mail with its template for each unit.

    Raises:
        OperatorError: a template was not issued, is gone, or is not the one that was issued or
            not its recipient's.
    """
    listed = read_issue_list(desk.templates / FILE_NAME)

    def made(unit: Unit, contact: UnitContact) -> Mailing:
        file, content = _template(desk, listed, unit)
        return _mailing(desk, Kind.TEMPLATE, unit, contact, file, content)

    return _offered(desk, desk.chosen(units), made)


def without_returned(offer: Offer, taken: Round, log: SentLog) -> Offer:
    """Spare the units that have reported a template that had gone to another address of theirs."""
    results = _results(taken)
    spared = [
        one
        for one in offer.mailings
        if log.went_elsewhere(one) and results[one.unit.code].status is not UnitStatus.MISSING
    ]
    why = "已经报来，不再发模板（要发请写 --unit）"
    return replace(
        offer,
        mailings=tuple(one for one in offer.mailings if one not in spared),
        spared=tuple((one.unit, why) for one in spared),
    )


def corrections(desk: Desk, taken: Round, written: Written, units: Sequence[str] = ()) -> Offer:
    """Return a mail with its corrections for each unit that has something to correct.

    Args:
        desk: what mails are made from.
        taken: the round as it stands now.
        written: the correction workbooks that belong to it.
        units: codes or names; all where none is named.

    Raises:
        OperatorError: a correction workbook does not lie there as it should.
    """
    results = _results(taken)
    chosen = [
        one for one in desk.chosen(units) if results[one.code].status is UnitStatus.NEEDS_CORRECTION
    ]

    def made(unit: Unit, contact: UnitContact) -> Mailing:
        file, content = _correction(written, unit)
        problems = problems_of(results[unit.code], _of(taken, unit))
        return _mailing(
            desk, Kind.CORRECTION, unit, contact, file, content, problems=tuple(problems)
        )

    doubted = [] if units else [one for one in chosen if _is_doubted(taken, results[one.code])]
    offer = _offered(desk, [one for one in chosen if one not in doubted], made)
    why = "采用的表是不认识的人寄来的，核实以前不发更正表（要发请写 --unit）"
    return replace(offer, spared=tuple((one, why) for one in doubted))


def reminders(
    desk: Desk,
    taken: Round,
    written: Written,
    units: Sequence[str] = (),
    *,
    log: SentLog,
    heard: TakenLog,
) -> Offer:
    """Return a mail for each unit that is missing, or has not sent its corrections.

    A unit whose corrections went out today is spared.

    Args:
        desk: what mails are made from.
        taken: the round as it stands now.
        written: the correction workbooks that belong to it.
        units: codes or names; all where none is named.
        log: what was sent.
        heard: what was collected: a unit is told why its mails were of no use.

    Raises:
        OperatorError: a workbook that must not go, as for `templates` and `corrections`.
    """
    results = _results(taken)
    chosen = [
        one for one in desk.chosen(units) if results[one.code].status is not UnitStatus.ACCEPTED
    ]
    listed = read_issue_list(desk.templates / FILE_NAME)

    def made(unit: Unit, contact: UnitContact) -> Mailing:
        result = results[unit.code]
        if result.status is UnitStatus.NEEDS_CORRECTION:
            file, content = _correction(written, unit)
            problems = tuple(problems_of(result, _of(taken, unit)))
            return _mailing(desk, Kind.REMINDER, unit, contact, file, content, problems=problems)
        file, content = _template(desk, listed, unit)
        refused = (*_refused(taken, contact), *_unheard(heard, contact, listed[unit.code].issued))
        return _mailing(desk, Kind.REMINDER, unit, contact, file, content, refused=refused)

    offer = _offered(desk, chosen, made)
    today = f"{desk.day:%Y-%m-%d}"
    spared = [one for one in offer.mailings if log.went_on(one, Kind.CORRECTION) == today]
    return replace(
        offer,
        mailings=tuple(one for one in offer.mailings if one not in spared),
        spared=tuple((one.unit, "今天刚发过更正表，这次不催") for one in spared),
    )


def _offered(
    desk: Desk, units: Iterable[Unit], made: Callable[[Unit, UnitContact], Mailing]
) -> Offer:
    mailings, unaddressed = [], []
    for unit in units:
        contact = desk.plan.contacts.get(unit.code)
        if contact and contact.mail:
            mailing = made(unit, contact)
            _hold_own(desk, mailing)
            mailings.append(mailing)
        else:
            unaddressed.append(unit)
    return Offer(tuple(mailings), tuple(unaddressed))


def _mailing(
    desk: Desk,
    kind: Kind,
    unit: Unit,
    contact: UnitContact,
    file: str,
    content: bytes,
    *,
    problems: tuple[Problem, ...] = (),
    refused: tuple[Refused, ...] = (),
) -> Mailing:
    deadline = Assignment(desk.plan, unit, desk.period).deadline
    return Mailing(
        kind, desk.plan, desk.period, unit, contact, file, content, deadline, desk.day,
        problems, refused, desk.notice,
    )  # fmt: skip


def _template(desk: Desk, listed: Mapping[str, Issued], unit: Unit) -> tuple[str, bytes]:
    """Return a unit's template as it was issued."""
    if not (issued := listed.get(unit.code)):
        raise OperatorError(
            f"“{desk.templates}”里没有{unit.name}的填报表：请核对当前文件夹或 --workspace；"
            "确实还没有下发的，先运行 issue。"
        )
    content = _content(desk.templates / issued.file)
    if sha256(content) != issued.digest:
        raise OperatorError(
            f"“{desk.templates / issued.file}”与发放清单记录的不同，一封也没有发出："
            "请从 history 或备份恢复原来的模板；要按现在的目标重新生成，"
            f"运行 issue --period {desk.period.code} --unit {unit.code} --replace。"
        )
    return issued.file, content


def _correction(written: Written, unit: Unit) -> tuple[str, bytes]:
    """Return a unit's correction workbook, which must belong to the round as it stands."""
    path, expected = written[unit.code]
    if not path.is_file() or _content(path) != expected:
        raise OperatorError(
            f"{unit.name}的更正表（“{FOLDER}”里的“{path.name}”）与现在收到的填报表对不上，"
            "一封也没有发出：请先重新汇总；汇总时用了 --register 或 --password-file 的，"
            "这里也要写上。"
        )
    return path.name, expected


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise OperatorError(f"“{path}”读不出来，一封也没有发出：请恢复该文件。") from error


def _hold_own(desk: Desk, mailing: Mailing) -> None:
    """Hold that a workbook's stamp is its recipient's, of this period and this workspace."""
    unit, what = mailing.unit, f"给{mailing.unit.name}的“{mailing.file}”"
    try:
        opened = open_workbook(mailing.content)
        stamp = find_stamp(opened, top_of(opened))
        if stamp.unit != unit.code:
            other = desk.plan.named(stamp.unit)
            whose = f"{other.name}的" if other else "别的单位的"
            raise OperatorError(f"{what}是{whose}表，一封也没有发出：请核对，再重新下发或汇总。")
        list(hold_stamp(stamp, desk.plan, desk.period, desk.signing_key))
    except NotReadableError as error:
        why = refusal_finding(mailing.file, error.refusal).message
        raise OperatorError(
            f"{what}不能发（{why}），一封也没有发出：请核对，再重新下发或汇总。"
        ) from error


def _results(taken: Round) -> dict[str, UnitResult]:
    return {one.unit.code: one for one in taken.settled.units}


def _is_doubted(taken: Round, result: UnitResult) -> bool:
    """Tell whether a stranger sent what counts for a unit: it is not to be answered unseen."""
    return any(
        one.code == "sender_unknown" and one.file == result.file and not one.waived
        for one in taken.settled.findings
    )


def _of(taken: Round, unit: Unit) -> Iterator[Finding]:
    return (one for one in taken.settled.findings if one.unit == unit.code)


def _refused(taken: Round, contact: UnitContact) -> Iterator[Refused]:
    """Yield the files of a unit that could not be taken.

    Files are the unit's by their sender, or by their stamp where they came by hand: what others
    have sent in its name is not told it as its own.
    """
    worded = {(one.file, one.code): one for one in taken.settled.findings if not one.cell}
    for file in taken.settled.files:
        letter = letter_for(file.file, taken.letters)
        if letter:
            own = contact.has(letter.sender) and file.unit in ("", contact.unit)
        else:
            own = file.unit == contact.unit
        if own and file.status is FileStatus.REJECTED:
            told = worded[file.file, file.code]
            remedy = _REMEDIES.get(file.code, told.remedy)
            name = file.file.rpartition("/")[2]
            yield Refused(f"“{name}”：{told.message}。{remedy}")


def _unheard(heard: TakenLog, contact: UnitContact, since: str) -> Iterator[Refused]:
    """Yield what was of no use in the mails a unit has sent since its template was issued."""
    for mail in heard.of(contact.addresses, since=since):
        for note in mail.notes:
            if note.for_unit:
                yield Refused(f"{mail.received[:16]} 的来信：{note.for_unit}")
