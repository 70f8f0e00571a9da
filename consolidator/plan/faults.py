"""A fault of a plan: something wrong or noteworthy, with its place."""

from dataclasses import dataclass

from consolidator.severity import Severity


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong or noteworthy in a plan, with its place, worded in Chinese."""

    severity: Severity
    place: str
    message: str

    def __str__(self) -> str:
        # What is quoted in it may hold line ends: people read one line.
        return " ".join(f"{self.place}：{self.message}".split())
