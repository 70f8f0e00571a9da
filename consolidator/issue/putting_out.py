"""Put workbooks out: all of them or none, and never over one that went out with other content."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from consolidator.errors import OperatorError
from consolidator.excel.writer import to_bytes
from consolidator.files import aside_of, cannot_write, discard, keep, sha256, write_all
from consolidator.forms.layout import Book
from consolidator.issue.issue_list import FILE_NAME, Issued
from consolidator.signing import SigningKey

# Without characters that are mistaken for one another when read from paper.
_PASSWORD_CHARACTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_PASSWORD_LENGTH = 10


class Piece(NamedTuple):
    """One workbook to be put out: whose it is, its file's name, and how it is made."""

    code: str
    file: str
    book: Callable[[str], Book]
    """Describe the workbook, locked with a password."""


@dataclass(frozen=True, slots=True)
class Put:
    """What became of one workbook: ``new``, ``same`` or ``replaced``."""

    code: str
    path: Path
    state: str
    digest: str


def make_password() -> str:
    """Return a random password that can be read out over the telephone."""
    return "".join(secrets.choice(_PASSWORD_CHARACTERS) for _ in range(_PASSWORD_LENGTH))


def put_out(
    pieces: Sequence[Piece],
    folder: Path,
    recorded: Mapping[str, Issued],
    list_book: Callable[[Mapping[str, Issued]], Book],
    *,
    now: datetime,
    password: str = "",
    key: SigningKey | None = None,
    replace: bool = False,
    withdrawn: Sequence[Path] = (),
    step: Callable[[], object] = lambda: None,
) -> list[Put]:
    """Write workbooks and the list of what was issued.

    Args:
        pieces: the workbooks.
        folder: where they and the list go.
        recorded: what the list there says was issued, by code.
        list_book: describes the list over what is now issued.
        now: the time recorded in the list.
        password: locks sheets and structure; empty for the one recorded, or a new one.
        key: has signed the stamps; a new one is kept in its file together with the workbooks.
        replace: whether a workbook issued with other content may be replaced; it is kept in
            the folder's history.
        withdrawn: workbooks that are no longer asked for: they are moved to the history.
        step: called after each workbook, for a progress bar.

    Raises:
        OperatorError: a workbook that went out with other content, or a folder that cannot be
            written. Nothing is changed then.
    """
    common = password or next((one.password for one in recorded.values()), "") or make_password()
    contents: dict[Path, bytes | Path] = {}
    outcomes: list[Put] = []
    listed = dict(recorded)
    try:
        for piece in pieces:
            known = recorded.get(piece.code)
            secret = password or (known.password if known else common)
            content = to_bytes(piece.book(secret))
            path = folder / piece.file
            outcome = Put(piece.code, path, _state(path, content), sha256(content))
            outcomes.append(outcome)
            if outcome.state != "same":
                contents[path] = _set_aside(path, content)
                listed[piece.code] = Issued(
                    piece.code, path.name, f"{now:%Y-%m-%d %H:%M:%S}", secret, outcome.digest
                )
            step()
        _hold_issued(outcomes, replace=replace)
        gone = [path for path in withdrawn if path.exists() and path not in contents]
        if contents or withdrawn:
            old = [one.path for one in outcomes if one.state == "replaced"]
            # The list first: a template without its password would be worse than the reverse.
            for path in (*old, *gone, folder / FILE_NAME):
                if path.exists():
                    keep(path, stamp=now)
            new_key = key.new_file if key else {}
            write_all({**new_key, folder / FILE_NAME: to_bytes(list_book(listed)), **contents})
            _remove(gone)
    finally:
        discard(one for one in contents.values() if isinstance(one, Path))
    return outcomes


def _state(path: Path, content: bytes) -> str:
    try:
        return "same" if path.read_bytes() == content else "replaced"
    except FileNotFoundError:
        return "new"
    except OSError as error:
        raise cannot_write(path, error) from error


def _set_aside(path: Path, content: bytes) -> Path:
    """Write a workbook aside, so that only one at a time is held in memory."""
    aside = aside_of(path)
    write_all({aside: content})
    return aside


def _remove(kept: Sequence[Path]) -> None:
    """Remove workbooks that lie in the history by now."""
    for path in kept:
        try:
            discard([path])
        except OSError as error:
            raise cannot_write(path, error) from error


def _hold_issued(outcomes: list[Put], *, replace: bool) -> None:
    changed = [one for one in outcomes if one.state == "replaced"]
    if changed and not replace:
        names = "、".join(one.path.name for one in changed[:3])
        more = f"等 {len(changed)} 个" if len(changed) > 3 else ""
        raise OperatorError(
            f"{names}{more}已按别的内容发放过，没有改动："
            "确要换发请加 --replace，旧表会存入 history。"
        )
