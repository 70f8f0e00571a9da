"""填写说明 of the register: how to fill it, and the lists its columns choose from."""

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
)
from consolidator.forms.register.columns import GUIDE, IDENTITY_ROW, SHEET, identity
from consolidator.plan.model import Plan

_COLUMNS = Columns(
    Column("key", "", 3, hidden=True),
    Column("number", "序号", 6),
    Column("unit", "单位（列表）", 18),
    Column("name", "全称", 34),
    Column("code", "代码", 16),
    Column("gap", "", 2),
    Column("kind", "类别（列表）", 24),
    Column("indicators", "计入的指标", 48),
)
_AT = _COLUMNS.index
_TITLE, _LAST = 1, _AT("indicators")
_WIDTH = sum(column.width for column in _COLUMNS.all[1:])


def steps(plan: Plan) -> tuple[str, ...]:
    """Return the numbered instructions."""
    return (
        f"本表由{plan.contact.office}登记全年已备案的产学研活动和协议，一项一行，填在“{SHEET}”的"
        f"浅黄色单元格。{plan.note}",
        "单位、类别从下拉列表选择；日期填活动举办或协议签订的日期，须在 "
        f"{plan.year} 年内；备案号每项一个，不能重复。"
        "单位、类别、日期、备案号缺一项，该行就不计入。",
        "“检查”列显示 ✓ 的可以计入；显示 ✗ 的请按提示改正。行数不够时可另建一个同样表头的工作表。",
        "汇总时在命令后加 --register 和本文件的位置。"
        "给了备案信息，有关指标一律按备案信息计数，没有登记的单位计为 0；"
        "与单位填报数不同的逐条列出。",
        "只计本年 1 月 1 日至报告期末的各行：全年用同一个文件，随时补登。",
    )


def guide_sheet(plan: Plan) -> Sheet:
    """Describe the sheet: instructions above, the lists below."""
    texts = [f"{number}. {text}" for number, text in enumerate(steps(plan), start=1)]
    head = _head(plan)
    last = head + max(len(plan.units), len(plan.filed_kinds))
    title = Cell(_TITLE, 1, f"{plan.year}年备案信息填写说明", Style(Role.TITLE))
    return Sheet(
        name=GUIDE,
        cells=list(_cells(plan, head)),
        columns=_COLUMNS,
        merges=(
            (Area(_TITLE, 1, _TITLE, _LAST), title),
            *(
                (Area(row, 1, row, _LAST), Cell(row, 1, text, Style(Role.PLAIN)))
                for row, text in enumerate(texts, start=_TITLE + 1)
            ),
        ),
        heights={
            _TITLE: 30,
            head: 24,
            **{
                row: height_for([(text, _WIDTH)], least=20)
                for row, text in enumerate(texts, start=_TITLE + 1)
            },
        },
        hidden_rows=(IDENTITY_ROW,),
        cursor=(_TITLE, 1),
        printing=Printing(
            landscape=True, area=Area(_TITLE, 1, last, _LAST), footer=f"{plan.year}年备案信息"
        ),
    )


def unit_names(plan: Plan) -> str:
    """Return the range of the units' short names, which the column of units chooses from."""
    first = _head(plan) + 1
    return _COLUMNS.down("unit", first, first + len(plan.units) - 1, sheet=GUIDE)


def all_names(plan: Plan) -> str:
    """Return the range of everything a unit may be called: short and full name, code."""
    first = _head(plan) + 1
    start, end = (
        _COLUMNS.at(name, row, fixed=True)
        for name, row in (("unit", first), ("code", first + len(plan.units) - 1))
    )
    return f"'{GUIDE}'!{start}:{end}"


def kinds(plan: Plan) -> str:
    """Return the range of the kinds, which the column of kinds chooses from."""
    first = _head(plan) + 1
    return _COLUMNS.down("kind", first, first + max(len(plan.filed_kinds), 1) - 1, sheet=GUIDE)


def _head(plan: Plan) -> int:
    return _TITLE + len(steps(plan)) + 2


def _cells(plan: Plan, head: int) -> Iterator[Cell]:
    yield Cell(IDENTITY_ROW, 0, identity(plan.name, plan.year), Style(Role.HIDDEN))
    for index, column in enumerate(_COLUMNS.all):
        if column.title:
            yield Cell(head, index, column.title, Style(Role.HEADING))
    label, centred = Style(Role.LABEL), Style(Role.LABEL, Shape.CENTRED)
    for number, unit in enumerate(plan.units, start=1):
        row = head + number
        yield Cell(row, _AT("number"), number, centred)
        yield Cell(row, _AT("unit"), unit.short, label)
        yield Cell(row, _AT("name"), unit.name, label)
        yield Cell(row, _AT("code"), unit.code, label)
    for row, kind in enumerate(plan.filed_kinds, start=head + 1):
        counting = [one.label for one in plan.indicators if kind in one.filed_kinds]
        yield Cell(row, _AT("kind"), kind, label)
        yield Cell(row, _LAST, "；".join(counting), label)
