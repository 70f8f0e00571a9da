"""The sheets of the plan workbook: which field of which table stands in which column.

The one place that knows how a plan's words are written for staff; the sheets and the reader
both take columns, words and positions from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from consolidator.forms.layout import Column, Columns

IDENTITY = "consolidator-plan;1"
"""Stands in the first cell of every sheet."""
PROPERTY = "ConsolidatorPlan"
KEY = "key"
IDENTITY_ROW, KEY_ROW, TITLE, NOTE, HEAD = range(5)
FIRST = HEAD + 1
GUIDE, TARGETS, SETTINGS_SHEET = "说明", "目标", "设置"
AMOUNT_PARTS = ("code", "name", "measure")
CHECK = "check"


class Takes(StrEnum):
    """What a column takes."""

    TEXT = "text"
    WHOLE = "whole"
    LABEL = "label"
    """Mostly a number, but kept as it is written: what is printed before a row."""
    NUMBER = "number"
    TARGET = "target"
    """A number, or a ratio in per cent."""
    CHOICE = "choice"
    NAME = "name"
    """The name of a row of another table, or its code."""
    CODE = "code"

    @property
    def is_number(self) -> bool:
        """Whether numbers stand in the column."""
        return self in (Takes.WHOLE, Takes.NUMBER, Takes.TARGET)


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a sheet."""

    key: str
    title: str
    width: float
    takes: Takes = Takes.TEXT
    prompt: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    """The plan's words and what staff read for them."""
    of: str = ""
    """The table whose rows are named here."""
    needed: bool = False
    """Whether every row must have it."""

    @property
    def column(self) -> str:
        """The table's column: an amount's three parts are one there."""
        for part in AMOUNT_PARTS:
            stem = self.key.removesuffix(f"_{part}")
            if stem in ("numerator", "denominator"):
                return stem
        return self.key


@dataclass(frozen=True, slots=True)
class Form:
    """A sheet that holds one table of the plan."""

    table: str
    sheet: str
    note: str
    fields: tuple[Field, ...]
    spare: int
    """Empty rows for new entries."""
    landscape: bool = False

    @property
    def columns(self) -> Columns:
        """The columns, the hidden one of the keys first."""
        given = (Column(one.key, one.title, one.width) for one in self.fields)
        return Columns(Column(KEY, "", 3, hidden=True), *given)

    @property
    def by_key(self) -> Mapping[str, Field]:
        """The fields by their key."""
        return {one.key: one for one in self.fields}


KIND = {"count": "计数", "ratio": "比率", "quotient": "商数"}
ACCRUAL = {"cumulative": "本年累计", "stock": "期末实有"}
MEAN = {"plain": "平均", "trimmed": "去掉最高最低后平均"}
_TWO_KINDS = {key: KIND[key] for key in ("count", "ratio")}
_NUMBERED = "印在表上的序号；几行共用一个序号时都写同一个数。"
_CODE = Field(
    "code", "代码\n（自动）", 30, Takes.CODE,
    "程序用来认行的代码。新增的行留空，由程序编号；复制来的行请清空此格。",
)  # fmt: skip


_OVER_AND_UNDER = {"numerator": "分子", "denominator": "分母"}
_AMOUNT_CODES = tuple(
    Field(f"{key}_code", f"{word}代码\n（自动）", 26, Takes.CODE, "新增的留空，由程序编号。")
    for key, word in _OVER_AND_UNDER.items()
)


def _amounts(width: float) -> tuple[Field, ...]:
    return tuple(
        one
        for key, word in _OVER_AND_UNDER.items()
        for one in (
            Field(f"{key}_name", f"{word}名称", width, prompt="只有比率、商数才填。"),
            Field(f"{key}_measure", f"{word}\n计量单位", 9, prompt="如万元、件。"),
        )
    )


