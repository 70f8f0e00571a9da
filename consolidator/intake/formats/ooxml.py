"""Tell what an .xlsx or .xlsm holds besides values: its sheets, names, links, macros, comments."""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from xml.sax.saxutils import escape

from lxml import etree

from consolidator.intake.formats.marks import Marks, Remark
from consolidator.intake.formats.number_formats import PLAIN, Misleading, misleading
from consolidator.intake.formats.package import stored_zip
from consolidator.intake.formats.references import place_of
from consolidator.intake.formats.refusing import NotReadableError, hold_count
from consolidator.intake.formats.sheet_xml import scan_sheet
from consolidator.intake.formats.xml_parsing import PARSER, plain_xml
from consolidator.intake.limits import Limits
from consolidator.intake.remembering import remembered

_REMEMBERED, _LONG_PART = 64, 65_536
"""Parts whose meaning is kept, as files made from one form share them, and their most bytes."""
_ROOT_RELATIONS = "_rels/.rels"
_WORKBOOK = "xl/workbook.xml"
_PACKAGE_PARTS = ("[Content_Types].xml", _ROOT_RELATIONS, "xl/_rels/workbook.xml.rels")
_ERRORS = {
    "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA",
}  # fmt: skip
"""What calamine knows for an error value: at any other it gives the whole file up (0.9.1)."""
_USUAL = {
    "sharedStrings": "xl/sharedStrings.xml", "styles": "xl/styles.xml",
}  # fmt: skip
"""Where readers look for a part whatever the relations say, by the relation's type."""
_TABLE_OF_STRINGS = re.compile(rb"<(?:\w+:)?sst\b([^<>]*)>")
_STRING = re.compile(rb"<(?:\w+:)?si[\s/>]")
_COUNT = re.compile(rb"(?:uniqueC|\bc)ount\s*=\s*[\"']\s*(\d+)")
_FORMAT = re.compile(rb"formatCode\s*=\s*(\"[^\"]*\"|'[^']*')")
_DDE = re.compile(r"^[+=-]?\s*'?[\w .]+'?\|")
"""A formula that calls another program: ``cmd|'/c calc'!A0``."""
_NOT_SHOWN = ("hidden", "veryHidden")
_CALL = 200
"""How far into a formula a call is looked for."""
_OUTSIDE = re.compile(r"\[\d+\]|\[[^\]]+\.\w+\]")
"""A formula's reference to another workbook: ``[1]Sheet1!A1``."""


@dataclass(frozen=True, slots=True)
class Described:
    """What a workbook's parts tell besides the values."""

    marks: Mapping[str, Marks]
    """By the name of the worksheet."""
    names: Callable[[], Mapping[str, str]]
    """Give the defined names and what they stand for: few readers ask."""
    properties: Mapping[str, str]
    remarks: tuple[Remark, ...]
    content: bytes
    """The workbook again, with nothing but the parts that were looked at and values need."""


def scan_ooxml(parts: Mapping[str, bytes], limits: Limits) -> Described:
    """Describe a workbook from its parts.

    Raises:
        NotReadableError: a part is missing or not well-formed, or it is beyond the limits.
    """
    workbook = _WORKBOOK
    if _main_part(parts) != workbook:
        raise NotReadableError("file_damaged", "工作簿部件不在通常的位置")
    relations = _relations(parts, workbook)
    sheets = list(_sheets(_part(parts, workbook), relations))
    hidden = _hidden(parts[workbook])
    hold_count(len(sheets), limits.sheets, "工作表")
    related = [target for _, mode, target in relations.values() if mode != "External"]
    several = (related, [name for name, _ in sheets], [target for _, target in sheets])
    if any(len(set(names)) != len(names) for names in several):
        raise NotReadableError("file_damaged", "两张工作表用了同一个部件或名称")
    texts, rewritten, formats = 0, {}, PLAIN
    read = {workbook, *(target for _, target in sheets), *_PACKAGE_PARTS}
    for sort, _, target in relations.values():
        if sort not in _USUAL:
            continue
        if target.lower() != _USUAL[sort].lower():
            raise NotReadableError("file_damaged", "部件不在通常的位置")
        read.add(target)
        if sort == "sharedStrings":
            texts = _hold_strings(_part(parts, target), limits)
            if any(sign in parts[target] for sign in (b"&#", b"<!")):
                rewritten[target] = plain_xml(_xml(parts, target))
        elif sort == "styles":
            _hold_formats(_part(parts, target), limits)
            formats = _misleading(parts[target])
    marks = {}
    for name, target in sheets:
        marks[name], rewritten[target] = scan_sheet(
            _part(parts, target), limits, texts=texts, formats=formats
        )
        marks[name].hidden = name in hidden
        _comment(marks[name], parts, target)
    remarks = tuple(dict.fromkeys([*_remarks(parts, relations), *_calls(marks)]))
    kept = {name: rewritten.get(name, part) for name, part in parts.items() if name in read}
    for name, target in sheets:
        for text in set(marks[name].errors.values()) - _ERRORS:
            shown = f"<v>{escape(text)}</v>".encode()
            kept[target] = kept[target].replace(shown, b"<v>#VALUE!</v>")
    return Described(
        marks, partial(_names, parts[workbook]), properties_of(parts), remarks, stored_zip(kept)
    )


def _names(workbook: bytes) -> dict[str, str]:
    return {
        str(one.get("name")): one.text or ""
        for one in _parsed(workbook).iter("{*}definedName")
        if one.get("localSheetId") is None
    }


