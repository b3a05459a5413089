"""Releases of a period: all public tables together, kept for good, and the council packet of each."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Response

from api.answers import ReceiptOut
from api.approval_answers import WAITS, ProposalOut
from api.background import start_release
from api.deps import CurrentCaller, CurrentParts
from api.inputs import ReleaseIn
from api.job_answers import JobOut
from api.paging import CurrentPaging
from api.release_answers import ReleaseOut, ReleasesOut, ReleaseSummary
from api.releasing import make_release, read_release

router = APIRouter(tags=["releases"])
Number = Annotated[int, Path(ge=0, le=1_000_000)]
WAITS_OR_JOB: dict[int | str, dict[str, Any]] = {
    202: WAITS[202] | {"model": ProposalOut | JobOut}  # the job, where one was asked for and nobody is waited for
}


@router.post("/api/v1/releases", status_code=201, responses=WAITS_OR_JOB)
def post_release(
    asked: ReleaseIn,
    caller: CurrentCaller,
    parts: CurrentParts,
    response: Response,
    prefer: Annotated[str, Header(max_length=200)] = "",
) -> ReleaseOut | JobOut:
    """All public tables of a period. The same question has the same answer, and none that an earlier one would open.

    With ``Prefer: respond-async`` (RFC 7240) the answer is a job.
    """
    if "respond-async" in prefer.lower():
        response.status_code = 202
        response.headers["preference-applied"] = "respond-async"
        return JobOut.of_job(start_release(parts, caller, asked), caller)
    made = make_release(parts, caller, asked)
    return ReleaseOut.of(made.release, read=ReceiptOut.of(made.read), released=ReceiptOut.of(made.released))


@router.get("/api/v1/releases")
def list_releases(parts: CurrentParts, paging: CurrentPaging) -> ReleasesOut:
    """What was released so far, without the numbers."""
    page = paging.cut(parts.releases.all(), lambda kept: str(kept.number))
    return ReleasesOut(releases=tuple(map(ReleaseSummary.of, page)))


@router.get("/api/v1/releases/{number}")
def show_release(number: Number, caller: CurrentCaller, parts: CurrentParts) -> ReleaseOut:
    """The tables of a release."""
    kept, receipt = read_release(parts, caller, number, "tables")
    return ReleaseOut.of(kept, read=ReceiptOut.of(receipt), released=None)


@router.get("/api/v1/releases/{number}/packet", response_class=Response)
def show_packet(number: Number, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """The council packet of a release: a zip of one PDF, one workbook, pictures and a CSV."""
    kept, _ = read_release(parts, caller, number, "packet")
    headers = {"content-disposition": f'attachment; filename="release-{number}.zip"'}
    return Response(parts.packets.of(kept), media_type="application/zip", headers=headers)
