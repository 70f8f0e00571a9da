"""Read a plan's text files into rows that know their place; nothing is judged here."""

import csv
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from consolidator.errors import OperatorError
from consolidator.files import toml_place

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "units": ("code", "name", "short"),
    "indicators": (
        "code", "number", "group", "name", "measure", "kind", "accrual", "parent",
        "first_quarter", "filed_kinds", "numerator", "denominator", "district_target",
        "weight", "meaning", "rule",
    ),
    "targets": ("indicator", "name"),
    "district_targets": (
        "code", "number", "name", "measure", "kind", "target", "parent", "first_quarter", "source",
        "numerator", "denominator",
    ),
    "review_items": ("number", "name", "full_marks"),
    "contacts": ("unit", "name", "mail", "copy"),
}  # fmt: skip
"""Each table's columns; ``targets`` has one more for every unit code."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: its values as text, and where it stands."""

    table: str
    line: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    def place(self, column: str = "") -> str:
        """Say where a value stands: ``targets.csv 第 3 行 menghe 列``."""
        return f"{self.table}.csv 第 {self.line} 行" + (f" {column} 列" if column else "")


@dataclass(frozen=True, slots=True)
class PlanTables:
    """A plan as written: the settings, and the rows of each table."""

    settings: Mapping[str, Any]
    rows: Mapping[str, tuple[Row, ...]]
    columns: Mapping[str, tuple[str, ...]]


def find_source(spec: str) -> Traversable:
    """Return the folder that holds a plan: a shipped year (``2017``) or a path.

    Raises:
        OperatorError: there is no such plan.
    """
    shipped = files("consolidator.plan") / "data"
    if (shipped / spec / "plan.toml").is_file():
        return shipped / spec
    folder = Path(spec)
    if (folder / "plan.toml").is_file():
        return folder
    years = "、".join(sorted(entry.name for entry in shipped.iterdir() if entry.is_dir()))
    raise OperatorError(
        f"找不到目标任务“{spec}”：请写自带的年度（{years}），或含有 plan.toml 的文件夹路径。"
    )


def read_tables(source: Traversable) -> PlanTables:
    """Read every file of the plan in the folder ``source``.

    Raises:
        OperatorError: a file is missing, is not UTF-8, or is not a table as described.
    """
    try:
        settings = tomllib.loads(_text(source, "plan.toml"))
    except tomllib.TOMLDecodeError as error:
        raise OperatorError(
            f"plan.toml 写法有误（{toml_place(error)}）：请对照自带的 2017 年文件改正。"
        ) from error
    rows, columns = {}, {}
    for table, needed in COLUMNS.items():
        columns[table], rows[table] = _read_table(table, _text(source, f"{table}.csv"), needed)
    return PlanTables(settings, rows, columns)


def _text(source: Traversable, name: str) -> str:
    try:
        return (source / name).read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise OperatorError(f"目标任务缺少文件 {name}：请补上后重试。") from error
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"目标任务文件 {name} 读不出来：请另存为 UTF-8 编码后重试。") from error


def _read_table(
    table: str, text: str, needed: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    lines = csv.reader(io.StringIO(text))
    header = tuple(cell.strip() for cell in next(lines, []))
    if missing := [column for column in needed if column not in header]:
        raise OperatorError(f"{table}.csv 缺少列：{'、'.join(missing)}；请补上表头后重试。")
    if repeated := sorted({column for column in header if header.count(column) > 1}):
        raise OperatorError(f"{table}.csv 有重复的列：{'、'.join(repeated)}；请只保留一列。")
    rows = []
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise OperatorError(
                f"{table}.csv 第 {lines.line_num} 行有 {len(cells)} 格，表头有 {len(header)} 格；"
                "请补齐或删去多余的逗号。"
            )
        values = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        rows.append(Row(table, lines.line_num, values))
    return header, tuple(rows)
