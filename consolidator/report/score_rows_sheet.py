"""得分明细: how each figure scores, step by step, one row a unit and indicator."""

import math
from collections import Counter
from collections.abc import Iterator

from consolidator.figures.parameters import CAP, weight_key
from consolidator.figures.scores import RowScore
from consolidator.figures.values import OWED, SETTLED, Figure
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
    in_text,
    jump,
)
from consolidator.forms.quarterly.derive import NO_RATE
from consolidator.plan.model import Indicator, Kind
from consolidator.report import data_sheet
from consolidator.report.context import (
    DATA,
    HEAD_ROW,
    HIDDEN_ROWS,
    RANKED,
    SCORE_ROWS,
    TITLE_ROW,
    District,
    heads,
    shape_of,
    top,
)
from consolidator.report.parameters_sheet import full_cell, used_cell

COLUMNS = Columns(
    Column("code", "", 2, hidden=True),
    Column("unit", "单位", 14),
    Column("number", "序号", 5),
    Column("indicator", "指标", 38),
    Column("target", "年度目标", 10),
    Column("actual", "完成数", 10),
    Column("rate", "完成率", 9),
    Column("counted", "计分\n完成率", 9),
    Column("base", "权重", 8),
    Column("weight", "折算权重", 9),
    Column("points", "得分", 8),
    Column("working", "算式", 44),
    Column("doubt", "", 3, hidden=True),
    Column("applicable", "", 3, hidden=True),
)
FIRST = HEAD_ROW + 1
_AT = COLUMNS.index
_LAST = _AT("working")
_RATE, _POINTS = Style(Role.DERIVED, Shape.RATIO), Style(Role.DERIVED, Shape.SCORE)
_CENTRED, _HIDDEN = Style(Role.LABEL, Shape.CENTRED), Style(Role.HIDDEN)


def row_of(district: District, unit: int, indicator: int) -> int:
    """Return the row of the unit and indicator at these positions of the plan."""
    return FIRST + unit * len(district.settled.plan.indicators) + indicator


def unit_range(district: District, unit: int, column: str) -> str:
    """Return the range of one unit's rows in a column."""
    first = row_of(district, unit, 0)
    last = first + len(district.settled.plan.indicators) - 1
    return COLUMNS.down(column, first, last, sheet=SCORE_ROWS)


def score_rows_sheet(district: District) -> Sheet:
    """Describe the sheet; its cells are made as they are written."""
    last = FIRST + len(district.figures.rows) - 1
    rates = Area(FIRST, _AT("points"), last, _AT("working"))
    return Sheet(
        name=SCORE_ROWS,
        cells=_cells(district),
        columns=COLUMNS,
        merges=tuple(top(district, f"得分明细（{district.settled.period.title}）", _LAST)),
        heights={TITLE_ROW: 30, HEAD_ROW: 36},
        row_height=18,
        hidden_rows=HIDDEN_ROWS,
        highlights=(
            Highlight(rates, f"${COLUMNS.at('doubt', FIRST)}=1", Tone.WARN),
        ),
        freeze=(FIRST, _AT("target")),
        cursor=(FIRST, _AT("points")),
        filter=Area(HEAD_ROW, 1, last, _LAST),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last, len(COLUMNS.all) - 1),
            landscape=True,
            repeat_rows=(HEAD_ROW, HEAD_ROW),
        ),
        zoom=90,
    )  # fmt: skip


def _cells(district: District) -> Iterator[Cell]:
    yield from heads(COLUMNS)
    plan = district.settled.plan
    width, rows = len(plan.indicators), Counter(one.number for one in plan.indicators)
    shares = [
        f"{used_cell(district, weight_key(one.number))}/{rows[one.number]}"
        for one in plan.indicators
    ]
    full, cap = full_cell(district), used_cell(district, CAP)
    for place, (figure, score) in enumerate(
        zip(district.figures.rows, district.scores.rows, strict=True)
    ):
        unit, position = divmod(place, width)
        row, indicator = FIRST + place, plan.indicators[position]
        yield Cell(row, 0, indicator.code, _HIDDEN)
        yield Cell(row, _AT("unit"), plan.units[unit].short, Style(Role.LABEL))
        yield Cell(row, _AT("number"), indicator.number, _CENTRED)
        yield Cell(row, _AT("indicator"), indicator.label, Style(Role.LABEL))
        yield from _figure(district, row, place, figure, indicator)
        if position == 0:
            yield _applicable(district, row, unit)
        if score.base is None:
            yield from _not_scored(row)
            continue
        whole = COLUMNS.at("applicable", row_of(district, unit, 0), fixed=True)
        yield from _scored(row, score, shares[position], full, whole, cap)
        flag = int(district.open_problems.get((figure.unit, figure.indicator), 0) > 0)
        yield _working(row, figure, score, indicator, cap, district.parameters.used(CAP))
        yield _doubt(row, place, score, flag)


