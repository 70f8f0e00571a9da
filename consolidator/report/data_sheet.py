"""数据: one row a unit and indicator, each with its source cell, and where staff adjust."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from consolidator.figures.values import FILED, Figure
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
    Validation,
    address,
    file_link,
    in_text,
)
from consolidator.forms.quarterly.derive import NO_RATE, achievement_formula, progress_formula
from consolidator.forms.quarterly.main_sheet import short_text
from consolidator.plan.model import Indicator, Kind
from consolidator.report import register_sheet
from consolidator.report.context import (
    DATA,
    HEAD_ROW,
    HIDDEN_ROWS,
    IDENTITY,
    IDENTITY_ROW,
    KEY_ROW,
    PROGRESS_TONES,
    TIME_PROGRESS,
    TITLE_ROW,
    District,
    heads,
    is_owed,
    top,
)

COLUMNS = Columns(
    Column("key", "", 3, hidden=True),
    Column("code", "", 3, hidden=True),
    Column("unit", "单位", 15),
    Column("number", "序号", 5),
    Column("indicator", "指标", 38),
    Column("measure", "计量\n单位", 6),
    Column("target", "年度目标", 10),
    Column("reported", "上报数\n（比率为分子）", 14),
    Column("reported_under", "上报分母", 13),
    Column("raw", "原文\n（已换写或不能用）", 14),
    Column("filed", "备案数", 9),
    Column("adjusted", "调整数\n（可填）", 11),
    Column("adjusted_under", "调整分母\n（可填）", 11),
    Column("reason", "调整理由\n（可填）", 20),
    Column("figure", "采用数", 13),
    Column("denominator", "采用分母", 13),
    Column("actual", "完成数", 10),
    Column("achievement", "完成率", 9),
    Column("progress", "状态", 9),
    Column("basis", "取数", 9),
    Column("problems", "问题数", 7),
    Column("file", "来源文件", 34),
    Column("sheet", "工作表", 9),
    Column("cell", "单元格", 9),
    Column("remark", "单位说明", 30),
)
FIRST = HEAD_ROW + 1
_AT = COLUMNS.index
_WITHOUT_REGISTER = Columns(
    *(column._replace(hidden=column.hidden or column.key == "filed") for column in COLUMNS.all)
)
"""The columns where no register was given."""
_LAST = _AT("remark")


def key_of(unit: str, indicator: str) -> str:
    """Return the hidden key of a row."""
    return f"{unit}/{indicator}"


def row_of(district: District, unit: int, indicator: int) -> int:
    """Return the row of the unit and indicator at these positions of the plan."""
    return FIRST + unit * len(district.settled.plan.indicators) + indicator


def unit_range(district: District, unit: int, column: str) -> str:
    """Return the range of one unit's rows in a column."""
    first = row_of(district, unit, 0)
    last = first + len(district.settled.plan.indicators) - 1
    return COLUMNS.down(column, first, last, sheet=DATA)


def whole_range(district: District, column: str) -> str:
    """Return the range of every row in a column."""
    return COLUMNS.down(column, FIRST, _last_row(district), sheet=DATA)


def _last_row(district: District) -> int:
    return FIRST + len(district.figures.rows) - 1


def data_sheet(district: District) -> Sheet:
    """Describe the sheet; its cells are made as they are written."""
    last = _last_row(district)
    table = Area(HEAD_ROW, 1, last, _LAST)
    return Sheet(
        name=DATA,
        cells=_cells(district),
        columns=COLUMNS if district.register else _WITHOUT_REGISTER,
        merges=tuple(top(district, "数据（每个单位、每项指标一行）", _LAST)),
        heights={TITLE_ROW: 30, HEAD_ROW: 36},
        row_height=18,
        hidden_rows=HIDDEN_ROWS,
        validations=tuple(_validations(last)),
        highlights=tuple(_highlights(last)),
        freeze=(FIRST, _AT("measure")),
        cursor=(FIRST, _AT("adjusted")),
        filter=table,
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last, _LAST),
            paper="A3",
            landscape=True,
            repeat_rows=(HEAD_ROW, HEAD_ROW),
        ),
        zoom=90,
    )


