"""Service rows -> units a client received of each service area in each month."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date

from hashing.columns import Table, TableKind
from hashing.dates import parse_date, writes_day_first
from hashing.fields import Field, header_words
from hashing.rows import was_deleted
from hashing.schema import ServiceArea, ServiceMonth
from hashing.service_areas import record_type_area, service_area

MAX_UNITS = 1_000_000


def read_services(tables: Sequence[Table], *, today: date) -> tuple[dict[str, tuple[ServiceMonth, ...]], list[str]]:
    """The services by client number, and notes on rows that could not be used.

    Service rows inside a client list (a column of dates beside the names) count as well.
    """
    totals: dict[str, Counter[tuple[ServiceArea, str]]] = defaultdict(Counter)
    unread = 0
    for table in tables:
        if _holds_services(table):
            unread += _add_services(table, totals, today)
    notes = [f"{unread} service rows have no readable date and were left out"] if unread else []
    return {client: _months(counts) for client, counts in totals.items()}, notes


def _holds_services(table: Table) -> bool:
    if table.kind is TableKind.CLIENTS:
        return {Field.CLIENT_ID, Field.SERVICE_DATE} <= table.columns.keys()
    return table.kind is TableKind.SERVICES


def _add_services(table: Table, totals: dict[str, Counter[tuple[ServiceArea, str]]], today: date) -> int:
    day_first = writes_day_first(table.value(cells, Field.SERVICE_DATE) for _, cells in table.lines())
    unread = 0
    for _, cells in table.lines():
        if was_deleted(table, cells, today=today):
            continue
        day = parse_date(table.value(cells, Field.SERVICE_DATE), today=today, day_first=day_first)
        if day is None:
            unread += 1
            continue
        key = (_area(table, cells), f"{day:%Y-%m}")
        totals[table.value(cells, Field.CLIENT_ID)][key] += _units(table.value(cells, Field.UNITS))
    return unread


def _area(table: Table, cells: list[str]) -> ServiceArea:
    """By the first service cell that holds words: HMIS puts codes into some columns and words into another."""
    values = list(table.values(cells, Field.SERVICE))
    words = next((value for value in values if not value.isdigit()), "")
    if values and not words and _leads_with_record_type(table):
        return record_type_area(values[0])
    return service_area(words or table.sheet.name)


def _leads_with_record_type(table: Table) -> bool:
    return header_words(table.headers_of(Field.SERVICE)[0]) == "record type"


def _units(text: str) -> int:
    try:
        units = float(text.replace(",", ""))
    except ValueError:
        return 1
    return max(1, min(MAX_UNITS, round(units))) if math.isfinite(units) else 1


def _months(counts: Counter[tuple[ServiceArea, str]]) -> tuple[ServiceMonth, ...]:
    return tuple(ServiceMonth(area, month, min(units, MAX_UNITS)) for (area, month), units in sorted(counts.items()))
