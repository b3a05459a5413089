"""A member's own key: what the service knows an agency, a coordinator or an auditor by.

The private half is a PEM file that only its owner can read; the public half is one line of text,
``headcount-ed25519 <base64> <comment>``, to be handed to the coordinator.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

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
from hashing.keystore import AskPassphrase, nobody_to_ask, open_content
from hashing.private import Hidden
from hashing.private_files import read_private, write_private
from hashing.words import fingerprint


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MemberKey:
    """An Ed25519 key pair (RFC 8032) of one member. The private half cannot be printed, copied or pickled."""

    private: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"<MemberKey {self.keyid}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a member key cannot be pickled")

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

    @property
    def words(self) -> str:
        """The public key as eight words, to be compared over the telephone."""
        return key_words(self.public_bytes)

    def public_line(self, comment: str) -> str:
        """The line of text for the coordinator."""
        return f"headcount-ed25519 {base64.b64encode(self.public_bytes).decode()} {comment}".rstrip()


def key_words(public_bytes: bytes) -> str:
    """A member's public key as eight words, to be compared over the telephone."""
    return fingerprint("member-key", public_bytes)


def new_member_key(path: Path) -> MemberKey:
    """Make a key pair: *path*, readable by its owner only, and *path*.pub beside it.

    Raises:
        SecretError: there is a file already, or the folder cannot be written; nothing half-written stays.
    """
    key = MemberKey(Ed25519PrivateKey.generate())
    pem = Hidden(key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    write_private(path, pem)
    try:
        _write_public(key, path)
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


def open_member_key(path: Path, *, ask: AskPassphrase = nobody_to_ask) -> MemberKey:
    """Read a member's key file; *ask* is called for the passphrase of a locked one.

    Raises:
        SecretError: missing, not a key file, readable by others, or locked with another passphrase.
    """
    content = open_content(_read(path), ask=ask, name=path.name)
    try:
        loaded = load_pem_private_key(content.reveal(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SecretError(f"{path.name}: this is not a key file", hint="Give the file without .pub.") from error
    if not isinstance(loaded, Ed25519PrivateKey):
        raise SecretError(f"{path.name}: this is a key of another kind", hint="Headcount's keys are Ed25519.")
    return MemberKey(loaded)


def _read(path: Path) -> Hidden:
    if not path.exists():
        raise SecretError(
            f"{path.name}: there is no such key file", hint="Make one with 'headcount key new --out FILE'."
        )
    if path.suffix == ".pub":
        raise SecretError(f"{path.name}: this is not a key file", hint="Give the file without .pub.")
    return read_private(path, kind="key")


def public_keyid(line: str) -> str:
    """The id of the key in a .pub line: the first 16 hexadecimal digits of the SHA-256 over its 32 bytes.

    Raises:
        SecretError: it is not such a line.
    """
    words = line.split()
    try:
        raw = base64.b64decode(words[1], validate=True)
    except (IndexError, ValueError) as error:
        raise SecretError("this is not a public key", hint="Give the .pub file.") from error
    return hashlib.sha256(raw).hexdigest()[:16]


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
