"""单位, 指标, 附件1, 附件3, 联系人: the sheets of the plan workbook that hold one table each."""

from collections.abc import Iterator, Mapping, Sequence

from consolidator.forms.layout import (
    Area,
    Cell,
    Highlight,
    Printing,
    Role,
    Shape,
    Sheet,
    Style,
    Tone,
    Validation,
    Value,
    height_for,
)
from consolidator.forms.plan.fields import (
    AMOUNT_PARTS,
    CHECK,
    FIRST,
    HEAD,
    IDENTITY,
    IDENTITY_ROW,
    KEY_ROW,
    NOTE,
    TITLE,
    Field,
    Form,
    Takes,
    last_row,
    title_of,
)
from consolidator.forms.plan.live import FAIL, OK
from consolidator.forms.plan.words import Names, cell_value, told
from consolidator.plan.tables import PlanTables, Row

LONGEST = 1_000
"""Characters that a text of the plan may have in a cell."""
_SHAPES = {
    Takes.WHOLE: Shape.CENTRED,
    Takes.LABEL: Shape.CENTRED,
    Takes.NUMBER: Shape.COUNT,
    Takes.TARGET: Shape.COUNT,
    Takes.CHOICE: Shape.CENTRED,
}
_NARROW = 12
"""Below this width a text stands in the middle."""

Check = tuple[str, str]
"""The formula of a row's check, and its result."""


def shape_of(one: Field, text: str) -> Shape:
    """Return how a field's value is shown; a ratio as per cent."""
    if one.takes is Takes.TARGET and text.endswith("%"):
        return Shape.EXACT_RATIO
    if one.takes is Takes.TEXT and one.width < _NARROW:
        return Shape.CENTRED
    return _SHAPES.get(one.takes, Shape.TEXT)


def values_of(row: Row, form: Form, names: Mapping[str, Names]) -> dict[str, str]:
    """Return what staff read in a row's cells, by field."""
    shown = {}
    for one in form.fields:
        if one.key == CHECK:
            continue
        if one.column != one.key:
            parts = dict(zip(AMOUNT_PARTS, row[one.column].split(":", 2), strict=False))
            shown[one.key] = parts.get(one.key.removeprefix(f"{one.column}_"), "")
        else:
            shown[one.key] = told(row[one.key], one, names)
    return shown


def list_sheet(
    form: Form, tables: PlanTables, names: Mapping[str, Names], checks: Sequence[Check] = ()
) -> Sheet:
    """Describe the sheet; ``checks`` has one more for every spare row."""
    rows = tables.rows[form.table]
    columns, last = form.columns, last_row(form, len(rows))
    # The codes stand last and are not printed.
    across = max(columns.index(one.key) for one in form.fields if one.takes is not Takes.CODE)
    width = sum(column.width for column in columns.all[1 : across + 1])
    cells: list[Cell] = [Cell(IDENTITY_ROW, 0, IDENTITY, Style(Role.HIDDEN))]
    for index, column in enumerate(columns.all):
        cells.append(Cell(KEY_ROW, index, column.key, Style(Role.HIDDEN)))
        if not column.hidden:
            cells.append(Cell(HEAD, index, column.title, Style(Role.HEADING)))
    heights = {TITLE: 30.0, NOTE: height_for([(form.note, min(width, 110))]), HEAD: 36.0}
    for row in range(FIRST, last + 1):
        place = row - FIRST
        shown = values_of(rows[place], form, names) if place < len(rows) else {}
        cells += _row(form, row, shown, checks[place] if checks else ("", ""))
        heights[row] = height_for(
            [(shown.get(one.key, ""), one.width) for one in form.fields], least=22
        )
    title = title_of(form.sheet, tables.settings)
    return Sheet(
        name=form.sheet,
        cells=cells,
        columns=columns,
        merges=(
            (Area(TITLE, 1, TITLE, across), Cell(TITLE, 1, title, Style(Role.TITLE))),
            (Area(NOTE, 1, NOTE, across), Cell(NOTE, 1, form.note, Style(Role.NOTE))),
        ),
        heights=heights,
        hidden_rows=(IDENTITY_ROW, KEY_ROW),
        validations=tuple(_validations(form, last)),
        highlights=tuple(_highlights(form, last)),
        freeze=(FIRST, 0),
        cursor=(FIRST, 1),
        growing=True,
        printing=Printing(
            paper="A3" if width > 180 else "A4",
            landscape=form.landscape,
            area=Area(TITLE, 1, last, across),
            repeat_rows=(HEAD, HEAD),
            footer=title,
        ),
    )


