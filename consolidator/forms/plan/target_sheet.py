"""目标: annex 2 as it is printed, indicators down and units across, to be edited by staff."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

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
    Value,
    height_for,
)
from consolidator.forms.plan.fields import (
    CHECK,
    FIRST,
    HEAD,
    IDENTITY,
    IDENTITY_ROW,
    INDICATORS,
    KEY,
    KEY_ROW,
    KIND,
    NOTE,
    REMOVED,
    SPARE_UNITS,
    TARGET_COLUMNS,
    TARGETS,
    TITLE,
    UNIT_PREFIX,
    UNIT_WIDTH,
    UNITS,
    Takes,
    title_of,
)
from consolidator.forms.plan.list_sheet import values_of
from consolidator.forms.plan.live import Lists, TargetArea, target_check, target_result
from consolidator.forms.plan.target_rules import highlights, validations
from consolidator.forms.plan.words import Names, cell_value
from consolidator.plan.tables import PlanTables, Row

_NOTE = (
    "不考核的写 --，不要留空；比率写百分比，如 47.0%。新单位：先在“单位”表加一行，"
    "再在右边空列的表头选它的名称；新指标：先在“指标”表加一行，再在下面空行选它的名称。"
    "序号、分组、名称和已有单位的表头随那两张表自动更新。"
)
_SHOWN = ("kind", "whole", "number", "group", "name")


@dataclass(frozen=True)
class Targets:
    """The lines and columns of the sheet, in the order of indicators and units."""

    tables: PlanTables
    names: Mapping[str, Names]

    @cached_property
    def units(self) -> tuple[str, ...]:
        """The codes of the columns; those of no unit last."""
        codes = [row["code"] for row in self.tables.rows["units"]]
        known = [code for code in dict.fromkeys(codes) if code]
        return (*known, *(one for one in self.tables.unit_columns if one not in known))

    @cached_property
    def rows(self) -> tuple[tuple[str, Row | None], ...]:
        """The code of every line and its row of the table, None where it has none yet."""
        by_code: dict[str, list[Row | None]] = {}
        for one in self.tables.rows["indicators"]:
            by_code.setdefault(one["code"], [])
        for row in self.tables.rows["targets"]:
            by_code.setdefault(row["indicator"], []).append(row)
        return tuple((code, row) for code, rows in by_code.items() for row in rows or [None])

    @cached_property
    def indicators(self) -> dict[str, dict[str, str]]:
        """What stands in the sheet of indicators, by code."""
        shown: dict[str, dict[str, str]] = {}
        for row in self.tables.rows["indicators"]:
            values = values_of(row, INDICATORS, self.names)
            shown.setdefault(row["code"], {**values, "whole": values["parent"]})
        return shown

    @cached_property
    def unit_names(self) -> dict[str, str]:
        """The units' names, by code."""
        return {row["code"]: row["name"] for row in self.tables.rows["units"]}

    @cached_property
    def columns(self) -> Columns:
        """The columns of the sheet."""
        spare = (f"spare{number}" for number in range(1, SPARE_UNITS + 1))
        across = (Column(one, "", UNIT_WIDTH) for one in (*map(_unit, self.units), *spare))
        return Columns(*TARGET_COLUMNS, *across, Column(CHECK, "检查", 18))

    @cached_property
    def area(self) -> TargetArea:
        """The cells between the heads and the check."""
        first = _unit(self.units[0]) if self.units else "spare1"
        return TargetArea(
            self.columns, FIRST + len(self.rows) + INDICATORS.spare - 1, first,
            f"spare{SPARE_UNITS}",
        )  # fmt: skip

    def label(self, code: str, key: str) -> Value:
        """Return what the formulas before the units come to for a line."""
        shown = self.indicators.get(code)
        if shown is None:
            return REMOVED if key == "name" else ""
        return cell_value(shown[key], Takes.WHOLE) or "" if key == "number" else shown[key]

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """What the formulas above the columns come to."""
        return tuple(self.unit_names.get(code, REMOVED) for code in self.units)


def _unit(code: str) -> str:
    return f"{UNIT_PREFIX}{code}"


