"""Age bands: exact at birthdays, silent where a year alone leaves two bands open, and the only thing that is told."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hashing.ages import bands_on
from hashing.dates import BirthDate
from hashing.schema import AgeBand

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
EDGES = (5, 13, 18, 25, 35, 45, 55, 65)


def oracle(born: date, day: date) -> str | None:
    """Count birthdays one by one; of 29 February it is 1 March in other years."""
    if born > day:
        return None
    years = 0
    for year in range(born.year + 1, day.year + 1):
        leap = (born.month, born.day) != (2, 29) or calendar.isleap(year)
        birthday = born.replace(year=year) if leap else date(year, 3, 1)
        years += birthday <= day
    names = ["under_5", "5_12", "13_17", "18_24", "25_34", "35_44", "45_54", "55_64", "65_plus"]
    return names[sum(years >= edge for edge in EDGES)]


@given(DAYS, DAYS)
def test_a_band_is_the_number_of_birthdays(born, day):
    found = bands_on(day)(BirthDate(born.year, born.month, born.day))
    assert (found.value if found else None) == oracle(born, day)


@pytest.mark.parametrize("years", EDGES)
def test_the_band_changes_on_the_birthday(years):
    birthday = date(1990 + years, 7, 4)
    before, on = (bands_on(day)(BirthDate(1990, 7, 4)) for day in (birthday - timedelta(days=1), birthday))
    assert [before, on] == list(AgeBand)[EDGES.index(years) : EDGES.index(years) + 2]


@given(st.integers(1900, 2100), DAYS)
@example(2026, date(2026, 6, 30))
@example(2001, date(2026, 12, 31))
def test_a_year_alone_tells_a_band_only_where_every_day_of_it_does(year, day):
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(365 + calendar.isleap(year)))
    bands = {oracle(each, day) for each in days if each <= day}
    found = bands_on(day)(BirthDate(year))
    assert (found.value if found else None) == (bands.pop() if len(bands) == 1 else None)


def test_without_a_birth_date_there_is_no_band():
    assert bands_on(date(2026, 1, 1))(None) is None
    assert bands_on(date(2026, 1, 1))(BirthDate(2027, 1, 1)) is None
