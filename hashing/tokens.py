"""Pure: what is known of a client -> the tokens that a code is made of.

A token group is one identifier seen through one lens. Every token carries the tag of its group, so that a
surname's bigrams cannot meet a street's. Knowledge that only the plaintext gives goes in here: nicknames
beside typed names, each part of a double surname, former names, the day and month in either order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, Protocol

import jellyfish

from hashing.batch import MOST_PHONES, ClientBatch
from hashing.clients import Client
from hashing.dates import BirthDate
from hashing.facets import SINGULAR, column_of, texts_of
from hashing.names import nicknames

MOST_TOKENS = 200  # that one value gives: a name of more letters is no name
MAX_ROOTS = 4  # a nickname of more names than this says too little about any of them


@lru_cache(maxsize=200_000)
def qgrams(text: str, q: int = 2) -> tuple[str, ...]:
    """Padded q-grams: "ana" -> "_a", "an", "na", "a_"; repeats are numbered so that a set keeps them."""
    padded = "_" * (q - 1) + text + "_" * (q - 1)
    plain = [padded[start : start + q] for start in range(len(padded) - q + 1)]
    if len(set(plain)) == len(plain):
        return tuple(plain)
    seen: dict[str, int] = {}
    grams = []
    for gram in plain:
        seen[gram] = seen.get(gram, 0) + 1
        grams.append(gram if seen[gram] == 1 else f"{gram}{seen[gram]}")
    return tuple(grams)


@lru_cache(maxsize=100_000)
def roots(name: str) -> tuple[str, ...]:
    """The given names that a name may stand for, itself among them."""
    full = nicknames().get(name, ())
    return (name, *full) if len(full) <= MAX_ROOTS else (name,)


@lru_cache(maxsize=200_000)
def phonetic(name: str) -> str:
    """How a name sounds (metaphone), or the name itself where that leaves nothing."""
    return jellyfish.metaphone(name).replace(" ", "") or name


def _tagged(tag: str, tokens: Iterable[str]) -> tuple[str, ...]:
    return tuple([f"{tag}:{token}" for token in tokens])


@lru_cache(maxsize=200_000)
def _name_grams(part: str) -> tuple[str, ...]:
    return _tagged("n", qgrams(part))


class GivenNames(Protocol):
    """Whatever has given names: a client, or that facet of one."""

    @property
    def first(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def other_firsts(self) -> tuple[tuple[str, ...], ...]: ...  # noqa: D102


class FamilyNames(Protocol):
    """Whatever has surnames: a client, or that facet of one."""

    @property
    def last(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def former_lasts(self) -> tuple[tuple[str, ...], ...]: ...  # noqa: D102


def first_names(known: GivenNames) -> list[str]:
    """Each form of the given name: typed, its first word where it has several, and other names used."""
    forms = ["".join(parts) for parts in (known.first, *known.other_firsts) if parts]
    lead = [known.first[0]] if len(known.first) > 1 and len(known.first[0]) > 1 else []
    return list(dict.fromkeys(forms[:1] + lead + forms[1:]))


def last_names(known: FamilyNames) -> list[str]:
    """Each form of the surname: every part of it, the parts joined, and former surnames."""
    forms: dict[str, None] = {}
    for parts in (known.last, *known.former_lasts):
        if parts:
            forms["".join(parts)] = None
            forms.update(dict.fromkeys(part for part in parts if len(part) > 2))
    return list(forms)


def _first(given: GivenNames) -> tuple[str, ...]:
    return _name_grams(first_names(given)[0])


def _root(given: GivenNames) -> tuple[str, ...]:
    return _tagged("r", sorted({root for name in first_names(given) for root in roots(name)}))


def _last(parts: tuple[str, ...]) -> tuple[str, ...]:
    return _name_grams(parts[0]) if len(parts) == 1 else tuple(chain.from_iterable(map(_name_grams, parts)))


def _last_whole(family: FamilyNames) -> tuple[str, ...]:
    return _tagged("l", last_names(family))


def _birth(born: BirthDate) -> tuple[str, ...]:
    year = [f"y{born.year}", f"c{born.year % 100:02}", f"t{born.year // 10}"]
    if not born.is_whole:
        return _tagged("d", year)
    low, high = sorted((born.month, born.day))
    text = f"{born.year}{born.month:02}{born.day:02}"
    places = [f"p{place}{digit}" for place, digit in enumerate(text[2:])]
    return _tagged("d", (*year, f"m{born.month}", f"e{born.day}", f"u{low}-{high}", f"w{text}", *places))


def _digits_from(start: int, tag: str) -> Callable[[str], tuple[str, ...]]:
    """Each digit with its place, and neighbouring digits wherever they stand: those survive a slipped digit."""

    def tokens(digits: str) -> tuple[str, ...]:
        placed = [f"p{start + place}{digit}" for place, digit in enumerate(digits)]
        return _tagged(tag, placed[bool(start) :] + _digit_pairs(digits))

    return tokens


def _digit_pairs(text: str) -> list[str]:
    return [f"g{text[i : i + 2]}" for i in range(len(text) - 1)]


def _ssn4(digits: str) -> tuple[str, ...]:
    return _tagged("f", [f"w{digits}", *(f"p{p}{d}" for p, d in enumerate(digits))])


def _zip(code: str) -> tuple[str, ...]:
    return _tagged("z", [code, code[:3], *(f"p{p}{d}" for p, d in enumerate(code))])


def _starting(lead: str) -> Callable[[str], tuple[str, ...]]:
    return lambda text: (lead + text,)


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens that one facet gives; the facet's missing value gives none.

    A singular facet gives one token, not worth remembering: nearly every client has a value of their own. Numbers also
    come in overlapping stretches of a few digits, which many share.
    """

    facet: str
    make: Callable[[Any], tuple[str, ...]] = tuple
    lead: str = ""  # of a singular facet's token, before its text

    @property
    def is_singular(self) -> bool:
        """Whether hardly two clients share a value."""
        return self.facet in SINGULAR

    def tokens(self, value: object) -> tuple[str, ...]:
        """The tokens of a value; none of a missing one."""
        if self.is_singular:
            return (f"{self.lead}{value}",)
        return self.make(value)[:MOST_TOKENS] if value else ()


