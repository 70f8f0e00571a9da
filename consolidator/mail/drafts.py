"""Write mails as drafts, one file each, for those who send by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from consolidator.files import keep, write_all
from consolidator.mail.mailing import Mailing
from consolidator.mail.message import draft
from consolidator.settings import Mail


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft, and what became of its file: ``new``, ``same`` or ``replaced``."""

    mailing: Mailing
    path: Path
    state: str


def write_drafts(
    mailings: Sequence[Mailing], folder: Path, sender: Mail, *, now: datetime
) -> list[Draft]:
    """Write a draft a mail; one that stood there with other content is kept in the history.

    Args:
        mailings: what goes to whom.
        folder: where the drafts go.
        sender: who writes; the plan's contact where it is not set.
        now: names what is kept.

    Raises:
        OperatorError: an address or a name that cannot stand in a header, or a folder that
            cannot be written. Nothing is changed then.
    """
    drafts = [_drafted(one, folder, sender) for one in mailings]
    for one, _ in drafts:
        if one.state == "replaced":
            keep(one.path, stamp=now)
    write_all({one.path: content for one, content in drafts if one.state != "same"})
    return [one for one, _ in drafts]


def _drafted(mailing: Mailing, folder: Path, sender: Mail) -> tuple[Draft, bytes]:
    contact = mailing.plan.contact
    content = draft(
        mailing, address=sender.address or contact.mail, name=sender.name or contact.office
    )
    path = folder / f"{mailing.kind.chinese}_{mailing.unit.short}_{mailing.period.short}.eml"
    state = "new"
    if path.exists():
        state = "same" if path.read_bytes() == content else "replaced"
    return Draft(mailing, path, state), content
