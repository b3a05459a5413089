"""Client numbers for lists that have none: a log of visits has one row a visit, and the same person again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from hashing.clients import Client
from hashing.columns import Table, TableKind
from hashing.counted import counted
from hashing.fields import Field
from hashing.rows import ClientReader
from hashing.same_person import Key, is_bare_name, name_key, person_keys

NUMBER_HEADER = "(line in the file)"
_SEVERAL = ""  # stands for the number of a key that more than one client has


def with_numbers(tables: Sequence[Table], *, today: date) -> tuple[list[Table], list[str]]:
    """The same tables, in which every client list has client numbers, and notes where they are ours.

    Somebody whom a list with numbers knows has the number there. For anybody else the line on which they first stand
    is the number, in all lists of the agency that have none.
    """
    lacking = [table for table in tables if _lacks_numbers(table)]
    if not lacking:
        return list(tables), []
    lists = [table for table in tables if table.kind is TableKind.CLIENTS]
    giving = _Numbers(today, alone=len(lists) == 1)
    for table in lists:
        if not _lacks_numbers(table):
            giving.learn(table)
    numbered = [giving.numbered(table) if _lacks_numbers(table) else table for table in tables]
    return numbered, giving.notes()


def _lacks_numbers(table: Table) -> bool:
    return table.kind is TableKind.CLIENTS and Field.CLIENT_ID not in table.columns


class _Numbers:
    """Gives out numbers, and remembers to whom."""

    def __init__(self, today: date, *, alone: bool) -> None:
        """Nobody yet; *alone* is whether the agency has but one list, so that a line needs no file before it."""
        self._today = today
        self._alone = alone
        self._known: dict[Key, str] = {}
        self._of_name: dict[Key, str] = {}
        self._by_name = self._by_line = 0

    def learn(self, table: Table) -> None:
        """Take in the numbers of a list that has them."""
        reader = ClientReader(table, today=self._today)
        for line, cells in table.lines():
            client, number = reader.read(line, cells), table.value(cells, Field.CLIENT_ID)
            if client is None or not number:
                continue
            for key in person_keys(client):
                self._known[key] = number if self._known.get(key, number) == number else _SEVERAL
            name = name_key(client)
            self._of_name[name] = number if self._of_name.get(name, number) == number else _SEVERAL

    def numbered(self, table: Table) -> Table:
        """A list with one more column, of the numbers."""
        reader, numbers = ClientReader(table, today=self._today), {table.header: NUMBER_HEADER}
        for line, cells in table.lines():
            own = f"line {line}" if self._alone else f"{table.sheet.name}, line {line}"
            client = reader.read(line, cells)
            numbers[line - 1] = own if client is None else self._number(client, own)
        widened = table.with_column(lambda place, _: numbers.get(place, ""))
        width = len(table.sheet.rows[table.header])
        return replace(widened, columns=table.columns | {Field.CLIENT_ID: (width,)})

    def _number(self, client: Client, own: str) -> str:
        if is_bare_name(client) and (by_name := self._of_name.get(name_key(client))):
            self._by_name += 1
            return by_name
        keys = person_keys(client)
        number = next((found for key in keys if (found := self._known.get(key))), own)
        self._by_line += number == own
        for key in keys:
            self._known.setdefault(key, number)
        return number

    def notes(self) -> list[str]:
        """Whose numbers are ours, and who was known by the name alone."""
        notes = ["no column of client numbers: the line in the file stands for the client"] if self._by_line else []
        if self._by_name:
            rows = counted(self._by_name, "row holds a name alone, and was", "rows hold a name alone, and were")
            notes.append(f"{rows} taken for the one client of that name")
        return notes
