"""Keyed Bloom filters: each token sets *hashes* positions drawn from HMAC-SHA-512.

The positions are independent words of the digest, never ``h1 + i*h2``: double hashing leaves few distinct
patterns a token, and those are what the first attacks used (Niedermeyer et al. 2014, doi
10.29012/jpc.v6i2.640). A Bloom filter keeps similarities visible all the same; docs/threat-model.md says
what that gives to an attacker.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ENCODER = "bloom/1"
MAX_HASHES = 32  # sixteen-bit words in one SHA-512 digest
_ROWS_AT_ONCE = 16_384


def positions(token: str, *, key: bytes, bits: int, hashes: int) -> NDArray[np.uint16]:
    """The positions a token sets: the first *hashes* big-endian 16-bit words of its HMAC, modulo *bits*.

    *bits* is a power of two up to 65,536, so that the modulus favours no position.
    """
    words = np.frombuffer(hmac.digest(key, token.encode(), "sha512"), dtype=">u2")[:hashes]
    return (words & (bits - 1)).astype(np.uint16)


def encode(token_sets: Sequence[Sequence[str]], *, key: bytes, bits: int, hashes: int) -> NDArray[np.uint8]:
    """Token sets -> Bloom filters: an array of shape (rows, bits/8), the first bit the most significant.

    An empty token set gives a filter without a bit; whether that means "missing" is the caller's to say.
    """
    table: dict[str, int] = {}
    places = [[table.setdefault(token, len(table)) for token in tokens] for tokens in token_sets]
    if not table:
        return np.zeros((len(token_sets), bits // 8), dtype=np.uint8)
    drawn = np.stack([positions(token, key=key, bits=bits, hashes=hashes) for token in table])
    chunks = [
        _filters(places[start : start + _ROWS_AT_ONCE], drawn, bits) for start in range(0, len(places), _ROWS_AT_ONCE)
    ]
    return np.concatenate(chunks)


def _filters(places: list[list[int]], drawn: NDArray[np.uint16], bits: int) -> NDArray[np.uint8]:
    lengths = np.fromiter((len(row) for row in places), dtype=np.intp, count=len(places))
    flat = np.fromiter((place for row in places for place in row), dtype=np.intp, count=int(lengths.sum()))
    filters = np.zeros((len(places), bits), dtype=bool)
    rows = np.repeat(np.arange(len(places)), lengths)
    filters[np.repeat(rows, drawn.shape[1]), drawn[flat].ravel()] = True
    return np.packbits(filters, axis=1)
