"""Tell what belongs to a sheet rather than to a cell: view, print set-up, sizes and rules."""

from collections.abc import Iterator
from typing import Any

from openpyxl.worksheet.worksheet import Worksheet

PROTECTIONS = (
    *("objects", "scenarios", "formatCells", "formatColumns", "formatRows", "insertColumns"),
    *("insertRows", "insertHyperlinks", "deleteColumns", "deleteRows", "selectLockedCells"),
    *("selectUnlockedCells", "sort", "autoFilter", "pivotTables"),
)


def about_sheet(sheet: Worksheet) -> Iterator[str]:
    """Tell the sheet's state, view, protection, print set-up, sizes, merges and names."""
    yield f"state {sheet.sheet_state}"
    view: Any = sheet.sheet_view
    yield _joined(
        "view",
        freeze=sheet.freeze_panes,
        zoom=view.zoomScale,
        gridlines="off" if view.showGridLines is False else None,
        tab=sheet.sheet_properties.tabColor and sheet.sheet_properties.tabColor.rgb,
    )
    yield from _protection(sheet)
    yield from _print_setup(sheet)
    yield from _sizes(sheet)
    yield from sorted(f"merge {area.coord}" for area in sheet.merged_cells.ranges)
    for name, defined in sorted(sheet.defined_names.items()):
        yield f"name {name} = {defined.attr_text}"
    if sheet.auto_filter.ref:
        yield f"filter {sheet.auto_filter.ref}"


def rules(sheet: Worksheet) -> Iterator[str]:
    """Tell the data validations and conditional formats, each kind sorted."""
    yield from sorted(_validation(rule) for rule in sheet.data_validations.dataValidation)
    yield from sorted(
        _conditional_format(area, rule)
        for area in sheet.conditional_formatting
        for rule in area.rules
    )


def _joined(label: str, **facts: Any) -> str:
    told = [f"{name}={value}" for name, value in facts.items() if value not in (None, "", False)]
    return " ".join([label, *told])


def _areas(ranges: Any) -> str:
    return " ".join(sorted(area.coord for area in ranges.ranges))


def _protection(sheet: Worksheet) -> Iterator[str]:
    protection: Any = sheet.protection
    if protection.sheet:
        allowed = [name for name in PROTECTIONS if not getattr(protection, name)]
        password = " password" if protection.password or protection.hashValue else ""
        yield f"protected{password} allowed={','.join(allowed)}"


def _print_setup(sheet: Worksheet) -> Iterator[str]:
    setup: Any = sheet.page_setup
    fit = sheet.sheet_properties.pageSetUpPr
    fitted = fit is not None and fit.fitToPage
    pages = [1 if n is None else n for n in (setup.fitToWidth, setup.fitToHeight)]
    yield _joined(
        "print",
        paper=setup.paperSize,
        orientation=setup.orientation,
        fit=f"{pages[0]}x{pages[1]}" if fitted else None,
        scale=setup.scale,
        rows=sheet.print_title_rows,
        columns=sheet.print_title_cols,
        area=sheet.print_area,
        centred=sheet.print_options.horizontalCentered,
    )
    margins: Any = sheet.page_margins
    sides = ("left", "right", "top", "bottom", "header", "footer")
    yield "margins " + " ".join(f"{side}={getattr(margins, side):g}" for side in sides)
    for name in ("oddHeader", "oddFooter", "firstHeader", "firstFooter"):
        band: Any = getattr(sheet, name)
        for place in ("left", "center", "right"):
            if getattr(band, place).text:
                yield f"{name} {place} {getattr(band, place).text!r}"
    for kind, breaks in (("row", sheet.row_breaks), ("column", sheet.col_breaks)):
        if breaks.brk:
            yield f"{kind}-breaks " + " ".join(str(one.id) for one in breaks.brk)


def _sizes(sheet: Worksheet) -> Iterator[str]:
    for _, column in sorted(sheet.column_dimensions.items(), key=lambda item: item[1].min or 0):
        name = f"column {column.min}" + (f"-{column.max}" if column.max != column.min else "")
        yield _joined(
            name,
            width=f"{column.width:g}",
            hidden=column.hidden,
            outline=column.outlineLevel or None,
            unlocked=column.has_style and not column.protection.locked,
        )
    for number, row in sorted(sheet.row_dimensions.items()):
        if row.height is not None or row.hidden or row.outlineLevel:
            height = f"{row.height:g}" if row.height is not None else None
            yield _joined(
                f"row {number}",
                height=height,
                hidden=row.hidden,
                outline=row.outlineLevel or None,
            )


def _validation(rule: Any) -> str:
    told = _joined(
        f"validation {_areas(rule.sqref)} {rule.type}",
        operator=rule.operator,
        of=rule.formula1,
        to=rule.formula2,
        style=rule.errorStyle,
        blank="refused" if not rule.allow_blank else None,
        silent=not rule.showErrorMessage,
    )
    texts = (rule.promptTitle, rule.prompt, rule.errorTitle, rule.error)
    return " ".join([told, *(repr(text) for text in texts if text)])


def _conditional_format(area: Any, rule: Any) -> str:
    look = rule.dxf
    fill = look.fill.bgColor.rgb if look is not None and look.fill else None
    font = look.font.color.rgb if look is not None and look.font and look.font.color else None
    return _joined(
        f"format {_areas(area.sqref)} {rule.type}",
        operator=rule.operator,
        of=", ".join(rule.formula) or None,
        text=rule.text,
        fill=fill,
        font=font,
        bold=bool(look is not None and look.font and look.font.b),
        priority=rule.priority,
        stop=rule.stopIfTrue,
    )
