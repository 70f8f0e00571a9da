"""Returns with an opening password: opened with those the operator gives, told apart if not."""

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import md5
from pathlib import Path

import olefile
import pytest
from msoffcrypto.method.container.ecma376_encrypted import (  # type: ignore[import-untyped,unused-ignore]
    ECMA376Encrypted,
)
from msoffcrypto.method.ecma376_agile import (  # type: ignore[import-untyped,unused-ignore]
    ECMA376Agile,
)
from msoffcrypto.method.rc4 import DocumentRC4  # type: ignore[import-untyped,unused-ignore]

from consolidator.checks.run import check_returned
from consolidator.cli import run
from consolidator.files import sha256
from consolidator.intake.brief import Brief
from consolidator.intake.formats.sniff import Kind, sniff
from consolidator.intake.limits import RETURN, Limits
from consolidator.intake.returned import read_content
from consolidator.intake.values import Returned
from returns import NOON, Q4, SHIPPED, put
from workbook_parts import (
    GOOD,
    OPEN_TO_ALL,
    STORED,
    Entry,
    entries,
    entry,
    locked,
    ole,
    packed,
    parts,
    record,
    xls,
    zipped,
)

PASSWORD, OTHER = "春江 geheim-1", "anders-2"
LOCKED = locked(GOOD, PASSWORD)
PERIOD = ("--period", "2017-Q4")
_BOF, _BOUNDSHEET, _FILEPASS = 0x0809, 0x0085, 0x002F


def read(content: bytes, *passwords: str, limits: Limits = RETURN) -> Returned:
    brief = Brief(SHIPPED, Q4, limits, passwords)
    return read_content(content, "上报.xlsx", sha256(content), NOON, brief)


def codes(content: bytes, *passwords: str, limits: Limits = RETURN) -> list[str]:
    """Return the codes of what is found; none is a good return whose figures are all there."""
    returned = read(content, *passwords, limits=limits)
    found = [one.code for one in check_returned(returned, SHIPPED)]
    if returned.submission:
        plain = read(GOOD).submission
        assert plain
        assert returned.submission.figures() == plain.figures()
    return found


def told(edit: Callable[[str], str]) -> bytes:
    """Lock the good return, with an edit of the text that says how it is locked."""
    return locked(GOOD, PASSWORD, lambda head: head[:8] + edit(head[8:].decode()).encode())


def rounds(said: str) -> Callable[[str], str]:
    """Say otherwise how many rounds of hashing a password takes."""

    def edit(xml: str) -> str:
        assert xml.count('spinCount="100"') == 1
        return xml.replace('spinCount="100"', said)

    return edit


def payload(edit: Callable[[bytes], bytes], content: bytes = GOOD) -> bytes:
    """Lock a workbook and damage what is locked in; the password is not touched."""
    info, key = ECMA376Agile.generate_encryption_parameters(PASSWORD, spin_count=100)
    salt = info.keyData.saltValue
    body = ECMA376Agile.encrypt_payload(io.BytesIO(content), info.encryptedKey, key, salt)
    head = ECMA376Agile.get_encryption_information(info, body, key)
    target = io.BytesIO()
    ECMA376Encrypted(edit(body), head).write_to(target)
    return target.getvalue()


def flipped(at: int) -> Callable[[bytes], bytes]:
    """Damage one byte."""
    return lambda body: body[:at] + bytes([body[at] ^ 0xFF]) + body[at + 1 :]


