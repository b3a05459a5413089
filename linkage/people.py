"""Scored pairs -> people: clusters in which every member is supported by the whole, never by a chain.

Links are taken strongest first. Two groups become one only while the mean weight over *all* pairs between
them is positive, counting a pair that was never compared as evidence against; so a doubtful link cannot
chain two families into one person, and the result does not depend on the order of the input.

Most people are settled at a glance: records whose every pair says yes. Only where records that hang together
hold a pair that says no, or was never compared, are groups joined link by link.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from linkage.model_card import ModelCard

Evidence = tuple[float, int]  # summed bits between two groups, and the compared pairs behind the sum


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


def cluster(links: Links, *, records: int, threshold: float, unlinked: float) -> NDArray[np.int64]:
    """The group of each record: an array of shape (records,), each group named by its smallest member.

    *threshold* is the match probability at which two records alone are one person; *unlinked* the weight, in bits,
    of a pair that was not compared, which never speaks for one person however loose the threshold.
    """
    shift = log2_odds(threshold)
    links = Links(links.left, links.right, links.weight - shift)
    named = _hanging_together(links.where(links.weight > 0), records)
    within = links.where(named[links.left] == named[links.right])
    doubtful = _doubtful(within, named)
    for left, right, weight in _one_by_one(within.where(doubtful[named[within.left]]), named):
        _join_strongest_first(named, (left, right, weight), unlinked=min(unlinked - shift, 0.0))
    return named


def _hanging_together(links: Links, records: int) -> NDArray[np.int64]:
    """Each record's component, named by its smallest record."""
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


def _one_by_one(links: Links, named: NDArray[np.int64]) -> Iterator[tuple[list[int], list[int], list[float]]]:
    """The links of one component after another."""
    order = np.argsort(named[links.left], kind="stable")
    links = links.where(order)
    starts = np.flatnonzero(np.diff(named[links.left], prepend=-1))
    for start, end in zip(starts.tolist(), [*starts.tolist(), len(links)][1:], strict=True):
        some = slice(start, end)
        yield links.left[some].tolist(), links.right[some].tolist(), links.weight[some].tolist()


@dataclass(slots=True)
class _Groups:
    """Disjoint groups of records, each standing under one of them, and the evidence between neighbouring groups."""

    home: dict[int, int]  # a record on the way to the one that its group stands under, which is its own home
    size: dict[int, int]
    between: dict[int, dict[int, Evidence]]


def _join_strongest_first(
    named: NDArray[np.int64], links: tuple[list[int], list[int], list[float]], *, unlinked: float
) -> None:
    """Name the records of one component by the smallest of their group."""
    groups = _Groups({}, {}, {})
    for a, b, weight in zip(*links, strict=True):
        for record in (a, b):
            groups.home.setdefault(record, record)
            groups.size.setdefault(record, 1)
        groups.between.setdefault(a, {})[b] = groups.between.setdefault(b, {})[a] = (weight, 1)
    useful = [(-weight, a, b) for a, b, weight in zip(*links, strict=True) if weight > 0]
    for _, a, b in sorted(useful):
        _merge_if_supported(groups, a, b, unlinked=unlinked)
    smallest: dict[int, int] = {}
    for record in sorted(groups.home):
        named[record] = smallest.setdefault(_home(groups, record), record)


def _merge_if_supported(groups: _Groups, a: int, b: int, *, unlinked: float) -> None:
    one, other = _home(groups, a), _home(groups, b)
    if one == other:
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
    for neighbour, (weight, known) in groups.between.pop(gone).items():
        del groups.between[neighbour][gone]
        if neighbour != kept:
            before = groups.between[kept].get(neighbour, (0.0, 0))
            now = (before[0] + weight, before[1] + known)
            groups.between[kept][neighbour] = groups.between[neighbour][kept] = now


@dataclass(frozen=True, slots=True)
class People:
    """The person of each record under the threshold for counts and under the two that bound the range."""

    best: NDArray[np.int64]
    strict: NDArray[np.int64]  # more people: only sure links
    loose: NDArray[np.int64]  # fewer people: doubtful links too


def form_people(links: Links, *, records: int, card: ModelCard) -> People:
    """Cluster under each of the card's thresholds."""
    limits = card.thresholds
    return People(
        *(
            cluster(links, records=records, threshold=threshold, unlinked=card.unlinked)
            for threshold in (limits.counts, limits.strict, limits.loose)
        )
    )
