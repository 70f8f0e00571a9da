"""Take the whole parts out of a broken zip: nothing is guessed, what is not whole is named.

A part counts as whole when its stream ended where it should and both its size and its CRC-32
are those written beside it. Parts are found by walking from header to header without a gap. Only
where the central directory is whole may the walk go on behind a part of unknown length: else
what lies inside that part, an embedded workbook say, would be taken for parts of this one.
"""

import posixpath
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from consolidator.intake.formats.package import SMALL, stored_zip
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.formats.relations import OFFICE
from consolidator.intake.limits import Limits

_LOCAL, _ENTRY, _END, _DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x07\x08"
_ENCRYPTED, _DESCRIBED, _UTF8 = 0x1, 0x8, 0x800
_STORED, _DEFLATED = 0, 8
_STEP = 65_536
_RELATION = f"{{{OFFICE[0].decode()}}}id"
_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_NEEDED = ("/worksheet", "/sharedStrings", "/styles")


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What could be saved: a clean zip of the whole parts, and the names of the others."""

    content: bytes
    lost: tuple[str, ...]
    """In the order of the file. Of a cut file, parts behind the cut are not known."""


@dataclass(frozen=True, slots=True)
class _Header:
    """A local header as it stands in the file."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    data: int
    """Where the part's data begin."""


@dataclass(frozen=True, slots=True)
class _Part:
    content: bytes | None
    """None where it is not whole."""
    end: int | None
    """Where the next header is due; None where that is not known."""
    spent: int = 0
    """How much had to be unpacked to tell."""


def salvage(content: bytes, limits: Limits) -> Salvaged:
    """Rebuild a zip from those parts of a cut or damaged one that are provably whole.

    Raises:
        NotReadableError: no part is whole, two have one name (``file_damaged``), or the parts
            are beyond the limits (``file_too_large``, ``file_unsafe``).
    """
    listed = _listed(content)
    if len(listed) > limits.parts:
        raise NotReadableError("file_too_large", f"内含 {len(listed)} 个部件")
    parts: dict[str, bytes] = {}
    lost: dict[str, None] = {}
    seen: set[str] = set()
    left = limits.unpacked_mb * 2**20
    place: int | None = 0
    while place is not None:
        header = _header(content, place)
        part = _Part(None, None)
        if header:
            if len(seen) >= limits.parts:
                raise NotReadableError("file_too_large", f"内含 {limits.parts} 个以上部件")
            # Part names differ by more than case (ECMA-376 part 2, 6.2.2.3).
            if header.name.lower() in seen:
                raise NotReadableError("file_damaged", "内含同名部件")
            seen.add(header.name.lower())
            part = _part(content, header, left, limits)
            left -= part.spent
            agreed = not listed or listed.get(place) == header.name
            if part.content is None or not agreed or "\x00" in header.name:
                lost[header.name] = None
            elif not header.name.endswith("/"):
                parts[header.name] = part.content
        place = _next(content, place, part, listed)
    lost |= {name: None for name in listed.values() if name not in parts and name[-1:] != "/"}
    if not parts:
        raise NotReadableError("file_damaged", "没有一个部件是完整的")
    return Salvaged(stored_zip(parts), tuple(name for name in lost if name not in parts))


def needed_parts(parts: Mapping[str, bytes]) -> bool:
    """Tell whether a workbook's parts are all there that its entries are read from.

    These are the workbook, its relations, the content types, each worksheet that the relations
    name or the workbook lists, and the shared texts and styles where the relations name them.
    """
    if not {"[Content_Types].xml", _WORKBOOK, _RELATIONS} <= set(parts):
        return False
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        relations = etree.fromstring(parts[_RELATIONS], parser)
        workbook = etree.fromstring(parts[_WORKBOOK], parser)
    except (etree.XMLSyntaxError, ValueError):
        return False
    if any(one.getroottree().docinfo.doctype for one in (relations, workbook)):
        return False
    target_of = {
        str(one.get("Id")): _target(str(one.get("Target")))
        for one in relations.iter("{*}Relationship")
        if one.get("TargetMode") != "External"
    }
    needed = {
        target_of.get(str(one.get("Id")), "")
        for one in relations.iter("{*}Relationship")
        if str(one.get("Type")).endswith(_NEEDED)
    }
    sheets = {target_of.get(str(one.get(_RELATION)), "") for one in workbook.iter("{*}sheet")}
    return bool(sheets) and needed | sheets <= set(parts)


def _target(target: str) -> str:
    """Name the part a relation of the workbook leads to."""
    return posixpath.normpath(target[1:] if target.startswith("/") else f"xl/{target}")


