"""自检: every rule with its live result, and one line that says whether the form may be sent."""

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
    address,
    height_for,
    jump,
)
from consolidator.forms.quarterly.addresses import (
    CHECK,
    CHECK_BANNER,
    CHECK_COLUMNS,
    CHECK_FIRST,
    STAMP_ROW,
    Places,
)
from consolidator.forms.quarterly.assignment import Assignment
from consolidator.forms.quarterly.rules import FAIL, PASS, Rule

_TITLE, _HEAD = 2, 4
_COLUMN = CHECK_COLUMNS.index
_LAST = _COLUMN("link")


def overall(rules: tuple[Rule, ...]) -> str:
    """Return Python's own result of the overall line."""
    open_ones = sum(rule.mark == FAIL for rule in rules)
    return f"{FAIL} 还有 {open_ones} 项问题，见“自检”" if open_ones else f"{PASS} 可以上报"


def check_sheet(assignment: Assignment, places: Places, rules: tuple[Rule, ...]) -> Sheet:
    """Describe the page of rules."""
    last = CHECK_FIRST + len(rules) - 1
    width = CHECK_COLUMNS.all[_COLUMN("text")].width
    banner = address(*CHECK_BANNER)
    results = Area(CHECK_FIRST, _COLUMN("mark"), last, _COLUMN("mark"))
    mark = CHECK_COLUMNS.at("mark", CHECK_FIRST)
    over = Area(CHECK_BANNER[0], 1, CHECK_BANNER[0], _LAST)
    return Sheet(
        name=CHECK,
        cells=list(_cells(assignment, places, rules)),
        columns=CHECK_COLUMNS,
        merges=tuple(_merges(assignment, rules)),
        heights={
            _TITLE: 30,
            CHECK_BANNER[0]: 28,
            _HEAD: 22,
            **{
                CHECK_FIRST + n: height_for([(rule.text, width)], least=18)
                for n, rule in enumerate(rules)
            },
        },
        hidden_rows=(STAMP_ROW, 1),
        highlights=(
            Highlight(results, f'{mark}="{PASS}"', Tone.GOOD),
            Highlight(results, f'{mark}="{FAIL}"', Tone.BAD),
            Highlight(over, f'LEFT(${banner},1)="{PASS}"', Tone.GOOD),
            Highlight(over, f'LEFT(${banner},1)="{FAIL}"', Tone.BAD),
        ),
        freeze=(CHECK_FIRST, 0),
        cursor=(CHECK_FIRST, _LAST),
        printing=Printing(
            tall=1,
            area=Area(_TITLE, 1, last, _LAST),
            repeat_rows=(_HEAD, _HEAD),
            footer=f"{assignment.unit.name}  {assignment.period.title}",
        ),
    )


def _merges(assignment: Assignment, rules: tuple[Rule, ...]) -> Iterator[tuple[Area, Cell]]:
    title = f"自检表（{assignment.unit.short}，{assignment.period.title}）"
    yield Area(_TITLE, 1, _TITLE, _LAST), Cell(_TITLE, 1, title, Style(Role.TITLE))
    last = CHECK_FIRST + len(rules) - 1
    wrong = f'COUNTIF({CHECK_COLUMNS.down("mark", CHECK_FIRST, last)},"{FAIL}")'
    row, column = CHECK_BANNER
    formula = f'IF({wrong}=0,"{PASS} 可以上报","{FAIL} 还有 "&{wrong}&" 项问题，见“自检”")'
    yield (
        Area(row, column, row, _LAST),
        Cell(row, column, overall(rules), Style(Role.BANNER), formula=formula),
    )


def _cells(assignment: Assignment, places: Places, rules: tuple[Rule, ...]) -> Iterator[Cell]:
    yield Cell(STAMP_ROW, 0, assignment.stamp.encode(), Style(Role.HIDDEN))
    for index, column in enumerate(CHECK_COLUMNS.all[1:], start=1):
        yield Cell(_HEAD, index, column.title, Style(Role.HEADING))
    for number, rule in enumerate(rules, start=1):
        row = CHECK_FIRST + number - 1
        yield Cell(row, 1, number, Style(Role.LABEL, Shape.CENTRED))
        yield Cell(row, _COLUMN("topic"), rule.topic, Style(Role.LABEL, Shape.CENTRED))
        yield Cell(row, _COLUMN("text"), rule.text, Style(Role.LABEL))
        centred = Style(Role.DERIVED, Shape.CENTRED)
        yield Cell(row, _COLUMN("mark"), rule.mark, centred, formula=rule.formula)
        target = jump(*places.cell(rule.cell), places.sheet(rule.cell))
        shown = f"→ {places.local(rule.cell)}"
        yield Cell(row, _LAST, shown, Style(Role.LINK, Shape.CENTRED), link=target)
