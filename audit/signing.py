"""The log's signature under a checkpoint, and the check of it.

Every checkpoint carries two signatures: Ed25519 (RFC 8032), which the public witness network asks for, and
ML-DSA-44 (FIPS 204), which a quantum computer could not forge. Why: docs/adr/0005-c2sp-log-formats.md.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from audit.checkpoint import Checkpoint, SignedCheckpoint
from audit.errors import VerificationError
from audit.keypair import SEED_BYTES, KeyPair
from audit.note import Algorithm, Note, Signature, VerifierKey

__all__ = ["SEED_BYTES", "LogSigner", "fingerprint", "signing_time", "stamped_time", "verify_line", "verify_signatures"]

_TIMESTAMP_BYTES = 8
_LAST_SECOND = 253_402_300_799  # the last one that a datetime can hold


class LogSigner(KeyPair):
    """The private keys of one log."""

    __slots__ = ()
    ALGORITHMS = (Algorithm.ED25519, Algorithm.ML_DSA_44)
    OWNER = "log"
    RESTORE = "Restore the key file from its backup; a log keeps its keys for life."

    def sign(self, *, size: int, root: bytes, time: datetime) -> SignedCheckpoint:
        """Sign that the log holds *size* entries under *root* at *time* (whole seconds, UTC)."""
        checkpoint = Checkpoint(self.name, size, root)
        values = (
            self._ed25519.sign(checkpoint.text.encode()),
            stamped(int(time.timestamp()), lambda at: self._ml_dsa.sign(checkpoint.cosigned_message(self.name, at))),
        )
        signatures = [Signature(key.name, key.key_id, value) for key, value in zip(self.keys, values, strict=True)]
        return SignedCheckpoint(checkpoint, Note(checkpoint.text, tuple(signatures)))


def stamped(timestamp: int, sign: Callable[[int], bytes]) -> bytes:
    """The ``timestamped_signature`` of c2sp.org/tlog-cosignature: 8 bytes of POSIX seconds, and what *sign* gives."""
    return struct.pack(">Q", timestamp) + sign(timestamp)


def verify_signatures(signed: SignedCheckpoint, keys: Sequence[VerifierKey]) -> None:
    """Check that every one of *keys* signed this checkpoint; lines of other keys are not looked at.

    Raises:
        VerificationError: of another log, a signature is missing, or one does not fit.
    """
    for key in keys:
        if key.name != signed.checkpoint.origin:
            raise VerificationError(f"the checkpoint is of another log, {signed.checkpoint.origin!r}")
        lines = lines_by(key, signed)
        if not lines:
            raise VerificationError(f"{_place(signed)} is not signed by {key.title}")
        for line in lines:
            verify_line(line, key, signed)


def lines_by(key: VerifierKey, signed: SignedCheckpoint) -> list[Signature]:
    """The note's signature lines that point to *key*, unverified."""
    return [line for line in signed.note.signatures if (line.name, line.key_id) == (key.name, key.key_id)]


def verify_line(line: Signature, key: VerifierKey, signed: SignedCheckpoint) -> None:
    """Check one signature line against the *key* that it points to.

    Raises:
        VerificationError: it does not fit.
    """
    try:
        _CHECKS[key.algorithm](key, line.value, signed)
    except (InvalidSignature, ValueError, struct.error) as error:
        raise VerificationError(f"{_place(signed)} does not fit the signature by {key.title}") from error


def signing_time(signed: SignedCheckpoint, keys: Sequence[VerifierKey]) -> datetime | None:
    """When a verified checkpoint was signed (UTC, whole seconds); None if only Ed25519 keys are known."""
    stamping = [key for key in keys if key.algorithm is Algorithm.ML_DSA_44]
    return stamped_time(signed, stamping[0]) if stamping else None


def stamped_time(signed: SignedCheckpoint, key: VerifierKey) -> datetime:
    """When this *key*, of a kind that stamps the time, signed a verified checkpoint (UTC, whole seconds)."""
    return datetime.fromtimestamp(_timestamp(lines_by(key, signed)[0].value), UTC)


def fingerprint(keys: Sequence[VerifierKey]) -> str:
    """128 bits of SHA-256 over the keys, in groups of four, to compare over the telephone."""
    digest = sha256("".join(f"{key}\n" for key in keys).encode()).hexdigest()
    return " ".join(digest[start : start + 4] for start in range(0, 32, 4))


def _place(signed: SignedCheckpoint) -> str:
    return f"the checkpoint of {signed.checkpoint.size} entries"


def _timestamp(value: bytes) -> int:
    timestamp: int
    (timestamp,) = struct.unpack(">Q", value[:_TIMESTAMP_BYTES])
    if timestamp > _LAST_SECOND:
        raise ValueError("signed after the year 9999")
    return timestamp


def _check_ed25519(key: VerifierKey, value: bytes, signed: SignedCheckpoint) -> None:
    Ed25519PublicKey.from_public_bytes(key.public).verify(value, signed.note.text.encode())


def _check_cosignature(key: VerifierKey, value: bytes, signed: SignedCheckpoint) -> None:
    message = signed.checkpoint.stamped_text(_timestamp(value))
    Ed25519PublicKey.from_public_bytes(key.public).verify(value[_TIMESTAMP_BYTES:], message)


def _check_ml_dsa(key: VerifierKey, value: bytes, signed: SignedCheckpoint) -> None:
    message = signed.checkpoint.cosigned_message(key.name, _timestamp(value))
    MLDSA44PublicKey.from_public_bytes(key.public).verify(value[_TIMESTAMP_BYTES:], message)


_CHECKS: dict[Algorithm, Callable[[VerifierKey, bytes, SignedCheckpoint], None]] = {
    Algorithm.ED25519: _check_ed25519,
    Algorithm.COSIGNATURE: _check_cosignature,
    Algorithm.ML_DSA_44: _check_ml_dsa,
}