def target_sheet(targets: Targets) -> Sheet:
    """Describe the sheet."""
    area, columns = targets.area, targets.columns
    across = columns.index(CHECK)
    title = str(targets.tables.settings.get("title", "")) or TARGETS
    width = sum(column.width for column in columns.all if not column.hidden)
    heads = [(head, float(UNIT_WIDTH)) for head in targets.heads]
    return Sheet(
        name=TARGETS,
        cells=list(_cells(targets)),
        columns=columns,
        merges=(
            (Area(TITLE, 3, TITLE, across), Cell(TITLE, 3, title, Style(Role.TITLE))),
            (Area(NOTE, 3, NOTE, across), Cell(NOTE, 3, _NOTE, Style(Role.NOTE))),
        ),
        heights={
            TITLE: height_for([(title, width * 0.6)], line=22, least=30),
            NOTE: height_for([(_NOTE, min(width, 150))]),
            HEAD: height_for(heads, least=48),
            **{
                FIRST + place: height_for(
                    [
                        (str(targets.label(code, "name")), 34),
                        (str(targets.label(code, "group")), 10),
                    ],
                    least=24,
                )
                for place, (code, _) in enumerate(targets.rows)
            },
        },
        row_height=24,
        hidden_rows=(IDENTITY_ROW, KEY_ROW),
        validations=tuple(validations(targets.area, FIRST + len(targets.rows))),
        highlights=tuple(highlights(targets.area)),
        freeze=(FIRST, columns.index("name") + 1),
        cursor=(FIRST, columns.index("name") + 1),
        growing=True,
        zoom=90,
        printing=Printing(
            paper="A3",
            landscape=True,
            area=Area(TITLE, 3, area.last, across),
            repeat_rows=(HEAD, HEAD),
            repeat_columns=(3, columns.index("name")),
            footer=title_of(TARGETS, targets.tables.settings),
        ),
    )


def _cells(targets: Targets) -> Iterator[Cell]:
    columns, lists = targets.columns, Lists(targets.tables)
    yield Cell(IDENTITY_ROW, 0, IDENTITY, Style(Role.HIDDEN))
    for index, column in enumerate(columns.all):
        if not column.key.startswith("spare"):
            yield Cell(KEY_ROW, index, column.key, Style(Role.HIDDEN))
        if column.title:
            yield Cell(HEAD, index, column.title, Style(Role.HEADING))
    for code, head in zip(targets.units, targets.heads, strict=True):
        at = columns.at(_unit(code), KEY_ROW)
        found = lists.found(UNITS, "name", f'SUBSTITUTE({at},"{UNIT_PREFIX}","")')
        formula = f'IFERROR({found}&"","{REMOVED}")'
        yield Cell(HEAD, columns.index(_unit(code)), head, Style(Role.HEADING), formula)
    for number in range(1, SPARE_UNITS + 1):
        yield Cell(HEAD, columns.index(f"spare{number}"), None, Style(Role.ENTRY, Shape.CENTRED))
    for place in range(len(targets.rows) + INDICATORS.spare):
        line = targets.rows[place] if place < len(targets.rows) else None
        yield from _line(targets, lists, FIRST + place, line)


def _line(
    targets: Targets, lists: Lists, row: int, line: tuple[str, Row | None] | None
) -> Iterator[Cell]:
    code, held = line or ("", None)
    columns = targets.columns
    if code:
        yield Cell(row, 0, code, Style(Role.HIDDEN))
    by, at = ("code", f"${columns.at(KEY, row)}") if code else (
        "name", f"${columns.at('name', row)}",
    )  # fmt: skip
    for key in _SHOWN:
        column = columns.index(key)
        role = Role.HIDDEN if columns.all[column].hidden else Role.LABEL
        shape = Shape.CENTRED if key in ("number", "group") else Shape.TEXT
        source = {"whole": "parent"}.get(key, key)
        found = lists.found(INDICATORS, source, at, by)
        otherwise = REMOVED if key == "name" else ""
        formula = f'IFERROR({found}{"" if key == "number" else "&" + chr(34) * 2},"{otherwise}")'
        value = targets.label(code, key) if code else ""
        if key == "name" and held and held["name"] != value:
            # The name disagrees with the code: whichever is right, staff must see both.
            yield Cell(row, column, held["name"], Style(Role.ENTRY))
        elif key == "name" and not code:
            yield Cell(row, column, held["name"] if held else None, Style(Role.ENTRY))
        else:
            yield Cell(row, column, value, Style(role, shape), formula)
    ratio = code != "" and targets.label(code, "kind") == KIND["ratio"]
    # A dash keeps the format of numbers: 47% typed over it is a number then.
    style = Style(Role.ENTRY, Shape.EXACT_RATIO if ratio else Shape.COUNT)
    values = [_value(held, unit) for unit in targets.units]
    for unit, value in zip(targets.units, values, strict=True):
        yield Cell(row, columns.index(_unit(unit)), value, style)
    for number in range(1, SPARE_UNITS + 1):
        yield Cell(row, columns.index(f"spare{number}"), None, style)
    result = target_result(
        str(targets.label(code, "name")) if code else "",
        targets.heads,
        values,
        _whole(targets, code),
    )
    check = target_check(targets.area, row)
    yield Cell(row, columns.index(CHECK), result, Style(Role.DERIVED), check)


def _value(held: Row | None, unit: str) -> Value:
    return cell_value(held.values.get(unit, ""), Takes.TARGET) if held else None


def _whole(targets: Targets, code: str) -> list[Value] | None:
    """Return the cells of the line that a line is part of, as the sheet's formula finds it."""
    whole = str(targets.label(code, "whole")).casefold() if code else ""
    for other, held in targets.rows:
        if whole and str(targets.label(other, "name")).casefold() == whole:
            return [_value(held, unit) for unit in targets.units]
    return None
