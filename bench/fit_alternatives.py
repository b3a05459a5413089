"""Fits the other weights of a shipped card, for lists that are unlike a town's, and writes the card anew.

    python -m bench.fit_alternatives --card linkage/models/bloom.json

The lists are made up (bench/other_lists.py), and fitted to as towns are (bench/fit_model.py); others of their kinds,
which no weight has seen, set the thresholds and give the figures. The card's own weights stay as they are.

When an alternative is used was read off made-up lists and towns: of the pairs that blocking proposes among a town's
records at most .53 (``bloom``) or .56 (``hardened``) share four tokens, and there are at most 2.7 or 2.1 of them for
each record (3.4 or 1.9 in a town of 50,000 people). Crowds have 3.0 and more; in lists without families mostly .58 or
.68 and more share four tokens.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.fit_model import figures, fit, labelled, with_thresholds
from bench.other_lists import ListSpec
from linkage.model_card import Alternative, ModelCard, Thresholds, When, parse_model

MIXES = ("us", "mixed", "us", "hispanic", "us", "asian")
COPIES = [
    ListSpec(6000 + n, "copies", (1000, 2500, 4000, 600)[n % 4], *((2, (1.2, 1.9)[n % 2]) if n % 3 == 2 else
             (1, (1.25, 1.8, 2.5, 2.0)[n % 4])), MIXES[n % 6], families=n % 5 == 4)
    for n in range(14)
] + [
    ListSpec(6020 + n, "copies", (3000, 1500, 5000, 800)[n % 4], *((2, (1.4, 1.9)[n % 2]) if n % 3 == 2 else
             (1, (1.25, 1.8, 2.5, 3.2, 1.5)[n % 5])), MIXES[(n + 1) % 6], families=n % 6 == 4)
    for n in range(30)
]  # fmt: skip
CROWDS = [
    ListSpec(6100 + n, "crowd", (700, 1500, 400, 1000)[n % 4], 1, (8, 10, 5, 12, 7)[n % 5], MIXES[n % 6],
             families=n % 3 == 1)
    for n in range(10)
] + [
    ListSpec(6120 + n, "crowd", (900, 1600, 500, 1200)[n % 4], 1, (9, 11, 6, 13, 7)[n % 5], MIXES[(n + 2) % 6],
             families=n % 4 == 1)
    for n in range(12)
]  # fmt: skip
OTHER_COPIES = [
    ListSpec(6200 + n, "copies", (2000, 5000, 500)[n % 3], *((2, (1.9, 1.3, 1.6)[n % 3]) if n % 2 else
             (1, (1.5, 2.2, 1.25)[n % 3])), MIXES[n])
    for n in range(6)
]  # fmt: skip
OTHER_CROWDS = [
    ListSpec(6300 + n, "crowd", (1200, 2500)[n % 2], 1, (10, 7)[n // 2], MIXES[n], families=n == 3) for n in range(4)
]
LISTS, RECORDS, PAIRS = 2, 100_000, 300  # beyond which nothing was measured


@dataclass(frozen=True, slots=True)
class Kind:
    """Lists of one kind: what is fitted to, what judges, and how much each profile's blocking must propose."""

    name: str
    train: Sequence[ListSpec]
    held_out: Sequence[ListSpec]
    firm: dict[str, float]
    pairs_each: dict[str, float]


KINDS = (
    Kind("crowd", CROWDS, OTHER_CROWDS, {"bloom": 0.5, "hardened": 0.5}, {"bloom": 3.0, "hardened": 2.5}),
    Kind("copies", COPIES, OTHER_COPIES, {"bloom": 0.55, "hardened": 0.65}, {"bloom": 0.0, "hardened": 0.0}),
)


def fitted(card: ModelCard, kind: Kind, processes: int) -> Alternative:
    """The weights for one kind of lists, starting from a card's features."""
    limits = Thresholds(counts=0.4, care=0.85, strict=0.9, loose=0.1)
    own = msgspec.structs.replace(card, thresholds=limits, alternatives=())
    for closed in (False, True):
        own = fit(labelled(kind.train, own, closed=closed, processes=processes), own)
    held_out = labelled(kind.held_out, own, closed=True, processes=processes)
    own = with_thresholds(own, held_out)
    return Alternative(
        name=kind.name,
        when=When(LISTS, RECORDS, PAIRS, kind.firm[card.profile], kind.pairs_each[card.profile]),
        prior=own.prior,
        comparisons=own.comparisons,
        thresholds=own.thresholds,
        trained_on=f"{len(kind.train)} lists from seed {kind.train[0].seed}",
        figures=figures(held_out, own),
    )


def main() -> None:
    """Fit, choose the thresholds, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--card", type=Path, required=True, help="written anew")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    card = parse_model(given.card.read_bytes(), source=given.card.name)
    found = tuple(fitted(card, kind, given.processes) for kind in KINDS)
    card = msgspec.structs.replace(card, alternatives=found)
    given.card.write_bytes(msgspec.json.encode(card, order="deterministic") + b"\n")
    for each in found:
        print(each.name, each.thresholds, each.figures)


if __name__ == "__main__":
    main()
