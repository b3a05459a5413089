"""Whether probabilities hold what they say: of the pairs said to be one person with .8, eight of ten are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 10

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Reliability:
    """Over equal bins of the stated probability: pairs, mean stated and observed share (nan where there is no pair)."""

    pairs: NDArray[np.int64]
    stated: Floats
    observed: Floats

    @property
    def expected_error(self) -> float:
        """The mean distance between stated and observed shares, weighted by pairs."""
        gaps = np.nan_to_num(np.abs(self.stated - self.observed)) * self.pairs
        return float(gaps.sum() / max(1, self.pairs.sum()))


def reliability(probability: Floats, right: Flags) -> Reliability:
    """Sort pairs into bins by what was stated, and see how many are right."""
    places = np.minimum((probability * BINS).astype(int), BINS - 1)
    pairs = np.bincount(places, minlength=BINS)
    sums = (np.bincount(places, weights=values, minlength=BINS) for values in (probability, right))
    stated, observed = (np.divide(total, pairs, out=np.full(BINS, np.nan), where=pairs > 0) for total in sums)
    return Reliability(pairs, stated, observed)


def expected_calibration_error(probability: Floats, right: Flags) -> float:
    """Mean distance between stated and observed shares over ten bins, weighted by their size."""
    return reliability(probability, right).expected_error
