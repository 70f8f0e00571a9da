"""The self-check: each rule with the formula a unit sees and the judgement Python makes.

A rule is ✓, ✗ or — (cannot be judged yet). What a blank explains is not held against the unit
a second time: a rule over several cells waits until they are filled.
"""

from collections.abc import Callable
from dataclasses import dataclass

from consolidator.forms.quarterly import derive
from consolidator.forms.quarterly.assignment import (
    APPROVED_BY,
    FILLED_BY,
    FILLED_ON,
    LIST_FIELDS,
    LIST_KEYS,
    PHONE,
    SIGNERS,
    Assignment,
    FieldKind,
    Key,
    Line,
)
from consolidator.plan.model import Accrual, Kind

BLANKS = ("\u3000", "\u00a0", "\u200b", "\ufeff", "\n")
"""White space that TRIM leaves: full-width, no-break, zero-width, byte order mark, line end."""
PASS, FAIL, WAIT = "✓", "✗", "—"
Addresses = Callable[[Key], str]
"""Gives the full address of a field, sheet included."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the self-check page."""

    topic: str
    text: str
    cell: Key
    """Where the link leads, and what is to be mended there."""
    formula: str
    mark: str
    """Python's own result of the formula."""


def rules(assignment: Assignment, at: Addresses) -> tuple[Rule, ...]:
    """Return every rule of the form in the order of its lines."""
    found = [_filled(assignment, line, at) for line in assignment.entries]
    for line in assignment.headline:
        if line.indicator.amounts:
            found.append(_ratio_possible(assignment, line, at))
    found += _parts(assignment, at)
    found += [
        _list_ties(assignment, line, at)
        for line in assignment.headline
        if line.indicator.filed_kinds
    ]
    found += _list_sound(assignment, at)
    found += [_lag_explained(assignment, line, at) for line in assignment.headline]
    if assignment.asks_about_falls:
        found += [
            _fall_explained(assignment, line, at)
            for line in assignment.entries
            if line.indicator.accrual is Accrual.CUMULATIVE
        ]
    found += [_signed(assignment, key, at) for key in (FILLED_BY, APPROVED_BY, PHONE, FILLED_ON)]
    return tuple(found)


def _mark(holds: bool | None) -> str:
    return WAIT if holds is None else PASS if holds else FAIL


def _marked(formula: str, *, when: str = "") -> str:
    judged = f'IF({formula},"{PASS}","{FAIL}")'
    return f'IF({when},{judged},"{WAIT}")' if when else judged


def is_count(at: str) -> str:
    """Return the formula that holds for a whole number of at least 0 and for nothing else."""
    return f"IF(ISNUMBER({at}),IF({at}>=0,INT({at})={at},FALSE),FALSE)"


def is_amount(at: str) -> str:
    """Return the formula that holds for a number of at least 0 and for nothing else."""
    return f"IF(ISNUMBER({at}),{at}>=0,FALSE)"


def has_text(at: str, blanks: tuple[str, ...] = BLANKS) -> str:
    """Return the formula that holds for a cell with a character to be seen."""
    bare = at
    for space in blanks:
        bare = f'SUBSTITUTE({bare},"{space}","")'
    return f"LEN(TRIM({bare}))>0"


def _filled(assignment: Assignment, line: Line, at: Addresses) -> Rule:
    cell = at(line.value_key)
    value = derive.number(assignment.answers.get(line.value_key))
    whole = line.kind is FieldKind.COUNT
    return Rule(
        topic="填报齐全",
        text=f"{line.name}：已填，且为{'不小于 0 的整数' if whole else '不小于 0 的数字'}",
        cell=line.value_key,
        formula=_marked(is_count(cell) if whole else is_amount(cell)),
        mark=_mark(value is not None and value >= 0 and (not whole or value == int(value))),
    )


def _ratio_possible(assignment: Assignment, line: Line, at: Addresses) -> Rule:
    over, under = (Key(amount.code, "actual") for amount in line.indicator.amounts)
    a, b = (derive.number(assignment.answers.get(key)) for key in (over, under))
    names = [amount.name for amount in line.indicator.amounts]
    share = line.indicator.kind is Kind.RATIO
    within = f"{at(over)}<={at(under)}" if share else "TRUE"
    return Rule(
        topic="数据关系",
        text=f"{names[0]}不大于{names[1]}，且{names[1]}大于 0" if share else f"{names[1]}大于 0",
        cell=over,
        formula=_marked(
            f"IF({at(under)}>0,{within},FALSE)",
            when=f"IF(ISNUMBER({at(over)}),ISNUMBER({at(under)}),FALSE)",
        ),
        mark=_mark(None if a is None or b is None else b > 0 and (a <= b or not share)),
    )


def _parts(assignment: Assignment, at: Addresses) -> list[Rule]:
    by_code = {line.indicator.code: line for line in assignment.entries if not line.amount}
    found = []
    for line in by_code.values():
        whole = by_code.get(line.indicator.parent or "")
        if whole is None:
            continue
        mine, all_of_it = line.value_key, whole.value_key
        a, b = (derive.number(assignment.answers.get(key)) for key in (mine, all_of_it))
        found.append(
            Rule(
                topic="数据关系",
                text=f"{line.name} 不大于 {whole.name}",
                cell=mine,
                formula=_marked(
                    f"{at(mine)}<={at(all_of_it)}",
                    when=f"IF(ISNUMBER({at(mine)}),ISNUMBER({at(all_of_it)}),FALSE)",
                ),
                mark=_mark(None if a is None or b is None else a <= b),
            )
        )
    return found


def _list_range(column: str, at: Addresses) -> str:
    first, last = at(Key(LIST_KEYS[0], column)), at(Key(LIST_KEYS[-1], column))
    return f"{first}:{last.split('!')[-1]}"


