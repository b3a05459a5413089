"""The log's side of witnessing: the cosignatures it was given, beside the checkpoints that it signed.

The file ``cosignatures`` holds notes, each a checkpoint's text with the lines of one witness under it; the
first of a checkpoint has the log's lines too. The log takes cosignatures only of witnesses that it was told
of, and only on what it signed itself.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence

from audit.checkpoint import SignedCheckpoint, parse_signed_checkpoint, split_notes
from audit.cosignature import TrustedWitness, cosignature_lines, cosigned_by
from audit.disk import AppendFile
from audit.errors import (
    TAMPERED,
    CosignatureRefused,
    EntryNotFound,
    LogCannotBeWritten,
    LogRolledBack,
    OldSizeDiffers,
    VerificationError,
)
from audit.kept import RESTORE, LogFolder
from audit.merkle import Tree
from audit.note import Note, Signature, VerifierKey
from audit.signing import lines_by, verify_signatures
from audit.submission import STEPS, Submission

COSIGNATURES = "cosignatures"
LATER = "Ask again when the witnesses have seen it, in an hour or so."
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
                self._append(signed, cosignature_lines(signed, [witness]))

    def newest(self, need: int) -> SignedCheckpoint | None:
        """The newest checkpoint that *need* witnesses cosigned, with every line that the log has of it."""
        with self._turn:
            size = max((size for size, places in self._places.items() if len(places) >= need), default=None)
        return None if size is None else self.on(size)

    def next_after(self, size: int, *, upto: int) -> SignedCheckpoint | None:
        """The next state after *size* that somebody cosigned, of the newest `STEPS`; with the log's own lines alone."""
        with self._turn:
            later = heapq.nlargest(STEPS, (other for other in self._places if size < other <= upto))
        signed = self.on(later[-1]) if later else None
        if signed is None:
            return None
        own = tuple(lines_by(key, signed)[0] for key in self._keys)
        return SignedCheckpoint(signed.checkpoint, Note(signed.note.text, own))

    def on(self, size: int) -> SignedCheckpoint | None:
        """The checkpoint of *size* entries with its lines, or None if nobody cosigned it."""
        found: SignedCheckpoint | None = None
        with self._file.path.open("rb") as file:
            for start, length in self._places.get(size, ()):
                file.seek(start)
                one = parse_signed_checkpoint(file.read(length - 1).decode())
                found = found.with_signatures(one.note.signatures) if found else one
        return found

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
                "no witness that this log knows has cosigned that",
                "Give the operator your file witness.vkey, and try again when it is listed at the service.",
            )
        size = signed.checkpoint.size
        return [one for one in self._witnesses if one.name in names and (size, one.name) not in self._have]

    def _append(self, signed: SignedCheckpoint, lines: tuple[Signature, ...]) -> None:
        first = signed.checkpoint.size not in self._places
        own = tuple(lines_by(key, signed)[0] for key in self._keys) if first else ()
        note = Note(signed.note.text, own + lines)
        start, record = self._file.length, f"{note}\n".encode()
        self._file.append(record)
        self._place(SignedCheckpoint(signed.checkpoint, note), start, len(record))

    def _place(self, signed: SignedCheckpoint, start: int, length: int) -> None:
        size = signed.checkpoint.size
        self._places.setdefault(size, []).append((start, length))
        self._have.add((size, signed.note.signatures[-1].name))

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


class Witnessing:
    """What a log has to say to witnesses, and to whoever asks what they cosigned."""

    def __init__(self, cosignatures: Cosignatures, state: Callable[[], tuple[SignedCheckpoint, Tree]]) -> None:
        """*state* gives the last signed checkpoint and the tree, which has at least its entries."""
        self._cosignatures, self._state = cosignatures, state

    def submission(self, old_size: int) -> str:
        """What a witness is asked that cosigned *old_size* entries last: ``add-checkpoint`` of C2SP tlog-witness.

        It is asked for what other witnesses have cosigned since, state by state, and then for the newest: witnesses
        that come one after the other would otherwise never cosign the same.

        Raises:
            OldSizeDiffers: more than this log has ever signed.
        """
        newest, tree = self._state()
        size = newest.checkpoint.size
        if old_size > size:
            raise OldSizeDiffers(f"this log has signed {size} entries, not {old_size}", TAMPERED, size=size)
        signed = self._cosignatures.next_after(old_size, upto=size) or newest
        size = signed.checkpoint.size
        return str(Submission(old_size, tree.consistency_proof(old_size=old_size, new_size=size), signed))

    def take(self, text: str) -> None:
        """Keep what witnesses cosigned: one of this log's checkpoints with their lines under it.

        Raises:
            CosignatureRefused: of no known witness, or not on a checkpoint of this log.
            LogCannotBeWritten: it could not be kept.
        """
        try:
            signed = parse_signed_checkpoint(text)
        except VerificationError as error:
            raise CosignatureRefused(error.what, "Send a checkpoint with cosignatures under it.") from error
        _, tree = self._state()
        try:
            self._cosignatures.take(signed, root_of=lambda size: tree.root(size) if size <= len(tree) else b"")
        except OSError as error:
            raise LogCannotBeWritten(
                f"the cosignatures cannot be written: {error.strerror or error}", "Send them again later."
            ) from error

    def newest(self, need: int) -> SignedCheckpoint:
        """The newest checkpoint that *need* witnesses cosigned, with their lines.

        Raises:
            EntryNotFound: there is none yet.
        """
        signed = self._cosignatures.newest(need)
        if signed is None:
            raise EntryNotFound(f"no state of the log is cosigned by {need} witnesses yet", LATER)
        return signed

    def beside(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The log's own checkpoints, each with the cosignatures on it; both as in the file ``checkpoints``."""
        for note in split_notes(_lines(pieces)):
            signed = parse_signed_checkpoint(note.decode())
            cosigned = self._cosignatures.on(signed.checkpoint.size)
            yield f"{signed.with_signatures(cosigned.note.signatures) if cosigned else signed}\n".encode()


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line + b"\n" for line in whole)


def _parse(data: bytes) -> SignedCheckpoint:
    try:
        return parse_signed_checkpoint(data.decode())
    except (UnicodeDecodeError, VerificationError) as error:
        raise LogRolledBack("the file of cosignatures is damaged", RESTORE) from error
