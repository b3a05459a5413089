"""The service as one ASGI application."""

from __future__ import annotations

import time
from http import HTTPStatus
from importlib.metadata import version

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse

from api.acts import check_every_route_is_told
from api.approval_answers import waits
from api.approvals import ApprovalNeeded
from api.bodies import Bodies, Patience
from api.callers import Caller
from api.complaints import complain
from api.conditional import Conditional
from api.deps import authorise, find_signed_in, get_parts
from api.description import operation_id
from api.errors import NotConfirmed, NotSigned, NotWitnessed
from api.gate import API, SignedRequests, address_of
from api.headers import ALWAYS, SafeHeaders
from api.metrics import Measured, Measures
from api.parts import Parts
from api.policies import check_every_route_has_a_policy
from api.problems import PROBLEM, answer, headers_of, kind_of, problem, status_of
from api.receipts import Receipts
from api.refusals import log_refused
from api.routes import (
    approvals,
    health,
    jobs,
    keys,
    log,
    members,
    openid,
    openings,
    pages,
    passkeys,
    people,
    release_pages,
    releases,
    runs,
    sign_in,
    upload_sessions,
    uploads,
    witness,
)
from api.telemetry import TELEMETRY
from api.web.pages import render
from hashing.schema import HeadcountError

PLAINLY = {
    HTTPStatus.NOT_FOUND: "there is nothing at this address",
    HTTPStatus.METHOD_NOT_ALLOWED: "this address does not take requests of this method",
}
ROUTERS = (
    health.router,
    members.router,
    keys.router,
    uploads.router,
    upload_sessions.router,
    jobs.router,
    runs.router,
    releases.router,
    openings.router,
    approvals.router,
    log.router,
    witness.router,
    people.router,
    passkeys.router,
    openid.router,
    sign_in.router,
    pages.router,
    release_pages.router,
)


def create_app(parts: Parts) -> FastAPI:
    """The application over *parts*, which whoever opened them closes.

    Raises:
        StartError: a route has no policy.
    """
    measures = Measures(parts)
    app = FastAPI(
        title="Headcount",
        summary="Counts people once across agencies; nobody hands over a name.",
        version=version("headcount"),
        dependencies=[Depends(authorise)],
        telemetry=TELEMETRY,
        middleware=[
            Middleware(Measured, measures=measures, seconds=time.perf_counter),
            Middleware(Receipts),
            Middleware(SafeHeaders, settings=parts.settings),
            Middleware(Bodies, patience=Patience(parts.settings.pause_seconds)),
            Middleware(SignedRequests, parts=parts),
            Middleware(Conditional),
        ],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
        responses={"4XX": {"description": "A problem (RFC 9457) with a hint", "content": {PROBLEM: {}}}},
    )
    app.state.parts = parts
    app.state.measures = measures
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(HeadcountError, _refuse)
    app.add_exception_handler(NotConfirmed, passkeys.ask_to_confirm)
    app.add_exception_handler(RequestValidationError, _refuse_input)
    app.add_exception_handler(HTTPException, _refuse_plainly)
    app.add_exception_handler(ApprovalNeeded, _wait)
    app.add_exception_handler(Exception, _fail)
    check_every_route_has_a_policy(app)
    check_every_route_is_told()
    return app


def _wait(request: Request, needed: Exception) -> Response:
    """A program is told the proposal; a person is shown all that wait."""
    if not isinstance(needed, ApprovalNeeded):
        raise TypeError("this handles what waits for approval only")
    if _is_for_programs(request):
        return waits(needed.proposal)
    return RedirectResponse("/approvals", status_code=HTTPStatus.SEE_OTHER)


def _refuse(request: Request, error: Exception) -> Response:
    if not isinstance(error, HeadcountError):
        raise TypeError("this handles errors of ours only")
    if isinstance(error, NotSigned):
        error = get_parts(request).rates.stranger(address_of(request.scope)) or error
    if status_of(error) >= HTTPStatus.INTERNAL_SERVER_ERROR or isinstance(error, NotWitnessed):
        return _answer(request, error)
    return _answer(request, log_refused(request, kind_of(error)) or error)


def _refuse_input(request: Request, error: Exception) -> Response:
    """Names the fields that are wrong."""
    if not isinstance(error, RequestValidationError):
        raise TypeError("this handles input errors only")
    found = complain(error.errors())
    unlogged = log_refused(request, _kind(HTTPStatus.UNPROCESSABLE_ENTITY))
    if unlogged is not None:
        return _answer(request, unlogged)
    return _tell_member(request, HTTPStatus.UNPROCESSABLE_ENTITY, found, "Correct this and ask again.")


def _refuse_plainly(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise TypeError("this handles HTTP errors only")
    status = HTTPStatus(error.status_code)
    return _tell_member(request, status, PLAINLY.get(status, status.phrase), "Check the address.")


def _fail(request: Request, _error: Exception) -> Response:
    what = "the service failed to answer"
    hint = "Try again; tell the operator if it stays."
    # Who is signed in is not looked up: the database may be what failed.
    response = _tell(request, HTTPStatus.INTERNAL_SERVER_ERROR, what, hint, caller=None)
    response.headers.update(ALWAYS)  # this answer is made outside of SafeHeaders
    return response


def _tell_member(request: Request, status: HTTPStatus, what: str, hint: str) -> Response:
    caller = None if _is_for_programs(request) else find_signed_in(request)
    return _tell(request, status, what, hint, caller=caller)


def _tell(request: Request, status: HTTPStatus, what: str, hint: str, *, caller: Caller | None) -> Response:
    if _is_for_programs(request):
        return problem(status, kind=_kind(status), detail=what, hint=hint)
    return _page(request, status, what, hint, caller=caller)


def _answer(request: Request, error: HeadcountError) -> Response:
    if _is_for_programs(request):
        return answer(error)
    status = status_of(error)
    caller = None if status >= HTTPStatus.INTERNAL_SERVER_ERROR else find_signed_in(request)
    page = _page(request, status, error.what, error.hint, caller=caller)
    page.headers.update(headers_of(error))
    return page


def _kind(status: HTTPStatus) -> str:
    return status.name.lower().replace("_", "-")


def _page(request: Request, status: HTTPStatus, what: str, hint: str, *, caller: Caller | None) -> Response:
    """A problem as a page; whoever is signed in keeps the navigation."""
    told = {"title": status.phrase, "what": what, "hint": hint}
    return render(request, "problem.html", status=status.value, caller=caller, **told)


def _is_for_programs(request: Request) -> bool:
    path = request.url.path
    return path.startswith((API, "/witness/")) or path in {"/healthz", "/readyz", "/openapi.json"}
