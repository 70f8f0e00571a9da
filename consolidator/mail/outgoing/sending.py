"""Send mails: everything is held before the first one goes, and each is recorded as it goes."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime

from consolidator.errors import OperatorError
from consolidator.mail.outgoing.mailing import Mailing
from consolidator.mail.outgoing.message import letter, message_id
from consolidator.mail.outgoing.sent_log import Delivery, SentLog
from consolidator.mail.outgoing.smtp import Connection, NotHandedError, Reply, UncertainError
from consolidator.settings import Settings

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Step:
    """A mail to one address, and how far it has come."""

    mailing: Mailing
    address: str
    state: Delivery
    reply: str = ""
    already: bool = False
    """Whether an earlier run had settled it, so that this one did nothing."""


def due(mailings: Sequence[Mailing], log: SentLog, *, retry: bool) -> list[Step]:
    """Return what there is to do: every address of every mail, with how far it has come.

    Args:
        mailings: what is to be sent.
        log: what was sent before.
        retry: whether what was refused, bounced or left uncertain is sent once more.
    """
    steps = []
    for mailing in mailings:
        for address in mailing.contact.addresses:
            state = log.state(mailing, address)
            settled = state.is_settled and not (retry and state.is_doubtful)
            steps.append(Step(mailing, address, state, already=settled))
    return steps


def arrive(steps: Sequence[Step], log: SentLog, *, now: datetime) -> list[Step]:
    """Record what was uncertain as sent, since its recipients say so; nothing else is due then.

    Raises:
        OperatorError: the log cannot be written.
    """
    settled = []
    for one in steps:
        if one.state is Delivery.HANDED:
            number, reply = log.message_id(one.mailing, one.address), "收件人说已收到"
            log.add(
                one.mailing, one.address, Delivery.SENT, now=now, message_id=number, reply=reply
            )
            settled.append(replace(one, state=Delivery.SENT, already=True))
        elif one.already:
            settled.append(one)
    return settled


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """One mail as it goes, and the addresses it still goes to."""

    steps: tuple[Step, ...]
    content: bytes
    number: str
    """Its Message-ID."""

    @property
    def mailing(self) -> Mailing:
        return self.steps[0].mailing


def send(
    steps: Sequence[Step],
    settings: Settings,
    connect: Callable[[], Connection],
    log: SentLog,
    *,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
    step: Callable[[], object] = lambda: None,
) -> list[Step]:
    """Send what is due, and return every step with how far it has come now.

    A connection that breaks is opened anew once for each mail; where that fails, what has not
    gone is left for the next run.

    Args:
        steps: as `due` lists them.
        settings: who writes, how fast, how large.
        connect: opens a session with the server.
        log: where each mail is recorded.
        now: tells the time, with its time zone.
        sleep: waits so many seconds.
        step: called after each mail, for a progress bar.

    Raises:
        OperatorError: a mail that must not go, or a server that cannot be reached: nothing has
            gone then. Or the log cannot be written; what has gone until then is recorded.
    """
    outgoing = _composed(steps, settings, now())
    if not outgoing:
        return list(steps)
    for one in outgoing:
        _hold_size(one, settings.smtp.message_mb * 2**20, "设置的上限")
    done: dict[tuple[str, str], Step] = {}
    with closing(_Line(connect)) as line:
        if most := line.connection().most_bytes:
            for one in outgoing:
                _hold_size(one, most, "发信服务器的上限")
        for place, one in enumerate(outgoing):
            if place:
                sleep(_MINUTE / settings.mail.per_minute)
            try:
                found = _tried(one, line, settings.mail.address, log, now)
            except _NoLineError as problem:
                return _settled(steps, done, str(problem))
            done |= {(each.mailing.identity, each.address): each for each in found}
            step()
    return _settled(steps, done)


class _NoLineError(Exception):
    """The server cannot be reached any more."""


class _Line:
    """The session with the server, opened anew where it broke."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._connection: Connection | None = connect()

    def close(self) -> None:
        if self._connection:
            self._connection.close()

    def connection(self) -> Connection:
        try:
            self._connection = self._connection or self._connect()
        except OperatorError as problem:
            raise _NoLineError(str(problem)) from problem
        return self._connection

    def broke(self) -> None:
        self._connection = None


def _tried(
    one: _Outgoing, line: _Line, sender: str, log: SentLog, now: Callable[[], datetime]
) -> list[Step]:
    """Hand a mail over; where the line broke before it was, once more.

    A server may hang up after a rest, or after so many mails.

    Raises:
        _NoLineError: the server cannot be reached any more.
    """
    said = ""
    for _ in range(2):
        try:
            return _handed(one, line.connection(), sender, log, now)
        except NotHandedError as problem:
            line.broke()
            said = str(problem)
        except UncertainError as problem:
            line.broke()
            said = str(problem)
            break
    return [
        replace(each, state=log.state(each.mailing, each.address), reply=said) for each in one.steps
    ]


def _composed(steps: Sequence[Step], settings: Settings, now: datetime) -> list[_Outgoing]:
    """Compose every mail that is due."""
    by_mailing: dict[str, list[Step]] = {}
    for one in steps:
        if not one.already:
            by_mailing.setdefault(one.mailing.identity, []).append(one)
    address, found = settings.mail.address, []
    for several in by_mailing.values():
        mailing = several[0].mailing
        name = settings.mail.name or mailing.plan.contact.office
        content = letter(mailing, address=address, name=name, now=now)
        found.append(_Outgoing(tuple(several), content, message_id(mailing, address)))
    return found


def _hold_size(one: _Outgoing, most: int, whose: str) -> None:
    """Hold that a mail is not too large to go.

    Raises:
        OperatorError: it is.
    """
    size = len(one.content)
    if size > most:
        raise OperatorError(
            f"给{one.mailing.unit.name}的邮件太大（{_size(size)}），"
            f"超过{whose}（{_size(most)}），一封也没有发出："
            f"请核对附件“{one.mailing.file}”，或放宽上限。"
        )


def _size(size: int) -> str:
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{size / 2**10:.0f} KB"


def _handed(
    one: _Outgoing,
    connection: Connection,
    sender: str,
    log: SentLog,
    now: Callable[[], datetime],
) -> list[Step]:
    """Hand a mail over, and record what became of it at each address."""

    def record(to: str, state: Delivery, reply: str = "") -> None:
        log.add(one.mailing, to, state, now=now(), message_id=one.number, reply=reply)

    def before(taken: Sequence[str]) -> None:
        for to in taken:
            record(to, Delivery.HANDED)

    replies = connection.hand(
        sender, [each.address for each in one.steps], one.content, before=before
    )
    found = []
    for each in one.steps:
        reply = replies[each.address]
        state = _state(reply)
        record(each.address, state, reply.text)
        found.append(replace(each, state=state, reply=reply.text))
    return found


def _state(reply: Reply) -> Delivery:
    if reply.accepted:
        return Delivery.SENT
    return Delivery.DEFERRED if reply.temporary else Delivery.REFUSED


def _settled(
    steps: Sequence[Step], done: Mapping[tuple[str, str], Step], problem: str = ""
) -> list[Step]:
    """Return every step as it stands; ``problem`` is why those that are left did not go."""
    return [
        done.get((one.mailing.identity, one.address))
        or (one if one.already else replace(one, reply=problem))
        for one in steps
    ]
