"""产学研备案明细: the filed events and agreements that three indicators count."""

from collections.abc import Iterator
from datetime import date

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
)
from consolidator.forms.quarterly import derive
from consolidator.forms.quarterly.addresses import (
    KEY_ROW,
    LIST,
    LIST_COLUMNS,
    LIST_FIRST,
    STAMP_ROW,
    Places,
)
from consolidator.forms.quarterly.assignment import (
    LIST_FIELDS,
    LIST_KEYS,
    Assignment,
    FieldKind,
    Key,
)
from consolidator.forms.quarterly.main_sheet import day, short_text
from consolidator.forms.quarterly.rules import FAIL, PASS, filed_count_formula, row_formula

_TITLE, _INFO, _COUNTS, _NOTE, _HEAD = 2, 3, 4, 5, 6
_COLUMN = LIST_COLUMNS.index
_LAST = _COLUMN("check")
_ROW = "\x01"
"""Stands for the row's number in a formula until it is written."""
_SHAPES = {FieldKind.DATE: Shape.DATE, FieldKind.CHOICE: Shape.CENTRED}


def list_sheet(assignment: Assignment, places: Places) -> Sheet:
    """Describe the sheet: a heading with live counts, then the rows to fill."""
    last = LIST_FIRST + len(LIST_KEYS) - 1
    return Sheet(
        name=LIST,
        cells=list(_cells(assignment, places)),
        columns=LIST_COLUMNS,
        merges=tuple(_merges(assignment, places)),
        heights={_TITLE: 30, _COUNTS: 22, _HEAD: 24},
        hidden_rows=(STAMP_ROW, KEY_ROW),
        validations=tuple(_validations(assignment, last)),
        highlights=tuple(_highlights(last)),
        alike=Area(LIST_FIRST, _LAST, last, _LAST),
        freeze=(LIST_FIRST, _COLUMN("kind")),
        cursor=(LIST_FIRST, _COLUMN("kind")),
        printing=Printing(
            landscape=True,
            area=Area(_TITLE, 1, last, _LAST),
            repeat_rows=(_HEAD, _HEAD),
            footer=f"{assignment.unit.name}  {assignment.period.title}",
        ),
    )


def _merges(assignment: Assignment, places: Places) -> Iterator[tuple[Area, Cell]]:
    head = f"产学研活动、协议备案明细（{assignment.period.title}）"
    counts, value = _counts(assignment, places)
    for row, cell in (
        (_TITLE, Cell(_TITLE, 1, head, Style(Role.TITLE))),
        (_INFO, Cell(_INFO, 1, f"填报单位：{assignment.unit.name}", Style(Role.SUBTITLE))),
        (_COUNTS, Cell(_COUNTS, 1, value, Style(Role.BANNER), formula=counts)),
        (
            _NOTE,
            Cell(
                _NOTE,
                1,
                f"每项活动或协议填一行，五项都要填。{assignment.plan.note}",
                Style(Role.NOTE),
            ),
        ),
    ):
        yield Area(row, 1, row, _LAST), cell


def _counts(assignment: Assignment, places: Places) -> tuple[str, str]:
    """Return the line of live counts: each listed indicator, listed against reported."""
    formulas, values = [], []
    for line in assignment.headline:
        kinds = line.indicator.filed_kinds
        if not kinds:
            continue
        reported = places.full(line.value_key)
        listed = derive.filed_count(assignment, kinds)
        answer = derive.number(assignment.answers.get(line.value_key))
        name = line.indicator.name.removeprefix("其中：")
        formulas.append(
            f'"{name}：明细 "&({filed_count_formula(kinds, places.full)})&" 条，填报 "'
            f'&IF(ISNUMBER({reported}),{reported},"未填")&"    "'
        )
        shown = "未填" if answer is None else f"{answer:.15g}"
        values.append(f"{name}：明细 {listed} 条，填报 {shown}    ")
    return "&".join(formulas) or '""', "".join(values)


def _cells(assignment: Assignment, places: Places) -> Iterator[Cell]:
    yield Cell(STAMP_ROW, 0, assignment.stamp.encode(), Style(Role.HIDDEN))
    for index, column in enumerate(LIST_COLUMNS.all):
        yield Cell(KEY_ROW, index, column.key, Style(Role.HIDDEN))
        if index:
            yield Cell(_HEAD, index, column.title, Style(Role.HEADING))
    marks = derive.row_marks(assignment)
    filings = LIST_COLUMNS.down("filing", LIST_FIRST, LIST_FIRST + len(LIST_KEYS) - 1)
    judged = row_formula(assignment, lambda key: LIST_COLUMNS.letter(key) + _ROW, filings)
    for number, key in enumerate(LIST_KEYS, start=1):
        row = places.list_rows[key]
        yield Cell(row, 0, key, Style(Role.HIDDEN))
        yield Cell(row, 1, number, Style(Role.LABEL, Shape.CENTRED))
        for name, (_, kind) in LIST_FIELDS.items():
            value = assignment.answers.get(Key(key, name))
            style = Style(Role.ENTRY, _SHAPES.get(kind, Shape.TEXT))
            yield Cell(row, _COLUMN(name), value, style)
        yield Cell(
            row,
            _LAST,
            marks.get(key, ""),
            Style(Role.DERIVED, Shape.CENTRED),
            judged.replace(_ROW, str(row + 1)),
        )


def _validations(assignment: Assignment, last: int) -> Iterator[tuple[Area, Validation]]:
    year = assignment.period.year
    for column, (label, kind) in LIST_FIELDS.items():
        area = Area(LIST_FIRST, _COLUMN(column), last, _COLUMN(column))
        if kind is FieldKind.CHOICE:
            kinds = assignment.plan.filed_kinds
            yield (
                area,
                Validation(
                    kind="list",
                    title=label,
                    prompt="请从下拉列表中选择类别。",
                    error=f"请从列表中选择：{'、'.join(kinds)}。",
                    choices=kinds,
                ),
            )
        elif kind is FieldKind.DATE:
            yield area, day(label, date(year, 1, 1), date(year, 12, 31))
        else:
            yield area, short_text(label, f"请填写{label}。")


def _highlights(last: int) -> Iterator[Highlight]:
    check = f"${LIST_COLUMNS.at('check', LIST_FIRST)}"
    marks = Area(LIST_FIRST, _LAST, last, _LAST)
    yield Highlight(marks, f'LEFT({check},1)="{PASS}"', Tone.GOOD)
    yield Highlight(marks, f'LEFT({check},1)="{FAIL}"', Tone.BAD)
    columns = (
        ("kind", f'{check}="{derive.RowMark.NO_KIND}"'),
        ("filing", f'{check}="{derive.RowMark.REPEATED}"'),
    )
    for column, wrong in columns:
        area = Area(LIST_FIRST, _COLUMN(column), last, _COLUMN(column))
        yield Highlight(area, wrong, Tone.WRONG)
    for column in ("date", "partner", "subject", "filing"):
        cell = LIST_COLUMNS.at(column, LIST_FIRST)
        area = Area(LIST_FIRST, _COLUMN(column), last, _COLUMN(column))
        yield Highlight(area, f'AND(LEFT({check},1)="{FAIL}",LEN({cell})=0)', Tone.WRONG)
    day = LIST_COLUMNS.at("date", LIST_FIRST)
    area = Area(LIST_FIRST, _COLUMN("date"), last, _COLUMN("date"))
    yield Highlight(area, f"AND(LEN({day})>0,NOT(ISNUMBER({day})))", Tone.WRONG)
