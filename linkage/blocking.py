"""Candidate pairs: records that share a keyed blocking token, and how rare the tokens are that they share.

Tokens and pairs are packed into single numbers and sorted: the fastest way that one machine has to join a table with
itself, in memory that is known beforehand. A record's number takes the lowest bits of its token; two tokens that
differ in none of the others are taken for one, which at a hundred million tokens gives a few hundred pairs that are
compared in vain.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from linkage.records import Records

MOST_RECORDS = 250  # a token that more records share is no evidence of one person
ALWAYS = 12  # a token that no more records share is always used; a larger one as long as ...
MORE_PAIRS = 2  # ... those up to its size add no more than so many pairs a record, ...
FEW_PAIRS = 1_000_000  # ... or no more than are compared in a second
LEAST_RARITY = 0.1  # of what a pair shares; among pairs that share less, fewer than one in a hundred is one person
BUCKET = 1 << 24  # tokens sorted at a time
_SIZE_BITS = 8  # of a packed pair, for the number of records on the token; holds MOST_RECORDS
EXACT = 1 << 20  # rarities are summed as whole numbers, so that no order of adding changes them
LEAST = math.ceil(LEAST_RARITY * EXACT)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The pairs to compare, sorted and each once, and what was left out."""

    left: NDArray[np.int32]
    right: NDArray[np.int32]  # left < right
    rarity: NDArray[np.float32]  # of the tokens that they share: the sum of 1 / (records that carry it - 1)
    tokens: NDArray[np.int16]  # how many they share
    fewest: NDArray[np.int16]  # records that carry the rarest of these; 0 where they share none
    oversized: int = 0  # tokens left out
    oversized_records: int = 0  # records on the largest of them
    faint: int = 0  # pairs left out, that share nothing but tokens of many records

    def __len__(self) -> int:
        """The number of pairs."""
        return len(self.left)

    def where(self, chosen: NDArray[np.bool_] | slice) -> Candidates:
        """Some of the pairs."""
        columns = {name: getattr(self, name)[chosen] for name in ("left", "right", "rarity", "tokens", "fewest")}
        return replace(self, **columns)


@dataclass(frozen=True, slots=True)
class Shared:
    """The tokens that several records carry: a run of records for each, one run behind another."""

    owners: NDArray[np.uint32] | NDArray[np.uint64]
    sizes: NDArray[np.int64]  # of the runs


