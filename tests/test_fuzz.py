"""Random damage to a good return: the run ends, and no figure differs that nothing names.

``FUZZ_EXAMPLES`` in the environment sets how many damaged files each rule is tried on.
"""

import io
import os
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.exceptions import IllegalCharacterError

from consolidator.checks.findings import Finding
from consolidator.checks.run import check_returned
from consolidator.checks.selection import settle
from consolidator.files import sha256
from consolidator.forms.layout import address
from consolidator.forms.quarterly.addresses import MAIN, Places
from consolidator.forms.quarterly.assignment import Key
from consolidator.intake.brief import Brief
from consolidator.intake.returned import read_content
from consolidator.intake.values import Returned
from returns import NOON, Q4, SHIPPED, ask, good_answers
from workbook_parts import GOOD, ods, packed, parts, xls, xlsb

BRIEF = Brief(SHIPPED, Q4)
TYPED = {key: value for key, value in good_answers(ask()).items() if isinstance(value, float)}
PARTS = parts(GOOD)
NAMES = sorted(PARTS)
READ = [name for name in NAMES if "sheet" in name or "workbook" in name or "Strings" in name]
often = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "150")),
    suppress_health_check=[HealthCheck.too_slow],
)


def ended(content: bytes) -> tuple[Returned, list[Finding]]:
    """Read a damaged file; it ends in one status, and the statuses add up."""
    returned = read_content(content, "上报.xlsx", sha256(content), NOON, BRIEF)
    settled = settle([returned], SHIPPED, Q4)
    assert sum(settled.file_totals.values()) == 1
    assert sum(settled.unit_totals.values()) == len(SHIPPED.units)
    findings = check_returned(returned, SHIPPED)
    if returned.submission is None:
        assert returned.refusal is not None
        assert [one.code for one in findings] == [returned.refusal.code]
    return returned, findings


def hold_figures(content: bytes, typed: Mapping[Key, float]) -> None:
    """Hold that every figure is as typed, or that a finding names its cell."""
    returned, findings = ended(content)
    if returned.submission is None:
        return
    named = {(one.sheet, one.cell) for one in findings}
    for key, number in typed.items():
        reading = returned.submission.readings[key]
        told = (reading.source.sheet, reading.source.cell) in named
        assert reading.number == number or told, f"{key}: {reading} instead of {number}"


@often
@given(st.data())
def test_flipped_bytes_change_no_figure_unseen(data: st.DataObject) -> None:
    damaged = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(GOOD) - 1))] = data.draw(st.integers(0, 255))
    hold_figures(bytes(damaged), TYPED)


@often
@given(st.integers(0, len(GOOD)), st.integers(0, len(GOOD)))
def test_lost_pieces_change_no_figure_unseen(first: int, second: int) -> None:
    start, end = sorted((first, second))
    hold_figures(GOOD[:start] + GOOD[end:], TYPED)


@often
@given(st.sets(st.sampled_from(NAMES), min_size=1, max_size=3))
def test_dropped_parts_change_no_figure_unseen(names: set[str]) -> None:
    hold_figures(packed({name: part for name, part in PARTS.items() if name not in names}), TYPED)


