"""Patterns -> weights: Splink scores the patterns of a few comparisons at a time, and their weights are added.

A match weight is a sum, so what some comparisons say of a pair can be worked out apart from what the others say. Of
all comparisons together nearly every second pair has a pattern of its own; of three or four there are some thousand
patterns however many pairs there are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.levels import digits
from linkage.model_card import Comparison, ModelCard

Score = Callable[[NDArray[np.int64], ModelCard], pa.Table]  # distinct patterns -> weight and a weight_COMPARISON each
MOST_TOGETHER = 1 << 16  # patterns that some comparisons may have together, if they are scored together
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
    """Some comparisons, and what they are known to say: a place for each of their patterns."""

    card: ModelCard
    is_known: NDArray[np.bool_]
    weights: Mapping[str, NDArray[np.float64]]  # of all together, and of each: weight_COMPARISON

    @classmethod
    def of(cls, card: ModelCard) -> _Part:
        """Nothing is known yet."""
        size = math.prod(feature.levels for feature in card.features)
        names = ["weight", *(f"weight_{comparison.name}" for comparison in card.comparisons)]
        return cls(card, np.zeros(size, dtype=np.bool_), {name: np.zeros(size) for name in names})

    def places(self, levels: Mapping[str, NDArray[np.int64]]) -> NDArray[np.int32]:
        """Levels of pairs -> the pattern of these comparisons."""
        place = np.zeros(len(next(iter(levels.values()))), dtype=np.int32)
        for feature in reversed(self.card.features):
            place *= feature.levels
            place += levels[feature.name].astype(np.int32)
        return place

    def learn(self, places: NDArray[np.int32], score: Score) -> None:
        """Have those scored that are not known yet."""
        wanted = np.zeros_like(self.is_known)
        wanted[places] = True
        unknown = np.flatnonzero(wanted & ~self.is_known)
        if not len(unknown):
            return
        scored = score(unknown, self.card)
        for name, column in self.weights.items():
            column[unknown] = scored[name].to_numpy()
        self.is_known[unknown] = True


class Weights:
    """What a card's comparisons say of patterns. A pattern of some comparisons is scored once and remembered."""

    def __init__(self, card: ModelCard, score: Score, *, threads: int = 1) -> None:
        self._card = card
        self._score = score
        self._threads = threads
        self._parts = [_Part.of(each) for each in parted(card)]

    def of(self, found: NDArray[np.int64]) -> NDArray[np.float64]:
        """The match weight of each pattern, in bits."""
        total = np.zeros(len(found))
        for part, places in self._known(found):
            total += part.weights["weight"][places]
        return total

    def evidence(self, found: NDArray[np.int64]) -> pa.Table:
        """What each comparison adds to each pattern's weight: a column ``weight_COMPARISON`` each."""
        columns = {
            name: pa.array(weights[places])
            for part, places in self._known(found)
            for name, weights in part.weights.items()
            if name != "weight"
        }
        return pa.table(columns)

    def _known(self, found: NDArray[np.int64]) -> Iterator[tuple[_Part, NDArray[np.int32]]]:
        """Each part with the patterns' places in it, all of them scored."""
        for part, places in zip(self._parts, self._places(found), strict=True):
            part.learn(places, self._score)
            yield part, places

    def _places(self, found: NDArray[np.int64]) -> list[NDArray[np.int32]]:
        every = [np.empty(len(found), dtype=np.int32) for _ in self._parts]

        def fill(start: int) -> None:
            some = slice(start, start + AT_ONCE)
            levels = digits(found[some], self._card)
            for part, places in zip(self._parts, every, strict=True):
                places[some] = part.places(levels)

        with ThreadPoolExecutor(self._threads) as pool:
            list(pool.map(fill, range(0, len(found), AT_ONCE)))
        return every


def probability_of(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bits of evidence -> the probability that it is one person, as Splink works it out: without overflow."""
    odds = np.exp2(-np.abs(weight))  # against the likelier side
    probability: NDArray[np.float64] = np.where(weight >= 0, 1.0, odds) / (1.0 + odds)
    return probability
