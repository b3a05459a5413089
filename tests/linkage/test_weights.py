"""What comparisons say together is the sum of what they say apart, however they are put together."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_files import card, feature

from linkage import weights
from linkage.levels import digits
from linkage.model_card import Comparison, ModelCard, load_model
from linkage.weights import MOST_TOGETHER, Weights, parted, probability_of

FEATURES = [feature("a", (0.1, 0.5)), feature("b", (0.3,)), feature("c", (0.2, 0.4, 0.6))]
CARD = card(
    FEATURES,
    [
        Comparison(("a",), (0.5, -1.0, 2.0, 3.5)),
        Comparison(("b", "c"), tuple(place / 3 for place in range(15))),
        Comparison(("c",), (-1.0, -0.1, 0.1, 0.2, 7.0)),
        Comparison(("c", "a"), tuple(place / -7 for place in range(20))),
    ],
    prior=-3.25,
)
EVERY = np.arange(4 * 3 * 5, dtype=np.int64)


def added_up(found: np.ndarray, model: ModelCard) -> pa.Table:
    """The slow, obvious way, for one card."""
    levels = digits(found, model)
    each = {
        f"weight_{comparison.name}": np.array(comparison.weights)[model.cells(comparison, levels)]
        for comparison in model.comparisons
    }
    return pa.table({"weight": model.prior + sum(each.values()), **each})


@pytest.mark.parametrize("most", [1, 4, 12, 20, 60, 1000])
def test_weights_are_those_of_the_whole_card_however_it_is_parted(monkeypatch, most):
    monkeypatch.setattr(weights, "MOST_TOGETHER", most)
    found, wanted = Weights(CARD, added_up), added_up(EVERY, CARD)
    np.testing.assert_allclose(found.of(EVERY), wanted["weight"].to_numpy(), atol=1e-12)
    assert found.evidence(EVERY).equals(wanted.drop_columns(["weight"]))


@settings(deadline=None)
@given(st.lists(st.sampled_from(EVERY.tolist()), max_size=40), st.integers(1, 9), st.integers(1, 3))
def test_how_patterns_are_shared_out_changes_no_bit(some, at_once, threads):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weights, "AT_ONCE", at_once)
        patch.setattr(weights, "MOST_TOGETHER", 20)
        every = Weights(CARD, added_up).of(EVERY)
        found = Weights(CARD, added_up, threads=threads).of(np.array(some, dtype=np.int64))
    assert found.tolist() == [every[place] for place in some]


@pytest.mark.parametrize("profile", ["bloom", "hardened"])
def test_parts_hold_every_comparison_once_and_one_of_them_the_prior(profile):
    model = load_model(profile)
    parts = parted(model)
    assert [comparison for part in parts for comparison in part.comparisons] == list(model.comparisons)
    assert [part.prior for part in parts] == [model.prior] + [0.0] * (len(parts) - 1)
    sizes = [np.prod([each.levels for each in part.features]) for part in parts]
    assert max(sizes) <= MOST_TOGETHER
    assert sum(sizes) < 20_000


@given(st.floats(-1000, 1000))
def test_probabilities_are_those_of_the_odds(bits):
    found = float(probability_of(np.array([bits]))[0])
    assert 0 <= found <= 1
    assert found == pytest.approx(1 / (1 + 2.0**-bits), rel=1e-12, abs=1e-300)
    assert found + float(probability_of(np.array([-bits]))[0]) == pytest.approx(1)
