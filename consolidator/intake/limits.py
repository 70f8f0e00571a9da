"""How much a file may ask of its reader: every limit on what comes back, in one place.

Staff may raise them in the workspace's settings; nothing else in the package holds a limit on
a returned file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be at most; a file beyond one of these is refused and told which."""

    file_mb: int = 20
    """Size of a file as it lies in the folder, or in an archive."""
    unpacked_mb: int = 100
    """Size of all its parts, unpacked."""
    ratio: int = 250
    """How many times larger a part over 1 MB may be than it is packed."""
    parts: int = 1_000
    tags: int = 1_000_000
    """Tags of all XML parts: they bound rows, cells, texts and everything else."""
    records: int = 400_000
    """Records of a workbook in .xls, .et or .xlsb form: they bound its cells and the rest."""
    sheets: int = 60
    rows: int = 20_000
    """The last row that may hold anything: a reader lays out everything up to it."""
    columns: int = 256
    cells: int = 1_000_000
    """Cells of all sheets, blank ones up to the last that holds anything included."""
    formula_length: int = 8_192
    """Characters of a formula: Excel takes no longer one."""
    strings: int = 500_000
    """Texts in the shared table of a workbook."""
    merges: int = 5_000
    links: int = 5_000
    format_length: int = 1_000
    """Characters of one number format."""
    archive_members: int = 300
    archive_mb: int = 400
    """Size of all that an archive holds, unpacked."""
    archive_seconds: int = 120
    """How long reading all that an archive holds may take."""
    hash_rounds: int = 1_000_000
    """Rounds of hashing that opening an encrypted workbook with one password may take."""
    seconds: int = 10
    """How long reading one file may take."""
    memory_mb: int = 768
    """How much memory the process that reads may take."""


RETURN = Limits()
"""For what units send."""
OWN = Limits(
    file_mb=1024, unpacked_mb=4096, tags=1_000_000_000, records=100_000_000, rows=1_048_576,
    columns=16_384, cells=1_000_000_000, strings=10_000_000, merges=1_000_000, links=1_000_000,
    seconds=600, memory_mb=4096,
)  # fmt: skip
"""For a workbook this product wrote, over thousands of units."""
PLAN = replace(RETURN, columns=4_096, cells=4_000_000)
"""For a plan workbook or a document with a plan's tables: a column for each of many units."""

MEANINGS: Mapping[str, str] = {
    "file_mb": "单个文件的大小（MB）",
    "unpacked_mb": "工作簿解压后的大小（MB）",
    "ratio": "部件的压缩倍数",
    "parts": "工作簿内的部件数",
    "tags": "全部部件的标记数",
    "records": "旧格式和二进制格式的记录数",
    "sheets": "工作表数",
    "rows": "有内容的最大行号",
    "columns": "有内容的最大列号",
    "cells": "全部工作表铺开的单元格数",
    "formula_length": "一个公式的字符数",
    "strings": "共享文本的条数",
    "merges": "一张工作表的合并区域数",
    "links": "一张工作表的超链接数",
    "format_length": "一个数字格式的字符数",
    "archive_members": "压缩包内的文件数",
    "archive_mb": "压缩包解压后的大小（MB）",
    "archive_seconds": "读取一个压缩包内全部文件的秒数",
    "hash_rounds": "打开加密文件的散列次数",
    "seconds": "读取一个文件的秒数",
    "memory_mb": "读取进程的内存（MB）",
}
"""What each limit is called for people."""
assert set(MEANINGS) == {one.name for one in fields(Limits)}
