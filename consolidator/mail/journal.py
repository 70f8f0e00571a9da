"""Logs that survive being killed: one JSON object a line, on the disk before work goes on.

A line counts once its end is written. What a killed run left of a line is cut off by the next
run that writes; a broken line elsewhere means that the log was edited, and stops the program.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from consolidator.errors import OperatorError
from consolidator.files import cannot_write

_LOCK = ".lock"


class Journal:
    """A log on the disk, and its records in memory."""

    def __init__(
        self, path: Path, is_one: Callable[[Mapping[str, Any]], bool] = lambda record: True
    ) -> None:
        """Read what was recorded; ``is_one`` tells whether a record has all it must have.

        Raises:
            OperatorError: the log cannot be read, or was edited.
        """
        self.path = path
        self._size = self._length()
        self._is_one = is_one
        self.records: list[Mapping[str, Any]] = list(self._read())

    def add(self, record: Mapping[str, Any]) -> None:
        """Record something; it is on the disk when this returns.

        Raises:
            OperatorError: it cannot be written.
        """
        line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as stream:
                stream.truncate(self._whole())
                stream.seek(0, os.SEEK_END)
                stream.write(line)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise cannot_write(self.path, error) from error
        self.records.append(json.loads(line))
        self._size = self._length()

    def has_changed(self) -> bool:
        """Tell whether anything was recorded by somebody else since."""
        return self._length() != self._size

    def _length(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def _whole(self) -> int:
        """Return the bytes up to the end of the last whole line."""
        size = self.path.stat().st_size
        with self.path.open("rb") as stream:
            back = size
            while back:
                start = max(0, back - 4096)
                stream.seek(start)
                found = stream.read(back - start).rfind(b"\n")
                if found >= 0:
                    return start + found + 1
                back = start
        return 0

    def _read(self) -> Iterator[Mapping[str, Any]]:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise OperatorError(f"记录“{self.path}”读不出来：请检查读取权限。") from error
        for number, line in enumerate(content.split(b"\n")[:-1], start=1):
            try:
                record = json.loads(line)
                if not isinstance(record, dict) or not self._is_one(record):
                    raise ValueError("not a record")
            except (ValueError, RecursionError) as error:
                raise OperatorError(
                    f"记录“{self.path}”第 {number} 行被改坏了：请从备份恢复，否则会重复发送或收取。"
                ) from error
            yield record


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one run at a time work with the logs of a folder.

    Raises:
        OperatorError: another run is at it, or the folder cannot be written.
    """
    lock = FileLock(folder / _LOCK)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise OperatorError(
            "另一个窗口正在发送或收取邮件：请等它结束，或关闭那个窗口，再重新运行。"
        ) from error
    except OSError as error:
        raise cannot_write(folder / _LOCK, error) from error
    try:
        yield
    finally:
        lock.release()
