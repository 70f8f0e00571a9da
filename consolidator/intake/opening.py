"""Open a file by its content, within limits: its sheets as plain rows, and what else they hold.

Nothing of a file is run or followed: the reader takes stored values only. What a file is, and
that it is bounded, is settled before a reader sees it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from consolidator.intake.formats.biff import scan_biff
from consolidator.intake.formats.compound import take_apart
from consolidator.intake.formats.encrypted import decrypted
from consolidator.intake.formats.marks import Marks, Remark
from consolidator.intake.formats.ods import names_of, remarks_of, scan_ods, without_layout_space
from consolidator.intake.formats.ooxml import scan_ooxml
from consolidator.intake.formats.package import parts_of, stored_zip
from consolidator.intake.formats.properties import properties_of
from consolidator.intake.formats.reading import Rows, read_values
from consolidator.intake.formats.recalling import recalled
from consolidator.intake.formats.references import calls
from consolidator.intake.formats.refusing import NotReadableError, hold_sheets
from consolidator.intake.formats.salvage import needed_parts, salvage
from consolidator.intake.formats.sniff import Kind, sniff
from consolidator.intake.formats.xlsb import scan_xlsb
from consolidator.intake.limits import RETURN, Limits

_SAVED = re.compile(rb"<dcterms:modified[^<>]*>([^<]+)<")
_CREATED = re.compile(rb"<dcterms:created[^<>]*>([^<]+)<")
_ODS_CREATED = re.compile(rb"<meta:creation-date>([^<]+)<")
_ODS_SAVED = re.compile(rb"<dc:date>([^<]+)<")
_SALVAGED = (Kind.OOXML, Kind.XLSB)
_SCRAPS = (Kind.EMPTY, Kind.ZEROS, Kind.UNKNOWN, Kind.TEXT)
"""What no encrypted document comes to."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A workbook's stored values: each sheet's rows from A1 on."""

    sheets: Mapping[str, Rows]
    marks: Mapping[str, Marks]
    """What else each sheet holds: errors, formulas, merges, hidden rows, comments."""
    kind: Kind
    names: Callable[[], Mapping[str, str]]
    """Give the defined names and what they stand for, where the format's reader tells."""
    properties: Mapping[str, str]
    """Custom document properties with a text, where the format keeps them as plain XML."""
    saved: datetime | None
    """The last-saved time the file itself tells, where it does; without a time zone."""
    remarks: tuple[Remark, ...] = ()


def open_workbook(
    content: bytes, *, limits: Limits = RETURN, passwords: Sequence[str] = ()
) -> Opened:
    """Read the sheets of a workbook in .xlsx, .xlsm, .xlsb, .xls, .et or .ods form.

    Args:
        content: the file.
        limits: what it may be at most.
        passwords: opening passwords to try where it has one.

    Raises:
        NotReadableError: it is empty, encrypted, damaged, beyond the limits or no workbook.
    """
    if len(content) > limits.file_mb * 2**20:
        raise NotReadableError("file_too_large", f"{len(content) / 2**20:.0f} MB")
    kind = sniff(content)
    if kind is Kind.OLE_ENCRYPTED:
        content = decrypted(content, passwords, limits)
        kind = sniff(content)
        if kind in _SCRAPS:
            raise NotReadableError("file_damaged", "加密的内容读不出来")
    if kind in _SALVAGED:
        return _open_whole_or_salvaged(content, kind, limits)
    if kind is Kind.ODS:
        return _open_ods(content, limits)
    if kind is Kind.OLE_WORKBOOK:
        return _open_ole(content, passwords, limits)
    raise _foreign(kind)


def _foreign(kind: Kind) -> NotReadableError:
    if kind in (Kind.EMPTY, Kind.ZEROS):
        return NotReadableError("file_empty", kind.chinese)
    if kind in (Kind.SHORTCUT, Kind.LINK):
        return NotReadableError("file_shortcut", kind.chinese)
    if kind.packer:
        return NotReadableError("archive_packed", kind.packer.strip())
    return NotReadableError("file_foreign", kind.chinese)


