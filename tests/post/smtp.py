"""Take in mail as a provider's server does: under TLS, from one who logs in, to any address."""

import asyncio
from typing import Self

from aiosmtpd.controller import Controller

from .certificates import Certificates
from .desk import Connection, Desk
from .faults import Faults
from .maildirs import Maildirs

LOOPBACK = "127.0.0.1"
SIZE_LIMIT = 50 * 2**20
END_SECONDS = 5


class SmtpServer(Controller):
    """An SMTP server on a free port of the loopback; `with` starts and stops it.

    It takes mail only from who logs in. With `starttls` it insists on STARTTLS first; without, TLS
    begins with the first byte. What it takes in lies in every recipient's mailbox before it says
    so, and no header is added.

    Attributes:
        port: where it listens, once started.
        received: what was delivered.
        lost: what came in full and was not delivered, by a fault.
        attempts: every recipient that was named, and the answer.
        logins: every user and password that was told.
    """

    def __init__(
        self,
        maildirs: Maildirs,
        certificates: Certificates,
        *,
        user: str,
        password: str,
        starttls: bool = False,
    ) -> None:
        self._desk = Desk(maildirs, user=user, password=password)
        self._context = certificates.for_server()
        self._starttls = starttls
        self.received = self._desk.received
        self.lost = self._desk.lost
        self.attempts = self._desk.attempts
        self.logins = self._desk.logins
        super().__init__(
            self._desk,
            hostname=LOOPBACK,
            port=0,
            ssl_context=None if starttls else self._context,
        )

    @property
    def faults(self) -> Faults:
        """What goes wrong: change it at any time."""
        return self._desk.faults

    @property
    def count(self) -> int:
        """How many messages were begun, by DATA, since the server was made or cleared."""
        return self._desk.count

    def clear(self) -> None:
        """Mend every fault, forget what came and count anew; the mailboxes stay as they are."""
        self._desk.faults = Faults()
        self._desk.count = 0
        for records in (self.received, self.lost, self.attempts, self.logins):
            records.clear()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self, no_assert: bool = False) -> None:
        """Break every connection, then end the server.

        aiosmtpd alone (1.4.6) leaves open connections to the garbage collector, which warns of
        them; and from Python 3.12 on it would wait until all clients have gone.
        """
        if self._thread is not None:
            hanging_up = asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop)
            hanging_up.result(END_SECONDS)
        super().stop(no_assert)

    async def _hang_up(self) -> None:
        for connection in list(self._desk.connections):
            connection.hang_up()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for other in others:
            other.cancel()  # also a handshake that a client does not go on with
        await asyncio.gather(*others, return_exceptions=True)

    def factory(self) -> Connection:
        """Begin a connection, with the size limit and the offer of STARTTLS of this moment.

        aiosmtpd knows of no TLS but its own STARTTLS: told to require logins without that, it
        warns. So it is not told, and the desk asks for the login.
        """
        insists = self._starttls and not self.faults.hides_starttls
        return Connection(
            self._desk,
            loop=self.loop,
            hostname="localhost",
            enable_SMTPUTF8=True,
            data_size_limit=self.faults.size_limit or SIZE_LIMIT,
            tls_context=self._context if insists else None,
            require_starttls=insists,
            auth_require_tls=insists,
        )

    async def _create_server(self) -> asyncio.AbstractServer:
        """Listen on a port that the system chooses, and tell aiosmtpd which."""
        server = await self.loop.create_server(
            self._factory_invoker, LOOPBACK, 0, ssl=self.ssl_context
        )
        self.port = server.sockets[0].getsockname()[1]
        return server
