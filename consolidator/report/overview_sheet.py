"""总览: on one page, who has reported, where the district stands, and what lags."""

from collections.abc import Iterator

from consolidator.figures.parameters import TIME_PROGRESS as GONE
from consolidator.forms.layout import (
    Area,
    Cell,
    Chart,
    Column,
    Columns,
    Highlight,
    Printing,
    Role,
    Series,
    Shape,
    Sheet,
    Style,
    Value,
    address,
    height_for,
    in_text,
)
from consolidator.forms.quarterly.derive import NO_RATE, Progress, progress_formula
from consolidator.plan.model import Kind
from consolidator.report import (
    data_sheet,
    heat_sheet,
    lagging_sheet,
    problems_sheet,
    score_sheet,
    status_sheet,
)
from consolidator.report.context import (
    HEAD_ROW,
    HIDDEN_ROWS,
    LAGGING,
    OVERVIEW,
    PROGRESS_TONES,
    RANKED,
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
    Column("label", "", 3, hidden=True),
    Column("time", "", 3, hidden=True),
    Column("gap", "", 2),
    *(Column(f"chart{number}", "", 11) for number in range(7)),
)
_AT = COLUMNS.index
_LAST, _END = _AT("lagging"), _AT("chart6")
_UNITS_ROW, _PROBLEMS_ROW, _PROGRESS_ROW = HEAD_ROW, HEAD_ROW + 1, HEAD_ROW + 2
_HEAD = HEAD_ROW + 3
FIRST = _HEAD + 1
_CENTRED = Style(Role.LABEL, Shape.CENTRED)
_DERIVED = Style(Role.DERIVED, Shape.CENTRED)
_UNIT_HEADS = {
    "number": "名次", "indicator": "单位", "measure": "提交状态", "target": "综合完成率",
    "actual": "▲ 达到", "rate": "● 接近", "covered": "▼ 滞后", "covered_target": "无数据",
    "covered_rate": "总分", "progress": "错误", "lagging": "警告",
}  # fmt: skip
_WORST_HEADS = {
    "number": "序号", "indicator": "指标", "measure": "单位", "target": "年度目标",
    "actual": "完成数", "rate": "完成率", "covered": "落后\n百分点", "covered_target": "单位说明",
}  # fmt: skip
_WORST, _BARS = 5, 30
"""How many of the worst figures are shown, and at most how many units in the chart."""
_CHART_WIDTH = 560


def overview_sheet(district: District) -> Sheet:
    """Describe the sheet: totals, a row an indicator, the units by rank, the worst, two charts."""
    plan = district.settled.plan
    name_width = COLUMNS.all[_AT("indicator")].width
    status = f"${COLUMNS.at('progress', FIRST)}"
    bottom = FIRST + len(plan.indicators) - 1
    rated = [Area(FIRST, _AT(column), bottom, _AT(column)) for column in ("rate", "progress")]
    units_head, worst_head = _units_head(district), _worst_head(district)
    last = worst_head + _WORST
    return Sheet(
        name=OVERVIEW,
        cells=_cells(district),
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
            **dict.fromkeys(
                range(units_head + 1, worst_head - 1),
                height_for(((unit.name, name_width) for unit in plan.units), least=21),
            ),
            worst_head - 1: 34,
            worst_head: 30,
            **dict(_worst_heights(district)),
        },
        hidden_rows=HIDDEN_ROWS,
        highlights=tuple(
            Highlight(area, f'LEFT({status},1)="{sign}"', tone)
            for area in rated
            for sign, tone in PROGRESS_TONES
        ),
        charts=tuple(_charts(district)),
        freeze=None,
        cursor=(TITLE_ROW, 1),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last, _END),
            paper="A3",
            landscape=True,
            tall=1 if len(plan.units) <= 30 else 0,
        ),
        zoom=80,
    )


def _units_head(district: District) -> int:
    return FIRST + len(district.settled.plan.indicators) + 1


def _worst_head(district: District) -> int:
    return _units_head(district) + len(district.settled.plan.units) + 2


def _worst_heights(district: District) -> Iterator[tuple[int, float]]:
    width = sum(COLUMNS.all[n].width for n in range(_AT("covered_target"), _LAST + 1))
    for place, (_, one) in enumerate(district.lagging[:_WORST], start=1):
        yield _worst_head(district) + place, height_for([(one.remark, width)], least=21)


