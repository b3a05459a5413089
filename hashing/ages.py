"""Age bands: how old clients were on the last day that a file tells of. The date itself stays on the computer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from hashing.dates import BirthDate
from hashing.schema import AgeBand

_FIRST_YEARS = (
    (65, AgeBand.FROM_65),
    (55, AgeBand.FROM_55),
    (45, AgeBand.FROM_45),
    (35, AgeBand.FROM_35),
    (25, AgeBand.FROM_25),
    (18, AgeBand.FROM_18),
    (13, AgeBand.FROM_13),
    (5, AgeBand.FROM_5),
    (0, AgeBand.UNDER_5),
)


def bands_on(day: date) -> Callable[[BirthDate | None], AgeBand | None]:
    """A function that tells the band on *day*: None without a birth date, before it, or where its year alone leaves
    two bands open."""

    def band(born: BirthDate | None) -> AgeBand | None:
        if born is None:
            return None
        if born.is_whole:
            return _band(_years(born, day))
        oldest, youngest = (_band(_years(BirthDate(born.year, *of_year), day)) for of_year in ((1, 1), (12, 31)))
        return oldest if oldest is youngest or born.year == day.year else None

    return band


def _years(born: BirthDate, day: date) -> int:
    """Whole years; who was born on 29 February is a year older on 1 March of other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _band(years: int) -> AgeBand | None:
    return next((band for first, band in _FIRST_YEARS if years >= first), None)
