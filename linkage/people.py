"""Scored pairs -> people: clusters in which every member is supported by the whole, never by a chain.

Links are taken strongest first. Two groups become one only while the mean weight over *all* pairs between
them is positive, counting a pair that was never compared as evidence against; so a doubtful link cannot
chain two families into one person, and the result does not depend on the order of the input.

Most people are settled at a glance: records whose every pair says yes. Only where records that hang together
hold a pair that says no, or was never compared, are groups joined link by link.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from linkage.model_card import ModelCard

Evidence = tuple[float, int]  # summed bits between two groups, and the compared pairs behind the sum
Component = tuple[list[int], list[int], list[float]]  # the links of one: left, right, weight


@dataclass(frozen=True, slots=True)
class Links:
    """Compared pairs: records with left < right, each pair once, and the bits that speak for one person."""

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    weight: NDArray[np.float64]

    def __len__(self) -> int:
        """The number of pairs."""
        return len(self.left)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Links:
        """Some of the pairs."""
        return Links(self.left[chosen], self.right[chosen], self.weight[chosen])


def log2_odds(probability: float) -> float:
    """Probability -> bits of evidence."""
    return float(np.log2(probability / (1 - probability)))


ANY = -1  # a list that may name somebody twice


def cluster(links: Links, lists: NDArray[np.int16], *, threshold: float, unlinked: float) -> NDArray[np.int64]:
    """The group of each record: an array of shape (records,), each group named by its smallest member.

    *lists* tells for each record which list it is of, among those that name nobody twice, or -1: two records of one
    such list are never one person. *threshold* is the match probability at which two records alone are one person;
    *unlinked* the weight, in bits, of a pair that was not compared, which never speaks for one person however loose
    the threshold.
    """
    shift = log2_odds(threshold)
    links = Links(links.left, links.right, links.weight - shift)
    named = hanging_together(links.where(links.weight > 0), len(lists))
    within = links.where(named[links.left] == named[links.right])
    doubtful = _doubtful(within, named) | _named_twice(named, lists)
    for component in _one_by_one(within.where(doubtful[named[within.left]]), named):
        _join_strongest_first(named, component, lists, unlinked=min(unlinked - shift, 0.0))
    return named


def hanging_together(links: Links, records: int) -> NDArray[np.int64]:
    """Each record's component of links, whatever their weights, named by its smallest record."""
    graph = coo_matrix((np.ones(len(links), dtype=np.int8), (links.left, links.right)), shape=(records, records))
    count, component = connected_components(graph, directed=False)
    smallest = np.full(count, records, dtype=np.int64)
    np.minimum.at(smallest, component, np.arange(records))
    named: NDArray[np.int64] = smallest[component]
    return named


