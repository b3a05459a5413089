"""A proposal: what one person wants to do, word for word, and where it stands. Pure; no clock, no table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from api.errors import Conflict, Denied
from api.roster import Member, Role

LIFE = timedelta(days=14)  # from the proposal; within it, it has to be approved and carried out
APPROVERS = frozenset({Role.COORDINATOR, Role.AUDITOR})


Json = str | int | bool | list[str]


class Kind(StrEnum):
    """What needs a second person."""

    MEMBER = "member"  # a new one
    KEY = "key"  # that a coordinator gives to somebody else
    EPOCH = "epoch"
    RELEASE = "release"  # the first


class ProposalState(StrEnum):
    """Where a proposal stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    REPLACED = "replaced"  # by another one for the same object
    DONE = "done"
    EXPIRED = "expired"  # never kept: told by the time


NEXT = {
    ProposalState.WAITING: frozenset({ProposalState.APPROVED, ProposalState.DECLINED, ProposalState.REPLACED}),
    ProposalState.APPROVED: frozenset({ProposalState.DONE, ProposalState.DECLINED, ProposalState.REPLACED}),
    ProposalState.DECLINED: frozenset[ProposalState](),
    ProposalState.REPLACED: frozenset[ProposalState](),
    ProposalState.DONE: frozenset[ProposalState](),
    ProposalState.EXPIRED: frozenset[ProposalState](),
}
PENDING = frozenset(state for state, after in NEXT.items() if after)


@dataclass(frozen=True, slots=True)
class Intent:
    """What is to be done to *object*: *content* says all of it, so that nothing is left to be altered."""

    kind: Kind
    object: str
    content: Mapping[str, Json]

    @property
    def text(self) -> str:
        """All of it as JSON of one form: keys sorted, no spaces."""
        whole = {"kind": self.kind.value, "object": self.object, "content": self.content}
        return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the text, hex: what is approved, and what the log holds."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What *proposer* wants, and what another person said to it."""

    id: str
    wanted: Intent
    proposer: str
    proposed: datetime
    state: ProposalState = ProposalState.WAITING
    decider: str | None = None
    decided: datetime | None = None

    @property
    def expires(self) -> datetime:
        """From then on it can neither be approved nor carried out."""
        return self.proposed + LIFE

    def state_at(self, now: datetime) -> ProposalState:
        """Where it stands *now*."""
        return ProposalState.EXPIRED if self.state in PENDING and now >= self.expires else self.state


def check_can_decide(member: Member, proposal: Proposal, decision: ProposalState, *, now: datetime) -> None:
    """Another person approves; declining is open to the proposer as well, who withdraws it so.

    Raises:
        Denied: the proposer approves, or somebody who is neither coordinator nor auditor decides.
        Conflict: it stands where nothing is to be decided any more.
    """
    if member.role not in APPROVERS or (decision is ProposalState.APPROVED and member.id == proposal.proposer):
        raise Denied(
            "who proposes something cannot approve it",
            hint="Another coordinator or an auditor approves it; you may withdraw it by declining it.",
        )
    state = proposal.state_at(now)
    if decision not in NEXT[state]:
        raise Conflict(f"this proposal is {state.value} already", hint="Propose it anew if it is still wanted.")


def can_approve(member: Member, proposal: Proposal, *, now: datetime) -> bool:
    """Whether `check_can_decide` lets *member* approve."""
    try:
        check_can_decide(member, proposal, ProposalState.APPROVED, now=now)
    except (Denied, Conflict):
        return False
    return True


def can_decline(member: Member, proposal: Proposal, *, now: datetime) -> bool:
    """Whether `check_can_decide` lets *member* decline."""
    try:
        check_can_decide(member, proposal, ProposalState.DECLINED, now=now)
    except (Denied, Conflict):
        return False
    return True
