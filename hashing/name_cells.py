"""Names that are not one person's: two people in one cell, and names that the data quality calls partial."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hashing.columns import Table, TableKind
from hashing.couples import first_given, first_of_two, first_surname, is_given, names_two, surname_of_family
from hashing.fields import Field
from hashing.importers.changed_rows import ChangedRows, Row

# HUD data quality 2, by code or as a report words it: "Partial, street name, or code name reported".
_PARTIAL = re.compile(r"(?i)2(\.0)?|partial\b.*|.*\b(street|code) name\b.*")
_TELLING = frozenset(Field) - {
    Field.CLIENT_ID, Field.HOUSEHOLD_ID, Field.NAME_QUALITY, Field.DELETED, Field.SERVICE, Field.SERVICE_DATE,
    Field.UNITS, Field.HOLD,
}  # fmt: skip


def settle_names(tables: Sequence[Table]) -> tuple[list[Table], list[str]]:
    """The same tables with one person in each row, and notes on who is not read.

    The first of two people in a cell is the client. The second is left out: the birth date, the number and the
    services beside them are one person's, and a client number that stood for two would lose them for both.
    """
    settled, found = [], _Found()
    for table in tables:
        changed = found.changed_rows(table) if table.kind is TableKind.CLIENTS else {}
        settled.append(_with_rows(table, changed) if changed else table)
    return settled, found.notes()


@dataclass(slots=True)
class _Found:
    """How many cells do not name one person."""

    couples: int = 0
    families: int = 0

    def changed_rows(self, table: Table) -> dict[int, Row]:
        """The rows of a table that must be read otherwise, by their places."""
        changed = {}
        for line, cells in table.lines():
            settled = _blanked(table, cells) if _is_partial(table, cells) else self._one_person(table, cells)
            if settled is not cells:
                changed[line - 1] = settled
        return changed

    def _one_person(self, table: Table, cells: Row) -> Row:
        single = _first_person(table, cells)
        surname = _surname_alone(table, single)
        self.couples += single is not cells
        self.families += surname is not single
        return _with_first_aliases(table, surname)

    def notes(self) -> list[str]:
        """The numbers, in words."""
        couples = (
            f"{self.couples:,} cells hold the names of two people: the first is the client, the second is not counted"
        )
        families = f"{self.families:,} cells name a family and no person: only the surname is read"
        return [couples] * bool(self.couples) + [families] * bool(self.families)


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


def _with_rows(table: Table, changed: dict[int, Row]) -> Table:
    rows = ChangedRows(table.sheet.rows, lambda place, row: changed.get(place, row))
    return replace(table, sheet=replace(table.sheet, rows=rows))


def _is_partial(table: Table, cells: Row) -> bool:
    return bool(_PARTIAL.fullmatch(table.value(cells, Field.NAME_QUALITY)))


def _blanked(table: Table, cells: Row) -> Row:
    """A row without all that tells who it is: it counts, and cannot be matched."""
    telling = {place for field, places in table.columns.items() if field in _TELLING for place in places}
    return ["" if place in telling else cell for place, cell in enumerate(cells)]


def _first_person(table: Table, cells: Row) -> Row:
    names = (place for field in (Field.FULL_NAME, Field.FIRST) for place in table.columns.get(field, ()))
    if not any(place < len(cells) and names_two(cells[place]) for place in names):
        return cells
    wholes, firsts, lasts = (table.columns.get(f, ()) for f in (Field.FULL_NAME, Field.FIRST, Field.LAST))
    found = {place: first_of_two(cells[place]) for place in wholes if place < len(cells)}
    found |= {place: first_given(cells[place]) for place in firsts if place < len(cells)}
    if any(found[place] != cells[place] for place in firsts if place in found):
        found |= {place: first_surname(cells[place]) for place in lasts if place < len(cells)}
    if all(found[place] == cells[place] for place in found):
        return cells
    return [found.get(place, cell) for place, cell in enumerate(cells)]
