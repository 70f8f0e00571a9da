"""The documents say what the program does."""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from consolidator.checks.catalogue import CATALOGUE
from consolidator.cli import cli
from consolidator.report.context import SHEETS

ROOT = Path(__file__).resolve().parent.parent
MAKING = runpy.run_path(str(ROOT / "docs" / "make_manual.py"))
GENERATED: dict[Path, str] = MAKING["contents"]()
MANUAL = (ROOT / "docs" / "使用手册.md").read_text("utf-8")
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def commands(
    group: click.Group, before: str = "consolidator"
) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}", command


@pytest.mark.parametrize("path", list(GENERATED), ids=lambda path: path.name)
def test_the_generated_parts_are_up_to_date(path: Path) -> None:
    assert path.read_text("utf-8") == GENERATED[path], "python docs/make_manual.py"


@pytest.mark.parametrize(("name", "command"), list(commands(cli)))
def test_the_manual_lists_every_command_with_its_options(name: str, command: click.Command) -> None:
    rows = [line for line in MANUAL.splitlines() if line.startswith(f"| `{name}")]
    rows = [row for row in rows if re.match(rf"\| `{name}[` ]", row)]
    assert len(rows) == 1
    options = {opt for one in command.params for opt in one.opts if opt.startswith("--")}
    assert set(re.findall(r"--[a-z-]+", rows[0])) == options - {"--help"}


def test_the_manual_explains_every_option() -> None:
    options = {opt for _, one in commands(cli) for p in one.params for opt in p.opts}
    for option in {one for one in options if one.startswith("--")} | {"--help", "--version"}:
        assert re.search(rf"^\| `{option}[` ].*\|$", MANUAL, re.MULTILINE), option


def test_the_manual_names_every_sheet_of_the_district_workbook() -> None:
    assert [one for one in SHEETS if f"| **{one}** |" not in MANUAL] == []


def test_codes_named_in_the_manual_are_in_the_catalogue() -> None:
    table = MANUAL.split("## 单位常见的错误")[1].split("\n## ")[0]
    named = set(re.findall(r"`([a-z_]+)`", table))
    assert named
    assert named <= set(CATALOGUE)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    targets = re.findall(r"\]\(([^)#:]+)\)", text)
    assert [one for one in targets if not (document.parent / one).exists()] == []


def test_the_readme_begins_with_commands_that_exist() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make ([a-z]+)", readme, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
