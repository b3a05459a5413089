"""A table of stars tells nothing: months become quarters, and quarters years, where too many would be withheld."""

from __future__ import annotations

from collections.abc import Sequence

from linkage.cells import TrueRelease
from linkage.disclosure import Released, Rule, SafeTable, release
from linkage.errors import CannotRelease

MOST_STARS = 1 / 3  # of the cells of a table


def share_of_stars(table: SafeTable) -> float:
    """How many of a table's cells are withheld, from 0 to 1."""
    cells = [cell for row in table.rows for cell in row.cells if cell is not None]
    return sum(cell.people.value is None for cell in cells) / len(cells) if cells else 0.0


def release_rolled_up(
    choices: Sequence[TrueRelease], rule: Rule, *, agencies: Sequence[str] = (), earlier: Sequence[Released] = ()
) -> Released:
    """The first of *choices*, from the finest to the coarsest, of which no table is mostly stars; else the last.

    Each choice is protected by itself and only one is released: the others are never shown.

    Raises:
        CannotRelease: there is no choice, or none may be released.
    """
    if not choices:
        raise CannotRelease("there is nothing to release", hint="Ask for at least one table.")
    for true in choices[:-1]:
        made = release(true, rule, agencies=agencies, earlier=earlier)
        if all(share_of_stars(table) <= MOST_STARS for table in made.tables):
            return made
    return release(choices[-1], rule, agencies=agencies, earlier=earlier)
