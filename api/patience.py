"""How long a request may take to arrive: a client that sends a letter a minute (slow loris) keeps nobody busy.

uvicorn ends connections that are idle between requests, and waits for ever for the rest of one that has begun.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


def patient(seconds: float) -> type[PatientProtocol]:
    """HTTP/1.1 for uvicorn that gives headers so many *seconds* from the connection, or from their first byte."""
    return type("Patient", (PatientProtocol,), {"header_seconds": seconds})


LINGER_SECONDS = 1.0


class PatientProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, which closes a connection whose headers do not arrive in time."""

    waiting: asyncio.TimerHandle | None = None
    header_seconds: float

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait on while the headers are not whole; between requests, a first byte starts the wait."""
        if self.waiting is None and self.conn.their_state is h11.IDLE:
            self._wait()
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._be_content()

    def on_response_complete(self) -> None:
        """Whoever was answered before the body was whole is listened to no longer; there is time to read the answer."""
        super().on_response_complete()
        if self.conn.their_state in (h11.SEND_BODY, h11.ERROR) and not self.transport.is_closing():
            transport: Any = self.transport
            transport.pause_reading()
            self._be_content()
            self.waiting = self.loop.call_later(LINGER_SECONDS, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._be_content()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self.waiting = self.loop.call_later(self.header_seconds, self._give_up)

    def _be_content(self) -> None:
        if self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None

    def _give_up(self) -> None:
        self.waiting = None
        transport: Any = self.transport
        transport.close()
