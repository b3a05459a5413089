"""Pairs of records -> the level of each feature: every similarity is computed once a pair, on many pairs at once.

The levels of a pair make its *pattern*, one number. There are fewer patterns than pairs, and a pair's weight
depends on its pattern alone, so that the model scores patterns (:mod:`linkage.model`).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from linkage import accelerator
from linkage.blocking import Candidates
from linkage.model_card import Feature, ModelCard
from linkage.records import Records, ones_of

Values = NDArray[np.float64]  # one a pair; not a number where either record lacks what is compared

TASK = 1 << 16  # pairs that a thread takes at a time ...
AT_ONCE = 1 << 11  # ... and compares at once: few enough for the processor's cache


@dataclass(frozen=True, slots=True)
class _MachineArrays:
    """What machine code compares, apart from the pairs."""

    table: tuple[NDArray[Any], ...]  # codes, their bits, ones, agencies and homes
    features: tuple[NDArray[Any], ...]  # kinds, codes, ends of cuts, cuts


@dataclass(frozen=True)
class _Pairs:
    """Some candidate pairs, with the bits set in their codes: arrays of shape (pairs, codes)."""

    records: Records
    pairs: Candidates
    shared: NDArray[np.int32]  # in both records
    either: NDArray[np.int32]  # in the one, and in the other: the sum
    lacking: NDArray[np.bool_]  # whether one of the two lacks the code

    @classmethod
    def of(cls, records: Records, pairs: Candidates) -> _Pairs:
        """Pairs, few enough to be compared at once."""
        both = records.matrix[pairs.left]
        both &= records.matrix[pairs.right]
        one, other = records.ones[pairs.left], records.ones[pairs.right]
        return cls(
            records=records,
            pairs=pairs,
            shared=ones_of(np.bitwise_count(both), records.codes).astype(np.int32),
            either=one.astype(np.int32) + other,
            lacking=(one == 0) | (other == 0),
        )

    def __len__(self) -> int:
        """The number of pairs."""
        return len(self.pairs)

    @cached_property
    def dice(self) -> Values:
        """The Dice coefficients, shape (pairs, codes)."""
        return np.where(self.lacking, np.nan, 2.0 * self.shared / np.maximum(1, self.either))

    @cached_property
    def agreement(self) -> Values:
        """The shares of positions that agree, shape (pairs, codes); one half is what strangers reach."""
        bits = np.array(list(self.records.codes.values()))
        agreeing = bits - (self.either - 2 * self.shared)
        return np.where(self.lacking, np.nan, agreeing / bits)


def patterns(records: Records, pairs: Candidates, card: ModelCard, *, threads: int = 1) -> NDArray[np.int64]:
    """The pattern of each pair: the levels of the card's features as the digits of one number, the first the lowest.

    A feature's level is 0 where either record lacks what it compares, otherwise one more than the number of its cuts
    that the value reaches.
    """
    found = np.empty(len(pairs), dtype=np.int64)
    records.ones, records.homes  # noqa: B018 -- worked out before threads ask for them
    if _can_be_quick(records, card.features):
        work = partial(_fill_quickly, _machine_arrays(records, card.features), pairs, found)
    else:
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
    records: Records, pairs: Candidates, features: tuple[Feature, ...], found: NDArray[np.int64], start: int
) -> None:
    for first in range(start, min(start + TASK, len(pairs)), AT_ONCE):
        some = slice(first, min(first + AT_ONCE, len(pairs)))
        found[some] = _pattern(_Pairs.of(records, pairs.where(some)), features)


def _can_be_quick(records: Records, features: tuple[Feature, ...]) -> bool:
    """Whether there is machine code, and a place in it for all codes and features."""
    return accelerator.native is not None and max(len(features), len(records.codes)) <= accelerator.MOST


def _machine_arrays(records: Records, features: tuple[Feature, ...]) -> _MachineArrays:
    """Records and features as machine code takes them."""
    bits = np.array(list(records.codes.values()), dtype=np.int32)
    table = (records.matrix, bits, records.ones, records.agencies, records.homes)
    kinds = list(_VALUES)
    codes = [records.place_of(feature.code) if feature.code else 0 for feature in features]
    return _MachineArrays(
        table=tuple(np.ascontiguousarray(array) for array in table),
        features=(
            np.array([kinds.index(feature.kind) for feature in features], dtype=np.int32),
            np.array(codes, dtype=np.int32),
            np.cumsum([len(feature.cuts) for feature in features], dtype=np.int32),
            np.array([cut for feature in features for cut in feature.cuts], dtype=np.float64),
        ),
    )


def _fill_quickly(arrays: _MachineArrays, pairs: Candidates, found: NDArray[np.int64], start: int) -> None:
    some = slice(start, min(start + TASK, len(pairs)))
    chosen = pairs.where(some)
    columns = (chosen.left, chosen.right, chosen.rarity, chosen.tokens, chosen.fewest)
    accelerator.native.pair_patterns(*arrays.table, *columns, *arrays.features, found[some])  # type: ignore[union-attr]


def _pattern(pairs: _Pairs, features: tuple[Feature, ...]) -> NDArray[np.int64]:
    total = np.zeros(len(pairs), dtype=np.int64)
    for feature in reversed(features):
        total *= feature.levels
        total += _level(_VALUES[feature.kind](pairs, feature.code), feature)
    return total


def _level(values: Values, feature: Feature) -> NDArray[np.int64]:
    reached = np.searchsorted(feature.cuts, values, side="right") + 1
    return np.where(np.isnan(values), 0, reached)


def _dice(pairs: _Pairs, code: str) -> Values:
    return pairs.dice[:, pairs.records.place_of(code)]


def _agreement(pairs: _Pairs, code: str) -> Values:
    return pairs.agreement[:, pairs.records.place_of(code)]


def _mean_dice(pairs: _Pairs, _code: str) -> Values:
    return _mean(pairs.dice)


def _mean_agreement(pairs: _Pairs, _code: str) -> Values:
    return _mean(pairs.agreement)


def _mean(every: Values) -> Values:
    """The mean of the codes that both have, added in their order: the same double on every machine."""
    known = ~np.isnan(every)
    count = known.sum(axis=1)
    total = np.zeros(len(every))
    for column in np.where(known, every, 0.0).T:
        total += column
    return np.where(count == 0, np.nan, total / np.maximum(1, count))


def _lacking(pairs: _Pairs, _code: str) -> Values:
    """How many codes one of the two lacks at least."""
    number: Values = pairs.lacking.sum(axis=1).astype(np.float64)
    return number


def _rarity(pairs: _Pairs, _code: str) -> Values:
    """How rare the blocking tokens are that both carry: the sum of 1 / (records that carry one - 1)."""
    return pairs.pairs.rarity.astype(np.float64)


def _tokens(pairs: _Pairs, _code: str) -> Values:
    """How many blocking tokens both carry."""
    return pairs.pairs.tokens.astype(np.float64)


def _fewest(pairs: _Pairs, _code: str) -> Values:
    """How many records carry the rarest token that both carry."""
    return pairs.pairs.fewest.astype(np.float64)


def _near(pairs: _Pairs, _code: str) -> Values:
    """0 at two agencies, 1 at one, 2 in one household of one agency."""
    ends = (pairs.pairs.left, pairs.pairs.right)
    agency, other_agency = (pairs.records.agencies[end] for end in ends)
    home, other_home = (pairs.records.homes[end] for end in ends)
    together = (home == other_home) & (home >= 0)
    near: Values = (agency == other_agency).astype(np.float64) + together
    return near


_VALUES: dict[str, Callable[[_Pairs, str], Values]] = {  # in the order in which machine code numbers them
    "dice": _dice,
    "agreement": _agreement,
    "mean_dice": _mean_dice,
    "mean_agreement": _mean_agreement,
    "lacking": _lacking,
    "rarity": _rarity,
    "tokens": _tokens,
    "fewest": _fewest,
    "near": _near,
}
