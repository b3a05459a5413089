"""Synthetic towns with known truth: ``make_town`` makes one, ``write_town`` writes its client lists.

The same :class:`TownSpec` gives the same town everywhere. Towns of different seeds share no person and no
Social Security number; they differ in agencies, completeness, error rates, families, streets and kinds
of households. None is fitted to any particular town.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.clientele import clientele
from bench.dice import Dice
from bench.families import Namer
from bench.figures import summary
from bench.heritage import NAME_MIXES
from bench.homes import draw_map
from bench.intake import Desk, client_list
from bench.names import town_names
from bench.population import draw_society, settle
from bench.profiles import AgencyProfile, draw_agencies
from bench.schema import Person, Town, TownRecord, TownSpec, TownSpecError
from bench.spreadsheets import write_town

__all__ = ["AgencyProfile", "Person", "Town", "TownRecord", "TownSpec", "TownSpecError", "make_town", "write_town"]

_NAMES, _MAP, _PEOPLE, _AGENCIES, _CLIENTS, _DESKS = range(6)  # each part of a town has dice of its own


def make_town(spec: TownSpec) -> Town:
    """Make the town of *spec*: its people, its agencies, and every record that they hold."""
    book = town_names(Dice(spec.seed, _NAMES))
    town_map = draw_map(book, spec.people, Dice(spec.seed, _MAP))
    people = settle(spec, draw_society(spec, Namer(book, Dice(spec.seed, _PEOPLE)), town_map))
    agencies = draw_agencies(spec.agencies, spec.noise, Dice(spec.seed, _AGENCIES))
    clients = clientele(people, agencies, spec.overlap, Dice(spec.seed, _CLIENTS))
    records: list[TownRecord] = []
    for place, (agency, who) in enumerate(zip(agencies, clients, strict=True)):
        desk = Desk(agency, book, town_map, Dice(spec.seed, _DESKS, place))
        records.extend(client_list(desk, [people[one] for one in who]))
    return Town(spec, agencies, people, tuple(records))


def main(arguments: Sequence[str] | None = None) -> int:
    """Make a town, write it, and print what it is like."""
    parser = argparse.ArgumentParser(prog="python -m bench.towns", description="Write a made-up town with its truth.")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--people", type=int, default=4500)
    parser.add_argument("--agencies", type=int, default=8)
    parser.add_argument("--name-mix", choices=tuple(NAME_MIXES), default="us")
    parser.add_argument("--noise", type=float, default=1.0, help="scales every error rate")
    parser.add_argument("--overlap", type=float, default=1.0, help="scales how many agencies people use")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write to")
    chosen = parser.parse_args(arguments)
    try:
        spec = TownSpec(chosen.seed, chosen.people, chosen.agencies, chosen.name_mix, chosen.noise, chosen.overlap)
    except TownSpecError as error:
        parser.error(f"{error.what}. {error.hint}")
    town = make_town(spec)
    write_town(town, chosen.out)
    print(summary(town))
    return 0


if __name__ == "__main__":
    sys.exit(main())
