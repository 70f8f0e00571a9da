"""Each entry cell by itself: filled, a number, not negative, whole; who filled and when."""

from collections.abc import Iterator

from consolidator.checks.case import Case
from consolidator.checks.findings import Finding, plain
from consolidator.forms.quarterly.assignment import (
    LIST_KEYS,
    SIGNERS,
    STATEMENT,
    STATEMENT_NAME,
    TEXT_LIMIT,
    FieldKind,
    Key,
    Line,
)
from consolidator.intake.values import Reading, State


def figures(case: Case) -> Iterator[Finding]:
    """Check the figure of every line: at most one error a cell."""
    for line in case.assignment.entries:
        reading = case.readings[line.value_key]
        voids = (line.indicator.code,)
        code, found, expected = _judge(reading, line)
        if code:
            yield case.finding(
                code, reading.source, line=line, found=found, expected=expected, voids=voids,
                key=line.value_key,
            )  # fmt: skip


def _judge(reading: Reading, line: Line) -> tuple[str, str, str]:
    number = reading.number
    if reading.fault:
        return reading.fault, reading.raw.strip(), ""
    if reading.state is State.BLANK:
        return "blank", "", ""
    if reading.state is State.UNREADABLE or number is None:
        return "not_a_number", reading.raw.strip(), reading.reason
    if number < 0:
        return "negative", plain(number), ""
    if line.kind is FieldKind.COUNT and number != int(number):
        return "not_whole", plain(number), ""
    if reading.normalised:
        return "normalised", reading.raw, plain(number)
    return "", "", ""


def faults(case: Case) -> Iterator[Finding]:
    """Name every other entry cell whose content cannot be used, or that is gone.

    A cell of the filed list that is gone or unreadable voids what counts its rows.
    """
    figures_of = {line.value_key for line in case.assignment.entries}
    lines = {line.remark_key: line for line in case.assignment.headline}
    for key, reading in case.readings.items():
        if not reading.fault or key in figures_of or _told(case, key, reading):
            continue
        voids = case.filed_indicators if key.row in LIST_KEYS else ()
        yield case.finding(
            reading.fault, reading.source, line=lines.get(key), name=case.assignment.called(key),
            found=reading.raw.strip(), voids=voids, key=key,
        )  # fmt: skip


def _told(case: Case, key: Key, reading: Reading) -> bool:
    """Tell whether the figure beside it says already that the whole row is gone."""
    figure = case.readings.get(Key(key.row, "actual")) if key.column == "remark" else None
    return figure is not None and figure.fault == reading.fault and reading.state is State.LOST


def remarks(case: Case) -> Iterator[Finding]:
    """Warn of texts longer than the form allows; they are kept whole all the same."""
    for line in case.assignment.headline:
        reading = case.readings[line.remark_key]
        if len(reading.raw) > TEXT_LIMIT:
            yield case.finding("text_too_long", reading.source, line=line, expected=str(TEXT_LIMIT))
    statement = case.readings.get(STATEMENT)
    if statement and len(statement.raw) > TEXT_LIMIT:
        yield case.finding(
            "text_too_long", statement.source, name=STATEMENT_NAME, expected=str(TEXT_LIMIT)
        )


def signers(case: Case) -> Iterator[Finding]:
    """Check that it says who filled and approved it, a telephone number and a date."""
    for key, (name, _) in SIGNERS.items():
        reading = case.readings[key]
        if reading.fault:
            continue
        if reading.state is State.BLANK:
            yield case.finding("signer_blank", reading.source, name=name)
        elif reading.state is State.UNREADABLE:
            yield case.finding(
                "not_a_date", reading.source, name=name, found=reading.raw, expected=reading.reason
            )
        elif reading.normalised:
            yield case.finding(
                "normalised",
                reading.source,
                name=name,
                found=reading.raw,
                expected=str(reading.value),
            )
