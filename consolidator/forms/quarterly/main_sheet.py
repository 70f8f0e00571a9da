"""填报表: annex 2's rows with a unit's targets, and the cells it fills."""

from collections.abc import Iterator
from datetime import date

from consolidator.forms.layout import (
    Area,
    Cell,
    Highlight,
    Printing,
    Role,
    Shape,
    Sheet,
    Style,
    Tone,
    Validation,
    address,
    height_for,
)
from consolidator.forms.quarterly import derive, rules
from consolidator.forms.quarterly.addresses import (
    CHECK,
    CHECK_BANNER,
    KEY_ROW,
    MAIN,
    MAIN_COLUMNS,
    MAIN_FIRST,
    STAMP_ROW,
    Places,
)
from consolidator.forms.quarterly.assignment import (
    NAMED,
    SIGNERS,
    STATEMENT,
    STATEMENT_NAME,
    TEXT_LIMIT,
    Asking,
    Assignment,
    FieldKind,
    Key,
    Line,
)
from consolidator.plan.model import DISTRICT, Kind

_TITLE, _INFO, _BANNER, _HEAD = 2, 3, 4, 5
_COLUMN = MAIN_COLUMNS.index
_LAST = _COLUMN("remark")
_PAGE = 45
"""Points a line may take on average for the form to be read well on one page."""
_STATEMENT_WIDTH = sum(one.width for one in MAIN_COLUMNS.all[_COLUMN("indicator") :])
_NOT_ASKED = {Asking.NOT_APPLICABLE: "—", Asking.NOT_YET: "本期不填"}


def main_sheet(assignment: Assignment, places: Places, overall: str) -> Sheet:
    """Describe the sheet; ``overall`` is Python's own result of the self-check's last line."""
    lines = assignment.lines
    heights = {places.rows[line.key]: _height(assignment, line) for line in lines}
    return Sheet(
        name=MAIN,
        cells=list(_cells(assignment, places)),
        columns=MAIN_COLUMNS,
        merges=tuple(_merges(assignment, places, overall)),
        heights={
            _TITLE: 30,
            _BANNER: 22,
            _HEAD: 36,
            **heights,
            places.last + 1: 8,
            **dict.fromkeys((places.rows[row] for row in places.below), 26),
            **_statement_height(assignment, places),
        },
        hidden_rows=(STAMP_ROW, KEY_ROW),
        validations=tuple(_validations(assignment, places)),
        highlights=tuple(_highlights(assignment, places)),
        freeze=(MAIN_FIRST, _COLUMN("measure")),
        cursor=places.cell(assignment.entries[0].value_key) if assignment.entries else (2, 1),
        printing=Printing(
            landscape=True,
            # One page, but for a form that came back with long texts: it would be too small.
            tall=1 if sum(heights.values()) <= _PAGE * len(lines) else 0,
            repeat_rows=(_HEAD, _HEAD),
            area=Area(_TITLE, 1, places.rows["contact"], _LAST),
            footer=f"{assignment.unit.name}  {assignment.period.title}",
        ),
    )


def _height(assignment: Assignment, line: Line) -> float:
    """Fit a line to its name and to the texts in it, where it has some already."""
    figure = assignment.answers.get(line.value_key)
    texts = {
        "indicator": line.indicator.name,
        "actual": figure if isinstance(figure, str) else "",
        "remark": str(assignment.answers.get(line.remark_key) or ""),
    }
    widths = {key: MAIN_COLUMNS.all[_COLUMN(key)].width for key in texts}
    return height_for([(text, widths[key]) for key, text in texts.items()], least=26)


def _statement_height(assignment: Assignment, places: Places) -> dict[int, float]:
    if STATEMENT.row not in places.below:
        return {}
    said = str(assignment.answers.get(STATEMENT) or "")
    return {places.rows[STATEMENT.row]: height_for([(said, _STATEMENT_WIDTH)], least=38)}


