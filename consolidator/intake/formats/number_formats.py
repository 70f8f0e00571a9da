"""Tell which number formats show another number than the cell holds.

The one who types sees what is shown, the reader takes what is stored: ``95%`` is stored as
0.95, and with the format ``0!.0,`` 86000 is shown as ``8.6``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

_PERCENTS = {"9", "10"}
"""The numbers of the built-in formats ``0%`` and ``0.00%`` (ECMA-376 part 1, 18.8.30)."""
_LITERAL = re.compile(r'"([^"]*)"|[\\!](.)|[_*](?:.)|\[[^\]]*\]')
_PLACE = re.compile(r"[0#?]")
_POINT = re.compile("[.,．，。·]")
_SCALED = re.compile(r"[0#?],+(?![0#?,])")
_OTHERWISE = re.compile(r"general|[@ymdhse]", re.IGNORECASE)
"""What makes a section without places for digits show its value all the same."""
_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Misleading:
    """The cell formats of one workbook that mislead, by their index as the sheet writes it."""

    percents: frozenset[bytes] = frozenset()
    disguised: frozenset[bytes] = frozenset()
    """Those that show a scaled number, digits of their own, or nothing."""


PLAIN = Misleading()


@lru_cache(maxsize=_REMEMBERED)
def is_percent(code: str) -> bool:
    """Tell whether a format shows a number as a percentage."""
    return "%" in _LITERAL.sub("", code)


@lru_cache(maxsize=_REMEMBERED)
def is_disguise(code: str) -> bool:
    """Tell whether a format shows a positive number as another one, or not at all."""
    bare, written, parted = "", "", False
    at = 0
    for match in _LITERAL.finditer(code):
        before = code[at : match.start()]
        if ";" in before:
            break
        bare += before
        text = match[1] or match[2] or ""
        written += text
        after = code[match.end() :].partition(";")[0]
        parted |= bool(_POINT.search(text) and _PLACE.search(bare) and _PLACE.search(after))
        at = match.end()
    bare += code[at:]
    bare = bare.partition(";")[0]
    hidden = not _PLACE.search(bare) and not _OTHERWISE.search(bare)
    scaled = bool(_SCALED.search(bare))
    return hidden or scaled or parted or any(one.isdigit() for one in written)


def misleading(codes: Mapping[str, str], used: Sequence[str]) -> Misleading:
    """Return which cell formats mislead.

    Args:
        codes: the workbook's own number formats by their number.
        used: the number of each cell format's number format.
    """
    return Misleading(
        frozenset(
            str(index).encode() for index, number in enumerate(used)
            if (is_percent(codes[number]) if number in codes else number in _PERCENTS)
        ),
        frozenset(
            str(index).encode() for index, number in enumerate(used)
            if number in codes and is_disguise(codes[number])
        ),
    )  # fmt: skip
