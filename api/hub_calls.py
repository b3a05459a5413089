"""What a process that answers requests asks of the first one, and how it is written: one JSON object a line.

Nothing is ever unpickled: each request and each answer is parsed into its own type.
"""

from __future__ import annotations

from typing import BinaryIO

import msgspec

from audit.errors import AuditError, CosignatureRefused, EntryNotFound, LogCannotBeWritten, NotWitnessed, OldSizeDiffers
from audit.events import Event


class Append(msgspec.Struct, frozen=True, tag=True):
    """Write *event* to the log; answered with its receipt."""

    event: Event


class Checkpoint(msgspec.Struct, frozen=True, tag=True):
    """Sign the log; answered with the signed checkpoint."""


class Proof(msgspec.Struct, frozen=True, tag=True):
    """A proof that entry *index* is in the log, cosigned by *need* witnesses."""

    index: int
    need: int


class Entries(msgspec.Struct, frozen=True, tag=True):
    """At most *limit* entries from number *start*."""

    start: int
    limit: int


class Export(msgspec.Struct, frozen=True, tag=True):
    """Write the bundle for auditors into the new folder *out*."""

    out: str


class Size(msgspec.Struct, frozen=True, tag=True):
    """How many entries the log has."""


class Submission(msgspec.Struct, frozen=True, tag=True):
    """What a witness is asked that cosigned *old_size* entries last."""

    old_size: int


class TakeCosignatures(msgspec.Struct, frozen=True, tag=True):
    """Keep what witnesses cosigned."""

    text: str


class Cosigned(msgspec.Struct, frozen=True, tag=True):
    """The newest checkpoint that *need* witnesses cosigned."""

    need: int


class Hit(msgspec.Struct, frozen=True, tag=True):
    """Count *amount* requests under *key*, unless there were *limit* within *expiry* seconds."""

    key: str
    limit: int
    expiry: int
    amount: int


class Window(msgspec.Struct, frozen=True, tag=True):
    """When the oldest counted request under *key* was, and how many there are."""

    key: str
    limit: int
    expiry: int


class Submit(msgspec.Struct, frozen=True, tag=True):
    """Queue a run."""

    run: str


class SubmitTask(msgspec.Struct, frozen=True, tag=True):
    """Queue another job."""

    job: str


OfLog = Append | Checkpoint | Proof | Entries | Export | Size | Submission | TakeCosignatures | Cosigned
Call = OfLog | Hit | Window | Submit | SubmitTask


class Failed(msgspec.Struct, frozen=True):
    """The log refused: the name of its error, and what that error says."""

    kind: str
    what: str
    hint: str
    size: int = 0


class Answer(msgspec.Struct, frozen=True):
    """What was asked for, or why not."""

    value: msgspec.Raw = msgspec.Raw(b"null")
    failed: Failed | None = None


# The errors that somebody tells apart; every other one is told as one of the log's disk.
_KINDS: dict[str, type[AuditError]] = {
    kind.__name__: kind for kind in (EntryNotFound, NotWitnessed, CosignatureRefused)
}
_AWAY = "Try again later; the operator sees why in the service's own log."


def failed_with(error: AuditError | OSError) -> Failed:
    """How *error* is told to the other process."""
    if isinstance(error, OSError):
        return Failed("OSError", error.strerror or type(error).__name__, _AWAY)
    size = error.size if isinstance(error, OldSizeDiffers) else 0
    return Failed(type(error).__name__, error.what, error.hint, size)


def error_of(failed: Failed) -> AuditError:
    """The error that was told."""
    if failed.kind == OldSizeDiffers.__name__:
        return OldSizeDiffers(failed.what, failed.hint, size=failed.size)
    return _KINDS.get(failed.kind, LogCannotBeWritten)(failed.what, failed.hint)


def write_line(stream: BinaryIO, value: Call | Answer) -> None:
    """Write one request or answer."""
    stream.write(msgspec.json.encode(value) + b"\n")
    stream.flush()


def read_line(stream: BinaryIO) -> bytes:
    """The next request or answer.

    Raises:
        ConnectionError: the other process has gone.
    """
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise ConnectionResetError("the other process has gone")
    return line
