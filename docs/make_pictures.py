"""Make the pictures of the README: the demonstration's workbooks as LibreOffice prints them.

    make pictures

Needs LibreOffice Calc, pdftoppm and pdftotext (poppler-utils), and a Chinese font. On Debian:
apt install libreoffice-calc poppler-utils fonts-noto-cjk
"""

import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from consolidator.demo import run_demo
from consolidator.plan.check import load_plan
from consolidator.plan.period import Period

_FOLDER = Path(__file__).resolve().parent / "pictures"
_PACKAGES = {
    "soffice": "libreoffice-calc",
    "pdftoppm": "poppler-utils",
    "pdftotext": "poppler-utils",
    "fc-list": "fontconfig",
}
_DPI = 110
_LARGEST = 200_000
# A fixed time, so that the pictures change only when the workbooks do.
_NOW = datetime(2018, 1, 11, 9, 0)
_PAPER = 250
"""What is lighter counts as paper."""
_MARGIN, _GAP = 12, 0.05
_LIGHT, _FILLS = 208, 48
"""Light colours are fills that must not run together: so many of them are kept as they are."""
Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Shot:
    """A page to show: the picture's name, and text that only this page of the PDF has."""

    name: str
    text: str


_TEMPLATE = (Shot("template.png", "目标完成情况填报表"),)
_DISTRICT = (
    Shot("overview.png", "目标完成情况总览"),
    Shot("summary.png", "目标完成情况汇总表"),
    Shot("achievement.png", "完成率（2017年"),
    Shot("lagging.png", "滞后清单（2017年"),
    Shot("scores.png", "得分与名次（2017年"),
    Shot("unit.png", "空港产业园（罗溪镇）目标完成情况通报"),
)


def main() -> None:
    """Run the demonstration and make every picture of its workbooks."""
    _hold_programs()
    _FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="consolidator-pictures-") as temporary:
        place = Path(temporary)
        journey = run_demo(load_plan("2017"), Period.parse("2017-Q4"), place / "demo", now=_NOW)
        for workbook, shots in (
            (journey.issued[0].path, _TEMPLATE),
            (journey.result.workbook, _DISTRICT),
        ):
            pdf = to_pdf(workbook, place)
            for shot in shots:
                page = page_with(pdf, shot.text)
                content = to_png(trimmed(rendered(pdf, page)))
                if len(content) > _LARGEST:
                    sys.exit(f"{shot.name} has {len(content)} bytes: lower _DPI.")
                (_FOLDER / shot.name).write_bytes(content)
                print(f"{_FOLDER / shot.name}: {len(content) / 1000:.0f} kB")


def to_pdf(workbook: Path, place: Path) -> Path:
    """Print a workbook to PDF with LibreOffice, in a profile of its own."""
    profile = (place / "profile").as_uri()
    _run(
        "soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf",
        "--outdir", str(place), str(workbook),
    )  # fmt: skip
    pdf = place / f"{workbook.stem}.pdf"
    if not pdf.exists():
        sys.exit(f"LibreOffice made no PDF of {workbook.name}: is libreoffice-calc installed?")
    return pdf


def page_with(pdf: Path, text: str) -> int:
    """Return the number of the first page that has ``text``, white space aside."""
    pages = _run("pdftotext", "-layout", "-enc", "UTF-8", str(pdf), "-").decode().split("\f")
    for number, page in enumerate(pages, start=1):
        if text in "".join(page.split()):
            return number
    sys.exit(f"No page of {pdf.name} has “{text}”: is a sheet named differently now?")


def rendered(pdf: Path, page: int) -> Picture:
    """Return a page as an array of rows, columns and the three colours."""
    found = _run("pdftoppm", "-r", str(_DPI), "-f", str(page), "-l", str(page), str(pdf))
    # P6, width, height, 255: each ends with one white space, then come the pixels.
    magic, width, height = found.split(maxsplit=3)[:3]
    size = int(width) * int(height) * 3
    if magic != b"P6":
        sys.exit("pdftoppm gave no colour picture.")
    return np.frombuffer(found[len(found) - size :], np.uint8).reshape(int(height), int(width), 3)


def trimmed(picture: Picture) -> Picture:
    """Cut the empty margins, and the page's foot where much empty paper is above it."""
    dark = picture.min(axis=2) < _PAPER
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    gaps = np.flatnonzero(np.diff(rows) > picture.shape[0] * _GAP)
    last = rows[gaps[-1]] if gaps.size else rows[-1]
    top, left = max(rows[0] - _MARGIN, 0), max(columns[0] - _MARGIN, 0)
    return picture[top : last + _MARGIN, left : columns[-1] + _MARGIN]


def to_png(picture: Picture) -> bytes:
    """Return a PNG with a palette of at most 256 of the picture's own colours."""
    height, width, _ = picture.shape
    parts = picture.astype(np.int32)
    codes = (parts[..., 0] << 16) | (parts[..., 1] << 8) | parts[..., 2]
    found, place, count = np.unique(codes, return_inverse=True, return_counts=True)
    colours = np.stack([found >> 16, (found >> 8) & 255, found & 255], axis=1)
    # Of colours that look alike only the most frequent one, so that rare ones find room.
    by_count = np.argsort(-count, kind="stable")
    _, first = np.unique(colours[by_count] >> 4, axis=0, return_index=True)
    light = np.flatnonzero((colours[by_count] >= _LIGHT).all(axis=1))
    kept = by_count[np.union1d(light[:_FILLS], np.sort(first)[: 256 - _FILLS])]
    distance = ((colours[:, None, :] - colours[None, kept, :]) ** 2).sum(axis=2)
    index = distance.argmin(axis=1).astype(np.uint8)[place].reshape(height, width)
    lines = np.hstack([np.zeros((height, 1), np.uint8), index]).tobytes()
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            (b"PLTE", colours[kept].astype(np.uint8).tobytes()),
            (b"IDAT", zlib.compress(lines, 9)),
            (b"IEND", b""),
        )
    )


def _hold_programs() -> None:
    """Say which program or font is missing, and what to install.

    Raises:
        SystemExit: one is.
    """
    missing = {package for name, package in _PACKAGES.items() if not shutil.which(name)}
    if shutil.which("fc-list") and not _run("fc-list", ":lang=zh-cn", "family").strip():
        missing.add("fonts-noto-cjk")
    if missing:
        sys.exit(
            "The pictures need LibreOffice, poppler and a Chinese font. Missing here; on Debian: "
            f"apt install {' '.join(sorted(missing))}"
        )


def _run(*command: str) -> bytes:
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip()
        sys.exit(f"{command[0]} ended with status {done.returncode}: {told}")
    return done.stdout


if __name__ == "__main__":
    main()
