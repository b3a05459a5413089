"""The log's promises in every answer: what a request put into the log, its answer names in a header.

``Headcount-Receipt: 52;leaf="9b2e…";time="2026-03-01T09:30:00.000000Z"`` is a list of RFC 9651. It is written here and
not by the routes, so that no route can forget it. The log is told of a request by way of a context variable: the
request's threads share it, and a route that logs need not know.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from audit.events import Act, Event, Receipt, format_time

HEADER = "headcount-receipt"
MOST = 16  # in the header, which servers bound; an answer that has more names them in its body


@dataclass(slots=True)
class Noted:
    """What one request put into the log."""

    receipts: list[Receipt] = field(default_factory=list)
    acts: set[Act] = field(default_factory=set)


_REQUEST: ContextVar[Noted | None] = ContextVar("noted", default=None)


def note(event: Event, receipt: Receipt) -> None:
    """Remember what the request that is being answered put into the log, if one is."""
    noted = _REQUEST.get()
    if noted is not None:
        noted.receipts.append(receipt)
        noted.acts.add(event.act)


def noted_acts() -> frozenset[Act]:
    """The acts that the request has logged so far."""
    noted = _REQUEST.get()
    return frozenset(noted.acts) if noted is not None else frozenset()


def noted_receipts() -> tuple[Receipt, ...]:
    """What the request has logged so far, as many as its answer names."""
    noted = _REQUEST.get()
    return tuple(noted.receipts[:MOST]) if noted is not None else ()


def header_value(receipts: Iterable[Receipt]) -> str:
    """Receipts as one header."""
    return ", ".join(
        f'{receipt.index};leaf="{receipt.leaf}";time="{format_time(receipt.time)}"' for receipt in receipts
    )


class Receipts:
    """Adds the header to every answer to a request that is in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        noted = Noted()
        before = _REQUEST.set(noted)
        try:
            await self._app(scope, receive, _adding(send, noted))
        finally:
            _REQUEST.reset(before)


def _adding(send: Send, noted: Noted) -> Send:
    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.start" and noted.receipts:
            MutableHeaders(scope=message)[HEADER] = header_value(noted.receipts[:MOST])
        await send(message)

    return send_on
