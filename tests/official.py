"""Make official documents as they are printed: annexes 1 to 3 in Word, and pasted into Excel."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import docx
import openpyxl
from docx.document import Document
from docx.enum.text import WD_BREAK

from plans import SHIPPED_TABLES

UNITS = (
    "滨江经济开发区\n\n（春江镇）", "现代农业产业园区（孟河镇）", "新龙国际\n\n商务区\n\n(新桥镇)",
    "生命健康产业园区（薛家镇）", "空港\n\n产业园\n\n（罗溪镇）", "西夏墅镇", "奔\n\n牛\n\n镇",
    "河海街道", "三井街道", "光伏产业园区\n\n（龙虎塘街道）", "创意产业\n\n基地",
)  # fmt: skip
"""The heads of annex 2 as the official text breaks them."""
CORNER = "                单  位\n\n    指  标"
TITLE = ("2017年常州高新区（新北区）园区（镇、街道）", "创新驱动强化工程目标与任务表")
NOTE = "备注：产学研活动及协议以报科技局合作处备案信息为准。"
MARKS = (
    "党委、政府对科技\n\n工作的重视程度\n\n（10分）",
    "科技工作机构构建、人员和专项资金的\n\n保障情况\n\n（10分）",
    "科技创新的氛围及\n\n特色工作\n\n（１０分）",
)
Cells = list[list[str | None]]
"""Rows of texts; None continues the cell above, and "<" the one to the left."""


def wide(text: str) -> str:
    """Write digits and percent signs full-width."""
    return "".join(chr(ord(c) + 0xFEE0) if c in "0123456789%" else c for c in text)


def annex_2(change: Callable[[str, str, str], str] = lambda _row, _unit, text: text) -> Cells:
    """Return annex 2 as printed; ``change`` says what stands in a cell instead."""
    rows: Cells = [[CORNER, "<", "<", *UNITS]]
    number = group = ""
    codes = [row["code"] for row in SHIPPED_TABLES.rows["units"]]
    by_code = {row["indicator"]: row for row in SHIPPED_TABLES.rows["targets"]}
    for one in SHIPPED_TABLES.rows["indicators"]:
        first: str | None = one["number"] if one["number"] != number else None
        named = one["name"] + ("（%）" if one["kind"] == "ratio" else "")
        named = named.replace("其中：科", "其中：\n\n科")
        if one["group"]:
            second: str | None = None if (first is None and group == one["group"]) else one["group"]
            labels = [first, second, named]
        else:
            labels = [first, named, "<"]
        number, group = one["number"], one["group"]
        values = [change(one["code"], code, by_code[one["code"]][code]) for code in codes]
        rows.append([*labels, *values])
    return rows


def annex_1() -> Cells:
    """Return annex 1 as printed: per cent without the sign."""
    rows: Cells = [["序号", "指标名称", "单位", "全区"]]
    number = ""
    for one in SHIPPED_TABLES.rows["district_targets"]:
        first = one["number"] if one["number"] != number else None
        number = one["number"]
        rows.append([first, one["name"], one["measure"], one["target"].removesuffix("%")])
    return rows


def annex_3() -> Cells:
    """Return annex 3 as printed, with nothing scored."""
    head: list[str | None] = ["              单  位\n\n指  标", "<", *UNITS]
    blank: list[str | None] = [""] * len(UNITS)
    return [head, *[[str(n), name, *blank] for n, name in enumerate(MARKS, start=1)]]


def into_word(pieces: Sequence[str | Cells]) -> Document:
    """Return a Word document of paragraphs and tables."""
    document = docx.Document()
    for piece in pieces:
        if isinstance(piece, str):
            document.add_paragraph(piece)
            continue
        table = document.add_table(len(piece), len(piece[0]))
        # Asked for once: python-docx looks up every cell anew, which takes a second a table.
        grid = [list(row.cells) for row in table.rows]
        for cells, texts in zip(grid, piece, strict=True):
            for cell, text in zip(cells, texts, strict=True):
                if text not in (None, "<"):
                    _type(cell, str(text))
        for cells, texts in zip(grid, piece, strict=True):
            for column, text in enumerate(texts):
                if text == "<":
                    cells[column] = cells[column - 1].merge(cells[column])
        for row, texts in enumerate(piece):
            for column, text in enumerate(texts):
                if text is None:
                    grid[row - 1][column].merge(grid[row][column])
    return document


def _type(cell: Any, text: str) -> None:
    """Type a text: an empty line is a paragraph, a single break stays in it."""
    paragraphs = text.split("\n\n")
    for number, part in enumerate(paragraphs):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        for line, piece in enumerate(part.split("\n")):
            run = paragraph.add_run()
            if line:
                run.add_break(WD_BREAK.LINE)
            # Word itself cuts a number into runs as it is edited.
            run.add_text(piece[:1])
            paragraph.add_run(piece[1:])


def official(**change: Any) -> list[str | Cells]:
    """Return the annexes of the official text, titles and note included."""
    return [
        "附件1", "2017年常州苏南国家", "自主创新示范区建设新北区工作目标分解表", annex_1(),
        "附件2", *TITLE, annex_2(**change), NOTE,
        "附件3", "2017年常州高新区（新北区）园区（镇、街道）苏南国家",
        "自主创新示范区建设工作开展进度评议表", "评议日期：", annex_3(),
    ]  # fmt: skip


def saved(document: Document) -> bytes:
    """Return the file of a document."""
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def pasted(path: Path, cells: Cells, *, at: tuple[int, int] = (4, 2), merged: bool = True) -> Path:
    """Paste annex 2 somewhere into a workbook, as Excel does: numbers as numbers."""
    workbook = openpyxl.Workbook()
    sheet: Any = workbook.active
    sheet.cell(at[0] - 1, at[1], "".join(TITLE))
    for row, texts in enumerate(cells):
        for column, text in enumerate(texts):
            if text in (None, "<"):
                continue
            cell = sheet.cell(at[0] + row, at[1] + column)
            _number(cell, str(text), label=column < 3 or row == 0)
    for row, texts in enumerate(cells if merged else []):
        column = 0
        while column < len(texts):
            right = column
            while right + 1 < len(texts) and texts[right + 1] == "<":
                right += 1
            if right > column:
                sheet.merge_cells(
                    start_row=at[0] + row, end_row=at[0] + row,
                    start_column=at[1] + column, end_column=at[1] + right,
                )  # fmt: skip
            column = right + 1
    for column in range(len(cells[0]) if merged else 0):
        row = 1
        while row < len(cells):
            bottom = row
            while bottom + 1 < len(cells) and cells[bottom + 1][column] is None:
                bottom += 1
            if bottom > row:
                sheet.merge_cells(
                    start_row=at[0] + row, end_row=at[0] + bottom,
                    start_column=at[1] + column, end_column=at[1] + column,
                )  # fmt: skip
            row = bottom + 1
    sheet.cell(at[0] + len(cells), at[1], NOTE)
    workbook.save(path)
    return path


def _number(cell: Any, text: str, *, label: bool) -> None:
    if not label and text.endswith("%") and text.isascii():
        cell.value, cell.number_format = float(text[:-1]) / 100, "0.0%"
    elif not label and text.isascii() and text.isdigit():
        cell.value = int(text)
    else:
        cell.value = text