UNITS = Form(
    "units", "单位",
    "每个单位一行，顺序就是各表的顺序。新增：在空行写全称和简称，再到“目标”表加一列；"
    "改名：直接改；删除：清空这一行，并清空“目标”表里它的一列。",
    (
        Field("name", "单位全称", 44, prompt="如“空港产业园（罗溪镇）”，不能重复。", needed=True),
        Field("short", "简称", 20, prompt="用在文件名和窄列里，不能重复。", needed=True),
        Field(CHECK, "检查", 30),
        _CODE,
    ),
    8,
)  # fmt: skip
INDICATORS = Form(
    "indicators", "指标",
    "每项指标一行。新增：在空行（或插入的行）填写，再到“目标”表加一行；改名：直接改；"
    "删除：清空这一行，并清空“目标”表里它的一行。“其中”项在“上级指标”选它所属的指标。",
    (
        Field("number", "序号", 6, Takes.WHOLE, _NUMBERED, needed=True),
        Field("group", "分组", 11, prompt="几行合成一组时写组名，如“专利”；没有就留空。"),
        Field("name", "指标名称", 30, prompt="印在填报表上的名称。", needed=True),
        Field("measure", "计量\n单位", 7, prompt="如家、件、%。", needed=True),
        Field("kind", "类型", 8, Takes.CHOICE, "数量选“计数”，百分比选“比率”。", _TWO_KINDS,
              needed=True),
        Field("accrual", "累计方式", 10, Takes.CHOICE,
              "每季累加的选“本年累计”，填当时存量的选“期末实有”。", ACCRUAL, needed=True),
        Field("parent", "上级指标", 22, Takes.NAME, "“其中”项选它所属的指标；没有就留空。",
              of="indicators"),
        Field("first_quarter", "首报\n季度", 6, Takes.WHOLE, "从第几季度起填报，1 到 4。",
              needed=True),
        Field("filed_kinds", "备案类别", 20,
              prompt="以备案为准的指标写它计入的备案类别，几种之间用 | 隔开；没有就留空。"),
        *_amounts(16),
        Field("district_target", "全区目标\n（比率）", 10, Takes.TARGET,
              "比率的全区目标，如 59.0%；计数由各单位相加，留空。"),
        Field("weight", "权重", 7, Takes.NUMBER,
              "同一序号只写在一行；要么每个序号都写，要么都不写（各序号相同）。"),
        Field("meaning", "含义", 34, prompt="印在填报说明里。"),
        Field("rule", "计数规则", 40, prompt="印在填报说明里。"),
        Field(CHECK, "检查", 24),
        *_AMOUNT_CODES,
        _CODE,
    ),
    10,
    landscape=True,
)  # fmt: skip
DISTRICT = Form(
    "district_targets", "附件1",
    "全区自己的目标，每项一行。比率、商数若由附件2的指标得出，选“来源指标”；否则写明分子和分母。",
    (
        Field("number", "序号", 6, Takes.LABEL, _NUMBERED, needed=True),
        Field("name", "指标名称", 40, needed=True),
        Field("measure", "计量\n单位", 8, needed=True),
        Field("kind", "类型", 8, Takes.CHOICE,
              "数量选“计数”，百分比选“比率”，两个不同计量单位的数相除选“商数”。", KIND,
              needed=True),
        Field("target", "全区目标", 11, Takes.TARGET, "比率写百分比，如 2.86%。", needed=True),
        Field("parent", "上级指标", 24, Takes.NAME, "“其中”项选它所属的指标；没有就留空。",
              of="district_targets"),
        Field("first_quarter", "首报\n季度", 6, Takes.WHOLE, "从第几季度起填报，1 到 4。",
              needed=True),
        Field("source", "来源指标\n（附件2）", 26, Takes.NAME,
              "由附件2的哪项指标得出；另行填报的留空。", of="indicators"),
        *_amounts(18),
        *_AMOUNT_CODES,
        _CODE,
    ),
    6,
    landscape=True,
)  # fmt: skip
REVIEW = Form(
    "review_items", "附件3",
    "评议表的项目和满分，每项一行。",
    (
        Field("number", "序号", 7, Takes.WHOLE, "每项一个序号，不能重复。", needed=True),
        Field("name", "评议项目", 70, needed=True),
        Field("full_marks", "满分", 10, Takes.NUMBER, "不小于 0 的数字。", needed=True),
    ),
    6,
)  # fmt: skip
CONTACTS = Form(
    "contacts", "联系人",
    "填报表和更正表发给谁；每个单位一行。改过单位名称的，要在这里重新选择。",
    (
        Field("unit", "单位", 26, Takes.NAME, "请从列表中选择单位。", of="units", needed=True),
        Field("name", "联系人", 14),
        Field("mail", "邮箱", 34),
        Field("copy", "抄送\n（几个之间用 ; 隔开）", 40),
    ),
    8,
)  # fmt: skip
FORMS = (UNITS, INDICATORS, DISTRICT, REVIEW, CONTACTS)
"""The sheets that hold one table each; the targets and the settings have their own layout."""
FORM_OF = {form.table: form for form in FORMS}
SHEET_OF = {**{form.table: form.sheet for form in FORMS}, "targets": TARGETS}


