"""得分: each unit's points by number, its score, its rank, and the ranks it may end at."""

from collections.abc import Iterator

from consolidator.figures.parameters import CAP, QUANTITY, REVIEW, weight_key
from consolidator.figures.scores import ALONE, DIGITS, Score
from consolidator.figures.values import OWED
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
    height_for,
    in_text,
)
from consolidator.forms.quarterly.derive import NO_RATE
from consolidator.report import data_sheet, review_sheet, score_rows_sheet
from consolidator.report.context import (
    HEAD_ROW,
    HIDDEN_ROWS,
    KEY_ROW,
    RANKED,
    SCORES,
    TITLE_ROW,
    District,
    heads,
    top,
)
from consolidator.report.parameters_sheet import full_cell, used_cell

WEIGHTS_ROW = HEAD_ROW + 1
FIRST = WEIGHTS_ROW + 1
_TOTAL, _POINTS = Style(Role.TOTAL, Shape.SCORE), Style(Role.DERIVED, Shape.SCORE)
_RANK, _CENTRED = Style(Role.TOTAL, Shape.CENTRED), Style(Role.DERIVED, Shape.CENTRED)
_HIDDEN = Style(Role.HIDDEN)
_UP, _DOWN = "▲ ", "▼ "


def columns(district: District) -> Columns:
    """Return the sheet's columns: one a number of annex 2, then the score and the rank."""
    plan = district.settled.plan
    names: dict[int, str] = {}
    for one in plan.indicators:
        names.setdefault(one.number, one.group or one.name)
    return Columns(
        Column("key", "", 2, hidden=True),
        Column("place", "序号", 5),
        Column("unit", "单位", 15),
        *(Column(f"n{number}", f"{number}. {name}", 10) for number, name in names.items()),
        Column("rate", "综合\n完成率", 9),
        Column("quantity", "数量得分", 9),
        Column("review", "评议得分", 9),
        *([Column("part", "数量折算", 9), Column("review_part", "评议折算", 9)]
          if district.reviews else []),
        Column("total", "总分", 9),
        Column("rank", "名次", 6),
        Column("before", "上期\n名次", 6),
        Column("move", "升降", 7),
        Column("range", "可能名次", 9),
        Column("owed", "尚欠\n项数", 6),
        *(Column(key, "", 3, hidden=True)
          for key in ("least", "most", "low", "high", "best", "worst", "order")),
    )  # fmt: skip


def units_range(district: District, column: str) -> str:
    """Return the range of all units in a column."""
    return columns(district).down(column, FIRST, _last(district), sheet=SCORES)


def unit_cell(district: District, unit: int, column: str) -> str:
    """Return a unit's cell in a column."""
    return columns(district).at(column, FIRST + unit, sheet=SCORES)


def _last(district: District) -> int:
    return FIRST + len(district.settled.plan.units) - 1


def score_sheet(district: District) -> Sheet:
    """Describe the sheet: the weights, then a row a unit."""
    cols = columns(district)
    at, last, end = cols.index, _last(district), cols.index("owed")
    text = _legend(district)
    width = sum(column.width for column in cols.all[1 : end + 1])
    move = f"${cols.at('move', FIRST)}"
    return Sheet(
        name=SCORES,
        cells=_cells(district, cols),
        columns=cols,
        merges=(
            *top(district, f"得分与名次（{district.settled.period.title}）", end),
            (Area(last + 1, 1, last + 1, end), Cell(last + 1, 1, text, Style(Role.NOTE))),
            (Area(last + 2, 1, last + 2, end), _provisional(district, cols, last + 2)),
        ),
        heights={
            TITLE_ROW: 30,
            HEAD_ROW: height_for(((c.title, c.width) for c in cols.all), least=36),
            **dict.fromkeys(range(WEIGHTS_ROW, last + 1), 26),
            last + 1: height_for([(text, width)], least=40),
            last + 2: 36,
        },
        hidden_rows=HIDDEN_ROWS,
        highlights=(
            Highlight(Area(FIRST, at("owed"), last, at("owed")),
                      f"{cols.at('owed', FIRST)}>0", Tone.WARN),
            Highlight(Area(FIRST, at("move"), last, at("move")),
                      f'LEFT({move},1)="{_UP[0]}"', Tone.GOOD),
            Highlight(Area(FIRST, at("move"), last, at("move")),
                      f'LEFT({move},1)="{_DOWN[0]}"', Tone.BAD),
        ),
        freeze=(FIRST, 3),
        cursor=(FIRST, at("total")),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last + 2, len(cols.all) - 1),
            paper="A3",
            landscape=True,
            repeat_rows=(HEAD_ROW, WEIGHTS_ROW),
        ),
        zoom=90,
    )  # fmt: skip


