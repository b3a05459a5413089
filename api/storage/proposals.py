"""The table of proposals."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, insert, select, update

from api.proposals import NEXT, PENDING, Intent, Kind, Proposal, ProposalState
from api.storage.tables import PROPOSAL


class Proposals:
    """Every proposal that was ever made."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, proposal: Proposal) -> None:
        """Keep a new proposal; what its proposer wanted of the same object before is replaced."""
        same = (PROPOSAL.c.object == proposal.wanted.object) & (PROPOSAL.c.proposer == proposal.proposer)
        replaced = update(PROPOSAL).where(same, PROPOSAL.c.state.in_(PENDING)).values(state=ProposalState.REPLACED)
        with self._engine.begin() as connection:
            connection.execute(replaced)
            connection.execute(insert(PROPOSAL).values(_values(proposal)))

    def all(self) -> tuple[Proposal, ...]:
        """Every proposal, the newest first."""
        statement = select(PROPOSAL).order_by(PROPOSAL.c.proposed.desc(), PROPOSAL.c.id)
        with self._engine.begin() as connection:
            return tuple(_proposal(row) for row in connection.execute(statement))

    def find(self, proposal_id: str) -> Proposal | None:
        """The proposal of that id."""
        with self._engine.begin() as connection:
            row = connection.execute(select(PROPOSAL).where(PROPOSAL.c.id == proposal_id)).one_or_none()
        return None if row is None else _proposal(row)

    def find_same(self, wanted: Intent, proposer: str) -> Proposal | None:
        """What *proposer* proposed word for word, if it is waiting or approved."""
        same = (PROPOSAL.c.digest == wanted.digest) & (PROPOSAL.c.proposer == proposer)
        statement = select(PROPOSAL).where(same, PROPOSAL.c.state.in_(PENDING))
        with self._engine.begin() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else _proposal(row)

    def move(
        self, proposal_id: str, state: ProposalState, *, decider: str, now: datetime, before: Callable[[], object]
    ) -> bool:
        """Decide on a proposal, in one step: False if it has been decided otherwise since it was read.

        *before* is called when it is certain that it can be; if it raises, nothing has changed.
        """
        may = frozenset(earlier for earlier, after in NEXT.items() if state in after)
        pending = (PROPOSAL.c.id == proposal_id) & PROPOSAL.c.state.in_(may)
        with self._engine.begin() as connection:
            if connection.execute(select(PROPOSAL.c.id).where(pending)).one_or_none() is None:
                return False
            before()
            connection.execute(update(PROPOSAL).where(pending).values(state=state, decider=decider, decided=now))
        return True

    def done(self, proposal_id: str) -> None:
        """Note that a proposal was carried out."""
        with self._engine.begin() as connection:
            connection.execute(update(PROPOSAL).where(PROPOSAL.c.id == proposal_id).values(state=ProposalState.DONE))


def _values(proposal: Proposal) -> dict[str, Any]:
    return {
        "id": proposal.id,
        "kind": proposal.wanted.kind,
        "object": proposal.wanted.object,
        "content": json.dumps(dict(proposal.wanted.content), sort_keys=True),
        "digest": proposal.wanted.digest,
        "proposer": proposal.proposer,
        "proposed": proposal.proposed,
        "expires": proposal.expires,
        "state": proposal.state,
        "decider": proposal.decider,
        "decided": proposal.decided,
    }


def _proposal(row: Row[Any]) -> Proposal:
    wanted = Intent(Kind(row.kind), row.object, json.loads(row.content))
    return Proposal(row.id, wanted, row.proposer, row.proposed, ProposalState(row.state), row.decider, row.decided)