def _merges(assignment: Assignment, places: Places, overall: str) -> Iterator[tuple[Area, Cell]]:
    unit, period = assignment.unit, assignment.period
    title = f"{period.year}年创新驱动强化工程目标完成情况填报表（{period.title}）"
    yield (
        Area(_TITLE, 1, _TITLE, _LAST),
        Cell(_TITLE, 1, title, Style(Role.TITLE)),
    )
    yield (
        Area(_INFO, 1, _INFO, _COLUMN("measure")),
        Cell(_INFO, 1, f"{NAMED}{unit.name}", Style(Role.SUBTITLE)),
    )
    due = f"报告期：{period.title}    请于 {assignment.deadline:%Y-%m-%d} 前报送"
    yield (
        Area(_INFO, _COLUMN("target"), _INFO, _LAST),
        Cell(_INFO, _COLUMN("target"), due, Style(Role.SUBTITLE)),
    )
    if assignment.notice:
        hint = f"【{assignment.notice}】"
    else:
        hint = "只填浅黄色单元格，其余自动计算；按 Tab 键到下一格。"
    yield (
        Area(_BANNER, 1, _BANNER, _COLUMN("measure")),
        Cell(_BANNER, 1, hint, Style(Role.NOTE)),
    )
    checked = address(*CHECK_BANNER, sheet=CHECK, fixed=True)
    yield (
        Area(_BANNER, _COLUMN("target"), _BANNER, _LAST),
        Cell(_BANNER, _COLUMN("target"), overall, Style(Role.BANNER), formula=checked),
    )
    yield from _group_heads(assignment, places)
    signers, contact = places.rows["signers"], places.rows["contact"]
    for key, (label, _) in SIGNERS.items():
        row, column = places.cell(key)
        first = 1 if column == _COLUMN("indicator") else _COLUMN("measure")
        yield (
            Area(row, first, row, column - 1),
            Cell(row, first, label, Style(Role.LABEL, Shape.CENTRED)),
        )
    if STATEMENT.row in places.below:
        row, column = places.cell(STATEMENT)
        heading = Cell(row, 1, STATEMENT_NAME, Style(Role.LABEL, Shape.CENTRED))
        yield Area(row, 1, row, column - 1), heading
        said = Cell(row, column, assignment.answers.get(STATEMENT), Style(Role.ENTRY))
        yield Area(row, column, row, _LAST), said
    for row, text in ((signers, "单位负责人（签字）："), (contact, "单位（盖章）：")):
        first = _COLUMN("achievement")
        yield Area(row, first, row, _LAST), Cell(row, first, text, Style(Role.SIGNATURE))


def _group_heads(assignment: Assignment, places: Places) -> Iterator[tuple[Area, Cell]]:
    for column, text_of in (
        ("number", lambda line: str(line.indicator.number)),
        ("group", lambda line: line.indicator.group),
    ):
        runs: list[list[Line]] = []
        for line in assignment.lines:
            same = runs and runs[-1][0].indicator.number == line.indicator.number
            if same and text_of(runs[-1][0]) == text_of(line):
                runs[-1].append(line)
            else:
                runs.append([line])
        index = _COLUMN(column)
        for run in runs:
            first, last = places.rows[run[0].key], places.rows[run[-1].key]
            cell = Cell(first, index, text_of(run[0]), Style(Role.LABEL, Shape.CENTRED))
            yield Area(first, index, last, index), cell


def _cells(assignment: Assignment, places: Places) -> Iterator[Cell]:
    yield Cell(STAMP_ROW, 0, assignment.stamp.encode(), Style(Role.HIDDEN))
    for column in MAIN_COLUMNS.all:
        index = _COLUMN(column.key)
        yield Cell(KEY_ROW, index, column.key, Style(Role.HIDDEN))
        if index:
            yield Cell(_HEAD, index, column.title, Style(Role.HEADING))
    for line in assignment.lines:
        yield from _line(assignment, places, line)
    for row in places.below:
        yield Cell(places.rows[row], 0, row, Style(Role.HIDDEN))
    for key, (_, kind) in SIGNERS.items():
        shape = Shape.DATE if kind is FieldKind.DATE else Shape.CENTRED
        yield Cell(*places.cell(key), assignment.answers.get(key), Style(Role.ENTRY, shape))


_SHAPES = {Kind.COUNT: Shape.COUNT, Kind.RATIO: Shape.RATIO, Kind.QUOTIENT: Shape.SCORE}
_OF_DISTRICT = {**_SHAPES, Kind.RATIO: Shape.FINE_RATIO}
"""Annex 1 gives its shares with two decimals."""


