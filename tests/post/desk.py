"""Talk to one client of the SMTP server, deliver what it sends, and do what the faults say."""

import asyncio
import datetime
import time
from typing import Any, NoReturn

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from .faults import Faults, Hold, Moment
from .maildirs import Maildirs
from .records import Attempt, Login, Received

GLANCE_SECONDS = 0.005


class Desk:
    """What all connections share: aiosmtpd calls the methods whose names begin with "handle_"."""

    def __init__(self, maildirs: Maildirs, *, user: str, password: str) -> None:
        self.maildirs = maildirs
        self.expected = LoginPassword(user.encode(), password.encode())
        self.received: list[Received] = []
        self.lost: list[Received] = []
        self.attempts: list[Attempt] = []
        self.logins: list[Login] = []
        self.count = 0
        self.faults = Faults()
        self.connections: set[Connection] = set()

    def lets_in(self, told: LoginPassword, *, encrypted: bool) -> bool:
        """Say whether user and password are right, and keep them."""
        accepted = told == self.expected and not self.faults.refuses_login
        user, password = (part.decode("utf-8", "replace") for part in told)
        self.logins.append(Login(user, password, encrypted, accepted))
        return accepted

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's name)
        self,
        connection: "Connection",
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Begin a message, if the client has logged in."""
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self,
        connection: "Connection",
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Let a recipient in or not."""
        answer = self._answer(address)
        self.attempts.append(Attempt(envelope.mail_from or "", address, int(answer[:3])))
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer

    def _answer(self, address: str) -> str:
        key = address.lower()
        if key in self.faults.refused:
            return "550 5.1.1 User unknown"
        if key in self.faults.busy_once:
            self.faults.busy_once.remove(key)
            return "451 4.3.2 Please try again later"
        return "250 2.1.5 OK"

    async def begin_body(self, connection: "Connection") -> None:
        """Count the message whose body is about to come, or break off."""
        self.count += 1
        connection.number = self.count
        if self.faults.drops.get(self.count) is Moment.BEFORE_DATA:
            await connection.break_off()

    async def handle_DATA(  # noqa: N802
        self,
        connection: "Connection",
        session: Session,
        envelope: Envelope,
    ) -> str:
        """Deliver the message to its recipients, or lose it."""
        message = Received(
            mail_from=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            content=envelope.original_content or b"",
            at=datetime.datetime.now(datetime.UTC),
        )
        drop = self.faults.drops.get(connection.number)
        hold = self.faults.holds.get(connection.number)
        if drop is Moment.BEFORE_DELIVERY:
            self.lost.append(message)
            await connection.break_off()
        if hold is not None and not hold.delivered_first:
            try:
                await _released(hold)
            except asyncio.CancelledError:
                self.lost.append(message)
                raise
        for recipient in message.recipients:
            self.maildirs.deliver(recipient, message.content)
        self.received.append(message)
        if hold is not None and hold.delivered_first:
            await _released(hold)
        if drop is Moment.AFTER_DELIVERY:
            await connection.break_off()
        return "250 2.0.0 OK"


class Connection(SMTP):
    """One connection, known to the desk while it is open."""

    number = 0
    """Of the message whose body came last."""

    def __init__(self, desk: Desk, **how: Any) -> None:
        super().__init__(desk, authenticator=self._let_in, **how)
        self.desk = desk

    def _let_in(self, _0: SMTP, _1: Session, _2: Envelope, _3: str, told: Any) -> AuthResult:
        accepted = self.desk.lets_in(told, encrypted=self.encrypted())
        return AuthResult(success=accepted, handled=False)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, or begin again after STARTTLS."""
        self.desk.connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """End."""
        self.desk.connections.discard(self)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 (aiosmtpd's name)
        """Ask for the body of a message that has recipients, unless it is to break off."""
        if self.envelope is not None and self.envelope.rcpt_tos:
            await self.desk.begin_body(self)
        await super().smtp_DATA(arg)

    def encrypted(self) -> bool:
        """Say whether what is told now is told under TLS."""
        return self.transport is not None and bool(self.transport.get_extra_info("sslcontext"))

    def hang_up(self) -> None:
        """Break the connection at once; whatever goes on in it is cancelled."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    async def break_off(self) -> NoReturn:
        """Break the connection and wait to be cancelled."""
        self.hang_up()
        await asyncio.get_running_loop().create_future()
        raise AssertionError("nobody answers on a broken connection")


async def _released(hold: Hold) -> None:
    hold.reached.set()
    until = time.monotonic() + hold.seconds
    while not hold.release.is_set() and time.monotonic() < until:
        await asyncio.sleep(GLANCE_SECONDS)
