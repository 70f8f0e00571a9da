"""趋势: the district's achievements and the units' overall rates period by period."""

from collections.abc import Iterator

from consolidator.forms.layout import (
    Area,
    Cell,
    Chart,
    Column,
    Columns,
    Printing,
    Role,
    Series,
    Shape,
    Sheet,
    Style,
    Value,
    height_for,
)
from consolidator.forms.quarterly import derive
from consolidator.forms.quarterly.derive import NO_RATE
from consolidator.report import score_sheet
from consolidator.report.context import (
    HEAD_ROW,
    HIDDEN_ROWS,
    TITLE_ROW,
    TREND,
    District,
    heads,
    top,
)
from consolidator.report.summary_sheet import district_cell

FIRST = HEAD_ROW + 1
_RATE, _RANK = Style(Role.DERIVED, Shape.RATIO), Style(Role.DERIVED, Shape.CENTRED)
_GIVEN, _GIVEN_RANK = Style(Role.GIVEN, Shape.RATIO), Style(Role.GIVEN, Shape.CENTRED)
_HEAD_HEIGHT, _ROW_HEIGHT, _PIXELS = 36, 22, 4 / 3
"""Points of rows, and pixels a point: a chart is as tall as its table."""
_BARS = 30
"""At most how many units the chart shows."""


def columns(district: District) -> Columns:
    """Return the sheet's columns: a rate and a rank a period, the present one last."""
    periods = [one.period for one in district.history.periods]
    return Columns(
        Column("key", "", 2, hidden=True),
        Column("place", "序号", 6),
        Column("name", "指标 / 单位", 37),
        *(Column(f"rate {one.code}", f"{one.label}\n完成率", 11) for one in periods),
        Column("rate", f"{district.settled.period.label}\n完成率", 11),
        *(Column(f"rank {one.code}", f"{one.label}\n名次", 11) for one in periods),
        Column("rank", f"{district.settled.period.label}\n名次", 11),
        Column("gap", "", 2),
        *(Column(f"chart{number}", "", 11) for number in range(7)),
    )


def trend_sheet(district: District) -> Sheet:
    """Describe the sheet: the indicators, then the units, and a chart beside each."""
    cols, plan = columns(district), district.settled.plan
    units, last = _units_head(district), _last(district)
    end, shown = cols.index("chart6"), cols.index("rank")
    width = cols.all[cols.index("name")].width
    text = (
        "注：完成率为当期累计数÷全年目标，比率为比值÷目标；各单位为综合完成率。"
        "早先各期取自当期的汇总表，只计当期有数的单位；本期随本表的数变动。"
    )
    return Sheet(
        name=TREND,
        cells=_cells(district, cols),
        columns=cols,
        merges=(
            *top(district, f"趋势（{district.settled.period.title}）", end),
            (Area(last + 1, 1, last + 1, shown), Cell(last + 1, 1, text, Style(Role.NOTE))),
        ),
        heights={
            TITLE_ROW: 30, HEAD_ROW: _HEAD_HEIGHT, units: _HEAD_HEIGHT, last + 1: 36,
            **{FIRST + place: height_for([(one.label, width)], least=_ROW_HEIGHT)
               for place, one in enumerate(plan.indicators)},
            **dict.fromkeys(range(units + 1, last + 1), _ROW_HEIGHT),
        },
        hidden_rows=HIDDEN_ROWS,
        charts=tuple(_charts(district, cols)),
        freeze=(FIRST, 3),
        cursor=(FIRST, cols.index("rate")),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last + 1, end),
            paper="A3",
            landscape=True,
        ),
        zoom=80,
    )  # fmt: skip


def _units_head(district: District) -> int:
    return FIRST + len(district.settled.plan.indicators) + 1


def _last(district: District) -> int:
    return _units_head(district) + len(district.settled.plan.units)


def _charts(district: District, cols: Columns) -> Iterator[Chart]:
    plan = district.settled.plan
    units = _units_head(district)
    bars = min(len(plan.units), _BARS)
    for row, first, count, title in (
        (HEAD_ROW, FIRST, len(plan.indicators), "全区各指标完成率：逐期"),
        (units, units + 1, bars, "各单位综合完成率：逐期"),
    ):
        keys = [f"rate {one.period.code}" for one in district.history.periods]
        titles = [one.period.label for one in district.history.periods]
        yield Chart(
            row=row,
            column=cols.index("chart0"),
            title=title,
            description=f"{title}；每期一条，越晚颜色越深。",
            categories=cols.down("name", first, first + count - 1, sheet=TREND),
            series=tuple(
                Series(name, cols.down(key, first, first + count - 1, sheet=TREND))
                for key, name in zip(
                    (*keys, "rate"), (*titles, district.settled.period.label), strict=True
                )
            ),
            side_by_side=True,
            width=560,
            height=max(240, int((_HEAD_HEIGHT + _ROW_HEIGHT * count) * _PIXELS)),
        )


def _cells(district: District, cols: Columns) -> Iterator[Cell]:
    units = _units_head(district)
    rates = [column for column in cols.all if column.key.startswith(("place", "name", "rate"))]
    for column in rates:
        yield Cell(HEAD_ROW, cols.index(column.key), column.title, Style(Role.HEADING))
    yield from (cell for cell in heads(cols, units) if cols.all[cell.column].title)
    for place, indicator in enumerate(district.settled.plan.indicators):
        row, target = FIRST + place, district.settled.plan.district_target(indicator)
        yield Cell(row, 1, indicator.number, Style(Role.LABEL, Shape.CENTRED))
        yield Cell(row, 2, indicator.label, Style(Role.LABEL))
        for past in district.history.periods:
            rate = derive.achievement(past.district(district.settled.plan, indicator), target)
            shown: Value = NO_RATE if rate is None else rate
            yield Cell(row, cols.index(f"rate {past.period.code}"), shown, _GIVEN)
        whole = district.figures.district[place]
        none = "" if whole.target else NO_RATE
        now: Value = none if whole.achievement is None else whole.achievement
        yield Cell(row, cols.index("rate"), now, _RATE, district_cell(district, place, "rate"))
    for place, unit in enumerate(district.settled.plan.units):
        yield from _unit(district, cols, units + 1 + place, place, unit.code, unit.short)


def _unit(
    district: District, cols: Columns, row: int, place: int, code: str, name: str
) -> Iterator[Cell]:
    yield Cell(row, 1, place + 1, Style(Role.LABEL, Shape.CENTRED))
    yield Cell(row, 2, name, Style(Role.LABEL))
    for past in district.history.periods:
        rate, rank = past.rates.get(code), past.ranks.get(code)
        at = f"rate {past.period.code}", f"rank {past.period.code}"
        yield Cell(row, cols.index(at[0]), NO_RATE if rate is None else rate, _GIVEN)
        yield Cell(row, cols.index(at[1]), NO_RATE if rank is None else rank, _GIVEN_RANK)
    score = district.scores.units[place]
    rate_now: Value = "" if score.rate is None else score.rate
    none = "" if score.rate is None else NO_RATE
    rank_now: Value = none if score.rank is None else score.rank
    for key, value, style in (("rate", rate_now, _RATE), ("rank", rank_now, _RANK)):
        formula = score_sheet.unit_cell(district, place, key)
        yield Cell(row, cols.index(key), value, style, formula)
