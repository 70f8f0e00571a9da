"""Look into a zip archive that came back instead of workbooks: what is in it, one at a time.

An archive inside the archive is opened too; a third one inside that is listed and refused.
Nothing is written to disk, so a member's name is only for display.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from consolidator.intake.limits import Limits
from consolidator.intake.refusing import NotReadableError
from consolidator.intake.sniff import Kind, sniff

_ENTRY = b"PK\x01\x02"
_MOST = 65_536
"""Entries of all zips in one content, workbooks' own parts too: reading them takes a second."""
_INNER = 1 << 17
"""An index is that of the outer member times this, plus 1 and that of the inner one, if any."""
_ENCRYPTED, _UTF8 = 0x1, 0x800
_STEP = 2**20
_SMALL = 2**20
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, OverflowError,
    RuntimeError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive."""

    index: int
    """What `member_content` takes; not a running number."""
    name: str
    """For display only: a member of an archive in the archive has that one's name before it."""
    size: int
    """Unpacked, as the archive says it; in bytes."""
    is_archive: bool
    """An archive that is not opened: of the third level, damaged or empty. It is refused."""


def members(content: bytes, limits: Limits) -> tuple[Member, ...]:
    """List the files of a zip archive, those of archives in it in their place.

    Raises:
        NotReadableError: it is damaged (``file_damaged``), beyond the limits
            (``file_too_large``) or made to harm (``file_unsafe``).
    """
    found = []
    total = 0
    for member in _walk(content, limits):
        found.append(member)
        total += member.size
        if len(found) > limits.archive_members:
            raise NotReadableError(
                "file_too_large", f"压缩包内含 {limits.archive_members} 个以上文件"
            )
        if total > limits.archive_mb * 2**20:
            raise NotReadableError("file_too_large", f"压缩包解压后超过 {limits.archive_mb} MB")
    return tuple(found)


def member_content(content: bytes, index: int, limits: Limits) -> bytes:
    """Unpack one member, listed by `members` under ``index``.

    Raises:
        NotReadableError: it has a password (``file_encrypted``), is an archive of the third
            level (``archive_nested``), damaged or beyond the limits.
    """
    outer, inner = divmod(index, _INNER)
    unpacked = _unpacked(content, outer, limits)
    if not inner:
        # Listed as one file only where there was nothing to list: say why.
        if sniff(unpacked) is Kind.ARCHIVE and not list(_files(unpacked, limits)):
            raise NotReadableError("file_foreign", "压缩包内没有文件")
        return unpacked
    unpacked = _unpacked(unpacked, inner - 1, limits)
    if sniff(unpacked) is Kind.ARCHIVE:
        raise NotReadableError("archive_nested")
    return unpacked


def _walk(content: bytes, limits: Limits) -> Iterator[Member]:
    """Yield the members of the archive and of the archives in it."""
    left = limits.archive_mb * 2**20
    for place, info in _files(content, limits):
        name = _shown(info, place)
        inside = _archive_in(content, info, limits)
        if inside is None:
            yield Member(place * _INNER, name, info.file_size, is_archive=False)
            continue
        left -= len(inside)
        if left < 0:
            raise NotReadableError("file_too_large", f"压缩包解压后超过 {limits.archive_mb} MB")
        try:
            files = list(_files(inside, limits))
        except NotReadableError:
            files = []
        if not files:
            yield Member(place * _INNER, name, info.file_size, is_archive=True)
            continue
        for inner, one in files:
            yield Member(
                place * _INNER + 1 + inner,
                f"{name}/{_shown(one, inner)}",
                one.file_size,
                is_archive=_archive_in(inside, one, limits) is not None,
            )


def _files(content: bytes, limits: Limits) -> Iterator[tuple[int, zipfile.ZipInfo]]:
    """Yield the files of one zip with their places in its directory."""
    for place, info in enumerate(_directory(content)):
        parts = _readable(info).replace("\\", "/").split("/")
        if info.is_dir() or not parts[-1] or "__MACOSX" in parts:
            continue
        if info.file_size > _SMALL and info.file_size > info.compress_size * limits.ratio:
            raise NotReadableError("file_unsafe", f"压缩包内文件的压缩倍数超过 {limits.ratio}")
        yield place, info


def _directory(content: bytes) -> list[zipfile.ZipInfo]:
    """Return the entries of a zip, none of which may lie over another."""
    if content.count(_ENTRY) > _MOST:
        raise NotReadableError("file_too_large", f"压缩包内含 {_MOST} 个以上文件")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
    except _BROKEN as error:
        raise NotReadableError("file_damaged", "压缩结构不完整") from error
    end = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        if info.header_offset < end:
            raise NotReadableError("file_unsafe", "压缩包内的文件互相重叠")
        end = info.header_offset + 30 + len(info.orig_filename) + info.compress_size
    return infos


def _archive_in(content: bytes, info: zipfile.ZipInfo, limits: Limits) -> bytes | None:
    """Return a member's content where it is an archive itself."""
    if info.flag_bits & _ENCRYPTED or info.file_size > limits.file_mb * 2**20:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = _read(archive, info, limits, only=(b"PK",))
    except (NotReadableError, *_BROKEN):
        # Whatever it is, it is told when its content is asked for.
        return None
    return unpacked if sniff(unpacked) is Kind.ARCHIVE else None


def _unpacked(content: bytes, place: int, limits: Limits) -> bytes:
    info = _directory(content)[place]
    if info.flag_bits & _ENCRYPTED:
        raise NotReadableError("file_encrypted")
    if info.file_size > limits.file_mb * 2**20:
        raise NotReadableError("file_too_large", f"{info.file_size / 2**20:.0f} MB")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read(archive, info, limits)
    except _BROKEN as error:
        raise NotReadableError("file_damaged", "压缩包内的文件不完整") from error


def _read(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits, *, only: tuple[bytes, ...] = ()
) -> bytes:
    """Unpack a member piece by piece, whatever size it claims; stop if it begins otherwise."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # bzip2 and LZMA cannot be unpacked piece by piece here.
        raise NotReadableError("file_unsafe", "压缩包用了少见的压缩方法")
    pieces: list[bytes] = []
    size = 0
    with archive.open(info) as stream:
        while piece := stream.read(_STEP if pieces else 4):
            if not pieces and only and not piece.startswith(only):
                return b""
            pieces.append(piece)
            size += len(piece)
            if size > limits.file_mb * 2**20:
                raise NotReadableError("file_too_large", f"超过 {limits.file_mb} MB")
            if size > _SMALL and size > info.compress_size * limits.ratio:
                raise NotReadableError("file_unsafe", f"压缩包内文件的压缩倍数超过 {limits.ratio}")
    return b"".join(pieces)


def _readable(info: zipfile.ZipInfo) -> str:
    """Decode a member's name: Windows packs Chinese names in GB18030, macOS in UTF-8, unmarked."""
    if info.flag_bits & _UTF8:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.orig_filename


def _shown(info: zipfile.ZipInfo, place: int) -> str:
    """Return a member's name as people may read it; it leads nowhere."""
    parts = _CONTROLS.sub("", _readable(info)).replace("\\", "/").split("/")
    named = [_DRIVE.sub("", one, count=1) if _DRIVE.match(one) else one for one in parts]
    shown = "/".join(one for one in named if one not in ("", ".", ".."))
    return shown or f"第{place + 1}个文件"
