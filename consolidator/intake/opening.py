"""Open a file by its content, within limits, and return its sheets as plain rows.

Nothing of a file is run or followed: the reader takes stored values only. A file
beyond the limits is refused with a reason.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import olefile
from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook

from consolidator.intake.limits import RETURN, Limits
from consolidator.intake.ods import without_layout_space
from consolidator.intake.refusing import NotReadableError

Needed = Mapping[str, bool]
"""A form's sheets by name, and whether each holds anything to be read."""
Rows = Sequence[Sequence[object]]
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FAR_CELL = re.compile(rb'r="([A-Z]{3}[^"]*|[A-Z]{0,2}\d{6}[^"]*)"')
_ERROR_CELL = re.compile(
    rb'<c\b[^>]*?\br="([A-Z]+\d+)"[^>]*?\bt="e"[^>]*>.*?<v>([^<]*)</v>', re.DOTALL
)
_STRINGS = "xl/sharedStrings.xml"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_SAVED = re.compile(rb"<dcterms:modified[^>]*>([^<]+)<")
_CREATED = re.compile(rb"<dcterms:created[^>]*>([^<]+)<")
_ODS_SAVED = re.compile(rb"<dc:date>([^<]+)<")
_PROPERTY = re.compile(rb'<property[^>]*\bname="([^"]+)"[^>]*>\s*<vt:lpwstr>([^<]*)<')

_BROKEN = (EOFError, OSError, ValueError, KeyError, NotImplementedError)
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A workbook's stored values: each sheet's rows from A1 on."""

    sheets: Mapping[str, Rows]
    strings: bytes
    """The part with shared texts, where the format has one: also of sheets that were not read."""
    properties: Mapping[str, str]
    """Custom document properties with a text, where the format keeps them as plain XML."""
    errors: Mapping[str, Mapping[str, str]]
    """Error values such as ``#DIV/0!`` by sheet and cell: the reader gives them as blank."""
    saved: datetime | None
    """The last-saved time the file itself tells, where it does; without a time zone."""


def open_workbook(
    content: bytes, needed: Needed | None = None, *, limits: Limits = RETURN
) -> Opened:
    """Read the sheets of a workbook in .xlsx, .xlsm, .xls, .et or .ods form.

    Args:
        content: the file.
        limits: what it may be at most.
        needed: the sheets a form has, and whether each is to be read; a workbook of .xlsx form
            with exactly these is spared reading the others, any other is read whole.

    Raises:
        NotReadableError: it is empty, encrypted, damaged, beyond the limits or no workbook.
    """
    if not content:
        raise NotReadableError("file_empty")
    if len(content) > limits.file_mb * 2**20:
        raise NotReadableError("file_too_large", f"{len(content) / 2**20:.0f} MB")
    if content.startswith(_ZIP):
        return _open_zip(content, needed or {}, limits)
    if content.startswith(_OLE):
        return _open_ole(content)
    raise NotReadableError("file_foreign", "内容不是 Excel/WPS 工作簿")


def _open_ole(content: bytes) -> Opened:
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as ole:
            if ole.exists("EncryptedPackage"):
                raise NotReadableError("file_encrypted")
            if not (ole.exists("Workbook") or ole.exists("Book")):
                raise NotReadableError("file_foreign", "内容不是 Excel/WPS 工作簿")
            saved = ole.get_metadata().last_saved_time
    except (OSError, ValueError, IndexError) as error:
        raise NotReadableError("file_damaged", "文件结构不完整") from error
    return Opened(_sheets(content), b"", {}, {}, saved if isinstance(saved, datetime) else None)


