"""汇总表A4: the summary over again in blocks of a few units, each on one A4 page."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

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
    address,
    column_letter,
    height_for,
    scale_for_a4,
)
from consolidator.forms.quarterly.derive import NO_RATE
from consolidator.plan.model import Indicator
from consolidator.report import summary_sheet
from consolidator.report.context import (
    HIDDEN_ROWS,
    KEY_ROW,
    SUMMARY_A4,
    TITLE_ROW,
    District,
    is_owed,
    shape_of,
    top,
)
from consolidator.report.summary_sheet import ITEMS, marked, rate_highlights

_STUB = 5
"""The columns before the figures, the hidden one included."""
_ACROSS = 7
"""Columns of figures on a page; the last page holds the district and its coverage too."""
_WIDTH = 9.2
COLUMNS = Columns(
    Column("key", "", 2, hidden=True),
    Column("number", "序号", 4),
    Column("group", "类别", 5.5),
    Column("indicator", "指标", 17),
    Column("item", "项目", 6),
    *(Column(f"figure{number}", "", _WIDTH) for number in range(_ACROSS)),
)
_LAST = _STUB + _ACROSS - 1
_ROW = 19


@dataclass(frozen=True, slots=True)
class _Block:
    """The units of one page, counted from 0, and the row its title stands in."""

    title: int
    first: int
    units: int
    whole: bool
    """Whether the district stands behind the units."""
    rows: int
    """Of the table."""

    @property
    def head(self) -> int:
        return self.title + 2

    @property
    def foot(self) -> int:
        """The row of the note."""
        return self.head + self.rows + 1

    @property
    def end(self) -> int:
        """The row behind the page's last."""
        return self.foot + 1

    def row(self, indicator: int, item: int) -> int:
        return self.head + 1 + indicator * len(ITEMS) + item


def summary_a4_sheet(district: District) -> Sheet:
    """Describe the sheet; every figure comes from the summary's cell."""
    blocks = list(_blocks(district))
    heights = dict(one for block in blocks for one in _heights(district, block))
    tallest = sum(height for row, height in heights.items() if row < blocks[0].end)
    return Sheet(
        name=SUMMARY_A4,
        cells=chain(_numbers(), *(_cells(district, block) for block in blocks)),
        columns=COLUMNS,
        merges=tuple(one for block in blocks for one in _merges(district, block)),
        heights=heights,
        hidden_rows=HIDDEN_ROWS,
        highlights=tuple(one for block in blocks for one in _highlights(district, block)),
        cursor=(TITLE_ROW, 1),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, blocks[-1].foot, _LAST),
            scale=scale_for_a4(COLUMNS, tallest),
            row_breaks=tuple(block.title for block in blocks[1:]),
        ),
    )


def _blocks(district: District) -> Iterator[_Block]:
    units = len(district.settled.plan.units)
    rows = len(district.settled.plan.indicators) * len(ITEMS)
    title, first = TITLE_ROW, 0
    while True:
        left = units - first
        whole = left + 2 <= _ACROSS
        taken = left if whole else min(_ACROSS, left - 1)
        block = _Block(title, first, taken, whole, rows)
        yield block
        if whole:
            return
        first += taken
        title = block.end


def _stub(indicator: Indicator) -> str:
    """Return an indicator's name with its measure on a line of its own: brackets stay whole."""
    name, mark, measure = summary_sheet.title_of(indicator).rpartition("（")
    return f"{name}\n{mark}{measure}"


def _heights(district: District, block: _Block) -> Iterator[tuple[int, float]]:
    yield block.title, 30
    names = [unit.name.replace("（", "\n（") for unit in district.settled.plan.units]
    yield block.head, height_for(((name, _WIDTH) for name in names), least=36)
    width = COLUMNS.all[COLUMNS.index("indicator")].width
    indicators = district.settled.plan.indicators
    for position, one in enumerate(indicators):
        needed = height_for([(_stub(one), width)], line=13) / len(ITEMS)
        for item in range(len(ITEMS)):
            yield block.row(position, item), max(_ROW, needed)
    yield block.title + 1, 20
    yield block.foot, 34


