"""Files of encodings, on their way in; there is no way out."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.answers import UploadOut, UploadStatus
from api.callers import Caller
from api.deps import CurrentCaller, CurrentParts
from api.errors import NotFound, WrongMediaType, not_there
from api.paging import CurrentPaging
from api.parts import Parts
from api.reading import senders
from api.roster import Role
from audit.events import Act

JSON_LINES = "application/jsonl"
_BODY = {"requestBody": {"required": True, "content": {JSON_LINES: {"schema": {"type": "string"}}}}}

router = APIRouter(tags=["uploads"])


@router.post("/api/v1/uploads", status_code=201, openapi_extra=_BODY, responses={200: {"model": UploadOut}})
async def send_file(request: Request, response: Response, caller: CurrentCaller, parts: CurrentParts) -> UploadOut:
    """Send an encoded file; it becomes your agency's current one. The same bytes again: the same answer."""
    _check_media_type(request.headers.get("content-type", ""))
    signed_digest = request.state.body_sha256 or hashlib.sha256(b"").digest()
    accepted = await parts.intake.receive(caller, request.stream(), signed_digest)
    response.status_code = 201 if accepted.is_new else 200
    return UploadOut.of(accepted.upload)


@router.get("/api/v1/uploads")
def list_uploads(
    caller: CurrentCaller, parts: CurrentParts, paging: CurrentPaging
) -> tuple[UploadOut, ...] | tuple[UploadStatus, ...]:
    """An agency: every file it sent. The coordinator: who has sent, and until which month."""
    if caller.member.role is Role.AGENCY:
        return tuple(map(UploadOut.of, paging.cut(parts.uploads.of(caller.member.id), lambda upload: str(upload.id))))
    return tuple(paging.cut(upload_statuses(parts), lambda status: status.agency))


@router.get("/api/v1/uploads/{digest}")
def show_upload(digest: Annotated[str, Path(max_length=128)], caller: CurrentCaller, parts: CurrentParts) -> UploadOut:
    """One of your own files and its receipt; another agency's is as good as not there."""
    own = [upload for upload in parts.uploads.of(caller.member.id) if upload.digest == digest]
    if not own:
        raise _denied(parts, caller)
    return UploadOut.of(own[-1])


def upload_statuses(parts: Parts) -> tuple[UploadStatus, ...]:
    """Who has sent a file in the open epoch."""
    epoch = parts.epochs.current()
    current = {} if epoch is None else {item.agency: item for item in parts.uploads.current(epoch.number)}
    return tuple(UploadStatus.of(agency.id, current.get(agency.id)) for agency in senders(parts))


def _check_media_type(value: str) -> None:
    if value.split(";")[0].strip().lower() != JSON_LINES:
        raise WrongMediaType(f"an upload is of type {JSON_LINES}", hint=f"Send Content-Type: {JSON_LINES}.")


def _denied(parts: Parts, caller: Caller) -> NotFound:
    event = caller.event(Act.DENIED, "GET /api/v1/uploads/{digest}", outcome="refused", rule="own files only")
    parts.journal.append(event)
    return not_there()
