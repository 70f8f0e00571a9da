"""完成率: achievements of all units and indicators as a heat map."""

from collections.abc import Iterator

from consolidator.figures.parameters import TIME_PROGRESS
from consolidator.figures.values import FILED, OWED
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
    height_for,
    jump,
)
from consolidator.forms.quarterly.derive import NO_RATE, Progress
from consolidator.report import data_sheet, score_sheet
from consolidator.report.context import (
    BASES,
    DATA,
    HEAD_ROW,
    HEAT,
    HIDDEN_ROWS,
    TITLE_ROW,
    District,
    heads,
    is_owed,
    top,
)
from consolidator.report.summary_sheet import district_cell, legend_of_filed, rate_highlights

FIRST = HEAD_ROW + 1
_FIRST_INDICATOR = 3
_FILED_TONES = (Tone.FILED_GOOD, Tone.FILED_WARN, Tone.FILED_BAD)
_COUNTED = {
    "reached": Progress.REACHED, "near": Progress.NEAR, "lagging": Progress.LAGGING,
}  # fmt: skip


def columns(district: District) -> Columns:
    """Return the sheet's columns: a column an indicator, then the unit's place among the others.

    The hidden ones at the end count the unit's rows; other sheets take them from here.
    """
    return Columns(
        Column("key", "", 2, hidden=True),
        Column("number", "序号", 5),
        Column("unit", "单位", 16),
        *(
            Column(one.code, one.label.replace("其中：", ""), 10.5)
            for one in district.settled.plan.indicators
        ),
        Column("overall", "综合\n完成率", 9.5),
        Column("rank", "名次", 6),
        *(Column(key, "", 3, hidden=True) for key in _COUNTED),
    )


def units_range(district: District, column: str) -> str:
    """Return the range of all units in a column, the district left out."""
    return columns(district).down(column, FIRST, _last(district) - 1, sheet=HEAT)


def unit_cell(district: District, unit: int, column: str) -> str:
    """Return a unit's cell in a column."""
    return columns(district).at(column, FIRST + unit, sheet=HEAT)


def _last(district: District) -> int:
    return FIRST + len(district.settled.plan.units)


def heat_sheet(district: District) -> Sheet:
    """Describe the sheet: a row a unit, a column an indicator, the district last."""
    plan = district.settled.plan
    cols = columns(district)
    last, last_column = _last(district), cols.index("rank")
    rates = Area(FIRST, _FIRST_INDICATOR, last, cols.index("overall") - 1)
    first = cols.at(plan.indicators[0].code, FIRST)
    return Sheet(
        name=HEAT,
        cells=_cells(district, cols),
        columns=cols,
        merges=tuple(top(district, f"完成率（{district.settled.period.title}）", last_column))
        + tuple(_legend(district, last + 1, last_column)),
        heights={
            TITLE_ROW: 30,
            HEAD_ROW: height_for(((c.title, c.width) for c in cols.all), least=36),
            **dict.fromkeys(range(FIRST, last + 1), 30),
            last + 1: 36,
        },
        hidden_rows=HIDDEN_ROWS,
        highlights=(
            *_filed_marks(district, cols),
            *rate_highlights(rates, first),
            Highlight(rates, is_owed(first), Tone.WRONG),
        ),
        freeze=(FIRST, _FIRST_INDICATOR),
        cursor=(FIRST, _FIRST_INDICATOR),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last + 1, len(cols.all) - 1),
            paper="A3",
            landscape=True,
            repeat_rows=(HEAD_ROW, HEAD_ROW),
        ),
        zoom=90,
    )


def _filed_marks(district: District, cols: Columns) -> Iterator[Highlight]:
    """Mark the achievements whose figure is the register's; they keep sign and colour."""
    width = len(district.settled.plan.indicators)
    for position, one in enumerate(district.settled.plan.indicators):
        if not district.register or not one.filed_kinds:
            continue
        first, column = cols.at(one.code, FIRST), cols.index(one.code)
        filed = f'INDEX({BASES},${cols.at("key", FIRST)}*{width}+{position + 1})="{FILED}"'
        area = Area(FIRST, column, _last(district) - 1, column)
        yield from rate_highlights(area, first, tones=_FILED_TONES, when=filed)


