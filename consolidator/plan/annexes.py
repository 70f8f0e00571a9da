"""Examine what stands beside annex 2: the district's own targets, review items, contacts."""

import re
from collections import Counter
from collections.abc import Mapping

from consolidator.plan.examining import Examination
from consolidator.plan.model import (
    DistrictTarget,
    Indicator,
    Kind,
    ReviewItem,
    Unit,
    UnitContact,
)
from consolidator.plan.tables import Row

_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}")


_SAMPLES = ("example.com", "example.net", "example.org", "example")


def is_address(text: str) -> bool:
    """Tell whether a text is a mail address and nothing else."""
    return bool(_ADDRESS.fullmatch(text)) and ".." not in text


def is_sample(address: str) -> bool:
    """Tell whether an address can reach nobody: its domain is reserved for examples (RFC 2606)."""
    domain = address.rpartition("@")[2].casefold()
    return domain in _SAMPLES or domain.endswith(tuple(f".{one}" for one in _SAMPLES))


def district_targets(
    found: Examination, rows: tuple[Row, ...], indicators: tuple[Indicator, ...]
) -> tuple[DistrictTarget, ...]:
    """Build annex 1."""
    found.codes(rows, "code")
    found.filled(rows, "number", "name", "measure")
    by_code = {one.code: one for one in indicators}
    taken = Counter([row["code"] for row in rows])
    targets = []
    for row in rows:
        kind = found.choice(row, "kind", Kind)
        source = row["source"] or None
        entered = kind is not Kind.COUNT and source is None
        one = DistrictTarget(
            code=row["code"],
            number=row["number"],
            name=row["name"],
            measure=row["measure"],
            kind=kind,
            target=found.number(
                row.place("target"), row["target"], high=1 if kind is Kind.RATIO else 1e12
            ),
            parent=row["parent"] or None,
            first_quarter=int(
                found.number(row.place("first_quarter"), row["first_quarter"], low=1, high=4)
            ),
            source=source,
            numerator=found.amount(row, "numerator", wanted=entered),
            denominator=found.amount(row, "denominator", wanted=entered),
        )
        taken.update(amount.code for amount in one.amounts)
        _hold_source(found, row, one, by_code)
        targets.append(one)
    counts = {one.code for one in targets if one.kind is Kind.COUNT}
    for row, one in zip(rows, targets, strict=True):
        if one.parent and (one.parent not in counts - {one.code} or one.code not in counts):
            found.error(row.place("parent"), "上级须是附件1的另一项计数指标，请改正或删去。")
        for amount in one.amounts:
            if taken[amount.code] > 1:
                found.error(row.place(), f"代码“{amount.code}”重复，请改为唯一的代码。")
    return tuple(targets)


def _hold_source(
    found: Examination, row: Row, one: DistrictTarget, by_code: Mapping[str, Indicator]
) -> None:
    """Hold that the figure can come from the units, and that both targets are one."""
    if one.source is None:
        return
    indicator = by_code.get(one.source)
    if indicator is None:
        found.error(row.place("source"), f"指标“{one.source}”不认识，请改正。")
    elif one.kind is not indicator.kind:
        found.error(row.place("source"), f"与指标“{indicator.name}”不是同一类，请改正。")
    elif indicator.district_target is not None and indicator.district_target != one.target:
        found.error(
            row.place("target"), f"与指标“{indicator.name}”的全区目标不同，请核对后改为一致。"
        )


def review_items(found: Examination, rows: tuple[Row, ...]) -> tuple[ReviewItem, ...]:
    """Build annex 3."""
    found.filled(rows, "name")
    seen = Counter(row["number"] for row in rows)
    for row in rows:
        if seen[row["number"]] > 1:
            found.error(row.place("number"), f"序号“{row['number']}”重复，请改正。")
    return tuple(
        ReviewItem(
            int(found.number(row.place("number"), row["number"], low=1)),
            row["name"],
            found.number(row.place("full_marks"), row["full_marks"]),
        )
        for row in rows
    )


def contacts(
    found: Examination, rows: tuple[Row, ...], units: tuple[Unit, ...]
) -> dict[str, UnitContact]:
    """Build the units' contacts by unit code; a unit without an address is warned of."""
    found.filled(rows, "unit")
    seen = Counter(row["unit"] for row in rows)
    by_code = {unit.code: unit for unit in units}
    held: dict[str, UnitContact] = {}
    for row in rows:
        called = row["unit"]
        if called not in by_code:
            if called:
                found.error(
                    row.place("unit"),
                    f"没有单位“{called}”：请改正；单位改过名称的，请重新选择。",
                )
            continue
        if seen[called] > 1:
            found.error(row.place("unit"), "同一单位有几行联系人，请合并为一行。")
        copies = tuple(part.strip() for part in row["copy"].split(";") if part.strip())
        for column, addresses in (("mail", [row["mail"]] if row["mail"] else []), ("copy", copies)):
            for address in addresses:
                if not is_address(address):
                    found.error(row.place(column), f"“{address}”不是邮箱地址，请改正。")
        held[row["unit"]] = UnitContact(row["unit"], row["name"], row["mail"], copies)
    _warn_of_shared(found, held, by_code)
    for unit in units:
        if unit.code not in held or not held[unit.code].mail:
            found.warn(
                found.wording.table("contacts"),
                f"“{unit.name}”没有邮箱地址，填报表和更正表不知发到哪里，请补上。",
            )
    return held


def _warn_of_shared(
    found: Examination, held: Mapping[str, UnitContact], by_code: Mapping[str, Unit]
) -> None:
    """Warn of units with one address: each would get the other's templates."""
    owners: dict[str, list[str]] = {}
    for code, contact in held.items():
        if contact.mail:
            owners.setdefault(contact.mail.casefold(), []).append(by_code[code].name)
    for address, names in owners.items():
        if len(names) > 1:
            found.warn(
                found.wording.table("contacts"),
                f"{'、'.join(f'“{one}”' for one in names)}的邮箱都是 {address}，"
                "各单位的表会发到同一个邮箱，请核对。",
            )
