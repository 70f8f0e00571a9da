"""Tell what an .xlsx or .xlsm holds besides values: its sheets, names, links, macros, comments."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from lxml import etree

from consolidator.intake.formats.marks import Marks, Remark
from consolidator.intake.formats.number_formats import (
    PLAIN,
    Misleading,
    may_mislead,
    misleading,
)
from consolidator.intake.formats.plain_table import Taken, reader_of
from consolidator.intake.formats.plain_texts import Texts, cut_texts
from consolidator.intake.formats.properties import properties_of
from consolidator.intake.formats.recalling import PlainBook
from consolidator.intake.formats.references import calls, place_of
from consolidator.intake.formats.refusing import NotReadableError, hold_count
from consolidator.intake.formats.relations import (
    KEPT,
    LONG_PART,
    OFFICE,
    Relation,
    addresses_outside,
    brought_along,
    relations_of,
    workbook_relations,
)
from consolidator.intake.formats.sheet_xml import scan_sheet
from consolidator.intake.formats.xml_parsing import PARSER, plain_xml
from consolidator.intake.limits import Limits
from consolidator.intake.remembering import remembered

_WORKBOOK = "xl/workbook.xml"
_PACKAGE_PARTS = ("[Content_Types].xml", "_rels/.rels", "xl/_rels/workbook.xml.rels")
_USUAL = {
    "sharedStrings": "xl/sharedStrings.xml", "styles": "xl/styles.xml",
}  # fmt: skip
"""Where readers look for a part whatever the relations say, by the relation's type."""
_TABLE_OF_STRINGS = re.compile(rb"<(?:\w+:)?sst\b([^<>]*)>")
_STRING = re.compile(rb"<(?:\w+:)?si[\s/>]")
_COUNT = re.compile(rb"(?:uniqueC|\bc)ount\s*=\s*[\"']\s*(\d+)")
_FORMAT = re.compile(rb"formatCode\s*=\s*(\"[^\"]*\"|'[^']*')")
_DAYS, _USUAL_DAYS = b"date1904", re.compile(rb' date1904="(?:0|false)"')
_IDENTITIES = {f"{{{space.decode()}}}id" for space in OFFICE}
_SMALL = 2**20
"""Bytes of the parts of a workbook that may be a return; a larger one is read as a whole."""
_FORMATS_KEPT = 16
_NOT_SHOWN = ("hidden", "veryHidden")


@dataclass(frozen=True, slots=True)
class Described:
    """What a workbook's parts tell besides the values."""

    marks: Mapping[str, Marks]
    """By the name of the worksheet."""
    names: Callable[[], Mapping[str, str]]
    """Give the defined names and what they stand for: few readers ask."""
    properties: Mapping[str, str]
    remarks: tuple[Remark, ...]
    kept: Mapping[str, bytes]
    """The parts that were looked at and values need, as a reader is to be given them."""
    plain: PlainBook | None
    """The same where all are plainly written."""


