"""From sheets to the tables that are read: what belongs to whom, what is which column, and who is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hashing.choices import Choices
from hashing.columns import Table, agree_on_numbers, understand
from hashing.forgotten_holds import check_no_hold_list_is_forgotten
from hashing.hmis import settle_hmis
from hashing.holds import without_held
from hashing.importers.sheets import Sheet
from hashing.importers.source import FHIR
from hashing.mapping_check import check_mapping
from hashing.number_agreement import with_agreed_numbers
from hashing.numbering import with_numbers


@dataclass(frozen=True, slots=True)
class Prepared:
    """The sheets, the tables in them, and what the reader should know."""

    sheets: list[Sheet]
    tables: tuple[Table, ...]
    notes: list[str]


def prepare(sheets: Sequence[Sheet], choices: Choices, *, today: date) -> Prepared:
    """Settle what is to be read. Clients of a victim service provider and clients on hold are in no table.

    Raises:
        InputFileError: the export is scrambled, the mapping speaks of columns that there are not, or a hold list
            among the files was not given as one.
        AgencyRefused: all clients are a victim service provider's.
    """
    hmis = settle_hmis(sheets, today=today)
    notes = [*_without_patients(sheets), *check_mapping(choices.mapping, hmis.sheets), *hmis.notes]
    understood = [understand(sheet, choices.of_sheet(sheet.name)) for sheet in hmis.sheets]
    unused = (sheet for sheet, table in zip(hmis.sheets, understood, strict=True) if table is None)
    check_no_hold_list_is_forgotten(unused, held=choices.hold)
    tables: Sequence[Table] = agree_on_numbers([table for table in understood if table is not None])
    tables, number_notes = with_numbers(tables, today=today)
    tables, hold_notes = without_held(tables, listed=choices.hold, fleeing=hmis.hold, today=today)
    return Prepared(hmis.sheets, tuple(with_agreed_numbers(tables)), notes + number_notes + hold_notes)


def _without_patients(sheets: Sequence[Sheet]) -> list[str]:
    names = [sheet.name for sheet in sheets if not sheet.rows and sheet.name.lower().endswith(tuple(FHIR))]
    return [f"no patient is in {', '.join(names)}"] if names else []