@dataclass(frozen=True, slots=True)
class Setting:
    """A line of the sheet of settings."""

    section: str
    key: str
    title: str
    hint: str
    takes: Takes = Takes.TEXT
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def row_key(self) -> str:
        """The key of its row."""
        return f"{self.section}.{self.key}" if self.section else self.key


SETTING_LINES = (
    Setting("", "name", "目标任务名称", "一般就是年度，如 2017。"),
    Setting("", "year", "年度", "四位数字。", Takes.WHOLE),
    Setting("", "title", "标题", "印在目标表和填报表上。"),
    Setting("", "note", "备注", "附件2表下的备注。"),
    Setting("", "deadline_days", "报送期限（天）", "报告期结束后几天内报送。", Takes.WHOLE),
    Setting("contact", "office", "受理单位", "印在填报说明里。"),
    Setting("contact", "person", "联系人", "印在填报说明里。"),
    Setting("contact", "phone", "联系电话", "印在填报说明里。"),
    Setting("contact", "mail", "报送邮箱", "印在填报说明里。"),
    Setting("weights", "quantity", "定量权重", "附件2完成情况占的分数。", Takes.NUMBER),
    Setting("weights", "review", "评议权重", "附件3评议占的分数。", Takes.NUMBER),
    Setting("weights", "achievement_cap", "完成率上限", "写 1 即 100%，超过的按上限计分。",
            Takes.NUMBER),
    Setting("review", "mean", "评议分数合并方式", "几位评议人的分数怎样合成一个。",
            Takes.CHOICE, MEAN),
)  # fmt: skip
SETTING_COLUMNS = Columns(
    Column(KEY, "", 3, hidden=True),
    Column("title", "项目", 20),
    Column("value", "内容", 62),
    Column("hint", "说明", 44),
)
WORDS = {
    **KIND,
    **ACCRUAL,
    **MEAN,
    **{one.key: f"“{one.title}”" for one in SETTING_LINES},
    "amount": "名称和计量单位",
}
"""How the workbook writes what the text files write in English."""
UNIT_PREFIX = "unit:"
"""Stands before a unit's code in the row of keys of the targets."""
TARGET_COLUMNS = (
    Column(KEY, "", 3, hidden=True),
    Column("kind", "", 3, hidden=True),
    Column("whole", "", 3, hidden=True),
    Column("number", "序号", 6),
    Column("group", "分组", 10),
    Column("name", "指标", 34),
)
"""The columns of the targets before the units; behind the units stands the check."""
TARGET_KEYS = (*(column.key for column in TARGET_COLUMNS), CHECK)
UNIT_WIDTH = 11
SPARE_UNITS = 6
"""Empty columns of the targets for new units."""
REMOVED = "（已删除）"
DASHES = ("--", "—", "——", "－－", "-")
"""What says that a target is not applicable."""


def title_of(sheet: str, settings: Mapping[str, object]) -> str:
    """Return a sheet's title, which stands below each page too and is bounded there."""
    return f"{sheet}（{str(settings.get('year', ''))[:20]}年目标任务）"


def last_row(form: Form, rows: int) -> int:
    """Return the last row of a sheet, the spare ones included."""
    return FIRST + rows + form.spare - 1
