"""A secret or key locked with a passphrase, so that a copied file or a stolen laptop does not give it away.

One line of text: the parameters of Argon2id (RFC 9106) and a salt, then the nonce and the box of
ChaCha20-Poly1305 (RFC 8439), whose associated data is all that stands before the nonce. The format is
described in docs/formats/join-files.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from hashing.errors import SecretError
from hashing.private import Hidden

MIN_PASSPHRASE = 12  # characters; a guesser who has the file has all the time in the world
_FORMAT = b"headcount-locked-1"
_NONCE_BYTES = 12
_SALT_BYTES = 16
_LINE = re.compile(
    rb"(headcount-locked-1 argon2id m=([1-9]\d{0,6}) t=([1-9]\d?) p=([1-9]\d?) ([0-9a-f]{32}))"
    rb" ([0-9a-f]{24}) ((?:[0-9a-f]{2})+)\n?"
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs: memory in KiB, passes over it, and lanes (RFC 9106, section 3.1).

    The default needs 64 MiB, the second recommended option of RFC 9106, section 4.
    """

    memory: int = 65_536
    passes: int = 3
    lanes: int = 4

    def __post_init__(self) -> None:
        if self.memory < 8 * self.lanes or self.memory > 1_048_576:  # 1 GiB: a hostile file must not fill the memory
            raise SecretError("the locked file asks for too little or too much memory", hint="It is damaged.")


DEFAULT_COST = Cost()


@dataclass(frozen=True, slots=True, init=False, eq=False)
class Passphrase:
    """A passphrase as it was typed, in Unicode NFC, so that every keyboard gives the same bytes."""

    text: Hidden

    def __init__(self, typed: str) -> None:
        # surrogatepass: whatever a terminal sends is taken, since an encoding error would carry it in its report
        object.__setattr__(self, "text", Hidden(unicodedata.normalize("NFC", typed).encode(errors="surrogatepass")))

    @classmethod
    def new(cls, typed: str) -> Self:
        """A passphrase to lock with.

        Raises:
            SecretError: shorter than 12 characters.
        """
        passphrase, length = cls(typed), len(unicodedata.normalize("NFC", typed))
        del typed  # a traceback that shows local variables must not show it
        if length < MIN_PASSPHRASE:
            raise SecretError(
                f"the passphrase has fewer than {MIN_PASSPHRASE} characters",
                hint="Take five or six words that nobody else would put together.",
            )
        return passphrase


AskPassphrase = Callable[[str], Passphrase]
"""Asks a person for the passphrase of the file named."""


def nobody_to_ask(name: str) -> Passphrase:
    """Stands where a program reads a key and no person is there to type a passphrase.

    Raises:
        SecretError: always.
    """
    raise SecretError(
        f"{name}: the file is locked with a passphrase",
        hint="Give ask=, a function that is told the file's name and returns its passphrase, or unlock the file.",
    )


def is_locked(content: Hidden) -> bool:
    """Whether a file's content is locked with a passphrase."""
    return content.reveal().startswith(_FORMAT)


def lock(
    content: Hidden, passphrase: Passphrase, *, random_bytes: Callable[[int], bytes], cost: Cost = DEFAULT_COST
) -> Hidden:
    """The locked form of a private file's content."""
    salt, nonce = random_bytes(_SALT_BYTES), random_bytes(_NONCE_BYTES)
    header = f"{_FORMAT.decode()} argon2id m={cost.memory} t={cost.passes} p={cost.lanes} {salt.hex()}".encode()
    box = _cipher(passphrase, salt, cost).encrypt(nonce, content.reveal(), header)
    return Hidden(header + f" {nonce.hex()} {box.hex()}\n".encode())


def unlock(locked: Hidden, passphrase: Passphrase, *, name: str) -> Hidden:
    """What was locked; *name* is what errors call the file.

    Raises:
        SecretError: another passphrase, an altered file, or not a locked file.
    """
    match = _LINE.fullmatch(locked.reveal())
    if not match:
        raise SecretError(f"{name}: the locked file is damaged", hint="Take your copy of it.")
    cost, salt = Cost(int(match[2]), int(match[3]), int(match[4])), bytes.fromhex(match[5].decode())
    cipher = _cipher(passphrase, salt, cost)
    try:
        return Hidden(cipher.decrypt(bytes.fromhex(match[6].decode()), bytes.fromhex(match[7].decode()), match[1]))
    except InvalidTag as error:
        raise SecretError(
            f"{name}: the passphrase does not open the file, or the file was altered",
            hint="Try again; if the passphrase is right, take your copy of the file.",
        ) from error


def open_content(content: Hidden, *, ask: AskPassphrase, name: str) -> Hidden:
    """The content of a private file, unlocked where it is locked.

    Raises:
        SecretError: as :func:`unlock`, and whatever *ask* raises.
    """
    return unlock(content, ask(name), name=name) if is_locked(content) else content


def _cipher(passphrase: Passphrase, salt: bytes, cost: Cost) -> ChaCha20Poly1305:
    derivation = Argon2id(salt=salt, length=32, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory)
    return ChaCha20Poly1305(derivation.derive(passphrase.text.reveal()))