def _open_zip(content: bytes, needed: Needed, limits: Limits) -> Opened:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _hold_limits(archive, limits)
            names = set(archive.namelist())
            if "content.xml" in names:
                return _open_ods(archive, content)
            if "[Content_Types].xml" not in names or not any("workbook" in n for n in names):
                raise NotReadableError("file_foreign", "是压缩包或其他文件，不是工作簿")
            errors = _errors(archive, _hold_grid(archive, limits))
            properties = {}
            if "docProps/custom.xml" in names:
                found = _PROPERTY.findall(archive.read("docProps/custom.xml"))
                properties = {name.decode(): text.decode() for name, text in found}
            core = archive.read("docProps/core.xml") if "docProps/core.xml" in names else b""
            strings = archive.read(_STRINGS) if _STRINGS in names else b""
            saved, created = (_time(pattern, core) for pattern in (_SAVED, _CREATED))
    except (zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, *_BROKEN) as error:
        raise NotReadableError("file_damaged", "压缩结构不完整") from error
    except RuntimeError as error:
        raise NotReadableError("file_encrypted") from error
    # A program that does not keep the time leaves it at the template's own: that tells nothing.
    return Opened(
        _sheets(content, only=needed), strings, properties, errors,
        saved if saved != created else None,
    )  # fmt: skip


def _hold_limits(archive: zipfile.ZipFile, limits: Limits) -> None:
    parts = archive.infolist()
    if len(parts) > limits.parts:
        raise NotReadableError("file_too_large", f"内含 {len(parts)} 个部件")
    if len({part.filename for part in parts}) != len(parts):
        raise NotReadableError("file_damaged", "内含同名部件")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.unpacked_mb * 2**20:
        raise NotReadableError("file_too_large", f"解压后 {unpacked / 2**20:.0f} MB")


def _hold_grid(archive: zipfile.ZipFile, limits: Limits) -> dict[str, dict[str, str]]:
    """Refuse a sheet with a cell far out, and return the error values of each sheet's part."""
    errors = {}
    for part in archive.namelist():
        if not (part.startswith("xl/worksheets/") and part.endswith(".xml")):
            continue
        xml = archive.read(part)
        if b"<!DOCTYPE" in xml:
            raise NotReadableError("file_damaged", "含有不应有的 DTD")
        if limits.rows < 100_000 and (far := _FAR_CELL.search(xml)):
            raise NotReadableError("file_too_large", f"单元格 {far[1].decode()} 超出范围")
        if b't="e"' in xml:
            found = _ERROR_CELL.findall(xml)
            errors[part] = {cell.decode(): text.decode("utf-8", "replace") for cell, text in found}
    return errors


def _errors(
    archive: zipfile.ZipFile, by_part: dict[str, dict[str, str]]
) -> dict[str, dict[str, str]]:
    """Name the sheets of the parts that hold error values."""
    if not by_part:
        return {}
    workbook = etree.fromstring(archive.read("xl/workbook.xml"), _PARSER)
    relations = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), _PARSER)
    target_of = {one.get("Id"): str(one.get("Target")) for one in relations}
    errors = {}
    for sheet in workbook.iter("{*}sheet"):
        target = target_of.get(sheet.get(_RELATION), "")
        part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if part in by_part:
            errors[str(sheet.get("name"))] = by_part[part]
    return errors


def _open_ods(archive: zipfile.ZipFile, content: bytes) -> Opened:
    meta = archive.read("meta.xml") if "meta.xml" in archive.namelist() else b""
    try:
        sheets = _sheets(content)
    except NotReadableError:
        # Gnumeric lays its XML out with white space between tags, which the reader refuses.
        sheets = _sheets(without_layout_space(archive))
    return Opened(sheets, b"", {}, {}, _time(_ODS_SAVED, meta))


def _sheets(content: bytes, *, only: Needed | None = None) -> dict[str, Rows]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        if len(workbook.sheet_names) > RETURN.sheets:
            raise NotReadableError("file_too_large", f"有 {len(workbook.sheet_names)} 张工作表")
        wanted = only if only and sorted(only) == sorted(workbook.sheet_names) else {}
        return {
            name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in workbook.sheet_names
            if wanted.get(name, True)
        }
    except NotReadableError:
        raise
    except CalamineError as error:
        code = "file_encrypted" if "password" in str(error).lower() else "file_damaged"
        raise NotReadableError(code, "内容读不出来") from error
    except BaseException as error:
        # The reader's own crash is a BaseException; whatever it is, it costs this one file.
        if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError)):
            raise
        raise NotReadableError("file_damaged", "内容读不出来") from error


def _time(pattern: re.Pattern[bytes], xml: bytes) -> datetime | None:
    match = pattern.search(xml)
    if not match:
        return None
    try:
        return datetime.fromisoformat(match[1].decode().strip()).replace(tzinfo=None)
    except ValueError:
        return None
