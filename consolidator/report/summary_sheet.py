"""目标完成情况汇总表: annex 2's layout, units across; target, actual, achievement of each."""

from collections.abc import Iterator
from dataclasses import dataclass

from consolidator.figures.values import ADJUSTED, FILED, DistrictFigure
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
    jump,
)
from consolidator.forms.quarterly.derive import NEAR, NO_RATE, achievement_formula
from consolidator.plan.model import Indicator, Kind, Plan
from consolidator.report import data_sheet
from consolidator.report.context import (
    BASES,
    DATA,
    HEAD_ROW,
    HIDDEN_ROWS,
    KEY_ROW,
    SUMMARY,
    TIME_PROGRESS,
    TITLE_ROW,
    District,
    heads,
    is_owed,
    shape_of,
    top,
)

FIRST = HEAD_ROW + 1
ITEMS = ("目标", "完成", "完成率")
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
    first = FIRST + indicator * len(ITEMS)
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
        needed = height_for([(title_of(indicator), width)]) / len(ITEMS)
        rows = rows_of(position)
        heights |= dict.fromkeys((rows.target, rows.actual, rows.rate), max(17, needed))
    return heights


def title_of(indicator: Indicator) -> str:
    """Return what an indicator is called in the stub: its name and measure."""
    return f"{indicator.name}（{indicator.measure}）"


def _merges(district: District, cols: Columns, last: int) -> Iterator[tuple[Area, Cell]]:
    plan, period = district.settled.plan, district.settled.period
    last_column = cols.index("covered")
    title = f"{plan.year}年创新驱动强化工程目标完成情况汇总表（{period.title}）"
    yield from top(district, title, last_column)
    foot = Cell(last + 1, 1, note_of(district), Style(Role.NOTE))
    yield Area(last + 1, 1, last + 1, last_column), foot
    for column, start, end, text in stub_runs(plan):
        area = Area(rows_of(start).target, column, rows_of(end).rate, column)
        yield area, Cell(area.first_row, column, text, Style(Role.LABEL, Shape.CENTRED))
    for position, indicator in enumerate(plan.indicators):
        rows, index = rows_of(position), cols.index("indicator")
        area = Area(rows.target, index, rows.rate, index)
        yield area, Cell(rows.target, index, title_of(indicator), Style(Role.LABEL))
        covered = cols.index("covered")
        area = Area(rows.target, covered, rows.rate, covered)
        yield area, _covered(district, cols, position)


def stub_runs(plan: Plan) -> Iterator[tuple[int, int, int, str]]:
    """Yield the runs of indicators that share a number, and a group.

    Each with its column, its first and last indicator by their positions, and its text.
    """
    indicators = plan.indicators
    for column, text_of in ((1, _number), (2, _group)):
        start = 0
        for position in range(1, len(indicators) + 1):
            here = indicators[position] if position < len(indicators) else None
            first = indicators[start]
            if here and _number(here) == _number(first) and _group(here) == _group(first):
                continue
            yield column, start, position - 1, text_of(first)
            start = position


def note_of(district: District) -> str:
    """Return the note below the table."""
    return (
        f"注：{district.settled.plan.note}“—”为不考核；“未报”“待更正”的单位不计入全区数，已计单位数见最后一列；"
        f"带 * 的是科技局调整数{legend_of_filed(district)}。"
        "比率的全区数为产值合计相除，目标取附件1。"
    )


def legend_of_filed(district: District) -> str:
    """Return what a legend says of figures that the register counts; empty without one."""
    return "，带 # 的取自科技局备案信息" if district.register else ""


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
    for unit in range(len(plan.units)):
        yield Cell(KEY_ROW, _FIRST_UNIT + unit, unit, Style(Role.HIDDEN))
    for position, indicator in enumerate(plan.indicators):
        rows = rows_of(position)
        for row, item in zip((rows.target, rows.actual, rows.rate), ITEMS, strict=True):
            yield Cell(row, _FIRST_UNIT - 1, item, Style(Role.LABEL, Shape.CENTRED))
        for unit in range(len(plan.units)):
            yield from _unit_cells(district, unit, position, indicator)
        whole = district.figures.district[position]
        yield from _district_cells(district, cols, position, whole, indicator)


