"""Take what stands in a table for a target, or say why not; nothing is guessed."""

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from consolidator.intake.official.grid import Entry, alike

_NUMBER = re.compile(r"(?:\d+|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d+)?%?", re.ASCII)
_BROKEN = re.compile(r"[\d.,．，][\s\u200b\ufeff]+[\d.,．，]")
"""White space within a number: two numbers may stand there."""
_DASHES = set("-—–−─―‐‑")
NOT_APPLICABLE = "--"


class Taken(NamedTuple):
    """The target as the plan writes it; empty, with the reason, where it is not understood."""

    text: str
    reason: str = ""


def taken(entry: Entry, *, ratio: bool | None, in_percent: bool = False) -> Taken:
    """Take a cell for a target.

    Args:
        entry: the cell.
        ratio: whether a ratio is meant; None where that is not known yet.
        in_percent: whether the row says that its numbers are per cent.
    """
    if entry.trouble:
        return Taken("", entry.trouble)
    if any(unicodedata.category(char) == "No" for char in entry.text):
        return Taken("", "含有①、² 之类的符号")
    if _BROKEN.search(entry.text):
        return Taken("", "有几段数字，分不清是不是一个数")
    plain = alike(entry.text)
    if not plain:
        return Taken("", "空白")
    if set(plain) <= _DASHES:
        return Taken(NOT_APPLICABLE)
    if not _NUMBER.fullmatch(plain):
        return Taken("", "不是数字")
    plain = plain.replace(",", "")
    if plain.endswith("%"):
        return Taken("", "计数的目标带有百分号") if ratio is False else Taken(plain)
    if not ratio:
        return Taken(plain)
    # Per cent below 1 may as well be a fraction.
    if in_percent and (Decimal(plain) > 1 or Decimal(plain) == 0):
        return Taken(f"{plain}%")
    return Taken("", "没有百分号，看不出是百分之几")
