"""The log itself: append an event, sign the state, prove an entry, hand out a copy.

Every act of the service is appended here first and done after: `AuditLog.append` returns only when the
entry is on the disk, and raises when it is not. Files and formats: docs/formats/audit-log.md.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import chain, repeat
from pathlib import Path
from types import TracebackType
from typing import Self

from audit import bundle
from audit.checkpoint import SignedCheckpoint
from audit.cosignature import TrustedWitness
from audit.disk import AppendFile, Disk
from audit.errors import (
    EntryNotFound,
    LogCannotBeWritten,
    LogRolledBack,
    NotWitnessed,
    VerificationError,
)
from audit.events import Entry, Event, Receipt, decode_entry, encode_entry
from audit.kept import ENTRIES, RESTORE, KeptCheckpoints, LogFolder
from audit.lock import FolderLock
from audit.merkle import Tree, leaf_hash
from audit.proof import LogProof
from audit.replay import replay
from audit.signing import LogSigner, fingerprint
from audit.witnessed import LATER, Cosignatures, Witnessing

__all__ = ["AuditLog", "Receipt"]

_COPY_BYTES = 1024**2


class AuditLog:
    """An append-only log in a folder of its own, with one writer; safe to share between threads."""

    def __init__(
        self,
        folder: LogFolder,
        signer: LogSigner,
        witnesses: Sequence[TrustedWitness],
        *,
        clock: Callable[[], datetime],
        held: ExitStack,
    ) -> None:
        self._folder, self._signer, self._clock, self._held = folder, signer, clock, held
        self._turn = threading.Lock()
        self._open = True
        self._kept = KeptCheckpoints(folder, signer, now=clock())
        held.callback(self._kept.close)
        cosignatures = Cosignatures(folder, signer.keys, witnesses)
        held.callback(cosignatures.close)
        self.witnessing = Witnessing(cosignatures, self._signed_state)
        self._file = AppendFile(folder.path / ENTRIES, folder.disk)
        held.callback(self._file.close)
        self._entries = replay(self._file.path, signed=self._kept.last.checkpoint)
        self._time = max(self._entries.time, self._kept.signed_at)
        self.torn_bytes = self._file.length - self._entries.length
        if self.torn_bytes:
            self._file.cut(self._entries.length)
        folder.disk.sync_folder(folder.path)

    @classmethod
    def open(
        cls,
        folder: Path,
        signer: LogSigner,
        *,
        clock: Callable[[], datetime],
        disk: Disk | None = None,
        witnesses: Sequence[TrustedWitness] = (),
    ) -> AuditLog:
        """Open the log in *folder*, or begin one there; *clock* gives aware times.

        It takes cosignatures of *witnesses* alone.

        The bytes of a last entry that was never acknowledged are cut off; `torn_bytes` says how many.

        Raises:
            LogInUse: another writer has the folder.
            LogRolledBack: the folder does not hold all that was signed.
            SigningKeyError: the log was begun with another key.
            LogCannotBeWritten: the disk refused.
        """
        with _told(folder), ExitStack() as held:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            held.callback(FolderLock(folder).release)
            log = cls(LogFolder(folder, disk or Disk()), signer, witnesses, clock=clock, held=held)
            log._held = held.pop_all()
            return log

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self._entries.tree)

    @property
    def vkeys(self) -> str:
        """The public keys, as the text of ``log.vkey``."""
        return self._signer.vkeys

    def append(self, event: Event) -> Receipt:
        """Log *event* and return when it is on the disk; only then may the act be done.

        Raises:
            EventRefused: the event does not fit the format.
            LogCannotBeWritten: the entry is not in the log; the next append may succeed.
        """
        with self._turn:
            self._check_open()
            entry = Entry(self.size, event, self._now())
            line = encode_entry(entry)
            with _told(self._file.path):
                self._file.append(line + b"\n")
            self._time = entry.time
            return Receipt(entry.seq, self._entries.add(line, entry.time).hex(), entry.time)

    def checkpoint(self) -> str:
        """The signed current state, as the text of a C2SP checkpoint; kept on disk before it is returned.

        Raises:
            LogCannotBeWritten: it could not be kept, so it is not handed out.
        """
        with self._turn:
            self._check_open()
            return self._sign()

    def proof(self, index: int, *, need: int = 0) -> str:
        """A C2SP tlog-proof that entry *index* is in the log, under a checkpoint that *need* witnesses cosigned.

        See `audit.proof.verify_proof`.

        Raises:
            EntryNotFound: there is no such entry, or not under such a checkpoint yet.
            LogCannotBeWritten: a checkpoint was needed and could not be kept.
        """
        with self._turn:
            self._check_open()
            self._check_exists(index)
            signed = self.witnessing.newest(need) if need else self._signed_over(index)
            if index >= signed.checkpoint.size:
                raise NotWitnessed(f"entry {index} is not witnessed yet", LATER)
            path = self._entries.tree.inclusion_proof(index=index, size=signed.checkpoint.size)
            return str(LogProof(index, path, signed))

    def entries(self, start: int = 0, limit: int = 100) -> tuple[Entry, ...]:
        """Up to *limit* entries from number *start* on, each ``(seq, event, time)``, as they are on disk.

        Raises:
            VerificationError: the file was changed since the entry was acknowledged.
        """
        numbers = range(max(start, 0), min(max(start, 0) + limit, self.size))
        if not numbers:
            return ()
        first, end = self._entries.span(numbers.start, numbers.stop)
        with self._file.path.open("rb") as file:
            file.seek(first)
            lines = file.read(end - first).split(b"\n")
        found = chain(lines, repeat(b""))  # a file cut short fails as a changed one does
        return tuple(self._acknowledged(number, line) for number, line in zip(numbers, found, strict=False))

    def export(self, out: Path) -> Path:
        """Sign the current state and write a copy of the log for auditors into the new folder *out*.

        Raises:
            ExportRefused: *out* is there already, or cannot be written.
            LogCannotBeWritten: the state could not be signed.
        """
        with self._turn:
            self._check_open()
            self._sign()
            size, length = self.size, self._entries.length
            list_path, list_length = self._kept.list_file()
        readme = bundle.README_TEXT.format(name=self._signer.name, fingerprint=fingerprint(self._signer.keys))
        files: dict[str, Iterable[bytes]] = {
            bundle.ENTRIES: _first_bytes(self._file.path, length),
            bundle.LEAVES: (self._entries.tree.leaf(n).hex().encode() + b"\n" for n in range(size)),
            bundle.CHECKPOINTS: self.witnessing.beside(_first_bytes(list_path, list_length)),
            bundle.VKEYS: (self._signer.vkeys.encode(),),
            bundle.README: (readme.encode(),),
        }
        bundle.write_bundle(out, files, disk=self._folder.disk)
        return out

    def close(self) -> None:
        """Sign the final state and let the next writer in; a second time does nothing.

        Raises:
            LogCannotBeWritten: the final state could not be kept; the log is closed nevertheless.
        """
        with self._turn:
            if not self._open:
                return
            try:
                self._sign()
            finally:
                self._open = False
                self._held.close()

    def _signed_state(self) -> tuple[SignedCheckpoint, Tree]:
        with self._turn:
            self._check_open()
            return self._kept.last, self._entries.tree

    def _signed_over(self, index: int) -> SignedCheckpoint:
        if index >= self._kept.last.checkpoint.size:
            self._sign()
        return self._kept.last

    def _now(self) -> datetime:
        return max(self._clock().astimezone(UTC), self._time)  # a clock set back does not turn the log back

    def _sign(self) -> str:
        tree, last = self._entries.tree, self._kept.last.checkpoint
        if len(tree) > last.size:
            if tree.root(last.size) != last.root:
                raise LogRolledBack("the log in memory is not the one that was signed", RESTORE)
            time = self._now()
            with _told(self._folder.path):
                self._kept.keep(self._signer.sign(size=len(tree), root=tree.root(), time=time))
            self._time = time
        return str(self._kept.last)

    def _check_open(self) -> None:
        if not self._open:
            raise LogCannotBeWritten("the log is closed", "Start the service again.")

    def _check_exists(self, index: int) -> None:
        if not 0 <= index < self.size:
            raise EntryNotFound(f"the log has no entry {index}", f"Its {self.size} entries are numbered from 0.")

    def _acknowledged(self, index: int, line: bytes) -> Entry:
        if leaf_hash(line) != self._entries.tree.leaf(index):
            raise VerificationError(f"entry {index} was changed on the service's disk", entry=index)
        return decode_entry(line)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LogCannotBeWritten(
            f"the log in {path} cannot be written: {error.strerror or error}",
            "Nothing was done. Free or mend the disk, then try again.",
        ) from error


def _first_bytes(path: Path, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        while length and (piece := file.read(min(length, _COPY_BYTES))):
            length -= len(piece)
            yield piece
