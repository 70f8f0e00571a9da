"""Print the district workbook to PDF, through LibreOffice.

What is printed is the workbook as it lies there, staff's adjustments and all. In a copy the
sheets that are not asked for are hidden: LibreOffice prints what is shown, and counts the pages
over all of it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lxml import etree

from consolidator.errors import OperatorError
from consolidator.files import cannot_write, write_all
from consolidator.forms.layout import address
from consolidator.intake.formats.package import parts_of, stored_zip
from consolidator.intake.formats.references import area_of
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.formats.relations import relations_of
from consolidator.intake.formats.xml_parsing import PARSER, plain_xml
from consolidator.intake.limits import OWN
from consolidator.plan.check import find_unit
from consolidator.plan.model import Plan
from consolidator.plan.period import Period
from consolidator.report.context import (
    ABOUT,
    ANNEX1,
    DECISIONS,
    FILES,
    HEAT,
    LAGGING,
    OVERVIEW,
    PARAMETERS,
    PROBLEMS,
    REVIEW,
    SCORES,
    STAKES,
    STATUS,
    SUMMARY,
    TREND,
    UNITS,
)

WHOLE_SET = (
    OVERVIEW, SUMMARY, HEAT, LAGGING, ANNEX1, SCORES, STAKES, REVIEW, TREND, UNITS, STATUS,
    FILES, PROBLEMS, DECISIONS, PARAMETERS, ABOUT,
)  # fmt: skip
"""What the whole set holds; the summary on A4, the page with a choice and the data do not."""
FOLDER = "pdf"
_PROGRAMS = ("soffice", "libreoffice")
_ELSEWHERE = (
    r"C:\Program Files\LibreOffice\program\soffice.exe",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.exe",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
)
_CHINESE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">
<value>zh-CN</value></prop></item></oor:items>
"""
"""A profile in which dates are written as in China, whatever the system is set to."""
_SECONDS = 600
"""How long printing thousands of pages may take."""
_MANY = 4
"""Sheets from which on a file is not named after each."""
_WORKBOOK, _PRINT_AREA = "xl/workbook.xml", "_xlnm.Print_Area"


def print_set(
    workbook: Path, period: Period, *, sheets: Sequence[str] = (), soffice: Path | None = None
) -> Path:
    """Print the whole set, or some sheets, to one PDF beside the workbook; return it.

    An earlier PDF of the same is replaced: the workbooks it was printed from are kept.

    Raises:
        OperatorError: there is no workbook, no such sheet, no LibreOffice or no Chinese font, or
            printing failed.
    """
    name = "全套"
    if sheets:
        name = "、".join(sheets) if len(sheets) < _MANY else f"{sheets[0]}等{len(sheets)}张"
    there = _listed(workbook)
    wanted = sheets or [one for one in WHOLE_SET if one in there]
    return _print(workbook, wanted, f"{name}_{period.short}.pdf", soffice)


def print_unit(
    workbook: Path, period: Period, plan: Plan, unit: str, *, soffice: Path | None = None
) -> Path:
    """Print one unit's page; ``unit`` is its code or its name.

    Raises:
        OperatorError: there is no such unit or none of what `print_set` needs.
    """
    found = find_unit(plan, unit)
    if UNITS not in _listed(workbook):
        raise OperatorError(
            f"“{workbook}”里没有“{UNITS}”：单位很多时不含此表，请在“单位通报”表选择单位后打印。"
        )
    name = f"单位通报_{plan.units[found].short}_{period.short}.pdf"
    return _print(workbook, [UNITS], name, soffice, page=found)


def _print(
    workbook: Path, sheets: Sequence[str], name: str, soffice: Path | None, *, page: int = -1
) -> Path:
    """Print sheets to ``pdf/name`` beside the workbook; of one sheet a page, counted from 0."""
    program = _found(soffice)
    _hold_fonts()
    content = _showing(workbook, sheets, page)
    target = workbook.parent / FOLDER / name
    with tempfile.TemporaryDirectory(prefix="consolidator-print-") as temporary:
        folder = Path(temporary)
        (folder / "print.xlsx").write_bytes(content)
        printed = _convert(program, folder)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_all({target: printed})
        except OSError as error:
            raise cannot_write(target, error) from error
    return target


def _found(told: Path | None) -> str:
    """Return LibreOffice's program: the one told, that on the path, or in its usual folder."""
    if told is not None:
        if not told.is_file():
            raise OperatorError(f"找不到“{told}”：请写明 LibreOffice 的 soffice 程序的位置。")
        return str(told)
    for name in (*_PROGRAMS, *_ELSEWHERE):
        if found := shutil.which(name):
            return found
    raise OperatorError(
        "没有找到 LibreOffice，不能生成 PDF：请安装 LibreOffice"
        "（Debian、Ubuntu 的软件包是 libreoffice-calc），或用 --soffice 写明 soffice 程序的位置。"
    )


