"""Unpack a zip in memory, part by part and within limits, before any reader sees it.

Readers trust what a zip says of itself. Here each part is unpacked to its real end, and its
size and CRC-32 are held against what the directory says.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache

from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.limits import Limits
from consolidator.intake.remembering import remembered

_ENTRY, _END = b"PK\x01\x02", b"PK\x05\x06"
_DESCRIPTOR = 24
"""Bytes that may stand behind an entry: a data descriptor, of a zip64 too."""
_ENCRYPTED, _UTF8_NAME = 0x1, 0x800
_MOST_ENTRIES = 65_536
"""Entries of all zips in one content, nested ones too: listing them takes a second."""
_SHORTEST_ENTRY = 46
"""Bytes of an entry without a name."""
_KEPT, _LONG = 64, 8_192
"""How many unpacked parts are remembered, and the most bytes of one."""
_SHORT = 16_384
"""Packed bytes that are inflated in one go: to a thousand times as many at the very most."""
SMALL = 2**20
"""A part up to this size may be packed as tightly as it likes."""
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, OverflowError,
    RuntimeError, NotImplementedError,
)  # fmt: skip
_UNSAFE_NAME = re.compile(r"[\x00-\x1f\\:]|(^|/)\.\.?(/|$)|^/|//")
_XML = (".xml", ".rels", ".vml")
_DECLARED = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']+)[\"']")
_STARTS_PLAIN = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml\s[^<>]*\?>\s*)?<[A-Za-z_]")
"""A document without a DTD: that stands before the first element (XML 1.0, 2.8)."""
_UTF8 = {b"utf-8", b"utf8", b"us-ascii", b"ascii"}
_TAG_FIRST = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*+<")
"""The first tag, with what may stand before it."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def directory(content: bytes) -> list[zipfile.ZipInfo]:
    """Return the entries of a zip, none of which may lie over another.

    Raises:
        NotReadableError: it is damaged, has too many entries, or they overlap.
    """
    many = len(content) > _MOST_ENTRIES * _SHORTEST_ENTRY
    if many and content.count(_ENTRY) > _MOST_ENTRIES:
        raise NotReadableError("file_too_large", f"压缩包内含 {_MOST_ENTRIES} 个以上文件")
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


def unpacked(content: bytes, info: zipfile.ZipInfo, limits: Limits) -> bytes:
    """Unpack one entry, whatever size it claims.

    Raises:
        NotReadableError: it is encrypted, packed unusually or too tightly, too large or not
            what the directory says it is.
    """
    if info.flag_bits & _ENCRYPTED:
        raise NotReadableError("file_encrypted")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotReadableError("file_unsafe", "用了少见的压缩方法")
    if info.file_size > SMALL and info.file_size > info.compress_size * limits.ratio:
        raise NotReadableError("file_unsafe", f"部件的压缩倍数超过 {limits.ratio}")
    if info.file_size > limits.unpacked_mb * 2**20:
        raise NotReadableError("file_too_large", f"解压后 {info.file_size / 2**20:.0f} MB")
    try:
        packed = _packed(content, info)
        unpack: Callable[[bytes, int, int], bytes | None] = _whole
        if info.compress_type != zipfile.ZIP_STORED:
            unpack = _inflated if max(len(packed), info.file_size) > _LONG else _known
        part = unpack(packed, info.file_size, info.CRC)
    except _BROKEN as error:
        raise NotReadableError("file_damaged", "压缩数据不完整") from error
    if part is None:
        raise NotReadableError("file_damaged", "压缩数据与记录的大小或校验值不符")
    return part


def _whole(part: bytes, size: int, check: int) -> bytes | None:
    """Return an unpacked part; None where size or CRC-32 are not as told."""
    return part if len(part) == size and zlib.crc32(part) == check else None


def _inflated(packed: bytes, size: int, check: int) -> bytes | None:
    """Inflate a part; None where size or CRC-32 are not as told."""
    if len(packed) <= _SHORT:
        return _whole(zlib.decompress(packed, -zlib.MAX_WBITS, size + 1), size, check)
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    part = stream.decompress(packed, size + 1)
    ended = stream.eof or not stream.decompress(stream.unconsumed_tail, 1)
    return _whole(part, size, check) if ended else None


_known = lru_cache(maxsize=_KEPT)(_inflated)
"""The same, remembered: small parts, such as formats and relations, are alike in many files."""


def beginning(content: bytes, info: zipfile.ZipInfo) -> bytes:
    """Return the first four bytes of an entry, as far as they can be told without a password."""
    try:
        packed = _packed(content, info)
        if info.compress_type == zipfile.ZIP_STORED:
            return packed[:4]
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed[:1024], 4)
    except _BROKEN:
        return b""


