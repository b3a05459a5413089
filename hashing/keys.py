"""The collaborative's secret, and the keys derived from it.

One random 32-byte secret per collaborative and epoch. Every use has a key of its own: HKDF-SHA-256
(RFC 5869) whose info names the purpose, the epoch and the profile, so that another epoch or profile
gives incomparable codes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hashing.errors import SecretError

SECRET_BYTES = 32
_SALT = b"headcount/1"
_LINE = re.compile(r"headcount-secret-1 epoch=(\d{1,6}) ([A-Za-z0-9_-]{43}) ([0-9a-f]{8})")
_ASK_AGAIN = "Ask the agency that founded the collaborative for the secret file again; it cannot be typed or repaired."


@dataclass(frozen=True, slots=True)
class LinkageSecret:
    """The secret of one epoch. It cannot be printed, logged or pickled."""

    epoch: int
    _secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self._secret) != SECRET_BYTES:
            raise SecretError("the secret is not 32 bytes long", hint=_ASK_AGAIN)
        if self.epoch < 1:
            raise SecretError("the secret's epoch is not a number from 1 on", hint=_ASK_AGAIN)

    def __repr__(self) -> str:
        return f"<LinkageSecret of epoch {self.epoch}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a linkage secret cannot be pickled")

    def derive(self, purpose: str, *, profile_digest: str, name: str = "") -> bytes:
        """A 32-byte key for one purpose (HKDF-SHA-256, RFC 5869)."""
        info = "|".join(("headcount/v1", purpose, str(self.epoch), profile_digest, name))
        return HKDF(algorithm=SHA256(), length=32, salt=_SALT, info=info.encode()).derive(self._secret)

    def check_value(self, *, profile_digest: str, encoder: str) -> str:
        """The key check value: 32 hex digits that agree only under one secret, epoch, profile and encoder.

        It gives nothing away, since the secret has 256 bits.
        """
        key = self.derive("kcv", profile_digest=profile_digest)
        message = "|".join((str(self.epoch), profile_digest, encoder)).encode()
        return hmac.digest(key, message, "sha256")[:16].hex()


def new_secret(*, random_bytes: Callable[[int], bytes], epoch: int = 1) -> LinkageSecret:
    """A fresh secret from a source of cryptographic randomness such as ``secrets.token_bytes``."""
    return LinkageSecret(epoch, random_bytes(SECRET_BYTES))


def write_secret(secret: LinkageSecret, path: Path) -> None:
    """Write the secret file, readable by its owner only; an existing file is never replaced.

    Raises:
        SecretError: there is a file already, or the folder cannot be written.
    """
    body = base64.urlsafe_b64encode(secret._secret).decode().rstrip("=")  # noqa: SLF001 -- its own module
    line = f"headcount-secret-1 epoch={secret.epoch} {body} {_checksum(secret.epoch, body)}\n"
    try:
        write_private(path, line.encode("ascii"))
    except FileExistsError as error:
        raise SecretError(
            f"{path.name}: there is a file already",
            hint="Choose another name; a secret is never overwritten.",
        ) from error
    except OSError as error:
        raise SecretError(f"{path.name}: the file cannot be written", hint="Check the folder.") from error


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner can read, down to the disk.

    Raises:
        FileExistsError: there is a file already; it stays as it is.
        OSError: the folder or the disk refuses; nothing half-written stays.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise


def open_secret(path: Path) -> LinkageSecret:
    """Read a secret file.

    Raises:
        SecretError: the file is missing, readable by others, damaged, or not a secret file.
    """
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError as error:
        raise SecretError(f"{path.name}: there is no such secret file", hint="Check the name and folder.") from error
    except (UnicodeDecodeError, OSError) as error:
        raise SecretError(f"{path.name}: this is not a secret file", hint=_ASK_AGAIN) from error
    check_is_private(path)
    return _parse(text.strip(), path.name)


def check_is_private(path: Path) -> None:
    """POSIX only: Windows keeps a user's files from other users by the folder's access list.

    Raises:
        SecretError: others can read the file.
    """
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SecretError(
            f"{path.name}: other users of this computer can read the secret",
            hint=f"Run: chmod 600 {path.name}",
        )


def _parse(text: str, name: str) -> LinkageSecret:
    match = _LINE.fullmatch(text)
    if not match:
        raise SecretError(f"{name}: this is not a secret file", hint=_ASK_AGAIN)
    epoch, body, checksum = int(match[1]), match[2], match[3]
    if not hmac.compare_digest(checksum, _checksum(epoch, body)):
        raise SecretError(f"{name}: the secret file is damaged", hint=_ASK_AGAIN)
    return LinkageSecret(epoch, base64.urlsafe_b64decode(body + "="))


def _checksum(epoch: int, body: str) -> str:
    return hashlib.sha256(f"headcount-secret-1|{epoch}|{body}".encode()).hexdigest()[:8]
