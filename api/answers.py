"""The shapes of the answers; numbers about people only from a `SafeTable`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import Field

from api.inputs import CountPurpose, EpochIn, Hex64, MemberId, Strict
from api.roster import Member, Role
from api.storage.epochs import Epoch
from api.storage.uploads import Upload
from audit.events import Entry, Receipt, format_time
from hashing.schema import AgencyKind, ServiceArea
from linkage.disclosure import SafeRow, SafeTable
from linkage.matches import CareMatch


class MemberOut(Strict):
    """A member of the roster."""

    id: MemberId
    name: str
    role: Role
    kind: AgencyKind | None
    keyid: str
    areas: tuple[ServiceArea, ...]
    contact: str
    agreement_from: date | None
    agreement_until: date | None

    @classmethod
    def of(cls, member: Member) -> Self:
        """The member without its key."""
        return cls(
            id=member.id,
            name=member.name,
            role=member.role,
            kind=member.kind,
            keyid=member.key.keyid,
            areas=member.areas,
            contact=member.contact,
            agreement_from=member.agreement_from,
            agreement_until=member.agreement_until,
        )


class EpochOut(EpochIn):
    """An epoch; the one with the highest number is open."""

    number: int
    opened: datetime

    @classmethod
    def of(cls, epoch: Epoch) -> Self:
        """The epoch as it is held."""
        return cls(
            number=epoch.number,
            profile=epoch.profile,
            profile_digest=epoch.profile_digest,
            key_check_value=epoch.key_check_value,
            canaries=epoch.canaries,
            opened=epoch.opened,
        )


class MeOut(Strict):
    """Who the service takes the caller for, and the epoch that is open."""

    member: MemberOut
    epoch: EpochOut | None


class ReceiptOut(Strict):
    """The log's promise: this leaf stands at this place. Keep it."""

    index: int
    leaf: Hex64
    time: str

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        """The receipt of an append."""
        return cls(index=receipt.index, leaf=receipt.leaf, time=format_time(receipt.time))


class UploadOut(Strict):
    """An accepted file and its receipt."""

    upload: Hex64
    agency: MemberId
    epoch: int
    rows: int
    accepted: datetime
    receipt: ReceiptOut

    @classmethod
    def of(cls, upload: Upload) -> Self:
        """The file as its own agency may see it."""
        receipt = ReceiptOut(index=upload.receipt_index, leaf=upload.receipt_leaf, time=upload.receipt_time)
        return cls(
            upload=upload.digest,
            agency=upload.agency,
            epoch=upload.epoch,
            rows=upload.rows,
            accepted=upload.accepted,
            receipt=receipt,
        )


class UploadStatus(Strict):
    """Whether and when an agency sent its file: all that others may know of it."""

    agency: MemberId
    sent: datetime | None
    data_through: Annotated[str | None, Field(examples=["2026-02"])]

    @classmethod
    def of(cls, agency: str, upload: Upload | None) -> Self:
        """The status of one agency."""
        if upload is None:
            return cls(agency=agency, sent=None, data_through=None)
        return cls(agency=agency, sent=upload.accepted, data_through=upload.last_month)


class RowOut(Strict):
    """One line of a safe table; null where the number is withheld."""

    label: str
    people: int | None
    low: int | None
    high: int | None

    @classmethod
    def of(cls, row: SafeRow) -> Self:
        """The line as it may leave."""
        return cls(label=row.label, people=row.people.value, low=row.low.value, high=row.high.value)


class TableOut(Strict):
    """A table that went through disclosure control; *duplicated* is the plain sum of the agencies' own counts."""

    title: str
    unit: str
    rule: str
    rows: tuple[RowOut, ...]
    total: RowOut
    duplicated: int | None
    notes: tuple[str, ...]

    @classmethod
    def of(cls, table: SafeTable) -> Self:
        """The wire form of a safe table, and of nothing else.

        Raises:
            TypeError: something that did not go through disclosure control.
        """
        if not isinstance(table, SafeTable):
            raise TypeError("only a SafeTable may leave")
        return cls(
            title=table.title,
            unit=table.unit,
            rule=table.rule.name,
            rows=tuple(RowOut.of(row) for row in table.rows),
            total=RowOut.of(table.total),
            duplicated=table.duplicated.value,
            notes=table.notes,
        )


class CountOut(Strict):
    """A count: what it says, what it rests on, and the receipts of its reading and its release."""

    table: TableOut
    run: str
    purpose: CountPurpose
    included: tuple[UploadStatus, ...]
    missing: tuple[MemberId, ...]
    read: ReceiptOut
    released: ReceiptOut


class ReportOut(Strict):
    """What a linkage says of itself: safe counts, thresholds, versions, seconds."""

    run: str
    report: dict[str, Any]
    read: ReceiptOut


class CareMatchOut(Strict):
    """A client of yours who is also known to another agency, as both sides' consent allows."""

    row: Annotated[str, Field(description="your own pseudonym; your crosswalk leads to your client number")]
    other_agency: MemberId
    other_name: str
    other_contact: str
    areas: tuple[str, ...]
    first_month: str | None
    last_month: str | None
    confidence: str
    consent_until: date
    notices: tuple[str, ...]

    @classmethod
    def of(cls, match: CareMatch, other: Member) -> Self:
        """The match with the name and the care contact of the other agency."""
        return cls(
            row=match.row,
            other_agency=match.other_agency,
            other_name=other.name,
            other_contact=other.contact,
            areas=match.areas,
            first_month=match.first_month,
            last_month=match.last_month,
            confidence=match.confidence,
            consent_until=match.consent_until,
            notices=match.notices,
        )


class MatchesOut(Strict):
    """The matches that an agency may see today."""

    run: str
    matches: tuple[CareMatchOut, ...]
    read: ReceiptOut
    released: Annotated[tuple[ReceiptOut, ...], Field(description="one for each other agency, or for nobody")]


class ErasedOut(Strict):
    """How many openings were erased."""

    openings: int
    receipt: ReceiptOut


class EntryOut(Strict):
    """One entry of the log."""

    index: int
    time: datetime
    event: dict[str, Any]

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """The entry as it is in the log."""
        event = entry.event
        return cls(
            index=entry.seq,
            time=entry.time,
            event={name: getattr(event, name) for name in event.__struct_fields__},
        )


class EntriesOut(Strict):
    """A stretch of the log."""

    size: int
    entries: tuple[EntryOut, ...]


class LinkOut(Strict):
    """A link that signs its member in to the pages, once, within two minutes."""

    url: Annotated[str, Field(examples=["https://headcount.example.org/sign-in/…"])]
    expires: datetime