def _figure(
    district: District, row: int, place: int, one: Figure, indicator: Indicator
) -> Iterator[Cell]:
    source = data_sheet.FIRST + place
    shape = shape_of(indicator)
    none = NO_RATE if not one.target or not one.asked else ""
    for column, key, value, style in (
        ("target", "target", NO_RATE if one.target is None else one.target,
         Style(Role.GIVEN, shape)),
        ("actual", "actual", one.word if one.actual is None else one.actual,
         Style(Role.DERIVED, shape)),
        ("rate", "achievement", none if one.achievement is None else one.achievement, _RATE),
    ):  # fmt: skip
        origin = data_sheet.COLUMNS.at(key, source, sheet=DATA)
        linked = column == "actual" and len(district.settled.plan.units) <= RANKED
        link = jump(source, data_sheet.COLUMNS.index(key), DATA) if linked else ""
        yield Cell(row, _AT(column), value, style, origin, link)


def _applicable(district: District, row: int, unit: int) -> Cell:
    """Return what the weights that apply to a unit come to; it stands on its first row."""
    last = row_of(district, unit + 1, 0) - 1
    rows = district.scores.rows[row - FIRST : last + 1 - FIRST]
    total = math.fsum(one.base or 0.0 for one in rows)
    formula = f"SUM({COLUMNS.down('base', row, last)})"
    return Cell(row, _AT("applicable"), total, _HIDDEN, formula)


def _not_scored(row: int) -> Iterator[Cell]:
    for column in ("counted", "base", "weight", "points"):
        yield Cell(row, _AT(column), NO_RATE, _CENTRED)
    yield Cell(row, _AT("working"), "不计分，权重由该单位其他各行分担", Style(Role.LABEL))
    yield Cell(row, _AT("doubt"), 0, _HIDDEN)


def _scored(
    row: int, score: RowScore, share: str, full: str, applicable: str, cap: str
) -> Iterator[Cell]:
    rate, counted, base, weight = (
        COLUMNS.at(key, row) for key in ("rate", "counted", "base", "weight")
    )
    for column, value, style, formula in (
        ("counted", score.counted, _RATE,
         f'IF(ISNUMBER({rate}),IF({rate}>{cap},{cap},{rate}),"")'),
        ("base", score.base, _POINTS, share),
        ("weight", score.weight, _POINTS, f"IF({applicable}>0,{base}*{full}/{applicable},0)"),
        ("points", score.points, _POINTS, f'IF(ISNUMBER({counted}),{counted}*{weight},"")'),
    ):  # fmt: skip
        yield Cell(row, _AT(column), "" if value is None else value, style, formula)


def _working(
    row: int, one: Figure, score: RowScore, indicator: Indicator, cap_cell: str, cap: float
) -> Cell:
    """Return the working as text, such as ``68÷80×10.00＝8.50``; two decimals are shown.

    Rounded to six digits before: half a hundredth must fall alike in every program.
    """
    at = {column.key: COLUMNS.at(column.key, row) for column in COLUMNS.all}
    ratio = indicator.kind is Kind.RATIO

    def shown(key: str) -> str:
        return percent(at[key]) if ratio else at[key]

    def percent(cell: str) -> str:
        return f'TEXT(INT(ROUND({cell}*1000,6)+0.5)/10,"0.0")&"%"'

    over = f'IF({at["rate"]}>{cap_cell},"，按"&{percent(cap_cell)}&"计，","")'
    rounded = {
        key: f'TEXT(INT(ROUND({at[key]}*100,6)+0.5)/100,"0.00")' for key in ("weight", "points")
    }
    text = (
        f'{shown("actual")}&"÷"&{shown("target")}&{over}'
        f'&"×"&{rounded["weight"]}&"＝"&{rounded["points"]}'
    )
    formula = f'IF(ISNUMBER({at["points"]}),{text},"")'
    value: Value = ""
    if one.actual is not None and one.target is not None and score.points is not None:
        first, second = (_percent(n) if ratio else f"{n:.15g}" for n in (one.actual, one.target))
        capped = one.achievement is not None and one.achievement > cap
        said = f"，按{_percent(cap)}计，" if capped else ""
        value = f"{first}÷{second}{said}×{_hundredths(score.weight)}＝{_hundredths(score.points)}"
    return Cell(row, _AT("working"), value, Style(Role.LABEL), formula)


def _percent(number: float) -> str:
    return f"{math.floor(round(number * 1000, 6) + 0.5) / 10:.1f}%"


def _hundredths(number: float) -> str:
    return f"{math.floor(round(number * 100, 6) + 0.5) / 100:.2f}"


def _doubt(row: int, place: int, score: RowScore, flag: int) -> Cell:
    basis = data_sheet.COLUMNS.at("basis", data_sheet.FIRST + place, sheet=DATA)
    settled, owed = (
        f"OR({','.join(f'{basis}={in_text(word)}' for word in words)})" for words in (SETTLED, OWED)
    )
    formula = f"IF({settled},0,IF({owed},1,{flag}))"
    return Cell(row, _AT("doubt"), int(score.doubtful), _HIDDEN, formula)
