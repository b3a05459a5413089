"""The bodies of requests: no larger than a route takes, and no slower than any line that people have."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ApiError, TooLarge, TooSlow
from api.gate import most_bytes
from api.problems import answer

LEAST_RATE = 1_000  # bytes a second, on average after the first moments
_DIGITS = 18  # of a number of bytes that anybody could mean


@dataclass(frozen=True, slots=True)
class Patience:
    """How slow a body may be: seconds between two pieces, which it also has before its average counts."""

    pause_seconds: float
    least_rate: float = LEAST_RATE


class Bodies:
    """Refuses a body that is too large for its route, or that hardly moves; before anything else sees it."""

    def __init__(self, app: ASGIApp, *, patience: Patience) -> None:
        self._app, self._patience = app, patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = most_bytes(scope["method"], scope["path"])
        sending = _Sending(send)
        try:
            _check_announced(Headers(scope=scope).get("content-length", ""), most)
            body = _Body(receive, most, self._patience, asyncio.get_running_loop().time)
            await self._app(scope, body.receive, sending.send)
        except (TooLarge, TooSlow) as error:
            if not sending.begun:
                await answer(error)(scope, receive, send)


@dataclass(slots=True)
class _Sending:
    """Whether an answer has begun."""

    to: Send
    begun: bool = False

    async def send(self, message: Message) -> None:
        self.begun = True
        await self.to(message)


class _Body:
    """A body while it arrives."""

    def __init__(self, receive: Receive, most: int | None, patience: Patience, clock: Callable[[], float]) -> None:
        self._receive, self._most, self._patience, self._clock = receive, most, patience, clock
        self._started, self._got, self._whole = clock(), 0, False
        self._refused: ApiError | None = None

    async def receive(self) -> Message:
        """The next piece.

        Raises:
            TooLarge, TooSlow: there is to be none.
        """
        if self._refused is not None:
            raise self._refused
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout(self._patience.pause_seconds):
                message = await self._receive()
        except TimeoutError as error:
            raise self._refuse(_too_slow()) from error
        self._take(message)
        return message

    def _take(self, message: Message) -> None:
        self._got += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._most is not None and self._got > self._most:
            raise self._refuse(_too_large(self._most))
        seconds = self._clock() - self._started
        if not self._whole and self._got < self._patience.least_rate * (seconds - self._patience.pause_seconds):
            raise self._refuse(_too_slow())

    def _refuse(self, error: ApiError) -> ApiError:
        self._refused = error
        return error


def _check_announced(length: str, most: int | None) -> None:
    if most is not None and length.isdecimal() and (len(length) > _DIGITS or int(length) > most):
        raise _too_large(most)


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"the request is larger than {most} bytes", hint="Send less in one request.")


def _too_slow() -> TooSlow:
    return TooSlow("the request did not arrive in time", hint="Look at the network, then send the request again.")
