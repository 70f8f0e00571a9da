"""Every code of the catalogue is raised by what it is for, and brings no other with it."""

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from consolidator.checks.catalogue import CATALOGUE
from consolidator.checks.decisions import Decision, Decisions
from consolidator.checks.findings import Finding
from consolidator.checks.run import check_returned, check_submission
from consolidator.checks.selection import settle
from consolidator.excel.writer import to_bytes
from consolidator.figures.adjustments import Adjustment, adjustment_findings
from consolidator.figures.history import History, PastPeriod
from consolidator.figures.parameters import parameter_findings, parameters
from consolidator.files import sha256
from consolidator.forms.quarterly.addresses import LIST, MAIN
from consolidator.forms.quarterly.assignment import PHONE, Assignment
from consolidator.forms.review.assignment import Reviewer
from consolidator.forms.review.book import review_book
from consolidator.forms.stamp import key_name
from consolidator.intake.brief import Brief
from consolidator.intake.folder import find_files
from consolidator.intake.letters import letters_of
from consolidator.intake.limits import RETURN
from consolidator.intake.returned import read_content, read_returned
from consolidator.intake.workers import read_all
from consolidator.plan.model import Plan, Unit, UnitContact
from consolidator.plan.period import Period
from hostile_files import FILES
from letters import LETTER, by_mail
from register_situations import REGISTER_SITUATIONS
from returns import (
    NOON,
    Q4,
    SHIPPED,
    Answers,
    actual,
    ask,
    good_answers,
    mended,
    put,
    read_here,
    remark,
    rendered,
    small_plan,
    submission_of,
)
from reviews import FIRST, REVIEWERS, found, marked, merged
from reviews import PLAN as REVIEW_PLAN
from reviews import sent as review
from test_checks import ANSWERS, LOCKED, Pairs, altered, checked, pairs
from unit_slips import SLIPS

Situation = tuple[Callable[[Path], Iterable[Finding]], Pairs]


def one_unit() -> Plan:
    plan = small_plan()
    return replace(plan, units=plan.units[:1])


def settled(
    files: Mapping[str, bytes], *, plan: Plan | None = None
) -> Callable[[Path], Iterable[Finding]]:
    """Put files of one unit's returns in a folder, the later ones saved later, and settle."""

    def act(folder: Path) -> Iterable[Finding]:
        for hour, (name, content) in enumerate(files.items()):
            put(folder / name, content, saved=NOON + timedelta(hours=hour))
        asked = plan or one_unit()
        return settle(read_here(find_files([folder]), Brief(asked, Q4)), asked, Q4).findings

    return act


def several_mailed(*mails: tuple[Answers, str, int, int]) -> Callable[[Path], Iterable[Finding]]:
    """Settle returns that came by mail: answers, sender, hours saved, turn in which they came."""

    def act(folder: Path) -> Iterable[Finding]:
        own = UnitContact("alpha", "张三", LETTER.sender, ())
        plan = replace(one_unit(), contacts={"alpha": own})
        for number, (answers, sender, saved, turn) in enumerate(mails):
            path = folder / f"{number}.xlsx"
            put(path, sent(answers), saved=NOON + timedelta(hours=saved))
            by_mail(path, sender=sender, uid=turn)
        files, letters = letters_of(find_files([folder]))
        return settle(read_here(files, Brief(plan, Q4)), plan, Q4, letters=letters).findings

    return act


def mailed(
    *, sender: str = LETTER.sender, sha256_: str = ""
) -> Callable[[Path], Iterable[Finding]]:
    """Put a unit's return in a folder, with the record of the mail it came with, and settle."""

    def act(folder: Path) -> Iterable[Finding]:
        own = UnitContact("alpha", "张三", LETTER.sender, ())
        plan = replace(one_unit(), contacts={"alpha": own})
        by_mail(put(folder / "1.xlsx", sent()), sender=sender, sha256_=sha256_)
        files, letters = letters_of(find_files([folder]))
        return settle(read_here(files, Brief(plan, Q4)), plan, Q4, letters=letters).findings

    return act


