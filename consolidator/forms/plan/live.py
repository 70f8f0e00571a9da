"""What the plan workbook says while staff edit it: formulas, and the results Python gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consolidator.forms.layout import Columns, Value, in_text
from consolidator.forms.plan.fields import (
    DASHES,
    FIRST,
    INDICATORS,
    KIND,
    TARGETS,
    UNITS,
    Form,
    last_row,
)
from consolidator.plan.tables import PlanTables, Row

OK, FAIL = "✓", "✗ "
_NO_COLUMN, _NO_ROW = f"{FAIL}请在“目标”表加一列", f"{FAIL}请在“目标”表加一行"
_NEEDED = ("number", "measure", "kind", "accrual", "first_quarter")
_AMOUNTS = ("numerator_name", "numerator_measure", "denominator_name", "denominator_measure")


@dataclass(frozen=True, slots=True)
class Lists:
    """Where the sheets of units and indicators keep their columns, as fixed ranges."""

    tables: PlanTables

    def range(self, form: Form, key: str, *, inside: bool = False) -> str:
        """Return the range of a column, named with its sheet unless used ``inside`` it."""
        last = last_row(form, len(self.tables.rows[form.table]))
        return form.columns.down(key, FIRST, last, sheet="" if inside else form.sheet)

    def found(self, form: Form, key: str, code: str, by: str = "code") -> str:
        """Return the formula of a row's ``key``, the row found by the formula ``code``."""
        return f"INDEX({self.range(form, key)},MATCH({code},{self.range(form, by)},0))"


def _count(range_: str, cell: str) -> str:
    return f"SUMPRODUCT(--({range_}={cell}))"


def _choose(cases: Sequence[tuple[str, str]], otherwise: str) -> str:
    formula = otherwise
    for condition, said in reversed(cases):
        formula = f"IF({condition},{in_text(said)},{formula})"
    return formula


def unit_check(lists: Lists, row: int, heads: str) -> str:
    """Return the formula that judges a row of the units; ``heads`` are those of the targets."""
    columns = UNITS.columns
    name, short, code = (columns.at(key, row) for key in ("name", "short", "code"))
    twice = {key: lists.range(UNITS, key, inside=True) for key in ("name", "short", "code")}
    return _choose(
        [
            (f'{name}&{short}=""', ""),
            (f'{name}=""', f"{FAIL}缺全称"),
            (f'{short}=""', f"{FAIL}缺简称"),
            (f"{_count(twice['name'], name)}>1", f"{FAIL}全称重复"),
            (f"{_count(twice['short'], short)}>1", f"{FAIL}简称重复"),
            (f'AND({code}<>"",{_count(twice["code"], code)}>1)', f"{FAIL}代码重复"),
            (f"{_count(heads, name)}=0", _NO_COLUMN),
        ],
        in_text(OK),
    )


def _alike(rows: Sequence[Row], column: str, text: str) -> int:
    """Count equal texts as ``=`` does: upper and lower case are one."""
    return sum(row[column].casefold() == text.casefold() for row in rows)


def unit_result(rows: Sequence[Row], row: Row, heads: Sequence[str]) -> str:
    """Return what `unit_check` comes to."""
    name, short, code = (row[key] for key in ("name", "short", "code"))
    for condition, said in (
        (not name + short, ""),
        (not name, f"{FAIL}缺全称"),
        (not short, f"{FAIL}缺简称"),
        (_alike(rows, "name", name) > 1, f"{FAIL}全称重复"),
        (_alike(rows, "short", short) > 1, f"{FAIL}简称重复"),
        (bool(code) and _alike(rows, "code", code) > 1, f"{FAIL}代码重复"),
        (name.casefold() not in {head.casefold() for head in heads}, _NO_COLUMN),
    ):
        if condition:
            return said
    return OK


def indicator_check(lists: Lists, row: int, names: str) -> str:
    """Return the formula that judges a row of the indicators; ``names`` are the targets'."""
    columns = INDICATORS.columns
    name, code, kind, parent = (columns.at(key, row) for key in ("name", "code", "kind", "parent"))
    needed = [columns.at(key, row) for key in _NEEDED]
    amounts = [columns.at(key, row) for key in _AMOUNTS]
    own = {key: lists.range(INDICATORS, key, inside=True) for key in ("name", "code")}
    empty = ",".join(f'{cell}=""' for cell in needed)
    lacking = ",".join(f'{cell}=""' for cell in amounts)
    return _choose(
        [
            (f'{name}&{"&".join(needed)}=""', ""),
            (f'{name}=""', f"{FAIL}缺指标名称"),
            (f"OR({empty})", f"{FAIL}有空缺"),
            (f'AND({code}<>"",{_count(own["code"], code)}>1)', f"{FAIL}代码重复"),
            (f'AND({kind}="{KIND["ratio"]}",OR({lacking}))', f"{FAIL}缺分子或分母"),
            (
                f'AND({parent}<>"",{_count(own["name"], parent)}+{_count(own["code"], parent)}=0)',
                f"{FAIL}没有这个上级指标",
            ),
            (f"{_count(names, name)}=0", _NO_ROW),
        ],
        in_text(OK),
    )


