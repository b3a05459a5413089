"""Signing in to the pages: a member's key makes a one-time link, the link opens a session."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from api.answers import LinkOut
from api.callers import Caller
from api.cookies import forget_session, session_token, set_session
from api.deps import CurrentCaller, CurrentParts, caller_of
from api.errors import NotSigned
from api.parts import Parts
from api.storage.sessions import Holder, OpenedBy, Session
from api.web.pages import render
from audit.events import Act

Token = Annotated[str, Path(max_length=64)]

router = APIRouter()


@router.post("/api/v1/sign-in-links", status_code=201, tags=["sign-in"])
def make_link(request: Request, caller: CurrentCaller, parts: CurrentParts) -> LinkOut:
    """A link that signs you in to the pages, once, within two minutes. Open it in your browser."""
    now = parts.clock()
    parts.journal.append(caller.event(Act.SIGN_IN_OFFERED, "pages", purpose="sign-in"))
    token, expires = parts.sessions.offer_link(caller.member.id, now=now)
    base = parts.settings.public_url.rstrip("/") or f"http://{request.headers['host']}"
    return LinkOut(url=f"{base}/sign-in/{token}", expires=expires)


@router.get("/sign-in/{token}", include_in_schema=False)
def show_sign_in(request: Request, token: Token, parts: CurrentParts) -> Response:
    """A page with one button: looking at a link, as mail scanners do, does not use it up."""
    holder = parts.sessions.link_of(token, now=parts.clock())
    caller = None if holder is None else _invited(parts, holder)
    if caller is None:
        raise _spent()
    return render(request, "sign_in.html", token=token, person=caller.person)


@router.post("/sign-in/{token}", include_in_schema=False)
def sign_in(token: Token, parts: CurrentParts) -> Response:
    """Use up the link and open a session."""
    now = parts.clock()
    holder = parts.sessions.link_of(token, now=now)
    caller = None if holder is None else _invited(parts, holder)
    if caller is None:
        raise _spent()
    rule = "one-time link" if caller.person is None else "invitation"
    event = caller.event(Act.SIGN_IN, "pages", purpose="sign-in", rule=rule)
    session = parts.sessions.enter(token, now=now, before=lambda: parts.journal.append(event))
    if session is None:  # used up by another request at the same moment
        raise _spent()
    response = RedirectResponse("/passkeys" if caller.is_enrolling else "/", status_code=303)
    set_session(response, session, parts.settings)
    return response


def _invited(parts: Parts, holder: Holder) -> Caller | None:
    """Who a link is for."""
    opened_by = OpenedBy.KEY_LINK if holder.person is None else OpenedBy.INVITATION
    return caller_of(parts, Session(holder, opened_by, confirmed=None))


def _spent() -> NotSigned:
    return NotSigned(
        "this sign-in link is not known: it was used before, or is older than two minutes",
        hint="Make a new one with 'headcount open' on the computer that has your key, "
        "or ask for a new one; an invitation is good for three days.",
    )


@router.post("/sign-out", include_in_schema=False)
def sign_out(request: Request, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """End the session."""
    parts.journal.append(caller.event(Act.SIGN_OUT, "pages", purpose="sign-in"))
    parts.sessions.close(session_token(request, parts.settings) or "")
    response = render(request, "signed_out.html")
    forget_session(response, parts.settings)
    return response
