"""Scored pairs -> people: clusters in which every member is supported by the whole, never by a chain.

Links are taken strongest first. Two groups become one only while the mean weight over *all* pairs between
them is positive, counting a pair that was never proposed as evidence against; so a doubtful link cannot
chain two families into one person, and the result does not depend on the order of the input.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.model_card import ModelCard

Weights = dict[int, dict[int, float]]


@dataclass(slots=True)
class _Groups:
    """Disjoint groups of records and the summed weights between neighbouring groups."""

    members: dict[int, list[int]]
    between: Weights
    known: dict[int, dict[int, int]] = field(default_factory=dict)  # scored pairs behind each sum


def log2_odds(probability: float) -> float:
    """Probability -> bits of evidence."""
    return float(np.log2(probability / (1 - probability)))


def cluster(pairs: pa.Table, *, records: int, threshold: float, unlinked: float) -> NDArray[np.int64]:
    """The group of each record: an array of shape (records,), each group named by its smallest member.

    *pairs* has ``left``, ``right``, ``weight`` (bits). *threshold* is the match probability at which two
    records alone are one person; *unlinked* the weight, in bits, of a pair that was not proposed.
    """
    shift = log2_odds(threshold)
    weights = pairs["weight"].to_numpy() - shift
    left, right = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    groups = _Groups({number: [number] for number in range(records)}, {}, {})
    for a, b, weight in zip(left.tolist(), right.tolist(), weights.tolist(), strict=True):
        _note(groups, a, b, weight)
    useful = np.flatnonzero(weights > 0)
    for place in useful[np.lexsort((right[useful], left[useful], -weights[useful]))].tolist():
        _merge_while_supported(groups, int(left[place]), int(right[place]), unlinked - shift)
    return _names(groups, records)


def _note(groups: _Groups, a: int, b: int, weight: float) -> None:
    for x, y in ((a, b), (b, a)):
        groups.between.setdefault(x, {})[y] = weight
        groups.known.setdefault(x, {})[y] = 1


def _merge_while_supported(groups: _Groups, a: int, b: int, unlinked: float) -> None:
    home_a, home_b = _home(groups, a), _home(groups, b)
    if home_a == home_b:
        return
    total = groups.between[home_a].get(home_b, 0.0)
    known = groups.known[home_a].get(home_b, 0)
    pairs = len(groups.members[home_a]) * len(groups.members[home_b])
    if total + (pairs - known) * unlinked > 0:
        _merge(groups, min(home_a, home_b), max(home_a, home_b))


def _home(groups: _Groups, record: int) -> int:
    """The group that a record is in now: emptied groups hold the one name that took them over."""
    while record not in groups.members or not groups.members[record]:
        record = groups.known[record][-1]
    return record


def _merge(groups: _Groups, kept: int, gone: int) -> None:
    groups.members[kept] += groups.members.pop(gone)
    for other, weight in groups.between.pop(gone).items():
        count = groups.known[gone].get(other, 0)
        groups.between[other].pop(gone, None)
        groups.known[other].pop(gone, None)
        if other == kept:
            continue
        for x, y in ((kept, other), (other, kept)):
            groups.between[x][y] = groups.between[x].get(y, 0.0) + weight
            groups.known[x][y] = groups.known[x].get(y, 0) + count
    groups.known[gone] = {-1: kept}


def _names(groups: _Groups, records: int) -> NDArray[np.int64]:
    names = np.zeros(records, dtype=np.int64)
    for home, members in groups.members.items():
        names[members] = home
    return names


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
