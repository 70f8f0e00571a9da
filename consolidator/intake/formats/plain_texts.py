"""Cut the shared texts of a workbook into pieces where they are written in the usual plain manner.

Most texts are alike in all files made from one form, and what a reader said of them is remembered.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import repeat
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
"""What a run may look like (ECMA-376 part 1, 18.4.7), and nothing else.

Many texts are asked at once: an element that a reader takes for a text would move the others.
"""
_LOOK = rb"(?:<rPr>(?:<(?:" + _LOOKS + rb')(?: \w+="[^"<>&]*")*+ ?/>)*+</rPr>)?'
_PHONETIC = rb'(?:<phoneticPr(?: \w+="[^"<>&]*")*+ ?/>)?'
_TEXT = re.compile(rb"<si>(?:" + _RUN + rb"|(?:<r>" + _LOOK + _RUN + rb"</r>)++)" + _PHONETIC)
"""One text, of one run or several.

A reader takes references to other characters its own way, and so the ends of lines of old.
"""
_LETTERS = re.compile(
    rb'<si><t(?: xml:space="preserve")?>((?! )[^<>&_\x00-\x1f\x7f]++(?<! ))</t>' + _PHONETIC
)
"""One of a single run, with no sign in it that stands for another, and no space at its ends."""
_KEPT = 8_192
"""How many texts are remembered."""
_UNKNOWN = "not remembered"
"""Stands for what is not: this very object, whatever a text says."""


class _TextAnswers:
    """What a reader said of texts."""

    def __init__(self) -> None:
        self.known: dict[bytes, str] = {}

    def learn(self, told: Mapping[bytes, str]) -> None:
        """Remember what was told, but for long texts, and for so many that no form has them."""
        if len(told) > _KEPT // 2:
            return
        if len(self.known) + len(told) > _KEPT:
            self.known.clear()
        self.known.update({text: said for text, said in told.items() if len(text) <= LONG})


ANSWERS = _TextAnswers()


class Texts(NamedTuple):
    """The shared texts of a workbook."""

    said: Sequence[str]
    """What each says, but for the `unknown`."""
    unknown: Sequence[tuple[int, bytes]]
    """Those that a reader is to be asked about, as they are written, with their places."""


def cut_texts(part: bytes) -> Texts | None:
    """Return each text of a part as it is written; None where they are not plainly written."""
    start, end = part.find(_START), part.rfind(_END)
    if not 0 <= start < end or not part[:start].isascii() or not _HEAD.fullmatch(part[:start]):
        return None
    if not _TAIL.fullmatch(part[end + len(_END) :]):
        return None
    pieces = part[start:end].replace(_NEW_LINE, b"\n").split(_END)
    said = list(map(ANSWERS.known.get, pieces, repeat(_UNKNOWN)))
    unknown, told = [], {}
    for place in [place for place, one in enumerate(said) if one is _UNKNOWN]:
        piece = pieces[place]
        letters = _letters(piece)
        if letters is not None:
            said[place] = told[piece] = letters
        elif _TEXT.fullmatch(piece):
            unknown.append((place, piece))
        else:
            return None
    ANSWERS.learn(told)
    return Texts(said, unknown)


def _letters(piece: bytes) -> str | None:
    """Return a text that says what it is written with; None where a reader is to say it."""
    match = _LETTERS.fullmatch(piece)
    try:
        return match[1].decode() if match else None
    except UnicodeDecodeError:
        return None
