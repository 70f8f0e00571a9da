"""Collect what came by mail: each attachment saved untouched where it belongs, or named.

What a workbook's stamp says decides the folder: a return of another period of the year goes to
that period's folder, a reviewer's form to the folder of the review. A mail is recorded once all
that is saved of it lies on the disk; what a killed run has left half done, the next one completes.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from consolidator.checks.run import refusal_finding
from consolidator.checks.senders import about_letter
from consolidator.files import aside_of, discard, sha256, sha256_of, write_all
from consolidator.intake.brief import Brief
from consolidator.intake.formats.sniff import MAY_HOLD_FIGURES, sniff
from consolidator.intake.letters import Letter, record_of
from consolidator.intake.values import Returned
from consolidator.intake.workers import read_all
from consolidator.mail.incoming.attachments import Attachment, Mail, take_apart
from consolidator.mail.incoming.mailbox import Listed, Mailbox, in_order
from consolidator.mail.incoming.shelf import Shelf
from consolidator.mail.outgoing.sent_log import SentLog
from consolidator.mail.taken_log import Note, Taken, TakenLog
from consolidator.plan.period import Period
from consolidator.workspace import Workspace

_BATCH, _BATCH_BYTES = 20, 64 * 2**20
"""Mails, and bytes of attachments, that are read together."""
_NOTHING = Note("没有附件：请在邮箱里阅读", "来信没有附件，请把填好的填报表作为附件发来。")
_CLOUD = Note(
    "没有附件：正文提到网盘或超大附件，请在邮箱里手工下载",
    "附件是网盘或超大附件链接，收不到，请把填报表作为普通附件发来。",
)


@dataclass(frozen=True, slots=True)
class Saved:
    """An attachment that was saved."""

    path: Path
    letter: Letter
    unit: str
    """The code of the unit or reviewer whose form it is; empty where it is none that is known."""
    note: str
    """What is to be known about it, in Chinese; empty where it was read and all is well."""
    is_new: bool
    """Whether it was not there before."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A mail that was looked at, and what came of it."""

    sender: str
    subject: str
    received: datetime
    saved: tuple[Saved, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Collection:
    """What a run took from the mailbox."""

    mails: tuple[Looked, ...]
    """Those that something is to be said of."""
    known: int
    """Mails that an earlier run had settled."""
    empty: int
    """Mails without attachments from senders who are nobody's contact."""
    untold: tuple[Taken, ...]
    """What a run settled that was stopped before it could tell."""


@dataclass(frozen=True, slots=True)
class _Fetched:
    """A mail taken apart, and the attachments that are to be saved, written aside."""

    listed: Listed
    mail: Mail
    staged: tuple[tuple[Attachment, Path], ...]
    notes: tuple[Note, ...]


class Collector:
    """One run over the mailbox."""

    def __init__(
        self,
        mailbox: Mailbox,
        brief: Brief,
        place: Workspace,
        *,
        taken: TakenLog,
        sent: SentLog,
        issued: Mapping[str, str],
        most_bytes: int,
        now: Callable[[], datetime],
    ) -> None:
        """Take what a run needs.

        Args:
            mailbox: a session, its folder not yet opened.
            brief: what is asked for; its period is where attachments go that tell no other.
            place: the workspace.
            taken: what was collected before.
            sent: what was sent, in which mails that came back undelivered are recorded.
            issued: the unit codes of the workbooks that were issued or mailed, by their SHA-256.
            most_bytes: how large a mail may be that is fetched.
            now: tells the time.
        """
        self._mailbox = mailbox
        self._brief = brief
        self._place = place
        self._taken = taken
        self._sent = sent
        self._issued = issued
        self._most = most_bytes
        self._now = now
        self._shelf = Shelf()
        self._name = ""

    def collect(
        self,
        since: date,
        *,
        again: bool = False,
        mark: bool = False,
        begin: Callable[[int], Callable[[], object]] = lambda total: lambda: None,
    ) -> Collection:
        """Look at every mail that came on a day or later.

        Args:
            since: the day.
            again: look at mails anew that were settled before; what is there is not doubled.
            mark: mark mails as read of which something was saved.
            begin: gets the number of mails and returns what is called after each.

        Raises:
            OperatorError: the mailbox or the workspace fails; what was saved until then stays.
        """
        untold = tuple(self._taken.untold())
        self._name = self._mailbox.open(to_mark=mark)
        listed = list(in_order(self._mailbox.since(since)))
        step = begin(len(listed))
        batch: list[_Fetched] = []
        try:
            found, known = self._looked(listed, batch, again=again, mark=mark, step=step)
        finally:
            discard(aside for one in batch for _, aside in one.staged)
        telling = tuple(one for one in found if one.saved or one.notes)
        empty = len(found) - len(telling)
        self._taken.end(self._now())
        return Collection(telling, known, empty, untold)

    def _looked(
        self,
        listed: Sequence[Listed],
        batch: list[_Fetched],
        *,
        again: bool,
        mark: bool,
        step: Callable[[], object],
    ) -> tuple[list[Looked], int]:
        """Return what came of the mails, and how many were known; ``batch`` holds those at hand."""
        found: list[Looked] = []
        known = 0
        for one in listed:
            if self._taken.has_mail(self._name, one.uid) and not again:
                known += 1
            elif one.size > self._most:
                # It is named by every run until somebody has saved its attachments by hand.
                found.append(self._too_large(one))
            elif raw := self._mailbox.fetch(one.uid):
                batch.append(self._fetched(one, raw, again=again))
                if _is_full(batch):
                    found += self._settled(batch, mark=mark)
                    batch.clear()
            else:
                note = Note("没有取到，下次收取时再取")
                found.append(Looked("", f"第 {one.uid} 号邮件", one.received, notes=(note,)))
            step()
        found += self._settled(batch, mark=mark)
        return found, known

    def _too_large(self, one: Listed) -> Looked:
        size, most = one.size / 2**20, self._most / 2**20
        note = f"邮件有 {size:.0f} MB，超过 {most:.0f} MB，没有收取：请在邮箱里手工保存附件"
        return Looked("", f"第 {one.uid} 号邮件", one.received, notes=(Note(note),))

    def _fetched(self, listed: Listed, raw: bytes, *, again: bool) -> _Fetched:
        """Take a mail apart, and write aside what is to be saved."""
        mail = take_apart(raw)
        notes = list(self._about(mail, listed.received))
        staged: list[tuple[Attachment, Path]] = []
        contacts = self._brief.plan.contacts.values()
        is_contact = any(one.has(mail.sender) for one in contacts)
        folder = self._place.returns(self._period)
        try:
            for one in () if mail.is_bounce else mail.attachments:
                if note := self._refusal(one, mail, is_contact=is_contact, again=again):
                    notes.append(note)
                    continue
                aside = aside_of(folder / f"{listed.uid}-{one.part}")
                staged.append((replace(one, content=b""), aside))
                write_all({aside: one.content})
        except BaseException:
            discard(aside for _, aside in staged)
            raise
        if not staged and not notes and is_contact:
            notes.append(_CLOUD if mail.mentions_cloud else _NOTHING)
        return _Fetched(listed, replace(mail, attachments=()), tuple(staged), tuple(notes))

    def _refusal(
        self, one: Attachment, mail: Mail, *, is_contact: bool, again: bool
    ) -> Note | None:
        """Return why an attachment is not saved, None where it is."""
        digest = sha256(one.content)
        if unit := self._issued.get(digest):
            known = self._brief.plan.named(unit)
            return Note(
                f"“{one.name}”是发给{known.name if known else unit}的表，原样退回，没有填写或改动",
                "附件是发给贵单位的原表，没有填写或改动，请填好、改好后再发。",
            )
        if not is_contact and sniff(one.content) not in MAY_HOLD_FIGURES:
            return Note(f"“{one.name}”不是表格，寄件人也不是联系人，没有保存")
        identity = (mail.sender, mail.message_id, one.part, digest)
        if not again and self._taken.has_attachment(identity):
            return Note(f"“{one.name}”以前收取过，没有再存")
        return None

    @property
    def _period(self) -> Period:
        assert self._brief.period is not None
        return self._brief.period

    def _about(self, mail: Mail, received: datetime) -> Iterator[Note]:
        """Yield what a mail's own kind tells, and what of it is no attachment."""
        if mail.is_bounce:
            whom = "、".join(mail.failed) or "收件人"
            hit = [
                self._sent.bounce(
                    mail.failed_message_id, one, now=self._now(), received=received, reply="退信"
                )
                for one in mail.failed
                if mail.failed_message_id
            ]
            known = "，已记入发送记录" if any(hit) else ""
            yield Note(f"退信：没有送到 {whom}{known}，请核对地址")
            for one in mail.left:
                if one.name:
                    yield Note(f"退信附带的“{one.name}”没有保存")
            return
        for one in mail.left:
            if not one.why.is_minor:
                what = f"“{one.name}”" if one.name else ""
                yield Note(
                    f"{what}没有保存：{one.why}",
                    f"附件收不到（{one.why}），请把填报表作为普通附件重新发送。",
                )

    def _settled(self, batch: Sequence[_Fetched], *, mark: bool) -> list[Looked]:
        """Read what was written aside, put each file where it belongs, and record the mails."""
        staged = [
            (aside, _called(one, attachment)) for one in batch for attachment, aside in one.staged
        ]
        try:
            read = read_all(staged, replace(self._brief, period=None))
            found = [self._put(one, read) for one in batch]
        finally:
            discard(path for path, _ in staged)
        if mark:
            pairs = zip(batch, found, strict=True)
            self._mailbox.mark(one.listed.uid for one, looked in pairs if looked.saved)
        return found

    def _put(self, one: _Fetched, read: Sequence[Returned]) -> Looked:
        """Put a mail's files where they belong, and record the mail."""
        saved = []
        for attachment, aside in one.staged:
            called = _called(one, attachment)
            mine = [
                each for each in read
                if each.file == called or each.file.startswith(f"{called}/")
            ]  # fmt: skip
            saved.append(self._save(one, attachment, aside, mine))
        mail = one.mail
        subject = mail.subject or "（没有主题）"
        taken = Taken(
            at=f"{self._now():%Y-%m-%d %H:%M:%S}",
            sender=mail.sender,
            subject=subject,
            received=_told(one.listed.received),
            saved=tuple(each.path.relative_to(self._place.root).as_posix() for each in saved),
            notes=one.notes,
        )
        self._taken.add(
            self._name,
            one.listed.uid,
            taken,
            message_id=mail.message_id,
            identities=[each.letter.identity for each in saved],
        )
        return Looked(mail.sender, subject, one.listed.received, tuple(saved), one.notes)

    def _save(
        self, one: _Fetched, attachment: Attachment, aside: Path, read: Sequence[Returned]
    ) -> Saved:
        """Put one file and its record in place; the record first, by which it is known again."""
        folder, period = self._belongs(read)
        digest = sha256_of(aside)
        identity = (one.mail.sender, one.mail.message_id, attachment.part, digest)
        path = self._shelf.place(folder, attachment.name, identity)
        letter = Letter(
            file=path.name,
            sha256=digest,
            attachment=attachment.sent_as,
            inside=attachment.inside,
            sender=one.mail.sender,
            sender_name=one.mail.sender_name,
            sent=one.mail.sent,
            received=_told(one.listed.received),
            subject=one.mail.subject,
            message_id=one.mail.message_id,
            part=attachment.part,
            mailbox=self._name,
            uid=one.listed.uid,
        )
        is_new = not path.exists()
        if is_new:
            # A file that does not tell when it was saved is as old as its mail, not as this run.
            os.utime(aside, (letter.arrived.timestamp(),) * 2)
            write_all({record_of(path): letter.encode(), path: aside})
        units = {each.submission.unit for each in read if each.submission}
        notes = [*self._notes(read, letter, path)]
        if period != self._period:
            notes.insert(0, f"是{period.title}的，存在 {folder}，那一期要重新汇总")
        unit = units.pop() if len(units) == 1 else ""
        return Saved(path, letter, unit, "；".join(notes), is_new)

    def _belongs(self, read: Sequence[Returned]) -> tuple[Path, Period]:
        """Return the folder a file belongs in, and its period: as its stamps say, all alike."""
        stamped = {each.submission.stamp.period for each in read if each.submission}
        if len(stamped) == 1:
            period = Period.parse(stamped.pop())
            return self._place.returns(period), period
        reviews = any(each.refusal and each.refusal.code == "form_of_review" for each in read)
        if reviews and not stamped:
            year = Period(self._brief.plan.year)
            return self._place.reviews(self._place.returns(year)), self._period
        return self._place.returns(self._period), self._period

    def _notes(self, read: Sequence[Returned], letter: Letter, path: Path) -> Iterator[str]:
        """Yield what is to be known about a file at once: why it is no return, who sent it."""
        several = len(read) > 1
        for each in read:
            code = each.refusal.code if each.refusal else ""
            if each.refusal and code not in ("archive_opened", "form_of_review"):
                name = f"“{each.file.rpartition('/')[2]}”" if several else ""
                yield name + refusal_finding(each.file, each.refusal).message
            elif code == "form_of_review":
                yield f"评委的评议表，存在 {path.parent}"
            elif each.submission and not each.submission.figures():
                yield "是本单位的表，但没有填写"
            renamed = replace(each, file=letter.file)
            for finding in about_letter(renamed, self._brief.plan, {letter.file: letter}):
                if finding.code == "sender_unknown":
                    yield finding.message


def _told(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="seconds")


def _called(one: _Fetched, attachment: Attachment) -> str:
    """Return what a staged attachment is called while it is read; its name tells a leftover."""
    return f"{one.listed.uid}/{attachment.part}/{attachment.name}"


def _is_full(batch: Sequence[_Fetched]) -> bool:
    size = sum(aside.stat().st_size for one in batch for _, aside in one.staged)
    return len(batch) >= _BATCH or size > _BATCH_BYTES