def _open_whole_or_salvaged(content: bytes, kind: Kind, limits: Limits) -> Opened:
    """Read a workbook; one that is cut or broken only where all that is read is provably whole."""
    try:
        return _open_zipped(parts_of(content, limits), kind, limits)
    except NotReadableError as problem:
        if problem.refusal.code != "file_damaged" or kind is not Kind.OOXML:
            raise
        try:
            saved = salvage(content, limits)
            parts = parts_of(saved.content, limits)
        except NotReadableError:
            raise problem from None
        if not needed_parts(parts):
            raise
    opened = _open_zipped(parts, kind, limits)
    lost = f"{len(saved.lost)} 个部件" if saved.lost else "压缩目录"
    remark = Remark("file_salvaged", lost)
    return replace(opened, remarks=(remark, *opened.remarks))


def _open_zipped(parts: Mapping[str, bytes], kind: Kind, limits: Limits) -> Opened:
    core = parts.get("docProps/core.xml", b"")
    saved, created = (_time(pattern, core) for pattern in (_SAVED, _CREATED))
    # A program that does not keep the time leaves it at the template's own: that tells nothing.
    saved = saved if saved != created else None
    if kind is Kind.XLSB:
        found = scan_xlsb(parts, limits)
        sheets = _sheets(found.content, found.marks, limits)
        properties = properties_of(parts)
        return Opened(sheets, found.marks, kind, dict, properties, saved, found.remarks)
    described = scan_ooxml(parts, limits)
    hold_sheets(described.marks.values(), limits)
    if described.plain is None:
        sheets = read_values(stored_zip(described.kept), described.marks)
    else:
        sheets = recalled(described.plain)
    return Opened(
        sheets=sheets,
        marks=described.marks,
        kind=kind,
        names=described.names,
        properties=described.properties,
        saved=saved,
        remarks=described.remarks,
    )


def _open_ods(content: bytes, limits: Limits) -> Opened:
    parts = parts_of(content, limits)
    marks = scan_ods(parts, limits)
    sheets = _sheets(without_layout_space(parts), marks, limits)
    meta = parts.get("meta.xml", b"")
    saved, created = (_time(pattern, meta) for pattern in (_ODS_SAVED, _ODS_CREATED))
    saved = saved if saved != created else None
    names = partial(names_of, parts)
    remarks = dict.fromkeys([*remarks_of(parts), *calls(marks.values())])
    return Opened(sheets, marks, Kind.ODS, names, {}, saved, tuple(remarks))


def _open_ole(content: bytes, passwords: Sequence[str], limits: Limits) -> Opened:
    taken = take_apart(content)
    try:
        marks, about = scan_biff(taken.records, limits)
    except NotReadableError as problem:
        if problem.refusal.code != "file_encrypted":
            raise
        taken = take_apart(decrypted(content, passwords, limits))
        marks, about = scan_biff(taken.records, limits)
    return Opened(
        sheets=_sheets(taken.content, marks, limits),
        marks=marks,
        kind=Kind.OLE_WORKBOOK,
        names=dict,
        properties={},
        saved=taken.saved,
        remarks=tuple(dict.fromkeys([*taken.remarks, *about])),
    )


def _sheets(content: bytes, scanned: Mapping[str, Marks], limits: Limits) -> dict[str, Rows]:
    """Read the values of the worksheets that were scanned."""
    hold_sheets(scanned.values(), limits)
    return read_values(content, scanned)


def _time(pattern: re.Pattern[bytes], xml: bytes) -> datetime | None:
    match = pattern.search(xml)
    if not match:
        return None
    try:
        told = datetime.fromisoformat(match[1].decode().strip())
        # Without a time zone it is taken for the universal time that most programs write.
        return told.astimezone(UTC).replace(tzinfo=None) if told.tzinfo else told
    except (ValueError, OverflowError):
        return None
