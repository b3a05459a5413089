"""A 16-byte key shared among people so that any *needed* of them have it, and fewer know nothing (Shamir 1979).

The arithmetic, over GF(2^128), is that of the library pycryptodome, which the extra ``backup`` installs. It tells
nothing of a wrong share: whoever uses this must be able to tell a right key from a wrong one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hashing.errors import BackupUnavailable
from hashing.private import Hidden

if TYPE_CHECKING:
    from Crypto.Protocol.SecretSharing import Shamir

KEY_BYTES = 16
MOST_SHARES = 16
FEWEST_NEEDED = 2  # a single share that opens the secret is a copy of it


def share_out(key: Hidden, *, shares: int, needed: int) -> tuple[Hidden, ...]:
    """The shares number 1, 2, ... of a key, any *needed* of which give it back.

    Raises:
        BackupUnavailable: the library is not installed.
    """
    return tuple(Hidden(share) for _, share in _library().split(needed, shares, key.reveal()))


def put_together(shares: Iterable[tuple[int, Hidden]]) -> Hidden:
    """The key of exactly as many different shares as are needed; of others a random one.

    Raises:
        BackupUnavailable: the library is not installed.
    """
    return Hidden(_library().combine([(number, share.reveal()) for number, share in shares]))


def _library() -> type[Shamir]:
    try:
        from Crypto.Protocol.SecretSharing import Shamir
    except ImportError as error:
        raise BackupUnavailable(
            "shares of a secret need the library pycryptodome, which is not installed",
            hint="Run: pip install 'headcount[backup]'",
        ) from error
    return Shamir
