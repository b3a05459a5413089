"""Facets: the separate things that are known of each client of a batch, from which tokens and blocking keys are made.

Most are columns whose missing value is falsy. Those of which nearly every client has another value are *singular*:
texts beside the rows that have one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashing.batch import MOST_PHONES, ClientBatch, Family, Given, Numbers
from hashing.coded import Coded, Vocabulary
from hashing.dates import BirthDate
from hashing.texts import Texts


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Singular:
    """A facet that hardly two clients share: the rows that have it, in their order, and their texts."""

    rows: NDArray[np.intp]
    texts: Texts

    def within(self, rows: slice) -> Singular:
        """The facet of some rows next to each other, which are counted from the first of them."""
        first, end = np.searchsorted(self.rows, (rows.start, rows.stop)).tolist()
        return Singular(self.rows[first:end] - rows.start, self.texts.take(slice(first, end)))


def column_of(batch: ClientBatch, facet: str) -> Coded[Any]:
    """A facet of each client."""
    return COLUMNS[facet](batch)


def texts_of(batch: ClientBatch, facet: str) -> Singular:
    """A singular facet of the clients that have it."""
    return SINGULAR[facet](batch)


def _as_is(column: str) -> Callable[[ClientBatch], Coded[Any]]:
    return lambda batch: getattr(batch, column)


def _of(column: str, make: Callable[[Any], Any]) -> Callable[[ClientBatch], Coded[Any]]:
    return lambda batch: getattr(batch, column).map(make)


def _in_building(column: str) -> Callable[[ClientBatch], Coded[Any]]:
    """A part of the address where the whole of it is known: half of one would agree with too many."""
    return lambda batch: getattr(batch, column).where(batch.has_building, "")


def _given(given: Given) -> Given | None:
    return given if given.first or given.other_firsts else None


def _family(family: Family) -> Family | None:
    return family if family.last or family.former_lasts else None


def _last(family: Family) -> tuple[str, ...]:
    return family.last


def _initial(parts: tuple[str, ...]) -> str:
    return parts[0][0] if parts else ""


def _first_letter(given: Given) -> str:
    return given.first[0][0] if given.first else ""


def _last_letter(family: Family) -> str:
    return family.last[0][0] if family.last else ""


def _initials(batch: ClientBatch) -> Coded[str]:
    """The first letters of given name and surname, in either order."""
    firsts, lasts = batch.given.map(_first_letter), batch.family.map(_last_letter)
    width = len(lasts.vocabulary)
    used, places = _numbered(firsts.places.astype(np.int64) * width + lasts.places, len(firsts.vocabulary) * width)
    both = [(firsts.vocabulary.values[pair // width], lasts.vocabulary.values[pair % width]) for pair in used.tolist()]
    texts = Coded.of(["".join(sorted(first + last)) for first, last in both])
    return texts.take(places)


def _numbered(pairs: NDArray[np.int64], most: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The distinct numbers of some below *most*, which are few, in their order; and the place of each among them."""
    there = np.zeros(most, dtype=np.bool_)
    there[pairs] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[pairs]


def _whole(born: BirthDate | None) -> BirthDate | None:
    return born if born is not None and born.is_whole else None


def _part_of_whole(text: Callable[[BirthDate], str]) -> Callable[[BirthDate | None], str]:
    return lambda born: text(born) if born is not None and born.is_whole else ""


def _year(born: BirthDate | None) -> str:
    return str(born.year) if born is not None else ""


def low_and_high(born: BirthDate) -> str:
    """Month and day of a birth date in either order."""
    low, high = sorted((born.month, born.day))
    return f"{low}-{high}"


_STRETCHES = {width: Vocabulary(["", *(f"{number:0{width}}" for number in range(10**width))]) for width in (3, 4)}


def _stretch(column: str, nth: int | None, behind: int, width: int) -> Callable[[ClientBatch], Coded[str]]:
    """Some digits of a number: *width* of them, before the last *behind*."""

    def facet(batch: ClientBatch) -> Coded[str]:
        numbers: Numbers = getattr(batch, column) if nth is None else getattr(batch, column)[:, nth]
        places = np.where(numbers >= 0, numbers // 10**behind % 10**width + 1, 0)
        return Coded(_STRETCHES[width], places.astype(np.int32))

    return facet


def _digits(column: str, nth: int | None, width: int) -> Callable[[ClientBatch], Singular]:
    def facet(batch: ClientBatch) -> Singular:
        numbers: Numbers = getattr(batch, column) if nth is None else getattr(batch, column)[:, nth]
        rows = np.flatnonzero(numbers >= 0)
        return Singular(rows, Texts.of_digits(numbers[rows], width))

    return facet


def _building(batch: ClientBatch) -> Singular:
    rows = np.flatnonzero(batch.has_building)
    return Singular(rows, _texts(batch.number.take(rows)).followed_by(_texts(batch.street.take(rows)).behind(" ")))


def _texts(column: Coded[str]) -> Texts:
    return column.vocabulary.texts().take(column.places)


COLUMNS: dict[str, Callable[[ClientBatch], Coded[Any]]] = {
    "given": _of("given", _given),
    "initial": _of("middle", _initial),
    "family": _of("family", _family),
    "last": _of("family", _last),
    "initials": _initials,
    "suffix": _as_is("suffix"),
    "birth": _as_is("birth"),
    "whole birth": _of("birth", _whole),
    "year": _of("birth", _year),
    "year of whole birth": _of("birth", _part_of_whole(lambda born: str(born.year))),
    "month": _of("birth", _part_of_whole(lambda born: f"{born.month:02}")),
    "day": _of("birth", _part_of_whole(lambda born: f"{born.day:02}")),
    "month and day": _of("birth", _part_of_whole(low_and_high)),
    "year and month": _of("birth", _part_of_whole(lambda born: f"{born.year}-{born.month}")),
    "year and day": _of("birth", _part_of_whole(lambda born: f"{born.year}-{born.day}")),
    "ssn start": _stretch("ssn", None, 5, 4),
    "ssn middle": _stretch("ssn", None, 2, 4),
    "ssn end": _stretch("ssn", None, 0, 3),
    "ssn4": _stretch("ssn4", None, 0, 4),
    "house": _in_building("number"),
    "road": _in_building("street"),
    "number": _as_is("number"),
    "street": _as_is("street"),
    "unit": _as_is("unit"),
    "zip": _as_is("zip"),
} | {
    f"phone{nth} {name}": _stretch("phones", nth, behind, 4)
    for nth in range(MOST_PHONES)
    for name, behind in (("middle", 3), ("end", 0))
}
SINGULAR: dict[str, Callable[[ClientBatch], Singular]] = {
    "ssn": _digits("ssn", None, 9),
    "building": _building,
} | {f"phone{nth}": _digits("phones", nth, 10) for nth in range(MOST_PHONES)}
