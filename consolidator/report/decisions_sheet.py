"""处理意见 in the district workbook: what staff set aside, and why."""

from collections.abc import Iterator

from consolidator.checks.decisions import Action
from consolidator.forms.layout import (
    Area,
    Cell,
    Column,
    Columns,
    Printing,
    Role,
    Shape,
    Sheet,
    Style,
)
from consolidator.report.context import (
    DECISIONS,
    HEAD_ROW,
    HIDDEN_ROWS,
    TITLE_ROW,
    District,
    heads,
    top,
)
from consolidator.report.decisions_book import FILES, FINDINGS, effect_of

COLUMNS = Columns(
    Column("key", "", 2, hidden=True),
    Column("number", "序号", 6),
    Column("sort", "类别", 9),
    Column("unit", "单位", 14),
    Column("about", "内容", 62),
    Column("action", "处理", 9),
    Column("reason", "理由", 40),
    Column("effect", "本次", 13),
)
_LONGEST = 5_000
"""Characters of a reason that are printed: more do not fit the tallest row there is."""
_FIRST = HEAD_ROW + 1
_LAST = COLUMNS.index("effect")


def decisions_sheet(district: District) -> Sheet:
    """Describe the sheet."""
    rows = list(_rows(district))
    last = _FIRST + max(len(rows), 1) - 1
    return Sheet(
        name=DECISIONS,
        cells=list(_cells(rows)),
        columns=COLUMNS,
        merges=tuple(top(district, f"处理意见（共 {len(rows)} 条）", _LAST)),
        heights={TITLE_ROW: 30, HEAD_ROW: 24},
        hidden_rows=HIDDEN_ROWS,
        freeze=(_FIRST, 0),
        cursor=(_FIRST, 1),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last, _LAST),
            landscape=True,
            repeat_rows=(HEAD_ROW, HEAD_ROW),
        ),
    )


def _rows(district: District) -> Iterator[tuple[str, ...]]:
    settled, decisions = district.settled, district.decisions
    waived = {one.identity for one in settled.findings if one.waived}
    files = {one.digest for one in settled.files}
    for sort, action, several, used in (
        (FINDINGS, Action.WAIVE, decisions.about_findings, waived),
        (FILES, Action.EXCLUDE, decisions.about_files, files),
    ):
        for subject, one in several.items():
            effect = effect_of(one, action, used=subject in used)
            reason = one.reason[:_LONGEST] or "（未填理由）"
            yield sort, one.unit or "—", one.about, one.action or "—", reason, effect


def _cells(rows: list[tuple[str, ...]]) -> Iterator[Cell]:
    yield from heads(COLUMNS)
    if not rows:
        for column in range(1, _LAST + 1):
            none = "没有处理意见" if column == COLUMNS.index("about") else None
            yield Cell(_FIRST, column, none, Style(Role.LABEL))
    for row, texts in enumerate(rows, start=_FIRST):
        yield Cell(row, 1, row - _FIRST + 1, Style(Role.LABEL, Shape.CENTRED))
        for column, text in enumerate(texts, start=2):
            centred = COLUMNS.all[column].key in ("sort", "action", "effect")
            style = Style(Role.LABEL, Shape.CENTRED if centred else Shape.TEXT)
            yield Cell(row, column, text, style)
