"""Where every field of the review form stands as issued: the one source for writer and reader."""

from consolidator.forms.layout import Column, Columns, address
from consolidator.forms.quarterly.assignment import Key
from consolidator.forms.review.assignment import REASON, ReviewAssignment, item_key
from consolidator.plan.model import ReviewItem, Unit

SHEET = "评议表"
TITLE, INFO, NOTE, BANNER, HEAD = range(2, 7)
"""The rows below the two hidden ones; the table begins after them."""
FIRST = HEAD + 1
HEAD_KEY, INFO_KEY = "#head", "#info"
"""Keys of the rows that hold the headings and the reviewer's name: no unit has such a code."""
NAMED = "评委："
"""What stands before the reviewer's name above the table."""
_ACROSS, _NARROWEST, _WIDEST = 66, 11, 22
"""Digits over which the columns of the items share, and what one of them takes."""


def heading(item: ReviewItem) -> str:
    """Return what stands over the column of an item: its name and full marks."""
    return f"{item.number}. {item.name}\n（满分 {item.full_marks:g} 分）"


class ReviewPlaces:
    """The rows and columns of one reviewer's form."""

    def __init__(self, assignment: ReviewAssignment) -> None:
        """Lay the units out from top to bottom and the items from left to right."""
        items, units = assignment.items, assignment.plan.units
        width = min(max(_ACROSS / len(items), _NARROWEST), _WIDEST)
        self.columns = Columns(
            Column("key", "", 3, hidden=True),
            Column("number", "序号", 6),
            Column("unit", "单位", 30),
            *(Column(item_key(item), heading(item), width) for item in items),
            Column("total", "合计", 8),
            Column("check", "自检", 12),
            Column(REASON, "未评原因\n（有留空的须填）", 28),
            Column("unexplained", "", 3, hidden=True),
            Column("wrong", "", 3, hidden=True),
        )
        self.rows = {unit.code: FIRST + place for place, unit in enumerate(units)}
        self.last = FIRST + len(units) - 1
        self.signature = self.last + 2
        """The row for signature and date; an empty row stands above it."""
        self.first_item, self.last_item = (
            self.columns.index(item_key(items[place])) for place in (0, -1)
        )

    def cell(self, key: Key) -> tuple[int, int]:
        """Return row and column of a field, counted from 0."""
        return self.rows[key.row], self.columns.index(key.column)

    def local(self, key: Key) -> str:
        """Return a field's address for formulas of its own sheet."""
        return address(*self.cell(key))

    def marks(self, unit: Unit) -> str:
        """Return the range of a unit's marks."""
        row = self.rows[unit.code]
        return f"{address(row, self.first_item)}:{address(row, self.last_item)}"
