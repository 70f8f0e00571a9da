"""Keep the mailboxes of both servers: the SMTP server delivers into them, Dovecot shows them.

Each mailbox is `<root>/<address in lower case>/Maildir`. Of a message's file in it, Dovecot takes
the time of change as the time of receipt, and the number that its name begins with as its turn.
"""

import datetime
import os
import re
import shutil
import threading
import time
from pathlib import Path

from imapclient import imap_utf7

INBOX = "INBOX"
NOBODY = "nobody"
FLAGS = {"D": "\\Draft", "F": "\\Flagged", "R": "\\Answered", "S": "\\Seen", "T": "\\Deleted"}
RECENT = "\\Recent"
ADDRESS = re.compile(r"[^/@\s.][^/@\s]*@[^/@\s]+")


class Maildirs:
    """Mailboxes under one root, which is made.

    Run by root, they belong to the user "nobody", since Dovecot serves no mail of root's. The
    folders above the root must then be open to that user, as those of tmp_path are not.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.owner = _mail_owner()
        self._turns = threading.Lock()
        self._last_turn = 0
        self._make(root)

    def add(self, address: str, *, folder: str = INBOX) -> Path:
        """Make the mailbox, or a folder of it with any name, if absent; return its Maildir."""
        home = self._home(address)
        inbox = home / "Maildir"
        maildir = inbox if folder == INBOX else inbox / f".{_encoded(folder)}"
        for made in (home, inbox, maildir, *(maildir / part for part in ("tmp", "new", "cur"))):
            self._make(made)
        return maildir

    def deliver(
        self,
        address: str,
        message: bytes,
        *,
        received: datetime.datetime | None = None,
        folder: str = INBOX,
    ) -> Path:
        """Put the message, byte for byte, where new mail lies, and return its file.

        It has its owner and its time of receipt before it can be seen, which is why this is not
        left to the standard library's Maildir: that one's messages get both only afterwards.

        Args:
            address: whose mailbox; made if absent.
            message: with line ends of either kind; Dovecot shows all of them as CR LF.
            received: aware; without it, now. Messages keep the turn in which they were delivered.
            folder: as `add` names it.
        """
        maildir = self.add(address, folder=folder)
        name = f"{self._turn()}.{os.getpid()}.post"
        unseen, seen = maildir / "tmp" / name, maildir / "new" / name
        unseen.write_bytes(message)
        self._own(unseen, 0o600)
        if received is not None:
            if received.tzinfo is None:
                raise ValueError(f"the time of receipt has no time zone: {received}")
            os.utime(unseen, (received.timestamp(), received.timestamp()))
        return unseen.rename(seen)

    def messages(self, address: str, *, folder: str = INBOX) -> list[bytes]:
        """Return the messages of a mailbox by turn; none if there is no such mailbox."""
        return [file.read_bytes() for file in self._files(address, folder)]

    def flags(self, address: str, *, folder: str = INBOX) -> list[frozenset[str]]:
        r"""Return the flags of each message of a mailbox by turn, as IMAP names them.

        `{"\\Recent"}` is a message that nothing has touched: no program has even opened its
        mailbox for writing. A message that was expunged is missing.
        """
        keywords = _keywords(self.add(address, folder=folder))
        found = []
        for file in self._files(address, folder):
            letters = file.name.partition(":2,")[2].partition(",")[0]
            named = {FLAGS.get(letter) or keywords[letter] for letter in letters}
            found.append(frozenset(named | ({RECENT} if file.parent.name == "new" else set())))
        return found

    def clear(self) -> None:
        """Take every mailbox away, also one that a server is just closing."""
        for mailbox in list(self.root.iterdir()):
            gone = self.root.with_name(f"{self.root.name}-{self._turn()}")
            mailbox.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)

    def _home(self, address: str) -> Path:
        if not ADDRESS.fullmatch(address):
            raise ValueError(f"no mailbox can have the address {address!r}")
        return self.root / address.lower()

    def _files(self, address: str, folder: str) -> list[Path]:
        maildir = self.add(address, folder=folder)
        files = [file for part in ("new", "cur") for file in (maildir / part).iterdir()]
        return sorted(files, key=lambda file: int(file.name.partition(".")[0]))

    def _turn(self) -> int:
        with self._turns:
            self._last_turn = max(self._last_turn + 1, time.time_ns())
            return self._last_turn

    def _make(self, folder: Path) -> None:
        if not folder.exists():
            folder.mkdir(exist_ok=True)
            self._own(folder, 0o755)

    def _own(self, path: Path, mode: int) -> None:
        path.chmod(mode)
        if self.owner is not None:
            os.chown(path, *self.owner)


def _mail_owner() -> tuple[int, int] | None:
    """Return the user and group that mailboxes are given to; None where they are one's own."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    import pwd  # not on Windows

    nobody = pwd.getpwnam(NOBODY)
    return nobody.pw_uid, nobody.pw_gid


def _encoded(folder: str) -> str:
    """Return a folder's name as IMAP and so Maildir++ write it; a dot in it would make levels."""
    encoded: bytes = imap_utf7.encode(folder)
    return encoded.decode("ascii")


def _keywords(maildir: Path) -> dict[str, str]:
    """Return letter -> keyword, from Dovecot's list of those that the mailbox uses."""
    told = maildir / "dovecot-keywords"
    lines = told.read_text("utf-8").splitlines() if told.exists() else []
    pairs = [line.split(" ", 1) for line in lines]
    return {chr(ord("a") + int(number)): keyword for number, keyword in pairs}
