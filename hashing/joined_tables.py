"""What tables beside the client list tell of its clients: homes and households, services, consents."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from hashing.batch import ClientBatch
from hashing.client_numbers import are_distinct
from hashing.clients import Client
from hashing.coded import Coded
from hashing.columns import Table, TableKind
from hashing.consents import read_consents
from hashing.counted import counted
from hashing.dates import parse_date, writes_day_first
from hashing.fields import Field
from hashing.repeats import replaced
from hashing.rows import ClientReader
from hashing.services import read_services

_TELLING = frozenset({Field.HOUSEHOLD_ID, Field.ADDRESS, Field.HOUSE_NUMBER, Field.ZIP, Field.PHONE})


def with_details(batch: ClientBatch, tables: Sequence[Table], *, today: date) -> ClientBatch:
    """Addresses and households from tables beside the client list; the latest entry counts."""
    details: dict[str, list[tuple[date, Client]]] = defaultdict(list)
    for table in (
        t for t in tables if t.kind in {TableKind.DETAILS, TableKind.SERVICES} and _TELLING & t.columns.keys()
    ):
        reader, entered = ClientReader(table, today=today), _entry_dates(table, today)
        for line, cells in table.lines():
            more = reader.read(line, cells) if table.value(cells, Field.CLIENT_ID) else None
            if more is not None and (more.household or more.address.building or more.address.zip or more.phones):
                details[more.client_id].append((entered.get(table.value(cells, Field.ENTRY_DATE), date.min), more))
    if not details:
        return batch
    rows = np.array([row for row, number in enumerate(batch.client_id.tolist()) if number in details], dtype=np.intp)
    clients = batch.take(rows).clients() if len(rows) else []
    return replaced(batch, rows, [_completed(client, details[client.client_id]) for client in clients])


def _entry_dates(table: Table, today: date) -> dict[str, date]:
    """What each text in the column of entry dates is; which number is the day is decided for the whole column."""
    texts = {table.value(cells, Field.ENTRY_DATE) for _, cells in table.lines()}
    day_first = writes_day_first(texts, by_header=table.says_day_first(Field.ENTRY_DATE))
    dates = {text: parse_date(text, today=today, day_first=day_first) for text in texts}
    return {text: day for text, day in dates.items() if day is not None}


def _completed(client: Client, details: list[tuple[date, Client]]) -> Client:
    for _, more in sorted(details, key=lambda detail: detail[0], reverse=True):
        client = client.completed_by(more)
    return client


def with_services_and_consents(
    batch: ClientBatch, tables: Sequence[Table], *, today: date
) -> tuple[ClientBatch, list[str]]:
    """The clients with their services and consents, and notes on those that could not be given to anybody."""
    services, notes = read_services(tables, today=today)
    consents, consent_notes = read_consents(tables, today=today)
    if not (services or consents) and are_distinct(batch.client_id):
        return batch, notes + consent_notes
    numbers = batch.client_id.tolist()
    times = Counter(numbers)
    for what, found in (("service rows", services), ("consents", consents)):
        strangers = len(found.keys() - times.keys())
        if strangers:
            unknown, are = counted(strangers, "client number"), "is" if strangers == 1 else "are"
            consent_notes.append(f"{unknown} of the {what} {are} not in the client list")
    single = [number if times[number] == 1 else "" for number in numbers]
    full = replace(
        batch,
        services=Coded.of([services.get(number, ()) for number in single]) if services else batch.services,
        consent=Coded.of([consents.get(number) for number in single]) if consents else batch.consent,
    )
    return full, notes + consent_notes + _ambiguous(times)


def _ambiguous(times: Counter[str]) -> list[str]:
    """A number that stands for two people says of neither whose service or consent it is."""
    several = sum(count > 1 for count in times.values())
    if not several:
        return []
    numbers = counted(several, "client number stands", "client numbers stand")
    return [f"{numbers} for more than one person: the services and consents under such a number were left out"]
