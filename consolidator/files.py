"""Touch the disk safely: whole files or none, nothing lost, names every system accepts."""

import hashlib
import os
import re
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from consolidator.errors import OperatorError

# Windows refuses these in a file name, with or without an extension (Win32 naming rules).
_REFUSED_CHARACTERS = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_RESERVED = {"CON", "PRN", "AUX", "NUL"} | {p + n for p in ("COM", "LPT") for n in "123456789¹²³"}
HISTORY = "history"
_ASIDE = re.compile(r"\.(.+)\.(\d{1,9})\.part")
_FRESH = 600
"""Seconds for which a file written aside may belong to a run that is still going."""


def sha256(content: bytes) -> str:
    """Return the SHA-256 of ``content`` as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file without holding it in memory.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def toml_place(error: ValueError) -> str:
    """Say in Chinese where a TOML file breaks off: Python tells it in English only."""
    line = re.search(r"at line (\d+)", str(error))
    return f"第 {line[1]} 行" if line else "末尾"


def is_safe_name(name: str) -> bool:
    """Tell whether Windows, macOS and Linux all accept ``name`` as part of a file name."""
    stem = name.split(".")[0].upper()
    return bool(
        name
        and not _REFUSED_CHARACTERS.search(name)
        and stem not in _RESERVED
        and name == name.strip(" .")
    )


def write_all(contents: Mapping[Path, bytes | Path]) -> None:
    """Put whole files in place: first each one aside in its own folder, then the renames.

    A value is the file's content, or the path of a finished file beside it to be moved in.
    A file that stands is replaced: whoever calls has kept it first where that matters.

    Raises:
        OperatorError: a file cannot be written, or is held open by another program.
    """
    ready: list[tuple[Path, Path]] = []
    target = Path()
    try:
        for folder in {path.parent for path in contents}:
            target = folder
            folder.mkdir(parents=True, exist_ok=True)
            _sweep(folder)
        for target, content in contents.items():
            aside = content if isinstance(content, Path) else aside_of(target)
            ready.append((aside, target))
            if isinstance(content, bytes):
                _write_through(aside, content)
        for aside, target in ready:
            aside.replace(target)
    except OSError as error:
        raise cannot_write(target, error) from error
    finally:
        discard(aside for aside, _ in ready)


def _sweep(folder: Path) -> None:
    """Remove what a run that was killed had written aside in a folder."""
    for path in folder.glob(".*.part"):
        match = _ASIDE.fullmatch(path.name)
        if match and not _may_run(int(match[2]), path):
            discard([path])


def _may_run(process: int, path: Path) -> bool:
    """Tell whether the process that wrote a file aside may still be at it."""
    if process == os.getpid():
        return True
    if os.name == "nt":
        # Windows has no signal that only asks: a file this old is nobody's any more.
        return time.time() - path.stat().st_mtime < _FRESH
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def aside_of(target: Path) -> Path:
    """Return where ``target`` is written before it is whole: hidden, in the same folder."""
    return target.with_name(f".{target.name}.{os.getpid()}.part")


def discard(paths: Iterable[Path]) -> None:
    """Remove files written aside that never came to be renamed; those gone are no fault."""
    for path in paths:
        with suppress(FileNotFoundError, NotADirectoryError):
            path.unlink()


def cannot_write(target: Path, error: OSError) -> OperatorError:
    """Word a failed write of ``target`` for the operator."""
    if match := _ASIDE.fullmatch(target.name):
        target = target.with_name(match[1])
    if isinstance(error, PermissionError):
        return OperatorError(
            f"不能写入“{target}”：没有写入权限，或该文件正在 Excel/WPS 中打开；请关闭后重试。"
        )
    return OperatorError(f"不能写入“{target}”：{error.strerror or error}；请检查磁盘和文件夹。")


def keep(path: Path, *, stamp: datetime) -> Path:
    """Copy the file at ``path`` into the ``history`` folder beside it and return the copy.

    The copy is named after ``stamp``; a name that is taken gets a number, so that nothing kept
    is ever replaced. The original stays in place until its successor is renamed over it.

    Raises:
        OperatorError: the copy cannot be written.
    """
    folder = path.parent / HISTORY
    content = path.read_bytes()
    base = f"{path.stem}_{stamp:%Y%m%d-%H%M%S}"
    for count in range(1, 10_000):
        kept = folder / f"{base}{'' if count == 1 else f'-{count}'}{path.suffix}"
        if not kept.exists():
            write_all({kept: content})
            return kept
        if kept.read_bytes() == content:
            return kept
    raise OperatorError(f"“{folder}”里的旧文件太多，无法再存；请先整理该文件夹。")


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
