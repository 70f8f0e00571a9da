"""填报说明: how to fill, by when, whom to ask, and what each indicator means."""

from collections.abc import Iterator

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
    height_for,
    jump,
)
from consolidator.forms.quarterly.addresses import CHECK, GUIDE, LIST, MAIN, STAMP_ROW, Places
from consolidator.forms.quarterly.assignment import Assignment

GUIDE_COLUMNS = Columns(
    Column("key", "", 3, hidden=True),
    Column("number", "序号", 6),
    Column("indicator", "指标", 38),
    Column("measure", "计量单位", 9),
    Column("meaning", "含义", 36),
    Column("rule", "计数规则", 44),
)
_TITLE = 2
_LAST = GUIDE_COLUMNS.index("rule")
_WIDTH = sum(column.width for column in GUIDE_COLUMNS.all[1:])


def steps(assignment: Assignment) -> tuple[str, ...]:
    """Return the numbered instructions, also used by the manual."""
    contact = assignment.plan.contact
    return (
        f"本表由{contact.office}发给{assignment.unit.name}，报告期为{assignment.period.title}；"
        f"请于 {assignment.deadline:%Y-%m-%d} 前报送。",
        f"在“{MAIN}”里只填浅黄色单元格：本期累计、备注、填报人、审核人、电话、日期。"
        "数字填本年 1 月 1 日至报告期末的累计数；没有发生的填 0，不要留空。",
        "数字格里只写数字，不要写“约”“万”、单位或文字；按 Tab 键可跳到下一个要填的格子。",
        "完成率和状态自动计算：▲ 达到时间进度，● 达到时间进度的九成，▼ 滞后。"
        "滞后的指标必须在备注里说明原因和打算。",
        f"产学研活动和协议逐条填入“{LIST}”，条数须与“{MAIN}”中的填报数一致；{assignment.plan.note}",
        f"填完后看“{CHECK}”：显示“✓ 可以上报”后再打印、签字、盖章，并把本文件原样发回。"
        "不要改动表名、行列和灰色单元格，不要另存为其他格式。",
        f"联系人：{contact.office} {contact.person}，电话：{contact.phone}，"
        f"报送邮箱：{contact.mail}。",
    )


def guide_sheet(assignment: Assignment, places: Places) -> Sheet:
    """Describe the sheet: instructions above, the indicators below."""
    texts = steps(assignment)
    head = _TITLE + 1 + len(texts) + 1
    first = head + 1
    last = first + len(assignment.plan.indicators) - 1
    widths = {column.key: column.width for column in GUIDE_COLUMNS.all}
    heights: dict[int, float] = {_TITLE: 30, head: 24}
    for n, text in enumerate(texts):
        heights[_TITLE + 1 + n] = height_for([(f"9. {text}", _WIDTH)], least=20)
    for n, one in enumerate(assignment.plan.indicators):
        heights[first + n] = height_for(
            [
                (one.label, widths["indicator"]),
                (one.meaning, widths["meaning"]),
                (one.rule, widths["rule"]),
            ]
        )
    return Sheet(
        name=GUIDE,
        cells=list(_cells(assignment, places, head)),
        columns=GUIDE_COLUMNS,
        merges=tuple(_merges(assignment, texts)),
        heights=heights,
        hidden_rows=(STAMP_ROW, 1),
        cursor=(_TITLE, 1),
        printing=Printing(
            tall=1,
            area=Area(_TITLE, 1, last, _LAST),
            footer=f"{assignment.unit.name}  {assignment.period.title}",
        ),
    )


def _merges(assignment: Assignment, texts: tuple[str, ...]) -> Iterator[tuple[Area, Cell]]:
    title = f"填报说明（{assignment.unit.name}，{assignment.period.title}）"
    yield Area(_TITLE, 1, _TITLE, _LAST), Cell(_TITLE, 1, title, Style(Role.TITLE))
    for n, text in enumerate(texts, start=1):
        row = _TITLE + n
        yield Area(row, 1, row, _LAST), Cell(row, 1, f"{n}. {text}", Style(Role.PLAIN))


def _cells(assignment: Assignment, places: Places, head: int) -> Iterator[Cell]:
    yield Cell(STAMP_ROW, 0, assignment.stamp.encode(), Style(Role.HIDDEN))
    for index, column in enumerate(GUIDE_COLUMNS.all[1:], start=1):
        yield Cell(head, index, column.title, Style(Role.HEADING))
    for n, one in enumerate(assignment.plan.indicators):
        row = head + 1 + n
        yield Cell(row, 1, one.number, Style(Role.LABEL, Shape.CENTRED))
        target = jump(places.rows[one.code], 3, MAIN)
        yield Cell(row, 2, one.label, Style(Role.LINK), link=target)
        yield Cell(row, 3, one.measure, Style(Role.LABEL, Shape.CENTRED))
        yield Cell(row, 4, one.meaning, Style(Role.LABEL))
        yield Cell(row, 5, one.rule, Style(Role.LABEL))