def _doubtful(within: Links, named: NDArray[np.int64]) -> NDArray[np.bool_]:
    """By component's name: whether a pair of its records says no, or was never compared."""
    sizes = np.bincount(named, minlength=len(named))
    compared = np.bincount(named[within.left], minlength=len(named))
    against = np.bincount(named[within.left][within.weight <= 0], minlength=len(named))
    doubtful: NDArray[np.bool_] = (compared < sizes * (sizes - 1) // 2) | (against > 0)
    return doubtful


def _named_twice(named: NDArray[np.int64], lists: NDArray[np.int16]) -> NDArray[np.bool_]:
    """By component's name: whether two of its records are of one list that names nobody twice."""
    clean = np.flatnonzero(lists != ANY)
    keys, counts = np.unique(named[clean] * (int(lists.max(initial=0)) + 1) + lists[clean], return_counts=True)
    twice = np.zeros(len(named), dtype=np.bool_)
    twice[keys[counts > 1] // (int(lists.max(initial=0)) + 1)] = True
    return twice


def _one_by_one(links: Links, named: NDArray[np.int64]) -> Iterator[Component]:
    """The links of one component after another."""
    order = np.argsort(named[links.left], kind="stable")
    links = links.where(order)
    starts = np.flatnonzero(np.diff(named[links.left], prepend=-1, append=-1)).tolist()
    for start, end in itertools.pairwise(starts):
        some = slice(start, end)
        yield links.left[some].tolist(), links.right[some].tolist(), links.weight[some].tolist()


@dataclass(slots=True)
class _Groups:
    """Disjoint groups of records, each standing under one of them, and the evidence between neighbouring groups."""

    home: dict[int, int]  # a record on the way to the one that its group stands under, which is its own home
    size: dict[int, int]
    lists: dict[int, frozenset[int]]  # those that name nobody twice, of a group's records
    between: dict[int, dict[int, Evidence]]

    @classmethod
    def of(cls, links: Component, lists: NDArray[np.int16]) -> _Groups:
        """Every record alone."""
        members = sorted({*links[0], *links[1]})
        between: dict[int, dict[int, Evidence]] = {record: {} for record in members}
        for a, b, weight in zip(*links, strict=True):
            between[a][b] = between[b][a] = (weight, 1)
        own = {record: frozenset({one} - {ANY}) for record, one in zip(members, lists[members].tolist(), strict=True)}
        return cls({record: record for record in members}, dict.fromkeys(members, 1), own, between)


def _join_strongest_first(
    named: NDArray[np.int64], links: Component, lists: NDArray[np.int16], *, unlinked: float
) -> None:
    """Name the records of one component by the smallest of their group."""
    groups = _Groups.of(links, lists)
    useful = [(-weight, a, b) for a, b, weight in zip(*links, strict=True) if weight > 0]
    for _, a, b in sorted(useful):
        _merge_if_supported(groups, a, b, unlinked=unlinked)
    smallest: dict[int, int] = {}
    for record in sorted(groups.home):
        named[record] = smallest.setdefault(_home(groups, record), record)


def _merge_if_supported(groups: _Groups, a: int, b: int, *, unlinked: float) -> None:
    one, other = _home(groups, a), _home(groups, b)
    if one == other or groups.lists[one] & groups.lists[other]:
        return
    total, known = groups.between[one][other]
    if total + (groups.size[one] * groups.size[other] - known) * unlinked > 0:
        _merge(groups, one, other)


def _home(groups: _Groups, record: int) -> int:
    """The record that a record's group stands under; halves the way there, so that long chains stay cheap."""
    home = groups.home
    while home[record] != record:
        home[record] = home[home[record]]
        record = home[record]
    return record


def _merge(groups: _Groups, one: int, other: int) -> None:
    """The group with fewer neighbours goes over to the other, whichever it is: sums and names do not depend on it."""
    gone, kept = sorted((one, other), key=lambda group: len(groups.between[group]))
    groups.home[gone] = kept
    groups.size[kept] += groups.size[gone]
    groups.lists[kept] |= groups.lists[gone]
    for neighbour, (weight, known) in groups.between.pop(gone).items():
        del groups.between[neighbour][gone]
        if neighbour != kept:
            before = groups.between[kept].get(neighbour, (0.0, 0))
            now = (before[0] + weight, before[1] + known)
            groups.between[kept][neighbour] = groups.between[neighbour][kept] = now


@dataclass(frozen=True, slots=True)
class People:
    """The person of each record under each of a card's thresholds."""

    best: NDArray[np.int64]  # for counts
    care: NDArray[np.int64]  # for care matches, where a wrong one does harm
    strict: NDArray[np.int64]  # more people: only sure links
    loose: NDArray[np.int64]  # fewer people: doubtful links too


def form_people(links: Links, lists: NDArray[np.int16], card: ModelCard) -> People:
    """Cluster under each of the card's thresholds; *lists* as for :func:`cluster`."""
    limits = card.thresholds
    links = _that_may_matter(links, len(lists), loosest=min(limits.counts, limits.care, limits.strict, limits.loose))
    return People(
        *(
            cluster(links, lists, threshold=threshold, unlinked=card.unlinked)
            for threshold in (limits.counts, limits.care, limits.strict, limits.loose)
        )
    )


def _that_may_matter(links: Links, records: int, *, loosest: float) -> Links:
    """The links between records that hang together under the loosest threshold: under a stricter one no others do."""
    named = hanging_together(links.where(links.weight > log2_odds(loosest)), records)
    return links.where(named[links.left] == named[links.right])


def weakest_link(links: Links, *, records: int) -> float | None:
    """The bits of the weakest link on the strongest tree that holds together whom *links* are about; none of one."""
    if not len(links):
        return None
    above = links.weight.max() + 1.0 - links.weight  # a tree of least sums, none of them zero
    graph = coo_matrix((above, (links.left, links.right)), shape=(records, records))
    return float(links.weight.max() + 1.0 - minimum_spanning_tree(graph).data.max())
