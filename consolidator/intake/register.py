"""Read a register of filings: the product's own workbook, or a list that the bureau keeps.

The operator names it, so what cannot be read at all is the operator's mistake; what is wrong in
a row stays with the row. Nothing is judged here but whether a cell's content can be used.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import NamedTuple

from consolidator.errors import OperatorError
from consolidator.forms.layout import address
from consolidator.forms.quarterly.assignment import FieldKind
from consolidator.forms.register.columns import FIELDS, GUIDE, IDENTITY
from consolidator.forms.stamp import MARK
from consolidator.intake.formats.marks import Marks, Place
from consolidator.intake.formats.references import leads_outside
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.limits import REGISTER
from consolidator.intake.opening import Opened, open_workbook
from consolidator.intake.register_tables import RegisterTable, find_tables
from consolidator.intake.typed import Taken, take
from consolidator.intake.values import Source, State
from consolidator.plan.model import Plan

_BLANK = Taken("", State.BLANK)
_OURS = "consolidator-"
"""What every workbook that this product writes says in the first cells of its sheets."""
_QUOTED = re.compile(r'"([^"]*)"|[\\!](.)')
_FIRST_CELLS = 12
_LONG_NUMBER = 1e15
"""From here on a program no longer keeps every digit of a number (15 digits)."""
_MOST_COVERED = 1_000_000
_WHY = {
    "file_empty": "是空文件",
    "file_encrypted": "设有打开密码：请取消密码，或写入密码文件并用 --password-file 指明",
    "password_wrong": "设有打开密码，给出的密码都不对：请改正密码文件，或取消打开密码",
    "file_damaged": "已损坏：请用 Excel 打开、另存后重试，或换一份完好的",
    "file_too_large": "超出可读范围：请只留备案信息的表，删去其他内容和空行后重试",
    "file_unsafe": "内部异常，为安全起见没有读取：请用 Excel 打开后另存再试",
    "archive_packed": "是压缩包：请解压后指明其中的工作簿",
}
_FOREIGN = "不是可读的 Excel/WPS 工作簿：请指明登记备案信息的工作簿"


class Noticed(NamedTuple):
    """Something about the register that its keeper should look at, with its first place."""

    what: str
    source: Source


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A row that holds anything; a column without a content is not in ``cells``."""

    file: str
    table: RegisterTable
    row: int
    cells: Mapping[str, Taken]
    faults: Mapping[str, str]
    """Why the content of a column cannot be used, in Chinese."""

    def cell(self, column: str) -> Taken:
        """Return what stands in a column; blank where the register has no such column."""
        return self.cells.get(column, _BLANK)

    def source(self, column: str) -> Source:
        """Return the cell of a column; a column the register lacks is told by the number's."""
        at = self.table.columns.get(column, self.table.columns["filing"])
        return Source(self.file, self.table.sheet, address(self.row, at))


@dataclass(frozen=True, slots=True)
class Register:
    """A register that was read."""

    file: str
    """How findings call it."""
    path: Path
    rows: tuple[RegisterRow, ...]
    noticed: tuple[Noticed, ...]
    unread: tuple[str, ...]
    """Sheets that hold something and no table of filings."""


def read_register(path: Path, name: str, plan: Plan, passwords: Sequence[str] = ()) -> Register:
    """Read every row of the register at ``path``; ``name`` is how findings call it.

    Raises:
        OperatorError: it is not there, cannot be read, is whole no more, holds no table of
            filings, or is another workbook of this product or another year's register.
    """
    called = f"备案信息“{path}”"
    try:
        opened = open_workbook(path.read_bytes(), limits=REGISTER, passwords=passwords)
    except FileNotFoundError as error:
        raise OperatorError(f"找不到{called}：请改正 --register 后的路径。") from error
    except OSError as error:
        raise OperatorError(
            f"{called}读不出来：请检查是不是文件、有没有读取权限，在 Excel/WPS 中打开的请先关闭。"
        ) from error
    except NotReadableError as problem:
        why = _WHY.get(problem.refusal.code, _FOREIGN)
        raise OperatorError(f"{called}{why}。") from problem
    if any(one.code == "file_salvaged" for one in opened.remarks):
        raise OperatorError(f"{called}{_WHY['file_damaged']}。")
    _hold_identity(opened, called, plan)
    tables, others = find_tables(opened, called)
    if not tables:
        raise OperatorError(
            f"{called}里没有备案信息的表：表头的一行须有单位、类别、日期、备案号四列，"
            "可用 consolidator register 生成空表登记。"
        )
    rows: list[RegisterRow] = []
    noticed: list[Noticed] = []
    for table in tables:
        try:
            reader = _Reader(table, name)
        except NotReadableError as problem:
            raise OperatorError(f"{called}{_WHY['file_too_large']}。") from problem
        rows += reader.rows()
        noticed += reader.noticed()
    unread = tuple(one for one in others if one != GUIDE)
    return Register(name, path, tuple(rows), tuple(noticed), unread)


