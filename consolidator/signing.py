"""The workspace's key that signs stamps: made once, kept in a file of its own.

A key set in the environment outranks the file. Without the key that signed them, stamps are
still read: each file is then told to be unverified.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from consolidator.errors import OperatorError

VARIABLE = "CONSOLIDATOR_KEY"
FILE_NAME = "consolidator.key"
_NOTE = "# 本工作文件夹的签名密钥：请勿改动、删除或外传。丢失后，已下发的表只能读取，无法核对真伪。"
_SHORTEST = 16


def find_key(folder: Path) -> bytes:
    """Return the key of a workspace, empty where it has none.

    Raises:
        OperatorError: the key is not readable, or too short to be one.
    """
    path = folder / FILE_NAME
    text = os.environ.get(VARIABLE, "").strip()
    where = f"环境变量 {VARIABLE} 中的签名密钥"
    if not text:
        try:
            lines = path.read_text("utf-8-sig").splitlines()
        except FileNotFoundError:
            return b""
        except (OSError, ValueError) as error:
            raise OperatorError(f"签名密钥“{path}”读不出来：请恢复该文件的备份。") from error
        text = "".join(line.strip() for line in lines if not line.startswith("#"))
        where = f"签名密钥“{path}”"
    if len(text) < _SHORTEST:
        raise OperatorError(f"{where}太短：至少 {_SHORTEST} 个字符，请恢复原来的密钥。")
    return text.encode()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A workspace's key, and the file it is to be kept in where it is new."""

    secret: bytes = field(default=b"", repr=False)
    new_file: Mapping[Path, bytes] = field(default_factory=dict, repr=False)
    """Written together with what is first signed with it; empty where the key stands."""


def find_or_draw_key(folder: Path) -> SigningKey:
    """Return the key of a workspace, or a new one that is still to be kept.

    Raises:
        OperatorError: the key cannot be read.
    """
    if key := find_key(folder):
        return SigningKey(key)
    text = secrets.token_hex(32)
    return SigningKey(text.encode(), {folder / FILE_NAME: f"{_NOTE}\n{text}\n".encode()})
