"""收到文件 and 问题清单: what became of every file, and every finding with what to do."""

from collections.abc import Iterator, Sequence

from consolidator.checks.catalogue import CATALOGUE
from consolidator.checks.selection import FileStatus
from consolidator.forms.layout import (
    Area,
    Cell,
    Column,
    Columns,
    Highlight,
    Printing,
    Role,
    Shape,
    Sheet,
    Style,
    Tone,
    file_link,
)
from consolidator.report.context import HEAD_ROW, HIDDEN_ROWS, TITLE_ROW, fitted, heads, top
from consolidator.report.review.context import FILES, PROBLEMS, ReviewDistrict
from consolidator.severity import Severity

FILE_COLUMNS = Columns(
    Column("key", "", 2, hidden=True),
    Column("number", "序号", 6),
    Column("file", "文件", 46),
    Column("reviewer", "评委", 16),
    Column("status", "状态", 10),
    Column("reason", "原因", 62),
)
PROBLEM_COLUMNS = Columns(
    Column("key", "", 2, hidden=True),
    Column("number", "序号", 6),
    Column("severity", "程度", 7),
    Column("reviewer", "评委", 12),
    Column("message", "问题", 56),
    Column("remedy", "处理办法", 40),
    Column("file", "文件", 34),
    Column("sheet", "工作表", 10),
    Column("cell", "单元格", 9),
    Column("code", "代码", 20),
)
FIRST = HEAD_ROW + 1
_LABEL, _CENTRED = Style(Role.LABEL), Style(Role.LABEL, Shape.CENTRED)
_FILE_TONES = {
    FileStatus.COUNTED: Tone.GOOD, FileStatus.REJECTED: Tone.BAD, FileStatus.IGNORED: Tone.MUTED,
}  # fmt: skip
_TONES = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.WARN, Severity.INFO: Tone.MUTED}


def files_sheet(district: ReviewDistrict) -> Sheet:
    """Describe the sheet: a row a file, with totals that add up."""
    totals = district.settled.file_totals.items()
    said = "，".join(f"{one.chinese} {number}" for one, number in totals)
    title = f"收到文件（共 {len(district.settled.files)} 个：{said}）"
    tones = {one.chinese: tone for one, tone in _FILE_TONES.items()}
    return _list(district, FILES, title, FILE_COLUMNS, list(_files(district)), "status", tones)


def problems_sheet(district: ReviewDistrict) -> Sheet:
    """Describe the sheet: errors first."""
    title = f"问题清单（共 {len(district.settled.findings)} 条）"
    tones = {one.chinese: tone for one, tone in _TONES.items()}
    cells = list(_problems(district))
    return _list(district, PROBLEMS, title, PROBLEM_COLUMNS, cells, "severity", tones)


def _list(
    district: ReviewDistrict, name: str, title: str, columns: Columns, cells: Sequence[Cell],
    coloured: str, tones: dict[str, Tone],
) -> Sheet:  # fmt: skip
    last = max(cell.row for cell in cells)
    end, column = len(columns.all) - 1, columns.index(coloured)
    shown, word = Area(FIRST, column, last, column), f"${columns.at(coloured, FIRST)}"
    return Sheet(
        name=name,
        cells=cells,
        columns=columns,
        merges=tuple(top(district, title, end)),
        heights={TITLE_ROW: 30, **fitted(cells, columns), HEAD_ROW: 24},
        hidden_rows=HIDDEN_ROWS,
        highlights=tuple(
            Highlight(shown, f'{word}="{text}"', tone) for text, tone in tones.items()
        ),
        freeze=(FIRST, 0),
        cursor=(FIRST, 1),
        filter=Area(HEAD_ROW, 1, last, end),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last, end),
            landscape=True,
            repeat_rows=(HEAD_ROW, HEAD_ROW),
        ),
    )


def _rows(columns: Columns, rows: Sequence[tuple[str, ...]], nothing: str) -> Iterator[Cell]:
    """Yield the heading and the texts of every row, numbered; one row that says if there is none.

    ``nothing`` is what that row says.
    """
    yield from heads(columns)
    widest = max(range(2, len(columns.all)), key=lambda index: columns.all[index].width)
    for index in range(1, len(columns.all)) if not rows else ():
        yield Cell(FIRST, index, nothing if index == widest else None, _LABEL)
    for number, texts in enumerate(rows, start=1):
        row = FIRST + number - 1
        yield Cell(row, 1, number, _CENTRED)
        for column, text in enumerate(texts, start=2):
            short = columns.all[column].key in ("severity", "status", "cell")
            yield Cell(row, column, text, _CENTRED if short else _LABEL)


def _files(district: ReviewDistrict) -> Iterator[Cell]:
    settled, names = district.settled, _names(district)
    told = {one.file: one for one in settled.findings if one.file and not one.cell}
    rows = []
    for file in settled.files:
        finding = told.get(file.file)
        reason = finding.message if finding and finding.code == file.code else ""
        if file.code and not reason:
            reason = CATALOGUE[file.code].message
        rows.append((file.file, names.get(file.unit, "—"), file.status.chinese, reason))
    yield from _rows(FILE_COLUMNS, rows, "收回文件夹里没有文件")


def _problems(district: ReviewDistrict) -> Iterator[Cell]:
    names, findings = _names(district), district.settled.findings
    rows = [
        (
            one.severity.chinese, names.get(one.unit, "—"), one.message, one.remedy, one.file,
            one.sheet, one.cell, one.code,
        )
        for one in findings
    ]  # fmt: skip
    column = PROBLEM_COLUMNS.index("cell")
    linked = len(findings) <= _MOST_LINKED
    for cell in _rows(PROBLEM_COLUMNS, rows, "没有发现问题"):
        if cell.column == column and cell.row >= FIRST and cell.value and linked:
            one = findings[cell.row - FIRST]
            if path := district.sources.get(one.file, ""):
                link = file_link(path, one.sheet, one.cell)
                yield cell._replace(style=Style(Role.LINK, Shape.CENTRED), link=link)
                continue
        yield cell


_MOST_LINKED = 60_000


def _names(district: ReviewDistrict) -> dict[str, str]:
    return {one.reviewer.code: one.reviewer.name for one in district.settled.reviewers}
