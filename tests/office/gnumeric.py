"""Work Gnumeric as a unit's program, by its own converter ssconvert.

`ssconvert --set` reaches the first sheet only, whatever sheet is named (1.12.55). So cells are
filled in Gnumeric's own XML: ssconvert reads the source and writes that XML, the cells are set
there, and ssconvert reads it, computes its formulas and writes the target.
"""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped,unused-ignore]
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string

from .program import OfficeError, Results, Values, keystroke
from .reading import formula_results

EXPORTERS = {
    ".xlsx": "Gnumeric_Excel:xlsx2",
    ".xls": "Gnumeric_Excel:excel_biff8",
    ".ods": "Gnumeric_OpenCalc:odf",
    ".xml": "Gnumeric_XmlIO:sax:0",
}
GNM = "{http://www.gnumeric.org/v10.dtd}"
VALUE_TYPES = {"text": "60", "number": "40", "date": "40", "clear": "10"}


def available() -> str | None:
    """Say why Gnumeric cannot be used here, or return None if it can."""
    return None if shutil.which("ssconvert") else "ssconvert is not on the path (Debian: gnumeric)"


@dataclass(frozen=True, slots=True)
class Gnumeric:
    """Gnumeric without a window; each command is one or two runs of ssconvert."""

    timeout: float = 60.0
    name: str = "Gnumeric"

    def convert(self, source: Path, target: Path) -> None:
        """Save the source as .xlsx, .xls or .ods; formulas keep their cached values."""
        self._ssconvert(source, target)

    def fill(self, source: Path, target: Path, values: Values) -> None:
        """Put values into cells, locked or not, compute all formulas and save."""
        with tempfile.TemporaryDirectory(prefix="gnumeric-") as folder:
            own = Path(folder) / "workbook.xml"
            self._ssconvert(source, own)
            tree = etree.parse(own)
            for (sheet, address), value in values.items():
                kind, content = keystroke(value)
                _cells(tree, sheet).append(_cell(address, kind, str(content)))
            tree.write(own, encoding="UTF-8", xml_declaration=True)
            self._ssconvert(own, target, "-I", "Gnumeric_XmlIO:sax")

    def recalculate(self, source: Path) -> Results:
        """Compute every formula anew and return the results; the source is not changed."""
        with tempfile.TemporaryDirectory(prefix="gnumeric-") as folder:
            computed = Path(folder) / "computed.xlsx"
            self._ssconvert(source, computed, "--recalc")
            return formula_results(computed)

    def _ssconvert(self, source: Path, target: Path, *options: str) -> None:
        with tempfile.TemporaryDirectory(prefix="gnumeric-home-") as home:
            command = ["ssconvert", *options, "-T", EXPORTERS[target.suffix]]
            try:
                done = subprocess.run(
                    [*command, str(source.absolute()), str(target.absolute())],
                    env={**os.environ, "HOME": home, "LC_ALL": "C.UTF-8"},
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=self.timeout,
                    check=False,
                )
            except subprocess.TimeoutExpired as late:
                raise OfficeError(f"Gnumeric did not answer within {late.timeout:g} s") from late
        if done.returncode != 0 or not target.exists():
            raise OfficeError(f"Gnumeric: {done.stderr.strip()} ({done.returncode})")


def _cells(tree: Any, sheet: str) -> Any:
    for found in tree.iter(f"{GNM}Sheet"):
        if found.findtext(f"{GNM}Name") == sheet:
            return found.find(f"{GNM}Cells")
    raise OfficeError(f"Gnumeric found no sheet {sheet}")


def _cell(address: str, kind: str, content: str) -> Any:
    """Return Gnumeric's XML of a cell, to stand after, and so to replace, any cell there.

    ValueFormat shows a date as one where the cell's own format is General, as when typed.
    """
    column, row = coordinate_from_string(address)
    place = {"Row": str(row - 1), "Col": str(column_index_from_string(column) - 1)}
    cell = etree.Element(f"{GNM}Cell", place)
    cell.text = content
    if kind in VALUE_TYPES:
        cell.set("ValueType", VALUE_TYPES[kind])
    if kind == "date":
        cell.set("ValueFormat", "yyyy-mm-dd")
    return cell
