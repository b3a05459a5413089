"""Clients who must not leave the computer: nobody encodes them, and no number that is sent counts them.

A hold is a column of the client list ("Do not match"), a list of client numbers, or a HMIS record of somebody who
is fleeing. Whatever cannot be read as a plain no is a hold, and a hold is one of the whole household.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from hashing.columns import Table, TableKind, understand_any
from hashing.counted import counted
from hashing.errors import InputFileError
from hashing.fields import Field, header_words, says_whose_number
from hashing.held_households import Held, comparable, hold_households, household_of
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
    number by what makes them the same person's; whoever shares the household number is held too.

    Raises:
        InputFileError: every client is on hold.
    """
    said = _said_in_columns(tables)
    named = _Named(frozenset(map(comparable, listed)), frozenset(map(comparable, fleeing)))
    held = Held({*named.listed, *named.fleeing, *said.held.numbers}, said.held.places)
    if not (held or said.households):
        return list(tables), _doubts(frozenset(), said)
    rows = list(_rows(tables, today))
    alone = _hold_all_rows(rows, held)
    hold_households(tables, held, frozenset(said.households), today=today)
    found = _hold_all_rows(rows, held)
    by = _sources(found, said, named)
    _check_leaves_somebody(found, by if found.count == alone.count else [*by, _HOUSEHOLD])
    notes = _counts(alone, found, by) + _doubts((named.listed | said.held.numbers) - found.known, said)
    return [_without(table, held, place) for place, table in enumerate(tables)], notes


@dataclass(frozen=True, slots=True, repr=False)
class _Named:
    """Client numbers, comparable, in the hold list and of HMIS records of people who are fleeing."""

    listed: frozenset[str]
    fleeing: frozenset[str]


@dataclass(slots=True, repr=False)
class _Said:
    """What columns of holds say: who is held, whole households that are, and how many rows hold nobody.

    *headers* are those of the columns in which somebody is held.
    """

    held: Held = field(default_factory=Held)
    households: set[str] = field(default_factory=set)
    headers: set[str] = field(default_factory=set)
    nobody: int = 0


def _said_in_columns(tables: Sequence[Table]) -> _Said:
    said = _Said()
    for at, table in enumerate(tables):
        for line, cells in table.lines() if Field.HOLD in table.columns else ():
            holding = _holding(table, cells)
            said.headers |= holding
            if holding:
                _take_hold(said, at, line, (table, cells))
    return said


def _take_hold(said: _Said, at: int, line: int, row: tuple[Table, list[str]]) -> None:
    table, cells = row
    if (number := table.value(cells, Field.CLIENT_ID)) or table.kind is TableKind.CLIENTS:
        said.held.add(at, line, number)
    elif household := household_of(table, cells):
        said.households.add(household)
    else:
        said.nobody += 1


def _holding(table: Table, cells: Sequence[str]) -> set[str]:
    """The headers of the columns that hold a row, by the cells themselves: "N/A" and "?" are no plain no."""
    columns = zip(table.columns.get(Field.HOLD, ()), table.headers_of(Field.HOLD), strict=True)
    return {header for place, header in columns if place < len(cells) and cells[place].strip().lower() not in _NO}


@dataclass(frozen=True, slots=True, repr=False)
class _Found:
    """The held numbers that the client lists know, and how many clients are held."""

    known: frozenset[str]
    count: int
    leaves_somebody: bool


def _hold_all_rows(rows: Sequence[_Row], held: Held) -> _Found:
    """Add to *held* the other rows of those who are in it."""
    keys = {key for row in rows if row.is_in(held) for key in row.keys}
    for row in rows:
        if row.is_in(held) or keys & set(row.keys):
            held.add(row.table, row.place + 1, row.number)
    own = {comparable(row.number) for row in rows if row.number and row.is_in(held)}
    known = {comparable(number) for row in rows for number in row.numbers} & held.numbers
    places = sum(map(len, held.places.values()))
    return _Found(frozenset(known), len(own) + places, not rows or not all(row.is_in(held) for row in rows))


@dataclass(frozen=True, slots=True)
class _Source:
    """What holds clients, and what to look at where it holds all of them."""

    what: str
    doubt: str


_HOUSEHOLD = _Source("the household number", "whoever shares one with a client on hold is held too")


def _sources(found: _Found, said: _Said, named: _Named) -> list[_Source]:
    """Whatever holds somebody, so that nobody is held by what means something else."""
    sources = []
    if said.headers:
        columns = f"the column {', '.join(sorted(said.headers))}"
        sources.append(_Source(columns, "anything but empty, no, false or 0 holds"))
    if named.listed & found.known:
        sources.append(_Source("the hold list", "it may be the list of all clients"))
    if named.fleeing & found.known:
        sources.append(_Source("CurrentlyFleeing in HealthAndDV.csv", "0 means that somebody is not fleeing"))
    return sources


def _check_leaves_somebody(found: _Found, by: Sequence[_Source]) -> None:
    if not found.leaves_somebody:
        looks = "; ".join(f"{source.what}: {source.doubt}" for source in by)
        raise InputFileError("all clients of the list are on hold", hint=f"Look at {looks}.")


@dataclass(frozen=True, slots=True, repr=False)
class _Row:
    """A row of a client list: where it is, all its client numbers, the first of them first, and who it is."""

    table: int
    place: int
    numbers: tuple[str, ...]
    number: str
    keys: tuple[Key, ...]

    def is_in(self, held: Held) -> bool:
        return held.has(self.table, self.place, self.numbers)


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


def _without(table: Table, held: Held, at: int) -> Table:
    out = set(held.places.get(at, ()))
    if held.numbers and Field.CLIENT_ID in table.columns:
        numbers = ((line - 1, table.value(cells, Field.CLIENT_ID)) for line, cells in table.lines())
        out |= {place for place, number in numbers if number and comparable(number) in held.numbers}
    return replace(table, sheet=replace(table.sheet, rows=without_rows(table.sheet.rows, frozenset(out))))


def _counts(alone: _Found, found: _Found, by: Sequence[_Source]) -> list[str]:
    """How many are held, and how many of them for somebody else's sake."""
    if not found.count:
        return []
    sources = f" (by {', '.join(source.what for source in by)})" if by else ""
    clients = counted(found.count, "client is", "clients are")
    notes = [f"{clients} on hold{sources}: nothing of them leaves this computer"]
    if housemates := found.count - alone.count:
        members = counted(housemates, "of them shares", "of them share")
        notes.append(f"{members} a household number with a client on hold: a match would lead to that client")
    return notes


def _doubts(missing: frozenset[str], said: _Said) -> list[str]:
    notes = []
    if missing:
        numbers = counted(len(missing), "client number on hold is", "client numbers on hold are")
        notes.append(
            f"{numbers} not in the client list: look for a typing mistake, since whom it was meant for is not held"
        )
    if said.nobody:
        holds = counted(said.nobody, "hold stands", "holds stand")
        notes.append(f"{holds} beside no client number, which holds nobody: write the number there")
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
            if Field.HOLD not in table.columns or _holding(table, cells):
                yield from table.values(cells, Field.CLIENT_ID)
        return
    rows = [[cell for cell in row if cell] for row in sheet.rows]
    if any(len(row) > 1 for row in rows):
        raise InputFileError(
            f"{sheet.name}: no column of this hold list is known to hold client numbers",
            hint="Write 'Client ID' above that column, or leave only that column in the file.",
        )
    yield from (row[0] for row in rows if row)
