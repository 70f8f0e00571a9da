"""Record what a client told the SMTP server, in the order in which it did."""

import datetime
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Received:
    """A message whose body came in full."""

    mail_from: str
    recipients: tuple[str, ...]
    """Those that were let in, in the order in which they were named."""
    content: bytes
    """As it came, with CR LF at the end of each line."""
    at: datetime.datetime
    """When its body had come; aware."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A recipient that was named, and what was answered: 250, 550 or 451."""

    mail_from: str
    recipient: str
    code: int


@dataclass(frozen=True, slots=True)
class Login:
    """A user and a password that were told to the server, rightly or not."""

    user: str
    password: str
    encrypted: bool
    accepted: bool
