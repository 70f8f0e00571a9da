"""Read the custom properties of an Office document: a form keeps a copy of its stamp there."""

import re
from collections.abc import Mapping, Sequence

from lxml import etree

from consolidator.intake.formats.xml_parsing import PARSER
from consolidator.intake.remembering import remembered

_PART = "docProps/custom.xml"
_TEXT, _STAND_IN = (
    re.compile(rb"<vt:lpwstr>([^<>&\x00-\x1f]+)</vt:lpwstr>"),
    b"<vt:lpwstr>-</vt:lpwstr>",
)
_ANY, _PROPERTY = "{*}lpwstr", "property"
_KEPT = 16
"""How many parts without their texts are remembered."""


def properties_of(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return the custom document properties that hold a text; none where they are garbled."""
    part = parts.get(_PART) or b"<none/>"
    cut = _TEXT.split(part)
    texts = cut[1::2]
    try:
        # Without its texts the part is alike in all files made from one form.
        names = _named(_STAND_IN.join(cut[::2]), len(texts))
        if names is not None and all(map(bytes.isascii, texts)):
            return dict(zip(names, [text.decode() for text in texts], strict=True))
        root = etree.fromstring(part, PARSER)
    except etree.XMLSyntaxError:
        return {}
    return {
        one.get("name", ""): text.text or ""
        for one in root.iter(f"{{*}}{_PROPERTY}")
        if (text := one.find(_ANY)) is not None
    }


@remembered(_KEPT)
def _named(pattern: bytes, texts: int) -> Sequence[str] | None:
    """Return what each of the texts is called that stood in a part; None where that is in doubt.

    Raises:
        XMLSyntaxError: the part is garbled.
    """
    root = etree.fromstring(pattern, PARSER)
    if b"<!" in pattern or b"<?" in pattern[1:]:
        # What is neither element nor text could hold what looks like one.
        return None
    held = list(root.iter(_ANY))
    named = [
        one.get("name", "")
        for one in (text.getparent() for text in held)
        if one is not None and etree.QName(one).localname == _PROPERTY
    ]
    return named if len(set(named)) == len(held) == texts else None
