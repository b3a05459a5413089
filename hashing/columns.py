"""Finds the header row of a sheet and what its columns mean, by header and, where that fails, by content."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from hashing.fields import NAME_FIELDS, Field, field_of_header
from hashing.importers.sheets import Sheet

HEADER_WITHIN = 30  # title rows above the header
_SSN = re.compile(r"\d{3}-\d{2}-\d{4}")
_PHONE = re.compile(r"\(?[2-9]\d{2}\)?[-. ]\s?\d{3}[-. ]\d{4}")
_DATE = re.compile(r"(19|20)\d{2}-\d{2}-\d{2}|\d{1,2}[/-]\d{1,2}[/-](19|20)?\d{2}")
_TOTALS = re.compile(r"(?i)\s*(grand |sub)?totals?\b.*|\s*count\b.*|.*\b(records?|clients|rows)\s*:\s*\d+\s*")


class TableKind(StrEnum):
    """What a table is about."""

    CLIENTS = "client list"
    SERVICES = "service rows"
    CONSENTS = "consents"
    DETAILS = "more about clients"  # such as the enrollments of a HMIS export
    OTHER = "not used"


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet whose columns are understood. ``columns[field]`` lists the places of that field's columns."""

    sheet: Sheet
    header: int
    columns: dict[Field, tuple[int, ...]]

    @property
    def kind(self) -> TableKind:
        """What the table is about, by the columns that it has."""
        has = self.columns.keys()
        if Field.CLIENT_ID not in has:
            return TableKind.CLIENTS if has & NAME_FIELDS and len(has) > 1 else TableKind.OTHER
        if has & NAME_FIELDS:
            return TableKind.CLIENTS
        if Field.CONSENT in has or Field.CONSENT_EXPIRES in has:
            return TableKind.CONSENTS
        if Field.SERVICE_DATE in has:
            return TableKind.SERVICES
        return TableKind.DETAILS if len(has) > 1 else TableKind.OTHER

    def header_of(self, field: Field) -> str:
        """The header that stands over a field."""
        return self.sheet.rows[self.header][self.columns[field][0]]

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """(line number in the file, cells) of each row below the header that is neither blank nor a total."""
        for place in range(self.header + 1, len(self.sheet.rows)):
            cells = self.sheet.rows[place]
            if any(cells) and not _is_total(cells):
                yield place + 1, cells

    def value(self, cells: list[str], field: Field) -> str:
        """The first filled cell of a field, or ""."""
        return next(self.values(cells, field), "")

    def values(self, cells: list[str], field: Field) -> Iterator[str]:
        """Each filled cell of a field."""
        for place in self.columns.get(field, ()):
            if place < len(cells) and cells[place]:
                yield cells[place]


def _is_total(cells: list[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return len(filled) <= 2 and bool(_TOTALS.fullmatch(filled[0]))


def understand(sheet: Sheet) -> Table | None:
    """The table in a sheet, or None where no row looks like a header."""
    candidates = [(_recognised(row), -place) for place, row in enumerate(sheet.rows[:HEADER_WITHIN])]
    best, place = max(candidates, default=(0, 0))
    if best < 2:
        return None
    columns = _columns(sheet, -place)
    return Table(sheet, -place, columns)


def _recognised(row: list[str]) -> int:
    return len({field for cell in row if cell and (field := field_of_header(cell))})


def _columns(sheet: Sheet, header: int) -> dict[Field, tuple[int, ...]]:
    found: dict[Field, list[int]] = {}
    for place, cell in enumerate(sheet.rows[header]):
        field = field_of_header(cell) or _field_of_content(sheet, header, place)
        if field:
            found.setdefault(field, []).append(place)
    return {field: tuple(places) for field, places in found.items()}


def _field_of_content(sheet: Sheet, header: int, place: int) -> Field | None:
    """The field of a column with an unknown header, where nearly every value has the shape of one."""
    rows = sheet.rows[header + 1 : header + 501]
    values = [row[place] for row in rows if place < len(row) and row[place]]
    for field, shape in ((Field.SSN, _SSN), (Field.PHONE, _PHONE)):
        if len(values) >= 5 and sum(bool(shape.fullmatch(v)) for v in values) > 0.8 * len(values):
            return field
    return Field.BIRTH_DATE if _spans_lifetimes(values) and not _has_dates(sheet, header) else None


def _spans_lifetimes(values: list[str]) -> bool:
    years = [int(found.group(0)) for v in values if _DATE.fullmatch(v) and (found := re.search(r"(19|20)\d{2}", v))]
    return len(years) >= 5 and len(years) > 0.8 * len(values) and max(years) - min(years) >= 30


def _has_dates(sheet: Sheet, header: int) -> bool:
    return any(field_of_header(cell) is Field.BIRTH_DATE for cell in sheet.rows[header])
