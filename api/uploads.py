"""Encoded files on their way in: parsed strictly, compared with the roster and the epoch, kept by digest."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from api.errors import Refusal, UploadRefused
from api.pseudonyms import Pseudonyms
from api.roster import Member
from api.storage.epochs import Epoch
from hashing.schema import (
    MAX_LINE_BYTES,
    Consent,
    EncodedFileError,
    Header,
    check_are_distinct,
    check_row_count,
    parse_header,
    parse_row,
)

SOURCE = "the file"
_AGAIN = "Encode the client list again with 'headcount hash' and send the new file."


def check_header(header: Header, member: Member, epoch: Epoch) -> None:
    """A file is its sender's own, of the kind in the roster, and made with the epoch's profile and secret.

    Raises:
        UploadRefused: it is not; the reason says which.
    """
    ask = "Ask the coordinator which epoch is open, then encode the client list again for it."
    whose = (
        f"Send it with the key of the agency that it is of, or encode your own client list with --agency {member.id}."
    )
    rules = (
        (header.agency == member.id, Refusal.OTHER_AGENCY, whose),
        (header.kind == member.kind, Refusal.OTHER_KIND, f"Encode the client list again with --kind {member.kind}."),
        (header.epoch == epoch.number, Refusal.OTHER_EPOCH, ask),
        (header.profile == epoch.profile, Refusal.OTHER_PROFILE, ask),
        (header.profile_digest == epoch.profile_digest, Refusal.OTHER_PROFILE, ask),
        (
            hmac.compare_digest(header.key_check_value, epoch.key_check_value),
            Refusal.OTHER_KEY,
            "Encode with the secret that the agencies share for this epoch.",
        ),
        (
            header.canaries == epoch.canaries,
            Refusal.OTHER_VERSION,
            "All agencies must use the same version of Headcount: update it, and encode again.",
        ),
    )
    for holds, reason, hint in rules:
        if not holds:
            raise UploadRefused(f"the file was not kept: {reason}", hint=hint, reason=reason)


def check_agreement(member: Member, today: date) -> None:
    """The agency's agreement on sharing data holds *today*; its first and last day are within it.

    Raises:
        UploadRefused: it does not.
    """
    begins, ends = member.agreement_from or date.min, member.agreement_until or date.max
    if not begins <= today <= ends:
        raise UploadRefused(
            f"the file was not kept: {Refusal.NO_AGREEMENT}",
            hint="Ask the coordinator which dates the agreement with your agency has.",
            reason=Refusal.NO_AGREEMENT,
        )


@dataclass(frozen=True, slots=True)
class Received:
    """A whole file that passed every check and still lies in the temporary folder."""

    path: Path
    header: Header
    digest: str  # SHA-256, hexadecimal
    consents: dict[str, Consent]  # by row


class FileCheck:
    """One file from its first byte to its last; every line is parsed as soon as it is whole.

    Holds 16 bytes a row, and the consents of the rows that have one.
    """

    def __init__(self, member: Member, epoch: Epoch, *, limit: int) -> None:
        self._member, self._epoch, self._left = member, epoch, limit
        self._hash = hashlib.sha256()
        self._rest = b""  # of a line whose end has not arrived
        self._header: Header | None = None
        self._pseudonyms = Pseudonyms()
        self._consents: dict[str, Consent] = {}
        self._same: dict[Consent, Consent] = {}  # rows that consent alike hold one object

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            UploadRefused, EncodedFileError: this can no longer become a file that is kept.
        """
        self._left -= len(chunk)
        if self._left < 0:
            raise UploadRefused(
                "the file is larger than this service takes",
                hint="Ask the operator to raise HEADCOUNT_MAX_UPLOAD_BYTES.",
                reason=Refusal.TOO_LARGE,
            )
        self._hash.update(chunk)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._take_line(line)
        self._check_length(self._rest)

    def finish(self, path: Path, signed_digest: bytes) -> Received:
        """Check the file as a whole; *path* is where it lies.

        Raises:
            UploadRefused, EncodedFileError: it may not be kept.
        """
        if not hmac.compare_digest(self._hash.digest(), signed_digest):
            raise UploadRefused(
                "the file is not the one that was signed",
                hint="Send the file again.",
                reason=Refusal.OTHER_DIGEST,
            )
        if self._rest or self._header is None:
            raise EncodedFileError("the file is cut short", hint="Send the whole file again.")
        check_row_count(len(self._pseudonyms), self._header, source=SOURCE)
        check_are_distinct(self._pseudonyms.distinct(), self._header, source=SOURCE)
        return Received(path, self._header, self._hash.hexdigest(), self._consents)

    def _take_line(self, line: bytes) -> None:
        self._check_length(line)
        if self._header is None:
            header = parse_header(line, source=SOURCE)
            check_header(header, self._member, self._epoch)
            self._header = header
            return
        row = parse_row(line, self._header, source=SOURCE, number=len(self._pseudonyms) + 2)
        self._pseudonyms.add(row.row)
        if row.consent:
            self._consents[row.row] = self._same.setdefault(row.consent, row.consent)

    def _check_length(self, line: bytes) -> None:
        if len(line) >= MAX_LINE_BYTES:
            line_number = len(self._pseudonyms) + 2
            raise EncodedFileError(f"{SOURCE}: line {line_number} is longer than any row can be", hint=_AGAIN)


