"""Keyed Bloom filters: each token sets *hashes* positions drawn by a pseudo-random function.

The positions are independent words of pseudo-random bytes (:mod:`hashing.prf`), never ``h1 + i*h2``: double hashing
leaves few distinct patterns a token, and those are what the first attacks used (Niedermeyer et al. 2014, doi
10.29012/jpc.v6i2.640). A Bloom filter keeps similarities visible all the same; docs/threat-model.md says
what that gives to an attacker.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hashing import accelerator
from hashing.prf import KeyedFunction
from hashing.texts import Texts
from hashing.token_sets import TokenSets

ENCODER = "bloom/2"
MAX_HASHES = 32
_WORD_BYTES = 2
Filters = NDArray[np.uint8]  # shape (rows, bits/8), the first bit the most significant


class TokenFilters:
    """The Bloom filters of single tokens under one key."""

    def __init__(self, key: bytes, *, bits: int, hashes: int) -> None:
        """*bits* is a power of two up to 65,536, so that no position is favored; *hashes* at most MAX_HASHES."""
        self.bits = bits
        self._hashes = hashes
        self._keyed = KeyedFunction(key)

    def positions(self, tokens: Texts) -> NDArray[np.uint16]:
        """The positions that tokens set, shape (tokens, hashes): big-endian 16-bit words of the token's pseudo-random
        bytes, modulo *bits*."""
        words = self._drawn(tokens).view(">u2")
        return (words & (self.bits - 1)).astype(np.uint16)

    def _drawn(self, tokens: Texts, lead: bytes = b"") -> NDArray[np.uint8]:
        return np.ascontiguousarray(self._keyed.bytes_of(tokens, self._hashes * _WORD_BYTES, lead))

    def __call__(self, tokens: Texts) -> Filters:
        """A filter for each token: shape (tokens, bits/8)."""
        filters = np.zeros((len(tokens), self.bits // 8), dtype=np.uint8)
        self.set_bits(filters, np.arange(len(tokens)), tokens)
        return filters

    def set_bits(self, filters: Filters, rows: NDArray[np.intp], tokens: Texts, lead: str = "") -> None:
        """Set the bits of a token, which is a text behind a *lead*, in each of some rows; no row comes twice."""
        if accelerator.native is not None:
            drawn, places = self._drawn(tokens, lead.encode()), rows.astype(np.int64, copy=False)
            accelerator.native.set_bits(filters, filters.shape[1], places, drawn, self._hashes)
            return
        positions = self.positions(tokens.behind(lead)).astype(np.intp)
        places = rows[:, None] * filters.shape[1] + (positions >> 3)
        bits = (0x80 >> (positions & 7)).astype(np.uint8)
        flat = filters.reshape(-1)
        for nth in range(positions.shape[1]):
            flat[places[:, nth]] |= bits[:, nth]


def united(shape: tuple[int, int], kept: Sequence[tuple[NDArray[np.uint64], NDArray[np.int32]]]) -> NDArray[np.uint64]:
    """The unions of filters, shape (rows, words): each table of filters adds to each row the one at its place there."""
    if accelerator.native is not None:
        filters = np.empty(shape, dtype=np.uint64)
        accelerator.native.unite(filters, shape[1], tuple(kept))
        return filters
    filters = np.zeros(shape, dtype=np.uint64)
    for table, places in kept:
        filters |= np.take(table, places, axis=0, mode="clip")
    return filters


def encode(token_sets: Sequence[Sequence[str]], *, key: bytes, bits: int, hashes: int) -> Filters:
    """Token sets -> Bloom filters: an array of shape (rows, bits/8), the first bit the most significant.

    An empty token set gives a filter without a bit; whether that means "missing" is the caller's to say.
    """
    sets = TokenSets.of(token_sets)
    return sets.union(TokenFilters(key, bits=bits, hashes=hashes)(sets.texts))