def _line(assignment: Assignment, places: Places, line: Line) -> Iterator[Cell]:
    row, indicator = places.rows[line.key], line.indicator
    shapes = _OF_DISTRICT if assignment.unit.code == DISTRICT else _SHAPES
    shape = shapes[indicator.kind]
    yield Cell(row, 0, line.key, Style(Role.HIDDEN))
    name = f"    {line.name}" if line.amount else indicator.name
    yield Cell(row, _COLUMN("indicator"), name, Style(Role.LABEL))
    yield Cell(row, _COLUMN("measure"), line.measure, Style(Role.LABEL, Shape.CENTRED))
    actual, remark = places.cell(line.value_key), places.cell(line.remark_key)
    answers = assignment.answers
    if line.amount:
        for column in ("target", "achievement", "progress", "status"):
            yield Cell(row, _COLUMN(column), None, Style(Role.LABEL))
        yield _amount_before(assignment, row, line)
        yield Cell(*remark, None, Style(Role.LABEL))
        yield _amount_cell(assignment, line, actual)
        return
    target = assignment.plan.target(assignment.unit.code, indicator.code)
    previous = assignment.previous.get(indicator.code)
    yield Cell(row, _COLUMN("target"), "—" if target is None else target, Style(Role.GIVEN, shape))
    yield Cell(
        row, _COLUMN("previous"), "—" if previous is None else previous, Style(Role.GIVEN, shape)
    )
    if line.asking in _NOT_ASKED:
        word = _NOT_ASKED[line.asking]
        yield Cell(*actual, word, Style(Role.GIVEN, shape))
        for column in ("achievement", "progress", "status"):
            yield Cell(row, _COLUMN(column), "—", Style(Role.GIVEN, Shape.CENTRED))
        why = (
            "不考核"
            if line.asking is Asking.NOT_APPLICABLE
            else f"自第{indicator.first_quarter}季度起填报"
        )
        yield Cell(*remark, why, Style(Role.LABEL))
        return
    result = derive.derive(assignment, line, answers)
    if line.asking is Asking.DERIVED:
        over, under = (places.local(Key(part.code, "actual")) for part in indicator.amounts)
        formula = f'IF(AND(ISNUMBER({over}),ISNUMBER({under})),IF({under}>0,{over}/{under},""),"")'
        value = "" if result.actual is None else result.actual
        yield Cell(*actual, value, Style(Role.DERIVED, shape), formula=formula)
    else:
        yield Cell(*actual, answers.get(line.value_key), Style(Role.ENTRY, shape))
    yield from _derived(assignment, places, line, result)
    yield Cell(*remark, answers.get(line.remark_key), Style(Role.ENTRY))


def _amount_before(assignment: Assignment, row: int, line: Line) -> Cell:
    """Return the period before's amount; older forms leave the cell blank."""
    if not assignment.asks_about_falls:
        return Cell(row, _COLUMN("previous"), None, Style(Role.LABEL))
    before = assignment.previous.get(line.key)
    shown = derive.NO_RATE if before is None else before
    return Cell(row, _COLUMN("previous"), shown, Style(Role.GIVEN, Shape.AMOUNT))


def _amount_cell(assignment: Assignment, line: Line, cell: tuple[int, int]) -> Cell:
    if line.asking is Asking.ENTRY:
        value = assignment.answers.get(line.value_key)
        return Cell(*cell, value, Style(Role.ENTRY, Shape.AMOUNT))
    return Cell(*cell, _NOT_ASKED[line.asking], Style(Role.GIVEN, Shape.AMOUNT))


def _derived(
    assignment: Assignment, places: Places, line: Line, result: derive.Derived
) -> Iterator[Cell]:
    row = places.rows[line.key]
    target, actual = MAIN_COLUMNS.at("target", row), MAIN_COLUMNS.at("actual", row)
    rate, gone = MAIN_COLUMNS.at("achievement", row), MAIN_COLUMNS.at("progress", row)
    yield Cell(
        row,
        _COLUMN("achievement"),
        result.achievement,
        Style(Role.DERIVED, Shape.RATIO),
        formula=derive.achievement_formula(target, actual),
    )
    yield Cell(
        row, _COLUMN("progress"), assignment.period.time_progress, Style(Role.GIVEN, Shape.RATIO)
    )
    yield Cell(
        row,
        _COLUMN("status"),
        result.progress or "",
        Style(Role.DERIVED, Shape.CENTRED),
        formula=derive.progress_formula(rate, gone),
    )


