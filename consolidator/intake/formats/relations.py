"""Follow the relations between the parts of an Office document, and tell what else it brings."""

import posixpath
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lxml import etree

from consolidator.intake.formats.marks import Remark
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.formats.xml_parsing import PARSER
from consolidator.intake.remembering import remembered

_ROOT = "_rels/.rels"
OFFICE = (
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    b"http://purl.oclc.org/ooxml/officeDocument/relationships",
)
"""The namespaces of relations in a document's parts: transitional and strict."""
KEPT, LONG_PART = 64, 65_536
"""How many parts are remembered, as files of one form share them, and the most bytes of one."""


class Relation(NamedTuple):
    """One part's reference to another, or to something outside the document."""

    sort: str
    """The last word of its type: ``worksheet``, ``styles``."""
    outside: bool
    target: str
    """The part's name; of something outside, its address as written."""


def relations_of(parts: Mapping[str, bytes], part: str) -> dict[str, Relation]:
    """Return what a part refers to by id; of the document as a whole where ``part`` is empty.

    Raises:
        NotReadableError: they are not well-formed.
    """
    file, folder = _told_in(part)
    return dict(_related(parts[file], folder)) if file in parts else {}


def workbook_relations(
    parts: Mapping[str, bytes], workbook: str, usual: Mapping[str, str]
) -> dict[str, Relation]:
    """Return what a workbook's part refers to.

    Readers look for some parts in their usual places, whatever the relations say: those must be
    there, or two readers would see two workbooks.

    Args:
        parts: the document.
        workbook: the usual place of the workbook's part.
        usual: where other parts are looked for, by the relation's sort.

    Raises:
        NotReadableError: a part is in another place, or two relations lead to one part.
    """
    main = (one for one in relations_of(parts, "").values() if one.sort == "officeDocument")
    if next((one.target for one in main if not one.outside), workbook) != workbook:
        raise NotReadableError("file_damaged", "工作簿部件不在通常的位置")
    relations = relations_of(parts, workbook)
    targets = [one.target for one in relations.values() if not one.outside]
    if len(set(targets)) != len(targets):
        raise NotReadableError("file_damaged", "两张工作表用了同一个部件或名称")
    for one in relations.values():
        if one.target.lower() != usual.get(one.sort, one.target).lower():
            raise NotReadableError("file_damaged", "部件不在通常的位置")
    return relations


def brought_along(parts: Mapping[str, bytes]) -> Iterator[Remark]:
    """Tell macros, embedded objects and data connections: each has parts of its own."""
    for name in parts:
        lower = name.lower()
        if lower.endswith("vbaproject.bin") or "/macrosheets/" in lower:
            yield Remark("macro_present")
        elif lower.startswith(("xl/embeddings/", "xl/activex/")):
            yield Remark("embedded_object", posixpath.basename(name))
        elif lower.startswith(("xl/connections.", "xl/querytables/")):
            yield Remark("external_link", "数据连接")


def addresses_outside(parts: Mapping[str, bytes], part: str) -> str:
    """Return the addresses outside the document that a part refers to, for a message."""
    return "、".join(one.target for one in relations_of(parts, part).values() if one.outside)


@remembered(KEPT)
def _told_in(part: str) -> tuple[str, str]:
    """Return the part that tells what a part refers to, and the folder it is told from."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels") if part else _ROOT, folder


@remembered(KEPT, LONG_PART)
def _related(xml: bytes, folder: str) -> tuple[tuple[str, Relation], ...]:
    """Read a part of relations; those of files made from one form are all alike."""
    try:
        root = etree.fromstring(xml, PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotReadableError("file_damaged", "部件的内容不完整") from error
    found = []
    for one in root.iter("{*}Relationship"):
        target, outside = str(one.get("Target")), one.get("TargetMode") == "External"
        if not outside:
            target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        sort = str(one.get("Type")).rpartition("/")[2]
        found.append((str(one.get("Id")), Relation(sort, outside, target)))
    if len({identity for identity, _ in found}) != len(found):
        raise NotReadableError("file_damaged", "两个部件用了同一个编号")
    return tuple(found)
