"""What the mails say: one text, as plain lines and as simple HTML."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from consolidator.forms.quarterly.addresses import CHECK
from consolidator.forms.quarterly.correction import SHEET as CORRECTIONS
from consolidator.forms.quarterly.correction import Problem
from consolidator.mail.outgoing.mailing import Kind, Mailing
from consolidator.severity import Severity

_LINK = re.compile(r"(?i)[a-z][a-z0-9+.-]*://|\bwww\.|\bmailto:")
_SHOWN = 30
"""Problems that are listed in a mail; the workbook lists them all."""
_STYLE = "font-family:SimSun,serif;font-size:15px;line-height:1.7;color:#1F2937"


@dataclass(frozen=True, slots=True)
class Wording:
    """A mail's words: a paragraph is a text, a numbered list a sequence of texts."""

    subject: str
    blocks: tuple[str | tuple[str, ...], ...]

    @property
    def text(self) -> str:
        """The words as plain lines."""
        return _harmless("\n\n".join(_plain(block) for block in self.blocks) + "\n")

    @property
    def html(self) -> str:
        """The words as HTML that every mail program shows alike."""
        body = _harmless("\n".join(_html(block) for block in self.blocks))
        return (
            '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"></head>'
            f'<body style="{_STYLE}">\n{body}\n</body></html>\n'
        )


def word(mailing: Mailing) -> Wording:
    """Return what a mail says."""
    words = {Kind.TEMPLATE: _template, Kind.CORRECTION: _correction, Kind.REMINDER: _reminder}
    subject, blocks = words[mailing.kind](mailing)
    notice = (f"【{mailing.notice}】",) if mailing.notice else ()
    person = f" {mailing.contact.name}" if mailing.contact.name else ""
    greeting = f"{mailing.unit.name}{person}："
    mark = f"【{mailing.notice}】" if mailing.notice else ""
    return Wording(mark + subject, (*notice, greeting, *blocks, _signature(mailing)))


def _template(mailing: Mailing) -> tuple[str, list[str | tuple[str, ...]]]:
    subject = f"【请填报】{_table(mailing)}"
    return subject, [
        f"请填报{mailing.period.title}科技创新指标完成情况，填报表“{mailing.file}”在附件中，"
        f"请于 {mailing.deadline:%Y-%m-%d} 前报送。",
        "怎样填报：",
        _steps(),
    ]


def _correction(mailing: Mailing) -> tuple[str, list[str | tuple[str, ...]]]:
    subject = f"【请更正】{_table(mailing)}"
    doubtful = any(one.severity is Severity.WARNING for one in mailing.problems)
    keeping = "程度为“警告”的，核对无误可以不改，在备注里说明。" if doubtful else ""
    return subject, [
        f"贵单位报来的{mailing.period.title}填报表已收到，有 {len(mailing.problems)} 处需要更正。"
        f"附件“{mailing.file}”已填好原来的数，要改的单元格有标记和批注，"
        f"第一页“{CORRECTIONS}”列出全部问题。",
        "需要更正的：",
        _listed(mailing.problems),
        f"请只改有标记的单元格，“{CHECK}”显示“✓ 可以上报”后保存，回复本邮件发回附件。" + keeping,
    ]


def _reminder(mailing: Mailing) -> tuple[str, list[str | tuple[str, ...]]]:
    if mailing.problems:
        late = "下面的问题还没有收到更正后的表，请尽快更正报送；已经发出的，请不必理会本邮件。"
        first, *others = _correction(mailing)[1]
        return f"【催报更正】{_table(mailing)}", [first, late, *others]
    blocks: list[str | tuple[str, ...]] = [
        f"截至 {mailing.day:%Y-%m-%d}，还没有收到贵单位可用的{mailing.period.title}填报表"
        f"（报送期限 {mailing.deadline:%Y-%m-%d}），请尽快报送。"
    ]
    if mailing.refused:
        blocks += [
            "贵单位发来的下列内容不能采用：",
            tuple(one.text for one in mailing.refused),
        ]
    blocks += [f"填报表“{mailing.file}”再附上一份，怎样填报：", _steps()]
    return f"【催报】{_table(mailing)}", blocks


def _table(mailing: Mailing) -> str:
    return f"{mailing.period.title}科技创新指标填报表（{mailing.unit.short}）"


def _steps() -> tuple[str, ...]:
    return (
        "把附件保存到电脑，用 Excel 或 WPS 表格打开；不要在邮箱网页或手机里直接填写。",
        "只填浅黄色单元格，填本年 1 月 1 日至报告期末的累计数；没有发生的填 0，不要留空。",
        f"填完后看“{CHECK}”，显示“✓ 可以上报”后保存。",
        "回复本邮件，把填好的文件作为附件发回。"
        "不要另建表格，不要改文件格式，不要设打开密码，不要用网盘链接。",
    )


def _listed(problems: Sequence[Problem]) -> tuple[str, ...]:
    lines = [
        f"{one.place or '整份文件'}（{one.severity.chinese}）：{one.message}。{one.remedy}"
        for one in problems[:_SHOWN]
    ]
    if len(problems) > _SHOWN:
        lines.append(f"其余 {len(problems) - _SHOWN} 处见“{CORRECTIONS}”。")
    return tuple(lines)


def _signature(mailing: Mailing) -> str:
    contact = mailing.plan.contact
    return f"{contact.office} {contact.person}，电话：{contact.phone}，邮箱：{contact.mail}"


def _harmless(text: str) -> str:
    """Return a text in which no mail program finds a link: it quotes what units wrote."""
    return _LINK.sub(lambda one: one[0].replace(":", "：").replace(".", "。"), text)


def _plain(block: str | tuple[str, ...]) -> str:
    if isinstance(block, str):
        return block
    return "\n".join(f"{number}. {line}" for number, line in enumerate(block, start=1))


def _html(block: str | tuple[str, ...]) -> str:
    if isinstance(block, str):
        return f"<p>{escape(block)}</p>"
    return f"<ol>{''.join(_items(block))}</ol>"


def _items(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield f"<li>{escape(line)}</li>"
