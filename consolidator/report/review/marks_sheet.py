"""评分明细: a row a unit and reviewer, a column an item, each mark with the cell it came from."""

from collections.abc import Iterator

from consolidator.figures.review import BLANK, Mark
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
    file_link,
    height_for,
)
from consolidator.forms.review.assignment import item_key
from consolidator.forms.review.marking import far_formula
from consolidator.plan.model import Plan, ReviewItem
from consolidator.report.context import HEAD_ROW, HIDDEN_ROWS, KEY_ROW, TITLE_ROW, heads, top
from consolidator.report.review.context import MARKS, ReviewDistrict

FIRST = HEAD_ROW + 1
FAR_SIGN = "▲"
_ACROSS, _NARROWEST, _WIDEST = 66, 8, 16
"""Digits over which the columns of marks share, and what one of them takes."""
_LABEL, _CENTRED = Style(Role.LABEL), Style(Role.LABEL, Shape.CENTRED)
_MARK, _LINK = Style(Role.GIVEN, Shape.CENTRED), Style(Role.LINK, Shape.CENTRED)
_HIDDEN = Style(Role.HIDDEN)


def cell_key(item: ReviewItem) -> str:
    """Return the key of the column that says where a mark was read."""
    return f"cell{item.number}"


def middle_key(item: ReviewItem) -> str:
    """Return the key of the hidden column of medians."""
    return f"middle{item.number}"


def columns(plan: Plan) -> Columns:
    """Return the sheet's columns: two an item, then what points at marks far off."""
    width = min(max(_ACROSS / len(plan.review_items) - 8, _NARROWEST), _WIDEST)
    pairs = [
        column
        for item in plan.review_items
        for column in (
            Column(item_key(item), f"{item.number}. {item.name}", width),
            Column(cell_key(item), "单元格", 8),
        )
    ]
    return Columns(
        Column("key", "", 2, hidden=True),
        Column("unit", "单位", 16),
        Column("reviewer", "评委", 12),
        *pairs,
        Column("far", "偏离中位数", 18),
        Column("file", "来源文件", 34),
        Column("code", "", 3, hidden=True),
        Column("count", "", 3, hidden=True),
        Column("sum", "", 3, hidden=True),
        Column("blank", "", 3, hidden=True),
        *(Column(middle_key(item), "", 3, hidden=True) for item in plan.review_items),
    )


def row_of(district: ReviewDistrict, unit: int, reviewer: int) -> int:
    """Return the row of the unit and reviewer at these positions."""
    return FIRST + unit * len(district.settled.reviewers) + reviewer


def unit_rows(district: ReviewDistrict, unit: int) -> tuple[int, int]:
    """Return the first and the last row of one unit's marks."""
    first = row_of(district, unit, 0)
    return first, first + len(district.settled.reviewers) - 1


def whole_range(district: ReviewDistrict, column: str) -> str:
    """Return the range of every row in a column."""
    return columns(district.plan).down(column, FIRST, _last_row(district), sheet=MARKS)


def _last_row(district: ReviewDistrict) -> int:
    return row_of(district, len(district.plan.units), 0) - 1


def marks_sheet(district: ReviewDistrict) -> Sheet:
    """Describe the sheet: a unit's marks stand below one another."""
    cols, last = columns(district.plan), _last_row(district)
    end = cols.index("file")
    return Sheet(
        name=MARKS,
        cells=_cells(district, cols),
        columns=cols,
        merges=tuple(top(district, "评分明细（每个单位、每位评委一行）", end)),
        heights={
            TITLE_ROW: 30,
            HEAD_ROW: height_for([(one.title, one.width) for one in cols.all], least=36),
        },
        row_height=18,
        hidden_rows=HIDDEN_ROWS,
        highlights=tuple(_highlights(district, cols, last)),
        freeze=(FIRST, 3),
        cursor=(FIRST, 3),
        filter=Area(HEAD_ROW, 1, last, end),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last, end),
            landscape=True,
            repeat_rows=(HEAD_ROW, HEAD_ROW),
        ),
    )


