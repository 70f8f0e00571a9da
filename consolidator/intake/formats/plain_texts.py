"""Cut the shared texts of a workbook into pieces where they are written in the usual plain manner.

Most texts are alike in all files made from one form, and what a reader said of them is remembered.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from consolidator.intake.remembering import LONG

_START, _END = b"<si>", b"</si>"
_HEAD = re.compile(rb'(?:<\?xml [^<>]*\?>\s*)?<sst(?: [\w:]+="[^"<>]*")*+ ?>\s*')
_TAIL = re.compile(rb"\s*</sst>\s*")
_NEW_LINE = b"&#10;"
"""What LibreOffice writes for the end of a line in a text."""
_RUN = rb'<t(?: xml:space="preserve")?>(?:[^<&\r]|&(?!#))*+</t>'
_LOOKS = (
    b"b|i|strike|condense|extend|outline|shadow|u|vertAlign|sz|color|rFont|family|charset|scheme"
)
"""What a run may look like (ECMA-376 part 1, 18.4.7), and nothing else: see `say`."""
_LOOK = rb"(?:<rPr>(?:<(?:" + _LOOKS + rb')(?: \w+="[^"<>&]*")*+ ?/>)*+</rPr>)?'
_TEXT = re.compile(
    rb"<si>(?:" + _RUN + rb"|(?:<r>" + _LOOK + _RUN + rb"</r>)++)"
    rb'(?:<phoneticPr(?: \w+="[^"<>&]*")*+ ?/>)?'
)
"""One text, of one run or several.

A reader takes references to other characters its own way, and so the ends of lines of old.
"""
_KEPT, _LONG = 8_192, LONG
"""How many texts are remembered, and the most bytes of one."""
_KNOWN: dict[bytes, str] = {}


class Texts(NamedTuple):
    """The shared texts of a workbook, as they are written."""

    pieces: Sequence[bytes]
    unknown: Sequence[bytes]
    """Those of which nothing is remembered, each once."""


def cut_texts(part: bytes) -> Texts | None:
    """Return each text of a part as it is written; None where they are not plainly written."""
    start, end = part.find(_START), part.rfind(_END)
    if not 0 <= start < end or not _HEAD.fullmatch(part[:start]):
        return None
    if not _TAIL.fullmatch(part[end + len(_END) :]):
        return None
    pieces = part[start:end].replace(_NEW_LINE, b"\n").split(_END)
    unknown = list(dict.fromkeys([piece for piece in pieces if piece not in _KNOWN]))
    return Texts(pieces, unknown) if all(map(_TEXT.fullmatch, unknown)) else None


def say(texts: Texts, told: Mapping[bytes, str]) -> list[str]:
    """Return what each piece says: what is remembered, else what was told now.

    What was told is remembered, but for long texts, and for so many that no form has them. It
    was told of many at once: none may be written so that it moves the others.
    """
    _KNOWN.update(told)
    said = list(map(_KNOWN.__getitem__, texts.pieces))
    forgotten: Iterable[bytes] = [piece for piece in told if len(piece) > _LONG]
    if len(_KNOWN) > _KEPT:
        forgotten = told if len(told) > _KEPT // 2 else list(_KNOWN)
    for piece in forgotten:
        del _KNOWN[piece]
    return said
