"""Look into a zip archive that came back instead of workbooks: what is in it, one at a time.

An archive inside the archive is opened too; a third one inside that is listed and refused.
Nothing is written to disk, so a member's name is only for display.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace

from consolidator.intake.folder import visible
from consolidator.intake.formats.package import beginning, directory, unpacked
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.formats.sniff import Kind, sniff
from consolidator.intake.limits import Limits

_INNER = 1 << 17
"""An index is that of the outer member times this, plus 1 and that of the inner one, if any."""
_UTF8 = 0x800
_DRIVE = re.compile(r"[A-Za-z]:")


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
    found: list[Member] = []
    total = 0
    names: set[str] = set()
    for member in _walk(content, limits):
        own, count = member, 1
        while member.name in names:
            count += 1
            member = _renamed(own, count)
        names.add(member.name)
        found.append(member)
        # What is too large by itself is refused without being unpacked.
        total += member.size if member.size <= limits.file_mb * 2**20 else 0
        if len(found) > limits.archive_members:
            raise NotReadableError(
                "file_too_large", f"压缩包内含 {limits.archive_members} 个以上文件"
            )
        if total > limits.archive_mb * 2**20:
            raise NotReadableError("file_too_large", f"压缩包解压后超过 {limits.archive_mb} MB")
    return tuple(found)


def _renamed(member: Member, count: int) -> Member:
    """Tell members of one name apart as Windows does: ``甲 (2).xlsx``."""
    stem, dot, suffix = member.name.rpartition(".")
    name = f"{stem} ({count}).{suffix}" if dot and "/" not in suffix else f"{member.name} ({count})"
    return replace(member, name=name)


def member_content(content: bytes, index: int, limits: Limits) -> bytes:
    """Unpack one member, listed by `members` under ``index``.

    Raises:
        NotReadableError: it has a password (``file_encrypted``), is an archive of the third
            level (``archive_nested``), damaged or beyond the limits.
    """
    outer, inner = divmod(index, _INNER)
    member = _unpacked(content, directory(content)[outer], limits)
    if not inner:
        # Listed as one file only where there was nothing to list: say why.
        if sniff(member) is Kind.ARCHIVE and not list(_files(member)):
            raise NotReadableError("file_foreign", "压缩包内没有文件")
        return member
    member = _unpacked(member, directory(member)[inner - 1], limits)
    if sniff(member) is Kind.ARCHIVE:
        raise NotReadableError("archive_nested")
    return member


def _walk(content: bytes, limits: Limits) -> Iterator[Member]:
    """Yield the members of the archive and of the archives in it."""
    left = limits.archive_mb * 2**20
    for place, info in _files(content):
        name = _shown(info, place)
        inside = _archive_in(content, info, limits)
        if inside is None:
            yield Member(place * _INNER, name, info.file_size, is_archive=False)
            continue
        left -= len(inside)
        if left < 0:
            raise NotReadableError("file_too_large", f"压缩包解压后超过 {limits.archive_mb} MB")
        try:
            files = list(_files(inside))
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


def _files(content: bytes) -> Iterator[tuple[int, zipfile.ZipInfo]]:
    """Yield the files of one zip with their places in its directory."""
    for place, info in enumerate(directory(content)):
        parts = _readable(info).replace("\\", "/").split("/")
        if info.is_dir() or not parts[-1] or "__MACOSX" in parts:
            continue
        yield place, info


def _archive_in(content: bytes, info: zipfile.ZipInfo, limits: Limits) -> bytes | None:
    """Return a member's content where it is an archive itself."""
    if not beginning(content, info).startswith(b"PK"):
        return None
    try:
        inside = _unpacked(content, info, limits)
    except NotReadableError:
        # Whatever it is, it is told when its content is asked for.
        return None
    return inside if sniff(inside) is Kind.ARCHIVE else None


def _unpacked(content: bytes, info: zipfile.ZipInfo, limits: Limits) -> bytes:
    return unpacked(content, info, replace(limits, unpacked_mb=limits.file_mb))


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
    parts = visible(_readable(info)).replace("\\", "/").split("/")
    named = [_DRIVE.sub("", one, count=1) if _DRIVE.match(one) else one for one in parts]
    shown = "/".join(one for one in named if one not in ("", ".", ".."))
    return shown or f"第{place + 1}个文件"
