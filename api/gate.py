"""The gate in front of /api: nothing unsigned, replayed, altered or packed gets to a route."""

from __future__ import annotations

import hashlib
import hmac
import re

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import signatures
from api.callers import Caller
from api.errors import ApiError, BadRequest, LogUnavailable, NotSigned, TooManyRequests, WrongMediaType
from api.idempotency import Idempotency
from api.parts import Parts
from api.pieces import PIECE_BYTES
from api.problems import answer, kind_of
from api.roster import MemberKey
from audit.events import Act

API = "/api/"
STREAMED = {("POST", "/api/v1/uploads")}  # the route itself compares the body with the signed digest
MAX_BODY_BYTES = 64 * 1024  # of every other request, but for a piece of a file
_PIECE = re.compile(r"/api/v1/upload-sessions/[0-9a-f]{32}/pieces/[0-9]+")


def most_bytes(method: str, path: str) -> int | None:
    """How large the body of such a request may be; None where the route itself sees to it."""
    if (method, path) in STREAMED:
        return None
    return PIECE_BYTES if method == "PUT" and _PIECE.fullmatch(path) else MAX_BODY_BYTES


class SignedRequests:
    """Names the caller of every request under /api, or refuses it."""

    def __init__(self, app: ASGIApp, *, parts: Parts) -> None:
        self._app = app
        self._parts = parts
        self._idempotency = Idempotency(parts.remembered, parts.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return
        try:
            receive = await self._let_in(scope, receive)
            await self._answer(scope, receive, self._with_rate(scope, send))
        except ApiError as error:
            told = await run_in_threadpool(self._log, scope, error)
            await answer(told)(scope, receive, self._with_rate(scope, send))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def act(send: Send) -> None:
            await self._app(scope, receive, send)

        state = scope["state"]
        await self._idempotency.answer(scope, send, state["caller"], state["body_sha256"], act)

    def _with_rate(self, scope: Scope, send: Send) -> Send:
        """*send* that says how many requests the caller's key has left."""
        caller: Caller | None = scope.get("state", {}).get("caller")

        async def send_on(message: Message) -> None:
            if caller is not None and message["type"] == "http.response.start":
                left = self._parts.rates.left(caller)
                MutableHeaders(scope=message).update(left.headers if left else {})
            await send(message)

        return send_on

    def _log(self, scope: Scope, error: ApiError) -> ApiError:
        """*error*, or why it could not be logged that a member's own request was refused at the gate."""
        caller: Caller | None = scope.get("state", {}).get("caller")
        if caller is None:
            return self._parts.rates.stranger(address_of(scope)) or error
        if isinstance(error, TooManyRequests):
            return self._count(caller, error)
        self._parts.rates.refused(caller)
        event = caller.event(Act.REFUSED, "request", purpose="not stated", outcome="refused", rule=kind_of(error))
        try:
            self._parts.journal.append(event)
        except LogUnavailable as unlogged:
            return unlogged
        return error

    def _count(self, caller: Caller, error: ApiError) -> ApiError:
        try:
            self._parts.tally.take(caller, now=self._parts.clock())
        except LogUnavailable as unlogged:
            return unlogged
        return error

    async def _let_in(self, scope: Scope, receive: Receive) -> Receive:
        _check_not_packed(Headers(scope=scope))
        message = signatures.Message.of(scope)
        caller, digest = await run_in_threadpool(authenticate, self._parts, message)
        scope.setdefault("state", {}).update(caller=caller, body_sha256=digest)
        await run_in_threadpool(self._parts.rates.admit, caller)
        if (scope["method"], scope["path"]) in STREAMED:
            return receive
        body = await Request(scope, receive).body()
        check_body(body, digest)
        return _replay(body)


def authenticate(parts: Parts, message: signatures.Message) -> tuple[Caller, bytes | None]:
    """Whose request this is, and the signed SHA-256 of its body; its nonce is used up.

    Raises:
        NotSigned: no good signature by a member's key, too old, or seen before.
    """
    now = parts.clock()

    def find_key(keyid: str) -> MemberKey | None:
        return parts.keys.find_good(keyid, now=now)

    signed = signatures.verify(message, find_key, now=now)
    member = parts.members.find_by_keyid(signed.keyid)
    if member is None or not parts.nonces.take(signed.keyid, signed.nonce, now=now):
        raise NotSigned("this very request was received before", hint="Sign every request anew, with a fresh nonce.")
    return Caller(member, signed.signature_sha256, signed.keyid), signed.body_sha256


def address_of(scope: Scope) -> str:
    """Where a connection comes from; behind a proxy that is the proxy, since no forwarded header is believed."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


def check_body(body: bytes, digest: bytes | None) -> None:
    """A body is the one that was signed; a request signed without one has none.

    Raises:
        BadRequest: it is not.
    """
    expected = hashlib.sha256(b"").digest() if digest is None else digest
    if not hmac.compare_digest(hashlib.sha256(body).digest(), expected):
        raise BadRequest("the body is not the one that was signed", hint="Sign and send the request again.")


def _check_not_packed(headers: Headers) -> None:
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise WrongMediaType(
            "the service takes no compressed bodies", hint="Send the file as it is, without Content-Encoding."
        )


def _replay(body: bytes) -> Receive:
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    return receive
