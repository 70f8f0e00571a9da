"""What the cells of the targets take, and what is marked in them while staff type."""

from collections.abc import Iterator

from consolidator.forms.layout import Area, Highlight, Tone, Validation
from consolidator.forms.plan.fields import CHECK, DASHES, FIRST, HEAD, KIND, REMOVED
from consolidator.forms.plan.live import FAIL, OK, TargetArea

UNIT_NAMES = "单位全称"
"""The defined name of the units' names, which the heads of new columns offer."""
INDICATOR_NAMES = "指标名称"


def validations(area: TargetArea, start: int) -> Iterator[tuple[Area, Validation]]:
    """Yield what the cells take; the rows from ``start`` on are spare."""
    columns = area.columns
    first, last = columns.index(area.first_unit), columns.index(area.last_unit)
    spare = columns.index("spare1")
    cell = columns.at(area.first_unit, FIRST)
    dashes = ",".join(f'{cell}="{dash}"' for dash in DASHES)
    yield (
        Area(FIRST, first, area.last, last),
        Validation(
            "custom", "目标", "填不小于 0 的数字；比率写百分比，如 47.0%；不考核的写 --。",
            "请填不小于 0 的数字，不考核的写 --；不要写单位或文字。",
            formula=f"OR(AND(ISNUMBER({cell}),{cell}>=0),{dashes})",
        ),
    )  # fmt: skip
    yield (
        Area(HEAD, spare, HEAD, last),
        Validation("list", "新单位", "请选择在“单位”表新加的单位。",
                   "请先在“单位”表加上这个单位，再从列表中选择。", formula=UNIT_NAMES),
    )  # fmt: skip
    name = columns.index("name")
    yield (
        Area(start, name, area.last, name),
        Validation("list", "新指标", "请选择在“指标”表新加的指标。",
                   "请先在“指标”表加上这项指标，再从列表中选择。", formula=INDICATOR_NAMES),
    )  # fmt: skip


def highlights(area: TargetArea) -> Iterator[Highlight]:
    """Yield what is marked while staff type."""
    columns = area.columns
    first, last = columns.index(area.first_unit), columns.index(area.last_unit)
    cells = Area(FIRST, first, area.last, last)
    cell = columns.at(area.first_unit, FIRST)
    letter = columns.letter(area.first_unit)
    name, kind, whole = (f"${columns.at(key, FIRST)}" for key in ("name", "kind", "whole"))
    dashes = "".join(f',{cell}<>"{dash}"' for dash in DASHES)
    yield Highlight(
        cells, f"AND(LEN({name})>0,LEN({letter}${HEAD + 1})>0,LEN({cell})=0)", Tone.BLANK
    )
    yield Highlight(cells, f"AND(NOT(ISNUMBER({cell})),LEN({cell})>0{dashes})", Tone.WRONG)
    ratio = f'IF({kind}="{KIND["ratio"]}",{cell}>1,{cell}<>INT({cell}))'
    yield Highlight(cells, f"AND(ISNUMBER({cell}),OR({cell}<0,{ratio}))", Tone.WRONG)
    over = area.whole(FIRST, area.first_unit)
    above = f"AND(ISNUMBER({cell}),ISNUMBER({over}),{cell}>{over})"
    yield Highlight(cells, f'IF({whole}="",FALSE,IFERROR({above},FALSE))', Tone.WRONG)
    check = f"${columns.at(CHECK, FIRST)}"
    at = columns.index(CHECK)
    marks = Area(FIRST, at, area.last, at)
    yield Highlight(marks, f'LEFT({check},1)="{FAIL.strip()}"', Tone.BAD)
    yield Highlight(marks, f'{check}="{OK}"', Tone.GOOD)
    heads = Area(HEAD, first, HEAD, last)
    yield Highlight(heads, f'{letter}${HEAD + 1}="{REMOVED}"', Tone.BAD)
    names = Area(FIRST, columns.index("name"), area.last, columns.index("name"))
    yield Highlight(names, f'{name}="{REMOVED}"', Tone.BAD)
