"""What was taken from the mailbox: nothing is saved twice, whatever became of the file since."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from consolidator.mail.journal import Journal

FILE_NAME = "收取记录.jsonl"
Identity = tuple[str, int, str]
"""Message-ID, place among the mail's attachments, SHA-256: see `Letter.identity`."""


class TakenLog:
    """The log of mails that were looked at, from the mail folder of a workspace."""

    def __init__(self, folder: Path) -> None:
        """Read what was recorded.

        Raises:
            OperatorError: the log cannot be read, or was edited.
        """
        self._journal = Journal(folder / FILE_NAME)
        self._mails = {(one["mailbox"], one["uid"]) for one in self._journal.records}
        self._attachments: set[Identity] = {
            (one["message_id"], part, sha256)
            for one in self._journal.records
            for part, sha256 in one["attachments"]
        }

    def has_mail(self, mailbox: str, uid: int) -> bool:
        """Tell whether a mail was settled before."""
        return (mailbox, uid) in self._mails

    def has_attachment(self, identity: Identity) -> bool:
        """Tell whether an attachment was saved before, however its mail is numbered now."""
        return identity in self._attachments

    def add(
        self,
        mailbox: str,
        uid: int,
        *,
        now: datetime,
        message_id: str,
        sender: str,
        saved: Iterable[tuple[Identity, str]],
        left: Iterable[str],
    ) -> None:
        """Record a mail as settled.

        Args:
            mailbox: what the opened folder is called.
            uid: the mail's number in it.
            now: the time of the record.
            message_id: the mail's own identity.
            sender: who wrote it.
            saved: its attachments, and where each was saved in the workspace.
            left: what was not saved, and why.

        Raises:
            OperatorError: it cannot be written.
        """
        kept = list(saved)
        self._journal.add(
            {
                "at": f"{now:%Y-%m-%d %H:%M:%S}",
                "mailbox": mailbox,
                "uid": uid,
                "message_id": message_id,
                "sender": sender,
                "attachments": [[part, sha256] for (_, part, sha256), _ in kept],
                "saved": [path for _, path in kept],
                "left": list(left),
            }
        )
        self._mails.add((mailbox, uid))
        self._attachments |= {identity for identity, _ in kept}