def alpha(changes: Answers | None = None, *, plan: Plan | None = None) -> Assignment:
    assignment = ask("alpha", plan=plan or one_unit())
    return replace(assignment, answers=good_answers(assignment) | (changes or {}))


def sent(changes: Answers | None = None, **other: object) -> bytes:
    assignment = replace(alpha(changes), **other)  # type: ignore[arg-type]
    return rendered(assignment, assignment.answers)


def of_other_form() -> bytes:
    stamp = replace(alpha().stamp, form="quarterly/0").encode()
    places = [("填报说明", "A1"), (MAIN, "A1"), (LIST, "A1"), ("自检", "A1"), ("标识", "A1")]
    return without_properties(mended(alpha(), dict.fromkeys(places, stamp)))


def without_properties(content: bytes) -> bytes:
    bare = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(bare, "w") as new:
        for name in old.namelist():
            if name != "docProps/custom.xml":
                new.writestr(name, old.read(name))
    return bare.getvalue()


def of_unknown_unit() -> bytes:
    plan = one_unit()
    stranger = Unit("omega", "外镇", "外镇")
    wider = replace(
        plan,
        units=(*plan.units, stranger),
        targets={**plan.targets, **{("omega", one.code): 1.0 for one in plan.indicators}},
    )
    return rendered(ask("omega", plan=wider))


def of_another_plan() -> bytes:
    return rendered(ask("alpha", plan=small_plan({("alpha", "firms"): 11})))


def restated(_: Path) -> Iterable[Finding]:
    first, now = ({("menghe", "hightech_firms"): number} for number in (7.0, 8.0))
    past = PastPeriod(Period(2017, 1), "汇总表_2017Q1.xlsx", now, {}, {})
    return History((past,), {"2017-Q1": first}).findings(SHIPPED)


def adjusted(one: Adjustment) -> Callable[[Path], Iterable[Finding]]:
    return lambda _: list(
        adjustment_findings(
            {("alpha", "firms"): one}, {("alpha", "firms"): (10.0, None)}, small_plan(), Q4
        )
    )


def answered(what: str) -> Situation:
    changes, expected, _ = ANSWERS[what]
    return lambda folder: checked(changes, folder), expected


def slipped(title: str) -> Situation:
    """Read what a unit did to its return."""
    slip = next(one for one in SLIPS if one.title == f"{title}.")

    def act(_: Path) -> Iterable[Finding]:
        content = slip.make()
        return check_returned(
            read_content(content, slip.name, sha256(content), NOON, Brief(SHIPPED, Q4)), SHIPPED
        )

    return act, sorted(slip.findings)


def hostile(code: str) -> Situation:
    """Read the first of the hostile files that ends with a code."""
    hazard = next(one for one in FILES if one.codes == (code,))

    def act(folder: Path) -> Iterable[Finding]:
        return settled({hazard.name: hazard.make()})(folder)

    return act, [MISSING, ("", code)]


def signed(*, with_key: bytes, read_with: bytes) -> Situation:
    """Read a return signed with one key by another."""
    code = "signature_unverified" if with_key else "stamp_unsigned"

    def act(folder: Path) -> Iterable[Finding]:
        path = put(folder / "甲.xlsx", sent(signing_key=with_key))
        brief = Brief(one_unit(), Q4, signing_key=read_with)
        return check_returned(read_returned(path, path.name, brief), one_unit())

    return act, [("", code)]


def forged(folder: Path) -> Iterable[Finding]:
    """Read a return whose stamp another unit's signature stands in."""
    key, plan = b"0123456789abcdef", one_unit()
    stamp = replace(alpha().stamp.signed(key), signature=f"{key_name(key)}.{'0' * 32}").encode()
    places = [("填报说明", "A1"), (MAIN, "A1"), (LIST, "A1"), ("自检", "A1"), ("标识", "A1")]
    content = without_properties(mended(alpha(), dict.fromkeys(places, stamp)))
    path = put(folder / "甲.xlsx", content)
    brief = Brief(plan, Q4, signing_key=key)
    return check_returned(read_returned(path, path.name, brief), plan)


