"""The command line: its commands, and the one Chinese sentence in which any mistake ends."""

import sys
import tempfile
import traceback

import click

from consolidator import __version__
from consolidator.commands.check import check
from consolidator.commands.consolidate import consolidate
from consolidator.commands.demo import demo
from consolidator.commands.issue import issue
from consolidator.commands.mail import mail
from consolidator.commands.mail_box import init, login
from consolidator.commands.mail_collect import collect
from consolidator.commands.options import WELL
from consolidator.commands.plan import plan
from consolidator.commands.plan_book import plan_export, plan_import
from consolidator.commands.printing import print_
from consolidator.commands.register import register
from consolidator.commands.review import review
from consolidator.commands.status import status
from consolidator.console import ChineseGroup, usage_sentence
from consolidator.errors import OperatorError

_MISTAKE, _FAILURE = 2, 3


def main() -> None:
    """Run the command line and exit with its status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit status."""
    try:
        return int(cli.main(arguments, prog_name="consolidator", standalone_mode=False) or WELL)
    except click.UsageError as error:
        return _say(usage_sentence(error))
    except OperatorError as error:
        return _say(str(error))
    except click.Abort:
        return _say("已中断。")
    except KeyboardInterrupt:
        return _say("已中断；没有写完的文件不会留下。")
    except BrokenPipeError:
        sys.stderr.close()
        return WELL
    except Exception:
        return _fail()


def _say(sentence: str) -> int:
    click.echo(f"错误：{sentence}", err=True)
    return _MISTAKE


def _fail() -> int:
    """Keep the traceback of a fault of our own in a file, and name the file."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix="consolidator-", suffix=".log", delete=False
    ) as log:
        traceback.print_exc(file=log)
    click.echo(f"错误：程序内部出错，没有改动已有文件；请把“{log.name}”发给维护人员。", err=True)
    return _FAILURE


@click.group(cls=ChineseGroup, help="下发填报表、检查收回的填报表、生成全区汇总表。")
@click.version_option(
    __version__, "--version", message="consolidator %(version)s", help="显示版本。"
)
def cli() -> None:
    """Hold the commands together."""


for _command in (plan_export, plan_import):
    plan.add_command(_command)
for _command in (collect, login, init):
    mail.add_command(_command)
for _command in (demo, plan, issue, mail, status, register, check, consolidate, review, print_):
    cli.add_command(_command)
