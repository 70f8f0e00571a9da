"""Tell what the styles of an .ods hide: percent signs, other numbers, rows, columns and sheets.

Style and number elements are those of ODF 1.2 part 1, chapters 16 and 17.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from lxml import etree

from consolidator.intake.formats.number_formats import is_percent, may_mislead

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_NUMBER = "{urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0}"
_VALUE = re.compile(r"value\(\)([<>=!]{1,2}-?[0-9.]{1,20})")
_LENGTH = re.compile(r"([0-9.]{1,20})(cm|mm|in|pt|pc|px)")
_POINTS = {"cm": 72 / 2.54, "mm": 72 / 25.4, "in": 72.0, "pt": 1.0, "pc": 12.0, "px": 0.75}
_SIZES = {"row": "row-height", "column": "column-width"}
_LOW = 2.0
"""Points of height or width below which nothing can be read."""
_WORDS: Mapping[str, str] = {
    "fraction": "# ?/?", "scientific-number": "0E+00", "text-content": "@", "boolean": "yyyy",
    **dict.fromkeys(("era", "year", "month", "day", "day-of-week", "week-of-year", "quarter",
                     "hours", "minutes", "seconds", "am-pm"), "yyyy"),
}  # fmt: skip
"""What parts of a number's style are in the words of a number format."""
_DEFAULT = "Default"
"""The style of a cell that has none."""
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
        self._told: dict[str, tuple[bool, str]] = {}
        self.conditional: set[str] = set()
        """The styles that conditions give to cells."""
        for root in roots:
            for group in root.iterchildren(f"{OFFICE}styles", f"{OFFICE}automatic-styles"):
                for one in group.iterchildren(f"{_STYLE}style"):
                    key = one.get(f"{_STYLE}family", ""), one.get(f"{_STYLE}name", "")
                    self._styles[key] = _style(one)
                    if key[0] == "table-cell":
                        maps = one.iterchildren(f"{_STYLE}map")
                        self.conditional |= {_applied(map_) for map_ in maps}
                for one in group.iterchildren(f"{_NUMBER}*"):
                    self._numbers[one.get(f"{_STYLE}name", "")] = one

    def misleads(self, cell_style: str) -> tuple[bool, str]:
        """Tell whether cells of a style show a percent sign, and the code of their numbers.

        The code is empty where it can show no other number than is stored.
        """
        name = cell_style or _DEFAULT
        if name not in self._told:
            code = self._code_of(name)
            self._told[name] = is_percent(code), code if may_mislead(code) else ""
        return self._told[name]

    def misleads_by_condition(self) -> str:
        """Return the code of a misleading style that a condition may give to some cell."""
        codes = (self.misleads(name)[1] for name in sorted(self.conditional))
        return next(filter(None, codes), "")

    def _code_of(self, cell_style: str) -> str:
        name, number = cell_style, ""
        for _ in range(_DEEPEST):
            style = self._styles.get(("table-cell", name), _PLAIN)
            number = number or style.number
            name = style.parent
        found = self._numbers.get(number)
        if found is None:
            return "General"
        sections = []
        for one in found.iterchildren(f"{_STYLE}map"):
            other = self._numbers.get(one.get(f"{_STYLE}apply-style-name", ""))
            condition = _VALUE.fullmatch(one.get(f"{_STYLE}condition", "").replace(" ", ""))
            if other is not None and condition:
                sections.append(f"[{condition[1]}]{_code(other)}")
        return ";".join([*sections, _code(found)])

    def is_small(self, family: str, name: str) -> bool:
        """Tell whether rows or columns of a style are drawn too small to read."""
        return self._styles.get((family, name), _PLAIN).small

    def is_hidden(self, table_style: str) -> bool:
        """Tell whether sheets of a style are not shown."""
        return self._styles.get(("table", table_style), _PLAIN).hidden


def _applied(element: etree._Element) -> str:
    return str(element.get(f"{_STYLE}apply-style-name", ""))


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


def _code(style: etree._Element) -> str:
    """Return a style of numbers in the words of a number format."""
    code = ""
    for one in style.iterchildren(f"{_NUMBER}*"):
        kind, printed = str(one.tag).removeprefix(_NUMBER), one.text or ""
        if kind == "number":
            digits = "0"
            for inner in one.iterchildren(f"{_NUMBER}embedded-text"):
                digits += _quoted(inner.text or "") + "0"
            thousands = one.get(f"{_NUMBER}display-factor", "1") != "1"
            code += f"{digits}.0," if thousands else f"{digits}.0"
        elif kind in ("text", "currency-symbol"):
            code += _quoted(printed)
        elif kind == "fill-character":
            code += f"*{printed[:1]}" if printed else ""
        else:
            code += _WORDS.get(kind, "")
    return code


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "") + '"' if text else ""
