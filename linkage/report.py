"""What a run says of itself: safe counts, what was left out, timings, versions and the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from hashing.schema import Header
from linkage.compare import Compared
from linkage.decisions import Decided
from linkage.disclosure import CMS11, Caption, SafeCount, TrueRow, make_safe
from linkage.history import Named
from linkage.model_card import ModelCard
from linkage.people import Links, People, weakest_link
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


@dataclass(frozen=True, slots=True)
class Found:
    """What a linkage found."""

    compared: Compared
    people: People
    links: Links  # the compared pairs, after people's decisions
    named: Named
    decided: Decided


def describe_run(records: Records, found: Found, card: ModelCard, *, timings: dict[str, float]) -> dict[str, object]:
    """The contents of report.json. Every count of people, records or pairs in it has passed disclosure control."""
    return {
        "agencies": [_describe_agency(header) for header in records.headers],
        "people": _describe_people(records, found.people),
        "largest_person": _describe_largest(found),
        "pairs": _describe_pairs(found.compared),
        "decisions": {"followed": _safe(len(found.decided.links)), "about_others": _safe(found.decided.idle)},
        "changes": {kind: _safe(number) for kind, number in _changes(found.named).items()},
        "model": {"digest": card.digest, "trained_on": card.trained_on, "thresholds": _thresholds(card)},
        "profile": {"name": card.profile, "digest": card.profile_digest, "epoch": records.headers[0].epoch},
        "versions": {name: version(name) for name in ("headcount", "splink", "duckdb")},
        "rule": CMS11.name,
        "seconds": timings,
    }


def _describe_agency(header: Header) -> dict[str, object]:
    return {
        "agency": header.agency,
        "kind": header.kind.value,
        "records": _safe(header.rows),
        "data_through": header.period.last if header.period else None,
    }


def _describe_largest(found: Found) -> dict[str, float | None]:
    """How many records the person with the most has, and how sure the weakest link is that holds them together."""
    groups, sizes = np.unique(found.people.best, return_counts=True)
    members = found.people.best == groups[np.argmax(sizes)]
    inside = found.links.where(members[found.links.left] & members[found.links.right])
    weakest = weakest_link(inside, records=len(members))
    return {
        "records": _safe(int(sizes.max())),
        "weakest_link": None if weakest is None else round(float(1 / (1 + 2.0**-weakest)), 4),
    }


def _changes(named: Named) -> dict[str, int]:
    counts = Counter(change for change, _, _ in named.changes)
    return {kind: counts[kind] for kind in ("merged", "split", "gone")}


def _describe_pairs(compared: Compared) -> dict[str, int | None]:
    """What was compared, and what was not."""
    candidates = compared.candidates
    return {
        "proposed_by_blocking": _safe(len(candidates)),
        "suggested_by_links": _safe(len(compared.pairs) - len(candidates)),
        "left_out_as_too_faint": _safe(candidates.faint),
        "tokens_left_out_as_too_common": _safe(candidates.oversized),
        "records_on_the_commonest_token": _safe(candidates.oversized_records),
    }


def _describe_people(records: Records, people: People) -> dict[str, int | None]:
    """Everybody, by the table of people by agency: what is withheld there is not given away here."""
    rows = [
        _true_row(header.agency, people, records.agencies == number) for number, header in enumerate(records.headers)
    ]
    everybody = _true_row("everybody", people, np.ones(len(records), dtype=np.bool_))
    total = make_safe(rows, everybody, caption=Caption("", "people", ()), rule=CMS11).total
    each = [_safe(header.rows) for header in records.headers]
    return {
        "estimate": total.people.value,
        "low": total.low.value,
        "high": total.high.value,
        "duplicated_sum": None if None in each else _safe(len(records)),
        "unmatchable": _safe(sum(header.unmatchable for header in records.headers)),
    }


def _true_row(label: str, people: People, where: NDArray[np.bool_]) -> TrueRow:
    best, loose, strict = (len(np.unique(groups[where])) for groups in (people.best, people.loose, people.strict))
    return TrueRow.of(label, people=best, loose=loose, strict=strict)


def _thresholds(card: ModelCard) -> dict[str, float]:
    limits = card.thresholds
    return {"counts": limits.counts, "care": limits.care, "strict": limits.strict, "loose": limits.loose}


def _safe(count: int) -> int | None:
    return SafeCount.of(count, CMS11).value
