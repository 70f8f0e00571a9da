"""名次影响: which open problems may still change a rank."""

from collections.abc import Iterator
from typing import NamedTuple

from consolidator.figures.parameters import CAP
from consolidator.figures.scores import DIGITS, RowScore, Score, rank_within
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
)
from consolidator.forms.quarterly.derive import NO_RATE
from consolidator.report import score_rows_sheet, score_sheet
from consolidator.report.context import (
    HEAD_ROW,
    HIDDEN_ROWS,
    RANKED,
    SCORE_ROWS,
    STAKES,
    TITLE_ROW,
    District,
    fitted,
    heads,
    top,
)
from consolidator.report.parameters_sheet import full_cell, used_cell

COLUMNS = Columns(
    Column("key", "", 2, hidden=True),
    Column("place", "序号", 6),
    Column("unit", "单位", 15),
    Column("indicator", "指标", 34),
    Column("points", "现有得分", 9),
    Column("most", "最多可得", 9),
    Column("rank", "现名次", 8),
    Column("range", "可能名次", 10),
    Column("verdict", "名次", 11),
    Column("why", "有待解决的问题", 56),
    Column("best", "", 3, hidden=True),
    Column("worst", "", 3, hidden=True),
)
FIRST = HEAD_ROW + 1
_AT = COLUMNS.index
_LAST = _AT("why")
_MAY, _NOT, _SETTLED = "可能改变", "不会改变", "已确定"
_ALL = "全部指标（整份未报）"
_SHOWN = 3
"""Problems of one figure that are told in full."""
_MOST_ROWS = 1_000


class Stake(NamedTuple):
    """A figure in doubt, or a whole unit of which nothing counts."""

    unit: int
    place: int | None
    """The figure's place among all; None for a whole unit."""
    name: str
    why: str


def stakes(district: District) -> list[Stake]:
    """List what is in doubt, unit by unit."""
    found = []
    width = len(district.settled.plan.indicators)
    for unit, result in enumerate(district.settled.units):
        own = district.findings_of.get(result.unit.code, [])
        rows = range(unit * width, (unit + 1) * width)
        doubtful = [place for place in rows if district.scores.rows[place].doubtful]
        if doubtful and result.submission is None and len(doubtful) == _scored(district, rows):
            found.append(Stake(unit, None, _ALL, "没有收到可用的填报表"))
            continue
        for place in doubtful:
            figure = district.figures.rows[place]
            indicator = district.settled.plan.indicator_by_code[figure.indicator]
            told = [
                one.message
                for one in own
                if one.severity != "info"
                and (one.indicator == indicator.code or indicator.code in one.voids)
            ]
            told = list(dict.fromkeys(told))
            more = f"；等 {len(told)} 项" if len(told) > _SHOWN else ""
            why = "；".join(told[:_SHOWN]) + more or figure.word
            found.append(Stake(unit, place, indicator.label, why))
    return found


def _scored(district: District, rows: range) -> int:
    return sum(district.scores.rows[place].base is not None for place in rows)


def stakes_sheet(district: District) -> Sheet:
    """Describe the sheet: a row a figure in doubt, with the ranks its unit may end at."""
    found = stakes(district)
    shown = found[:_MOST_ROWS]
    last = FIRST + max(len(shown), 1)
    cells = list(_cells(district, shown))
    text = (
        "注：每行只看这一个数，从零分变到封顶，其他都不变时，该单位名次会不会变；还欠数的单位没有名次，"
        "可能名次按其全部欠数和有问题的数计，并与全部单位相比。手工调整的数和按备案信息计的数视为已确定。"
    )
    if len(found) > len(shown):
        text += f"共 {len(found)} 行，这里列出前 {len(shown)} 行，其余见“问题清单”。"
    verdict = f"${COLUMNS.at('verdict', FIRST)}"
    merges = [*top(district, f"名次影响（{district.settled.period.title}）", _LAST)]
    merges.append((Area(last, 1, last, _LAST), Cell(last, 1, text, Style(Role.NOTE))))
    if not shown:
        none = Cell(FIRST, 2, "没有可能改变名次的问题", Style(Role.LABEL))
        merges.append((Area(FIRST, 2, FIRST, _LAST), none))
    return Sheet(
        name=STAKES,
        cells=cells,
        columns=COLUMNS,
        merges=tuple(merges),
        heights={TITLE_ROW: 30, HEAD_ROW: 30, last: 36,
                 **fitted((one for one in cells if one.row >= FIRST), COLUMNS)},
        hidden_rows=HIDDEN_ROWS,
        highlights=(
            Highlight(Area(FIRST, _AT("verdict"), last - 1, _AT("verdict")),
                      f'{verdict}="{_MAY}"', Tone.WARN),
            Highlight(Area(FIRST, _AT("verdict"), last - 1, _AT("verdict")),
                      f'{verdict}="{_SETTLED}"', Tone.MUTED),
        ),
        freeze=(FIRST, 3),
        cursor=(FIRST, 1),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last, len(COLUMNS.all) - 1),
            landscape=True,
            repeat_rows=(HEAD_ROW, HEAD_ROW),
        ),
        zoom=90,
    )  # fmt: skip


