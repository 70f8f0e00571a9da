"""评分参数: the numbers scores are computed with, which staff may change."""

from collections.abc import Iterator

from consolidator.figures.parameters import TIME_PROGRESS, Parameter
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
    height_for,
)
from consolidator.report.context import (
    HEAD_ROW,
    HIDDEN_ROWS,
    KEY_ROW,
    PARAMETERS,
    TITLE_ROW,
    District,
    heads,
    top,
)

COLUMNS = Columns(
    Column("key", "", 2, hidden=True),
    Column("name", "参数", 20),
    Column("meaning", "用处", 46),
    Column("default", "默认值\n（年度目标任务）", 14),
    Column("typed", "改为\n（可填）", 12),
    Column("used", "采用", 12),
)
FIRST = HEAD_ROW + 1
_AT = COLUMNS.index
_LAST = _AT("used")
_UNKNOWN = (
    "正式的计分办法未收录：以下都是默认值，由科技局确定。在浅黄色格内填数即改，各表随即重算，"
    "重新汇总时沿用；清空则恢复默认值。"
)


def used_cell(district: District, key: str) -> str:
    """Return the cell that holds a parameter as it is used."""
    rows = {one.key: FIRST + place for place, one in enumerate(district.parameters.all)}
    return COLUMNS.at("used", rows[key], sheet=PARAMETERS, fixed=True)


def full_cell(district: District) -> str:
    """Return the cell that holds the sum of all numbers' weights."""
    return COLUMNS.at("used", _total_row(district), sheet=PARAMETERS, fixed=True)


def time_progress_cell(district: District) -> str:
    """Return the cell the defined name of the time progress stands for."""
    return used_cell(district, TIME_PROGRESS)


def _total_row(district: District) -> int:
    return FIRST + len(district.parameters.all)


def parameters_sheet(district: District) -> Sheet:
    """Describe the sheet: a row a parameter, the weights' sum, and what is not known."""
    total = _total_row(district)
    width = sum(column.width for column in COLUMNS.all[1:])
    typed, used = COLUMNS.at("typed", FIRST), COLUMNS.at("used", FIRST)
    return Sheet(
        name=PARAMETERS,
        cells=_cells(district),
        columns=COLUMNS,
        merges=(
            *top(district, "评分参数", _LAST),
            (Area(total + 1, 1, total + 1, _LAST),
             Cell(total + 1, 1, _UNKNOWN, Style(Role.NOTE))),
        ),
        heights={TITLE_ROW: 30, HEAD_ROW: 36, total: 22,
                 total + 1: height_for([(_UNKNOWN, width)], least=36)},
        row_height=22,
        hidden_rows=HIDDEN_ROWS,
        validations=tuple(
            (Area(row, _AT("typed"), row, _AT("typed")), _validation(one))
            for row, one in enumerate(district.parameters.all, start=FIRST)
        ),
        highlights=(
            Highlight(
                Area(FIRST, _AT("typed"), total - 1, _AT("typed")),
                f"AND(LEN({typed})>0,{used}<>{typed})",
                Tone.WRONG,
            ),
            Highlight(
                Area(FIRST, _AT("used"), total - 1, _AT("used")),
                f"{used}<>{COLUMNS.at('default', FIRST)}",
                Tone.ADJUSTED,
            ),
        ),
        freeze=(FIRST, 1),
        cursor=(FIRST, _AT("typed")),
        printing=Printing(
            footer=district.footer, area=Area(TITLE_ROW, 1, total + 1, _LAST), tall=0
        ),
    )  # fmt: skip


def _validation(one: Parameter) -> Validation:
    least, most = one.shown(one.least), one.shown(one.most)
    return Validation(
        kind="decimal",
        title=one.name,
        prompt=f"填 {least} 到 {most} 之间的数；清空则用默认值 {one.shown(one.default)}。",
        error=f"这里只能填 {least} 到 {most} 之间的数。",
        minimum=one.least,
        maximum=one.most,
    )


def _cells(district: District) -> Iterator[Cell]:
    for index, column in enumerate(COLUMNS.all):
        yield Cell(KEY_ROW, index, column.key, Style(Role.HIDDEN))
    yield from heads(COLUMNS)
    for row, one in enumerate(district.parameters.all, start=FIRST):
        shape = Shape.RATIO if one.share else Shape.SCORE
        default, typed = COLUMNS.at("default", row), COLUMNS.at("typed", row)
        within = f"AND({typed}>={one.least:.10g},{typed}<={one.most:.10g})"
        used = f"IF(ISNUMBER({typed}),IF({within},{typed},{default}),{default})"
        yield Cell(row, 0, one.key, Style(Role.HIDDEN))
        yield Cell(row, _AT("name"), one.name, Style(Role.LABEL))
        yield Cell(row, _AT("meaning"), one.meaning, Style(Role.LABEL))
        yield Cell(row, _AT("default"), one.default, Style(Role.GIVEN, shape))
        yield Cell(row, _AT("typed"), one.typed, Style(Role.ENTRY, shape))
        yield Cell(row, _AT("used"), one.used, Style(Role.DERIVED, shape), used)
    total = _total_row(district)
    weights = COLUMNS.down("used", total - len(district.parameters.weights), total - 1)
    yield Cell(total, _AT("name"), "权重合计", Style(Role.TOTAL))
    yield Cell(total, _AT("meaning"), "数量得分的满分（封顶 100% 时）。", Style(Role.TOTAL))
    for key in ("default", "typed"):
        yield Cell(total, _AT(key), None, Style(Role.TOTAL))
    yield Cell(
        total, _AT("used"), district.scores.full, Style(Role.TOTAL, Shape.SCORE), f"SUM({weights})"
    )
