"""Read the operator's list of reviewers: names and, where given, the units they belong to."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from consolidator.errors import OperatorError
from consolidator.intake.form_tables import plain
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.opening import open_workbook
from consolidator.plan.model import Plan

_NAMES = ("姓名或编号", "姓名", "评委姓名", "评委", "编号", "评委编号")
_UNITS = ("所属单位", "所在单位", "单位", "工作单位")
_SEPARATORS = str.maketrans({"，": ",", "\t": ",", "；": ",", ";": ","})
Row = tuple[int, list[str]]
"""The number of a row as people count, and its cells."""


def read_reviewers(path: Path, plan: Plan) -> list[tuple[str, str]]:
    """Return each reviewer's name and the code of the own unit, empty where none is given.

    A workbook's first sheet, a .csv or a .txt file: the first column holds names and the second
    units, unless a heading says otherwise.

    Raises:
        OperatorError: the file cannot be read, or a row of it cannot be used.
    """
    rows = _rows(path)
    name_at, unit_at, rows = _columns(rows, path)
    units = {
        plain(word): unit.code for unit in plan.units for word in (unit.code, unit.name, unit.short)
    }
    found = []
    for number, row in rows:
        others = [cell for at, cell in enumerate(row) if at not in (name_at, unit_at)]
        if any(plain(cell) in units for cell in others if cell.strip()):
            raise OperatorError(
                f"评委名单“{path}”第 {number} 行的单位不在“所属单位”一列："
                "请把那一列的表头写作“所属单位”。"
            )
        name, unit = (row[at].strip() if at < len(row) else "" for at in (name_at, unit_at))
        if not name:
            raise OperatorError(
                f"评委名单“{path}”第 {number} 行没有姓名或编号：请补上，或删去该行。"
            )
        if unit and plain(unit) not in units:
            raise OperatorError(
                f"评委名单“{path}”第 {number} 行的单位“{unit}”不认识："
                "请写目标任务中的单位全称、简称或代码；不属于任何单位的请留空。"
            )
        found.append((name, units[plain(unit)] if unit else ""))
    return found


def _columns(rows: list[Row], path: Path) -> tuple[int, int, list[Row]]:
    """Return where names and units stand, and the rows without their heading."""
    if not rows:
        raise OperatorError(f"评委名单“{path}”里没有评委：请每行写一位评委的姓名或编号。")
    head = [plain(cell) for cell in rows[0][1]]
    name_at = next((head.index(word) for word in _NAMES if word in head), None)
    if name_at is not None:
        unit_at = next((head.index(word) for word in _UNITS if word in head), len(head))
        return name_at, unit_at, rows[1:]
    if crowded := next((n for n, row in rows if any(cell.strip() for cell in row[2:])), 0):
        raise OperatorError(
            f"评委名单“{path}”第 {crowded} 行多于两列：请只留姓名和所属单位，"
            "或在第一行写上表头“姓名”“所属单位”。"
        )
    return 0, 1, rows


def _rows(path: Path) -> list[Row]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise OperatorError(
            f"评委名单“{path}”读不出来：请检查路径，或关闭正在打开它的程序。"
        ) from error
    suffix = path.suffix.lower()
    if suffix in (".csv", ".txt"):
        lines: Sequence[Sequence[object]] = _text_rows(content, suffix, path)
    else:
        try:
            opened = open_workbook(content)
        except NotReadableError as error:
            raise OperatorError(
                f"评委名单“{path}”读不出来：请用 .xlsx、.csv 或 .txt 文件，不要设打开密码。"
            ) from error
        name, lines = next(iter(opened.sheets.items()), ("", ()))
        marks = opened.marks.get(name)
        if marks and (marks.merges or marks.errors or marks.uncomputed):
            raise OperatorError(
                f"评委名单“{path}”里有合并单元格、错误值或没有算出的公式："
                "请取消合并，逐格写出姓名和所属单位。"
            )
    told = [(n, [_text(cell) for cell in row]) for n, row in enumerate(lines, start=1)]
    return [(n, row) for n, row in told if any(cell.strip() for cell in row)]


def _text_rows(content: bytes, suffix: str, path: Path) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise OperatorError(f"评委名单“{path}”读不出来：请以 UTF-8 编码保存。")
    if suffix == ".txt":
        return [line.translate(_SEPARATORS).split(",") for line in text.splitlines()]
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise OperatorError(f"评委名单“{path}”不是正确的 CSV 文件：请用 Excel 另存。") from error


def _text(cell: object) -> str:
    """Return a cell as text: a number that someone goes by without decimals."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)
