"""Run commands as at a terminal, and hold what every mistake must look like."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from consolidator.cli import run


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    status: int
    out: str
    error: str

    @property
    def json(self) -> Any:
        return json.loads(self.out, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


class Terminal:
    """Runs commands in a workspace of its own."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.capsys = capsys

    def __call__(self, *arguments: object) -> Said:
        self.capsys.readouterr()
        status = run([str(argument) for argument in arguments])
        out, error = self.capsys.readouterr()
        assert "Traceback" not in out + error
        return Said(status, out, error)

    def refused(self, *arguments: object, words: str) -> None:
        """Run a command that must end in one Chinese sentence and change nothing."""
        before = contents(self.root)
        said = self(*arguments)
        assert said.status == 2, said
        assert said.out == ""
        assert re.fullmatch(r"错误：[^\n]+。\n", said.error), said.error
        assert re.search(words, said.error), said.error
        assert not re.search(r"\b(Error|Invalid|Missing|No such|Usage|Errno)\b", said.error)
        assert contents(self.root) == before


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*") if path.is_file()
    }  # fmt: skip