def _legend(district: District) -> str:
    scores = district.scores
    if scores.reviewed:
        total = "总分＝数量得分÷权重合计×数量分占分＋评议得分÷评议满分×评议分占分。"
    else:
        total = f"本期没有计入评议，总分＝数量得分÷权重合计×{ALONE:.0f}。"
    return (
        "注：正式的计分办法未收录，本表按“评分参数”的默认值计算，参数可改。"
        "得分＝完成率（封顶后）×折算权重；同一序号各行平分权重，不计分的行由该单位其他各行按比例分担（这些行的满分相应增加）；"
        f"逐项算式见“得分明细”。{total}"
        "还欠数（未报、待更正）或欠评议的单位没有总分和名次；"
        "可能名次：欠的数和有问题的数在零分到封顶之间变动时可能落到的名次，见“名次影响”。"
    )


def _provisional(district: District, cols: Columns, row: int) -> Cell:
    """Say how many units have no rank yet, and how many reviewers are still out."""
    units = len(district.scores.units)
    open_ones = sum(one.total is None for one in district.scores.units)
    lead, rest = (
        "注意：还有 ",
        " 个单位没有总分，现名次只在有总分的单位之间排；可能名次按全部单位计。",
    )
    totals = cols.down("total", FIRST, _last(district))
    counted = f"COUNT({totals})"
    out = ""
    reviews = district.reviews
    if reviews and reviews.returned < reviews.reviewers:
        missing = reviews.reviewers - reviews.returned
        out = f"还有 {missing} 位评委没有交评议表，交来后总分和名次可能改变。"
    text = (f"{lead}{open_ones}{rest}" if open_ones else "") + out
    formula = f'IF({counted}<{units},"{lead}"&({units}-{counted})&"{rest}","")&{in_text(out)}'
    return Cell(row, 1, text, Style(Role.BANNER), formula)


def _cells(district: District, cols: Columns) -> Iterator[Cell]:
    for index, column in enumerate(cols.all):
        yield Cell(KEY_ROW, index, column.key, _HIDDEN)
    yield from heads(cols)
    yield from _weights(district, cols)
    for unit, score in enumerate(district.scores.units):
        yield from _unit(district, cols, unit, score)


def _weights(district: District, cols: Columns) -> Iterator[Cell]:
    """Return the row of full marks below the heading."""
    row, scores, at = WEIGHTS_ROW, district.scores, cols.index
    style = Style(Role.HEADING, Shape.SCORE)
    yield Cell(row, at("place"), None, style)
    yield Cell(row, at("unit"), "满分（权重）", Style(Role.HEADING))
    for number, weight in district.parameters.weights.items():
        yield Cell(row, at(f"n{number}"), weight, style, used_cell(district, weight_key(number)))
    full = full_cell(district)
    yield Cell(row, at("quantity"), scores.full, style, full)
    review: Value = scores.review_full if scores.reviewed else NO_RATE
    yield Cell(row, at("review"), review, style)
    whole, formula = ALONE, ""
    if scores.reviewed:
        parts = [used_cell(district, key) for key in (QUANTITY, REVIEW)]
        whole, formula = sum(map(district.parameters.used, (QUANTITY, REVIEW))), "+".join(parts)
    yield Cell(row, at("total"), whole, style, formula)
    if scores.reviewed:
        for column, key in (("part", QUANTITY), ("review_part", REVIEW)):
            share = district.parameters.used(key)
            yield Cell(row, at(column), share, style, used_cell(district, key))
    for column in ("rate", "rank", "before", "move", "range", "owed"):
        yield Cell(row, at(column), None, style)


