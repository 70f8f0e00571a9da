"""收到文件: what became of every file, and why."""

from collections.abc import Iterator

from consolidator.checks.catalogue import CATALOGUE
from consolidator.checks.selection import FileStatus
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
)
from consolidator.intake.letters import letter_for
from consolidator.report.context import (
    FILES,
    HEAD_ROW,
    HIDDEN_ROWS,
    TITLE_ROW,
    District,
    counted,
    fitted,
    top,
)

COLUMNS = Columns(
    Column("key", "", 2, hidden=True),
    Column("number", "序号", 6),
    Column("file", "文件", 44),
    Column("unit", "单位", 28),
    Column("status", "状态", 10),
    Column("reason", "原因", 54),
    Column("sender", "来信", 28),
)
_AT = COLUMNS.index
_LAST = _AT("sender")
_TOTALS, _HEAD = HEAD_ROW, HEAD_ROW + 1
FIRST = _HEAD + 1
_TONES = {
    FileStatus.COUNTED: Tone.GOOD, FileStatus.REJECTED: Tone.BAD, FileStatus.IGNORED: Tone.MUTED,
}  # fmt: skip


def files_sheet(district: District) -> Sheet:
    """Describe the sheet: a row a file, with totals that add up."""
    files = district.settled.files
    last = FIRST + max(len(files), 1) - 1
    rows = list(_cells(district))
    status = f"${COLUMNS.at('status', FIRST)}"
    shown = Area(FIRST, _AT("status"), last, _AT("status"))
    counts = [(one.chinese, number) for one, number in district.settled.file_totals.items()]
    statuses = COLUMNS.down("status", FIRST, last)
    return Sheet(
        name=FILES,
        cells=rows,
        columns=COLUMNS,
        merges=(
            *top(district, f"收到文件（{district.settled.period.title}）", _LAST),
            counted(_TOTALS, _LAST, f"共 {len(files)} 个文件：", counts, statuses),
        ),
        heights={
            TITLE_ROW: 30,
            _TOTALS: 22,
            **fitted(rows, COLUMNS),
            _HEAD: 24,
        },
        hidden_rows=HIDDEN_ROWS,
        highlights=tuple(
            Highlight(shown, f'{status}="{one.chinese}"', tone) for one, tone in _TONES.items()
        ),
        freeze=(FIRST, _AT("unit")),
        cursor=(FIRST, _AT("file")),
        filter=Area(_HEAD, 1, last, _LAST),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last, _LAST),
            landscape=True,
            repeat_rows=(_HEAD, _HEAD),
        ),
    )


def _cells(district: District) -> Iterator[Cell]:
    for index, column in enumerate(COLUMNS.all[1:], start=1):
        yield Cell(_HEAD, index, column.title, Style(Role.HEADING))
    label, centred = Style(Role.LABEL), Style(Role.LABEL, Shape.CENTRED)
    if not district.settled.files:
        for index in range(1, _LAST + 1):
            none = "收回文件夹里没有文件" if index == _AT("reason") else None
            yield Cell(FIRST, index, none, label)
    told = {(one.file, one.code): one.message for one in district.settled.findings if not one.cell}
    for number, file in enumerate(district.settled.files, start=1):
        row = FIRST + number - 1
        unit = district.settled.plan.named(file.unit)
        reason = told.get((file.file, file.code or "sender_unknown"), "")
        if file.code and not reason:
            reason = CATALOGUE[file.code].message
        yield Cell(row, _AT("number"), number, centred)
        yield Cell(row, _AT("file"), file.file, label)
        yield Cell(row, _AT("unit"), unit.name if unit else "—", label)
        yield Cell(row, _AT("status"), file.status.chinese, centred)
        yield Cell(row, _AT("reason"), reason, label)
        letter = letter_for(file.file, district.letters)
        came = f"{letter.sender}\n{letter.arrived:%Y-%m-%d %H:%M}" if letter else "—"
        yield Cell(row, _AT("sender"), came, label)
