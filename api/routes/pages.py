"""The pages: what the API offers, for people; showing data is logged the same."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.approvals import waiting_for
from api.callers import Caller
from api.deps import CurrentCaller, CurrentParts
from api.inputs import CarePurpose, CountPurpose
from api.parts import Parts
from api.policies import caller_may
from api.reading import care_matches, count
from api.recognition import needs_second_passkey
from api.registration import start_run
from api.roster import Role, can_see_matches, can_send_rows
from api.routes.uploads import upload_statuses
from api.web import wording
from api.web.charts import bars
from api.web.pages import render
from audit.events import Act
from linkage.breakdown import Breakdown

LOG_PAGE = 50  # entries on one page of the log

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(request: Request, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """Who am I here, and what can I do?"""
    member = caller.member
    return render(
        request,
        "home.html",
        caller=caller,
        sees_matches=can_see_matches(member) and caller_may(caller, ("GET", "/matches")),
        sends=can_send_rows(member),
        sees_files=caller_may(caller, ("GET", "/uploads")),
        needs_second=needs_second_passkey(parts, caller),
        epoch=parts.epochs.current(),
        pending=waiting_for(parts, member),
        log_size=parts.journal.size,
    )


@router.get("/counts")
def counts_page(
    request: Request,
    caller: CurrentCaller,
    parts: CurrentParts,
    purpose: Annotated[CountPurpose | None, Query()] = None,
) -> Response:
    """Ask what the counts are for; then show them."""
    if purpose is None:
        return render(request, "counts_purpose.html", caller=caller, purposes=wording.PURPOSES)
    counted = [(by, count(parts, caller, by, purpose)) for by in Breakdown]
    members = parts.members.all()
    return render(
        request,
        "counts.html",
        caller=caller,
        purpose=wording.PURPOSES[purpose],
        basis=counted[0][1].basis,
        receipt=counted[-1][1].released,
        tables=[(by, item.table, bars(item.table)) for by, item in counted],
        names={member.id: member.name for member in members},
        totals_only=[member.name for member in members if not can_send_rows(member)],
        row_label=wording.row_label,
    )


@router.get("/matches")
def matches_page(request: Request, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """The care matches of an agency, as cards."""
    found = care_matches(parts, caller, CarePurpose.CARE_COORDINATION)
    others = {member.id: member for member in parts.members.all()}
    return render(request, "matches.html", caller=caller, others=others, found=found)


@router.get("/uploads")
def uploads_page(request: Request, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """Who has sent what until when; an agency sees its own files."""
    own = parts.uploads.of(caller.member.id) if caller.member.role is Role.AGENCY else ()
    return render(
        request,
        "uploads.html",
        caller=caller,
        own=tuple(reversed(own)),
        sends=can_send_rows(caller.member),
        statuses=() if caller.member.role is Role.AGENCY else upload_statuses(parts),
        runs=parts.runs.latest(5) if caller.member.role is Role.COORDINATOR else (),
        epoch=parts.epochs.current(),
        keep_replaced_days=parts.settings.keep_replaced_days,
        keep_results_days=parts.settings.keep_results_days,
        names={member.id: member.name for member in parts.members.all()},
    )


@router.post("/runs")
def run_from_page(caller: CurrentCaller, parts: CurrentParts) -> Response:
    """The button 'Link the current files'."""
    start_run(parts, caller)
    return RedirectResponse("/uploads", status_code=303)


@router.get("/log")
def log_page(
    request: Request,
    caller: CurrentCaller,
    parts: CurrentParts,
    start: Annotated[int | None, Query(ge=0, le=2**53)] = None,
) -> Response:
    """The log in plain words, the newest entries first."""
    first = max(0, parts.journal.size + 1 - LOG_PAGE) if start is None else start
    _log_reading(parts, caller, first)
    entries = parts.journal.entries(first, LOG_PAGE)
    return render(
        request,
        "log.html",
        caller=caller,
        first=first,
        lines=[wording.line(entry) for entry in reversed(entries)],
        earlier=max(0, first - LOG_PAGE) if first else None,
        later=first + LOG_PAGE if first + LOG_PAGE < parts.journal.size else None,
        size=parts.journal.size,
        checkpoint=parts.journal.checkpoint(),
        vkeys=parts.journal.vkeys,
    )


def _log_reading(parts: Parts, caller: Caller, start: int) -> None:
    details: dict[str, str | int] = {"start": start, "limit": LOG_PAGE}
    parts.journal.append(caller.event(Act.LOG_READ, "log", purpose="audit", details=details))