def _row(form: Form, row: int, shown: Mapping[str, str], check: Check) -> Iterator[Cell]:
    for one in form.fields:
        column = form.columns.index(one.key)
        if one.key == CHECK:
            yield Cell(row, column, check[1], Style(Role.DERIVED), check[0])
            continue
        text = shown.get(one.key, "")
        value: Value = cell_value(text, one.takes)
        yield Cell(row, column, value, Style(Role.ENTRY, shape_of(one, text)))


def list_name(table: str) -> str:
    """Return the defined name of the cells that a list offers: a table's names."""
    return {"units": "单位简称", "indicators": "指标名称", "district_targets": "附件1名称"}[table]


def _validations(form: Form, last: int) -> Iterator[tuple[Area, Validation]]:
    for one in form.fields:
        if one.key == CHECK:
            continue
        column = form.columns.index(one.key)
        yield Area(FIRST, column, last, column), validation(one)


def validation(one: Field) -> Validation:
    """Describe what a field's cells take."""
    title = one.title.replace("\n", "")
    prompt = one.prompt or f"请填写{title}。"
    if one.takes is Takes.CHOICE:
        known = tuple(one.words.values())
        error = f"请从列表中选择：{'、'.join(known)}。"
        return Validation("list", title, prompt, error, choices=known)
    if one.takes is Takes.NAME:
        error = "请从列表中选择。"
        return Validation("list", title, prompt, error, formula=list_name(one.of))
    if one.takes is Takes.WHOLE:
        error = "请填不小于 1 的整数。"
        return Validation("integer", title, prompt, error, minimum=1, maximum=9_999)
    if one.takes.is_number:
        error = "请填不小于 0 的数字；比率写百分比，如 59.0%。"
        return Validation("decimal", title, prompt, error, minimum=0)
    error = f"文字太长，请压缩到 {LONGEST} 字以内。"
    return Validation("length", title, prompt, error, minimum=0, maximum=LONGEST)


def _highlights(form: Form, last: int) -> Iterator[Highlight]:
    columns = form.columns
    needed = [one.key for one in form.fields if one.needed]
    anything = "&".join(f"${columns.at(key, FIRST)}" for key in needed)
    for one in form.fields:
        column = columns.index(one.key)
        area, cell = Area(FIRST, column, last, column), f"${columns.at(one.key, FIRST)}"
        if one.key == CHECK:
            yield Highlight(area, f'LEFT({cell},1)="{FAIL.strip()}"', Tone.BAD)
            yield Highlight(area, f'{cell}="{OK}"', Tone.GOOD)
            continue
        if one.needed:
            yield Highlight(area, f"AND(LEN({anything})>0,LEN({cell})=0)", Tone.BLANK)
        if one.takes.is_number:
            yield Highlight(area, f"AND(NOT(ISNUMBER({cell})),LEN({cell})>0)", Tone.WRONG)
        if one.takes is Takes.CODE or one.prompt.endswith("不能重复。"):
            down = columns.down(one.key, FIRST, last)
            twice = f"SUMPRODUCT(--({down}={cell}))>1"
            yield Highlight(area, f"AND(LEN({cell})>0,{twice})", Tone.WRONG)
        if one.takes is Takes.NAME:
            names = list_name(one.of)
            known = f"SUMPRODUCT(--({names}={cell}))>0"
            yield Highlight(area, f"AND(LEN({cell})>0,NOT({known}))", Tone.WARN)
