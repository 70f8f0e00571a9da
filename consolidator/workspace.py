"""Where a period's files lie: templates, returns and output, one folder a period."""

from dataclasses import dataclass
from pathlib import Path

from consolidator.plan.period import Period

NOTICE_FILE = "演示数据.txt"
MAIL = "mail"
REVIEWS = "评议"
"""The folder of the review (annex 3) within the year's own."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder a bureau works in."""

    root: Path

    def templates(self, period: Period) -> Path:
        """Return the folder of the templates issued for ``period``."""
        return self.root / "templates" / period.code

    def returns(self, period: Period) -> Path:
        """Return the folder into which what came back for ``period`` is saved."""
        return self.root / "returns" / period.code

    def output(self, period: Period) -> Path:
        """Return the folder of the district workbook of ``period``."""
        return self.root / "output" / period.code

    def mail(self) -> Path:
        """Return the folder of what went out and came in by mail: logs, and drafts a period."""
        return self.root / MAIL

    def drafts(self, period: Period) -> Path:
        """Return the folder of the mails of ``period`` that are sent by hand."""
        return self.mail() / period.code

    def reviews(self, folder: Path) -> Path:
        """Return the folder of the review within a period's templates or returns."""
        return folder / REVIEWS

    def notice(self) -> str:
        """Return what every sheet made here must say, or an empty text.

        A workspace made by the demonstration says that its figures are made up, so that none
        of its workbooks is ever taken for a real one.
        """
        file = self.root / NOTICE_FILE
        return file.read_text("utf-8").splitlines()[0].strip() if file.is_file() else ""
