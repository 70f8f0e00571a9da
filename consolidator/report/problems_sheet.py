"""问题清单: every finding with its place, what was found, what should be, and what to do."""

from collections import Counter
from collections.abc import Iterator

from consolidator.checks.findings import Finding
from consolidator.forms.layout import (
    Area,
    Cell,
    Column,
    Columns,
    Highlight,
    Printing,
    Role,
    Shape,
    Sheet,
    Style,
    Tone,
    jump,
)
from consolidator.report import data_sheet, files_sheet, register_sheet, status_sheet
from consolidator.report.context import (
    DATA,
    FILES,
    HEAD_ROW,
    HIDDEN_ROWS,
    PROBLEMS,
    STATUS,
    TITLE_ROW,
    District,
    heads,
    top,
)
from consolidator.severity import Severity

COLUMNS = Columns(
    Column("key", "", 2, hidden=True),
    Column("number", "序号", 6),
    Column("severity", "程度", 7),
    Column("unit", "单位", 14),
    Column("indicator", "指标", 28),
    Column("message", "问题", 42),
    Column("remedy", "处理办法", 36),
    Column("file", "文件", 34),
    Column("sheet", "工作表", 14),
    Column("cell", "单元格", 8),
    Column("link", "定位", 9),
    Column("code", "代码", 18),
)
FIRST = HEAD_ROW + 1
_LAST = COLUMNS.index("code")


def whole_range(district: District, column: str) -> str:
    """Return the range of all findings in a column."""
    last = FIRST + max(len(district.settled.findings), 1) - 1
    return COLUMNS.down(column, FIRST, last, sheet=PROBLEMS)


_BUREAUS_OWN = (
    "adjusted", "adjustment_", "decision_", "superseded", "passed_over", "duplicate_file",
    "signature_", "stamp_unsigned", "same_figures", "register_", "filing_elsewhere",
)  # fmt: skip
"""Beginnings of codes that only the bureau can act on."""


def concerns_unit(one: Finding) -> bool:
    """Tell whether a finding asks something of the unit itself."""
    return one.severity is not Severity.INFO and not one.code.startswith(_BUREAUS_OWN)


def problems_sheet(district: District) -> Sheet:
    """Describe the sheet: errors first, a filter on the heading."""
    count = len(district.settled.findings)
    last = FIRST + max(count, 1) - 1
    severity = f"${COLUMNS.at('severity', FIRST)}"
    shown = Area(FIRST, 2, last, 2)
    tones = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.WARN, Severity.INFO: Tone.MUTED}
    return Sheet(
        name=PROBLEMS,
        cells=_cells(district),
        columns=COLUMNS,
        merges=tuple(top(district, f"问题清单（共 {count} 条）", _LAST)),
        heights={TITLE_ROW: 30, HEAD_ROW: 24},
        hidden_rows=HIDDEN_ROWS,
        highlights=tuple(
            Highlight(shown, f'{severity}="{one.chinese}"', tone) for one, tone in tones.items()
        ),
        freeze=(FIRST, 0),
        cursor=(FIRST, 1),
        filter=Area(HEAD_ROW, 1, last, _LAST),
        printing=Printing(
            footer=district.footer,
            area=Area(TITLE_ROW, 1, last, _LAST),
            landscape=True,
            repeat_rows=(HEAD_ROW, HEAD_ROW),
        ),
        zoom=90,
    )


def _cells(district: District) -> Iterator[Cell]:
    yield from heads(COLUMNS)
    plan = district.settled.plan
    units = {unit.code: place for place, unit in enumerate(plan.units)}
    files = {one.file: place for place, one in enumerate(district.settled.files)}
    indicators = {one.code: place for place, one in enumerate(plan.indicators)}
    of_units: Counter[str] = Counter()
    if not district.settled.findings:
        yield Cell(FIRST, 5, "没有发现问题", Style(Role.LABEL))
    for number, one in enumerate(district.settled.findings, start=1):
        row = FIRST + number - 1
        unit = plan.named(one.unit)
        indicator = plan.of(one.unit).indicator_by_code.get(one.indicator)
        texts = (
            one.severity.chinese,
            unit.short if unit else "—",
            indicator.label if indicator else one.name,
            one.message,
            one.remedy,
            one.file,
            one.sheet,
            one.cell,
        )
        if unit and concerns_unit(one):
            of_units[unit.name] += 1
            yield Cell(row, 0, f"{unit.name}#{of_units[unit.name]}", Style(Role.HIDDEN))
        yield Cell(row, 1, number, Style(Role.LABEL, Shape.CENTRED))
        for column, text in enumerate(texts, start=2):
            centred = column in (2, 9)
            style = Style(Role.LABEL, Shape.CENTRED if centred else Shape.TEXT)
            yield Cell(row, column, text, style)
        target = _target(district, one, units, indicators, files)
        style = Style(Role.LINK, Shape.CENTRED)
        yield Cell(row, _LAST - 1, "→ 查看" if target else None, style, link=target)
        yield Cell(row, _LAST, one.code, Style(Role.LABEL))


def _target(
    district: District, one: Finding, units: dict[str, int], indicators: dict[str, int],
    files: dict[str, int],
) -> str:  # fmt: skip
    if district.register and one.file == district.register.file:
        return register_sheet.cell_link(district, one.sheet, one.cell)
    if one.unit in units and one.indicator in indicators:
        row = data_sheet.row_of(district, units[one.unit], indicators[one.indicator])
        return jump(row, data_sheet.COLUMNS.index("reported"), DATA)
    if one.unit in units and (one.cell or one.file not in files):
        return jump(status_sheet.FIRST + units[one.unit], 2, STATUS)
    row = files_sheet.FIRST + files.get(one.file, 0)
    return jump(row, files_sheet.COLUMNS.index("file"), FILES)
