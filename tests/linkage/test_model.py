"""Splink's probability is the card's: 2^(prior + weights) as odds, computed here from the bits with NumPy."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_files import CODES, card, code

from linkage.engine import open_engine
from linkage.model import score_pairs
from linkage.model_card import Comparison, ModelCard, load_model
from linkage.records import load_records

Code = bytes | None


def dice(one: Code, other: Code) -> float | None:
    if one is None or other is None:
        return None
    left, right = (np.unpackbits(np.frombuffer(each, dtype=np.uint8)) for each in (one, other))
    return 2.0 * int((left & right).sum()) / int(left.sum() + right.sum())


def weight(comparison: Comparison, similarity: float | None) -> float:
    """The weight of the level whose lower cut the similarity reaches; the oracle of the CASE in SQL."""
    if similarity is None:
        return comparison.missing
    return comparison.weights[sum(similarity >= cut for cut in comparison.cuts)]


def probability(bits: float) -> float:
    return 1 / (1 + 2.0**-bits)


def table(rows: Sequence[dict[str, Code]]) -> pa.Table:
    columns = {name: pa.array([row[name] for row in rows], pa.binary()) for name in rows[0]}
    return pa.table({"unique_id": pa.array(range(len(rows)), pa.int64())} | columns)


def all_pairs(count: int) -> pa.Table:
    left, right = np.triu_indices(count, k=1)
    return pa.table({"join_key_l": pa.array(left, pa.int64()), "join_key_r": pa.array(right, pa.int64())})


def score(rows: Sequence[dict[str, Code]], model: ModelCard) -> pa.Table:
    with open_engine() as connection:
        return score_pairs(connection, table(rows), all_pairs(len(rows)), model)


def check_agrees(found: pa.Table, rows: Sequence[dict[str, Code]], model: ModelCard) -> None:
    for pair in found.to_pylist():
        one, other = rows[pair["left"]], rows[pair["right"]]
        weights = {c.code: weight(c, dice(one[c.code], other[c.code])) for c in model.comparisons}
        assert {name: pair[f"weight_{name}"] for name in weights} == pytest.approx(weights, abs=1e-6)
        assert pair["weight"] == pytest.approx(model.prior + sum(weights.values()), abs=1e-6)
        assert pair["probability"] == pytest.approx(probability(model.prior + sum(weights.values())), abs=1e-6)


bits = st.floats(min_value=-12, max_value=12)
filters = st.binary(min_size=8, max_size=8).filter(any)


@st.composite
def comparisons(draw: st.DrawFn, name: str) -> Comparison:
    cuts = sorted(draw(st.sets(st.integers(1, 99), min_size=1, max_size=5)))
    weights = draw(st.lists(bits, min_size=len(cuts) + 1, max_size=len(cuts) + 1))
    return Comparison(name, tuple(cut / 100 for cut in cuts), tuple(weights), draw(bits))


@settings(deadline=None, max_examples=12)
@given(data=st.data(), prior=bits)
def test_any_card_gives_its_own_probabilities(data, prior):
    model = card([data.draw(comparisons(name)) for name in CODES], prior=prior)
    maybe = st.one_of(st.none(), filters)
    rows = data.draw(st.lists(st.fixed_dictionaries(dict.fromkeys(CODES, maybe)), min_size=2, max_size=5))
    found = score(rows, model)
    assert len(found) == len(rows) * (len(rows) - 1) // 2
    check_agrees(found, rows, model)


def test_the_demo_towns_probabilities_are_those_of_the_shipped_card(encoded_anytown: Path, anytown_run: Path):
    model = load_model("bloom")
    records = load_records(sorted(encoded_anytown.glob("*.codes.jsonl")))
    number = {(agency, row.row): place for place, (agency, row) in enumerate(records.rows)}
    pairs = pq.read_table(anytown_run / "pairs.parquet")
    ends = [
        np.array(
            [number[key] for key in zip(pairs[f"agency_{s}"].to_pylist(), pairs[f"row_{s}"].to_pylist(), strict=True)]
        )
        for s in "lr"
    ]
    total = np.full(len(pairs), model.prior)
    for comparison in model.comparisons:
        found = _weights(comparison, [row.codes[comparison.code] for _, row in records.rows], *ends)
        np.testing.assert_allclose(pairs[f"weight_{comparison.code}"].to_numpy(), found, atol=1e-6)
        total += found
    assert len(pairs) > 5000
    np.testing.assert_allclose(pairs["weight"].to_numpy(), total, atol=1e-6)
    np.testing.assert_allclose(pairs["probability"].to_numpy(), 1 / (1 + 2.0**-total), atol=1e-6)


def _weights(comparison: Comparison, codes: Sequence[str | None], left: np.ndarray, right: np.ndarray) -> np.ndarray:
    width = max(len(base64.b64decode(each)) for each in codes if each)
    packed = np.array([list(base64.b64decode(each)) if each else [0] * width for each in codes], dtype=np.uint8)
    ones = np.bitwise_count(packed).sum(axis=1)
    missing = (ones == 0)[left] | (ones == 0)[right]
    shared = np.bitwise_count(packed[left] & packed[right]).sum(axis=1)
    similarity = 2.0 * shared / np.maximum(1, ones[left] + ones[right])
    level = np.searchsorted(comparison.cuts, similarity, side="right")
    return np.where(missing, comparison.missing, np.array(comparison.weights)[level])


@pytest.mark.parametrize("missing", [-3.5, 0.0, 1.25])
@pytest.mark.parametrize("side", ["left", "right", "both"])
def test_a_missing_code_weighs_what_the_card_says(missing, side):
    model = card([Comparison("name", (0.5,), (-4.0, 4.0), missing)], prior=0.5)
    full = base64.b64decode(code(1, 2))
    rows = [{"name": None if side in (where, "both") else full} for where in ("left", "right")]
    (pair,) = score(rows, model).to_pylist()
    assert pair["weight_name"] == pytest.approx(missing, abs=1e-9)
    assert pair["probability"] == pytest.approx(probability(0.5 + missing), abs=1e-9)


@pytest.mark.parametrize(
    ("shared", "expected"), [(0, -2.0), (1, -2.0), (2, 1.0), (3, 1.0), (4, 3.0)], ids=lambda value: str(value)
)
def test_a_similarity_on_a_cut_belongs_to_the_level_above(shared, expected):
    """Filters of four bits each: their Dice coefficient is shared / 4."""
    model = card([Comparison("name", (0.5, 1.0), (-2.0, 1.0, 3.0))])
    left, right = range(4), range(4 - shared, 8 - shared)
    rows = [{"name": base64.b64decode(code(*ones))} for ones in (left, right)]
    (pair,) = score(rows, model).to_pylist()
    assert pair["weight_name"] == pytest.approx(expected, abs=1e-9)


def test_pairs_come_sorted_and_only_those_proposed():
    rows = [{name: base64.b64decode(code(place)) for name in CODES} for place in range(5)]
    proposed = pa.table({"join_key_l": pa.array([2, 0, 0], pa.int64()), "join_key_r": pa.array([4, 3, 1], pa.int64())})
    with open_engine() as connection:
        found = score_pairs(connection, table(rows), proposed, card())
    assert found.select(["left", "right"]).to_pylist() == [
        {"left": 0, "right": 1},
        {"left": 0, "right": 3},
        {"left": 2, "right": 4},
    ]


def test_no_candidates_give_no_pairs_but_all_columns():
    rows = [{name: base64.b64decode(code(1)) for name in CODES}]
    found = score(rows, card())
    assert found.column_names == ["left", "right", "weight", "probability", "weight_birth", "weight_name"]
    assert len(found) == 0
