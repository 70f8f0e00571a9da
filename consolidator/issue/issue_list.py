"""发放清单: which template went to which unit, when, with which hash and password."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from consolidator.errors import OperatorError
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
from consolidator.plan.model import DISTRICT, Plan
from consolidator.plan.period import Period

FILE_NAME = "发放清单.xlsx"
_SHEET = "发放清单"
_COLUMNS = Columns(
    Column("unit", "", 3, hidden=True),
    Column("number", "序号", 6),
    Column("name", "单位", 30),
    Column("file", "文件", 38),
    Column("issued", "发放时间", 20),
    Column("password", "保护密码", 16),
    Column("digest", "SHA-256", 70),
)
_TITLE, _NOTE, _HEAD = 0, 1, 2
_FIRST = _HEAD + 1


@dataclass(frozen=True, slots=True)
class Issued:
    """A template that was issued."""

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
    if not path.exists():
        return {}
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
        rows = workbook.get_sheet_by_name(_SHEET).to_python(skip_empty_area=False)
    except (OSError, CalamineError) as error:
        raise OperatorError(
            f"“{path}”读不出来：请关闭正在打开它的程序，或从备份恢复该清单。"
        ) from error
    at = _COLUMNS.index
    issued = {}
    for row in rows[_FIRST:]:
        cells = [str(cell) for cell in row]
        if len(cells) == len(_COLUMNS.all) and cells[0]:
            issued[cells[0]] = Issued(
                unit=cells[0],
                file=cells[at("file")],
                issued=cells[at("issued")],
                password=cells[at("password")],
                digest=cells[at("digest")],
            )
    return issued


def issue_list_book(
    plan: Plan, period: Period, issued: Mapping[str, Issued], *, made: datetime
) -> Book:
    """Describe the list, units in the plan's order."""
    order = [*(unit.code for unit in plan.units), DISTRICT]
    rows = [issued[code] for code in order if code in issued and plan.named(code)]
    last = _COLUMNS.index("digest")
    title = Cell(_TITLE, 1, f"填报表发放清单（{period.title}）", Style(Role.TITLE))
    note = "密码用于解除工作表和工作簿结构保护，请妥善保管，不要随模板发出。"
    sheet = Sheet(
        name=_SHEET,
        cells=list(_cells(plan, rows)),
        columns=_COLUMNS,
        merges=(
            (Area(_TITLE, 1, _TITLE, last), title),
            (Area(_NOTE, 1, _NOTE, last), Cell(_NOTE, 1, note, Style(Role.NOTE))),
        ),
        heights={_TITLE: 30, _HEAD: 24},
        freeze=(_FIRST, 0),
        cursor=(_FIRST, 1),
        printing=Printing(
            landscape=True,
            area=Area(_TITLE, 1, _FIRST + max(len(rows), 1) - 1, last),
            repeat_rows=(_HEAD, _HEAD),
            footer=period.title,
        ),
    )
    return Book(
        sheets=(sheet,),
        title=f"{period.title}填报表发放清单",
        author=plan.contact.office,
        created=made,
    )


def _cells(plan: Plan, rows: list[Issued]) -> list[Cell]:
    cells = [
        Cell(_HEAD, index, column.title, Style(Role.HEADING))
        for index, column in enumerate(_COLUMNS.all)
        if not column.hidden
    ]
    for number, one in enumerate(rows, start=1):
        row = _FIRST + number - 1
        texts = (
            plan.unit(one.unit).name,
            one.file,
            one.issued,
            one.password,
            one.digest,
        )
        cells.append(Cell(row, 0, one.unit, Style(Role.HIDDEN)))
        cells.append(Cell(row, 1, number, Style(Role.LABEL, Shape.CENTRED)))
        cells += [
            Cell(row, column, text, Style(Role.LABEL)) for column, text in enumerate(texts, start=2)
        ]
    return cells