def _hold_identity(opened: Opened, called: str, plan: Plan) -> None:
    """Hold that it is no other workbook of this product, and no other year's register."""
    for sheet in opened.sheets.values():
        for row in sheet[:_FIRST_CELLS]:
            told = row[0] if row and isinstance(row[0], str) else ""
            if told.startswith(MARK):
                raise OperatorError(f"{called}是填报表，不是备案信息：请改正 --register 后的路径。")
            if told.startswith(IDENTITY):
                if told.rpartition(";")[2] != str(plan.year):
                    raise OperatorError(
                        f"{called}不是 {plan.year} 年的：请用该年度的备案信息，"
                        "或改正报告期和 --plan。"
                    )
            elif told.startswith(_OURS):
                raise OperatorError(
                    f"{called}是程序生成的汇总表或处理意见，不是备案信息："
                    "请改正 --register 后的路径。"
                )


class _Reader:
    """Reads the rows of one table."""

    def __init__(self, table: RegisterTable, file: str) -> None:
        self.table = table
        self.file = file
        self.name_of = {at: name for name, at in table.columns.items()}
        self.shown: dict[Place, Place] = {}
        """Cells that a merged area covers downward, by the cell that shows for all of them."""
        self.mixed: set[Place] = set()
        """Cells that a merged area puts together with another column's, or with another number."""
        for area in table.marks.merges:
            self._merged(*area)
        self.seen: dict[str, list[Place]] = {}

    def _merged(self, top: int, left: int, bottom: int, right: int) -> None:
        bottom = min(bottom, len(self.table.rows) - 1)
        columns = [at for at in self.name_of if left <= at <= right]
        if len(self.shown) + len(self.mixed) + (bottom - top) * len(columns) > _MOST_COVERED:
            raise NotReadableError("file_too_large", "合并区域")
        for row in range(max(top, self.table.head + 1), bottom + 1):
            for at in columns:
                alone = left == right and self.name_of[at] != "filing"
                if alone and row != top:
                    self.shown[row, at] = (top, left)
                elif not alone:
                    self.mixed.add((row, at))

    def rows(self) -> Iterator[RegisterRow]:
        """Yield the rows that hold anything of their own."""
        table, marks = self.table, self.table.marks
        failed = {row for row, at in marks.errors if at in self.name_of}
        failed |= {row for row, at in marks.uncomputed if at in self.name_of}
        places = list(table.columns.items())
        for index in range(table.head + 1, len(table.rows)):
            cells = table.rows[index]
            width = len(cells)
            own = any(at < width and cells[at] not in (None, "") for _, at in places)
            if not own and index not in failed:
                continue
            if table.is_heading(cells):
                continue
            taken = {name: self._taken(index, name, at) for name, at in places}
            faults = dict(self._faults(index, taken))
            held = any(one.state is not State.BLANK for one in taken.values())
            if held or faults:
                yield RegisterRow(
                    self.file, table, index, {k: v for k, v in taken.items() if v.raw}, faults
                )

    def _taken(self, row: int, name: str, at: int) -> Taken:
        place = self.shown.get((row, at), (row, at))
        if place != (row, at):
            self.seen.setdefault("merged", []).append((row, at))
        cells = self.table.rows[place[0]]
        content = cells[place[1]] if place[1] < len(cells) else None
        kind = FIELDS[name][1]
        taken = take(content, kind)
        if kind is FieldKind.DATE and taken.normalised and isinstance(content, str):
            self.seen.setdefault("text date", []).append((row, at))
        return taken

    def _faults(self, row: int, taken: Mapping[str, Taken]) -> Iterator[tuple[str, str]]:
        marks, cells = self.table.marks, self.table.rows[row]
        for name, one in taken.items():
            at = self.table.columns[name]
            place = self.shown.get((row, at), (row, at))
            if why := _formula_fault(marks, place):
                yield name, why
            elif (row, at) in self.mixed:
                yield name, "与别的单元格合并，分不清是哪一格的内容"
            elif one.state is State.UNREADABLE:
                yield name, one.reason
            elif self._is_disguised(place, name):
                yield name, "单元格格式使显示的与实存的不同，请把格式改为“文本”或日期后重新填写"
            elif name == "filing" and at < len(cells) and (why := _number_fault(cells[at])):
                yield name, why

    def _is_disguised(self, place: Place, name: str) -> bool:
        """Tell whether a cell's format may show something else than the cell holds."""
        code = self.table.marks.disguised.get(place, "")
        cells = self.table.rows[place[0]]
        content = cells[place[1]] if place[1] < len(cells) else None
        if not code or content in (None, ""):
            return False
        if isinstance(content, str):
            return code.count(";") > 2 or ("@" in code and code != "@")
        if isinstance(content, date):
            return any(
                char.isdigit() for quoted in _QUOTED.findall(code) for char in "".join(quoted)
            )
        return name in ("filing", "date")

    def noticed(self) -> Iterator[Noticed]:
        """Yield what was used and should yet be looked at, each with its first place."""
        table, marks = self.table, self.table.marks
        last = len(table.rows)
        inside = [
            place for place in marks.formulas
            if place[1] in self.name_of and table.head < place[0] < last
            and not _formula_fault(marks, place)
        ]  # fmt: skip
        hidden = [
            (row, at)
            for row in sorted(marks.hidden_rows)
            if table.head < row < last
            for at in sorted(self.name_of)
            if list(table.rows[row][at : at + 1]) not in ([], [None], [""])
        ]
        rows = {row for row, _ in hidden}
        unseen = [(table.head, at) for at in sorted(self.name_of) if at in marks.hidden_columns]
        for places, what in (
            (inside, f"{len(inside)} 个单元格是公式，按其结果采用"),
            (hidden, f"{len(rows)} 行被隐藏或筛选掉，其内容照样采用"),
            (unseen, f"{len(unseen)} 列被隐藏，其内容照样采用"),
            (self._outside(), "表头没有名称的列有内容，没有读，请核对是否另有一张表"),
            (self.seen.get("merged", []), "合并的单元格，按其覆盖的各行采用"),
            (
                self.seen.get("text date", []),
                f"{len(self.seen.get('text date', []))} 个日期是文字，已换作日期",
            ),
        ):
            if places:
                yield Noticed(what, Source(self.file, table.sheet, address(*min(places))))
        if marks.hidden:
            yield Noticed("被隐藏的工作表，其内容照样采用", Source(self.file, table.sheet, ""))

    def _outside(self) -> list[Place]:
        """Return the cells below a heading that names nothing: another table may stand there."""
        table = self.table
        heads = table.rows[table.head]
        named = {at for at, head in enumerate(heads) if head not in (None, "")} | set(self.name_of)
        first = min(self.name_of)
        return [
            (row, at)
            for row in range(table.head + 1, len(table.rows))
            for at, content in enumerate(table.rows[row])
            if at > first and at not in named and content not in (None, "")
        ][:1]


def _formula_fault(marks: Marks, place: Place) -> str:
    if place in marks.errors:
        return f"是公式错误值 {marks.errors[place]}"
    if place in marks.uncomputed:
        return "是没有算出结果的公式"
    if leads_outside(marks.formulas.get(place, "")):
        return "是引用其他文件的公式"
    return ""


def _number_fault(content: object) -> str:
    """Say why what is stored is not the filing number that was typed; empty where it may be."""
    if isinstance(content, (date, time, timedelta)):
        return "已被换作日期，请设为文本重新填写"
    if isinstance(content, (int, float)) and abs(content) >= _LONG_NUMBER:
        return "是超过 15 位的数字，末几位已不准，请设为文本重新填写"
    return ""
