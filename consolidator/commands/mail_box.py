"""mail init, login: the settings of the bureau's mailbox, and its password."""

from contextlib import closing
from pathlib import Path

import click

from consolidator.commands.options import WELL, existing, workspace_option
from consolidator.console import ChineseCommand
from consolidator.errors import OperatorError


@click.command(
    cls=ChineseCommand,
    help="设置：在工作文件夹里写一份带说明的 consolidator.toml，改成自己邮箱的；已有的不动。",
)
@workspace_option
def init(workspace: Path) -> int:
    """Write an example of the settings."""
    from importlib.resources import files

    from consolidator.files import write_all
    from consolidator.settings import FILE_NAME

    path = existing(workspace) / FILE_NAME
    if path.exists():
        raise OperatorError(f"“{path}”已经有了，没有改动：请直接在其中改，写法见使用手册。")
    write_all({path: files("consolidator.mail").joinpath("example.toml").read_bytes()})
    click.echo(f"已写好“{path}”：请用记事本改成自己邮箱的，再运行 consolidator mail login。")
    return WELL


@click.command(
    cls=ChineseCommand,
    help="登录：输入邮箱密码（授权码），登录两台服务器试一次，再存进系统的密码保管库。",
)
@workspace_option
def login(workspace: Path) -> int:
    """Try a password on both servers, and keep it."""
    from consolidator.mail.credentials import Credentials, keep_password, user_of
    from consolidator.mail.incoming.mailbox import Mailbox
    from consolidator.mail.outgoing.smtp import Connection
    from consolidator.settings import FILE_NAME, load_settings

    settings = load_settings(existing(workspace))
    address, smtp, imap = settings.mail.address, settings.smtp, settings.imap
    if not address or not (smtp.host or imap.host):
        raise OperatorError(
            f"还没有设置邮箱：请在工作文件夹的 {FILE_NAME} 里写明 [mail] 的 address、"
            "[smtp] 和 [imap] 的 host；没有该文件的，先运行 consolidator mail init。"
        )
    password = click.prompt(f"{address} 的密码或授权码（输入时不显示）", hide_input=True)
    tried: list[tuple[str, str]] = []
    if smtp.host:
        user = user_of("smtp", address)
        with closing(Connection(smtp, Credentials(user, password), workspace)):
            tried.append((smtp.host, user))
            click.echo(f"发信服务器 {smtp.host}：可以登录。")
    if imap.host:
        user = user_of("imap", address)
        with closing(Mailbox(imap, Credentials(user, password), workspace)) as mailbox:
            mailbox.open()
            tried.append((imap.host, user))
            click.echo(f"收信服务器 {imap.host}：可以登录，邮件文件夹“{imap.folder}”可以打开。")
    for host, user in tried:
        keep_password(host, user, password)
    click.echo("密码已存进系统的密码保管库。")
    return WELL
