"""What can go wrong with the log, and what to do next; never a client's value.

Errors::

    AuditError                 what went wrong, and a hint of what to do next
    ├── EventRefused           an event does not fit the log's format; nothing was written
    ├── LogCannotBeWritten     the disk refused; the act that was to be logged must not happen
    ├── LogInUse               another process writes to the same folder
    ├── LogRolledBack          the folder no longer holds what was signed; the log does not start
    ├── EntryNotFound          no entry of that number
    │   └── NotWitnessed       there is one, under no checkpoint that enough witnesses cosigned
    ├── ExportRefused          the bundle has nowhere to go
    ├── FileUnfit              a file that somebody gave cannot be read, or is not what it should be
    ├── SigningKeyError        a signing key or a verifier key that cannot be used here
    ├── WitnessFolderError     a witness's folder is damaged, not there, or in use
    ├── WitnessRefused         a witness does not cosign
    │   ├── RequestMalformed   what was sent is not a request of c2sp.org/tlog-witness
    │   ├── LogUnknown         the witness does not watch that log
    │   ├── LogNotSigned       the checkpoint is not signed with the log's keys
    │   ├── OldSizeDiffers     the request starts from another size than was last cosigned
    │   ├── SplitView          two histories of one log: the witness has cosigned another of that size
    │   └── GrowthNotProven    the consistency proof does not hold
    ├── CosignatureRefused     the log does not take a cosignature
    ├── ServiceUnreachable     a service or a witness does not answer, or not as agreed
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


class NotWitnessed(EntryNotFound):
    """Enough witnesses have cosigned no checkpoint yet, or none that covers the entry."""


class FileUnfit(AuditError):
    """A file that somebody gave cannot be read, or is not what it should be; of the log this says nothing."""


class ExportRefused(AuditError):
    """The bundle would overwrite something."""


class SigningKeyError(AuditError):
    """The key is missing, damaged, of another kind, or of another log."""


class WitnessFolderError(AuditError):
    """A witness that forgot what it cosigned could be led to cosign a second history."""


class WitnessRefused(AuditError):
    """The witness does not cosign this."""


class RequestMalformed(WitnessRefused):
    """Not the bytes of an add-checkpoint request."""


class LogUnknown(WitnessRefused):
    """A log that this witness was not told to watch."""


class LogNotSigned(WitnessRefused):
    """A signature by a key of the log is missing, or does not fit."""


class OldSizeDiffers(WitnessRefused):
    """The request starts from another size than *size*, the one last cosigned."""

    def __init__(self, what: str, hint: str, *, size: int) -> None:
        super().__init__(what, hint)
        self.size = size


class SplitView(WitnessRefused):
    """The log signed two roots for one size. The signed checkpoint is the proof."""


class GrowthNotProven(WitnessRefused):
    """The proof does not show that the new state grew from the last one cosigned."""


class CosignatureRefused(AuditError):
    """Not a cosignature by a known witness on a state of this log."""


class ServiceUnreachable(AuditError):
    """The other side does not answer, or not as agreed."""


class VerificationError(AuditError):
    """A claim about the log does not hold.

    *entry* is the number (``seq``, from 0) of the first bad entry, where that can be told.
    """

    def __init__(self, what: str, hint: str = TAMPERED, *, entry: int | None = None) -> None:
        super().__init__(what, hint)
        self.entry = entry
