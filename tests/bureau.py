"""A bureau that mails: a workspace whose plan has addresses and whose settings lead to servers.

Units are called by their codes; each has the address ``<code>@town.test``, and ``benniu`` sends a
copy to ``boss@town.test``.
"""

from dataclasses import replace
from pathlib import Path

import consolidator
from consolidator.plan.period import Period
from consolidator.settings import FILE_NAME
from consolidator.signing import find_key
from post.office import PostOffice
from returns import Q4, Answers, ask, good_answers, plan_folder, put, rendered
from terminal import Said, Terminal

PERIOD = ("--period", "2017-Q4")
SHIPPED_CONTACTS = (
    Path(consolidator.__file__).parent / "plan" / "data" / "2017" / "contacts.csv"
).read_text("utf-8")
COPY = "boss@town.test"


def address(unit: str) -> str:
    """Return a unit's address."""
    return f"{unit}@town.test"


class Bureau:
    """A workspace, the terminal in it, and the provider it mails through."""

    def __init__(self, terminal: Terminal, office: PostOffice) -> None:
        """Write the plan and the settings."""
        self.terminal = terminal
        self.office = office
        self.root = terminal.root
        self.plan = plan_folder(self.root / "plan")
        told = SHIPPED_CONTACTS.replace("@example.com", "@town.test")
        told = told.replace("benniu@town.test,", f"benniu@town.test,{COPY}")
        (self.plan / "contacts.csv").write_text(told, "utf-8")
        self.settle()

    def settle(self, *, smtp: str = "", imap: str = "", mail: str = "") -> None:
        """Write the settings, with lines of each table added or put in place of the usual."""
        office = self.office
        ca = f'ca_file = "{office.certificates.ca.as_posix()}"'
        tables = {
            "mail": [f'address = "{office.user}"', "per_minute = 100000"],
            "smtp": [f'host = "{office.host}"', f"port = {office.smtp_port}", ca],
            "imap": [f'host = "{office.host}"', f"port = {office.imap_port}", ca],
        }
        for table, more in (("mail", mail), ("smtp", smtp), ("imap", imap)):
            own = [line for line in more.splitlines() if line]
            names = {line.split(" = ")[0] for line in own}
            usual = [line for line in tables[table] if line.split(" = ")[0] not in names]
            tables[table] = [*usual, *own]
        text = "\n".join(f"[{table}]\n" + "\n".join(lines) for table, lines in tables.items())
        (self.root / FILE_NAME).write_text(text + "\n", "utf-8")

    def __call__(self, *arguments: object) -> Said:
        """Run a command of the period over the bureau's own plan."""
        return self.terminal(*arguments, *PERIOD, "--plan", self.plan)

    def refused(self, *arguments: object, words: str) -> None:
        """Run a command that must end in one Chinese sentence and change nothing."""
        self.terminal.refused(*arguments, *PERIOD, "--plan", self.plan, words=words)

    def mailbox(self, unit: str) -> list[bytes]:
        """Return the mails that lie in a unit's mailbox."""
        return self.office.mail.messages(address(unit))


def signed_return(
    bureau: Bureau, unit: str, changes: Answers | None = None, *, period: Period = Q4
) -> bytes:
    """Return a unit's return as its template would become it, signed with the workspace's key."""
    assignment = replace(ask(unit, period=period), signing_key=find_key(bureau.root))
    return rendered(assignment, good_answers(assignment) | (changes or {}))


def returned(bureau: Bureau, unit: str, changes: Answers | None = None) -> Path:
    """Put a unit's return into the workspace, as if it had come by hand."""
    path = bureau.root / "returns" / "2017-Q4" / f"{unit}.xlsx"
    return put(path, signed_return(bureau, unit, changes))
