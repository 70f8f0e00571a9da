"""Run under the system Python and work one soffice for `libreoffice.py`.

One JSON command a line comes in on stdin, one JSON answer a line goes out on stdout. Only the
system Python has Debian's UNO, so nothing of the project is imported here. The worker ends, and
soffice with it, when stdin ends: even if the tests were killed, no soffice is left behind.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uno  # type: ignore[import-not-found,unused-ignore]
from com.sun.star.beans import (  # type: ignore[import-not-found,unused-ignore]
    PropertyValue,
)

FILTERS = {
    ".xlsx": "Calc MS Excel 2007 XML",
    ".xls": "MS Excel 97",
    ".ods": "calc8",
    ".pdf": "calc_pdf_Export",
}
START_SECONDS = 60
GRACE_SECONDS = 5
FORMULA_CELLS = 16  # com.sun.star.sheet.CellFlags.FORMULA


def commands() -> Iterator[dict[str, Any]]:
    """Yield the commands until stdin ends; kill the whole group if one then still hangs."""
    lines: queue.Queue[str] = queue.Queue()

    def listen() -> None:
        for line in sys.stdin:
            lines.put(line)
        lines.put("")
        last_resort = threading.Timer(GRACE_SECONDS, os.killpg, (0, signal.SIGKILL))
        last_resort.daemon = True
        last_resort.start()

    threading.Thread(target=listen, daemon=True).start()
    while line := lines.get():
        yield json.loads(line)


def started(profile: str) -> tuple[subprocess.Popen[bytes], Any]:
    """Start soffice with its own profile and return it with its desktop."""
    pipe = f"office{uuid.uuid4().hex}"
    soffice = subprocess.Popen(
        [
            *("soffice", "--headless", "--invisible", "--norestore", "--nologo", "--nodefault"),
            f"-env:UserInstallation=file://{profile}",
            f"--accept=pipe,name={pipe};urp;",
        ],
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
    )
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", local
    )
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            there = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            break
        except Exception:
            if soffice.poll() is not None or time.monotonic() > give_up:
                soffice.kill()
                raise
            time.sleep(0.1)
    return soffice, there.ServiceManager.createInstanceWithContext(
        "com.sun.star.frame.Desktop", there
    )


def options(**values: Any) -> tuple[Any, ...]:
    """Build UNO's named arguments."""
    named = []
    for name, value in values.items():
        option = PropertyValue()
        option.Name, option.Value = name, value
        named.append(option)
    return tuple(named)


def put(document: Any, sheet: str, address: str, kind: str, value: Any) -> None:
    """Set one cell; as a person's, a date in a General cell brings a date format along."""
    if not document.Sheets.hasByName(sheet):
        raise ValueError(f"LibreOffice found no sheet {sheet}")
    cell = document.Sheets.getByName(sheet).getCellRangeByName(address)
    if kind == "text":
        cell.setString(value)
    elif kind == "clear":
        cell.setString("")
    elif kind == "formula":
        if cell.Spreadsheet.isProtected() and cell.CellProtection.IsLocked:
            raise ValueError(f"{sheet}!{address} is locked: LibreOffice takes no formula there")
        cell.FormulaLocal = value  # in Excel's A1 syntax, by the profile
    else:
        cell.setValue(value)
    formats = document.NumberFormats
    if kind == "date" and formats.getByKey(cell.NumberFormat).FormatString == "General":
        key = formats.queryKey("YYYY-MM-DD", document.CharLocale, False)
        cell.NumberFormat = key if key != -1 else formats.addNew("YYYY-MM-DD", document.CharLocale)


def results(sheet: Any) -> dict[str, Any]:
    """Return address -> value of each formula cell of one sheet."""
    found: dict[str, Any] = {}
    for area in sheet.queryContentCells(FORMULA_CELLS).RangeAddresses:
        block = sheet.getCellRangeByPosition(
            area.StartColumn, area.StartRow, area.EndColumn, area.EndRow
        )
        for down, row in enumerate(block.getDataArray()):
            for across, value in enumerate(row):
                cell = block.getCellByPosition(across, down)
                column = letters(area.StartColumn + across)
                found[f"{column}{area.StartRow + down + 1}"] = shown(cell, value)
    return found


def letters(column: int) -> str:
    """Name a column counted from 0: 0 is A, 26 is AA."""
    name = ""
    while column >= 0:
        column, letter = divmod(column, 26)
        name = chr(ord("A") + letter) + name
        column -= 1
    return name


def shown(cell: Any, value: Any) -> Any:
    """Tell errors (which UNO gives as None) and booleans (as 1.0 and 0.0) by the cell's text."""
    if value is None:
        return cell.getString() if cell.getError() else None
    if value in (0.0, 1.0) and (text := cell.getString()) in ("TRUE", "FALSE"):
        return text == "TRUE"
    return value


def done(desktop: Any, command: dict[str, Any]) -> Any:
    """Open the command's source, do what it says, and close the source again."""
    document = desktop.loadComponentFromURL(
        uno.systemPathToFileUrl(command["source"]),
        "_blank",
        0,
        options(MacroExecutionMode=0, UpdateDocMode=0),
    )
    if document is None:
        raise ValueError(f"LibreOffice cannot open {command['source']}")
    try:
        if command["do"] == "recalculate":
            document.calculateAll()
            return {sheet.Name: results(sheet) for sheet in document.Sheets}
        # Without the lock every value makes each view react: a fill takes three times as long.
        document.addActionLock()
        for sheet, address, kind, value in command["values"]:
            put(document, sheet, address, kind, value)
        document.removeActionLock()
        target = command["target"]
        save = document.storeToURL if target.endswith(".pdf") else document.storeAsURL
        filter_name = FILTERS[Path(target).suffix]
        save(uno.systemPathToFileUrl(target), options(FilterName=filter_name, Overwrite=True))
        return None
    finally:
        document.close(True)


def answer(**fields: Any) -> None:
    """Write one line of JSON to the tests."""
    print(json.dumps(fields), flush=True)


def main(profile: str) -> None:
    """Answer commands until stdin ends."""
    soffice, desktop = started(profile)
    answer(ok=True)
    for command in commands():
        try:
            answer(ok=True, result=done(desktop, command))
        except Exception as problem:
            answer(ok=False, problem=f"{type(problem).__name__}: {problem}")
    try:
        desktop.terminate()
        soffice.wait(GRACE_SECONDS)
    except Exception:
        soffice.kill()


if __name__ == "__main__":
    main(sys.argv[1])