@often
@given(st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_exchanged_parts_change_no_figure_unseen(one: str, other: str) -> None:
    hold_figures(packed({**PARTS, one: PARTS[other], other: PARTS[one]}), TYPED)


@often
@given(st.data())
def test_what_is_read_of_damaged_xml_is_what_another_reader_finds(data: st.DataObject) -> None:
    """Damage may look like something typed: then a second reader must find the same."""
    name = data.draw(st.sampled_from(READ))
    part = bytearray(PARTS[name])
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(part) - 1))
        action = data.draw(st.sampled_from(("change", "cut", "double", "exchange")))
        length = data.draw(st.integers(1, 60))
        if action == "change":
            part[place] = data.draw(st.sampled_from(b'0123456789<>/"= &;crvst-.\x00\xff'))
        elif action == "cut":
            del part[place : place + length]
        elif action == "double":
            part[place:place] = part[place : place + length]
        else:
            other = data.draw(st.integers(0, len(part) - 1))
            part[place], part[other] = part[other], part[place]
        if not part:
            break
    content = packed({**PARTS, name: bytes(part)})
    returned, findings = ended(content)
    if returned.submission is None:
        return
    named = {(one.sheet, one.cell) for one in findings}
    seen = second_reading(content)
    for key, reading in returned.submission.readings.items():
        source = (reading.source.sheet, reading.source.cell)
        if reading.number is not None and source not in named:
            assert seen is None or seen.get(source) == reading.number, f"{key}: {reading}"


def second_reading(content: bytes) -> dict[tuple[str, str], object] | None:
    """Read every cell with openpyxl; None where it gives the file up."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    except Exception:
        # The second reader is no stricter than it is; a file it refuses is not compared.
        return None
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
    }


@cache
def entry_cells() -> dict[Key, str]:
    """Name the cells of all figures in the form as issued."""
    places = Places(ask())
    return {key: address(*places.cell(key)) for key in TYPED}


pasted: st.SearchStrategy[object] = st.one_of(
    st.none(),
    st.integers(-3, 10**7),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.booleans(),
    st.text(max_size=12),
    st.sampled_from(["约12", "１２", "12家", "5万", "#N/A", "1,200", "=1+1", " ", "①", "1e3"]),
    st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)),
)


@often
@given(st.dictionaries(st.sampled_from(sorted(TYPED)), pasted, min_size=1, max_size=4))
def test_whatever_is_pasted_into_a_cell_is_taken_as_it_stands_or_named(
    changes: dict[Key, object],
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(GOOD))
    for key, value in changes.items():
        try:
            book[MAIN][entry_cells()[key]].value = value
        except (ValueError, IllegalCharacterError):
            return
    target = io.BytesIO()
    book.save(target)
    returned, findings = ended(target.getvalue())
    assert returned.submission is not None
    named = {one.cell for one in findings if one.sheet == MAIN}
    for key, value in changes.items():
        reading = returned.submission.readings[key]
        if entry_cells()[key] in named:
            continue
        assert isinstance(value, int | float), f"{value!r} was taken and nothing says so"
        assert not isinstance(value, bool)
        assert reading.number is not None
        assert abs(reading.number - value) <= 1e-9 * max(1.0, abs(value))
    for key in TYPED.keys() - changes.keys():
        assert returned.submission.readings[key].number == TYPED[key]


OLDER = {"上报.xls": xls(), "上报.xlsb": xlsb(), "上报.ods": ods()}


@often
@given(st.sampled_from(sorted(OLDER)), st.data())
def test_a_damaged_workbook_of_another_format_ends_in_one_status(
    name: str, data: st.DataObject
) -> None:
    # Nothing in these formats tells a changed number from the one that was typed.
    whole = OLDER[name]
    if name.endswith(".xls"):
        ended(flipped(whole, data))
        return
    held = parts(whole)
    part = data.draw(st.sampled_from(sorted(held)))
    ended(packed({**held, part: flipped(held[part], data)}))


def flipped(content: bytes, data: st.DataObject) -> bytes:
    """Change a few bytes anywhere, or take out what lies between two places."""
    if data.draw(st.booleans()):
        start, end = sorted(data.draw(st.integers(0, len(content))) for _ in range(2))
        return content[:start] + content[end:]
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    return bytes(damaged)


def test_what_the_fuzz_begins_with_is_a_good_return() -> None:
    returned, findings = ended(GOOD)
    assert findings == []
    assert returned.submission is not None
    assert {
        k: v.number for k, v in returned.submission.readings.items() if v.number is not None
    } == TYPED
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        assert set(archive.namelist()) == set(NAMES)
