"""Made-up lists that are unlike a town's: copies of clean lists, and lists with many records of everybody.

``make_lists`` makes them of the same people, names and mistakes as towns (bench/towns.py). *Copies* are one or two
lists of people who mostly live apart, with most fields filled in and typing errors in every copy. *Crowds* are one list
with some ten records of everybody, without numbers and telephones, and with birth dates that are often missing or
mistyped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bench.dice import Dice
from bench.families import Namer
from bench.homes import draw_map
from bench.intake import Desk, client_list
from bench.names import town_names
from bench.population import draw_society, settle
from bench.profiles import AgencyProfile, Appeal, Asked, Slips, Style
from bench.schema import Person, Town, TownRecord, TownSpec

_NAMES, _MAP, _PEOPLE, _KIND, _DESKS = range(10, 15)  # each part has dice of its own, and none of a town's
_PEOPLE_OF_A_HOUSEHOLD = 2.5  # more than there are, so that enough households come about
_MOST_COPIES = 60


@dataclass(frozen=True, slots=True)
class ListSpec:
    """What to make: *people* of whom lists hold on average so many *records* each."""

    seed: int
    kind: Literal["copies", "crowd"] = "copies"
    people: int = 2000
    lists: int = 1
    records: float = 1.6
    name_mix: str = "us"
    families: bool = False  # whether whole households are on the lists, not one of each alone


def make_lists(spec: ListSpec) -> Town:
    """Make the lists of *spec*: its people, and every record."""
    settled = TownSpec(spec.seed, _settlers(spec), max(1, spec.lists), spec.name_mix)
    book = town_names(Dice(spec.seed, _NAMES))
    town_map = draw_map(book, settled.people, Dice(spec.seed, _MAP))
    everybody = settle(settled, draw_society(settled, Namer(book, Dice(spec.seed, _PEOPLE)), town_map))
    people = [replace(person, homeless=False) for person in _chosen(spec, everybody)]
    dice = Dice(spec.seed, _KIND)
    kind = (_copies if spec.kind == "copies" else _crowd)(dice)
    agencies = tuple(replace(kind, name=f"list_{'ab'[place]}") for place in range(spec.lists))
    records: list[TownRecord] = []
    for place, agency in enumerate(agencies):
        desk = Desk(agency, book, town_map, Dice(spec.seed, _DESKS, place))
        records.extend(client_list(desk, _repeated(people, spec, dice)))
    return Town(settled, agencies, tuple(people), tuple(records))


def _settlers(spec: ListSpec) -> int:
    return spec.people if spec.families else int(spec.people * _PEOPLE_OF_A_HOUSEHOLD)


def _chosen(spec: ListSpec, people: Sequence[Person]) -> list[Person]:
    """One of each household, or all."""
    if spec.families:
        return list(people)
    return list({person.household_id: person for person in people}.values())[: spec.people]


def _repeated(people: Sequence[Person], spec: ListSpec, dice: Dice) -> list[Person]:
    """People as often as one list holds them: none, once, or many times."""
    wanted = spec.records / spec.lists
    every = [person for person in people for _ in range(_times(wanted, spec, dice))]
    return dice.shuffled(every)


def _times(wanted: float, spec: ListSpec, dice: Dice) -> int:
    if spec.lists == 2:
        return int(dice.chance(wanted))
    extra = max(wanted - 1, 1e-9)
    spread = int(math.log(1 - dice.uniform()) / math.log(extra / (1 + extra)))  # geometric, of that mean
    return min(1 + spread, _MOST_COPIES)


def _carelessness(dice: Dice, *, spread: float, each: float, most: float) -> Callable[[float], float]:
    """What makes of a mistake's usual share that of one list: the list's own care, and a draw for each mistake."""
    care = dice.factor(spread)
    return lambda share: min(most, share * care * dice.factor(each))


def _copies(dice: Dice) -> AgencyProfile:
    """A complete form, typed without much care."""
    often = _carelessness(dice, spread=0.5, each=0.4, most=0.5)
    asked = Asked(
        middle=0.0,
        suffix=0.0,
        dob=dice.uniform(0.92, 1),
        ssn=dice.pick((1.0, dice.uniform(0.8, 1), 0.0)),
        address=dice.uniform(0.93, 1),
        phone=dice.pick((0.0, 0.0, dice.uniform(0.6, 1))),
        household=0.0,
    )
    slips = replace(
        _QUIET,
        typo_first=often(0.15),
        typo_last=often(0.15),
        first_missing=often(0.02),
        swapped_names=often(0.03),
        nickname=often(0.05),
        dob_digit=often(0.07),
        dob_transposed=often(0.03),
        dob_year=often(0.03),
        ssn_digit=often(0.04),
        ssn_transposed=often(0.02),
        typo_address=often(0.25),
        old_address=often(0.03),
        street_shortened=often(0.1),
        zip_wrong=often(0.08),
    )
    return AgencyProfile("list", _EVERYBODY, asked, slips, Style())


def _crowd(dice: Dice) -> AgencyProfile:
    """Few fields, taken down over and over."""
    often = _carelessness(dice, spread=0.3, each=0.3, most=0.6)
    asked = Asked(
        middle=dice.uniform(0, 0.5),
        suffix=0.0,
        dob=dice.uniform(0.65, 0.95),
        ssn=0.0,
        address=dice.uniform(0.65, 0.95),
        phone=dice.pick((0.0, 0.0, 0.5)),
        household=0.0,
    )
    slips = replace(
        _QUIET,
        typo_first=often(0.15),
        typo_last=often(0.15),
        nickname=often(0.3),
        middle_as_first=often(0.04),
        first_initial=often(0.03),
        prior_surname=often(0.2),
        dob_jan1=often(0.1),
        dob_digit=often(0.1),
        dob_year=often(0.1),
        dob_transposed=often(0.03),
        typo_address=often(0.2),
        old_address=often(0.2),
        zip_wrong=often(0.1),
    )
    return AgencyProfile("list", _EVERYBODY, asked, slips, Style())


_EVERYBODY = Appeal(1.0)
_QUIET = replace(Slips(), duplicate=0.0, household_apart=0.0, blank=0.0, ssn_placeholder=0.0, ssn_partial=0.0)
