"""Cut the shared texts of a workbook into pieces where they are written in the usual plain manner.

Most texts are alike in all files made from one form, and what a reader said of them is remembered.
"""

import re
from collections.abc import Mapping, Sequence

_START, _END = b"<si>", b"</si>"
_HEAD = re.compile(rb'(?:<\?xml [^<>]*\?>\s*)?<sst(?: [\w:]+="[^"<>]*")*+ ?>\s*')
_TAIL = re.compile(rb"\s*</sst>\s*")
_TEXT = re.compile(
    rb'<si><t(?: xml:space="preserve")?>[^<]*</t>(?:<phoneticPr(?: \w+="[^"<>&]*")*+ ?/>)?'
)
_OTHERWISE = (b"&#", b"<!")
"""Where there are these, a reader is given the part as the parser understood it."""
_KEPT, _LONG = 16_384, 1_000
"""How many texts are remembered, and the most bytes of one."""
_KNOWN: dict[bytes, str] = {}


def cut_texts(part: bytes) -> Sequence[bytes] | None:
    """Return each text of a part as it is written; None where they are not plainly written."""
    start, end = part.find(_START), part.rfind(_END)
    if not 0 <= start < end or not _HEAD.fullmatch(part[:start]):
        return None
    if not _TAIL.fullmatch(part[end + len(_END) :]) or any(sign in part for sign in _OTHERWISE):
        return None
    pieces = part[start:end].split(_END)
    return pieces if all(map(_TEXT.fullmatch, unknown_of(pieces))) else None


def unknown_of(pieces: Sequence[bytes]) -> list[bytes]:
    """Return the pieces of which nothing is remembered, each once."""
    return list(dict.fromkeys([piece for piece in pieces if piece not in _KNOWN]))


def texts_of(pieces: Sequence[bytes], told: Mapping[bytes, str]) -> list[str]:
    """Return what each piece says: what is remembered, else what was told now.

    What was told is remembered, but for long texts, and for so many that no form has them.
    """
    if not told:
        return list(map(_KNOWN.__getitem__, pieces))
    texts = [_KNOWN[piece] if piece in _KNOWN else told[piece] for piece in pieces]
    short = {piece: text for piece, text in told.items() if len(piece) <= _LONG}
    if len(short) <= _KEPT // 2:
        if len(_KNOWN) + len(short) > _KEPT:
            _KNOWN.clear()
        _KNOWN.update(short)
    return texts
