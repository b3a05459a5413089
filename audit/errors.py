"""What can go wrong with the log, and what to do next; never a client's value.

Errors::

    AuditError                 what went wrong, and a hint of what to do next
    ├── EventRefused           an event does not fit the log's format; nothing was written
    ├── LogCannotBeWritten     the disk refused; the act that was to be logged must not happen
    ├── LogInUse               another process writes to the same folder
    ├── LogRolledBack          the folder no longer holds what was signed; the log does not start
    ├── EntryNotFound          no entry of that number
    ├── ExportRefused          the bundle has nowhere to go
    ├── FileUnfit              a file that somebody gave cannot be read, or is not what it should be
    ├── SigningKeyError        a signing key or a verifier key that cannot be used here
    │   └── NameRefused        what was to be the name of a log or a witness cannot be one
    ├── WitnessFolderError     a witness's folder is damaged, not there, or in use
    │   └── LogKeysDiffer      the log is watched with other keys
    ├── WitnessRefused         a witness does not cosign
    │   ├── RequestMalformed   what was sent is not a request of c2sp.org/tlog-witness
    │   ├── LogUnknown         the witness does not watch that log
    │   ├── LogNotSigned       the checkpoint is not signed with the log's keys
    │   ├── OldSizeDiffers     the request starts from another size than was last cosigned
    │   ├── SplitView          two histories of one log: the witness has cosigned another of that size
    │   └── GrowthNotProven    the consistency proof does not hold
    ├── CosignatureRefused     the log does not take a cosignature
    ├── ServiceUnreachable     a service or a witness does not answer, or not as agreed
    ├── CommandMisused         a command was given what it cannot be given
    └── VerificationError      a proof, a checkpoint or a bundle does not hold; may name the entry
"""

from __future__ import annotations

from typing import ClassVar

TAMPERED = "Keep this copy as it is, ask the service for a fresh export, and tell the other auditors."


class AuditError(Exception):
    """Something a person can act on: *what* happened, and a *hint* of what to do next.

    *exit_code* tells a scheduled task what kind it is: 1 the log contradicts what was seen or signed, 2 the command
    was typed wrong, 3 it could not be done now.
    """

    exit_code: ClassVar[int] = 1

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

    exit_code = 3


class LogRolledBack(AuditError):
    """The entries on disk are fewer than, or other than, those already signed."""


class EntryNotFound(AuditError):
    """The log has no entry of that number."""


class FileUnfit(AuditError):
    """A file that somebody gave cannot be read, or is not what it should be; of the log this says nothing."""

    exit_code = 3


class ExportRefused(AuditError):
    """The bundle would overwrite something."""

    exit_code = 3


class SigningKeyError(AuditError):
    """The key is missing, damaged, of another kind, or of another log."""

    exit_code = 3


class NameRefused(SigningKeyError):
    """A name that cannot stand in a signature line."""

    exit_code = 2


class WitnessFolderError(AuditError):
    """A witness that forgot what it cosigned could be led to cosign a second history."""

    exit_code = 3


class LogKeysDiffer(WitnessFolderError):
    """Other keys of a log than those it is watched with: a mistake, or somebody who poses as the log."""

    exit_code = 1


class WitnessRefused(AuditError):
    """The witness does not cosign this."""


class RequestMalformed(WitnessRefused):
    """Not the bytes of an add-checkpoint request."""

    exit_code = 3


class LogUnknown(WitnessRefused):
    """A log that this witness was not told to watch."""

    exit_code = 3


class LogNotSigned(WitnessRefused):
    """A signature by a key of the log is missing, or does not fit."""


class OldSizeDiffers(WitnessRefused):
    """The request starts from another size than *size*, the one last cosigned."""

    exit_code = 3

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

    exit_code = 3


class CommandMisused(AuditError):
    """What was typed cannot be done, whoever tries it and whenever."""

    exit_code = 2


class VerificationError(AuditError):
    """A claim about the log does not hold.

    *entry* is the number (``seq``, from 0) of the first bad entry, where that can be told.
    """

    def __init__(self, what: str, hint: str = TAMPERED, *, entry: int | None = None) -> None:
        super().__init__(what, hint)
        self.entry = entry
