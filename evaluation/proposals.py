"""Scored pairs of any method -> people, the same way for all: links from a threshold on, joined to groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from evaluation.figures import Figures, Groupings, Labels, score

STEPS = 60  # thresholds tried, when the best is looked for


@dataclass(frozen=True, slots=True)
class Proposal:
    """Pairs of clients by their places, each with a score; what was not proposed is no link."""

    left: NDArray[np.integer[Any]]
    right: NDArray[np.integer[Any]]
    score: NDArray[np.floating[Any]]

    def people(self, clients: int, threshold: float) -> Labels:
        """The group of each client, where pairs from *threshold* on are links."""
        chosen = self.score >= threshold
        ones = np.ones(int(chosen.sum()), dtype=np.int8)
        graph = coo_matrix((ones, (self.left[chosen], self.right[chosen])), shape=(clients, clients))
        groups: Labels = connected_components(graph, directed=False)[1]
        return groups


@dataclass(frozen=True, slots=True)
class Contender:
    """A method at one threshold, measured. *tuned*: the threshold was chosen by the truth that it is measured with."""

    name: str
    threshold: float
    tuned: bool
    figures: Figures


def contenders(name: str, proposal: Proposal, groupings: Groupings, *, customary: float) -> tuple[Contender, Contender]:
    """A method at its customary threshold, and at the one that gives the highest F1."""
    tried = [_at(name, proposal, groupings, float(threshold)) for threshold in _thresholds(proposal)]
    usual = _at(name, proposal, groupings, customary)
    best = max((usual, *tried), key=lambda contender: contender.figures.shares.f1)
    return usual, Contender(name, best.threshold, True, best.figures)


def _thresholds(proposal: Proposal) -> NDArray[np.float64]:
    if not len(proposal.score):
        return np.array([])
    cuts: NDArray[np.float64] = np.unique(np.quantile(proposal.score, np.linspace(0, 1, STEPS), method="lower"))
    return cuts


def _at(name: str, proposal: Proposal, groupings: Groupings, threshold: float) -> Contender:
    people = proposal.people(len(groupings.true), threshold)
    return Contender(name, threshold, False, score(groupings.regrouped(people)))