def _legend(district: District, row: int, last: int) -> Iterator[tuple[Area, Cell]]:
    gone = district.parameters.used(TIME_PROGRESS)
    text = (
        f"▲ 达到时间进度（{gone:.0%}）　● 达到时间进度的九成　▼ 滞后　"
        f"— 不考核或本期不填{legend_of_filed(district)}。"
        "综合完成率＝有数各行的得分÷其权重；名次按总分，见“得分”，"
        "还有未报、待更正的单位不排名次，其他单位的名次也可能因此改变。"
    )
    yield Area(row, 1, row, last), Cell(row, 1, text, Style(Role.NOTE))


def _cells(district: District, cols: Columns) -> Iterator[Cell]:
    yield from heads(cols)
    column = data_sheet.COLUMNS.index("achievement")
    for unit, result in enumerate(district.settled.units):
        row = FIRST + unit
        yield Cell(row, 0, unit, Style(Role.HIDDEN))
        yield Cell(row, 1, unit + 1, Style(Role.LABEL, Shape.CENTRED))
        yield Cell(row, 2, result.unit.short, Style(Role.LABEL))
        for position, one in enumerate(district.figures.of(unit)):
            source = data_sheet.row_of(district, unit, position)
            none = NO_RATE if not one.target or not one.asked else ""
            rate = none if one.achievement is None else one.achievement
            basis, achievement = (
                data_sheet.COLUMNS.at(key, source, sheet=DATA) for key in ("basis", "achievement")
            )
            yield Cell(
                row,
                _FIRST_INDICATOR + position,
                one.basis if one.basis in OWED else rate,
                Style(Role.DERIVED, Shape.RATIO),
                f"IF({is_owed(basis)},{basis},{achievement})",
                jump(source, column, DATA) if district.linked else "",
            )
        yield from _place(district, cols, unit)
        yield from _counts(district, cols, unit)
    row = _last(district)
    yield Cell(row, 1, None, Style(Role.TOTAL))
    yield Cell(row, 2, "全区", Style(Role.TOTAL))
    for position in range(len(district.settled.plan.indicators)):
        whole = district.figures.district[position]
        none = "" if whole.target else NO_RATE
        yield Cell(
            row,
            _FIRST_INDICATOR + position,
            none if whole.achievement is None else whole.achievement,
            Style(Role.TOTAL, Shape.RATIO),
            district_cell(district, position, "rate"),
        )
    for key in ("overall", "rank"):
        yield Cell(row, cols.index(key), None, Style(Role.TOTAL))


def _place(district: District, cols: Columns, unit: int) -> Iterator[Cell]:
    """Return a unit's overall rate and its rank, as the sheet of scores has them."""
    row, score = FIRST + unit, district.scores.units[unit]
    none = "" if score.rate is None else NO_RATE
    for column, key, value, shape in (
        ("overall", "rate", "" if score.rate is None else score.rate, Shape.RATIO),
        ("rank", "rank", none if score.rank is None else score.rank, Shape.CENTRED),
    ):
        formula = score_sheet.unit_cell(district, unit, key)
        yield Cell(row, cols.index(column), value, Style(Role.TOTAL, shape), formula)


def _counts(district: District, cols: Columns, unit: int) -> Iterator[Cell]:
    row, rows = FIRST + unit, district.figures.of(unit)
    states = data_sheet.unit_range(district, unit, "progress")
    for key, state in _COUNTED.items():
        number = sum(one.progress is state for one in rows)
        formula = f'COUNTIF({states},"{state}")'
        yield Cell(row, cols.index(key), number, Style(Role.HIDDEN), formula)
