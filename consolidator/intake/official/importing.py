"""Read whatever holds a plan: its workbook as it is, an official document onto a base plan."""

from collections.abc import Callable
from pathlib import Path

from consolidator.errors import OperatorError
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.formats.sniff import Kind, sniff
from consolidator.intake.limits import PLAN
from consolidator.intake.official.document import read_document
from consolidator.intake.official.understanding import Understanding
from consolidator.intake.opening import open_workbook
from consolidator.intake.plan_book import is_plan_book, tables_of_book
from consolidator.plan.tables import PlanTables


def read_file(
    path: Path, base: Callable[[], PlanTables]
) -> tuple[PlanTables, Understanding | None]:
    """Return the plan in a file; what was understood of it where it is no plan workbook.

    Raises:
        OperatorError: the file or the base cannot be read, or no plan is found in it.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise OperatorError(f"“{path}”读不出来：请检查路径，并关闭后重试。") from error
    if _is_plan_book(content):
        return tables_of_book(content, str(path)), None
    understanding = read_document(content, str(path), base())
    return understanding.plan, understanding


def _is_plan_book(content: bytes) -> bool:
    if len(content) > PLAN.file_mb * 2**20 or sniff(content) is not Kind.OOXML:
        return False
    try:
        return is_plan_book(open_workbook(content, limits=PLAN))
    except NotReadableError:
        return False
