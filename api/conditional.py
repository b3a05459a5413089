"""Conditional requests (RFC 9110, 13): an answer that a client has already is not sent again.

Only answers that are not in the log have an ETag: a look at data is a look, whether it was new to the client or not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from pydantic import BaseModel
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import PreconditionFailed
from api.receipts import noted_acts

JSON = "application/json"


def etag_of(body: bytes) -> str:
    """The strong validator of a body: the beginning of its SHA-256."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def version_of(shown: BaseModel) -> str:
    """The validator of something that can be changed, as its own address shows it."""
    return etag_of(shown.model_dump_json().encode())


def check_unchanged(headers: Headers, current: str | None) -> None:
    """What is to be changed is still what the client saw; *current* is its validator, None if it is not there.

    Raises:
        PreconditionFailed: If-Match or If-None-Match says otherwise.
    """
    wanted, unwanted = headers.get("if-match"), headers.get("if-none-match")
    if wanted is not None and not _names(wanted, current):
        raise PreconditionFailed(
            "this has been changed since you read it", hint="Read it again, and send your change with its new ETag."
        )
    if unwanted is not None and _names(unwanted, current):
        raise PreconditionFailed("this is there already", hint="Read it; to change it, send its ETag in If-Match.")


def _names(value: str, current: str | None) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in value.split(",")}
    return current is not None and (current in tags or "*" in tags)


class Conditional:
    """Adds an ETag to answers of the API that can be kept, and answers 304 where the client has them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith("/api/"):
            send = _Answer(send, Headers(scope=scope).get("if-none-match", "")).send
        await self._app(scope, receive, send)


class _Answer:
    """Holds an answer back until its body is whole, if it may have an ETag; lets any other through."""

    def __init__(self, send: Send, known: str) -> None:
        self._send = send
        self._known = known
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _can_be_kept(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        headers = MutableHeaders(scope=start)
        headers.setdefault("etag", etag_of(self._body))
        if _names(self._known, headers["etag"]):
            del headers["content-length"], headers["content-type"]
            start["status"], self._body = 304, b""
        await self._send(start)
        await self._send({"type": "http.response.body", "body": self._body})


def _can_be_kept(start: Message) -> bool:
    kind = Headers(raw=_raw(start)).get("content-type", "")
    return bool(start["status"] == 200 and kind == JSON and not noted_acts())


def _raw(start: Message) -> list[tuple[bytes, bytes]]:
    headers: Iterable[tuple[bytes, bytes]] = start.get("headers", ())
    return list(headers)
