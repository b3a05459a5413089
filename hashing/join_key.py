"""The key pair to which a secret is sealed: HPKE (RFC 9180) with the hybrid of ML-KEM-768 and X25519.

A pair is made for one join request and used once. Whoever records the sealed secret today and breaks X25519
with a quantum computer later would still have to break ML-KEM-768 (FIPS 203).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from hashing.errors import JoinRefused, SecretError
from hashing.keystore import AskPassphrase, nobody_to_ask, open_content
from hashing.private import Hidden
from hashing.private_files import read_private, write_private

SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
PUBLIC_BYTES = 1184 + 32  # FIPS 203, table 3; RFC 7748
_LATTICE_PUBLIC = 1184
_LATTICE_PRIVATE = 64  # the seed of FIPS 203, algorithm 16
_PRIVATE_BYTES = _LATTICE_PRIVATE + 32
_MARK = b"headcount-join-key-1 "


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class JoinKey:
    """The private half. It cannot be printed, copied or pickled."""

    lattice: MLKEM768PrivateKey
    curve: X25519PrivateKey

    def __repr__(self) -> str:
        return f"<JoinKey {self.keyid[:16]}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a join key cannot be pickled")

    @property
    def public_bytes(self) -> bytes:
        """The public half: ML-KEM-768 encapsulation key, then X25519 public key; 1,216 bytes."""
        return self.lattice.public_key().public_bytes_raw() + self.curve.public_key().public_bytes_raw()

    @property
    def keyid(self) -> str:
        """SHA-256 over the public half, in hexadecimal."""
        return join_key_id(self.public_bytes)

    def unseal(self, sealed: bytes, *, info: bytes) -> Hidden:
        """What was sealed to this key under this *info*.

        Raises:
            cryptography.exceptions.InvalidTag: sealed to another key, under another info, or altered.
        """
        return Hidden(SUITE.decrypt(sealed, MLKEM768X25519PrivateKey(self.lattice, self.curve), info=info))


def new_join_key() -> JoinKey:
    """A fresh key pair."""
    return JoinKey(MLKEM768PrivateKey.generate(), X25519PrivateKey.generate())


def join_key_id(public_bytes: bytes) -> str:
    """SHA-256 over the public half of a join key, in hexadecimal."""
    return hashlib.sha256(public_bytes).hexdigest()


def seal_to(public_bytes: bytes, content: Hidden, *, info: bytes) -> bytes:
    """Seal *content* to a public half, bound to *info*; 1,136 bytes longer than the content.

    Raises:
        JoinRefused: the public half is not a usable key.
    """
    try:
        lattice = MLKEM768PublicKey.from_public_bytes(public_bytes[:_LATTICE_PUBLIC])
        curve = X25519PublicKey.from_public_bytes(public_bytes[_LATTICE_PUBLIC:])
        return SUITE.encrypt(content.reveal(), MLKEM768X25519PublicKey(lattice, curve), info=info)
    except ValueError as error:
        raise JoinRefused("the join key in the request is not a usable key", hint="Ask for a new request.") from error


def join_key_path(member_key: Path) -> Path:
    """Where the private half lies: beside the member's key file."""
    return member_key.with_name(member_key.name + ".join")


def write_join_key(key: JoinKey, path: Path) -> None:
    """Write the private half, readable by its owner only.

    Raises:
        SecretError: there is a file already, or the folder cannot be written.
    """
    body = Hidden(key.lattice.private_bytes_raw() + key.curve.private_bytes_raw())
    write_private(path, Hidden(_MARK + body.reveal().hex().encode() + b"\n"))


def open_join_key(path: Path, *, ask: AskPassphrase = nobody_to_ask) -> JoinKey:
    """Read the private half.

    Raises:
        SecretError: missing, readable by others, not a join key, or locked with another passphrase.
    """
    content = open_content(read_private(path, kind="join key"), ask=ask, name=path.name)
    body = _body(content)
    if body is None:
        raise SecretError(f"{path.name}: this is not a join key", hint="'headcount join new' wrote one: KEY.join.")
    return JoinKey(
        MLKEM768PrivateKey.from_seed_bytes(body.reveal()[:_LATTICE_PRIVATE]),
        X25519PrivateKey.from_private_bytes(body.reveal()[_LATTICE_PRIVATE:]),
    )


def _body(content: Hidden) -> Hidden | None:
    if not content.reveal().startswith(_MARK):
        return None
    try:
        body = Hidden(bytes.fromhex(content.reveal()[len(_MARK) :].decode("ascii", "replace")))
    except ValueError:  # its message names a position, not a character
        return None
    return body if len(body) == _PRIVATE_BYTES else None
