"""Linkages and what they are asked for."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.answers import (
    CareMatchOut,
    CountOut,
    MatchesOut,
    ReceiptOut,
    ReportOut,
    TableOut,
    UploadStatus,
)
from api.deps import CurrentCaller, CurrentParts
from api.errors import not_there
from api.inputs import CarePurpose, CountPurpose
from api.job_answers import RunOut
from api.paging import CurrentPaging
from api.reading import care_matches, count, report
from api.registration import start_run
from linkage.breakdown import Breakdown

router = APIRouter(tags=["counts and matches"])


@router.post("/api/v1/runs", status_code=202)
def post_run(caller: CurrentCaller, parts: CurrentParts) -> RunOut:
    """Start a linkage of the current files; ask for it again to see how far it is."""
    return RunOut.of(start_run(parts, caller))


@router.get("/api/v1/runs")
def list_runs(parts: CurrentParts, paging: CurrentPaging) -> tuple[RunOut, ...]:
    """Every linkage, the newest first."""
    return tuple(map(RunOut.of, paging.cut(parts.runs.latest(None), lambda run: run.id)))


@router.get("/api/v1/runs/{run_id}")
def show_run(run_id: Annotated[str, Path(max_length=64)], parts: CurrentParts) -> RunOut:
    """How far a linkage is, or how it ended."""
    run = parts.runs.find(run_id)
    if run is None:
        raise not_there()
    return RunOut.of(run)


@router.get("/api/v1/runs/{run_id}/report")
def show_report(run_id: Annotated[str, Path(max_length=64)], caller: CurrentCaller, parts: CurrentParts) -> ReportOut:
    """What a finished linkage says of itself; its counts went through disclosure control."""
    text, receipt = report(parts, caller, run_id)
    return ReportOut(run=run_id, report=text, read=ReceiptOut.of(receipt))


@router.get("/api/v1/counts")
def show_count(
    caller: CurrentCaller,
    parts: CurrentParts,
    by: Annotated[Breakdown, Query()],
    purpose: Annotated[CountPurpose, Query()],
) -> CountOut:
    """Unduplicated people on the newest finished linkage, after disclosure control."""
    counted = count(parts, caller, by, purpose)
    return CountOut(
        table=TableOut.of(counted.table),
        run=counted.basis.run.id,
        purpose=purpose,
        included=tuple(UploadStatus.of(upload.agency, upload) for upload in counted.basis.included),
        missing=tuple(agency.id for agency in counted.basis.missing),
        read=ReceiptOut.of(counted.read),
        released=ReceiptOut.of(counted.released),
    )


@router.get("/api/v1/matches")
def show_matches(caller: CurrentCaller, parts: CurrentParts, purpose: Annotated[CarePurpose, Query()]) -> MatchesOut:
    """Your clients who are also known elsewhere, as far as consent on both sides allows today."""
    found = care_matches(parts, caller, purpose)
    others = {member.id: member for member in parts.members.all()}
    cards = tuple(CareMatchOut.of(match, others[match.other_agency]) for match in found.shown)
    released = tuple(ReceiptOut.of(receipt) for receipt in found.released)
    return MatchesOut(run=found.run.id, matches=cards, read=ReceiptOut.of(found.read), released=released)
