"""Put the servers together to one provider: two ways in, one way out, the same mailboxes."""

import contextlib
import datetime
import functools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .certificates import Certificates
from .dovecot import Dovecot, new_folder
from .maildirs import INBOX, Maildirs
from .smtp import SmtpServer

USER = "district@example.com"
PASSWORD = 'made up: "\\'
"""ASCII, since smtplib takes no other."""


@dataclass(frozen=True, slots=True)
class PostOffice:
    """A provider where the district (`user`, `password`) sends and collects.

    `smtp` and `imap` at `smtp_port` and `imap_port` speak TLS from the first byte; `smtp_starttls`
    at its own port, and `imap` at its `starttls_host` and `starttls_port`, insist on STARTTLS.
    """

    smtp: SmtpServer
    smtp_starttls: SmtpServer
    imap: Dovecot
    mail: Maildirs
    certificates: Certificates
    user: str = USER
    password: str = PASSWORD
    host: str = "127.0.0.1"

    @property
    def smtp_port(self) -> int:
        """Where mail is sent, TLS from the first byte."""
        return self.smtp.port

    @property
    def imap_port(self) -> int:
        """Where mail is collected, TLS from the first byte."""
        return self.imap.port

    def open_mailbox(self, address: str) -> None:
        """Let the address log in by IMAP, with the district's password."""
        self.imap.add_mailbox(address, self.password)

    def deliver(
        self,
        message: bytes,
        *,
        received: datetime.datetime | None = None,
        folder: str = INBOX,
    ) -> Path:
        """Put a message into the district's own mailbox, as `Maildirs.deliver` does."""
        return self.mail.deliver(self.user, message, received=received, folder=folder)

    def flags(self, *, folder: str = INBOX) -> list[frozenset[str]]:
        """Return the flags of the district's own messages, as `Maildirs.flags` does."""
        return self.mail.flags(self.user, folder=folder)

    def clear(self) -> None:
        """Be as new: no mail, no faults, no memory, and only the district's mailbox."""
        for server in (self.smtp, self.smtp_starttls):
            server.clear()
        self.mail.clear()
        self.imap.clear()
        self.open_mailbox(self.user)


@contextlib.contextmanager
def opened(certificates: Certificates) -> Iterator[PostOffice]:
    """Start all servers, and stop them afterwards."""
    folder = new_folder()
    mail = Maildirs(folder / "mail")
    server = functools.partial(SmtpServer, mail, certificates, user=USER, password=PASSWORD)
    try:
        with (
            server() as smtp,
            server(starttls=True) as smtp_starttls,
            Dovecot(mail, certificates) as imap,
        ):
            yield PostOffice(smtp, smtp_starttls, imap, mail, certificates)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
