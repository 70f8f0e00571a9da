"""The workspace's settings, consolidator.toml: checked as a whole, unknown keys refused."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from consolidator.errors import OperatorError
from consolidator.files import toml_place
from consolidator.intake.folder import visible
from consolidator.intake.limits import MEANINGS as LIMIT_MEANINGS
from consolidator.intake.limits import RETURN, Limits
from consolidator.plan.annexes import is_address

FILE_NAME = "consolidator.toml"
_MOST = 2**31 - 1
"""What every system takes for a number of seconds or megabytes."""
_LAST_PORT = 65_535
SECURITIES = ("tls", "starttls")
"""Encrypted from the first byte, or from the first command on; never in the clear."""


@dataclass(frozen=True, slots=True)
class Mail:
    """Who writes, and how fast."""

    address: str = ""
    name: str = ""
    per_minute: int = 20
    """How many mails go out in a minute: providers stop those who send faster."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """The server mail goes out through."""

    host: str = ""
    port: int = 465
    security: str = "tls"
    ca_file: str = ""
    """Certificates that are trusted besides the system's own, a PEM file; empty for none."""
    message_mb: int = 20
    """How large a mail may be, its attachment as it travels."""


@dataclass(frozen=True, slots=True)
class Imap:
    """The mailbox mail is collected from."""

    host: str = ""
    port: int = 993
    security: str = "tls"
    ca_file: str = ""
    folder: str = "INBOX"
    message_mb: int = 50
    """How large a mail may be that is fetched."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What staff set for a workspace; everything has a default."""

    limits: Limits = RETURN
    mail: Mail = field(default_factory=Mail)
    smtp: Smtp = field(default_factory=Smtp)
    imap: Imap = field(default_factory=Imap)


_CERTIFICATES = "另外信任的证书文件（PEM），一般不写"
_SECURITY = "加密方式：tls 或 starttls"
MEANINGS: Mapping[str, Mapping[str, str]] = {
    "limits": LIMIT_MEANINGS,
    "mail": {
        "address": "科技局发信的邮箱地址",
        "name": "发信人名称",
        "per_minute": "每分钟最多发出的邮件数",
    },
    "smtp": {
        "host": "发信服务器（SMTP）",
        "port": "发信服务器的端口",
        "security": _SECURITY,
        "ca_file": _CERTIFICATES,
        "message_mb": "一封发出的邮件的大小（MB）",
    },
    "imap": {
        "host": "收信服务器（IMAP）",
        "port": "收信服务器的端口",
        "security": _SECURITY,
        "ca_file": _CERTIFICATES,
        "folder": "收取哪个邮件文件夹",
        "message_mb": "一封收取的邮件的大小（MB）",
    },
}
"""Every setting there is, by its table, with what it is for."""


def load_settings(folder: Path) -> Settings:
    """Read the settings of a workspace; the defaults where it has none.

    Raises:
        OperatorError: the file cannot be read, or holds something that is no setting.
    """
    path = folder / FILE_NAME
    try:
        told = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise OperatorError(f"设置文件“{path}”读不出来：请检查是否有读取权限。") from error
    except UnicodeDecodeError as error:
        raise OperatorError(f"设置文件“{path}”读不出来：请以 UTF-8 编码保存。") from error
    except tomllib.TOMLDecodeError as error:
        raise OperatorError(
            f"设置文件“{path}”{toml_place(error)}写法不对："
            '每行应写作“名称 = 数字”或“名称 = "文字"”（英文引号，路径里的 \\ 写成 /），'
            "表头写作 [limits]。"
        ) from error
    if unknown := sorted(told.keys() - MEANINGS.keys()):
        if tables := " 或 ".join(f"[{one}]" for one in MEANINGS if unknown[0] in MEANINGS[one]):
            raise OperatorError(f"设置文件“{path}”中，{unknown[0]} 要写在 {tables} 这一行的下面。")
        known = "、".join(MEANINGS)
        raise OperatorError(f"设置文件“{path}”中没有“{unknown[0]}”这一项：可用的有 {known}。")
    return Settings(
        limits=_table(RETURN, "limits", told, path),
        mail=_table(Mail(), "mail", told, path),
        smtp=_table(Smtp(), "smtp", told, path),
        imap=_table(Imap(), "imap", told, path),
    )


_Table = TypeVar("_Table", Limits, Mail, Smtp, Imap)


def _table(defaults: _Table, table: str, told: Mapping[str, Any], path: Path) -> _Table:
    """Return a table's settings, the default for each that is not told."""
    values = told.get(table, {})
    if not isinstance(values, dict):
        raise OperatorError(f"设置文件“{path}”的 {table} 写法不对：应写作 [{table}]，每行一项。")
    kinds = {one.name: type(getattr(defaults, one.name)) for one in fields(defaults)}
    for name, value in values.items():
        if name not in kinds:
            names = "、".join(MEANINGS[table])
            raise OperatorError(
                f"设置文件“{path}”的 [{table}] 中没有“{name}”这一项：可用的有 {names}。"
            )
        what = f"设置文件“{path}”的 [{table}] 中，{name}（{MEANINGS[table][name]}）"
        if kinds[name] is int:
            _hold_number(value, what, _LAST_PORT if name == "port" else _MOST)
        else:
            _hold_text(name, value, what)
    return replace(defaults, **values)


def _hold_number(value: object, what: str, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise OperatorError(f"{what}须为大于 0 的整数。")
    if value > most:
        raise OperatorError(f"{what}太大：最多 {most}。")


def _hold_text(name: str, value: object, what: str) -> None:
    if not isinstance(value, str) or visible(value) != value:
        raise OperatorError(f"{what}须为一行文字，写在双引号里。")
    if name == "address" and value and not is_address(value):
        raise OperatorError(f"{what}不是邮箱地址：请改正。")
    if name == "security" and value not in SECURITIES:
        raise OperatorError(f"{what}不认识“{value}”：请写 tls 或 starttls。")
    if name == "host" and (not value.isascii() or " " in value):
        raise OperatorError(f"{what}不是服务器的名称：请照邮箱服务商的说明填写。")
