"""评委: who returned a review, how many marks of it count, and how high they are."""

from collections import Counter
from collections.abc import Iterator

from consolidator.checks.review_selection import ReviewerResult, ReviewerStatus
from consolidator.figures.review import BLANK, UNUSED
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
)
from consolidator.report.context import (
    HEAD_ROW,
    HIDDEN_ROWS,
    KEY_ROW,
    TITLE_ROW,
    counted,
    fitted,
    heads,
    top,
)
from consolidator.report.review.context import REVIEWERS, ReviewDistrict
from consolidator.report.review.marks_sheet import whole_range
from consolidator.severity import Severity

COLUMNS = Columns(
    Column("key", "", 2, hidden=True),
    Column("number", "序号", 6),
    Column("reviewer", "评委", 16),
    Column("unit", "所在单位（回避）", 30),
    Column("status", "状态", 10),
    Column("marks", "采用评分", 10),
    Column("blank", "留空\n（有说明）", 10),
    Column("unused", "没有采用", 10),
    Column("mean", "平均分", 10),
    Column("error", "错误", 7),
    Column("warning", "警告", 7),
    Column("file", "采用文件", 36),
)
_AT = COLUMNS.index
_LAST = _AT("file")
_TOTALS, _HEAD = HEAD_ROW, HEAD_ROW + 1
FIRST = _HEAD + 1
_LABEL, _CENTRED = Style(Role.LABEL), Style(Role.LABEL, Shape.CENTRED)
_TONES = {
    ReviewerStatus.RETURNED: Tone.GOOD, ReviewerStatus.NEEDS_CORRECTION: Tone.WARN,
    ReviewerStatus.MISSING: Tone.BAD,
}  # fmt: skip


def reviewers_sheet(district: ReviewDistrict) -> Sheet:
    """Describe the sheet: a row a reviewer, with totals that add up."""
    settled = district.settled
    last = FIRST + len(settled.reviewers) - 1
    rows = list(_cells(district))
    shown_cells = [cell for cell in rows if cell.style.role is not Role.HIDDEN]
    counts = [(one.chinese, number) for one, number in settled.reviewer_totals.items()]
    statuses = COLUMNS.down("status", FIRST, last)
    lead = f"共 {len(settled.reviewers)} 位评委："
    shown, status = Area(FIRST, _AT("status"), last, _AT("status")), COLUMNS.at("status", FIRST)
    return Sheet(
        name=REVIEWERS,
        cells=rows,
        columns=COLUMNS,
        merges=(
            *top(district, f"评委（{settled.period.title}评议）", _LAST),
            counted(_TOTALS, _LAST, lead, counts, statuses),
        ),
        heights={TITLE_ROW: 30, _TOTALS: 22, **fitted(shown_cells, COLUMNS), _HEAD: 36},
        hidden_rows=HIDDEN_ROWS,
        highlights=tuple(
            Highlight(shown, f'${status}="{one.chinese}"', tone) for one, tone in _TONES.items()
        ),
        freeze=(FIRST, _AT("unit")),
        cursor=(FIRST, _AT("reviewer")),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last, _LAST),
            landscape=True,
            repeat_rows=(_HEAD, _HEAD),
        ),
    )


def _cells(district: ReviewDistrict) -> Iterator[Cell]:
    for index, column in enumerate(COLUMNS.all):
        yield Cell(KEY_ROW, index, column.key, Style(Role.HIDDEN))
    yield from heads(COLUMNS, _HEAD)
    marks = district.figures.marks
    blank = Counter(one.reviewer.code for one in marks if one.word == BLANK)
    unused = Counter(one.reviewer.code for one in marks if one.word.startswith(UNUSED))
    for place, result in enumerate(district.settled.reviewers):
        code = result.reviewer.code
        yield from _row(district, place, result, blank[code], unused[code])


def _row(
    district: ReviewDistrict, place: int, result: ReviewerResult, blank: int, unused: int
) -> Iterator[Cell]:
    row = FIRST + place
    reviewer, settled = result.reviewer, district.settled
    unit = settled.plan.unit_by_code.get(reviewer.unit)
    given = list(result.marks.values())
    code, codes = COLUMNS.at("key", row), whole_range(district, "code")

    def summed(column: str) -> str:
        return f"SUMIFS({whole_range(district, column)},{codes},{code})"

    yield Cell(row, 0, reviewer.code, Style(Role.HIDDEN))
    yield Cell(row, 1, place + 1, _CENTRED)
    yield Cell(row, 2, reviewer.name, _LABEL)
    yield Cell(row, 3, unit.name if unit else "—", _LABEL)
    yield Cell(row, 4, result.status.chinese, _CENTRED)
    count = COLUMNS.at("marks", row)
    numbers = Style(Role.DERIVED, Shape.COUNT)
    yield Cell(row, 5, len(given), numbers, summed("count"))
    yield Cell(row, 6, blank, numbers, summed("blank"))
    yield Cell(row, 7, unused, Style(Role.LABEL, Shape.COUNT))
    mean = sum(given) / len(given) if given else ""
    formula = f'IF({count}>0,{summed("sum")}/{count},"")'
    yield Cell(row, 8, mean, Style(Role.DERIVED, Shape.SCORE), formula)
    for column, severity in ((9, Severity.ERROR), (10, Severity.WARNING)):
        found = sum(
            one.unit == reviewer.code and one.severity is severity for one in settled.findings
        )
        yield Cell(row, column, found, Style(Role.LABEL, Shape.COUNT))
    yield Cell(row, 11, result.file, _LABEL)
