"""The headers that every answer carries, and the names that the service answers to."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Misdirected
from api.problems import answer
from api.settings import Settings, is_loopback

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
ALWAYS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
TLS_ONLY = {"strict-transport-security": "max-age=63072000; includeSubDomains"}


class SafeHeaders:
    """Adds the headers, and refuses requests that name another host (DNS rebinding, relayed signatures)."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._added = ALWAYS | (TLS_ONLY if settings.secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._added)
            await send(message)

        if is_own_host(Headers(scope=scope).get("host", ""), self._settings):
            await self._app(scope, receive, send_with_headers)
        else:
            await answer(_MISDIRECTED)(scope, receive, send_with_headers)


def is_own_host(host: str, settings: Settings) -> bool:
    """Whether *host* (with port, as in a Host header) is this computer or the service's public address."""
    public = urlsplit(settings.public_url).netloc
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return is_loopback(name) or (bool(public) and host.lower() == public.lower())


_MISDIRECTED = Misdirected(
    "this service does not go by that name",
    hint="Use the address that the coordinator gave you; an operator sets it as HEADCOUNT_PUBLIC_URL.",
)
