"""Open a workbook that has an opening password, with the passwords the operator gave."""

import io
import struct
from collections.abc import Sequence
from typing import Any

import msoffcrypto
import olefile
from lxml import etree
from msoffcrypto.exceptions import InvalidKeyError

from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.formats.xml_parsing import PARSER
from consolidator.intake.limits import Limits

_DEFAULT = "VelvetSweatshop"
"""Excel opens a workbook locked with this one without asking (MS-OFFCRYPTO 2.4.2.3)."""
_AGILE = 4


def decrypted(content: bytes, passwords: Sequence[str], limits: Limits) -> bytes:
    """Return an encrypted workbook's content, opened with the first password that fits.

    Raises:
        NotReadableError: no password was given (``file_encrypted``), none fits
            (``password_wrong``), it would take too many rounds of hashing (``file_unsafe``), or
            it is damaged.
    """
    _hold_rounds(content, limits)
    broken: Exception | None = None
    for password in (_DEFAULT, *passwords):
        file = _unlocked(content, password)
        if file is None:
            continue
        plain = io.BytesIO()
        try:
            file.decrypt(plain)
        except Exception as error:
            # The check of an old .xls lets some wrong passwords pass: the next one may be right.
            broken = error
            continue
        return plain.getvalue()
    if broken:
        raise NotReadableError("file_damaged", "加密的内容读不出来") from broken
    raise NotReadableError("password_wrong" if passwords else "file_encrypted")


def _unlocked(content: bytes, password: str) -> Any:
    """Return the file with its key loaded; None where the password does not fit."""
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(content))
        file.load_key(password=password, **_verified(file))
    except InvalidKeyError:
        return None
    except Exception as error:
        # The decrypting library stumbles over a broken header in many ways.
        raise NotReadableError("file_damaged", "加密的内容读不出来") from error
    return file


def _verified(file: object) -> dict[str, bool]:
    """Ask for the password to be verified where the format's reader can."""
    return {"verify_password": True} if type(file).__name__ == "OOXMLFile" else {}


def _hold_rounds(content: bytes, limits: Limits) -> None:
    """Hold the rounds of hashing, which are paid for each password that is tried."""
    with olefile.OleFileIO(io.BytesIO(content)) as ole:
        if not ole.exists("EncryptionInfo"):
            return
        with ole.openstream("EncryptionInfo") as stream:
            info = stream.read()
    if len(info) < 8:
        raise NotReadableError("file_damaged", "加密的内容读不出来")
    if struct.unpack_from("<H", info)[0] != _AGILE:
        return
    try:
        root = etree.fromstring(info[8:], PARSER)
        counts = [int(str(one)) for one in root.xpath("//@spinCount")]
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotReadableError("file_damaged", "加密的内容读不出来") from error
    if root.getroottree().docinfo.doctype:
        raise NotReadableError("file_unsafe", "部件含有 DTD")
    if max(counts, default=0) > limits.hash_rounds:
        raise NotReadableError("file_unsafe", f"打开密码要求散列 {max(counts)} 次")
