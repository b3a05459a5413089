"""What can go wrong at the service, each with *what* happened and a *hint* of what to do next.

Errors::

    HeadcountError (hashing.schema)
    └── ApiError
        ├── BadRequest         the request cannot be understood
        ├── NotSigned          nobody we know vouches for this request
        │   ├── PasskeyRefused a passkey's answer that does not count; carries the reason for the log
        │   └── OpenIdRefused  a sign-in at an OpenID provider that does not count; carries the reason for the log
        ├── NotConfirmed       a person has to confirm with a passkey, just now, that it is they
        ├── Misdirected        meant for another service
        ├── Denied             we know who asks, and the answer is no
        ├── NotFound           not there, or not yours: the answer is the same
        ├── NotWitnessed       an entry that is there, but that too few witnesses have cosigned yet
        ├── Conflict           at odds with what the roster, the epoch or an earlier request says
        ├── KeyReused          an Idempotency-Key that belongs to another request
        ├── PreconditionFailed changed, or there, since the caller read it
        ├── TooLarge           more bytes than the service takes
        ├── TooSlow            hardly moving, or not at all
        ├── WrongMediaType     of a type or an encoding that the service does not take
        ├── TooManyRequests    more requests than the caller may make; carries how long to wait
        ├── UploadRefused      an encoded file that may not be kept; carries the reason for the log
        ├── CannotKeep         the disk refused a file; nothing of it stays
        ├── MailFailed         a letter was not taken by the mail server
        ├── NotReady           what every act needs cannot be written
        ├── StoreUnavailable   the database cannot be read or written, so nothing was done
        ├── LogUnavailable     the audit log cannot be written, so nothing was done
        ├── BackupError        a backup that cannot be made, or is not one that may be restored
        └── StartError         a setting or a data folder that the service cannot start with

What each means in HTTP is told in api/problems.py alone.
"""

from __future__ import annotations

from enum import StrEnum

from hashing.schema import HeadcountError


class ApiError(HeadcountError):
    """Root of what the service refuses."""


class BadRequest(ApiError):
    """The request cannot be understood."""


class NotSigned(ApiError):
    """No signature, session or link that the service accepts."""


class NotConfirmed(ApiError):
    """Known and allowed, but not confirmed with a passkey within the last minutes."""


class Misdirected(ApiError):
    """The request names another host than this service."""


class Denied(ApiError):
    """The caller is known and may not do this."""


class NotFound(ApiError):
    """Not there, or another member's: deliberately one answer."""


def not_there() -> NotFound:
    """The one answer for what is missing and for what is another member's."""
    return NotFound(
        "there is nothing here, or nothing that you may see",
        hint="Check the identifier; agencies see only what is their own.",
    )


class NotWitnessed(ApiError):
    """Not cosigned by so many witnesses yet: waiting for that is no refusal, so none is logged."""


class Conflict(ApiError):
    """At odds with what the service already holds."""


class KeyReused(ApiError):
    """An Idempotency-Key that belongs to another request."""


class PreconditionFailed(ApiError):
    """What was to be changed is no longer what the caller read."""


class TooLarge(ApiError):
    """More bytes than the service takes."""


class TooSlow(ApiError):
    """A request that hardly moves, or not at all."""


class WrongMediaType(ApiError):
    """A content type or a content encoding that the service does not take."""


class TooManyRequests(ApiError):
    """More requests within a minute than the caller may make; *retry_after* seconds later there is room for one."""

    def __init__(self, what: str, *, hint: str, retry_after: int) -> None:
        super().__init__(what, hint=hint)
        self.retry_after = retry_after


class Refusal(StrEnum):
    """Why a file was not kept, in words that hold nothing of the file: these go into the log."""

    NOT_ALLOWED = "sender may not send rows"
    OTHER_AGENCY = "file of another agency"
    OTHER_KIND = "kind differs from the roster"
    NO_EPOCH = "no epoch is open"
    OTHER_EPOCH = "epoch is not the open one"
    OTHER_PROFILE = "profile differs from the epoch"
    OTHER_KEY = "key check value differs from the epoch"
    OTHER_VERSION = "encoded with a version that normalises differently"
    DAMAGED = "not an encoded file, damaged or cut short"
    TOO_LARGE = "larger than the service takes"
    NO_AGREEMENT = "outside the dates of the agency's agreement"
    OTHER_DIGEST = "body differs from its signed digest"
    BROKEN_OFF = "connection broke off"
    DISK = "the service's disk refused it"


class UploadRefused(ApiError):
    """An encoded file that may not be kept; nothing of it stays on disk."""

    def __init__(self, what: str, *, hint: str, reason: Refusal) -> None:
        super().__init__(what, hint=hint)
        self.reason = reason


class Refused(StrEnum):
    """Why a passkey's answer does not count, in words that hold nothing of it: these go into the log."""

    ORIGIN = "made for a page of another address"
    SITE = "made for another site"
    CHALLENGE = "challenge not ours, used before, or too old"
    UNVERIFIED = "authenticator did not verify who holds it"
    COUNTER = "counter went back, the passkey may have been copied"
    SIGNATURE = "signature not of this passkey"
    UNKNOWN = "passkey not known"
    KNOWN = "passkey enrolled before"
    SHUT_OUT = "person shut out"
    MALFORMED = "not the answer of an authenticator"


class PasskeyRefused(NotSigned):
    """A passkey's answer that does not count; carries the reason for the log."""

    def __init__(self, reason: Refused) -> None:
        super().__init__(
            f"your passkey was not accepted: {reason}",
            hint="Open the page anew and try again. If it stays so, ask your organisation for a new link.",
        )
        self.reason = reason


class Unaccepted(StrEnum):
    """Why what an OpenID provider says does not count, in words that hold nothing of it."""

    STATE = "sign-in not started in this browser, or too long ago"
    UNREACHABLE = "provider does not answer as it should"
    CODE = "provider does not know this sign-in"
    TOKEN = "token not signed by the provider, or not as it has to be"  # noqa: S105
    ISSUER = "token of another provider"
    AUDIENCE = "token for another service"
    NONCE = "token of another sign-in"
    EXPIRED = "token too old"
    FACTOR = "provider saw no second factor"
    NOBODY = "no person is bound to this account"
    TAKEN = "account is bound to another person"
    SHUT_OUT = "person shut out"


class OpenIdRefused(NotSigned):
    """A sign-in at a provider that does not count; carries the reason for the log."""

    def __init__(self, reason: Unaccepted) -> None:
        super().__init__(
            f"your account was not accepted: {reason}",
            hint="Try again from the page Sign in. An account is bound to you by opening your invitation.",
        )
        self.reason = reason


class CannotKeep(ApiError):
    """The disk is full or broken; nothing of the file stays."""


class MailFailed(ApiError):
    """A letter was not taken by the mail server."""


class NotReady(ApiError):
    """What every act needs cannot be written."""


class StoreUnavailable(ApiError):
    """The database cannot be read or written: the act did not happen, or is as if it had not."""


class LogUnavailable(ApiError):
    """The audit log cannot be written: the act did not happen."""


class StartError(ApiError):
    """The service cannot start with these settings or this data folder."""


class BackupError(ApiError):
    """A backup that cannot be made, or one that cannot be restored as it is or to where it is to go."""
