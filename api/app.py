"""The service as one ASGI application."""

from __future__ import annotations

from http import HTTPStatus
from importlib.metadata import version

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from api.acts import check_every_route_is_told
from api.callers import Caller
from api.complaints import complain
from api.deps import authorise, find_signed_in
from api.gate import API, SignedRequests
from api.headers import ALWAYS, SafeHeaders
from api.parts import Parts
from api.policies import check_every_route_has_a_policy
from api.problems import PROBLEM, answer, kind_of, problem, status_of
from api.receipts import Receipts
from api.refusals import log_refused
from api.routes import (
    health,
    jobs,
    log,
    members,
    openings,
    pages,
    releases,
    runs,
    sign_in,
    upload_sessions,
    uploads,
    witness,
)
from api.web.pages import render
from hashing.schema import HeadcountError

PLAINLY = {
    HTTPStatus.NOT_FOUND: "there is nothing at this address",
    HTTPStatus.METHOD_NOT_ALLOWED: "this address does not take requests of this method",
}
ROUTERS = (
    health.router,
    members.router,
    uploads.router,
    upload_sessions.router,
    jobs.router,
    runs.router,
    releases.router,
    openings.router,
    log.router,
    witness.router,
    sign_in.router,
    pages.router,
)


def create_app(parts: Parts) -> FastAPI:
    """The application over *parts*, which whoever opened them closes.

    Raises:
        StartError: a route has no policy.
    """
    app = FastAPI(
        title="Headcount",
        summary="Counts people once across agencies; nobody hands over a name.",
        version=version("headcount"),
        dependencies=[Depends(authorise)],
        middleware=[
            Middleware(Receipts),
            Middleware(SafeHeaders, settings=parts.settings),
            Middleware(SignedRequests, parts=parts),
        ],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses={"4XX": {"description": "A problem (RFC 9457) with a hint", "content": {PROBLEM: {}}}},
    )
    app.state.parts = parts
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(HeadcountError, _refuse)
    app.add_exception_handler(RequestValidationError, _refuse_input)
    app.add_exception_handler(HTTPException, _refuse_plainly)
    app.add_exception_handler(Exception, _fail)
    check_every_route_has_a_policy(app)
    check_every_route_is_told()
    return app


def _refuse(request: Request, error: Exception) -> Response:
    if not isinstance(error, HeadcountError):
        raise TypeError("this handles errors of ours only")
    if status_of(error) >= HTTPStatus.INTERNAL_SERVER_ERROR:
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
    return _page(request, status_of(error), error.what, error.hint, caller=find_signed_in(request))


def _kind(status: HTTPStatus) -> str:
    return status.name.lower().replace("_", "-")


def _page(request: Request, status: HTTPStatus, what: str, hint: str, *, caller: Caller | None) -> Response:
    """A problem as a page; whoever is signed in keeps the navigation."""
    told = {"title": status.phrase, "what": what, "hint": hint}
    return render(request, "problem.html", status=status.value, caller=caller, **told)


def _is_for_programs(request: Request) -> bool:
    path = request.url.path
    return path.startswith((API, "/witness/")) or path in {"/healthz", "/readyz", "/openapi.json"}
