"""Sending a file in pieces: a broken connection, or a new start of the command, goes on where the service is."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from hashing.errors import ConnectionFailed, NoAnswer

SMALL_BYTES = 32 * 1024 * 1024  # up to here a file goes in one request
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0)  # seconds before each new try; one more failure gives up
POLL_SECONDS = 0.5
Json = dict[str, Any]


class Ask(Protocol):
    """A signed request that is answered with JSON; see `hashing.connection.Connection`."""

    def __call__(
        self, method: str, path: str, *, json: Json | None = None, content: bytes = b"", kind: str = ""
    ) -> Json:
        """Raises `NoAnswer` where trying again may help, and `ConnectionFailed` where it does not."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One file on its way."""

    ask: Ask
    progress: Callable[[str, float], None]
    sleep: Callable[[float], None] = time.sleep

    def send(self, encoded: Path) -> Json:
        """Send *encoded* and wait until it is checked; the answer is that of a file sent in one request.

        Raises:
            ConnectionFailed: the service refused it, or did not answer for minutes.
        """
        with encoded.open("rb") as stream:
            asked = {"digest": hashlib.file_digest(stream, "sha256").hexdigest(), "length": encoded.stat().st_size}
        return self._wait(self._send_rest(encoded, asked))

    def _send_rest(self, encoded: Path, asked: Json) -> Json:
        """Send what the service lacks, beginning with the question how much that is."""
        session = self._patiently("POST", "/api/v1/upload-sessions", json=asked)
        place = f"/api/v1/upload-sessions/{session['session']}"
        with encoded.open("rb") as stream:
            while session["offset"] < asked["length"]:
                self.progress("sending", session["offset"] / asked["length"])
                offset = stream.seek(session["offset"])
                piece = stream.read(session["piece_bytes"])
                kind = "application/octet-stream"
                session = self._patiently("PUT", f"{place}/pieces/{offset}", content=piece, kind=kind)
        return self._patiently("POST", f"{place}/finish")

    def _wait(self, job: Json) -> Json:
        while job["ended"] is None:
            self.progress("being checked", 1.0)
            self.sleep(POLL_SECONDS)
            job = self._patiently("GET", f"/api/v1/jobs/{job['job']}")
        if job["result"] is None:
            raise ConnectionFailed(f"the service refused: {job['failure']}", hint=str(job["hint"]))
        result: Json = job["result"]
        return result

    def _patiently(self, method: str, path: str, **body: Any) -> Json:  # noqa: ANN401 -- as `Ask` takes it
        """Ask until there is an answer: every one of these requests may be made twice."""
        for pause in PAUSES:
            try:
                return self.ask(method, path, **body)
            except NoAnswer:
                self.sleep(pause)
        return self.ask(method, path, **body)
