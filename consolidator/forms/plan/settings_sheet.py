"""设置: what the plan says of itself, one setting a line."""

from collections.abc import Iterator

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
    FIRST,
    HEAD,
    IDENTITY,
    IDENTITY_ROW,
    KEY_ROW,
    NOTE,
    SETTING_COLUMNS,
    SETTING_LINES,
    SETTINGS_SHEET,
    TITLE,
    Setting,
    Takes,
    title_of,
)
from consolidator.forms.plan.list_sheet import LONGEST
from consolidator.forms.plan.words import number_text
from consolidator.plan.tables import PlanTables

_NOTE = "权重和合并方式是默认值，正式的计分办法由贵局确定；联系人、电话和邮箱会印在填报表上。"
_AT = SETTING_COLUMNS.index
_LAST = FIRST + len(SETTING_LINES) - 1


def settings_sheet(tables: PlanTables) -> Sheet:
    """Describe the sheet."""
    across = _AT("hint")
    widths = [column.width for column in SETTING_COLUMNS.all]
    values = {one.row_key: value_of(tables, one) for one in SETTING_LINES}
    cells = [
        Cell(IDENTITY_ROW, 0, IDENTITY, Style(Role.HIDDEN)),
        *(
            Cell(KEY_ROW, index, column.key, Style(Role.HIDDEN))
            for index, column in enumerate(SETTING_COLUMNS.all)
        ),
        *(
            Cell(HEAD, index, column.title, Style(Role.HEADING))
            for index, column in enumerate(SETTING_COLUMNS.all)
            if not column.hidden
        ),
    ]
    heights = {TITLE: 30.0, NOTE: 24.0, HEAD: 24.0}
    for row, one in enumerate(SETTING_LINES, start=FIRST):
        value = values[one.row_key]
        shape = Shape.TEXT if one.takes is Takes.TEXT else Shape.CENTRED
        cells += [
            Cell(row, 0, one.row_key, Style(Role.HIDDEN)),
            Cell(row, 1, one.title, Style(Role.LABEL)),
            Cell(row, _AT("value"), value, Style(Role.ENTRY, shape)),
            Cell(row, _AT("hint"), one.hint, Style(Role.LABEL)),
        ]
        heights[row] = height_for(
            [(str(value or ""), widths[_AT("value")]), (one.hint, widths[across])], least=24
        )
    title = title_of(SETTINGS_SHEET, tables.settings)
    at = SETTING_COLUMNS.at("value", FIRST)
    shown = Area(FIRST, _AT("value"), _LAST, _AT("value"))
    return Sheet(
        name=SETTINGS_SHEET,
        cells=cells,
        columns=SETTING_COLUMNS,
        merges=(
            (Area(TITLE, 1, TITLE, across), Cell(TITLE, 1, title, Style(Role.TITLE))),
            (Area(NOTE, 1, NOTE, across), Cell(NOTE, 1, _NOTE, Style(Role.NOTE))),
        ),
        heights=heights,
        hidden_rows=(IDENTITY_ROW, KEY_ROW),
        validations=tuple(_validations()),
        highlights=(
            Highlight(shown, f'LEN(SUBSTITUTE({at},"请填写",""))<LEN({at})', Tone.WARN),
            Highlight(shown, f'AND(LEN({at})=0,{SETTING_COLUMNS.at("title", FIRST)}<>"备注")',
                      Tone.BLANK),
        ),
        freeze=(FIRST, 0),
        cursor=(FIRST, _AT("value")),
        printing=Printing(
            landscape=True, tall=1, area=Area(TITLE, 1, _LAST, across), footer=title
        ),
    )  # fmt: skip


def value_of(tables: PlanTables, one: Setting) -> Value:
    """Return what stands in a setting's cell."""
    table = tables.settings.get(one.section, {}) if one.section else tables.settings
    value = table.get(one.key) if isinstance(table, dict) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        text = "" if value is None else str(value)
        return one.words.get(text, text) or None
    if one.takes in (Takes.WHOLE, Takes.NUMBER) and float(number_text(value)) == value:
        return value
    return number_text(value)


def _validations() -> Iterator[tuple[Area, Validation]]:
    for row, one in enumerate(SETTING_LINES, start=FIRST):
        area = Area(row, _AT("value"), row, _AT("value"))
        if one.words:
            known = tuple(one.words.values())
            error = f"请从列表中选择：{'、'.join(known)}。"
            yield area, Validation("list", one.title, one.hint, error, choices=known)
        elif one.takes is Takes.WHOLE:
            yield (
                area,
                Validation("integer", one.title, one.hint, "请填整数。", minimum=0, maximum=9_999),
            )
        elif one.takes is Takes.NUMBER:
            error = "请填不小于 0 的数字。"
            yield area, Validation("decimal", one.title, one.hint, error, minimum=0)
        else:
            error = f"文字太长，请压缩到 {LONGEST} 字以内。"
            yield (
                area,
                Validation("length", one.title, one.hint, error, minimum=0, maximum=LONGEST),
            )