def _charts(district: District) -> Iterator[Chart]:
    """Draw the district by indicators, and the units by rank, against the time that has gone."""
    indicators, units = len(district.settled.plan.indicators), len(district.settled.plan.units)
    first = _units_head(district) + 1
    bars = min(units, _BARS)
    shown = f"前 {bars} 名" if bars < units else "按名次"
    for row, top_row, count, title, rate in (
        (_UNITS_ROW, FIRST, indicators, "全区各指标完成率与时间进度", "rate"),
        (
            _units_head(district) - 1,
            first,
            bars,
            f"各单位综合完成率与时间进度（{shown}）",
            "target",
        ),
    ):
        end = top_row + count - 1
        done, gone, names = (
            COLUMNS.down(key, top_row, end, sheet=OVERVIEW) for key in (rate, "time", "label")
        )
        yield Chart(
            row=row,
            column=_AT("chart0"),
            title=title,
            description=f"{title}：深色为完成率，浅色为时间进度；数值写在名称后面。",
            categories=names,
            series=(Series("时间进度", gone, pale=True), Series("完成率", done)),
            width=_CHART_WIDTH,
            height=130 + 21 * count,
        )


def _merges(district: District) -> Iterator[tuple[Area, Cell]]:
    settled = district.settled
    title = f"{settled.plan.year}年创新驱动强化工程目标完成情况总览（{settled.period.title}）"
    yield from top(district, title, _END)
    statuses = status_sheet.units_range(district, "status")
    units = [(one.chinese, number) for one, number in settled.unit_totals.items()]
    lead = f"共 {len(settled.units)} 个单位："
    yield counted(_UNITS_ROW, _LAST, lead, units, statuses)
    severities = problems_sheet.whole_range(district, "severity")
    counts = [
        (one.chinese, sum(finding.severity is one for finding in settled.findings))
        for one in Severity
    ]
    yield counted(_PROBLEMS_ROW, _LAST, "问题：", counts, severities)
    note = (
        "注：完成率以全区目标为分母，未报和待更正的单位没有计入已报完成；"
        "已计单位完成率只以已计单位的目标为分母。滞后单位数指完成率低于时间进度 90% 的单位。"
        "名次按总分，算法见“得分”表末的注，不是正式计分。"
    )
    row = FIRST + len(settled.plan.indicators)
    yield Area(row, 1, row, _LAST), Cell(row, 1, note, Style(Role.NOTE))
    label = Cell(_PROGRESS_ROW, 1, "时间进度（状态按此判断）：", Style(Role.BANNER))
    yield Area(_PROGRESS_ROW, 1, _PROGRESS_ROW, _AT("measure")), label
    yield from _worst_merges(district)


def _cells(district: District) -> Iterator[Cell]:
    gone = district.parameters.used(GONE)
    look = Style(Role.GIVEN, Shape.RATIO)
    yield Cell(_PROGRESS_ROW, _AT("target"), gone, look, TIME_PROGRESS)
    units_head = _units_head(district)
    for column, title in _UNIT_HEADS.items():
        index = _AT(column)
        yield Cell(_HEAD, index, COLUMNS.all[index].title, Style(Role.HEADING))
        yield Cell(units_head, index, title, Style(Role.HEADING))
    for position in range(len(district.settled.plan.indicators)):
        yield from _indicator(district, position)
    # Gnumeric takes an area of one cell for no area (1.12.55).
    ranked = 1 < len(district.settled.units) <= RANKED
    sorted_units = sorted(
        range(len(district.settled.units)), key=lambda unit: district.scores.units[unit].order
    )
    for place, unit in enumerate(sorted_units):
        yield from _unit(district, unit, place, units_head + 1 + place, live=ranked)
    yield from _worst(district)


def _label(row: int, name: str, name_at: str, rate_at: str, rate: float | None) -> Cell:
    """Return the hidden name of a bar: the chart says the number with it."""
    shown = NO_RATE if rate is None else f"{int(rate * 1000 + 0.5) / 10:.10g}%"
    number = f'IF(ISNUMBER({rate_at}),INT({rate_at}*1000+0.5)/10&"%","{NO_RATE}")'
    formula = f'{name_at}&" "&{number}'
    return Cell(row, _AT("label"), f"{name} {shown}", Style(Role.HIDDEN), formula)


def _time(district: District, row: int) -> Cell:
    gone = district.parameters.used(GONE)
    return Cell(row, _AT("time"), gone, Style(Role.HIDDEN), TIME_PROGRESS)


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
    yield _label(row, indicator.label, at("indicator", row), at("rate", row), one.achievement)
    yield _time(district, row)
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


