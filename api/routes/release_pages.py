"""The pages of releases: what was released, asking for a new one, its tables and its packet."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.background import find_job, start_release
from api.deps import CurrentCaller, CurrentParts
from api.errors import not_there
from api.inputs import PERIOD, CountPurpose, ReleaseIn
from api.releasing import read_release
from api.routes.jobs import JobId
from api.routes.releases import Number, show_packet
from api.storage.jobs import Job, Kind
from api.web import wording
from api.web.pages import render

router = APIRouter(include_in_schema=False)


@router.get("/releases")
def releases_page(request: Request, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """What was released so far, and the form that asks for more."""
    kept = tuple(reversed(parts.releases.all()))
    return render(request, "releases.html", caller=caller, kept=kept, purposes=wording.PURPOSES)


def asked(
    period: Annotated[str, Form(pattern=PERIOD)],
    purpose: Annotated[CountPurpose, Form()],
    *,
    revise: Annotated[bool, Form()] = False,
) -> ReleaseIn:
    """The question of the form."""
    return ReleaseIn(period=period, purpose=purpose, revise=revise)


@router.post("/releases")
def release_from_page(
    question: Annotated[ReleaseIn, Depends(asked)], caller: CurrentCaller, parts: CurrentParts
) -> Response:
    """The button 'Release'."""
    job = start_release(parts, caller, question)
    return RedirectResponse(f"/releases/jobs/{job.id}", status_code=303)


@router.get("/releases/jobs/{job_id}")
def release_job_page(job_id: JobId, request: Request, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """A release while it is made; then the release, or why there is none."""
    job = find_job(parts, caller, job_id)
    if not isinstance(job, Job) or job.kind is not Kind.RELEASE:
        raise not_there()
    if job.result is not None:
        return RedirectResponse(f"/releases/{json.loads(job.result)['release']}", status_code=303)
    status = 200 if job.ended is None else 409
    return render(request, "release_job.html", caller=caller, job=job, status=status)


@router.get("/releases/{number}")
def release_page(number: Number, request: Request, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """The tables of a release."""
    kept, receipt = read_release(parts, caller, number, "tables")
    notes = wording.common_notes(kept.released.tables)
    names = {member.id: member.name for member in parts.members.all()}
    return render(
        request,
        "release.html",
        caller=caller,
        kept=kept,
        receipt=receipt,
        notes=notes,
        label=lambda table, text: wording.member_label(table, text, names),
        purpose=wording.PURPOSES.get(CountPurpose(kept.purpose), kept.purpose),
    )


@router.get("/releases/{number}/packet")
def packet_from_page(number: Number, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """The council packet of a release: a zip of one PDF, one workbook, pictures and a CSV."""
    return show_packet(number, caller, parts)
