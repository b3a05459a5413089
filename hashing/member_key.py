"""A member's own key: what the service knows an agency, a coordinator or an auditor by.

The private half is a PEM file that only its owner can read; the public half is one line of text,
``headcount-ed25519 <base64> <comment>``, to be handed to the coordinator.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from hashing.errors import SecretError
from hashing.keys import write_private


@dataclass(frozen=True, slots=True)
class MemberKey:
    """An Ed25519 key pair (RFC 8032) of one member."""

    private: Ed25519PrivateKey = field(repr=False)

    @property
    def public_bytes(self) -> bytes:
        """The 32 raw bytes of the public key."""
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def keyid(self) -> str:
        """The first 16 hex digits of SHA-256 over the public key."""
        digest = Hash(SHA256())
        digest.update(self.public_bytes)
        return digest.finalize().hex()[:16]

    def public_line(self, comment: str) -> str:
        """The line of text for the coordinator."""
        return f"headcount-ed25519 {base64.b64encode(self.public_bytes).decode()} {comment}".rstrip()


def new_member_key(path: Path) -> MemberKey:
    """Make a key pair: *path*, readable by its owner only, and *path*.pub beside it.

    Raises:
        SecretError: there is a file already, or the folder cannot be written; nothing half-written stays.
    """
    key = MemberKey(Ed25519PrivateKey.generate())
    pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        write_private(path, pem)
        _write_public(key, path)
    except FileExistsError as error:
        raise SecretError(f"{path.name}: there is a file already", hint="A key is never overwritten.") from error
    except OSError as error:
        raise SecretError(f"{path.name}: the key cannot be written", hint="Check the folder.") from error
    return key


def _write_public(key: MemberKey, path: Path) -> None:
    try:
        public_path(path).write_text(key.public_line(path.stem) + "\n", encoding="ascii", errors="replace")
    except OSError:
        path.unlink()  # a private key without its public half could be neither used nor made again
        raise


def public_path(path: Path) -> Path:
    """Where the public half of a key file is."""
    return path.with_name(path.name + ".pub")


def open_member_key(path: Path) -> MemberKey:
    """Read a member's key file.

    Raises:
        SecretError: missing, or not a key file.
    """
    try:
        loaded = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError as error:
        raise SecretError(
            f"{path.name}: there is no such key file", hint="Make one with 'headcount key new --out FILE'."
        ) from error
    except (ValueError, TypeError, UnsupportedAlgorithm, OSError) as error:
        raise SecretError(f"{path.name}: this is not a key file", hint="Give the file without .pub.") from error
    if not isinstance(loaded, Ed25519PrivateKey):
        raise SecretError(f"{path.name}: this is a key of another kind", hint="Headcount's keys are Ed25519.")
    return MemberKey(loaded)


def read_public_line(path: Path) -> str:
    """The line of a member's .pub file.

    Raises:
        SecretError: missing, or not a public key.
    """
    try:
        line = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(f"{path.name}: the public key cannot be read", hint="Give the .pub file.") from error
    if not line.startswith("headcount-ed25519 "):
        raise SecretError(f"{path.name}: this is not a public key", hint="Give the .pub file, not the key itself.")
    return line