def _unit(district: District, unit: int, place: int, row: int, *, live: bool) -> Iterator[Cell]:
    """Return a unit's row; live ones take whichever unit stands at this place."""
    result, rows = district.settled.units[unit], district.figures.of(unit)
    standing = district.scores.units[unit]
    here = address(row, 0, fixed=True)
    order = score_sheet.units_range(district, "order")
    number = f"MATCH({place + 1},{order},0)" if live else ""
    yield Cell(row, 0, unit + 1, Style(Role.HIDDEN), number)

    def of_heat(column: str) -> str:
        everyone = heat_sheet.units_range(district, column)
        own = heat_sheet.unit_cell(district, unit, column)
        return f"INDEX({everyone},{here})" if live else own

    def of_score(column: str) -> str:
        everyone = score_sheet.units_range(district, column)
        own = score_sheet.unit_cell(district, unit, column)
        return f"INDEX({everyone},{here})" if live else own

    def of_status(column: str) -> str:
        everyone = status_sheet.units_range(district, column)
        own = status_sheet.unit_cell(unit, column)
        return f"INDEX({everyone},{here})" if live else own

    count = Style(Role.DERIVED, Shape.COUNT)
    none = "" if standing.rate is None else NO_RATE
    rank: Value = none if standing.rank is None else standing.rank
    yield Cell(row, 1, rank, _CENTRED, of_score("rank"))
    yield Cell(row, 2, result.unit.name, Style(Role.LABEL), of_status("unit"))
    yield Cell(row, 3, result.status.chinese, _DERIVED, of_status("status"))
    rate: Value = "" if standing.rate is None else standing.rate
    yield Cell(row, 4, rate, Style(Role.DERIVED, Shape.RATIO), of_score("rate"))
    for column, key, number_of in (
        (5, "reached", sum(one.progress is Progress.REACHED for one in rows)),
        (6, "near", sum(one.progress is Progress.NEAR for one in rows)),
        (7, "lagging", sum(one.progress is Progress.LAGGING for one in rows)),
    ):
        yield Cell(row, column, number_of, count, of_heat(key))
    yield Cell(row, 8, standing.owed, count, of_score("owed"))
    total: Value = "" if standing.total is None else standing.total
    yield Cell(row, 9, total, Style(Role.DERIVED, Shape.SCORE), of_score("total"))
    for column, severity in ((10, Severity.ERROR), (11, Severity.WARNING)):
        found = district.settled.count(result.unit.code, severity)
        yield Cell(row, column, found, count, of_status(str(severity)))
    yield _label(row, result.unit.short, of_heat("unit"), address(row, 4), standing.rate)
    yield _time(district, row)


def _worst(district: District) -> Iterator[Cell]:
    """Return the figures that lag most, as the list of those that lag has them."""
    head, at = _worst_head(district), lagging_sheet.COLUMNS.at
    for column, title in _WORST_HEADS.items():
        if column != "covered_target":
            yield Cell(head, _AT(column), title, Style(Role.HEADING))
    found = district.lagging
    gone = district.parameters.used(GONE)
    for place in range(_WORST):
        row = head + 1 + place
        one = found[place][1] if place < len(found) else None
        source = lagging_sheet.FIRST + place
        indicator = district.settled.plan.indicator_by_code[one.indicator] if one else None
        shape = shape_of(indicator) if indicator else Shape.COUNT
        behind = (gone - (one.achievement or 0.0)) * 100 if one else None
        unit = district.settled.plan.unit_by_code[one.unit].short if one else ""
        for column, key, value, style in (
            ("number", "number", place + 1, _CENTRED),
            ("indicator", "indicator", indicator.label if indicator else "", Style(Role.LABEL)),
            ("measure", "unit", unit, _DERIVED),
            ("target", "target", one.target if one else "", Style(Role.DERIVED, shape)),
            ("actual", "actual", one.actual if one else "", Style(Role.DERIVED, shape)),
            ("rate", "rate", one.achievement if one else "", Style(Role.DERIVED, Shape.RATIO)),
            ("covered", "behind", behind, Style(Role.DERIVED, Shape.POINTS)),
        ):
            formula = at(key, source, sheet=LAGGING) if one and column != "number" else ""
            yield Cell(row, _AT(column), value, style, formula)


def _worst_merges(district: District) -> Iterator[tuple[Area, Cell]]:
    head, first = _worst_head(district), _AT("covered_target")
    found = district.lagging
    text = f"落后最多的 {_WORST} 项（全部见“{LAGGING}”）" if found else "没有滞后的指标"
    formula = f"{in_text(text)}&{lagging_sheet.notice_of_change(district)}"
    banner = Cell(head - 1, 1, text, Style(Role.BANNER), formula)
    yield Area(head - 1, 1, head - 1, _LAST), banner
    title = _WORST_HEADS["covered_target"]
    yield Area(head, first, head, _LAST), Cell(head, first, title, Style(Role.HEADING))
    for place in range(_WORST):
        row = head + 1 + place
        remark, formula = "", ""
        if place < len(found):
            remark = found[place][1].remark or lagging_sheet.UNEXPLAINED
            source = lagging_sheet.FIRST + place
            formula = lagging_sheet.COLUMNS.at("remark", source, sheet=LAGGING)
        cell = Cell(row, first, remark, Style(Role.LABEL), formula)
        yield Area(row, first, row, _LAST), cell
