"""A plan's tables: rows that know their place, and their text files; nothing is judged here."""

import csv
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Protocol

from consolidator.errors import OperatorError
from consolidator.files import toml_place
from consolidator.plan.faults import Fault

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


class Wording(Protocol):
    """How a plan's source names its places and words to the one who edits it."""

    def cell(self, table: str, line: int, column: str) -> str:
        """Say where a value stands; the whole line where ``column`` is empty."""

    def table(self, table: str) -> str:
        """Say where a table stands."""

    def column(self, table: str, column: str) -> str:
        """Say where a column of a table stands."""

    def head(self, table: str) -> str:
        """Say where the heading of a table stands."""

    def setting(self, section: str, key: str = "") -> str:
        """Say where a setting or, without a key, its section stands."""

    def word(self, word: str) -> str:
        """Return a choice or the name of a setting as it is written there."""


class TextWording:
    """The places and words of a folder of text files: ``targets.csv 第 3 行 menghe 列``."""

    def cell(self, table: str, line: int, column: str) -> str:
        """Name the file, the line and the column."""
        return f"{table}.csv 第 {line} 行" + (f" {column} 列" if column else "")

    def table(self, table: str) -> str:
        """Name the file."""
        return f"{table}.csv"

    def column(self, table: str, column: str) -> str:
        """Name the file and the column."""
        return f"{table}.csv {column} 列"

    def head(self, table: str) -> str:
        """Name the file's first line."""
        return f"{table}.csv 表头"

    def setting(self, section: str, key: str = "") -> str:
        """Name the section of the file of settings."""
        return f"plan.toml [{section}]" if section else "plan.toml"

    def word(self, word: str) -> str:
        """Return the word itself; an amount is written as three parts."""
        return "“代码:名称:计量单位”" if word == "amount" else word


TEXT = TextWording()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: its values as text, and where it stands."""

    table: str
    line: int
    """Counted from 1, as the one who edits the source sees it."""
    values: Mapping[str, str]
    wording: Wording = TEXT

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    def place(self, column: str = "") -> str:
        """Say where a value stands, as its source names places."""
        return self.wording.cell(self.table, self.line, column)


@dataclass(frozen=True, slots=True)
class PlanTables:
    """A plan as written: the settings, and the rows of each table."""

    settings: Mapping[str, Any]
    rows: Mapping[str, tuple[Row, ...]]
    columns: Mapping[str, tuple[str, ...]]
    wording: Wording = TEXT
    faults: tuple[Fault, ...] = field(default=())
    """What the reading already found, before anything is judged."""

    @property
    def unit_columns(self) -> tuple[str, ...]:
        """The columns of the targets that stand for units."""
        return tuple(one for one in self.columns["targets"] if one not in COLUMNS["targets"])


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
        f"找不到目标任务“{spec}”：请写自带的年度（{years}）、目标任务工作簿（.xlsx），"
        "或含有 plan.toml 的文件夹路径。"
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
        text = (source / name).read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise OperatorError(f"目标任务缺少文件 {name}：请补上后重试。") from error
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"目标任务文件 {name} 读不出来：请另存为 UTF-8 编码后重试。") from error
    return text.replace("\r\n", "\n")


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
