"""What routes ask for: the parts of the service, and a caller who may do what the route does."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from api.callers import Caller
from api.cookies import check_same_origin, session_token
from api.errors import Denied, NotSigned
from api.gate import API
from api.parts import Parts
from api.person_policies import Route, check_confirmed
from api.policies import POLICY, Open, check_may
from api.storage.sessions import OpenedBy, Session
from audit.events import Act


def get_parts(request: Request) -> Parts:
    """The parts that the start of the service opened."""
    parts: Parts = request.app.state.parts
    return parts


async def authorise(request: Request) -> Caller | None:
    """Stand before every route: who asks, and may they? None on open routes.

    Raises:
        NotSigned: nobody we know.
        Denied: known, and not allowed; the log has it.
    """
    route: Route = (request.method, request.scope["route"].path)
    policy = POLICY[route]
    if not request.url.path.startswith(API) and policy is not Open.WITNESS:  # which reads no cookie
        check_same_origin(request)
    if isinstance(policy, Open):
        return None
    return await run_in_threadpool(_authorised, request, route)


def get_caller(caller: Annotated[Caller | None, Depends(authorise)]) -> Caller:
    """The caller of a route that is not open."""
    if caller is None:
        raise NotSigned("nobody is signed in", hint="Sign the request, or sign in.")
    return caller


def find_signed_in(request: Request) -> Caller | None:
    """Whose session a request for a page belongs to, if it is still open."""
    parts = get_parts(request)
    token = session_token(request, parts.settings)
    session = None if token is None else parts.sessions.find(token, now=parts.clock())
    return None if session is None else caller_of(parts, session)


def caller_of(parts: Parts, session: Session) -> Caller | None:
    """Who sits in *session*; nobody, where its person was shut out."""
    holder = session.holder
    member = parts.members.find(holder.member)
    if member is None or holder.person is None:
        return None if member is None else Caller(member)
    person = parts.people.find(member.id, holder.person)
    if person is None or person.revoked is not None:
        return None
    enrolling = session.opened_by is OpenedBy.INVITATION
    return Caller(member, person=person, is_enrolling=enrolling, confirmed=session.confirmed)


def _authorised(request: Request, route: Route) -> Caller:
    parts = get_parts(request)
    caller = request.state.caller if request.url.path.startswith(API) else _signed_in(request)
    if not request.url.path.startswith(API):  # signed requests are counted at the gate
        parts.rates.admit(caller)
    try:
        check_may(caller, route)
    except Denied:
        parts.journal.append(caller.event(Act.DENIED, " ".join(route), outcome="refused", rule="role"))
        raise
    check_confirmed(caller, route, now=parts.clock())
    return caller


def _signed_in(request: Request) -> Caller:
    caller = find_signed_in(request)
    if caller is None:
        raise NotSigned(
            "you are not signed in, or were away for too long",
            hint="Sign in with your passkey at /sign-in, or make a new link with 'headcount open' on the computer "
            "that has your organisation's key.",
        )
    return caller


CurrentParts = Annotated[Parts, Depends(get_parts)]
CurrentCaller = Annotated[Caller, Depends(get_caller)]
