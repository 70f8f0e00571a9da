"""处理意见: the workbook in which staff set a file or a finding aside, kept from run to run."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from consolidator.checks.decisions import Action, Decision, Decisions
from consolidator.checks.selection import FileResult, FileStatus, Settled
from consolidator.errors import OperatorError
from consolidator.forms.layout import (
    Area,
    Book,
    Cell,
    Column,
    Columns,
    Highlight,
    Printing,
    Role,
    Shape,
    Sheet,
    Style,
    Tone,
    Validation,
    height_for,
)
from consolidator.forms.quarterly.main_sheet import short_text
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.limits import OWN
from consolidator.intake.opening import open_workbook
from consolidator.intake.placing import KEY, Table, keyed_tables
from consolidator.plan.model import Plan
from consolidator.plan.period import Period
from consolidator.report.context import District
from consolidator.severity import Severity

FINDINGS, FILES = "问题", "文件"
_IDENTITY = "consolidator-decisions"
_COLUMNS = Columns(
    Column(KEY, "", 3, hidden=True),
    Column("number", "序号", 6),
    Column("unit", "单位", 16),
    Column("state", "程度或状态", 11),
    Column("about", "内容", 72),
    Column("action", "处理\n（可填）", 10),
    Column("reason", "理由\n（可填）", 34),
    Column("effect", "本次", 12),
)
_KEYS = tuple(column.key for column in _COLUMNS.all)
_IDENTITY_ROW, _KEY_ROW, _TITLE, _NOTE, _HEAD = range(5)
_FIRST = _HEAD + 1
_AT = _COLUMNS.index
_LAST = _AT("effect")
_NOTES = {
    Action.WAIVE: "不需要单位更正的问题，在“处理”列选“豁免”并写明理由；豁免后该问题只作提示，"
    "对应的数照常采用。两者都填才有效，重新汇总后生效并一直保留。",
    Action.EXCLUDE: "不应采用的文件，在“处理”列选“排除”并写明理由；"
    "两者都填才有效，重新汇总后生效并一直保留。",
}
_ABOUT_WIDTH, _REASON_WIDTH = (_COLUMNS.all[_AT(name)].width for name in ("about", "reason"))
_UNLISTED = {"file_leftover", "archive_opened"}
_DIGEST = 64
Row = tuple[str, str, str, str]
"""Key, unit, state and what it is about."""


def file_name(period: Period) -> str:
    """Return the file name of the workbook of decisions."""
    return f"处理意见_{period.short}.xlsx"


def read_decisions(path: Path, plan: Plan, period: Period) -> Decisions:
    """Return the decisions in the workbook at ``path``; none where there is no file.

    Raises:
        OperatorError: it is no workbook of decisions of this period, or cannot be read;
            nothing that staff typed is lost then.
    """
    if not path.exists():
        return Decisions()
    try:
        opened = open_workbook(path.read_bytes(), limits=OWN)
        identity = _identity(plan, period)
        if not any(identity in row for rows in opened.sheets.values() for row in rows[:12]):
            raise OperatorError(
                f"“{path}”不是{period.title}的处理意见：请把它移到别的文件夹后重试，以免被覆盖。"
            )
        tables = list(keyed_tables(opened, FINDINGS, _KEYS))
        if len(tables) < 2:
            raise NotReadableError("layout_lost", f"找不到“{FINDINGS}”或“{FILES}”的隐藏标识行")
        decided: dict[str, Decision] = {}
        for table in tables:
            for one in _typed(table):
                if decided.setdefault(one.subject, one) != one:
                    raise NotReadableError("layout_lost", f"“{one.about}”有两条不同的意见")
    except (NotReadableError, OSError) as error:
        raise OperatorError(
            f"“{path}”读不出来，其中可能有处理意见：请先用 Excel 打开检查、关闭后重试，"
            "或把它移到别的文件夹。"
        ) from error
    # A file is known by its SHA-256, a finding by a shorter text.
    about_files = {key: one for key, one in decided.items() if len(key) == _DIGEST}
    return Decisions(about_files, {k: v for k, v in decided.items() if k not in about_files})


def _typed(table: Table) -> Iterator[Decision]:
    """Yield the decisions staff typed into one sheet."""
    columns = [table.column_of.get(name) for name in (KEY, "unit", "about", "action", "reason")]
    if None in columns:
        raise NotReadableError("layout_lost", f"“{table.sheet}”少了一列")
    for row in range(table.header + 1, len(table.rows)):
        subject, unit, about, action, reason = (
            str(table.at(row, column) or "").strip() for column in columns if column is not None
        )
        heading = about == _COLUMNS.all[_AT("about")].title
        if (action or reason) and not heading:
            if not subject:
                raise NotReadableError("layout_lost", f"“{table.sheet}”中有意见的行失去了标识")
            yield Decision(subject, action, reason, about, unit)


def decisions_book(district: District) -> Book:
    """Describe the workbook: every file and every problem that may be set aside."""
    settled, decisions = district.settled, district.decisions
    return Book(
        sheets=(
            _sheet(district, FINDINGS, Action.WAIVE, list(_problems(settled)),
                   decisions.about_findings),
            _sheet(district, FILES, Action.EXCLUDE, list(_files(settled)), decisions.about_files),
        ),
        title=f"{settled.period.title}处理意见",
        author=settled.plan.contact.office,
        # Fixed, so that a run that changes nothing writes the same bytes.
        created=datetime(settled.period.year, 1, 1),
        custom={"ConsolidatorDecisions": _identity(settled.plan, settled.period)},
    )  # fmt: skip


def _identity(plan: Plan, period: Period) -> str:
    return f"{_IDENTITY};{plan.name};{period.code}"


def _problems(settled: Settled) -> Iterator[Row]:
    seen = set()
    for one in settled.findings:
        listed = one.waivable and (one.waived or one.severity is not Severity.INFO)
        if not listed or one.identity in seen:
            continue
        seen.add(one.identity)
        place = " ".join(part for part in (one.sheet, one.cell) if part) or "整份文件"
        unit = settled.plan.unit(one.unit).short
        message = one.message.removesuffix(f"（已豁免：{one.waived}）")
        yield one.identity, unit, one.severity.chinese, f"{place}：{message}"


def _files(settled: Settled) -> Iterator[Row]:
    copies: dict[str, list[FileResult]] = {}
    for one in settled.files:
        if one.digest and one.code not in _UNLISTED:
            copies.setdefault(one.digest, []).append(one)
    for digest, several in copies.items():
        # Of the same file sent twice, the copy that counts says what became of it.
        best = min(several, key=lambda one: list(FileStatus).index(one.status))
        unit = settled.plan.named(best.unit)
        names = "、".join(one.file for one in several)
        yield digest, unit.short if unit else "—", best.status.chinese, names


def _sheet(
    district: District,
    name: str,
    action: Action,
    rows: list[Row],
    decisions: Mapping[str, Decision],
) -> Sheet:
    present = {key for key, *_ in rows}
    rows = [
        *rows,
        *(
            (key, one.unit or "—", "本次没有", one.about)
            for key, one in decisions.items()
            if key not in present
        ),
    ]
    last = _FIRST + max(len(rows), 1) - 1
    title = f"处理意见：{name}（{district.settled.period.title}）"
    effect = f"${_COLUMNS.at('effect', _FIRST)}"
    shown = Area(_FIRST, _LAST, last, _LAST)
    entries = {
        column: Area(_FIRST, _AT(column), last, _AT(column)) for column in ("action", "reason")
    }
    return Sheet(
        name=name,
        cells=list(_cells(district, action, rows, decisions, present)),
        columns=_COLUMNS,
        merges=(
            (Area(_TITLE, 1, _TITLE, _LAST), Cell(_TITLE, 1, title, Style(Role.TITLE))),
            (Area(_NOTE, 1, _NOTE, _LAST), Cell(_NOTE, 1, _NOTES[action], Style(Role.NOTE))),
        ),
        heights={
            _TITLE: 30,
            _NOTE: 34,
            _HEAD: 36,
            **{
                row: height_for(
                    [(about, _ABOUT_WIDTH), (_reason_of(decisions, key), _REASON_WIDTH)], least=22
                )
                for row, (key, _, _, about) in enumerate(rows, start=_FIRST)
            },
        },
        hidden_rows=(_IDENTITY_ROW, _KEY_ROW),
        validations=(
            (
                entries["action"],
                Validation(
                    kind="list",
                    title="处理",
                    prompt=f"选“{action}”，并在右侧写明理由；不处理的留空。",
                    error=f"请从列表中选择“{action}”，或留空。",
                    choices=(action,),
                ),
            ),
            (entries["reason"], short_text("理由", f"请写明为什么{action}。")),
        ),
        highlights=(
            Highlight(shown, f'LEFT({effect},2)="已{action[0]}"', Tone.GOOD),
            Highlight(shown, f'{effect}="没有采用"', Tone.WARN),
        ),
        freeze=(_FIRST, 0),
        cursor=(_FIRST, _AT("action")),
        filter=Area(_HEAD, 1, last, _LAST),
        printing=Printing(
            landscape=True,
            area=Area(_TITLE, 1, last, _LAST),
            repeat_rows=(_HEAD, _HEAD),
            footer=f"{district.settled.period.title}  {district.notice}".strip(),
        ),
    )


def _cells(
    district: District,
    action: Action,
    rows: list[Row],
    decisions: Mapping[str, Decision],
    present: set[str],
) -> Iterator[Cell]:
    settled = district.settled
    identity = _identity(settled.plan, settled.period)
    yield Cell(_IDENTITY_ROW, 0, identity, Style(Role.HIDDEN))
    for index, column in enumerate(_COLUMNS.all):
        yield Cell(_KEY_ROW, index, column.key, Style(Role.HIDDEN))
        if not column.hidden:
            yield Cell(_HEAD, index, column.title, Style(Role.HEADING))
    for row, (key, unit, state, about) in enumerate(rows, start=_FIRST):
        decision = decisions.get(key)
        yield Cell(row, 0, key, Style(Role.HIDDEN))
        yield Cell(row, 1, row - _FIRST + 1, Style(Role.LABEL, Shape.CENTRED))
        yield Cell(row, _AT("unit"), unit, Style(Role.LABEL))
        yield Cell(row, _AT("state"), state, Style(Role.LABEL, Shape.CENTRED))
        yield Cell(row, _AT("about"), about, Style(Role.LABEL))
        chosen = decision.action if decision else None
        yield Cell(row, _AT("action"), chosen, Style(Role.ENTRY, Shape.CENTRED))
        yield Cell(row, _AT("reason"), decision.reason if decision else None, Style(Role.ENTRY))
        effect = effect_of(decision, action, used=key in present) if decision else ""
        yield Cell(row, _LAST, effect, Style(Role.LABEL, Shape.CENTRED))
    if not rows:
        yield Cell(_FIRST, _AT("about"), "没有", Style(Role.LABEL))


def _reason_of(decisions: Mapping[str, Decision], key: str) -> str:
    decision = decisions.get(key)
    return decision.reason if decision else ""


def effect_of(decision: Decision, action: Action, *, used: bool) -> str:
    """Say what came of a decision in this run."""
    if not decision.holds(action):
        return "没有采用"
    return f"已{action}" if used else "本次没有用上"
