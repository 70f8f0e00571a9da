"""Hold a file against the mail it came with: its sender, and what was saved then."""

from collections.abc import Iterator, Mapping

from consolidator.checks.findings import Finding
from consolidator.intake.letters import Letter, letter_for
from consolidator.intake.values import Returned
from consolidator.plan.model import DISTRICT, Plan


def about_letter(
    returned: Returned, plan: Plan, letters: Mapping[str, Letter]
) -> Iterator[Finding]:
    """Yield what is noteworthy about how a file came; nothing where it did not come by mail."""
    letter = letter_for(returned.file, letters)
    if letter is None:
        return
    unit = returned.submission.unit if returned.submission else ""
    # Of a member of an archive only the archive's hash is known.
    whole = returned.file in letters
    if whole and returned.digest and returned.digest != letter.sha256:
        yield Finding("file_changed", unit, returned.file)
    if stranger := stranger_of(letter, unit, plan):
        name = plan.unit(unit).name
        yield Finding("sender_unknown", unit, returned.file, found=stranger, expected=name)


def stranger_of(letter: Letter | None, unit: str, plan: Plan) -> str:
    """Return the address of a sender who is no contact of a unit, else nothing.

    Where the plan knows no addresses at all, nobody is a stranger. The bureau's own address is
    that of the district's form.
    """
    known = [one.addresses for one in plan.contacts.values() if one.addresses]
    if letter is None or not unit or not known:
        return ""
    contact = plan.contacts.get(unit)
    own = unit == DISTRICT and letter.sender.lower() == plan.contact.mail.lower()
    if own or (contact and contact.has(letter.sender)):
        return ""
    return letter.sender or "（没有写明）"
