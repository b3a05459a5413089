"""Patterns -> weights: Splink scores the patterns of a few comparisons at a time, and their weights are added.

A match weight is a sum, so what some comparisons say of a pair can be worked out apart from what the others say. Of
all comparisons together nearly every second pair has a pattern of its own; of three there are some thousand patterns
however many pairs there are, so that Splink scores all that a card knows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.levels import digits
from linkage.model_card import Comparison, ModelCard

Score = Callable[[NDArray[np.int64], ModelCard], pa.Table]  # patterns -> weight and a weight_COMPARISON each
MOST_TOGETHER = 1 << 12  # patterns of comparisons that are scored together
AT_ONCE = 1 << 15  # pairs whose patterns are taken apart at a time


def parted(card: ModelCard) -> list[ModelCard]:
    """The card as cards of a few comparisons each, in their order; the first has the prior, the others have none."""
    groups: list[list[Comparison]] = [[]]
    for comparison in card.comparisons:
        if groups[-1] and _patterns_of(card, [*groups[-1], comparison]) > MOST_TOGETHER:
            groups.append([])
        groups[-1].append(comparison)
    return [_only(card, group, prior=0.0 if number else card.prior) for number, group in enumerate(groups)]


def _names_of(comparisons: Sequence[Comparison]) -> set[str]:
    return {name for comparison in comparisons for name in comparison.of}


def _patterns_of(card: ModelCard, comparisons: Sequence[Comparison]) -> int:
    names = _names_of(comparisons)
    return math.prod(feature.levels for feature in card.features if feature.name in names)


def _only(card: ModelCard, comparisons: Sequence[Comparison], *, prior: float) -> ModelCard:
    names = _names_of(comparisons)
    features = tuple(feature for feature in card.features if feature.name in names)
    return msgspec.structs.replace(card, features=features, comparisons=tuple(comparisons), prior=prior)


@dataclass(frozen=True, slots=True)
class _Part:
    """Some comparisons, and what they say of each of their patterns."""

    card: ModelCard
    weights: Mapping[str, NDArray[np.float64]]  # of all together, and of each: weight_COMPARISON

    @classmethod
    def of(cls, card: ModelCard, score: Score) -> _Part:
        """Have every pattern of the card scored."""
        scored = score(np.arange(_patterns_of(card, card.comparisons), dtype=np.int64), card)
        return cls(card, {name: scored[name].to_numpy() for name in scored.column_names})

    def places(self, levels: Mapping[str, NDArray[np.int64]]) -> NDArray[np.int16]:
        """Levels of pairs -> the pattern of these comparisons."""
        place = np.zeros(len(next(iter(levels.values()))), dtype=np.int16)
        for feature in reversed(self.card.features):
            place *= feature.levels
            place += levels[feature.name].astype(np.int16)
        return place


class Weights:
    """What a card's comparisons say of patterns; which depends on the card alone."""

    def __init__(self, card: ModelCard, score: Score, *, threads: int = 1) -> None:
        self._card = card
        self._threads = threads
        self._parts = [_Part.of(each, score) for each in parted(card)]

    def of(self, found: NDArray[np.int64]) -> NDArray[np.float64]:
        """The match weight of each pattern, in bits: those of the parts, added in their order."""
        total = np.empty(len(found))

        def fill(start: int) -> None:
            some = slice(start, start + AT_ONCE)
            levels = digits(found[some], self._card)
            total[some] = sum(part.weights["weight"][part.places(levels)] for part in self._parts)

        with ThreadPoolExecutor(self._threads) as pool:
            list(pool.map(fill, range(0, len(found), AT_ONCE)))
        return total

    def scores(self, found: NDArray[np.int64]) -> pa.Table:
        """``weight`` (bits) and ``probability`` of each pattern, and its :meth:`evidence`."""
        weight = self.of(found)
        evidence = self.evidence(found)
        scores = {"weight": weight, "probability": probability_of(weight)}
        return pa.table(scores | dict(zip(evidence.column_names, evidence.columns, strict=True)))

    def evidence(self, found: NDArray[np.int64]) -> pa.Table:
        """What each comparison adds to each pattern's weight: a column ``weight_COMPARISON`` each."""
        levels = digits(found, self._card)
        columns: dict[str, pa.Array] = {}
        for part in self._parts:
            places = part.places(levels)
            columns |= {name: pa.array(part.weights[name][places]) for name in part.weights if name != "weight"}
        return pa.table(columns)


def probability_of(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bits of evidence -> the probability that it is one person, as Splink works it out: without overflow."""
    odds = np.exp2(-np.abs(weight))  # against the likelier side
    probability: NDArray[np.float64] = np.where(weight >= 0, 1.0, odds) / (1.0 + odds)
    return probability
