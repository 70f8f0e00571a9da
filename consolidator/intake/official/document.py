"""Read an official document onto a base plan: all that it says, and all that is left to staff."""

import re

from consolidator.errors import OperatorError
from consolidator.intake.formats.refusing import NotReadableError
from consolidator.intake.formats.sniff import Kind as FileKind
from consolidator.intake.formats.sniff import sniff
from consolidator.intake.limits import PLAN
from consolidator.intake.official.finding import Annex, Found, find_annexes
from consolidator.intake.official.grid import Grid, alike, one_line
from consolidator.intake.official.merging import Merging, Values
from consolidator.intake.official.pasted import pasted_grids
from consolidator.intake.official.understanding import Problem, TableFound, Understanding
from consolidator.intake.official.word import word_grids
from consolidator.intake.opening import open_workbook
from consolidator.intake.placing import KEY
from consolidator.plan.codes import with_codes
from consolidator.plan.tables import COLUMNS, PlanTables, Row

_TITLE = re.compile(r"\d{4}年")
_MOST_TITLE_LINES = 4


def read_document(content: bytes, name: str, base: PlanTables) -> Understanding:
    """Read the annexes in a Word document or a workbook.

    Args:
        content: the file.
        name: what the operator calls it.
        base: the plan whose codes, kinds and rules carry over.

    Raises:
        OperatorError: it cannot be read, or holds no annex 2 or two different ones.
    """
    try:
        grids = _grids(content, name)
    except NotReadableError as error:
        detail = f"（{error.refusal.found}）" if error.refusal.found else ""
        raise OperatorError(
            f"“{name}”读不出来{detail}：请用 Word 或 Excel 打开检查，另存为 .docx 或 .xlsx 后重试。"
        ) from error
    units = {alike(row[key]) for row in base.rows["units"] for key in ("name", "short")}
    found = find_annexes(grids, lambda text: bool(text.strip()) and alike(text) in units)
    return _understood(name, base, found)


def _grids(content: bytes, name: str) -> list[Grid]:
    if len(content) > PLAN.file_mb * 2**20:
        raise NotReadableError("file_too_large", f"{len(content) / 2**20:.0f} MB")
    kind = sniff(content)
    if kind is FileKind.OTHER_OOXML:
        return word_grids(content, PLAN)
    if kind is FileKind.OTHER_OLE:
        raise OperatorError(f"“{name}”是旧格式的文档：请用 Word 另存为 .docx 后重试。")
    opened = open_workbook(content, limits=PLAN)
    if any(KEY in row for rows in opened.sheets.values() for row in rows[:12]):
        raise OperatorError(
            f"“{name}”是本程序生成的另一种工作簿，不是目标任务文件：请换成正式文件或目标任务工作簿。"
        )
    return pasted_grids(opened)


def _one(found: list[Found], annex: Annex, name: str) -> Found | None:
    several = [one for one in found if one.annex is annex]
    if len(several) > 1:
        places = "、".join(one.place for one in several)
        raise OperatorError(
            f"“{name}”里有 {len(several)} 个像{annex}的表格（{places}）：请只留一个后重试。"
        )
    return several[0] if several else None


def _understood(name: str, base: PlanTables, found: list[Found]) -> Understanding:
    second = _one(found, Annex.TARGETS, name)
    if second is None:
        raise OperatorError(
            f"“{name}”里没有找到附件2的目标表：表头一行应写各单位的名称，请检查后重试。"
        )
    first, third = _one(found, Annex.DISTRICT, name), _one(found, Annex.REVIEW, name)
    title = _title(second.above)
    year = int(title[:4]) if title else None
    merging = Merging(base, same_year=year in (None, base.settings.get("year")))
    rows: dict[str, list[Values]] = {"units": merging.units(second)}
    rows["district_targets"] = merging.district(first) if first else _kept(merging, "附件1")
    rows["review_items"] = merging.review(third) if third else _kept(merging, "附件3")
    sources = {one["source"]: one["target"] for one in rows["district_targets"] if one["source"]}
    rows["indicators"] = merging.indicators(second, sources if first else None)
    known = {one["code"] for one in rows["units"]}
    rows["contacts"] = [dict(row.values) for row in base.rows["contacts"] if row["unit"] in known]
    coded, _ = with_codes(
        {table: tuple(Row(table, n, one) for n, one in enumerate(several, start=2))
         for table, several in rows.items()}
    )  # fmt: skip
    coded = {**coded, **{table: _with_parents(coded[table]) for table in ("indicators",
             "district_targets")}}  # fmt: skip
    own = {table: [dict(row.values) for row in several] for table, several in coded.items()}
    targets = merging.targets(second, own["indicators"], own["units"])
    coded["targets"] = tuple(Row("targets", n, one) for n, one in enumerate(targets, start=2))
    units = tuple(one["code"] for one in own["units"])
    for annex in (first, second, third):
        if annex:
            merging.problems += [
                Problem(one.place, one.text.strip(), reason) for one, reason in annex.stray
            ]
    plan = PlanTables(
        _settings(base, title, second.note, merging),
        coded,
        {**COLUMNS, "targets": (*COLUMNS["targets"], *units)},
    )
    tables = [
        TableFound(str(one.annex), one.place, len(one.lines), len(one.heads))
        for one in (first, second, third)
        if one
    ]
    return Understanding(
        plan, tuple(tables), merging.compared, tuple(merging.problems), tuple(merging.notes)
    )


def _with_parents(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Put codes in place of the positions that new parts name their whole by."""
    codes = {f"#{place}": row["code"] for place, row in enumerate(rows)}
    return tuple(
        Row(row.table, row.line, {**row.values, "parent": codes.get(row["parent"], row["parent"])})
        for row in rows
    )


def _kept(merging: Merging, annex: str) -> list[Values]:
    """Return the base's rows of an annex that the document lacks, and say so."""
    table = "district_targets" if annex == "附件1" else "review_items"
    base = merging.base
    rows = [dict(row.values) for row in base.rows[table]]
    said = f"文件里没有{annex}，沿用“{base.settings.get('name', '')}”的 {len(rows)} 项"
    if table == "district_targets" and not merging.same_year:
        rows = [{**row, "target": ""} for row in rows]
        said += "，年度不同，目标留空"
    merging.notes.append(f"{said}，请核对。")
    return rows


def _title(above: tuple[str, ...]) -> str:
    """Return the title above a table, over however many lines; empty where none is like one."""
    told = ""
    lines = [one_line(line) for text in above for line in text.split("\n") if line.strip()]
    for line in reversed(lines[-_MOST_TITLE_LINES:]):
        told = f"{line}{told}"
        if _TITLE.match(told):
            return told
    return ""


def _settings(base: PlanTables, title: str, note: str, merging: Merging) -> dict[str, object]:
    settings = dict(base.settings)
    if title:
        year = int(title[:4])
        if alike(title) != alike(str(settings.get("title", ""))):
            settings["title"] = title
            merging.notes.append(f"标题改为“{title}”。")
        if settings.get("name") == str(settings.get("year")):
            settings["name"] = str(year)
        settings["year"] = year
    else:
        merging.notes.append(
            f"没有看到标题，年度和标题沿用“{settings.get('name', '')}”，请在“设置”表核对。"
        )
    plain = re.sub(r"^(备注|注|说明)[：:]", "", one_line(note))
    if plain and alike(plain) != alike(str(settings.get("note", ""))):
        settings["note"] = plain
        merging.notes.append(f"备注改为“{plain}”。")
    return settings
