"""Judge a plan's tables and build the plan: every fault is named with its place."""

import re
from collections import Counter
from collections.abc import Callable, Mapping

from consolidator.errors import OperatorError
from consolidator.files import is_safe_name
from consolidator.plan import annexes
from consolidator.plan.about import check_settings
from consolidator.plan.examining import Examination, read_number
from consolidator.plan.faults import Fault
from consolidator.plan.model import (
    DISTRICT,
    Accrual,
    Contact,
    Indicator,
    Kind,
    MeanKind,
    Plan,
    Reviewing,
    Unit,
    Weights,
)
from consolidator.plan.period import Period
from consolidator.plan.tables import COLUMNS, PlanTables, Row, find_source, read_tables
from consolidator.severity import Severity

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]|_x00[01][0-9A-Fa-f]_")
_NOT_APPLICABLE = "“--”"
_DASHES = {"--", "—", "——", "－－", "-"}


def load_plan(spec: str) -> Plan:
    """Load the plan named ``spec``: a shipped year or the path of a folder.

    Raises:
        OperatorError: there is none, or it has an error; the first errors are named.
    """
    return plan_of(read_tables(find_source(spec)), spec)


def plan_of(tables: PlanTables, spec: str) -> Plan:
    """Return the plan of the tables; ``spec`` is what the operator calls it.

    Raises:
        OperatorError: it has an error; the first errors are named.
    """
    plan, faults = examine(tables)
    errors = [fault for fault in faults if fault.severity is Severity.ERROR]
    if plan is None:
        first = "；".join(str(fault).rstrip("。") for fault in errors[:3])
        raise OperatorError(
            f"目标任务“{spec}”有 {len(errors)} 处错误：{first}。"
            f"请用 consolidator plan check --plan {spec} 查看全部并改正。"
        )
    return plan


def hold_period(plan: Plan, period: Period) -> None:
    """Hold that ``period`` lies in the plan's year.

    Raises:
        OperatorError: it does not.
    """
    if period.year != plan.year:
        raise OperatorError(
            f"报告期 {period.code} 不在 {plan.year} 年目标任务内：请改用 {plan.year} 年的报告期，"
            "或用 --plan 指定该年度的目标任务。"
        )


def find_unit(plan: Plan, called: str) -> int:
    """Return the position of the unit with this code, full or short name.

    Raises:
        OperatorError: there is none.
    """
    for place, one in enumerate(plan.units):
        if called in (one.code, one.name, one.short):
            return place
    known = "、".join(f"{one.short}（{one.code}）" for one in plan.units)
    raise OperatorError(f"没有单位“{called}”：请写单位的名称或代码，有 {known}。")


def examine(tables: PlanTables) -> tuple[Plan | None, list[Fault]]:
    """Build the plan, or say why not: a plan comes back only where there is no error."""
    found = Examination([*tables.faults], tables.wording)
    settings = check_settings(found, tables.settings)
    _hold_characters(found, tables)
    units = _units(found, tables.rows["units"])
    indicators = _indicators(found, tables.rows["indicators"])
    targets = _targets(found, tables, units, indicators)
    _check_parts(found, tables.rows["targets"], units, indicators, targets)
    _check_weights(found, tables.rows["indicators"])
    district = annexes.district_targets(found, tables.rows["district_targets"], indicators)
    items = annexes.review_items(found, tables.rows["review_items"])
    contacts = annexes.contacts(found, tables.rows["contacts"], units)
    if settings is None or found.failed:
        return None, found.faults
    return Plan(
        name=str(settings["name"]),
        year=settings["year"],
        title=settings["title"],
        note=settings["note"],
        deadline_days=settings["deadline_days"],
        contact=Contact(**settings["contact"]),
        units=units,
        indicators=indicators,
        targets=targets,
        weights=Weights(**{key: float(value) for key, value in settings["weights"].items()}),
        reviewing=Reviewing(MeanKind(settings["review"]["mean"])),
        district_targets=district,
        review_items=items,
        contacts=contacts,
    ), found.faults


def _hold_characters(found: Examination, tables: PlanTables) -> None:
    """Hold that no text has a control character: a workbook cannot hold it."""
    for rows in tables.rows.values():
        for row in rows:
            for column, text in row.values.items():
                if _CONTROL.search(text):
                    found.error(row.place(column), "含有看不见的控制字符，请重新写一遍。")


