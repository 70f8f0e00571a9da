"""Load the plan an operator names, whatever form it has: a shipped year, a folder, a workbook."""

from pathlib import Path

from consolidator.errors import OperatorError
from consolidator.intake.plan_book import read_plan_book
from consolidator.plan.check import plan_of
from consolidator.plan.model import Plan
from consolidator.plan.tables import PlanTables, find_source, read_tables

SUFFIX = ".xlsx"


def tables_named(spec: str) -> PlanTables:
    """Return the tables of the plan named ``spec``, judged by nobody yet.

    Raises:
        OperatorError: there is no such plan, or it cannot be read.
    """
    path = Path(spec)
    if path.suffix.lower() == SUFFIX and not path.is_dir():
        return read_plan_book(path)
    if path.is_file():
        raise OperatorError(
            f"“{spec}”不是目标任务工作簿（.xlsx）：正式文件请先用 consolidator plan import 读入。"
        )
    return read_tables(find_source(spec))


def load_plan(spec: str) -> Plan:
    """Load the plan named ``spec``.

    Raises:
        OperatorError: there is none, or it has an error; the first errors are named.
    """
    return plan_of(tables_named(spec), spec)
