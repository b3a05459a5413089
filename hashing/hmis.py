"""What a HUD HMIS CSV export must satisfy before anything in it is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hashing.errors import AgencyRefused, InputFileError
from hashing.importers.sheets import Sheet

UNHASHED = "1"  # Export.csv, HashStatus


def check_can_use_hmis(sheets: Sequence[Sheet]) -> None:
    """Refuse a scrambled export, and one that holds a victim service provider's clients.

    Raises:
        InputFileError: HashStatus is not 1 (unhashed).
        AgencyRefused: an organization in the export is a victim service provider.
    """
    for sheet in sheets:
        for value in _column(sheet, "hashstatus"):
            if value != UNHASHED:
                raise InputFileError(
                    f"{sheet.name}: this export is already scrambled (HashStatus is not 1)",
                    hint="In your HMIS choose Hash status: Unhashed, and export again. "
                    "The file stays on this computer.",
                )
        if UNHASHED in _column(sheet, "victimserviceprovider"):
            raise AgencyRefused(
                f"{sheet.name}: the export holds clients of a victim service provider",
                hint="Leave that organization out of the export: by law it may give totals only (34 USC 12291(b)(2)).",
            )


def _column(sheet: Sheet, header: str) -> Iterator[str]:
    headers = [cell.lower() for cell in sheet.rows[0]] if sheet.rows else []
    if header in headers:
        place = headers.index(header)
        yield from (row[place] for row in sheet.rows[1:] if len(row) > place and row[place])
