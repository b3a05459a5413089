"""For witnesses, which are no members: the log's signed state, and the way in for their cosignatures.

What goes out is signed by the log and shows no entry; what comes in is checked against the keys of the witnesses that
the operator named. Formats: c2sp.org/tlog-witness and docs/formats/audit-log.md.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import PlainTextResponse

from api.deps import CurrentParts
from api.errors import Denied, LogUnavailable, NotFound, TooLarge
from audit.errors import AuditError, CosignatureRefused, EntryNotFound, OldSizeDiffers
from audit.submission import MAX_BYTES, SIZE_TYPE

router = APIRouter(include_in_schema=False)


async def small_body(request: Request) -> bytes:
    """The request's body, if it is no larger than a checkpoint with its cosignatures can be.

    Raises:
        TooLarge: it is.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise TooLarge(f"the request is larger than {MAX_BYTES} bytes", hint="Send one checkpoint.")
    return body


@router.get("/witness/add-checkpoint")
def ask_witness(parts: CurrentParts, old: Annotated[int, Query(ge=0, le=2**53)] = 0) -> Response:
    """What a witness is asked that cosigned *old* entries last; 409 and the log's size if it has fewer."""
    try:
        return PlainTextResponse(_told(lambda: parts.journal.witnessing.submission(old)))
    except OldSizeDiffers as error:
        headers = {"content-type": SIZE_TYPE}
        return Response(f"{error.size}\n", status_code=HTTPStatus.CONFLICT, headers=headers)


@router.get("/witness/checkpoint")
def show_witnessed(parts: CurrentParts, need: Annotated[int, Query(ge=1, le=64)] = 1) -> Response:
    """The newest signed state that *need* witnesses cosigned, with their signatures."""
    return PlainTextResponse(_told(lambda: str(parts.journal.witnessing.newest(need))))


@router.post("/witness/cosignatures", status_code=HTTPStatus.NO_CONTENT, response_class=Response)
def take_cosignatures(body: Annotated[bytes, Depends(small_body)], parts: CurrentParts) -> None:
    """Take a checkpoint of this log with cosignatures under it."""
    _told(lambda: parts.journal.witnessing.take(body.decode(errors="replace")))


def _told(act: Callable[[], str | None]) -> str | None:
    try:
        return act()
    except OldSizeDiffers:
        raise
    except CosignatureRefused as error:
        raise Denied(error.what, hint=error.hint) from error
    except EntryNotFound as error:
        raise NotFound(error.what, hint=error.hint) from error
    except AuditError as error:
        raise LogUnavailable(
            "the audit log cannot be written or read", hint="Try again later; tell the operator if it stays."
        ) from error
