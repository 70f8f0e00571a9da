"""What each role looks like: the palette and the formats, in one place."""

from collections.abc import Mapping
from typing import Any

from consolidator.forms.layout import Role, Shape, Style, Tone

INK, HEADING, ENTRY, DERIVED = "#1F2937", "#E8EEF5", "#FFF9DB", "#F5F5F5"
GOOD, WARN, BAD, BORDER, LINK = "#1E7B4F", "#B45309", "#B91C1C", "#BFC5CD", "#1D4ED8"
BLANK_FILL, WRONG_FILL, GOOD_FILL, WARN_FILL, MUTED = (
    "#FFEFA3", "#FBD5D5", "#DDF3E6", "#FDEBD0", "#6B7280"
)  # fmt: skip
BAR, PALE_BAR = "#33557F", "#E3E8EF"
SHADES = ("#E3E8EF", "#B4C0D0", "#7C90AD", "#55718F", "#33557F")
"""Bars beside each other, from the earliest to the latest."""
TITLE_FONT, TEXT_FONT = "黑体", "宋体"

Properties = Mapping[str, Any]

_BASE: Properties = {
    "font_name": TEXT_FONT, "font_size": 10.5, "font_color": INK, "valign": "vcenter",
}  # fmt: skip
_BOXED: Properties = {"border": 1, "border_color": BORDER, "text_wrap": True}

_ROLES: Mapping[Role, Properties] = {
    Role.TITLE: {"font_name": TITLE_FONT, "font_size": 16, "align": "center", "text_wrap": True},
    Role.SUBTITLE: {"font_size": 10.5},
    Role.HEADING: {
        **_BOXED, "font_name": TITLE_FONT, "bg_color": HEADING, "align": "center",
    },
    Role.LABEL: _BOXED,
    Role.GIVEN: _BOXED,
    Role.ENTRY: {**_BOXED, "bg_color": ENTRY, "locked": False},
    Role.DERIVED: {**_BOXED, "bg_color": DERIVED},
    Role.TOTAL: {**_BOXED, "bg_color": HEADING, "bold": True},
    Role.BANNER: {"font_name": TITLE_FONT, "font_size": 12},
    Role.NOTE: {"font_size": 10, "font_color": MUTED, "text_wrap": True},
    Role.LINK: {**_BOXED, "font_color": LINK, "underline": 1},
    Role.SIGNATURE: {"font_size": 11},
    Role.PLAIN: {"text_wrap": True},
    Role.HIDDEN: {"font_size": 8, "font_color": MUTED},
}  # fmt: skip

_INDENTED = {Role.LABEL, Role.ENTRY, Role.LINK, Role.DERIVED, Role.BANNER}

_SHAPES: Mapping[Shape, Properties] = {
    Shape.TEXT: {"num_format": "@"},
    Shape.CENTRED: {"align": "center"},
    # A number that is too wide for its column is shown smaller, never as ###.
    Shape.COUNT: {"num_format": "#,##0", "align": "right", "shrink": True, "text_wrap": False},
    Shape.AMOUNT: {"num_format": "#,##0.00", "align": "right", "shrink": True, "text_wrap": False},
    Shape.RATIO: {"num_format": "0.0%", "align": "right", "shrink": True, "text_wrap": False},
    Shape.EXACT_RATIO: {
        "num_format": "0.0#####%",
        "align": "right",
        "shrink": True,
        "text_wrap": False,
    },
    Shape.FINE_RATIO: {
        "num_format": "0.00%",
        "align": "right",
        "shrink": True,
        "text_wrap": False,
    },
    Shape.TENTHS: {"num_format": "#,##0.0", "align": "right", "shrink": True, "text_wrap": False},
    Shape.POINTS: {"num_format": "0.0", "align": "right", "shrink": True, "text_wrap": False},
    Shape.SCORE: {"num_format": "0.00", "align": "right", "shrink": True, "text_wrap": False},
    Shape.DATE: {"num_format": "yyyy-mm-dd", "align": "center"},
}

TONES: Mapping[Tone, Properties] = {
    Tone.BLANK: {"bg_color": BLANK_FILL},
    Tone.WRONG: {"bg_color": WRONG_FILL, "font_color": BAD},
    Tone.GOOD: {"font_color": GOOD, "bg_color": GOOD_FILL},
    Tone.WARN: {"font_color": WARN, "bg_color": WARN_FILL},
    Tone.BAD: {"font_color": BAD, "bg_color": WRONG_FILL},
    Tone.MUTED: {"font_color": MUTED},
    Tone.ADJUSTED: {"bold": True, "italic": True},
    # The sign before the number says in black and white what the colour says.
    Tone.RATE_GOOD: {"font_color": GOOD, "bg_color": GOOD_FILL, "num_format": '"▲ "0.0%'},
    Tone.RATE_WARN: {"font_color": WARN, "bg_color": WARN_FILL, "num_format": '"● "0.0%'},
    Tone.RATE_BAD: {"font_color": BAD, "bg_color": WRONG_FILL, "num_format": '"▼ "0.0%'},
    # The star behind the number is on paper too.
    Tone.MARKED_COUNT: {"bold": True, "num_format": '#,##0"*"'},
    Tone.MARKED_RATIO: {"bold": True, "num_format": '0.0%"*"'},
}
TABS: Mapping[Tone, str] = {Tone.GOOD: GOOD, Tone.WARN: WARN, Tone.BAD: BAD, Tone.MUTED: BORDER}


def shade(place: int, count: int) -> str:
    """Return the colour of one of ``count`` bars beside each other; the last is the darkest."""
    step = (count - 1 - place) * (len(SHADES) - 1) // max(count - 1, 1)
    return SHADES[-1 - step]


def properties(style: Style) -> Properties:
    """Return the cell format of a style in XlsxWriter's words.

    Only entry cells for text carry the text format ``@``: a formula under it would be shown as
    its own text once someone edits the cell.
    """
    shape = dict(_SHAPES[style.shape])
    if style.shape is Shape.TEXT and style.role is not Role.ENTRY:
        del shape["num_format"]
    if style == Style(Role.ENTRY, Shape.COUNT):
        # A count of 86.5 must not look like 87 to the one who typed it.
        shape["num_format"] = "General"
    if style.shape is Shape.TEXT and style.role in _INDENTED:
        shape["indent"] = 1
    return {**_BASE, **_ROLES[style.role], **shape}
