"""Write a plan's tables as a workbook or a folder of text files; what stands there is kept."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from consolidator.errors import OperatorError
from consolidator.excel.writer import to_bytes
from consolidator.files import keep, write_all
from consolidator.forms.plan.book import plan_book
from consolidator.plan.about import SETTINGS
from consolidator.plan.tables import COLUMNS, PlanTables
from consolidator.plan.text_files import texts_of

WORKBOOK = ".xlsx"
_OTHERS = {
    ".xls", ".xlsm", ".xlsb", ".et", ".ods", ".csv", ".toml", ".txt", ".doc", ".docx", ".pdf",
    ".json", ".zip", ".wps", ".xltx",
}  # fmt: skip
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
"""What a cell cannot hold: XML has no place for it, or turns it into something else."""
_LONGEST = 32_767
"""Characters of a cell (Excel specifications and limits)."""
_MOST_UNITS = 4_000


class Written(NamedTuple):
    """What was written, and where a workbook that stood there was kept."""

    path: Path
    kept: Path | None


def default_target(tables: PlanTables) -> Path:
    """Return where a plan is written unless told: ``目标任务_2017.xlsx``."""
    year = tables.settings.get("year")
    return Path(f"目标任务_{year}.xlsx" if isinstance(year, int) else "目标任务.xlsx")


def write_plan(tables: PlanTables, target: Path, *, now: datetime) -> Written:
    """Write a plan to ``target``: a workbook if it ends in .xlsx, else a new folder.

    Raises:
        OperatorError: the target is a file of another kind or a folder with something in it, a
            text cannot be written there, or the disk refuses.
    """
    suffix = target.suffix.lower()
    if suffix == WORKBOOK and not target.is_dir():
        return _write_book(tables, target, now=now)
    if suffix in _OTHERS or target.is_file():
        raise OperatorError(
            f"不能写成“{target.name}”：请写以 .xlsx 结尾的文件名，或一个新文件夹的名称。"
        )
    if target.is_dir() and any(target.iterdir()):
        raise OperatorError(f"文件夹“{target}”里已有文件：请换一个新文件夹，以免覆盖。")
    texts = texts_of(tables)
    write_all({target / name: text.encode() for name, text in texts.items()})
    return Written(target, None)


def _write_book(tables: PlanTables, target: Path, *, now: datetime) -> Written:
    for place, text in _texts(tables):
        if _UNWRITABLE.search(text):
            raise OperatorError(f"{place} 的文字含有不可见的符号，不能写进工作簿：请删去后重试。")
        if len(text) > _LONGEST:
            raise OperatorError(f"{place} 的文字超过 {_LONGEST} 字，写不进一格：请压缩后重试。")
    if len(tables.unit_columns) > _MOST_UNITS:
        raise OperatorError(f"单位超过 {_MOST_UNITS} 个，写不进一张工作表：请改用文件夹。")
    content = to_bytes(plan_book(tables))
    other = target.exists() and target.read_bytes() != content
    kept = keep(target, stamp=now) if other else None
    write_all({target: content})
    return Written(target, kept)


def _texts(tables: PlanTables) -> Iterator[tuple[str, str]]:
    for table in COLUMNS:
        for row in tables.rows[table]:
            yield from ((row.place(column), text) for column, text in row.values.items())
    for section, keys in SETTINGS.items():
        settings = tables.settings.get(section, {}) if section else tables.settings
        for key in keys:
            value = settings.get(key) if isinstance(settings, dict) else None
            if isinstance(value, str):
                yield tables.wording.setting(section, key), value
