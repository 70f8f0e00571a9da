"""The house: imports run one way, and the edges stay at the edges."""

import ast
import re
from pathlib import Path

import pytest

import consolidator

PACKAGE = Path(consolidator.__file__).parent
# From the ground up: a module imports from its own floor and from those before it.
FLOORS = (
    ("errors",),
    ("severity",),
    ("files",),
    ("signing",),
    ("plan",),
    ("workspace",),
    ("forms",),
    ("excel",),
    ("issue", "intake"),
    ("settings",),
    ("checks",),
    ("figures",),
    ("report",),
    ("mail",),
    ("demo",),
    ("console",),
    ("commands",),
    ("cli",),
    ("__main__",),
)
FLOOR = {part: floor for floor, parts in enumerate(FLOORS) for part in parts}
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def part_of(module: str) -> str:
    """Return the part of the house a file or a dotted name belongs to."""
    return module.removeprefix("consolidator.").split("/")[0].split(".")[0]


def imported(module: str) -> set[str]:
    """Return the dotted names that a module imports, wherever in it the import stands."""
    names = set()
    for node in ast.walk(ast.parse((PACKAGE / module).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import hides where it leads"
            assert node.module
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def own(module: str) -> set[str]:
    """Return the parts of the house that a module imports from."""
    names = {name for name in imported(module) if name.startswith("consolidator.")}
    return {part_of(name) for name in names} - {"__version__"}


def test_every_part_of_the_house_has_its_floor() -> None:
    assert {part_of(module) for module in MODULES} - {"__init__"} <= set(FLOOR)
    assert len(MODULES) > 50


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_one_way(module: str) -> None:
    mine = part_of(module)
    for other in own(module) - {mine}:
        assert FLOOR[other] < FLOOR[mine], f"{module} must not import from {other}"


def test_what_goes_out_by_mail_knows_nothing_of_what_comes_in() -> None:
    """What comes in may tell that something that went out came back: never the reverse."""
    out = [module for module in MODULES if module.startswith("mail/outgoing/")]
    assert out
    for module in out:
        assert not [one for one in imported(module) if ".mail.incoming" in one], module


def test_issue_and_intake_never_meet() -> None:
    for module in MODULES:
        if part_of(module) in ("issue", "intake"):
            assert not {"issue", "intake"} - {part_of(module)} & own(module), module


@pytest.mark.parametrize(
    ("library", "parts"),
    [
        ("xlsxwriter", {"excel"}),
        ("python_calamine", {"intake", "issue"}),
        ("pandas", {"figures"}),
        ("openpyxl", {"demo"}),
        ("click", {"cli", "commands", "console"}),
        ("rich", {"console"}),
        ("olefile", {"intake"}),
        ("docx", {"intake"}),
    ],
)
def test_one_library_a_direction(library: str, parts: set[str]) -> None:
    users = {
        part_of(module)
        for module in MODULES
        if any(name.split(".")[0] == library for name in imported(module))
    }
    assert users <= parts
    assert users, f"nothing uses {library}"


@pytest.mark.parametrize("part", ["forms", "checks", "figures"])
def test_what_is_pure_touches_no_file_clock_or_chance(part: str) -> None:
    outside = {"os", "io", "pathlib", "time", "random", "secrets", "shutil", "tempfile", "sys"}
    for module in MODULES:
        if part_of(module) != part:
            continue
        assert not {name.split(".")[0] for name in imported(module)} & outside, module
        text = (PACKAGE / module).read_text("utf-8")
        assert not re.search(r"(?<![\w.])(open|print|input)\(|\.(now|today|read_text)\(", text), (
            module
        )


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_first_what_it_does(module: str) -> None:
    assert ast.get_docstring(ast.parse((PACKAGE / module).read_text("utf-8"))), module
