"""Give rows that staff added a code of their own: the same plan always gives the same ones."""

from collections.abc import Mapping
from dataclasses import replace

from consolidator.plan.faults import Fault
from consolidator.plan.tables import Row
from consolidator.severity import Severity

_STEMS = {"units": "unit", "indicators": "indicator", "district_targets": "target"}
_AMOUNTS = ("numerator", "denominator")


def with_codes(
    rows: Mapping[str, tuple[Row, ...]],
) -> tuple[dict[str, tuple[Row, ...]], tuple[Fault, ...]]:
    """Return every table with a code in each row, and a note on each that was derived.

    A derived code is the table's word and the row's number: ``unit12``; the next number that is
    free where another row has it.
    """
    coded = dict(rows)
    notes: list[Fault] = []
    for table, word in _STEMS.items():
        taken = {code.casefold() for row in rows[table] for code in _codes(row)}
        several = []
        for number, row in enumerate(rows[table], start=1):
            values = dict(row.values)
            if not row["code"]:
                values["code"] = _free(word, number, taken)
                notes.append(
                    Fault(
                        Severity.INFO, row.place("code"),
                        f"代码留空，暂用 {values['code']}；请用 plan export 另存一份，写进表里。",
                    )
                )  # fmt: skip
            for amount in _AMOUNTS:
                code, found, rest = values.get(amount, "").partition(":")
                if found and not code.strip():
                    stem = f"{values['code']}_{amount}"
                    values[amount] = f"{_free(stem, 0, taken)}:{rest}"
            several.append(replace(row, values=values))
        coded[table] = tuple(several)
    return coded, tuple(notes)


def _codes(row: Row) -> list[str]:
    amounts = (row.values.get(amount, "").partition(":")[0].strip() for amount in _AMOUNTS)
    return [code for code in (row["code"], *amounts) if code]


def _free(stem: str, number: int, taken: set[str]) -> str:
    code = f"{stem}{number or ''}"
    while code.casefold() in taken:
        number += 1
        code = f"{stem}{number}"
    taken.add(code.casefold())
    return code
