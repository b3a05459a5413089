"""Bars beside the numbers of a table, as inline SVG without script or style; a withheld number has no bar."""

from __future__ import annotations

from dataclasses import dataclass

from linkage.disclosure import SafeRow, SafeTable

WIDTH = 200  # user units of the drawing, not pixels


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar for the count, and a whisker from the low to the high end of its range."""

    width: float
    low: float
    high: float


def bars(table: SafeTable) -> tuple[Bar | None, ...]:
    """One bar for each row of *table*, all on one scale; None where the row is withheld."""
    largest = max((_end(row) for row in table.rows), default=0)
    return tuple(_bar(row, largest) for row in table.rows)


def _end(row: SafeRow) -> int:
    return max(row.people.value or 0, row.high.value or 0)


def _bar(row: SafeRow, largest: int) -> Bar | None:
    if row.people.value is None or largest == 0:
        return None
    people = row.people.value
    low = people if row.low.value is None else row.low.value
    high = people if row.high.value is None else row.high.value
    return Bar(*(round(WIDTH * value / largest, 1) for value in (people, low, high)))
