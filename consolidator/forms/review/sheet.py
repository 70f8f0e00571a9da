"""评议表: a row a unit, a column an item, a live self-check, and the line for the signature."""

from collections.abc import Iterator

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
from consolidator.forms.quarterly.addresses import KEY_ROW, STAMP_ROW
from consolidator.forms.quarterly.main_sheet import short_text
from consolidator.forms.quarterly.rules import FAIL, PASS, has_text
from consolidator.forms.review import places as at
from consolidator.forms.review.assignment import (
    AVOIDED,
    REASON,
    ReviewAssignment,
    item_key,
    mark_key,
    reason_key,
)
from consolidator.forms.review.marking import STEP, sound_formula
from consolidator.forms.review.places import ReviewPlaces
from consolidator.plan.model import ReviewItem, Unit

_PAGE = 660
"""Points of all rows that are still read well on one page."""
_ROW = 30
_CENTRED, _DERIVED = Style(Role.LABEL, Shape.CENTRED), Style(Role.DERIVED, Shape.CENTRED)
_ENTRY = Style(Role.ENTRY, Shape.CENTRED)
_SIGNATURE = "评委签名：____________________          日期：________年____月____日"


def review_sheet(assignment: ReviewAssignment) -> Sheet:
    """Describe the sheet."""
    places = ReviewPlaces(assignment)
    heights = _heights(assignment, places)
    end = places.columns.index(REASON)
    marked = assignment.marked
    first = places.cell(mark_key(marked[0], assignment.items[0])) if marked else (at.TITLE, 1)
    return Sheet(
        name=at.SHEET,
        cells=list(_cells(assignment, places)),
        columns=places.columns,
        merges=tuple(_merges(assignment, places, end)),
        heights=heights,
        hidden_rows=(STAMP_ROW, KEY_ROW),
        validations=tuple(_validations(assignment, places)),
        highlights=tuple(_highlights(assignment, places)),
        freeze=(at.FIRST, places.first_item),
        cursor=first,
        printing=Printing(
            landscape=True,
            tall=1 if sum(heights.values()) <= _PAGE else 0,
            repeat_rows=(at.HEAD, at.HEAD),
            area=Area(at.TITLE, 1, places.signature, end),
            footer=f"{assignment.reviewer.name}  {assignment.period.title}评议",
        ),
    )


def instructions(assignment: ReviewAssignment) -> str:
    """Return what a reviewer is told above the table."""
    own = f"“{AVOIDED}”的一行是评委所在单位，不评分。" if assignment.reviewer.unit else ""
    return (
        f"说明：请给每个单位的每一项打分，从 0 分到满分，以 {STEP:g} 分为一档；"
        "只填浅黄色单元格，只写数字。"
        f"不能评的留空，并在“未评原因”栏说明，留空不计为 0 分。{own}"
        f"自检显示“{PASS}”后打印签名，并把本文件原样交回{assignment.plan.contact.office}；"
        "不要改动行、列和其他单元格。"
    )


def self_check(assignment: ReviewAssignment) -> str:
    """Return Python's own result of the line over the table."""
    blank, wrong = (
        sum(count(unit) for unit in assignment.marked)
        for count in (assignment.unexplained, assignment.wrong)
    )
    return _said(str(blank), str(wrong)) if blank or wrong else _ALL_WELL


_ALL_WELL = f"{PASS} 全部评完，可以交回"


def _said(blank: str, wrong: str) -> str:
    return f"{FAIL} 还有 {blank} 格没有评分也没有说明原因，{wrong} 格分数不对"


def _heights(assignment: ReviewAssignment, places: ReviewPlaces) -> dict[int, float]:
    columns = places.columns.all
    shown = [one.width for one in columns if not one.hidden]
    widths = {one.key: one.width for one in columns}
    heights = {
        at.TITLE: 32,
        at.INFO: 20,
        at.NOTE: height_for([(instructions(assignment), sum(shown))], least=34),
        at.BANNER: 24,
        at.HEAD: height_for([(one.title, one.width) for one in columns], least=40),
        places.last + 1: 10,
        places.signature: 30,
    }
    for unit in assignment.plan.units:
        reason = str(assignment.answers.get(reason_key(unit)) or "")
        texts = [(unit.name, widths["unit"]), (reason, widths[REASON])]
        heights[places.rows[unit.code]] = height_for(texts, least=_ROW)
    return heights


