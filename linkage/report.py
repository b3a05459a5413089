"""What a run says of itself: safe counts, what was left out, timings, versions and the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from importlib.metadata import version

import numpy as np

from linkage.blocking import Candidates
from linkage.disclosure import CMS11, SafeCount
from linkage.model_card import ModelCard
from linkage.people import People
from linkage.records import Records


class Timings:
    """Seconds spent in each stage, by a clock that is handed in."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start now."""
        self._clock = clock
        self._last = clock()
        self.seconds: dict[str, float] = {}

    def mark(self, stage: str) -> None:
        """The stage that ends now."""
        now = self._clock()
        self.seconds[stage] = round(now - self._last, 3)
        self._last = now


def describe_run(
    records: Records, candidates: Candidates, people: People, card: ModelCard, *, timings: dict[str, float]
) -> dict[str, object]:
    """The contents of report.json. Every count of people in it has passed disclosure control."""
    sizes = Counter(np.unique(people.best, return_counts=True)[1].tolist())
    return {
        "agencies": [_describe_agency(records, place) for place in range(len(records.headers))],
        "people": {
            "estimate": _safe(people.best),
            "low": _safe(people.loose),
            "high": _safe(people.strict),
            "duplicated_sum": SafeCount.of(len(records.rows), CMS11).value,
            "unmatchable": SafeCount.of(sum(h.unmatchable for h in records.headers), CMS11).value,
        },
        "largest_person": max(sizes, default=0),
        "candidate_pairs": len(candidates.pairs),
        "oversized_tokens": candidates.oversized,
        "largest_token_records": candidates.oversized_records,
        "model": {"digest": card.digest, "trained_on": card.trained_on, "thresholds": _thresholds(card)},
        "profile": {"name": card.profile, "digest": card.profile_digest, "epoch": records.headers[0].epoch},
        "versions": {name: version(name) for name in ("headcount", "splink", "duckdb")},
        "rule": CMS11.name,
        "seconds": timings,
    }


def _describe_agency(records: Records, place: int) -> dict[str, object]:
    header = records.headers[place]
    return {
        "agency": header.agency,
        "kind": header.kind.value,
        "records": SafeCount.of(header.rows, CMS11).value,
        "data_through": header.period.last if header.period else None,
    }


def _thresholds(card: ModelCard) -> dict[str, float]:
    limits = card.thresholds
    return {"counts": limits.counts, "care": limits.care, "strict": limits.strict, "loose": limits.loose}


def _safe(groups: np.typing.NDArray[np.int64]) -> int | None:
    return SafeCount.of(len(np.unique(groups)), CMS11).value
