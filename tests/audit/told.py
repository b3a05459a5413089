"""Made logs: entries with chosen acts and times, and a log with a match, its commitments and an openings file."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count

from audit.bands import band_of
from audit.commitment import COMMITMENTS, OTHER_COMMITMENTS, Fact, Kind, Opening, list_hash, seal
from audit.events import Act, Entry, Event, encode_entry
from audit.log import AuditLog
from audit.openings import CHANGES, SHOWN, OpenedList, write_openings

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SHOWN_TO = Fact(kind=Kind.SHOWN_TO, agency="ymca", row="ymcarowymcarow22", other="clinic", until=date(2026, 12, 31))
SAW_AT = Fact(kind=Kind.SAW_AT, agency="clinic", row="clinicrowclinic2", other="ymca", until=date(2026, 12, 31))
AGREED = Fact(
    kind=Kind.CONSENT, agency="ymca", row="ymcarowymcarow22", recipients=("clinic",), until=date(2026, 12, 31)
)


def an_event(
    act: Act = Act.COUNT_READ, actor: str = "coordinator", role: str = "coordinator", **fields: object
) -> Event:
    usual = {"object": "run/1", "purpose": "planning", "outcome": "allowed", "rule": "cms11"}
    return Event(actor=actor, role=role, act=act, **(usual | fields))


def entries_at(*told: tuple[float, Event]) -> tuple[Entry, ...]:
    """Entries so many minutes after Monday nine o'clock."""
    return tuple(Entry(seq, event, MONDAY + timedelta(minutes=when)) for seq, (when, event) in enumerate(told))


def nonces():
    """Bytes that are the same in every test."""
    numbers = count()
    return lambda size: sha256(str(next(numbers)).encode()).digest()[:size]


def sealed(*facts: Fact) -> tuple[Opening, ...]:
    return seal(facts, random_bytes=nonces())


def hash_of(openings: Iterable[Opening]) -> str:
    return list_hash([opening.commitment for opening in openings])


def about(agency: str, openings: Iterable[Opening]) -> tuple[Opening, ...]:
    return tuple(opening for opening in openings if opening.fact.agency == agency)


def log_match(log: AuditLog, openings: tuple[Opening, ...], **details: object) -> int:
    """The clinic was shown one match with the YMCA."""
    clinics, others = (about(agency, openings) for agency in ("clinic", "ymca"))
    told = {SHOWN: "1 to 10", COMMITMENTS: hash_of(clinics), OTHER_COMMITMENTS: hash_of(others)} | details
    why = {"purpose": "care-coordination", "rule": "consent on both sides", "details": told}
    event = an_event(Act.MATCHES_RELEASED, "clinic", "agency", agency="ymca", **why)
    return log.append(event).index


def log_consent(log: AuditLog, openings: tuple[Opening, ...]) -> int:
    told = {CHANGES: band_of(len(openings)), COMMITMENTS: hash_of(openings)}
    return log.append(an_event(Act.CONSENT_CHANGED, "ymca", "agency", agency="ymca", details=told)).index


def opened(
    log: AuditLog, index: int, held: tuple[Opening, ...], /, agency: str = "ymca", **changes: object
) -> OpenedList:
    """The list of one entry as the service would hand it to *agency*."""
    (entry,) = log.entries(index, 1)
    usual = {
        "entry": encode_entry(entry).decode(),
        "proof": log.proof(index),
        "commitments": tuple(opening.commitment.hex() for opening in about(agency, held)),
        "openings": about(agency, held),
    }
    return OpenedList(**(usual | changes))


def a_file(*lists: OpenedList, agency: str = "ymca") -> bytes:
    return write_openings(agency, lists)
