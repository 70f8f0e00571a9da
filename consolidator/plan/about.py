"""Examine what a plan says of itself: its settings."""

import math
import re
from collections.abc import Mapping
from typing import Any

from consolidator.plan.examining import Examination
from consolidator.plan.model import MeanKind

SETTINGS: Mapping[str, tuple[str, ...]] = {
    "": ("name", "year", "title", "note", "deadline_days", "contact", "weights", "review"),
    "contact": ("office", "person", "phone", "mail"),
    "weights": ("quantity", "review", "achievement_cap"),
    "review": ("mean",),
}
"""The keys of each section; the first has no name."""
_YEAR = re.compile(r"(?<!\d)((?:19|20|21)\d\d)年")
_PLACEHOLDER = "请填写"


def check_settings(found: Examination, settings: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Hold that every setting is there and takes a value it may have; None where not."""
    place, word = found.wording.setting, found.wording.word
    before = found.errors
    for section, keys in SETTINGS.items():
        table = settings.get(section) if section else settings
        if not isinstance(table, dict):
            found.error(place(section), "缺少这一节，请补上。")
            continue
        for key in keys:
            if key not in table:
                found.error(place(section), f"缺少 {word(key)}，请补上。")
        for key in table:
            if key not in keys:
                found.error(place(section), f"不认识的设置 {key}，请删去或改正拼写。")
    if found.errors > before:
        return None
    for key, low, high in (("year", 1950, 2199), ("deadline_days", 0, 366)):
        value = settings[key]
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            found.error(place("", key), f"{word(key)} 应为 {low} 到 {high} 的整数。")
    for key in ("name", "title", "note"):
        if not isinstance(settings[key], str):
            found.error(place("", key), f"{word(key)} 应为文字，请加上引号。")
        elif key == "name" and (";" in settings[key] or not settings[key].isprintable()):
            found.error(place("", key), f"{word(key)} 不能含有分号和不可见的字符，请改名。")
    title, year = settings["title"], settings["year"]
    years = set(_YEAR.findall(title)) - {str(year)} if isinstance(title, str) else set()
    if years:
        said = "、".join(sorted(years))
        found.warn(place("", "title"), f"{word('title')}写的是 {said} 年，与 {year} 年不同。")
    for key, value in settings["contact"].items():
        if not isinstance(value, str):
            found.error(place("contact", key), f"{word(key)} 应为文字，请加上引号。")
        elif _PLACEHOLDER in value:
            found.warn(place("contact", key), f"{word(key)} 还没有填写，会照样印在填报表上。")
    for key, value in settings["weights"].items():
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not 0 <= value < math.inf:
            found.error(place("weights", key), f"{word(key)} 应为不小于 0 的数字。")
    if settings["weights"]["achievement_cap"] == 0:
        key = "achievement_cap"
        found.error(place("weights", key), f"{word(key)} 应大于 0。")
    if settings["review"]["mean"] not in list(MeanKind):
        known = "、".join(word(one) for one in MeanKind)
        found.error(place("review", "mean"), f"{word('mean')} 应为其中之一：{known}。")
    return None if found.errors > before else settings
