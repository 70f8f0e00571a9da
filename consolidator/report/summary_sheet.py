"""目标完成情况汇总表: annex 2's layout, units across; target, actual, achievement of each."""

from collections.abc import Iterator
from dataclasses import dataclass

from consolidator.figures.values import DistrictFigure, Figure
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
    column_letter,
    height_for,
)
from consolidator.forms.quarterly.derive import NEAR, NO_RATE
from consolidator.plan.model import Indicator, Kind
from consolidator.report import data_sheet
from consolidator.report.context import (
    DATA,
    HEAD_ROW,
    HIDDEN_ROWS,
    SUMMARY,
    TIME_PROGRESS,
    TITLE_ROW,
    District,
    heads,
    shape_of,
    top,
)

FIRST = HEAD_ROW + 1
_ITEMS = ("目标", "完成", "完成率")
_UNIT_WIDTH = 12.5
_FIRST_UNIT = 5


def columns(district: District) -> Columns:
    """Return the sheet's columns: the stub, a column a unit, the district, the coverage."""
    units = district.settled.plan.units
    return Columns(
        Column("key", "", 2, hidden=True),
        Column("number", "序号", 5),
        Column("group", "类别", 8),
        Column("indicator", "指标", 25),
        Column("item", "项目", 7),
        *(Column(unit.code, unit.name.replace("（", "\n（"), _UNIT_WIDTH) for unit in units),
        Column("district", "全区", 12),
        Column("covered", "已计单位", 9),
    )


@dataclass(frozen=True, slots=True)
class Rows:
    """The three rows of an indicator."""

    target: int
    actual: int
    rate: int


def rows_of(indicator: int) -> Rows:
    """Return the rows of the indicator at this position of the plan."""
    first = FIRST + indicator * len(_ITEMS)
    return Rows(first, first + 1, first + 2)


def district_cell(district: District, indicator: int, item: str) -> str:
    """Return the address of a district figure: ``target``, ``actual``, ``rate`` or ``covered``."""
    rows = rows_of(indicator)
    if item == "covered":
        return columns(district).at("covered", rows.target, sheet=SUMMARY)
    return columns(district).at("district", getattr(rows, item), sheet=SUMMARY)


def summary_sheet(district: District) -> Sheet:
    """Describe the sheet on one A3 page across; its cells are made as they are written."""
    cols = columns(district)
    last_column = cols.index("covered")
    last = rows_of(len(district.settled.plan.indicators) - 1).rate
    return Sheet(
        name=SUMMARY,
        cells=_cells(district, cols),
        columns=cols,
        merges=tuple(_merges(district, cols, last)),
        heights={
            TITLE_ROW: 32,
            HEAD_ROW: height_for(((c.title, c.width) for c in cols.all), least=36),
            **_heights(district, cols),
            last + 1: 22,
        },
        hidden_rows=HIDDEN_ROWS,
        highlights=tuple(_highlights(district, cols)),
        freeze=(FIRST, _FIRST_UNIT),
        cursor=(FIRST, _FIRST_UNIT),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last + 1, last_column),
            paper="A3",
            landscape=True,
            tall=1,
            repeat_rows=(HEAD_ROW, HEAD_ROW),
            repeat_columns=(1, _FIRST_UNIT - 1),
        ),
        zoom=85,
    )


def _heights(district: District, cols: Columns) -> dict[int, float]:
    """Share what an indicator's name needs among its three rows."""
    width = cols.all[cols.index("indicator")].width
    heights: dict[int, float] = {}
    for position, indicator in enumerate(district.settled.plan.indicators):
        needed = height_for([(_title(indicator), width)]) / len(_ITEMS)
        rows = rows_of(position)
        heights |= dict.fromkeys((rows.target, rows.actual, rows.rate), max(17, needed))
    return heights


def _title(indicator: Indicator) -> str:
    return f"{indicator.name}（{indicator.measure}）"


def _merges(district: District, cols: Columns, last: int) -> Iterator[tuple[Area, Cell]]:
    plan, period = district.settled.plan, district.settled.period
    last_column = cols.index("covered")
    title = f"{plan.year}年创新驱动强化工程目标完成情况汇总表（{period.title}）"
    yield from top(district, title, last_column)
    note = (
        f"注：{plan.note}“—”为不考核；“未报”“待更正”的单位不计入全区数，已计单位数见末列。"
        "比率的全区数为产值合计相除，目标取附件1。"
    )
    foot = Cell(last + 1, 1, note, Style(Role.NOTE))
    yield Area(last + 1, 1, last + 1, last_column), foot
    indicators = plan.indicators
    for column, text_of in (("number", _number), ("group", _group)):
        index, start = cols.index(column), 0
        for position in range(1, len(indicators) + 1):
            here = indicators[position] if position < len(indicators) else None
            first = indicators[start]
            if here and _number(here) == _number(first) and _group(here) == _group(first):
                continue
            area = Area(rows_of(start).target, index, rows_of(position - 1).rate, index)
            style = Style(Role.LABEL, Shape.CENTRED)
            yield area, Cell(area.first_row, index, text_of(first), style)
            start = position
    for position, indicator in enumerate(indicators):
        rows, index = rows_of(position), cols.index("indicator")
        area = Area(rows.target, index, rows.rate, index)
        yield area, Cell(rows.target, index, _title(indicator), Style(Role.LABEL))
        covered = cols.index("covered")
        area = Area(rows.target, covered, rows.rate, covered)
        yield area, _covered(district, cols, position)


def _number(indicator: Indicator) -> str:
    return str(indicator.number)


