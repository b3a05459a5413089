"""Names that are not one person's: two people in one cell, or a family."""

from __future__ import annotations

from collections.abc import Sequence

from hashing.columns import Table, TableKind
from hashing.couples import first_given, first_of_two, first_surname, is_given, surname_of_family
from hashing.couples import may_name_two as may_name_two
from hashing.fields import Field
from hashing.importers.changed_rows import Row


def one_person(table: Table, cells: Row) -> Row:
    """A row of a client list with one person in it.

    The first of two people in a cell is the client. The second is left out: the birth date, the number and the
    services beside them are one person's, and a client number that stood for two would lose them for both.
    """
    if table.kind is not TableKind.CLIENTS:
        return cells
    return _with_first_aliases(table, _surname_alone(table, _first_person(table, cells)))


def names_two(table: Table, cells: Row) -> bool:
    """Whether a row holds the names of two people."""
    return _first_person(table, cells) is not cells


def names_family(cell: str) -> bool:
    """Whether a cell names a family and no person."""
    return bool(surname_of_family(cell))


def _surname_alone(table: Table, cells: Row) -> Row:
    """ "The Smith Family" where a name stands: "Smith,", which is a last name without a first one."""
    places = [place for place in table.columns.get(Field.FULL_NAME, ()) if place < len(cells)]
    found = {place: f"{surname}," for place in places if (surname := surname_of_family(cells[place]))}
    return [found.get(place, cell) for place, cell in enumerate(cells)] if found else cells


def _with_first_aliases(table: Table, cells: Row) -> Row:
    """ "Liz Brown" as another name: its first name alone, since the column stands for first names."""
    places = [place for place in table.columns.get(Field.ALIAS, ()) if place < len(cells) and " " in cells[place]]
    found = {place: words[0] for place in places if _is_whole_name(words := cells[place].split())}
    return [found.get(place, cell) for place, cell in enumerate(cells)] if found else cells


def _is_whole_name(words: Sequence[str]) -> bool:
    return len(words) > 1 and is_given(words[:1]) and not is_given(words[-1:])


def _first_person(table: Table, cells: Row) -> Row:
    names = (place for field in (Field.FULL_NAME, Field.FIRST) for place in table.columns.get(field, ()))
    if not any(place < len(cells) and may_name_two(cells[place]) for place in names):
        return cells
    wholes, firsts, lasts = (table.columns.get(f, ()) for f in (Field.FULL_NAME, Field.FIRST, Field.LAST))
    found = {place: first_of_two(cells[place]) for place in wholes if place < len(cells)}
    found |= {place: first_given(cells[place]) for place in firsts if place < len(cells)}
    if any(found[place] != cells[place] for place in firsts if place in found):
        found |= {place: first_surname(cells[place]) for place in lasts if place < len(cells)}
    if all(found[place] == cells[place] for place in found):
        return cells
    return [found.get(place, cell) for place, cell in enumerate(cells)]
