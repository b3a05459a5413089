"""The session cookie, and the check that a form was sent from our own page."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from api.errors import BadRequest
from api.settings import Settings

_SAFE_METHODS = frozenset({"GET", "HEAD"})


def cookie_name(settings: Settings) -> str:
    """With TLS the name pins the cookie to this host (RFC 6265bis 4.1.3.2); plain loopback cannot have it."""
    return "__Host-headcount" if settings.secure else "headcount"


def session_token(request: Request, settings: Settings) -> str | None:
    """The token of the session that a request belongs to."""
    return request.cookies.get(cookie_name(settings))


def set_session(response: Response, token: str, settings: Settings) -> None:
    """Hand the browser its session; it goes when the browser closes."""
    response.set_cookie(
        cookie_name(settings), token, httponly=True, secure=settings.secure, samesite="strict", path="/"
    )


def forget_session(response: Response, settings: Settings) -> None:
    """Make the browser drop its session."""
    response.delete_cookie(cookie_name(settings), httponly=True, secure=settings.secure, samesite="strict", path="/")


def set_openid_state(response: Response, state: str, settings: Settings) -> None:
    """Tie a sign-in at a provider to this browser; lax, because the way back starts at the provider's page."""
    response.set_cookie(
        _openid_name(settings), state, max_age=600, httponly=True, secure=settings.secure, samesite="lax", path="/"
    )


def openid_state(request: Request, settings: Settings) -> str | None:
    """The state of the sign-in that this browser started."""
    return request.cookies.get(_openid_name(settings))


def _openid_name(settings: Settings) -> str:
    return f"{cookie_name(settings)}-openid"


def check_same_origin(request: Request) -> None:
    """A form that changes something was sent from a page of this service, as the browser itself says.

    Raises:
        BadRequest: it was not, or the browser does not say.
    """
    if request.method in _SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "")
    same = site == "same-origin" if site else urlsplit(origin).netloc == request.headers.get("host")
    if not same:
        raise BadRequest(
            "the form was not sent from a page of this service",
            hint="Open the page anew and send the form from there.",
        )
