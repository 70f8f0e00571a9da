"""单位通报: one page on one unit, chosen on screen, and the same page of every unit for paper."""

from collections.abc import Iterator
from dataclasses import dataclass

from consolidator.checks.findings import Finding
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
    Validation,
    Value,
    address,
    height_for,
    scale_for_a4,
)
from consolidator.forms.quarterly.derive import NO_RATE
from consolidator.report import heat_sheet, problems_sheet, score_sheet, status_sheet
from consolidator.report.context import (
    HIDDEN_ROWS,
    PROGRESS_TONES,
    TITLE_ROW,
    UNIT,
    UNIT_NAMES,
    UNITS,
    District,
    shape_of,
)
from consolidator.report.summary_sheet import (
    district_cell,
    legend_of_filed,
    marks_of,
    unit_values,
)
from consolidator.report.unit_source import Always, Chosen, Source

COLUMNS = Columns(
    Column("key", "", 2, hidden=True),
    Column("number", "序号", 4.5),
    Column("indicator", "指标", 24),
    Column("measure", "计量\n单位", 5.5),
    Column("target", "年度\n目标", 8.5),
    Column("actual", "完成数", 8.5),
    Column("rate", "完成率", 8),
    Column("progress", "状态", 8.5),
    Column("district", "全区\n完成率", 8),
    Column("rank", "本项\n名次", 5.5),
    Column("remark", "单位说明", 19),
)
_AT = COLUMNS.index
_LAST = _AT("remark")
_MOST_PROBLEMS = 8
_NO_PROBLEM, _ALL = "没有需要更正的问题。", "以上为本单位需要更正或核对的全部问题。"
_MORE = "还有其他问题，见“问题清单”。"
_RANK_IS, _SO_FAR = "名次", "暂定"
"""A rank is so far only where the unit may still end at another one."""
PAGED = 100
"""Units up to which the workbook has sheets whose pages grow with them."""
_MESSAGE = Area(0, 2, 0, 6)
_REMEDY = Area(0, 7, 0, _LAST)
_TITLE_SIZE = 1.6
"""How much wider a title is set than text."""
_CENTRED = Style(Role.LABEL, Shape.CENTRED)
_DERIVED = Style(Role.DERIVED, Shape.CENTRED)


@dataclass(frozen=True, slots=True)
class _Page:
    """One unit's page, from the row its title stands in."""

    district: District
    source: Source
    title: int

    @property
    def line(self) -> int:
        return self.title + 2

    @property
    def head(self) -> int:
        return self.title + 3

    @property
    def problems(self) -> int:
        return self.head + len(self.district.settled.plan.indicators) + 1

    @property
    def lines(self) -> int:
        """How many problems there is room for; a unit without any has one empty line."""
        if isinstance(self.source, Chosen):
            return _MOST_PROBLEMS
        return min(max(len(_problems_of(self.district, self.source.unit)), 1), _MOST_PROBLEMS)

    @property
    def last(self) -> int:
        return self.problems + 1 + self.lines

    def row(self, indicator: int) -> int:
        return self.head + 1 + indicator