def migrated(folder: Path) -> Iterable[Finding]:
    """Read a return of the first version of the form."""
    path = put(folder / "旧表.xlsx", sent(form="quarterly/1"))
    return check_returned(read_returned(path, path.name, Brief(one_unit(), Q4)), one_unit())


def dead(folder: Path) -> Iterable[Finding]:
    """Read a long file with so little memory that its reader dies."""
    listed = [(put(folder / "甲.xlsx", sent() + bytes(10 * 2**20)), "甲.xlsx")]
    brief = Brief(one_unit(), Q4, limits=replace(RETURN, memory_mb=1))
    return settle(read_all(listed, brief), one_unit(), Q4).findings


def guarded(
    changes: Answers, previous: Mapping[str, float] | None = None
) -> Callable[[Path], Iterable[Finding]]:
    """Check a return against figures of the period before."""
    answers = good_answers(ask()) | changes
    return lambda _: check_submission(submission_of(ask(), answers), SHIPPED, previous)


def twins(folder: Path) -> Iterable[Finding]:
    """Send two units' returns with the same figures."""
    asked = replace(SHIPPED, units=SHIPPED.units[5:7])
    targets = {(unit.code, code): SHIPPED.target("xixiashu", code)
               for unit in asked.units for code in SHIPPED.indicator_by_code}  # fmt: skip
    plan = replace(asked, targets=targets)
    for unit in plan.units:
        put(folder / f"{unit.code}.xlsx", rendered(ask(unit.code, plan=plan)))
    return settle(read_here(find_files([folder]), Brief(plan, Q4)), plan, Q4).findings


def check_named_after_another(folder: Path) -> Iterable[Finding]:
    """Send a good return under another unit's name."""
    plan = replace(small_plan(), units=small_plan().units[:2])
    put(folder / "乙镇.xlsx", rendered(ask("alpha", plan=plan)))
    read = read_here(find_files([folder]), Brief(plan, Q4))
    return [one for one in settle(read, plan, Q4).findings if one.unit == "alpha"]


def decided(action: str, reason: str, *, digest: str = "") -> Callable[[Path], Iterable[Finding]]:
    """Settle a good return while staff decided something about a file."""

    def act(folder: Path) -> Iterable[Finding]:
        put(folder / "甲.xlsx", sent())
        about = digest or sha256(sent())
        decisions = Decisions({about: Decision(about, action, reason, "甲.xlsx")})
        plan = one_unit()
        read = read_here(find_files([folder]), Brief(plan, Q4))
        return settle(read, plan, Q4, decisions=decisions).findings

    return act


def encrypted() -> bytes:
    from msoffcrypto.format.ooxml import (  # type: ignore[import-untyped,unused-ignore]
        OOXMLFile,
    )

    target = io.BytesIO()
    OOXMLFile(io.BytesIO(sent())).encrypt("密码", target)
    return target.getvalue()


def wrong_password(folder: Path) -> Iterable[Finding]:
    """Read an encrypted return with a password that does not fit."""
    path = put(folder / "甲.xlsx", encrypted())
    brief = Brief(one_unit(), Q4, passwords=("不对",))
    return check_returned(read_returned(path, path.name, brief), one_unit())


def foreign_guide(folder: Path) -> Iterable[Finding]:
    """Read a return whose guide says quite other things."""
    cells = {("填报说明", f"B{row}"): "随便" for row in range(4, 11)}
    cells |= {("填报说明", f"{column}12"): "表头" for column in "BCDEF"}
    cells |= {("填报说明", "B3"): "说明"}
    path = put(folder / "甲.xlsx", mended(alpha(), dict(cells)))
    return check_returned(read_returned(path, path.name, Brief(one_unit(), Q4)), one_unit())


def values_only(folder: Path) -> Iterable[Finding]:
    """Read a return that a program saved with results in place of formulas."""
    path = put(folder / "甲.xlsx", sent())
    book, results = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    cell.value = results[sheet.title][cell.coordinate].value
    book.save(path)
    return check_returned(read_returned(path, path.name, Brief(one_unit(), Q4)), one_unit())


