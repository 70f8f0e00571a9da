"""Take the workbook out of an OLE2 compound file: .xls and .et.

Layouts are those of [MS-CFB].
"""

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import olefile

from consolidator.intake.formats.marks import Remark
from consolidator.intake.formats.refusing import NotReadableError

_BOOKS = {"WORKBOOK", "BOOK"}
_ENTRY, _NAME_LENGTH = 128, 64
"""Bytes of an entry of the directory, and where it tells those of its name."""
_ELSEWHERE = "embedded".encode("utf-16-le")


class Compound(NamedTuple):
    """What a compound file holds."""

    records: bytes
    """The workbook's stream."""
    content: bytes
    """The file again, in which no other stream is called a workbook."""
    remarks: tuple[Remark, ...]
    saved: datetime | None
    """When it was last saved, where it tells that apart from when it was made."""


def take_apart(content: bytes) -> Compound:
    """Read a compound file.

    Raises:
        NotReadableError: it is broken, or holds two workbooks of one name.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as ole:
            return _taken(ole, content)
    except NotReadableError:
        raise
    except Exception as error:
        # olefile stumbles over a broken directory in many ways.
        raise NotReadableError("file_damaged", "文件结构不完整") from error


def _taken(ole: olefile.OleFileIO, content: bytes) -> Compound:
    top = [one for one in ole.root.kids if one.name.upper() in _BOOKS]
    if len({one.name.upper() for one in top}) != len(top):
        raise NotReadableError("file_unsafe", "文件里还有另一个工作簿")
    with ole.openstream("Workbook" if ole.exists("Workbook") else "Book") as stream:
        records = stream.read()
    about = ole.get_metadata()
    saved: Any = about.last_saved_time
    told = isinstance(saved, datetime) and saved != about.create_time
    alone = _without_others(ole, content, {one.sid for one in top})
    return Compound(records, alone, tuple(_remarks(ole)), saved if told else None)


def _without_others(ole: olefile.OleFileIO, content: bytes, own: set[int]) -> bytes:
    """Give every other workbook in the directory another name.

    calamine takes the first stream of that name, in whatever folder it lies or in none (0.9.1).
    """
    written = bytearray(content)
    for number, at in enumerate(_entries(ole)):
        length = int.from_bytes(content[at + _NAME_LENGTH : at + _NAME_LENGTH + 2], "little")
        name = content[at : at + max(length - 2, 0)].decode("utf-16-le", "replace")
        if name.upper() in _BOOKS and number not in own:
            written[at : at + _NAME_LENGTH] = _ELSEWHERE.ljust(_NAME_LENGTH, b"\0")
            written[at + _NAME_LENGTH] = len(_ELSEWHERE) + 2
    return bytes(written)


def _entries(ole: olefile.OleFileIO) -> Iterator[int]:
    """Yield where in the file each entry of the directory stands, those without a place too."""
    sector, size, seen = ole.first_dir_sector, ole.sector_size, set[int]()
    while sector < len(ole.fat) and sector not in seen:
        seen.add(sector)
        yield from range(size * (sector + 1), size * (sector + 2), _ENTRY)
        sector = ole.fat[sector]


def _remarks(ole: olefile.OleFileIO) -> Iterator[Remark]:
    """Tell macros and embedded objects: each has a storage of its own."""
    storages = [path[0] for path in ole.listdir(streams=True, storages=True)]
    if any(name.upper() in ("_VBA_PROJECT_CUR", "MACROS") for name in storages):
        yield Remark("macro_present")
    for name in sorted({name for name in storages if name.upper().startswith("MBD")}):
        yield Remark("embedded_object", name)
