"""The scored pairs of a run beside the truth, and what any threshold would make of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from evaluation.figures import Pairs
from evaluation.truth import Key, Labelled
from linkage.store import read_table

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ScoredPairs:
    """Pairs of clients that the truth knows: how likely each was said to be one person, and what is so."""

    probability: Floats
    right: Flags
    across: Flags  # of two agencies
    together: Flags  # put to one person, by the grouping for care as well where the run has one

    def from_threshold(self, threshold: float, true: int) -> Pairs:
        """The pairs from a probability on, of *true* ones in all."""
        chosen = self.probability >= threshold
        return Pairs(true, int(chosen.sum()), int((chosen & self.right).sum()))

    def care_matches(self, threshold: float, true_across: int) -> Pairs:
        """The pairs that navigators could be shown: of two agencies, sure, and put to one person."""
        shown = (self.probability >= threshold) & self.across & self.together
        return Pairs(true_across, int(shown.sum()), int((shown & self.right).sum()))

    @property
    def weight(self) -> Floats:
        """Bits of evidence; those of certainty are cut off at 40."""
        inside = np.clip(self.probability, 2.0**-40, 1 - 2.0**-40)
        bits: Floats = np.log2(inside / (1 - inside))
        return bits


def read_scored(run: Path, labelled: Labelled) -> ScoredPairs:
    """Put the truth beside the pairs of a run. Pairs with a client that the truth does not know are left out.

    Raises:
        RunError: the folder is not a run.
    """
    pairs = read_table(run, "pairs")
    left, right = (_clients(pairs, side, labelled) for side in ("l", "r"))
    true, found, care = (_same(left, right, labels) for labels in (labelled.truth, labelled.found, labelled.care))
    known = np.array([a in labelled.truth and b in labelled.truth for a, b in zip(left, right, strict=True)], bool)
    across = np.array([a[0] != b[0] for a, b in zip(left, right, strict=True)], bool)
    probability = pairs["probability"].to_numpy()
    return ScoredPairs(probability[known], true[known], across[known], (found & care)[known])


def _clients(pairs: pa.Table, side: str, labelled: Labelled) -> list[Key]:
    rows = zip(pairs[f"agency_{side}"].to_pylist(), pairs[f"row_{side}"].to_pylist(), strict=True)
    return [labelled.clients[row] for row in rows]


def _same(left: list[Key], right: list[Key], labels: Mapping[Key, str]) -> Flags:
    nobody = object()
    return np.array([labels.get(a, nobody) == labels.get(b) for a, b in zip(left, right, strict=True)], bool)


@dataclass(frozen=True, slots=True)
class Curve:
    """Precision and recall from each threshold on, falling."""

    threshold: Floats
    precision: Floats
    recall: Floats


def precision_recall_curve(scored: ScoredPairs, true: int) -> Curve:
    """One point for each different probability, of *true* pairs in all."""
    order = np.argsort(-scored.probability, kind="stable")
    falling, right = scored.probability[order], np.cumsum(scored.right[order])
    last: NDArray[Any] = np.flatnonzero(np.diff(falling, append=-1.0))
    return Curve(falling[last], right[last] / (last + 1), right[last] / max(1, true))
