"""Write mails as drafts, one file each, for those who send by hand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from consolidator.files import cannot_write, discard, keep, write_all
from consolidator.mail.outgoing.mailing import Kind, Mailing
from consolidator.mail.outgoing.message import draft
from consolidator.plan.model import Unit
from consolidator.plan.period import Period
from consolidator.settings import Mail


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft, and what became of its file: ``new``, ``same`` or ``replaced``."""

    mailing: Mailing
    path: Path
    state: str


def write_drafts(
    mailings: Sequence[Mailing],
    folder: Path,
    sender: Mail,
    *,
    now: datetime,
    outdated: Iterable[str] = (),
) -> list[Draft]:
    """Write a draft a mail; one that stood there with other content is kept in the history.

    Args:
        mailings: what goes to whom.
        folder: where the drafts go.
        sender: who writes; the plan's contact where it is not set.
        now: names what is kept.
        outdated: names of drafts that nobody should send any more: they go to the history.

    Raises:
        OperatorError: an address or a name that cannot stand in a header, or a folder that
            cannot be written. Nothing is changed then.
    """
    drafts = [_drafted(one, folder, sender) for one in mailings]
    for one, _ in drafts:
        if one.state == "replaced":
            keep(one.path, stamp=now)
    write_all({one.path: content for one, content in drafts if one.state != "same"})
    mine = {one.path for one, _ in drafts}
    for path in (folder / name for name in outdated):
        if path not in mine and path.is_file():
            keep(path, stamp=now)
            discard([path])
    return [one for one, _ in drafts]


def draft_name(kind: Kind, unit: Unit, period: Period) -> str:
    """Return the name of a unit's draft."""
    return f"{kind.chinese}_{unit.short}_{period.short}.eml"


def _drafted(mailing: Mailing, folder: Path, sender: Mail) -> tuple[Draft, bytes]:
    contact = mailing.plan.contact
    content = draft(
        mailing, address=sender.address or contact.mail, name=sender.name or contact.office
    )
    path = folder / draft_name(mailing.kind, mailing.unit, mailing.period)
    state = "new"
    if path.exists():
        try:
            state = "same" if path.read_bytes() == content else "replaced"
        except OSError as error:
            raise cannot_write(path, error) from error
    return Draft(mailing, path, state), content
