"""What can go wrong at the service, each with *what* happened and a *hint* of what to do next.

Errors::

    HeadcountError (hashing.schema)
    └── ApiError
        ├── BadRequest         the request cannot be understood
        ├── NotSigned          nobody we know vouches for this request
        ├── Misdirected        meant for another service
        ├── Denied             we know who asks, and the answer is no
        ├── NotFound           not there, or not yours: the answer is the same
        ├── Conflict           at odds with what the roster, the epoch or an earlier request says
        ├── KeyReused          an Idempotency-Key that belongs to another request
        ├── TooLarge           more bytes than the service takes
        ├── WrongMediaType     of a type or an encoding that the service does not take
        ├── UploadRefused      an encoded file that may not be kept; carries the reason for the log
        ├── CannotKeep         the disk refused a file; nothing of it stays
        ├── LogUnavailable     the audit log cannot be written, so nothing was done
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


class Conflict(ApiError):
    """At odds with what the service already holds."""


class KeyReused(ApiError):
    """An Idempotency-Key that belongs to another request."""


class TooLarge(ApiError):
    """More bytes than the service takes."""


class WrongMediaType(ApiError):
    """A content type or a content encoding that the service does not take."""


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


class CannotKeep(ApiError):
    """The disk is full or broken; nothing of the file stays."""


class LogUnavailable(ApiError):
    """The audit log cannot be written: the act did not happen."""


class StartError(ApiError):
    """The service cannot start with these settings or this data folder."""
