"""The shape of answers about what waits for a second person."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi.responses import JSONResponse
from pydantic import Field

from api.inputs import Hex64, MemberId, Strict
from api.proposals import Kind, Proposal, ProposalState


class ProposalOut(Strict):
    """What somebody wants to do, word for word, and where it stands."""

    proposal: Annotated[str, Field(examples=["1f0e9d8c7b6a5948"])]
    kind: Kind
    object: Annotated[str, Field(examples=["member/food_bank"])]
    content: dict[str, Any]
    digest: Annotated[Hex64, Field(description="SHA-256 of kind, object and content as JSON, keys sorted, no spaces")]
    proposer: MemberId
    proposed: datetime
    expires: datetime
    state: ProposalState
    decider: MemberId | None
    decided: datetime | None

    @classmethod
    def of(cls, proposal: Proposal, *, now: datetime) -> Self:
        """The proposal as it stands *now*."""
        return cls(
            proposal=proposal.id,
            kind=proposal.wanted.kind,
            object=proposal.wanted.object,
            content=dict(proposal.wanted.content),
            digest=proposal.wanted.digest,
            proposer=proposal.proposer,
            proposed=proposal.proposed,
            expires=proposal.expires,
            state=proposal.state_at(now),
            decider=proposal.decider,
            decided=proposal.decided,
        )


WAITS: dict[int | str, dict[str, Any]] = {
    202: {"model": ProposalOut, "description": "It waits for a second person; send it again when it is approved"}
}


def waits(proposal: Proposal) -> JSONResponse:
    """202: understood, and waiting for a second person."""
    body = ProposalOut.of(proposal, now=proposal.proposed).model_dump(mode="json")
    return JSONResponse(body, status_code=202, headers={"location": f"/api/v1/approvals/{proposal.id}"})
