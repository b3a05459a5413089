"""Files of any size, in pieces: a broken transfer goes on where it was."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool

from api.background import finish_upload
from api.deps import CurrentCaller, CurrentParts
from api.inputs import UploadSessionIn
from api.job_answers import JobOut, UploadSessionOut

router = APIRouter(tags=["uploads"])
SessionId = Annotated[str, Path(max_length=64)]
Offset = Annotated[int, Path(ge=0, le=2**50)]
_BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string"}}}}}


@router.post("/api/v1/upload-sessions", status_code=201)
def begin_upload(asked: UploadSessionIn, caller: CurrentCaller, parts: CurrentParts) -> UploadSessionOut:
    """Begin to send a file in pieces, or learn how much of it has arrived already."""
    return UploadSessionOut.of(parts.pieces.begin(caller, asked.digest, asked.length))


@router.get("/api/v1/upload-sessions/{session_id}")
def show_upload_session(session_id: SessionId, caller: CurrentCaller, parts: CurrentParts) -> UploadSessionOut:
    """How much has arrived."""
    return UploadSessionOut.of(parts.pieces.find(caller, session_id))


@router.put("/api/v1/upload-sessions/{session_id}/pieces/{offset}", openapi_extra=_BODY)
async def put_piece(
    session_id: SessionId, offset: Offset, request: Request, caller: CurrentCaller, parts: CurrentParts
) -> UploadSessionOut:
    """The next piece; it is on disk when this is answered. The same piece again changes nothing."""
    piece = await request.body()
    taken = await run_in_threadpool(parts.pieces.take, caller, session_id, offset=offset, piece=piece)
    return UploadSessionOut.of(taken)


@router.post("/api/v1/upload-sessions/{session_id}/finish", status_code=202)
def finish_sending(session_id: SessionId, caller: CurrentCaller, parts: CurrentParts) -> JobOut:
    """All pieces have arrived: a job checks the file and keeps or refuses it."""
    return JobOut.of_job(finish_upload(parts, caller, session_id), caller)
