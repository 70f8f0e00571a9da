"""完成率: achievements of all units and indicators as a heat map."""

from collections.abc import Iterator

from consolidator.forms.layout import (
    Area,
    Cell,
    Column,
    Columns,
    Printing,
    Role,
    Shape,
    Sheet,
    Style,
    height_for,
)
from consolidator.forms.quarterly.derive import NO_RATE
from consolidator.report import data_sheet
from consolidator.report.context import (
    DATA,
    HEAD_ROW,
    HEAT,
    HIDDEN_ROWS,
    TITLE_ROW,
    District,
    heads,
    top,
)
from consolidator.report.summary_sheet import district_cell, rate_highlights

FIRST = HEAD_ROW + 1
_FIRST_INDICATOR = 3


def heat_sheet(district: District) -> Sheet:
    """Describe the sheet: a row a unit, a column an indicator, the district last."""
    plan = district.settled.plan
    cols = Columns(
        Column("key", "", 2, hidden=True),
        Column("number", "序号", 5),
        Column("unit", "单位", 16),
        *(Column(one.code, one.label.replace("其中：", ""), 10.5) for one in plan.indicators),
    )
    last, last_column = FIRST + len(plan.units), len(cols.all) - 1
    rates = Area(FIRST, _FIRST_INDICATOR, last, last_column)
    return Sheet(
        name=HEAT,
        cells=_cells(district, cols),
        columns=cols,
        merges=tuple(top(district, f"完成率（{district.settled.period.title}）", last_column))
        + tuple(_legend(district, last + 1, last_column)),
        heights={
            TITLE_ROW: 30,
            HEAD_ROW: height_for(((c.title, c.width) for c in cols.all), least=36),
            **dict.fromkeys(range(FIRST, last + 1), 22),
        },
        hidden_rows=HIDDEN_ROWS,
        highlights=tuple(rate_highlights(rates, f"{cols.at(plan.indicators[0].code, FIRST)}")),
        freeze=(FIRST, _FIRST_INDICATOR),
        cursor=(FIRST, _FIRST_INDICATOR),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last + 1, last_column),
            landscape=True,
            repeat_rows=(HEAD_ROW, HEAD_ROW),
        ),
        zoom=90,
    )


def _legend(district: District, row: int, last: int) -> Iterator[tuple[Area, Cell]]:
    gone = district.settled.period.time_progress
    text = (
        f"▲ 达到时间进度（{gone:.0%}）　● 达到时间进度的九成　▼ 滞后　— 不考核　空白：未报或待更正"
    )
    yield Area(row, 1, row, last), Cell(row, 1, text, Style(Role.NOTE))


def _cells(district: District, cols: Columns) -> Iterator[Cell]:
    yield from heads(cols)
    indicators = district.settled.plan.indicators
    for unit, result in enumerate(district.settled.units):
        row = FIRST + unit
        yield Cell(row, 1, unit + 1, Style(Role.LABEL, Shape.CENTRED))
        yield Cell(row, 2, result.unit.short, Style(Role.LABEL))
        for position, one in enumerate(district.figures.of(unit)):
            source = data_sheet.row_of(district, unit, position)
            none = NO_RATE if not one.target or not one.asked else ""
            yield Cell(
                row,
                _FIRST_INDICATOR + position,
                none if one.achievement is None else one.achievement,
                Style(Role.DERIVED, Shape.RATIO),
                data_sheet.COLUMNS.at("achievement", source, sheet=DATA),
            )
    row = FIRST + len(district.settled.units)
    yield Cell(row, 1, None, Style(Role.TOTAL))
    yield Cell(row, 2, "全区", Style(Role.TOTAL))
    for position in range(len(indicators)):
        whole = district.figures.district[position]
        none = "" if whole.target else NO_RATE
        yield Cell(
            row,
            _FIRST_INDICATOR + position,
            none if whole.achievement is None else whole.achievement,
            Style(Role.TOTAL, Shape.RATIO),
            district_cell(district, position, "rate"),
        )