def _hold_fonts() -> None:
    """Hold that there is a Chinese font, where the system tells: else pages come out empty."""
    program = shutil.which("fc-list")
    if sys.platform == "win32" or program is None:
        return
    told = subprocess.run(
        [program, ":lang=zh", "family"], capture_output=True, check=False, timeout=60
    )
    if told.returncode == 0 and not told.stdout.strip():
        raise OperatorError(
            "系统里没有中文字体，印出来会没有字：请安装中文字体"
            "（Debian、Ubuntu 的软件包是 fonts-noto-cjk）后重试。"
        )


def _convert(program: str, folder: Path) -> bytes:
    """Have LibreOffice convert the workbook in a folder; it keeps its profile there too."""
    settings = folder / "profile" / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(_CHINESE, "utf-8")
    command = [
        program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
        "--norestore", "--convert-to", "pdf", "--outdir", str(folder), str(folder / "print.xlsx"),
    ]  # fmt: skip
    try:
        subprocess.run(
            command, capture_output=True, check=True, timeout=_SECONDS,
            env=os.environ | {"SAL_USE_VCLPLUGIN": "svp"},
        )  # fmt: skip
        return (folder / "print.pdf").read_bytes()
    except subprocess.TimeoutExpired as error:
        raise OperatorError(
            f"LibreOffice 超过 {_SECONDS} 秒没有印完：请分表打印（--sheet）。"
        ) from error
    except (OSError, subprocess.CalledProcessError) as error:
        raise OperatorError(
            f"LibreOffice 没有印成：请直接用它打开汇总表另存为 PDF，看有什么提示（{program}）。"
        ) from error


def _listed(workbook: Path) -> list[str]:
    """Return the names of the workbook's sheets."""
    return [str(one.get("name")) for one in _sheets(_workbook_part(_parts(workbook), workbook))]


def _showing(workbook: Path, sheets: Sequence[str], page: int) -> bytes:
    """Return the workbook again with only these sheets shown, the first of them in front.

    Of the rows between two breaks of the first sheet only the page asked for is printed; its
    pages are counted by themselves then.
    """
    parts = _parts(workbook)
    root = _workbook_part(parts, workbook)
    listed = _sheets(root)
    names = [str(one.get("name")) for one in listed]
    if missing := [name for name in sheets if name not in names]:
        raise OperatorError(
            f"“{workbook}”里没有工作表“{missing[0]}”：有{'、'.join(names)}；请照这些名称写。"
        )
    for one in listed:
        if one.get("name") in sheets:
            one.attrib.pop("state", None)
        else:
            one.set("state", "hidden")
    # A sheet with an area to print is printed though it is hidden (LibreOffice 7.4).
    for one in root.findall("{*}definedNames/{*}definedName"):
        place = str(one.get("localSheetId", ""))
        if one.get("name") != _PRINT_AREA or not place.isdigit() or int(place) >= len(names):
            continue
        if names[int(place)] not in sheets:
            one.getparent().remove(one)
        elif page >= 0:
            try:
                one.text = _rows_of(parts, listed[int(place)], str(one.text), page)
            except (LookupError, ValueError, NotReadableError, etree.XMLSyntaxError) as error:
                raise OperatorError(
                    f"“{workbook}”的“{sheets[0]}”找不到这个单位的一页：请重新汇总后再打印。"
                ) from error
    first = min(names.index(name) for name in sheets)
    for view in root.iter("{*}workbookView"):
        view.set("activeTab", str(first))
        view.attrib.pop("firstSheet", None)
    return stored_zip({**parts, _WORKBOOK: plain_xml(root)})


def _rows_of(parts: dict[str, bytes], sheet: etree._Element, area: str, page: int) -> str:
    """Return the part of a print area that lies between two of the sheet's breaks."""
    identity = next(str(value) for name, value in sheet.attrib.items() if name.endswith("}id"))
    part = relations_of(parts, _WORKBOOK)[identity].target
    root = etree.fromstring(parts[part], PARSER)
    breaks = sorted(int(one.get("id", "0")) for one in root.iterfind("{*}rowBreaks/{*}brk"))
    name, _, cells = area.rpartition("!")
    top, left, bottom, right = area_of(cells)
    first, last = [top, *breaks][page], [*breaks, bottom + 1][page] - 1
    return f"{name}!{address(first, left, fixed=True)}:{address(last, right, fixed=True)}"


def _parts(workbook: Path) -> dict[str, bytes]:
    try:
        return parts_of(workbook.read_bytes(), OWN)
    except FileNotFoundError as error:
        raise OperatorError(f"找不到“{workbook}”：请先汇总（consolidate）再打印。") from error
    except (OSError, NotReadableError) as error:
        raise OperatorError(
            f"“{workbook}”读不出来：请重新汇总，或关闭正在打开它的程序。"
        ) from error


def _workbook_part(parts: dict[str, bytes], workbook: Path) -> etree._Element:
    try:
        return etree.fromstring(parts[_WORKBOOK], PARSER)
    except (KeyError, etree.XMLSyntaxError) as error:
        raise OperatorError(f"“{workbook}”不是完整的工作簿：请重新汇总后再打印。") from error


def _sheets(root: etree._Element) -> list[etree._Element]:
    return list(root.iterfind("{*}sheets/{*}sheet"))
