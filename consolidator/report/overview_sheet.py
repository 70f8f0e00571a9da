"""总览: on one page, who has reported, where the district stands, and what lags."""

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
    Value,
    address,
    height_for,
)
from consolidator.forms.quarterly.derive import NO_RATE, Progress, progress_formula
from consolidator.plan.model import Kind
from consolidator.report import data_sheet, problems_sheet, status_sheet
from consolidator.report.context import (
    HEAD_ROW,
    HIDDEN_ROWS,
    OVERVIEW,
    PROGRESS_TONES,
    STATUS,
    TIME_PROGRESS,
    TITLE_ROW,
    District,
    counted,
    shape_of,
    top,
)
from consolidator.report.summary_sheet import district_cell
from consolidator.severity import Severity

COLUMNS = Columns(
    Column("key", "", 2, hidden=True),
    Column("number", "序号", 6),
    Column("indicator", "指标", 37),
    Column("measure", "计量单位", 10),
    Column("target", "全区目标", 11),
    Column("actual", "已报完成", 11),
    Column("rate", "完成率", 10),
    Column("covered", "已计单位", 10),
    Column("covered_target", "已计单位\n目标", 11),
    Column("covered_rate", "已计单位\n完成率", 10),
    Column("progress", "状态", 10),
    Column("lagging", "滞后\n单位数", 9),
)
_AT = COLUMNS.index
_LAST = _AT("lagging")
_UNITS_ROW, _PROBLEMS_ROW, _PROGRESS_ROW = HEAD_ROW, HEAD_ROW + 1, HEAD_ROW + 2
_HEAD = HEAD_ROW + 3
FIRST = _HEAD + 1
_CENTRED = Style(Role.LABEL, Shape.CENTRED)
_UNIT_HEADS = {
    "number": "序号", "indicator": "单位", "measure": "提交状态", "target": "▲ 达到",
    "actual": "● 接近", "rate": "▼ 滞后", "covered": "无数据", "covered_target": "错误",
    "covered_rate": "警告", "progress": "调整数", "lagging": "提示",
}  # fmt: skip


def time_progress_cell() -> str:
    """Return the cell the defined name of the time progress stands for."""
    return address(_PROGRESS_ROW, _AT("target"), sheet=OVERVIEW, fixed=True)


def overview_sheet(district: District) -> Sheet:
    """Describe the sheet: totals, a row an indicator, a row a unit."""
    plan = district.settled.plan
    units_head = FIRST + len(plan.indicators) + 1
    last = units_head + len(plan.units)
    name_width = COLUMNS.all[_AT("indicator")].width
    status = f"${COLUMNS.at('progress', FIRST)}"
    bottom = FIRST + len(plan.indicators) - 1
    rated = [Area(FIRST, _AT(column), bottom, _AT(column)) for column in ("rate", "progress")]
    return Sheet(
        name=OVERVIEW,
        cells=_cells(district, units_head),
        columns=COLUMNS,
        merges=tuple(_merges(district)),
        heights={
            TITLE_ROW: 32,
            **dict.fromkeys((_UNITS_ROW, _PROBLEMS_ROW, _PROGRESS_ROW), 22),
            _HEAD: 36,
            **{
                FIRST + place: height_for([(one.label, name_width)])
                for place, one in enumerate(plan.indicators)
            },
            units_head - 1: 36,
            units_head: 24,
            **{
                units_head + 1 + place: height_for([(unit.name, name_width)])
                for place, unit in enumerate(plan.units)
            },
        },
        hidden_rows=HIDDEN_ROWS,
        highlights=tuple(
            Highlight(area, f'LEFT({status},1)="{sign}"', tone)
            for area in rated
            for sign, tone in PROGRESS_TONES
        ),
        freeze=None,
        cursor=(TITLE_ROW, 1),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last, _LAST),
            tall=1 if len(plan.units) <= 30 else 0,
        ),
    )


def _merges(district: District) -> Iterator[tuple[Area, Cell]]:
    settled = district.settled
    title = f"{settled.plan.year}年创新驱动强化工程目标完成情况总览（{settled.period.title}）"
    yield from top(district, title, _LAST)
    statuses = status_sheet.unit_statuses(district)
    units = [(one.chinese, number) for one, number in settled.unit_totals.items()]
    lead = f"共 {len(settled.units)} 个单位："
    yield counted(_UNITS_ROW, _LAST, lead, units, statuses)
    severities = problems_sheet.severities(district)
    counts = [
        (one.chinese, sum(finding.severity is one for finding in settled.findings))
        for one in Severity
    ]
    yield counted(_PROBLEMS_ROW, _LAST, "问题：", counts, severities)
    note = (
        "注：完成率以全区目标为分母，未报和待更正的单位没有计入已报完成；"
        "已计单位完成率只以已计单位的目标为分母。滞后单位数指完成率低于时间进度 90% 的单位。"
    )
    row = FIRST + len(settled.plan.indicators)
    yield Area(row, 1, row, _LAST), Cell(row, 1, note, Style(Role.NOTE))
    label = Cell(_PROGRESS_ROW, 1, "时间进度（状态按此判断）：", Style(Role.BANNER))
    yield Area(_PROGRESS_ROW, 1, _PROGRESS_ROW, _AT("measure")), label