def scan_ooxml(parts: Mapping[str, bytes], limits: Limits) -> Described:
    """Describe a workbook from its parts.

    Raises:
        NotReadableError: a part is missing or not well-formed, or it is beyond the limits.
    """
    relations = workbook_relations(parts, _WORKBOOK, _USUAL)
    workbook = _part(parts, _WORKBOOK)
    sheets = list(_sheets(workbook, relations))
    hold_count(len(sheets), limits.sheets, "工作表")
    if any(len(set(names)) != len(names) for names in zip(*sheets, strict=True)):
        raise NotReadableError("file_damaged", "两张工作表用了同一个部件或名称")
    hidden = _hidden(workbook)
    used = _used(relations)
    read = {_WORKBOOK, *_PACKAGE_PARTS, *used.values(), *(target for _, target in sheets)}
    rewritten: dict[str, bytes] = {}
    cut, texts = _texts(parts, used.get("sharedStrings"), rewritten, limits)
    styles, formats = b"", PLAIN
    if "styles" in used:
        styles = _part(parts, used["styles"])
        _hold_formats(styles, limits)
        formats = formats_of(styles)
    marks: dict[str, Marks] = {}
    taken: dict[str, Taken | None] = {}
    for name, target in sheets:
        marks[name], rewritten[target], taken[name] = scan_sheet(
            _part(parts, target), limits, texts=texts, formats=formats
        )
        marks[name].hidden = name in hidden
        _comment(marks[name], parts, target)
    links = (one.target for one in relations.values() if one.sort == "externalLink")
    remarks = [*brought_along(parts), *calls(marks.values())]
    remarks += [remark for part in links for remark in _link(parts, part)]
    kept = {name: rewritten.get(name, part) for name, part in parts.items() if name in read}
    plain = None
    if taken and cut is not None and _may_recall(kept, styles):
        plainly = {name: one for name, one in taken.items() if one is not None}
        listing = tuple((name, kept[name]) for name in (_WORKBOOK, *_PACKAGE_PARTS) if name in kept)
        if len(plainly) == len(taken):
            plain = PlainBook(
                plainly, cut, styles, reader_of(formats).answers, listing, tuple(sheets)
            )
    return Described(
        marks,
        partial(_names, workbook),
        properties_of(parts),
        tuple(dict.fromkeys(remarks)),
        kept,
        plain,
    )


def _used(relations: Mapping[str, Relation]) -> dict[str, str]:
    """Return the parts that stand in usual places, by the relation's type.

    Raises:
        NotReadableError: there are two of one type.
    """
    found = [(one.sort, one.target) for one in relations.values() if one.sort in _USUAL]
    if len(dict(found)) != len(found):
        raise NotReadableError("file_damaged", "部件不在通常的位置")
    return dict(found)


def _may_recall(kept: Mapping[str, bytes], styles: bytes) -> bool:
    """Tell whether what was said of a row in another file holds for this one, and is of use.

    A large workbook has too many rows to remember; with other days counted, numbers are others.
    """
    small = sum(map(len, kept.values())) <= _SMALL and len(styles) <= LONG_PART
    workbook = kept[_WORKBOOK]
    return small and workbook.count(_DAYS) == len(_USUAL_DAYS.findall(workbook))


def _names(workbook: bytes) -> dict[str, str]:
    return {
        str(one.get("name")): one.text or ""
        for one in _parsed(workbook).iter("{*}definedName")
        if one.get("localSheetId") is None
    }


def _part(parts: Mapping[str, bytes], name: str) -> bytes:
    if name not in parts:
        raise NotReadableError("file_damaged", "缺少部件")
    return parts[name]


def _xml(parts: Mapping[str, bytes], name: str) -> etree._Element:
    return _parsed(_part(parts, name))