def _units(found: Examination, rows: tuple[Row, ...]) -> tuple[Unit, ...]:
    found.codes(rows, "code")
    for row in rows:
        if row["code"].casefold() == DISTRICT:
            found.error(row.place("code"), f"代码“{DISTRICT}”留给全区使用，请换一个代码。")
    if not rows:
        found.error(found.wording.table("units"), "没有单位，请至少列一个。")
    for column in ("name", "short"):
        seen = Counter(row[column] for row in rows)
        for row in rows:
            if not row[column]:
                found.error(row.place(column), "名称空缺，请补上。")
            elif seen[row[column]] > 1:
                found.error(row.place(column), f"名称“{row[column]}”重复，请改为唯一的名称。")
    for row in rows:
        if row["code"] in COLUMNS["targets"]:
            found.error(row.place("code"), f"代码“{row['code']}”另有用处，请换一个。")
        if row["short"] and not is_safe_name(row["short"]):
            found.error(row.place("short"), f"“{row['short']}”不能用作文件名，请换一个简称。")
    return tuple(Unit(row["code"], row["name"], row["short"]) for row in rows)


def _indicators(found: Examination, rows: tuple[Row, ...]) -> tuple[Indicator, ...]:
    found.codes(rows, "code")
    if not rows:
        found.error(found.wording.table("indicators"), "没有指标，请至少列一个。")
    indicators = tuple(_indicator(found, row) for row in rows)
    by_code = {one.code: one for one in indicators}
    amounts = Counter(amount.code for one in indicators for amount in one.amounts)
    for row, one in zip(rows, indicators, strict=True):
        if one.parent and one.parent not in by_code:
            found.error(row.place("parent"), f"上级指标“{one.parent}”不存在，请改正。")
        elif _in_circle(one, by_code):
            found.error(row.place("parent"), "上级指标绕成了圈，请改正。")
        elif one.parent and Kind.RATIO in (one.kind, by_code[one.parent].kind):
            found.error(row.place("parent"), "比率不能有上下级，请删去。")
        for amount in one.amounts:
            if amounts[amount.code] > 1 or amount.code in by_code:
                found.error(row.place(), f"代码“{amount.code}”重复，请改为唯一的代码。")
    return indicators


def _in_circle(one: Indicator, by_code: Mapping[str, Indicator]) -> bool:
    """Tell whether an indicator is, over whatever steps, part of itself."""
    seen: set[str] = set()
    here: Indicator | None = one
    while here is not None and here.parent:
        if here.parent == one.code:
            return True
        if here.parent in seen:
            return False
        seen.add(here.parent)
        here = by_code.get(here.parent)
    return False


def _indicator(found: Examination, row: Row) -> Indicator:
    found.filled([row], "name", "measure")
    kind = found.choice(row, "kind", Kind)
    if kind is Kind.QUOTIENT:
        words = " 或 ".join(map(found.wording.word, (Kind.COUNT, Kind.RATIO)))
        found.error(row.place("kind"), f"附件2 的指标只能是 {words}，请改正。")
    ratio = kind is Kind.RATIO
    district = row["district_target"]
    return Indicator(
        code=row["code"],
        number=int(found.number(row.place("number"), row["number"], low=1)),
        group=row["group"],
        name=row["name"],
        measure=row["measure"],
        kind=kind,
        accrual=found.choice(row, "accrual", Accrual),
        parent=row["parent"] or None,
        first_quarter=int(
            found.number(row.place("first_quarter"), row["first_quarter"], low=1, high=4)
        ),
        filed_kinds=tuple(part for part in row["filed_kinds"].split("|") if part),
        numerator=found.amount(row, "numerator", wanted=ratio),
        denominator=found.amount(row, "denominator", wanted=ratio),
        district_target=(
            found.number(row.place("district_target"), district, high=1) if district else None
        ),
        weight=found.number(row.place("weight"), row["weight"]) if row["weight"] else None,
        meaning=row["meaning"],
        rule=row["rule"],
    )


