"""A small, strict reader of birth and service dates.

Libraries that guess put people born in '44 into the year 2044, so the rules are our own: a two-digit year
never lies in the future, nobody was born before 1900, and whether a column writes day or month first is
decided once for the whole column, mark by mark.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from anyascii import anyascii

_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            ("jan", "january", "ene", "enero"), ("feb", "february", "febrero"), ("mar", "march", "marzo"),
            ("apr", "april", "abr", "abril"), ("may", "mayo"), ("jun", "june", "junio"), ("jul", "july", "julio"),
            ("aug", "august", "ago", "agosto"), ("sep", "sept", "september", "septiembre", "setiembre", "set"),
            ("oct", "october", "octubre"), ("nov", "november", "noviembre"), ("dec", "december", "dic", "diciembre"),
        ],
        1,
    )
    for name in names
}  # fmt: skip
_TIME = re.compile(
    r"[ T]\d{1,2}(:\d{2}.*| ?[AaPp]\.?[Mm]\.?)$|(?<=^\d{8})\.0$"
)  # and the ".0" of a date read as a number
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?:\d{4}(?:\d{2})?(?:\.\d+)?(?:[+-]\d{4})?)?")  # or with a time
_COMPACT_YEAR_LAST = re.compile(r"(\d{1,2})()(\d{2})((?:19|20)\d{2})")  # a number's leading zero may be gone
_COMPACT_SHORT = re.compile(r"(\d{2})()(\d{2})(\d{2})")  # MMDDYY
_NUMERIC = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})[-/. ](\d{4}|\d{2})")
_DAY_NAME_YEAR = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/ .,]*([A-Za-z]+)[-/ .,]*'?(\d{4}|\d{2})")
_NAME_DAY_YEAR = re.compile(r"([A-Za-z]+)[-/ .]*(\d{1,2})(?:st|nd|rd|th)?[-/ .,]+'?(\d{4}|\d{2})")
_YEAR_NAME_DAY = re.compile(r"(\d{4})[-/ .,]*([A-Za-z]+)[-/ .,]*(\d{1,2})")
_NAME_YEAR = re.compile(r"([A-Za-z]+)[-/ .,]+(\d{4})")
_UNKNOWN, _PART = r"(?:00?|xx|\?\?)", r"(?:\d{1,2}|xx|\?\?)"  # where a day or month belongs
_YEAR = re.compile(  # alone, or with a month, or with an unknown day or month
    rf"(?i)(?:{_PART}[-/.]|{_PART}[-/.]{_UNKNOWN}[-/.]|{_UNKNOWN}[-/.]{_PART}[-/.])?((?:19|20)\d{{2}})"
    rf"(?:[-/.]{_PART}|[-/.]{_PART}[-/.]{_UNKNOWN}|[-/.]{_UNKNOWN}[-/.]{_PART})?(?:\.0)?"
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")  # from 18 May 1927 on; four digits are rather "1225", or a mistyped year
_FILLERS = re.compile(r"(?i)\s+(?:de|del|of)\s+")  # 3 de marzo de 1980
_ASIDE = re.compile(r"(?i)\s*\((est|estimated|approx|approximate|about|\?)\.?\)$")
_WEEKDAY = re.compile(
    r"(?i)^(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?|"
    r"lunes|martes|miercoles|jueves|viernes|sabado|domingo)\.?,?\s+"
)
_LOOSE_MARKS = re.compile(r"\s*([-/])\s*")
_SERIAL_ZERO = date(1899, 12, 30)  # day 0 of spreadsheet serial dates after February 1900
_MARKS = ("/", "-", ".", " ", "")  # between day and month
EARLIEST_YEAR = 1900
OLDEST = 120  # years; whoever would be older was rather not asked


@dataclass(frozen=True, slots=True)
class BirthDate:
    """A birth date; month and day are 0 where only the year is known or meant."""

    year: int
    month: int = 0
    day: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether day and month are known."""
        return self.month > 0


@dataclass(frozen=True, slots=True)
class DateOrder:
    """Between which marks a column writes the day before the month: one may hold 3/27/1984 and 27.03.1984."""

    day_first: frozenset[str]


def date_order(texts: Iterable[str], *, by_header: bool | None = None) -> DateOrder:
    """The order of each mark, by the dates written with it: more first numbers than second ones are over 12.

    Where those do not tell, the whole column decides, then the header; without one, the month comes first.
    """
    leads = _leads(texts)
    column = _is_day_first(leads.total(), bool(by_header))
    return DateOrder(frozenset(mark for mark in _MARKS if _is_day_first(leads[mark], column)))


def writes_day_first(texts: Iterable[str], *, by_header: bool | None = None) -> bool:
    """Whether a column as a whole writes the day before the month."""
    return _is_day_first(_leads(texts).total(), bool(by_header))


def _leads(texts: Iterable[str]) -> Counter[str]:
    """mark -> by how many the dates that can only be day first outnumber those that can only be month first."""
    leads: Counter[str] = Counter()
    for text in texts:
        if match := _numbers(text):
            leads[match[2]] += (int(match[1]) > 12) - (int(match[3]) > 12)
    return leads


def _is_day_first(lead: int, otherwise: bool) -> bool:
    return lead > 0 if lead else otherwise


@lru_cache(maxsize=50_000)
def _numbers(text: str) -> re.Match[str] | None:
    """Two numbers of which either may be the month, the mark between them, and a year."""
    if plain := _NUMERIC.fullmatch(text):
        return plain
    if _ISO_DAY.fullmatch(text):
        return None
    bare = _bare(text)
    return _NUMERIC.fullmatch(bare) or _COMPACT_YEAR_LAST.fullmatch(bare)


