"""Name the files that attachments are saved as: what a stranger sent, safe on every system."""

import re
import unicodedata
from collections.abc import Callable
from itertools import count

from consolidator.files import HISTORY, is_safe_name
from consolidator.intake.folder import visible
from consolidator.intake.formats.sniff import Kind, sniff
from consolidator.intake.letters import SUFFIX
from consolidator.workspace import REVIEWS

LONGEST, LONGEST_BYTES = 120, 200
"""Characters and UTF-8 bytes of a name; with the folder's own and the record's it fits anywhere."""
_EXTENSION = re.compile(r"\.[^. ]{1,15}")
_REFUSED = re.compile(r'[\\/:*?"<>|]')
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
                     "\U000e0100-\U000e01ef]")  # fmt: skip
"""Characters without a shape that are neither controls nor format marks (Unicode: ignorable)."""
_OWN = {HISTORY, REVIEWS}
"""What stands in the returns folder besides returns."""

_BY_KIND = {
    Kind.OOXML: ".xlsx", Kind.XLSB: ".xlsb", Kind.ODS: ".ods", Kind.ARCHIVE: ".zip",
    Kind.OLE_WORKBOOK: ".xls", Kind.OLE_ENCRYPTED: ".xlsx", Kind.RAR: ".rar",
    Kind.SEVEN_ZIP: ".7z", Kind.PDF: ".pdf", Kind.RTF: ".rtf", Kind.HTML: ".html",
    Kind.XML_SPREADSHEET: ".xml", Kind.XML: ".xml", Kind.TEXT: ".txt", Kind.SHORTCUT: ".lnk",
    Kind.MAIL: ".eml", Kind.SQLITE: ".db",
}  # fmt: skip
_BY_BEGINNING = (
    (b"\x89PNG", ".png"), (b"\xff\xd8\xff", ".jpg"), (b"GIF8", ".gif"), (b"II*\x00", ".tif"),
    (b"MM\x00*", ".tif"), (b"BM", ".bmp"), (b"RIFF", ".webp"), (b"\x1f\x8b", ".gz"),
    (b"BZh", ".bz2"), (b"\xfd7zXZ", ".xz"), (b"MZ", ".exe"),
)  # fmt: skip
_BY_PART = (
    (b"word/", ".docx"), (b"ppt/", ".pptx"), (b"opendocument.text", ".odt"),
    (b"opendocument.presentation", ".odp"), ("WordDocument".encode("utf-16-le"), ".doc"),
    ("PowerPoint Document".encode("utf-16-le"), ".ppt"),
    ("__substg1.0".encode("utf-16-le"), ".msg"),
)  # fmt: skip


def safe_name(name: str, content: bytes) -> str:
    """Return what an attachment is saved under.

    It has no path, no character that cannot be seen or that Windows refuses, and no name that
    Windows reserves; it is not hidden, not too long, and never what this product itself puts beside
    the returns. Its extension is kept. ``~$`` at its beginning is kept too: it marks a leftover.

    Args:
        name: how it was sent.
        content: tells the extension where there is no name.
    """
    name = re.split(r"[\\/]", name.rstrip("\\/"))[-1]
    name = "".join(" " if char.isspace() else char for char in name)
    name = unicodedata.normalize("NFC", _UNSEEN.sub("", visible(name)))
    name = _REFUSED.sub("_", name).lstrip(". ").rstrip(". ")
    if not name:
        return "附件" + extension_of(content)
    stem = name.split(".")[0].rstrip()
    if not is_safe_name(stem) or stem.upper() in ("CONIN$", "CONOUT$"):
        name = f"_{name}"
    # One place is left for what may have to be added.
    name = _fitted(name, "", room=1)
    return f"{name}_" if name.lower().endswith(SUFFIX) or name.lower() in _OWN else name


def free_name(name: str, taken: Callable[[str], bool]) -> str:
    """Return a safe name that is not taken: itself, else ``甲 (2).xlsx``, ``甲 (3).xlsx``, ….

    Windows and macOS hold ``A.xlsx`` and ``a.xlsx`` for one: ``taken`` has to compare as they do,
    without regard to case.
    """
    if not taken(name):
        return name
    numbered = (_fitted(name, f" ({number})") for number in count(2))
    return next(one for one in numbered if not taken(one))


def _fitted(name: str, added: str, room: int = 0) -> str:
    """Return a name with something added before its extension, cut to what may be."""
    stem, extension = _parted(name)
    most = LONGEST - room - len(extension) - len(added)
    most_bytes = LONGEST_BYTES - room - len(extension.encode()) - len(added.encode())
    stem = stem[:most].encode()[:most_bytes].decode(errors="ignore").rstrip(". ")
    return f"{stem}{added}{extension}"


def _parted(name: str) -> tuple[str, str]:
    place = name.rfind(".")
    is_extension = place > 0 and _EXTENSION.fullmatch(name, place)
    return (name[:place], name[place:]) if is_extension else (name, "")


def extension_of(content: bytes) -> str:
    """Return the extension that content has by its own beginning, with its dot; may be empty."""
    kind = sniff(content)
    if kind in _BY_KIND:
        return _BY_KIND[kind]
    if kind in (Kind.IMAGE, Kind.TAR, Kind.PROGRAM):
        known = (one for begin, one in _BY_BEGINNING if content.startswith(begin))
        return next(known, ".tar" if kind is Kind.TAR else "")
    if kind in (Kind.OTHER_OOXML, Kind.OTHER_ODF, Kind.OTHER_OLE):
        return next((one for part, one in _BY_PART if part in content), "")
    return ""
