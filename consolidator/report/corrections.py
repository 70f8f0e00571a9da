"""Make the correction workbooks: for each unit with errors, its own figures in a fresh form."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from consolidator.checks.findings import Finding
from consolidator.checks.selection import Settled, UnitResult, UnitStatus
from consolidator.excel.writer import to_bytes
from consolidator.forms.layout import Value
from consolidator.forms.quarterly.assignment import Assignment, Key, Previous, previous_of
from consolidator.forms.quarterly.correction import Problem, correction_book, file_name
from consolidator.intake.values import State, Submission
from consolidator.severity import Severity

FOLDER = "corrections"
_RESTORED = "本工作簿已恢复为下发时的内容，请核对后报送。"
_FILL_IN = "请在本工作簿中填写。"
_REMEDIES = {
    **dict.fromkeys(("locked_altered", "locked_text_altered", "formula_replaced"), _RESTORED),
    **dict.fromkeys(("formula_altered", "sheet_missing", "sheet_altered"), _RESTORED),
    "same_figures": "请核对是否误用了别的单位的数；核对无误的，请告知科技局。",
    **dict.fromkeys(("cell_lost", "row_doubled", "entry_merged", "sheet_lost"), _FILL_IN),
}
"""What to do in the correction workbook, where it is not what the finding says of the old file."""

_OF_BUREAU = ("sender_unknown", "file_changed", "stranger_passed", "last_mail_unused")
"""Codes of what the bureau has to look into, not the unit."""
_OF_ANOTHER = ("same_figures", "filing_elsewhere")
"""Codes whose finding names another unit."""


@dataclass(frozen=True, slots=True)
class Sealing:
    """What an issued workbook is locked and signed with."""

    passwords: Mapping[str, str] = field(default_factory=dict)
    """The protecting password of each unit's template, by unit code; none for others."""
    signing_key: bytes = b""


def correction_files(
    settled: Settled,
    folder: Path,
    *,
    previous: Previous | None,
    sealing: Sealing,
    notice: str = "",
) -> dict[str, tuple[Path, bytes]]:
    """Return where the correction workbook of every unit that needs one lies, and its content."""
    by_unit: dict[str, list[Finding]] = {}
    for one in settled.findings:
        by_unit.setdefault(one.unit, []).append(one)
    files: dict[str, tuple[Path, bytes]] = {}
    own = (settled.district,) if settled.district else ()
    for result in (*settled.units, *own):
        if result.status is UnitStatus.NEEDS_CORRECTION and result.submission:
            code = result.unit.code
            figures = previous_of(code, previous)
            plan = settled.plan.of(code)
            assignment = Assignment(
                plan, result.unit, settled.period, figures, signing_key=sealing.signing_key
            )
            answers = _answers(assignment, result.submission)
            assignment = replace(assignment, answers=answers)
            problems = list(problems_of(result, by_unit.get(code, [])))
            book = correction_book(
                assignment, problems, password=sealing.passwords.get(code, ""), notice=notice
            )
            files[code] = (folder / FOLDER / file_name(assignment), to_bytes(book))
    return files


def _answers(assignment: Assignment, submission: Submission) -> dict[Key, Value]:
    """Return what the unit entered: values as they were taken, unreadable ones as typed.

    A text field whose formula or error value could not be used is left blank: as a text it would
    pass for a name.
    """
    figures = {line.value_key for line in assignment.entries}
    answers: dict[Key, Value] = {}
    for key, one in submission.readings.items():
        if one.state is State.ENTERED:
            answers[key] = one.value
        elif one.state is State.UNREADABLE and (key in figures or not one.fault):
            answers[key] = one.raw
    return answers


def problems_of(result: UnitResult, findings: Iterable[Finding]) -> Iterator[Problem]:
    """Yield what a unit is asked to mend, in the order of its findings.

    Args:
        result: a unit with a submission.
        findings: those of the unit.
    """
    assert result.submission is not None
    keys = {
        (one.source.sheet, one.source.cell): key
        for key, one in result.submission.readings.items()
        if one.source.cell
    }
    for one in findings:
        if one.file != result.file or one.severity is Severity.INFO or one.code in _OF_BUREAU:
            continue
        place = " ".join(part for part in (one.sheet, one.cell) if part)
        key = one.field or keys.get((one.sheet, one.cell))
        remedy = _REMEDIES.get(one.code, one.remedy)
        message = one.message
        if one.code in _OF_ANOTHER:
            # Which neighbour it is concerns the bureau, not the neighbour's neighbour.
            message = message.replace(one.expected, "另一个单位")
        yield Problem(one.severity, key, place, message, remedy)
