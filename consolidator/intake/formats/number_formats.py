"""Tell which number formats show another number than the cell holds.

The one who types sees what is shown, the reader takes what is stored: ``95%`` is stored as
0.95, and with the format ``0!.0,`` 86000 is shown as ``8.6``. Formats are read as Excel writes
them (ECMA-376 part 1, 18.8.30 and 18.8.31); those of other programs are put into its words.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

_REMEMBERED = 1_024
_PERCENTS = {9, 10, 67, 68}
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59), *range(71, 82)}
"""Numbers of built-in formats, those of East Asian and Thai programs too."""
A_DATE = "yyyy-mm-dd"
_TOKEN = re.compile(
    r'"([^"]*)"|[\\!](.)|_(.)|\*(.)|\[([^\]]*)\]'
    r"|(General|G/通用格式)|([eE][+-][0#?]+)|([0#?][0#?,]*)|(\.)|(.)",
    re.IGNORECASE | re.DOTALL,
)
"""Quoted, escaped, a gap, a filler, in brackets, general, an exponent, digits, point, the rest."""
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9.]{1,20})")
_CURRENCY = re.compile(r"\$([^-]*)(-.*)?")
_HARMLESS = re.compile(r"[#?]?(?:#,##)?[0#?](?:\.[0#?]+)?%?|General|@", re.IGNORECASE)
_WRITTEN_PERCENT = re.compile(r'"[^"]*[%％][^"]*"|[\\!][%％]')
_WHITE = {"white", "color2"}
_DATE_PARTS = set("ymdhsge")
_PERCENT_SIGNS = "%％"
_MINUS = set("-−－(（")
_POINTS = set(".,．，。·‧٫٬'’")
_SCALES = {"k", "m", "w", "b", "bn", "mn", "‰", "‱"}
_SQUARES = str.maketrans("", "", "²³")
_MEASURE_OF_AMOUNTS = "万元"


@dataclass(frozen=True, slots=True, eq=False)
class Misleading:
    """The cell formats of one workbook that may mislead, by their index as the sheet writes it.

    Each is known by itself: what is remembered of a row holds for the formats it was read with.
    """

    percents: frozenset[bytes] = frozenset()
    disguised: Mapping[bytes, str] = field(default_factory=dict)
    """Those that may show another number, with their codes: see `shows_otherwise`."""
    conditional: Mapping[bytes, str] = field(default_factory=dict)
    """The same of the formats that conditions give to cells."""


PLAIN = Misleading()


class _Section(NamedTuple):
    """One part of a format: what it shows, and for which numbers."""

    condition: tuple[str, float] | None
    before: str
    """What is written before the digits, between two of them, and behind."""
    between: str
    after: str
    digits: bool
    scaled: bool
    dated: bool
    general: bool
    unseen: bool


def misleading(codes: Mapping[str, str], used: Sequence[str]) -> Misleading:
    """Return which cell formats mislead.

    Args:
        codes: the workbook's own number formats by their number.
        used: the number of each cell format's number format.
    """
    own = {_number(number): code for number, code in codes.items()}
    judged = {number: _code(number, own) for number in set(map(_number, used))}
    suspect = {number for number, code in judged.items() if may_mislead(code)}
    percents = {number for number, code in judged.items() if is_percent(code)}
    indexes = [(str(index).encode(), _number(number)) for index, number in enumerate(used)]
    return Misleading(
        frozenset(index for index, number in indexes if number in percents),
        {index: judged[number] for index, number in indexes if number in suspect},
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _code(number: int, codes: Mapping[int, str]) -> str:
    if number in codes:
        return codes[number]
    if number in _PERCENTS:
        return "0%"
    return A_DATE if number in _DATES else "General"


@lru_cache(maxsize=_REMEMBERED)
def is_percent(code: str) -> bool:
    """Tell whether a format shows a number with a percent sign."""
    texts = (part for one in _sections(code) for part in (one.before, one.between, one.after))
    return any(sign in text for text in texts for sign in _PERCENT_SIGNS)


def only_writes_percent(code: str) -> bool:
    """Tell whether a percent sign is only written: then 0.5 is shown as ``0.5%``, not as 50%."""
    return bool(_WRITTEN_PERCENT.search(code))


def may_mislead(code: str) -> bool:
    """Tell whether a format is worth a closer look for the number it shows."""
    return not _HARMLESS.fullmatch(code)


@lru_cache(maxsize=_REMEMBERED)
def shows_otherwise(code: str, value: float) -> bool:
    """Tell whether a format shows a number as another one, or not at all.

    That a zero is shown as nothing or as a dash misleads nobody.
    """
    section = _section_of(code, value)
    if section is None:
        return True
    if value == 0 and not section.digits:
        return _numeral(section.before + section.after)
    if section.general:
        return section.unseen or _adds(section, value)
    if section.dated or section.scaled or section.unseen or not section.digits:
        return True
    return bool(section.between.strip(_PERCENT_SIGNS)) or _adds(section, value)


def _adds(section: _Section, value: float) -> bool:
    """Tell whether what is written around the digits makes another number of them."""
    before, after = section.before.strip(), section.after.strip()
    signed = value > 0 and bool(_MINUS & set(before))
    scaled = after.lower() in _SCALES or before.lower() in _SCALES
    pointed = bool(_POINTS & set(before))
    return signed or scaled or pointed or _numeral(before + after)


def _numeral(text: str) -> bool:
    text = text.replace(_MEASURE_OF_AMOUNTS, "").translate(_SQUARES)
    return any(char.isnumeric() for char in text)


def _section_of(code: str, value: float) -> _Section | None:
    """Return the part of a format that a number is shown by."""
    sections = _sections(code)
    if any(one.condition for one in sections):
        for one in sections:
            if one.condition is None or _holds(one.condition, value):
                return one
        return None
    if len(sections) == 1:
        return sections[0]
    if value < 0:
        return sections[1]
    return sections[2] if value == 0 and len(sections) > 2 else sections[0]


def _holds(condition: tuple[str, float], value: float) -> bool:
    sign, bound = condition
    return {
        "<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound,
        "=": value == bound, "<>": value != bound,
    }[sign]  # fmt: skip


@lru_cache(maxsize=_REMEMBERED)
def _sections(code: str) -> tuple[_Section, ...]:
    return tuple(map(_read, _parts(code)))


def _parts(code: str) -> Iterator[list[re.Match[str]]]:
    """Cut a format at its semicolons."""
    tokens: list[re.Match[str]] = []
    for match in _TOKEN.finditer(code):
        if match[0] == ";":
            yield tokens
            tokens = []
        else:
            tokens.append(match)
    yield tokens


def _read(tokens: list[re.Match[str]]) -> _Section:
    """Tell what one part of a format shows."""
    condition, dated, general, unseen = None, False, False, False
    written, places = [""], []
    for match in tokens:
        quoted, escaped, gap, filler, bracketed, whole, exponent, digits, point, rest = (
            match.groups()
        )
        if digits is not None:
            places.append(digits)
            written.append("")
        elif bracketed is not None:
            symbol = _CURRENCY.fullmatch(bracketed)
            compared = _CONDITION.fullmatch(bracketed.strip())
            condition = (compared[1], _float(compared[2])) if compared else condition
            unseen = unseen or bracketed.lower().replace(" ", "") in _WHITE
            dated = dated or bracketed.lower() in ("h", "hh", "m", "mm", "s", "ss")
            written[-1] += symbol[1] if symbol else ""
        elif whole is not None or rest == "@":
            general = True
            written.append("")
        elif rest is not None and rest.lower() in _DATE_PARTS:
            dated = True
        elif exponent is None and gap is None and point is None:
            written[-1] += next(one for one in (quoted, escaped, filler, rest) if one is not None)
    between = "".join(written[1:-1])
    return _Section(
        condition,
        written[0],
        "" if between.strip() == "/" else between,
        written[-1] if len(written) > 1 else "",
        digits=bool(places),
        scaled=bool(places) and any(one.endswith(",") for one in places),
        dated=dated,
        general=general,
        unseen=unseen,
    )


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
