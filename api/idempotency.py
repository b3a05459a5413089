"""Idempotency-Key: the same request again, such as after a broken connection, gets the same answer and does nothing.

After draft-ietf-httpapi-idempotency-key-header: the same key with another request is 422, with one that is still
being answered 409. Not remembered are failures of the service itself (5xx), since trying again may help, and that a
second person has to approve first: nothing was done then, and the same request is to be sent again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import Message, Scope, Send

from api.callers import Caller
from api.clock import Clock
from api.errors import BadRequest, Conflict, KeyReused
from api.receipts import HEADER, header_value, noted_receipts
from api.storage.remembered import Answer, Remembered

NAME = "idempotency-key"
METHODS = frozenset({"POST"})
MOST_BYTES = 4 * 1024 * 1024  # of a remembered answer
MOST_UNWRITTEN = 1_000  # answers that are remembered in memory alone; beyond that the oldest is not told twice
_UNWRITTEN = frozenset({"/api/v1/sign-in-links"})  # their answers open a session: they stay in memory
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_HINT = "Use a fresh key for another request, such as a UUID."


@dataclass(slots=True)
class _Sent:
    """An answer while it is sent."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytearray = field(default_factory=bytearray)
    is_whole: bool = False

    @property
    def is_final(self) -> bool:
        """Whether the same request is not to be answered in another way later."""
        waits = self.status == 202 and any("/approvals/" in value for name, value in self.headers if name == "location")
        return self.is_whole and self.status < 500 and not waits


@dataclass(frozen=True, slots=True)
class Idempotency:
    """Remembers answers by member and key."""

    remembered: Remembered
    clock: Clock
    unwritten: dict[tuple[str, str], bytes] = field(default_factory=dict)

    async def answer(
        self, scope: Scope, send: Send, caller: Caller, digest: bytes | None, act: Callable[[Send], Awaitable[None]]
    ) -> None:
        """Answer with what was answered to this key before, or let *act* answer and remember it.

        Raises:
            BadRequest: the key is not one.
            KeyReused: it belongs to another request.
            Conflict: that request is still being answered, or its answer cannot be told twice.
        """
        key = Headers(scope=scope).get(NAME)
        if key is None or scope["method"] not in METHODS:
            await act(send)
            return
        _check_key(key)
        earlier = await run_in_threadpool(self._claim, caller.member.id, key, _request(scope, digest))
        if earlier is not None:
            await _send_again(earlier, send)
            return
        await self._act(scope["path"], (caller.member.id, key), send, act)

    def _claim(self, member: str, key: str, request: str) -> Answer | None:
        earlier = self.remembered.claim(member, key, request, now=self.clock())
        if earlier is None:
            return None
        if earlier.request != request:
            raise KeyReused("this Idempotency-Key belongs to another request", hint=_HINT)
        if earlier.answer is None:
            raise Conflict("the request with this Idempotency-Key is still being answered", hint="Ask again shortly.")
        body = earlier.answer.body if earlier.answer.body is not None else self.unwritten.get((member, key))
        if body is None:
            raise Conflict("the answer to this request is not told twice", hint="Ask again with a fresh key.")
        return Answer(earlier.answer.status, earlier.answer.headers, body)

    async def _act(self, path: str, owner: tuple[str, str], send: Send, act: Callable[[Send], Awaitable[None]]) -> None:
        sent = _Sent()
        try:
            await act(_watching(send, sent))
        finally:
            await run_in_threadpool(self._settle, path, owner, sent)

    def _settle(self, path: str, owner: tuple[str, str], sent: _Sent) -> None:
        if not sent.is_final or len(sent.body) > MOST_BYTES:
            self.remembered.forget(*owner)
            return
        body = bytes(sent.body)
        is_secret = path in _UNWRITTEN and sent.status < 400
        if is_secret:
            self.unwritten[owner] = body
            if len(self.unwritten) > MOST_UNWRITTEN:
                del self.unwritten[next(iter(self.unwritten))]
        self.remembered.keep(*owner, Answer(sent.status, sent.headers, None if is_secret else body))


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise BadRequest("the Idempotency-Key is not 1 to 255 printable characters", hint=_HINT)


def _request(scope: Scope, digest: bytes | None) -> str:
    parts = [scope["method"], scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")]
    return hashlib.sha256(json.dumps([*parts, (digest or b"").hex()]).encode()).hexdigest()


def _watching(send: Send, sent: _Sent) -> Send:
    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            sent.status = message["status"]
            headers = Headers(raw=message["headers"]).items()
            receipts = ((HEADER, header_value(noted)),) if (noted := noted_receipts()) else ()
            sent.headers = (*((name, value) for name, value in headers if name != HEADER), *receipts)
        elif message["type"] == "http.response.body":
            if len(sent.body) <= MOST_BYTES:
                sent.body += message.get("body", b"")
            sent.is_whole = not message.get("more_body", False)
        await send(message)

    return send_on


async def _send_again(answer: Answer, send: Send) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"idempotent-replayed", b"true"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body or b"", "more_body": False})
