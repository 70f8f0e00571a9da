"""The whole journey on made-up returns, marked as made up, with typical slips."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from random import Random
from shutil import copyfile

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from consolidator.errors import OperatorError
from consolidator.forms.layout import Value
from consolidator.forms.quarterly.addresses import Places
from consolidator.forms.quarterly.assignment import (
    APPROVED_BY,
    FILLED_BY,
    FILLED_ON,
    LIST_KEYS,
    PHONE,
    Assignment,
    Key,
)
from consolidator.intake.brief import Brief
from consolidator.issue.issue_list import FILE_NAME, read_issue_list
from consolidator.issue.issuing import Outcome, issue
from consolidator.mail.outgoing.choosing import Desk
from consolidator.mail.outgoing.choosing import templates as mails_with_templates
from consolidator.mail.outgoing.drafts import Draft, write_drafts
from consolidator.plan.model import Kind, Plan
from consolidator.plan.period import Period
from consolidator.report.consolidate import Consolidated, consolidate
from consolidator.report.corrections import Sealing
from consolidator.settings import Mail
from consolidator.signing import find_or_draw_key
from consolidator.workspace import NOTICE_FILE, Workspace

NOTICE = "演示数据，非真实上报"
_FOLDER = "演示"
_MADE_UP = "演示（虚构）"
Answers = dict[Key, Value]


@dataclass(frozen=True, slots=True)
class Journey:
    """What the demonstration made."""

    workspace: Workspace
    issued: list[Outcome]
    drafts: list[Draft]
    result: Consolidated


def new_folder(where: Path | None) -> Path:
    """Return a folder that does not exist yet: the one named, or the next free ``演示``.

    Raises:
        OperatorError: the folder named exists.
    """
    if where is not None:
        if where.exists():
            raise OperatorError(
                f"“{where}”已经存在：请换一个新文件夹名，演示不会写进已有的文件夹。"
            )
        return where
    names = (_FOLDER if n == 1 else f"{_FOLDER}{n}" for n in range(1, 1_000))
    return next(path for name in names if not (path := Path(name)).exists())


def run_demo(plan: Plan, period: Period, folder: Path, *, now: datetime) -> Journey:
    """Issue the templates, fill them as units do, slips and all, and consolidate."""
    workspace = Workspace(folder)
    returns = workspace.returns(period)
    returns.mkdir(parents=True)
    (folder / NOTICE_FILE).write_text(
        f"{NOTICE}\n本文件夹由 consolidator demo 生成，所有填报数均为虚构。\n", "utf-8"
    )
    key = find_or_draw_key(workspace.root)
    templates = workspace.templates(period)
    issued = issue(plan, period, templates, now=now, key=key)
    desk = Desk(plan, period, templates, key.secret, now.date(), NOTICE)
    mailings = mails_with_templates(desk).mailings
    drafts = write_drafts(mailings, workspace.drafts(period), Mail(), now=now)
    _fill_all(plan, period, issued, returns, now)
    brief = Brief(plan, period, signing_key=key.secret)
    listed = read_issue_list(templates / FILE_NAME)
    sealing = Sealing({code: one.password for code, one in listed.items()}, key.secret)
    result = consolidate(
        brief, [returns], workspace.output(period), now=now, notice=NOTICE, sealing=sealing
    )
    return Journey(workspace, issued, drafts, result)


def _fill_all(
    plan: Plan, period: Period, issued: list[Outcome], returns: Path, now: datetime
) -> None:
    """Fill all templates but one; which unit slips how goes by its place in the plan."""
    absent = len(issued) - 5
    for place, outcome in enumerate(issued):
        if place == absent and len(issued) > 1:
            continue
        assignment = Assignment(plan, outcome.unit, period)
        answers = _good_answers(assignment, Random(f"{plan.name}/{outcome.unit.code}"))
        if slip := _SLIPS.get(place):
            slip(assignment, answers)
        target = returns / outcome.path.name
        _fill(assignment, outcome.path, target, answers, now)
        if place == len(issued) - 1:
            copyfile(target, returns / f"{target.stem} (1).xlsx")
    own = Workbook()
    sheet = own.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["单位", "指标", "完成数"])
    sheet.append([_MADE_UP, "专利申请", 12])
    own.save(returns / "自制统计表.xlsx")
    (returns / "会议通知.txt").write_text(f"{NOTICE}\n", "utf-8")


def _good_answers(assignment: Assignment, random: Random) -> Answers:
    """Make up what a careful unit would fill: plausible, consistent, laggards explained."""
    answers: Answers = {
        FILLED_BY: _MADE_UP,
        APPROVED_BY: _MADE_UP,
        PHONE: "0519-00000000",
        FILLED_ON: date(assignment.period.year + 1, 1, 5),
    }
    counts: dict[str, int] = {}
    gone = assignment.period.time_progress
    for line in assignment.headline:
        one = line.indicator
        target = assignment.plan.target(assignment.unit.code, one.code) or 0
        share = gone * random.choice((0.8, 0.93, 1.0, 1.04, 1.1, 1.2))
        if one.kind is Kind.RATIO:
            over, under = one.amounts
            base = float(random.randrange(800_000, 3_000_000))
            answers[Key(under.code, "actual")] = base
            answers[Key(over.code, "actual")] = round(base * min(target * share / gone, 1))
        else:
            counts[one.code] = max(1, round(target * share))
            if one.parent in counts:
                counts[one.code] = min(counts[one.code], counts[one.parent])
            answers[line.value_key] = float(counts[one.code])
        if share < gone:
            answers[line.remark_key] = "演示：受项目进度影响，下季度补足。"
    answers |= _filed(assignment, counts, random)
    return answers


def _filed(assignment: Assignment, counts: dict[str, int], random: Random) -> Answers:
    """List as many events and agreements as the figures say."""
    answers: Answers = {}
    keys = iter(LIST_KEYS)
    listed: dict[str, int] = {}
    # An indicator that counts fewer kinds comes first: its rows count for the wider one too.
    filed = [line.indicator for line in assignment.headline if line.indicator.filed_kinds]
    for one in sorted(filed, key=lambda indicator: len(indicator.filed_kinds)):
        already = sum(listed.get(kind, 0) for kind in one.filed_kinds)
        kind = one.filed_kinds[0]
        for _ in range(counts[one.code] - already):
            row = next(keys)
            listed[kind] = listed.get(kind, 0) + 1
            answers |= {
                Key(row, "kind"): kind,
                Key(row, "date"): date(assignment.period.year, random.randint(4, 9), 18),
                Key(row, "partner"): "演示大学（虚构）",
                Key(row, "subject"): f"{kind}（演示）",
                Key(row, "filing"): f"演示{assignment.unit.code}{row[-3:]}",
            }
    return answers


def _type_full_width(assignment: Assignment, answers: Answers) -> None:
    key = next(line.value_key for line in assignment.entries if not line.amount)
    number = f"{answers[key]:.0f}"
    answers[key] = " " + number.translate({ord(str(d)): chr(0xFF10 + d) for d in range(10)})


def _leave_blank(assignment: Assignment, answers: Answers) -> None:
    answers[assignment.entries[-1].value_key] = None


def _put_part_above_whole(assignment: Assignment, answers: Answers) -> None:
    part = next(line for line in assignment.entries if line.indicator.parent)
    whole = answers[Key(part.indicator.parent or "", "actual")]
    assert isinstance(whole, float)
    answers[part.value_key] = whole + 50


def _drop_remarks(assignment: Assignment, answers: Answers) -> None:
    line = assignment.headline[3]
    target = assignment.plan.target(assignment.unit.code, line.indicator.code) or 0
    answers[line.value_key] = float(int(target * 0.5))
    answers[line.remark_key] = None


def _forget_a_filing(_: Assignment, answers: Answers) -> None:
    last = max(key.row for key in answers if key.column == "filing")
    for key in [key for key in answers if key.row == last]:
        del answers[key]


_SLIPS: dict[int, Callable[[Assignment, Answers], None]] = {
    1: _type_full_width,
    2: _leave_blank,
    3: _put_part_above_whole,
    4: _drop_remarks,
    5: _forget_a_filing,
}


def _fill(
    assignment: Assignment, template: Path, target: Path, answers: Answers, now: datetime
) -> None:
    """Type the answers into the entry cells of the issued template, as its unit would."""
    places = Places(assignment)
    workbook = load_workbook(template)
    for key, value in answers.items():
        row, column = places.cell(key)
        workbook[places.sheet(key)].cell(row + 1, column + 1).value = value
    workbook.properties.modified = now
    workbook.save(target)
