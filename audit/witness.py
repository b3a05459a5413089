"""A witness (c2sp.org/tlog-witness): it cosigns a log's state only if that grew from the last one it cosigned.

What it cosigned last is on the disk, in a file for each log, before a cosignature is made. Files and
protocol: docs/formats/audit-log.md; why it is built like this: docs/adr/0028-witnesses.md.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from audit.checkpoint import SignedCheckpoint, parse_signed_checkpoint
from audit.cosignature import NEW_WITNESS, WitnessSigner
from audit.disk import Disk, put_file
from audit.errors import (
    CommandMisused,
    GrowthNotProven,
    LogKeysDiffer,
    LogNotSigned,
    LogUnknown,
    OldSizeDiffers,
    SigningKeyError,
    SplitView,
    VerificationError,
    WitnessFolderError,
)
from audit.lock import FolderLock
from audit.merkle import EMPTY_ROOT, verify_consistency
from audit.note import VerifierKey, parse_vkeys
from audit.signing import fingerprint, verify_signatures
from audit.submission import Submission, parse_submission

KEY, VKEYS = "witness.key", "witness.vkey"
_LOG, _LAST, _EVIDENCE = ".vkey", ".cosigned", ".evidence"
_NOTHING = "nothing cosigned yet\n"  # an empty file is what a full disk or a slip of the hand leaves
_NO_WITNESS = "Make one with --name, or give the folder in which it was made. A lost one is not put back from a copy."
TELL = "Tell the other agencies and the auditors at once, and not through the service. Delete nothing."
_OTHER_KEYS = "Ask the operator by telephone which keys are right. If the log's keys really changed, tell the auditors."


class Witness:
    """A witness in a folder of its own, one process at a time; safe to share between threads."""

    def __init__(self, folder: Path, *, clock: Callable[[], datetime], disk: Disk | None = None) -> None:
        """Open the witness that `found` made in *folder*; *clock* gives aware times.

        Raises:
            WitnessFolderError: there is none, or the disk refused.
            LogInUse: another process has it.
            SigningKeyError: its key is damaged.
        """
        self._folder, self._clock, self._disk = folder, clock, disk or Disk()
        self._turn = threading.Lock()
        self._signer = _signer_in(folder)
        self._lock = _locked(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    @property
    def name(self) -> str:
        """The name it cosigns under."""
        return self._signer.name

    @property
    def vkeys(self) -> str:
        """Its public keys, as the text of ``witness.vkey``."""
        return self._signer.vkeys

    @property
    def logs(self) -> tuple[str, ...]:
        """The names of the logs it watches, in order."""
        files = self._folder.glob(f"*{_LOG}")
        return tuple(sorted(parse_vkeys(_text(path))[0].name for path in files if path.name != VKEYS))

    def watch(self, vkeys: str) -> str:
        """Watch the log with these keys (the text of its ``log.vkey``) from now on; return its name.

        Raises:
            SigningKeyError: these are no keys of a log.
            CommandMisused: the log has the witness's name.
            LogKeysDiffer: the log is watched with other keys.
            WitnessFolderError: the disk refused.
        """
        name = log_to_watch(vkeys, by=self.name)
        path = self._path(name, _LOG)
        if not path.exists():
            if not self._path(name, _LAST).exists():  # what was cosigned is never forgotten, whoever lost the keys
                self._put(self._path(name, _LAST), _NOTHING)  # first: a log that is watched has this file
            self._put(path, vkeys)
        if parse_vkeys(_text(path)) != parse_vkeys(vkeys):
            raise LogKeysDiffer(f"this witness watches {name} with other keys", _OTHER_KEYS)
        return name

    def fingerprint(self, log: str) -> str:
        """The fingerprint of the keys with which *log* is watched, to compare over the telephone.

        Raises:
            LogUnknown: it is not watched.
        """
        return fingerprint(self._keys(log))

    def cosigned_size(self, log: str) -> int:
        """The size of the state of *log* that was cosigned last; 0 if none was.

        Raises:
            LogUnknown: it is not watched.
            WitnessFolderError: the file is gone or damaged.
        """
        self._keys(log)
        last = self._last(log)
        return last.checkpoint.size if last else 0

    def add_checkpoint(self, request: bytes) -> str:
        """Answer an ``add-checkpoint`` request: the witness's signature lines, each with its line break.

        Raises:
            WitnessRefused: one of its kinds; nothing was cosigned.
            WitnessFolderError: the state could not be read or kept, so nothing was cosigned.
        """
        submission = parse_submission(request)
        self._check_signed(submission.signed)
        with self._turn:
            self._check_grown(submission)
            self._put(self._path(submission.signed.checkpoint.origin, _LAST), str(submission.signed))
            lines = self._signer.cosign(submission.signed, time=self._clock())
        return "".join(f"{line.line()}\n" for line in lines)

    def keep_evidence(self, signed: SignedCheckpoint) -> None:
        """Keep a state that the log signed, and that does not fit what was cosigned.

        Raises:
            WitnessFolderError: the disk refused.
        """
        path = self._path(signed.checkpoint.origin, _EVIDENCE)
        if not path.exists():  # the first is enough, and whoever sends many cannot fill the disk
            self._put(path, str(signed))

    def _check_signed(self, signed: SignedCheckpoint) -> None:
        keys = self._keys(signed.checkpoint.origin)
        try:
            verify_signatures(signed, keys)
        except VerificationError as error:
            raise LogNotSigned(error.what, TELL) from error

    def _check_grown(self, submission: Submission) -> None:
        new = submission.signed.checkpoint
        last = self._last(new.origin)
        size, root = (last.checkpoint.size, last.checkpoint.root) if last else (0, EMPTY_ROOT)
        if submission.old_size != size:
            raise OldSizeDiffers(
                f"the last cosigned size is {size}, not {submission.old_size}", "Start from that size.", size=size
            )
        if new.size == size and new.root != root:
            self.keep_evidence(submission.signed)
            raise SplitView(f"the log has signed two different histories of {size} entries", TELL)
        try:
            verify_consistency(
                old_size=size, old_root=root, new_size=new.size, new_root=new.root, proof=submission.proof
            )
        except VerificationError as error:
            raise GrowthNotProven(
                f"it is not shown that the log still holds the {size} entries that were cosigned ({error.what})", TELL
            ) from error

    def _keys(self, log: str) -> tuple[VerifierKey, ...]:
        path = self._path(log, _LOG)
        if not path.exists():
            raise LogUnknown("this witness does not watch a log of that name", "Give it the log's file log.vkey.")
        return parse_vkeys(_text(path))

    def _last(self, log: str) -> SignedCheckpoint | None:
        text = _text(self._path(log, _LAST))
        try:
            return None if text == _NOTHING else parse_signed_checkpoint(text)
        except VerificationError as error:
            fault = "damaged" if text else "empty"
            raise WitnessFolderError(f"the file of what was cosigned last is {fault}", NEW_WITNESS) from error

    def _path(self, log: str, ending: str) -> Path:
        return self._folder / (sha256(log.encode()).hexdigest()[:32] + ending)

    def _put(self, path: Path, text: str) -> None:
        try:
            put_file(self._disk, path, text.encode())
        except OSError as error:
            raise WitnessFolderError(
                f"{path} cannot be written: {error.strerror or error}", "Nothing was cosigned. Free or mend the disk."
            ) from error


def found(folder: Path, signer: WitnessSigner) -> None:
    """Make a new witness in *folder*, which holds none yet.

    Raises:
        SigningKeyError: there is one already.
        WitnessFolderError: the disk refused.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        signer.save(folder / KEY)
        put_file(Disk(), folder / VKEYS, signer.vkeys.encode())
    except OSError as error:
        raise WitnessFolderError(f"{folder} cannot be written: {error.strerror}", "Choose another folder.") from error


def log_to_watch(vkeys: str, *, by: str) -> str:
    """The name of the log with these keys, which a witness named *by* may watch.

    Raises:
        SigningKeyError: these are no keys of a log.
        CommandMisused: the log has that name itself, so nobody would count the witness.
    """
    name = parse_vkeys(vkeys)[0].name
    if name == by:
        raise CommandMisused(f"{name} is the log itself, which cannot be its own witness", "Choose a name of your own.")
    return name


def _signer_in(folder: Path) -> WitnessSigner:
    try:
        return WitnessSigner.load(folder / KEY)
    except SigningKeyError as error:
        if os.path.exists(folder / KEY):  # noqa: PTH110  # says False where the folder may not be looked into
            raise
        raise WitnessFolderError(f"there is no witness in {folder}", _NO_WITNESS) from error


def _locked(folder: Path) -> FolderLock:
    try:
        return FolderLock(folder)
    except OSError as error:
        raise WitnessFolderError(f"{folder} cannot be written: {error.strerror}", "Choose another folder.") from error


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise WitnessFolderError(f"{path} cannot be read", NEW_WITNESS) from error
