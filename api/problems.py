"""HTTP is told here: which error is which status, and how it is worded on the wire (RFC 9457)."""

from __future__ import annotations

import re
from http import HTTPStatus

from starlette.responses import JSONResponse

from api import errors
from api.errors import ApiError, Refusal, UploadRefused
from hashing.schema import EncodedFileError, HeadcountError
from linkage.errors import CannotRelease, LedgerError, RequestRefused, RunError

STATUS: dict[type[HeadcountError], HTTPStatus] = {
    errors.BadRequest: HTTPStatus.BAD_REQUEST,
    errors.NotSigned: HTTPStatus.UNAUTHORIZED,
    errors.Misdirected: HTTPStatus.MISDIRECTED_REQUEST,
    errors.Denied: HTTPStatus.FORBIDDEN,
    errors.NotConfirmed: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.NotWitnessed: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.TooSlow: HTTPStatus.REQUEST_TIMEOUT,
    errors.WrongMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    errors.MailFailed: HTTPStatus.BAD_GATEWAY,
    errors.NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.LogUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.CannotKeep: HTTPStatus.INSUFFICIENT_STORAGE,
    EncodedFileError: HTTPStatus.UNPROCESSABLE_ENTITY,
    RequestRefused: HTTPStatus.FORBIDDEN,
    CannotRelease: HTTPStatus.CONFLICT,
    LedgerError: HTTPStatus.INTERNAL_SERVER_ERROR,
    RunError: HTTPStatus.INTERNAL_SERVER_ERROR,
    HeadcountError: HTTPStatus.BAD_REQUEST,
}
# What an error of another package is called; ours go by their class.
KINDS: dict[type[HeadcountError], str] = {
    EncodedFileError: "upload-refused",
    RequestRefused: "request-refused",
    CannotRelease: "cannot-release",
    LedgerError: "internal-server-error",
    RunError: "internal-server-error",
    HeadcountError: "bad-request",
}
REFUSED = {
    Refusal.NOT_ALLOWED: HTTPStatus.FORBIDDEN,
    Refusal.DAMAGED: HTTPStatus.UNPROCESSABLE_ENTITY,
    Refusal.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Refusal.OTHER_DIGEST: HTTPStatus.BAD_REQUEST,
    Refusal.BROKEN_OFF: HTTPStatus.BAD_REQUEST,
}  # every other reason is a conflict with the roster or the epoch
URN = "urn:headcount:problem:"
PROBLEM = "application/problem+json"


def status_of(error: HeadcountError) -> HTTPStatus:
    """The HTTP status of an error that we raised ourselves."""
    if isinstance(error, UploadRefused):
        return REFUSED.get(error.reason, HTTPStatus.CONFLICT)
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def answer(error: HeadcountError) -> JSONResponse:
    """The error as ``application/problem+json``, with its hint."""
    response = problem(status_of(error), kind=kind_of(error), detail=error.what, hint=error.hint)
    response.headers.update(headers_of(error))
    return response


def headers_of(error: HeadcountError) -> dict[str, str]:
    """What an error says beside its words: after how many seconds to ask again."""
    return {"retry-after": str(error.retry_after)} if isinstance(error, errors.TooManyRequests) else {}


def kind_of(error: HeadcountError) -> str:
    """The short name of an error that programs and the log know it by."""
    if isinstance(error, ApiError):
        return kind_named(type(error).__name__)
    return next(KINDS[kind] for kind in type(error).__mro__ if kind in KINDS)


def kind_named(name: str) -> str:
    """The short name of a kind of errors, from the *name* of its class."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def problem(status: HTTPStatus, *, kind: str, detail: str, hint: str) -> JSONResponse:
    """A problem document; *kind* is a short name that programs may rely on."""
    body = {
        "type": f"{URN}{kind}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "hint": hint,
    }
    return JSONResponse(body, status_code=status, media_type=PROBLEM)