def _header(content: bytes, place: int) -> _Header | None:
    if content[place : place + 4] != _LOCAL or place + 30 > len(content):
        return None
    flags, method = struct.unpack_from("<HH", content, place + 6)
    crc, packed, size, name, extra = struct.unpack_from("<IIIHH", content, place + 14)
    data = place + 30 + name + extra
    if data > len(content):
        return None
    raw = content[place + 30 : place + 30 + name]
    return _Header(_name(raw, flags), flags, method, crc, packed, size, data)


def _name(raw: bytes, flags: int) -> str:
    for encoding in ("utf-8",) if flags & _UTF8 else ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")


def _part(content: bytes, header: _Header, left: int, limits: Limits) -> _Part:
    described = bool(header.flags & _DESCRIBED)
    claimed = None if described else header.data + header.packed
    if header.flags & _ENCRYPTED:
        return _Part(None, claimed)
    if header.method == _STORED and claimed is not None:
        if header.packed > left:
            raise NotReadableError("file_too_large", f"解压后超过 {limits.unpacked_mb} MB")
        body = content[header.data : claimed]
        whole = header.packed == header.size == len(body) and zlib.crc32(body) == header.crc
        return _Part(body if whole else None, claimed, len(body))
    if header.method != _DEFLATED:
        return _Part(None, claimed)
    unpacked, ended, end = _inflated(content, header.data, left, limits)
    if not ended:
        return _Part(None, claimed, len(unpacked))
    packed = end - header.data
    found = (zlib.crc32(unpacked), packed, len(unpacked))
    if described:
        after = _after_descriptor(content, end, found)
        return _Part(None if after is None else unpacked, after, len(unpacked))
    whole = found == (header.crc, header.packed, header.size)
    return _Part(unpacked if whole else None, claimed, len(unpacked))


def _inflated(content: bytes, place: int, left: int, limits: Limits) -> tuple[bytes, bool, int]:
    """Return what a deflate stream holds, whether it ends well, and where."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces: list[bytes] = []
    size, begin = 0, place
    while not stream.eof:
        fed = stream.unconsumed_tail
        if not fed:
            fed = content[place : place + _STEP]
            place += len(fed)
        if not fed:
            return b"".join(pieces), False, place
        try:
            piece = stream.decompress(fed, _STEP)
        except zlib.error:
            return b"".join(pieces), False, place
        pieces.append(piece)
        size += len(piece)
        if size > left:
            raise NotReadableError("file_too_large", f"解压后超过 {limits.unpacked_mb} MB")
        if size > SMALL and size > (place - begin) * limits.ratio:
            raise NotReadableError("file_unsafe", f"部件的压缩倍数超过 {limits.ratio}")
    return b"".join(pieces), True, place - len(stream.unused_data)


def _after_descriptor(content: bytes, end: int, found: tuple[int, int, int]) -> int | None:
    """Return where a data descriptor that says what was found ends; None if there is none.

    Its signature is optional, and its sizes have 8 bytes in a zip64 (APPNOTE 4.3.9).
    """
    for form in ("<III", "<IQQ"):
        expected = struct.pack(form, *found)
        for whole in (_DESCRIPTOR + expected, expected):
            if content[end : end + len(whole)] == whole:
                return end + len(whole)
    return None


def _next(content: bytes, place: int, part: _Part, listed: Mapping[int, str]) -> int | None:
    """Return where the next header is known to begin; a whole part is never looked into."""
    end = part.end
    if end is not None and not listed:
        return end if end > place and content[end : end + 4] == _LOCAL else None
    behind = [one for one in listed if one > place and (end is None or one >= end)]
    if not behind and part.content is None:
        # The length it claims is damaged too.
        behind = [one for one in listed if one > place]
    return min(behind, default=None)


def _listed(content: bytes) -> dict[int, str]:
    """Return the names of the central directory by their headers' places; empty if not whole."""
    end = content.rfind(_END, max(0, len(content) - 65_557))
    if end < 0 or end + 22 > len(content):
        return {}
    count, size, start = struct.unpack_from("<HII", content, end + 10)
    if start + size != end:
        return {}
    listed: dict[int, str] = {}
    place = start
    for _ in range(count):
        if content[place : place + 4] != _ENTRY or place + 46 > end:
            return {}
        (flags,) = struct.unpack_from("<H", content, place + 8)
        name, extra, comment = struct.unpack_from("<HHH", content, place + 28)
        (header,) = struct.unpack_from("<I", content, place + 42)
        listed[header] = _name(content[place + 46 : place + 46 + name], flags)
        place += 46 + name + extra + comment
    return listed if place == end and len(listed) == count else {}
