"""The audit log: read by auditors, and reading it is in it."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi import Path as PathParameter
from fastapi.responses import PlainTextResponse

from api.answers import EntriesOut, EntryOut
from api.deps import CurrentCaller, CurrentParts
from api.journal import Journal
from audit.events import Act

router = APIRouter(tags=["audit log"])


@router.get("/api/v1/log/entries")
def list_entries(
    caller: CurrentCaller,
    parts: CurrentParts,
    response: Response,
    start: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> EntriesOut:
    """A stretch of the log from entry *start* on."""
    event = caller.event(Act.LOG_READ, "log", purpose="audit", details={"start": start, "limit": limit})
    parts.journal.append(event)
    entries = parts.journal.entries(start, limit)
    if start + limit < parts.journal.size:
        response.headers["link"] = f'</api/v1/log/entries?start={start + limit}&limit={limit}>; rel="next"'
    return EntriesOut(size=parts.journal.size, entries=tuple(EntryOut.of(entry) for entry in entries))


@router.get("/api/v1/log/checkpoint", response_class=PlainTextResponse)
def show_checkpoint(parts: CurrentParts) -> PlainTextResponse:
    """The signed state of the log (C2SP tlog-checkpoint). Keep it: it shows what a log cut short would hide."""
    return PlainTextResponse(parts.journal.checkpoint())


@router.get("/api/v1/log/proofs/{index}", response_class=PlainTextResponse)
def show_proof(
    index: Annotated[int, PathParameter(ge=0, le=2**53)],
    parts: CurrentParts,
    witnesses: Annotated[int, Query(ge=0, le=64)] = 0,
) -> PlainTextResponse:
    """For the holder of a receipt: the proof that its entry is in the log (C2SP tlog-proof).

    With *witnesses*, under a checkpoint that so many have cosigned.
    """
    return PlainTextResponse(parts.journal.proof(index, need=witnesses))


@router.get("/log/bundle", response_class=Response, include_in_schema=False)
@router.get("/api/v1/log/bundle", response_class=Response)
def download_bundle(caller: CurrentCaller, parts: CurrentParts) -> Response:
    """Everything that ``headcount audit verify`` needs, as a zip."""
    parts.journal.checkpoint()  # a log that cannot be signed is not handed out, so nothing is to say that it was
    parts.journal.append(caller.event(Act.LOG_EXPORTED, "log", purpose="audit"))
    headers = {"content-disposition": 'attachment; filename="headcount-log.zip"'}
    return Response(zipped_log(parts.journal), media_type="application/zip", headers=headers)


def zipped_log(journal: Journal) -> bytes:
    """The exported log as the bytes of a zip."""
    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "headcount-log"
        journal.export(bundle)
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(bundle.iterdir()):
                archive.write(path, f"{bundle.name}/{path.name}")
    return buffer.getvalue()
