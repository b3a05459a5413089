"""One entry's proof in the text form of C2SP tlog-proof (c2sp.org/tlog-proof), to be checked offline."""

from __future__ import annotations

import re
from dataclasses import dataclass

from audit.checkpoint import SignedCheckpoint, parse_signed_checkpoint
from audit.cosignature import Cosigned, Quorum
from audit.errors import VerificationError
from audit.events import HeldReceipt
from audit.merkle import verify_leaf
from audit.note import from_base64, parse_vkeys, to_base64
from audit.signing import verify_signatures

_HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class LogProof:
    """Entry *index* stands under the checkpoint *signed*, by this inclusion *path*; ``str()`` writes it."""

    index: int
    path: tuple[bytes, ...]
    signed: SignedCheckpoint

    def __str__(self) -> str:
        steps = "".join(f"{to_base64(step)}\n" for step in self.path)
        return f"{_HEADER}\nindex {self.index}\n{steps}\n{self.signed}"


def parse_proof(text: str) -> LogProof:
    """Parse a proof as this log writes it, without extra data.

    Raises:
        VerificationError: not such a proof.
    """
    head, separator, checkpoint = text.partition("\n\n")
    header, *lines = head.split("\n")
    match = _INDEX.fullmatch(lines[0]) if lines else None
    if header != _HEADER or not separator or not match:
        raise VerificationError("this is not a proof of the form c2sp.org/tlog-proof@v1")
    try:
        path = tuple(from_base64(line) for line in lines[1:])
    except ValueError as error:
        raise VerificationError("a step of the proof is not base64") from error
    return LogProof(int(match[1]), path, parse_signed_checkpoint(checkpoint))


def verify_proof(text: str, *, receipt: HeldReceipt, vkeys: str, quorum: Quorum | None = None) -> tuple[Cosigned, ...]:
    """Check that the entry of *receipt* is in the log that the keys in *vkeys* signed, and tell who cosigned it.

    Raises:
        VerificationError: the proof is for another entry, does not hold, is not signed by every key, or is
            cosigned by fewer witnesses than *quorum* asks for.
        SigningKeyError: *vkeys* are no verifier keys.
    """
    proof = parse_proof(text)
    verify_signatures(proof.signed, parse_vkeys(vkeys))
    cosigned = quorum.check(proof.signed) if quorum else ()
    if proof.index != receipt.index:
        raise VerificationError(f"the proof is for entry {proof.index}, the receipt for entry {receipt.index}")
    checkpoint = proof.signed.checkpoint
    leaf = bytes.fromhex(receipt.leaf)
    verify_leaf(leaf, index=proof.index, size=checkpoint.size, proof=proof.path, root=checkpoint.root)
    return cosigned
