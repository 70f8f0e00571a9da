"""What the terminal shows: Chinese help, tables, progress, and errors of one sentence."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click
from click.exceptions import (
    BadOptionUsage,
    BadParameter,
    MissingParameter,
    NoArgsIsHelpError,
    NoSuchOption,
    UsageError,
)

_ARGUMENT = "参数"
_HELP = ["-h", "--help"]


class ChineseCommand(click.Command):
    """A command whose help is in Chinese."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Translate the help option too."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.context_settings.setdefault("help_option_names", _HELP)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the help option, worded in Chinese."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "显示帮助。"
        return option

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the usage line."""
        usage = " ".join(self.collect_usage_pieces(ctx))
        for english, chinese in (("OPTIONS", "选项"), ("COMMAND", "命令"), ("ARGS", "参数")):
            usage = usage.replace(english, chinese)
        formatter.write_usage(ctx.command_path, usage, prefix="用法：")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options below a Chinese heading."""
        records = [
            (option, text.replace("[required]", "[必填]").replace("[default: ", "[默认："))
            for parameter in self.get_params(ctx)
            for option, text in filter(None, [parameter.get_help_record(ctx)])
        ]
        if records:
            with formatter.section("选项"):
                formatter.write_dl(records)


class ChineseGroup(ChineseCommand, click.Group):
    """A group of commands whose help is in Chinese."""

    command_class = ChineseCommand
    group_class = type

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then the commands below a Chinese heading."""
        super().format_options(ctx, formatter)
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("命令"):
            formatter.write_dl(
                [(name, one.get_short_help_str(60)) for name, one in commands if one]
            )

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say in Chinese which there are."""
        if self.get_command(ctx, args[0]) is None:
            known = "、".join(self.list_commands(ctx))
            raise UsageError(f"没有命令“{args[0]}”：可用的有 {known}。", ctx)
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order they were declared, which is the journey's."""
        return list(self.commands)


def usage_sentence(error: UsageError) -> str:
    """Say in one Chinese sentence what is wrong with a command line."""
    name = _parameter(error)
    if isinstance(error, NoArgsIsHelpError):
        return "没有写要做什么：请写上命令，用 --help 看有哪些命令。"
    if isinstance(error, MissingParameter) and name == _ARGUMENT:
        return "缺少文件：请在命令后写明文件，可写多个；用 --help 看说明。"
    if isinstance(error, BadOptionUsage):
        return (
            f"{error.option_name} 后面没有写值：请补上，例如 --period 2017-Q4；用 --help 看说明。"
        )
    if isinstance(error, MissingParameter):
        return f"缺少 {name}：请补上，例如 --period 2017-Q4；用 --help 看说明。"
    if isinstance(error, NoSuchOption):
        return f"没有选项 {error.option_name}：用 --help 看有哪些选项。"
    if isinstance(error, BadParameter):
        return f"{name} 的值不能用：{error.message.rstrip('.。')}；用 --help 看说明。"
    if any(ord(char) > 0x2E80 for char in error.message):
        return error.message
    return f"命令写法不对（{error.message.rstrip('.')}）：用 --help 看说明。"


def _parameter(error: UsageError) -> str:
    parameter = getattr(error, "param", None)
    return parameter.opts[0] if isinstance(parameter, click.Option) else _ARGUMENT


def confirm(question: str) -> bool:
    """Ask on standard error, and tell whether the answer is yes: anything else is no."""
    answer = click.prompt(
        f"{question}？是请输入 y，否请直接回车", default="", show_default=False, err=True
    )
    return str(answer).strip().lower() in ("y", "yes", "ｙ", "是")


@contextmanager
def progress(label: str) -> Iterator[Callable[[int], Callable[[], object]]]:
    """Show a progress bar on standard error once work takes over a second at a terminal."""
    if not sys.stderr.isatty():
        yield lambda total: lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True), transient=True)
    started = time.monotonic()

    def begin(total: int) -> Callable[[], object]:
        task = bar.add_task(label, total=total)

        def step() -> None:
            if not bar.live.is_started and time.monotonic() - started > 1:
                bar.start()
            bar.advance(task)

        return step

    try:
        yield begin
    finally:
        bar.stop()


def show_table(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; a column is its heading and ``left``, ``right`` or ``center``."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading, justify in columns:
        table.add_column(heading, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    width = None if sys.stdout.isatty() else 160
    Console(width=width, highlight=False, markup=False).print(table)
