"""Tell what the styles of an .ods hide: percent signs, other numbers, rows, columns and sheets.

Style and number elements are those of ODF 1.2 part 1, chapters 16 and 17.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_NUMBER = "{urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0}"
_LENGTH = re.compile(r"([0-9.]{1,20})(cm|mm|in|pt|pc|px)")
_POINTS = {"cm": 72 / 2.54, "mm": 72 / 25.4, "in": 72.0, "pt": 1.0, "pc": 12.0, "px": 0.75}
_SIZES = {"row": "row-height", "column": "column-width"}
_LOW = 2.0
"""Points of height or width below which nothing can be read."""
_PRINTED_ONLY = {"text", "fill-character", "text-properties", "properties", "map"}
"""Parts of a number's style that show nothing of the number."""
_POINT_OR_COMMA = set(".,．，。·")
_DEEPEST = 20
"""How many styles one may inherit from the other."""


class _Style(NamedTuple):
    parent: str
    number: str
    """The name of the style of numbers."""
    small: bool
    """Too low or narrow to read."""
    hidden: bool
    """A sheet that is not shown."""


_PLAIN = _Style("", "", small=False, hidden=False)


class Styles:
    """The styles of one document."""

    def __init__(self, *roots: etree._Element) -> None:
        """Read the styles of parts; those of a later part take the place of an earlier one's."""
        self._styles: dict[tuple[str, str], _Style] = {}
        self._numbers: dict[str, etree._Element] = {}
        self._told: dict[str, tuple[bool, bool]] = {}
        for root in roots:
            for group in root.iterchildren(f"{OFFICE}styles", f"{OFFICE}automatic-styles"):
                for one in group.iterchildren(f"{_STYLE}style"):
                    key = one.get(f"{_STYLE}family", ""), one.get(f"{_STYLE}name", "")
                    self._styles[key] = _style(one)
                for one in group.iterchildren(f"{_NUMBER}*"):
                    self._numbers[one.get(f"{_STYLE}name", "")] = one

    def misleads(self, cell_style: str) -> tuple[bool, bool]:
        """Tell whether cells of a style show a percent sign, and whether they show another number.

        One with conditions counts as what any of them shows.
        """
        if cell_style not in self._told:
            name, number = cell_style, ""
            for _ in range(_DEEPEST):
                style = self._styles.get(("table-cell", name), _PLAIN)
                number = number or style.number
                name = style.parent
            found = list(self._with_maps(number))
            self._told[cell_style] = (
                any(one.tag == f"{_NUMBER}percentage-style" for one in found),
                any(map(_disguises, found)),
            )
        return self._told[cell_style]

    def is_small(self, family: str, name: str) -> bool:
        """Tell whether rows or columns of a style are drawn too small to read."""
        return self._styles.get((family, name), _PLAIN).small

    def is_hidden(self, table_style: str) -> bool:
        """Tell whether sheets of a style are not shown."""
        return self._styles.get(("table", table_style), _PLAIN).hidden

    def _with_maps(self, name: str) -> Iterator[etree._Element]:
        """Yield the style of numbers with this name, and those it gives way to."""
        style = self._numbers.get(name)
        if style is not None:
            yield style
            for one in style.iterchildren(f"{_STYLE}map"):
                other = self._numbers.get(one.get(f"{_STYLE}apply-style-name", ""))
                if other is not None:
                    yield other


def _style(element: etree._Element) -> _Style:
    sizes = [
        str(one.get(f"{_STYLE}{size}", ""))
        for kind, size in _SIZES.items()
        for one in element.iterchildren(f"{_STYLE}table-{kind}-properties")
    ]
    shown = [
        one.get(f"{TABLE}display") for one in element.iterchildren(f"{_STYLE}table-properties")
    ]
    return _Style(
        str(element.get(f"{_STYLE}parent-style-name", "")),
        str(element.get(f"{_STYLE}data-style-name", "")),
        small=any(map(_is_small, sizes)),
        hidden="false" in shown,
    )


def _is_small(length: str) -> bool:
    match = _LENGTH.fullmatch(length)
    try:
        return match is not None and float(match[1]) * _POINTS[match[2]] < _LOW
    except ValueError:
        return False


def _disguises(style: etree._Element) -> bool:
    """Tell whether a style shows another number than is stored, or none."""
    parts = [one for one in style.iter(f"{_NUMBER}*") if one is not style]
    kinds = [str(one.tag).removeprefix(_NUMBER) for one in parts]
    if style.tag != f"{_NUMBER}text-style" and set(kinds) <= _PRINTED_ONLY:
        return True
    for one, kind in zip(parts, kinds, strict=True):
        printed = one.text or ""
        if kind in ("text", "embedded-text") and any(char.isdigit() for char in printed):
            return True
        if kind == "embedded-text" and _POINT_OR_COMMA & set(printed):
            return True
        if one.get(f"{_NUMBER}display-factor", "1") != "1":
            return True
    return False
