"""The register's workbook: a guide and a sheet to fill, for all filings of a year."""

from collections.abc import Iterator
from datetime import date, datetime

from consolidator.forms.layout import (
    Area,
    Book,
    Cell,
    Highlight,
    Printing,
    Role,
    Shape,
    Sheet,
    Style,
    Tone,
    Validation,
    in_text,
)
from consolidator.forms.quarterly.assignment import FieldKind
from consolidator.forms.quarterly.main_sheet import day, short_text
from consolidator.forms.quarterly.rules import FAIL, PASS
from consolidator.forms.register.columns import (
    COLUMNS,
    COUNTS,
    FIELDS,
    FIRST,
    HEAD,
    IDENTITY_ROW,
    KEY_ROW,
    NEEDED,
    NOTE,
    ROWS,
    SHEET,
    TITLE,
    identity,
    row_key,
)
from consolidator.forms.register.guide import all_names, guide_sheet, kinds, unit_names
from consolidator.plan.model import Plan

_UNITS, _NAMES, _KINDS = "register_units", "register_names", "register_kinds"
_AT = COLUMNS.index
_LAST, _END = _AT("check"), FIRST + ROWS - 1
_ROW = "\x01"
"""Stands for the row's number in a formula until it is written."""
_SHAPES = {FieldKind.DATE: Shape.DATE, FieldKind.CHOICE: Shape.CENTRED}
_NO_UNIT, _NO_KIND, _NO_DATE, _NO_NUMBER, _REPEATED = (
    f"{FAIL} {what}" for what in ("单位", "类别", "日期", "备案号", "备案号重复")
)
_TYPED = ("unit", "kind", "date", "partner", "subject", "filing")


def file_name(year: int) -> str:
    """Return the register's file name."""
    return f"备案信息_{year}.xlsx"


def register_book(plan: Plan) -> Book:
    """Describe the empty register of a plan's year; the same plan gives the same workbook."""
    return Book(
        sheets=(guide_sheet(plan), _register_sheet(plan)),
        title=f"{plan.year}年产学研活动、协议备案信息",
        author=plan.contact.office,
        # Fixed, so that writing it twice gives the same bytes.
        created=datetime(plan.year, 1, 1),
        names={_UNITS: unit_names(plan), _NAMES: all_names(plan), _KINDS: kinds(plan)},
        custom={"ConsolidatorRegister": identity(plan.name, plan.year)},
        active=SHEET,
    )


def _register_sheet(plan: Plan) -> Sheet:
    title = f"{plan.year}年产学研活动、协议备案信息"
    note = "每项备案填一行，单位、类别、日期、备案号必填；日期是活动举办或协议签订的日期。"
    counts, shown = _counts(plan)
    return Sheet(
        name=SHEET,
        cells=list(_cells(plan)),
        columns=COLUMNS,
        merges=tuple(
            (Area(row, 1, row, _LAST), cell)
            for row, cell in (
                (TITLE, Cell(TITLE, 1, title, Style(Role.TITLE))),
                (COUNTS, Cell(COUNTS, 1, shown, Style(Role.BANNER), counts)),
                (NOTE, Cell(NOTE, 1, note, Style(Role.NOTE))),
            )
        ),
        heights={TITLE: 30, COUNTS: 22, NOTE: 20, HEAD: 24},
        hidden_rows=(IDENTITY_ROW, KEY_ROW),
        validations=tuple(_validations(plan)),
        highlights=tuple(_highlights()),
        alike=Area(FIRST, _LAST, _END, _LAST),
        freeze=(FIRST, _AT("kind")),
        cursor=(FIRST, _AT("unit")),
        filter=Area(HEAD, 1, _END, _LAST),
        printing=Printing(
            landscape=True,
            area=Area(TITLE, 1, _END, _LAST),
            repeat_rows=(HEAD, HEAD),
            footer=title,
        ),
    )


def _counts(plan: Plan) -> tuple[str, str]:
    """Return the live line of how many are entered, in all and of each kind."""
    whole, checks = (COLUMNS.down(name, FIRST, _END) for name in ("kind", "check"))
    parts = [
        f'"　{kind} "&SUMPRODUCT(({whole}={in_text(kind)})*({checks}="{PASS}"))'
        for kind in plan.filed_kinds
    ]
    passed = f'COUNTIF({checks},"{PASS}")'
    shown = "".join(f"　{kind} 0" for kind in plan.filed_kinds)
    return "&".join([f'"已登记可计入 "&{passed}&" 条"', *parts]), f"已登记可计入 0 条{shown}"