def locked_xls(password: str, edit: Callable[[bytes], bytes] = bytes) -> bytes:
    """Lock the good return in the way of Excel 97 (MS-XLS 2.2.10, MS-OFFCRYPTO 2.3.6).

    Everything is encrypted by its place in the stream, save headers of records, where the
    workbook and its sheets begin, and how it is locked.
    """
    salt, verifier = bytes(range(16)), bytes(range(16, 32))

    def encrypted(plain: bytes) -> bytes:
        coded: bytes = DocumentRC4.decrypt(password, salt, io.BytesIO(plain), 1024).read()
        return coded

    about = struct.pack("<HHH", 1, 1, 1) + salt + encrypted(verifier + md5(verifier).digest())
    with olefile.OleFileIO(io.BytesIO(xls(first=record(_FILEPASS, about)))) as file:
        stream = file.openstream("Workbook").read()
    coded, place = bytearray(encrypted(stream)), 0
    while place < len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        end = place + 4 + {_BOF: size, _FILEPASS: size, _BOUNDSHEET: 4}.get(kind, 0)
        coded[place:end] = stream[place:end]
        place += 4 + size
    return ole({"Workbook": edit(bytes(coded))})


# Which password


LOCKS: dict[str, tuple[Callable[[str], bytes], list[str]]] = {
    ".xlsx": (partial(locked, GOOD), []),
    # The form as .xls is written without formulas.
    ".xls": (locked_xls, ["formulas_lost"]),
}
"""How a return is locked with a password, and what there is to say of it when it is open."""


@pytest.mark.parametrize("kind", LOCKS)
@pytest.mark.parametrize(
    ("passwords", "code"),
    [
        ((), "file_encrypted"),
        ((OTHER,), "password_wrong"),
        ((OTHER, f"{PASSWORD} ", PASSWORD.upper(), PASSWORD[:-1]), "password_wrong"),
        ((PASSWORD,), ""),
        ((OTHER, "密码", PASSWORD), ""),
        ((PASSWORD, OTHER), ""),
    ],
)
def test_a_locked_return_is_read_with_the_password_that_fits_and_else_says_what_is_missing(
    kind: str, passwords: tuple[str, ...], code: str
) -> None:
    lock, plain = LOCKS[kind]
    content = lock(PASSWORD)
    assert codes(content, *passwords) == ([code] if code else plain)
    refusal = read(content, *passwords).refusal
    assert not refusal or (refusal.found, refusal.unit) == ("", "")


@pytest.mark.parametrize("kind", LOCKS)
@pytest.mark.parametrize("passwords", [(), (OTHER,)], ids=["none given", "another given"])
def test_the_password_that_every_program_tries_is_asked_of_nobody(
    kind: str, passwords: tuple[str, ...]
) -> None:
    lock, plain = LOCKS[kind]
    assert codes(lock(OPEN_TO_ALL), *passwords) == plain


def test_passwords_do_no_harm_to_a_return_without_one() -> None:
    assert codes(GOOD, OTHER) == []
    assert codes(xls(), OTHER) == ["formulas_lost"]


def test_a_locked_return_is_really_locked() -> None:
    assert sniff(LOCKED) is Kind.OLE_ENCRYPTED
    label = "专利申请".encode("utf-16-le")
    assert label in xls()
    assert label not in locked_xls(PASSWORD)


def test_what_is_locked_in_is_held_to_everything_else_too() -> None:
    noise = b"".join(sha256(bytes([n])).encode() for n in range(200))
    letter = {"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>", "word/x.bin": noise}
    assert codes(locked(packed(letter), PASSWORD), PASSWORD) == ["file_foreign"]
    bomb = zipped([*entries(parts(GOOD)), entry("xl/media/a.png", bytes(3 * 2**20))])
    assert codes(locked(bomb, PASSWORD), PASSWORD) == ["file_unsafe"]
    assert codes(locked(LOCKED, PASSWORD), PASSWORD) == ["file_damaged"]


@pytest.mark.parametrize(
    "name", ["content.xml", "encrypted-package"], ids=["part by part", "as a whole"]
)
@pytest.mark.parametrize("passwords", [(), (PASSWORD,)], ids=["none given", "one given"])
def test_a_locked_ods_is_told_to_be_locked(name: str, passwords: tuple[str, ...]) -> None:
    # LibreOffice encrypts each part, from 24.8 on the whole package (ODF 1.3 part 2, 4.8).
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml">'
        '<manifest:encryption-data manifest:checksum="x"/></manifest:file-entry>'
        "</manifest:manifest>"
    )
    content = zipped([
        Entry(b"mimetype", kind, zlib.crc32(kind), len(kind), STORED),
        entry("META-INF/manifest.xml", manifest.encode()),
        entry(name, bytes(range(256)) * 40),
    ])  # fmt: skip
    assert sniff(content) is Kind.ODS
    assert codes(content, *passwords) == ["file_encrypted"]


