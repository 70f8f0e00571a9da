"""历期数据: each unit's cumulative figures period by period, and what was restated."""

from collections.abc import Iterator

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
from consolidator.forms.quarterly.derive import NO_RATE
from consolidator.report import data_sheet
from consolidator.report.context import (
    DATA,
    HEAD_ROW,
    HIDDEN_ROWS,
    HISTORY,
    KEY_ROW,
    TITLE_ROW,
    District,
    heads,
    shape_of,
    top,
)

FIRST = HEAD_ROW + 1
FIRST_SEEN = "first "
"""What stands before a period's code in the key of the column of figures first seen."""


def columns(district: District) -> Columns:
    """Return the sheet's columns: one a period, the present one last, then what is new."""
    past = district.history.periods
    return Columns(
        Column("key", "", 2, hidden=True),
        Column("unit", "单位", 15),
        Column("number", "序号", 5),
        Column("indicator", "指标", 38),
        Column("measure", "计量\n单位", 6),
        *(Column(one.period.code, f"{one.period.title}\n累计", 12) for one in past),
        Column("now", f"{district.settled.period.title}\n累计", 12),
        Column("new", "比上期\n增加", 10),
        Column("restated", "早先各期更正", 40),
        *(Column(f"{FIRST_SEEN}{one.period.code}", "", 3, hidden=True) for one in past),
    )


def history_sheet(district: District) -> Sheet:
    """Describe the sheet: a row a unit and indicator."""
    cols, rows = columns(district), len(district.figures.rows)
    last, end = FIRST + rows - 1, cols.index("restated")
    files = "、".join(f"{one.period.title}取自“{one.file}”" for one in district.history.periods)
    text = (
        f"注：{files}。各数均为当期的本年累计（或期末实有）数。"
        "早先某期的汇总表后来重新汇总、数有变化的，在“早先各期更正”列写明原数和现数。"
    )
    width = sum(column.width for column in cols.all[1 : end + 1])
    return Sheet(
        name=HISTORY,
        cells=_cells(district, cols),
        columns=cols,
        merges=(
            *top(district, "历期数据（每个单位、每项指标一行）", end),
            (Area(last + 1, 1, last + 1, end), Cell(last + 1, 1, text, Style(Role.NOTE))),
        ),
        heights={TITLE_ROW: 30, HEAD_ROW: 36, last + 1: height_for([(text, width)], least=36)},
        row_height=18,
        hidden_rows=HIDDEN_ROWS,
        highlights=(
            Highlight(Area(FIRST, end, last, end), f"LEN({cols.at('restated', FIRST)})>0",
                      Tone.WARN),
            Highlight(Area(FIRST, cols.index("new"), last, cols.index("new")),
                      f"N({cols.at('new', FIRST)})<0", Tone.BAD),
        ),
        freeze=(FIRST, cols.index("measure")),
        cursor=(FIRST, cols.index("now")),
        filter=Area(HEAD_ROW, 1, last, end),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last + 1, len(cols.all) - 1),
            landscape=True,
            repeat_rows=(HEAD_ROW, HEAD_ROW),
        ),
        zoom=90,
    )  # fmt: skip


def _cells(district: District, cols: Columns) -> Iterator[Cell]:
    plan, history = district.settled.plan, district.history
    for index, column in enumerate(cols.all):
        yield Cell(KEY_ROW, index, column.key, Style(Role.HIDDEN))
    yield from heads(cols)
    told: dict[tuple[str, str], list[str]] = {}
    for past, key, was, became in history.restated(plan):
        told.setdefault(key, []).append(f"{past.period.label}由 {was} 改为 {became}")
    width = len(plan.indicators)
    for place, figure in enumerate(district.figures.rows):
        row, indicator = FIRST + place, plan.indicators[place % width]
        key = figure.unit, figure.indicator
        given = Style(Role.GIVEN, shape_of(indicator))
        yield Cell(row, 0, data_sheet.key_of(*key), Style(Role.HIDDEN))
        yield Cell(row, cols.index("unit"), plan.units[place // width].short, Style(Role.LABEL))
        centred = Style(Role.LABEL, Shape.CENTRED)
        yield Cell(row, cols.index("number"), indicator.number, centred)
        yield Cell(row, cols.index("indicator"), indicator.label, Style(Role.LABEL))
        yield Cell(row, cols.index("measure"), indicator.measure, centred)
        for past in history.periods:
            now, first = past.actuals.get(key), history.first(past, key)
            shown: Value = NO_RATE if now is None else now
            yield Cell(row, cols.index(past.period.code), shown, given)
            seen = cols.index(f"{FIRST_SEEN}{past.period.code}")
            yield Cell(row, seen, first, Style(Role.HIDDEN))
        source = data_sheet.COLUMNS.at("actual", data_sheet.FIRST + place, sheet=DATA)
        actual: Value = figure.word if figure.actual is None else figure.actual
        derived = Style(Role.DERIVED, shape_of(indicator))
        yield Cell(row, cols.index("now"), actual, derived, source)
        yield _new(district, cols, row, place, derived)
        yield Cell(row, cols.index("restated"), "；".join(told.get(key, [])), Style(Role.LABEL))


def _new(district: District, cols: Columns, row: int, place: int, style: Style) -> Cell:
    """Return what came new since the period right before; for a ratio, how it moved."""
    figure = district.figures.rows[place]
    past = district.history.before(district.settled.period)
    if past is None:
        return Cell(row, cols.index("new"), NO_RATE, Style(Role.LABEL, Shape.CENTRED))
    now, before = cols.at("now", row), cols.at(past.period.code, row)
    earlier = past.actuals.get((figure.unit, figure.indicator))
    value: Value = ""
    if figure.actual is not None and earlier is not None:
        value = figure.actual - earlier
    formula = f'IF(AND(ISNUMBER({now}),ISNUMBER({before})),{now}-{before},"")'
    return Cell(row, cols.index("new"), value, style, formula)
