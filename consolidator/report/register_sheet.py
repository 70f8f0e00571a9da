"""备案信息: every row of the register, whether it counts, how units listed it, and its cell."""

from collections.abc import Iterator
from string import ascii_uppercase

from consolidator.checks.register import Filing, Outcome
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
    Value,
    file_link,
    jump,
)
from consolidator.intake.typed import Taken
from consolidator.plan.model import Indicator
from consolidator.report.context import (
    HEAD_ROW,
    HIDDEN_ROWS,
    REGISTER,
    TITLE_ROW,
    District,
    counted,
    top,
)

COLUMNS = Columns(
    Column("key", "", 2, hidden=True),
    Column("unit_number", "", 3, hidden=True),
    Column("kind_number", "", 3, hidden=True),
    Column("number", "序号", 6),
    Column("unit", "单位", 14),
    Column("kind", "类别", 18),
    Column("date", "日期", 12),
    Column("partner", "合作单位", 24),
    Column("subject", "活动主题或协议名称", 32),
    Column("filing", "备案号", 19),
    Column("outcome", "是否计入", 15),
    Column("how", "与单位明细核对", 22),
    Column("sheet", "工作表", 12),
    Column("cell", "单元格", 9),
    Column("remark", "备注", 18),
)
_AT = COLUMNS.index
_FIRST_SHOWN, _LAST = _AT("number"), _AT("remark")
_TOTALS, _HEAD = HEAD_ROW, HEAD_ROW + 1
FIRST = _HEAD + 1
LIVE = 5_000_000
"""Rows of the register times figures up to which these are counted in the workbook itself."""
_MOST_LINKS = 60_000
_WORDS = {
    Outcome.COUNTED: "计入", Outcome.LATER: "晚于报告期末", Outcome.OUTSIDE: "不在本年",
    Outcome.REPEATED: "备案号重复", Outcome.NOT_ASKED: "不考核此类",
    Outcome.UNUSABLE: "有问题，不计", Outcome.ASIDE: "略过",
}  # fmt: skip


def unit_link(district: District, unit: str) -> str:
    """Return the link that leads to a unit's first row; to the heading where it has none."""
    return _link(district, unit)


def cell_link(district: District, sheet: str, cell: str) -> str:
    """Return the link that leads to the row of a cell of the register; to the heading if none."""
    row = cell.lstrip(ascii_uppercase)
    return _link(district, (sheet, int(row) - 1) if row else "")


def _link(district: District, key: tuple[str, int] | str) -> str:
    assert district.register is not None
    number = district.register.number_of.get(key) if key else None
    return jump(_HEAD if number is None else FIRST + number, _AT("unit"), REGISTER)


def count_formula(district: District, unit: int, indicator: Indicator) -> str:
    """Return the formula that counts the filings of a unit's figure.

    Empty where the register and the plan are so large that a program would take minutes.
    """
    assert district.register is not None
    figures = len(district.settled.plan.units) * 3
    if len(district.register.filings) * figures > LIVE:
        return ""
    # With the heading: Gnumeric takes an area of one cell for no area (1.12.55).
    last = FIRST + max(len(district.register.filings), 1) - 1
    units, kinds = (
        COLUMNS.down(name, _HEAD, last, sheet=REGISTER) for name in ("unit_number", "kind_number")
    )
    numbers = _kind_numbers(district)
    return "+".join(
        f"COUNTIFS({units},{unit + 1},{kinds},{numbers[kind]})" for kind in indicator.filed_kinds
    )


def _kind_numbers(district: District) -> dict[str, int]:
    return {kind: n for n, kind in enumerate(district.settled.plan.filed_kinds, start=1)}


