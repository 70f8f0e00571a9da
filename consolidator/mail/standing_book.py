"""进度表: where each unit stands, on one page that can be read out and handed round."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from consolidator.checks.selection import UnitStatus
from consolidator.forms.layout import (
    Area,
    Book,
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
from consolidator.mail.standing import Standing
from consolidator.plan.model import Plan
from consolidator.plan.period import Period
from consolidator.report.context import (
    HEAD_ROW,
    HIDDEN_ROWS,
    TITLE_ROW,
    counted,
    fitted,
    heads,
    top,
)

SHEET = "进度"
COLUMNS = Columns(
    Column("key", "", 2, hidden=True),
    Column("number", "序号", 6),
    Column("unit", "单位", 28),
    Column("issued", "下发", 17),
    Column("sent", "最近发出的邮件", 26),
    Column("received", "最近收到", 17),
    Column("files", "收到文件", 9),
    Column("status", "状态", 10),
    Column("next_step", "下一步", 28),
)
_AT = COLUMNS.index
_LAST = _AT("next_step")
_TOTALS, _HEAD = HEAD_ROW, HEAD_ROW + 1
FIRST = _HEAD + 1
_TONES = {
    Tone.GOOD: UnitStatus.ACCEPTED,
    Tone.WARN: UnitStatus.NEEDS_CORRECTION,
    Tone.BAD: UnitStatus.MISSING,
}


@dataclass(frozen=True, slots=True)
class _Head:
    subtitle: str


def file_name(period: Period) -> str:
    """Return the file name of the workbook."""
    return f"进度表_{period.short}.xlsx"


def standing_book(
    standings: Sequence[Standing], plan: Plan, period: Period, *, made: datetime, notice: str = ""
) -> Book:
    """Describe the workbook.

    Args:
        standings: one a unit.
        plan: whose office is the author.
        period: the period it is of.
        made: the time it is marked with.
        notice: what the sheet must say, for made-up figures.
    """
    last = FIRST + len(standings) - 1
    cells = list(_cells(standings))
    status = f"${COLUMNS.at('status', FIRST)}"
    shown = Area(FIRST, _AT("status"), last, _AT("status"))
    counts = Counter(one.status for one in standings)
    when = f"截至 {made:%Y-%m-%d %H:%M}" + (f"    【{notice}】" if notice else "")
    totals = [(one.chinese, counts[one]) for one in UnitStatus]
    sheet = Sheet(
        name=SHEET,
        cells=cells,
        columns=COLUMNS,
        merges=(
            *top(_Head(when), f"{period.title}填报进度", _LAST),
            counted(
                _TOTALS,
                _LAST,
                f"共 {len(standings)} 个单位：",
                totals,
                COLUMNS.down("status", FIRST, last),
            ),
        ),
        heights={TITLE_ROW: 30, _TOTALS: 22, **fitted(cells, COLUMNS), _HEAD: 24},
        hidden_rows=HIDDEN_ROWS,
        highlights=tuple(
            Highlight(shown, f'{status}="{one.chinese}"', tone) for tone, one in _TONES.items()
        ),
        freeze=(FIRST, _AT("issued")),
        cursor=(FIRST, _AT("unit")),
        filter=Area(_HEAD, 1, last, _LAST),
        printing=Printing(
            landscape=True,
            area=Area(TITLE_ROW, 1, last, _LAST),
            repeat_rows=(_HEAD, _HEAD),
            footer=f"{period.title}  {when}",
        ),
    )
    return Book(
        sheets=(sheet,),
        title=f"{period.title}填报进度",
        author=plan.contact.office,
        created=made,
        active=SHEET,
    )


def _cells(standings: Sequence[Standing]) -> Iterator[Cell]:
    yield from heads(COLUMNS, _HEAD)
    label, centred = Style(Role.LABEL), Style(Role.LABEL, Shape.CENTRED)
    for number, one in enumerate(standings, start=1):
        row = FIRST + number - 1
        yield Cell(row, _AT("number"), number, centred)
        yield Cell(row, _AT("unit"), one.unit.name, label)
        yield Cell(row, _AT("issued"), one.issued or "—", centred)
        yield Cell(row, _AT("sent"), one.sent or "—", label)
        yield Cell(row, _AT("received"), one.received or "—", centred)
        yield Cell(row, _AT("files"), one.files, Style(Role.LABEL, Shape.COUNT))
        yield Cell(row, _AT("status"), one.status.chinese, centred)
        yield Cell(row, _AT("next_step"), one.next_step, label)
