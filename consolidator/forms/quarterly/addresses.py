"""Where every field of the form stands as issued: the one source for writer and reader."""

from collections.abc import Mapping

from consolidator.forms.layout import Column, Columns, address
from consolidator.forms.quarterly.assignment import BELOW, LIST_KEYS, Assignment, Key

GUIDE, MAIN, LIST, CHECK = "填报说明", "填报表", "产学研备案明细", "自检"

STAMP_ROW = 0
"""On every visible sheet the first row is hidden and carries the stamp in its first cell."""
KEY_ROW = 1
"""On sheets with entry cells the second row is hidden and names the columns."""

MAIN_COLUMNS = Columns(
    Column("key", "", 3, hidden=True),
    Column("number", "序号", 5),
    Column("group", "类别", 9),
    Column("indicator", "指标", 38),
    Column("measure", "计量\n单位", 6.5),
    Column("target", "年度目标", 10),
    Column("previous", "上期累计", 10),
    Column("actual", "本期累计\n（填写）", 15),
    Column("achievement", "完成率", 9.5),
    Column("progress", "时间进度", 9.5),
    Column("status", "状态", 9.5),
    Column("remark", "备注\n（滞后须说明原因）", 34),
)
MAIN_FIRST = 6
"""The row of the first line of the table; title, unit, banner and heading stand above."""

NOTE_MARK = "【更正】"
"""What comments of a correction workbook begin with: they are ours, not the unit's."""

LIST_COLUMNS = Columns(
    Column("key", "", 3, hidden=True),
    Column("number", "序号", 6),
    Column("kind", "类别", 22),
    Column("date", "日期", 13),
    Column("partner", "合作单位", 30),
    Column("subject", "活动主题或协议名称", 40),
    Column("filing", "备案号", 20),
    Column("check", "检查", 12),
)
LIST_FIRST = 7
LIST_PLACES: Mapping[str, int] = {key: LIST_FIRST + n for n, key in enumerate(LIST_KEYS)}
"""The rows of the list, by their keys."""

CHECK_COLUMNS = Columns(
    Column("key", "", 3, hidden=True),
    Column("number", "序号", 6),
    Column("topic", "检查类别", 12),
    Column("text", "检查内容", 72),
    Column("mark", "结果", 8),
    Column("link", "转到", 12),
)
CHECK_BANNER = (3, CHECK_COLUMNS.index("number"))
CHECK_FIRST = 5


class Places:
    """The rows of one assignment's form."""

    def __init__(self, assignment: Assignment) -> None:
        """Lay the lines, the fields below them and the list rows out from top to bottom."""
        self.rows = {line.key: MAIN_FIRST + n for n, line in enumerate(assignment.lines)}
        self.last = MAIN_FIRST + len(assignment.lines) - 1
        self.below = BELOW[assignment.form]
        """The rows of the fields below the table; an empty row stands above them."""
        self.rows |= {row: self.last + 2 + n for n, row in enumerate(self.below)}
        self.list_rows = LIST_PLACES

    def sheet(self, key: Key) -> str:
        """Return the sheet a field is on."""
        return LIST if key.row in self.list_rows else MAIN

    def cell(self, key: Key) -> tuple[int, int]:
        """Return row and column of a field, counted from 0."""
        if key.row in self.list_rows:
            return self.list_rows[key.row], LIST_COLUMNS.index(key.column)
        return self.rows[key.row], MAIN_COLUMNS.index(key.column)

    def local(self, key: Key) -> str:
        """Return a field's address for formulas of its own sheet."""
        return address(*self.cell(key))

    def full(self, key: Key) -> str:
        """Return a field's address for formulas of any sheet."""
        return address(*self.cell(key), sheet=self.sheet(key), fixed=True)
