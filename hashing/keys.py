"""The collaborative's secret, and the keys derived from it.

One random 32-byte secret per collaborative and epoch. Every use has a key of its own: HKDF-SHA-256
(RFC 5869) whose info names the purpose, the epoch and the profile, so that another epoch or profile
gives incomparable codes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hashing.errors import SecretError
from hashing.keystore import AskPassphrase, nobody_to_ask, open_content
from hashing.private import Hidden
from hashing.private_files import read_private, write_private

SECRET_BYTES = 32
LAST_EPOCH = 999_999
_SALT = b"headcount/1"
_LINE = re.compile(rb"headcount-secret-1 epoch=(0|[1-9]\d{0,5}) ([A-Za-z0-9_-]{43}) ([0-9a-f]{8})")
_ASK_AGAIN = (
    "Ask the agency that founded the collaborative, or another that has it, for the secret again: 'headcount join new'."
)


@dataclass(frozen=True, slots=True, init=False, eq=False, repr=False)
class LinkageSecret:
    """The secret of one epoch. It cannot be printed, logged, copied, pickled or encoded.

    The bytes are kept as :class:`Hidden`, so that ``dataclasses.asdict`` and msgspec refuse them too.
    """

    epoch: int
    _secret: Hidden

    def __init__(self, epoch: int, secret: bytes) -> None:
        object.__setattr__(self, "epoch", epoch)
        object.__setattr__(self, "_secret", Hidden(secret))
        del secret  # a traceback that shows local variables must not show it
        if len(self._secret) != SECRET_BYTES:
            raise SecretError("the secret is not 32 bytes long", hint=_ASK_AGAIN)
        if epoch < 1:
            raise SecretError("the secret's epoch is not a number from 1 on", hint=_ASK_AGAIN)
        if epoch > LAST_EPOCH:
            raise SecretError(f"there is no epoch {epoch:,}", hint=f"The last one is {LAST_EPOCH:,}.")

    def __repr__(self) -> str:
        return f"<LinkageSecret of epoch {self.epoch}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LinkageSecret) and self.epoch == other.epoch and self._secret == other._secret

    def __hash__(self) -> int:
        return hash(("LinkageSecret", self.epoch))  # equal secrets have equal epochs; the bytes stay out of it

    def __reduce__(self) -> NoReturn:
        raise TypeError("a linkage secret cannot be pickled")

    def derive(self, purpose: str, *, profile_digest: str, name: str = "") -> bytes:
        """A 32-byte key for one purpose (HKDF-SHA-256, RFC 5869)."""
        info = "|".join(("headcount/v1", purpose, str(self.epoch), profile_digest, name))
        return HKDF(algorithm=SHA256(), length=32, salt=_SALT, info=info.encode()).derive(self._secret.reveal())

    def check_value(self, *, profile_digest: str, encoder: str) -> str:
        """The key check value: 32 hex digits that agree only under one secret, epoch, profile and encoder.

        It gives nothing away, since the secret has 256 bits.
        """
        key = self.derive("kcv", profile_digest=profile_digest)
        message = "|".join((str(self.epoch), profile_digest, encoder)).encode()
        return hmac.digest(key, message, "sha256")[:16].hex()

    def disclose(self) -> Hidden:
        """The 32 bytes, for writing them to a file or sealing them for another agency; for nothing else."""
        return self._secret


def new_secret(*, random_bytes: Callable[[int], bytes], epoch: int = 1) -> LinkageSecret:
    """A fresh secret from a source of cryptographic randomness such as ``secrets.token_bytes``."""
    return LinkageSecret(epoch, random_bytes(SECRET_BYTES))


def next_secret(old: LinkageSecret, *, random_bytes: Callable[[int], bytes]) -> LinkageSecret:
    """The secret of the next epoch: fresh, never derived from the old, which a leaving agency still knows.

    Raises:
        SecretError: the last epoch has been reached.
    """
    return new_secret(random_bytes=random_bytes, epoch=old.epoch + 1)


def write_secret(secret: LinkageSecret, path: Path) -> None:
    """Write the secret file, readable by its owner only; an existing file is never replaced.

    Raises:
        SecretError: there is a file already, or the folder cannot be written.
    """
    write_private(path, secret_content(secret))


def secret_content(secret: LinkageSecret) -> Hidden:
    """The line of text that is a secret file."""
    body = base64.urlsafe_b64encode(secret.disclose().reveal()).rstrip(b"=")
    return Hidden(b"headcount-secret-1 epoch=%d %b %b\n" % (secret.epoch, body, _checksum(secret.epoch, body)))


def open_secret(path: Path, *, ask: AskPassphrase = nobody_to_ask) -> LinkageSecret:
    """Read a secret file; *ask* is called for the passphrase of a locked one.

    Raises:
        SecretError: the file is missing, readable by others, damaged, not a secret file, or locked with
            another passphrase.
    """
    content = open_content(read_private(path, kind="secret"), ask=ask, name=path.name)
    return parse_secret(content, name=path.name)


def parse_secret(content: Hidden, *, name: str) -> LinkageSecret:
    """The secret of a secret file's content; *name* is what errors call it.

    Raises:
        SecretError: damaged, or not a secret file.
    """
    if not _LINE.fullmatch(content.reveal().strip()):
        raise SecretError(f"{name}: this is not a secret file", hint=_ASK_AGAIN)
    if not _is_whole(content):
        raise SecretError(f"{name}: the secret file is damaged", hint=_ASK_AGAIN)
    _, epoch, body, _ = map(Hidden, content.reveal().split())
    return LinkageSecret(int(epoch.reveal().removeprefix(b"epoch=")), base64.urlsafe_b64decode(body.reveal() + b"="))


def _is_whole(content: Hidden) -> bool:
    _, epoch, body, checksum = content.reveal().split()
    return hmac.compare_digest(checksum, _checksum(int(epoch.removeprefix(b"epoch=")), body))


def _checksum(epoch: int, body: bytes) -> bytes:
    return hashlib.sha256(b"headcount-secret-1|%d|%b" % (epoch, body)).hexdigest()[:8].encode()
