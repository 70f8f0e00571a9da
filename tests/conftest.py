"""Give the tests the spreadsheet programs and the shared material."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from office import gnumeric as gnumeric_program
from office import libreoffice as libreoffice_program
from office.gnumeric import Gnumeric
from office.libreoffice import LibreOffice
from office.program import Program

REPOSITORY = Path(__file__).resolve().parent.parent


def require(reason: str | None) -> None:
    """Skip a test whose program is absent, saying why; in CI its absence is a failure."""
    if reason is None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have it: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def libreoffice() -> Iterator[LibreOffice]:
    """Give one LibreOffice for the whole session."""
    require(libreoffice_program.available())
    with LibreOffice() as office:
        yield office


@pytest.fixture(scope="session")
def gnumeric() -> Gnumeric:
    """Give Gnumeric, as a second program that disagrees with LibreOffice where it can."""
    require(gnumeric_program.available())
    return Gnumeric()


@pytest.fixture(params=["libreoffice", "gnumeric"])
def program(request: pytest.FixtureRequest) -> Program:
    """Give each program in turn, for rules that hold in all."""
    found: Program = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of the project's shared material beside the repository: annexes, schemas."""
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}")
    return folder
