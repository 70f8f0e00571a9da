"""Write the generated parts of the manual: its field list, and the catalogue of findings.

    python docs/make_manual.py            write them
    python docs/make_manual.py --check    say whether they are up to date

The field list comes from the quarterly form and the plan, the findings from the checks'
catalogue. What stands between a pair of marker comments is replaced; the rest is left alone.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from consolidator.checks.catalogue import CATALOGUE
from consolidator.forms.layout import address
from consolidator.forms.quarterly.addresses import LIST, LIST_FIRST, MAIN, Places
from consolidator.forms.quarterly.assignment import (
    LIST_FIELDS,
    LIST_KEYS,
    SIGNERS,
    Asking,
    Assignment,
    FieldKind,
    Key,
)
from consolidator.intake.limits import MEANINGS, RETURN
from consolidator.plan.check import load_plan
from consolidator.plan.period import Period
from consolidator.settings import MEANINGS as SETTINGS
from consolidator.settings import Settings
from consolidator.severity import Severity

_FOLDER = Path(__file__).resolve().parent
MANUAL, CODES = _FOLDER / "使用手册.md", _FOLDER / "问题代码.md"
_BEGIN, _END = "<!-- 以下由 make_manual.py 生成：{} -->", "<!-- 生成部分结束：{} -->"
_KINDS = {
    FieldKind.COUNT: "不小于 0 的整数",
    FieldKind.AMOUNT: "不小于 0 的数字",
    FieldKind.TEXT: "文字",
    FieldKind.DATE: "日期",
    FieldKind.CHOICE: "从下拉列表选择",
}
_ASKING = {
    Asking.DERIVED: "自动计算",
    Asking.NOT_APPLICABLE: "不考核",
    Asking.NOT_YET: "本期不填",
}
# In the catalogue's texts, what stands where a finding puts its own particulars.
_BLANKS = {"found": "（发现的内容）", "expected": "（应有的内容）", "name": "“（项目名）”"}


def assignment() -> Assignment:
    """Return the form the field list describes: the shipped plan's first unit, fourth quarter."""
    plan = load_plan("2017")
    return Assignment(plan, plan.units[0], Period.parse("2017-Q4"))


def fields() -> str:
    """Return every entry field of the form, its cell, what it takes and its rule."""
    asked = assignment()
    places = Places(asked)
    lines = [
        [
            places.local(line.value_key),
            line.name,
            line.measure,
            _KINDS[line.kind] if line.asking is Asking.ENTRY else _ASKING[line.asking],
            line.indicator.meaning if not line.amount else f"用于计算“{line.indicator.name}”。",
            line.indicator.rule if not line.amount else "填本年累计数。",
        ]
        for line in asked.lines
    ]
    signers = [[places.local(key), label, _KINDS[kind]] for key, (label, kind) in SIGNERS.items()]
    listed = [
        [_list_cells(places, column), label, _list_takes(asked, column, kind)]
        for column, (label, kind) in LIST_FIELDS.items()
    ]
    return "\n\n".join(
        (
            f"“{MAIN}”的指标（{asked.period.title}，以{asked.unit.name}的表为例）：",
            _table(("单元格", "项目", "计量单位", "怎样填", "含义", "计数规则"), lines),
            "每项指标的同一行最后一列是备注，滞后的指标必须填写。表下方的签署信息：",
            _table(("单元格", "项目", "怎样填"), signers),
            f"“{LIST}”每条一行，共 {len(LIST_KEYS)} 行：",
            _table(("单元格", "项目", "怎样填"), listed),
        )
    )


def catalogue() -> str:
    """Return every code a finding may carry, errors first."""
    pieces = []
    for severity in Severity:
        rows = [
            [f"`{code}`", _worded(entry.message), _worded(entry.remedy)]
            for code, entry in CATALOGUE.items()
            if entry.severity is severity
        ]
        pieces.append(f"## {severity.chinese}（{len(rows)} 种）")
        pieces.append(_table(("代码", "提示内容", "怎样处理"), rows))
    return "\n\n".join(pieces)


def limits() -> str:
    """Return every limit on what comes back, with its default."""
    rows = [[f"`{name}`", text, f"{getattr(RETURN, name):,}"] for name, text in MEANINGS.items()]
    return _table(("名称", "最多", "默认值"), rows)


def mail_settings() -> str:
    """Return every setting of the bureau's mailbox, with its default."""
    defaults = Settings()
    rows = [
        [f"`[{table}]`", f"`{name}`", meaning, _default(getattr(getattr(defaults, table), name))]
        for table in ("mail", "smtp", "imap")
        for name, meaning in SETTINGS[table].items()
    ]
    return _table(("表头", "名称", "是什么", "不写则为"), rows)


def _default(value: str | int) -> str:
    return f"{value:,}" if isinstance(value, int) else value or "—"


def renewed(text: str, part: str, content: str) -> str:
    """Return ``text`` with ``content`` between the markers of ``part``.

    Raises:
        ValueError: the markers are not there, each once.
    """
    begin, end = _BEGIN.format(part), _END.format(part)
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"{begin} and {end} must stand there once each")
    before, rest = text.split(begin)
    return f"{before}{begin}\n\n{content}\n\n{end}{rest.split(end)[1]}"


def contents() -> dict[Path, str]:
    """Return each document as it ought to be."""
    manual = MANUAL.read_text("utf-8")
    parts = {"填报项目": fields(), "限制": limits(), "邮箱设置": mail_settings()}
    for part, content in parts.items():
        manual = renewed(manual, part, content)
    return {
        MANUAL: manual,
        CODES: renewed(CODES.read_text("utf-8"), "问题代码", catalogue()),
    }


def _list_cells(places: Places, column: str) -> str:
    row, index = places.cell(Key(LIST_KEYS[0], column))
    return f"{address(row, index)}:{address(LIST_FIRST + len(LIST_KEYS) - 1, index)}"


def _list_takes(asked: Assignment, column: str, kind: FieldKind) -> str:
    if kind is FieldKind.CHOICE:
        return f"{_KINDS[kind]}：{'、'.join(asked.plan.filed_kinds)}"
    return f"{_KINDS[kind]}，须在 {asked.period.year} 年内" if column == "date" else _KINDS[kind]


def _worded(text: str) -> str:
    return text.format(**_BLANKS)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in lines)


def main() -> None:
    """Write the documents, or tell whether they are up to date."""
    stale = {path: text for path, text in contents().items() if path.read_text("utf-8") != text}
    if "--check" in sys.argv[1:]:
        names = ", ".join(path.name for path in stale)
        sys.exit(f"Out of date: {names}; run python docs/make_manual.py" if stale else 0)
    for path, text in stale.items():
        path.write_text(text, "utf-8", newline="\n")
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
