"""An agency's export, read whole: from sheets of text to normalised clients with their services and consents."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from hashing.addresses import Address
from hashing.choices import NO_CHOICES, Choices
from hashing.clients import Client
from hashing.columns import Table, TableKind
from hashing.consents import read_consents
from hashing.errors import InputFileError
from hashing.fields import Field
from hashing.hmis import LOOKED_AT
from hashing.importers.sheets import Sheet
from hashing.importers.source import left_out, read_sheets
from hashing.prepare import prepare
from hashing.rows import ClientReader
from hashing.services import read_services

_NAMES = (Field.FIRST, Field.LAST, Field.FULL_NAME)
_LONG_NUMBERS = (Field.CLIENT_ID, Field.SSN, Field.PHONE)
_RUINED = re.compile(r"\d(\.\d+)?[Ee]\+\d+|#{2,}")  # what a spreadsheet shows of a number in a narrow column
ROWS_SHOWN = 5
INSTITUTION_SURNAMES = 8  # more surnames than this at one door make it a shelter or an office, not a home
_HASHED = re.compile(r"[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}|[A-Za-z0-9+/]{27,}={1,2}")


@dataclass(frozen=True, slots=True)
class AgencyExport:
    """What was read: the clients, the tables they came from, and what the reader should know."""

    clients: tuple[Client, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...]


def read_export(paths: Sequence[Path], *, today: date, choices: Choices = NO_CHOICES) -> AgencyExport:
    """Read one agency's files together: client list, and service rows, enrollments and consents beside it.

    Raises:
        InputFileError: no file is a client list, the list is empty, or it was scrambled before export.
        AgencyRefused: all clients are a victim service provider's.
    """
    prepared = prepare(read_sheets(paths), choices, today=today)
    sheets, tables = prepared.sheets, prepared.tables
    lists = [table for table in tables if table.kind is TableKind.CLIENTS]
    if not lists:
        raise _not_a_client_list(sheets)
    _check_not_hashed(lists)
    readers = [ClientReader(table, today=today) for table in lists]
    clients = _read_clients(readers)
    clients = _with_details(clients, tables, today)
    clients, institutions = _without_institutions(clients)
    clients, notes = _with_services_and_consents(clients, tables, today)
    notes = _unused(sheets, tables) + [f"{name} in the folder was not read" for name in left_out(paths)] + notes
    notes += [note for reader in readers if (note := _unread_births(reader))]
    return AgencyExport(tuple(clients), tables, tuple(prepared.notes + _notes(readers, clients, institutions) + notes))


def _unused(sheets: Sequence[Sheet], tables: Sequence[Table]) -> list[str]:
    """Sheets of which nothing was used: a service file whose client column is not known, most of a HMIS export."""
    used = {table.sheet.name for table in tables if table.kind is not TableKind.OTHER} | LOOKED_AT
    names = list(dict.fromkeys(sheet.name for sheet in sheets if sheet.name not in used and any(map(any, sheet.rows))))
    return (
        [f"nothing was used of {', '.join(names)}: no known column of client numbers beside another"] if names else []
    )


def _unread_births(reader: ClientReader) -> str:
    lines = [line for line, cells in reader.table.lines() if reader.has_unread_birth(cells)]
    if not lines:
        return ""
    shown = ", ".join(map(str, lines[:ROWS_SHOWN])) + (", ..." if len(lines) > ROWS_SHOWN else "")
    name = reader.table.sheet.name
    return f"{len(lines):,} birth dates in {name} could not be read (rows {shown}): write them as 1984-03-27"


def _not_a_client_list(sheets: Sequence[Sheet]) -> InputFileError:
    names = ", ".join(dict.fromkeys(sheet.name for sheet in sheets))
    return InputFileError(
        f"{names}: no client list found: no row of headers names a column of names and a second identifier",
        hint="The list needs one row of column headers, such as 'First Name', 'Last Name', 'Date of Birth'.",
    )


def _read_clients(readers: Sequence[ClientReader]) -> list[Client]:
    clients: dict[str, list[Client]] = defaultdict(list)
    for reader in readers:
        for line, cells in reader.table.lines():
            client = reader.read(line, cells)
            if client is not None:
                numbered = _numbered(client, reader.table, cells, alone=len(readers) == 1)
                _add(clients[numbered.client_id], numbered)
    found = [client for same in clients.values() for client in same]
    if not found:
        raise InputFileError(
            f"{readers[0].table.sheet.name}: the client list is empty",
            hint="Export it again and check that it has rows.",
        )
    return found


def _numbered(client: Client, table: Table, cells: list[str], *, alone: bool) -> Client:
    """A client without a number goes by the line, and by its sheet too where the agency has several lists."""
    if alone or table.value(cells, Field.CLIENT_ID):
        return client
    return replace(client, client_id=f"{table.sheet.name}, {client.client_id}")


def _add(same: list[Client], client: Client) -> None:
    """A client number given twice is one client, unless birth date and name both say otherwise."""
    for place, known in enumerate(same):
        if known.is_same_entry(client):
            same[place] = known.completed_by(client)
            return
    same.append(client)


def _check_not_hashed(lists: Sequence[Table]) -> None:
    for table in lists:
        names = [name for _, cells in table.lines() for field in _NAMES for name in table.values(cells, field)]
        if names and sum(bool(_HASHED.fullmatch(name)) for name in names) > len(names) / 2:
            raise InputFileError(
                f"{table.sheet.name}: this export is already scrambled",
                hint="In your HMIS choose Hash status: Unhashed, and export again. The file stays on this computer.",
            )


def _with_details(clients: list[Client], tables: Sequence[Table], today: date) -> list[Client]:
    """Addresses and households from tables beside the client list; the latest entry counts."""
    details: dict[str, list[tuple[str, Client]]] = defaultdict(list)
    for table in (t for t in tables if t.kind in {TableKind.DETAILS, TableKind.SERVICES}):
        reader = ClientReader(table, today=today)
        for line, cells in table.lines():
            more = reader.read(line, cells) if table.value(cells, Field.CLIENT_ID) else None
            if more is not None and (more.household or more.address.building or more.address.zip or more.phones):
                details[more.client_id].append((table.value(cells, Field.ENTRY_DATE), more))
    return [_completed(client, details.get(client.client_id, [])) for client in clients]


def _completed(client: Client, details: list[tuple[str, Client]]) -> Client:
    for _, more in sorted(details, key=lambda detail: detail[0], reverse=True):
        client = client.completed_by(more)
    return client


def _without_institutions(clients: list[Client]) -> tuple[list[Client], int]:
    """Drop an address at which many surnames live: it says where a person was served, not who they are."""
    surnames: dict[tuple[str, str], set[tuple[str, ...]]] = defaultdict(set)
    for client in clients:
        surnames[client.address.building, client.address.unit].add(client.last)
    crowded = {door for door, names in surnames.items() if door[0] and len(names) > INSTITUTION_SURNAMES}
    kept = [
        replace(client, address=Address(zip=client.address.zip))
        if (client.address.building, client.address.unit) in crowded
        else client
        for client in clients
    ]
    return kept, len(crowded)


def _with_services_and_consents(
    clients: list[Client], tables: Sequence[Table], today: date
) -> tuple[list[Client], list[str]]:
    services, notes = read_services(tables, today=today)
    consents, consent_notes = read_consents(tables, today=today)
    notes += consent_notes
    times = Counter(client.client_id for client in clients)
    for what, found in (("service rows", services), ("consents", consents)):
        strangers = len(found.keys() - times.keys())
        if strangers:
            notes.append(f"{strangers:,} client numbers of the {what} are not in the client list")
    full = [
        replace(c, services=services.get(c.client_id, ()), consent=consents.get(c.client_id))
        if times[c.client_id] == 1
        else c
        for c in clients
    ]
    return full, notes + _ambiguous(times)


def _ambiguous(times: Counter[str]) -> list[str]:
    """A number that stands for two people says of neither whose service or consent it is."""
    several = sum(count > 1 for count in times.values())
    if not several:
        return []
    return [f"{several:,} client numbers stand for more than one person: their services and consents were left out"]


def _notes(readers: Sequence[ClientReader], clients: Sequence[Client], institutions: int) -> list[str]:
    lists = [reader.table for reader in readers]
    notes = [f"{len(lists)} client lists were read as one agency's"] if len(lists) > 1 else []
    if any(reader.is_unclear for reader in readers):
        notes.append(
            "no birth date tells whether day or month comes first: month first was taken (if not: --dates day-first)"
        )
    ruined = sum(_ruined(table) for table in lists)
    if ruined:
        notes.append(f"{ruined} numbers were ruined by a spreadsheet (1.23E+08 or ####): export those columns as text")
    rows = sum(1 for table in lists for _ in table.lines())
    if rows > len(clients):
        notes.append(f"{rows - len(clients):,} rows repeated a client or were marked as deleted")
    if institutions:
        notes.append(f"addresses of {institutions:,} places that many families share were left out (shelters, offices)")
    weak = Counter(client.is_matchable for client in clients)[False]
    if weak:
        notes.append(f"{weak:,} clients have too little information to be recognised elsewhere: they are counted apart")
    return notes


def _ruined(table: Table) -> int:
    cells = (cell for _, row in table.lines() for field in _LONG_NUMBERS for cell in table.values(row, field))
    return sum(bool(_RUINED.fullmatch(cell)) for cell in cells)
