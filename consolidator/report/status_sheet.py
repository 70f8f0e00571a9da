"""提交情况: where every unit stands."""

from collections.abc import Iterator
from datetime import date

from consolidator.checks.selection import UnitStatus
from consolidator.forms.layout import (
    Area,
    Cell,
    Column,
    Columns,
    Highlight,
    Printing,
    Role,
    Shape,
    Sheet,
    Style,
    Tone,
    Value,
)
from consolidator.forms.quarterly.assignment import APPROVED_BY, FILLED_BY, FILLED_ON, PHONE, Key
from consolidator.intake.values import Submission
from consolidator.report.context import (
    HEAD_ROW,
    HIDDEN_ROWS,
    STATUS,
    TITLE_ROW,
    District,
    counted,
    fitted,
    heads,
    top,
)
from consolidator.severity import Severity

COLUMNS = Columns(
    Column("key", "", 2, hidden=True),
    Column("number", "序号", 6),
    Column("unit", "单位", 28),
    Column("status", "状态", 10),
    Column("file", "采用文件", 34),
    Column("saved", "保存时间", 17),
    Column("filled_by", "填报人", 10),
    Column("approved_by", "审核人", 10),
    Column("phone", "联系电话", 15),
    Column("filled_on", "填报日期", 12),
    Column("error", "错误", 7),
    Column("warning", "警告", 7),
    Column("info", "提示", 7),
)
_AT = COLUMNS.index
_LAST = _AT("info")
_TOTALS = HEAD_ROW
_HEAD = HEAD_ROW + 1
FIRST = _HEAD + 1
_CENTRED = Style(Role.LABEL, Shape.CENTRED)


def units_range(district: District, column: str) -> str:
    """Return the range of all units in a column."""
    last = FIRST + len(district.settled.units) - 1
    return COLUMNS.down(column, FIRST, last, sheet=STATUS)


def unit_cell(unit: int, column: str) -> str:
    """Return a unit's cell in a column."""
    return COLUMNS.at(column, FIRST + unit, sheet=STATUS)


def status_sheet(district: District) -> Sheet:
    """Describe the sheet: a row a unit, with totals that add up."""
    last = FIRST + len(district.settled.units) - 1
    rows = list(_cells(district))
    status = f"${COLUMNS.at('status', FIRST)}"
    shown = Area(FIRST, _AT("status"), last, _AT("status"))
    words = {
        Tone.GOOD: UnitStatus.ACCEPTED,
        Tone.WARN: UnitStatus.NEEDS_CORRECTION,
        Tone.BAD: UnitStatus.MISSING,
    }
    return Sheet(
        name=STATUS,
        cells=rows,
        columns=COLUMNS,
        merges=tuple(_merges(district)),
        heights={
            TITLE_ROW: 30,
            _TOTALS: 22,
            **fitted(rows, COLUMNS),
            _HEAD: 24,
        },
        hidden_rows=HIDDEN_ROWS,
        highlights=tuple(
            Highlight(shown, f'{status}="{word.chinese}"', tone) for tone, word in words.items()
        ),
        freeze=(FIRST, _AT("status")),
        cursor=(FIRST, _AT("unit")),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last, _LAST),
            landscape=True,
            repeat_rows=(_HEAD, _HEAD),
        ),
    )


def _merges(district: District) -> Iterator[tuple[Area, Cell]]:
    yield from top(district, f"提交情况（{district.settled.period.title}）", _LAST)
    units = [(one.chinese, number) for one, number in district.settled.unit_totals.items()]
    statuses = COLUMNS.down("status", FIRST, FIRST + len(district.settled.units) - 1)
    yield counted(_TOTALS, _LAST, f"共 {len(district.settled.units)} 个单位：", units, statuses)


def _cells(district: District) -> Iterator[Cell]:
    yield from heads(COLUMNS, _HEAD)
    for number, result in enumerate(district.settled.units):
        row = FIRST + number
        yield Cell(row, 1, number + 1, _CENTRED)
        yield Cell(row, 2, result.unit.name, Style(Role.LABEL))
        yield Cell(row, 3, result.status.chinese, _CENTRED)
        yield Cell(row, 4, result.file, Style(Role.LABEL))
        saved = f"{result.submission.saved:%Y-%m-%d %H:%M}" if result.submission else ""
        yield Cell(row, 5, saved, _CENTRED)
        for column, key in ((6, FILLED_BY), (7, APPROVED_BY), (8, PHONE)):
            yield Cell(row, column, _signed(result.submission, key), _CENTRED)
        filled_on = _signed(result.submission, FILLED_ON)
        yield Cell(row, 9, filled_on, Style(Role.LABEL, Shape.DATE))
        for column, severity in enumerate(Severity, start=10):
            yield Cell(
                row,
                column,
                district.settled.count(result.unit.code, severity),
                Style(Role.LABEL, Shape.COUNT),
            )


def _signed(submission: Submission | None, key: Key) -> Value:
    if submission is None:
        return None
    value = submission.readings[key].value
    return value if isinstance(value, date) else submission.readings[key].raw
