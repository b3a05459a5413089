"""What a run says of itself: safe counts, what was left out, timings, versions and the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from hashing.schema import Header
from linkage.compare import Compared
from linkage.disclosure import CMS11, Caption, SafeCount, TrueRow, make_safe
from linkage.model_card import ModelCard
from linkage.people import People
from linkage.records import Records

EVERYBODY = "everybody"  # the label of the row of all


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
class Figures:
    """What a run counted, before disclosure control."""

    headers: Sequence[Header]  # sorted by agency
    people: Sequence[TrueRow]  # of each agency
    everybody: TrueRow
    largest: int  # records of one person
    proposed: int  # pairs, by blocking
    suggested: int  # pairs, by links
    faint: int  # pairs left out
    oversized: int  # tokens left out
    oversized_records: int  # on the largest of them


def describe_run(
    records: Records, compared: Compared, people: People, card: ModelCard, *, timings: dict[str, float]
) -> dict[str, object]:
    """The contents of report.json. Every count of people, records or pairs in it has passed disclosure control."""
    return describe(figures_of(records, compared, people), card, ("headcount", "splink", "duckdb"), timings=timings)


def figures_of(records: Records, compared: Compared, people: People) -> Figures:
    """What one machine counted."""
    candidates, names = compared.candidates, enumerate(records.headers)
    return Figures(
        headers=records.headers,
        people=[_true_row(header.agency, people, records.agencies == number) for number, header in names],
        everybody=_true_row(EVERYBODY, people, np.ones(len(records), dtype=np.bool_)),
        largest=int(np.unique(people.best, return_counts=True)[1].max(initial=0)),
        proposed=len(candidates),
        suggested=len(compared.pairs) - len(candidates),
        faint=candidates.faint,
        oversized=candidates.oversized,
        oversized_records=candidates.oversized_records,
    )


def describe(
    figures: Figures, card: ModelCard, software: Sequence[str], *, timings: dict[str, float]
) -> dict[str, object]:
    """The contents of report.json, with the versions of *software*."""
    return {
        "agencies": [_describe_agency(header) for header in figures.headers],
        "people": _describe_people(figures),
        "largest_person": _safe(figures.largest),
        "pairs": _describe_pairs(figures),
        "model": {"digest": card.digest, "trained_on": card.trained_on, "thresholds": _thresholds(card)},
        "profile": {"name": card.profile, "digest": card.profile_digest, "epoch": figures.headers[0].epoch},
        "versions": {name: version(name) for name in software},
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


def _describe_pairs(figures: Figures) -> dict[str, int | None]:
    """What was compared, and what was not."""
    return {
        "proposed_by_blocking": _safe(figures.proposed),
        "suggested_by_links": _safe(figures.suggested),
        "left_out_as_too_faint": _safe(figures.faint),
        "tokens_left_out_as_too_common": _safe(figures.oversized),
        "records_on_the_commonest_token": _safe(figures.oversized_records),
    }


def _describe_people(figures: Figures) -> dict[str, int | None]:
    """Everybody, by the table of people by agency: what is withheld there is not given away here."""
    total = make_safe(figures.people, figures.everybody, caption=Caption("", "people", ()), rule=CMS11).total
    each = [_safe(header.rows) for header in figures.headers]
    return {
        "estimate": total.people.value,
        "low": total.low.value,
        "high": total.high.value,
        "duplicated_sum": None if None in each else _safe(sum(header.rows for header in figures.headers)),
        "unmatchable": _safe(sum(header.unmatchable for header in figures.headers)),
    }


def _true_row(label: str, people: People, where: NDArray[np.bool_]) -> TrueRow:
    best, loose, strict = (len(np.unique(groups[where])) for groups in (people.best, people.loose, people.strict))
    return TrueRow.of(label, people=best, loose=loose, strict=strict)


def _thresholds(card: ModelCard) -> dict[str, float]:
    limits = card.thresholds
    return {"counts": limits.counts, "care": limits.care, "strict": limits.strict, "loose": limits.loose}


def _safe(count: int) -> int | None:
    return SafeCount.of(count, CMS11).value
