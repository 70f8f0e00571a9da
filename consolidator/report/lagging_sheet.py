"""滞后清单: what lags, by how much, and what the unit says of it; the worst first."""

from collections.abc import Iterator, Sequence

from consolidator.figures.parameters import TIME_PROGRESS as GONE
from consolidator.figures.values import Figure
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
    address,
    height_for,
    jump,
)
from consolidator.forms.quarterly.derive import Progress
from consolidator.plan.model import Kind
from consolidator.report import data_sheet
from consolidator.report.context import (
    DATA,
    HEAD_ROW,
    HIDDEN_ROWS,
    LAGGING,
    PROGRESS_TONES,
    STATES,
    TIME_PROGRESS,
    TITLE_ROW,
    District,
    shape_of,
    top,
)
from consolidator.report.summary_sheet import marks_of

COLUMNS = Columns(
    Column("key", "", 2, hidden=True),
    Column("number", "序号", 6),
    Column("unit", "单位", 15),
    Column("indicator", "指标", 32),
    Column("measure", "计量\n单位", 7),
    Column("target", "年度目标", 10),
    Column("actual", "完成数", 10),
    Column("rate", "完成率", 9),
    Column("behind", "落后时间进度\n（百分点）", 13),
    Column("missing", "按时间进度\n还差", 11),
    Column("progress", "状态", 9),
    Column("remark", "单位说明", 40),
    Column("link", "定位", 9),
)
_AT = COLUMNS.index
UNEXPLAINED = "（未说明）"
_LAST = _AT("link")
_TOTAL = HEAD_ROW
_HEAD = HEAD_ROW + 1
FIRST = _HEAD + 1
_CENTRED = Style(Role.LABEL, Shape.CENTRED)
_DERIVED = Style(Role.DERIVED, Shape.CENTRED)
_POINT = Style(Role.DERIVED, Shape.POINTS)


def _now(district: District) -> str:
    states = data_sheet.whole_range(district, "progress")
    return f'COUNTIF({states},"{Progress.LAGGING}")'


def notice_of_change(district: District) -> str:
    """Return a formula's part that says when other figures lag now than those listed."""
    count = len(district.lagging)
    # With the heading: Gnumeric takes an area of one cell for no area (1.12.55).
    listed = COLUMNS.down("progress", _HEAD, FIRST + max(count, 1) - 1, sheet=LAGGING)
    still = f'COUNTIF({listed},"{Progress.LAGGING}")'
    unchanged = f"AND({_now(district)}={count},{still}={count})"
    return f'IF({unchanged},"","；汇总后数据有调整，请重新汇总更新")'


def lagging_sheet(district: District) -> Sheet:
    """Describe the sheet; its figures are live, its rows those that lagged when it was made."""
    found = district.lagging
    last = FIRST + max(len(found), 1) - 1
    progress = f"${COLUMNS.at('progress', FIRST)}"
    rated = Area(FIRST, _AT("rate"), last, _AT("progress"))
    return Sheet(
        name=LAGGING,
        cells=_cells(district, found),
        columns=COLUMNS,
        merges=(*top(district, f"滞后清单（{district.settled.period.title}）", _LAST),
                *_totals(district, len(found), last)),
        heights={TITLE_ROW: 30, _TOTAL: 22, _HEAD: 36, **dict(_heights(district))},
        hidden_rows=HIDDEN_ROWS,
        highlights=(
            Highlight(
                Area(_TOTAL, 1, _TOTAL, 1),
                f'COUNTIF({STATES},"{Progress.LAGGING}")<>{len(found)}',
                Tone.WRONG,
            ),
            *(
                Highlight(
                    Area(row, _AT("actual"), row, _AT("actual")),
                    f'{address(row, 0)}="{basis}"',
                    tone,
                )
                for row, (_, one) in enumerate(found, start=FIRST)
                for basis, tone in marks_of(
                    district, district.settled.plan.indicator_by_code[one.indicator]
                )
            ),
            *(Highlight(rated, f'LEFT({progress},1)="{sign}"', tone)
              for sign, tone in PROGRESS_TONES),
        ),
        freeze=(FIRST, _AT("measure")),
        cursor=(FIRST, 1),
        filter=Area(_HEAD, 1, last, _LAST),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last, _LAST),
            landscape=True,
            repeat_rows=(_HEAD, _HEAD),
        ),
        zoom=90,
    )  # fmt: skip


