"""Read what a worksheet of SpreadsheetML has besides its rows, from its XML."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from consolidator.intake.formats.marks import Marks
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.formats.sheet_marks import (
    MAIN,
    hide_columns,
    hold_links,
    is_tiny,
    merge,
)
from consolidator.intake.formats.xml_parsing import PARSER
from consolidator.intake.limits import Limits

_TWO_WAYS = (b"<!", b"<?")
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_SHOWING = ("r", "hidden", "ht", "min", "max", "width", "defaultRowHeight")
"""The attributes that tell where a row or column is and whether it is shown."""


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What a sheet has besides its rows; each is known by itself."""

    merges: tuple[str, ...]
    links: tuple[str, ...]
    columns: tuple[Mapping[str, str], ...]
    squeezed: bool
    """Whether rows that tell no height are drawn too low to be read."""


def parsed_sheet(xml: bytes) -> tuple[etree._Element, etree._Element]:
    """Parse a worksheet, and return it with the one element that has its rows.

    Raises:
        NotReadableError: it is not well-formed, or can be read in two ways.
    """
    declared = xml.find(b"?>") + 2 if xml.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml") else 0
    if any(xml.find(sign, declared) >= 0 for sign in _TWO_WAYS):
        raise NotReadableError("file_damaged", "工作表的写法有歧义")
    try:
        root = etree.fromstring(xml, PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotReadableError("file_damaged", "工作表的内容不完整") from error
    names = [one.decode() for one in MAIN]
    name_space = next((one for one in names if root.tag == f"{{{one}}}worksheet"), None)
    data = [] if name_space is None else list(root.iter(f"{{{name_space}}}sheetData"))
    if len(data) != 1 or data[0].getparent() is not root:
        raise NotReadableError("file_damaged", "工作表的内容不对")
    return root, data[0]


def rows_and_cells(root: etree._Element, data: etree._Element) -> Iterator[etree._Element]:
    """Yield what any program may take for a row or cell, wherever it stands.

    Form controls and embedded objects are anchored to a row outside the table (ECMA-376 part 1,
    20.5.2.27): that is a number.
    """
    for element in root.iter("{*}row", "{*}c"):
        anchor = str(element.tag).startswith(_DRAWING)
        if not anchor or data in element.iterancestors():
            yield element


def surroundings_of(root: etree._Element) -> Surroundings:
    """Return what a parsed sheet has besides its rows."""
    defaults = map(asked, root.iter("{*}sheetFormatPr"))
    return Surroundings(
        merges=tuple(one.get("ref", "") for one in root.iter("{*}mergeCell")),
        links=tuple(one.get("ref", "") for one in root.iter("{*}hyperlink")),
        columns=tuple(map(asked, root.iter("{*}col"))),
        squeezed=any(is_tiny(one, "defaultRowHeight") for one in defaults),
    )


def note_surroundings(marks: Marks, around: Surroundings, limits: Limits) -> None:
    """Note merged areas and hidden columns, and hold the limits of what else there is.

    Raises:
        NotReadableError: there is too much of something, or it lies too far.
    """
    merge(marks, around.merges, limits)
    hold_links(around.links, limits)
    hide_columns(marks, around.columns, limits)


def asked(element: etree._Element) -> dict[str, str]:
    """Return what an element says of how a row or column is shown."""
    found = ((name, element.get(name)) for name in _SHOWING)
    return {name: str(value) for name, value in found if value is not None}
