"""Pairs of records -> the level of each feature: every similarity is computed once a pair, on many pairs at once.

The levels of a pair make its *pattern*, one number. There are far fewer patterns than pairs, and a pair's weight
depends on its pattern alone, so that the model scores patterns (:mod:`linkage.model`).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from linkage.blocking import Candidates
from linkage.model_card import Feature, ModelCard
from linkage.records import ones_of

Values = NDArray[np.float64]  # one a pair; not a number where either record lacks what is compared

TASK = 1 << 16  # pairs that a thread takes at a time ...
AT_ONCE = 1 << 11  # ... and compares at once: few enough for the processor's cache


class Coded(Protocol):
    """Records in columns, of which only the codes and agencies are compared."""

    @property
    def codes(self) -> dict[str, int]:
        """Code name -> bits."""

    @property
    def matrix(self) -> NDArray[np.uint64]:
        """The codes side by side: shape (records, words)."""

    @property
    def ones(self) -> NDArray[np.uint16]:
        """How many bits are set: shape (records, codes)."""

    @property
    def agencies(self) -> NDArray[np.int16]:
        """The agency of each record."""


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Some candidate pairs, with the bits set in their codes: arrays of shape (pairs, codes)."""

    records: Coded
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    rarity: NDArray[np.float32]
    shared: NDArray[np.int32]  # in both records
    either: NDArray[np.int32]  # in the one, and in the other: the sum
    lacking: NDArray[np.bool_]  # whether one of the two lacks the code

    @classmethod
    def of(cls, records: Coded, pairs: Candidates, some: slice) -> _Pairs:
        """Some of the pairs."""
        left, right = pairs.left[some], pairs.right[some]
        both = records.matrix[left]
        both &= records.matrix[right]
        one, other = records.ones[left], records.ones[right]
        return cls(
            records=records,
            left=left,
            right=right,
            rarity=pairs.rarity[some],
            shared=ones_of(np.bitwise_count(both), records.codes).astype(np.int32),
            either=one.astype(np.int32) + other,
            lacking=(one == 0) | (other == 0),
        )


def patterns(records: Coded, pairs: Candidates, card: ModelCard, *, threads: int = 1) -> NDArray[np.int64]:
    """The pattern of each pair: the levels of the card's features as the digits of one number, the first the lowest.

    A feature's level is 0 where either record lacks what it compares, otherwise one more than the number of its cuts
    that the value reaches.
    """
    found = np.empty(len(pairs), dtype=np.int64)
    records.ones  # noqa: B018 -- counted before threads ask for it
    work = partial(_fill, records, pairs, card.features, found)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(0, len(pairs), TASK)))
    return found


def digits(found: NDArray[np.int64], card: ModelCard) -> dict[str, NDArray[np.int64]]:
    """Patterns -> the level of each feature."""
    levels = {}
    for feature in card.features:
        levels[feature.name] = found % feature.levels
        found = found // feature.levels
    return levels


def _fill(
    records: Coded, pairs: Candidates, features: tuple[Feature, ...], found: NDArray[np.int64], start: int
) -> None:
    for first in range(start, min(start + TASK, len(pairs)), AT_ONCE):
        some = slice(first, min(first + AT_ONCE, len(pairs)))
        found[some] = _pattern(_Pairs.of(records, pairs, some), features)


def _pattern(pairs: _Pairs, features: tuple[Feature, ...]) -> NDArray[np.int64]:
    total = np.zeros(len(pairs.left), dtype=np.int64)
    for feature in reversed(features):
        total *= feature.levels
        total += _level(_VALUES[feature.kind](pairs, feature.code), feature)
    return total


def _level(values: Values, feature: Feature) -> NDArray[np.int64]:
    reached = np.searchsorted(feature.cuts, values, side="right") + 1
    return np.where(np.isnan(values), 0, reached)


def _dice(pairs: _Pairs, code: str) -> Values:
    """The Dice coefficient of two Bloom filters."""
    place = list(pairs.records.codes).index(code)
    similarity = 2.0 * pairs.shared[:, place] / np.maximum(1, pairs.either[:, place])
    return np.where(pairs.lacking[:, place], np.nan, similarity)


def _agreement(pairs: _Pairs, code: str) -> Values:
    """The share of positions in which two codes agree; one half is what strangers reach."""
    place = list(pairs.records.codes).index(code)
    differing = pairs.either[:, place] - 2 * pairs.shared[:, place]
    return np.where(pairs.lacking[:, place], np.nan, 1.0 - differing / pairs.records.codes[code])


def _rarity(pairs: _Pairs, _code: str) -> Values:
    """How rare the blocking tokens are that both carry: the sum of 1 / (records that carry one - 1)."""
    return pairs.rarity.astype(np.float64)


def _same_agency(pairs: _Pairs, _code: str) -> Values:
    agencies = pairs.records.agencies
    return (agencies[pairs.left] == agencies[pairs.right]).astype(np.float64)


def _lacking(pairs: _Pairs, _code: str) -> Values:
    """How many codes one of the two lacks at least."""
    return pairs.lacking.sum(axis=1).astype(np.float64)


_VALUES: dict[str, Callable[[_Pairs, str], Values]] = {
    "dice": _dice,
    "agreement": _agreement,
    "rarity": _rarity,
    "same_agency": _same_agency,
    "lacking": _lacking,
}
