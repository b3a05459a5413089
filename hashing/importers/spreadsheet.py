"""Excel and OpenDocument workbooks: every visible sheet, with numbers and dates turned back into text."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from hashing.errors import InputFileError
from hashing.importers.sheets import Sheet

_LOCKED = "EncryptedPackage".encode("utf-16-le")  # the stream that stands for a locked workbook, [MS-OFFCRYPTO] 2.1
Place = tuple[int, int]
Cell = str | float | int | bool | date | datetime | time | timedelta | None


def read_spreadsheet(content: bytes, *, name: str) -> list[Sheet]:
    """Read the visible sheets of a workbook.

    Raises:
        InputFileError: the workbook is locked with a password, or damaged.
    """
    if _LOCKED in content:
        raise InputFileError(
            f"{name}: the workbook is locked with a password",
            hint="Open it in Excel, save a copy without a password on this computer, and use the copy.",
        )
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [_sheet(book, meta.name, name) for meta in book.sheets_metadata if _is_shown(meta)]
    except CalamineError as error:
        raise InputFileError(
            f"{name}: the workbook is damaged, locked, or not a workbook",
            hint="Open it in Excel and save it again as .xlsx, without a password.",
        ) from error


def _is_shown(meta: object) -> bool:
    visible = getattr(meta, "visible", None) == SheetVisibleEnum.Visible
    return visible and getattr(meta, "typ", None) == SheetTypeEnum.WorkSheet


def _sheet(book: CalamineWorkbook, sheet: str, name: str) -> Sheet:
    page = book.get_sheet_by_name(sheet)
    rows = [[cell_text(cell) for cell in row] for row in page.to_python(skip_empty_area=False)]
    for first, last in page.merged_cell_ranges or ():
        _fill_group(rows, first, last)
    return Sheet(f"{name} [{sheet}]", rows)


def _fill_group(rows: list[list[str]], first: Place, last: Place) -> None:
    """Write the text of a cell that is merged over several headers above each of them; other merged cells stay.

    So a group such as "Caregiver" ends where it ends, and the columns behind it are the client's again.
    """
    (row, left), (last_row, right) = first, last
    if row != last_row or row + 1 >= len(rows):
        return
    below = rows[row + 1][left : right + 1]
    if all(text and not any(map(str.isdigit, text)) for text in below):
        rows[row][left : right + 1] = [rows[row][left]] * (right + 1 - left)


def cell_text(cell: Cell) -> str:
    """A cell as a person sees it: 98382.0 -> "98382", a date -> ISO, a date with time -> its date."""
    if cell is None or isinstance(cell, time | timedelta):
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
