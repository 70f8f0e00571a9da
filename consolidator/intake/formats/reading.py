"""Read the values of a workbook that was looked at: the one place where a reader is asked."""

import io
from collections.abc import Iterable, Iterator, Sequence

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from consolidator.intake.formats.refusing import NotReadableError

Rows = Sequence[Sequence[object]]
"""A sheet's values: its rows from A1 on."""


def read_values(content: bytes, expected: Iterable[str]) -> dict[str, Rows]:
    """Read the values of the worksheets that are expected, which must be those there are.

    Raises:
        NotReadableError: the reader cannot read it, or finds other sheets.
    """
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = list(_worksheets(workbook))
        if sorted(names) != sorted(expected):
            raise NotReadableError("file_damaged", "工作表的清单前后不一")
        return {
            name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in names
        }
    except CalamineError as error:
        code = "file_encrypted" if "password" in str(error).lower() else "file_damaged"
        raise NotReadableError(code, "内容读不出来") from error
    except (NotReadableError, MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        # The reader's own crash is a BaseException; whatever it is, it costs this one file.
        raise NotReadableError("file_damaged", "内容读不出来") from error


def _worksheets(workbook: CalamineWorkbook) -> Iterator[str]:
    for sheet in workbook.sheets_metadata:
        if sheet.typ is SheetTypeEnum.WorkSheet:
            yield sheet.name
