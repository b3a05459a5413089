"""Jobs: what is done in the background, how far it is, and cancelling it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from api.background import cancel_job, find_job, list_jobs, start_job
from api.deps import CurrentCaller, CurrentParts
from api.job_answers import JobOut
from api.paging import CurrentPaging
from api.storage.jobs import Kind

router = APIRouter(tags=["jobs"])
JobId = Annotated[str, Path(max_length=64)]


@router.get("/api/v1/jobs")
def show_jobs(caller: CurrentCaller, parts: CurrentParts, paging: CurrentPaging) -> tuple[JobOut, ...]:
    """The jobs, the newest first: an agency's own, everybody's for the others."""
    page = paging.cut(list_jobs(parts, caller), lambda job: job.id)
    return tuple(JobOut.of(job, caller) for job in page)


@router.get("/api/v1/jobs/{job_id}")
def show_job(job_id: JobId, caller: CurrentCaller, parts: CurrentParts) -> JobOut:
    """How far a job is, or how it ended."""
    return JobOut.of(find_job(parts, caller, job_id), caller)


@router.delete("/api/v1/jobs/{job_id}")
def delete_job(job_id: JobId, caller: CurrentCaller, parts: CurrentParts) -> JobOut:
    """Cancel a job: a linkage stops at its next step, any other if it has not begun."""
    return JobOut.of(cancel_job(parts, caller, job_id), caller)


@router.post("/api/v1/purges", status_code=202)
def post_purge(caller: CurrentCaller, parts: CurrentParts) -> JobOut:
    """Remove now what is older than the settings let it be, instead of within a day."""
    return JobOut.of_job(start_job(parts, caller, Kind.PURGE, "{}"), caller)
