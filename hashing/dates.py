"""A small, strict reader of birth and service dates.

Libraries that guess put people born in '44 into the year 2044, so the rules are our own: a two-digit year
never lies in the future, nobody was born before 1900, and whether a column writes day or month first is
decided once for the whole column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            ("jan", "january", "ene", "enero"), ("feb", "february", "febrero"), ("mar", "march", "marzo"),
            ("apr", "april", "abr", "abril"), ("may", "mayo"), ("jun", "june", "junio"), ("jul", "july", "julio"),
            ("aug", "august", "ago", "agosto"), ("sep", "sept", "september", "septiembre"),
            ("oct", "october", "octubre"), ("nov", "november", "noviembre"), ("dec", "december", "dic", "diciembre"),
        ],
        1,
    )
    for name in names
}  # fmt: skip
_TIME = re.compile(r"[ T]\d{1,2}:\d{2}.*$|(?<=^\d{8})\.0$")  # and the ".0" of a date read as a number
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_COMPACT_YEAR_LAST = re.compile(r"(\d{1,2})(\d{2})((?:19|20)\d{2})")  # a number's leading zero may be gone
_COMPACT_SHORT = re.compile(r"(\d{2})(\d{2})(\d{2})")  # MMDDYY
_NUMERIC = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})")
_DAY_NAME_YEAR = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/ .]+([A-Za-z]+)\.?[-/ .,]+(\d{4}|\d{2})")
_NAME_DAY_YEAR = re.compile(r"([A-Za-z]+)\.?[- ]+(\d{1,2})(?:st|nd|rd|th)?,?[- ]+(\d{4}|\d{2})")
_UNKNOWN = r"(?:00?|xx|\?\?)"  # where a day or month belongs
_YEAR = re.compile(  # alone, or with a month, or with an unknown day and month
    rf"(?i)(?:(?:\d{{1,2}}|{_UNKNOWN})[-/.])?(?:{_UNKNOWN}[-/.])?((?:19|20)\d{{2}})"
    rf"(?:[-/.](?:\d{{1,2}}|{_UNKNOWN}))?(?:[-/.]{_UNKNOWN})?(?:\.0)?"
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")  # from 18 May 1927 on; four digits are rather "1225", or a mistyped year
_FILLERS = re.compile(r"(?i)\s+(?:de|del|of)\s+")  # 3 de marzo de 1980
_ASIDE = re.compile(r"(?i)\s*\((est|estimated|approx|approximate|about|\?)\.?\)$")
_LOOSE_MARKS = re.compile(r"\s*([-/])\s*")
_SERIAL_ZERO = date(1899, 12, 30)  # day 0 of spreadsheet serial dates after February 1900
EARLIEST_YEAR = 1900


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


def writes_day_first(texts: Iterable[str], *, by_header: bool | None = None) -> bool:
    """Whether a column writes the day before the month: more first numbers than second ones are over 12.

    Where the dates do not tell, the header decides; without one, the month comes first.
    """
    lead = 0
    for text in texts:
        match = _NUMERIC.fullmatch(_bare(text)) or _COMPACT_YEAR_LAST.fullmatch(_bare(text))
        if match:
            lead += (int(match.group(1)) > 12) - (int(match.group(2)) > 12)
    return lead > 0 if lead else bool(by_header)


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
    found = [match for text in texts if (match := _NUMERIC.fullmatch(_bare(text)))]
    either = [match for match in found if int(match[1]) <= 12 and int(match[2]) <= 12 and match[1] != match[2]]
    return not either or len(either) < len(found)


@lru_cache(maxsize=100_000)
def _bare(text: str) -> str:
    return _LOOSE_MARKS.sub(r"\1", _FILLERS.sub(" ", _TIME.sub("", _ASIDE.sub("", text.strip()))))


def parse_date(text: str, *, today: date, day_first: bool = False) -> date | None:
    """A typed date -> a date between 1900 and today; None when it is not one."""
    bare = _bare(text)
    parts = _year_month_day(bare, today=today, day_first=day_first)
    if parts is None:
        return _from_serial(bare, today=today)
    try:
        found = date(*parts)
    except ValueError:
        return None
    return found if found.year >= EARLIEST_YEAR and found <= today else None


def _year_month_day(text: str, *, today: date, day_first: bool) -> tuple[int, int, int] | None:
    if match := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _NUMERIC.fullmatch(text) or _COMPACT_YEAR_LAST.fullmatch(text) or _COMPACT_SHORT.fullmatch(text):
        month, day = (int(match[2]), int(match[1])) if day_first else (int(match[1]), int(match[2]))
        if month > 12 >= day:
            month, day = day, month  # one row of a mixed column, with only one possible reading
        return _full_year(match[3], today), month, day
    if match := _DAY_NAME_YEAR.fullmatch(text):
        return _full_year(match[3], today), _MONTHS.get(match[2].lower(), 0), int(match[1])
    if match := _NAME_DAY_YEAR.fullmatch(text):
        return _full_year(match[3], today), _MONTHS.get(match[1].lower(), 0), int(match[2])
    return None


def _full_year(text: str, today: date) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return 2000 + year if 2000 + year <= today.year else 1900 + year


def _from_serial(text: str, *, today: date) -> date | None:
    if not _SERIAL.fullmatch(text):
        return None
    found = _SERIAL_ZERO + timedelta(days=int(float(text)))
    return found if found.year >= EARLIEST_YEAR and found <= today else None


def parse_birth_date(text: str, *, today: date, day_first: bool = False) -> BirthDate | None:
    """A typed birth date -> BirthDate; a year without a day, and 1 January, give the year alone.

    1 January stands in registration systems for "only the year is known".
    """
    if (alone := _YEAR.fullmatch(text.strip())) and int(alone[1]) <= today.year:
        return BirthDate(int(alone[1]))
    found = parse_date(text, today=today, day_first=day_first)
    if found is None or found == date(EARLIEST_YEAR, 1, 1):
        return None
    if (found.month, found.day) == (1, 1):
        return BirthDate(found.year)
    return BirthDate(found.year, found.month, found.day)
