"""Proofs of single entries, made from an exported log: no service is needed for that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from audit.checkpoint import SignedCheckpoint
from audit.cosignature import LATER, Quorum, cosigned_by
from audit.errors import EntryNotFound, NotWitnessed
from audit.events import HeldReceipt
from audit.proof import LogProof
from audit.replayed import replay_bundle


def prove_from_bundle(bundle: Path, index: int, *, vkeys: str, quorum: Quorum | None = None) -> LogProof:
    """The proof of entry *index*, under the newest checkpoint, or under the newest that the *quorum* cosigned.

    Raises:
        EntryNotFound: there is no such entry, or not under such a checkpoint yet.
        VerificationError: the bundle is not what was signed.
        SigningKeyError: *vkeys* are no verifier keys.
    """
    log = replay_bundle(bundle, vkeys)
    if not 0 <= index < len(log.tree):
        raise EntryNotFound(f"the log has no entry {index}", f"Its {len(log.tree)} entries are numbered from 0.")
    signed = _newest(log.signed, quorum) if quorum else log.signed[-1]
    if signed is None or index >= signed.checkpoint.size:
        raise NotWitnessed(f"entry {index} is not witnessed yet", LATER)
    return LogProof(index, log.tree.inclusion_proof(index=index, size=signed.checkpoint.size), signed)


def receipt_for(receipts: Sequence[HeldReceipt], index: int) -> HeldReceipt:
    """The one of *receipts* for entry *index*.

    Raises:
        EntryNotFound: there is none.
    """
    found = next((receipt for receipt in receipts if receipt.index == index), None)
    if found is None:
        raise EntryNotFound(f"you have no receipt for entry {index}", "Give the file that has it.")
    return found


def _newest(states: Sequence[SignedCheckpoint], quorum: Quorum) -> SignedCheckpoint | None:
    enough = (state for state in reversed(states) if len(cosigned_by(state, quorum.witnesses)) >= quorum.need)
    return next(enough, None)
