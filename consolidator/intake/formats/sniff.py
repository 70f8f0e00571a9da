"""Tell what a file is by its content alone; the first thing done with whatever came back."""

import codecs
import io
import re
import struct
from collections.abc import Iterator
from enum import StrEnum

import olefile


class Kind(StrEnum):
    """What a file is; the reader opens a few of these and names the others."""

    OOXML = "ooxml"
    XLSB = "xlsb"
    ODS = "ods"
    ARCHIVE = "archive"
    """A zip that is no document."""
    OTHER_OOXML = "other_ooxml"
    OTHER_ODF = "other_odf"
    OLE_WORKBOOK = "ole_workbook"
    OLE_ENCRYPTED = "ole_encrypted"
    OTHER_OLE = "other_ole"
    RAR = "rar"
    SEVEN_ZIP = "7z"
    TAR = "tar"
    PDF = "pdf"
    IMAGE = "image"
    RTF = "rtf"
    HTML = "html"
    XML_SPREADSHEET = "xml_spreadsheet"
    XML = "xml"
    TEXT = "text"
    SHORTCUT = "shortcut"
    LINK = "link"
    MAIL = "mail"
    SQLITE = "sqlite"
    PROGRAM = "program"
    EMPTY = "empty"
    ZEROS = "zeros"
    UNKNOWN = "unknown"

    @property
    def chinese(self) -> str:
        """What people call it."""
        return _CHINESE[self]

    @property
    def packer(self) -> str:
        """What a packed file that cannot be read is packed with; empty for every other kind."""
        return _PACKERS.get(self, "")


MAY_HOLD_FIGURES = frozenset(
    (
        Kind.OOXML, Kind.XLSB, Kind.ODS, Kind.OLE_WORKBOOK, Kind.OLE_ENCRYPTED, Kind.ARCHIVE,
        Kind.RAR, Kind.SEVEN_ZIP, Kind.TAR,
    )
)  # fmt: skip
"""Workbooks, and what may hold one."""
_CHINESE = {
    Kind.OOXML: "Excel 工作簿（.xlsx、.xlsm）",
    Kind.XLSB: "Excel 二进制工作簿（.xlsb）",
    Kind.ODS: "ODS 工作簿（.ods）",
    Kind.ARCHIVE: "ZIP 压缩包",
    Kind.OTHER_OOXML: "Word、PowerPoint 等文档（.docx、.pptx）",
    Kind.OTHER_ODF: "OpenDocument 文档（.odt 等）",
    Kind.OLE_WORKBOOK: "Excel 97-2003 或 WPS 工作簿（.xls、.et）",
    Kind.OLE_ENCRYPTED: "加密的 Office 文件",
    Kind.OTHER_OLE: "Word、PowerPoint 97-2003 文档或 Outlook 邮件（.doc、.ppt、.msg）",
    Kind.RAR: "RAR 压缩包",
    Kind.SEVEN_ZIP: "7Z 压缩包",
    Kind.TAR: "GZIP 或 TAR 压缩包",
    Kind.PDF: "PDF 文件",
    Kind.IMAGE: "图片",
    Kind.RTF: "RTF 文档",
    Kind.HTML: "网页（网页另存的 .xls 也是）",
    Kind.XML_SPREADSHEET: "XML 电子表格 2003",
    Kind.XML: "XML 文件",
    Kind.TEXT: "文本文件（.csv、.txt 等）",
    Kind.SHORTCUT: "Windows 快捷方式，不是文件本身",
    Kind.LINK: "网址快捷方式",
    Kind.MAIL: "邮件（.eml）",
    Kind.SQLITE: "数据库文件",
    Kind.PROGRAM: "可执行程序",
    Kind.EMPTY: "空文件",
    Kind.ZEROS: "内容全为零的文件，多半没有下载或复制完整",
    Kind.UNKNOWN: "无法识别的文件",
}
_PACKERS = {Kind.RAR: " RAR ", Kind.SEVEN_ZIP: " 7Z ", Kind.TAR: " GZIP 或 TAR "}

_LOCAL, _ENTRY, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"Rar!\x1a\x07", Kind.RAR),
    (b"7z\xbc\xaf\x27\x1c", Kind.SEVEN_ZIP),
    (b"\x1f\x8b", Kind.TAR),
    (b"BZh", Kind.TAR),
    (b"\xfd7zXZ\x00", Kind.TAR),
    (b"%PDF-", Kind.PDF),
    (b"\x89PNG\r\n\x1a\n", Kind.IMAGE),
    (b"\xff\xd8\xff", Kind.IMAGE),
    (b"GIF87a", Kind.IMAGE),
    (b"GIF89a", Kind.IMAGE),
    (b"II*\x00", Kind.IMAGE),
    (b"MM\x00*", Kind.IMAGE),
    (b"{\\rtf", Kind.RTF),
    (b"L\x00\x00\x00\x01\x14\x02\x00", Kind.SHORTCUT),
    (b"bplist00", Kind.LINK),
    (b"SQLite format 3\x00", Kind.SQLITE),
    (b"\x7fELF", Kind.PROGRAM),
)
_NAMES = 2_000
"""Names of a zip looked at; a form has about 20."""
_HEAD = 65_536
"""Bytes of a text looked at."""
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SPREADSHEET_2003 = "urn:schemas-microsoft-com:office:spreadsheet"
_HTML = re.compile(r"<(!doctype\s+html|html|head|body|table|meta)\b", re.IGNORECASE)
_HEADER = re.compile(
    r"^(from|to|subject|date|message-id|received|return-path|mime-version|content-type):",
    re.IGNORECASE | re.MULTILINE,
)
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9-]*:\s")


