"""Read one returned file: a submission with every entry cell, or the reason why it is none."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from consolidator.files import sha256, sha256_of
from consolidator.forms.layout import Value
from consolidator.forms.quarterly import derive
from consolidator.forms.quarterly.addresses import Places
from consolidator.forms.quarterly.assignment import FORM, Asking, Assignment, Key
from consolidator.intake.archive import Member, member_content, members
from consolidator.intake.brief import Brief
from consolidator.intake.entries import read_entries
from consolidator.intake.form_tables import FormTables, find_form
from consolidator.intake.formats.marks import Remark
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.formats.sniff import Kind, sniff
from consolidator.intake.identity import (
    find_stamp,
    hold_name,
    hold_stamp,
    stamped_period,
    top_of,
)
from consolidator.intake.opening import Opened, open_workbook
from consolidator.intake.outcomes import observed_in, refused, saved_at
from consolidator.intake.review import read_review
from consolidator.intake.tampering import differences, said, same
from consolidator.intake.values import (
    Observed,
    Reading,
    Refusal,
    Returned,
    Source,
    Submission,
)

_LEFTOVERS = ("~$", "._", ".")
_LEFTOVER_NAMES = {"thumbs.db", "desktop.ini"}
_HASHED = 2**30
"""Bytes of a file too large to be read that is still known by its SHA-256."""


def read_returned(path: Path, name: str, brief: Brief) -> Returned:
    """Read the file at ``path``; ``name`` is how findings call it.

    Never raises for what is in the file: every file ends as a submission or with a refusal. An
    archive is not looked into: see `read_file`.
    """
    return read_file(path, name, brief, member=None, look_inside=False)[0]


def read_file(
    path: Path, name: str, brief: Brief, *, member: int | None, look_inside: bool = True
) -> tuple[Returned, tuple[Member, ...]]:
    """Read a file, or a member of an archive; of an archive, return its members too.

    Never raises for what is in the file.
    """
    if _is_leftover(name):
        return Returned(name, "", refusal=Refusal("file_leftover"), ignored=True), ()
    try:
        stat = path.stat()
        if stat.st_size > brief.limits.file_mb * 2**20:
            refusal = Refusal("file_too_large", f"{stat.st_size / 2**20:.0f} MB")
            digest = sha256_of(path) if stat.st_size <= _HASHED else ""
            return refused(name, digest, refusal, stat.st_size), ()
        content = path.read_bytes()
        if member is not None:
            content = member_content(content, member, brief.limits)
        modified = datetime(1970, 1, 1) + timedelta(seconds=stat.st_mtime)
    except OSError as error:
        return Returned(name, "", refusal=Refusal("file_unreadable", _why(error))), ()
    except NotReadableError as problem:
        return refused(name, "", problem.refusal), ()
    digest = sha256(content)
    if look_inside and member is None and sniff(content) is Kind.ARCHIVE:
        return _archive(name, digest, content, brief)
    read = read_content if brief.reviewers is None else read_review
    return read(content, name, digest, modified, brief), ()


def read_content(
    content: bytes, name: str, digest: str, modified: datetime, brief: Brief
) -> Returned:
    """Read a file's content; ``modified`` stands in where it does not tell when it was saved."""
    unit = ""
    try:
        opened = open_workbook(content, limits=brief.limits, passwords=brief.passwords)
        top = top_of(opened)
        stamp = find_stamp(opened, top)
        plan = brief.plan.of(stamp.unit)
        unit = stamp.unit if stamp.unit in plan.unit_by_code else ""
        period = brief.period or stamped_period(stamp, plan)
        about_stamp = list(hold_stamp(stamp, plan, period, brief.signing_key))
        assignment = Assignment(plan, plan.unit_by_code[unit], period, form=stamp.form)
        hold_name(top, assignment)
        places = Places(assignment)
        tables = find_form(opened, assignment, places)
    except NotReadableError as problem:
        return refused(name, digest, replace(problem.refusal, unit=unit), len(content))
    readings, observed = read_entries(tables, assignment, name)
    issued = brief.issued.of(assignment)
    alike = stamp.wording in ("", plan.wording)
    remarks = (*about_stamp, *opened.remarks, *tables.remarks, *_about_form(opened, assignment))
    altered = list(differences(opened, tables, issued, places, name, worded_alike=alike))
    told = {one.source for one in altered}
    stale = [one for one in _stale(assignment, tables, readings, name) if one.source not in told]
    submission = Submission(
        stamp=stamp,
        saved=saved_at(opened.saved, modified),
        readings=readings,
        observed=(*(observed_in(one, name) for one in remarks), *observed, *altered, *stale),
    )
    return Returned(name, digest, submission=submission, size=len(content))


def moved_cells(assignment: Assignment) -> list[str]:
    """List the entry cells of an older form that stand elsewhere in the present one."""
    old, new = Places(assignment), Places(replace(assignment, form=FORM))
    lines = {line.key: line for line in assignment.entries}
    found = []
    for key in (*(line.value_key for line in lines.values()), *assignment.below):
        if old.cell(key) != new.cell(key):
            name = lines[key.row].name if key.row in lines else assignment.below[key][0]
            found.append(f"{name} {old.local(key)}→{new.local(key)}")
    return found


def _why(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "没有读取权限，或文件正被别的程序打开"
    if isinstance(error, FileNotFoundError):
        return "文件已经不在了"
    return "磁盘或网络出错"


def _is_leftover(name: str) -> bool:
    last = name.replace("\\", "/").rpartition("/")[2]
    return last.startswith(_LEFTOVERS) or last.lower() in _LEFTOVER_NAMES


def _archive(
    name: str, digest: str, content: bytes, brief: Brief
) -> tuple[Returned, tuple[Member, ...]]:
    try:
        found = members(content, brief.limits)
        if not found:
            raise NotReadableError("file_foreign", "空的压缩包")
    except NotReadableError as problem:
        return refused(name, digest, problem.refusal, len(content)), ()
    opened = Refusal("archive_opened", str(len(found)))
    return refused(name, digest, opened, len(content)), found


def _about_form(opened: Opened, assignment: Assignment) -> Iterator[Remark]:
    if assignment.form != FORM:
        moved = "、".join(moved_cells(assignment)) or "没有单元格移动"
        yield Remark("form_migrated", f"{assignment.form}；{moved}", FORM)
    if opened.sheets and not any(one.formulas for one in opened.marks.values()):
        yield Remark("formulas_lost")


def _stale(
    assignment: Assignment, tables: FormTables, readings: dict[Key, Reading], file: str
) -> Iterator[Observed]:
    """Compare stored numbers of derived cells with Python's own; no number is no difference.

    A line whose entries were not typed as numbers is left out: the form could not compute it.
    """
    main = tables.main
    for line in assignment.headline:
        figures = [readings[key] for key in line.figure_keys]
        if any(one.normalised for one in figures):
            continue
        target = assignment.plan.target(assignment.unit.code, line.indicator.code)
        actual, achievement = derive.measure([one.number for one in figures], target)
        expected: dict[str, Value] = {"achievement": achievement}
        if line.asking is Asking.DERIVED:
            expected["actual"] = actual
        for column, value in expected.items():
            if not isinstance(value, (int, float)) or not main.has(line.key, column):
                continue
            found = main.content(line.key, column)
            if isinstance(found, (int, float)) and not same(found, value):
                source = Source(file, main.sheet, main.address(line.key, column))
                yield Observed("stale_result", source, line.key, column, said(found), said(value))
