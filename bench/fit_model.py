"""Fits the weights of a shipped model on generated towns and writes its card.

    python -m bench.fit_model --profile hardened --out linkage/models/hardened.json

All weights are fitted together by penalised logistic regression on labelled pairs, which allows for codes that share
an identifier and for families that share an address; estimates one comparison at a time do not. Weights are fitted
twice: on the pairs that blocking proposes, then on those and on the sides that the first weights suggest. Towns that
no weight has seen set the thresholds and give the card's figures. The demo town is in neither.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from multiprocessing import Pool
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

import hashing
from bench.labelled import LabelledPairs, encoded_town, label
from bench.model_features import comparisons, features
from bench.other_lists import ListSpec
from bench.towns import TownSpec
from linkage.model_card import Crowding, ModelCard, Thresholds
from linkage.people import ANY, cluster, form_people

UNLINKED = -8.0  # bits; whatever lies between is of no account, see docs/reference/accuracy.md
COUNT_THRESHOLDS = (0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
CARE_THRESHOLDS = (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99)
CARE_PRECISION = 0.995
CROWDING = Crowding(records=25_000, bits=0.85)  # measured on a town of 50,000 people and on two million records
NEARLY_BEST = 0.002  # of F1: worth giving for an honest count
MIXES = ("us", "us", "mixed", "hispanic", "us", "asian", "us", "slavic")
TRAIN = [
    TownSpec(seed=1000 + n, people=(4500, 3000, 6000, 2000)[n % 4], agencies=6 + n % 4, name_mix=MIXES[n % 8],
             noise=(0.8, 1.0, 1.2)[n % 3])
    for n in range(16)
] + [
    TownSpec(seed=1100 + n, people=(6000, 3000, 8000, 1000, 5000)[n % 5], agencies=4 + n % 9, name_mix=MIXES[n % 8],
             noise=(0.7, 1.4, 1.0, 1.5)[n % 4], overlap=(1.0, 1.4, 0.7)[n % 3])
    for n in range(14)
]  # fmt: skip
HELD_OUT = [
    TownSpec(seed=2000 + n, people=(4500, 1500, 8000)[n % 3], agencies=6 + n % 4, name_mix=MIXES[n % 8],
             noise=(0.8, 1.0, 1.2)[n % 3])
    for n in range(6)
] + [
    TownSpec(seed=2100 + n, people=(3000, 800, 6000)[n % 3], agencies=5 + n, name_mix=MIXES[(n + 3) % 8],
             noise=(0.7, 1.0, 1.4)[n % 3], overlap=(0.7, 1.0, 1.4)[n % 3])
    for n in range(6)
]  # fmt: skip


def blank(profile: str) -> ModelCard:
    """A card without weights."""
    loaded = hashing.load_profile(profile)
    return ModelCard(
        format="headcount-model/2",
        profile=loaded.name,
        profile_digest=loaded.digest,
        prior=0.0,
        features=features(loaded),
        comparisons=comparisons(loaded),
        unlinked=UNLINKED,
        thresholds=Thresholds(counts=0.4, care=0.85, strict=0.9, loose=0.1),
        trained_on=", ".join(f"seed {s.seed} ({s.people} people, {s.name_mix}, noise {s.noise})" for s in TRAIN),
        figures={},
        crowding=CROWDING,
    )


def fit(towns: Sequence[LabelledPairs], card: ModelCard) -> ModelCard:
    """The card with all weights fitted together, in bits."""
    design = _one_hot(np.concatenate([town.cells for town in towns]), card)
    labels = np.concatenate([town.is_match for town in towns])
    model = LogisticRegression(C=1.0, max_iter=3000).fit(design, labels)
    fitted = iter((model.coef_[0] / math.log(2)).round(3).tolist())
    weighted = [
        msgspec.structs.replace(each, weights=tuple(islice(fitted, len(each.weights)))) for each in card.comparisons
    ]
    prior = round(float(model.intercept_[0]) / math.log(2), 3)
    return msgspec.structs.replace(card, prior=prior, comparisons=tuple(weighted))


def _one_hot(cells: NDArray[np.int32], card: ModelCard) -> csr_matrix:
    """A column for each weight of the card, in their order; a row has a one in each comparison."""
    counts = [len(comparison.weights) for comparison in card.comparisons]
    columns = cells + np.cumsum([0, *counts[:-1]])
    starts = np.arange(len(cells) + 1) * len(counts)
    return csr_matrix((np.ones(columns.size), columns.ravel(), starts), shape=(len(cells), sum(counts)))


def labelled(
    specs: Sequence[TownSpec | ListSpec], card: ModelCard, *, closed: bool, processes: int
) -> list[LabelledPairs]:
    """Generated towns, encoded and compared."""
    with Pool(processes) as pool:
        return pool.map(partial(_labelled, card, closed), specs, chunksize=1)


def _labelled(card: ModelCard, closed: bool, spec: TownSpec | ListSpec) -> LabelledPairs:
    with encoded_town(spec, card.profile) as (codes, truth):
        return label(codes, truth, card, closed=closed)


def with_thresholds(card: ModelCard, towns: Sequence[LabelledPairs]) -> ModelCard:
    """The card with the thresholds that suit towns which no weight has seen."""
    limits = msgspec.structs.replace(
        card.thresholds, counts=counts_threshold(towns, card), care=care_threshold(towns, card)
    )
    return msgspec.structs.replace(card, thresholds=limits)


def counts_threshold(towns: Sequence[LabelledPairs], card: ModelCard) -> float:
    """The threshold whose counts err least, among those whose F1 is within NEARLY_BEST of the best one's."""
    scores = {
        threshold: np.mean([_f1_and_error(town, card, threshold) for town in towns], axis=0)
        for threshold in COUNT_THRESHOLDS
    }
    best = max(f1 for f1, _ in scores.values())
    good = {threshold: error for threshold, (f1, error) in scores.items() if f1 >= best - NEARLY_BEST}
    return min(good, key=lambda threshold: good[threshold])


