"""附件1: the district's own targets, what was reached, and where each figure comes from."""

from collections.abc import Iterator

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
    Value,
    file_link,
    height_for,
)
from consolidator.forms.quarterly import derive
from consolidator.forms.quarterly.derive import NO_RATE, progress_formula
from consolidator.plan.model import DistrictTarget, Kind
from consolidator.report.context import (
    ANNEX1,
    HEAD_ROW,
    HIDDEN_ROWS,
    KEY_ROW,
    PROGRESS_TONES,
    TIME_PROGRESS,
    TITLE_ROW,
    District,
    heads,
    top,
)
from consolidator.report.summary_sheet import district_cell

COLUMNS = Columns(
    Column("key", "", 2, hidden=True),
    Column("number", "序号", 6),
    Column("name", "指标", 36),
    Column("measure", "计量单位", 9),
    Column("target", "目标", 10),
    Column("over", "分子", 13),
    Column("under", "分母", 13),
    Column("actual", "完成数", 11),
    Column("rate", "完成率", 10),
    Column("progress", "状态", 10),
    Column("source", "来源", 46),
    Column("remark", "说明", 34),
)
FIRST = HEAD_ROW + 1
_AT = COLUMNS.index
_LAST = _AT("remark")
SHAPES = {Kind.COUNT: Shape.COUNT, Kind.RATIO: Shape.FINE_RATIO, Kind.QUOTIENT: Shape.SCORE}
_AMOUNT = Style(Role.GIVEN, Shape.AMOUNT)
_CENTRED = Style(Role.LABEL, Shape.CENTRED)


def annex1_sheet(district: District) -> Sheet:
    """Describe the sheet: a row a target of annex 1."""
    targets = district.settled.plan.district_targets
    last = FIRST + len(targets) - 1
    state = f"${COLUMNS.at('progress', FIRST)}"
    text = (
        "注：能由各单位填报数得出的，直接计算（比率为各单位数相加后相除），其余取自区级填报表；"
        "比率、比值由分子、分母相除得出。没有收到的显示“未报”，有错误的显示“待更正”，都不计为 0。"
    )
    width = sum(column.width for column in COLUMNS.all[1:])
    return Sheet(
        name=ANNEX1,
        cells=_cells(district),
        columns=COLUMNS,
        merges=(
            *top(district, f"区级目标完成情况（附件1，{district.settled.period.title}）", _LAST),
            (Area(last + 1, 1, last + 1, _LAST), Cell(last + 1, 1, text, Style(Role.NOTE))),
        ),
        heights={
            TITLE_ROW: 30, HEAD_ROW: 30, last + 1: height_for([(text, width)], least=36),
            **{FIRST + place: height_for([(one.name, 36), (_source(district, one), 46),
                                          (_remark(district, one), 34)], least=28)
               for place, one in enumerate(targets)},
        },
        hidden_rows=HIDDEN_ROWS,
        highlights=tuple(
            Highlight(Area(FIRST, _AT("rate"), last, _AT("progress")),
                      f'LEFT({state},1)="{sign}"', tone)
            for sign, tone in PROGRESS_TONES
        ),
        freeze=(FIRST, _AT("measure")),
        cursor=(FIRST, _AT("actual")),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last + 1, _LAST),
            landscape=True,
            repeat_rows=(HEAD_ROW, HEAD_ROW),
        ),
        zoom=90,
    )  # fmt: skip


def _cells(district: District) -> Iterator[Cell]:
    for index, column in enumerate(COLUMNS.all):
        yield Cell(KEY_ROW, index, column.key, Style(Role.HIDDEN))
    yield from heads(COLUMNS)
    for row, one in enumerate(district.settled.plan.district_targets, start=FIRST):
        yield Cell(row, 0, one.code, Style(Role.HIDDEN))
        yield Cell(row, _AT("number"), one.number, _CENTRED)
        yield Cell(row, _AT("name"), one.name, Style(Role.LABEL))
        yield Cell(row, _AT("measure"), one.measure, _CENTRED)
        yield Cell(row, _AT("target"), one.target, Style(Role.GIVEN, SHAPES[one.kind]))
        yield from (_of_units if one.source else _entered)(district, row, one)
        yield from _rate(district, row, one)
        yield _origin(district, row, one)
        yield Cell(row, _AT("remark"), _remark(district, one), Style(Role.LABEL))