def unit_sheet(district: District) -> Sheet:
    """Describe the sheet with a choice of unit; all of it follows what is chosen."""
    units = district.settled.plan.units
    # Gnumeric takes an area of one cell for no area (1.12.55).
    source = Chosen(district, 0) if len(units) > 1 else Always(district, 0)
    page = _Page(district, source, TITLE_ROW)
    choice = Area(page.line, _AT("measure"), page.line, _AT("actual"))
    cell = Cell(choice.first_row, choice.first_column, units[0].name, Style(Role.ENTRY))
    asking = Area(page.line, 1, page.line, 2)
    ask = Cell(page.line, 1, "请选择单位（点右边的浅黄格）：", Style(Role.BANNER))
    names = status_sheet.units_range(district, "unit")
    chosen = f"IFERROR(MATCH({address(choice.first_row, choice.first_column)},{names},0),0)"
    merges = [one for one in _merges(page) if one[0].first_row != page.line]
    return Sheet(
        name=UNIT,
        cells=(
            Cell(TITLE_ROW, 0, 1, Style(Role.HIDDEN), chosen if len(units) > 1 else ""),
            *_cells(page),
        ),
        columns=COLUMNS,
        merges=(*merges, (asking, ask), (choice, cell), _standing_line(page, _AT("rate"))),
        heights=_heights(page),
        hidden_rows=HIDDEN_ROWS,
        validations=(
            (
                choice,
                Validation(
                    kind="list",
                    title="选择单位",
                    prompt="点右边的箭头选择单位，本页随之变化。",
                    error="请从列表中选择单位。",
                    formula=UNIT_NAMES,
                ),
            ),
        ),
        highlights=tuple(_highlights(page)),
        cursor=(choice.first_row, choice.first_column),
        printing=Printing(
            footer=district.footer, area=Area(TITLE_ROW, 1, page.last, _LAST), tall=1
        ),
    )


def units_sheet(district: District) -> Sheet:
    """Describe the sheet of all units' pages."""
    pages, title = [], TITLE_ROW
    for unit in range(len(district.settled.plan.units)):
        pages.append(_Page(district, Always(district, unit), title))
        title = pages[-1].last + 1
    heights: dict[int, float] = {}
    tallest = 0.0
    for page in pages:
        own = _heights(page)
        heights |= own
        tallest = max(tallest, sum(own.values()))
    return Sheet(
        name=UNITS,
        cells=(cell for page in pages for cell in _cells(page)),
        columns=COLUMNS,
        merges=tuple(one for page in pages for one in _merges(page)),
        heights=heights,
        hidden_rows=HIDDEN_ROWS,
        highlights=tuple(one for page in pages for one in _highlights(page)),
        cursor=(TITLE_ROW, 1),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, pages[-1].last, _LAST),
            scale=scale_for_a4(COLUMNS, tallest),
            row_breaks=tuple(page.title for page in pages[1:]),
        ),
    )


def _ending(district: District) -> str:
    return f"目标完成情况通报（{district.settled.period.title}）"


def _problems_of(district: District, unit: int) -> list[Finding]:
    """Return what is asked of a unit: its page goes to it."""
    found = district.findings_of.get(district.settled.plan.units[unit].code, [])
    return [one for one in found if problems_sheet.concerns_unit(one)]


def _heights(page: _Page) -> dict[int, float]:
    """Return the heights at which nothing is cut, whichever unit the page may be on."""
    district, columns = page.district, COLUMNS.all
    heights: dict[int, float] = {page.title + 1: 20, page.head: 36}
    names = columns[_AT("indicator")].width
    remarks = columns[_AT("remark")].width
    chosen = isinstance(page.source, Chosen)
    units = range(len(district.settled.plan.units)) if chosen else [page.source.unit]
    called = [district.settled.plan.units[unit].name for unit in units]
    across = sum(column.width for column in columns[1:]) / _TITLE_SIZE
    titles = [(f"{name}{_ending(district)}", across) for name in called]
    heights[page.title] = height_for(titles, line=24, least=32)
    heights[page.line] = 24
    if chosen:
        choice = sum(column.width for column in columns[_AT("measure") : _AT("actual") + 1])
        heights[page.line] = height_for([(name, choice) for name in called], least=24)
    for place, indicator in enumerate(district.settled.plan.indicators):
        texts = [(indicator.label, names)]
        texts += [(district.figures.of(unit)[place].remark, remarks) for unit in units]
        heights[page.row(place)] = height_for(texts, least=22)
    heights[page.problems] = 24
    wide, remedy = (
        sum(columns[n].width for n in range(area.first_column, area.last_column + 1))
        for area in (_MESSAGE, _REMEDY)
    )
    problems = [_problems_of(district, unit) for unit in units]
    for number in range(page.lines):
        held = [found[number] for found in problems if number < len(found)]
        texts = [pair for one in held for pair in ((one.message, wide), (one.remedy, remedy))]
        heights[page.problems + 1 + number] = height_for(texts, least=20)
    heights[page.last] = 20
    return heights


