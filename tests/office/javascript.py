"""Work ExcelJS and SheetJS as units' programs: the libraries behind web forms and scripts.

Neither computes formulas: both keep the results a file holds, whatever is filled.
"""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .program import OfficeError, Values, keystroke

FOLDER = Path(__file__).with_name("javascript")
INSTALL_SECONDS = 300
SUFFIXES = {"ExcelJS": (".xlsx",), "SheetJS": (".xlsx", ".xls", ".xlsb", ".ods")}


def install() -> None:
    """Install both libraries, in the versions of the lock file, from npm's registry.

    Raises:
        OfficeError: npm is absent, failed or did not end in time.
    """
    _run(
        "npm", "install", "--prefix", str(FOLDER), "--no-audit", "--no-fund", within=INSTALL_SECONDS
    )


@dataclass(frozen=True, slots=True)
class ExcelJS:
    """ExcelJS in node: .xlsx only.

    It loses (4.4.0) the custom properties, links within the workbook, the lock on its structure
    and the passwords of sheet protection, which itself stays.
    """

    timeout: float = 60.0
    name: str = "ExcelJS"

    def available(self) -> str | None:
        """Say why ExcelJS cannot be used here, or return None if it can."""
        return _missing("exceljs")

    def convert(self, source: Path, target: Path) -> None:
        """Save the source as .xlsx; formulas keep their cached values, but for empty texts."""
        self.fill(source, target, {})

    def fill(self, source: Path, target: Path, values: Values) -> None:
        """Put values into cells, locked or not, and save; a Formula has no result."""
        _fill(self.name, source, target, values, self.timeout)


@dataclass(frozen=True, slots=True)
class SheetJS:
    """SheetJS in node, as its free edition: .xlsx, .xls, .xlsb and .ods.

    It loses (0.18.5) all styles but number formats, protection, validations and conditional
    formats; outside .xlsx also defined names. In .xls and .xlsb formulas become their results, in
    .xls texts end after 255 characters, and in .ods dates become plain numbers, nothing is
    hidden, and a formula without a result is 0.
    """

    timeout: float = 60.0
    name: str = "SheetJS"

    def available(self) -> str | None:
        """Say why SheetJS cannot be used here, or return None if it can."""
        return _missing("xlsx")

    def convert(self, source: Path, target: Path) -> None:
        """Save the source by the target's suffix; formulas keep their cached values."""
        self.fill(source, target, {})

    def fill(self, source: Path, target: Path, values: Values) -> None:
        """Put values into cells, locked or not, and save; a Formula has no result."""
        _fill(self.name, source, target, values, self.timeout)


def _missing(package: str) -> str | None:
    if shutil.which("node") is None:
        return "node is not on the path (Debian: nodejs)"
    if not (FOLDER / "node_modules" / package / "package.json").exists():
        return f"{package} is not installed (npm install --prefix tests/office/javascript)"
    return None


def _fill(program: str, source: Path, target: Path, values: Values, timeout: float) -> None:
    if target.suffix not in SUFFIXES[program]:
        raise OfficeError(f"{program} writes no {target.suffix}")
    command = {
        "program": program,
        "source": str(source.absolute()),
        "target": str(target.absolute()),
        "values": [[*where, *keystroke(value)] for where, value in values.items()],
    }
    _run("node", str(FOLDER / "fill.cjs"), said=json.dumps(command), within=timeout)
    if not target.exists():
        raise OfficeError(f"{program} wrote no {target.name}")


def _run(program: str, *arguments: str, said: str = "", within: float) -> None:
    found = shutil.which(program)
    if found is None:
        raise OfficeError(f"{program} is not on the path")
    try:
        done = subprocess.run(
            [found, *arguments],
            input=said,
            capture_output=True,
            encoding="utf-8",
            timeout=within,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise OfficeError(f"{program} did not answer within {late.timeout:g} s") from late
    if done.returncode != 0:
        raise OfficeError(f"{program}: {done.stderr.strip()} ({done.returncode})")
