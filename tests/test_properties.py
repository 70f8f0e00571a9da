"""Custom document properties are read as the parser reads them, however they are written."""

import pytest

from consolidator.intake.formats.properties import properties_of

_PART = "docProps/custom.xml"
_SPACES = (
    'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
    'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"'
)


def read(inside: str) -> dict[str, str]:
    """Read properties twice, with another text in between, as from one file after the other."""
    part = f'<?xml version="1.0"?><Properties {_SPACES}>{inside}</Properties>'.encode()
    found = properties_of({_PART: part})
    properties_of({_PART: part.replace(b">one<", b">another<")})
    assert properties_of({_PART: part}) == found
    return found


def held(name: str, content: str) -> str:
    """Write a property."""
    return f'<property fmtid="{{0}}" pid="2" name="{name}">{content}</property>'


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        (held("a", "<vt:lpwstr>one</vt:lpwstr>"), {"a": "one"}),
        (held("名", "<vt:lpwstr>值</vt:lpwstr>"), {"名": "值"}),
        (
            held("a", "<vt:lpwstr>one</vt:lpwstr>") + held("b", "<vt:lpwstr>-</vt:lpwstr>"),
            {"a": "one", "b": "-"},
        ),
        (
            held("n", "<vt:i4>1</vt:i4>") + held("a", "<vt:lpwstr>one</vt:lpwstr>"),
            {"a": "one"},
        ),
        (held("a", "<vt:lpwstr/>"), {"a": ""}),
        (held("a", "<vt:lpwstr>x&amp;y</vt:lpwstr>"), {"a": "x&y"}),
        (held("a", "<w:lpwstr xmlns:w='urn:w'>one</w:lpwstr>"), {"a": "one"}),
        # The first of two texts is the property's; of two properties of one name, the last.
        (held("a", "<vt:lpwstr>one</vt:lpwstr><vt:lpwstr>two</vt:lpwstr>"), {"a": "one"}),
        (
            held("a", "<vt:lpwstr>one</vt:lpwstr>") + held("a", "<vt:lpwstr>two</vt:lpwstr>"),
            {"a": "two"},
        ),
        # What looks like a text and is none says nothing.
        (
            "<!--<vt:lpwstr>one</vt:lpwstr>-->"
            + held("a", "<w:lpwstr xmlns:w='urn:w'>two</w:lpwstr>"),
            {"a": "two"},
        ),
        ("<!--<vt:lpwstr>one</vt:lpwstr>-->" + held("a", "<vt:lpwstr/>"), {"a": ""}),
        (
            "<?x <vt:lpwstr>one</vt:lpwstr>?>" + held("a", "<vt:lpwstr>two</vt:lpwstr>"),
            {"a": "two"},
        ),
        (held("a", "<![CDATA[<vt:lpwstr>one</vt:lpwstr>]]>"), {}),
        (
            held("a", "<x><vt:lpwstr>one</vt:lpwstr></x>")
            + held("b", "<w:lpwstr xmlns:w='urn:w'>two</w:lpwstr>"),
            {"b": "two"},
        ),
        ("<vt:lpwstr>one</vt:lpwstr>" + held("b", "<vt:lpwstr/>"), {"b": ""}),
        (
            held("a", held("b", "<vt:lpwstr>one</vt:lpwstr>") + "<vt:lpwstr>two</vt:lpwstr>"),
            {"a": "two", "b": "one"},
        ),
        # Garbled.
        (held("a", "<vt:lpwstr>one</vt:lpwstr>") + "<x>", {}),
        (held("a", "<vt:lpwstr>one</vt:lpwstr></x>"), {}),
    ],
)
def test_a_property_is_the_text_it_holds(inside: str, found: dict[str, str]) -> None:
    assert read(inside) == found


@pytest.mark.parametrize("part", [b"", b"<none/>", b"<", b"<Properties>\xff</Properties>"])
def test_a_part_without_properties_has_none(part: bytes) -> None:
    assert properties_of({_PART: part}) == {}
    assert properties_of({}) == {}


def test_a_text_that_is_no_unicode_is_no_property() -> None:
    inside = held("a", "<vt:lpwstr>one</vt:lpwstr>")
    part = f"<Properties {_SPACES}>{inside}</Properties>".encode()
    assert properties_of({_PART: part}) == {"a": "one"}
    for garbled in (b"\xff", b"\x01", "\ufffe".encode()):
        assert properties_of({_PART: part.replace(b"one", garbled)}) == {}