def _merges(
    assignment: ReviewAssignment, places: ReviewPlaces, end: int
) -> Iterator[tuple[Area, Cell]]:
    period, name, first = assignment.period, assignment.reviewer.name, places.first_item
    title = f"{period.year}年园区（镇、街道）工作开展进度评议表"
    own = assignment.plan.unit_by_code.get(assignment.reviewer.unit)
    belongs = f"    评委所在单位：{own.name}" if own else ""
    year = f"评议年度：{period.title}{belongs}"
    blank, wrong = (
        places.columns.down(key, at.FIRST, places.last) for key in ("unexplained", "wrong")
    )
    said = _said(f'"&SUM({blank})&"', f'"&SUM({wrong})&"')
    check = f'IF(SUM({blank})+SUM({wrong})=0,"{_ALL_WELL}","{said}")'
    for area, cell in (
        ((at.TITLE, 1, end), Cell(at.TITLE, 1, title, Style(Role.TITLE))),
        ((at.INFO, 1, 2), Cell(at.INFO, 1, f"{at.NAMED}{name}", Style(Role.SUBTITLE))),
        ((at.INFO, first, end), Cell(at.INFO, first, year, Style(Role.SUBTITLE))),
        ((at.NOTE, 1, end), Cell(at.NOTE, 1, instructions(assignment), Style(Role.NOTE))),
        (
            (at.BANNER, 1, end),
            Cell(at.BANNER, 1, self_check(assignment), Style(Role.BANNER), check),
        ),
        (
            (places.signature, 1, end),
            Cell(places.signature, 1, _SIGNATURE, Style(Role.SIGNATURE)),
        ),
    ):
        row, left, right = area
        yield Area(row, left, row, right), cell


def _cells(assignment: ReviewAssignment, places: ReviewPlaces) -> Iterator[Cell]:
    hidden = Style(Role.HIDDEN)
    yield Cell(STAMP_ROW, 0, assignment.stamp.encode(), hidden)
    yield Cell(at.INFO, 0, at.INFO_KEY, hidden)
    yield Cell(at.HEAD, 0, at.HEAD_KEY, hidden)
    for index, column in enumerate(places.columns.all):
        yield Cell(KEY_ROW, index, column.key, hidden)
        if not column.hidden:
            yield Cell(at.HEAD, index, column.title, Style(Role.HEADING))
    for number, unit in enumerate(assignment.plan.units, start=1):
        row = places.rows[unit.code]
        yield Cell(row, 0, unit.code, hidden)
        yield Cell(row, 1, number, _CENTRED)
        yield Cell(row, 2, unit.name, Style(Role.LABEL))
        yield from _own(places, row) if assignment.avoids(unit) else _row(assignment, places, unit)


def _own(places: ReviewPlaces, row: int) -> Iterator[Cell]:
    """Yield the row of the reviewer's own unit: locked, and without marks."""
    for column in range(places.first_item, places.last_item + 1):
        yield Cell(row, column, AVOIDED, _CENTRED)
    at_column = places.columns.index
    for key in ("total", "check"):
        yield Cell(row, at_column(key), "—", _CENTRED)
    yield Cell(row, at_column(REASON), "评委所在单位", Style(Role.LABEL))
    for key in ("unexplained", "wrong"):
        yield Cell(row, at_column(key), 0, Style(Role.HIDDEN))


