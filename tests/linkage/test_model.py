"""Splink's probability is the card's: 2^(prior + weights) as odds, worked out here pair by pair."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_files import CODES, card, feature
from made_records import Code, candidates, records
from splink import DuckDBAPI

from linkage.engine import open_engine
from linkage.model import ScoredPairs, score_pairs, together, weights_of
from linkage.model_card import Comparison, Feature, ModelCard, load_model
from linkage.records import Records, loaded_records
from linkage.weights import Weights

Row = dict[str, Code]


def ones(*places: int) -> bytes:
    return np.packbits(np.isin(np.arange(64), places)).tobytes()


def dice(one: Code, other: Code) -> float | None:
    if not one or not other:
        return None
    left, right = (np.unpackbits(np.frombuffer(each, dtype=np.uint8)) for each in (one, other))
    return 2.0 * int((left & right).sum()) / int(left.sum() + right.sum())


def level(of: Feature, similarity: float | None) -> int:
    return 0 if similarity is None else 1 + sum(similarity >= cut for cut in of.cuts)


def weight(comparison: Comparison, model: ModelCard, levels: dict[str, int]) -> float:
    """That of the cell: for a crossing, a row of cells for each level of the first feature."""
    first, *second = comparison.of
    if not second:
        return comparison.weights[levels[first]]
    width = next(each.levels for each in model.features if each.name == second[0])
    return comparison.weights[levels[first] * width :][levels[second[0]]]


def probability(bits: float) -> float:
    return 1 / (1 + 2.0**-bits)


Scored = tuple[ScoredPairs, Weights]


def score(rows: Sequence[Row], model: ModelCard) -> Scored:
    every = list(itertools.combinations(range(len(rows)), 2))
    with open_engine() as connection:
        weights = weights_of(connection, model)
    return score_pairs(weights, records(rows), candidates(every), model), weights


def told(scored: Scored) -> list[dict[str, float]]:
    found, weights = scored
    columns = {"left": found.left, "right": found.right, "weight": found.weight, "probability": found.probability}
    return pa.table(columns | weights.evidence(found.pattern).to_pydict()).to_pylist()


def check_agrees(found: Scored, rows: Sequence[Row], model: ModelCard) -> None:
    for pair in told(found):
        one, other = rows[int(pair["left"])], rows[int(pair["right"])]
        levels = {each.name: level(each, dice(one[each.code], other[each.code])) for each in model.features}
        weights = {c.name: weight(c, model, levels) for c in model.comparisons}
        assert {name: pair[f"weight_{name}"] for name in weights} == pytest.approx(weights, abs=1e-6)
        assert pair["weight"] == pytest.approx(model.prior + sum(weights.values()), abs=1e-6)
        assert pair["probability"] == pytest.approx(probability(model.prior + sum(weights.values())), abs=1e-6)


bits = st.floats(min_value=-12, max_value=12)
filters = st.binary(min_size=8, max_size=8).filter(any)
some_cuts = st.sets(st.integers(1, 99), min_size=1, max_size=4).map(lambda cuts: [cut / 100 for cut in sorted(cuts)])


@st.composite
def cards(draw: st.DrawFn) -> ModelCard:
    """Two codes, with or without their crossing, either way around."""
    features = [feature(name, draw(some_cuts)) for name in CODES]
    levels = {each.name: each.levels for each in features}
    comparisons = []
    for of in draw(st.sets(st.sampled_from([("birth",), ("name",), ("birth", "name"), ("name", "birth")]), min_size=1)):
        cells = int(np.prod([levels[name] for name in of]))
        comparisons.append(Comparison(of, tuple(draw(st.lists(bits, min_size=cells, max_size=cells)))))
    return card(features, sorted(comparisons, key=lambda each: each.of), prior=draw(bits))


@settings(deadline=None, max_examples=15)
@given(model=cards(), rows=st.data())
def test_any_card_gives_its_own_probabilities(model, rows):
    maybe = st.one_of(st.none(), filters)
    made = rows.draw(st.lists(st.fixed_dictionaries(dict.fromkeys(CODES, maybe)), min_size=2, max_size=5))
    found = score(made, model)
    assert len(found[0]) == len(made) * (len(made) - 1) // 2
    check_agrees(found, made, model)


def test_a_crossing_has_a_weight_for_every_two_levels():
    """Patterns count the first feature's levels fastest, weights the second's."""
    cells = tuple(float(place) for place in range(12))
    model = card([feature("birth", (0.5,)), feature("name", (0.5, 0.9))], [Comparison(("birth", "name"), cells)])
    with open_engine() as connection:
        scored = weights_of(connection, model).scores(np.arange(12))
    wanted = [4.0 * birth + name for name in range(4) for birth in range(3)]
    assert scored["weight_birth_by_name"].to_pylist() == pytest.approx(wanted, abs=1e-9)


def test_the_demo_towns_probabilities_are_those_of_the_shipped_card(encoded_anytown: Path, anytown_run: Path):
    model = load_model("bloom")
    pairs = pq.read_table(anytown_run / "pairs.parquet")
    with loaded_records(sorted(encoded_anytown.glob("*.codes.jsonl"))) as found:
        levels = _levels(found, pairs, model)
    total = np.full(len(pairs), model.prior)
    for comparison in model.comparisons:
        if not levels.keys() >= set(comparison.of):
            total += pairs[f"weight_{comparison.name}"].to_numpy()
            continue
        cells = np.array(comparison.weights).reshape(model.levels_of(comparison))
        expected = cells[tuple(levels[name] for name in comparison.of)]
        np.testing.assert_allclose(pairs[f"weight_{comparison.name}"].to_numpy(), expected, atol=1e-6)
        total += expected
    assert {*found.codes} <= levels.keys()
    assert len(pairs) > 5000
    np.testing.assert_allclose(pairs["weight"].to_numpy(), total, atol=1e-6)
    np.testing.assert_allclose(pairs["probability"].to_numpy(), 1 / (1 + 2.0**-total), atol=1e-6)


def _levels(found: Records, pairs: pa.Table, model: ModelCard) -> dict[str, np.ndarray]:
    """The levels of what is compared by Dice coefficients."""
    number = {key: n for n, key in enumerate(zip(found.agency_names.to_pylist(), found.rows.to_pylist(), strict=True))}
    ends = [
        np.array([number[key] for key in zip(*(pairs[f"{n}_{s}"].to_pylist() for n in ("agency", "row")), strict=True)])
        for s in "lr"
    ]
    words = np.split(found.matrix, np.cumsum([bits // 64 for bits in found.codes.values()])[:-1], axis=1)
    codes = dict(zip(found.codes, words, strict=True))
    return {each.name: _dice_levels(each, codes[each.code], *ends) for each in model.features if each.kind == "dice"}


def _dice_levels(of: Feature, codes: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    ones = np.bitwise_count(codes).sum(axis=1, dtype=np.int64)
    shared = np.bitwise_count(codes[left] & codes[right]).sum(axis=1, dtype=np.int64)
    similarity = 2.0 * shared / np.maximum(1, ones[left] + ones[right])
    missing = (ones == 0)[left] | (ones == 0)[right]
    return np.where(missing, 0, 1 + (similarity[:, None] >= np.array(of.cuts)).sum(axis=1))


@pytest.mark.parametrize("missing", [-3.5, 0.0, 1.25])
@pytest.mark.parametrize("side", ["left", "right", "both"])
def test_a_missing_code_weighs_what_the_card_says(missing, side):
    model = card([feature("name", (0.5,))], [Comparison(("name",), (missing, -4.0, 4.0))], prior=0.5)
    rows = [{"name": None if side in (where, "both") else ones(1, 2)} for where in ("left", "right")]
    (pair,) = told(score(rows, model))
    assert pair["weight_name"] == pytest.approx(missing, abs=1e-9)
    assert pair["probability"] == pytest.approx(probability(0.5 + missing), abs=1e-9)


@pytest.mark.parametrize(
    ("shared", "expected"), [(0, -2.0), (1, -2.0), (2, 1.0), (3, 1.0), (4, 3.0)], ids=lambda value: str(value)
)
def test_a_similarity_on_a_cut_belongs_to_the_level_above(shared, expected):
    """Filters of four bits each: their Dice coefficient is shared / 4."""
    model = card([feature("name", (0.5, 1.0))], [Comparison(("name",), (0.0, -2.0, 1.0, 3.0))])
    rows: list[Row] = [{"name": ones(*range(4))}, {"name": ones(*range(4 - shared, 8 - shared))}]
    (pair,) = told(score(rows, model))
    assert pair["weight_name"] == pytest.approx(expected, abs=1e-9)


def test_pairs_come_as_proposed_and_no_others():
    rows: list[Row] = [{name: ones(place) for name in CODES} for place in range(5)]
    proposed = [(0, 1), (0, 3), (2, 4)]
    with open_engine() as connection:
        found = score_pairs(weights_of(connection, card()), records(rows), candidates(proposed), card())
    assert list(zip(found.left.tolist(), found.right.tolist(), strict=True)) == proposed


def test_no_candidates_give_no_pairs_but_all_evidence():
    found, weights = score([{name: ones(1) for name in CODES}], card())
    assert weights.evidence(found.pattern).column_names == ["weight_birth", "weight_name"]
    assert len(found) == 0


@pytest.mark.parametrize("name", ["unique_id", "select", "pattern", "match_key", "cell_birth", "n" * 32])
def test_a_feature_may_be_called_anything(name):
    model = card(
        [feature("birth"), feature(name, code="name")],
        [Comparison(("birth",), (0.0, 1.0, 2.0, 3.0)), Comparison((name,), (0.0, -1.0, 0.5, 5.0))],
    )
    rows: list[Row] = [{"birth": ones(1), "name": ones(2)}, {"birth": ones(1), "name": ones(2)}, {"birth": ones(3)}]
    assert [(pair["weight_birth"], pair[f"weight_{name}"]) for pair in told(score(rows, model))] == [
        (3.0, 5.0),
        (1.0, 0.0),
        (1.0, 0.0),
    ]


def test_a_name_reaches_duckdb_only_in_quotes_or_behind_a_prefix(monkeypatch):
    asked: list[str] = []
    execute = DuckDBAPI._execute_sql_against_backend
    monkeypatch.setattr(
        DuckDBAPI, "_execute_sql_against_backend", lambda api, sql: asked.append(sql) or execute(api, sql)
    )
    model = card(
        [feature("zebra", code="birth"), feature("yak", code="name")],
        [Comparison(("zebra",), (0.0,) * 4), Comparison(("yak", "zebra"), (0.0,) * 16)],
    )
    score([{name: ones(1) for name in CODES}] * 3, model)
    text = "\n".join(asked)
    assert '"cell_zebra_l" = 0' in text
    bare = re.sub(r'"[^"]*"', "", text)
    assert set(re.findall(r"\w*(?:zebra|yak)\w*", bare)) == {
        f"{prefix}_{name}" for prefix in ("gamma", "mw") for name in ("zebra", "yak_by_zebra")
    }


some_ends = st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1])


def scored(ends: Sequence[tuple[int, int]], first: int) -> ScoredPairs:
    """Pairs in order, each with numbers of its own."""
    left, right = (np.array([pair[side] for pair in ends], dtype=np.int32) for side in (0, 1))
    number = np.arange(first, first + len(ends))
    return ScoredPairs(left, right, number / 2, number / 100, number)


def in_rows(pairs: ScoredPairs) -> list[tuple[float, ...]]:
    columns = (pairs.left, pairs.right, pairs.weight, pairs.probability, pairs.pattern)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@given(ends=st.sets(some_ends), data=st.data())
def test_pairs_put_together_stay_sorted_and_keep_their_numbers(ends, data):
    ours = sorted(pair for pair in ends if data.draw(st.booleans()))
    one, other = scored(ours, 0), scored(sorted(ends - set(ours)), 50)
    assert in_rows(together(one, other)) == sorted(in_rows(one) + in_rows(other))
