"""Two signing keys under one name, in a file that only its owner may read: what a log and a witness have.

One key is Ed25519 (RFC 8032), the other ML-DSA-44 (FIPS 204). Why both: docs/adr/0005-c2sp-log-formats.md.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from audit.disk import Disk, put_file
from audit.errors import SigningKeyError
from audit.note import PRIVATE, Algorithm, VerifierKey, check_key_name, from_base64, to_base64

SEED_BYTES = 32


class KeyPair:
    """Private keys that cannot be printed, and leave only through `save`.

    *ALGORITHMS* are the signature types of the Ed25519 and of the ML-DSA-44 key, *OWNER* who has them, *RESTORE* what
    to do when they are gone.
    """

    __slots__ = ("_ed25519", "_ml_dsa", "name")
    ALGORITHMS: ClassVar[tuple[Algorithm, Algorithm]]
    OWNER: ClassVar[str]
    RESTORE: ClassVar[str]

    def __init__(self, name: str, *, ed25519_seed: bytes, ml_dsa_seed: bytes) -> None:
        """Make the keys of *name* from two seeds of 32 bytes.

        Raises:
            SigningKeyError: the name cannot stand in a signature line.
        """
        check_key_name(name)
        self.name = name
        self._ed25519 = Ed25519PrivateKey.from_private_bytes(ed25519_seed)
        self._ml_dsa = MLDSA44PrivateKey.from_seed_bytes(ml_dsa_seed)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, keys not shown)"

    @classmethod
    def create(cls, name: str, *, randomness: Callable[[int], bytes] = secrets.token_bytes) -> Self:
        """Make two new keys for *name*, such as ``anytown.example/headcount``.

        Raises:
            SigningKeyError: the name cannot stand in a signature line.
        """
        return cls(name, ed25519_seed=randomness(SEED_BYTES), ml_dsa_seed=randomness(SEED_BYTES))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the keys that `save` wrote.

        Raises:
            SigningKeyError: there is no such file, or it is damaged.
        """
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise SigningKeyError(f"the {cls.OWNER}'s signing key in {path} cannot be read", cls.RESTORE) from error
        try:
            return cls._from_lines(lines)
        except (ValueError, IndexError) as error:
            raise SigningKeyError(f"the {cls.OWNER}'s signing key in {path} is damaged", cls.RESTORE) from error

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
        first, second = self.ALGORITHMS
        return (
            VerifierKey(self.name, first, self._ed25519.public_key().public_bytes_raw()),
            VerifierKey(self.name, second, self._ml_dsa.public_key().public_bytes_raw()),
        )

    @property
    def vkeys(self) -> str:
        """The public halves as the text of a vkey file, one key a line."""
        return "".join(f"{key}\n" for key in self.keys)

    @classmethod
    def _from_lines(cls, lines: Sequence[str]) -> Self:
        (name, ed25519), (other, ml_dsa) = (
            _parse_secret_line(line, algorithm) for line, algorithm in zip(lines, cls.ALGORITHMS, strict=True)
        )
        pair = cls(name, ed25519_seed=ed25519, ml_dsa_seed=ml_dsa)
        if name != other or [_secret_id(line) for line in lines] != [key.key_id for key in pair.keys]:
            raise ValueError("the key ids do not fit the keys")
        return pair


def _secret_line(key: VerifierKey, seed: bytes) -> str:
    return f"{PRIVATE}+{key.name}+{key.key_id.hex()}+{to_base64(bytes([key.algorithm]) + seed)}\n"


def _parse_secret_line(line: str, algorithm: Algorithm) -> tuple[str, bytes]:
    name = line.removeprefix(f"{PRIVATE}+").split("+")[0]
    material = from_base64(line.split("+", 4)[4])
    if not line.startswith(f"{PRIVATE}+") or material[0] != algorithm or len(material) != 1 + SEED_BYTES:
        raise ValueError("not a signing key")
    return name, material[1:]


def _secret_id(line: str) -> bytes:
    return bytes.fromhex(line.split("+", 4)[3])
