"""What blocking finds and what it shows, on generated towns, with and without the loose keys.

    python -m bench.blocking

Pair completeness is the share of a town's true pairs that meet under some key. A key that stands for one person shows
nothing but that person's records; the share of keys that group several people is what an observer could hold against
public name frequencies.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from bench.fit_model import HELD_OUT
from bench.town_clients import TownClients, read_town
from hashing.blocking_keys import MOST_KEYS, blocking_keys
from hashing.encode import BLOCKS_A_ROW
from linkage.blocking import MOST_RECORDS


@dataclass(frozen=True, slots=True)
class KindOfKey:
    """One kind of blocking key (docs of hashing/blocking_keys.py), over all towns measured."""

    keys: int
    several: int  # keys that group more than one person
    most_people: int  # on the most crowded of them
    irreplaceable: int  # true pairs that no other kind finds


@dataclass(frozen=True, slots=True)
class Blocks:
    """The records under each key of a town, and the person of each record."""

    records: Mapping[str, list[int]]
    people: tuple[str, ...]
    true_pairs: int

    def people_of(self, key: str) -> int:
        """How many people a key groups."""
        return len({self.people[record] for record in self.records[key]})

    def found(self) -> dict[tuple[int, int], set[str]]:
        """The true pairs that meet, and the kinds of key under which they do."""
        pairs: dict[tuple[int, int], set[str]] = defaultdict(set)
        for key, records in self.records.items():
            if len(records) <= MOST_RECORDS:
                for a, b in combinations(records, 2):
                    if self.people[a] == self.people[b]:
                        pairs[a, b].add(kind(key))
        return pairs

    @property
    def completeness(self) -> float:
        """The share of true pairs that meet."""
        return len(self.found()) / self.true_pairs

    @property
    def crowded(self) -> float:
        """The share of keys that group more than one person."""
        return sum(self.people_of(key) > 1 for key in self.records) / len(self.records)


def kind(key: str) -> str:
    """The kind of a key: what stands before its first bar."""
    return key.split("|", 1)[0]


def blocks(town: TownClients, *, loose: bool) -> Blocks:
    """Block a town as the client library would, before keys are hashed."""
    records: dict[str, list[int]] = defaultdict(list)
    for record, client in enumerate(town.clients):
        for key in blocking_keys(client, loose=loose, most=MOST_KEYS if loose else BLOCKS_A_ROW):
            records[key].append(record)
    return Blocks(records, town.people, town.true_pairs)


def kinds_of_key(towns: Iterable[Blocks]) -> dict[str, KindOfKey]:
    """Each kind of key over all towns."""
    keys, several, most, alone = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for town in towns:
        for key in town.records:
            people = town.people_of(key)
            keys[kind(key)] += 1
            several[kind(key)] += people > 1
            most[kind(key)] = max(most[kind(key)], people)
        alone.update(next(iter(kinds)) for kinds in town.found().values() if len(kinds) == 1)
    return {name: KindOfKey(keys[name], several[name], most[name], alone[name]) for name in sorted(keys)}


def main() -> None:
    """Measure and print."""
    towns = [read_town(spec) for spec in HELD_OUT]
    near_unique = [blocks(town, loose=False) for town in towns]
    print(f"{'town':<46}{'near-unique: found':>20}{'crowded':>10}{'with loose: found':>20}{'crowded':>10}")
    for spec, town, found in zip(HELD_OUT, towns, near_unique, strict=True):
        loose = blocks(town, loose=True)
        name = f"seed {spec.seed}: {spec.people:,} people, {spec.name_mix}, noise {spec.noise}"
        print(
            f"{name:<46}{found.completeness:>20.4f}{found.crowded:>10.4f}{loose.completeness:>20.4f}{loose.crowded:>10.4f}"
        )
    print(f"\n{'kind':<6}{'keys':>10}{'several people':>16}{'most people':>13}{'pairs only it finds':>21}")
    for name, one in kinds_of_key(near_unique).items():
        print(f"{name:<6}{one.keys:>10,}{one.several / one.keys:>16.4f}{one.most_people:>13}{one.irreplaceable:>21}")


if __name__ == "__main__":
    main()