def _cells(district: ReviewDistrict, cols: Columns) -> Iterator[Cell]:
    for index, column in enumerate(cols.all):
        yield Cell(KEY_ROW, index, column.key, _HIDDEN)
    yield from heads(cols)
    plan, several = district.plan, len(district.settled.reviewers)
    width = len(plan.review_items)
    for position in range(len(plan.units) * several):
        marks = district.figures.marks[position * width : (position + 1) * width]
        yield from _row(district, cols, FIRST + position, marks)


def _row(
    district: ReviewDistrict, cols: Columns, row: int, marks: tuple[Mark, ...]
) -> Iterator[Cell]:
    first, at = marks[0], cols.index
    yield Cell(row, 0, f"{first.unit.code}/{first.reviewer.code}", _HIDDEN)
    yield Cell(row, 1, first.unit.short, _LABEL)
    yield Cell(row, 2, first.reviewer.name, _LABEL)
    for one in marks:
        column = at(item_key(one.item))
        counts = one.value is not None
        yield Cell(row, column, one.value if counts else one.word, _MARK if counts else _CENTRED)
        yield _origin(district, row, column + 1, one)
    yield from _derived(district, cols, row, marks)
    yield Cell(row, at("file"), first.file, _LABEL)
    yield Cell(row, at("code"), first.reviewer.code, _HIDDEN)


def _origin(district: ReviewDistrict, row: int, column: int, one: Mark) -> Cell:
    """Return the address of the mark's cell; where the file lies near, it leads there."""
    path = district.sources.get(one.file, "")
    if not (path and one.cell and district.linked):
        return Cell(row, column, one.cell, _CENTRED)
    return Cell(row, column, one.cell, _LINK, link=file_link(path, one.sheet, one.cell))


def _derived(
    district: ReviewDistrict, cols: Columns, row: int, marks: tuple[Mark, ...]
) -> Iterator[Cell]:
    """Yield what points at marks far off, and the hidden sums for the reviewer's own row."""
    at, plan = cols.index, district.plan
    rows = unit_rows(district, (row - FIRST) // len(district.settled.reviewers))
    given = [one.value for one in marks if one.value is not None]
    items = plan.review_items
    # Between the marks stand addresses: text, which neither sum nor count takes in.
    whole = f"{cols.at(item_key(items[0]), row)}:{cols.at(item_key(items[-1]), row)}"
    yield Cell(row, at("count"), len(given), _HIDDEN, f"COUNT({whole})")
    yield Cell(row, at("sum"), sum(given), _HIDDEN, f"SUM({whole})")
    blank = sum(one.word == BLANK for one in marks)
    yield Cell(row, at("blank"), blank, _HIDDEN, f'COUNTIF({whole},"{BLANK}")')
    told, texts = [], []
    for one in marks:
        half = district.figures.merged[one.unit.code, one.item.number].middle
        place = at(middle_key(one.item))
        marked = cols.down(item_key(one.item), *rows)
        formula = f'IF(COUNT({marked})=0,"",MEDIAN({marked}))'
        yield Cell(row, place, "" if half is None else half, _HIDDEN, formula)
        far = far_formula(
            cols.at(item_key(one.item), row), address(row, place), one.item.full_marks
        )
        word = f"{FAR_SIGN}第{one.item.number}项 "
        told.append(f'IF({far},"{word}","")')
        texts.append(word if one.far else "")
    style = Style(Role.DERIVED, Shape.CENTRED)
    yield Cell(row, at("far"), "".join(texts), style, "&".join(told))


def _highlights(district: ReviewDistrict, cols: Columns, last: int) -> Iterator[Highlight]:
    for item in district.plan.review_items:
        column = cols.index(item_key(item))
        area, mark = Area(FIRST, column, last, column), address(FIRST, column)
        half = f"${cols.at(middle_key(item), FIRST)}"
        yield Highlight(area, far_formula(mark, half, item.full_marks), Tone.WARN)
        yield Highlight(area, f'LEFT({mark},1)="✗"', Tone.WRONG)
        yield Highlight(area, f"ISNUMBER({mark})=FALSE", Tone.MUTED)
    column = cols.index("far")
    area = Area(FIRST, column, last, column)
    yield Highlight(area, f'LEFT({address(FIRST, column)},1)="{FAR_SIGN}"', Tone.WARN)
