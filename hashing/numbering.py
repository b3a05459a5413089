"""Client numbers for lists that have none: a log of visits has one row a visit, and the same person again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from hashing.columns import Table, TableKind
from hashing.fields import Field
from hashing.rows import ClientReader
from hashing.same_person import Key, person_keys

NUMBER_HEADER = "(line in the file)"


def with_numbers(tables: Sequence[Table], *, today: date) -> tuple[list[Table], list[str]]:
    """The same tables, in which every client list has client numbers, and a note where they are ours.

    The line on which somebody first stands is their number, in all lists of the agency that have none.
    """
    lists = sum(table.kind is TableKind.CLIENTS for table in tables)
    known: dict[Key, str] = {}
    numbered = [
        _numbered(table, known, today=today, alone=lists == 1) if _lacks_numbers(table) else table for table in tables
    ]
    note = "no column of client numbers: the line in the file stands for the client"
    return numbered, [note] if any(map(_lacks_numbers, tables)) else []


def _lacks_numbers(table: Table) -> bool:
    return table.kind is TableKind.CLIENTS and Field.CLIENT_ID not in table.columns


def _numbered(table: Table, known: dict[Key, str], *, today: date, alone: bool) -> Table:
    reader = ClientReader(table, today=today)
    numbers: dict[int, str] = {}
    for line, cells in table.lines():
        client = reader.read(line, cells)
        keys = person_keys(client) if client is not None else ()
        own = f"line {line}" if alone else f"{table.sheet.name}, line {line}"
        number = next((known[key] for key in keys if key in known), own)
        known.update(dict.fromkeys(keys, number) | {key: known[key] for key in keys if key in known})
        numbers[line - 1] = number
    numbers[table.header] = NUMBER_HEADER
    widened = table.with_column(lambda place, _: numbers.get(place, ""))
    width = len(table.sheet.rows[table.header])
    return replace(widened, columns=table.columns | {Field.CLIENT_ID: (width,)})
