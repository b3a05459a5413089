"""The checkpoints that the log keeps: the last one in a file of its own, and the list of all.

The file ``last-signed`` is the log's memory of what it has promised. It is replaced in one step before a
checkpoint leaves the log, so that a log restored from an older copy cannot sign a second history unseen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from audit.checkpoint import SignedCheckpoint, parse_signed_checkpoint, split_notes
from audit.disk import AppendFile, Disk, put_file
from audit.errors import LogRolledBack, SigningKeyError, VerificationError
from audit.merkle import EMPTY_ROOT
from audit.signing import LogSigner, stamped_time, verify_signatures

LAST_SIGNED, CHECKPOINTS, ENTRIES = "last-signed", "checkpoints", "entries.jsonl"
RESTORE = "Do not start it. Restore the newest backup of the whole folder, and tell the auditors."


@dataclass(frozen=True, slots=True)
class LogFolder:
    """Where a log lives, and the disk it is written through."""

    path: Path
    disk: Disk

    def is_new(self) -> bool:
        """Is there no trace of a log yet?"""
        return not any((self.path / name).exists() for name in (LAST_SIGNED, CHECKPOINTS, ENTRIES))


class KeptCheckpoints:
    """What the log has signed, on disk and in order."""

    def __init__(self, folder: LogFolder, signer: LogSigner, *, now: datetime) -> None:
        """Read what was signed before; a new log signs that it is empty.

        Raises:
            LogRolledBack: the last signed state is gone, damaged, or older than the list.
            SigningKeyError: another key signed it.
            OSError: the disk refused.
        """
        self._folder = folder
        self._keys = signer.keys
        if folder.is_new():
            founded = signer.sign(size=0, root=EMPTY_ROOT, time=now)
            put_file(folder.disk, folder.path / LAST_SIGNED, str(founded).encode())
        self.last = self._read_last()
        self._list = AppendFile(folder.path / CHECKPOINTS, folder.disk)
        try:
            self._bring_up_to_date()
        except BaseException:
            self.close()
            raise

    @property
    def signed_at(self) -> datetime:
        """When the last checkpoint was signed (UTC, whole seconds)."""
        return stamped_time(self.last, self._keys[1])

    def keep(self, signed: SignedCheckpoint) -> None:
        """Put *signed* on disk; only after that may anyone see it.

        Raises:
            OSError: the disk refused; the checkpoint must not be handed out.
        """
        put_file(self._folder.disk, self._folder.path / LAST_SIGNED, str(signed).encode())
        self._list.append(f"{signed}\n".encode())
        self.last = signed

    def list_file(self) -> tuple[Path, int]:
        """The file of all kept checkpoints, each followed by a blank line, and how many bytes of it are whole."""
        return self._list.path, self._list.length

    def close(self) -> None:
        """Let go of the files."""
        self._list.close()

    def _read_last(self) -> SignedCheckpoint:
        try:
            text = (self._folder.path / LAST_SIGNED).read_bytes().decode()
            signed = parse_signed_checkpoint(text)
        except FileNotFoundError as error:
            raise LogRolledBack("the file of the last signed state is gone", RESTORE) from error
        except (UnicodeDecodeError, VerificationError) as error:
            raise LogRolledBack("the file of the last signed state is damaged", RESTORE) from error
        try:
            verify_signatures(signed, self._keys)
        except VerificationError as error:
            raise SigningKeyError(
                "the last signed state was not signed with this key", "Start the log with the key that it began with."
            ) from error
        return signed

    def _bring_up_to_date(self) -> None:
        """Finish what a crash between the two files left undone."""
        newest, length = self._newest_listed()
        state = str(self.last).encode()
        if newest != state and _size_of(newest) >= self.last.checkpoint.size:
            raise LogRolledBack("the last signed state is older than the list of checkpoints", RESTORE)
        if length != self._list.length:
            self._list.cut(length)
        if newest != state:
            self._list.append(state + b"\n")

    def _newest_listed(self) -> tuple[bytes, int]:
        """The last whole checkpoint of the list, and where it ends."""
        newest, length = b"", 0
        with self._list.path.open("rb") as lines:
            for note in split_notes(lines):
                if b"\0" in note:  # space that the file system had set aside when the power went
                    break
                newest, length = note, length + len(note) + 1
        return newest, length


def _size_of(note: bytes) -> int:
    if not note:
        return -1
    try:
        return parse_signed_checkpoint(note.decode()).checkpoint.size
    except (UnicodeDecodeError, VerificationError) as error:
        raise LogRolledBack("the list of checkpoints is damaged", RESTORE) from error
