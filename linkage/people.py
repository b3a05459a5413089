"""Scored pairs -> people: clusters in which every member is supported by the whole, never by a chain.

Links are taken strongest first. Two groups become one only while the mean weight over *all* pairs between
them is positive, counting a pair that was never proposed as evidence against; so a doubtful link cannot
chain two families into one person, and the result does not depend on the order of the input.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.model_card import ModelCard

Evidence = tuple[float, int]  # summed bits between two groups, and the scored pairs behind the sum


@dataclass(slots=True)
class _Groups:
    """Disjoint groups of records, each standing under one of them, and the evidence between neighbouring groups."""

    home: list[int]  # a record on the way to the one that its group stands under, which is its own home
    size: list[int]
    between: dict[int, dict[int, Evidence]]


def log2_odds(probability: float) -> float:
    """Probability -> bits of evidence."""
    return float(np.log2(probability / (1 - probability)))


def cluster(pairs: pa.Table, *, records: int, threshold: float, unlinked: float) -> NDArray[np.int64]:
    """The group of each record: an array of shape (records,), each group named by its smallest member.

    *pairs* has ``left``, ``right``, ``weight`` (bits). *threshold* is the match probability at which two
    records alone are one person; *unlinked* the weight, in bits, of a pair that was not proposed, which never
    speaks for one person however loose the threshold.
    """
    shift = log2_odds(threshold)
    weights = pairs["weight"].to_numpy() - shift
    left, right = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    groups = _Groups(list(range(records)), [1] * records, {})
    for a, b, weight in zip(left.tolist(), right.tolist(), weights.tolist(), strict=True):
        groups.between.setdefault(a, {})[b] = groups.between.setdefault(b, {})[a] = (weight, 1)
    useful = np.flatnonzero(weights > 0)
    for place in useful[np.lexsort((right[useful], left[useful], -weights[useful]))].tolist():
        _merge_if_supported(groups, int(left[place]), int(right[place]), unlinked=min(unlinked - shift, 0.0))
    return _names(groups)


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


def _names(groups: _Groups) -> NDArray[np.int64]:
    """Each group's smallest member."""
    smallest: dict[int, int] = {}
    return np.array([smallest.setdefault(_home(groups, n), n) for n in range(len(groups.home))], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class People:
    """The person of each record under the threshold for counts and under the two that bound the range."""

    best: NDArray[np.int64]
    strict: NDArray[np.int64]  # more people: only sure links
    loose: NDArray[np.int64]  # fewer people: doubtful links too


def form_people(pairs: pa.Table, *, records: int, card: ModelCard) -> People:
    """Cluster under each of the card's thresholds."""
    limits = card.thresholds
    return People(
        *(
            cluster(pairs, records=records, threshold=threshold, unlinked=card.unlinked)
            for threshold in (limits.counts, limits.strict, limits.loose)
        )
    )


def pseudonyms(groups: NDArray[np.int64], rows: Sequence[tuple[str, str]]) -> list[str]:
    """A person pseudonym for each record, drawn from the group's first (agency, row): 16 letters and digits."""
    names = {
        number: base64.b32encode(hashlib.sha256("|".join(("person", *rows[number])).encode()).digest()[:10])
        .decode()
        .lower()
        for number in np.unique(groups).tolist()
    }
    return [names[number] for number in groups.tolist()]
