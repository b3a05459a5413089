"""Signing in by way of an OpenID provider: there and back."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.addresses import base_of_pages
from api.cookies import openid_state, session_token, set_openid_state, set_session
from api.deps import CurrentParts, find_signed_in
from api.errors import OpenIdRefused, Unaccepted
from api.openid_sign_in import finish, start
from api.parts import Parts
from api.web.pages import render

Returned = Annotated[str, Query(max_length=4096)]

router = APIRouter(include_in_schema=False)


@router.get("/openid")
def to_provider(request: Request, parts: CurrentParts, again: bool = False) -> Response:
    """Send the browser to the provider; from a session that an invitation opened, to be bound to the account there."""
    address, state = start(parts, find_signed_in(request), _redirect_uri(request, parts), anew=again)
    response = RedirectResponse(address, status_code=303)
    set_openid_state(response, state, parts.settings)
    return response


@router.get("/openid/callback")
def from_provider(request: Request, parts: CurrentParts, code: Returned = "", state: Returned = "") -> Response:
    """The provider sent the browser back. A page, not a redirect: only from a page of ours does the cookie go along."""
    kept = openid_state(request, parts.settings) or ""
    if not state or not hmac.compare_digest(kept.encode(), state.encode()):
        raise OpenIdRefused(Unaccepted.STATE)
    before = session_token(request, parts.settings)
    token = finish(parts, code, state, _redirect_uri(request, parts), instead_of=before)
    response = render(request, "openid_done.html")
    set_session(response, token, parts.settings)
    return response


def _redirect_uri(request: Request, parts: Parts) -> str:
    return f"{base_of_pages(request, parts.settings)}/openid/callback"
