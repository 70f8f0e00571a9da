"""What a file brings along besides its figures is told in every format, and changes no figure."""

import struct
from collections.abc import Callable

import pytest

from consolidator.files import sha256
from consolidator.intake.returned import read_content
from consolidator.intake.values import Returned
from returns import NOON
from test_unit_slips import BRIEF, figures
from workbook_parts import (
    GOOD,
    OFFICE,
    PACKAGE,
    Make,
    Parts,
    before,
    bits,
    edited,
    ods,
    ole,
    record,
    xls,
    xlsb,
)

BINARY_RELATIONS = "xl/_rels/workbook.bin.rels"
CHILD, RIGHT, TYPE = 76, 72, 66
"""Where an entry of an OLE2 directory tells its child, the entry to its right, and its type."""
STORAGE, NOBODY = 1, 0xFFFFFFFF


def read(content: bytes, name: str = "交来的") -> Returned:
    return read_content(content, name, sha256(content), NOON, BRIEF)


def told(returned: Returned) -> dict[str, str]:
    assert returned.submission is not None, returned.refusal
    return {one.code: one.found for one in returned.submission.observed}


def with_link(link: bytes) -> Callable[[Parts], None]:
    """Let an .xlsb refer to another file, by a part of these records."""

    def change(held: Parts) -> None:
        added = (
            f'<Relationship Id="rId80" Type="{OFFICE}/externalLink" Target="externalLinks/1.bin"/>'
        )
        held[BINARY_RELATIONS] = edited(held[BINARY_RELATIONS], before("</Relationships>", added))
        held["xl/externalLinks/1.bin"] = link
        held["xl/externalLinks/_rels/1.bin.rels"] = (
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{OFFICE}/externalLinkPath" Target="file:///D:/base.xlsx" '
            'TargetMode="External"/></Relationships>'
        ).encode()

    return change


def with_part(name: str) -> Callable[[Parts], None]:
    return lambda held: held.update({name: b"not to be read"})


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def book(path: str) -> bytes:
    """Write the record of .xls that names another workbook or program."""
    return record(0x01AE, struct.pack("<HHB", 1, len(path), 1) + path.encode("utf-16-le"))


def entry_of(content: bytes | bytearray, name: str) -> int:
    """Return where in a compound file the directory's entry of this name begins."""
    return content.index(name.encode("utf-16-le").ljust(64, b"\0"))


def with_embedded(of: bytes) -> bytes:
    """Put another workbook into a compound file: inside an object of the sheet."""
    held = bytearray(ole({"MBD00001": b"", "Nested00": of, "Workbook": workbook_of(xls())}))
    shell, nested, root = (entry_of(held, one) for one in ("MBD00001", "Nested00", "Root Entry"))
    held[shell + TYPE] = STORAGE
    struct.pack_into("<I", held, shell + CHILD, 2)
    struct.pack_into("<I", held, shell + RIGHT, 3)
    struct.pack_into("<I", held, nested + RIGHT, NOBODY)
    assert held[root + CHILD] == 1
    held[nested : nested + 16] = "Workbook".encode("utf-16-le")
    return bytes(held)


def with_orphan(of: bytes) -> bytes:
    """Put another workbook into a compound file: in its directory, but in no folder."""
    held = bytearray(ole({"Nested00": of, "Workbook": workbook_of(xls())}))
    nested, root = (entry_of(held, one) for one in ("Nested00", "Root Entry"))
    struct.pack_into("<I", held, root + CHILD, 2)
    held[nested : nested + 16] = "Workbook".encode("utf-16-le")
    return bytes(held)


def workbook_of(content: bytes) -> bytes:
    """Return the stream of the one workbook in a compound file."""
    start = 512
    place = entry_of(content, "Workbook")
    return content[start : start + struct.unpack_from("<I", content, place + 120)[0]]


def other_figures() -> bytes:
    """Return a workbook's stream that holds other figures than the form's."""
    return workbook_of(xls(sheets={"填报表": {(9, 7): 99.0}}))


SOURCE = (
    '<table:table-source xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="file:///base.ods"/>'
)
BROUGHT: dict[str, tuple[Make, str, str]] = {
    "macros.xlsb": (
        lambda: xlsb(changed=with_part("xl/vbaProject.bin")), "macro_present", ""),
    "object.xlsb": (
        lambda: xlsb(changed=with_part("xl/embeddings/a.bin")), "embedded_object", "a.bin"),
    "data.xlsb": (
        lambda: xlsb(changed=with_part("xl/connections.bin")), "external_link", "数据连接"),
    "link.xlsb": (
        lambda: xlsb(changed=with_link(bits(360, struct.pack("<H", 0) + wide("rId1")))),
        "external_link", "file:///D:/base.xlsx"),
    "program.xlsb": (
        lambda: xlsb(changed=with_link(bits(360, struct.pack("<H", 1) + wide("cmd") + wide("/c")))),
        "dde_link", "cmd"),
    "link.xls": (lambda: xls(first=book("\x01D:\x03base.xls")), "external_link", "D:/base.xls"),
    "program.xls": (lambda: xls(first=book("cmd\x03/c calc")), "dde_link", "cmd//c calc"),
    "workbook in it.xls": (
        lambda: with_embedded(other_figures()), "embedded_object", "MBD00001"),
    "macros.ods": (
        lambda: ods(more={"Basic/Standard/Module1.xml": b"<x/>"}), "macro_present", ""),
    "script.ods": (
        lambda: ods(more={"Scripts/python/a.py": b"pass"}), "macro_present", ""),
    "object.ods": (
        lambda: ods(more={"Object 1/content.xml": b"<x/>"}), "embedded_object", "Object 1"),
    "link.ods": (
        lambda: ods(before("<table:table-row>", SOURCE)), "external_link", "file:///base.ods"),
    "program.ods": (
        lambda: ods(before("</office:spreadsheet>", (
            '<table:dde-links><table:dde-link><office:dde-source office:dde-application="soffice" '
            'office:dde-topic="x" office:dde-item="y"/></table:dde-link></table:dde-links>'))),
        "dde_link", "soffice"),
    "call.ods": (
        lambda: ods(before("</table:table>", (
            "<table:table-row><table:table-cell table:formula='of:=DDE(&quot;cmd&quot;;"
            "&quot;/c&quot;;&quot;x&quot;)' office:value-type=\"string\"><text:p>x</text:p>"
            "</table:table-cell></table:table-row>"))),
        "dde_link", 'DDE("cmd";"/c";"x")'),
}  # fmt: skip


@pytest.mark.parametrize("name", BROUGHT)
def test_what_a_file_brings_along_is_told_and_changes_no_figure(name: str) -> None:
    make, code, found = BROUGHT[name]
    returned = read(make(), name)
    assert told(returned).get(code) == found
    assert figures(returned) == figures(read(GOOD))


def test_a_workbook_in_no_folder_is_not_read_in_place_of_the_one_that_programs_show() -> None:
    returned = read(with_orphan(other_figures()))
    assert figures(returned) == figures(read(GOOD))
