"""Hold a file against the mail it came with: its sender, and what was saved then."""

from collections.abc import Iterator, Mapping

from consolidator.checks.findings import Finding
from consolidator.intake.letters import Letter, letter_for
from consolidator.intake.values import Returned
from consolidator.plan.model import Plan


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
    contact = plan.contacts.get(unit)
    if contact and not contact.has(letter.sender):
        name = plan.unit(unit).name
        yield Finding("sender_unknown", unit, returned.file, found=letter.sender, expected=name)
