"""Whoever shares a household number with a client on hold is held too: a match of a child leads to the mother.

A HMIS asks only adults whether they are fleeing, and an agency marks one member of a family.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from hashing.columns import Table, TableKind
from hashing.fields import Field
from hashing.rows import was_deleted


@dataclass(slots=True, repr=False)
class Held:
    """Client numbers, comparable, and rows without one (places by table) that must not leave the computer."""

    numbers: set[str] = field(default_factory=set)
    places: dict[int, set[int]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.numbers or self.places)

    def add(self, table: int, line: int, number: str) -> None:
        """Hold a client by the number, or by the row where there is none."""
        if number:
            self.numbers.add(comparable(number))
        else:
            self.places.setdefault(table, set()).add(line - 1)

    def has(self, table: int, place: int, numbers: Sequence[str]) -> bool:
        """Whether a row in this place, with these client numbers, is held."""
        return any(comparable(number) in self.numbers for number in numbers) or place in self.places.get(table, ())


def comparable(number: str) -> str:
    """A client number without what a spreadsheet adds or takes away: case, leading zeros, a fraction."""
    return re.sub(r"\.0+$", "", number.strip().lower()).lstrip("0") or "0"


def household_of(table: Table, cells: list[str]) -> str:
    """A row's household number, comparable; "" where there is none, or zeros stand for none."""
    found = comparable(table.value(cells, Field.HOUSEHOLD_ID) or "0")
    return "" if found == "0" else found


def hold_households(tables: Sequence[Table], held: Held, said: frozenset[str], *, today: date) -> None:
    """Add to *held* everybody of the households of those who are in it, and of the households *said* to be on hold."""
    rows = list(_rows_of_households(tables, today))
    households = {row.household for row in rows if held.has(row.table, row.line - 1, row.numbers)} | said
    for row in rows:
        if row.household in households and (row.numbers or row.is_client):
            held.add(row.table, row.line, next(iter(row.numbers), ""))


@dataclass(frozen=True, slots=True, repr=False)
class _Row:
    """A row that tells a household: where it is, and its client number, if any."""

    table: int
    line: int
    household: str
    numbers: tuple[str, ...]
    is_client: bool


def _rows_of_households(tables: Sequence[Table], today: date) -> Iterator[_Row]:
    for at, table in enumerate(tables):
        for line, cells in table.lines() if Field.HOUSEHOLD_ID in table.columns else ():
            household = household_of(table, cells)
            if household and not was_deleted(table, cells, today=today):
                number = table.value(cells, Field.CLIENT_ID)
                yield _Row(at, line, household, (number,) if number else (), table.kind is TableKind.CLIENTS)