def _parsed(xml: bytes) -> etree._Element:
    try:
        return etree.fromstring(xml, PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotReadableError("file_damaged", "部件的内容不完整") from error


@remembered(KEPT, LONG_PART)
def _listed(xml: bytes) -> tuple[tuple[str, str], ...]:
    """Return name and relation of each sheet of the workbook part."""
    root = _parsed(xml)
    listed = root.findall("{*}sheets/{*}sheet")
    if len(listed) != sum(1 for _ in root.iter("{*}sheet")):
        raise NotReadableError("file_damaged", "工作表清单的写法有歧义")
    return tuple((str(sheet.get("name")), _identity(sheet)) for sheet in listed)


def _identity(sheet: etree._Element) -> str:
    """Return the relation of a sheet.

    Raises:
        NotReadableError: it has two of whatever namespace: readers take one or the other.
    """
    found = {str(name): str(value) for name, value in sheet.attrib.items() if _is_id(str(name))}
    if len(found) > 1 or not found.keys() <= _IDENTITIES:
        raise NotReadableError("file_damaged", "工作表清单的写法有歧义")
    return next(iter(found.values()), "")


def _is_id(attribute: str) -> bool:
    return attribute.rpartition("}")[2] == "id"


@remembered(KEPT, LONG_PART)
def _hidden(xml: bytes) -> frozenset[str]:
    """Return the names of the sheets that are not shown."""
    sheets = _parsed(xml).iter("{*}sheet")
    return frozenset(str(one.get("name")) for one in sheets if one.get("state", "") in _NOT_SHOWN)


def _sheets(workbook: bytes, relations: Mapping[str, Relation]) -> Iterator[tuple[str, str]]:
    """Yield name and part of each worksheet; sheets of other kinds hold no cells."""
    for name, identity in _listed(workbook):
        related = relations.get(identity)
        if related is None or related.outside:
            raise NotReadableError("file_damaged", "工作表没有对应的部件")
        if related.sort == "worksheet":
            yield name, related.target


def _texts(
    parts: Mapping[str, bytes], target: str | None, rewritten: dict[str, bytes], limits: Limits
) -> tuple[Texts | None, int]:
    """Return the shared texts where they are plainly written, and how many there are.

    A part that a reader would not take as the parser does is written again.

    Raises:
        NotReadableError: it is not there, or claims too many texts.
    """
    if target is None:
        return Texts((), ()), 0
    part = _part(parts, target)
    _hold_strings(part, limits)
    cut = cut_texts(part) if len(part) <= _SMALL else None
    if cut is not None:
        return cut, len(cut.said)
    if any(sign in part for sign in (b"&#", b"<!")):
        rewritten[target] = plain_xml(_xml(parts, target))
    return None, len(_STRING.findall(part))


def _hold_strings(part: bytes, limits: Limits) -> None:
    """Hold the number of texts a table claims: a reader makes room for so many at once."""
    head = _TABLE_OF_STRINGS.search(part)
    for count in _COUNT.findall(head[1]) if head else ():
        # More digits than any count has: Python refuses to read thousands of them.
        hold_count(int(count[:12]), limits.strings, "共享文本")


@remembered(KEPT, LONG_PART)
def _longest_format(part: bytes) -> int:
    return max(map(len, _FORMAT.findall(part)), default=0)


@remembered(_FORMATS_KEPT, LONG_PART)
def formats_of(part: bytes) -> Misleading:
    """Return the misleading cell formats of a styles part."""
    root = _parsed(part)
    codes = {
        one.get("numFmtId", ""): one.get("formatCode", "")
        for one in root.iterfind("{*}numFmts/{*}numFmt")
    }
    formats = root.iterfind("{*}cellXfs/{*}xf")
    found = misleading(codes, [str(one.get("numFmtId", "0")) for one in formats])
    conditional = {}
    for index, one in enumerate(root.iterfind("{*}dxfs/{*}dxf")):
        code = next((inner.get("formatCode", "") for inner in one.iterfind("{*}numFmt")), "")
        if code and may_mislead(code):
            conditional[str(index).encode()] = code
    return replace(found, conditional=conditional)


def _hold_formats(part: bytes, limits: Limits) -> None:
    longest = _longest_format(part)
    if longest > limits.format_length + 2:
        raise NotReadableError("file_too_large", f"数字格式 {longest} 个字符")


def _comment(marks: Marks, parts: Mapping[str, bytes], sheet: str) -> None:
    for sort, outside, target in relations_of(parts, sheet).values():
        if sort == "comments" and not outside and target in parts:
            for one in _xml(parts, target).iter("{*}comment"):
                text = "".join(piece.text or "" for piece in one.iter("{*}t"))
                marks.comments[place_of(str(one.get("ref")))] = text.strip()


def _link(parts: Mapping[str, bytes], part: str) -> Iterator[Remark]:
    """Tell a link to another workbook from a DDE or OLE link to another program."""
    root = _xml(parts, part)
    programs = [*root.iter("{*}ddeLink"), *root.iter("{*}oleLink")]
    for one in programs:
        yield Remark("dde_link", f"{one.get('ddeService') or one.get('progId') or ''}")
    if not programs:
        yield Remark("external_link", addresses_outside(parts, part))
