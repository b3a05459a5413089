"""Two groupings of the same clients, true and found, in figures. Pure; a pair is two clients of one group.

B-cubed (Bagga and Baldwin 1998) asks for each client how much of its found group is right, and how much of its true
group was found: large groups weigh by their clients, not by their pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.truth import Key

Labels = NDArray[np.integer[Any]]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Shares:
    """Precision and recall, from 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs that are true, that were found, and that are both. Of no pairs at all, none is wrong or missed."""

    true: int
    found: int
    right: int

    @property
    def shares(self) -> Shares:
        """Right among the found, found among the true."""
        return Shares(self.right / self.found if self.found else 1.0, self.right / self.true if self.true else 1.0)

    def without(self, other: Pairs) -> Pairs:
        """These pairs without some of them."""
        return Pairs(self.true - other.true, self.found - other.found, self.right - other.right)


@dataclass(frozen=True, slots=True)
class People:
    """How many people there are in truth, and how many were found."""

    true: int
    found: int

    @property
    def error_percent(self) -> float:
        """By how much the found number is off; nobody is never off by nobody."""
        return 100 * (self.found / self.true - 1) if self.true else 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """How a grouping of clients compares with the truth."""

    clients: int
    pairs: Pairs
    within: Pairs  # of these, both clients of one agency
    bcubed: Shares
    people: People

    @property
    def across(self) -> Pairs:
        """The pairs of clients of two agencies."""
        return self.pairs.without(self.within)

    @property
    def shares(self) -> Shares:
        """Precision, recall and F1 over all pairs."""
        return self.pairs.shares


@dataclass(frozen=True, slots=True)
class Groupings:
    """The same clients, in one order, under their true people, the found ones, and their agencies, all as numbers."""

    true: Labels
    found: Labels
    agency: Labels

    @classmethod
    def of(cls, true: Mapping[Key, str], found: Mapping[Key, str]) -> Groupings:
        """From labels of the same clients."""
        keys = sorted(true)
        columns = ([true[key] for key in keys], [found[key] for key in keys], [agency for agency, _ in keys])
        return cls(*(numbered(np.array(column, dtype=object)) for column in columns))

    def take(self, where: Flags) -> Groupings:
        """Some of the clients."""
        return Groupings(self.true[where], self.found[where], self.agency[where])

    def regrouped(self, found: Labels) -> Groupings:
        """The same clients, as another linkage found them."""
        return Groupings(self.true, found, self.agency)


def numbered(labels: NDArray[Any]) -> Labels:
    """Any labels as numbers from 0."""
    numbers: Labels = np.unique(labels, return_inverse=True)[1]
    return numbers


def score(groupings: Groupings) -> Figures:
    """All figures of a grouping."""
    true, found, agency = groupings.true, groupings.found, groupings.agency
    return Figures(
        clients=len(true),
        pairs=_pairs(true, found),
        within=_pairs(joined(true, agency), joined(found, agency)),
        bcubed=bcubed(true, found),
        people=People(len(np.unique(true)), len(np.unique(found))),
    )


def touching(groupings: Groupings, where: Flags) -> Pairs:
    """The pairs of which at least one client is among the flagged."""
    others = groupings.take(~where)
    return _pairs(groupings.true, groupings.found).without(_pairs(others.true, others.found))


def bcubed(true: Labels, found: Labels) -> Shares:
    """The mean, over clients, of the right share of the found group and of the found share of the true one."""
    if not len(true):
        return Shares(1.0, 1.0)
    together = _sizes(joined(true, found))
    return Shares(float((together / _sizes(found)).mean()), float((together / _sizes(true)).mean()))


def _pairs(true: Labels, found: Labels) -> Pairs:
    return Pairs(_pairs_in(true), _pairs_in(found), _pairs_in(joined(true, found)))


def joined(one: Labels, other: Labels) -> Labels:
    """Labels that agree where both do."""
    return numbered(one.astype(np.int64) * (int(other.max(initial=0)) + 1) + other)


def _pairs_in(labels: Labels) -> int:
    counts = np.unique(labels, return_counts=True)[1]
    return int((counts * (counts - 1) // 2).sum())


def _sizes(labels: Labels) -> NDArray[np.int64]:
    """The size of each client's group."""
    _, place, counts = np.unique(labels, return_inverse=True, return_counts=True)
    sizes: NDArray[np.int64] = counts[place]
    return sizes
