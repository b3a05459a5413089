"""Pure: the values whose agreement makes two clients worth comparing, before they are keyed.

Each joins at least two identifiers, so that nearly every one belongs to one person and the tokens draw no
picture of the town's name frequencies (docs/adr/0003-profiles.md). Several forgive one kind of error each: a swapped
day and month, a slipped digit, a nickname, one of two surnames, exchanged first and last names.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from hashing.clients import Client
from hashing.dates import BirthDate
from hashing.tokens import first_names, last_names, phonetic, roots

VERSION = 1
MOST_FULL_NAMES = 6  # nicknames times surnames: beyond this the forms are far-fetched
MOST_KEYS = 96


def blocking_keys(client: Client, *, loose: bool) -> list[str]:
    """The distinct blocking keys of a client, in a stable order.

    *loose* adds keys that several people of a town may share: they find more, and give away more.
    """
    name = _NameForms(client)
    near_unique = chain(_by_birth(client, name), _by_full_name(client, name), _by_number(client, name))
    found = chain(near_unique, _loosely(client, name)) if loose else near_unique
    return list(dict.fromkeys(found))[:MOST_KEYS]


class _NameForms:
    """The forms of a client's name that keys are made of."""

    def __init__(self, client: Client) -> None:
        firsts = first_names(client)
        self.roots = list(dict.fromkeys(root for name in firsts for root in roots(name)))
        self.lasts = [phonetic(name) for name in last_names(client)]
        self.initials = "".join(sorted(parts[0][0] for parts in (client.first, client.last) if parts))
        self.full = [
            "+".join(sorted((phonetic(root), last)))  # sorted: first and last name may be exchanged
            for root in self.roots
            for last in self.lasts
        ][:MOST_FULL_NAMES]


def _by_birth(client: Client, name: _NameForms) -> Iterator[str]:
    born = client.birth
    if born is None or not born.is_whole:
        return
    whole = _order_free(born)
    for last in name.lasts:
        yield f"bl|{whole}|{last}"
    for root in name.roots:
        yield f"bf|{whole}|{phonetic(root)}"
    if name.initials:
        yield f"bi|{whole}|{name.initials}"  # any slip in a name but its first letter
    for number in client.phones:
        yield f"bp|{whole}|{number}"
    home = client.address
    yield from (f"b{tag}|{whole}|{value}" for tag, value in (("a", home.building), ("z", home.zip)) if value)
    if client.ssn4:
        yield f"bs|{whole}|{client.ssn4}"


def _order_free(born: BirthDate) -> str:
    low, high = sorted((born.month, born.day))
    return f"{born.year}-{low}-{high}"


def _by_full_name(client: Client, name: _NameForms) -> Iterator[str]:
    parts = list(_name_company(client))
    for full in name.full:
        yield from (f"n{tag}|{full}|{value}" for tag, value in parts)


def _name_company(client: Client) -> Iterator[tuple[str, str]]:
    """What may stand beside a full name: two of three parts of the birth date, or a piece of the address."""
    born, home = client.birth, client.address
    if born is not None and born.is_whole:
        low, high = sorted((born.month, born.day))
        year = str(born.year)
        yield "d", f"{low}-{high}"
        yield "m", f"{year}-{born.month}"
        yield "e", f"{year}-{born.day}"
        yield "y", year
    elif born is not None:
        yield "y", str(born.year)
    pieces = {
        "z": home.zip,
        "s": home.street,
        "h": home.number,
        "i": client.middle[0][0] if client.middle else "",
    }
    yield from ((tag, value) for tag, value in pieces.items() if value)


def _by_number(client: Client, name: _NameForms) -> Iterator[str]:
    if client.ssn:
        yield f"s|{client.ssn}"
    company = [*name.lasts, *(phonetic(root) for root in name.roots)]
    doors = [("p", number) for number in client.phones]
    doors += [("a", client.address.building)] if client.address.building else []
    doors += [("s", client.ssn4)] if client.ssn4 else []
    for tag, value in doors:
        yield from (f"w{tag}|{value}|{part}" for part in dict.fromkeys(company))


def _loosely(client: Client, name: _NameForms) -> Iterator[str]:
    yield from (f"l|{full}" for full in name.full)
    if client.birth is not None and client.birth.is_whole:
        yield f"lb|{_order_free(client.birth)}"
    yield from (f"lp|{number}" for number in client.phones)
    if client.address.building and client.address.unit:
        yield f"la|{client.address.building}|{client.address.unit}"
