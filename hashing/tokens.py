"""Pure: a normalised client -> the tokens that a code or a blocking key is made of.

A token group is one identifier seen through one lens. Every token carries the tag of its group, so that a
surname's bigrams cannot meet a street's. Knowledge that only the plaintext gives goes in here: nicknames
beside typed names, each part of a double surname, former names, the day and month in either order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

import jellyfish

from hashing.clients import Client
from hashing.dates import BirthDate
from hashing.names import nicknames

MAX_ROOTS = 4  # a nickname of more names than this says too little about any of them


@lru_cache(maxsize=200_000)
def qgrams(text: str, q: int = 2) -> tuple[str, ...]:
    """Padded q-grams: "ana" -> "_a", "an", "na", "a_"; repeats are numbered so that a set keeps them."""
    padded = "_" * (q - 1) + text + "_" * (q - 1)
    seen: dict[str, int] = {}
    grams = []
    for start in range(len(padded) - q + 1):
        gram = padded[start : start + q]
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


def _tagged(tag: str, tokens: Iterable[str]) -> list[str]:
    return [f"{tag}:{token}" for token in tokens]


def first_names(client: Client) -> list[str]:
    """Each form of the given name: typed, its first word where it has several, and other names used."""
    forms = ["".join(parts) for parts in (client.first, *client.other_firsts) if parts]
    lead = [client.first[0]] if len(client.first) > 1 and len(client.first[0]) > 1 else []
    return list(dict.fromkeys(forms[:1] + lead + forms[1:]))


def last_names(client: Client) -> list[str]:
    """Each form of the surname: every part of it, the parts joined, and former surnames."""
    forms: dict[str, None] = {}
    for parts in (client.last, *client.former_lasts):
        if parts:
            forms["".join(parts)] = None
            forms.update(dict.fromkeys(part for part in parts if len(part) > 2))
    return list(forms)


def _first(client: Client) -> list[str]:
    return _tagged("n", (gram for name in first_names(client)[:1] for gram in qgrams(name)))


def _root(client: Client) -> list[str]:
    names = {root for name in first_names(client) for root in roots(name)}
    return _tagged("r", sorted(names))


def _middle(client: Client) -> list[str]:
    return _tagged("m", [client.middle[0][0]]) if client.middle else []


def _last(client: Client) -> list[str]:
    return _tagged("n", (gram for part in client.last for gram in qgrams(part)))


def _last_whole(client: Client) -> list[str]:
    return _tagged("l", last_names(client))


def _suffix(client: Client) -> list[str]:
    return _tagged("x", [client.suffix]) if client.suffix else []


def _birth(client: Client) -> list[str]:
    born = client.birth
    return _tagged("d", _birth_tokens(born)) if born else []


@lru_cache(maxsize=100_000)
def _birth_tokens(born: BirthDate) -> tuple[str, ...]:
    year = [f"y{born.year}", f"c{born.year % 100:02}", f"t{born.year // 10}"]
    if not born.is_whole:
        return tuple(year)
    low, high = sorted((born.month, born.day))
    text = f"{born.year}{born.month:02}{born.day:02}"
    places = [f"p{place}{digit}" for place, digit in enumerate(text[2:])]
    return (*year, f"m{born.month}", f"e{born.day}", f"u{low}-{high}", f"w{text}", *places)


def _ssn(client: Client) -> list[str]:
    return _tagged("s", [f"p{p}{d}" for p, d in enumerate(client.ssn)] + _digit_pairs(client.ssn)) if client.ssn else []


def _digit_pairs(text: str) -> list[str]:
    """Neighbouring digits, wherever they stand: they survive a slipped digit."""
    return [f"g{text[i : i + 2]}" for i in range(len(text) - 1)]


def _ssn4(client: Client) -> list[str]:
    if not client.ssn4:
        return []
    return _tagged("f", [f"w{client.ssn4}", *(f"p{p}{d}" for p, d in enumerate(client.ssn4))])


def _phone(client: Client) -> list[str]:
    grams = (gram for number in client.phones for gram in (f"w{number}", *_digit_pairs(number[3:])))
    return _tagged("p", dict.fromkeys(grams))


def _address(client: Client) -> list[str]:
    home = client.address
    if not home.building:
        return []
    return _tagged("a", [f"h{home.number}", f"b{home.building}", *qgrams(home.street)])


def _unit(client: Client) -> list[str]:
    return _tagged("u", [client.address.unit]) if client.address.unit else []


def _zip(client: Client) -> list[str]:
    code = client.address.zip
    return _tagged("z", [code, code[:3], *(f"p{p}{d}" for p, d in enumerate(code))]) if code else []


GROUPS: dict[str, Callable[[Client], list[str]]] = {
    "first": _first,
    "root": _root,
    "middle": _middle,
    "last": _last,
    "surnames": _last_whole,
    "suffix": _suffix,
    "birth": _birth,
    "ssn": _ssn,
    "ssn4": _ssn4,
    "phone": _phone,
    "address": _address,
    "unit": _unit,
    "zip": _zip,
}