def zipped(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def unreadable(folder: Path) -> Iterable[Finding]:
    """Read a file that was there when the folder was listed and is gone now."""
    plan = one_unit()
    listed = [(folder / "没有了.xlsx", "没有了.xlsx")]
    return settle(read_here(listed, Brief(plan, Q4)), plan, Q4).findings


def reviewed(
    *files: bytes, reviewer: Reviewer = FIRST, key: bytes = b""
) -> Callable[[Path], Iterable[Finding]]:
    """Settle a review of one reviewer over files, the later ones saved later."""
    named = {f"{number}.xlsx": content for number, content in enumerate(files, start=1)}
    return lambda folder: found(folder, named, reviewers=[reviewer], signing_key=key)


def formula_in_a_mark(folder: Path) -> Iterable[Finding]:
    """Settle a review in which a mark is a formula with a result."""
    form = marked(FIRST, "8 4 9 4.5 7 3")
    book = review_book(form)
    sheet = book.sheets[0]
    cells = [
        cell._replace(formula="4+4") if (cell.row, cell.column) == (7, 3) else cell
        for cell in sheet.cells
    ]
    content = to_bytes(replace(book, sheets=(replace(sheet, cells=cells), *book.sheets[1:])))
    return reviewed(content)(folder)


def far_off(folder: Path) -> Iterable[Finding]:
    """Merge marks of which one lies far from the others."""
    lines = [f"{number} 8 4 9 4.5 7 3" for number in range(1, 6)]
    return merged(folder, "\n".join([*lines, "6 2 4 9 4.5 7 3"])).settled.findings


def copied_marks(folder: Path) -> Iterable[Finding]:
    """Settle two reviews with the same marks."""
    items = tuple(replace(REVIEW_PLAN.review_items[0], number=n) for n in range(1, 5))
    plan = replace(REVIEW_PLAN, review_items=items)
    files = {f"{one.name}.xlsx": review("8 9 " * 6, one, plan=plan) for one in REVIEWERS[:2]}
    return found(folder, files, plan=plan, reviewers=REVIEWERS[:2])


NO_REVIEW = ("", "missing_reviewer")
OWN = replace(FIRST, unit="beta")
MISSING = ("", "missing_unit")
SITUATIONS: dict[str, Situation] = {
    "file_empty": (settled({"甲.xlsx": b""}), [MISSING, ("", "file_empty")]),
    "file_too_large": (
        settled({"甲.xlsx": b"PK\x03\x04" + bytes(21 * 2**20)}), [MISSING, ("", "file_too_large")],
    ),
    "file_encrypted": (
        lambda folder: settled({"甲.xlsx": encrypted()})(folder), [MISSING, ("", "file_encrypted")],
    ),
    "file_damaged": (
        lambda folder: settled({"甲.xlsx": sent()[: len(sent()) // 2]})(folder),
        [MISSING, ("", "file_damaged")],
    ),
    "file_unreadable": (unreadable, [MISSING, ("", "file_unreadable")]),
    "file_foreign": (settled({"说明.txt": b"hello"}), [MISSING, ("", "file_foreign")]),
    "file_leftover": (settled({"~$甲.xlsx": b"x"}), [MISSING, ("", "file_leftover")]),
    "file_not_ours": (
        lambda folder: settled({"甲.xlsx": own_workbook()})(folder),
        [MISSING, ("", "file_not_ours")],
    ),
    "stamp_garbled": (
        lambda folder: settled(
            {"甲.xlsx": mended(alpha(), {(MAIN, "A1"): alpha().stamp.encode()[:-1] + "x"})}
        )(folder),
        [MISSING, ("", "stamp_garbled")],
    ),
    "stamp_conflict": (
        lambda folder: settled(
            {"甲.xlsx": mended(
                alpha(), {(MAIN, "A1"): replace(alpha().stamp, period="2017-Q3").encode()}
            )}
        )(folder),
        [MISSING, ("", "stamp_conflict")],
    ),
    "wrong_unit": (
        lambda folder: settled({"甲.xlsx": of_unknown_unit()})(folder),
        [MISSING, ("", "wrong_unit")],
    ),
    "unit_name_differs": (
        lambda folder: settled(
            {"甲.xlsx": mended(ask("alpha", plan=small_plan()), {(MAIN, "B4"): "填报单位：乙 镇"})},
            plan=replace(small_plan(), units=small_plan().units[:2]),
        )(folder),
        [MISSING, ("", "unit_name_differs"), MISSING],
    ),
    "wrong_period": (
        lambda folder: settled({"甲.xlsx": sent(period=Period(2017, 3))})(folder),
        [MISSING, ("", "wrong_period")],
    ),
    "wrong_form": (
        lambda folder: settled({"甲.xlsx": of_other_form()})(folder),
        [MISSING, ("", "wrong_form")],
    ),
    "wrong_plan": (
        lambda folder: settled({"甲.xlsx": of_another_plan()})(folder),
        [MISSING, ("", "wrong_plan")],
    ),
    "layout_lost": slipped("The sheet was copied and the copy changed"),
    "duplicate_file": (
        lambda folder: settled({"甲.xlsx": sent(), "甲 (1).xlsx": sent()})(folder),
        [("", "duplicate_file")],
    ),
    "superseded": (
        lambda folder: settled({"甲.xlsx": sent(), "甲 (1).xlsx": sent({PHONE: "1"})})(folder),
        [("", "superseded"), ("D16", "changed")],
    ),
    "passed_over": (
        lambda folder: settled({"甲.xlsx": sent(), "甲 (1).xlsx": sent({PHONE: None})})(folder),
        [("", "passed_over")],
    ),
    "missing_unit": (settled({}), [MISSING]),
    "blank": answered("a blank"),
    "not_a_number": answered("a guess"),
    "negative": answered("below nought"),
    "not_whole": answered("not whole"),
    "normalised": answered("full-width digits"),
    "text_too_long": answered("a long remark"),
    "signer_blank": answered("not signed"),
    "not_a_date": answered("no such day"),
    "part_above_whole": answered("part above whole"),
    "ratio_impossible": answered("numerator above denominator"),
    "lag_unexplained": answered("a lag"),
    "list_mismatch": answered("fewer agreements than listed"),
    "list_incomplete": answered("a row without partner"),
    "list_kind_unknown": answered("a kind not on the list"),
    "filed_outside_year": answered("a date of another year"),
    "filing_repeated": answered("a filing number twice"),
    "locked_altered": (
        lambda folder: altered(LOCKED["a target lowered"][0], folder), [("F10", "locked_altered")],
    ),
    "stale_result": (
        lambda folder: altered(LOCKED["an old result"][0], folder), [("I23", "stale_result")],
    ),
    "file_unsafe": hostile("file_unsafe"),
    "password_wrong": (wrong_password, [("", "password_wrong")]),
    "file_salvaged": slipped("The last bytes are lost"),
    "reading_failed": (dead, [MISSING, ("", "reading_failed")]),
    "file_shortcut": hostile("file_shortcut"),
    "sender_unknown": (mailed(sender="who@else.test"), [("", "sender_unknown")]),
    "file_changed": (mailed(sha256_="f" * 64), [("", "file_changed")]),
    "stranger_passed": (
        several_mailed(({}, LETTER.sender, 1, 1), ({actual("firms"): 13}, "who@else.test", 2, 2)),
        [("", "stranger_passed")],
    ),
    "last_mail_unused": (
        several_mailed(
            ({actual("firms"): 13}, LETTER.sender, 2, 1), ({}, LETTER.sender, 1, 2),
        ),
        [("H10", "changed"), ("", "last_mail_unused"), ("", "superseded")],
    ),
    "file_excluded": (decided("排除", "重复报送"), [MISSING, ("", "file_excluded")]),
    "archive_opened": (
        settled({"包.zip": zipped({"说明.txt": b"hello"})}),
        [MISSING, ("", "file_foreign"), ("", "archive_opened")],
    ),
    "archive_packed": hostile("archive_packed"),
    "archive_nested": (
        settled({"包.zip": zipped({"b.zip": zipped({"c.zip": zipped({"d.txt": b"d"})})})}),
        [MISSING, ("", "archive_nested"), ("", "archive_opened")],
    ),
    "macro_present": slipped("It has macros"),
    "external_link": slipped("It links another workbook"),
    "dde_link": slipped("It links another program"),
    "embedded_object": slipped("It has an object"),
    "stamp_forged": (forged, [("", "stamp_forged")]),
    "stamp_unsigned": signed(with_key=b"", read_with=b"0123456789abcdef"),
    "signature_unverified": signed(with_key=b"0123456789abcdef", read_with=b""),
    "file_name_differs": (
        check_named_after_another, [("", "file_name_differs")],
    ),
    "same_figures": (twins, [("", "same_figures"), ("", "same_figures")]),
    "form_migrated": (migrated, [("", "form_migrated")]),
    "layout_moved": slipped("A row was inserted inside the table"),
    "placed_by_labels": slipped("The row of keys was deleted"),
    "placed_by_names": slipped("The row of keys and the headings were deleted"),
    "sheet_like_form": slipped("The table was pasted to a sheet of its own and filled there"),
    "sheet_copied": slipped("The sheet was copied"),
    "sheet_lost": slipped("The list was deleted"),
    "sheet_missing": slipped("The guide was deleted"),
    "sheet_altered": (foreign_guide, [("B3", "sheet_altered")]),
    "formulas_lost": (values_only, [("", "formulas_lost")]),
    "cell_lost": slipped("The line of a figure was deleted"),
    "row_doubled": slipped("A line was copied and its copy changed"),
    "changed": (
        lambda folder: settled({"甲.xlsx": sent(), "甲 (1).xlsx": sent({PHONE: "1"})})(folder),
        [("", "superseded"), ("D16", "changed")],
    ),
    "error_value": slipped("A figure is an error"),
    "formula_uncomputed": slipped("A figure is a formula without result"),
    "formula_external": slipped("A figure comes from another workbook"),
    "formula_entry": slipped("A figure is a formula"),
    "entry_merged": slipped("Two figures were merged"),
    "cells_merged": slipped("A figure was merged with its rate"),
    "hidden_entry": slipped("A line was hidden"),
    "sheet_hidden": slipped("The sheet of figures was hidden"),
    "figure_disguised": slipped("A figure is shown in ten thousands"),
    "comment_present": slipped("A figure has a comment"),
    "scale_target": (
        guarded({actual("patent_applications"): 9100.0}), [("H14", "scale_target")],
    ),
    "scale_previous": (
        guarded({}, {"patent_applications": 91.0}), [("H14", "scale_previous")],
    ),
    "figure_fell": (
        guarded({}, {"patent_applications": 911.0}), [("H14", "figure_fell")],
    ),
    "fall_explained": (
        guarded({remark("patent_applications"): "上期多计一件"}, {"patent_applications": 911.0}),
        [("H14", "fall_explained")],
    ),
    "ratio_scale": (
        guarded({actual("hightech_output"): 47.0, actual("industrial_output"): 1_000_000.0,
                 remark("hightech_output_ratio"): "说明"}),
        [("H8", "ratio_scale")],
    ),
    "target_copied": (
        guarded({actual("hightech_firms"): 86.0}), [("H10", "target_copied")],
    ),
    "nothing_new": (
        guarded({}, {key.row: value for key, value in good_answers(ask()).items()
                     if isinstance(value, float)}),
        [("H10", "nothing_new")],
    ),
    "locked_text_altered": slipped("The title was altered"),
    "formula_replaced": slipped("A rate was typed over"),
    "formula_altered": slipped("A rate's formula was changed"),
    "form_of_review": (
        settled({"评议表.xlsx": review()}), [MISSING, ("", "form_of_review")],
    ),
    "form_of_unit": (reviewed(sent()), [NO_REVIEW, ("", "form_of_unit")]),
    "unknown_reviewer": (
        reviewed(review(reviewer=REVIEWERS[1])), [NO_REVIEW, ("", "unknown_reviewer")],
    ),
    "reviewer_name_differs": (
        reviewed(review(cells={"B4": "评委：王五"})), [NO_REVIEW, ("", "reviewer_name_differs")],
    ),
    "review_outdated": (
        reviewed(review(reviewer=OWN)), [NO_REVIEW, ("", "review_outdated")],
    ),
    "review_altered": (
        reviewed(review(cells={"D7": "1. 重视程度\n（满分 20 分）"})), [("D7", "review_altered")],
    ),
    "missing_reviewer": (reviewed(), [NO_REVIEW]),
    "review_superseded": (
        reviewed(review(), review("9 4 9 4.5 7.5 3")), [("", "review_superseded")],
    ),
    "review_passed_over": (
        reviewed(review(), review("? 4 9 4.5 7.5 3")), [("", "review_passed_over")],
    ),
    "mark_out_of_range": (reviewed(review("11 4 9 4.5 7 3")), [("D8", "mark_out_of_range")]),
    "mark_not_in_steps": (reviewed(review("8.3 4 9 4.5 7 3")), [("D8", "mark_not_in_steps")]),
    "mark_formula": (formula_in_a_mark, [("D8", "mark_formula")]),
    "mark_in_own_unit": (
        reviewed(review(reviewer=OWN, cells={"E9": 5.0}), reviewer=OWN),
        [("E9", "mark_in_own_unit")],
    ),
    "mark_unexplained": (reviewed(review("? 4 9 4.5 7 3")), [("D8", "mark_unexplained")]),
    "mark_outlier": (far_off, [("D8", "mark_outlier")]),
    "same_marks": (copied_marks, [("", "same_marks"), ("", "same_marks")]),
    "decision_incomplete": (decided("排除", ""), [("", "decision_incomplete")]),
    "decision_idle": (decided("排除", "重复报送", digest="0" * 64), [("", "decision_idle")]),
    **REGISTER_SITUATIONS,
    "adjusted": (adjusted(Adjustment(12.0, None, "来函更正", (10.0, None))), [("", "adjusted")]),
    "adjustment_incomplete": (
        adjusted(Adjustment(12.0, None, "", (10.0, None))), [("", "adjustment_incomplete")],
    ),
    "adjustment_outdated": (
        adjusted(Adjustment(12.0, None, "来函更正", (9.0, None))),
        [("", "adjusted"), ("", "adjustment_outdated")],
    ),
    "restated": (restated, [("", "restated")]),
    "parameter_changed": (
        lambda folder: parameter_findings(parameters(SHIPPED, Q4, {"cap": 1.2})),
        [("", "parameter_changed")],
    ),
    "parameter_refused": (
        lambda folder: parameter_findings(parameters(SHIPPED, Q4, {"cap": "一倍"})),
        [("", "parameter_refused")],
    ),
}  # fmt: skip


def own_workbook() -> bytes:
    workbook, target = openpyxl.Workbook(), io.BytesIO()
    workbook.save(target)
    return target.getvalue()


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_code_of_the_catalogue_is_raised_and_brings_no_other_with_it(
    code: str, tmp_path: Path
) -> None:
    act, expected = SITUATIONS[code]
    findings = list(act(tmp_path))
    assert sorted(pairs(findings)) == sorted(expected)
    assert code in {one.code for one in findings}


def test_no_situation_is_for_a_code_that_the_catalogue_does_not_have() -> None:
    assert set(SITUATIONS) == set(CATALOGUE)


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_finding_is_worded_with_all_its_particulars(code: str, tmp_path: Path) -> None:
    act, _ = SITUATIONS[code]
    for one in act(tmp_path):
        words = one.message + one.remedy
        assert "{" not in words
        assert "“”" not in words, f"{code} has an empty particular: {words}"
        assert not one.message.endswith(("：", "。"))
        assert one.remedy.endswith("。")


# The self-check page agrees with the checks