def _merges(page: _Page) -> Iterator[tuple[Area, Cell]]:
    district, source = page.district, page.source
    unit, ending = district.settled.plan.units[source.unit], _ending(district)
    title = Cell(page.title, 1, unit.name + ending, Style(Role.TITLE), source.title(ending))
    yield Area(page.title, 1, page.title, _LAST), title
    info = page.title + 1
    legend = legend_of_filed(district).removeprefix("，")
    line = f"{district.subtitle}    {legend}" if legend else district.subtitle
    subtitle = Cell(info, 1, line, Style(Role.SUBTITLE))
    yield Area(info, 1, info, _LAST), subtitle
    yield _standing_line(page, 1)
    for area, name in ((_MESSAGE, "问题"), (_REMEDY, "处理办法")):
        yield _on(area, page.problems, name, Style(Role.HEADING))
    problems = _problems_of(district, source.unit)
    for number in range(1, page.lines + 1):
        row = page.problems + number
        one = problems[number - 1] if number <= len(problems) else None
        for area, column in ((_MESSAGE, "message"), (_REMEDY, "remedy")):
            text = str(getattr(one, column)) if one else ""
            formula = source.problem(column, number)
            yield _on(area, row, text, Style(Role.LABEL), formula)
    left = len(problems) - _MOST_PROBLEMS
    note = f"另有 {left} 条，见“问题清单”。" if left > 0 else _ALL
    note, formula = note if problems else _NO_PROBLEM, ""
    if isinstance(source, Chosen):
        note = _MORE if left > 0 else note
        first, beyond = (source.problem("message", n) for n in (1, _MOST_PROBLEMS + 1))
        formula = f'IF({first}="","{_NO_PROBLEM}",IF({beyond}="","{_ALL}","{_MORE}"))'
    foot = Cell(page.last, 1, note, Style(Role.NOTE), formula)
    yield Area(page.last, 1, page.last, _LAST), foot


def _on(area: Area, row: int, text: str, style: Style, formula: str = "") -> tuple[Area, Cell]:
    cell = Cell(row, area.first_column, text, style, formula)
    return area._replace(first_row=row, last_row=row), cell


def _standing_line(page: _Page, column: int) -> tuple[Area, Cell]:
    """Say where the unit stands: its status, its overall rate and its rank."""
    district, source = page.district, page.source
    result, place = district.settled.units[source.unit], district.scores.units[source.unit]
    count = sum(one.rank is not None for one in district.scores.units)
    ranked = f"COUNT({score_sheet.units_range(district, 'total')})"
    shown = NO_RATE if place.rate is None else f"{int(place.rate * 1000 + 0.5) / 10:.10g}%"
    rank = NO_RATE if place.rank is None else f"{place.rank}/{count}"
    settled = place.rank is None or place.best == place.worst
    rate, at_rank, reach = (source.place(column) for column in ("rate", "rank", "range"))
    # A unit without a rank has none that may change.
    open_rank = f'AND(ISNUMBER({at_rank}),{reach}<>{at_rank}&"")'
    formula = (
        f'{source.status("status")}&"　综合完成率 "'
        f'&IF(ISNUMBER({rate}),INT({rate}*1000+0.5)/10&"%","{NO_RATE}")'
        f'&IF({open_rank},"　{_SO_FAR}{_RANK_IS} ","　{_RANK_IS} ")'
        f'&IF(ISNUMBER({at_rank}),{at_rank}&"/"&{ranked},"{NO_RATE}")'
    )
    called = _RANK_IS if settled else f"{_SO_FAR}{_RANK_IS}"
    text = f"{result.status.chinese}　综合完成率 {shown}　{called} {rank}"
    cell = Cell(page.line, column, text, Style(Role.BANNER), formula)
    return Area(page.line, column, page.line, _LAST), cell


