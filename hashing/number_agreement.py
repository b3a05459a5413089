"""Client numbers of which a spreadsheet took the leading zeros in one file and not in another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from hashing.columns import Table, TableKind
from hashing.fields import Field
from hashing.importers.changed_rows import ChangedRows, Row

_OWN = frozenset({TableKind.CLIENTS, TableKind.OTHER})  # lists, and tables without client numbers
SAMPLE = 500  # rows of a table that show whether it knows the numbers as the client list does


def with_agreed_numbers(tables: Sequence[Table]) -> list[Table]:
    """The same tables; a number that no list has, and that is one list's but for its zeros, is that list's."""
    if all(table.kind in _OWN for table in tables):
        return list(tables)
    listed = {number for table in tables if table.kind is TableKind.CLIENTS for number in _numbers(table)}
    if not any(number.isdigit() for number in listed):
        return list(tables)
    by_value: dict[str, set[str]] = defaultdict(set)
    for number in filter(str.isdigit, listed):
        by_value[number.lstrip("0")].add(number)
    meant = {value: found.copy().pop() for value, found in by_value.items() if len(found) == 1}
    return [_agreed(table, listed, meant) if _differs(table, listed) else table for table in tables]


def _numbers(table: Table) -> set[str]:
    return {table.value(cells, Field.CLIENT_ID) for _, cells in table.lines()}


def _differs(table: Table, listed: set[str]) -> bool:
    """Whether a table beside the lists has numbers that they lack, among its first rows."""
    if table.kind in _OWN:
        return False
    some = (table.value(cells, Field.CLIENT_ID) for _, (_, cells) in zip(range(SAMPLE), table.lines(), strict=False))
    return any(number and number not in listed for number in some)


def _agreed(table: Table, listed: set[str], meant: dict[str, str]) -> Table:
    """The table with the list's number in place of its own, read where the first of its numbers stands."""
    places = table.columns[Field.CLIENT_ID]

    def change(place: int, row: Row) -> Row:
        number = table.value(row, Field.CLIENT_ID) if place > table.header else ""
        known = meant.get(number.lstrip("0")) if number.isdigit() and number not in listed else None
        return row if known is None else [known if at in places and row[at] else cell for at, cell in enumerate(row)]

    return replace(table, sheet=replace(table.sheet, rows=ChangedRows(table.sheet.rows, change)))
