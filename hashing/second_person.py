"""What a second person is shown before they approve it, and whether its digest is really of that."""

from __future__ import annotations

import hashlib
import hmac
import json

from hashing.errors import ConnectionFailed
from hashing.service_answers import Proposal


def digest_of(proposal: Proposal) -> str:
    """SHA-256 (hex) over kind, object and content as JSON with sorted keys and no spaces; docs/reference/api.md."""
    whole = {"kind": proposal.kind, "object": proposal.object, "content": proposal.content}
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def check_digest(proposal: Proposal) -> None:
    """Whoever approves a digest approves what was shown, whatever the service says.

    Raises:
        ConnectionFailed: the digest is of something else.
    """
    if not hmac.compare_digest(digest_of(proposal), proposal.digest):
        raise ConnectionFailed(
            f"proposal {proposal.proposal} shows something else than its SHA-256 is of",
            hint="Do not approve it. Keep what you see, and tell the auditors and the operator.",
        )


def describe_proposal(proposal: Proposal) -> list[str]:
    """A proposal in plain words, all of it.

    Raises:
        ConnectionFailed: its digest is of something else.
    """
    check_digest(proposal)
    decided = f" by {proposal.decider}" if proposal.decider else ""
    return [
        f"{proposal.proposal}: {proposal.object.replace('/', ' ', 1)}, {proposal.state}{decided}",
        f"  proposed by {proposal.proposer} on {proposal.proposed:%Y-%m-%d}, expires {proposal.expires:%Y-%m-%d}",
        *(f"  {name.replace('_', ' ')}: {_said(value)}" for name, value in sorted(proposal.content.items())),
        f"  SHA-256 {proposal.digest}",
    ]


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
