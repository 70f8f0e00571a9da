"""Find each attachment its place in a folder: where it lies already, or the next free name."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from consolidator.intake.letters import SUFFIX, letter_of
from consolidator.mail.incoming.names import free_name
from consolidator.mail.taken_log import Identity


@dataclass(slots=True)
class Shelf:
    """The folders attachments are saved in, and what of the mailbox lies in them."""

    _held: dict[Path, dict[Identity, Path]] = field(default_factory=dict)

    def place(self, folder: Path, name: str, identity: Identity) -> Path:
        """Return where an attachment is or will be saved: under its own name, or the next free."""
        if folder not in self._held:
            self._held[folder] = dict(_recorded(folder))
        held = self._held[folder]
        if identity not in held:
            there = {one.name.casefold() for one in folder.iterdir()} if folder.is_dir() else set()
            free = free_name(
                name, lambda one: not there.isdisjoint({one.casefold(), (one + SUFFIX).casefold()})
            )
            held[identity] = folder / free
        return held[identity]


def _recorded(folder: Path) -> Iterator[tuple[Identity, Path]]:
    """Yield what records in a folder are about, also where the file itself is not there yet."""
    for record in sorted(folder.rglob(f"*{SUFFIX}")) if folder.is_dir() else ():
        about = record.with_name(record.name.removesuffix(SUFFIX))
        if letter := letter_of(about):
            yield letter.identity, about
