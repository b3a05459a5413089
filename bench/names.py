"""What people are called: name, nickname and street frequencies, read from bench/data."""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.dice import Dice, Weighted
from bench.heritage import Heritage

_DATA = Path(__file__).parent / "data"
_DECADES = range(1920, 2020, 10)
_SURNAME_DRIFT, _GIVEN_DRIFT = 0.6, 0.25  # a town has its own families; fashion in first names is wider

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class StreetName:
    """A street before it is laid in a town: direction (often empty), name and kind (``St``, ``Ave``)."""

    direction: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class NameBook:
    """The names in use: *given* by sex (``F``, ``M``) and decade of birth, *listed* by heritage and kind.

    Kinds are ``male``, ``female``, ``surname``, ``middle_male`` and ``middle_female``. *spellings* holds
    the other spellings of a ``first`` or ``last`` name.
    """

    given: Mapping[tuple[str, int], Weighted[str]]
    surnames: Weighted[str]
    listed: Mapping[tuple[Heritage, str], Weighted[str]]
    nicknames: Mapping[str, tuple[str, ...]]
    spellings: Mapping[tuple[str, str], tuple[str, ...]]
    streets: tuple[StreetName, ...]

    def given_name(self, sex: str, year: int, dice: Dice) -> str:
        """A first name as given in that year in the country as a whole."""
        decade = min(max(year // 10 * 10, _DECADES[0]), _DECADES[-1])
        return dice.draw(self.given[sex, decade])


def read_rows(name: str) -> list[Row]:
    """The rows of one file of bench/data, packed or not."""
    raw = (_DATA / name).read_bytes()
    text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@cache
def country() -> NameBook:
    """The names of the country; the same for every town."""
    surnames = read_rows("surnames.csv.gz")
    return NameBook(
        given=_given(read_rows("first_names.csv.gz")),
        surnames=Weighted.of([r["name"] for r in surnames], [float(r["count"]) for r in surnames]),
        listed=_listed(read_rows("heritage_names.csv")),
        nicknames={r["name"]: tuple(r["nicknames"].split(";")) for r in read_rows("nicknames.csv")},
        spellings=_spellings(read_rows("spellings.csv")),
        streets=tuple(StreetName(r["direction"], r["name"], r["type"]) for r in read_rows("streets.csv.gz")),
    )


def town_names(dice: Dice) -> NameBook:
    """The names of one town: the country's, with some families and fashions more common than elsewhere."""
    book = country()
    fashion = {name: dice.factor(_GIVEN_DRIFT) for name in sorted({n for w in book.given.values() for n in w.items})}
    return NameBook(
        given={key: _refashioned(weighted, fashion) for key, weighted in book.given.items()},
        surnames=dice.drifted(book.surnames, _SURNAME_DRIFT),
        listed={
            (heritage, kind): dice.drifted(weighted, _SURNAME_DRIFT if kind == "surname" else _GIVEN_DRIFT)
            for (heritage, kind), weighted in book.listed.items()
        },
        nicknames=book.nicknames,
        spellings=book.spellings,
        streets=tuple(dice.shuffled(book.streets)),
    )


def _refashioned(weighted: Weighted[str], fashion: Mapping[str, float]) -> Weighted[str]:
    pairs = zip(weighted.items, weighted.weights(), strict=True)
    return Weighted.of(weighted.items, [weight * fashion[name] for name, weight in pairs])


def _given(rows: list[Row]) -> dict[tuple[str, int], Weighted[str]]:
    return {(sex, decade): _given_in(rows, sex, decade) for sex in "FM" for decade in _DECADES}


def _given_in(rows: list[Row], sex: str, decade: int) -> Weighted[str]:
    counted = [(r["name"], float(r[str(decade)])) for r in rows if r["sex"] == sex]
    used = [(name, count) for name, count in counted if count]
    return Weighted.of([name for name, _ in used], [count for _, count in used])


def _listed(rows: list[Row]) -> dict[tuple[Heritage, str], Weighted[str]]:
    by_kind: dict[tuple[Heritage, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_kind[Heritage(row["heritage"]), row["kind"]].append(row)
    return {
        key: Weighted.of([r["name"] for r in some], [float(r["weight"]) for r in some]) for key, some in by_kind.items()
    }


def _spellings(rows: list[Row]) -> dict[tuple[str, str], tuple[str, ...]]:
    others: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in rows:
        group = row["spellings"].split(";")
        for name in group:
            found = others.get((row["part"], name), ())
            others[row["part"], name] = (*found, *(other for other in group if other != name))
    return others
