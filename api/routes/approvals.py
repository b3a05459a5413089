"""What waits for a second person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse

from api.approval_answers import ProposalOut
from api.approvals import decide, find, needs_two
from api.deps import CurrentCaller, CurrentParts
from api.inputs import Decision, DecisionIn, Hex64
from api.paging import CurrentPaging
from api.proposals import PENDING, can_approve, can_decline
from api.web.pages import render

router = APIRouter()
ProposalId = Annotated[str, Path(max_length=64)]
LATEST = 20  # of those that are settled, on the page


@router.get("/api/v1/approvals", tags=["approvals"])
def list_approvals(parts: CurrentParts, paging: CurrentPaging) -> tuple[ProposalOut, ...]:
    """What was proposed, and what another person said to it; the newest first."""
    page = paging.cut(parts.proposals.all(), lambda proposal: proposal.id)
    return tuple(ProposalOut.of(proposal, now=parts.clock()) for proposal in page)


@router.get("/api/v1/approvals/{proposal}", tags=["approvals"])
def show_approval(proposal: ProposalId, parts: CurrentParts) -> ProposalOut:
    """One proposal, word for word."""
    return ProposalOut.of(find(parts, proposal), now=parts.clock())


@router.post("/api/v1/approvals/{proposal}/decision", tags=["approvals"])
def post_decision(proposal: ProposalId, said: DecisionIn, caller: CurrentCaller, parts: CurrentParts) -> ProposalOut:
    """Approve or decline what you read, named by its digest. Who proposed it may only decline it."""
    decided = decide(parts, caller, proposal, said.decision.state, said.digest)
    return ProposalOut.of(decided, now=parts.clock())


@router.get("/approvals", include_in_schema=False)
def approvals_page(request: Request, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """What waits for me, and what was settled lately."""
    now = parts.clock()
    proposals = parts.proposals.all()
    waiting = [one for one in proposals if one.state_at(now) in PENDING]
    return render(
        request,
        "approvals.html",
        caller=caller,
        two=needs_two(parts),
        waiting=[
            (one, can_approve(caller.member, one, now=now), can_decline(caller.member, one, now=now)) for one in waiting
        ],
        settled=[(one, one.state_at(now)) for one in proposals if one not in waiting][:LATEST],
        names={member.id: member.name for member in parts.members.all()},
    )


@router.post("/approvals/{proposal}/decision", include_in_schema=False)
def decide_on_page(
    proposal: ProposalId,
    caller: CurrentCaller,
    parts: CurrentParts,
    decision: Annotated[Decision, Form()],
    digest: Annotated[Hex64, Form()],
) -> Response:
    """The buttons 'Approve' and 'Decline'."""
    decide(parts, caller, proposal, decision.state, digest)
    return RedirectResponse("/approvals", status_code=303)
