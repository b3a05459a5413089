"""Under which address people open the pages; passkeys know no other."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from api.passkeys import Site
from api.settings import Settings


def base_of_pages(request: Request, settings: Settings) -> str:
    """The address of the pages without a path.

    Without TLS it is ``localhost``, never 127.0.0.1: a passkey's RP id is a name (WebAuthn 5.1.2).
    """
    if settings.public_url:
        return settings.public_url.rstrip("/")
    port = urlsplit(f"//{request.headers['host']}").port
    return "http://localhost" if port is None else f"http://localhost:{port}"


def site_of(request: Request, settings: Settings) -> Site:
    """What passkeys are bound to here."""
    return Site.at(base_of_pages(request, settings))


def is_elsewhere(request: Request, settings: Settings) -> bool:
    """Whether the page was opened under an address at which no passkey works."""
    return request.headers["host"].lower() != urlsplit(base_of_pages(request, settings)).netloc.lower()
