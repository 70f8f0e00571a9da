"""Walk the returns folder: every file in it, sub-folders too, in a settled order."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from consolidator.errors import OperatorError
from consolidator.intake.brief import Brief
from consolidator.intake.returned import read_returned
from consolidator.intake.values import Returned


def find_files(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    """List the files below ``paths`` with the names findings call them by.

    A folder's files are named relative to it, with ``/``; links are not followed out of it.

    Raises:
        OperatorError: a path does not exist or a folder cannot be listed.
    """
    found: dict[Path, str] = {}
    for path in paths:
        if path.is_file():
            _add(found, path, path.name)
        elif path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.is_file() and not file.is_symlink():
                    _add(found, file, file.relative_to(path).as_posix())
        else:
            raise OperatorError(
                f"找不到“{path}”：请把收回的文件放进该文件夹，或在命令后写明文件夹路径。"
            )
    return list(found.items())


def _add(found: dict[Path, str], path: Path, name: str) -> None:
    """Note a file once; where its name is taken by another, call it by its whole path."""
    whole = path.resolve()
    if whole not in found:
        found[whole] = whole.as_posix() if name in found.values() else name


def read_all(
    files: Sequence[tuple[Path, str]],
    brief: Brief,
    *,
    step: Callable[[], object] = lambda: None,
) -> Iterator[Returned]:
    """Read the files one after the other; ``step`` is called after each, for a progress bar."""
    for path, name in files:
        yield read_returned(path, name, brief)
        step()
