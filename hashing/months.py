"""Columns of months: "Jan 2025", "2025-01", "enero 2025", or "Jan" below a title that tells the year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from anyascii import anyascii

from hashing.dates import parse_date, writes_day_first

_NAMES = (
    "jan(uary)?|ene(ro)?", "feb(ruary|rero)?", "mar(ch|zo)?", "apr(il)?|abr(il)?", "may(o)?", "june?|junio",
    "july?|julio", "aug(ust)?|ago(sto)?", "sept?(ember|iembre)?", "oct(ober|ubre)?",
    "nov(ember|iembre)?", "dec(ember)?|dic(iembre)?",
)  # fmt: skip
_NAME = "|".join(f"(?P<m{number}>{name})" for number, name in enumerate(_NAMES, 1))
_COUNTED = r"(visits?|visitas|services?|served|servicios|attended|nights?|days|units?|meals|boxes|contacts|sessions)"
_YEAR = r"(?P<year>20\d\d)"
_SHAPES = tuple(
    re.compile(rf"({_COUNTED} )?(in |en )?{shape}( {_COUNTED})?")
    for shape in (
        rf"{_YEAR}[-/. ]?(?P<number>0?[1-9]|1[0-2])",
        rf"(?P<number>0?[1-9]|1[0-2])[-/. ]{_YEAR}",
        rf"{_YEAR}[-/. ]*({_NAME})",
        rf"({_NAME})\.?([-/., ]|de|del|')*{_YEAR}",
        rf"({_NAME})\.?[-/., ]*'?(?P<short>\d\d)",
        rf"({_NAME})\.?",
    )
)
_DAY = re.compile(rf"{_YEAR}-(?P<number>\d\d)-(?P<day>\d\d)")  # what a workbook makes of a month typed as a header
_WRITTEN_DAY = re.compile(r"\d{1,2}([-/.])\d{1,2}\1(20)?\d\d")
# A year that is part of a date ("As of 06/30/2026", "Printed June 30, 2026") says when, and not of which year.
_A_YEAR = re.compile(r"(?<!\d)(?<!\d[-/._])(?<!\d, )(?<!\d )20\d\d(?!\d)(?![-/._]\d)")
_A_DATE = re.compile(r"\d{1,2}(st|nd|rd|th)? +(of +|de +)?[A-Za-z]{3,10}\.?,?( +de)? +20\d\d")
_FISCAL = re.compile(r"(?i)\b(fy|fiscal)|(?<!\d)20\d\d ?[-/] ?\d\d")
_SHEET = re.compile(r"(?P<file>.*?)(\.\w+)?( \[(?P<page>.*)\])?")
FEWEST_DAYS = 3
MOST_SHORT_YEARS = 3  # more different numbers behind the names of months are days


@dataclass(frozen=True, slots=True)
class MonthColumns:
    """The columns that stand for months: place -> YYYY-MM; *undated* are the headers that lack a year."""

    places: tuple[tuple[int, str], ...] = ()
    undated: tuple[str, ...] = ()


NO_MONTHS = MonthColumns()


@dataclass(frozen=True, slots=True)
class _Named:
    """A header that names a month; *year* is 0 where it names none, *day* where it names no day."""

    month: int
    year: int = 0
    day: int = 0
    is_short: bool = False


def names_month(header: str) -> bool:
    """Whether a header names a month, with or without a year."""
    return _read(header) is not None


@dataclass(frozen=True, slots=True)
class Told:
    """What may tell of months and years: the headers, the group above each, the rows above them, the sheet's name."""

    headers: Sequence[str]
    groups: Sequence[str] = ()
    titles: Sequence[str] = ()
    sheet: str = ""

    def year_above(self, place: int) -> int:
        """The year of the group that a column stands under; 0 where that is not one year."""
        return _one_year(self.groups[place]) or 0 if place < len(self.groups) else 0


def month_columns(told: Told) -> MonthColumns:
    """The months of a table, the year taken from the header, the group above it, or the one place that tells one year.

    Two years, a fiscal year, or months that run from July to June tell no year: nothing is guessed.
    """
    headers = _with_days_read(told.headers)
    named = _without_days({place: found for place, header in enumerate(headers) if (found := _read(header))})
    years = {place: found.year or told.year_above(place) for place, found in named.items()}
    bare = [place for place in named if not years[place]]
    if len(bare) < 2:
        bare = []
    year = _year_told(told) if _run_upwards([named[place].month for place in bare]) else 0
    years |= dict.fromkeys(bare, year)
    places = tuple((at, f"{years[at]:04d}-{found.month:02d}") for at, found in named.items() if years[at])
    return MonthColumns(places, () if year else tuple(told.headers[place] for place in bare))


def _with_days_read(headers: Sequence[str]) -> list[str]:
    """The headers, with days such as "1/5/2026" and "1/12/2026" as a workbook writes them; one or two may be anything.

    A list of visits has a column a week, and each is a service in its month.
    """
    days = {header for header in headers if _WRITTEN_DAY.fullmatch(header)}
    if len(days) < FEWEST_DAYS:
        return list(headers)
    day_first = writes_day_first(days)
    read = {header: parse_date(header, today=date.max, day_first=day_first) for header in days}
    return [f"{day}" if (day := read.get(header)) else header for header in headers]


@lru_cache(maxsize=10_000)
def _read(header: str) -> _Named | None:
    text = " ".join(anyascii(header).lower().split())
    if day := _DAY.fullmatch(text):
        month = int(day["number"])
        return _Named(month, int(day["year"]), int(day["day"])) if 1 <= month <= 12 else None
    found = next((match for shape in _SHAPES if (match := shape.fullmatch(text))), None)
    return None if found is None else _named(found.groupdict())


def _named(found: dict[str, str | None]) -> _Named:
    number = found.get("number")
    month = int(number) if number else next(n for n in range(1, 13) if found.get(f"m{n}"))
    short = found.get("short")
    year = found.get("year") or (f"20{short}" if short else "0")
    return _Named(month, int(year), is_short=bool(short))


def _without_days(named: dict[int, _Named]) -> dict[int, _Named]:
    """Without headers whose number is a day: "Jan 5", "Jan 12", ..., or the 25th that Excel makes of each "Jan-25"."""
    too_many = len({found.year for found in named.values() if found.is_short}) > MOST_SHORT_YEARS
    days = [found.day for found in named.values() if found.day]
    no_months = len(days) == 1 or (len(set(days)) == 1 and days[0] != 1)
    return {
        place: found
        for place, found in named.items()
        if not (found.is_short and too_many) and not (found.day and no_months)
    }


def _run_upwards(months: Sequence[int]) -> bool:
    return list(months) == sorted(set(months))


def _year_told(told: Told) -> int:
    """The year of the sheet's name, else of the titles, else of the file's name; 0 where it is not one year."""
    parted = _SHEET.fullmatch(told.sheet)
    page, file = (parted["page"] or "", parted["file"] or "") if parted else ("", told.sheet)
    years = (_one_year(text) for text in (page, " ".join(told.titles), file))
    return next((year for year in years if year is not None), None) or 0


def _one_year(text: str) -> int | None:
    """The year in a text; None where there is none, 0 where it is not one."""
    years = set(_A_YEAR.findall(_A_DATE.sub("", text)))
    if _FISCAL.search(text) or len(years) > 1:
        return 0
    return int(years.pop()) if years else None
