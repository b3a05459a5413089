"""Laws of forming people, on random graphs, beside an oracle that recomputes everything at every step."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_records import links
from numpy.typing import NDArray

from linkage import people
from linkage.cells import CellKey, TrueCell, TrueRelease, TrueTable
from linkage.disclosure import INTERNAL, release
from linkage.people import ANY, cluster, log2_odds

Graph = Mapping[tuple[int, int], float]  # (smaller, larger) -> bits
RECORDS = 9
MANY = 40

quarters = st.integers(min_value=-24, max_value=24).map(lambda n: n / 4)  # sums of these are exact
ends = st.tuples(st.integers(0, RECORDS - 1), st.integers(0, RECORDS - 1)).filter(lambda pair: pair[0] < pair[1])
graphs = st.dictionaries(ends, quarters, max_size=24)
against = st.sampled_from([-8.0, -2.0, -0.25, 0.0])


def group(
    graph: Graph, *, threshold: float = 0.5, unlinked: float = -2.0, order: Sequence[int] | None = None
) -> list[int]:
    edges = [(a, b, weight) for (a, b), weight in graph.items()]
    edges = edges if order is None else [edges[place] for place in order]
    return cluster(links(edges), np.full(RECORDS, ANY, np.int16), threshold=threshold, unlinked=unlinked).tolist()


def evidence(graph: Graph, one: frozenset[int], other: frozenset[int], unlinked: float) -> Fraction:
    """The summed weight of all pairs between two groups, exactly."""
    pairs = ((min(a, b), max(a, b)) for a in one for b in other)
    return sum((Fraction(graph.get(pair, unlinked)) for pair in pairs), Fraction(0))


def oracle(graph: Graph, unlinked: float, records: int = RECORDS) -> list[int]:
    """The rule as it is told: links strongest first; join two groups while all their pairs together say yes."""
    people = {frozenset({n}) for n in range(records)}
    for (a, b), weight in sorted(graph.items(), key=lambda edge: (-edge[1], edge[0])):
        one, other = (next(person for person in people if n in person) for n in (a, b))
        if weight > 0 and one != other and evidence(graph, one, other, unlinked) > 0:
            people = people - {one, other} | {one | other}
    return [min(next(person for person in people if n in person)) for n in range(records)]


def members(found: Sequence[int]) -> list[frozenset[int]]:
    return [frozenset(n for n, name in enumerate(found) if name == one) for one in sorted(set(found))]


@settings(max_examples=400)
@given(graph=graphs, unlinked=against)
def test_people_are_those_of_the_slow_oracle(graph, unlinked):
    assert group(graph, unlinked=unlinked) == oracle(graph, unlinked)


@st.composite
def many_small_graphs(draw: st.DrawFn) -> dict[tuple[int, int], float]:
    """Families of up to four records, mingled; most agree on every pair, and a few pairs lead across."""
    numbers = draw(st.permutations(range(MANY)))
    families = [sorted(numbers[start : start + 4]) for start in range(0, MANY, 4)]
    found: dict[tuple[int, int], float] = {}
    for family in families:
        clear = draw(st.booleans())
        for pair in itertools.combinations(family[: draw(st.integers(1, 4))], 2):
            if clear or draw(st.booleans()):
                found[pair] = draw(st.integers(1, 24) if clear else st.integers(-24, 24)) / 4
    across = st.tuples(st.sampled_from(numbers), st.sampled_from(numbers)).filter(lambda pair: pair[0] < pair[1])
    return found | draw(st.dictionaries(across, quarters, max_size=4))


def grouped(graph: Graph, unlinked: float) -> list[int]:
    edges = [(a, b, weight) for (a, b), weight in graph.items()]
    return cluster(links(edges), np.full(MANY, ANY, np.int16), threshold=0.5, unlinked=unlinked).tolist()


def all_doubtful(_within: object, named: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.ones(len(named), dtype=np.bool_)


@settings(max_examples=200, deadline=None)
@given(graph=many_small_graphs(), unlinked=against)
def test_people_without_doubt_are_those_that_joining_link_by_link_gives(graph, unlinked):
    found = grouped(graph, unlinked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "_doubtful", all_doubtful)
        assert grouped(graph, unlinked) == found
    assert found == oracle(graph, unlinked, MANY)


def test_only_people_in_doubt_are_joined_link_by_link(monkeypatch):
    """Three records that all agree, two that agree, and a chain whose ends were never compared."""
    asked: list[list[int]] = []
    join = people._join_strongest_first

    def watch(named: NDArray[np.int64], some: people.Component, lists: NDArray[np.int16], *, unlinked: float) -> None:
        asked.append(sorted({*some[0], *some[1]}))
        join(named, some, lists, unlinked=unlinked)

    monkeypatch.setattr(people, "_join_strongest_first", watch)
    graph = {(0, 3): 5.0, (0, 6): 4.0, (3, 6): 1.0, (1, 4): 2.0, (2, 5): 3.0, (5, 7): 3.0, (2, 8): -3.0}
    assert group(graph) == [0, 1, 2, 0, 1, 2, 0, 2, 8]
    assert asked == [[2, 5, 7]]


@given(graph=graphs, unlinked=against)
def test_every_record_is_in_exactly_one_group_named_by_its_smallest_member(graph, unlinked):
    found = group(graph, unlinked=unlinked)
    assert len(found) == RECORDS
    assert all(name == min(person) for person in members(found) for name in {found[n] for n in person})


@given(graph=graphs, unlinked=against, data=st.data())
def test_the_order_of_the_pairs_does_not_matter(graph, unlinked, data):
    order = data.draw(st.permutations(range(len(graph))))
    assert group(graph, unlinked=unlinked, order=order) == group(graph, unlinked=unlinked)


@given(graph=graphs, unlinked=against)
def test_no_two_groups_are_joined_whose_mean_weight_is_not_positive(graph, unlinked):
    def members_of(groups: people._Groups, home: int) -> frozenset[int]:
        return frozenset(n for n in list(groups.home) if people._home(groups, n) == home)

    def merge(groups: people._Groups, one: int, other: int) -> None:
        assert evidence(graph, members_of(groups, one), members_of(groups, other), unlinked) > 0
        join(groups, one, other)

    join = people._merge
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "_merge", merge)
        group(graph, unlinked=unlinked)


@given(graph=graphs, unlinked=against)
def test_no_two_people_are_left_apart_whom_all_evidence_joins(graph, unlinked):
    for one, other in itertools.combinations(members(group(graph, unlinked=unlinked)), 2):
        assert evidence(graph, one, other, unlinked) <= 0


@given(graph=graphs, unlinked=against)
def test_no_person_can_be_parted_from_all_others_without_losing_evidence(graph, unlinked):
    """Joined groups had a positive sum between them, so within a person all pairs together say yes."""
    for person in members(group(graph, unlinked=unlinked)):
        pairs = itertools.combinations(sorted(person), 2)
        total = sum((Fraction(graph.get(pair, unlinked)) for pair in pairs), Fraction(0))
        assert total > 0 or len(person) == 1


@given(weight=st.floats(min_value=0.5, max_value=20), other=st.floats(min_value=0.5, max_value=20))
def test_no_chain_joins_two_records_that_strongly_differ(weight, other):
    graph = {(0, 1): weight, (1, 2): other, (0, 2): -weight - other}
    found = group(graph)
    assert found[0] != found[2]
    assert len(set(found[:3])) == 2


@given(graph=graphs, records=st.permutations(range(RECORDS)))
def test_people_do_not_depend_on_the_numbers_of_records_when_no_two_links_are_as_strong(graph, records):
    distinct = {pair: weight + place / 4096 for place, (pair, weight) in enumerate(sorted(graph.items()))}
    moved = {tuple(sorted((records[a], records[b]))): weight for (a, b), weight in distinct.items()}
    found = members(group(distinct))
    assert {frozenset(records[n] for n in person) for person in found} == set(members(group(moved)))


@given(graph=graphs, unlinked=st.sampled_from([-8.0, -2.5]))
def test_a_threshold_is_a_shift_of_all_weights(graph, unlinked):
    shift = log2_odds(0.2)
    shifted = {pair: weight - shift for pair, weight in graph.items()}
    assert shift == -2.0
    assert group(graph, threshold=0.2, unlinked=unlinked) == group(shifted, threshold=0.5, unlinked=unlinked - shift)


@given(graph=graphs)
def test_no_pair_above_the_threshold_means_nobody_is_joined(graph):
    assert group(graph, threshold=0.9999) == list(range(RECORDS))


@given(graph=st.dictionaries(ends, st.integers(1, 24).map(float), max_size=24))
def test_where_no_evidence_is_contrary_people_are_the_connected_parts(graph):
    parts = nx.Graph(graph.keys())
    parts.add_nodes_from(range(RECORDS))
    assert {frozenset(part) for part in nx.connected_components(parts)} == set(members(group(graph, unlinked=0.0)))


def test_a_stricter_threshold_hardly_ever_gives_fewer_people():
    dice = Random(7)
    ends = list(itertools.combinations(range(RECORDS), 2))
    for _ in range(300):
        graph = {pair: dice.randint(-24, 24) / 4 for pair in dice.sample(ends, 20)}
        loose, best, strict = (len(set(group(graph, threshold=threshold))) for threshold in (0.2, 0.5, 0.9))
        assert loose <= best <= strict


def test_but_it_can_so_a_range_is_widened_to_hold_its_estimate():
    """Loosely, 2 joins 0 and 1, who keep it from 3 and 4; strictly it is free to join them together."""
    graph = {(0, 1): 10.0, (0, 2): 6.0, (1, 2): -7.5, (2, 3): 5.0, (2, 4): 5.0, (3, 4): -4.0}
    graph |= {(a, b): -6.0 for a in (0, 1) for b in (3, 4)}
    loose, strict = (len(set(group(graph, threshold=threshold)[:5])) for threshold in (0.2, 0.5))
    assert (loose, strict) == (3, 2)
    total = TrueCell(CellKey.of("people"), count=strict, low=loose, high=strict, agencies=2)
    table = TrueTable("all", "", "people", (), ("",), (), total)
    shown = release(TrueRelease("run", (table,), ()), INTERNAL).table("all").total.cells[0]
    assert (shown.low.value, shown.people.value, shown.high.value) == (2, 2, 3)