def parts_of(content: bytes, limits: Limits) -> dict[str, bytes]:
    """Return every part of a document's zip by its name.

    Raises:
        NotReadableError: it is damaged, beyond the limits or made to harm.
    """
    infos = directory(content)
    _hold_no_gaps(infos, content)
    if len(infos) > limits.parts:
        raise NotReadableError("file_too_large", f"内含 {len(infos)} 个部件")
    total = sum(info.file_size for info in infos)
    if total > limits.unpacked_mb * 2**20:
        raise NotReadableError("file_too_large", f"解压后 {total / 2**20:.0f} MB")
    names = [info.orig_filename for info in infos]
    _hold_names("\0".join(names), len(names))
    parts = {
        name: unpacked(content, info, limits)
        for name, info in zip(names, infos, strict=True)
        if not name.endswith("/")
    }
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        # OpenDocument encrypts each part by itself (ODF 1.2 part 3, 3.4).
        raise NotReadableError("file_encrypted")
    hold_xml(parts, limits)
    return parts


def _hold_no_gaps(infos: list[zipfile.ZipInfo], content: bytes) -> None:
    """Hold that a document's zip is nothing but its parts: another directory may hide in a gap.

    Raises:
        NotReadableError: there is room between the parts, before them or behind them.
    """
    end = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        if info.header_offset > end + _DESCRIPTOR:
            raise NotReadableError("file_unsafe", "压缩包内有不属于任何部件的内容")
        try:
            name, extra = struct.unpack_from("<HH", content, info.header_offset + 26)
        except struct.error as error:
            raise NotReadableError("file_damaged", "压缩结构不完整") from error
        end = info.header_offset + 30 + name + extra + info.compress_size
    if content.find(_ENTRY, end) > end + _DESCRIPTOR or content.count(_END, end) > 1:
        raise NotReadableError("file_unsafe", "压缩包内有不属于任何部件的内容")


@remembered(_KEPT)
def _hold_names(joined: str, count: int) -> None:
    """Hold that the names of a document's parts, joined by NUL, stay within it and differ.

    Raises:
        NotReadableError: one does not, or is there twice.
    """
    names = joined.split("\0")
    if len(names) != max(count, 1) or any(map(_UNSAFE_NAME.search, names)):
        raise NotReadableError("file_unsafe", "部件的名称会指向文件以外")
    # Part names differ by more than case (ECMA-376 part 2, 6.2.2.3).
    if len({name.lower() for name in names}) != len(names):
        raise NotReadableError("file_damaged", "内含同名部件")


def stored_zip(parts: Mapping[str, bytes]) -> bytes:
    """Return a plain zip of the parts, uncompressed: what a reader is given to read.

    So it sees just what was looked at, whatever else the zip that came in could be taken for.
    """
    entries, names, place = [], [], 0
    for name, part in parts.items():
        raw, crc, size = name.encode(), zlib.crc32(part), len(part)
        about = struct.pack("<HHHHHIIIHH", 20, _UTF8_NAME, 0, 0, 33, crc, size, size, len(raw), 0)
        entries += [b"PK\x03\x04", about, raw, part]
        names += [_ENTRY, b"\x14\x00", about, bytes(10), struct.pack("<I", place), raw]
        place += 30 + len(raw) + size
    index = b"".join(names)
    end = struct.pack("<HHHHIIH", 0, 0, len(parts), len(parts), len(index), place, 0)
    return b"".join([*entries, index, b"PK\x05\x06", end])


def _is_xml(name: str, part: bytes) -> bool:
    """Tell whether a reader may take a part for XML, whatever it is called."""
    return name.lower().endswith(_XML) or _TAG_FIRST.match(part) is not None


def hold_xml(parts: Mapping[str, bytes], limits: Limits) -> None:
    """Hold that every XML part is plain UTF-8 without a DTD, and has no endless number of tags.

    Some readers take a part in another encoding for an empty one without a word.

    Raises:
        NotReadableError: a part is otherwise.
    """
    xml = [part for name, part in parts.items() if _is_xml(name, part)]
    for part in xml:
        _hold_plain(part)
    # The shortest tag has four characters.
    tags = sum(part.count(b"<") for part in xml) if sum(map(len, xml)) > limits.tags * 4 else 0
    if tags > limits.tags:
        raise NotReadableError("file_too_large", f"内含 {tags} 个标记")


@remembered(_KEPT, _LONG)
def _hold_plain(part: bytes) -> None:
    """Hold that an XML part is plain UTF-8 without a DTD.

    Raises:
        NotReadableError: it is otherwise.
    """
    if part.startswith(_UTF16) or b"\x00" in part:
        raise NotReadableError("file_unsafe", "部件不是 UTF-8 编码")
    declared = _DECLARED.match(part)
    if declared and declared[1].lower() not in _UTF8:
        raise NotReadableError("file_unsafe", "部件不是 UTF-8 编码")
    if not _STARTS_PLAIN.match(part) and (b"<!DOCTYPE" in part or b"<!ENTITY" in part):
        raise NotReadableError("file_unsafe", "部件含有 DTD")


def _packed(content: bytes, info: zipfile.ZipInfo) -> bytes:
    """Return an entry's packed data, found by its local header."""
    at = info.header_offset
    if content[at : at + 4] != b"PK\x03\x04":
        raise zipfile.BadZipFile
    name, extra = struct.unpack_from("<HH", content, at + 26)
    start = at + 30 + name + extra
    packed = content[start : start + info.compress_size]
    if len(packed) != info.compress_size:
        raise zipfile.BadZipFile
    return packed
