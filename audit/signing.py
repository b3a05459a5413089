"""The log's two signing keys, and the check of what they signed.

Every checkpoint carries two signatures: Ed25519 (RFC 8032), which the public witness network asks for, and
ML-DSA-44 (FIPS 204), which a quantum computer could not forge. Why: docs/adr/0005-c2sp-log-formats.md.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from audit.checkpoint import Checkpoint, SignedCheckpoint
from audit.disk import Disk, put_file
from audit.errors import SigningKeyError, VerificationError
from audit.note import Algorithm, Note, Signature, VerifierKey, check_key_name, from_base64, to_base64

SEED_BYTES = 32
_TIMESTAMP_BYTES = 8
_LAST_SECOND = 253_402_300_799  # the last one that a datetime can hold
_PRIVATE = "PRIVATE+KEY"
_RESTORE = "Restore the key file from its backup; a log keeps its keys for life."


class LogSigner:
    """The private keys of one log. They cannot be printed, and leave only through `save`."""

    __slots__ = ("_ed25519", "_ml_dsa", "name")

    def __init__(self, name: str, *, ed25519_seed: bytes, ml_dsa_seed: bytes) -> None:
        """Make the signer of the log *name* from two seeds of 32 bytes.

        Raises:
            SigningKeyError: the name cannot stand in a signature line.
        """
        check_key_name(name)
        self.name = name
        self._ed25519 = Ed25519PrivateKey.from_private_bytes(ed25519_seed)
        self._ml_dsa = MLDSA44PrivateKey.from_seed_bytes(ml_dsa_seed)

    def __repr__(self) -> str:
        return f"LogSigner({self.name!r}, keys not shown)"

    @classmethod
    def create(cls, name: str, *, randomness: Callable[[int], bytes] = secrets.token_bytes) -> LogSigner:
        """Make two new keys for the log *name*, such as ``anytown.example/headcount``.

        Raises:
            SigningKeyError: the name cannot stand in a signature line.
        """
        return cls(name, ed25519_seed=randomness(SEED_BYTES), ml_dsa_seed=randomness(SEED_BYTES))

    @classmethod
    def load(cls, path: Path) -> LogSigner:
        """Read the keys that `save` wrote.

        Raises:
            SigningKeyError: there is no such file, or it is damaged.
        """
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise SigningKeyError(f"the log's signing key in {path} cannot be read", _RESTORE) from error
        try:
            return cls._from_lines(lines)
        except (ValueError, IndexError) as error:
            raise SigningKeyError(f"the log's signing key in {path} is damaged", _RESTORE) from error

    def save(self, path: Path) -> None:
        """Write both keys to a new file that only the owner may read (mode 0600).

        Raises:
            SigningKeyError: the file is there already, or cannot be written.
        """
        if path.exists():
            raise SigningKeyError(f"{path} is there already", "Choose another name; a key is never overwritten.")
        seeds = (self._ed25519.private_bytes_raw(), self._ml_dsa.private_bytes_raw())
        lines = [_secret_line(key, seed) for key, seed in zip(self.keys, seeds, strict=True)]
        try:
            put_file(Disk(), path, "".join(lines).encode())
        except OSError as error:
            raise SigningKeyError(f"{path} cannot be written: {error.strerror}", "Choose another folder.") from error

    @property
    def keys(self) -> tuple[VerifierKey, VerifierKey]:
        """The public halves, as auditors need them."""
        ed25519 = self._ed25519.public_key().public_bytes_raw()
        ml_dsa = self._ml_dsa.public_key().public_bytes_raw()
        return (
            VerifierKey(self.name, Algorithm.ED25519, ed25519),
            VerifierKey(self.name, Algorithm.ML_DSA_44, ml_dsa),
        )

    @property
    def vkeys(self) -> str:
        """The public halves as the text of a ``log.vkey`` file, one key a line."""
        return "".join(f"{key}\n" for key in self.keys)

    def sign(self, *, size: int, root: bytes, time: datetime) -> SignedCheckpoint:
        """Sign that the log holds *size* entries under *root* at *time* (whole seconds, UTC)."""
        checkpoint = Checkpoint(self.name, size, root)
        timestamp = int(time.timestamp())
        stamped = struct.pack(">Q", timestamp) + self._ml_dsa.sign(checkpoint.cosigned_message(self.name, timestamp))
        values = (self._ed25519.sign(checkpoint.text.encode()), stamped)
        signatures = (Signature(self.name, key.key_id, value) for key, value in zip(self.keys, values, strict=True))
        return SignedCheckpoint(checkpoint, Note(checkpoint.text, tuple(signatures)))

    @classmethod
    def _from_lines(cls, lines: Sequence[str]) -> LogSigner:
        (name, ed25519), (other, ml_dsa) = (
            _parse_secret_line(line, algorithm) for line, algorithm in zip(lines, Algorithm, strict=True)
        )
        signer = cls(name, ed25519_seed=ed25519, ml_dsa_seed=ml_dsa)
        if name != other or [_secret_id(line) for line in lines] != [key.key_id for key in signer.keys]:
            raise ValueError("the key ids do not fit the keys")
        return signer


def verify_signatures(signed: SignedCheckpoint, keys: Sequence[VerifierKey]) -> None:
    """Check that every one of *keys* signed this checkpoint; lines of other keys are not looked at.

    Raises:
        VerificationError: of another log, a signature is missing, or one does not fit.
    """
    for key in keys:
        if key.name != signed.checkpoint.origin:
            raise VerificationError(f"the checkpoint is of another log, {signed.checkpoint.origin!r}")
        _verify_by(key, signed)


def signing_time(signed: SignedCheckpoint, keys: Sequence[VerifierKey]) -> datetime | None:
    """When a verified checkpoint was signed (UTC, whole seconds); None if only Ed25519 keys are known."""
    stamping = [key for key in keys if key.algorithm is Algorithm.ML_DSA_44]
    return stamped_time(signed, stamping[0]) if stamping else None


def stamped_time(signed: SignedCheckpoint, key: VerifierKey) -> datetime:
    """When this ML-DSA-44 *key* signed a verified checkpoint (UTC, whole seconds)."""
    (timestamp,) = struct.unpack(">Q", _lines_by(key, signed)[0].value[:_TIMESTAMP_BYTES])
    return datetime.fromtimestamp(timestamp, UTC)


def fingerprint(keys: Sequence[VerifierKey]) -> str:
    """128 bits of SHA-256 over the keys, in groups of four, to compare over the telephone."""
    digest = sha256("".join(f"{key}\n" for key in keys).encode()).hexdigest()
    return " ".join(digest[start : start + 4] for start in range(0, 32, 4))


def _lines_by(key: VerifierKey, signed: SignedCheckpoint) -> list[Signature]:
    return [line for line in signed.note.signatures if (line.name, line.key_id) == (key.name, key.key_id)]


def _verify_by(key: VerifierKey, signed: SignedCheckpoint) -> None:
    lines = _lines_by(key, signed)
    where = f"the checkpoint of {signed.checkpoint.size} entries"
    if not lines:
        raise VerificationError(f"{where} is not signed by {key.title}")
    for line in lines:
        try:
            _CHECKS[key.algorithm](key.public, line.value, signed)
        except (InvalidSignature, ValueError, struct.error) as error:
            raise VerificationError(f"{where} does not fit the signature by {key.title}") from error


def _check_ed25519(public: bytes, value: bytes, signed: SignedCheckpoint) -> None:
    Ed25519PublicKey.from_public_bytes(public).verify(value, signed.note.text.encode())


def _check_ml_dsa(public: bytes, value: bytes, signed: SignedCheckpoint) -> None:
    (timestamp,) = struct.unpack(">Q", value[:_TIMESTAMP_BYTES])
    if timestamp > _LAST_SECOND:
        raise ValueError("signed after the year 9999")
    message = signed.checkpoint.cosigned_message(signed.checkpoint.origin, timestamp)
    MLDSA44PublicKey.from_public_bytes(public).verify(value[_TIMESTAMP_BYTES:], message)


_CHECKS: dict[Algorithm, Callable[[bytes, bytes, SignedCheckpoint], None]] = {
    Algorithm.ED25519: _check_ed25519,
    Algorithm.ML_DSA_44: _check_ml_dsa,
}


def _secret_line(key: VerifierKey, seed: bytes) -> str:
    return f"{_PRIVATE}+{key.name}+{key.key_id.hex()}+{to_base64(bytes([key.algorithm]) + seed)}\n"


def _parse_secret_line(line: str, algorithm: Algorithm) -> tuple[str, bytes]:
    name = line.removeprefix(f"{_PRIVATE}+").split("+")[0]
    material = from_base64(line.split("+", 4)[4])
    if not line.startswith(f"{_PRIVATE}+") or material[0] != algorithm or len(material) != 1 + SEED_BYTES:
        raise ValueError("not a signing key")
    return name, material[1:]


def _secret_id(line: str) -> bytes:
    return bytes.fromhex(line.split("+", 4)[3])
