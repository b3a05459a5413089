"""Fits the weights of a shipped model on generated towns and writes its card.

    python -m bench.fit_model --profile hardened --out linkage/models/hardened.json

All weights are fitted together by penalised logistic regression on labelled candidate pairs, which allows for
codes that share an identifier and for families that share an address; estimates one comparison at a time do
not. Towns that no weight has seen set the thresholds and give the card's figures. The demo town is in neither.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

import hashing
from bench.agreement import expected_agreement
from bench.labelled import LabelledTown, make_labelled
from bench.towns import TownSpec
from hashing.profile import BloomCode, Code
from linkage.levels import digits
from linkage.model_card import Comparison, Feature, ModelCard, Thresholds
from linkage.people import Links, form_people

DICE_CUTS = (0.30, 0.45, 0.55, 0.65, 0.72, 0.78, 0.84, 0.89, 0.93, 0.965, 0.995)
COSINE_CUTS = (0.60, 0.70, 0.78, 0.84, 0.89, 0.93, 0.965, 0.995)  # of SAUL's tokens: below, codes show nothing
UNLINKED = -4.0  # bits; a pair that shares no blocking key is rarely one person, see docs/reference/accuracy.md
COUNT_THRESHOLDS = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
NEARLY_BEST = 0.002  # of F1: worth giving for an honest count
MIXES = ("us", "us", "mixed", "hispanic", "us", "asian", "us", "slavic")
TRAIN = [
    TownSpec(seed=1000 + n, people=(4500, 3000, 6000, 2000)[n % 4], agencies=6 + n % 4, name_mix=MIXES[n % 8],
             noise=(0.8, 1.0, 1.2)[n % 3])
    for n in range(16)
]  # fmt: skip
HELD_OUT = [
    TownSpec(seed=2000 + n, people=(4500, 1500, 8000)[n % 3], agencies=6 + n % 4, name_mix=MIXES[n % 8],
             noise=(0.8, 1.0, 1.2)[n % 3])
    for n in range(6)
]  # fmt: skip


def template(profile: str) -> ModelCard:
    """A card that cuts every code of a profile into levels and weighs none."""
    loaded = hashing.load_profile(profile)
    features = tuple(_feature(code) for code in loaded.codes)
    return ModelCard(
        format="headcount-model/2",
        profile=loaded.name,
        profile_digest=loaded.digest,
        prior=0.0,
        features=features,
        comparisons=tuple(Comparison((each.name,), (0.0,) * each.levels) for each in features),
        unlinked=UNLINKED,
        thresholds=Thresholds(counts=0.5, care=0.95, strict=0.9, loose=0.1),
        trained_on=", ".join(f"seed {s.seed} ({s.people} people, {s.name_mix}, noise {s.noise})" for s in TRAIN),
        figures={},
    )


def _feature(code: Code) -> Feature:
    if isinstance(code, BloomCode):
        return Feature(code.name, "dice", DICE_CUTS, code.name)
    agreements = expected_agreement(np.array(COSINE_CUTS), planes=code.planes)
    return Feature(code.name, "agreement", tuple(agreements.round(4).tolist()), code.name)


def levels(town: LabelledTown, card: ModelCard) -> NDArray[np.float32]:
    """One column a level of each feature; a missing code has a one in none."""
    found = digits(town.patterns, card)
    columns = [found[each.name] == level for each in card.features for level in range(1, each.levels)]
    return np.stack(columns, axis=1).astype(np.float32)


def fit(towns: Sequence[LabelledTown], card: ModelCard) -> ModelCard:
    """The card with all weights fitted together, in bits."""
    features = np.concatenate([levels(town, card) for town in towns])
    labels = np.concatenate([town.is_match for town in towns])
    model = LogisticRegression(C=1.0, max_iter=2000).fit(features, labels)
    bits = (model.coef_[0] / math.log(2)).round(4).tolist()
    fitted = iter(bits)
    comparisons = tuple(
        msgspec.structs.replace(c, weights=(0.0, *islice(fitted, len(c.weights) - 1))) for c in card.comparisons
    )
    prior = round(float(model.intercept_[0]) / math.log(2), 4)
    return msgspec.structs.replace(card, prior=prior, comparisons=comparisons)


def care_threshold(towns: Sequence[LabelledTown], *, precision: float) -> float:
    """The lowest probability above which at least *precision* of all pairs are right, rounded up."""
    probability = np.concatenate([town.pairs.probability for town in towns])
    right = np.concatenate([town.is_match for town in towns])
    order = np.argsort(-probability, kind="stable")
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    return math.ceil(1000 * float(probability[order][np.flatnonzero(shares >= precision)[-1]])) / 1000


def counts_threshold(towns: Sequence[LabelledTown], card: ModelCard) -> float:
    """The threshold whose counts err least, among those whose F1 is within NEARLY_BEST of the best one's."""
    scores = {threshold: _mean_scores(towns, card, threshold) for threshold in COUNT_THRESHOLDS}
    best = max(f1 for f1, _ in scores.values())
    good = {threshold: error for threshold, (f1, error) in scores.items() if f1 >= best - NEARLY_BEST}
    return min(good, key=lambda threshold: good[threshold])


