"""People are groups that every member supports; a chain of doubtful links is not a person."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from made_files import LIMITS, card
from made_records import links

from linkage.people import ANY, cluster, form_people, log2_odds, weakest_link

Scored = tuple[int, int, float]  # left, right, bits


def groups(scored: Sequence[Scored], *, records: int, threshold: float = 0.5, unlinked: float = -2.0) -> list[int]:
    return cluster(links(scored), np.full(records, ANY, np.int16), threshold=threshold, unlinked=unlinked).tolist()


@pytest.mark.parametrize(
    ("scored", "expected"),
    [
        ([], [0, 1, 2]),
        ([(0, 1, 5.0)], [0, 0, 2]),
        ([(0, 1, -5.0)], [0, 1, 2]),
        ([(0, 1, 0.0)], [0, 1, 2]),
        ([(0, 1, 5.0), (1, 2, 5.0), (0, 2, 5.0)], [0, 0, 0]),
        ([(0, 1, 5.0), (1, 2, 5.0), (0, 2, -1.0)], [0, 0, 0]),
        ([(0, 1, 6.0), (1, 2, 5.0), (0, 2, -8.0)], [0, 0, 2]),
        ([(0, 1, 5.0), (1, 2, 6.0), (0, 2, -8.0)], [0, 1, 1]),
    ],
    ids=[
        "nothing known",
        "a pair that agrees",
        "a pair that differs",
        "a pair that could be either",
        "all agree",
        "one pair in doubt among three",
        "a chain against strong evidence",
        "the stronger link of a chain",
    ],
)
def test_who_is_one_person(scored, expected):
    assert groups(scored, records=3) == expected


def test_a_chain_of_strong_links_is_not_one_person_when_its_ends_disagree():
    """Father and son at one address with one name, and a record that is like both."""
    assert len(set(groups([(0, 1, 7.0), (1, 2, 7.0), (0, 2, -20.0)], records=3))) == 2


def test_a_pair_that_was_never_proposed_speaks_against_one_person():
    chain = [(0, 1, 3.0), (1, 2, 3.0)]
    assert groups(chain, records=3, unlinked=-2.0) == [0, 0, 0]
    assert groups(chain, records=3, unlinked=-4.0) == [0, 0, 2]


def test_a_pair_that_was_never_proposed_never_speaks_for_one_person():
    """However loose the threshold: here it lies seven bits below a pair of unknown evidence."""
    loose = 1 / (1 + 2.0**9)
    bridge = [(0, 1, 5.0), (2, 3, 5.0), (1, 2, -8.0), (0, 2, -12.0)]
    assert groups(bridge, records=4, threshold=loose, unlinked=-2.0) == [0, 0, 2, 2]


@pytest.mark.parametrize(("threshold", "expected"), [(1e-9, [0, 0, 2]), (0.999999999, [0, 1, 2])])
def test_at_the_extremes_every_proposed_pair_is_one_person_or_none_is(threshold, expected):
    assert groups([(0, 1, 3.0)], records=3, threshold=threshold) == expected


@pytest.mark.parametrize(("threshold", "expected"), [(0.79, [0, 0]), (0.81, [0, 1])])
def test_two_records_are_one_person_above_the_threshold(threshold, expected):
    assert groups([(0, 1, log2_odds(0.8))], records=2, threshold=threshold) == expected


def test_the_groupings_follow_the_cards_thresholds():
    scored = [(0, 1, log2_odds(0.3)), (2, 3, log2_odds(0.7)), (4, 5, log2_odds(0.93))]
    people = form_people(links(scored), np.full(6, ANY, np.int16), card(thresholds=LIMITS))
    assert people.loose.tolist() == [0, 0, 2, 2, 4, 4]
    assert people.best.tolist() == [0, 1, 2, 2, 4, 4]
    assert people.strict.tolist() == [0, 1, 2, 3, 4, 4]
    assert people.care.tolist() == [0, 1, 2, 3, 4, 5]


LONG = 20_000


def test_a_long_chain_without_contrary_evidence_is_one_person():
    rising = [(n, n + 1, 1.0 + n / LONG) for n in range(LONG - 1)]
    assert set(groups(rising, records=LONG, unlinked=0.0)) == {0}


def test_a_long_chain_with_a_hub_is_one_person():
    """Each link of the hub asks where its last record is by now; walking the whole chain each time takes hours."""
    chain = [(n, n + 1, 6.0 + n / LONG) for n in range(LONG - 1)]
    hub = [(n, LONG - 1, 1.0 + n / LONG) for n in range(LONG - 2)]
    assert set(groups(chain + hub, records=LONG, unlinked=0.0)) == {0}


def test_a_long_chain_with_contrary_evidence_breaks_into_small_groups():
    found = groups([(n, n + 1, 1.0 + n / LONG) for n in range(LONG - 1)], records=LONG, unlinked=-2.0)
    assert np.unique(found, return_counts=True)[1].max() <= 4


def test_two_records_of_a_list_that_names_nobody_twice_are_two_people():
    """The stronger link of the two decides who of the list it is."""
    scored = [(0, 1, 5.0), (0, 2, 6.0), (1, 2, 7.0)]
    lists = np.array([ANY, 0, 0], np.int16)
    assert cluster(links(scored), lists, threshold=0.5, unlinked=-2.0).tolist() == [0, 1, 0]


def test_clean_lists_keep_nobody_of_other_lists_apart():
    scored = [(0, 1, 5.0), (0, 2, 6.0), (1, 2, 7.0)]
    lists = np.array([0, 1, 2], np.int16)
    assert cluster(links(scored), lists, threshold=0.5, unlinked=-2.0).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("scored", "expected"),
    [([], None), ([(0, 1, 3.0)], 3.0), ([(0, 1, 3.0), (1, 2, 5.0), (0, 2, -7.0)], 3.0), ([(0, 1, -2.0)], -2.0)],
)
def test_the_weakest_link_is_the_one_that_holds_a_person_together(scored, expected):
    assert weakest_link(links(scored), records=3) == (None if expected is None else pytest.approx(expected))
