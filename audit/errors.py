"""What can go wrong with the log, and what to do next; never a client's value.

Errors::

    AuditError                 what went wrong, and a hint of what to do next
    ├── EventRefused           an event does not fit the log's format; nothing was written
    ├── LogCannotBeWritten     the disk refused; the act that was to be logged must not happen
    ├── LogInUse               another process writes to the same folder
    ├── LogRolledBack          the folder no longer holds what was signed; the log does not start
    ├── EntryNotFound          no entry of that number
    ├── ExportRefused          the bundle has nowhere to go
    ├── SigningKeyError        a signing key or a verifier key that cannot be used here
    └── VerificationError      a proof, a checkpoint or a bundle does not hold; may name the entry
"""

from __future__ import annotations

TAMPERED = "Keep this copy as it is, ask the service for a fresh export, and tell the other auditors."


class AuditError(Exception):
    """Something a person can act on: *what* happened, and a *hint* of what to do next."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


class EventRefused(AuditError):
    """The event is too large or has a field that the log's format does not allow."""


class LogCannotBeWritten(AuditError):
    """Nothing was logged, so nothing may be done: the caller refuses the act."""


class LogInUse(AuditError):
    """A log has one writer; this would have been the second."""


class LogRolledBack(AuditError):
    """The entries on disk are fewer than, or other than, those already signed."""


class EntryNotFound(AuditError):
    """The log has no entry of that number."""


class ExportRefused(AuditError):
    """The bundle would overwrite something."""


class SigningKeyError(AuditError):
    """The key is missing, damaged, of another kind, or of another log."""


class VerificationError(AuditError):
    """A claim about the log does not hold.

    *entry* is the number (``seq``, from 0) of the first bad entry, where that can be told.
    """

    def __init__(self, what: str, hint: str = TAMPERED, *, entry: int | None = None) -> None:
        super().__init__(what, hint)
        self.entry = entry
