"""The request that asks a witness for a cosignature: ``add-checkpoint`` of c2sp.org/tlog-witness."""

from __future__ import annotations

import re
from dataclasses import dataclass

from audit.checkpoint import SignedCheckpoint, parse_signed_checkpoint
from audit.errors import RequestMalformed, VerificationError
from audit.merkle import HASH_BYTES
from audit.note import Signature, from_base64, parse_signature, to_base64

ADD_CHECKPOINT, SIZE_TYPE = "/add-checkpoint", "text/x.tlog.size"
STEPS = 16  # so many states that others cosigned are asked of a witness that was away; in the newest they meet
MAX_PROOF_LINES = 63  # c2sp.org/tlog-witness
MAX_BYTES = 256 * 1024  # 64 signatures of 3.4 kB and the proof
_OLD = re.compile(r"old (0|[1-9][0-9]{0,17})")
_HINT = "Send the request as c2sp.org/tlog-witness describes it."


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint, and the *proof* that it grew from the first *old_size* entries; ``str()`` writes it."""

    old_size: int
    proof: tuple[bytes, ...]
    signed: SignedCheckpoint

    def __str__(self) -> str:
        steps = "".join(f"{to_base64(step)}\n" for step in self.proof)
        return f"old {self.old_size}\n{steps}\n{self.signed}"


def parse_submission(data: bytes) -> Submission:
    """Parse the body of an ``add-checkpoint`` request.

    Raises:
        RequestMalformed: not such a body, or the old size is beyond the new one.
    """
    try:
        head, separator, note = data.decode().partition("\n\n")
        first, *steps = head.split("\n")
        match = _OLD.fullmatch(first)
        if not match or not separator or len(steps) > MAX_PROOF_LINES:
            raise ValueError("an old size, at most 63 lines of proof, a blank line and a checkpoint were expected")
        submission = Submission(int(match[1]), tuple(map(_step, steps)), parse_signed_checkpoint(note))
        if submission.old_size > submission.signed.checkpoint.size:
            raise ValueError("the old size is beyond the new one")
    except UnicodeDecodeError as error:
        raise RequestMalformed("the request is not text", _HINT) from error
    except ValueError as error:
        raise RequestMalformed(f"the request cannot be read: {error}", _HINT) from error
    except VerificationError as error:
        raise RequestMalformed(f"the request cannot be read: {error.what}", _HINT) from error
    return submission


def parse_cosignatures(data: bytes) -> tuple[Signature, ...]:
    """Parse the body of a witness's answer: one signature line or more, unverified.

    Raises:
        VerificationError: not such lines.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise VerificationError("the witness's answer is not text") from error
    if not text.endswith("\n"):
        raise VerificationError("the witness's answer is cut short")
    return tuple(parse_signature(line) for line in text.removesuffix("\n").split("\n"))


def _step(line: str) -> bytes:
    step = from_base64(line)
    if len(step) != HASH_BYTES:
        raise ValueError("a step of the proof is not a SHA-256 hash")
    return step
