"""Read files in worker processes: one that dies or hangs costs its one file and is replaced.

A reader may be driven to ask for more memory than there is, which ends its process at once, or
to go round for ever. So no file is read in the process that settles what counts.
"""

import multiprocessing
import os
import signal
import sys
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from consolidator.files import sha256_of
from consolidator.intake.archive import Member
from consolidator.intake.brief import Brief
from consolidator.intake.returned import read_file
from consolidator.intake.values import Refusal, Returned

_CONTEXT = multiprocessing.get_context("spawn")
"""Forking would copy whatever threads and memory the program holds; Windows cannot fork."""
_MOST = 8
_STARTING = 60
"""Seconds a new process may take to be ready, on a slow machine."""
_WAKING = 3600
"""Seconds one may wait in one go: systems refuse to wait for years."""
Outcome = tuple[Returned, tuple[Member, ...]]


@dataclass(frozen=True, slots=True)
class _Task:
    """A file, or a member of an archive; ``order`` is its place among all results."""

    order: tuple[int, ...]
    path: Path
    name: str
    member: int | None = None


@dataclass(slots=True)
class _Worker:
    """A process and what it is at."""

    process: BaseProcess
    connection: Connection
    task: _Task | None = None
    began: float = field(default=0.0)
    due: float = field(default=0.0)
    ready: bool = False


def read_all(
    files: Sequence[tuple[Path, str]],
    brief: Brief,
    *,
    step: Callable[[], object] = lambda: None,
) -> list[Returned]:
    """Read files, those in archives too, and return one result each in the order given.

    Args:
        files: paths, and the names findings call them by.
        brief: what is asked for, and the limits of time and memory.
        step: called after each file, for a progress bar.
    """
    if not files:
        return []
    waiting = deque(_Task((place,), path, name) for place, (path, name) in enumerate(files))
    results: dict[tuple[int, ...], Returned] = {}
    spent: defaultdict[int, float] = defaultdict(float)
    """Seconds, by the place of the file or archive."""
    workers: list[_Worker] = []
    most_seconds = brief.limits.archive_seconds
    most = min(os.cpu_count() or 1, _MOST)
    try:
        while waiting or any(one.task for one in workers):
            idle = [one for one in workers if one.task is None]
            while waiting and (idle or len(workers) < most):
                next_one = waiting.popleft()
                if next_one.member is not None and spent[next_one.order[0]] > most_seconds:
                    results[next_one.order] = _left_out(next_one, most_seconds)
                    step()
                    continue
                worker = idle.pop() if idle else _started(brief, workers)
                _hand(worker, next_one, brief)
            for worker, outcome in _outcomes(workers, brief):
                task = worker.task
                assert task is not None
                worker.task = None
                spent[task.order[0]] += time.monotonic() - worker.began
                results[task.order], inside = outcome
                step()
                for number, member in enumerate(inside):
                    name = f"{task.name}/{member.name}"
                    waiting.append(_Task((*task.order, number), task.path, name, member.index))
    finally:
        _end(workers)
    return [results[order] for order in sorted(results)]


def _started(brief: Brief, workers: list[_Worker]) -> _Worker:
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=_work, args=(theirs, brief), daemon=True)
    with _main_left_alone():
        process.start()
    theirs.close()
    worker = _Worker(process, ours)
    workers.append(worker)
    return worker


@contextmanager
def _main_left_alone() -> Iterator[None]:
    """Keep a new process from running the main script again, which need not expect that."""
    main = sys.modules["__main__"]
    known = {name: vars(main)[name] for name in ("__file__", "__spec__") if name in vars(main)}
    for name in known:
        setattr(main, name, None)
    try:
        yield
    finally:
        for name, value in known.items():
            setattr(main, name, value)


def _hand(worker: _Worker, task: _Task, brief: Brief) -> None:
    worker.task, worker.began = task, time.monotonic()
    worker.due = time.monotonic() + (brief.limits.seconds if worker.ready else _STARTING)
    # One that died while idle is noticed when its end of the pipe is read.
    with suppress(OSError):
        worker.connection.send(task)


def _outcomes(workers: list[_Worker], brief: Brief) -> list[tuple[_Worker, Outcome]]:
    """Wait until a worker has something to tell or is overdue; replace those that failed."""
    busy = {one.connection: one for one in workers if one.task}
    if not busy:
        return []
    patience = min(one.due for one in busy.values()) - time.monotonic()
    found: list[tuple[_Worker, Outcome]] = []
    for connection in wait(list(busy), min(max(patience, 0), _WAKING)):
        worker = next(one for one in workers if one.connection is connection)
        del busy[worker.connection]
        try:
            told = worker.connection.recv()
        except (EOFError, OSError):
            found.append((worker, _failed(worker, "读取时内存不足或读取程序崩溃")))
            _drop(worker, workers)
            continue
        if told is None:
            worker.ready, worker.began = True, time.monotonic()
            worker.due = worker.began + brief.limits.seconds
        else:
            found.append((worker, told))
    for worker in busy.values():
        if worker.due <= time.monotonic():
            found.append((worker, _failed(worker, f"读取超过 {brief.limits.seconds} 秒")))
            _drop(worker, workers)
    return found


def _failed(worker: _Worker, why: str) -> Outcome:
    """Return the refusal of the file a worker failed at.

    Raises:
        RuntimeError: it never came to read: the fault is not the file's.
    """
    if not worker.ready:
        raise RuntimeError("a reading process could not be started")
    assert worker.task is not None
    task = worker.task
    digest = sha256_of(task.path) if task.member is None else ""
    return Returned(task.name, digest, refusal=Refusal("reading_failed", why)), ()


def _left_out(task: _Task, seconds: int) -> Returned:
    """Return the refusal of a file whose archive has taken all the time it may."""
    why = f"压缩包里的文件共读了超过 {seconds} 秒，其余没有读"
    return Returned(task.name, "", refusal=Refusal("reading_failed", why))


def _drop(worker: _Worker, workers: list[_Worker]) -> None:
    worker.process.kill()
    worker.process.join()
    worker.connection.close()
    workers.remove(worker)


def _end(workers: list[_Worker]) -> None:
    """Let idle workers go home, and stop the others."""
    for worker in workers:
        if worker.task is None:
            with suppress(OSError):
                worker.connection.send(None)
        else:
            worker.process.kill()
    for worker in workers:
        worker.process.join(_STARTING)
        worker.connection.close()


def _work(connection: Connection, brief: Brief) -> None:
    """Read what is handed over until there is no more; runs in the worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _silence()
    _limit_memory(brief.limits.memory_mb)
    connection.send(None)
    with suppress(EOFError, OSError):
        while (task := connection.recv()) is not None:
            connection.send(_outcome(task, brief))


def _outcome(task: _Task, brief: Brief) -> Outcome:
    """Read a file; a fault of the reader's own costs that file only, and is named.

    Raises:
        MemoryError: there was too little; the process is then no longer fit to read.
    """
    try:
        return read_file(task.path, task.name, brief, member=task.member)
    except MemoryError:
        raise
    except Exception as error:
        why = f"读取程序出错（{type(error).__name__}：{error}）"
        return Returned(task.name, "", refusal=Refusal("reading_failed", why)), ()


def _silence() -> None:
    """Keep what a dying reader prints from the operator's terminal."""
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _limit_memory(most_mb: int) -> None:
    """Limit the memory of this process, where the system can: Windows has no such call."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = most_mb * 2**20 if hard == resource.RLIM_INFINITY else min(most_mb * 2**20, hard)
    with suppress(ValueError, OSError, OverflowError):
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
