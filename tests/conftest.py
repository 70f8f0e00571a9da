"""Give the tests the spreadsheet programs and the shared material."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from bureau import Bureau
from office import gnumeric as gnumeric_program
from office import libreoffice as libreoffice_program
from office.gnumeric import Gnumeric
from office.libreoffice import LibreOffice
from office.program import Program
from post import dovecot as dovecot_program
from post.certificates import Certificates, make_certificates
from post.office import PostOffice, opened
from terminal import Terminal

REPOSITORY = Path(__file__).resolve().parent.parent

# A machine that is busy for a moment is no fault of an example.
settings.register_profile("unhurried", settings(), deadline=None)
settings.load_profile("unhurried")


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


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Give the mail servers' certificate, who signed it, and one who did not."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def standing_post_office(certificates: Certificates) -> Iterator[PostOffice]:
    """Give real mail servers for the whole session; a test takes `post_office`."""
    require(dovecot_program.available())
    with opened(certificates) as office:
        yield office


@pytest.fixture
def post_office(standing_post_office: PostOffice) -> PostOffice:
    """Give real mail servers without mail and faults."""
    standing_post_office.clear()
    return standing_post_office


@pytest.fixture
def terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Terminal]:
    """Give a workspace of its own to run commands in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONSOLIDATOR_PASSWORD", raising=False)
    yield Terminal(tmp_path, capsys)
    assert not [path for path in tmp_path.rglob("*") if path.suffix == ".part"]


@pytest.fixture
def bureau(terminal: Terminal, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    """Give a bureau that mails through real servers, and their password in the environment."""
    for name in list(os.environ):
        if name.startswith("CONSOLIDATOR_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CONSOLIDATOR_MAIL_PASSWORD", post_office.password)
    return Bureau(terminal, post_office)
