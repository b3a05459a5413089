"""Candidate pairs are those that share a usable token, no more and no fewer."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_files import header, row, token

from linkage import blocking
from linkage.blocking import MOST_RECORDS, candidate_pairs
from linkage.engine import Connection, open_engine
from linkage.records import Records


@pytest.fixture(scope="module")
def engine() -> Iterator[Connection]:
    with open_engine() as connection:
        yield connection


def records(blocks: Sequence[Sequence[str]]) -> Records:
    rows = [row(str(place), blocks=tuple(map(token, tokens))) for place, tokens in enumerate(blocks)]
    return Records((header(),), tuple(("food_bank", each) for each in rows))


def found_pairs(engine: Connection, blocks: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    pairs = candidate_pairs(engine, records(blocks)).pairs
    return list(zip(pairs["join_key_l"].to_pylist(), pairs["join_key_r"].to_pylist(), strict=True))


def oracle(blocks: Sequence[Sequence[str]], most: int) -> tuple[list[tuple[int, int]], int, int]:
    """Pairs, tokens left out, and records on the largest of those: by the plainest loops."""
    sizes = Counter(name for tokens in blocks for name in set(tokens))
    carriers = defaultdict(list)
    for place, tokens in enumerate(blocks):
        for name in set(tokens):
            carriers[name].append(place)
    usable = (who for name, who in carriers.items() if sizes[name] <= most)
    large = [size for size in sizes.values() if size > most]
    return (
        sorted({pair for who in usable for pair in itertools.combinations(who, 2)}),
        len(large),
        max(large, default=0),
    )


@settings(deadline=None, max_examples=60)
@given(
    blocks=st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), min_size=1, max_size=14),
    most=st.integers(min_value=1, max_value=8),
)
def test_candidates_are_those_of_the_slow_oracle(engine, blocks, most):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocking, "MOST_RECORDS", most)
        found = candidate_pairs(engine, records(blocks))
        pairs = found_pairs(engine, blocks)
    assert (pairs, found.oversized, found.oversized_records) == oracle(blocks, most)


def test_a_token_that_too_many_records_share_is_reported_and_makes_no_pair(engine):
    blocks = [["common"] for _ in range(MOST_RECORDS + 1)]
    blocks[3] = blocks[200] = ["common", "rare"]
    found = candidate_pairs(engine, records(blocks))
    assert found.pairs.to_pylist() == [{"join_key_l": 3, "join_key_r": 200}]
    assert (found.oversized, found.oversized_records) == (1, MOST_RECORDS + 1)


def test_a_token_that_as_many_records_share_as_may_makes_every_pair(engine):
    found = candidate_pairs(engine, records([["common"]] * MOST_RECORDS))
    assert len(found.pairs) == MOST_RECORDS * (MOST_RECORDS - 1) // 2
    assert (found.oversized, found.oversized_records) == (0, 0)


def test_an_agency_cannot_spoil_a_token_by_repeating_it(engine):
    assert found_pairs(engine, [["common"] * 128, ["common"] * 128, ["common"]]) == [(0, 1), (0, 2), (1, 2)]


def test_records_without_tokens_make_no_pairs(engine):
    assert found_pairs(engine, [[], [], ["alone"]]) == []
