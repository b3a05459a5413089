"""Counts towns whose people are known, and holds every cell against the slow oracle: ``python -m bench.cube_truth``.

First with the people of the truth, where every cell has to be the oracle's; then with the people that a linkage finds,
where the true number has to lie within the printed range. The demo town tells its own services; generated towns are
given some by dice.
"""

from __future__ import annotations

import argparse
import random
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import hashing
from bench.accuracy import VICTIM_SERVICES
from bench.cube_check import check_cube
from bench.cube_oracle import Client, Service, tables
from bench.labelled import TODAY
from bench.towns import TownSpec, make_town, write_town
from evaluation.truth import Key
from linkage.cube.catalogue import CATALOGUE
from linkage.cube.counting import count_cube
from linkage.cube.facts import Facts
from linkage.cube.gaps import USUAL
from linkage.cube.scope import Scope
from linkage.run import link
from linkage.store import read_table

DEMO = Path("demo")
SEEDS = (9101, 9102, 9103, 9104, 9105)
_AREAS = ("food", "shelter", "outreach", "health", "family_support", "behavioral_health")
_MONTHS = tuple(f"2025-{month:02d}" for month in range(1, 13))


@dataclass(frozen=True, slots=True)
class Labelled:
    """A town's exports, the person of each client, and made-up services where the exports tell none."""

    name: str
    folder: Path
    people: dict[Key, str]
    given: dict[Key, tuple[Service, ...]] | None = None


def main(arguments: Sequence[str] | None = None) -> None:
    """Count the towns and print what was checked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1500, help="of each generated town")
    parser.add_argument("--unlinked", action="store_true", help="only the first half: nothing is encoded and linked")
    chosen = parser.parse_args(arguments)
    for town in towns(chosen.people):
        clients = clients_of(town)
        period = Scope.of("2020" if town.given is None else "2025")
        cells = check_cube(count_cube(Facts.of(*tables(clients)), period, USUAL), clients)
        print(f"{town.name}: {cells:,} cells of {len(CATALOGUE)} tables are the oracle's")
        if not chosen.unlinked:
            print(f"  {_told(town, clients)}")


def towns(people: int) -> Iterator[Labelled]:
    """The demo town, and generated ones."""
    yield Labelled("demo town", DEMO / "anytown", _truth(DEMO / "truth" / "records.csv"))
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as name:
            town = make_town(TownSpec(seed, people, 7))
            write_town(town, Path(name))
            whose = {(record.agency, record.client_id): record.person_id for record in town.records}
            yield Labelled(f"town {seed}", Path(name), whose, _services(whose, random.Random(seed)))


def _truth(path: Path) -> dict[Key, str]:
    lines = (line.split(",") for line in path.read_text("utf-8").splitlines()[1:])
    return {(agency, client): person for agency, client, person, *_ in lines}


def _services(people: dict[Key, str], dice: random.Random) -> dict[Key, tuple[Service, ...]]:
    return {
        key: tuple(
            Service(area, month, amount=dice.randint(1, 9))
            for area in sorted(set(dice.choices(_AREAS, k=2)))
            for month in sorted(set(dice.choices(_MONTHS, k=3)))
        )
        for key in sorted(people)
    }


def clients_of(town: Labelled) -> list[Client]:
    """The clients as the exports tell them, each with the person of the truth."""
    numbers: dict[str, int] = {}
    found = []
    for agency, export in exports(town):
        for client, age in zip(export.clients, _ages(export), strict=True):
            key = (agency, client.client_id)
            person = numbers.setdefault(town.people[key], len(numbers))
            told = tuple(Service(s.area.value, s.month, s.type.value, s.unit.value, s.units) for s in client.services)
            services = told if town.given is None else town.given[key]
            home = client.household or None
            found.append(Client(agency, client.client_id, person, household=home, age=age, services=services))
    return found


def exports(town: Labelled) -> Iterator[tuple[str, hashing.AgencyExport]]:
    """What each agency of the town can send."""
    for folder in sorted(path for path in town.folder.iterdir() if path.is_dir() and path.name != VICTIM_SERVICES):
        yield folder.name, hashing.read_export([folder], today=TODAY)


def _ages(export: hashing.AgencyExport) -> list[str | None]:
    bands = export.batch.with_ages_on(TODAY).age.cells()
    return [None if band is None else band.value for band in bands]


def _told(town: Labelled, clients: Sequence[Client]) -> str:
    """Whether the true numbers of people and households lie within the ranges of a linkage's own people."""
    with tempfile.TemporaryDirectory() as name:
        found = _linked(town, clients, Path(name))
    period = Scope.of("2020" if town.given is None else "2025")
    true = count_cube(Facts.of(*tables(clients)), period, ())
    cube = count_cube(Facts.of(*tables(found)), period, ())
    parts = []
    for unit in ("people", "households"):
        key = next(key for key in true.cells if key.unit == unit and not key.where)
        cell, count = cube.cells[key], true.cells[key].count
        low, high = min(cell.count, cell.low), max(cell.count, cell.high)  # groupings need not be nested
        inside = "inside" if low <= count <= high else "OUTSIDE"
        parts.append(f"{unit} {count:,}, found {cell.count:,} ({low:,} to {high:,}), {inside}")
    return "; ".join(parts)


def _linked(town: Labelled, clients: Sequence[Client], folder: Path) -> list[Client]:
    """The same clients, of whom those that could be encoded belong to the people that a linkage found."""
    secret, profile = hashing.new_secret(random_bytes=secrets.token_bytes), hashing.load_profile("bloom")
    numbers: dict[tuple[str, str], Key] = {}
    for agency, export in exports(town):
        written = hashing.encode_to_folder(
            folder, export, secret=secret, profile=profile, sender=hashing.Sender(agency)
        ).written
        lines = (line.split(",", 1) for line in written.crosswalk.read_text("utf-8").splitlines()[1:])
        numbers |= {(agency, row): (agency, client.strip('"')) for row, client in lines}
    link(sorted(folder.glob("*.codes.jsonl")), folder / "run")
    whose = {
        numbers[line["agency"], line["row"]]: (line["person"], line["loose"], line["strict"])
        for line in read_table(folder / "run", "records").to_pylist()
    }
    return [
        replace(client, person=person, loose=loose, strict=strict)
        for client in clients
        if (key := (client.agency, client.row)) in whose
        for person, loose, strict in (whose[key],)
    ]


if __name__ == "__main__":
    main()