def _merges(district: District, block: _Block) -> Iterator[tuple[Area, Cell]]:
    plan, period = district.settled.plan, district.settled.period
    more = "" if block.first == 0 else "（续）"
    title = f"{plan.year}年创新驱动强化工程目标完成情况汇总表（{period.title}）{more}"
    for area, cell in top(district, title, _LAST):
        down = block.title - TITLE_ROW
        moved = area._replace(first_row=area.first_row + down, last_row=area.last_row + down)
        yield moved, cell._replace(row=cell.row + down)
    for column, first, last, text in summary_sheet.stub_runs(plan):
        area = Area(block.row(first, 0), column, block.row(last, len(ITEMS) - 1), column)
        style = Style(Role.LABEL, Shape.CENTRED)
        yield area, Cell(area.first_row, column, text, style)
    index = COLUMNS.index("indicator")
    for position, one in enumerate(plan.indicators):
        area = Area(block.row(position, 0), index, block.row(position, len(ITEMS) - 1), index)
        text = _stub(one)
        yield area, Cell(area.first_row, index, text, Style(Role.LABEL))
        if block.whole:
            column = _STUB + block.units + 1
            area = Area(area.first_row, column, area.last_row, column)
            whole = district.figures.district[position]
            shown = f"{whole.covered}/{whole.asked}"
            source = summary_sheet.district_cell(district, position, "covered")
            style = Style(Role.TOTAL, Shape.CENTRED)
            yield area, Cell(area.first_row, column, shown, style, source)
    note = summary_sheet.note_of(district)
    yield Area(block.foot, 1, block.foot, _LAST), Cell(block.foot, 1, note, Style(Role.NOTE))


def _numbers() -> Iterator[Cell]:
    """Give the columns of figures their numbers in the hidden row of keys: see `marked`."""
    for place in range(_ACROSS):
        yield Cell(KEY_ROW, _STUB + place, place, Style(Role.HIDDEN))


def _cells(district: District, block: _Block) -> Iterator[Cell]:
    plan = district.settled.plan
    units = plan.units[block.first : block.first + block.units]
    titles = [column.title for column in COLUMNS.all[1:_STUB]]
    titles += [unit.name.replace("（", "\n（") for unit in units]
    titles += ["全区", "已计单位"] if block.whole else []
    for column, title in enumerate(titles, start=1):
        yield Cell(block.head, column, title, Style(Role.HEADING))
    for position, indicator in enumerate(plan.indicators):
        shape = shape_of(indicator)
        for item, name in enumerate(ITEMS):
            row = block.row(position, item)
            yield Cell(row, _STUB - 1, name, Style(Role.LABEL, Shape.CENTRED))
            look = Shape.RATIO if item == 2 else shape
            role = Role.GIVEN if item == 0 else Role.DERIVED
            for place in range(block.units):
                unit = block.first + place
                value = summary_sheet.unit_values(district, unit, position)[item]
                source = summary_sheet.unit_cell(position, item, unit)
                yield Cell(row, _STUB + place, value, Style(role, look), source)
            if block.whole:
                value = _whole(district, position)[item]
                source = summary_sheet.district_cell(district, position, _KEYS[item])
                yield Cell(row, _STUB + block.units, value, Style(Role.TOTAL, look), source)


_KEYS = ("target", "actual", "rate")


def _whole(district: District, position: int) -> tuple[Value, Value, Value]:
    one = district.figures.district[position]
    none = "" if one.target else NO_RATE
    return (
        NO_RATE if one.target is None else one.target,
        "" if one.actual is None else one.actual,
        none if one.achievement is None else one.achievement,
    )


def _highlights(district: District, block: _Block) -> Iterator[Highlight]:
    last_unit = _STUB + block.units - 1
    last = last_unit + int(block.whole)
    for position in range(len(district.settled.plan.indicators)):
        rate, actual = block.row(position, 2), block.row(position, 1)
        first = f"{column_letter(_STUB)}{rate + 1}"
        yield from rate_highlights(Area(rate, _STUB, rate, last), first)
        first = address(actual, _STUB)
        area = Area(actual, _STUB, actual, last_unit)
        yield Highlight(area, is_owed(first), Tone.WRONG)
        yield from marked(district, position, area, block.first)
