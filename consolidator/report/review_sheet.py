"""评议: the merged marks of annex 3, each with the cell it was read from."""

from collections.abc import Iterator

from consolidator.figures.review_results import ReviewResults
from consolidator.forms.layout import (
    Area,
    Cell,
    Column,
    Columns,
    Printing,
    Role,
    Shape,
    Sheet,
    Style,
    file_link,
    height_for,
)
from consolidator.report.context import (
    HEAD_ROW,
    HIDDEN_ROWS,
    REVIEW,
    TITLE_ROW,
    District,
    heads,
    top,
)

_FULL = HEAD_ROW + 1
FIRST = _FULL + 1


def columns(district: District) -> Columns:
    """Return the sheet's columns: one a review item, then their sum."""
    return Columns(
        Column("key", "", 2, hidden=True),
        Column("place", "序号", 6),
        Column("unit", "单位", 28),
        *(
            Column(f"item{item.number}", f"{item.number}. {item.name}", 22)
            for item in district.settled.plan.review_items
        ),
        Column("total", "合计", 10),
    )


def total_cell(district: District, unit: int) -> str:
    """Return the cell with the sum of a unit's marks."""
    return columns(district).at("total", FIRST + unit, sheet=REVIEW)


def review_sheet(district: District, results: ReviewResults) -> Sheet:
    """Describe the sheet: full marks, then a row a unit."""
    cols, plan = columns(district), district.settled.plan
    last = FIRST + len(plan.units) - 1
    end = cols.index("total")
    text = (
        f"注：各项为评委评分合并后的平均分，来自“{results.file}”的“{results.sheet}”，点击即到该单元格；"
        f"应评 {results.reviewers} 人，收回 {results.returned} 人。"
        "缺一项评分的单位没有合计，也没有总分。"
    )
    width = sum(column.width for column in cols.all[1:])
    return Sheet(
        name=REVIEW,
        cells=_cells(district, results, cols),
        columns=cols,
        merges=(
            *top(district, f"评议得分（{district.settled.period.title}）", end),
            (Area(last + 1, 1, last + 1, end), Cell(last + 1, 1, text, Style(Role.NOTE))),
        ),
        heights={
            TITLE_ROW: 30,
            HEAD_ROW: height_for(((c.title, c.width) for c in cols.all), least=36),
            **dict.fromkeys(range(_FULL, last + 1), 26),
            last + 1: height_for([(text, width)], least=36),
        },
        hidden_rows=HIDDEN_ROWS,
        freeze=(FIRST, 3),
        cursor=(FIRST, 3),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last + 1, end),
            landscape=True,
            repeat_rows=(HEAD_ROW, _FULL),
        ),
    )


def _cells(district: District, results: ReviewResults, cols: Columns) -> Iterator[Cell]:
    plan, score = district.settled.plan, Shape.SCORE
    yield from heads(cols)
    yield Cell(_FULL, 1, None, Style(Role.HEADING))
    yield Cell(_FULL, 2, "满分", Style(Role.HEADING))
    first, last = (cols.index(f"item{plan.review_items[n].number}") for n in (0, -1))
    for column, item in enumerate(plan.review_items, start=first):
        yield Cell(_FULL, column, item.full_marks, Style(Role.HEADING, score))
    yield Cell(_FULL, last + 1, district.scores.review_full, Style(Role.HEADING, score),
               f"SUM({Area(_FULL, first, _FULL, last)})")  # fmt: skip
    path = district.sources.get(results.file, "")
    for unit, one in enumerate(plan.units):
        row = FIRST + unit
        yield Cell(row, 0, one.code, Style(Role.HIDDEN))
        yield Cell(row, 1, unit + 1, Style(Role.LABEL, Shape.CENTRED))
        yield Cell(row, 2, one.name, Style(Role.LABEL))
        for column, item in enumerate(plan.review_items, start=first):
            mark = results.marks.get((one.code, item.number))
            cell = results.cells.get((one.code, item.number), "")
            link = file_link(path, results.sheet, cell) if path and cell else ""
            yield Cell(
                row, column, mark, Style(Role.GIVEN, score), link="" if mark is None else link
            )
        marks = Area(row, first, row, last)
        total = district.scores.units[unit].review
        formula = f'IF(COUNT({marks})={len(plan.review_items)},SUM({marks}),"")'
        yield Cell(row, last + 1, "" if total is None else total, Style(Role.TOTAL, score), formula)
