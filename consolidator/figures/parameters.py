"""What scores are computed with: the plan's defaults, and what staff set in their place.

The official scoring rules are not known; every number here is a default that the bureau may
change in the plan or in the district workbook.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from consolidator.checks.findings import Finding, plain
from consolidator.plan.model import Plan
from consolidator.plan.period import Period

CAP, QUANTITY, REVIEW, TIME_PROGRESS = "cap", "quantity", "review", "time_progress"
_LEAST_CAP, _MOST_CAP, _MOST_WEIGHT = 0.01, 10.0, 1_000.0
_LEAST_TIME = 0.01

Typed = Mapping[str, float | str]
"""What staff typed, by the parameter's key; text where it was no number."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number that scores depend on."""

    key: str
    name: str
    meaning: str
    default: float
    """The plan's own, or for the time progress the period's."""
    typed: float | str | None
    least: float
    most: float
    share: bool = False
    """Whether it is a share, shown in per cent."""

    @property
    def adopted(self) -> bool:
        """Whether what staff typed takes the default's place: a number within the bounds."""
        return isinstance(self.typed, (int, float)) and self.least <= self.typed <= self.most

    def shown(self, number: float) -> str:
        """Return a number as it is shown: a share in per cent."""
        return f"{number:.0%}" if self.share else f"{number:g}"

    @property
    def used(self) -> float:
        """Return what staff typed where it can be used, else the default."""
        return float(self.typed) if self.adopted and self.typed is not None else self.default


@dataclass(frozen=True)
class Parameters:
    """Every parameter, in the order in which staff see them."""

    all: tuple[Parameter, ...]

    def used(self, key: str) -> float:
        """Return the value of the parameter ``key``."""
        return next(one.used for one in self.all if one.key == key)

    @property
    def weights(self) -> Mapping[int, float]:
        """The weight of each number of annex 2."""
        return {
            int(one.key.removeprefix(_WEIGHT)): one.used
            for one in self.all
            if one.key.startswith(_WEIGHT)
        }


_WEIGHT = "weight_"


def weight_key(number: int) -> str:
    """Return the key of the parameter that weighs a number of annex 2."""
    return f"{_WEIGHT}{number}"


def parameters(plan: Plan, period: Period, typed: Typed) -> Parameters:
    """Gather the parameters of a period, with what staff typed in an earlier workbook."""
    names: dict[int, list[str]] = {}
    for one in plan.indicators:
        names.setdefault(one.number, []).append(one.group or one.name)

    def of(
        key: str, name: str, meaning: str, default: float, least: float, most: float, *,
        share: bool = False,
    ) -> Parameter:  # fmt: skip
        return Parameter(key, name, meaning, default, typed.get(key), least, most, share)

    common = (
        of(TIME_PROGRESS, "时间进度", "状态（达到、接近、滞后）按此判断。",
           period.time_progress, _LEAST_TIME, 1.0, share=True),
        of(CAP, "单项完成率封顶", "完成率高于此数的，按此数计分。",
           plan.weights.achievement_cap, _LEAST_CAP, _MOST_CAP, share=True),
        of(QUANTITY, "数量分占总分", "附件2各项指标得分合计占总分多少分。",
           plan.weights.quantity, 0.0, _MOST_WEIGHT),
        of(REVIEW, "评议分占总分", "附件3评议占总分多少分；没有评议结果的报告期不计。",
           plan.weights.review, 0.0, _MOST_WEIGHT),
    )  # fmt: skip
    weights = tuple(
        of(weight_key(number), f"序号 {number} 权重",
           f"{'、'.join(dict.fromkeys(names[number]))}（{len(names[number])} 行平分）"
           if len(names[number]) > 1 else names[number][0],
           weight, 0.0, _MOST_WEIGHT)
        for number, weight in plan.number_weights.items()
    )  # fmt: skip
    return Parameters((*common, *weights))


def parameter_findings(found: Parameters) -> Iterator[Finding]:
    """List every parameter that staff changed, and those whose text or number cannot be used."""
    for one in found.all:
        if one.typed is None:
            continue
        code = "parameter_changed" if one.adopted else "parameter_refused"
        said = one.typed if isinstance(one.typed, str) else plain(one.typed)
        if not one.adopted:
            said += f"（应为 {one.shown(one.least)} 到 {one.shown(one.most)} 的数字）"
        yield Finding(code, name=one.name, found=said, expected=plain(one.default))
