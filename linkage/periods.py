"""Periods of a release: months, quarters and years of the calendar, and how two of them lie to each other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_SHAPE = re.compile(r"(?P<year>\d{4})(-Q(?P<quarter>[1-4])|-(?P<month>0[1-9]|1[0-2]))?")
_LENGTHS = frozenset({1, 3, 12})  # months


class Lie(Enum):
    """How one period lies to another."""

    APART = "apart"
    SAME = "same"
    INSIDE = "inside"  # a whole month, quarter or year inside of a longer one
    AROUND = "around"
    ASKEW = "askew"  # they share months, and neither is a whole part of the other


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The months from *first* to *last*, counted from the year 0; a period of no calendar holds only its *name*."""

    first: int
    last: int
    name: str = ""

    @classmethod
    def of(cls, text: str) -> Period:
        """Read 2026, 2026-Q1, 2026-01 or 2026-01..2026-03; any other text is a period of its own."""
        start, _, end = text.partition("..")
        first, last = _months(start), _months(end or start)
        if first is None or last is None or last[1] < first[0]:
            return cls(0, -1, text)
        return cls(first[0], last[1])

    def __str__(self) -> str:
        if self.name:
            return self.name
        return _month(self.first) if self.first == self.last else f"{_month(self.first)}..{_month(self.last)}"

    def lies_to(self, other: Period) -> Lie:
        """How this period lies to the other."""
        if self == other:
            return Lie.SAME
        if self.name or other.name:
            return Lie.APART
        if self.last < other.first or other.last < self.first:
            return Lie.APART
        if other.first <= self.first and self.last <= other.last:
            return Lie.INSIDE if self._is_whole() and other._is_whole() else Lie.ASKEW
        around = self.first <= other.first and other.last <= self.last and self._is_whole() and other._is_whole()
        return Lie.AROUND if around else Lie.ASKEW

    def _is_whole(self) -> bool:
        """Whether it is a month, a quarter or a year of the calendar."""
        length = self.last - self.first + 1
        return length in _LENGTHS and self.first % length == 0


def quarter_of(month: str) -> str:
    """The quarter of a month: 2026-Q1 for 2026-02."""
    return f"{month[:4]}-Q{(int(month[5:7]) + 2) // 3}"


def _month(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _months(text: str) -> tuple[int, int] | None:
    found = _SHAPE.fullmatch(text)
    if found is None:
        return None
    january = int(found["year"]) * 12
    if found["quarter"]:
        return january + 3 * int(found["quarter"]) - 3, january + 3 * int(found["quarter"]) - 1
    if found["month"]:
        return january + int(found["month"]) - 1, january + int(found["month"]) - 1
    return january, january + 11
