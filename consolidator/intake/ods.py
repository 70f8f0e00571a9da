"""Make an .ods of Gnumeric readable: take out the white space it lays its XML out with."""

import io
import zipfile

from lxml import etree

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def without_layout_space(archive: zipfile.ZipFile) -> bytes:
    """Return the document again with no white space between the tags of ``content.xml``.

    White space inside paragraphs (elements of ODF's ``text`` namespace) is text and stays.

    Raises:
        ValueError: ``content.xml`` is not well-formed.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(archive.read("content.xml"), parser)
    except etree.XMLSyntaxError as error:
        raise ValueError("content.xml") from error
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        inside_text = element.tag.startswith(_TEXT)
        if not inside_text and element.text and not element.text.strip():
            element.text = None
        parent = element.getparent()
        in_text = parent is not None and str(parent.tag).startswith(_TEXT)
        if not in_text and element.tail and not element.tail.strip():
            element.tail = None
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as cleaned:
        for name in archive.namelist():
            whole = name == "content.xml"
            cleaned.writestr(name, etree.tostring(root) if whole else archive.read(name))
    return buffer.getvalue()
