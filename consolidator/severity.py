"""How much something found matters, in a plan or in a return."""

from enum import StrEnum


class Severity(StrEnum):
    """An error must be mended, a warning looked at, a note only read."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def chinese(self) -> str:
        """The word people see."""
        return {"error": "错误", "warning": "警告", "info": "提示"}[self]
