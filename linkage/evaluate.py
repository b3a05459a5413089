"""How good a linkage is, by a truth that it never saw.

Precision, recall and F are those of ``recordlinkage`` over pairs of clients; calibration compares the
probabilities of scored pairs with how often they are right.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import recordlinkage
from numpy.typing import NDArray

from linkage.store import read_table
from linkage.truth import Key, Labelled, read_labelled

BINS = 10


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of one run; shares from 0 to 1 unless the name says percent."""

    clients: int
    unseen: int
    true_pairs: int
    found_pairs: int
    precision: float
    recall: float
    f1: float
    true_people: int
    people: int
    people_error_percent: float
    low: int
    high: int
    calibration_error: float

    @property
    def is_inside_range(self) -> bool:
        """Whether the true number of people lies inside the printed range."""
        return self.low <= self.true_people <= self.high


def evaluate(run: Path, *, crosswalks: Path, truth: Path) -> Evaluation:
    """Measure a run against the truth (columns agency, client_id, person_id).

    Clients that were not encoded count as missed pairs and as people of their own.

    Raises:
        RunError: a file is missing or lacks a column.
    """
    labelled = read_labelled(run, crosswalks, truth)
    true, found = _links(labelled.truth), _links(labelled.found)
    people = len(set(labelled.found.values()))
    true_people = len(set(labelled.truth.values()))
    low, high = _range(run, labelled)
    precision, recall = precision_and_recall(true, found)
    return Evaluation(
        clients=len(labelled.truth),
        unseen=labelled.unseen,
        true_pairs=len(true),
        found_pairs=len(found),
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        true_people=true_people,
        people=people,
        people_error_percent=100 * (people / true_people - 1),
        low=low,
        high=high,
        calibration_error=_calibration_error(run, labelled),
    )


def precision_and_recall(true: pd.MultiIndex, found: pd.MultiIndex) -> tuple[float, float]:
    """Shares of pairs: right among the found, found among the true. Of no pairs at all, none is wrong or missed."""
    precision = float(recordlinkage.precision(true, found)) if len(found) else 1.0
    recall = float(recordlinkage.recall(true, found)) if len(true) else 1.0
    return precision, recall


def _links(labels: Mapping[Key, str]) -> pd.MultiIndex:
    """All pairs of clients with one label, as recordlinkage takes them."""
    groups: dict[str, list[str]] = defaultdict(list)
    for (agency, client), label in sorted(labels.items()):
        groups[label].append(f"{agency}|{client}")
    pairs = [pair for members in groups.values() for pair in itertools.combinations(members, 2)]
    return pd.MultiIndex.from_tuples(pairs, names=("left", "right")) if pairs else pd.MultiIndex.from_arrays([[], []])


def _range(run: Path, labelled: Labelled) -> tuple[int, int]:
    """The range of the clients that the truth knows, with the unseen as people of their own at both ends."""
    records = read_table(run, "records")
    rows = zip(records["agency"].to_pylist(), records["row"].to_pylist(), strict=True)
    known = np.array([labelled.clients[row] in labelled.truth for row in rows])
    groupings = (records[name].to_numpy()[known] for name in ("loose", "person", "strict"))
    counts = [len(np.unique(grouping)) + labelled.unseen for grouping in groupings]
    return min(counts), max(counts)


def _calibration_error(run: Path, labelled: Labelled) -> float:
    """Expected calibration error over equal-width bins of the pairs' probabilities."""
    pairs = read_table(run, "pairs")
    columns = (pairs[name].to_pylist() for name in ("agency_l", "row_l", "agency_r", "row_r"))
    person = {key: labelled.truth.get(client) for key, client in labelled.clients.items()}
    right = np.array(
        [
            person[agency_l, row_l] is not None and person[agency_l, row_l] == person[agency_r, row_r]
            for agency_l, row_l, agency_r, row_r in zip(*columns, strict=True)
        ]
    )
    return expected_calibration_error(pairs["probability"].to_numpy(), right)


def expected_calibration_error(probability: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Mean distance between stated and observed shares over ten bins, weighted by their size."""
    places = np.minimum((probability * BINS).astype(int), BINS - 1)
    sizes = np.bincount(places, minlength=BINS)
    gaps = np.abs(
        np.bincount(places, weights=probability, minlength=BINS) - np.bincount(places, weights=right, minlength=BINS)
    )
    return float(gaps.sum() / max(1, sizes.sum()))
