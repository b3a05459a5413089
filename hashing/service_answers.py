"""What a service answers, as frozen types: the shapes of docs/reference/openapi.json as a client reads them.

A field that a later service adds is left aside.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from hashing.schema import AgencyKind


class Answer(msgspec.Struct, frozen=True):
    """Root of the answers."""


class Member(Answer, frozen=True):
    """A member of the roster; *kind* is an agency's alone."""

    id: str
    name: str
    role: str
    keyid: str
    kind: AgencyKind | None = None
    areas: tuple[str, ...] = ()
    contact: str = ""
    agreement_from: date | None = None
    agreement_until: date | None = None


class Key(Answer, frozen=True):
    """A key of a member that counts now; without an end if *retires* is None."""

    keyid: str
    public_key: str
    added: datetime | None = None
    retires: datetime | None = None


class Epoch(Answer, frozen=True):
    """What every file of an epoch must have been made with."""

    number: int
    profile: str
    profile_digest: str
    key_check_value: str
    canaries: str
    opened: datetime


class Me(Answer, frozen=True):
    """Who the service takes the caller for, and the epoch that is open."""

    member: Member
    epoch: Epoch | None


class Receipt(Answer, frozen=True):
    """The log's promise: this leaf stands at this place. Keep it."""

    index: int
    leaf: str
    time: str


class Upload(Answer, frozen=True):
    """An accepted file and its receipt."""

    upload: str
    agency: str
    epoch: int
    rows: int
    accepted: datetime
    receipt: Receipt


class UploadStatus(Answer, frozen=True):
    """Whether and when an agency sent its file."""

    agency: str
    sent: datetime | None
    data_through: str | None


class UploadSession(Answer, frozen=True):
    """A file on its way: the next piece begins at *offset*, and is *piece_bytes* long at most."""

    session: str
    digest: str
    length: int
    offset: int
    piece_bytes: int
    expires: datetime
    sent: bool


class Job(Answer, frozen=True):
    """What is done in the background; *result* is what came of it, for whoever asked."""

    job: str
    kind: str
    member: str | None
    state: str
    stage: str
    progress: float
    started: datetime
    ended: datetime | None
    failure: str | None
    hint: str | None
    result: dict[str, Any] | None


class Purged(Answer, frozen=True):
    """How much was removed; without a receipt, nothing was."""

    files: int
    runs: int
    receipt: Receipt | None


class LeftOut(Answer, frozen=True):
    """An agency whose file could not be linked, and why."""

    agency: str
    reason: str


class Run(Answer, frozen=True):
    """A linkage: how far it is (*progress* from 0 to 1), or how it ended."""

    run: str
    epoch: int
    state: str
    stage: str
    progress: float
    started: datetime
    ended: datetime | None
    failure: str | None
    hint: str | None
    left_out: tuple[LeftOut, ...] = ()


class Report(Answer, frozen=True):
    """What a linkage says of itself."""

    run: str
    report: dict[str, Any]
    read: Receipt


class Row(Answer, frozen=True):
    """A line of a table; None where the number is withheld."""

    label: str
    people: int | None
    low: int | None
    high: int | None


class Table(Answer, frozen=True):
    """A table that went through disclosure control; *duplicated* is the plain sum of the rows."""

    title: str
    unit: str
    rule: str
    rows: tuple[Row, ...]
    total: Row
    duplicated: int | None
    notes: tuple[str, ...]


class Count(Answer, frozen=True):
    """A count, and what it rests on."""

    table: Table
    run: str
    purpose: str
    included: tuple[UploadStatus, ...]
    missing: tuple[str, ...]
    read: Receipt
    released: Receipt


class ReleaseSummary(Answer, frozen=True):
    """A release without its numbers."""

    number: int
    period: str
    agencies: tuple[str, ...]
    revision: int
    purpose: str
    run: str
    made: datetime
    sha256: str


class Releases(Answer, frozen=True):
    """A page of releases."""

    releases: tuple[ReleaseSummary, ...]


class Release(ReleaseSummary, frozen=True):
    """A release with its tables by name; *released* is None where it was only read again."""

    tables: dict[str, dict[str, Any]]
    read: Receipt
    released: Receipt | None


class Match(Answer, frozen=True):
    """An own client who is also known to another agency, as both sides' consent allows."""

    row: str
    other_agency: str
    other_name: str
    other_contact: str
    areas: tuple[str, ...]
    first_month: str | None
    last_month: str | None
    confidence: str
    consent_until: date
    notices: tuple[str, ...]


class Matches(Answer, frozen=True):
    """The care matches that may be seen today."""

    run: str
    matches: tuple[Match, ...]
    read: Receipt
    released: tuple[Receipt, ...]


class Erased(Answer, frozen=True):
    """How many openings were erased."""

    openings: int
    receipt: Receipt


class LogEntry(Answer, frozen=True):
    """One entry of the log."""

    index: int
    time: datetime
    event: dict[str, Any]


class LogEntries(Answer, frozen=True):
    """A stretch of the log, which has *size* entries in all."""

    size: int
    entries: tuple[LogEntry, ...]


class SignInLink(Answer, frozen=True):
    """A link that signs in to the pages, once."""

    url: str
    expires: datetime


class Person(Answer, frozen=True):
    """One of the member's own staff; *revoked* since when they are shut out, *passkeys* how many they have."""

    id: str
    member: str
    name: str
    email: str
    role: str
    invited: datetime
    revoked: datetime | None
    passkeys: int


class Invitation(Answer, frozen=True):
    """A link that lets somebody enrol, once."""

    person: Person
    url: str
    expires: datetime


class Proposal(Answer, frozen=True):
    """What waits for a second person, or did; *digest* is what is approved."""

    proposal: str
    kind: str
    object: str
    content: dict[str, Any]
    digest: str
    proposer: str
    proposed: datetime
    expires: datetime
    state: str
    decider: str | None
    decided: datetime | None


class Problem(Answer, frozen=True):
    """Why a request was refused (RFC 9457), and what to do."""

    type: str = ""
    title: str = ""
    detail: str = ""
    hint: str = ""
