"""Take a round as it stands: read what came back, and settle it with what staff decided before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from consolidator.checks.decisions import Decisions
from consolidator.checks.findings import in_order
from consolidator.checks.register_matching import Held, hold
from consolidator.checks.selection import Settled, settle
from consolidator.errors import OperatorError
from consolidator.figures.adjustments import Adjustment, FigureKey, adjustment_findings
from consolidator.figures.history import History
from consolidator.figures.parameters import (
    TIME_PROGRESS,
    Parameters,
    parameter_findings,
    parameters,
)
from consolidator.figures.table import reported
from consolidator.forms.quarterly.assignment import Previous
from consolidator.intake.brief import Brief
from consolidator.intake.folder import find_files, named_beside
from consolidator.intake.letters import Letter, letters_of
from consolidator.intake.register import read_register
from consolidator.intake.workers import read_all
from consolidator.plan.check import hold_period
from consolidator.report.book import file_name
from consolidator.report.decisions_book import file_name as decisions_name
from consolidator.report.decisions_book import read_decisions
from consolidator.report.previous import Earlier, open_earlier


@dataclass(frozen=True, slots=True)
class Round:
    """What came back for a period, settled, and what it was settled with."""

    settled: Settled
    files: Sequence[tuple[Path, str]]
    """What was read, and how findings call it."""
    letters: Mapping[str, Letter]
    """How files came, by their names, where they came by mail."""
    decisions: Decisions
    earlier: Earlier | None
    """The period's district workbook as it stands, None where there is none yet."""
    adjustments: Mapping[FigureKey, Adjustment]
    typed: Parameters
    history: History
    held: Held | None
    """None where no register was given."""


def take_round(
    brief: Brief,
    paths: Sequence[Path],
    folder: Path,
    *,
    previous: Previous | None = None,
    history: History | None = None,
    register: Path | None = None,
    begin: Callable[[int], Callable[[], object]] = lambda total: lambda: None,
) -> Round:
    """Read every file below ``paths`` and settle what counts; nothing is written.

    Args:
        brief: what is asked for; its period is the one that is taken.
        paths: files and folders that came back.
        folder: where the district workbook and the decisions of the period lie.
        previous: the period before's figures, by unit code and line key.
        history: the year's earlier periods.
        register: the register of filings; it is no return, even where it lies among them.
        begin: gets the number of files and returns what is called after each.

    Raises:
        OperatorError: another year's period, a path that is not there, a register, an earlier
            district or decisions workbook that cannot be read.
    """
    plan, period = brief.plan, brief.period
    assert period is not None
    hold_period(plan, period)
    deciding = folder / decisions_name(period)
    earlier = open_earlier(folder / file_name(period), plan, period)
    adjustments = earlier.adjustments() if earlier else {}
    history = history or History()
    typed = parameters(plan, period, earlier.parameters() if earlier else _taken_over(history))
    decisions = read_decisions(deciding, plan, period)
    if not deciding.exists() and earlier and (count := earlier.count_decisions()):
        raise OperatorError(
            f"上次汇总有 {count} 条处理意见，这次找不到“{deciding}”："
            "请从 history 或备份复制回原处再汇总；确实不要了的，把汇总表也移走。"
        )
    files = find_files(paths)
    filed = None
    if register:
        files = [one for one in files if not _same(one[0], register)]
        name = named_beside(register, [name for _, name in files])
        filed = read_register(register, name, plan, brief.passwords)
    files, letters = letters_of(files)
    read = read_all(files, brief, step=begin(len(files)))
    settled = settle(read, plan, period, previous=previous, decisions=decisions, letters=letters)
    if earlier:
        history = replace(history, first_seen={**earlier.first_seen(), **history.first_seen})
    notes = [*parameter_findings(typed), *history.findings(plan)]
    if adjustments:
        notes += adjustment_findings(adjustments, reported(settled), plan, period)
    settled = replace(settled, findings=tuple(in_order([*settled.findings, *notes])))
    held = hold(filed, settled) if filed else None
    if held:
        settled = replace(settled, findings=tuple(in_order([*settled.findings, *held.findings])))
    return Round(settled, files, letters, decisions, earlier, adjustments, typed, history, held)


def _same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


def _taken_over(history: History) -> dict[str, float | str]:
    """Return the parameters of the period before, its own time progress left out."""
    known = history.last.parameters if history.last else {}
    return {key: one for key, one in known.items() if key != TIME_PROGRESS}