def _of_units(district: District, row: int, one: DistrictTarget) -> Iterator[Cell]:
    """Return a figure that the units' own give."""
    position = _position(district, one)
    whole = district.figures.district[position]
    for column in ("over", "under"):
        yield Cell(row, _AT(column), None, Style(Role.LABEL))
    value: Value = "" if whole.actual is None else whole.actual
    style = Style(Role.DERIVED, SHAPES[one.kind])
    yield Cell(row, _AT("actual"), value, style, district_cell(district, position, "actual"))


def _entered(district: District, row: int, one: DistrictTarget) -> Iterator[Cell]:
    """Return a figure that was entered, or computed from the two amounts that were."""
    figure = district.annex1.get(one.code)
    over, under = (COLUMNS.at(key, row) for key in ("over", "under"))
    given = (figure.figure, figure.denominator) if figure and one.amounts else (None, None)
    for column, number in zip(("over", "under"), given, strict=True):
        yield Cell(row, _AT(column), number, _AMOUNT if one.amounts else Style(Role.LABEL))
    word = figure.word if figure else "未报"
    value: Value = word if figure is None or figure.actual is None else figure.actual
    look = Style(Role.DERIVED if one.amounts else Role.GIVEN, SHAPES[one.kind])
    formula = ""
    if one.amounts:
        divided = f'IF({under}>0,{over}/{under},"{word}")'
        formula = f'IF(AND(ISNUMBER({over}),ISNUMBER({under})),{divided},"{word}")'
    yield Cell(row, _AT("actual"), value, look, formula)


def _rate(district: District, row: int, one: DistrictTarget) -> Iterator[Cell]:
    target, actual, rate = (COLUMNS.at(key, row) for key in ("target", "actual", "rate"))
    achieved = achievement(district, one)
    none = "" if one.target > 0 else NO_RATE
    shown: Value = none if achieved is None else achieved
    formula = derive.achievement_formula(target, actual)
    yield Cell(row, _AT("rate"), shown, Style(Role.DERIVED, Shape.RATIO), formula)
    gone = district.parameters.used(GONE)
    state, centred = derive.progress(achieved, gone) or "", Style(Role.DERIVED, Shape.CENTRED)
    yield Cell(row, _AT("progress"), state, centred, progress_formula(rate, TIME_PROGRESS))


def actual_of(district: District, one: DistrictTarget) -> float | None:
    """Return what was reached of a target of annex 1; None where that is not known."""
    if one.source:
        return district.figures.district[_position(district, one)].actual
    figure = district.annex1.get(one.code)
    return figure.actual if figure else None


def achievement(district: District, one: DistrictTarget) -> float | None:
    """Return what was reached over the target; None where there is no figure or no target."""
    return derive.achievement(actual_of(district, one), one.target)


def _position(district: District, one: DistrictTarget) -> int:
    codes = [indicator.code for indicator in district.settled.plan.indicators]
    return codes.index(one.source or "")


def _origin(district: District, row: int, one: DistrictTarget) -> Cell:
    """Say where the figure comes from; where its file lies near, lead to its cell."""
    text, figure = _source(district, one), district.annex1.get(one.code)
    path = district.sources.get(figure.file, "") if figure else ""
    if one.source or figure is None or not (path and figure.cell):
        return Cell(row, _AT("source"), text, Style(Role.LABEL))
    link = file_link(path, figure.sheet, figure.cell)
    return Cell(row, _AT("source"), text, Style(Role.LINK), link=link)


def _source(district: District, one: DistrictTarget) -> str:
    if one.source:
        whole = district.figures.district[_position(district, one)]
        return f"由各单位填报数计算，已计 {whole.covered}/{whole.asked} 个单位"
    figure: Figure | None = district.annex1.get(one.code)
    if figure is not None and not figure.asked:
        return f"自第{one.first_quarter}季度起填报"
    if figure is None or not figure.file:
        return "区级填报表没有收到"
    return f"{figure.file} {figure.sheet} {figure.cell}"


def _remark(district: District, one: DistrictTarget) -> str:
    figure = district.annex1.get(one.code)
    return figure.remark if figure else ""
