"""说明: how the figures come about, how to adjust, and the adjustments carried over."""

from collections.abc import Iterator

from consolidator.checks.register import Outcome
from consolidator.checks.selection import RULE
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
from consolidator.report import data_sheet
from consolidator.report.context import (
    ABOUT,
    DATA,
    HEAD_ROW,
    HIDDEN_ROWS,
    TITLE_ROW,
    District,
    top,
)

COLUMNS = Columns(
    Column("key", "", 2, hidden=True),
    Column("unit", "单位", 16),
    Column("indicator", "指标", 30),
    Column("reported", "上报数（分子）", 15),
    Column("adjusted", "调整数（分子/分母）", 20),
    Column("reason", "理由", 34),
    Column("link", "定位", 10),
)
_LAST = COLUMNS.index("link")
_WIDTH = sum(column.width for column in COLUMNS.all[1:])


def _lines(district: District) -> tuple[str, ...]:
    plan, period = district.settled.plan, district.settled.period
    return (
        f"本工作簿由 {plan.name} 年度目标任务和{period.title}收回的填报表汇总而成，"
        f"汇总时间 {district.made:%Y-%m-%d %H:%M}，程序版本 {district.version}。",
        f"采用规则：{RULE}",
        f"取数顺序：{_order(district)}。有错误的单元格不采用，显示“待更正”；没有收到的显示“未报”；"
        "“—”为不考核。三者都不计为 0。",
        "完成率＝完成数÷年度目标。"
        "▲ 达到：不低于时间进度；● 接近：达到时间进度的 90%；▼ 滞后：低于 90%。",
        "全区数＝各单位之和，末列注明已计单位数（如 10/11）。“完成率”以全区目标为分母；"
        "“已计单位完成率”只以已计单位的目标为分母。",
        "高新技术产业产值占比不能相加，全区数＝各单位高新技术产业产值之和÷规上工业总产值之和，目标取附件1。",
        "追溯：“数据”表每行写明来源文件、工作表和单元格；原文与采用数不同的，原文列照录。",
        "调整：在“数据”表浅黄色单元格填写调整数和理由（两者都填才采用），各表随即重算；"
        "重新汇总时自动沿用并在问题清单列出。比率请分别填写分子和分母。",
        "每次重新汇总前，原工作簿自动存入 history 文件夹，不会丢失。",
        f"备注：{plan.note}正式的计分办法未收录：得分按“评分参数”的默认值计算，可以改。",
    )


def _order(district: District) -> str:
    """Say what a figure is taken from, in this order."""
    register = district.register
    if register is None:
        return "科技局调整数、备案信息、单位上报数；本次没有给备案信息"
    named = "、".join(one.name for one in district.settled.plan.indicators if one.filed_kinds)
    return (
        f"科技局调整数、备案信息、单位上报数。备案信息取自“{register.file}”，计入 "
        f"{register.totals[Outcome.COUNTED]} 条，用于{named}，没有登记的单位计为 0；"
        "上报数照列在“数据”表，不同的见“问题清单”，逐条见“备案信息”"
    )


def about_sheet(district: District) -> Sheet:
    """Describe the sheet."""
    lines = _lines(district)
    head = HEAD_ROW + len(lines) + 1
    adjusted = [one for one in district.figures.rows if one.adjustment]
    last = head + 1 + max(len(adjusted), 1)
    return Sheet(
        name=ABOUT,
        cells=_cells(district, head + 1),
        columns=COLUMNS,
        merges=(
            *top(district, "说明", _LAST),
            *(
                (Area(row, 1, row, _LAST), Cell(row, 1, text, Style(Role.PLAIN)))
                for row, text in enumerate(_numbered(lines), start=HEAD_ROW)
            ),
            (
                Area(head, 1, head, _LAST),
                Cell(
                    head,
                    1,
                    f"汇总表中的调整（{len(adjusted)} 项，没有采用的见“问题清单”）",
                    Style(Role.BANNER),
                ),
            ),
        ),
        heights={
            TITLE_ROW: 30,
            head: 24,
            **{
                row: height_for([(text, _WIDTH)], least=20)
                for row, text in enumerate(_numbered(lines), start=HEAD_ROW)
            },
        },
        hidden_rows=HIDDEN_ROWS,
        cursor=(TITLE_ROW, 1),
        printing=Printing(footer=district.footer, area=Area(TITLE_ROW, 1, last, _LAST)),
    )


def _numbered(lines: tuple[str, ...]) -> list[str]:
    return [f"{number}. {text}" for number, text in enumerate(lines, start=1)]


def _cells(district: District, head: int) -> Iterator[Cell]:
    for index, column in enumerate(COLUMNS.all[1:], start=1):
        yield Cell(head, index, column.title, Style(Role.HEADING))
    plan, width = district.settled.plan, len(district.settled.plan.indicators)
    row = head
    for position, one in enumerate(district.figures.rows):
        mine = one.adjustment
        if mine is None:
            continue
        row += 1
        source = data_sheet.row_of(district, position // width, position % width)
        parts = [part for part in (mine.figure, mine.denominator) if part is not None]
        texts = (
            plan.unit_by_code[one.unit].short,
            plan.indicator_by_code[one.indicator].label,
            "" if one.reported is None else f"{one.reported:,.10g}",
            "/".join(f"{part:,.10g}" if isinstance(part, float) else str(part) for part in parts),
            mine.reason or "（未填理由，没有采用）",
        )
        for index, text in enumerate(texts, start=1):
            yield Cell(row, index, text, Style(Role.LABEL))
        target = jump(source, data_sheet.COLUMNS.index("adjusted"), DATA)
        yield Cell(row, _LAST, "→ 查看", Style(Role.LINK, Shape.CENTRED), link=target)
    if row == head:
        yield Cell(head + 1, 1, "没有", Style(Role.LABEL))
        for index in range(2, _LAST + 1):
            yield Cell(head + 1, index, None, Style(Role.LABEL))
