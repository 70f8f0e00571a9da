"""Put what stands in a document's annexes onto a base plan: names carry codes and rules over.

The units, indicators and targets are the document's. Of the base plan is taken only what the
document does not print: codes, kinds, meanings, rules, contacts, and whole annexes that it lacks.
"""

import re
from collections.abc import Mapping

from consolidator.intake.official.finding import Found, Line
from consolidator.intake.official.grid import Entry, alike, one_line
from consolidator.intake.official.numbers import taken
from consolidator.intake.official.understanding import Comparison, Problem
from consolidator.plan.model import Kind
from consolidator.plan.tables import COLUMNS, PlanTables, Row

_MEASURE = re.compile(r"[（(]([^（）()]{1,6})[）)]$")
_MARKS = re.compile(r"[（(]\s*([\d.０-９]+)\s*分\s*[）)]$")
_PART = "其中"
_SHORT = re.compile(r"[（(]([^（）()]+)[）)]$")
Values = dict[str, str]


class Merging:
    """The annexes of one document, table by table."""

    def __init__(self, base: PlanTables, *, same_year: bool) -> None:
        """Hold the base plan; ``same_year`` tells whether the document is of its year."""
        self.base = base
        self.same_year = same_year
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.compared: dict[str, Comparison] = {}

    def _problem(self, entry: Entry, reason: str) -> None:
        self.problems.append(Problem(entry.place, entry.text.strip(), reason))

    def _match(
        self, kind: str, table: str, names: list[str], hints: list[Values] | None = None
    ) -> list[Row | None]:
        """Return each name's row of the base, None for a new one, and note what is missing.

        Of several rows of one name the ``hints``, number and group, must tell which is meant.
        """
        compared = self.compared[kind] = Comparison()
        matched: list[Row | None] = []
        left = list(self.base.rows[table])
        for place, name in enumerate(names):
            rows = [one for one in left if alike(one["name"]) == alike(name)]
            rows = rows or [
                one for one in left if alike(one.values.get("short", "")) == alike(name)
            ]
            for hint, said in (hints[place] if hints else {}).items():
                if len(rows) > 1:
                    rows = [one for one in rows if one.values.get(hint, "") == said]
            row = rows[0] if len(rows) == 1 else None
            matched.append(row)
            if row is None:
                compared.new.append(name)
            else:
                left.remove(row)
                compared.matched.append(row["name"])
        compared.missing = [one["name"] for one in left]
        return matched

    def units(self, found: Found) -> list[Values]:
        """Return the units' rows."""
        names = [one_line(head.text) for head in found.heads]
        rows = []
        for name, row in zip(names, self._match("单位", "units", names), strict=True):
            if row is not None:
                rows.append(dict(row.values))
                continue
            match = _SHORT.search(name)
            rows.append({"code": "", "name": name, "short": match[1] if match else name})
        return rows

    def indicators(self, found: Found, district: Mapping[str, str] | None) -> list[Values]:
        """Return the indicators' rows; ``district`` is annex 1's target by its source's code."""
        labels = _labels(found)
        bare = [_MEASURE.sub("", name) if self._unknown(name) else name for _, _, name in labels]
        matched = self._match("指标", "indicators", bare, _hints(labels))
        rows: list[Values] = []
        for place, ((number, group, name), row) in enumerate(zip(labels, matched, strict=True)):
            line, measure = found.lines[place], one_line(found.measures[place])
            if row is not None:
                values = {**row.values, "number": number, "group": group}
                told = measure or _told_measure(name, row["name"])
                if told and alike(told) != alike(row["measure"]):
                    entry = line.labels[0][1] if line.labels else line.values[0][0]
                    self._problem(entry, f"计量单位是“{told}”，目标任务里是“{row['measure']}”")
                if district is not None and row["code"] in district:
                    values["district_target"] = district[row["code"]]
                elif values["district_target"] and not self.same_year:
                    values["district_target"] = ""
            else:
                values = self._new_indicator(line, bare[place], name, measure, labels, place)
                values |= {"number": number, "group": group}
            if not number or not name:
                entry = line.labels[0][1] if line.labels else line.values[0][0]
                self._problem(entry, "看不出指标名称" if number else "看不出序号")
            rows.append(values)
        return rows

    def _unknown(self, name: str) -> bool:
        known = {alike(row["name"]) for row in self.base.rows["indicators"]}
        return alike(name) not in known

    def _new_indicator(
        self, line: Line, bare: str, name: str, measure: str,
        labels: list[tuple[str, str, str]], place: int,
    ) -> Values:  # fmt: skip
        """Describe an indicator by what the document says of it; the rest stays blank."""
        told = _MEASURE.search(name)
        measure = measure or (one_line(told[1]) if told else "")
        texts = [taken(entry, ratio=None).text for cells in line.values for entry in cells]
        signs = {text.endswith("%") for text in texts if text not in ("", "--")}
        kind = {"True": "ratio", "False": "count"}.get("".join(map(str, signs)), "")
        if alike(measure) == "%":
            measure, kind = "%", "ratio"
        parent = ""
        if name.startswith(_PART):
            # Names are put in the place of codes once the new ones have codes.
            for other in range(place - 1, -1, -1):
                if labels[other][0] != labels[place][0]:
                    break
                if not labels[other][2].startswith(_PART):
                    parent = f"#{other}"
                    break
        return dict.fromkeys(COLUMNS["indicators"], "") | {
            "name": bare, "measure": measure, "kind": kind, "parent": parent,
        }  # fmt: skip

    def targets(self, found: Found, indicators: list[Values], units: list[Values]) -> list[Values]:
        """Return the rows of the targets, blank where a cell was not understood."""
        rows = []
        for line, one in zip(found.lines, indicators, strict=True):
            ratio = {str(Kind.RATIO): True, str(Kind.COUNT): False}.get(one["kind"])
            percent = one["measure"] == "%"
            values = {"indicator": one["code"], "name": one["name"]}
            for unit, cells in zip(units, line.values, strict=True):
                values[unit["code"]] = self._value(cells, ratio, percent)
            rows.append(values)
        return rows

    def _value(self, cells: tuple[Entry, ...], ratio: bool | None, in_percent: bool) -> str:
        if len(cells) > 1:
            for one in cells:
                self._problem(one, "一个名称下有几个数，分不清是哪个")
            return ""
        text, reason = taken(cells[0], ratio=ratio, in_percent=in_percent)
        if reason:
            self._problem(cells[0], reason)
        return text

    def district(self, found: Found) -> list[Values]:
        """Return the rows of annex 1."""
        labels = _labels(found)
        names = [name for _, _, name in labels]
        rows: list[Values] = []
        whole = ""
        for place, row in enumerate(
            self._match("附件1", "district_targets", names, _hints(labels))
        ):
            line, (number, _, name) = found.lines[place], labels[place]
            measure = one_line(found.measures[place])
            if row is not None:
                values = {**row.values, "number": number}
                if measure and measure != row["measure"]:
                    values["measure"] = measure
            else:
                values = dict.fromkeys(COLUMNS["district_targets"], "") | {
                    "number": number, "name": name, "measure": measure,
                    "kind": "ratio" if alike(measure) == "%" else "",
                }  # fmt: skip
            percent = alike(values["measure"]) == "%"
            values["target"] = self._value(line.values[0], values["kind"] == "ratio", percent)
            if row is None and name.startswith(_PART):
                values["parent"] = whole
            if not name.startswith(_PART):
                whole = f"#{place}"
            rows.append(values)
        return rows

    def review(self, found: Found) -> list[Values]:
        """Return the rows of annex 3."""
        labels = _labels(found)
        marks = [_MARKS.search(name) for _, _, name in labels]
        names = [_MARKS.sub("", name) for _, _, name in labels]
        rows = []
        for place, row in enumerate(self._match("附件3", "review_items", names)):
            mark = marks[place]
            rows.append({
                "number": labels[place][0],
                "name": row["name"] if row else names[place],
                "full_marks": alike(mark[1]) if mark else "",
            })  # fmt: skip
        return rows


def _hints(labels: list[tuple[str, str, str]]) -> list[Values]:
    return [{"number": number, "group": group} for number, group, _ in labels]


def _labels(found: Found) -> list[tuple[str, str, str]]:
    """Return number, group and name of every line; what is printed once holds for those below."""
    number = group = ""
    labels = []
    for line in found.lines:
        fresh = bool(line.number) and line.number != number
        number = line.number or number
        texts = [(column, one_line(entry.text)) for column, entry in line.labels]
        if len(texts) > 1:
            group, name = "".join(text for _, text in texts[:-1]), texts[-1][1]
        else:
            column, name = texts[0] if texts else (found.name_column, "")
            # A name alone, where the group stands else, is of no group.
            if fresh or column < found.name_column:
                group = ""
        labels.append((number, group, name))
    return labels


def _told_measure(name: str, known: str) -> str:
    """Return the measure a label ends in, where the indicator's own name does not."""
    told = _MEASURE.search(name)
    return one_line(told[1]) if told and not _MEASURE.search(known) else ""
