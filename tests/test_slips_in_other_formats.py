"""What hides or disguises a figure is named in every format that programs save it in."""

from pathlib import Path

import pytest

from conftest import require
from consolidator.checks.run import check_returned
from consolidator.files import sha256
from consolidator.intake.returned import read_content
from office.gnumeric import Gnumeric
from office.javascript import SheetJS
from office.libreoffice import LibreOffice
from returns import NOON, SHIPPED
from test_unit_slips import BRIEF
from unit_slips import SLIPS, Slip

BY_TITLE = {slip.title.rstrip("."): slip for slip in SLIPS}
DRESSED = (
    "A share was pasted with its format",
    "A figure is shown in ten thousands",
    "A figure is not shown",
    "A figure is shown with other digits",
    "A figure is shown with a thousands comma and its unit",
)
COVERED = ("A line was hidden", "A line was filtered out")
SHUT = ("The sheet of figures was hidden",)
KEPT = {
    ("LibreOffice", ".xls"): (*DRESSED, *COVERED),
    ("LibreOffice", ".ods"): (*DRESSED, *COVERED),
    ("Gnumeric", ".xls"): (*DRESSED, *COVERED, *SHUT),
    ("Gnumeric", ".ods"): (*DRESSED, *COVERED, *SHUT),
    ("SheetJS", ".xls"): (*DRESSED, *SHUT),
    ("SheetJS", ".xlsb"): (*DRESSED, *COVERED, *SHUT),
}
"""What each program keeps: LibreOffice shows a hidden sheet that is the active one, SheetJS
writes no rows of .xls and no formats of .ods."""


@pytest.mark.parametrize(
    ("program", "suffix", "title"),
    [(*saved, title) for saved, titles in KEPT.items() for title in titles],
)
def test_what_hides_or_disguises_a_figure_is_named_in_every_format(
    program: str, suffix: str, title: str,
    libreoffice: LibreOffice, gnumeric: Gnumeric, tmp_path: Path,
) -> None:  # fmt: skip
    require(SheetJS().available() if program == "SheetJS" else None)
    slip: Slip = BY_TITLE[title]
    source, saved = tmp_path / "发来.xlsx", tmp_path / f"另存{suffix}"
    source.write_bytes(slip.make())
    for one in (libreoffice, gnumeric, SheetJS()):
        if one.name == program:
            one.convert(source, saved)
    content = saved.read_bytes()
    found = check_returned(read_content(content, saved.name, sha256(content), NOON, BRIEF), SHIPPED)
    told = {(one.cell, one.code) for one in found}
    # Gnumeric's .xls gives a number of an unknown format as a day: that is no number either.
    also = {"formulas_lost", "not_a_number"}
    days = {(one, "not_a_number") for one, _ in slip.findings} <= told
    assert slip.findings <= told or (days and (program, suffix) == ("Gnumeric", ".xls"))
    assert {code for _, code in told - slip.findings} <= also
