"""Files that arrive in pieces: each piece is on disk before it is acknowledged, and a broken transfer goes on.

The database says how many bytes count. What lies beyond that in the file was never acknowledged, and is cut off.
"""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from api.callers import Caller
from api.clock import Clock
from api.errors import CannotKeep, Conflict, Refusal, StoreUnavailable, TooLarge, UploadRefused, not_there
from api.journal import Journal
from api.roster import check_can_send_rows
from api.storage.upload_sessions import UploadSession, UploadSessions
from api.uploads import Files
from audit.events import Act

PIECE_BYTES = 8 * 1024 * 1024
KEPT = timedelta(hours=24)  # after the last piece
PURPOSE = "linkage"


@dataclass(frozen=True, slots=True)
class Quota:
    """What one agency may have under way at a time."""

    sessions: int
    bytes: int  # as promised, over all its sessions


@dataclass(frozen=True, slots=True)
class Pieces:
    """Takes files in piece by piece."""

    files: Files
    sessions: UploadSessions
    journal: Journal
    clock: Clock
    quota: Quota
    turn: AbstractContextManager[object]  # one piece is written at a time

    def begin(self, caller: Caller, digest: str, length: int) -> UploadSession:
        """Open a session for the file of that *digest* and *length* in bytes; the one there is, if there is one.

        Raises:
            Denied: the agency may not send rows.
            TooLarge, Conflict: over the agency's quota.
            CannotKeep: the disk has no room for it.
            LogUnavailable: it could not be logged.
        """
        check_can_send_rows(caller.member)
        with self.turn:
            self.sweep()
            open_now = self.sessions.of(caller.member.id)
            known = next((one for one in open_now if (one.digest, one.length) == (digest, length)), None)
            if known is None:
                self._check_quota(open_now, length)
                self._check_room(length)
            return known or self._open(caller, digest, length)

    def _open(self, caller: Caller, digest: str, length: int) -> UploadSession:
        session = UploadSession(secrets.token_hex(16), caller.member.id, digest, length, 0, self.clock())
        self.journal.append(
            caller.event(Act.UPLOAD_BEGUN, f"upload/{digest}", purpose=PURPOSE, details={"bytes": length})
        )
        try:
            self._path(session).touch(mode=0o600)
            self.files.sync_incoming()
            self.sessions.add(session)
        except (OSError, StoreUnavailable) as error:
            with suppress(OSError):  # what stays now goes at the next start
                self._path(session).unlink(missing_ok=True)
            raise error if isinstance(error, StoreUnavailable) else _disk_refused() from error
        return session

    def _check_quota(self, open_now: tuple[UploadSession, ...], length: int) -> None:
        if length > self.quota.bytes:
            raise TooLarge(
                f"a file of {length:,} bytes is more than an agency may send ({self.quota.bytes:,})",
                hint="Ask the operator to raise HEADCOUNT_UPLOAD_QUOTA_BYTES.",
            )
        hint = "Finish them, or wait: what is abandoned is removed 24 hours after its last piece."
        if len(open_now) >= self.quota.sessions:
            raise Conflict(f"{len(open_now)} files of your agency are on their way already", hint=hint)
        if sum(one.length for one in open_now) + length > self.quota.bytes:
            raise Conflict("your agency's files on their way are as large as they may be together", hint=hint)

    def _check_room(self, length: int) -> None:
        if shutil.disk_usage(self.files.incoming("any").parent).free < length:
            raise CannotKeep("the service's disk has no room for the file", hint="Tell the operator.")

    def find(self, caller: Caller, session_id: str) -> UploadSession:
        """A session of the caller's own.

        Raises:
            NotFound: there is none, it expired, or it is another agency's.
        """
        session = self.sessions.find(session_id)
        if session is None or session.agency != caller.member.id or self._is_abandoned(session):
            raise not_there()
        return session

    def take(self, caller: Caller, session_id: str, *, offset: int, piece: bytes) -> UploadSession:
        """Put *piece* on disk at *offset*; one that was acknowledged before is acknowledged again.

        Raises:
            NotFound: no session of the caller's.
            Conflict: the piece does not follow what has arrived; the hint says where to go on.
            CannotKeep: the disk refused.
        """
        with self.turn:
            session = self.find(caller, session_id)
            self._check_follows(session, offset, piece)
            if offset < session.received or not piece:
                return session
            try:
                self._write(session, piece)
            except OSError as error:
                raise _disk_refused() from error
            advanced = replace(session, received=offset + len(piece), touched=self.clock())
            self.sessions.advance(session.id, advanced.received, now=advanced.touched)
            return advanced

    def _check_follows(self, session: UploadSession, offset: int, piece: bytes) -> None:
        end = offset + len(piece)
        go_on = f"Go on at offset {session.received}."
        if end > session.length:
            raise Conflict("the piece goes beyond the promised length", hint=go_on)
        if end <= session.received:
            if self._read(session, offset, len(piece)) != piece:
                raise Conflict("other bytes arrived at that offset before", hint=go_on)
        elif session.sent or offset != session.received:
            raise Conflict("the piece does not follow what has arrived", hint=go_on)

    def _read(self, session: UploadSession, offset: int, length: int) -> bytes:
        try:
            with self._path(session).open("rb") as stream:
                stream.seek(offset)
                return stream.read(length)
        except OSError as error:
            raise _disk_refused() from error

    def _write(self, session: UploadSession, piece: bytes) -> None:
        with self._path(session).open("r+b") as stream:
            stream.truncate(session.received)
            stream.seek(session.received)
            stream.write(piece)
            stream.flush()
            os.fsync(stream.fileno())

    def check_is_whole(self, session: UploadSession) -> None:
        """Every byte has arrived.

        Raises:
            Conflict: some are missing.
        """
        if session.received != session.length:
            raise Conflict(
                f"{session.length - session.received:,} bytes of the file are missing",
                hint=f"Go on at offset {session.received}.",
            )

    def lies_at(self, session: UploadSession) -> Path:
        """Where a whole file is: among the kept ones, if a crash came between the keeping and the database.

        Raises:
            UploadRefused: it is gone.
        """
        for path in (self._path(session), self.files.path(session.digest)):
            if path.exists():
                return path
        raise UploadRefused("the file is gone from the service's disk", hint="Send it again.", reason=Refusal.DISK)

    def end(self, session: UploadSession) -> None:
        """Forget a session and what is left of its file."""
        self.sessions.end(session.id)
        self.discard(session)

    def discard(self, session: UploadSession) -> None:
        """Remove what is left of the file of a session that is over."""
        self._path(session).unlink(missing_ok=True)

    def sweep(self) -> int:
        """Remove what was abandoned; says how many sessions that were."""
        abandoned = self.sessions.abandoned(self.clock() - KEPT)
        for session in abandoned:
            self.end(session)
        return len(abandoned)

    def _is_abandoned(self, session: UploadSession) -> bool:
        return not session.sent and session.touched < self.clock() - KEPT

    def _path(self, session: UploadSession) -> Path:
        return self.files.incoming(session.id)


def _disk_refused() -> CannotKeep:
    return CannotKeep("the service's disk could not take the piece", hint="Try again later; tell the operator.")
