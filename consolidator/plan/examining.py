"""What the examination of a plan finds: faults with their places, and values read on the way."""

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from consolidator.plan.faults import Fault
from consolidator.plan.model import Amount
from consolidator.plan.tables import TEXT, Row, Wording
from consolidator.severity import Severity

_NUMBER = re.compile(r"[+-]?(?:\d+|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d+)?%?", re.ASCII)
_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(slots=True)
class Examination:
    """The faults found so far while a plan is built."""

    faults: list[Fault] = field(default_factory=list)
    wording: Wording = TEXT
    _settled: set[str] = field(init=False)
    """Cells that the reading found at fault: nothing more is said of them."""

    def __post_init__(self) -> None:
        self._settled = {one.place for one in self.faults if one.severity is Severity.ERROR}

    @property
    def failed(self) -> bool:
        """Whether anything found so far is an error."""
        return self.errors > 0

    @property
    def errors(self) -> int:
        """How many errors were found so far."""
        return sum(fault.severity is Severity.ERROR for fault in self.faults)

    def error(self, place: str, message: str) -> None:
        """Note an error: the plan cannot be used."""
        if place not in self._settled:
            self.faults.append(Fault(Severity.ERROR, place, message))

    def warn(self, place: str, message: str) -> None:
        """Note what is probably a slip."""
        self.faults.append(Fault(Severity.WARNING, place, message))

    def note(self, place: str, message: str) -> None:
        """Note what a reader should know."""
        self.faults.append(Fault(Severity.INFO, place, message))

    def number(self, place: str, text: str, *, low: float = 0, high: float = math.inf) -> float:
        """Read a plain number of the plan's own text; 0 stands for one that is at fault."""
        value = read_number(text)
        if not text:
            self.error(place, "不能空缺，请补上数字。")
        elif value is None:
            self.error(place, f"“{text}”不是数字，请改为数字。")
        elif not low <= value <= high:
            limit = f"{low:g} 到 {high:g}" if high < math.inf else f"不小于 {low:g}"
            self.error(place, f"“{text}”超出范围，应为 {limit}。")
        else:
            return value
        return 0.0

    def choice(self, row: Row, column: str, choices: type[_Choice]) -> _Choice:
        """Read one of a fixed set of words."""
        try:
            return choices(row[column])
        except ValueError:
            allowed = "、".join(self.wording.word(one) for one in choices)
            wrong = f"“{row[column]}”不认识" if row[column] else "不能空缺"
            self.error(row.place(column), f"{wrong}，可用：{allowed}。")
            return next(iter(choices))

    def amount(self, row: Row, column: str, *, wanted: bool) -> Amount | None:
        """Read ``code:name:measure``, where the row's kind asks for it."""
        parts = [part.strip() for part in row[column].split(":")]
        if wanted and (len(parts) != 3 or not all(parts)):
            self.error(row.place(column), f"比率须写明{self.wording.word('amount')}，请补上。")
        elif not wanted and row[column]:
            self.error(row.place(column), "只有比率才有分子、分母，请删去。")
        elif wanted:
            return Amount(*parts)
        return None

    def filled(self, rows: Iterable[Row], *columns: str) -> None:
        """Hold that texts are there."""
        for row in rows:
            for column in columns:
                if not row[column]:
                    self.error(row.place(column), "不能空缺，请补上。")

    def codes(self, rows: tuple[Row, ...], column: str) -> None:
        """Hold that codes are there, plain and not repeated."""
        # Spreadsheets and Windows do not tell codes apart that differ in case alone.
        seen = Counter(row[column].casefold() for row in rows)
        for row in rows:
            code = row[column]
            if not code:
                self.error(row.place(column), "代码空缺，请补上。")
            elif not (code.isascii() and code.replace("_", "").isalnum()):
                self.error(row.place(column), f"代码“{code}”只能用英文字母、数字和下划线。")
            elif seen[code.casefold()] > 1:
                self.error(row.place(column), f"代码“{code}”重复，请改为唯一的代码。")


def read_number(text: str) -> float | None:
    """Read ``47.0%`` as 0.47 and ``86`` as 86, exactly as printed; None if it is no number."""
    plain = text.strip()
    if not _NUMBER.fullmatch(plain):
        return None
    scale = Decimal(100) if plain.endswith("%") else Decimal(1)
    return float(Decimal(plain.removesuffix("%").replace(",", "")) / scale)
