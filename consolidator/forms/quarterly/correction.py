"""更正说明: what a unit is asked to mend, added to a fresh form that holds its own figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from consolidator.forms.layout import (
    Area,
    Book,
    Cell,
    Column,
    Columns,
    Highlight,
    Note,
    Printing,
    Role,
    Shape,
    Sheet,
    Style,
    Tone,
    height_for,
    in_text,
    jump,
)
from consolidator.forms.quarterly.addresses import CHECK, NOTE_MARK, STAMP_ROW, Places
from consolidator.forms.quarterly.assignment import Assignment, Key
from consolidator.forms.quarterly.book import file_name as template_name
from consolidator.forms.quarterly.book import quarterly_book
from consolidator.severity import Severity

SHEET = "更正说明"
SUFFIX = "_更正.xlsx"
"""What the file names of correction workbooks end in."""
COLUMNS = Columns(
    Column("key", "", 3, hidden=True),
    Column("number", "序号", 6),
    Column("severity", "程度", 8),
    Column("place", "位置", 20),
    Column("message", "问题", 62),
    Column("remedy", "怎样改", 50),
)
_TITLE, _INFO, _STEPS = 2, 3, 4
_LAST = COLUMNS.index("remedy")
_WIDTH = sum(column.width for column in COLUMNS.all[1:])
_LONGEST_NOTE = 900
_LONGEST_TEXT = 200
"""A text constant of a formula takes 255 characters (Excel)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend, as the unit is told."""

    severity: Severity
    key: Key | None
    """The entry field it is about; None where it is about another cell or the whole file."""
    place: str
    """Where it stood in the file that came in."""
    message: str
    remedy: str


def correction_book(
    assignment: Assignment, problems: Sequence[Problem], *, password: str = "", notice: str = ""
) -> Book:
    """Describe a unit's form anew, its answers in it, the wrong cells marked and explained.

    The assignment's answers hold the unit's own values; what could not be read is its raw text.
    ``notice`` is what the first sheet must say, for made-up figures.
    """
    book = quarterly_book(assignment, password=password)
    places = Places(assignment)
    sheets = [_marked(sheet, assignment, places, problems) for sheet in book.sheets]
    return replace(
        book,
        sheets=(_correction_sheet(assignment, places, problems, notice), *sheets),
        title=f"{book.title}（更正）",
        active=SHEET,
    )


def file_name(assignment: Assignment) -> str:
    """Return the correction workbook's file name."""
    return template_name(assignment).removesuffix(".xlsx") + SUFFIX


def _marked(
    sheet: Sheet, assignment: Assignment, places: Places, problems: Sequence[Problem]
) -> Sheet:
    """Mark the cells of a sheet that are to be mended; a mark goes once the cell is changed."""
    told: dict[Key, list[Problem]] = {}
    for one in problems:
        if one.key is not None and places.sheet(one.key) == sheet.name:
            told.setdefault(one.key, []).append(one)
    if not told:
        return sheet
    notes, marks = [], []
    for key, several in told.items():
        row, column = places.cell(key)
        text = NOTE_MARK + "\n".join(f"{one.message}。{one.remedy}" for one in several)
        notes.append(Note(row, column, text[:_LONGEST_NOTE]))
        wrong = any(one.severity is Severity.ERROR for one in several)
        tone = Tone.WRONG if wrong else Tone.WARN
        unchanged = _unchanged(assignment, places, key)
        marks.append(Highlight(Area(row, column, row, column), unchanged, tone))
    return replace(sheet, notes=tuple(notes), highlights=(*marks, *sheet.highlights))


def _unchanged(assignment: Assignment, places: Places, key: Key) -> str:
    """Return the formula that holds while a cell is as it came in."""
    cell, value = places.local(key), assignment.answers.get(key)
    if value is None or value == "":
        return f"LEN({cell})=0"
    if isinstance(value, date):
        return f"{cell}=DATE({value.year},{value.month},{value.day})"
    if isinstance(value, str):
        # A constant takes no line break that all programs read alike.
        begins = value[:_LONGEST_TEXT].splitlines()[0]
        if not begins:
            return f"LEN({cell})>0"
        # Programs count rare characters as one or as two: each counts its own.
        text = in_text(begins)
        return f"EXACT(LEFT({cell},LEN({text})),{text})"
    # Programs read a constant to 15 digits only.
    near = f"ABS({cell}-({value:.15g}))<={1e-9 * max(1.0, abs(value)):.3G}"
    return f"IF(ISNUMBER({cell}),{near},FALSE)"


