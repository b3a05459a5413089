"""How good each agency's data and matches are: for that agency and the coordinator alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True, slots=True)
class Quality:
    """An agency's list: records, those that lack codes, clients that could not be encoded, and how sure its links are.

    *uncertain* are pairs within the two thresholds of the range; *missed* is how many further links the pairs below the
    threshold stand for, by their probabilities.
    """

    agency: str
    records: int
    lacking_codes: int
    unmatchable: int | None
    linked: int
    uncertain: int
    missed: float


def quality_of(records: pa.Table, pairs: pa.Table, report: Mapping[str, Any]) -> tuple[Quality, ...]:
    """One entry an agency, in the order of their names; *unmatchable* is None where the report withholds it."""
    unmatchable = {each["agency"]: each.get("unmatchable") for each in report["agencies"]}
    limits = report["model"]["thresholds"]
    return tuple(
        Quality(
            agency=agency,
            records=len(own),
            lacking_codes=int(pc.sum(pc.greater(own["missing"], 0)).as_py() or 0),
            unmatchable=unmatchable.get(agency),
            **_links(_of(pairs, agency), limits),
        )
        for agency, own in _by_agency(records)
    )


def _by_agency(records: pa.Table) -> list[tuple[str, pa.Table]]:
    return [
        (agency, records.filter(pc.equal(records["agency"], agency)))
        for agency in sorted(records["agency"].unique().to_pylist())
    ]


def _of(pairs: pa.Table, agency: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    inside = pc.or_(pc.equal(pairs["agency_l"], agency), pc.equal(pairs["agency_r"], agency))
    probability: np.ndarray[Any, np.dtype[np.float64]] = pairs["probability"].filter(inside).to_numpy()
    return probability


def _links(probability: np.ndarray[Any, np.dtype[np.float64]], limits: Mapping[str, float]) -> dict[str, Any]:
    linked = probability >= limits["counts"]
    between = (probability >= limits["loose"]) & (probability < limits["strict"])
    return {
        "linked": int(linked.sum()),
        "uncertain": int(between.sum()),
        "missed": round(float(probability[~linked].sum()), 1),
    }
