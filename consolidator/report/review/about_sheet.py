"""说明: how marks become means, what is left out, and where each mark came from."""

from consolidator.checks.review_selection import RULE
from consolidator.forms.layout import (
    Area,
    Cell,
    Column,
    Columns,
    Printing,
    Role,
    Sheet,
    Style,
    height_for,
)
from consolidator.forms.review.marking import FAR, STEP, TRIMMED_FROM, in_words
from consolidator.plan.model import MeanKind
from consolidator.report.context import HEAD_ROW, HIDDEN_ROWS, TITLE_ROW, top
from consolidator.report.review.context import ABOUT, ReviewDistrict

_WIDTH = 110
_COLUMNS = Columns(Column("key", "", 2, hidden=True), Column("text", "", _WIDTH))


def about_sheet(district: ReviewDistrict) -> Sheet:
    """Describe the sheet: numbered sentences."""
    texts = [f"{number}. {text}" for number, text in enumerate(_lines(district), start=1)]
    rows = dict(enumerate(texts, start=HEAD_ROW))
    return Sheet(
        name=ABOUT,
        cells=[Cell(row, 1, text, Style(Role.PLAIN)) for row, text in rows.items()],
        columns=_COLUMNS,
        # One column only: nothing to merge the title over.
        merges=tuple(top(district, "说明", 1)),
        heights={
            TITLE_ROW: 30,
            **{row: height_for([(text, _WIDTH)], least=22) for row, text in rows.items()},
        },
        hidden_rows=HIDDEN_ROWS,
        cursor=(TITLE_ROW, 1),
        printing=Printing(
            footer=district.footer, area=Area(TITLE_ROW, 1, max(rows), 1), landscape=True
        ),
    )


def _lines(district: ReviewDistrict) -> tuple[str, ...]:
    settled, plan = district.settled, district.plan
    missing = [one.reviewer.name for one in settled.reviewers if one.submission is None]
    who = f"没有交的有：{'、'.join(missing)}。" if missing else "全部已交。"
    return (
        f"本工作簿由 {plan.name} 年度目标任务的评议内容（附件3）和收回的评议表汇总而成，"
        f"汇总时间 {district.made:%Y-%m-%d %H:%M}，程序版本 {district.version}。",
        f"评委：应评 {len(settled.reviewers)} 人，收回 {settled.returned} 人；{who}",
        f"采用规则：{RULE}",
        f"评分：0 分至满分，以 {STEP:g} 分为一档。评委所在单位的一行回避，不评分。"
        "留空须说明原因；留空、回避、未交和没有采用的评分都不计为 0 分，也不计入评分数。",
        f"平均分：{in_words(plan.reviewing.mean)}。{_trimmed(district)}"
        "正式的合并办法未收录，这是默认办法，由目标任务的“review”一项确定。",
        f"偏离：某个评分与各评委对该单位该项评分的中位数相差超过满分的 {FAR:.0%} 的，"
        "在“评分明细”标▲，在“问题清单”列出；只提示，照常计入。",
        "追溯：“评分明细”每个评分右边是它所在的单元格，点击打开评委交回的文件的那一格；"
        "同一行最后是文件名。压缩包里的文件没有链接。",
        "各表的平均分、评分数和合计都是公式；锁定的单元格请勿改动，评分有误的请评委改正重交后重新汇总。",
        "每次重新汇总前，原工作簿自动存入 history 文件夹，不会丢失。",
    )


def _trimmed(district: ReviewDistrict) -> str:
    """Say how many means are plain ones after all."""
    if district.plan.reviewing.mean is MeanKind.PLAIN:
        return ""
    few = sum(0 < one.count < TRIMMED_FROM for one in district.figures.merged.values())
    if not few:
        return "本次各项的评分数都够。"
    return f"本次有 {few} 个平均分因评分不足 {TRIMMED_FROM} 个，没有去掉最高最低分。"
