"""Reproducible chance: every random choice in a town comes from dice with a key.

Only uniform numbers are taken from NumPy, whose stream of those is kept stable across versions (NEP 19
promises less for its other distributions); everything else is worked out here.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import NormalDist
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T")
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Weighted(Generic[T]):
    """Things with how often each is drawn; *cumulative* rises to the total weight."""

    items: tuple[T, ...]
    cumulative: tuple[float, ...]

    @classmethod
    def of(cls, items: Sequence[T], weights: Sequence[float]) -> Weighted[T]:
        """From items and their weights, which need not add up to one."""
        return cls(tuple(items), tuple(accumulate(weights)))

    def weights(self) -> list[float]:
        """The weight of each item."""
        return [high - low for low, high in zip((0.0, *self.cumulative), self.cumulative, strict=False)]


class Dice:
    """A stream of random choices; the same key gives the same stream, on any computer."""

    def __init__(self, *key: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))
        self._uniforms = self._stream()

    def _stream(self) -> Iterator[float]:
        while True:
            yield from self._generator.random(4096).tolist()

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """A number from *low* up to, not including, *high*."""
        return low + (high - low) * next(self._uniforms)

    def uniforms(self, count: int) -> npt.NDArray[np.float64]:
        """An array of numbers from 0 up to, not including, 1."""
        return self._generator.random(count)

    def chance(self, probability: float) -> bool:
        """True this often."""
        return next(self._uniforms) < probability

    def below(self, count: int) -> int:
        """A whole number from 0 to *count* - 1."""
        return int(next(self._uniforms) * count)

    def between(self, low: int, high: int) -> int:
        """A whole number from *low* to *high*, both included."""
        return low + self.below(high - low + 1)

    def pick(self, items: Sequence[T]) -> T:
        """One of *items*, all equally likely."""
        return items[self.below(len(items))]

    def draw(self, weighted: Weighted[T]) -> T:
        """One item, in proportion to its weight."""
        place = bisect_right(weighted.cumulative, next(self._uniforms) * weighted.cumulative[-1])
        return weighted.items[min(place, len(weighted.items) - 1)]

    def normal(self) -> float:
        """A standard normal number."""
        return _NORMAL.inv_cdf(max(next(self._uniforms), 1e-12))

    def factor(self, spread: float) -> float:
        """A positive number around 1: its logarithm is normal with this standard deviation."""
        return math.exp(spread * self.normal())

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """All of *items* in random order."""
        order = np.argsort(self.uniforms(len(items)), kind="stable")
        return [items[place] for place in order.tolist()]

    def drifted(self, weighted: Weighted[T], spread: float) -> Weighted[T]:
        """The same items with every weight multiplied by its own :meth:`factor`."""
        return Weighted.of(weighted.items, [w * self.factor(spread) for w in weighted.weights()])
