"""Make the records of how files came by mail, as collecting leaves them beside the files."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from consolidator.files import sha256
from consolidator.intake.letters import Letter, record_of

LETTER = Letter(
    file="甲.xlsx",
    sha256="0" * 64,
    attachment="甲.xlsx",
    inside=(),
    sender="alpha@town.test",
    sender_name="张三",
    sent="2018-01-05T09:00:00+08:00",
    received="2018-01-05 09:01:30",
    subject="报送",
    message_id="<1@town.test>",
    part=1,
    mailbox="kjj@bureau.test@imap.bureau.test/INBOX/1",
    uid=7,
)


def by_mail(
    path: Path,
    *,
    sender: str = LETTER.sender,
    sha256_: str = "",
    uid: int = 7,
    received: datetime | None = None,
) -> Letter:
    """Leave the record of a file that lies there, as if it had just been collected."""
    received = received or datetime(2018, 1, 5, 9, uid)
    letter = replace(
        LETTER,
        file=path.name,
        sha256=sha256_ or sha256(path.read_bytes()),
        attachment=path.name,
        sender=sender,
        received=received.isoformat(sep=" ", timespec="seconds"),
        message_id=f"<{uid}@town.test>",
        uid=uid,
    )
    record_of(path).write_bytes(letter.encode())
    return letter