def _cells(district: District, units_head: int) -> Iterator[Cell]:
    gone = district.settled.period.time_progress
    yield Cell(_PROGRESS_ROW, _AT("target"), gone, Style(Role.GIVEN, Shape.RATIO))
    for index, column in enumerate(COLUMNS.all[1:], start=1):
        yield Cell(_HEAD, index, column.title, Style(Role.HEADING))
        yield Cell(units_head, index, _UNIT_HEADS[column.key], Style(Role.HEADING))
    for position in range(len(district.settled.plan.indicators)):
        yield from _indicator(district, position)
    for unit in range(len(district.settled.units)):
        yield from _unit(district, unit, units_head + 1 + unit)


def _indicator(district: District, position: int) -> Iterator[Cell]:
    row = FIRST + position
    indicator = district.settled.plan.indicators[position]
    one = district.figures.district[position]
    shape = shape_of(indicator)
    derived, rate_style = Style(Role.DERIVED, shape), Style(Role.DERIVED, Shape.RATIO)
    none = "" if one.target else NO_RATE
    yield Cell(row, 1, indicator.number, _CENTRED)
    yield Cell(row, 2, indicator.label, Style(Role.LABEL))
    yield Cell(row, 3, indicator.measure, _CENTRED)
    target: Value = NO_RATE if one.target is None else one.target
    for column, value, style, item in (
        ("target", target, derived, "target"),
        ("actual", "" if one.actual is None else one.actual, derived, "actual"),
        ("rate", none if one.achievement is None else one.achievement, rate_style, "rate"),
        (
            "covered",
            f"{one.covered}/{one.asked}",
            Style(Role.DERIVED, Shape.CENTRED),
            "covered",
        ),
    ):
        yield Cell(row, _AT(column), value, style, district_cell(district, position, item))
    yield from _covered(district, position, row)
    at = COLUMNS.at
    centred = Style(Role.DERIVED, Shape.CENTRED)
    formula = progress_formula(at("rate", row), TIME_PROGRESS)
    yield Cell(row, _AT("progress"), one.progress or "", centred, formula)
    codes = data_sheet.whole_range(district, "code")
    states = data_sheet.whole_range(district, "progress")
    lagging = sum(
        figure.progress is Progress.LAGGING
        for figure in district.figures.rows[position :: len(district.settled.plan.indicators)]
    )
    count = f'COUNTIFS({codes},"{indicator.code}",{states},"{Progress.LAGGING}")'
    yield Cell(row, _AT("lagging"), lagging, Style(Role.DERIVED, Shape.COUNT), count)


def _covered(district: District, position: int, row: int) -> Iterator[Cell]:
    indicator = district.settled.plan.indicators[position]
    one, at = district.figures.district[position], COLUMNS.at
    style, rate_style = Style(Role.DERIVED, Shape.COUNT), Style(Role.DERIVED, Shape.RATIO)
    if indicator.kind is Kind.RATIO:
        yield Cell(row, _AT("covered_target"), NO_RATE, style)
        yield Cell(row, _AT("covered_rate"), NO_RATE, rate_style)
        return
    codes, targets, actuals = (
        data_sheet.whole_range(district, key) for key in ("code", "target", "actual")
    )
    total = f'SUMIFS({targets},{codes},"{indicator.code}",{actuals},">=0")'
    covered = one.covered_target or 0
    yield Cell(row, _AT("covered_target"), covered, style, total)
    target_at, actual_at = at("covered_target", row), at("actual", row)
    known = one.actual is not None and covered > 0
    formula = f'IF({target_at}>0,IF(ISNUMBER({actual_at}),{actual_at}/{target_at},""),"{NO_RATE}")'
    value: Value = (one.actual or 0) / covered if known else NO_RATE
    yield Cell(row, _AT("covered_rate"), value, rate_style, formula)


def _unit(district: District, unit: int, row: int) -> Iterator[Cell]:
    result, rows = district.settled.units[unit], district.figures.of(unit)
    states = data_sheet.unit_range(district, unit, "progress")
    bases = data_sheet.unit_range(district, unit, "basis")
    count = Style(Role.DERIVED, Shape.COUNT)
    yield Cell(row, 1, unit + 1, _CENTRED)
    yield Cell(row, 2, result.unit.name, Style(Role.LABEL))
    source = status_sheet.COLUMNS.at("status", status_sheet.FIRST + unit, sheet=STATUS)
    yield Cell(row, 3, result.status.chinese, Style(Role.DERIVED, Shape.CENTRED), source)
    for column, state in ((4, Progress.REACHED), (5, Progress.NEAR), (6, Progress.LAGGING)):
        number = sum(one.progress is state for one in rows)
        yield Cell(row, column, number, count, f'COUNTIF({states},"{state}")')
    empty = sum(one.basis in ("未报", "待更正") for one in rows)
    formula = f'COUNTIF({bases},"未报")+COUNTIF({bases},"待更正")'
    yield Cell(row, 7, empty, count, formula)
    for column, severity in ((8, Severity.ERROR), (9, Severity.WARNING), (11, Severity.INFO)):
        source = status_sheet.COLUMNS.at(str(severity), status_sheet.FIRST + unit, sheet=STATUS)
        yield Cell(row, column, district.settled.count(result.unit.code, severity), count, source)
    adjusted = sum(one.basis == "调整" for one in rows)
    yield Cell(row, 10, adjusted, count, f'COUNTIF({bases},"调整")')
