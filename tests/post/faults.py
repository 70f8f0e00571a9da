"""Name what can go wrong with a message, for a test to switch on while the server runs."""

import threading
from dataclasses import dataclass, field
from enum import Enum, auto


class Moment(Enum):
    """When the connection of a message breaks, without a reply."""

    BEFORE_DATA = auto()
    """The sender has named the recipients and asks to send the body."""

    BEFORE_DELIVERY = auto()
    """The body has come in full, and is lost."""

    AFTER_DELIVERY = auto()
    """The body has come in full and lies in the mailboxes, which the sender is not told."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A message whose body has come and whose final reply waits: a moment to kill the sender.

    A sender who goes before the reply is given loses the message, unless it was delivered first.
    """

    delivered_first: bool = True
    """Whether the message lies in the mailboxes before the reply waits, or only afterwards."""

    seconds: float = 30.0
    """How long the reply waits if nobody releases it: alone, this makes a slow server."""

    reached: threading.Event = field(default_factory=threading.Event)
    """Set by the server when the reply begins to wait."""

    release: threading.Event = field(default_factory=threading.Event)
    """Set by the test to have the reply given."""


@dataclass(slots=True)
class Faults:
    """What goes wrong, for as long as it stands here; addresses are in lower case.

    Messages are counted by their DATA commands, from 1 since the server was started or cleared
    (`SmtpServer.count`). So what befalls the third does not befall it when it is sent again.
    """

    refused: set[str] = field(default_factory=set)
    """Recipients answered with 550, as unknown."""

    busy_once: set[str] = field(default_factory=set)
    """Recipients answered with 451, and taken from here so that the next time they are let in."""

    refuses_login: bool = False
    """Every login is answered with 535, the right one too."""

    size_limit: int | None = None
    """Bytes that a message may have, announced as SIZE to those who connect from now on."""

    hides_starttls: bool = False
    """STARTTLS is neither offered nor asked for, and a password is taken in the clear, as by one
    who listens in between. Of no effect where TLS begins with the first byte."""

    drops: dict[int, Moment] = field(default_factory=dict)
    """Number of a message -> when its connection breaks."""

    holds: dict[int, Hold] = field(default_factory=dict)
    """Number of a message -> how its final reply waits."""
