"""Between a plan's text and the cells of its workbook, both ways and without loss."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from consolidator.forms.layout import Value
from consolidator.forms.plan.fields import Field, Takes
from consolidator.plan.examining import read_number

_MARKED = re.compile(r"〔([A-Za-z0-9_]+)〕$")


def number_text(value: float) -> str:
    """Write a number as people do, plainly and with the 15 digits a spreadsheet program keeps.

    What such programs compute of ``47.1%`` may differ from 0.471 in the digit behind those.
    """
    text = format(Decimal(f"{value:.15g}"), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def cell_value(text: str, takes: Takes) -> Value:
    """Return what is written into a cell for a plan's text: a number only where it says the same.

    A ratio becomes a fraction. What a cell's number cannot hold exactly stays text.
    """
    exact = takes in (Takes.WHOLE, Takes.LABEL)
    if not text or not (takes.is_number or exact):
        return text or None
    value = read_number(text)
    if value is None:
        return text
    told = number_text(value)
    same = told == text if exact else read_number(told) == value
    return value if same else text


@dataclass(frozen=True, slots=True)
class Names:
    """The rows of a table by the names people know them by."""

    code_of: Mapping[str, str]
    """By name; a name that stands there twice is left out."""
    name_of: Mapping[str, str]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str]]) -> "Names":
        """Gather (code, name) of every row."""
        pairs = [*rows]
        times = Counter(name for _, name in pairs)
        return cls({name: code for code, name in pairs if times[name] == 1 and name}, dict(pairs))

    def code(self, text: str) -> str:
        """Return the code of the row that ``text`` names; the text itself where none is."""
        if text in self.code_of:
            return self.code_of[text]
        marked = _MARKED.search(text)
        if text not in self.name_of and marked and marked[1] in self.name_of:
            return marked[1]
        return text

    def name(self, code: str) -> str:
        """Return how people name a row, so that `code` finds it again."""
        name = self.name_of.get(code)
        for told in (name, code):
            if told and self.code(told) == code:
                return told
        return f"{name}〔{code}〕" if name else code


def told(text: str, one: Field, names: Mapping[str, Names]) -> str:
    """Return what staff read for a plan's text."""
    if one.takes is Takes.CHOICE:
        return one.words.get(text, text)
    if one.takes is Takes.NAME and text:
        return names[one.of].name(text)
    return text


def meant(text: str, one: Field, names: Mapping[str, Names]) -> str:
    """Return the plan's text for what staff wrote."""
    if one.takes is Takes.CHOICE:
        return {word: key for key, word in one.words.items()}.get(text, text)
    if one.takes is Takes.NAME and text:
        return names[one.of].code(text)
    return text