def _validations(assignment: Assignment, places: Places) -> Iterator[tuple[Area, Validation]]:
    for line in assignment.entries:
        row, column = places.cell(line.value_key)
        whole = line.kind is FieldKind.COUNT
        what = "不小于 0 的整数" if whole else "不小于 0 的数字"
        own = (
            f"{line.indicator.rule}" if not line.amount else f"{line.name}，单位：{line.measure}。"
        )
        yield (
            Area(row, column, row, column),
            Validation(
                kind="integer" if whole else "decimal",
                title=line.name[:16],
                prompt=f"{what}（{line.measure}）；没有发生填 0，不要留空。{own}"[:250],
                error=f"这里只能填{what}（{line.measure}），不要带单位、逗号或文字。",
                minimum=0,
            ),
        )
    for line in assignment.headline:
        row, column = places.cell(line.remark_key)
        yield (
            Area(row, column, row, column),
            short_text("备注", "状态为“▼ 滞后”时，请在此说明原因和打算。"),
        )
    if STATEMENT.row in places.below:
        area = Area(*places.cell(STATEMENT), *places.cell(STATEMENT))
        yield area, short_text(STATEMENT_NAME, "其他需要说明的情况写在这里，没有的可以不填。")
    for key, (label, kind) in SIGNERS.items():
        area = Area(*places.cell(key), *places.cell(key))
        if kind is FieldKind.DATE:
            first = date(assignment.period.year, 1, 1)
            yield area, day(label, first, date(assignment.period.year + 2, 12, 31))
        else:
            yield area, short_text(label, f"请填写{label}。")


def short_text(title: str, prompt: str) -> Validation:
    """Describe an entry cell for text."""
    return Validation(
        kind="length",
        title=title,
        prompt=prompt,
        error=f"文字太长，请压缩到 {TEXT_LIMIT} 字以内。",
        minimum=0,
        maximum=TEXT_LIMIT,
    )


def day(title: str, first: date, last: date) -> Validation:
    """Describe an entry cell for a date."""
    return Validation(
        kind="date",
        title=title,
        prompt=f"请填日期，写法如 {first.year}-05-18。",
        error=f"请填正确的日期（{first:%Y-%m-%d} 至 {last:%Y-%m-%d}），写法如 {first.year}-05-18。",
        minimum=first,
        maximum=last,
    )


def _highlights(assignment: Assignment, places: Places) -> Iterator[Highlight]:
    for line in assignment.entries:
        row, column = places.cell(line.value_key)
        area, cell = Area(row, column, row, column), places.local(line.value_key)
        sound = rules.is_count(cell) if line.kind is FieldKind.COUNT else rules.is_amount(cell)
        yield Highlight(area, f"ISBLANK({cell})", Tone.BLANK, stop=True)
        yield Highlight(area, f"NOT({sound})", Tone.WRONG, stop=True)
        whole = Key(line.indicator.parent or "", "actual")
        if line.indicator.parent and whole.row in places.rows:
            all_of_it = places.local(whole)
            above = f"IF(AND(ISNUMBER({cell}),ISNUMBER({all_of_it})),{cell}>{all_of_it},FALSE)"
            yield Highlight(area, above, Tone.WRONG, stop=True)
    for key in SIGNERS:
        area = Area(*places.cell(key), *places.cell(key))
        yield Highlight(area, f"ISBLANK({places.local(key)})", Tone.BLANK)
    first, last = MAIN_FIRST, places.last
    status = f"${MAIN_COLUMNS.at('status', first)}"
    rated = Area(first, _COLUMN("achievement"), last, _COLUMN("status"))
    for state, tone in (
        (derive.Progress.REACHED, Tone.GOOD),
        (derive.Progress.NEAR, Tone.WARN),
        (derive.Progress.LAGGING, Tone.BAD),
    ):
        yield Highlight(rated, f'{status}="{state}"', tone)
    remark = MAIN_COLUMNS.at("remark", first)
    unexplained = f'AND({status}="{derive.Progress.LAGGING}",LEN(TRIM({remark}))=0)'
    yield Highlight(Area(first, _LAST, last, _LAST), unexplained, Tone.WRONG)
    banner = address(_BANNER, _COLUMN("target"))
    over = Area(_BANNER, _COLUMN("target"), _BANNER, _LAST)
    yield Highlight(over, f'LEFT(${banner},1)="{rules.PASS}"', Tone.GOOD)
    yield Highlight(over, f'LEFT(${banner},1)="{rules.FAIL}"', Tone.BAD)
