"""Work LibreOffice as a unit's program: one headless soffice for the whole test session."""

import contextlib
import functools
import glob
import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

from .program import OfficeError, Results, Values, keystroke

SYSTEM_PYTHON = "/usr/bin/python3"
WORKER = Path(__file__).with_name("uno_worker.py")
START_SECONDS = 90
END_SECONDS = 20

# Formulas are typed as in English Excel: A1 references, `!` after the sheet, commas.
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Syntax">
<prop oor:name="Grammar" oor:op="fuse"><value>1</value></prop>
<prop oor:name="SeparatorArg" oor:op="fuse"><value>,</value></prop>
<prop oor:name="SeparatorArrayCol" oor:op="fuse"><value>,</value></prop>
<prop oor:name="SeparatorArrayRow" oor:op="fuse"><value>;</value></prop></item>
<item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>en-US</value></prop></item>
</oor:items>
"""


@functools.lru_cache(maxsize=1)
def available() -> str | None:
    """Say why LibreOffice cannot be used here, or return None if it can."""
    for program, package in (("soffice", "libreoffice-calc"), ("pdftoppm", "poppler-utils")):
        if shutil.which(program) is None:
            return f"{program} is not on the path (Debian: {package})"
    if not Path(SYSTEM_PYTHON).exists():
        return f"there is no system Python at {SYSTEM_PYTHON}"
    uno = subprocess.run(
        [SYSTEM_PYTHON, "-I", "-c", "import uno"], capture_output=True, timeout=60, check=False
    )
    return "the system Python has no uno (Debian: python3-uno)" if uno.returncode else None


class LibreOffice:
    """One soffice with a profile of its own; started at the first command, ended by `close`.

    Every command has `timeout` seconds; a soffice that hangs or dies is killed, the command
    raises OfficeError, and the next command starts a new soffice.
    """

    name = "LibreOffice"

    def __init__(self, *, timeout: float = 60.0) -> None:
        self.timeout = timeout
        self._worker: subprocess.Popen[str] | None = None
        self._profile: Path | None = None
        self._answers: queue.Queue[str] = queue.Queue()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def convert(self, source: Path, target: Path) -> None:
        """Open the source and save it as .xlsx, .xls or .ods, by the target's suffix."""
        self.fill(source, target, {})

    def fill(self, source: Path, target: Path, values: Values) -> None:
        """Put values into cells and save by the target's suffix: .xlsx, .xls or .ods.

        Cells that depend on them are recalculated, others keep their cached values, as for a
        person. Locked cells can be overwritten, except by a Formula, which LibreOffice refuses.
        """
        typed = [[*where, *keystroke(value)] for where, value in values.items()]
        self._ask(do="fill", source=source, target=target, values=typed)

    def recalculate(self, source: Path) -> Results:
        """Compute every formula anew and return the results; the source is not changed."""
        return cast("Results", self._ask(do="recalculate", source=source))

    def to_pdf(self, source: Path, target_folder: Path) -> Path:
        """Print the visible sheets to `target_folder/<stem>.pdf` and return its path."""
        target = target_folder / f"{source.stem}.pdf"
        self._ask(do="fill", source=source, target=target, values=[])
        return target

    def close(self) -> None:
        """End the worker and soffice, by force if they do not end by themselves."""
        worker, self._worker = self._worker, None
        if worker is not None:
            _end(worker, END_SECONDS)
        if self._profile is not None:
            shutil.rmtree(self._profile, ignore_errors=True)
            self._profile = None

    def _ask(self, **command: Any) -> Any:
        worker = self._worker or self._start()
        commands = cast("IO[str]", worker.stdin)
        try:
            commands.write(json.dumps(command, default=_absolute) + "\n")
            commands.flush()
        except BrokenPipeError:
            raise self._dead("died") from None
        answer = self._answer(self.timeout)
        if not answer["ok"]:
            raise OfficeError(answer["problem"])
        return answer["result"]

    def _start(self) -> subprocess.Popen[str]:
        self._profile = Path(tempfile.mkdtemp(prefix="office-"))
        (self._profile / "user").mkdir()
        (self._profile / "user" / "registrymodifications.xcu").write_text(PROFILE, "utf-8")
        self._answers = queue.Queue()
        with (self._profile / "log").open("wb") as log:
            worker = self._worker = subprocess.Popen(
                [SYSTEM_PYTHON, "-I", "-X", "utf8", str(WORKER), str(self._profile)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                encoding="utf-8",
                start_new_session=True,
                env={**os.environ, "LC_ALL": "C.UTF-8", "SAL_USE_VCLPLUGIN": "svp"},
            )
        threading.Thread(target=_listen, args=(worker.stdout, self._answers), daemon=True).start()
        self._answer(START_SECONDS)
        return worker

    def _answer(self, seconds: float) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise self._dead(f"did not answer within {seconds:g} s") from None
        if not line:
            raise self._dead("died")
        return cast("dict[str, Any]", json.loads(line))

    def _dead(self, how: str) -> OfficeError:
        log = self._profile / "log" if self._profile else None
        said = log.read_text("utf-8", "replace")[-2000:] if log and log.exists() else ""
        worker, self._worker = self._worker, None
        if worker is not None:
            _end(worker, 0)
        self.close()
        return OfficeError(f"LibreOffice {how}. {said}".strip())


def _end(worker: subprocess.Popen[str], grace: float) -> None:
    """Let the worker end by itself for some seconds, then kill it and its soffice."""
    with contextlib.suppress(OSError):
        cast("IO[str]", worker.stdin).close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        worker.wait(grace)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait(END_SECONDS)


def _absolute(path: Path) -> str:
    return str(path.absolute())


def _listen(stream: IO[str], answers: "queue.Queue[str]") -> None:
    """Hand on the worker's lines; an empty one says that it ended."""
    with stream:
        for line in stream:
            answers.put(line)
    answers.put("")


def to_png(pdf: Path, folder: Path, *, dpi: int = 70) -> list[Path]:
    """Draw each page of a PDF as a PNG in the folder and return them in page order."""
    subprocess.run(
        ["pdftoppm", "-png", "-r", str(dpi), str(pdf), str(folder / pdf.stem)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return sorted(folder.glob(f"{glob.escape(pdf.stem)}-*.png"))
