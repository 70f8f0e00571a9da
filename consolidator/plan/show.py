"""Show a plan as annex 2 prints it: indicators down, units across."""

from typing import Any

from consolidator.plan.model import Kind, Plan


def plan_rows(plan: Plan) -> tuple[list[str], list[list[str]]]:
    """Return the heading and the rows of the plan's table as text, the district last."""
    columns = ["序号", "指标", *(unit.short for unit in plan.units), "全区"]
    rows = []
    for one in plan.indicators:
        targets = [plan.target(unit.code, one.code) for unit in plan.units]
        ratio = one.kind is Kind.RATIO
        numbers = [_shown(number, ratio=ratio) for number in (*targets, plan.district_target(one))]
        rows.append([str(one.number), f"{one.label}（{one.measure}）", *numbers])
    return columns, rows


def _shown(number: float | None, *, ratio: bool) -> str:
    if number is None:
        return "—"
    return f"{number:.1%}" if ratio else f"{number:,.0f}"


def plan_json(plan: Plan) -> dict[str, Any]:
    """Return the plan's table for programs: ratios as fractions, not applicable as null."""
    return {
        "plan": plan.name,
        "year": plan.year,
        "title": plan.title,
        "units": [{"code": unit.code, "name": unit.name} for unit in plan.units],
        "indicators": [
            {
                "code": one.code,
                "number": one.number,
                "name": one.name,
                "measure": one.measure,
                "kind": str(one.kind),
                "parent": one.parent,
                "targets": {unit.code: plan.target(unit.code, one.code) for unit in plan.units},
                "district": plan.district_target(one),
            }
            for one in plan.indicators
        ],
    }