def _correction_sheet(
    assignment: Assignment, places: Places, problems: Sequence[Problem], notice: str
) -> Sheet:
    steps = _steps(problems)
    head = _STEPS + len(steps)
    last = head + max(len(problems), 1)
    widths = {column.key: column.width for column in COLUMNS.all}
    heights = {_TITLE: 30.0, head: 24.0}
    for row, text in enumerate(steps, start=_STEPS):
        heights[row] = height_for([(text, _WIDTH)], least=20)
    for row, one in enumerate(problems, start=head + 1):
        heights[row] = height_for(
            [(one.message, widths["message"]), (one.remedy, widths["remedy"]),
             (one.place, widths["place"])]
        )  # fmt: skip
    severity = f"${COLUMNS.at('severity', head + 1)}"
    area = Area(head + 1, 2, last, 2)
    return Sheet(
        name=SHEET,
        cells=list(_cells(assignment, places, problems, head)),
        columns=COLUMNS,
        merges=tuple(_merges(assignment, steps, notice)),
        heights=heights,
        hidden_rows=(STAMP_ROW, 1),
        highlights=(
            Highlight(area, f'{severity}="{Severity.ERROR.chinese}"', Tone.BAD),
            Highlight(area, f'{severity}="{Severity.WARNING.chinese}"', Tone.WARN),
        ),
        freeze=(head + 1, 0),
        cursor=(head + 1, COLUMNS.index("place")),
        printing=Printing(
            landscape=True,
            area=Area(_TITLE, 1, last, _LAST),
            repeat_rows=(head, head),
            footer=f"{assignment.unit.name}  {assignment.period.title}",
        ),
    )


def _steps(problems: Sequence[Problem]) -> tuple[str, ...]:
    errors = sum(one.severity is Severity.ERROR for one in problems)
    rest = len(problems) - errors
    checked = f"，另有 {rest} 处请核对" if rest else ""
    return (
        f"1. 收到的填报表有 {errors} 处错误{checked}，列在下面。请直接在本工作簿中改正。",
        "2. 本工作簿是重新生成的填报表，单位已填的内容原样带入；要改的单元格标了底色，"
        "鼠标移到格子右上角的红色标记即可看到说明。点下面的“位置”可直接跳到该格。",
        f"3. 改好后看“{CHECK}”：显示“✓ 可以上报”后打印、签字、盖章，并把本文件发回。",
    )


def _merges(
    assignment: Assignment, steps: Sequence[str], notice: str
) -> Iterator[tuple[Area, Cell]]:
    title = f"更正说明（{assignment.unit.name}，{assignment.period.title}）"
    yield Area(_TITLE, 1, _TITLE, _LAST), Cell(_TITLE, 1, title, Style(Role.TITLE))
    due = f"报告期：{assignment.period.title}" + (f"    【{notice}】" if notice else "")
    yield Area(_INFO, 1, _INFO, _LAST), Cell(_INFO, 1, due, Style(Role.SUBTITLE))
    for row, text in enumerate(steps, start=_STEPS):
        yield Area(row, 1, row, _LAST), Cell(row, 1, text, Style(Role.PLAIN))


def _cells(
    assignment: Assignment, places: Places, problems: Sequence[Problem], head: int
) -> Iterator[Cell]:
    yield Cell(STAMP_ROW, 0, assignment.stamp.encode(), Style(Role.HIDDEN))
    for index, column in enumerate(COLUMNS.all[1:], start=1):
        yield Cell(head, index, column.title, Style(Role.HEADING))
    for number, one in enumerate(problems, start=1):
        row = head + number
        yield Cell(row, 1, number, Style(Role.LABEL, Shape.CENTRED))
        yield Cell(row, 2, one.severity.chinese, Style(Role.LABEL, Shape.CENTRED))
        if one.key is None:
            yield Cell(row, 3, f"原文件 {one.place}".strip(), Style(Role.LABEL))
        else:
            sheet, cell = places.sheet(one.key), places.cell(one.key)
            shown = f"→ {sheet} {places.local(one.key)}"
            yield Cell(row, 3, shown, Style(Role.LINK), link=jump(*cell, sheet))
        yield Cell(row, 4, one.message, Style(Role.LABEL))
        yield Cell(row, 5, one.remedy, Style(Role.LABEL))
