"""The common shape of everything that is imported: a named grid of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Sheet:
    """One grid of text cells, as the file has them; *name* is what an error message calls it.

    ``rows[0]`` is line 1 of the file. Cells hold no leading or trailing blanks; missing cells are "".
    The cells never appear in a repr, so that a traceback cannot show them. Where the file has no rows, as JSON,
    *places* says of each row where in the file it stands ("entry 3").
    """

    name: str
    rows: Sequence[list[str]] = field(repr=False)
    places: Sequence[str] = ()

    def told(self, lines: Sequence[int]) -> str:
        """Where these lines stand, as a person finds them: "rows 3, 5", "entry 2, entry 4"."""
        if self.places:
            return ", ".join(self.places[line - 1] for line in lines)
        return f"{'row' if len(lines) == 1 else 'rows'} {', '.join(map(str, lines))}"


@runtime_checkable
class UncleanedRows(Protocol):
    """Rows that can also be read as the file has them: cheaper where a cell that recurs is cleaned once."""

    def uncleaned(self) -> Iterator[list[str]]:
        """All rows, as the file has them."""

    def clean(self, cell: str) -> str:
        """A cell as a person would read it."""


def raw_rows(rows: Sequence[list[str]], start: int) -> tuple[Iterator[list[str]], Callable[[str], str]]:
    """The rows from place *start* on, and what their cells have to go through before they are read."""
    if isinstance(rows, UncleanedRows):
        return islice(rows.uncleaned(), start, None), rows.clean
    return islice(rows, start, None), str
