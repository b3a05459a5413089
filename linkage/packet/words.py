"""How names of members, periods and numbers are written in a packet."""

from __future__ import annotations

import re
from datetime import date

from linkage.disclosure import STARS, SafeCell, SafeCount

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_BAND = re.compile(r"(\d{1,3})_(\d{1,3})")
_OF_AGES = {"under_5": "Under 5", "65_plus": "65 and over"}


def named(member: str) -> str:
    """A member of a dimension, such as food_bank, 18_24 or 2026-03, as a reader expects it: Food bank, 18 to 24."""
    if member in _OF_AGES:
        return _OF_AGES[member]
    if band := _BAND.fullmatch(member):
        return f"{band[1]} to {band[2]}"
    if _MONTH.fullmatch(member) or _QUARTER.fullmatch(member):
        return period(member)
    text = member.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def period(text: str) -> str:
    """A period in words: March 2026, first quarter of 2026; what is no period of the calendar stays as it is."""
    start, dots, end = text.partition("..")
    if dots:
        return f"{period(start)} to {period(end)}"
    if found := _MONTH.fullmatch(text):
        return f"{_MONTHS[int(found[2]) - 1]} {found[1]}" if 1 <= int(found[2]) <= len(_MONTHS) else text
    if found := _QUARTER.fullmatch(text):
        return f"quarter {found[2]} of {found[1]}"
    return "all months of the lists" if text == "run" else text


def short_period(text: str) -> str:
    """A period below a column of a picture: Mar 26, Q1 26."""
    if found := _MONTH.fullmatch(text):
        return f"{_MONTHS[int(found[2]) - 1][:3]} {found[1][2:]}"
    if found := _QUARTER.fullmatch(text):
        return f"Q{found[2]} {found[1][2:]}"
    return named(text)


def is_period(text: str) -> bool:
    """Whether it is a month, a quarter or a year of the calendar."""
    return bool(_MONTH.fullmatch(text) or _QUARTER.fullmatch(text) or re.fullmatch(r"\d{4}", text))


def spelled(day: date) -> str:
    """A day that no country misreads: 27 November 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def number(count: SafeCount) -> str:
    """A count, or stars."""
    return str(count)


def range_of(cell: SafeCell) -> str:
    """The range of a count: 510 to 549; stars where it is withheld, and the number alone where there is no other."""
    if cell.low.value is None or cell.high.value is None:
        return STARS
    return str(cell.low) if cell.low == cell.high else f"{cell.low} to {cell.high}"
