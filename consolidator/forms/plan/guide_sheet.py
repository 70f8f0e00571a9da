"""说明: how staff edit the plan, and where each sheet is."""

from consolidator.forms.layout import (
    Area,
    Cell,
    Column,
    Columns,
    Printing,
    Role,
    Sheet,
    Style,
    height_for,
    jump,
)
from consolidator.forms.plan.fields import (
    CONTACTS,
    DISTRICT,
    GUIDE,
    IDENTITY,
    IDENTITY_ROW,
    INDICATORS,
    KEY_ROW,
    REVIEW,
    SETTINGS_SHEET,
    TARGETS,
    TITLE,
    UNITS,
)
from consolidator.plan.tables import PlanTables

_COLUMNS = Columns(
    Column("key", "", 3, hidden=True), Column("sheet", "表", 14), Column("about", "内容", 96)
)
_STEPS = (
    "只改浅黄色的格子；灰色的由程序计算，不用填。改完保存，关闭，再按第 7 条检查。",
    "改目标：到“目标”表直接改数字。不考核的写 --，不能留空；比率写百分比，如 47.0%。"
    "只写数字，不写“家”“约”等字。",
    "加单位：在“单位”表的空行写全称和简称，代码留空；到“目标”表右边的空列，在表头选它，"
    "再填每项目标；到“联系人”表写邮箱。",
    "加指标：在“指标”表的空行填写，代码留空；要排在中间的，先插入一行。"
    "再到“目标”表下面的空行（或插入的行）选它，填每个单位的目标。",
    "改名：在“单位”或“指标”表直接改名，别的表自动跟着变，代码不动；若它是别项的上级指标，"
    "也要重选一次上级。",
    "删单位、删指标：清空它在“单位”或“指标”表的那一行，再清空它在“目标”表的那一列或那一行，"
    "以及“联系人”表的那一行。",
    "检查：运行 consolidator plan check --plan 本文件，每处错误都写明表和单元格；"
    "没有错误后，每个命令都加上 --plan 本文件。要把新代码写进表里，"
    "用 consolidator plan export --plan 本文件 --to 新文件.xlsx。",
    "不要做的事：改工作表名，删除隐藏的行和列，合并单元格，用公式代替数字，另存为其他格式。",
)
_SHEETS = (
    (UNITS.sheet, "填报的单位：全称、简称。"),
    (INDICATORS.sheet, "附件2的指标：序号、名称、计量单位、类型、含义和计数规则。"),
    (TARGETS, "附件2：每个单位每项指标的目标。"),
    (DISTRICT.sheet, "附件1：全区自己的目标。"),
    (REVIEW.sheet, "附件3：评议项目和满分。"),
    (SETTINGS_SHEET, "年度、标题、备注、报送期限、受理联系人、权重、评议分数的合并方式。"),
    (CONTACTS.sheet, "每个单位的联系人和邮箱。"),
)


def guide_sheet(tables: PlanTables) -> Sheet:
    """Describe the sheet."""
    title = f"{str(tables.settings.get('year', ''))[:20]}年目标任务：怎样修改"
    width = sum(column.width for column in _COLUMNS.all[1:])
    head = TITLE + len(_STEPS) + 2
    cells = [
        Cell(IDENTITY_ROW, 0, IDENTITY, Style(Role.HIDDEN)),
        Cell(head, 1, "表", Style(Role.HEADING)),
        Cell(head, 2, "内容", Style(Role.HEADING)),
    ]
    for row, (name, about) in enumerate(_SHEETS, start=head + 1):
        link = jump(TITLE, 1, name)
        cells += [
            Cell(row, 1, name, Style(Role.LINK), link=link),
            Cell(row, 2, about, Style(Role.LABEL)),
        ]
    merges = [(Area(TITLE, 1, TITLE, 2), Cell(TITLE, 1, title, Style(Role.TITLE)))]
    heights = {TITLE: 34.0, head: 24.0}
    for number, text in enumerate(_STEPS, start=1):
        row, said = TITLE + number, f"{number}. {text}"
        merges.append((Area(row, 1, row, 2), Cell(row, 1, said, Style(Role.PLAIN))))
        heights[row] = height_for([(said, width)], least=24)
    last = head + len(_SHEETS)
    return Sheet(
        name=GUIDE,
        cells=cells,
        columns=_COLUMNS,
        merges=tuple(merges),
        heights=heights,
        hidden_rows=(IDENTITY_ROW, KEY_ROW),
        cursor=(TITLE, 1),
        printing=Printing(landscape=True, tall=1, area=Area(TITLE, 1, last, 2), footer=title),
    )
