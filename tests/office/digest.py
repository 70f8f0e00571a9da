"""Tell a workbook as short sorted text, one line a cell, so that a change is a readable diff.

A cell's line: its address, its value (`'text'`, `12`, `=A1 -> 3`), then what differs from the
workbook's default: number format, font (`Calibri-b11#FF0000`: bold, size, colour), `fill#FFFF00`,
borders by side (`box-LTRB`), alignment, `unlocked`. Neighbours in a row that are blank and alike
share a line. Pictures, charts and extended (x14) rules are not told: openpyxl does not read them.
"""

import datetime
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from .reading import both
from .sheet_digest import about_sheet, rules

WORKBOOK = "[workbook]"
"""The key of what belongs to no sheet; no sheet can have this name."""


def digest(workbook: Path) -> dict[str, str]:
    """Return sheet name -> its text, in the workbook's order, and first WORKBOOK -> the rest."""
    formulas, cached = both(workbook)
    texts = {WORKBOOK: _text(_about_workbook(formulas))}
    for sheet in formulas.worksheets:
        values = cached[sheet.title]
        texts[sheet.title] = _text([*about_sheet(sheet), *rules(sheet), *_cells(sheet, values)])
    return texts


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _about_workbook(workbook: Workbook) -> Iterator[str]:
    for sheet in workbook.worksheets:
        yield f"sheet {sheet.title} {sheet.sheet_state}"
    for name, defined in sorted(workbook.defined_names.items()):
        yield f"name {name} = {defined.attr_text}" + (" hidden" if defined.hidden else "")
    properties: Any = workbook
    for prop in sorted(properties.custom_doc_props.props, key=lambda prop: str(prop.name)):
        yield f"property {prop.name} = {prop.value!r}"
    if workbook.security is not None and workbook.security.lockStructure:
        yield "structure locked"


def _cells(sheet: Worksheet, values: Worksheet) -> Iterator[str]:
    default = _font(Cell(sheet, 1, 1).font)
    for row in sheet.iter_rows():
        told = [
            (cell.coordinate, _value(cell, values[cell.coordinate].value), _style(cell, default))
            for cell in row
        ]
        for (value, style), run in groupby(told, key=lambda cell: cell[1:]):
            addresses = [address for address, *_ in run]
            if value:
                yield from (f"{address} {value} {style}".rstrip() for address in addresses)
            elif style and len(addresses) > 1:
                yield f"{addresses[0]}:{addresses[-1]} {style}"
            elif style:
                yield f"{addresses[0]} {style}"


def _value(cell: Any, cached: Any) -> str:
    parts = []
    if cell.data_type == "f":
        formula = getattr(cell.value, "text", cell.value)
        area = getattr(cell.value, "ref", None)
        parts.append(f"{{{formula}}} over {area}" if area else str(formula))
        parts.append(f"-> {_plain(cached)}")
    elif cell.value is not None:
        parts.append(_plain(cell.value))
    if getattr(cell, "hyperlink", None):
        link = cell.hyperlink
        parts.append(f"link({link.target or '#' + str(link.location)})")
    if getattr(cell, "comment", None):
        parts.append(f"note({cell.comment.text!r})")
    return " ".join(parts)


def _plain(value: Any) -> str:
    """Tell text by quotes, and write 5.0 as 5: the file does not tell them apart."""
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return str(value).removesuffix(" 00:00:00")
    return "blank" if value is None else str(value)


def _style(cell: Any, default_font: str) -> str:
    if not cell.has_style:
        return ""
    font, alignment = _font(cell.font), cell.alignment
    sides = "".join(
        side[0].upper()
        for side in ("left", "top", "right", "bottom")
        if getattr(cell.border, side) is not None and getattr(cell.border, side).style
    )
    tokens = [
        "" if cell.number_format == "General" else cell.number_format.replace(" ", "_"),
        "" if font == default_font else font,
        f"fill{_colour(cell.fill.fgColor)}" if cell.fill.fill_type else "",
        f"box-{sides}" if sides else "",
        alignment.horizontal if alignment.horizontal not in (None, "general") else "",
        alignment.vertical if alignment.vertical not in (None, "bottom") else "",
        "wrap" if alignment.wrap_text else "",
        f"indent{alignment.indent:g}" if alignment.indent else "",
        "" if cell.protection.locked else "unlocked",
        "hidden-formula" if cell.protection.hidden else "",
    ]
    return " ".join(token for token in tokens if token)


def _font(font: Any) -> str:
    marks = "b" * bool(font.b) + "i" * bool(font.i) + "u" * bool(font.u)
    return f"{font.name}-{marks}{font.sz or 0:g}{_colour(font.color)}"


def _colour(colour: Any) -> str:
    """Return #RRGGBB, or theme3, or indexed64; nothing for black by default."""
    if colour is None:
        return ""
    if colour.type == "rgb":
        return f"#{colour.rgb[-6:]}"
    return "" if (colour.type, colour.value) == ("theme", 1) else f"{colour.type}{colour.value}"