def candidate_pairs(records: Records, *, threads: int = 1) -> Candidates:
    """Pairs that share a usable token; tokens that too many records carry are counted and left out."""
    buckets = max(1, -(-len(records.tokens) // BUCKET))
    with ThreadPoolExecutor(threads) as pool:
        shared = list(pool.map(lambda number: _shared(records, number, buckets), range(buckets)))
        sizes = np.concatenate([bucket.sizes for bucket in shared])
        most = largest_usable(sizes, records=len(records))
        bits = bits_of_owner(len(records))
        packed = list(pool.map(lambda bucket: _sorted(_packed_pairs(bucket, most, bits)), shared))
    large = sizes[sizes > most]
    every = _unpacked(np.concatenate(packed), bits)
    strong = every.where(every.rarity >= LEAST_RARITY)
    return replace(
        strong,
        oversized=len(large),
        oversized_records=int(large.max(initial=0)),
        faint=len(every) - len(strong),
    )


def largest_usable(sizes: NDArray[np.int64], *, records: int) -> int:
    """How many records may share a token that is still used; *sizes* tells how many share each."""
    return largest_of(np.bincount(sizes[sizes <= MOST_RECORDS], minlength=MOST_RECORDS + 1), records=records)


def largest_of(counts: NDArray[np.int64], *, records: int) -> int:
    """How many records may share a token that is still used; *counts* tells how many tokens have each size.

    Near-unique tokens always count. Those that stand for a date or a house alone are good in a town and hopeless in a
    county, where most of their pairs are of strangers: they are taken from the rarest up while they stay few.
    """
    each = np.arange(MOST_RECORDS + 1)
    pairs = counts * each * (each - 1) // 2
    pairs[: ALWAYS + 1] = 0
    allowed = max(FEW_PAIRS, MORE_PAIRS * records)
    return int(np.searchsorted(np.cumsum(pairs), allowed, side="right")) - 1


def bits_of_owner(records: int) -> int:
    """How many of a token's lowest bits its record's number takes."""
    return max(1, records - 1).bit_length()


def share_of(size: int | NDArray[np.int64]) -> int | NDArray[np.int64]:
    """What a pair's rarity gains by a token that so many records share."""
    return EXACT // (size - 1)


def rarity_of(shares: NDArray[np.int64]) -> NDArray[np.float32]:
    """Sums of shares -> rarities."""
    return (shares / EXACT).astype(np.float32)


def _shared(records: Records, number: int, buckets: int) -> Shared:
    """Among the tokens whose highest bits say *number*, of *buckets*, those that several records carry."""
    places = _in_bucket(records.tokens, number, buckets)
    found = shared_tokens(records.tokens[places], records.owners[places], owner_bits=bits_of_owner(len(records)))
    return Shared(found.owners.astype(np.uint32), found.sizes)


def shared_tokens(tokens: NDArray[np.uint64], owners: NDArray[np.int32], *, owner_bits: int) -> Shared:
    """The tokens that several *owners* carry."""
    bits = np.uint64(owner_bits)
    packed = (tokens >> bits << bits) | owners.astype(np.uint64)
    packed.sort()
    packed = packed[_is_new(packed)]  # a token that a record repeats counts once
    starts = np.flatnonzero(_is_new(packed >> bits))
    sizes = np.diff(starts, append=len(packed))
    several = np.repeat(sizes > 1, sizes)
    return Shared(packed[several] & ((np.uint64(1) << bits) - np.uint64(1)), sizes[sizes > 1])


def _in_bucket(tokens: NDArray[np.uint64], number: int, buckets: int) -> NDArray[np.int64]:
    low = np.uint64((number << 64) // buckets)
    high = np.uint64((((number + 1) << 64) // buckets) - 1)
    return np.flatnonzero((tokens >= low) & (tokens <= high))


def _is_new(values: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Where a sorted array holds another value than just before."""
    return np.concatenate(([True], values[1:] != values[:-1]))[: len(values)]


def pairs_within(shared: Shared, most: int) -> Iterator[tuple[int, NDArray[np.uint64], NDArray[np.uint64]]]:
    """All pairs within each run of at most so many records: the run's size, the left of each row, its rights."""
    starts = np.cumsum(shared.sizes) - shared.sizes
    for size in np.unique(shared.sizes[shared.sizes <= most]).tolist():
        runs = shared.owners[starts[shared.sizes == size][:, None] + np.arange(size)].astype(np.uint64)
        for first in range(size - 1):
            yield size, runs[:, first], runs[:, first + 1 :]


def _packed_pairs(shared: Shared, most: int, bits: int) -> list[NDArray[np.uint64]]:
    """All pairs within each usable run: left, right and the run's size in one number."""
    return [
        (lefts[:, None] << np.uint64(bits + _SIZE_BITS) | rights << np.uint64(_SIZE_BITS) | np.uint64(size)).ravel()
        for size, lefts, rights in pairs_within(shared, most)
    ]


def _sorted(pairs: Sequence[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    every = np.concatenate([np.empty(0, dtype=np.uint64), *pairs])
    every.sort()
    return every


def _unpacked(packed: NDArray[np.uint64], bits: int) -> Candidates:
    """Each pair once, with what it shares."""
    packed.sort()
    starts = np.flatnonzero(_is_new(packed >> np.uint64(_SIZE_BITS)))
    sizes = (packed & np.uint64((1 << _SIZE_BITS) - 1)).astype(np.int64)
    pairs = packed[starts] >> np.uint64(_SIZE_BITS)
    shares = np.add.reduceat(share_of(sizes), starts) if len(starts) else np.empty(0, dtype=np.int64)
    return Candidates(
        left=(pairs >> np.uint64(bits)).astype(np.int32),
        right=(pairs & np.uint64((1 << bits) - 1)).astype(np.int32),
        rarity=rarity_of(shares),
        tokens=np.diff(starts, append=len(packed)).astype(np.int16),
        fewest=sizes[starts].astype(np.int16),  # sizes rise within a pair
    )