# Locked to overload


@pytest.mark.parametrize(
    "said",
    [
        'spinCount="4294967295"',
        "spinCount = '4294967295'",
        'spinCount="1000001"',
        f'spinCount="{"9" * 40}"',
    ],
)
def test_a_password_that_takes_too_many_rounds_is_not_even_tried(said: str) -> None:
    content = told(rounds(said))
    for passwords in ((), (OTHER,), (PASSWORD,)):
        assert codes(content, *passwords) == ["file_unsafe"]


HIDDEN: dict[str, Callable[[str], str]] = {
    "as it is": lambda xml: xml,
    "as a character reference": rounds('spinCount="&#49;00"'),
    "with white space": rounds('spinCount="\n100 "'),
    "behind another": lambda xml: xml.replace("<keyData ", '<keyData spinCount="1" '),
}


@pytest.mark.parametrize("how", HIDDEN)
def test_the_rounds_are_held_however_they_are_written(how: str) -> None:
    content = told(HIDDEN[how])
    assert codes(content, PASSWORD) == []
    few = replace(RETURN, hash_rounds=99)
    assert codes(content, PASSWORD, limits=few) == codes(content, limits=few) == ["file_unsafe"]


def test_the_rounds_are_held_in_another_encoding_too() -> None:
    def edit(head: bytes) -> bytes:
        xml = head[8:].decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
        return head[:8] + xml.encode("utf-16")

    few = replace(RETURN, hash_rounds=99)
    found = codes(locked(GOOD, PASSWORD, edit), PASSWORD, limits=few)
    assert found in (["file_unsafe"], ["file_damaged"])


