"""Walk the returns folder: every file in it, sub-folders too, in a settled order."""

import unicodedata
from collections.abc import Collection, Sequence
from pathlib import Path

from consolidator.errors import OperatorError
from consolidator.intake.letters import is_record

_UNSEEN = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}
"""Categories of characters: controls, format marks, halves, none at all, line ends."""


def find_files(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    """List the files below ``paths`` with the names findings call them by.

    A folder's files are named relative to it, with ``/``; links are not followed out of it. What
    records how a file came is no file of its own (`letters`).

    Raises:
        OperatorError: a path does not exist or a folder cannot be listed.
    """
    found: dict[Path, str] = {}
    for path in paths:
        if path.is_file():
            _add(found, path, path.name)
        elif path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.is_file() and not file.is_symlink() and not is_record(file):
                    _add(found, file, file.relative_to(path).as_posix())
        else:
            wanted = (
                "请核对文件的路径和名称。" if path.suffix
                else "请把收回的文件放进该文件夹，或在命令后写明文件夹路径。"
            )  # fmt: skip
            raise OperatorError(f"找不到“{path}”：{wanted}")
    return list(found.items())


def named_beside(path: Path, taken: Collection[str]) -> str:
    """Return what findings call a file that is no return: its name, or its path where taken."""
    name = readable(path.name)
    return name if name not in taken else readable(path.resolve().as_posix())


def _add(found: dict[Path, str], path: Path, name: str) -> None:
    """Note a file once; where its name is taken by another, call it by its whole path."""
    whole = path.resolve()
    if whole not in found:
        known = set(found.values())
        found[whole] = readable(name) if readable(name) not in known else readable(whole.as_posix())


def readable(name: str) -> str:
    """Return a file's name as people and workbooks can take it: some are not in UTF-8."""
    raw = name.encode("utf-8", "surrogateescape")
    for encoding in ("utf-8", "gb18030"):
        try:
            return visible(raw.decode(encoding), "\ufffd")
        except UnicodeDecodeError:
            continue
    return visible(raw.decode("utf-8", "replace"), "\ufffd")


def visible(name: str, instead: str = "") -> str:
    """Return a name without what cannot be seen or written, such as marks that turn text about."""
    return "".join(char if unicodedata.category(char) not in _UNSEEN else instead for char in name)
