"""Take what a person typed for a number, a date or a text, visibly and without guessing.

Full-width digits, spaces, thousands commas, the unit of measure and 万 are understood; what
could mean two things is refused with the reason.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from typing import NamedTuple

from consolidator.forms.layout import Value
from consolidator.forms.quarterly.assignment import FieldKind
from consolidator.intake.values import State

_SPACES = re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff\u00ad]+")
_VISIBLE = re.compile(r"[^\s\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_PLAIN = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?", re.ASCII)
_DATES = (
    re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?", re.ASCII),
    re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII),
)
_LONGEST = 2_000
"""Characters that are kept of a text; forms ask for 200 at most."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML has no place for: a workbook with it does not open."""
_LARGEST = 1e15
"""Above this a binary floating-point number no longer holds every whole number."""
_TEN_THOUSAND = "万"
NOT_A_RATIO = "带有百分号，应填数量，不填比率"
_SERIAL_ZERO = date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 36_526, 73_050
"""The years 2000 to 2099: a smaller or larger number is no date of ours."""


class Taken(NamedTuple):
    """What a cell's content is taken for."""

    raw: str
    state: State
    value: Value = None
    normalised: bool = False
    reason: str = ""


# Looking a member up takes longer than most of what is done with it here (Python 3.11).
_ENTERED, _DATE = State.ENTERED, FieldKind.DATE
_NUMBERS, _TEXTS = (FieldKind.COUNT, FieldKind.AMOUNT), (FieldKind.TEXT, FieldKind.CHOICE)
_NOTHING = Taken("", State.BLANK)
_taken: Callable[[tuple[str, State, Value, bool, str]], Taken] = partial(tuple.__new__, Taken)
"""Makes one of its parts in half the time that its constructor takes."""
_DAYS_KEPT = 1_024
"""How many days are remembered."""


def take(content: object, kind: FieldKind, measure: str = "") -> Taken:
    """Take the stored content of an entry cell for what its field holds.

    Args:
        content: what the reader gives: text, number, boolean, date, None.
        kind: what the field takes.
        measure: the field's unit of measure, which may stand behind a number.
    """
    if isinstance(content, str):
        if not content:
            return _NOTHING
        if kind in _TEXTS and content.isprintable() and len(content) <= _LONGEST:
            # It has no white space but the plain one, and no other character that is not seen.
            text = " ".join(content.split()) if " " in content else content
            if text:
                return _taken((content, _ENTERED, text, False, ""))
    elif isinstance(content, float):
        if kind in _NUMBERS and content.is_integer() and abs(content) < _LARGEST:
            whole = int(content)
            return _taken((str(whole), _ENTERED, float(whole), False, ""))
    elif content is None:
        return _NOTHING
    elif type(content) is date and kind is _DATE:
        return _day(content)
    raw = _shown(content)
    if isinstance(content, str) and not _VISIBLE.search(raw):
        return Taken(raw, State.BLANK)
    if kind in _NUMBERS:
        return _number(content, raw, measure)
    if kind is _DATE:
        return _date(content, raw)
    text = " ".join(raw.split())
    return Taken(raw, _ENTERED, text, normalised=False)


@lru_cache(maxsize=_DAYS_KEPT)
def _day(day: date) -> Taken:
    return Taken(str(day), _ENTERED, day)


def _shown(content: object) -> str:
    if isinstance(content, float):
        return (
            str(int(content)) if content.is_integer() and abs(content) < _LARGEST else repr(content)
        )
    if isinstance(content, str):
        if len(content) > _LONGEST:
            content = f"{content[:_LONGEST]}……（原文共 {len(content)} 字）"
        return _UNWRITABLE.sub("\ufffd", content)
    if content is None:
        return ""
    if isinstance(content, bool):
        return "TRUE" if content else "FALSE"
    if isinstance(content, datetime):
        return content.strftime("%Y-%m-%d %H:%M:%S").removesuffix(" 00:00:00")
    return str(content)


def _unreadable(raw: str, reason: str) -> Taken:
    return Taken(raw, State.UNREADABLE, reason=reason)


def _number(content: object, raw: str, measure: str) -> Taken:
    if isinstance(content, bool):
        return _unreadable(raw, "是逻辑值，不是数字")
    if isinstance(content, (int, float)):
        value = float(content)
        if not abs(value) < _LARGEST:
            return _unreadable(raw, "数字过大")
        # A formula may leave 3.0000000000000004 where 3 is meant.
        near = round(value)
        return Taken(raw, _ENTERED, float(near) if abs(value - near) < 1e-9 else value)
    if not isinstance(content, str):
        return _unreadable(raw, "是日期或时间，不是数字")
    return _number_in_text(raw, measure)


def _number_in_text(raw: str, measure: str) -> Taken:
    if any(unicodedata.category(char) == "No" for char in raw):
        return _unreadable(raw, "含有①、² 之类的符号")
    plain = _SPACES.sub("", unicodedata.normalize("NFKC", raw)).replace("−", "-")
    scale = Decimal(1)
    if measure and plain.endswith(measure):
        plain = plain.removesuffix(measure)
    if plain.endswith("%"):
        return _unreadable(raw, NOT_A_RATIO)
    if plain.endswith(_TEN_THOUSAND):
        if _TEN_THOUSAND in measure:
            return _unreadable(raw, f"计量单位已是“{measure}”，再写“万”含义不明")
        plain, scale = plain.removesuffix(_TEN_THOUSAND), Decimal(10_000)
    if not _PLAIN.fullmatch(plain):
        return _unreadable(raw, "不是数字")
    try:
        value = float(Decimal(plain.replace(",", "")) * scale)
    except InvalidOperation:
        return _unreadable(raw, "不是数字")
    if abs(value) >= _LARGEST:
        return _unreadable(raw, "数字过大")
    return Taken(raw, _ENTERED, value, normalised=True)


def _date_of_serial(serial: float, raw: str) -> Taken:
    """Take the plain number that some programs leave of a date: days since 1899-12-30."""
    if not serial.is_integer() or not _FIRST_SERIAL <= serial <= _LAST_SERIAL:
        return _unreadable(raw, "不是日期")
    return Taken(raw, _ENTERED, _SERIAL_ZERO + timedelta(days=serial), normalised=True)


def _date(content: object, raw: str) -> Taken:
    if isinstance(content, datetime):
        # A time of day shows that a program took the day for midnight in another time zone.
        timed = (content.hour, content.minute, content.second) != (0, 0, 0)
        return Taken(raw, _ENTERED, content.date(), normalised=timed)
    if isinstance(content, date):
        return Taken(raw, _ENTERED, content)
    if isinstance(content, (int, float)) and not isinstance(content, bool):
        return _date_of_serial(float(content), raw)
    plain = _SPACES.sub("", unicodedata.normalize("NFKC", raw))
    for pattern in _DATES:
        if match := pattern.fullmatch(plain):
            try:
                value = date(*(int(part) for part in match.groups()))
            except ValueError:
                return _unreadable(raw, "没有这一天")
            return Taken(raw, _ENTERED, value, normalised=True)
    return _unreadable(raw, "不是日期")
