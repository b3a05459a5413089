"""The months that a table is about."""

from __future__ import annotations

from dataclasses import dataclass

from linkage.errors import RequestRefused
from linkage.periods import Period

_YEAR, _QUARTER = 12, 3


@dataclass(frozen=True, slots=True)
class Scope:
    """The months from *first* to *last*, counted from the year 0, and what they are called."""

    name: str
    first: int
    last: int

    @classmethod
    def of(cls, text: str) -> Scope:
        """Read 2026, 2026-Q1, 2026-01 or 2026-01..2026-06.

        Raises:
            RequestRefused: it is no period of the calendar.
        """
        period = Period.of(text)
        if period.last < period.first:
            raise RequestRefused(
                "the period is none of the calendar", hint="Write 2026, 2026-Q1, 2026-01 or 2026-01..2026-06."
            )
        return cls.between(period.first, period.last)

    @classmethod
    def between(cls, first: int, last: int) -> Scope:
        """These months, by their shortest name."""
        if (first % _YEAR, last - first) == (0, _YEAR - 1):
            return cls(f"{first // _YEAR:04d}", first, last)
        if (first % _QUARTER, last - first) == (0, _QUARTER - 1):
            return cls(quarter(first // _QUARTER), first, last)
        return cls(month(first) if first == last else f"{month(first)}..{month(last)}", first, last)

    def members(self, dimension: str) -> tuple[str, ...]:
        """All months, quarters or years that the period touches."""
        if dimension == "month":
            return tuple(month(each) for each in range(self.first, self.last + 1))
        if dimension == "quarter":
            return tuple(quarter(each) for each in range(self.first // _QUARTER, self.last // _QUARTER + 1))
        return tuple(f"{each:04d}" for each in range(self.first // _YEAR, self.last // _YEAR + 1))


def month(number: int) -> str:
    """2026-03 for the month of that number."""
    return f"{number // _YEAR:04d}-{number % _YEAR + 1:02d}"


def quarter(number: int) -> str:
    """2026-Q1 for the quarter of that number, counted from the year 0."""
    return f"{number // 4:04d}-Q{number % 4 + 1}"