_DAY_FIRST_HEADER = re.compile(r"\bdd?\W*mm?\W*yy|\b(fecha|nacimiento|nac)\b", re.IGNORECASE)
_MONTH_FIRST_HEADER = re.compile(r"\bmm?\W*dd?\W*yy", re.IGNORECASE)


def header_says_day_first(headers: Iterable[str]) -> bool | None:
    """What a header such as "DOB (DD/MM/YYYY)" says of the order, or None; Spanish ones write the day first."""
    for header in headers:
        if _MONTH_FIRST_HEADER.search(header):
            return False
        if _DAY_FIRST_HEADER.search(header):
            return True
    return None


def tells_order(texts: Iterable[str]) -> bool:
    """Whether a column of dates shows which number is the day, or writes no date in which it could be either."""
    found = [(int(match[1]), int(match[3])) for text in texts if (match := _numbers(text)) and match[2]]
    could_be_either = any(first <= 12 and second <= 12 and first != second for first, second in found)
    return not could_be_either or any((first > 12) != (second > 12) for first, second in found)


def other_way_round(texts: Iterable[str], order: DateOrder) -> int:
    """How many dates can only be read in the other order than their column's; 0 where no date could be either.

    Where some are, others whose two numbers are both a month are read wrongly, and nothing shows which.
    """
    found = [(match[2] in order.day_first, int(match[1]), int(match[3])) for text in texts if (match := _numbers(text))]
    could_be_either = any(first <= 12 and second <= 12 and first != second for _, first, second in found)
    others = sum((second if day_first else first) > 12 for day_first, first, second in found)
    return others if could_be_either else 0


def _bare(text: str) -> str:
    plain = _WEEKDAY.sub("", anyascii(text).strip())
    return _LOOSE_MARKS.sub(r"\1", _FILLERS.sub(" ", _TIME.sub("", _ASIDE.sub("", plain)))).strip()


def parse_date(text: str, *, today: date, day_first: DateOrder | bool = False) -> date | None:
    """A typed date -> a date between 1900 and today; None when it is not one."""
    if len(text) == 10 and text[4] == text[7] == "-":
        try:
            return _in_range(date.fromisoformat(text), today)
        except ValueError:  # 1984-03-00, or a text that only looks so
            return _parse_in_full(text, today, day_first)
    return _parse_in_full(text, today, day_first)


@lru_cache(maxsize=50_000)
def _parse_in_full(text: str, today: date, day_first: DateOrder | bool) -> date | None:
    bare = text if _NUMERIC.fullmatch(text) else _bare(text)
    parts = _year_month_day(bare, today, day_first)
    if parts is None:
        return _from_serial(bare, today)
    try:
        return _in_range(date(*parts), today)
    except ValueError:
        return None


def _in_range(found: date, today: date) -> date | None:
    return found if found.year >= EARLIEST_YEAR and found <= today else None


def _year_month_day(text: str, today: date, day_first: DateOrder | bool) -> tuple[int, int, int] | None:
    if match := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _NUMERIC.fullmatch(text) or _COMPACT_YEAR_LAST.fullmatch(text) or _COMPACT_SHORT.fullmatch(text):
        leads = match[2] in day_first.day_first if isinstance(day_first, DateOrder) else day_first
        month, day = (int(match[3]), int(match[1])) if leads else (int(match[1]), int(match[3]))
        if month > 12 >= day:
            month, day = day, month  # one row of a mixed column, with only one possible reading
        return _full_year(match[4], today), month, day
    return _with_month_name(text, today)


def _with_month_name(text: str, today: date) -> tuple[int, int, int] | None:
    if match := _DAY_NAME_YEAR.fullmatch(text):
        return _full_year(match[3], today), _MONTHS.get(match[2].lower(), 0), int(match[1])
    if match := _NAME_DAY_YEAR.fullmatch(text):
        return _full_year(match[3], today), _MONTHS.get(match[1].lower(), 0), int(match[2])
    if match := _YEAR_NAME_DAY.fullmatch(text):
        return int(match[1]), _MONTHS.get(match[2].lower(), 0), int(match[3])
    return None


def _full_year(text: str, today: date) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return 2000 + year if 2000 + year <= today.year else 1900 + year


def _from_serial(text: str, today: date) -> date | None:
    if not _SERIAL.fullmatch(text):
        return None
    return _in_range(_SERIAL_ZERO + timedelta(days=int(float(text))), today)


def parse_birth_date(text: str, *, today: date, day_first: DateOrder | bool = False) -> BirthDate | None:
    """A typed birth date -> BirthDate; a year without a day, and 1 January, give the year alone.

    1 January stands in registration systems for "only the year is known". Nobody is older than 120 years.
    """
    found = parse_date(text, today=today, day_first=day_first)
    if found is None:
        year = _year_alone(text)
        return BirthDate(year) if max(EARLIEST_YEAR + 1, today.year - OLDEST) <= year <= today.year else None
    if today.year - found.year > OLDEST or found == date(EARLIEST_YEAR, 1, 1):
        return None
    return (
        BirthDate(found.year) if (found.month, found.day) == (1, 1) else BirthDate(found.year, found.month, found.day)
    )


@lru_cache(maxsize=50_000)
def _year_alone(text: str) -> int:
    """The year of "1984", "03/1984", "March 1984" or "1984-XX-XX"; 0 where there is none."""
    bare = _ASIDE.sub("", anyascii(text).strip())
    if match := _YEAR.fullmatch(bare):
        return int(match[1])
    named = _NAME_YEAR.fullmatch(_FILLERS.sub(" ", bare))
    return int(named[2]) if named and named[1].lower() in _MONTHS else 0
