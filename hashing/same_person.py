"""By what one agency's own rows are known to be the same person's, where no client number says so."""

from __future__ import annotations

from collections.abc import Hashable

from hashing.clients import Client
from hashing.dates import BirthDate

Key = tuple[Hashable, ...]


def person_keys(client: Client) -> tuple[Key, ...]:
    """What another row of the same person has as well: the whole name, with a birth date or a phone or a home.

    A row that has a whole birth date goes by it and by nothing weaker. A name alone meets only rows that have nothing
    beside it either: nobody can be matched by those, and a visitor must not count as many.
    """
    if not (client.first and client.last):
        return ()
    name = name_key(client)
    if client.birth is not None and client.birth.is_whole:
        return ((*name, client.birth),)
    year = client.birth.year if client.birth is not None else 0
    homes = [(*name, year, client.address.building, client.address.unit)] if client.address.building else []
    numbers = [(*name, year, number) for number in (*client.phones, client.ssn or client.ssn4) if number]
    return (*homes, *numbers) or ((*name, year, client.address.zip),)


def name_key(client: Client) -> Key:
    """The whole name."""
    return (client.first, client.last, client.suffix)


def is_bare_name(client: Client) -> bool:
    """Whether a row tells a whole name and nothing else that could be compared."""
    is_bare = client.birth is None and not client.phones and not client.address.building and not client.ssn4
    return is_bare and bool(client.first and client.last)


def own_number_keys(client: Client) -> tuple[Key, ...]:
    """Beyond that: the same social security number with the same birth date or first name."""
    if not client.ssn:
        return ()
    also: list[BirthDate | tuple[str, ...]] = [client.first] if client.first else []
    also += [client.birth] if client.birth is not None else []
    return tuple((client.ssn, known) for known in also)
