"""Pairs, B-cubed and calibration are those of a slow count over all pairs, and of recordlinkage."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import recordlinkage
from hypothesis import given
from hypothesis import strategies as st

from evaluation.calibration import expected_calibration_error, reliability
from evaluation.figures import Groupings, Pairs, People, Shares, score, touching

clients = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz"), st.sampled_from(["clinic", "ymca"])), max_size=12
)
Client = tuple[str, str, str]  # true person, found person, agency


def groupings(made: list[Client]) -> Groupings:
    keys = [(agency, f"{n:02}") for n, (_, _, agency) in enumerate(made)]
    true, found = ({key: client[place] for key, client in zip(keys, made, strict=True)} for place in (0, 1))
    return Groupings.of(true, found)


def slow_pairs(made: list[Client], keep=lambda a, b: True) -> Pairs:
    pairs = [(a, b) for a, b in itertools.combinations(made, 2) if keep(a, b)]
    true, found = ([a[place] == b[place] for a, b in pairs] for place in (0, 1))
    return Pairs(sum(true), sum(found), sum(t and f for t, f in zip(true, found, strict=True)))


@given(clients)
def test_pairs_are_those_of_a_slow_count(made):
    figures = score(groupings(made))
    assert figures.pairs == slow_pairs(made)
    assert figures.within == slow_pairs(made, lambda a, b: a[2] == b[2])
    assert figures.across == slow_pairs(made, lambda a, b: a[2] != b[2])
    assert figures.people == People(len({client[0] for client in made}), len({client[1] for client in made}))


@given(clients)
def test_bcubed_is_that_of_a_slow_count(made):
    """Bagga and Baldwin 1998, word for word: a mean over clients."""
    precision, recall = [], []
    for true, found, _ in made:
        both = sum(t == true and f == found for t, f, _ in made)
        precision.append(both / sum(f == found for _, f, _ in made))
        recall.append(both / sum(t == true for t, _, _ in made))
    expected = Shares(float(np.mean(precision)), float(np.mean(recall))) if made else Shares(1.0, 1.0)
    measured = score(groupings(made)).bcubed
    assert (measured.precision, measured.recall) == pytest.approx((expected.precision, expected.recall))


def test_bcubed_of_the_example_of_its_authors():
    """Bagga and Baldwin 1998, figure 1: five, two and five entities, of which two groups were taken for one."""
    true = [1] * 5 + [2] * 2 + [3] * 5
    found = [1] * 5 + [2] * 7
    numbers = [np.array(labels) for labels in (true, found, [0] * 12)]
    assert score(Groupings(*numbers)).bcubed.precision == pytest.approx((5 + 2 * 2 / 7 + 5 * 5 / 7) / 12)
    assert score(Groupings(*numbers)).bcubed.recall == 1


@given(clients, st.sets(st.integers(0, 11)))
def test_pairs_that_touch_a_group_are_those_of_a_slow_count(made, chosen):
    where = np.array([n in chosen for n in range(len(made))], dtype=bool)
    order = sorted(range(len(made)), key=lambda n: (made[n][2], f"{n:02}"))  # groupings are in the order of their keys
    marked = [(*made[n], bool(flag)) for n, flag in zip(order, where, strict=True)]
    assert touching(groupings(made), where) == slow_pairs(marked, lambda a, b: a[3] or b[3])


@given(clients)
def test_what_was_found_right_is_symmetrical(made):
    """Truth and finding exchanged exchange precision and recall."""
    there = score(groupings(made))
    back = score(groupings([(found, true, agency) for true, found, agency in made]))
    assert there.shares == Shares(back.shares.recall, back.shares.precision)
    assert (there.bcubed.precision, there.bcubed.recall) == pytest.approx((back.bcubed.recall, back.bcubed.precision))


@given(clients)
def test_the_truth_itself_is_faultless(made):
    figures = score(groupings([(true, true, agency) for true, _, agency in made]))
    assert figures.shares == Shares(1.0, 1.0)
    assert (figures.bcubed.precision, figures.bcubed.recall) == pytest.approx((1.0, 1.0))
    assert figures.people.error_percent == 0


@given(clients)
def test_the_figures_are_those_of_recordlinkage(made):
    links = []
    for place in (0, 1):
        pairs = [(a, b) for a, b in itertools.combinations(range(len(made)), 2) if made[a][place] == made[b][place]]
        links.append(pd.MultiIndex.from_tuples(pairs, names=("a", "b")) if pairs else None)
    if links[0] is not None and links[1] is not None:
        shares = score(groupings(made)).shares
        assert shares.precision == pytest.approx(recordlinkage.precision(*links))
        assert shares.recall == pytest.approx(recordlinkage.recall(*links))
        if len(links[0].intersection(links[1])):
            assert shares.f1 == pytest.approx(recordlinkage.fscore(*links))


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=30))
def test_the_calibration_error_is_that_of_a_slow_count(scored):
    total = 0.0
    for place in range(10):
        inside = [(p, right) for p, right in scored if min(int(p * 10), 9) == place]
        total += abs(sum(p for p, _ in inside) - sum(right for _, right in inside))
    probability = np.array([p for p, _ in scored])
    right = np.array([right for _, right in scored], dtype=bool)
    assert expected_calibration_error(probability, right) == pytest.approx(total / max(1, len(scored)))


def test_probabilities_that_come_true_as_often_as_stated_are_calibrated():
    assert expected_calibration_error(np.full(10, 0.75), np.arange(20)[:10] < 7) == pytest.approx(0.05)
    assert expected_calibration_error(np.full(8, 0.75), np.arange(8) < 6) == 0


def test_certainty_shares_the_last_bin():
    found = expected_calibration_error(np.array([0.95, 1.0]), np.array([True, False]))
    assert found == pytest.approx(abs(1.95 - 1) / 2)


def test_the_reliability_of_each_bin_is_told():
    found = reliability(np.array([0.12, 0.18, 0.9]), np.array([False, True, True]))
    assert found.pairs.tolist() == [0, 2, 0, 0, 0, 0, 0, 0, 0, 1]
    assert (found.stated[1], found.observed[1]) == pytest.approx((0.15, 0.5))
    assert np.isnan(found.stated[0])
