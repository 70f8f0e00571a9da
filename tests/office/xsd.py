"""Check the parts of an xlsx against the ECMA-376 transitional schemas.

What no schema catches: length limits, overlapping merges, style indexes out of range, missing
relationship ids, duplicate or over-long sheet names.
"""

import functools
import zipfile
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped,unused-ignore]

OOXML = "http://schemas.openxmlformats.org"
SCHEMAS = {
    f"{OOXML}/spreadsheetml/2006/main": "sml.xsd",
    f"{OOXML}/drawingml/2006/main": "dml-main.xsd",
    f"{OOXML}/drawingml/2006/chart": "dml-chart.xsd",
    f"{OOXML}/drawingml/2006/chartDrawing": "dml-chartDrawing.xsd",
    f"{OOXML}/drawingml/2006/spreadsheetDrawing": "dml-spreadsheetDrawing.xsd",
    f"{OOXML}/officeDocument/2006/extended-properties": "shared-documentPropertiesExtended.xsd",
    f"{OOXML}/officeDocument/2006/custom-properties": "shared-documentPropertiesCustom.xsd",
    f"{OOXML}/package/2006/relationships": "opc-xsd/opc-relationships.xsd",
    f"{OOXML}/package/2006/content-types": "opc-xsd/opc-contentTypes.xsd",
}
UNCHECKED = {
    f"{OOXML}/package/2006/metadata/core-properties",  # needs the Dublin Core schemas
    "",  # VML: a bare <xml> root around parts of several schemas
}
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def problems(workbook: Path, schemas: Path) -> list[str]:
    """Return what the schemas object to, as `part:line: message` in the order of the parts."""
    found = []
    with zipfile.ZipFile(workbook) as package:
        for part in sorted(package.namelist()):
            if part.endswith((".xml", ".rels", ".vml")):
                found += [f"{part}:{text}" for text in _objections(package.read(part), schemas)]
    return found


def _objections(xml: bytes, schemas: Path) -> list[str]:
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False))
    except etree.XMLSyntaxError as problem:
        return [f"{problem.lineno}: {problem.msg}"]
    namespace = etree.QName(root).namespace or ""
    if namespace in UNCHECKED:
        return []
    if namespace not in SCHEMAS:
        return [f"1: no schema here for {root.tag}"]
    _without_known_false_positives(root)
    schema = _schema(schemas / SCHEMAS[namespace])
    if schema.validate(root):
        return []
    return [f"{error.line}: {error.message}" for error in schema.error_log]


@functools.lru_cache
def _schema(path: Path) -> Any:
    return etree.XMLSchema(etree.parse(path))


def _without_known_false_positives(root: Any) -> None:
    """Read the part as a 2006 program does: fallbacks taken, ignorable extensions left out.

    Also takes xml:space off <t>, where every program writes it and no schema allows it.
    """
    ignorable = {
        element.nsmap[prefix]
        for element in root.iter(etree.Element)
        for prefix in element.get(f"{MC}Ignorable", "").split()
        if prefix in element.nsmap
    }
    for choice in list(root.iter(f"{MC}AlternateContent")):
        parent, place = choice.getparent(), choice.getparent().index(choice)
        fallback = choice.find(f"{MC}Fallback")
        parent[place : place + 1] = [] if fallback is None else list(fallback)
    for element in list(root.iter(etree.Element)):
        if etree.QName(element).namespace in ignorable and element.getparent() is not None:
            element.getparent().remove(element)
        for attribute in list(element.attrib):
            namespace = etree.QName(attribute).namespace
            if namespace in ignorable or attribute.startswith(MC):
                del element.attrib[attribute]
    for text in root.iter(f"{{{OOXML}/spreadsheetml/2006/main}}t"):
        text.attrib.pop(XML_SPACE, None)
