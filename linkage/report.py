"""What a run says of itself: safe counts, what was left out, timings, versions and the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from hashing.schema import Header
from linkage.agency_table import BY_AGENCY, TrueRow, release_of_report
from linkage.compare import Compared
from linkage.decisions import Decided
from linkage.disclosure import CMS11, SafeCount
from linkage.history import Named
from linkage.model_card import ModelCard
from linkage.people import Links, People, weakest_link
from linkage.records import Records

EVERYBODY = "everybody"  # the label of the row of all
SOFTWARE = ("headcount", "splink", "duckdb")


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


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run counted, before disclosure control."""

    headers: Sequence[Header]  # sorted by agency
    people: Sequence[TrueRow]  # of each agency
    everybody: TrueRow
    largest: int  # records of one person
    weakest: float | None  # bits of the weakest link that holds these together
    proposed: int  # pairs, by blocking
    suggested: int  # pairs, by links
    faint: int  # pairs left out
    oversized: int  # tokens left out
    oversized_records: int  # on the largest of them
    followed: int = 0  # decisions about pairs
    idle: int = 0  # decisions about records that the run does not have
    changes: Mapping[str, int] = field(default_factory=dict)  # persons of earlier runs: merged, split, gone
    alternative: str = ""  # of the model's weights


def describe_run(records: Records, found: Found, card: ModelCard, *, timings: dict[str, float]) -> dict[str, object]:
    """The contents of report.json. Every count of people, records or pairs in it has passed disclosure control."""
    return describe(figures_of(records, found), card, SOFTWARE, timings=timings)


def figures_of(records: Records, found: Found) -> Figures:
    """What one machine counted."""
    candidates, people = found.compared.candidates, found.people
    largest, weakest = _largest(found)
    return Figures(
        headers=records.headers,
        people=[_true_row(each.agency, people, records.agencies == n) for n, each in enumerate(records.headers)],
        everybody=_true_row(EVERYBODY, people, np.ones(len(records), dtype=np.bool_), agencies=len(records.headers)),
        largest=largest,
        weakest=weakest,
        proposed=len(candidates),
        suggested=len(found.compared.pairs) - len(candidates),
        faint=candidates.faint,
        oversized=candidates.oversized,
        oversized_records=candidates.oversized_records,
        followed=len(found.decided.links),
        idle=found.decided.idle,
        changes=Counter(change for change, _, _ in found.named.changes),
        alternative=found.compared.alternative,
    )


def _largest(found: Found) -> tuple[int, float | None]:
    """How many records the person with the most has, and the bits of the weakest link that holds them together."""
    sizes = np.bincount(found.people.best)
    members = found.people.best == np.argmax(sizes)
    inside = found.links.where(members[found.links.left] & members[found.links.right])
    return int(sizes.max()), weakest_link(inside, records=len(members))


def describe(
    figures: Figures, card: ModelCard, software: Sequence[str], *, timings: dict[str, float]
) -> dict[str, object]:
    """The contents of report.json, with the versions of *software*."""
    return {
        "agencies": [_describe_agency(header) for header in figures.headers],
        "people": _describe_people(figures),
        "largest_person": _describe_largest(figures),
        "pairs": _describe_pairs(figures),
        "decisions": {"followed": _safe(figures.followed), "about_others": _safe(figures.idle)},
        "changes": {kind: _safe(figures.changes.get(kind, 0)) for kind in ("merged", "split", "gone")},
        "model": _describe_model(card, figures.alternative),
        "profile": {"name": card.profile, "digest": card.profile_digest, "epoch": figures.headers[0].epoch},
        "versions": {name: version(name) for name in software},
        "rule": CMS11.name,
        "seconds": timings,
    }


def _describe_model(card: ModelCard, alternative: str) -> dict[str, object]:
    """The card as it was used: with its own weights, or those of an alternative."""
    used = card.with_weights_of(alternative)
    return {
        "digest": card.digest,
        "alternative": alternative or None,
        "trained_on": used.trained_on,
        "thresholds": _thresholds(used),
    }


def _describe_agency(header: Header) -> dict[str, object]:
    return {
        "agency": header.agency,
        "kind": header.kind.value,
        "records": _safe(header.rows),
        "unmatchable": _safe(header.unmatchable),
        "data_through": header.period.last if header.period else None,
    }


def _describe_largest(figures: Figures) -> dict[str, float | None]:
    """How many records the person with the most has, and how sure the weakest link is that holds them together."""
    weakest = figures.weakest
    return {
        "records": _safe(figures.largest),
        "weakest_link": None if weakest is None else round(float(1 / (1 + 2.0**-weakest)), 4),
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
    total = release_of_report(figures.people, figures.everybody, CMS11).table(BY_AGENCY).total
    each = [_safe(header.rows) for header in figures.headers]
    told = (total.people.value, total.low.value, total.high.value)
    if None in each and max(number or 0 for number in told) > sum(count or 0 for count in each):
        told = (None, None, None)  # what the shown lists cannot hold would be the least of a withheld one
    estimate, low, high = told
    return {
        "estimate": estimate,
        "low": low,
        "high": high,
        "duplicated_sum": None if None in each else sum(count for count in each if count is not None),
        "unmatchable": _safe(sum(header.unmatchable for header in figures.headers)),
    }


def _true_row(label: str, people: People, where: NDArray[np.bool_], *, agencies: int = 1) -> TrueRow:
    best, loose, strict = (_groups_among(groups, where) for groups in (people.best, people.loose, people.strict))
    return TrueRow(label, people=best, low=loose, high=strict, agencies=agencies)


def _groups_among(groups: NDArray[np.int64], where: NDArray[np.bool_]) -> int:
    """How many groups some of the records are in; a group is named by one of its records."""
    is_there = np.zeros(len(groups), dtype=np.bool_)
    is_there[groups[where]] = True
    return int(is_there.sum())


def _thresholds(card: ModelCard) -> dict[str, float]:
    limits = card.thresholds
    return {"counts": limits.counts, "care": limits.care, "strict": limits.strict, "loose": limits.loose}


def _safe(count: int) -> int | None:
    return SafeCount.of(count, CMS11).value
