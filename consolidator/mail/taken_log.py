"""What was taken from the mailbox: nothing is saved twice, whatever became of the file since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from consolidator.mail.journal import Journal

FILE_NAME = "收取记录.jsonl"
_MAIL, _END = "mail", "end"
Identity = tuple[str, str, int, str]
"""Sender, Message-ID, place among the mail's attachments, SHA-256: see `Letter.identity`."""


@dataclass(frozen=True, slots=True)
class Note:
    """What was not saved of a mail, and why."""

    text: str
    """For the bureau."""
    for_unit: str = ""
    """For the sender: what is to be done; empty where it does not concern him."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail as it is recorded."""

    at: str
    sender: str
    subject: str
    received: str
    saved: tuple[str, ...]
    """Where its attachments were saved, as seen from the workspace."""
    notes: tuple[Note, ...]


class TakenLog:
    """The log of mails that were looked at, from the mail folder of a workspace."""

    def __init__(self, folder: Path) -> None:
        """Read what was recorded.

        Raises:
            OperatorError: the log cannot be read, or was edited.
        """
        self._journal = Journal(folder / FILE_NAME, _is_one)
        mails = [one for one in self._journal.records if one["event"] == _MAIL]
        self._mails = {(one["mailbox"], one["uid"]) for one in mails}
        self._attachments: set[Identity] = {
            (one["sender"], one["message_id"], part, sha256)
            for one in mails
            for part, sha256 in one["attachments"]
        }

    def has_mail(self, mailbox: str, uid: int) -> bool:
        """Tell whether a mail was settled before."""
        return (mailbox, uid) in self._mails

    def has_attachment(self, identity: Identity) -> bool:
        """Tell whether an attachment was saved before, however its mail is numbered now."""
        return identity in self._attachments

    @property
    def last_run(self) -> str:
        """When a run last came to its end, as ``2018-01-05 09:00:00``; empty where none did."""
        ends = (str(one["at"]) for one in self._journal.records if one["event"] == _END)
        return max(ends, default="")

    def untold(self) -> list[Taken]:
        """Return the mails that a run settled which never came to tell of them."""
        untold: list[Taken] = []
        for record in self._journal.records:
            untold = [*untold, _taken(record)] if record["event"] == _MAIL else []
        return untold

    def of(self, addresses: Sequence[str], *, since: str) -> list[Taken]:
        """Return the mails of some senders that were received since a time, oldest first."""
        wanted = {one.casefold() for one in addresses}
        mails = (one for one in self._journal.records if one["event"] == _MAIL)
        found = {
            (one["mailbox"], one["uid"]): _taken(one)
            for one in mails
            if str(one["sender"]).casefold() in wanted and str(one["received"]) >= since
        }
        return sorted(found.values(), key=lambda one: one.received)

    def saved(self) -> dict[str, str]:
        """Return the SHA-256 of saved attachments by where they were, seen from the workspace."""
        return {
            str(path): str(sha256)
            for one in self._journal.records
            if one["event"] == _MAIL
            for path, (_, sha256) in zip(one["saved"], one["attachments"], strict=True)
        }

    def add(
        self,
        mailbox: str,
        uid: int,
        taken: Taken,
        *,
        message_id: str,
        identities: Iterable[Identity],
    ) -> None:
        """Record a mail as settled.

        Args:
            mailbox: what the opened folder is called.
            uid: the mail's number in it.
            taken: what came of it.
            message_id: the mail's own identity.
            identities: those of the attachments that were saved.

        Raises:
            OperatorError: it cannot be written.
        """
        kept = list(identities)
        self._journal.add(
            {
                "event": _MAIL,
                "mailbox": mailbox,
                "uid": uid,
                "message_id": message_id,
                "attachments": [[part, sha256] for _, _, part, sha256 in kept],
                **asdict(taken),
            }
        )
        self._mails.add((mailbox, uid))
        self._attachments |= set(kept)

    def end(self, now: datetime) -> None:
        """Record that a run has come to its end, and tells of all it has settled.

        Raises:
            OperatorError: it cannot be written.
        """
        self._journal.add({"event": _END, "at": f"{now:%Y-%m-%d %H:%M:%S}"})


def _taken(record: Mapping[str, Any]) -> Taken:
    notes = tuple(Note(one["text"], one["for_unit"]) for one in record["notes"])
    return Taken(
        record["at"], record["sender"], record["subject"], record["received"],
        tuple(record["saved"]), notes,
    )  # fmt: skip


def _is_one(record: Mapping[str, Any]) -> bool:
    """Tell whether a record has all that is read of one."""
    if record.get("event") == _END:
        return isinstance(record.get("at"), str)
    try:
        taken = _taken(record)
        pairs = [(int(part), str(sha256)) for part, sha256 in record["attachments"]]
        told = (*asdict(taken).values(), record["mailbox"], record["message_id"])
        return (
            record["event"] == _MAIL
            and isinstance(record["uid"], int)
            and len(pairs) == len(taken.saved)
            and all(isinstance(one, (str, tuple)) for one in told)
        )
    except (KeyError, TypeError, ValueError):
        return False
