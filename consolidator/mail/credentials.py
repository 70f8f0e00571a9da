"""Who logs in to a mail server: from the environment, else from the system's keyring.

Nothing secret is ever taken from the command line or the settings, shown, or logged.
"""

import os
from dataclasses import dataclass, field

from consolidator.errors import OperatorError
from consolidator.intake.folder import visible

_SERVICE = "consolidator"
USER, PASSWORD = "CONSOLIDATOR_MAIL_USER", "CONSOLIDATOR_MAIL_PASSWORD"
"""The variables for both servers; ``_SMTP_`` or ``_IMAP_`` in place of ``_MAIL_`` for one."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user, and the password (many providers call it an authorisation code)."""

    user: str
    password: str = field(repr=False)


def find_credentials(server: str, host: str, address: str) -> Credentials:
    """Return who logs in to a server.

    Args:
        server: ``smtp`` or ``imap``.
        host: the server's name: a password is kept for it, and given to no other.
        address: the bureau's own address, which is the user unless the environment says else.

    Raises:
        OperatorError: there is no password.
    """
    user = _told(USER, server) or address
    password = _told(PASSWORD, server) or _kept(host, user)
    if not password:
        raise OperatorError(
            f"没有 {user} 登录 {host} 的密码：请运行 consolidator mail login 保存一次，"
            f"或设环境变量 {PASSWORD}；多数邮箱要用“授权码”，在邮箱网页的设置里生成。"
        )
    if visible(user + password) != user + password:
        raise OperatorError(f"登录 {host} 的用户名或密码里有换行或控制字符：请重新设置。")
    return Credentials(user, password)


def keep_password(host: str, user: str, password: str) -> None:
    """Keep a password in the system's keyring.

    Raises:
        OperatorError: this system has no keyring, or it refused.
    """
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(_service(host), user, password)
    except KeyringError as error:
        raise OperatorError(
            "这台电脑没有可用的密码保管库，密码没有保存：请每次先设环境变量，"
            f'在 PowerShell 中运行 $env:{PASSWORD} = "密码"。'
        ) from error


def user_of(server: str, address: str) -> str:
    """Return the name that logs in to a server."""
    return _told(USER, server) or address


def _told(variable: str, server: str) -> str:
    own = os.environ.get(variable.replace("_MAIL_", f"_{server.upper()}_"), "")
    return own or os.environ.get(variable, "")


def _kept(host: str, user: str) -> str:
    """Return the password the system keeps, empty where it keeps none or cannot keep any."""
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(_service(host), user) or ""
    except KeyringError:
        # No keyring, or a locked one: the operator is told how to give the password.
        return ""


def _service(host: str) -> str:
    return f"{_SERVICE}:{host}"
