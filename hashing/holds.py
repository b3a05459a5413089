"""Clients who must not leave the computer: nobody encodes them, and no number that is sent counts them.

A hold is a column of the client list ("Do not match"), a list of client numbers, or a HMIS record of somebody who
is fleeing. Whatever cannot be read as a plain no is a hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from hashing.columns import Table, TableKind, understand_any
from hashing.errors import InputFileError
from hashing.fields import Field, header_words, says_whose_number
from hashing.importers.changed_rows import without_rows
from hashing.importers.sheets import Sheet
from hashing.rows import ClientReader
from hashing.same_person import Key, own_number_keys, person_keys

_NO = frozenset({"", "no", "n", "false", "f", "0", "0.0"})


def without_held(
    tables: Sequence[Table], *, listed: frozenset[str], fleeing: frozenset[str], today: date
) -> tuple[list[Table], list[str]]:
    """The same tables without any row of a held client, and notes that tell how many there are.

    *listed* and *fleeing* are client numbers. A held client's other rows are found by number, and rows under another
    number by what makes them the same person's.

    Raises:
        InputFileError: every client is on hold.
    """
    said = _said_in_columns(tables)
    numbers = {comparable(number) for number in listed | fleeing} | said.numbers
    found = _find(tables, numbers, said.places, today)
    _check_leaves_somebody(found, tables)
    missing = ({comparable(number) for number in listed} | said.numbers) - found.known
    notes = [_count(found, tables)] if found.count else []
    notes += _doubts(missing, said)
    return [_without(table, found.numbers, said.places.get(place, set())) for place, table in enumerate(tables)], notes


def comparable(number: str) -> str:
    """A client number without what a spreadsheet adds or takes away: case, leading zeros, a fraction."""
    return re.sub(r"\.0+$", "", number.strip().lower()).lstrip("0") or "0"


@dataclass(slots=True, repr=False)
class _Said:
    """What columns of holds say: client numbers, rows without one (by table), and rows that hold nobody."""

    numbers: set[str] = field(default_factory=set)
    places: dict[int, set[int]] = field(default_factory=dict)
    nobody: int = 0


def _said_in_columns(tables: Sequence[Table]) -> _Said:
    said = _Said()
    for at, table in enumerate(tables):
        for line, cells in table.lines() if Field.HOLD in table.columns else ():
            if not _is_held(table, cells):
                continue
            if number := table.value(cells, Field.CLIENT_ID):
                said.numbers.add(comparable(number))
            elif table.kind is TableKind.CLIENTS:
                said.places.setdefault(at, set()).add(line - 1)
            else:
                said.nobody += 1
    return said


def _is_held(table: Table, cells: Sequence[str]) -> bool:
    """By the cells themselves: "N/A" and "?" are no plain no."""
    places = table.columns.get(Field.HOLD, ())
    return any(cells[place].strip().lower() not in _NO for place in places if place < len(cells))


@dataclass(frozen=True, slots=True, repr=False)
class _Found:
    """The held numbers, those among them that the client lists know, and how many clients are held."""

    numbers: frozenset[str]
    known: frozenset[str]
    count: int
    leaves_somebody: bool = True


def _find(tables: Sequence[Table], held: set[str], places: dict[int, set[int]], today: date) -> _Found:
    if not held and not places:
        return _Found(frozenset(), frozenset(), 0)
    rows = list(_rows(tables, today))
    keys = {key for row in rows if row.is_held(held, places) for key in row.keys}
    own = {comparable(row.number) for row in rows if row.number and (row.is_held(held, places) or keys & set(row.keys))}
    for row in rows:
        if not row.number and keys & set(row.keys):
            places.setdefault(row.table, set()).add(row.place)
    known = frozenset(comparable(number) for row in rows for number in row.numbers)
    out = [row.is_held(own, places) for row in rows]
    return _Found(
        frozenset(own | held), known & (own | held), len(own) + sum(map(len, places.values())), not out or not all(out)
    )


def _check_leaves_somebody(found: _Found, tables: Sequence[Table]) -> None:
    if not found.leaves_somebody:
        headers = dict.fromkeys(header for table in tables for header in table.headers_of(Field.HOLD))
        raise InputFileError(
            "all clients of the list are on hold",
            hint=f"Look at the column {', '.join(map(repr, headers))}: anything but empty, no, false or 0 holds."
            if headers
            else "Look at the hold list: is it the list of all clients?",
        )


@dataclass(frozen=True, slots=True, repr=False)
class _Row:
    """A row of a client list: where it is, all its client numbers, the first of them first, and who it is."""

    table: int
    place: int
    numbers: tuple[str, ...]
    number: str
    keys: tuple[Key, ...]

    def is_held(self, numbers: set[str], places: dict[int, set[int]]) -> bool:
        return any(comparable(n) in numbers for n in self.numbers) or self.place in places.get(self.table, ())


def _rows(tables: Sequence[Table], today: date) -> Iterator[_Row]:
    for at, table in enumerate(tables):
        if table.kind is not TableKind.CLIENTS:
            continue
        reader = ClientReader(table, today=today)
        for line, cells in table.lines():
            client = reader.read(line, cells)
            keys = (*person_keys(client), *own_number_keys(client)) if client is not None else ()
            number = table.value(cells, Field.CLIENT_ID)
            yield _Row(at, line - 1, tuple(_numbers(table, cells)), number, keys)


def _numbers(table: Table, cells: Sequence[str]) -> Iterator[str]:
    """The client's number, and others that are said to be the client's: a hold list may hold the chart number."""
    first = table.value(list(cells), Field.CLIENT_ID)
    if first:
        yield first
    for place in table.columns.get(Field.CLIENT_ID, ()):
        header = header_words(table.sheet.rows[table.header][place])
        if place < len(cells) and cells[place] and says_whose_number(header):
            yield cells[place]


def _without(table: Table, numbers: frozenset[str], places: set[int]) -> Table:
    out = set(places)
    if numbers and Field.CLIENT_ID in table.columns:
        out |= {line - 1 for line, cells in table.lines() if comparable(table.value(cells, Field.CLIENT_ID)) in numbers}
    return replace(table, sheet=replace(table.sheet, rows=without_rows(table.sheet.rows, frozenset(out))))


def _count(found: _Found, tables: Sequence[Table]) -> str:
    """How many are held; by which columns, so that nobody is held by a column that means something else."""
    headers = dict.fromkeys(header for table in tables for header in table.headers_of(Field.HOLD))
    by = f" (by the column {', '.join(headers)})" if headers else ""
    return f"{found.count:,} clients are on hold{by}: nothing of them leaves this computer"


def _doubts(missing: set[str], said: _Said) -> list[str]:
    notes = []
    if missing:
        notes.append(
            f"{len(missing):,} client numbers on hold are not in the client list: look for a typing mistake, "
            "since whom it was meant for is not held"
        )
    if said.nobody:
        notes.append(f"{said.nobody:,} holds stand beside no client number and hold nobody: write the number there")
    return notes


def read_hold_list(sheets: Iterable[Sheet]) -> frozenset[str]:
    """The client numbers in a hold list: its column of client numbers, or its only column.

    Where the list has a column such as "Do not match" as well, that decides.

    Raises:
        InputFileError: nothing tells which column holds the numbers.
    """
    return frozenset(number for sheet in sheets for number in _listed(sheet))


def _listed(sheet: Sheet) -> Iterator[str]:
    table = understand_any(sheet)
    if table is not None and Field.CLIENT_ID in table.columns:
        for _, cells in table.lines():
            if Field.HOLD not in table.columns or _is_held(table, cells):
                yield from table.values(cells, Field.CLIENT_ID)
        return
    rows = [[cell for cell in row if cell] for row in sheet.rows]
    if any(len(row) > 1 for row in rows):
        raise InputFileError(
            f"{sheet.name}: no column of this hold list is known to hold client numbers",
            hint="Write 'Client ID' above that column, or leave only that column in the file.",
        )
    yield from (row[0] for row in rows if row)
