"""What stands before any reader: telling a file by its content, archives, what can be saved."""

import io
import zipfile
from pathlib import Path

import olefile
from hypothesis import given, settings
from hypothesis import strategies as st

from consolidator.intake.archive import member_content, members
from consolidator.intake.formats.biff import scan_biff
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.formats.salvage import needed_parts, salvage
from consolidator.intake.formats.sniff import Kind, sniff
from consolidator.intake.limits import RETURN
from office.libreoffice import LibreOffice
from returns import ask, rendered

GOOD = rendered(ask())


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_workbook_is_told_by_its_content_and_not_by_its_name() -> None:
    assert sniff(GOOD) is Kind.OOXML
    assert sniff(GOOD[: len(GOOD) // 2]) is Kind.OOXML
    assert sniff(zipped({"甲.xlsx": GOOD})) is Kind.ARCHIVE
    assert sniff(b"%PDF-1.7\n") is Kind.PDF
    assert sniff(b"") is Kind.EMPTY


def test_an_archive_gives_its_workbooks_back_whole_one_level_down_too() -> None:
    inner = zipped({"乙.xlsx": GOOD})
    archive = zipped({"甲.xlsx": GOOD, "内层.zip": inner})
    listed = members(archive, RETURN)
    names = {one.name.split("/")[-1] for one in listed}
    assert {"甲.xlsx", "乙.xlsx"} <= names
    for one in listed:
        if one.name.endswith(".xlsx"):
            assert member_content(archive, one.index, RETURN) == GOOD


def test_a_whole_return_loses_nothing_when_salvaged() -> None:
    saved = salvage(GOOD, RETURN)
    assert parts_of(saved.content) == parts_of(GOOD)
    assert needed_parts(parts_of(saved.content))


@settings(max_examples=60)
@given(st.integers(30, len(GOOD) - 1), st.integers(0, 255), st.booleans())
def test_what_is_salvaged_is_what_was_there_or_it_is_not_there(
    place: int, byte: int, cut: bool
) -> None:
    damaged = bytearray(GOOD[:place] if cut else GOOD)
    if not cut:
        damaged[place] = byte
    whole = parts_of(GOOD)
    try:
        saved = parts_of(salvage(bytes(damaged), RETURN).content)
    except NotReadableError:
        saved = {}
    for name in saved.keys() & whole.keys():
        assert saved[name] == whole[name]


def test_formulas_of_an_old_workbook_are_told_from_what_was_typed(
    libreoffice: LibreOffice, tmp_path: Path
) -> None:
    (tmp_path / "new.xlsx").write_bytes(GOOD)
    libreoffice.convert(tmp_path / "new.xlsx", tmp_path / "old.xls")
    with olefile.OleFileIO(tmp_path / "old.xls") as ole:
        marks, _ = scan_biff(ole.openstream("Workbook").read(), RETURN)
    assert len(marks["自检"].formulas) > 10
    assert not marks["填报说明"].formulas