def _targets(
    found: Examination,
    tables: PlanTables,
    units: tuple[Unit, ...],
    indicators: tuple[Indicator, ...],
) -> dict[tuple[str, str], float | None]:
    rows = tables.rows["targets"]
    columns, wording = tables.unit_columns, tables.wording
    unit_codes = {unit.code for unit in units}
    by_code = {one.code: one for one in indicators}
    found.codes(rows, "indicator")
    for column in columns:
        if column not in unit_codes:
            found.error(wording.head("targets"), f"单位代码“{column}”不认识，请改正。")
    for unit in units:
        if unit.code not in columns:
            found.error(
                wording.head("targets"), f"缺少单位“{unit.name}”（{unit.code}）的一列，请补上。"
            )
    for missing in by_code.keys() - {row["indicator"] for row in rows}:
        found.error(
            wording.table("targets"),
            f"缺少指标“{by_code[missing].name}”（{missing}）的一行，请补上。",
        )
    targets: dict[tuple[str, str], float | None] = {}
    for row in rows:
        indicator = by_code.get(row["indicator"])
        if indicator is None:
            found.error(row.place("indicator"), f"指标代码“{row['indicator']}”不认识，请改正。")
            continue
        if row["name"] != indicator.name:
            found.error(row.place("name"), f"名称与指标“{indicator.name}”不符，请核对是否错行。")
        for column in columns:
            if column in unit_codes:
                target = _target(found, row, column, indicator)
                targets[column, indicator.code] = target
    return targets


def _target(found: Examination, row: Row, column: str, indicator: Indicator) -> float | None:
    place, text = row.place(column), row[column]
    if text in _DASHES:
        found.note(place, f"目标为“{text}”，该单位不考核此指标。")
        return None
    if not text:
        found.error(place, f"目标空缺；请填数字，不适用的写 {_NOT_APPLICABLE}。")
        return None
    value = read_number(text)
    ratio = indicator.kind is Kind.RATIO
    rules: tuple[tuple[Callable[[float], bool], str], ...] = (
        (lambda v: v < 0, "目标不能为负数。"),
        (lambda v: ratio and v > 1, "比率应在 0 到 1（0% 到 100%）之间。"),
        (lambda v: not ratio and v != int(v), "目标应为整数。"),
    )
    if value is None:
        found.error(place, f"目标“{text}”不是数字；不适用的写 {_NOT_APPLICABLE}。")
        return None
    for broken, message in rules:
        if broken(value):
            found.error(place, f"“{text}”：{message}")
            return None
    if value == 0:
        found.warn(place, "目标为 0：完成率显示为“—”，不计分；请确认不是漏填。")
    return value


def _check_parts(
    found: Examination,
    rows: tuple[Row, ...],
    units: tuple[Unit, ...],
    indicators: tuple[Indicator, ...],
    targets: Mapping[tuple[str, str], float | None],
) -> None:
    names = {one.code: one.name for one in indicators}
    row_of = {row["indicator"]: row for row in rows}
    for part in indicators:
        if part.parent not in names:
            continue
        for unit in units:
            mine = targets.get((unit.code, part.code))
            whole = targets.get((unit.code, part.parent))
            if mine is not None and whole is not None and mine > whole:
                found.error(
                    row_of[part.code].place(unit.code),
                    f"“{part.name}”的目标 {mine:g} 大于"
                    f"“{names[part.parent]}”的 {whole:g}，请核对。",
                )


def _check_weights(found: Examination, rows: tuple[Row, ...]) -> None:
    """Hold that each number has one weight, or none has."""
    held: dict[str, set[str]] = {}
    for row in rows:
        held.setdefault(row["number"], set()).update({row["weight"]} - {""})
    given = {number for number, weights in held.items() if weights}
    told = set()
    for row in rows:
        if row["number"] in told:
            continue
        told.add(row["number"])
        if len(held[row["number"]]) > 1:
            found.error(row.place("weight"), "同一序号只能有一个权重，请只写在一行。")
        elif given and row["number"] not in given:
            found.error(row.place("weight"), "其他序号写了权重，这个序号也要写；或者都不写。")
    if given and not any(read_number(weight) for weights in held.values() for weight in weights):
        found.error(found.wording.column("indicators", "weight"), "权重不能都是 0。")
