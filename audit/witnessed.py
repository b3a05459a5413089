"""The log's side of witnessing: the cosignatures it was given, beside the checkpoints that it signed.

The file ``cosignatures`` holds notes, each a checkpoint's text with the lines of one witness under it. The
log takes cosignatures only of witnesses that it was told of, and only on what it signed itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from audit.checkpoint import SignedCheckpoint, parse_signed_checkpoint, split_notes
from audit.cosignature import TrustedWitness, cosignature_lines, cosigned_by
from audit.disk import AppendFile
from audit.errors import CosignatureRefused, LogRolledBack, VerificationError
from audit.kept import RESTORE, LogFolder
from audit.note import Note, Signature, VerifierKey
from audit.signing import verify_signatures

COSIGNATURES = "cosignatures"
_TELL = "Tell the operator and the auditors, and keep what you sent."


class Cosignatures:
    """What witnesses cosigned, on disk and by size; safe to share between threads."""

    def __init__(self, folder: LogFolder, keys: Sequence[VerifierKey], witnesses: Sequence[TrustedWitness]) -> None:
        """Read what was kept before.

        Raises:
            LogRolledBack: the file is damaged.
            OSError: the disk refused.
        """
        self._keys, self._witnesses = tuple(keys), tuple(witnesses)
        self._turn = threading.Lock()
        self._file = AppendFile(folder.path / COSIGNATURES, folder.disk)
        self._places: dict[int, list[tuple[int, int]]] = {}
        self._have: set[tuple[int, str]] = set()
        try:
            self._read()
        except BaseException:
            self.close()
            raise

    def take(self, signed: SignedCheckpoint, *, root_of: Callable[[int], bytes]) -> None:
        """Keep the cosignatures on *signed*, which this log signed; *root_of* gives its root of a size.

        Raises:
            CosignatureRefused: not signed by this log, another history, or by no witness it was told of.
            OSError: the disk refused; nothing was kept.
        """
        self._check_own(signed, root_of)
        with self._turn:
            for witness in self._new_to(signed):
                self._append(Note(signed.note.text, cosignature_lines(signed, [witness])))

    def on(self, size: int) -> tuple[Signature, ...]:
        """The cosignature lines on the checkpoint of *size* entries."""
        return tuple(chain.from_iterable(note.note.signatures for note in self._notes(size)))

    def newest(self, need: int) -> int | None:
        """The largest size that *need* witnesses cosigned."""
        sizes = (size for size, places in self._places.items() if len(places) >= need)
        return max(sizes, default=None)

    def beside(self, notes: Iterable[bytes]) -> Iterator[bytes]:
        """The log's own *notes*, each with the cosignatures on it, and followed by one blank line."""
        for note in notes:
            signed = parse_signed_checkpoint(note.decode())
            yield f"{signed.with_signatures(self.on(signed.checkpoint.size))}\n".encode()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _check_own(self, signed: SignedCheckpoint, root_of: Callable[[int], bytes]) -> None:
        try:
            verify_signatures(signed, self._keys)
        except VerificationError as error:
            raise CosignatureRefused(error.what, "Send the checkpoint as this log signed it.") from error
        if root_of(signed.checkpoint.size) != signed.checkpoint.root:
            raise CosignatureRefused(f"this log had another state at {signed.checkpoint.size} entries", _TELL)

    def _new_to(self, signed: SignedCheckpoint) -> list[TrustedWitness]:
        try:
            names = {found.name for found in cosigned_by(signed, self._witnesses)}
        except VerificationError as error:
            raise CosignatureRefused(error.what, "Send the witness's lines as it made them.") from error
        if not names:
            raise CosignatureRefused(
                "no witness that this log knows has cosigned that", "Give the operator your file witness.vkey."
            )
        size = signed.checkpoint.size
        return [one for one in self._witnesses if one.name in names and (size, one.name) not in self._have]

    def _append(self, note: Note) -> None:
        start, record = self._file.length, f"{note}\n".encode()
        self._file.append(record)
        self._place(note, start, len(record))

    def _place(self, note: Note, start: int, length: int) -> None:
        size = parse_signed_checkpoint(str(note)).checkpoint.size
        self._places.setdefault(size, []).append((start, length))
        self._have.add((size, note.signatures[0].name))

    def _notes(self, size: int) -> Iterator[SignedCheckpoint]:
        with self._file.path.open("rb") as file:
            for start, length in self._places.get(size, ()):
                file.seek(start)
                yield parse_signed_checkpoint(file.read(length - 1).decode())

    def _read(self) -> None:
        whole = 0
        with self._file.path.open("rb") as file:
            for data in split_notes(file):
                if b"\0" in data:  # space that the file system had set aside when the power went
                    break
                self._place(_parse(data), whole, len(data) + 1)
                whole += len(data) + 1
        if whole != self._file.length:
            self._file.cut(whole)


def _parse(data: bytes) -> Note:
    try:
        return parse_signed_checkpoint(data.decode()).note
    except (UnicodeDecodeError, VerificationError) as error:
        raise LogRolledBack("the file of cosignatures is damaged", RESTORE) from error