def _row(assignment: ReviewAssignment, places: ReviewPlaces, unit: Unit) -> Iterator[Cell]:
    row, columns, answers = places.rows[unit.code], places.columns, assignment.answers
    for item in assignment.items:
        key = mark_key(unit, item)
        yield Cell(*places.cell(key), answers.get(key), _ENTRY)
    marks, count = places.marks(unit), len(assignment.items)
    total = assignment.total(unit)
    yield Cell(
        row, columns.index("total"), "" if total is None else total,
        _DERIVED, f'IF(COUNT({marks})={count},SUM({marks}),"")',
    )  # fmt: skip
    blank, wrong = (columns.at(key, row) for key in ("unexplained", "wrong"))
    shown = (
        f'IF({wrong}>0,"{FAIL} 错 "&{wrong}&" 格",'
        f'IF({blank}>0,"{FAIL} 缺 "&{blank}&" 格","{PASS}"))'
    )
    yield Cell(row, columns.index("check"), _checked(assignment, unit), _DERIVED, shown)
    reason = reason_key(unit)
    yield Cell(*places.cell(reason), answers.get(reason), Style(Role.ENTRY))
    explained = has_text(places.local(reason))
    # Not ISBLANK over the range: Gnumeric (1.12.55) gives one answer for all of it.
    cells = [places.local(mark_key(unit, item)) for item in assignment.items]
    blanks = [f"IF(ISBLANK({cell}),1,0)" for cell in cells]
    yield Cell(
        row, columns.index("unexplained"), assignment.unexplained(unit), Style(Role.HIDDEN),
        f"IF({explained},0,{'+'.join(blanks)})",
    )  # fmt: skip
    each = (_is_wrong(places.local(mark_key(unit, item)), item) for item in assignment.items)
    yield Cell(
        row, columns.index("wrong"), assignment.wrong(unit), Style(Role.HIDDEN), "+".join(each)
    )


def _checked(assignment: ReviewAssignment, unit: Unit) -> str:
    if wrong := assignment.wrong(unit):
        return f"{FAIL} 错 {wrong} 格"
    blank = assignment.unexplained(unit)
    return f"{FAIL} 缺 {blank} 格" if blank else PASS


def _is_wrong(cell: str, item: ReviewItem) -> str:
    return f"IF(ISBLANK({cell}),0,IF({sound_formula(cell, item.full_marks)},0,1))"


def _stretches(assignment: ReviewAssignment, places: ReviewPlaces) -> Iterator[tuple[int, int]]:
    """Yield the first and last rows of neighbours that are marked: the own unit parts them."""
    first = at.FIRST
    for unit in assignment.plan.units:
        row = places.rows[unit.code]
        if assignment.avoids(unit):
            if row > first:
                yield first, row - 1
            first = row + 1
    if first <= places.last:
        yield first, places.last


def _validations(
    assignment: ReviewAssignment, places: ReviewPlaces
) -> Iterator[tuple[Area, Validation]]:
    for first, last in _stretches(assignment, places):
        for item in assignment.items:
            column = places.columns.index(item_key(item))
            yield (
                Area(first, column, last, column),
                Validation(
                    kind="custom",
                    title=f"第 {item.number} 项评分",
                    prompt=f"请打 0 至 {item.full_marks:g} 分，以 {STEP:g} 分为一档。"
                    "不能评的留空，并在“未评原因”栏说明。",
                    error=f"只能填 0 至 {item.full_marks:g} 的数字，以 {STEP:g} 分为一档，"
                    "不要带“分”字。",
                    formula=sound_formula(address(first, column), item.full_marks),
                ),
            )
        column = places.columns.index(REASON)
        why = short_text("未评原因", "这一行有留空的，请在此说明原因；都评了的不用填。")
        yield Area(first, column, last, column), why


def _highlights(assignment: ReviewAssignment, places: ReviewPlaces) -> Iterator[Highlight]:
    columns, count = places.columns, len(assignment.items)
    for first, last in _stretches(assignment, places):
        missing = f"${columns.at('unexplained', first)}"
        for item in assignment.items:
            column = columns.index(item_key(item))
            area, cell = Area(first, column, last, column), address(first, column)
            blank = f"AND(ISBLANK({cell}),{missing}>0)"
            yield Highlight(area, blank, Tone.BLANK, stop=True)
            yield Highlight(area, f"{_is_wrong(cell, item)}>0", Tone.WRONG, stop=True)
        why = Area(first, columns.index(REASON), last, columns.index(REASON))
        yield Highlight(why, f"AND({missing}>0,{missing}<{count})", Tone.BLANK)
        check = columns.index("check")
        mark = f"${address(first, check)}"
        for sign, tone in ((PASS, Tone.GOOD), (FAIL, Tone.BAD)):
            yield Highlight(Area(first, check, last, check), f'LEFT({mark},1)="{sign}"', tone)
    banner = f"$B${at.BANNER + 1}"
    over = Area(at.BANNER, 1, at.BANNER, columns.index(REASON))
    for sign, tone in ((PASS, Tone.GOOD), (FAIL, Tone.BAD)):
        yield Highlight(over, f'LEFT({banner},1)="{sign}"', tone)