def filed_count_formula(kinds: tuple[str, ...], at: Addresses) -> str:
    """Return the formula that counts the filed rows of ``kinds``."""
    return "+".join(f'COUNTIF({_list_range("kind", at)},"{kind}")' for kind in kinds)


def _list_ties(assignment: Assignment, line: Line, at: Addresses) -> Rule:
    kinds = line.indicator.filed_kinds
    cell = at(line.value_key)
    value = derive.number(assignment.answers.get(line.value_key))
    filed = derive.filed_count(assignment, kinds)
    marks = derive.row_marks(assignment)
    known = derive.RowMark.NO_KIND not in marks.values()
    sorted_out = f'COUNTIF({_list_range("check", at)},"{derive.RowMark.NO_KIND}")=0'
    return Rule(
        topic="备案一致",
        text=f"{line.name} 与备案明细中“{'”“'.join(kinds)}”的条数相等",
        cell=line.value_key,
        formula=_marked(
            f"{cell}={filed_count_formula(kinds, at)}", when=f"AND(ISNUMBER({cell}),{sorted_out})"
        ),
        mark=_mark(value == filed if value is not None and known else None),
    )


def row_formula(assignment: Assignment, at: Callable[[str], str], filings: str) -> str:
    """Return the formula that marks a row of the list.

    Row by row, because not every program takes LEN or TRIM over a whole range.

    Args:
        assignment: whose list it is.
        at: gives the address of the row's cell in a column.
        filings: the range of all filing numbers.
    """
    year = assignment.period.year
    everything = "&".join(at(column) for column in LIST_FIELDS)
    kind, day, filing = at("kind"), at("date"), at("filing")
    known = ",".join(f'{kind}="{one}"' for one in assignment.plan.filed_kinds)
    in_year = f"AND({day}>=DATE({year},1,1),{day}<DATE({year + 1},1,1))"
    # Only the space that a Chinese keyboard types: each further one makes every row longer.
    texts = ",".join(has_text(at(name), BLANKS[:1]) for name in ("partner", "subject", "filing"))
    mark = derive.RowMark
    whole = f"AND(IF(ISNUMBER({day}),{in_year},FALSE),{texts})"
    # Not COUNTIF: it takes * and ? for patterns and 001 for 1.
    judged = f'IF(SUMPRODUCT(({filings}={filing})*1)>1,"{mark.REPEATED}","{mark.PASS}")'
    judged = f'IF({whole},{judged},"{mark.NOT_WHOLE}")'
    judged = f'IF(OR({known}),{judged},"{mark.NO_KIND}")'
    return f'IF({has_text(everything, BLANKS[:1])},{judged},"")'


def _list_sound(assignment: Assignment, at: Addresses) -> list[Rule]:
    marks = derive.row_marks(assignment).values()
    mark, column = derive.RowMark, _list_range("check", at)
    year, first = assignment.period.year, LIST_KEYS[0]
    return [
        Rule(
            topic="备案一致",
            text=text,
            cell=Key(first, place),
            formula=_marked("+".join(f'COUNTIF({column},"{one}")' for one in wrong) + "=0"),
            mark=_mark(not any(one in marks for one in wrong)),
        )
        for text, place, wrong in (
            (
                f"备案明细每一行五项都已填写，类别在列表之内，日期在 {year} 年之内",
                "kind",
                (mark.NO_KIND, mark.NOT_WHOLE),
            ),
            ("备案明细中没有重复的备案号", "filing", (mark.REPEATED,)),
        )
    ]


def _lag_explained(assignment: Assignment, line: Line, at: Addresses) -> Rule:
    status = at(Key(line.key, "status"))
    remark = derive.text(assignment.answers.get(line.remark_key))
    state = derive.derive(assignment, line, assignment.answers).progress
    lagging = state is derive.Progress.LAGGING
    return Rule(
        topic="滞后说明",
        text=f"{line.name}：如滞后于时间进度，已在备注栏说明原因",
        cell=line.remark_key,
        formula=_marked(
            f'IF({status}="{derive.Progress.LAGGING}",{has_text(at(line.remark_key))},TRUE)',
            when=f"LEN({status})>0",
        ),
        mark=_mark(None if state is None else not lagging or bool(remark)),
    )


def _fall_explained(assignment: Assignment, line: Line, at: Addresses) -> Rule:
    cell, before = at(line.value_key), at(Key(line.key, "previous"))
    explained = Key(line.indicator.code, "remark")
    value = derive.number(assignment.answers.get(line.value_key))
    earlier = assignment.previous.get(line.key)
    remark = derive.text(assignment.answers.get(explained))
    holds = None
    if value is not None and earlier is not None:
        holds = value >= earlier or bool(remark)
    return Rule(
        topic="累计不减",
        text=f"{line.name}：本年累计不小于上期累计，或已在备注栏说明原因",
        cell=line.value_key,
        formula=_marked(
            f"IF({cell}<{before},{has_text(at(explained))},TRUE)",
            when=f"IF(ISNUMBER({cell}),ISNUMBER({before}),FALSE)",
        ),
        mark=_mark(holds),
    )


def _signed(assignment: Assignment, key: Key, at: Addresses) -> Rule:
    label, kind = SIGNERS[key]
    value = assignment.answers.get(key)
    dated = kind is FieldKind.DATE
    return Rule(
        topic="签署信息",
        text=f"{label}已填写",
        cell=key,
        formula=_marked(f"ISNUMBER({at(key)})" if dated else has_text(at(key))),
        mark=_mark(derive.is_number(value) if dated else bool(derive.text(value))),
    )
