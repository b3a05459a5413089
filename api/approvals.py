"""Two persons for what no single one should do: one proposes, another approves, and the first then does it.

See docs/adr/0038-two-persons.md for why the request is sent again after the approval.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from api.callers import Caller
from api.errors import Conflict, Denied, not_there
from api.notices import tell_of_proposal
from api.parts import Parts
from api.proposals import APPROVERS, Intent, Proposal, ProposalState, can_approve, check_can_decide
from api.roster import Member
from api.storage.together import together
from audit.events import Act, Event

PURPOSE = "two-person approval"
_ACTS = {ProposalState.APPROVED: Act.APPROVED, ProposalState.DECLINED: Act.DECLINED}


class ApprovalNeeded(Exception):
    """What was asked for waits for a second person."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__(proposal.id)
        self.proposal = proposal


def needs_two(parts: Parts) -> bool:
    """Whether the rule holds: as soon as there is a second person who may approve, unless it is switched off."""
    return parts.settings.approvals == "two" and sum(m.role in APPROVERS for m in parts.members.all()) > 1


@contextmanager
def approved(parts: Parts, caller: Caller, wanted: Intent | None) -> Iterator[None]:
    """Do within this what is *wanted*, in no time; None wants nothing that needs a second person.

    Raises:
        As `check_approved`.
    """
    proposal = check_approved(parts, caller, wanted)
    with settled(parts, proposal):
        yield


def check_approved(parts: Parts, caller: Caller, wanted: Intent | None) -> Proposal | None:
    """What somebody else has approved and is to be `settled` with the act; None where that needs nobody else.

    Raises:
        ApprovalNeeded: nobody else has approved it word for word; it is proposed now, and in the log.
        LogUnavailable: it was not proposed because it could not be logged.
    """
    return _standing(parts, caller, wanted) if wanted is not None and needs_two(parts) else None


@contextmanager
def settled(parts: Parts, proposal: Proposal | None) -> Iterator[None]:
    """What the database is told within this is kept together with the end of *proposal*, or neither is."""
    with together(parts.engine):
        yield
        if proposal is not None:
            parts.proposals.done(proposal.id)


def _standing(parts: Parts, caller: Caller, wanted: Intent) -> Proposal:
    now = parts.clock()
    known = parts.proposals.find_same(wanted, caller.member.id)
    state = None if known is None else known.state_at(now)
    if known is not None and state is ProposalState.APPROVED:
        return known
    if known is not None and state is ProposalState.WAITING:
        parts.journal.append(_event(caller, Act.PROPOSED, known, outcome="unchanged"))
        raise ApprovalNeeded(known)
    new = Proposal(secrets.token_hex(8), wanted, caller.member.id, now)
    parts.journal.append(_event(caller, Act.PROPOSED, new, outcome="waiting"))
    parts.proposals.add(new)
    tell_of_proposal(parts, new)
    raise ApprovalNeeded(new)


def decide(parts: Parts, caller: Caller, proposal_id: str, decision: ProposalState, digest: str) -> Proposal:
    """Approve or decline the proposal that has this *digest*: what was read is what is decided on.

    Raises:
        NotFound: there is no such proposal.
        Denied: the caller proposed it; the log has it.
        Conflict: it was decided or replaced before, has expired, or is not the one that was read.
        LogUnavailable: nothing was decided because it could not be logged.
    """
    proposal = find(parts, proposal_id)
    now = parts.clock()
    _check(parts, caller, proposal, decision)
    if digest != proposal.wanted.digest:
        raise Conflict("this is not what you read", hint="Read the proposal again, and decide on its digest.")
    event = _event(caller, _ACTS[decision], proposal, outcome=decision.value)

    def before() -> None:
        parts.journal.append(event)

    with together(parts.engine):
        if not parts.proposals.move(proposal.id, decision, decider=caller.member.id, now=now, before=before):
            raise Conflict("somebody decided on this at the same moment", hint="Read the proposal again.")
        return find(parts, proposal_id)


def _check(parts: Parts, caller: Caller, proposal: Proposal, decision: ProposalState) -> None:
    try:
        check_can_decide(caller.member, proposal, decision, now=parts.clock())
    except Denied:
        thing, rule = f"proposal/{proposal.id}", "not one's own proposal"
        parts.journal.append(caller.event(Act.DENIED, thing, purpose=PURPOSE, outcome="refused", rule=rule))
        raise


def waiting_for(parts: Parts, member: Member) -> int:
    """How many proposals *member* may approve now."""
    return sum(can_approve(member, proposal, now=parts.clock()) for proposal in parts.proposals.all())


def find(parts: Parts, proposal_id: str) -> Proposal:
    """The proposal of that id.

    Raises:
        NotFound: there is none.
    """
    proposal = parts.proposals.find(proposal_id)
    if proposal is None:
        raise not_there()
    return proposal


def _event(caller: Caller, act: Act, proposal: Proposal, *, outcome: str) -> Event:
    details: dict[str, str | int] = {
        "what": proposal.wanted.object,
        "sha256": proposal.wanted.digest,
        "proposer": proposal.proposer,
        "expires": proposal.expires.isoformat(timespec="seconds"),
    }
    thing = f"proposal/{proposal.id}"
    return caller.event(act, thing, purpose=PURPOSE, outcome=outcome, rule="two persons", details=details)
