"""Sending a file in pieces: a broken connection, or a new start of the command, goes on where the service is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from hashing.errors import ConnectionFailed, NoAnswer, ServiceRefused
from hashing.service_answers import Job, Upload, UploadSession

SMALL_BYTES = 32 * 1024 * 1024  # up to here a file goes in one request
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0)  # seconds before each new try; one more failure gives up
POLL_SECONDS = 0.5
SESSIONS = "/api/v1/upload-sessions"
_LATER = frozenset({429, 502, 503, 504})  # statuses after which trying again may help
T = TypeVar("T")


class Ask(Protocol):
    """A signed request whose answer is a *kind*; see `hashing.transport.Transport.ask`."""

    def __call__(self, kind: type[T], method: str, path: str, **sent: object) -> T:
        """Raises `ConnectionFailed`."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """The steps of sending in pieces. Each may be taken twice."""

    ask: Ask

    def begin(self, digest: str, length: int) -> UploadSession:
        """Begin to send the file of that SHA-256 and *length* in bytes, or learn how much of it has arrived."""
        return self.ask(UploadSession, "POST", SESSIONS, json={"digest": digest, "length": length})

    def find(self, session: str) -> UploadSession:
        """How much has arrived."""
        return self.ask(UploadSession, "GET", f"{SESSIONS}/{session}")

    def put(self, session: str, offset: int, piece: bytes) -> UploadSession:
        """Send the piece that begins at *offset*; it is on the service's disk when this returns."""
        headers = {"content-type": "application/octet-stream"}
        return self.ask(UploadSession, "PUT", f"{SESSIONS}/{session}/pieces/{offset}", content=piece, headers=headers)

    def finish(self, session: str) -> Job:
        """Say that all has arrived; the job checks the file and keeps or refuses it."""
        return self.ask(Job, "POST", f"{SESSIONS}/{session}/finish")

    def job(self, job: str) -> Job:
        """How far that is."""
        return self.ask(Job, "GET", f"/api/v1/jobs/{job}")


@dataclass(frozen=True, slots=True)
class Sending:
    """One file on its way."""

    pieces: Pieces
    progress: Callable[[str, float], None]
    sleep: Callable[[float], None]

    def send(self, encoded: Path) -> Upload:
        """Send *encoded* and wait until it is checked; the answer is that of a file sent in one request.

        Raises:
            ConnectionFailed: the service refused it, or did not answer for minutes.
        """
        with encoded.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        session = self._patiently(partial(self.pieces.begin, digest, encoded.stat().st_size))
        return self._wait(self._send_rest(encoded, session))

    def _send_rest(self, encoded: Path, session: UploadSession) -> Job:
        """Send what the service lacks."""
        with encoded.open("rb") as stream:
            while session.offset < session.length:
                self.progress("sending", session.offset / session.length)
                offset = stream.seek(session.offset)
                piece = stream.read(session.piece_bytes)
                session = self._patiently(partial(self.pieces.put, session.session, offset, piece))
        return self._patiently(partial(self.pieces.finish, session.session))

    def _wait(self, job: Job) -> Upload:
        while job.ended is None:
            self.progress("being checked", 1.0)
            self.sleep(POLL_SECONDS)
            job = self._patiently(partial(self.pieces.job, job.job))
        return result_of(job, Upload)

    def _patiently(self, step: Callable[[], T]) -> T:
        """Take a *step* until there is an answer."""
        for pause in PAUSES:
            try:
                return step()
            except ConnectionFailed as error:
                if not _may_pass(error):
                    raise
            self.sleep(pause)
        return step()


def _may_pass(error: ConnectionFailed) -> bool:
    """Whether trying again may help."""
    return isinstance(error, NoAnswer) or (isinstance(error, ServiceRefused) and error.status in _LATER)


def result_of(job: Job, kind: type[T]) -> T:
    """What came of a job that has ended.

    Raises:
        ConnectionFailed: nothing; in the service's own words.
    """
    if job.result is None:
        raise ConnectionFailed(f"the service refused: {job.failure}", hint=str(job.hint))
    return msgspec.convert(job.result, kind)
