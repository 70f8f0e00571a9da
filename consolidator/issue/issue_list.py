"""发放清单: which workbook went to whom, when, with which hash and password."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from consolidator.errors import OperatorError
from consolidator.files import HISTORY
from consolidator.forms.layout import (
    Area,
    Book,
    Cell,
    Column,
    Columns,
    Printing,
    Role,
    Shape,
    Sheet,
    Style,
)
from consolidator.plan.model import Plan
from consolidator.plan.period import Period

FILE_NAME = "发放清单.xlsx"
_SHEET = "发放清单"
RECORD = (
    Column("file", "文件", 38),
    Column("issued", "发放时间", 20),
    Column("password", "保护密码", 16),
    Column("digest", "SHA-256", 70),
)
"""What every list records of a workbook, after the columns that say whose it is."""
_COLUMNS = Columns(
    Column("unit", "", 3, hidden=True),
    Column("number", "序号", 6),
    Column("name", "单位", 30),
    *RECORD,
)
_TITLE, _NOTE, _HEAD = 0, 1, 2
_FIRST = _HEAD + 1
_WARNING = "密码用于解除工作表和工作簿结构保护，请妥善保管，不要随模板发出。"


@dataclass(frozen=True, slots=True)
class Issued:
    """A workbook that was issued; ``unit`` is the code of whoever is to fill it."""

    unit: str
    file: str
    issued: str
    """When, as ``2017-12-20 09:30:00``."""
    password: str
    digest: str


def read_issue_list(path: Path) -> dict[str, Issued]:
    """Return what was issued, by unit code; nothing where there is no list yet.

    Raises:
        OperatorError: the list cannot be read; without it a password could be lost.
    """
    rows = read_rows(path, _COLUMNS)
    return {row["unit"]: issued_in(row, row["unit"]) for row in rows}


def first_issued(folder: Path) -> str:
    """Return when a period's first workbook was issued, empty where none was.

    Raises:
        OperatorError: a list cannot be read.
    """
    return min((one.issued for one in all_issued(folder)), default="")


def all_issued(folder: Path) -> list[Issued]:
    """Return every workbook that was issued for a period, those that were replaced too.

    Raises:
        OperatorError: a list cannot be read.
    """
    kept = sorted((folder / HISTORY).glob(f"{Path(FILE_NAME).stem}_*.xlsx"))
    lists = [read_issue_list(path) for path in (folder / FILE_NAME, *kept)]
    return [one for listed in lists for one in listed.values()]


def read_rows(path: Path, columns: Columns) -> list[dict[str, str]]:
    """Return the rows of a list by the keys of its columns; the first says whose a row is.

    Raises:
        OperatorError: the list cannot be read.
    """
    if not path.exists():
        return []
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
        rows = workbook.get_sheet_by_name(_SHEET).to_python(skip_empty_area=False)
    except (OSError, CalamineError) as error:
        raise OperatorError(
            f"“{path}”读不出来：请关闭正在打开它的程序，或从备份恢复该清单。"
        ) from error
    keys = [column.key for column in columns.all]
    texts = ([str(cell) for cell in row] for row in rows[_FIRST:])
    return [dict(zip(keys, row, strict=True)) for row in texts if len(row) == len(keys) and row[0]]


def issued_in(row: Mapping[str, str], code: str) -> Issued:
    """Return what a row of a list records."""
    return Issued(code, row["file"], row["issued"], row["password"], row["digest"])


def issue_list_book(
    plan: Plan, period: Period, issued: Mapping[str, Issued], *, made: datetime
) -> Book:
    """Describe the list, units in the plan's order."""
    asked = [*plan.units, *(plan.district_plan.units if plan.district_plan else ())]
    rows = [
        ((unit.code,), (unit.name,), issued[unit.code]) for unit in asked if unit.code in issued
    ]
    return list_book(plan, period, _COLUMNS, rows, what="填报表", made=made)


Row = tuple[tuple[str, ...], tuple[str, ...], Issued]
"""Hidden texts and shown ones that say whose the workbook is, and what was issued."""


def list_book(
    plan: Plan, period: Period, columns: Columns, rows: Sequence[Row], *, what: str, made: datetime
) -> Book:
    """Describe a list of issued workbooks.

    Args:
        plan: whose office is the author.
        period: the period it is of.
        columns: hidden ones, a number, those that say whose a workbook is, what is recorded.
        rows: one a workbook.
        what: what the workbooks are called.
        made: the time it is marked with.
    """
    last = columns.index("digest")
    first = columns.index("number")
    title = Cell(_TITLE, first, f"{what}发放清单（{period.title}）", Style(Role.TITLE))
    note = Cell(_NOTE, first, _WARNING, Style(Role.NOTE))
    sheet = Sheet(
        name=_SHEET,
        cells=list(_cells(columns, rows)),
        columns=columns,
        merges=(
            (Area(_TITLE, first, _TITLE, last), title),
            (Area(_NOTE, first, _NOTE, last), note),
        ),
        heights={_TITLE: 30, _HEAD: 24},
        freeze=(_FIRST, 0),
        cursor=(_FIRST, first),
        printing=Printing(
            landscape=True,
            area=Area(_TITLE, first, _FIRST + max(len(rows), 1) - 1, last),
            repeat_rows=(_HEAD, _HEAD),
            footer=period.title,
        ),
    )
    return Book(
        sheets=(sheet,),
        title=f"{period.title}{what}发放清单",
        author=plan.contact.office,
        created=made,
    )


def _cells(columns: Columns, rows: Sequence[Row]) -> Iterator[Cell]:
    for index, head in enumerate(columns.all):
        if not head.hidden:
            yield Cell(_HEAD, index, head.title, Style(Role.HEADING))
    for number, (hidden, shown, one) in enumerate(rows, start=1):
        row = _FIRST + number - 1
        texts = (*shown, one.file, one.issued, one.password, one.digest)
        for column, text in enumerate(hidden):
            yield Cell(row, column, text, Style(Role.HIDDEN))
        yield Cell(row, len(hidden), number, Style(Role.LABEL, Shape.CENTRED))
        for column, text in enumerate(texts, start=len(hidden) + 1):
            yield Cell(row, column, text, Style(Role.LABEL))
