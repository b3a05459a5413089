"""A birth date in three columns: month, day and year."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hashing.fields import header_words

WHOLE_HEADER = "(birth date of its parts)"
_BIRTH = r"((date of )?birth|dob|nac(imiento)?)"
_PARTS = {
    "month": re.compile(rf"{_BIRTH} ?(date )?(month|mo|mm)|month of birth|mes( de)? nac(imiento)?|birth ?month"),
    "day": re.compile(rf"{_BIRTH} ?(date )?(day|dd)|day of birth|dia( de)? nac(imiento)?"),
    "year": re.compile(rf"{_BIRTH} ?(date )?(year|yr|yyyy|yy)|year of birth|yob|ano( de)? nac(imiento)?"),
}


def birth_parts(headers: Sequence[str]) -> dict[str, int]:
    """The places of month, day and year, where a birth date stands in three columns; none where it does not."""
    words = [header_words(header) for header in headers]
    found = {part: place for part, shape in _PARTS.items() for place, text in enumerate(words) if shape.fullmatch(text)}
    return found if len(found) == len(_PARTS) else {}


def names_birth_part(header: str) -> bool:
    """Whether a header stands over the month, the day or the year of a birth."""
    words = header_words(header)
    return any(shape.fullmatch(words) for shape in _PARTS.values())


def whole_birth(cells: Sequence[str], parts: Mapping[str, int]) -> str:
    """The birth date in one cell; the year alone where day or month is missing."""
    month, day, year = (
        cells[place] if (place := parts[part]) < len(cells) else "" for part in ("month", "day", "year")
    )
    if not (month and day):
        return year
    if month.isdigit():
        return f"{year}-{month}-{day}" if len(year) == 4 else f"{month}/{day}/{year}"
    return f"{day} {month} {year}"
