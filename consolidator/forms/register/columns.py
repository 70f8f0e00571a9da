"""Where every field of the register stands as written: the one source for writer and reader."""

from collections.abc import Mapping

from consolidator.forms.layout import Column, Columns
from consolidator.forms.quarterly.assignment import LIST_FIELDS, FieldKind

SHEET, GUIDE = "备案信息", "填写说明"
IDENTITY = "consolidator-register"
"""What the first cell of each sheet begins with; the plan's name and the year follow."""
IDENTITY_ROW, KEY_ROW, TITLE, COUNTS, NOTE, HEAD = range(6)
FIRST = HEAD + 1
ROWS = 500
FIELDS: Mapping[str, tuple[str, FieldKind]] = {
    "unit": ("单位", FieldKind.CHOICE),
    **LIST_FIELDS,
    "remark": ("备注", FieldKind.TEXT),
}
"""What a row of the register holds: the unit, what the units' own list asks, a remark."""
NEEDED = ("unit", "kind", "date", "filing")
"""Without these a row counts for nothing."""

COLUMNS = Columns(
    Column("key", "", 3, hidden=True),
    Column("number", "序号", 6),
    Column("unit", "单位", 16),
    Column("kind", "类别", 20),
    Column("date", "日期", 13),
    Column("partner", "合作单位", 28),
    Column("subject", "活动主题或协议名称", 38),
    Column("filing", "备案号", 20),
    Column("remark", "备注", 22),
    Column("check", "检查", 13),
)


def identity(plan: str, year: int) -> str:
    """Return the text that tells a register: of which plan and year it is."""
    return f"{IDENTITY};{plan};{year}"


def row_key(number: int) -> str:
    """Return the hidden key of an entry row, numbered from 1."""
    return f"row{number:04d}"
