"""Read an xlsx through openpyxl twice: for its formulas, and for the values cached in it."""

import datetime
import warnings
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.utils.datetime import to_excel
from openpyxl.workbook import Workbook

from .program import Result, Results


def both(workbook: Path) -> tuple[Workbook, Workbook]:
    """Return the workbook with its formulas, and with cached values in their place.

    openpyxl's warnings are silenced: it warns of each extension that it leaves unread (x14 rules,
    sparklines) and of Gnumeric's styles.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(workbook), openpyxl.load_workbook(workbook, data_only=True)


def formula_results(workbook: Path) -> Results:
    """Return the cached value of each formula cell: sheet name -> address, dates as serials."""
    formulas, cached = both(workbook)
    return {
        sheet.title: {
            cell.coordinate: _cached(cached[sheet.title][cell.coordinate])
            for row in sheet.iter_rows()
            for cell in row
            if isinstance(cell, Cell) and cell.data_type == "f"
        }
        for sheet in formulas.worksheets
    }


def _cached(cell: Any) -> Result:
    """Return a cell's value; openpyxl puts a link's place into a cell that is empty (3.1.5)."""
    link = cell.hyperlink
    return None if link and cell.value == link.location else _result(cell.value)


def _result(value: Any) -> Result:
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return float(to_excel(value))  # type: ignore[no-untyped-call,unused-ignore]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
