"""Tell which number formats show another number than the cell holds.

The one who types sees what is shown, the reader takes what is stored: ``95%`` is stored as
0.95, and with the format ``0!.0,`` 86000 is shown as ``8.6``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

_PERCENTS = {9, 10}
"""The numbers of the built-in formats ``0%`` and ``0.00%`` (ECMA-376 part 1, 18.8.30)."""
_LITERAL = re.compile(r'"([^"]*)"|[\\!](.)|[_*](?:.)|\[[^\]]*\]')
_PLACE = re.compile(r"[0#?]")
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
    bare, written = "", ""
    at = 0
    for match in _LITERAL.finditer(code):
        before = code[at : match.start()]
        if ";" in before:
            break
        bare += before
        written += match[1] or match[2] or ""
        at = match.end()
    bare += code[at:]
    bare = bare.partition(";")[0]
    hidden = not _PLACE.search(bare) and not _OTHERWISE.search(bare)
    return hidden or bool(_SCALED.search(bare)) or any(one.isdigit() for one in written)


def misleading(styles: etree._Element) -> Misleading:
    """Return the misleading cell formats of a styles part."""
    codes = {one.get("numFmtId"): one.get("formatCode", "") for one in styles.iter("{*}numFmt")}
    return Misleading(
        frozenset(
            index for index, number in _formats(styles)
            if (is_percent(codes[number]) if number in codes else number in map(str, _PERCENTS))
        ),
        frozenset(
            index for index, number in _formats(styles)
            if number in codes and is_disguise(codes[number])
        ),
    )  # fmt: skip


def _formats(styles: etree._Element) -> Iterator[tuple[bytes, str]]:
    """Yield index and number format of each cell format."""
    for formats in styles.iterchildren("{*}cellXfs"):
        for index, one in enumerate(formats.iterchildren("{*}xf")):
            yield str(index).encode(), str(one.get("numFmtId", "0"))