def _cells(plan: Plan) -> Iterator[Cell]:
    yield Cell(IDENTITY_ROW, 0, identity(plan.name, plan.year), Style(Role.HIDDEN))
    for index, column in enumerate(COLUMNS.all):
        yield Cell(KEY_ROW, index, column.key, Style(Role.HIDDEN))
        if column.title:
            yield Cell(HEAD, index, column.title, Style(Role.HEADING))
    check = _check(plan)
    for number in range(1, ROWS + 1):
        row = FIRST + number - 1
        yield Cell(row, 0, row_key(number), Style(Role.HIDDEN))
        yield Cell(row, 1, number, Style(Role.LABEL, Shape.CENTRED))
        for name, (_, kind) in FIELDS.items():
            style = Style(Role.ENTRY, _SHAPES.get(kind, Shape.TEXT))
            yield Cell(row, _AT(name), None, style)
        formula = check.replace(_ROW, str(row + 1))
        yield Cell(row, _LAST, "", Style(Role.DERIVED, Shape.CENTRED), formula)


def _check(plan: Plan) -> str:
    """Return the formula that judges a row; empty where nothing is entered."""
    at = {name: COLUMNS.letter(name) + _ROW for name in FIELDS}
    entered = "&".join(at[name] for name in _TYPED)
    dated = f"AND({at['date']}>=DATE({plan.year},1,1),{at['date']}<DATE({plan.year + 1},1,1))"
    # Not COUNTIF: it takes * and ? for patterns and 001 for 1.
    # Of rows with one number the first counts, as in the district workbook; from the heading on,
    # as Gnumeric takes an area of one cell for no area (1.12.55).
    letter, head = COLUMNS.letter("filing"), HEAD + 1
    same = f"SUMPRODUCT((${letter}${head}:{at['filing']}={at['filing']})*1)>1"
    judged = f'IF({same},"{_REPEATED}","{PASS}")'
    judged = f'IF(LEN(TRIM({at["filing"]}))>0,{judged},"{_NO_NUMBER}")'
    judged = f'IF(IF(ISNUMBER({at["date"]}),{dated},FALSE),{judged},"{_NO_DATE}")'
    for name, known, wrong in (("kind", _KINDS, _NO_KIND), ("unit", _NAMES, _NO_UNIT)):
        judged = f'IF(SUMPRODUCT(({known}={at[name]})*1)>0,{judged},"{wrong}")'
    return f'IF(LEN(TRIM({entered}))>0,{judged},"")'


def _validations(plan: Plan) -> Iterator[tuple[Area, Validation]]:
    known = {"unit": _UNITS, "kind": _KINDS}
    for name, (label, kind) in FIELDS.items():
        area = Area(FIRST, _AT(name), _END, _AT(name))
        if kind is FieldKind.CHOICE:
            yield (
                area,
                Validation(
                    kind="list",
                    title=label,
                    prompt=f"请从下拉列表中选择{label}。",
                    error=f"请从列表中选择{label}。",
                    formula=known[name],
                ),
            )
        elif kind is FieldKind.DATE:
            yield area, day(label, date(plan.year, 1, 1), date(plan.year, 12, 31))
        else:
            yield area, short_text(label, f"请填写{label}。")


def _highlights() -> Iterator[Highlight]:
    check = f"${COLUMNS.at('check', FIRST)}"
    marks = Area(FIRST, _LAST, _END, _LAST)
    yield Highlight(marks, f'LEFT({check},1)="{PASS}"', Tone.GOOD)
    yield Highlight(marks, f'LEFT({check},1)="{FAIL}"', Tone.BAD)
    for name, wrong in (
        ("unit", _NO_UNIT),
        ("kind", _NO_KIND),
        ("date", _NO_DATE),
        ("filing", _REPEATED),
    ):
        area = Area(FIRST, _AT(name), _END, _AT(name))
        yield Highlight(area, f'{check}="{wrong}"', Tone.WRONG)
    for name in NEEDED:
        cell = COLUMNS.at(name, FIRST)
        area = Area(FIRST, _AT(name), _END, _AT(name))
        yield Highlight(area, f'AND(LEFT({check},1)="{FAIL}",LEN({cell})=0)', Tone.WRONG)
