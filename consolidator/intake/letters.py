"""The mail a file came with: a small file beside it says who sent it, when, and its hash.

It lies beside the file it is about and is no return itself. Whatever else ends in the same
letters, is broken or has lost its file, is a file like any other.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import Path

from consolidator.files import sha256_of

SUFFIX = ".mail.json"
"""What the name of the record ends in, after the whole name of the file it is about."""
_MOST = 64 * 1024
"""Bytes that are read of a record."""


@dataclass(frozen=True, slots=True)
class Letter:
    """How a file came: everything as the mail tells it, the hash as it was saved."""

    file: str
    """The name it was saved under."""
    sha256: str
    attachment: str
    """The name it was sent under."""
    inside: tuple[str, ...]
    """What it was taken out of, outermost first: forwarded mails, ``winmail.dat``."""
    sender: str
    sender_name: str
    sent: str
    """The mail's own date, ISO 8601; empty where it has none."""
    received: str
    """When it reached the mailbox, ISO 8601, in the time of the place where it was collected."""
    subject: str
    message_id: str
    part: int
    """Its place among the attachments of the mail, from 1."""
    mailbox: str
    uid: int
    """The mail's number in the mailbox."""

    @property
    def arrived(self) -> datetime:
        """When it reached the mailbox."""
        return datetime.fromisoformat(self.received)

    @property
    def identity(self) -> tuple[str, str, int, str]:
        """What tells the same attachment of the same mail, whatever it was saved under."""
        return self.sender, self.message_id, self.part, self.sha256

    def encode(self) -> bytes:
        """Return the record's content."""
        return (json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n").encode()


def record_of(path: Path) -> Path:
    """Return where the record of a file lies."""
    return path.with_name(path.name + SUFFIX)


def letter_of(path: Path) -> Letter | None:
    """Return how a file came; None where no readable record says so."""
    record = record_of(path)
    try:
        if record.stat().st_size > _MOST:
            return None
        letter = decode(record.read_bytes())
        if letter and letter.file != path.name:
            # Renamed together with its record: known by its content.
            same = path.exists() and sha256_of(path) == letter.sha256
            return replace(letter, file=path.name) if same else None
        return letter
    except OSError:
        return None


def decode(content: bytes) -> Letter | None:
    """Read a record; None where it is none."""
    kinds = {one.name: one.type if one.type in (str, int) else list for one in fields(Letter)}
    try:
        told = json.loads(content)
        if not isinstance(told, dict) or told.keys() != kinds.keys():
            return None
        if any(type(told[name]) is not kind for name, kind in kinds.items()):
            return None
        letter = Letter(**{**told, "inside": tuple(map(str, told["inside"]))})
        # Neither is used here: each raises where it is not what it should be.
        _ = letter.arrived, letter.encode()
    except (ValueError, RecursionError):
        return None
    return letter


def is_record(path: Path) -> bool:
    """Tell whether a file is the record of another one that lies beside it."""
    if not path.name.endswith(SUFFIX):
        return False
    about = path.with_name(path.name.removesuffix(SUFFIX))
    return about.is_file() and letter_of(about) is not None


Files = list[tuple[Path, str]]
"""Paths, and the names findings call them by: see `find_files`."""


def letters_of(files: Files) -> tuple[Files, dict[str, Letter]]:
    """Return the files, and how they came by the names findings call them by, where that is told.

    A record that was left behind when its file was moved or renamed is known by the file's hash,
    and is no file of its own then either.

    """
    letters = {name: letter for path, name in files if (letter := letter_of(path))}
    lost = {path: letter for path, _ in files if (letter := _lost(path))}
    if not lost:
        return files, letters
    by_digest = {letter.sha256: path for path, letter in lost.items()}
    found = set()
    for path, name in files:
        if name not in letters and path not in lost and (record := by_digest.get(_hash(path))):
            letters[name] = replace(lost[record], file=path.name)
            found.add(record)
    return [one for one in files if one[0] not in found], letters


def _hash(path: Path) -> str:
    """Return a file's hash, empty where it cannot be read: that is told when it is opened."""
    try:
        return sha256_of(path)
    except OSError:
        return ""


def _lost(path: Path) -> Letter | None:
    """Return what a record says whose file does not lie beside it."""
    about = path.with_name(path.name.removesuffix(SUFFIX))
    if about == path or about.exists():
        return None
    return letter_of(about)


def letter_for(file: str, letters: Mapping[str, Letter]) -> Letter | None:
    """Return how a file came, or the archive it is a member of."""
    while file:
        if file in letters:
            return letters[file]
        file = file.rpartition("/")[0]
    return None
