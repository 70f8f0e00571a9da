"""Note what a worksheet holds, however it was found, and hold its limits."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import compress

from consolidator.intake.formats.marks import Marks, Place
from consolidator.intake.formats.number_formats import Misleading
from consolidator.intake.formats.references import area_of
from consolidator.intake.formats.refusing import NotReadableError, hold_cell, hold_count
from consolidator.intake.limits import Limits

MAIN = (
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/spreadsheetml/main",
)
"""The namespaces of SpreadsheetML: transitional and strict."""
NUMBER = rb"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?"
"""A number as cells hold it."""
_FALSE = {"", "0", "false", "off", "f"}
"""Programs take more for a truth value than XML Schema does (LibreOffice 7.4: ``on``)."""
_READABLE = {"ht": 2.0, "width": 0.3, "defaultRowHeight": 2.0}
"""Points of height and characters of width below which nothing can be read."""


def hold_text(index: int, texts: int) -> None:
    """Hold that a reference to a shared text leads to one.

    calamine takes the first text for one that is not there (0.9.1).

    Raises:
        NotReadableError: there is none.
    """
    if index >= texts:
        raise NotReadableError("file_damaged", "单元格的文字不存在")


def hold_length(length: int, limits: Limits) -> None:
    """Hold the length of a formula; in UTF-8 a character may take four bytes.

    Raises:
        NotReadableError: it is longer.
    """
    if length > limits.formula_length * 4:
        raise NotReadableError("file_too_large", f"公式 {length} 个字符")


def mistake(
    marks: Marks, rows: Iterable[tuple[Sequence[Place], Sequence[bytes]]], formats: Misleading
) -> None:
    """Note the cells whose number format shows another number than is stored.

    Args:
        marks: where they are noted.
        rows: the places of each row's cells, and their formats in the same order.
        formats: those that mislead.
    """
    percents, disguised = formats.percents, formats.disguised
    for places, styles in rows if percents or disguised else ():
        if not percents.isdisjoint(styles):
            marks.percents.update(compress(places, map(percents.__contains__, styles)))
        if not disguised.keys().isdisjoint(styles):
            for place, style in zip(places, styles, strict=True):
                if style in disguised:
                    marks.disguised[place] = disguised[style]


def merge(marks: Marks, references: Iterable[str], limits: Limits) -> None:
    """Note merged areas.

    Raises:
        NotReadableError: there are too many, they lie too far or are none.
    """
    for reference in references:
        area = area_of(reference)
        hold_cell(area[2], area[3], limits)
        marks.merges.append(area)
    hold_count(len(marks.merges), limits.merges, "合并区域")


def hold_links(references: Sequence[str], limits: Limits) -> None:
    """Hold that hyperlinks are not too many, and lie on cells a file may have.

    Raises:
        NotReadableError: they are otherwise.
    """
    hold_count(len(references), limits.links, "超链接")
    for reference in references:
        _, _, bottom, right = area_of(reference)
        hold_cell(bottom, right, limits)


def hide_columns(marks: Marks, columns: Iterable[Mapping[str, str]], limits: Limits) -> None:
    """Note the columns that are not shown, from the attributes of their ``col`` elements.

    Columns where a file may have no cell are left out.
    """
    for attributes in columns:
        if is_not_shown(attributes, "width"):
            first, last = (whole(attributes.get(name), 1) for name in ("min", "max"))
            marks.hidden_columns |= set(range(first - 1, min(last, limits.columns)))


def is_not_shown(attributes: Mapping[str, str], size: str) -> bool:
    """Tell whether a row or column is hidden, or drawn so small that nothing is seen of it."""
    return attributes.get("hidden", "").lower() not in _FALSE or is_tiny(attributes, size)


def is_tiny(attributes: Mapping[str, str], size: str) -> bool:
    """Tell whether a height or width is too small to read; one that is not told is not."""
    try:
        return size in attributes and float(attributes[size]) < _READABLE[size]
    except ValueError:
        return False


def whole(text: str | None, otherwise: int) -> int:
    """Return the number of a row or column as an attribute tells it.

    Raises:
        NotReadableError: it is none.
    """
    if text is None:
        return otherwise
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        raise NotReadableError("file_damaged", "行号不对")
    return int(text)
