"""评议结果: each unit's mean for each item, of how many marks it is, and their sum."""

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
    Tone,
    address,
    height_for,
    jump,
)
from consolidator.forms.review.assignment import item_key
from consolidator.forms.review.marking import in_words, merged_formula
from consolidator.plan.model import Plan, ReviewItem
from consolidator.report.context import (
    HEAD_ROW,
    HIDDEN_ROWS,
    IDENTITY_ROW,
    KEY_ROW,
    TITLE_ROW,
    heads,
    top,
)
from consolidator.report.review import marks_sheet
from consolidator.report.review.context import MARKS, RESULTS, ReviewDistrict, identity

FIRST = HEAD_ROW + 1
_ACROSS, _NARROWEST, _WIDEST = 84, 12, 20
"""Digits over which the columns of means share, and what one of them takes."""
_MEAN, _COUNT = Style(Role.DERIVED, Shape.SCORE), Style(Role.DERIVED, Shape.CENTRED)


def mean_key(item: ReviewItem) -> str:
    """Return the key of the column of an item's means."""
    return f"mean{item.number}"


def count_key(item: ReviewItem) -> str:
    """Return the key of the column that says of how many marks a mean is."""
    return f"count{item.number}"


def columns(plan: Plan) -> Columns:
    """Return the sheet's columns: two an item, then the sum."""
    width = min(max(_ACROSS / len(plan.review_items) - 7, _NARROWEST), _WIDEST)
    pairs = [
        column
        for item in plan.review_items
        for column in (
            Column(
                mean_key(item),
                f"{item.number}. {item.name}\n（满分 {item.full_marks:g} 分）",
                width,
            ),
            Column(count_key(item), "评分数", 7),
        )
    ]
    return Columns(
        Column("key", "", 2, hidden=True),
        Column("number", "序号", 6),
        Column("unit", "单位", 30),
        *pairs,
        Column("total", "合计", 10),
    )


def results_sheet(district: ReviewDistrict) -> Sheet:
    """Describe the sheet: a row a unit."""
    cols, units = columns(district.plan), district.plan.units
    last, end = FIRST + len(units) - 1, cols.index("total")
    rule = (
        f"平均分：{in_words(district.plan.reviewing.mean)}。空白为没有评分，不计为 0；"
        "合计为各项平均分之和，缺一项的不合计。评分数少于收回人数的（有回避、留空或没有采用的）标为黄色。"
    )
    width = sum(column.width for column in cols.all[1:])
    return Sheet(
        name=RESULTS,
        cells=_cells(district, cols),
        columns=cols,
        merges=(
            *top(district, f"评议汇总表（{district.settled.period.title}）", end),
            (Area(last + 1, 1, last + 1, end), Cell(last + 1, 1, rule, Style(Role.NOTE))),
        ),
        heights={
            TITLE_ROW: 30,
            HEAD_ROW: height_for([(one.title, one.width) for one in cols.all], least=40),
            **{
                FIRST + place: height_for([(unit.name, 30)], least=26)
                for place, unit in enumerate(units)
            },
            last + 1: height_for([(rule, width)], least=36),
        },
        hidden_rows=HIDDEN_ROWS,
        highlights=tuple(_highlights(district, cols, last)),
        freeze=(FIRST, 3),
        cursor=(FIRST, 3),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last + 1, end),
            landscape=True,
            tall=1 if len(units) <= 25 else 0,
            repeat_rows=(HEAD_ROW, HEAD_ROW),
        ),
    )


def _cells(district: ReviewDistrict, cols: Columns) -> Iterator[Cell]:
    plan, hidden = district.plan, Style(Role.HIDDEN)
    marked = marks_sheet.columns(plan)
    yield Cell(IDENTITY_ROW, 0, identity(plan, district.settled.period), hidden)
    for index, column in enumerate(cols.all):
        yield Cell(KEY_ROW, index, column.key, hidden)
    yield from heads(cols)
    for place, unit in enumerate(plan.units):
        row, means = FIRST + place, []
        rows = marks_sheet.unit_rows(district, place)
        yield Cell(row, 0, unit.code, hidden)
        yield Cell(row, 1, place + 1, Style(Role.LABEL, Shape.CENTRED))
        where = jump(marks_sheet.row_of(district, place, 0), 2, MARKS)
        yield Cell(row, 2, unit.name, Style(Role.LINK), link=where)
        for item in plan.review_items:
            one = district.figures.merged[unit.code, item.number]
            marks = marked.down(item_key(item), *rows, sheet=MARKS)
            mean = merged_formula(marks, plan.reviewing.mean)
            at = cols.index(mean_key(item))
            means.append(address(row, at))
            yield Cell(row, at, "" if one.mean is None else one.mean, _MEAN, mean)
            yield Cell(row, at + 1, one.count, _COUNT, f"COUNT({marks})")
        total = district.figures.total(unit)
        known = "+".join(f"ISNUMBER({mean})*1" for mean in means)
        formula = f'IF({known}={len(means)},{"+".join(means)},"")'
        style = Style(Role.TOTAL, Shape.SCORE)
        yield Cell(row, cols.index("total"), "" if total is None else total, style, formula)


def _highlights(district: ReviewDistrict, cols: Columns, last: int) -> Iterator[Highlight]:
    for item in district.plan.review_items:
        at = cols.index(count_key(item))
        cell = address(FIRST, at)
        few = f"{cell}<{district.settled.returned}"
        yield Highlight(Area(FIRST, at, last, at), few, Tone.WARN)
