"""How good a linkage is, by a truth that it never saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from evaluation.calibration import Reliability, reliability
from evaluation.figures import Figures, Groupings, Pairs, score
from evaluation.scored import ScoredPairs, read_scored
from evaluation.truth import Key, Labelled, read_labelled
from linkage.matches import LEAST_PROBABILITY
from linkage.store import read_report, read_table


@dataclass(frozen=True, slots=True)
class Material:
    """A run beside its truth. *keys* are the clients of the truth, in the order of *groupings*."""

    labelled: Labelled
    keys: tuple[Key, ...]
    groupings: Groupings
    scored: ScoredPairs
    thresholds: Mapping[str, float]
    care_from: float  # the probability that a pair itself needs to be a care match
    profile: str
    low: int
    high: int
    missing: Mapping[Key, int]  # codes that an encoded client lacks; empty where the run does not tell


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of one run; shares from 0 to 1 unless the name says percent."""

    figures: Figures
    unseen: int
    low: int
    high: int
    reliability: Reliability
    care: Pairs

    @property
    def is_inside_range(self) -> bool:
        """Whether the true number of people lies inside the printed range."""
        return self.low <= self.figures.people.true <= self.high

    @property
    def calibration_error(self) -> float:
        """The expected calibration error of the scored pairs."""
        return self.reliability.expected_error


def evaluate(run: Path, *, crosswalks: Path, truth: Path) -> Evaluation:
    """Measure a run against the truth (columns agency, client_id, person_id).

    Clients that were not encoded count as missed pairs and as people of their own.

    Raises:
        RunError: a file is missing or lacks a column.
    """
    return measure(read_material(run, crosswalks=crosswalks, truth=truth))


def read_material(run: Path, *, crosswalks: Path, truth: Path) -> Material:
    """Read a run and put its truth beside it.

    Raises:
        RunError: a file is missing or lacks a column.
    """
    labelled = read_labelled(run, crosswalks, truth)
    records, report = read_table(run, "records"), read_report(run)
    low, high = _range(records, labelled)
    return Material(
        labelled,
        keys=tuple(sorted(labelled.truth)),
        groupings=Groupings.of(labelled.truth, labelled.found),
        scored=read_scored(run, labelled),
        thresholds=report["model"]["thresholds"],
        care_from=_care_from(records, report),
        profile=report["profile"]["name"],
        low=low,
        high=high,
        missing=_missing(records, labelled),
    )


def measure(material: Material) -> Evaluation:
    """All figures of the run as a whole."""
    figures, scored = score(material.groupings), material.scored
    return Evaluation(
        figures,
        unseen=material.labelled.unseen,
        low=material.low,
        high=material.high,
        reliability=reliability(scored.probability, scored.right),
        care=scored.care_matches(material.care_from, figures.across.true),
    )


def _care_from(records: pa.Table, report: dict[str, Any]) -> float:
    """Runs with a grouping for care ask little of the pair itself; earlier ones asked the threshold of it."""
    return LEAST_PROBABILITY if "care" in records.column_names else float(report["model"]["thresholds"]["care"])


def _range(records: pa.Table, labelled: Labelled) -> tuple[int, int]:
    """The range of the clients that the truth knows, with the unseen as people of their own at both ends."""
    known = np.array([client in labelled.truth for client in _clients(records, labelled)])
    groupings = (records[name].to_numpy()[known] for name in ("loose", "person", "strict"))
    counts = [len(np.unique(grouping)) + labelled.unseen for grouping in groupings]
    return min(counts), max(counts)


def _missing(records: pa.Table, labelled: Labelled) -> dict[Key, int]:
    if "missing" not in records.column_names:
        return {}
    return dict(zip(_clients(records, labelled), records["missing"].to_pylist(), strict=True))


def _clients(records: pa.Table, labelled: Labelled) -> list[Key]:
    rows = zip(records["agency"].to_pylist(), records["row"].to_pylist(), strict=True)
    return [labelled.clients[row] for row in rows]