def _cells(district: District) -> Iterator[Cell]:
    plan, period = district.settled.plan, district.settled.period
    identity = f"{IDENTITY};{plan.name};{period.code}"
    yield Cell(IDENTITY_ROW, 0, identity, Style(Role.HIDDEN))
    for index, column in enumerate(COLUMNS.all):
        yield Cell(KEY_ROW, index, column.key, Style(Role.HIDDEN))
    yield from heads(COLUMNS)
    width = len(plan.indicators)
    for position, figure in enumerate(district.figures.rows):
        unit = plan.units[position // width].short
        row, indicator = FIRST + position, position % width
        yield from _row(row, figure, plan.indicators[indicator], unit)
        yield _filed(district, row, figure, position // width, plan.indicators[indicator])
        yield _origin(district, row, figure)


_LABEL, _CENTRED = Style(Role.LABEL), Style(Role.LABEL, Shape.CENTRED)
_HIDDEN, _REASON = Style(Role.HIDDEN), Style(Role.ENTRY)
_LINK = Style(Role.LINK, Shape.CENTRED)
_PROBLEMS = Style(Role.LABEL, Shape.COUNT)
_DERIVED, _RATE = Style(Role.DERIVED, Shape.CENTRED), Style(Role.DERIVED, Shape.RATIO)
_ROW = "#"
"""Stands for the row's number in a formula until it is written."""


class _Looks(NamedTuple):
    """The styles of a row's figures; amounts of a ratio are shown otherwise than counts."""

    target: Style
    given: Style
    entry: Style
    closed: Style
    used: Style
    actual: Style


def _looks(shape: Shape, number: Shape) -> _Looks:
    return _Looks(
        target=Style(Role.GIVEN, shape),
        given=Style(Role.GIVEN, number),
        entry=Style(Role.ENTRY, number),
        closed=Style(Role.LABEL, number),
        used=Style(Role.DERIVED, number),
        actual=Style(Role.DERIVED, shape),
    )


_RATIO = _looks(Shape.RATIO, Shape.AMOUNT)
_COUNT = _looks(Shape.COUNT, Shape.COUNT)


class _Formulas(NamedTuple):
    """The formulas of a row that is asked for, its number left open."""

    figure: str
    denominator: str
    actual: str
    rate: str
    progress: str
    basis: str


@lru_cache(maxsize=64)
def _formulas(word: str, *, ratio: bool, filed: bool) -> _Formulas:
    """Return the formulas; ``word`` is what stands where there is no figure.

    ``filed`` tells that the register has a count, which goes before what was reported.
    """
    at = {column.key: COLUMNS.letter(column.key) + _ROW for column in COLUMNS.all}
    none = in_text(word)

    def sound(column: str) -> str:
        given = f"LEN(TRIM({at['reason']}))>0"
        cell = at[column]
        fits = f"{cell}>=0" if ratio else f"AND({cell}>=0,INT({cell})={cell})"
        if ratio:
            # One amount of two that cannot be used makes the other one doubtful.
            other = at["adjusted_under" if column == "adjusted" else "adjusted"]
            usable = f"IF(ISBLANK({other}),TRUE,IF(ISNUMBER({other}),{other}>=0,FALSE))"
            fits = f"AND({fits},{usable})"
        return f"IF(ISNUMBER({cell}),IF({fits},{given},FALSE),FALSE)"

    def used(adjusted: str, reported: str) -> str:
        own = f'IF(ISNUMBER({at[reported]}),{at[reported]},"")'
        if filed:
            own = f"IF(ISNUMBER({at['filed']}),{at['filed']},{own})"
        return f"IF({sound(adjusted)},{at[adjusted]},{own})"

    figure, under, actual, target = (
        at[key] for key in ("figure", "denominator", "actual", "target")
    )
    divided = f"IF({under}>0,{figure}/{under},{none})"
    over = f"IF(AND(ISNUMBER({figure}),ISNUMBER({under})),{divided},{none})"
    adjusted = sound("adjusted")
    if ratio:
        adjusted = f"OR({adjusted},{sound('adjusted_under')})"
    unadjusted = f'IF(ISNUMBER({actual}),"上报",{none})'
    if filed:
        unadjusted = f'IF(ISNUMBER({at["filed"]}),"{FILED}",{unadjusted})'
    return _Formulas(
        figure=used("adjusted", "reported"),
        denominator=used("adjusted_under", "reported_under") if ratio else "",
        actual=over if ratio else f"IF(ISNUMBER({figure}),{figure},{none})",
        rate=achievement_formula(target, actual),
        progress=progress_formula(at["achievement"], TIME_PROGRESS),
        basis=f'IF({adjusted},"调整",{unadjusted})',
    )


def _row(row: int, one: Figure, indicator: Indicator, unit: str) -> Iterator[Cell]:
    ratio = indicator.kind is Kind.RATIO
    looks = _RATIO if ratio else _COUNT
    mine = one.adjustment
    yield Cell(row, 0, key_of(one.unit, one.indicator), _HIDDEN)
    yield Cell(row, 1, one.indicator, _HIDDEN)
    yield Cell(row, 2, unit, _LABEL)
    yield Cell(row, 3, indicator.number, _CENTRED)
    yield Cell(row, 4, indicator.label, _LABEL)
    yield Cell(row, 5, indicator.measure, _CENTRED)
    yield Cell(row, 6, NO_RATE if one.target is None else one.target, looks.target)
    yield Cell(row, 7, one.reported, looks.given)
    yield Cell(row, 8, one.reported_under, looks.given)
    yield Cell(row, 9, one.raw, _LABEL)
    entry = looks.entry if one.asked else looks.closed
    yield Cell(row, 11, mine.figure if mine else None, entry)
    yield Cell(row, 12, mine.denominator if mine else None, entry if ratio else looks.closed)
    yield Cell(row, 13, mine.reason if mine else None, _REASON if one.asked else _LABEL)
    if one.asked:
        formulas = _formulas(one.word, ratio=ratio, filed=one.filed is not None)
        yield from _derived(row, one, looks, formulas)
    else:
        yield Cell(row, 14, None, looks.given)
        yield Cell(row, 15, None, looks.given)
        yield Cell(row, 16, one.word, looks.target)
        for column in (17, 18, 19):
            yield Cell(row, column, NO_RATE, _CENTRED)
    yield Cell(row, 20, one.problems, _PROBLEMS)
    file = f"{one.file}；上报数见 {one.reported_in}" if one.reported_in else one.file
    yield Cell(row, 21, file, _LABEL)
    yield Cell(row, 22, one.sheet, _CENTRED)
    yield Cell(row, 24, one.remark, _LABEL)


def _filed(district: District, row: int, one: Figure, unit: int, indicator: Indicator) -> Cell:
    """Return the register's count, a live count of its rows; blank where there is none."""
    if one.filed is None:
        return Cell(row, _AT("filed"), None, _COUNT.given)
    formula = register_sheet.count_formula(district, unit, indicator)
    return Cell(row, _AT("filed"), one.filed.number, _COUNT.used, formula)


def _origin(district: District, row: int, one: Figure) -> Cell:
    """Return the address of the source cell; where the file lies near, it leads there.

    The register's figures have many cells: they are on a sheet of their own.
    """
    if one.filed is not None:
        link = register_sheet.unit_link(district, one.unit) if district.linked else ""
        return Cell(row, _AT("cell"), f"→ {FILED}", _LINK if link else _CENTRED, link=link)
    path = district.sources.get(one.file, "")
    if not (path and one.cell and district.linked):
        return Cell(row, _AT("cell"), one.cell, _CENTRED)
    return Cell(row, _AT("cell"), one.cell, _LINK, link=file_link(path, one.sheet, one.cell))


def _derived(row: int, one: Figure, looks: _Looks, formulas: _Formulas) -> Iterator[Cell]:
    number = str(row + 1)
    figure, denominator, actual, rate, progress, basis = (
        formula.replace(_ROW, number) for formula in formulas
    )
    none = "" if one.target else NO_RATE
    yield Cell(row, 14, "" if one.figure is None else one.figure, looks.used, figure)
    yield Cell(row, 15, "" if one.denominator is None else one.denominator, looks.used, denominator)
    yield Cell(row, 16, one.word if one.actual is None else one.actual, looks.actual, actual)
    yield Cell(row, 17, none if one.achievement is None else one.achievement, _RATE, rate)
    yield Cell(row, 18, one.progress or "", _DERIVED, progress)
    yield Cell(row, 19, one.basis, _DERIVED, basis)


def _validations(last: int) -> Iterator[tuple[Area, Validation]]:
    for column in ("adjusted", "adjusted_under"):
        yield (
            Area(FIRST, _AT(column), last, _AT(column)),
            Validation(
                kind="decimal",
                title="调整数",
                prompt="只有同时填写数字和理由，调整才会采用；比率请填分子、分母两项金额。重新汇总后保留。",
                error="这里只能填不小于 0 的数字。",
                minimum=0,
            ),
        )
    reason = Area(FIRST, _AT("reason"), last, _AT("reason"))
    yield reason, short_text("调整理由", "请写明调整的依据，如文件名、来电核实人和日期。")


def _highlights(last: int) -> Iterator[Highlight]:
    progress = f"${COLUMNS.at('progress', FIRST)}"
    rated = Area(FIRST, _AT("achievement"), last, _AT("progress"))
    for sign, tone in PROGRESS_TONES:
        yield Highlight(rated, f'LEFT({progress},1)="{sign}"', tone)
    basis = f"${COLUMNS.at('basis', FIRST)}"
    shown = Area(FIRST, _AT("figure"), last, _AT("basis"))
    yield Highlight(shown, f'{basis}="调整"', Tone.ADJUSTED)
    yield Highlight(
        Area(FIRST, _AT("actual"), last, _AT("basis")),
        is_owed(basis),
        Tone.WRONG,
    )
    typed = (
        f"OR(LEN(${COLUMNS.at('adjusted', FIRST)})>0,LEN(${COLUMNS.at('adjusted_under', FIRST)})>0)"
    )
    reason = f"${COLUMNS.at('reason', FIRST)}"
    unexplained = f"AND({typed},LEN(TRIM({reason}))=0)"
    yield Highlight(Area(FIRST, _AT("reason"), last, _AT("reason")), unexplained, Tone.WRONG)
    problems = address(FIRST, _AT("problems"))
    yield Highlight(Area(FIRST, _AT("problems"), last, _AT("problems")), f"{problems}>0", Tone.WARN)
