"""Reach a mail server: encrypted, with a certificate that holds; say plainly what is wrong."""

import imaplib
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imapclient.exceptions import IMAPClientError, LoginError

from consolidator.errors import OperatorError
from consolidator.intake.folder import visible
from consolidator.settings import FILE_NAME

_LATER = range(400, 500)
_IS_SMTP = re.compile(r"b?['\"]?220[ -]")


def trust(ca_file: str, folder: Path) -> ssl.SSLContext:
    """Return what certificates are checked with: the system's, and those of a file.

    Args:
        ca_file: a PEM file, its path relative to the workspace; empty for none.
        folder: the workspace.

    Raises:
        OperatorError: the file holds no certificates.
    """
    context = ssl.create_default_context()
    if ca_file:
        path = folder / ca_file
        try:
            context.load_verify_locations(path)
        except (OSError, ssl.SSLError) as error:
            raise OperatorError(
                f"证书文件“{path}”读不出来：请核对 {FILE_NAME} 里的 ca_file，须为 PEM 格式。"
            ) from error
    return context


@contextmanager
def contacting(what: str, host: str, port: int) -> Iterator[None]:
    """Word what goes wrong between us and a server.

    Args:
        what: what the server is called.
        host: its name.
        port: its port.

    Raises:
        OperatorError: instead of whatever the network raises.
    """
    where = f"{what} {host}:{port} "
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise OperatorError(
            f"{where}的证书不可信（{error.verify_message}），没有登录：请核对服务器名称；"
            f"单位自建的邮箱，请把其根证书写在 {FILE_NAME} 的 ca_file。"
        ) from error
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code in _LATER:
            raise _broken(where, error) from error
        raise _no_login(where) from error
    except LoginError as error:
        raise _no_login(where) from error
    except UnicodeError as error:
        raise OperatorError(
            f"{where}的名称或密码里有不能用的字符：请核对，不要有汉字、全角字符和空格。"
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise OperatorError(
            f"{where}不支持加密连接或登录，没有发出任何内容："
            f"请核对 {FILE_NAME} 里的端口和 security。"
        ) from error
    except (ssl.SSLError, smtplib.SMTPServerDisconnected) as error:
        raise OperatorError(
            f"{where}中断了连接，或没有按约定加密：请核对 {FILE_NAME} 里的端口和 "
            "security（tls 或 starttls），或稍后再试。"
        ) from error
    except socket.gaierror as error:
        raise OperatorError(f"找不到{what}“{host}”：请核对名称和网络。") from error
    except (TimeoutError, ConnectionRefusedError) as error:
        raise OperatorError(f"{where}没有应答：请核对端口和网络。") from error
    except (smtplib.SMTPException, imaplib.IMAP4.error, IMAPClientError, OSError) as error:
        if _IS_SMTP.match(str(error)):
            raise OperatorError(
                f"{where}不是收信服务器：请核对 {FILE_NAME} 里 [imap] 的 host 和端口。"
            ) from error
        raise _broken(where, error) from error
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, ArithmeticError) as error:
        # What a server answers is taken apart by libraries that expect it to be sensible.
        raise _broken(where, error) from error


def _no_login(where: str) -> OperatorError:
    return OperatorError(
        f"{where}不接受用户名或密码：请核对；多数邮箱要用“授权码”，在邮箱网页的设置里生成，"
        "再运行 consolidator mail login。"
    )


def _broken(where: str, error: Exception) -> OperatorError:
    said = visible(" ".join(str(error).split()), "?")[:200]
    return OperatorError(f"{where}出错（{said}）：请稍后再试，或核对设置。")
