"""The files of a HUD HMIS CSV export, each known by its columns: any year, any order, any case, any file name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from hashing.dates import parse_date
from hashing.importers.sheets import Sheet


@dataclass(frozen=True, slots=True)
class HmisFile:
    """A sheet with headers in its first row; ``places`` are its columns by their names in lower case."""

    sheet: Sheet
    places: dict[str, int]

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(place, cells) of each row that is not blank."""
        return ((place, row) for place, row in enumerate(self.sheet.rows) if place and any(row))

    def live(self, *, today: date) -> Iterator[tuple[int, list[str]]]:
        """The same without rows that were deleted."""
        return ((place, row) for place, row in self.rows() if not self.is_deleted(row, today=today))

    def is_deleted(self, row: list[str], *, today: date) -> bool:
        """Whether a row carries a date of deletion."""
        deleted = self.cell(row, "datedeleted")
        return bool(deleted) and parse_date(deleted, today=today) is not None

    def cell(self, row: Sequence[str], column: str) -> str:
        """A cell by its column's name; "" where the row or the file does not have it."""
        place = self.places.get(column)
        return row[place] if place is not None and place < len(row) else ""

    def number(self, row: Sequence[str], column: str) -> str:
        """A code, without what a spreadsheet adds to it: 3.0 -> 3."""
        return self.cell(row, column).removesuffix(".0")


def hmis_file(sheet: Sheet) -> HmisFile:
    """A sheet by the columns in its first row."""
    first = sheet.rows[0] if sheet.rows else []
    names = (re.sub(r"[^a-z0-9]", "", cell.lower()) for cell in first)
    return HmisFile(sheet, {name: place for place, name in reversed(list(enumerate(names))) if name})


def files_with(sheets: Sequence[Sheet], *columns: str) -> list[HmisFile]:
    """The files that have all of these columns."""
    return [file for file in map(hmis_file, sheets) if set(columns) <= file.places.keys()]