class Receiving:
    """One file while it arrives in one request: checked and written to disk side by side."""

    def __init__(self, path: Path, check: FileCheck) -> None:
        self._path, self._check = path, check
        self._stream = path.open("xb")

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            UploadRefused, EncodedFileError: this can no longer become a file that is kept.
            OSError: the disk refused.
        """
        self._check.feed(chunk)
        self._stream.write(chunk)

    def finish(self, signed_digest: bytes) -> Received:
        """Check the file as a whole and put it on disk.

        Raises:
            UploadRefused, EncodedFileError: it may not be kept.
            OSError: the disk refused.
        """
        received = self._check.finish(self._path, signed_digest)
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        return received

    def discard(self) -> None:
        """Leave nothing behind."""
        with suppress(OSError):  # a full disk does not take what the buffer still holds, which is thrown away here
            self._stream.close()
        self._path.unlink(missing_ok=True)


class Files:
    """The folder of accepted files, each under its own digest, never changed again."""

    def __init__(self, folder: Path, *, turn: AbstractContextManager[object] | None = None) -> None:
        """*turn* is held from the log entry to the row in the database; others may hold it in other processes."""
        self._kept, self._incoming = folder / "uploads", folder / "incoming"
        self._kept.mkdir(mode=0o700, exist_ok=True)
        self._incoming.mkdir(mode=0o700, exist_ok=True)
        self.lock = turn or threading.Lock()

    def receive(self, member: Member, epoch: Epoch, *, limit: int) -> Receiving:
        """Start taking in a file."""
        return Receiving(self.incoming(secrets.token_hex(16)), FileCheck(member, epoch, limit=limit))

    def incoming(self, name: str) -> Path:
        """Where a file lies while it arrives."""
        return self._incoming / f"{name}.part"

    def sync_incoming(self) -> None:
        """Make the names of files on their way last."""
        sync_folder(self._incoming)

    def is_whole(self, digest: str) -> bool:
        """Whether the file of that digest is there, byte for byte."""
        try:
            with self.path(digest).open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest() == digest
        except OSError:
            return False

    def keep(self, received: Received) -> None:
        """Move a received file to its place; it is on disk when this returns."""
        received.path.chmod(0o400)
        received.path.replace(self.path(received.digest))
        sync_folder(self._kept)

    def path(self, digest: str) -> Path:
        """Where the file of that digest is."""
        return self._kept / f"{digest}.jsonl"

    def remove(self, digest: str) -> None:
        """Remove a file that no agency was promised."""
        self.path(digest).unlink(missing_ok=True)

    def sweep(self, known: Iterable[str], arriving: Iterable[str] = ()) -> None:
        """Remove what a crash left behind: half files, and whole ones that no agency was promised."""
        expected = {*map(self.path, known), *map(self.incoming, arriving)}
        for path in [*self._incoming.iterdir(), *self._kept.iterdir()]:
            if path not in expected:
                path.unlink()


def sync_tree(folder: Path) -> None:
    """Put every file below *folder* on disk, and their names."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("r+b") as stream:
                os.fsync(stream.fileno())
        else:
            sync_folder(path)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Put the names in *folder* on disk."""
    if os.name == "nt":
        return  # Windows keeps the name of a replaced file without it
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
