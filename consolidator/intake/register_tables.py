"""Find the tables of a register: by hidden keys, else by headings as bureaus write them.

A heading that fits two columns is refused, never chosen between.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from consolidator.errors import OperatorError
from consolidator.forms.layout import address
from consolidator.forms.register.columns import COLUMNS, FIELDS, NEEDED, SHEET
from consolidator.intake.formats.marks import Marks
from consolidator.intake.formats.reading import Rows
from consolidator.intake.opening import Opened
from consolidator.intake.placing import KEY, keyed_tables
from consolidator.intake.remembering import remembered

_SEARCHED_ROWS = 40
_BRACKETS = "()[]{}【】〔〕「」*:：/、,"
_HEADINGS: Mapping[str, Sequence[Sequence[str]]] = {
    "unit": [
        ("单位", "所属单位", "单位名称", "填报单位", "申报单位", "所在单位", "责任单位", "镇街道",
         "镇街", "镇街园区", "镇园区街道", "所属镇街道", "所属镇街", "所在镇街道", "所在镇街",
         "属地", "板块", "辖区"),
    ],
    "kind": [("类别", "类型", "种类", "备案类别", "备案类型", "活动类别", "活动类型")],
    "date": [
        ("日期", "时间", "活动日期", "活动时间", "举办日期", "举办时间", "签订日期", "签订时间",
         "签约日期", "签约时间", "活动或签订日期", "活动或签约日期"),
    ],
    "partner": [
        ("合作单位", "高校院所", "合作高校院所", "合作高校", "合作院校", "合作院所", "合作方",
         "合作对象", "高校", "院校", "来访单位", "来访高校院所"),
    ],
    "subject": [
        ("活动主题或协议名称",),
        ("活动主题", "协议名称", "活动名称", "主题", "名称", "项目名称", "主题或名称", "内容"),
    ],
    "filing": [
        ("备案号", "备案编号", "备案登记号", "备案证号"),
        ("编号", "登记号", "登记编号", "文号"),
    ],
    "remark": [("备注",), ("说明",)],
}  # fmt: skip
"""What a column may be called; of a first choice and a second one the first is meant."""
assert set(_HEADINGS) == set(FIELDS)
_TOLD = ("subject", "remark")
"""Columns that are only shown: of several the one farthest left is."""
_KEYS = tuple(column.key for column in COLUMNS.all)


@dataclass(frozen=True, slots=True)
class RegisterTable:
    """Where the columns of a register stand in a sheet, counted from 0."""

    sheet: str
    rows: Rows
    marks: Marks
    head: int
    """The row of the headings, or that of the hidden keys above them."""
    columns: Mapping[str, int]

    def is_heading(self, row: Sequence[object]) -> bool:
        """Tell whether a row names the columns over again, as at the top of a page."""
        named = [row[at] for at in self.columns.values() if at < len(row) and row[at]]
        wanted = [name for name, at in self.columns.items() if at < len(row) and row[at]]
        return len(named) >= len(NEEDED) and all(
            _fits(name, text) is not None for name, text in zip(wanted, named, strict=True)
        )


def find_tables(opened: Opened, called: str) -> tuple[list[RegisterTable], list[str]]:
    """Return the register's tables, one a sheet, and the sheets that hold other things.

    Args:
        opened: the workbook.
        called: how messages call it.

    Raises:
        OperatorError: two columns of a sheet have a heading for the same.
    """
    keyed = {
        table.sheet: RegisterTable(
            table.sheet,
            table.rows,
            table.marks,
            table.header,
            {name: table.column_of[name] for name in FIELDS if name in table.column_of},
        )
        for table in keyed_tables(opened, SHEET, _KEYS)
        if set(NEEDED) <= table.column_of.keys()
    }
    tables, others = [], []
    for name, rows in opened.sheets.items():
        table = keyed.get(name) or _headed(name, rows, opened.marks[name], called)
        if table:
            tables.append(table)
        elif any(cell not in (None, "") for row in rows for cell in row):
            others.append(name)
    return tables, others


def _headed(sheet: str, rows: Rows, marks: Marks, called: str) -> RegisterTable | None:
    for index, row in enumerate(rows[:_SEARCHED_ROWS]):
        places = dict(_places(row))
        if not set(NEEDED) <= places.keys():
            continue
        for name, found in places.items():
            if len(found) > 1 and name not in _TOLD:
                cells = "、".join(f"{address(index, at)}“{_shown(row[at])}”" for at in found)
                raise OperatorError(
                    f"{called}的工作表“{sheet}”中 {cells} 都像“{FIELDS[name][0]}”："
                    "请只留一列用这样的表头，其他的改名。"
                )
        return RegisterTable(sheet, rows, marks, index, {k: v[0] for k, v in places.items()})
    return None


def _places(row: Sequence[object]) -> Iterator[tuple[str, list[int]]]:
    """Yield the columns that a row names, each with the places of its best heading."""
    for name in FIELDS:
        ranks = {at: rank for at, cell in enumerate(row) if (rank := _fits(name, cell)) is not None}
        if ranks:
            best = min(ranks.values())
            yield name, [at for at, rank in ranks.items() if rank == best]


def _fits(name: str, cell: object) -> int | None:
    """Return how well a cell names a column: 0 best, None not at all."""
    if not isinstance(cell, str):
        return None
    words = heading_words(cell)
    for rank, titles in enumerate(_HEADINGS[name]):
        if not words.isdisjoint(titles):
            return rank
    return None


@remembered(4_096)
def heading_words(text: str) -> frozenset[str]:
    """Return what a heading may be read as: with what stands in brackets, and without."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    bare = "".join(char for char in plain if char not in _BRACKETS)
    outside = plain.partition("(")[0].strip(_BRACKETS)
    return frozenset((bare, outside))


def _shown(cell: object) -> str:
    return " ".join(str(cell).split())[:20]


assert KEY in _KEYS