# Damaged, not locked against us

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "the first bytes": flipped(8),
    "the first block": flipped(20),
    "somewhere in the middle": flipped(len(GOOD) // 2),
    "cut in the middle": lambda body: body[: len(body) // 2],
    "cut at a block": lambda body: body[: 8 + 4096],
    "its length is a lie": lambda body: struct.pack("<Q", 100) + body[8:],
    "nothing but its length": lambda body: body[:8],
    "nothing": lambda body: b"",
    "zeros": lambda body: bytes(len(body)),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_a_locked_return_that_is_damaged_is_told_apart_from_a_wrong_password(what: str) -> None:
    content = payload(DAMAGES[what])
    assert codes(content, PASSWORD) == ["file_damaged"]
    assert codes(content, OTHER) == ["password_wrong"]
    assert codes(content) == ["file_encrypted"]


@pytest.mark.parametrize(
    "head", [b"", b"\4\0", b"\4\0\4\0\x40\0\0\0", b"\4\0\4\0\x40\0\0\0<encryption/>", bytes(200)]
)
def test_a_locked_return_whose_lock_is_damaged_is_damaged(head: bytes) -> None:
    content = ole({"EncryptionInfo": head, "EncryptedPackage": bytes(5000)})
    for passwords in ((), (PASSWORD,)):
        assert codes(content, *passwords) == ["file_damaged"]


def test_an_old_locked_return_that_is_damaged_is_told_apart_from_a_wrong_password() -> None:
    content = locked_xls(PASSWORD, lambda stream: stream[:-10])
    assert codes(content, PASSWORD) == ["file_damaged"]
    assert codes(content, OTHER) == ["password_wrong"]
    assert codes(content) == ["file_encrypted"]


# Through the command line


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a workspace to which a locked return was sent."""
    monkeypatch.delenv("CONSOLIDATOR_PASSWORD", raising=False)
    put(tmp_path / "returns" / "2017-Q4" / "上报.xlsx", LOCKED)
    return tmp_path


def arguments(command: str, root: Path, *more: str) -> list[str]:
    file = [str(root / "returns" / "2017-Q4")] if command == "check" else list(PERIOD)
    return [command, *file, "--workspace", str(root), *more]


def found_by(
    command: str, root: Path, passwords: str | bytes | None, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    """Run a command as JSON and as text, and return the codes about files; no password is said."""
    more: list[str] = []
    if passwords is not None:
        content = passwords if isinstance(passwords, bytes) else passwords.encode()
        more = ["--password-file", str(put(root / "密码.txt", content))]
    run(arguments(command, root, *more))
    said = "".join(capsys.readouterr())
    run(arguments(command, root, "--json", *more))
    out, error = capsys.readouterr()
    assert PASSWORD not in said + out + error
    assert OTHER not in said + out + error
    result = json.loads(out)
    several = [result] if command == "consolidate" else result["files"]
    return [one["code"] for file in several for one in file["findings"] if one["file"]]


@pytest.mark.parametrize("command", ["check", "consolidate"])
@pytest.mark.parametrize(
    ("passwords", "expected"),
    [
        (None, ["file_encrypted"]),
        (OTHER, ["password_wrong"]),
        (f"{OTHER}\n{PASSWORD}\n", []),
        (f"\ufeff{PASSWORD}\r\n", []),
        (f"\n\n{OTHER}\n\n{PASSWORD}\n\n", []),
        (f" {PASSWORD}\n", ["password_wrong"]),
    ],
    ids=["no file", "wrong", "two", "with a mark", "blank lines", "a space is part of it"],
)
def test_passwords_are_read_one_a_line_from_a_file(
    command: str, passwords: str | None, expected: list[str], workspace: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert found_by(command, workspace, passwords, capsys) == expected


@pytest.mark.parametrize("command", ["check", "consolidate"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "读不出来"),
        (b"", "没有密码"),
        (b"\r\n\n", "没有密码"),
        ("\ufeff\n".encode(), "没有密码"),
        (f"{OTHER}\n密码\n".encode("gb18030"), "读不出来"),
    ],
    ids=["missing", "empty", "blank lines", "a mark alone", "another encoding"],
)
def test_a_password_file_that_is_of_no_use_is_the_operators_mistake(
    command: str, content: bytes | None, words: str, workspace: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    path = workspace / "密码.txt"
    if content is not None:
        put(path, content)
    assert run(arguments(command, workspace, "--password-file", str(path))) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(rf"错误：密码文件“{re.escape(str(path))}”[^\n]*{words}[^\n]*。\n", error), (
        error
    )
    assert OTHER not in error
    assert not (workspace / "output").exists()


def test_a_folder_in_the_place_of_a_password_file_is_the_operators_mistake(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments("check", workspace, "--password-file", str(workspace))) == 2
    assert "读不出来" in capsys.readouterr().err


def test_passwords_open_what_is_locked_inside_an_archive(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    returned = workspace / "returns" / "2017-Q4"
    (returned / "上报.xlsx").unlink()
    put(returned / "包.zip", zipped([entry("上报.xlsx", LOCKED)]))
    wrong = found_by("consolidate", workspace, OTHER, capsys)
    assert wrong == ["password_wrong", "archive_opened"]
    assert found_by("consolidate", workspace, PASSWORD, capsys) == ["archive_opened"]


def test_no_workbook_that_is_written_holds_a_password(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert found_by("consolidate", workspace, f"{OTHER}\n{PASSWORD}\n", capsys) == []
    written = [path for path in (workspace / "output").rglob("*") if path.is_file()]
    assert written
    for path in written:
        held = _unpacked(path.read_bytes())
        for password in (PASSWORD, OTHER):
            assert not any(password.encode(code) in held for code in ("utf-8", "utf-16-le")), path


def _unpacked(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


def test_passwords_are_not_shown_by_what_holds_them() -> None:
    assert PASSWORD not in repr(Brief(SHIPPED, Q4, passwords=(PASSWORD,)))
