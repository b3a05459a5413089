"""An agency's export, read whole: from sheets of text to normalised clients with their services and consents."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hashing.batch import ClientBatch, stacked_up
from hashing.choices import NO_CHOICES, Choices
from hashing.clients import Client
from hashing.collector import collector_paused
from hashing.columns import Table, TableKind
from hashing.errors import InputFileError
from hashing.fields import Field
from hashing.importers.sheets import Sheet
from hashing.importers.source import left_out, read_sheets
from hashing.joined_tables import with_details, with_services_and_consents
from hashing.list_notes import notes_on_births, notes_on_homes, notes_on_lists, notes_on_sheets
from hashing.list_reader import Tally
from hashing.mapping import NOTHING_SAID
from hashing.prepare import prepare
from hashing.read_together import read_list
from hashing.repeats import merged, without_institutions
from hashing.rows import ClientReader, first_rows

_NAMES = (Field.FIRST, Field.LAST, Field.FULL_NAME)
_HASHED = re.compile(r"[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}|[A-Za-z0-9+/]{27,}={1,2}")


@dataclass(frozen=True, slots=True, eq=False)
class AgencyExport:
    """What was read: the clients, the tables they came from, and what the reader should know."""

    batch: ClientBatch
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    read_on: date | None = None

    @classmethod
    def of(cls, clients: Sequence[Client]) -> AgencyExport:
        """An export of these clients, for a system that has no files."""
        return cls(ClientBatch.of(clients))

    @property
    def clients(self) -> tuple[Client, ...]:
        """Each client by itself, made anew at every call."""
        return tuple(self.batch.clients())

    def __len__(self) -> int:
        return len(self.batch)


@collector_paused()
def read_export(
    paths: Sequence[Path], *, today: date, choices: Choices = NO_CHOICES, processes: int = 1
) -> AgencyExport:
    """Read one agency's files together: client list, and service rows, enrollments and consents beside it.

    A list of millions is read on *processes* processors, 0 for all; what is read does not depend on that.

    Raises:
        InputFileError: no file is a client list, the list is empty, or it was scrambled before export.
        AgencyRefused: all clients are a victim service provider's.
    """
    prepared = prepare(read_sheets(paths), choices, today=today)
    sheets, tables = prepared.sheets, prepared.tables
    lists = [table for table in tables if table.kind is TableKind.CLIENTS]
    if not lists:
        raise _not_a_client_list(sheets, choices)
    readers = [_reader(table, today) for table in lists]
    batch, tallies = _read_all(readers, processes or os.cpu_count() or 1)
    batch = with_details(merged(batch), tables, today=today)
    batch, institutions = without_institutions(batch)
    batch, notes = with_services_and_consents(batch, tables, today=today)
    before = [*prepared.notes, *notes_on_lists(readers, tallies, batch), *notes_on_homes(institutions)]
    unread = [*notes_on_sheets(sheets, tables), *(f"{name} in the folder was not read" for name in left_out(paths))]
    return AgencyExport(batch, tables, (*before, *unread, *notes, *notes_on_births(readers, tallies)), today)


def _read_all(readers: Sequence[ClientReader], processes: int) -> tuple[ClientBatch, list[Tally]]:
    batches, tallies = list[ClientBatch](), list[Tally]()
    for reader in readers:
        some, tally = read_list(reader, alone=len(readers) == 1, processes=processes)
        batches += some
        tallies.append(tally)
        del some  # or each list would be held twice while they are stacked up
    if not sum(map(len, batches)):
        raise InputFileError(
            f"{readers[0].table.sheet.name}: the client list is empty",
            hint="Export it again and check that it has rows.",
        )
    return stacked_up(batches), tallies


def _not_a_client_list(sheets: Sequence[Sheet], choices: Choices) -> InputFileError:
    said = "" if choices.mapping is NOTHING_SAID else f" See also what {choices.mapping.name} says of them."
    names = ", ".join(dict.fromkeys(sheet.name for sheet in sheets))
    return InputFileError(
        f"{names}: no client list found: no row of headers names a column of names and a second identifier",
        hint=f"The list needs one row of column headers, such as 'First Name', 'Last Name', 'Date of Birth'.{said}",
    )


def _reader(table: Table, today: date) -> ClientReader:
    beginning = first_rows(table)
    _check_not_hashed(table, beginning)
    return ClientReader(table, today=today, beginning=beginning)


def _check_not_hashed(table: Table, rows: Sequence[list[str]]) -> None:
    names = [name for cells in rows for field in _NAMES for name in table.values(cells, field)]
    if names and sum(bool(_HASHED.fullmatch(name)) for name in names) > len(names) / 2:
        raise InputFileError(
            f"{table.sheet.name}: this export is already scrambled",
            hint="In your HMIS choose Hash status: Unhashed, and export again. The file stays on this computer.",
        )
