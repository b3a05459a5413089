"""What the log says: one event a line, in one canonical form. Described in docs/formats/audit-log.md.

An event names keys, members, runs and files by their identifiers. It never holds an identifier of a
client, a code or a pseudonym, and of a member's staff an opaque code alone: the log is kept for years and handed to
auditors.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, NamedTuple

import msgspec

from audit.errors import EventRefused, VerificationError

MAX_ENTRY_BYTES = 65_535  # C2SP tlog-tiles stores an entry's length in two bytes

# Without control characters, line separators and direction overrides, an entry can be shown as it is.
_SHOWABLE = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]*\Z"
_MAX_SAFE_INT = 2**53 - 1  # larger ones change in readers that keep numbers as doubles (RFC 7493 2.2)

Text = Annotated[str, msgspec.Meta(max_length=200, pattern=_SHOWABLE)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=_SHOWABLE)]
Number = Annotated[int, msgspec.Meta(ge=-_MAX_SAFE_INT, le=_MAX_SAFE_INT)]
DetailName = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,63}\Z")]
SignatureDigest = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?\Z")]
_Time = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\Z")]


class Act(StrEnum):
    """What was done, or tried. New ones may be added; none may change its meaning."""

    FOUND = "found"
    MEMBER_INVITED = "member-invited"
    MEMBER_ADDED = "member-added"
    MEMBER_REMOVED = "member-removed"
    PERSON_INVITED = "person-invited"
    PERSON_REVOKED = "person-revoked"
    PASSKEY_ADDED = "passkey-added"
    PASSKEY_REMOVED = "passkey-removed"
    OPENID_LINKED = "openid-linked"
    NOTICE_SENT = "notice-sent"
    CONFIRMED = "confirmed"
    KEY_ADDED = "key-added"
    KEY_REVOKED = "key-revoked"
    ENVELOPE_RELAYED = "envelope-relayed"
    EPOCH_OPENED = "epoch-opened"
    UPLOAD_BEGUN = "upload-begun"
    UPLOAD_SENT = "upload-sent"
    UPLOAD_ACCEPTED = "upload-accepted"
    UPLOAD_REFUSED = "upload-refused"
    CODES_PURGED = "codes-purged"
    RUN_STARTED = "run-started"
    RUN_FINISHED = "run-finished"
    RUN_FAILED = "run-failed"
    JOB_STARTED = "job-started"
    JOB_FAILED = "job-failed"
    JOB_CANCELLED = "job-cancelled"
    COUNT_READ = "count-read"
    COUNT_RELEASED = "count-released"
    PERIOD_FROZEN = "period-frozen"
    REPORT_READ = "report-read"
    MATCHES_READ = "matches-read"
    MATCHES_RELEASED = "matches-released"
    REFERRAL_SENT = "referral-sent"
    REFERRAL_ANSWERED = "referral-answered"
    CONSENT_CHANGED = "consent-changed"
    LOG_READ = "log-read"
    LOG_EXPORTED = "log-exported"
    OPENINGS_READ = "openings-read"
    OPENINGS_ERASED = "openings-erased"
    SIGN_IN_OFFERED = "sign-in-offered"
    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    DENIED = "denied"
    REFUSED = "refused"
    SETTINGS_CHANGED = "settings-changed"
    STARTED = "started"
    STOPPED = "stopped"
    BACKED_UP = "backed-up"
    RESTORED = "restored"


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who did what to which thing, why, under which rule, and with what outcome.

    *actor* is a key or member identifier, *object* the identifier of a thing (never of a person),
    *rule* the policy or consent code that allowed or refused it, *request_signature* the SHA-256 (hex) of
    the request's RFC 9421 signature. Texts are at most 200 characters.
    """

    actor: Name
    role: Text
    act: Act
    object: Text
    purpose: Text
    outcome: Name
    rule: Text = ""
    agency: Text = ""
    epoch: Annotated[int, msgspec.Meta(ge=0, le=_MAX_SAFE_INT)] | None = None
    request_signature: SignatureDigest = ""
    details: Annotated[dict[DetailName, Text | Number], msgspec.Meta(max_length=32)] = {}


class Entry(NamedTuple):
    """An event in its place in the log: its number from 0, and the UTC time at which it was written."""

    seq: int
    event: Event
    time: datetime


class HeldReceipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A receipt that somebody kept; some were noted down without their *time*."""

    index: Annotated[int, msgspec.Meta(ge=0)]
    leaf: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
    time: datetime | None = None


class Receipt(HeldReceipt, frozen=True, forbid_unknown_fields=True):
    """What the log promises on an append: entry *index* has this *leaf* hash (hex) and *time* (UTC)."""

    time: datetime


class _Line(Event, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry as it is written: the event's fields, its number and its time, side by side."""

    seq: Annotated[int, msgspec.Meta(ge=0, le=_MAX_SAFE_INT)]
    time: _Time


_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(_Line)


def encode_entry(entry: Entry) -> bytes:
    """The canonical bytes of an entry: JSON, keys sorted, no spaces, UTF-8, no line break.

    Raises:
        EventRefused: a field is not as `Event` wants it, or the entry is over 65,535 bytes.
    """
    fields = msgspec.structs.asdict(entry.event)
    try:
        line = _ENCODER.encode(_Line(**fields, seq=entry.seq, time=format_time(entry.time)))
        _parse(line)
    except (msgspec.MsgspecError, ValueError, TypeError, OverflowError) as error:
        raise EventRefused(
            f"the event cannot be logged: {error}", "Shorten or correct that field; nothing was done."
        ) from error
    return line


def decode_entry(line: bytes) -> Entry:
    """Parse the bytes of one entry, and accept only the canonical form.

    Raises:
        VerificationError: not an entry, or not in the form in which the log writes it.
    """
    try:
        parsed = _parse(line)
        time = datetime.fromisoformat(parsed.time)
    except (msgspec.MsgspecError, ValueError) as error:
        raise VerificationError(f"is not an entry that this Headcount knows: {error}") from error
    fields = {name: getattr(parsed, name) for name in Event.__struct_fields__}
    return Entry(parsed.seq, Event(**fields), time)


def format_time(time: datetime) -> str:
    """A UTC time as the log writes it: ISO 8601, microseconds, ``Z``."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _parse(line: bytes) -> _Line:
    if len(line) > MAX_ENTRY_BYTES:
        raise ValueError(f"longer than {MAX_ENTRY_BYTES} bytes")
    parsed = _DECODER.decode(line)
    if _ENCODER.encode(parsed) != line:
        raise ValueError("not in canonical form")
    return parsed
