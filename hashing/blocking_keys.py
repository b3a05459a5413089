"""Pure: the values whose agreement makes two clients worth comparing, before they are keyed.

Each joins at least two identifiers, so that nearly every one belongs to one person and the tokens draw no
picture of the town's name frequencies (docs/adr/0003-profiles.md). Several forgive one kind of error each: a swapped
day and month, a slipped digit, a nickname, one of two surnames, exchanged first and last names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from typing import Any

from hashing.batch import MOST_PHONES, ClientBatch, Family, Given
from hashing.clients import Client
from hashing.dates import BirthDate
from hashing.facets import SINGULAR, column_of, low_and_high, texts_of
from hashing.tokens import first_names, last_names, phonetic, roots

VERSION = 2
MOST_FULL_NAMES = 6  # nicknames times surnames: beyond this the forms are far-fetched
MOST_KEYS = 96
FULL = "full"  # the one part that joins two others: a sounding given name with a sounding surname, in either order


@dataclass(frozen=True, slots=True)
class Part:
    """What a key is joined of: the values that a facet of a client gives, in a stable order.

    Given names and surnames play one *role*, so that they may be exchanged.
    """

    role: str
    facet: str
    values: Callable[[Any], tuple[str, ...]]
    most: int = 1

    def values_of(self, value: object) -> tuple[str, ...]:
        """What a value of the facet gives; nothing where it is missing."""
        return self.values(value)[: self.most] if value else ()


@dataclass(frozen=True, slots=True)
class Key:
    """A kind of blocking key: one key for each choice of a value of each of its parts."""

    tag: str
    parts: tuple[str, ...]


@lru_cache(maxsize=200_000)
def _sounding_roots(given: Given) -> tuple[str, ...]:
    return tuple(dict.fromkeys(phonetic(root) for name in first_names(given) for root in roots(name)))


@lru_cache(maxsize=200_000)
def _sounding_lasts(family: Family) -> tuple[str, ...]:
    return tuple(dict.fromkeys(phonetic(name) for name in last_names(family)))


def _itself(value: str) -> tuple[str, ...]:
    return (value,)


def _year_low_and_high(born: BirthDate) -> tuple[str, ...]:
    return (f"{born.year}-{low_and_high(born)}",)


PARTS: dict[str, Part] = {
    "root": Part("name", "given", _sounding_roots, most=6),
    "last": Part("name", "family", _sounding_lasts, most=4),
    "initials": Part("initials", "initials", _itself),
    "birth": Part("birth", "whole birth", _year_low_and_high),
    "month and day": Part("month and day", "month and day", _itself),
    "year and month": Part("year and month", "year and month", _itself),
    "year and day": Part("year and day", "year and day", _itself),
    "year": Part("year", "year", _itself),
    "ssn": Part("ssn", "ssn", _itself),
    "ssn4": Part("ssn4", "ssn4", _itself),
    **{f"phone{nth}": Part("phone", f"phone{nth}", _itself) for nth in range(MOST_PHONES)},
    "street": Part("street", "street", _itself),
    "number": Part("number", "number", _itself),
    "unit": Part("unit", "unit", _itself),
    "zip": Part("zip", "zip", _itself),
    "initial": Part("initial", "initial", _itself),
}

# In the order of their worth: where a client has more keys than a row may carry, the last are left out.
NEAR_UNIQUE = (
    Key("bl", ("birth", "last")),
    Key("bf", ("birth", "root")),
    Key("bi", ("birth", "initials")),  # any slip in a name but its first letter
    *(Key("bp", ("birth", f"phone{nth}")) for nth in range(MOST_PHONES)),
    Key("ba", ("birth", "number", "street")),
    Key("bz", ("birth", "zip")),
    Key("bs", ("birth", "ssn4")),
    Key("nd", (FULL, "month and day")),
    Key("nm", (FULL, "year and month")),
    Key("ne", (FULL, "year and day")),
    Key("ny", (FULL, "year")),
    Key("nz", (FULL, "zip")),
    Key("ns", (FULL, "street")),
    Key("nh", (FULL, "number")),
    Key("ni", (FULL, "initial")),
    Key("s", ("ssn",)),
    *(Key("wp", (f"phone{nth}", name)) for nth in range(MOST_PHONES) for name in ("last", "root")),
    Key("wa", ("number", "street", "last")),
    Key("wa", ("number", "street", "root")),
    Key("ws", ("ssn4", "last")),
    Key("ws", ("ssn4", "root")),
)
LOOSE = (  # several people of a town may share these: they find more, and give away more
    Key("l", (FULL,)),
    Key("lb", ("birth",)),
    *(Key("lp", (f"phone{nth}",)) for nth in range(MOST_PHONES)),
    Key("la", ("number", "street", "unit")),
)


def keys_in_use(*, loose: bool) -> tuple[Key, ...]:
    """The kinds of keys of a profile with or without loose blocking."""
    return NEAR_UNIQUE + LOOSE if loose else NEAR_UNIQUE


def blocking_keys(client: Client, *, loose: bool, most: int = MOST_KEYS) -> list[str]:
    """The distinct blocking keys of a client as text, in a stable order: what the tokens stand for.

    The first *most* count, keys that come twice among them. Tokens are made from many clients at once
    (:mod:`hashing.blocking_tokens`); this is for reading and measuring.
    """
    values = part_values(client)
    found = (text for key in keys_in_use(loose=loose) for text in _texts(values, key))
    return list(dict.fromkeys(islice(found, most)))


def part_values(client: Client) -> dict[str, list[str]]:
    """What each part gives of one client."""
    batch = ClientBatch.of([client])
    return {name: _values(part, batch) for name, part in PARTS.items()}


def _values(part: Part, batch: ClientBatch) -> list[str]:
    if part.facet in SINGULAR:
        return texts_of(batch, part.facet).texts.strings()
    (value,) = column_of(batch, part.facet).cells()
    return list(part.values_of(value))


def _texts(values: Mapping[str, list[str]], key: Key) -> Iterator[str]:
    named = {**values, FULL: _full_names(values)}
    for chosen in product(*(named[name] for name in key.parts)):
        yield "|".join((key.tag, *chosen))


def _full_names(values: Mapping[str, list[str]]) -> list[str]:
    pairs = islice(product(values["root"], values["last"]), MOST_FULL_NAMES)
    return ["+".join(sorted(pair)) for pair in pairs]