def register_sheet(district: District) -> Sheet:
    """Describe the sheet: all rows of the register, with totals that add up."""
    assert district.register is not None
    filings = district.register.filings
    last = FIRST + max(len(filings), 1) - 1
    totals = [
        (_WORDS[one], sum(filing.outcome is one for filing in filings))
        for one in Outcome
        if one in (Outcome.COUNTED, Outcome.LATER)
        or any(filing.outcome is one for filing in filings)
    ]
    lead = f"{district.register.file} 共 {len(filings)} 行："
    outcomes = COLUMNS.down("outcome", FIRST, last)
    area, line = counted(_TOTALS, _LAST, lead, totals, outcomes)
    outcome = f"${COLUMNS.at('outcome', FIRST)}"
    shown = Area(FIRST, _AT("outcome"), last, _AT("outcome"))
    period = district.settled.period.title
    titles = (
        (one._replace(first_column=_FIRST_SHOWN), cell._replace(column=_FIRST_SHOWN))
        for one, cell in top(district, f"备案信息（{period}）", _LAST)
    )
    return Sheet(
        name=REGISTER,
        cells=_cells(district),
        columns=COLUMNS,
        merges=(
            *titles,
            (area._replace(first_column=_FIRST_SHOWN), line._replace(column=_FIRST_SHOWN)),
        ),
        heights={TITLE_ROW: 30, _TOTALS: 22, _HEAD: 24},
        hidden_rows=HIDDEN_ROWS,
        highlights=(
            Highlight(shown, f'{outcome}="{_WORDS[Outcome.COUNTED]}"', Tone.GOOD),
            Highlight(shown, f'{outcome}="{_WORDS[Outcome.UNUSABLE]}"', Tone.BAD),
            Highlight(shown, f"LEN({outcome})>0", Tone.WARN),
        ),
        freeze=(FIRST, _AT("kind")),
        cursor=(FIRST, _AT("unit")),
        filter=Area(_HEAD, _FIRST_SHOWN, last, _LAST),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, _FIRST_SHOWN, last, _LAST),
            landscape=True,
            repeat_rows=(_HEAD, _HEAD),
        ),
        zoom=90,
    )


def _cells(district: District) -> Iterator[Cell]:
    for index, column in enumerate(COLUMNS.all):
        if not column.hidden:
            yield Cell(_HEAD, index, column.title, Style(Role.HEADING))
    register = district.register
    assert register is not None
    if not register.order:
        for index in range(_FIRST_SHOWN, _LAST + 1):
            none = "备案信息里没有登记任何一行" if index == _AT("subject") else None
            yield Cell(FIRST, index, none, Style(Role.LABEL))
    plan = district.settled.plan
    kinds = _kind_numbers(district)
    units = {unit.code: n for n, unit in enumerate(plan.units, start=1)}
    linked = len(register.order) <= _MOST_LINKS
    for row, place in enumerate(register.order, start=FIRST):
        one = register.filings[place]
        if one.outcome is Outcome.COUNTED:
            yield Cell(row, _AT("unit_number"), units[one.unit], Style(Role.HIDDEN))
            yield Cell(row, _AT("kind_number"), kinds[one.kind], Style(Role.HIDDEN))
        yield from _row(district, row, one, register.how.get(place, "—"))
        yield _origin(district, row, one, linked=linked)


_LABEL, _CENTRED = Style(Role.LABEL), Style(Role.LABEL, Shape.CENTRED)
_DATE, _LINK = Style(Role.LABEL, Shape.DATE), Style(Role.LINK, Shape.CENTRED)


def _row(district: District, row: int, one: Filing, how: str) -> Iterator[Cell]:
    told = one.row
    unit = district.settled.plan.unit_by_code.get(one.unit)
    values: dict[str, tuple[Value, Style]] = {
        "number": (row - FIRST + 1, _CENTRED),
        "unit": (unit.short if unit else _text(told.cell("unit")), _LABEL),
        "kind": (one.kind or _text(told.cell("kind")), _LABEL),
        "date": (one.day, _DATE) if one.day else (_text(told.cell("date")), _CENTRED),
        "outcome": (_WORDS[one.outcome], _CENTRED),
        "how": (how, _CENTRED),
        "sheet": (told.table.sheet, _CENTRED),
    }
    for column in ("partner", "subject", "filing", "remark"):
        values[column] = (_text(told.cell(column)), _LABEL)
    for column, (value, style) in values.items():
        yield Cell(row, _AT(column), value, style)


def _origin(district: District, row: int, one: Filing, *, linked: bool) -> Cell:
    """Return the address of the row's cell in the register's file, which it leads to."""
    place = one.row.source("filing")
    path = district.sources.get(place.file, "") if linked else ""
    if not path:
        return Cell(row, _AT("cell"), place.cell, _CENTRED)
    link = file_link(path, place.sheet, place.cell)
    return Cell(row, _AT("cell"), place.cell, _LINK, link=link)


def _text(taken: Taken) -> str:
    return " ".join(taken.raw.split())
