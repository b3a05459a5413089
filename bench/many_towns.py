"""How often the shipped model counts well: thirty-two generated towns that neither weights nor thresholds have seen.

    python -m bench.many_towns --profile hardened

Quicker than `bench.accuracy`, because the pairs are weighed here and not by Splink: the same weights, the same people.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.fit_model import MIXES, agreeing_pairs, labelled
from bench.labelled import LabelledPairs
from bench.towns import TownSpec
from linkage.model_card import ModelCard, load_model
from linkage.people import ANY, form_people

WANTED = 1.5  # percent: how far the number of people may be off
TOWNS = [
    TownSpec(seed=4000 + n, people=(4500, 600, 2500, 8000, 1200, 300)[n % 6], agencies=4 + n % 7,
             name_mix=MIXES[n % 8], noise=(0.7, 1.0, 1.2, 1.4, 1.0)[n % 5], overlap=(1.0, 1.4, 0.7)[n % 3])
    for n in range(18)
] + [
    TownSpec(seed=5000 + n, people=(4500, 2000, 9000, 700, 3000, 400)[n % 6], agencies=5 + n % 6,
             name_mix=MIXES[(n + 2) % 8], noise=(1.0, 1.3, 0.8, 1.0, 1.4, 1.1)[(n * 5) % 6],
             overlap=(1.0, 1.0, 1.5, 0.8)[n % 4])
    for n in range(14)
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counted:
    """One town: F1 of pairs, the error of the number of people in percent, and whether the truth is in the range."""

    f1: float
    error: float
    is_inside: bool


def count(town: LabelledPairs, card: ModelCard) -> Counted:
    """Form the people of a town; clients that were not encoded are people of their own, and widen the range."""
    people = form_people(town.links(card), np.full(len(town.person), ANY, dtype=np.int16), card)
    hit, said = agreeing_pairs(town.person, people.best)
    unseen = town.true_people - len(np.unique(town.person))
    low, found, high = (len(np.unique(each)) + unseen for each in (people.loose, people.best, people.strict))
    error = 100 * (found / town.true_people - 1)
    return Counted(2 * hit / (said + town.true_pairs), error, low <= town.true_people <= high)


def summary(found: Sequence[Counted]) -> str:
    """All towns in a line."""
    errors = np.abs([each.error for each in found])
    good = (errors <= WANTED).sum()
    return (
        f"{len(found)} towns: people within {WANTED} % in {good}, mean error {errors.mean():.2f} %, "
        f"worst {errors.max():.2f} %; truth inside the range in {sum(each.is_inside for each in found)}; "
        f"F1 median {np.median([each.f1 for each in found]):.4f}, worst {min(each.f1 for each in found):.4f}"
    )


def main() -> None:
    """Make the towns, count them, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.many_towns", description="Count many made-up towns.")
    parser.add_argument("--profile", default="bloom")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    card = load_model(given.profile)
    found = [count(town, card) for town in labelled(TOWNS, card, closed=True, processes=given.processes)]
    for spec, each in zip(TOWNS, found, strict=True):
        place = "inside" if each.is_inside else "OUTSIDE"
        name = f"seed {spec.seed}: {spec.people:,} people, {spec.name_mix}, noise {spec.noise}, overlap {spec.overlap}"
        print(f"{name:<62} F1 {each.f1:.4f}  people {each.error:+.2f} %  {place}")
    print(summary(found))


if __name__ == "__main__":
    main()
