"""Care-coordination matches: shown only where both agencies hold the client's consent, on the day of viewing.

A shows B's client to nobody unless the pair is near-certain, neither is a victim service provider or a
government body, and each side's consent is valid today and names the other agency (reference: 42 CFR 2.31,
RCW 43.185C.180). Where one of these is missing, nothing is said, not even that something was withheld.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from hashing.schema import AgencyKind, Consent, read_encoded
from linkage.store import read_table

NEVER_MATCHED = frozenset({AgencyKind.VICTIM_SERVICE_PROVIDER, AgencyKind.GOVERNMENT})
LEAST_PROBABILITY = 0.5  # of a pair that is shown
PART2_NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."

Row = tuple[str, str]  # agency, row pseudonym
Received = tuple[str, str]  # service area, month


class CareMatch(msgspec.Struct, frozen=True):
    """One match as one of its two agencies may see it: its own client, the other agency, no score.

    However many rows of the other agency are that client, it is one match: their areas and months together, and
    the first day on which a consent behind it ends.
    """

    row: str
    other_agency: str
    areas: tuple[str, ...]
    first_month: str | None
    last_month: str | None
    confidence: str
    consent_until: date
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A match, and the rows of the other agency that it shows to be the client.

    The rows are for the log's commitments; the asking agency is shown the *card* alone.
    """

    card: CareMatch
    other_rows: tuple[str, ...]


def care_matches(
    run: Path,
    agency: str,
    *,
    today: date,
    uploads: Sequence[Path],
    kinds: Mapping[str, AgencyKind],
) -> tuple[CareMatch, ...]:
    """The matches that an agency may see, sorted by its own rows.

    *uploads* are the agencies' current encoded files: a consent withdrawn since the run acts at once.

    Raises:
        RunError: the folder is not a run.
        EncodedFileError: a current file is damaged.
    """
    found = sightings(run, agency, today=today, uploads=uploads, kinds=kinds)
    return tuple(sighting.card for sighting in found)


def sightings(
    run: Path,
    agency: str,
    *,
    today: date,
    uploads: Sequence[Path],
    kinds: Mapping[str, AgencyKind],
) -> tuple[Sighting, ...]:
    """What `care_matches` finds, each with the rows behind it.

    Raises:
        RunError: the folder is not a run.
        EncodedFileError: a current file is damaged.
    """
    if agency not in kinds or kinds[agency] in NEVER_MATCHED:
        return ()
    consents = _current_consents(uploads)
    pairs = [pair for pair in _sure_pairs(run, agency) if _may_show(*pair, consents, kinds, today)]
    received = _received(run, {other for _, other in pairs})
    found = (
        Sighting(_card(own, others, consents, received, kinds), tuple(sorted(row for _, row in others)))
        for own, others in _by_agency(pairs)
    )
    return tuple(sorted(found, key=lambda sighting: (sighting.card.row, sighting.card.other_agency)))


def _by_agency(pairs: Iterable[tuple[Row, Row]]) -> list[tuple[Row, set[Row]]]:
    """Each own row with all the rows of one other agency that are the same client."""
    found: dict[tuple[Row, str], set[Row]] = {}
    for own, other in pairs:
        found.setdefault((own, other[0]), set()).add(other)
    return [(own, others) for (own, _), others in found.items()]


def _current_consents(uploads: Iterable[Path]) -> dict[Row, Consent]:
    found: dict[Row, Consent] = {}
    for path in uploads:
        file = read_encoded(path)
        found |= {(file.header.agency, row.row): row.consent for row in file.rows if row.consent}
    return found


def _sure_pairs(run: Path, agency: str) -> list[tuple[Row, Row]]:
    """(own row, other row) of one person at two agencies, by the strict grouping for care and by that for counts.

    The pair itself must be likelier than not, too: who is one person by way of a third is told so by a navigator.
    """
    import pyarrow.compute as pc  # loaded when a run is read, as in linkage.store

    people = _people(run)
    pairs = read_table(run, "pairs")
    pairs = pairs.filter(pc.greater_equal(pairs["probability"], LEAST_PROBABILITY))
    columns = (pairs[name].to_pylist() for name in ("agency_l", "row_l", "agency_r", "row_r"))
    found = []
    for agency_l, row_l, agency_r, row_r in zip(*columns, strict=True):
        left, right = (agency_l, row_l), (agency_r, row_r)
        if agency_l != agency_r and agency in {agency_l, agency_r} and people[left] == people[right]:
            found.append((left, right) if agency_l == agency else (right, left))
    return found


def _people(run: Path) -> dict[Row, tuple[int, int]]:
    """The person of each record for counts and for care."""
    records = read_table(run, "records")
    columns = (records[name].to_pylist() for name in ("agency", "row", "person", "care"))
    return {(agency, row): (person, care) for agency, row, person, care in zip(*columns, strict=True)}


def _may_show(
    own: Row, other: Row, consents: Mapping[Row, Consent], kinds: Mapping[str, AgencyKind], today: date
) -> bool:
    if other[0] not in kinds or kinds[other[0]] in NEVER_MATCHED:
        return False
    return _consents_to(consents.get(own), other[0], today) and _consents_to(consents.get(other), own[0], today)


def _consents_to(consent: Consent | None, recipient: str, today: date) -> bool:
    return consent is not None and consent.expires >= today and recipient in consent.recipients


def _received(run: Path, rows: set[Row]) -> dict[Row, list[Received]]:
    services = read_table(run, "services")
    columns = (services[name].to_pylist() for name in ("agency", "row", "area", "month"))
    found: dict[Row, list[Received]] = {row: [] for row in rows}
    for agency, row, area, month in zip(*columns, strict=True):
        if (agency, row) in found:
            found[agency, row].append((area, month))
    return found


def _card(
    own: Row,
    others: set[Row],
    consents: Mapping[Row, Consent],
    received: Mapping[Row, list[Received]],
    kinds: Mapping[str, AgencyKind],
) -> CareMatch:
    (other_agency,) = {agency for agency, _ in others}
    services = [line for other in others for line in received[other]]
    months = sorted(month for _, month in services)
    return CareMatch(
        row=own[1],
        other_agency=other_agency,
        areas=tuple(sorted({area for area, _ in services})),
        first_month=months[0] if months else None,
        last_month=months[-1] if months else None,
        confidence="very likely",
        consent_until=min(consents[row].expires for row in (own, *others)),
        notices=(PART2_NOTICE,) if AgencyKind.PART2 in {kinds[own[0]], kinds[other_agency]} else (),
    )
