"""The clients of a generated town as an agency's computer reads them, each with the person behind."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hashing
from bench.labelled import TODAY
from bench.towns import TownSpec, make_town, write_town
from hashing.clients import Client


@dataclass(frozen=True, slots=True, repr=False)
class TownClients:
    """Clients with enough information to be matched, in the order of agencies; *people* are theirs, in this order."""

    clients: tuple[Client, ...]
    people: tuple[str, ...]
    true_pairs: int  # over all records of the town, those with too little information too


def read_town(spec: TownSpec) -> TownClients:
    """Make a town, write its lists, and read them back."""
    town = make_town(spec)
    person = {(record.agency, record.client_id): record.person_id for record in town.records}
    with tempfile.TemporaryDirectory() as folder:
        write_town(town, Path(folder))
        read = list(_clients(Path(folder)))
    sizes = Counter(person.values()).values()
    return TownClients(
        clients=tuple(client for _, client in read),
        people=tuple(person[agency, client.client_id] for agency, client in read),
        true_pairs=sum(size * (size - 1) // 2 for size in sizes),
    )


def _clients(town: Path) -> Iterator[tuple[str, Client]]:
    for folder in sorted(path for path in town.iterdir() if path.is_dir()):
        for client in hashing.read_export([folder], today=TODAY).clients:
            if client.is_matchable:
                yield folder.name, client


def unlike(town: TownClients, *, households: bool) -> list[Client]:
    """One client a person, those with the most identifiers first.

    Without *households* no two share a telephone or a door, as in a list that was drawn from a whole county.
    """
    chosen: list[Client] = []
    taken: set[str] = set()
    ranked = sorted(zip(town.people, town.clients, strict=True), key=lambda item: (-_completeness(item[1]), item[0]))
    for person, client in ranked:
        marks = {person} if households else {person, *_home(client)}
        if not marks & taken:
            taken |= marks
            chosen.append(client)
    return chosen


def _completeness(client: Client) -> int:
    values = (client.first, client.last, client.birth, client.ssn, client.ssn4, client.phones, client.address.building)
    return sum(bool(value) for value in values)


def _home(client: Client) -> Iterator[str]:
    yield from (f"phone {number}" for number in client.phones)
    if client.address.building:
        yield f"door {client.address.building} {client.address.unit}"