def _cells(district: District, shown: list[Stake]) -> Iterator[Cell]:
    yield from heads(COLUMNS)
    if not shown:
        yield Cell(FIRST, 1, None, Style(Role.LABEL))
    for row, one in enumerate(shown, start=FIRST):
        yield from _row(district, row, row - FIRST + 1, one)


def _row(district: District, row: int, number: int, stake: Stake) -> Iterator[Cell]:
    score = district.scores.units[stake.unit]
    unit = district.settled.plan.units[stake.unit].short
    at, points_style = COLUMNS.at, Style(Role.DERIVED, Shape.SCORE)
    centred = Style(Role.DERIVED, Shape.CENTRED)
    live = len(district.settled.units) <= RANKED
    one = None if stake.place is None else district.scores.rows[stake.place]
    cap = district.parameters.used(CAP)
    yield Cell(row, _AT("place"), number, Style(Role.LABEL, Shape.CENTRED))
    yield Cell(row, _AT("unit"), unit, Style(Role.LABEL))
    yield Cell(row, _AT("indicator"), stake.name, Style(Role.LABEL))
    points, weight = (_formula(stake, key) for key in ("points", "weight"))
    most = (one.weight if one else district.scores.full) * cap
    now: Value = "" if one is None or one.points is None else one.points
    yield Cell(row, _AT("points"), now, points_style, points)
    whole = weight or full_cell(district)
    yield Cell(row, _AT("most"), most, points_style, f"{whole}*{used_cell(district, CAP)}")
    of_unit = {key: score_sheet.unit_cell(district, stake.unit, key)
               for key in ("rank", "total", "best", "worst")}  # fmt: skip
    rank: Value = score.rank if score.rank is not None else ("" if score.rate is None else NO_RATE)
    yield Cell(row, _AT("rank"), rank, centred, of_unit["rank"])
    best, worst = _span(district, score, one, cap)
    formulas = _spans(district, row, of_unit, share=score_sheet.share_of_quantity(district))
    for key, value in (("best", best), ("worst", worst)):
        yield Cell(row, _AT(key), value, Style(Role.HIDDEN), formulas[key] if live else "")
    text = str(best) if best == worst else f"{best}～{worst}"
    a, b = at("best", row), at("worst", row)
    yield Cell(row, _AT("range"), text, centred, f'IF({a}={b},{a}&"",{a}&"～"&{b})')
    verdict = _NOT if best == worst else _MAY
    formula = f'IF({a}={b},"{_NOT}","{_MAY}")'
    if stake.place is not None:
        doubt = score_rows_sheet.COLUMNS.at(
            "doubt", score_rows_sheet.FIRST + stake.place, sheet=SCORE_ROWS
        )
        formula = f'IF({doubt}=0,"{_SETTLED}",{formula})'
    yield Cell(row, _AT("verdict"), verdict, centred, formula)
    yield Cell(row, _AT("why"), stake.why, Style(Role.LABEL))


def _formula(stake: Stake, column: str) -> str:
    if stake.place is None:
        return ""
    row = score_rows_sheet.FIRST + stake.place
    return score_rows_sheet.COLUMNS.at(column, row, sheet=SCORE_ROWS)


def _span(district: District, score: Score, one: RowScore | None, cap: float) -> tuple[int, int]:
    """Return the best and the worst rank if this figure alone changes."""
    if score.total is None or one is None:
        return score.best, score.worst
    totals = [unit.total for unit in district.scores.units]
    share = district.scores.share
    low = round(score.total - (one.points or 0.0) * share, DIGITS)
    high = round(score.total + (one.weight * cap - (one.points or 0.0)) * share, DIGITS)
    return rank_within(totals, score.total, high), rank_within(totals, score.total, low)


def _spans(district: District, row: int, of_unit: dict[str, str], *, share: str) -> dict[str, str]:
    """Return the formulas of the same."""
    totals = score_sheet.units_range(district, "total")
    points, most = (COLUMNS.at(key, row) for key in ("points", "most"))
    total = of_unit["total"]
    low = f"ROUND({total}-N({points})*{share},{DIGITS})"
    high = f"ROUND({total}+({most}-N({points}))*{share},{DIGITS})"
    best = f'1+COUNTIF({totals},">"&{high})-IF({total}>{high},1,0)'
    worst = f'1+COUNTIF({totals},">"&{low})-IF({total}>{low},1,0)'
    return {
        "best": f"IF(ISNUMBER({total}),{best},{of_unit['best']})",
        "worst": f"IF(ISNUMBER({total}),{worst},{of_unit['worst']})",
    }