def properties_of(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return the custom document properties that hold a text; none where they are garbled."""
    try:
        root = etree.fromstring(parts.get("docProps/custom.xml") or b"<none/>", PARSER)
    except etree.XMLSyntaxError:
        return {}
    return {
        str(one.get("name")): one.findtext("{*}lpwstr") or ""
        for one in root.iter("{*}property")
        if one.find("{*}lpwstr") is not None
    }


def leads_outside(formula: str) -> bool:
    """Tell whether a formula takes its result from another workbook or program."""
    return bool(_OUTSIDE.search(formula) or _DDE.match(formula[:_CALL]))


def _main_part(parts: Mapping[str, bytes]) -> str:
    for sort, mode, target in _relations(parts, "").values():
        if sort == "officeDocument" and mode != "External":
            return target
    return _WORKBOOK


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


def _relations(parts: Mapping[str, bytes], part: str) -> dict[str, tuple[str, str, str]]:
    """Return what a part refers to: id -> the last word of the type, target mode, target."""
    folder, name = posixpath.split(part)
    file = posixpath.join(folder, "_rels", f"{name}.rels") if part else _ROOT_RELATIONS
    if file not in parts:
        return {}
    return dict(_related(parts[file], folder))


@remembered(_REMEMBERED, _LONG_PART)
def _related(xml: bytes, folder: str) -> tuple[tuple[str, tuple[str, str, str]], ...]:
    """Read a part of relations; those of files made from one form are all alike."""
    found = []
    for one in _parsed(xml).iter("{*}Relationship"):
        target, mode = str(one.get("Target")), str(one.get("TargetMode"))
        if mode != "External":
            target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        about = (str(one.get("Type")).rpartition("/")[2], mode, target)
        found.append((str(one.get("Id")), about))
    return tuple(found)


@remembered(_REMEMBERED, _LONG_PART)
def _listed(xml: bytes) -> tuple[tuple[str, str], ...]:
    """Return name and relation of each sheet of the workbook part."""
    return tuple(
        (
            str(sheet.get("name")),
            next((str(v) for k, v in sheet.attrib.items() if k.endswith("}id")), ""),
        )
        for sheet in _parsed(xml).iter("{*}sheet")
    )


@remembered(_REMEMBERED, _LONG_PART)
def _hidden(xml: bytes) -> frozenset[str]:
    """Return the names of the sheets that are not shown."""
    sheets = _parsed(xml).iter("{*}sheet")
    return frozenset(str(one.get("name")) for one in sheets if one.get("state", "") in _NOT_SHOWN)


def _sheets(
    workbook: bytes, relations: Mapping[str, tuple[str, str, str]]
) -> Iterator[tuple[str, str]]:
    """Yield name and part of each worksheet; sheets of other kinds hold no cells."""
    for name, identity in _listed(workbook):
        sort, mode, target = relations.get(identity, ("", "", ""))
        if mode == "External" or not sort:
            raise NotReadableError("file_damaged", "工作表没有对应的部件")
        if sort == "worksheet":
            yield name, target


def _hold_strings(part: bytes, limits: Limits) -> int:
    """Hold the number of texts a table claims: a reader makes room for so many at once.

    Returns how many there are.
    """
    head = _TABLE_OF_STRINGS.search(part)
    for count in _COUNT.findall(head[1]) if head else ():
        # More digits than any count has: Python refuses to read thousands of them.
        hold_count(int(count[:12]), limits.strings, "共享文本")
    return len(_STRING.findall(part))


@remembered(_REMEMBERED, _LONG_PART)
def _longest_format(part: bytes) -> int:
    return max(map(len, _FORMAT.findall(part)), default=0)


@remembered(_REMEMBERED, _LONG_PART)
def _misleading(part: bytes) -> Misleading:
    return misleading(_parsed(part))


def _hold_formats(part: bytes, limits: Limits) -> None:
    longest = _longest_format(part)
    if longest > limits.format_length + 2:
        raise NotReadableError("file_too_large", f"数字格式 {longest} 个字符")


def _comment(marks: Marks, parts: Mapping[str, bytes], sheet: str) -> None:
    for sort, mode, target in _relations(parts, sheet).values():
        if sort == "comments" and mode != "External" and target in parts:
            for one in _xml(parts, target).iter("{*}comment"):
                text = "".join(piece.text or "" for piece in one.iter("{*}t"))
                marks.comments[place_of(str(one.get("ref")))] = text.strip()


def _remarks(
    parts: Mapping[str, bytes], relations: Mapping[str, tuple[str, str, str]]
) -> Iterator[Remark]:
    for name in parts:
        lower = name.lower()
        if lower.endswith("vbaproject.bin") or "/macrosheets/" in lower:
            yield Remark("macro_present")
        elif lower.startswith(("xl/embeddings/", "xl/activex/")):
            yield Remark("embedded_object", posixpath.basename(name))
        elif lower.startswith(("xl/connections.xml", "xl/querytables/")):
            yield Remark("external_link", "数据连接")
    for sort, _, target in relations.values():
        if sort == "externalLink":
            yield from _link(parts, target)


def _link(parts: Mapping[str, bytes], part: str) -> Iterator[Remark]:
    """Tell a link to another workbook from a DDE or OLE link to another program."""
    root = _xml(parts, part)
    programs = [*root.iter("{*}ddeLink"), *root.iter("{*}oleLink")]
    for one in programs:
        yield Remark("dde_link", f"{one.get('ddeService') or one.get('progId') or ''}")
    if not programs:
        related = _relations(parts, part).values()
        paths = "、".join(target for _, mode, target in related if mode == "External")
        yield Remark("external_link", paths)


def _calls(marks: Mapping[str, Marks]) -> Iterator[Remark]:
    for one in marks.values():
        for formula in one.formulas.values():
            if "|" in formula and _DDE.match(formula[:_CALL]):
                yield Remark("dde_link", formula[:60])