def _unit(district: District, cols: Columns, unit: int, score: Score) -> Iterator[Cell]:
    row, plan = FIRST + unit, district.settled.plan
    yield Cell(row, 0, plan.units[unit].code, _HIDDEN)
    yield Cell(row, cols.index("place"), unit + 1, Style(Role.LABEL, Shape.CENTRED))
    yield Cell(row, cols.index("unit"), plan.units[unit].short, Style(Role.LABEL))
    numbers, points, weights, doubts = (
        score_rows_sheet.unit_range(district, unit, key)
        for key in ("number", "points", "weight", "doubt")
    )
    for number, value in score.by_number.items():
        held = f'COUNTIFS({numbers},{number},{points},">=0")>0'
        formula = f'IF({held},SUMIFS({points},{numbers},{number}),"")'
        yield _cell(cols, row, f"n{number}", value, _POINTS, formula)
    known = f'SUMIFS({weights},{points},">=0")'
    owed = cols.at("owed", row)
    yield _cell(cols, row, "rate", score.rate, Style(Role.DERIVED, Shape.RATIO),
                f'IF({known}>0,ROUND(SUM({points})/{known},{DIGITS}),"")')  # fmt: skip
    yield _cell(cols, row, "quantity", score.quantity, _TOTAL,
                f'IF(AND({owed}=0,{known}>0),ROUND(SUM({points}),{DIGITS}),"")')  # fmt: skip
    yield from _review(district, cols, row, unit, score)
    bases = data_sheet.unit_range(district, unit, "basis")
    words = "+".join(f'COUNTIF({bases},"{word}")' for word in OWED)
    yield Cell(row, cols.index("owed"), score.owed, Style(Role.DERIVED, Shape.COUNT), words)
    cap = used_cell(district, CAP)
    yield _cell(cols, row, "least", score.least, _HIDDEN, f"SUMIFS({points},{doubts},0)")
    yield _cell(cols, row, "most", score.most, _HIDDEN,
                f"{cols.at('least', row)}+{cap}*SUMIFS({weights},{doubts},1)")  # fmt: skip
    yield from _totals(district, cols, row, score)
    if district.scores.reviewed:
        yield from _parts(district, cols, row, score)
    yield from _places(district, cols, row, unit, score)


def _review(district: District, cols: Columns, row: int, unit: int, score: Score) -> Iterator[Cell]:
    formula = review_sheet.total_cell(district, unit) if district.scores.reviewed else ""
    none: Value = "" if district.scores.reviewed else NO_RATE
    value = none if score.review is None else score.review
    yield Cell(row, cols.index("review"), value, _TOTAL, formula)


def _cell(
    cols: Columns, row: int, column: str, value: float | None, style: Style, formula: str
) -> Cell:
    return Cell(row, cols.index(column), "" if value is None else value, style, formula)


def _totals(district: District, cols: Columns, row: int, score: Score) -> Iterator[Cell]:
    """Return the total, and what it comes to at least and at most."""
    review = cols.at("review", row)
    held = f"ISNUMBER({review})"
    for column, value, style, quantity, instead in (
        ("total", score.total, _TOTAL, "quantity", None),
        ("low", score.low, _HIDDEN, "least", 0.0),
        ("high", score.high, _HIDDEN, "most", district.scores.review_full),
    ):
        at = cols.at(quantity, row)
        if not district.scores.reviewed:
            formula = f"ROUND({at}*{share_of_quantity(district)},{DIGITS})"
            if instead is None:
                formula = f'IF(ISNUMBER({at}),{formula},"")'
        else:
            given = review if instead is None else f"IF({held},{review},{instead:.10g})"
            formula = (
                f"ROUND({at}*{share_of_quantity(district)}+{given}*{_of_review(district)},{DIGITS})"
            )
            if instead is None:
                formula = f'IF(ISNUMBER({at}),IF({held},{formula},""),"")'
        yield _cell(cols, row, column, value, style, formula)


