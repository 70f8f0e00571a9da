"""A situation for each code about the register: what raises it, and the pairs it raises."""

import io
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import openpyxl

from consolidator.checks.findings import Finding
from consolidator.checks.register_matching import hold
from consolidator.plan.period import Period
from registers import YEAR, held, plain_list, read, reported, table
from returns import EVENT

Situation = tuple[Callable[[Path], Iterable[Finding]], list[tuple[str, str]]]
ONE = f"| {EVENT} | 2017-03-01 | 一大学 | 会 | 001 |"
TWO = ONE.replace("001", "002")


def registered(
    *rows: str, lists: tuple[str, ...] = (), period: Period = YEAR
) -> Callable[[Path], Iterable[Finding]]:
    """Hold a register against what one unit lists, or against no return at all."""
    sent = {"alpha": "\n".join(lists)} if lists else {}
    return lambda folder: held(folder, "\n".join(rows), sent, period=period).findings


def with_cover(folder: Path) -> Iterable[Finding]:
    """Hold a register that has a sheet without filings."""
    book = openpyxl.load_workbook(io.BytesIO(plain_list(table(f"甲镇{ONE}"))))
    book.create_sheet("首页").append(["联系人"])
    content = io.BytesIO()
    book.save(content)
    return hold(read(folder, content.getvalue()), reported({})).findings


def not_asked(folder: Path) -> Iterable[Finding]:
    """Hold a register with a row of a kind that no figure of its unit counts."""
    settled = reported({})
    targets = {**settled.plan.targets, ("beta", "events"): None}
    rows = plain_list(table(f"甲镇{ONE}\n乙镇{TWO}"))
    return hold(
        read(folder, rows), replace(settled, plan=replace(settled.plan, targets=targets))
    ).findings


REGISTER_SITUATIONS: dict[str, Situation] = {
    "register_incomplete": (
        registered(f"甲镇{ONE}", f"甲镇{TWO.replace('2017-03-01', '')}"),
        [("C3", "register_incomplete")],
    ),
    "register_unusable": (
        registered(f"甲镇{ONE}", f"甲镇{TWO.replace('2017-03-01', '三月')}"),
        [("C3", "register_unusable")],
    ),
    "register_unit_unknown": (
        registered(f"甲镇{ONE}", f"丁镇{TWO}"), [("A3", "register_unit_unknown")],
    ),
    "register_kind_unknown": (
        registered(f"甲镇{ONE}", f"甲镇{TWO.replace(EVENT, '讲座')}"),
        [("B3", "register_kind_unknown")],
    ),
    "register_number_clash": (
        registered(f"甲镇{ONE}", f"乙镇{ONE}"), [("F3", "register_number_clash")],
    ),
    "register_repeated": (
        registered(f"甲镇{ONE}", f"甲镇{ONE}"), [("F3", "register_repeated")],
    ),
    "register_empty": (registered(), [("", "register_empty")]),
    "register_outside_year": (
        registered(f"甲镇{ONE}", f"甲镇{TWO.replace('2017', '2016')}"),
        [("C3", "register_outside_year")],
    ),
    "register_not_asked": (not_asked, [("B3", "register_not_asked")]),
    "register_aside": (registered(f"甲镇{ONE}", "合计"), [("A3", "register_aside")]),
    "register_later": (
        registered(f"甲镇{ONE}", f"甲镇{TWO.replace('03-01', '12-01')}", period=Period(2017, 2)),
        [("C3", "register_later")],
    ),
    "register_noticed": (
        registered(f"甲镇{ONE.replace('2017-03-01', '2017年3月1日')}"),
        [("C2", "register_noticed")],
    ),
    "register_sheet_unread": (with_cover, [("", "register_sheet_unread")]),
    "filed_count_differs": (
        registered(f"甲镇{ONE}", lists=(ONE, ONE)), [("H8", "filed_count_differs")],
    ),
    "filing_unregistered": (
        registered(f"甲镇{ONE}", lists=(TWO.replace("一大学", "二大学"), ONE)),
        [("G8", "filing_unregistered"), ("H8", "filed_count_differs")],
    ),
    "filing_elsewhere": (
        registered(f"乙镇{ONE}", lists=(ONE,)),
        [("G8", "filing_elsewhere"), ("H8", "filed_count_differs")],
    ),
    "filing_differs": (
        registered(f"甲镇{ONE}", lists=(ONE.replace("03-01", "03-02"),)),
        [("D8", "filing_differs")],
    ),
    "filing_unreported": (
        registered(f"甲镇{ONE}", f"甲镇{TWO}", lists=(ONE,)),
        [("F3", "filing_unreported"), ("H8", "filed_count_differs")],
    ),
}  # fmt: skip
