"""提交情况: where every unit stands, and what became of every file."""

from collections.abc import Iterator
from datetime import date

from consolidator.checks.catalogue import CATALOGUE
from consolidator.checks.selection import FileStatus, UnitStatus
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
    height_for,
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
_REASON_WIDTH = sum(column.width for column in COLUMNS.all[5:])
_CENTRED = Style(Role.LABEL, Shape.CENTRED)


def units_range(district: District, column: str) -> str:
    """Return the range of all units in a column."""
    last = FIRST + len(district.settled.units) - 1
    return COLUMNS.down(column, FIRST, last, sheet=STATUS)


def unit_cell(unit: int, column: str) -> str:
    """Return a unit's cell in a column."""
    return COLUMNS.at(column, FIRST + unit, sheet=STATUS)


def _files_head(district: District) -> int:
    return FIRST + len(district.settled.units) + 2


def status_sheet(district: District) -> Sheet:
    """Describe the sheet: units above, files below, each with totals that add up."""
    head = _files_head(district)
    last = head + max(len(district.settled.files), 1)
    status = f"${COLUMNS.at('status', FIRST)}"
    shown = Area(FIRST, _AT("status"), last, _AT("status"))
    words = {
        Tone.GOOD: (UnitStatus.ACCEPTED.chinese, FileStatus.COUNTED.chinese),
        Tone.WARN: (UnitStatus.NEEDS_CORRECTION.chinese,),
        Tone.BAD: (UnitStatus.MISSING.chinese, FileStatus.REJECTED.chinese),
    }
    return Sheet(
        name=STATUS,
        cells=_cells(district, head),
        columns=COLUMNS,
        merges=tuple(_merges(district, head)),
        heights={
            TITLE_ROW: 30,
            _TOTALS: 22,
            _HEAD: 24,
            head - 1: 24,
            **_file_heights(district, head),
            head: 24,
        },
        hidden_rows=HIDDEN_ROWS,
        highlights=tuple(
            Highlight(shown, f'{status}="{word}"', tone)
            for tone, several in words.items()
            for word in several
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


def _file_heights(district: District, head: int) -> dict[int, float]:
    """Return the heights of the rows of files: a program does not fit rows to merged cells."""
    texts: dict[int, list[tuple[str, float]]] = {}
    for row, cell in _reasons(district, head):
        texts.setdefault(row, []).append((str(cell.value), _REASON_WIDTH))
    for cell in _cells(district, head):
        if cell.row in texts:
            width = COLUMNS.all[cell.column].width
            texts[cell.row].append((str(cell.value), width))
    return {row: height_for(held, least=22) for row, held in texts.items()}


def _merges(district: District, head: int) -> Iterator[tuple[Area, Cell]]:
    yield from top(district, f"提交情况（{district.settled.period.title}）", _LAST)
    units = [(one.chinese, number) for one, number in district.settled.unit_totals.items()]
    statuses = COLUMNS.down("status", FIRST, head - 3)
    yield counted(_TOTALS, _LAST, f"共 {len(district.settled.units)} 个单位：", units, statuses)
    files = [(one.chinese, number) for one, number in district.settled.file_totals.items()]
    last = head + max(len(district.settled.files), 1)
    statuses = COLUMNS.down("status", head + 1, last)
    yield counted(head - 1, _LAST, f"共 {len(district.settled.files)} 个文件：", files, statuses)
    yield from ((Area(row, 5, row, _LAST), cell) for row, cell in _reasons(district, head))


def _reasons(district: District, head: int) -> Iterator[tuple[int, Cell]]:
    yield head, Cell(head, 5, "原因", Style(Role.HEADING))
    by_file = {one.file: one for one in district.settled.findings if one.file and not one.cell}
    for row, result in enumerate(district.settled.files, start=head + 1):
        finding = by_file.get(result.file)
        reason = finding.message if finding and finding.code == result.code else ""
        if result.code and not reason:
            reason = CATALOGUE[result.code].message
        yield row, Cell(row, 5, reason, Style(Role.LABEL))
    if not district.settled.files:
        yield head + 1, Cell(head + 1, 5, "收回文件夹里没有文件", Style(Role.LABEL))


def _cells(district: District, head: int) -> Iterator[Cell]:
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
    for column, title in ((1, "序号"), (2, "单位"), (3, "状态"), (4, "文件")):
        yield Cell(head, column, title, Style(Role.HEADING))
    units = district.settled.plan.unit_by_code
    for number, file in enumerate(district.settled.files, start=1):
        row = head + number
        yield Cell(row, 1, number, _CENTRED)
        unit = units.get(file.unit)
        yield Cell(row, 2, unit.name if unit else "—", Style(Role.LABEL))
        yield Cell(row, 3, file.status.chinese, _CENTRED)
        yield Cell(row, 4, file.file, Style(Role.LABEL))


def _signed(submission: Submission | None, key: Key) -> Value:
    if submission is None:
        return None
    value = submission.readings[key].value
    return value if isinstance(value, date) else submission.readings[key].raw