@dataclass(frozen=True, slots=True)
class TokenGroup:
    """A token group: one identifier seen through one lens."""

    pieces: tuple[Piece, ...]

    def __call__(self, client: Client) -> list[str]:
        """The distinct tokens that a client has in this group."""
        return list(dict.fromkeys(self._tokens(ClientBatch.of([client]))))

    def _tokens(self, batch: ClientBatch) -> Iterator[str]:
        for piece in self.pieces:
            values = (
                texts_of(batch, piece.facet).texts.strings()
                if piece.is_singular
                else column_of(batch, piece.facet).cells()
            )
            yield from (token for value in values for token in piece.tokens(value))


_PHONE = tuple(
    piece
    for nth in range(MOST_PHONES)
    for piece in (
        Piece(f"phone{nth}", lead="p:w"),
        Piece(f"phone{nth} middle", lambda digits: _tagged("p", _digit_pairs(digits))),
        Piece(f"phone{nth} end", lambda digits: _tagged("p", _digit_pairs(digits))),
    )
)

GROUPS: dict[str, TokenGroup] = {
    "first": TokenGroup((Piece("given", _first),)),
    "root": TokenGroup((Piece("given", _root),)),
    "middle": TokenGroup((Piece("initial", _starting("m:")),)),
    "last": TokenGroup((Piece("last", _last),)),
    "surnames": TokenGroup((Piece("family", _last_whole),)),
    "suffix": TokenGroup((Piece("suffix", _starting("x:")),)),
    "birth": TokenGroup((Piece("birth", _birth),)),
    "ssn": TokenGroup(
        (
            Piece("ssn start", _digits_from(0, "s")),
            Piece("ssn middle", _digits_from(3, "s")),
            Piece("ssn end", _digits_from(6, "s")),
        )
    ),
    "ssn4": TokenGroup((Piece("ssn4", _ssn4),)),
    "phone": TokenGroup(_PHONE),
    "address": TokenGroup(
        (
            Piece("house", _starting("a:h")),
            Piece("building", lead="a:b"),
            Piece("road", lambda street: _tagged("a", qgrams(street))),
        )
    ),
    "unit": TokenGroup((Piece("unit", _starting("u:")),)),
    "zip": TokenGroup((Piece("zip", _zip),)),
}
