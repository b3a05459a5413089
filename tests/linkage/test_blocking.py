"""Candidate pairs are those that share a usable token, no more and no fewer, with the rarity of what they share."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_files import header

from linkage import blocking
from linkage.blocking import ALWAYS, LEAST_RARITY, MOST_RECORDS, Candidates, candidate_pairs, largest_usable
from linkage.records import Records

Pair = tuple[int, int]
Tokens = Sequence[Sequence[str]]


def number(name: str) -> int:
    """A token: eight letters as they are, other names far apart."""
    content = name.encode() if len(name) == 8 else hashlib.sha256(name.encode()).digest()[:8]
    return int.from_bytes(content, "big")


def records(blocks: Tokens) -> Records:
    """Records of nothing but tokens."""
    every = [(place, number(name)) for place, names in enumerate(blocks) for name in names]
    return Records(
        headers=(header(),),
        agencies=np.zeros(len(blocks), dtype=np.int16),
        rows=pa.array([str(place) for place, _ in enumerate(blocks)]),
        households=pa.nulls(len(blocks), pa.string()),
        ages=pa.nulls(len(blocks), pa.string()),
        matrix=np.zeros((len(blocks), 2), dtype=np.uint64),
        owners=np.array([place for place, _ in every], dtype=np.int32),
        tokens=np.array([value for _, value in every], dtype=np.uint64),
        services=pa.table({}),
    )


def told(found: Candidates) -> dict[Pair, float]:
    pairs = list(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert pairs == sorted(set(pairs))
    return dict(zip(pairs, found.rarity.tolist(), strict=True))


def oracle(blocks: Tokens, most: int) -> dict[Pair, Fraction]:
    """Pairs and the rarity of what they share, by the plainest loops."""
    carriers = defaultdict(list)
    for place, tokens in enumerate(blocks):
        for name in sorted(set(tokens)):
            carriers[name].append(place)
    found: Counter[Pair] = Counter()
    for who in carriers.values():
        if 2 <= len(who) <= most:
            for pair in itertools.combinations(who, 2):
                found[pair] += Fraction(1, len(who) - 1)  # type: ignore[assignment]
    return dict(found)  # type: ignore[arg-type]


some_blocks = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), min_size=1, max_size=14)


@settings(deadline=None)
@given(blocks=some_blocks, bucket=st.integers(min_value=1, max_value=40), threads=st.integers(1, 3))
def test_candidates_are_those_of_the_slow_oracle(blocks, bucket, threads):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocking, "BUCKET", bucket)
        found = candidate_pairs(records(blocks), threads=threads)
    wanted = oracle(blocks, MOST_RECORDS)
    strong = {pair: float(rarity) for pair, rarity in wanted.items() if rarity >= LEAST_RARITY}
    assert told(found) == pytest.approx(strong, abs=1e-4)
    assert (found.oversized, found.faint) == (0, len(wanted) - len(strong))


@settings(deadline=None)
@given(blocks=some_blocks, most=st.integers(2, 8))
def test_tokens_that_too_many_records_share_make_no_pairs_and_are_counted(blocks, most):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocking, "MOST_RECORDS", most)
        patch.setattr(blocking, "ALWAYS", 1)
        found = candidate_pairs(records(blocks))
    sizes = Counter(name for tokens in blocks for name in set(tokens)).values()
    large = [size for size in sizes if size > most]
    wanted = {pair: float(rarity) for pair, rarity in oracle(blocks, most).items() if rarity >= LEAST_RARITY}
    assert told(found) == pytest.approx(wanted, abs=1e-4)
    assert (found.oversized, found.oversized_records) == (len(large), max(large, default=0))


def test_a_token_that_too_many_records_share_is_reported(monkeypatch):
    blocks = [["common"] for _ in range(MOST_RECORDS + 1)]
    blocks[3] = blocks[200] = ["common", "rare"]
    found = candidate_pairs(records(blocks))
    assert told(found) == {(3, 200): 1.0}
    assert (found.oversized, found.oversized_records) == (1, MOST_RECORDS + 1)


def test_pairs_that_share_one_token_of_many_records_are_left_out_and_counted():
    found = candidate_pairs(records([["common"]] * ALWAYS))
    assert told(found) == {}
    assert found.faint == ALWAYS * (ALWAYS - 1) // 2


def test_many_tokens_of_many_records_are_evidence_together():
    """A person with a row for each visit: every token of hers is common, and she alone has them all."""
    found = candidate_pairs(records([[f"hers {place}" for place in range(9)]] * 40))
    assert len(found) == 40 * 39 // 2
    assert found.rarity.tolist() == pytest.approx([9 / 39] * len(found), abs=1e-4)


def test_an_agency_cannot_spoil_a_token_by_repeating_it():
    found = candidate_pairs(records([["common"] * 128, ["common"] * 128, ["common"]]))
    assert told(found) == {(0, 1): 0.5, (0, 2): 0.5, (1, 2): 0.5}


def test_records_without_tokens_make_no_pairs():
    assert told(candidate_pairs(records([[], [], ["alone"]]))) == {}
    assert told(candidate_pairs(records([[], []]))) == {}


def test_tokens_that_differ_in_their_lowest_bits_alone_are_taken_for_one():
    """What packing costs; of real tokens it is one in many millions."""
    assert told(candidate_pairs(records([["\0\0\0\0\0\0\0A"], ["\0\0\0\0\0\0\0@"]]))) == {(0, 1): 1.0}
    assert told(candidate_pairs(records([["\0\0\0\0\0\0\0A"], ["\0\0\0\0\0\0\0C"]]))) == {}


@settings(deadline=None)
@given(st.lists(st.integers(2, 400), max_size=60), st.integers(1, 50))
def test_large_tokens_are_taken_from_the_rarest_up_while_their_pairs_stay_few(sizes, allowed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocking, "FEW_PAIRS", 0)
        most = largest_usable(np.array(sizes, dtype=np.int64), records=50 * allowed)
    larger = [size for size in sizes if ALWAYS < size <= most]
    assert ALWAYS <= most <= MOST_RECORDS
    assert sum(size * (size - 1) // 2 for size in larger) <= 100 * allowed
    next_ones = [size for size in sizes if most < size <= MOST_RECORDS]
    if next_ones:
        more = [size for size in sizes if ALWAYS < size <= min(next_ones)]
        assert sum(size * (size - 1) // 2 for size in more) > 100 * allowed