def _unit_cells(
    district: District, unit: int, position: int, indicator: Indicator
) -> Iterator[Cell]:
    rows, column = rows_of(position), _FIRST_UNIT + unit
    source = data_sheet.row_of(district, unit, position)
    shape = shape_of(indicator)
    at = data_sheet.COLUMNS.at
    target, actual, rate = unit_values(district, unit, position)
    for row, key, value, style in (
        (rows.target, "target", target, Style(Role.GIVEN, shape)),
        (rows.actual, "actual", actual, Style(Role.DERIVED, shape)),
        (rows.rate, "achievement", rate, Style(Role.DERIVED, Shape.RATIO)),
    ):
        follows = district.linked and key == "actual"
        link = jump(source, data_sheet.COLUMNS.index("actual"), DATA) if follows else ""
        yield Cell(row, column, value, style, at(key, source, sheet=DATA), link)


def unit_values(district: District, unit: int, position: int) -> tuple[Value, Value, Value]:
    """Return target, actual and achievement of a unit as the table shows them."""
    one = district.figures.rows[unit * len(district.settled.plan.indicators) + position]
    none = NO_RATE if not one.target or not one.asked else ""
    return (
        NO_RATE if one.target is None else one.target,
        one.word if one.actual is None else one.actual,
        none if one.achievement is None else one.achievement,
    )


def unit_cell(position: int, item: int, unit: int) -> str:
    """Return the address of a unit's target (0), actual (1) or achievement (2)."""
    row = rows_of(position).target + item
    return address(row, _FIRST_UNIT + unit, sheet=SUMMARY)


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
    formula = achievement_formula(target_at, actual_at)
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
            is_owed(actual),
            Tone.WRONG,
        )
        area = Area(rows.actual, _FIRST_UNIT, rows.actual, last_unit)
        yield from marked(district, position, area)


def marked(
    district: District, position: int, area: Area, first_unit: int = 0
) -> Iterator[Highlight]:
    """Mark the figures of an indicator that staff adjusted, and those of the register.

    The hidden row of keys numbers the columns of units from 0; ``first_unit`` is the first's.
    """
    width = len(district.settled.plan.indicators)
    number = f"{column_letter(area.first_column)}${KEY_ROW + 1}"
    row = f"({number}+{first_unit})*{width}+{position + 1}"
    for basis, tone in marks_of(district, district.settled.plan.indicators[position]):
        yield Highlight(area, f'INDEX({BASES},{row})="{basis}"', tone)


def marks_of(district: District, indicator: Indicator) -> Iterator[tuple[str, Tone]]:
    """Yield the bases that are marked on an indicator's figures, each with its tone."""
    yield ADJUSTED, mark_of(indicator)
    if district.register and indicator.filed_kinds:
        yield FILED, Tone.FILED_COUNT


def mark_of(indicator: Indicator) -> Tone:
    """Return the tone that marks an indicator's figure as adjusted."""
    return Tone.MARKED_RATIO if indicator.kind is Kind.RATIO else Tone.MARKED_COUNT


RATE_TONES = (Tone.RATE_GOOD, Tone.RATE_WARN, Tone.RATE_BAD)


def rate_highlights(
    area: Area, first: str, *, tones: tuple[Tone, Tone, Tone] = RATE_TONES, when: str = "TRUE"
) -> Iterator[Highlight]:
    """Colour achievements against time progress, with a sign that also prints in black.

    Args:
        area: where they stand.
        first: the address of the first of them.
        tones: those of what is reached, what is near and what lags.
        when: what must hold besides.
    """
    good, warn, bad = tones
    number = f"ISNUMBER({first})" if when == "TRUE" else f"AND(ISNUMBER({first}),{when})"
    reached = f"ROUND({first}-{TIME_PROGRESS},12)>=0"
    near = f"ROUND({first}-{TIME_PROGRESS}*{NEAR},12)>=0"
    for condition, tone in ((reached, good), (near, warn)):
        yield Highlight(area, f"IF({number},{condition},FALSE)", tone, stop=True)
    yield Highlight(area, number, bad, stop=True)
