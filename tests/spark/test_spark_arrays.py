"""What Spark hands over as columns comes out as the numbers that went in, slices and several chunks included."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.blocking import EXACT, LEAST, LEAST_RARITY, rarity_of
from linkage.spark.arrays import as_bytes, batches_of, gathered, words
from linkage.spark.numbering import _shifts
from linkage.spark.tokens import _owned, _pairs, _runs

counts = st.lists(st.integers(0, 5), max_size=8)


@given(counts=counts, start=st.integers(0, 8))
def test_words_survive_being_bytes(counts, start):
    content = np.arange(sum(counts), dtype=np.uint64)
    column = as_bytes(content, np.array(counts, dtype=np.int64))
    assert [len(value) for value in column.to_pylist()] == [8 * count for count in counts]
    assert words(column).tolist() == content.tolist()
    assert words(column.slice(start)).tolist() == content[sum(counts[:start]) :].tolist()
    assert words(pa.chunked_array([column, column])).tolist() == [*content.tolist()] * 2


def test_batches_are_gathered_and_none_is_no_row():
    columns = {"a": np.arange(5), "b": np.arange(5) * 0.5}
    batches = [*batches_of(columns), *batches_of(columns)]
    assert gathered(batches, ("a", "b"))["b"].tolist() == [0.0, 0.5, 1.0, 1.5, 2.0] * 2
    assert gathered([], ("a",))["a"].tolist() == []


@given(st.lists(st.lists(st.integers(0, 2**63 - 1), max_size=4), min_size=1, max_size=20))
def test_pairs_by_tokens_are_those_of_a_loop(lists):
    bits = 3 if len(lists) <= 8 else 5
    records = pa.RecordBatch.from_pydict(
        {
            "number": pa.array(range(len(lists)), pa.int64()),
            "tokens": as_bytes(np.array([t for each in lists for t in each], dtype=np.uint64),
                               np.array([len(each) for each in lists])),
        }
    )  # fmt: skip
    owned = list(_owned(bits, iter([records])))
    found = list(_pairs(250, iter([batch.select(["owners"]) for batch in _runs(bits, iter(owned))])))
    pairs = sorted(
        (left, right, share, size)
        for batch in found
        for left, right, share, size in (tuple(line.values()) for line in batch.to_pylist())
    )
    carried = [{token >> bits for token in each} for each in lists]
    owners = {token: [n for n, each in enumerate(carried) if token in each] for each in carried for token in each}
    sizes = [(a, b, len(each)) for each in owners.values() for a in each for b in each if a < b]
    expected = sorted((a, b, EXACT // (size - 1), size) for a, b, size in sizes)
    assert pairs == expected


def test_owners_of_a_hopeless_token_are_not_kept():
    owned = pa.RecordBatch.from_pydict({"token": [7] * 251 + [8] * 2, "number": [*range(251), 0, 1]})
    (batch,) = _runs(8, iter([owned]))
    assert [(row["size"], len(row["owners"])) for row in batch.to_pylist()] == [(251, 0), (2, 2)]


def test_the_least_share_is_the_least_rarity():
    assert rarity_of(np.array([LEAST]))[0] >= np.float32(LEAST_RARITY) > rarity_of(np.array([LEAST - 1]))[0]


def test_numbers_go_on_from_part_to_part():
    rows = [{"part": 0, "rows": 2}, {"part": 0, "rows": 3}, {"part": 2, "rows": 4}, {"part": 3, "rows": 1}]
    assert _shifts(rows) == [(0, 0), (2, 5 - (2 << 33)), (3, 9 - (3 << 33))]


@pytest.mark.parametrize("width", [pa.binary(), pa.large_binary()])
def test_both_widths_of_bytes_are_read(width):
    assert words(pa.array([b"\1" + bytes(7)], width)).tolist() == [1]