def sniff(content: bytes) -> Kind:
    """Name the kind of ``content``; never raises, and a name or an extension is not asked for."""
    if content.startswith((_LOCAL, _END, b"PK\x07\x08PK", b"PK00PK")):
        return _zip(content)
    if not content:
        return Kind.EMPTY
    if content.startswith(_OLE):
        return _ole(content)
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return kind
    if content[257:262] == b"ustar":
        return Kind.TAR
    if content[4:12] in (b"ftypheic", b"ftypmif1", b"ftypheix", b"ftypavif") or (
        content.startswith(b"RIFF") and content[8:12] == b"WEBP"
    ):
        return Kind.IMAGE
    if content.startswith(b"BM") and content[6:10] == bytes(4):
        return Kind.IMAGE
    if content.startswith(b"MZ") and b"\x00" in content[:64]:
        return Kind.PROGRAM
    if content.count(b"\x00") == len(content):
        return Kind.ZEROS
    return _text(content)


def _zip(content: bytes) -> Kind:
    names = _central_names(content) or set(_local_names(content))
    if b"[Content_Types].xml" in names or any(one.startswith(b"xl/") for one in names):
        if any(one.endswith(b"workbook.xml") for one in names):
            return Kind.OOXML
        if any(one.endswith(b"workbook.bin") for one in names):
            return Kind.XLSB
        if any(one.startswith((b"word/", b"ppt/", b"visio/")) for one in names):
            return Kind.OTHER_OOXML
        # Cut before its workbook part: only its own folder tells.
        if any(one.startswith(b"xl/") for one in names):
            return Kind.OOXML
        return Kind.OTHER_OOXML if b"_rels/.rels" in names else Kind.ARCHIVE
    if b"mimetype" in names:
        # ODF has its media type first and stored, for readers like this one (ODF 1.2 part 3, 3.3).
        head = content[:200]
        if b"opendocument.spreadsheet" in head:
            return Kind.ODS
        if b"opendocument." in head:
            return Kind.OTHER_ODF
    if b"content.xml" in names and names & {b"META-INF/manifest.xml", b"styles.xml", b"meta.xml"}:
        return Kind.ODS
    return Kind.ARCHIVE


def _central_names(content: bytes) -> set[bytes]:
    """Return the names of the central directory, none where it is not whole."""
    end = content.rfind(_END, max(0, len(content) - 65_557))
    if end < 0 or end + 22 > len(content):
        return set()
    count, size = struct.unpack_from("<HI", content, end + 10)
    place, names = end - size, set()
    for _ in range(min(count, _NAMES)):
        if place < 0 or content[place : place + 4] != _ENTRY or place + 46 > end:
            return set()
        name, extra, comment = struct.unpack_from("<HHH", content, place + 28)
        names.add(content[place + 46 : place + 46 + name])
        place += 46 + name + extra + comment
    return names


def _local_names(content: bytes) -> Iterator[bytes]:
    """Yield the names of the local headers, as far as the file goes."""
    place = content.find(_LOCAL)
    for _ in range(_NAMES):
        if place < 0 or place + 30 > len(content):
            return
        length = int.from_bytes(content[place + 26 : place + 28], "little")
        name = content[place + 30 : place + 30 + length]
        if len(name) == length:
            yield name
        place = content.find(_LOCAL, place + 30)


def _ole(content: bytes) -> Kind:
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as ole:
            if ole.exists("EncryptedPackage"):
                return Kind.OLE_ENCRYPTED
            if ole.exists("Workbook") or ole.exists("Book"):
                return Kind.OLE_WORKBOOK
            return Kind.OTHER_OLE
    except Exception:
        # The reader of a broken directory may raise anything; the names may still stand there.
        for name, kind in (
            ("EncryptedPackage", Kind.OLE_ENCRYPTED),
            ("WordDocument", Kind.OTHER_OLE),
            ("Workbook", Kind.OLE_WORKBOOK),
            ("Book", Kind.OLE_WORKBOOK),
        ):
            if (name + "\x00").encode("utf-16-le") in content:
                return kind
        # Too little is left to tell; the reader of workbooks says that it is broken.
        return Kind.OLE_WORKBOOK


def _text(content: bytes) -> Kind:
    text = _decoded(content[:_HEAD])
    if text is None or _CONTROLS.search(text):
        return Kind.UNKNOWN
    text = text.lstrip("\ufeff \t\r\n")
    head = text[:4096]
    if head.startswith("<"):
        if _SPREADSHEET_2003 in head and "<Workbook" in head:
            return Kind.XML_SPREADSHEET
        if "<plist" in head and "<key>URL</key>" in head:
            return Kind.LINK
        if _HTML.search(head):
            return Kind.HTML
        return (
            Kind.XML if head.startswith("<?xml") or re.match(r"<[\w:]+[\s>]", head) else Kind.TEXT
        )
    if head.lower().startswith("[internetshortcut]"):
        return Kind.LINK
    if _FIELD.match(head) and len({one.lower() for one in _HEADER.findall(head)}) >= 2:
        # A web page saved as one file is laid out like a mail.
        single = "multipart/related" in head.lower() and not re.search(
            r"(?im)^(to|received):", head
        )
        return Kind.HTML if single else Kind.MAIL
    return Kind.TEXT


def _decoded(head: bytes) -> str | None:
    """Decode the beginning of a text, which may end within a character."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8", "gb18030")
    for encoding in encodings:
        try:
            return codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
    return None