def _group(indicator: Indicator) -> str:
    return indicator.group


def _span(district: District, row: int) -> str:
    last = _FIRST_UNIT + len(district.settled.plan.units) - 1
    return f"{column_letter(_FIRST_UNIT)}{row + 1}:{column_letter(last)}{row + 1}"


def _covered(district: District, cols: Columns, position: int) -> Cell:
    rows, one = rows_of(position), district.figures.district[position]
    formula = f'COUNT({_span(district, rows.actual)})&"/{one.asked}"'
    style = Style(Role.TOTAL, Shape.CENTRED)
    return Cell(rows.target, cols.index("covered"), f"{one.covered}/{one.asked}", style, formula)


def _cells(district: District, cols: Columns) -> Iterator[Cell]:
    yield from heads(cols)
    plan = district.settled.plan
    for position, indicator in enumerate(plan.indicators):
        rows = rows_of(position)
        for row, item in zip((rows.target, rows.actual, rows.rate), _ITEMS, strict=True):
            yield Cell(row, _FIRST_UNIT - 1, item, Style(Role.LABEL, Shape.CENTRED))
        for unit in range(len(plan.units)):
            figure = district.figures.rows[unit * len(plan.indicators) + position]
            yield from _unit_cells(district, unit, position, figure, indicator)
        whole = district.figures.district[position]
        yield from _district_cells(district, cols, position, whole, indicator)


def _unit_cells(
    district: District, unit: int, position: int, one: Figure, indicator: Indicator
) -> Iterator[Cell]:
    rows, column = rows_of(position), _FIRST_UNIT + unit
    source = data_sheet.row_of(district, unit, position)
    shape = shape_of(indicator)
    at = data_sheet.COLUMNS.at
    target: Value = NO_RATE if one.target is None else one.target
    actual: Value = one.word if one.actual is None else one.actual
    none = NO_RATE if not one.target or not one.asked else ""
    rate = none if one.achievement is None else one.achievement
    for row, key, value, style in (
        (rows.target, "target", target, Style(Role.GIVEN, shape)),
        (rows.actual, "actual", actual, Style(Role.DERIVED, shape)),
        (rows.rate, "achievement", rate, Style(Role.DERIVED, Shape.RATIO)),
    ):
        yield Cell(row, column, value, style, at(key, source, sheet=DATA))


def _district_cells(
    district: District, cols: Columns, position: int, one: DistrictFigure, indicator: Indicator
) -> Iterator[Cell]:
    rows, column = rows_of(position), cols.index("district")
    shape = shape_of(indicator)
    targets, actuals = _span(district, rows.target), _span(district, rows.actual)
    style, rate_style = Style(Role.TOTAL, shape), Style(Role.TOTAL, Shape.RATIO)
    if indicator.kind is Kind.RATIO:
        own: Value = NO_RATE if one.target is None else one.target
        yield Cell(rows.target, column, own, style)
        actual = _sum_over_sum(district, indicator)
    else:
        yield Cell(rows.target, column, one.target, style, f"SUM({targets})")
        actual = f'IF(COUNT({actuals})=0,"",SUM({actuals}))'
    shown = "" if one.actual is None else one.actual
    yield Cell(rows.actual, column, shown, style, actual)
    target_at, actual_at = cols.at("district", rows.target), cols.at("district", rows.actual)
    none = "" if one.target else NO_RATE
    formula = (
        f'IF(N({target_at})>0,IF(ISNUMBER({actual_at}),{actual_at}/{target_at},""),"{NO_RATE}")'
    )
    rate: Value = none if one.achievement is None else one.achievement
    yield Cell(rows.rate, column, rate, rate_style, formula)


def _sum_over_sum(district: District, indicator: Indicator) -> str:
    """Return the formula of a district ratio: only units with both amounts count."""
    codes = data_sheet.whole_range(district, "code")
    actual = data_sheet.whole_range(district, "actual")

    def total(column: str) -> str:
        amounts = data_sheet.whole_range(district, column)
        return f'SUMIFS({amounts},{codes},"{indicator.code}",{actual},">=0")'

    under = total("denominator")
    return f'IF({under}>0,{total("figure")}/{under},"")'


def _highlights(district: District, cols: Columns) -> Iterator[Highlight]:
    last_unit = _FIRST_UNIT + len(district.settled.plan.units) - 1
    for position in range(len(district.settled.plan.indicators)):
        rows = rows_of(position)
        rate = f"{column_letter(_FIRST_UNIT)}{rows.rate + 1}"
        over = Area(rows.rate, _FIRST_UNIT, rows.rate, cols.index("district"))
        yield from rate_highlights(over, rate)
        actual = f"{column_letter(_FIRST_UNIT)}{rows.actual + 1}"
        yield Highlight(
            Area(rows.actual, _FIRST_UNIT, rows.actual, last_unit),
            f'OR({actual}="未报",{actual}="待更正")',
            Tone.WRONG,
        )


def rate_highlights(area: Area, first: str) -> Iterator[Highlight]:
    """Colour achievements against time progress, with a sign that also prints in black."""
    reached = f"ROUND({first}-{TIME_PROGRESS},12)>=0"
    near = f"ROUND({first}-{TIME_PROGRESS}*{NEAR},12)>=0"
    for condition, tone in ((reached, Tone.RATE_GOOD), (near, Tone.RATE_WARN)):
        yield Highlight(area, f"IF(ISNUMBER({first}),{condition},FALSE)", tone, stop=True)
    yield Highlight(area, f"ISNUMBER({first})", Tone.RATE_BAD, stop=True)
