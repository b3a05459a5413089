"""The pseudonyms of a file's rows, as many as there are, in 16 bytes each: only to see that none is there twice."""

from __future__ import annotations

import hashlib

_BYTES = 16  # of a hash: two of a thousand million rows agree by chance once in 10**20 files


class Pseudonyms:
    """Counts pseudonyms, and the different ones among them."""

    def __init__(self) -> None:
        self._hashes = bytearray()

    def add(self, pseudonym: str) -> None:
        """Take one more."""
        self._hashes += hashlib.blake2b(pseudonym.encode(), digest_size=_BYTES).digest()

    def __len__(self) -> int:
        """How many were taken."""
        return len(self._hashes) // _BYTES

    def distinct(self) -> int:
        """How many different ones were taken; sorts in place, so that it needs no memory of its own."""
        if not self._hashes:
            return 0
        import numpy as np  # loaded with the first file, not when the service starts

        hashes = np.frombuffer(self._hashes, dtype=f"S{_BYTES}")
        hashes.sort()
        return 1 + int(np.count_nonzero(hashes[1:] != hashes[:-1]))