def share_of_quantity(district: District) -> str:
    """Return the formula part that turns points of quantity into points of the total."""
    full = full_cell(district)
    whole = used_cell(district, QUANTITY) if district.scores.reviewed else f"{ALONE:.10g}"
    return f"IF({full}>0,{whole}/{full},0)"


def _parts(district: District, cols: Columns, row: int, score: Score) -> Iterator[Cell]:
    """Return what quantity and review come to in the total."""
    scores, used = district.scores, district.parameters.used
    for column, source, value, share, formula in (
        ("part", "quantity", score.quantity, scores.share, share_of_quantity(district)),
        ("review_part", "review", score.review, used(REVIEW) / scores.review_full,
         _of_review(district)),
    ):  # fmt: skip
        at = cols.at(source, row)
        part = None if value is None else value * share
        yield _cell(cols, row, column, part, _POINTS, f'IF(ISNUMBER({at}),{at}*{formula},"")')


def _of_review(district: District) -> str:
    return f"({used_cell(district, REVIEW)}/{district.scores.review_full:.10g})"


def _places(district: District, cols: Columns, row: int, unit: int, score: Score) -> Iterator[Cell]:
    """Return rank, movement and the ranks the unit may end at."""
    last, at = _last(district), cols.at
    total, rate, low, high = (at(key, row) for key in ("total", "rate", "low", "high"))
    totals, lows, highs = (cols.down(key, FIRST, last) for key in ("total", "low", "high"))
    until = cols.down("total", FIRST, row)
    live = len(district.settled.units) <= RANKED
    unranked = f'IF(ISNUMBER({rate}),"{NO_RATE}","")'
    none = "" if score.rate is None else NO_RATE
    best, worst, rank, before = (at(key, row) for key in ("best", "worst", "rank", "before"))
    earlier = district.previous_ranks.get(district.settled.plan.units[unit].code)
    for column, value, style, formula in (
        ("rank", none if score.rank is None else score.rank, _RANK,
         f"IF(ISNUMBER({total}),RANK({total},{totals}),{unranked})"),
        ("best", score.best, _HIDDEN, f'1+COUNTIF({lows},">"&{high})'),
        ("worst", score.worst, _HIDDEN,
         f'1+COUNTIF({highs},">"&{low})-IF({high}>{low},1,0)'),
        ("order", score.order, _HIDDEN,
         f"IF(ISNUMBER({total}),RANK({total},{totals})+COUNTIF({until},{total})-1,"
         f"COUNT({totals})+{unit + 1}-COUNT({until}))"),
    ):  # fmt: skip
        yield Cell(row, cols.index(column), value, style, formula if live else "")
    shown = str(score.best) if score.best == score.worst else f"{score.best}～{score.worst}"
    yield Cell(row, cols.index("range"), shown, _CENTRED,
               f'IF({best}={worst},{best}&"",{best}&"～"&{worst})')  # fmt: skip
    yield Cell(row, cols.index("before"), NO_RATE if earlier is None else earlier, _CENTRED)
    step = f'IF({before}={rank},"{NO_RATE}","{_DOWN}"&({rank}-{before}))'
    moved = f'IF({before}>{rank},"{_UP}"&({before}-{rank}),{step})'
    yield Cell(row, cols.index("move"), _moved(score.rank, earlier), _CENTRED,
               f'IF(AND(ISNUMBER({rank}),ISNUMBER({before})),{moved},"")')  # fmt: skip


def _moved(rank: int | None, before: int | None) -> str:
    if rank is None or before is None:
        return ""
    if rank == before:
        return NO_RATE
    return f"{_UP}{before - rank}" if rank < before else f"{_DOWN}{rank - before}"
