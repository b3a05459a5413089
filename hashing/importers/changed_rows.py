"""Rows that are read a little differently than the file has them, without a copy of the sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import overload

Row = list[str]
Change = Callable[[int, Row], Row]


class ChangedRows(Sequence[Row]):
    """The rows of a sheet, each passed through *change* (its place, its cells) whenever it is read.

    A row that must not be read becomes an empty one, so that all others keep their line in the file.
    """

    __slots__ = ("_change", "_rows")

    def __init__(self, rows: Sequence[Row], change: Change) -> None:
        """*rows* are kept, not copied; *change* must not alter the list that it is given."""
        self._rows = rows
        self._change = change

    @overload
    def __getitem__(self, place: int) -> Row: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...

    def __getitem__(self, place: int | slice) -> Row | Sequence[Row]:
        """One row, or several."""
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        row = self._rows[place]
        return self._change(place if place >= 0 else len(self) + place, row)

    def __iter__(self) -> Iterator[Row]:
        """All rows in their order."""
        return map(self._change, range(len(self)), self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"<{len(self)} rows>"


def without_rows(rows: Sequence[Row], places: frozenset[int]) -> Sequence[Row]:
    """The same rows, with those in these places empty."""
    if not places:
        return rows
    return ChangedRows(rows, lambda place, row: [] if place in places else row)