def indicator_result(
    rows: Sequence[Row], shown: Mapping[str, str], code: str, names: Sequence[str]
) -> str:
    """Return what `indicator_check` comes to; ``shown`` is what stands in the row's cells."""
    known = {text.casefold() for row in rows for text in (row["name"], row["code"])}
    parent = shown["parent"]
    for condition, said in (
        (not shown["name"] + "".join(shown[key] for key in _NEEDED), ""),
        (not shown["name"], f"{FAIL}缺指标名称"),
        (not all(shown[key] for key in _NEEDED), f"{FAIL}有空缺"),
        (bool(code) and _alike(rows, "code", code) > 1, f"{FAIL}代码重复"),
        (
            shown["kind"] == KIND["ratio"] and not all(shown[key] for key in _AMOUNTS),
            f"{FAIL}缺分子或分母",
        ),
        (bool(parent) and parent.casefold() not in known, f"{FAIL}没有这个上级指标"),
        (shown["name"].casefold() not in {one.casefold() for one in names}, _NO_ROW),
    ):
        if condition:
            return said
    return OK


@dataclass(frozen=True, slots=True)
class TargetArea:
    """The cells of the targets: rows, and the columns from the first unit to the last spare."""

    columns: Columns
    last: int
    first_unit: str
    last_unit: str

    def across(self, row: int, *, fixed: bool = True) -> str:
        """Return the range of a row's units."""
        first, last = self.columns.letter(self.first_unit), self.columns.letter(self.last_unit)
        mark = "$" if fixed else ""
        return f"${first}{mark}{row + 1}:${last}{mark}{row + 1}"

    def names(self, *, sheet: str = "") -> str:
        """Return the range of the indicators' names."""
        return self.columns.down("name", FIRST, self.last, sheet=sheet)

    def heads(self) -> str:
        """Return the range of the units' names, with the sheet."""
        return f"'{TARGETS}'!{self.across(FIRST - 1)}"

    def whole(self, row: int, column: str) -> str:
        """Return the target that the one in a cell is part of, in the same column."""
        letter = self.columns.letter(column)
        down = f"{letter}${FIRST + 1}:{letter}${self.last + 1}"
        return f"INDEX({down},MATCH(${self.columns.at('whole', row)},{self.names()},0))"


def target_check(area: TargetArea, row: int) -> str:
    """Return the formula that judges a row of the targets."""
    heads, cells = area.across(FIRST - 1), area.across(row, fixed=False)
    name, whole = (f"${area.columns.at(key, row)}" for key in ("name", "whole"))
    first, last = area.columns.letter(area.first_unit), area.columns.letter(area.last_unit)
    grid = f"${first}${FIRST + 1}:${last}${area.last + 1}"
    wholes = f"INDEX({grid},MATCH({whole},{area.names()},0),0)"
    # Gnumeric takes ISNUMBER of a range for that of one cell: numbers are counted, and text
    # is told by standing above every number in order.
    dashes = "".join(f"-SUMPRODUCT(--({cells}={in_text(dash)}))" for dash in DASHES)
    blank = f'SUMPRODUCT(({heads}<>"")*({cells}=""))'
    wrong = f'(SUMPRODUCT(--({cells}<>""))-COUNT({cells}){dashes})'
    above = (
        f'IF({whole}="",0,IFERROR(SUMPRODUCT(({cells}<>"")*({cells}<9E+307)'
        f'*({wholes}<>"")*({cells}>{wholes})),0))'
    )
    return (
        f'IF({name}="","",IF({blank}>0,"{FAIL}空缺 "&{blank}&" 格",'
        f'IF({wrong}>0,"{FAIL}不是数字 "&{wrong}&" 格",'
        f'IF({above}>0,"{FAIL}大于上级 "&{above}&" 格","{OK}"))))'
    )


def target_result(
    name: str, heads: Sequence[str], values: Sequence[Value], whole: Sequence[Value] | None
) -> str:
    """Return what `target_check` comes to, for the cells under the heads."""
    if not name:
        return ""
    blank = sum(value is None for value, head in zip(values, heads, strict=True) if head)
    wrong = sum(isinstance(value, str) and value not in DASHES for value in values)
    above = sum(
        isinstance(mine, float) and isinstance(over, float) and mine > over
        for mine, over in zip(values, whole or [None] * len(values), strict=True)
    )
    for count, what in ((blank, "空缺"), (wrong, "不是数字"), (above, "大于上级")):
        if count:
            return f"{FAIL}{what} {count} 格"
    return OK