def _cells(page: _Page) -> Iterator[Cell]:
    for index, column in enumerate(COLUMNS.all[1:], start=1):
        yield Cell(page.head, index, column.title, Style(Role.HEADING))
    for position in range(len(page.district.settled.plan.indicators)):
        yield from _indicator(page, position)
    yield Cell(page.problems, 1, "程度", Style(Role.HEADING))
    problems = _problems_of(page.district, page.source.unit)
    for number in range(1, page.lines + 1):
        text = problems[number - 1].severity.chinese if number <= len(problems) else ""
        formula = page.source.problem("severity", number)
        yield Cell(page.problems + number, 1, text, _CENTRED, formula)


def _indicator(page: _Page, position: int) -> Iterator[Cell]:
    district, source, row = page.district, page.source, page.row(position)
    indicator = district.settled.plan.indicators[position]
    one = district.figures.of(source.unit)[position]
    target, actual, rate = unit_values(district, source.unit, position)
    shape = shape_of(indicator)
    ratio = Style(Role.DERIVED, Shape.RATIO)
    basis = one.basis if one.asked else NO_RATE
    yield Cell(row, 0, basis, Style(Role.HIDDEN), source.figure("basis", position))
    yield Cell(row, 1, indicator.number, _CENTRED)
    yield Cell(row, 2, indicator.label, Style(Role.LABEL))
    yield Cell(row, 3, indicator.measure, _CENTRED)
    for key, column, value, style in (
        ("target", "target", target, Style(Role.GIVEN, shape)),
        ("actual", "actual", actual, Style(Role.DERIVED, shape)),
        ("rate", "achievement", rate, ratio),
    ):
        yield Cell(row, _AT(key), value, style, source.figure(column, position))
    progress: Value = one.progress or (NO_RATE if not one.asked else "")
    yield Cell(row, _AT("progress"), progress, _DERIVED, source.figure("progress", position))
    whole = district.figures.district[position]
    none = "" if whole.target else NO_RATE
    shown: Value = none if whole.achievement is None else whole.achievement
    yield Cell(row, _AT("district"), shown, ratio, district_cell(district, position, "rate"))
    at_rate = COLUMNS.at("rate", row)
    everyone = heat_sheet.units_range(district, indicator.code)
    formula = f'IF(ISNUMBER({at_rate}),RANK({at_rate},{everyone}),"")'
    yield Cell(row, _AT("rank"), _rank(district, position, one.achievement), _DERIVED, formula)
    remark = f'{source.figure("remark", position)}&""'
    yield Cell(row, _AT("remark"), one.remark, Style(Role.LABEL), remark)


def _rank(district: District, position: int, rate: float | None) -> Value:
    if rate is None:
        return ""
    rows = district.figures.rows[position :: len(district.settled.plan.indicators)]
    return 1 + sum((one.achievement or 0.0) > rate for one in rows)


def _highlights(page: _Page) -> Iterator[Highlight]:
    indicators = len(page.district.settled.plan.indicators)
    first, last = page.row(0), page.row(indicators - 1)
    progress = f"${COLUMNS.at('progress', first)}"
    area = Area(first, _AT("rate"), last, _AT("progress"))
    for sign, tone in PROGRESS_TONES:
        yield Highlight(area, f'LEFT({progress},1)="{sign}"', tone)
    for position, indicator in enumerate(page.district.settled.plan.indicators):
        row, column = page.row(position), _AT("actual")
        for basis, tone in marks_of(page.district, indicator):
            rule = f'{address(row, 0)}="{basis}"'
            yield Highlight(Area(row, column, row, column), rule, tone)