def _f1_and_error(town: LabelledPairs, card: ModelCard, threshold: float) -> tuple[float, float]:
    groups = _grouped(town, card, threshold)
    hit, said = agreeing_pairs(town.person, groups)
    return 2 * hit / (said + town.true_pairs), abs(_people_error(town, groups))


def care_threshold(towns: Sequence[LabelledPairs], card: ModelCard) -> float:
    """The lowest threshold whose groups hold at most one wrong pair in two hundred."""
    for threshold in CARE_THRESHOLDS:
        pairs = [agreeing_pairs(town.person, _grouped(town, card, threshold)) for town in towns]
        hit, said = np.sum(pairs, axis=0)
        if hit >= CARE_PRECISION * said:
            return threshold
    raise SystemExit("no threshold reaches the precision that care matches need")


def _grouped(town: LabelledPairs, card: ModelCard, threshold: float) -> NDArray[np.int64]:
    lists = np.full(len(town.person), ANY, dtype=np.int16)
    return cluster(town.links(card), lists, threshold=threshold, unlinked=card.unlinked)


def figures(towns: Sequence[LabelledPairs], card: ModelCard) -> dict[str, float]:
    """Means over towns that no weight has seen."""
    scores = np.array([_scores(town, card) for town in towns])
    names = (
        "precision", "recall", "f1", "care_precision", "care_recall", "people_error_percent", "people_inside_range",
        "pair_completeness",
    )  # fmt: skip
    return dict(zip(names, scores.mean(axis=0).round(4).tolist(), strict=True))


def _scores(town: LabelledPairs, card: ModelCard) -> tuple[float, ...]:
    people = form_people(town.links(card), np.full(len(town.person), ANY, dtype=np.int16), card)
    counted, cared = (tuple(_rates(town, groups)) for groups in (people.best, people.care))
    seen = len(np.unique(town.person))
    low, high = (len(np.unique(groups)) for groups in (people.loose, people.strict))
    f1 = 2 * counted[0] * counted[1] / sum(counted)
    error = abs(_people_error(town, people.best))
    return (*counted, f1, *cared, error, float(low <= seen <= high), town.is_match.sum() / town.true_pairs)


def _rates(town: LabelledPairs, groups: NDArray[np.int64]) -> Iterator[float]:
    """Precision and recall of pairs."""
    hit, said = agreeing_pairs(town.person, groups)
    yield hit / said
    yield hit / town.true_pairs


def _people_error(town: LabelledPairs, groups: NDArray[np.int64]) -> float:
    """Percent; clients that were not encoded are people of their own."""
    unseen = town.true_people - len(np.unique(town.person))
    return 100 * ((len(np.unique(groups)) + unseen) / town.true_people - 1)


def agreeing_pairs(truth: NDArray[np.str_], groups: NDArray[np.int64]) -> tuple[int, int]:
    """(pairs in one group that are one person, pairs in one group)."""
    people = np.unique(truth, return_inverse=True)[1]
    return _pairs(people * (int(groups.max()) + 1) + groups), _pairs(groups)


def _pairs(labels: Iterable[int]) -> int:
    sizes = np.unique(np.asarray(labels), return_counts=True)[1]
    return int((sizes * (sizes - 1) // 2).sum())


def main() -> None:
    """Fit, choose the thresholds, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", default="bloom")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    card = blank(given.profile)
    card = fit(labelled(TRAIN, card, closed=False, processes=given.processes), card)
    card = fit(labelled(TRAIN, card, closed=True, processes=given.processes), card)
    held_out = labelled(HELD_OUT, card, closed=True, processes=given.processes)
    card = with_thresholds(card, held_out)
    card = msgspec.structs.replace(card, figures=figures(held_out, card))
    given.out.write_bytes(msgspec.json.encode(card, order="deterministic") + b"\n")
    print(card.thresholds, card.figures)


if __name__ == "__main__":
    main()