def _mean_scores(towns: Sequence[LabelledTown], card: ModelCard, threshold: float) -> tuple[float, float]:
    limits = msgspec.structs.replace(card.thresholds, counts=threshold)
    means = np.array([_scores(town, msgspec.structs.replace(card, thresholds=limits)) for town in towns]).mean(axis=0)
    return float(means[2]), float(means[3])


def figures(towns: Sequence[LabelledTown], card: ModelCard) -> dict[str, float]:
    """Means over towns that no weight has seen."""
    scores = np.array([_scores(town, card) for town in towns])
    names = ("precision", "recall", "f1", "people_error_percent", "people_inside_range", "blocking_completeness")
    return dict(zip(names, scores.mean(axis=0).round(4).tolist(), strict=True))


def _scores(town: LabelledTown, card: ModelCard) -> tuple[float, ...]:
    links = Links(town.pairs.left, town.pairs.right, town.pairs.weight)
    people = form_people(links, records=len(town.person), card=card)
    unseen = town.true_people - len(np.unique(town.person))
    hit, said = _agreeing_pairs(town.person, people.best)
    precision, recall = hit / said, hit / town.true_pairs
    seen = len(np.unique(town.person))
    low, best, high = (len(np.unique(groups)) for groups in (people.loose, people.best, people.strict))
    error = 100 * ((best + unseen) / town.true_people - 1)
    found = town.is_match.sum() / town.true_pairs
    f1 = 2 * precision * recall / (precision + recall)
    return precision, recall, f1, abs(error), float(low <= seen <= high), found


def _agreeing_pairs(truth: NDArray[np.str_], groups: NDArray[np.int64]) -> tuple[int, int]:
    """(pairs in one group that are one person, pairs in one group)."""
    names = np.array([f"{person}|{group}" for person, group in zip(truth, groups.tolist(), strict=True)])
    return _pairs(names), _pairs(groups)


def _pairs(labels: NDArray[np.int64] | NDArray[np.str_]) -> int:
    sizes = np.unique(labels, return_counts=True)[1]
    return int((sizes * (sizes - 1) // 2).sum())


def main() -> None:
    """Fit, choose the care threshold, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", default="bloom")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    blank = template(options.profile)
    card = fit([make_labelled(spec, blank, options.profile) for spec in TRAIN], blank)
    held_out = [make_labelled(spec, card, options.profile) for spec in HELD_OUT]
    counts = counts_threshold(held_out, card)
    limits = msgspec.structs.replace(card.thresholds, counts=counts, care=care_threshold(held_out, precision=0.995))
    card = msgspec.structs.replace(card, thresholds=limits)
    card = msgspec.structs.replace(card, figures=figures(held_out, card))
    options.out.write_bytes(msgspec.json.format(msgspec.json.encode(card), indent=1) + b"\n")
    print(card.thresholds, card.figures)


if __name__ == "__main__":
    main()