def _heights(district: District) -> Iterator[tuple[int, float]]:
    for row, (_, one) in enumerate(district.lagging, start=FIRST):
        label = district.settled.plan.indicator_by_code[one.indicator].label
        texts = ((label, "indicator"), (one.remark, "remark"))
        yield (
            row,
            height_for(((text, COLUMNS.all[_AT(key)].width) for text, key in texts), least=22),
        )


def _totals(district: District, count: int, last: int) -> Iterator[tuple[Area, Cell]]:
    """Say how many lag now: staff may have adjusted figures since the list was made."""
    text = f"现有滞后 {count} 项"
    formula = f'"现有滞后 "&{_now(district)}&" 项"&{notice_of_change(district)}'
    cell = Cell(_TOTAL, 1, text, Style(Role.BANNER), formula)
    yield Area(_TOTAL, 1, _TOTAL, _LAST), cell
    if not count:
        area = Area(last, 2, last, _LAST)
        yield area, Cell(last, 2, "没有滞后的指标", Style(Role.LABEL))


def _cells(district: District, found: Sequence[tuple[int, Figure]]) -> Iterator[Cell]:
    for index, column in enumerate(COLUMNS.all[1:], start=1):
        yield Cell(_HEAD, index, column.title, Style(Role.HEADING))
    if not found:
        yield Cell(FIRST, 1, None, Style(Role.LABEL))
    for row, (place, one) in enumerate(found, start=FIRST):
        yield from _row(district, row, place, one)


def _row(district: District, row: int, place: int, one: Figure) -> Iterator[Cell]:
    plan, gone = district.settled.plan, district.parameters.used(GONE)
    indicator = plan.indicator_by_code[one.indicator]
    source = data_sheet.FIRST + place
    shape = shape_of(indicator)
    assert one.achievement is not None
    assert one.target is not None
    assert one.actual is not None

    def of(column: str) -> str:
        return data_sheet.COLUMNS.at(column, source, sheet=DATA)

    yield Cell(row, 0, one.basis, Style(Role.HIDDEN), of("basis"))
    yield Cell(row, _AT("number"), row - FIRST + 1, _CENTRED)
    yield Cell(row, _AT("unit"), plan.unit_by_code[one.unit].short, Style(Role.LABEL))
    yield Cell(row, _AT("indicator"), indicator.label, Style(Role.LABEL))
    yield Cell(row, _AT("measure"), indicator.measure, _CENTRED)
    yield Cell(row, _AT("target"), one.target, Style(Role.GIVEN, shape), of("target"))
    yield Cell(row, _AT("actual"), one.actual, Style(Role.DERIVED, shape), of("actual"))
    rate = Style(Role.DERIVED, Shape.RATIO)
    yield Cell(row, _AT("rate"), one.achievement, rate, of("achievement"))
    at_rate, at_target, at_actual = (COLUMNS.at(key, row) for key in ("rate", "target", "actual"))
    known = f'IF(ISNUMBER({at_rate}),%s,"")'
    points = (gone - one.achievement) * 100
    formula = known % f"({TIME_PROGRESS}-{at_rate})*100"
    yield Cell(row, _AT("behind"), points, _POINT, formula)
    missing = one.target * gone - one.actual
    ratio = indicator.kind is Kind.RATIO
    look = Style(Role.DERIVED, Shape.RATIO if ratio else Shape.TENTHS)
    formula = known % f"{at_target}*{TIME_PROGRESS}-{at_actual}"
    yield Cell(row, _AT("missing"), missing, look, formula)
    yield Cell(row, _AT("progress"), one.progress, _DERIVED, of("progress"))
    yield Cell(row, _AT("remark"), one.remark or UNEXPLAINED, Style(Role.LABEL))
    target = jump(source, data_sheet.COLUMNS.index("actual"), DATA)
    yield Cell(row, _LAST, "→ 查看", Style(Role.LINK, Shape.CENTRED), link=target)
