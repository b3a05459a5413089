"""Checkpoints: the log's name, size and root in the three lines of C2SP tlog-checkpoint, signed as a note."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from audit.errors import VerificationError
from audit.merkle import HASH_BYTES
from audit.note import Note, Signature, from_base64, parse_note, to_base64

_COSIGNED_LABEL = b"subtree/v1\n\0"
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of the log *origin* when it held *size* entries under this *root* (32 bytes)."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The note text that Ed25519 signs."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"

    def stamped_text(self, timestamp: int) -> bytes:
        """The bytes that a witness's Ed25519 key signs (c2sp.org/tlog-cosignature); *timestamp* in POSIX seconds."""
        return f"cosignature/v1\ntime {timestamp}\n{self.text}".encode()

    def cosigned_message(self, signer: str, timestamp: int) -> bytes:
        """The bytes that ML-DSA-44 signs (c2sp.org/tlog-cosignature); *timestamp* in POSIX seconds."""
        return b"".join(
            (
                _COSIGNED_LABEL,
                _short(signer),
                struct.pack(">Q", timestamp),
                _short(self.origin),
                struct.pack(">QQ", 0, self.size),
                self.root,
            )
        )


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint and the note it came in; ``str()`` gives the exact text. Unverified until checked."""

    checkpoint: Checkpoint
    note: Note

    def __str__(self) -> str:
        return str(self.note)

    def with_signatures(self, more: Iterable[Signature]) -> SignedCheckpoint:
        """The same checkpoint with *more* signature lines under it; a line that is there already stays single."""
        lines = dict.fromkeys((*self.note.signatures, *more))
        return SignedCheckpoint(self.checkpoint, Note(self.note.text, tuple(lines)))


def parse_checkpoint(text: str) -> Checkpoint:
    """Parse the three lines; extension lines are refused, because nobody could audit them.

    Raises:
        VerificationError: not exactly the text of a checkpoint.
    """
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise VerificationError("a checkpoint has three lines: log, size and root")
    origin, size, root = lines[:3]
    if not _SIZE.fullmatch(size):
        raise VerificationError("the size in the checkpoint is not a plain number")
    return Checkpoint(origin, int(size), _parse_root(root))


def parse_signed_checkpoint(data: str) -> SignedCheckpoint:
    """Parse a signed note that holds a checkpoint.

    Raises:
        VerificationError: not a signed note, or its text is no checkpoint.
    """
    note = parse_note(data)
    return SignedCheckpoint(parse_checkpoint(note.text), note)


def split_notes(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The notes of a file of checkpoints, in which each is followed by one blank line.

    A last note without its blank line is left out: it was never wholly written.
    """
    note, blanks = b"", 0
    for line in lines:
        blanks += line == b"\n"
        if blanks == 2:
            yield note
            note, blanks = b"", 0
        else:
            note += line


def _parse_root(text: str) -> bytes:
    try:
        root = from_base64(text)
    except ValueError as error:
        raise VerificationError("the root in the checkpoint is not base64") from error
    if len(root) != HASH_BYTES:
        raise VerificationError("the root in the checkpoint is not a SHA-256 hash")
    return root


def _short(text: str) -> bytes:
    data = text.encode()
    return struct.pack("B", len(data)) + data
