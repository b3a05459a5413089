"""SAUL codes: similar token sets give similar codes, all others give codes that agree like coin flips.

Armknecht and Schaefer, PoPETs 2026(2) 6-19, doi 10.56553/popets-2026-0033. Every token casts ``planes * bits``
keyed pseudo-random votes. For each plane and position the majority of the record's tokens decides (a bit of a
SimHash); a bit of the code is the XOR over the planes. Where the token sets of two records stand at the angle
theta (cosine ``|A & B| / sqrt(|A| |B|)``), their codes agree in a position with probability
``(1 + (1 - 2 theta / pi) ** planes) / 2``: near pairs stay visible and the rest sinks to one half, so there is no
graph of similarities to lay beside a voter roll. About half of the bits are set, however long the record.

Votes: SHAKE-256 (FIPS 202) over HMAC-SHA-256 of the token, plane by plane, the first bit of a byte the most
significant. A set of even size could tie; it gets one more voter, whose votes come from the key alone and are the
same for every record. That decides ties and nothing else. It depends on no other record and not on chance, so the same
client always gives the same code; and what it adds to the agreement of strangers is the product of two shares of
ties (one position in ten each) raised to the power of the planes: less than one part in a thousand.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

ENCODER = "saul/1"
_TOKEN, _TIE_BREAKER = b"\x00", b"\x01"  # first byte of the HMAC's message: no token can pose as the tie-breaker
_ROWS_AT_ONCE = 128  # keeps a step of the counters inside the processor's cache
_ROWS_TOGETHER = 4_096  # rows sorted by size together, so that those of one size are counted at once
_MOST_TOKENS = 65_536  # kept with their votes, 40 MiB at 1,024 bits and five planes; rare ones are hashed again

Words = NDArray[np.uint64]


def encode(token_sets: Sequence[Sequence[str]], *, key: bytes, bits: int, planes: int) -> NDArray[np.uint8]:
    """Token sets -> codes: an array of shape (rows, bits/8). A token counts once, however often it is named.

    *bits* is a multiple of 64. An empty set gives a code that is the same for all of them; whether that means
    "missing" is the caller's to say.
    """
    ballot = _Ballot(key, planes * bits // 8)
    codes = np.empty((len(token_sets), bits // 8), dtype=np.uint8)
    for start in range(0, len(token_sets), _ROWS_TOGETHER):
        voters = [ballot.voters(tokens) for tokens in token_sets[start : start + _ROWS_TOGETHER]]
        for rows in _same_size(voters):
            winners = _majority(_votes([voters[row] for row in rows]))
            codes[[start + row for row in rows]] = _folded(winners, planes)
    return codes


class _Ballot:
    """The votes of tokens under one key; each is drawn once, as long as memory allows."""

    def __init__(self, key: bytes, size: int) -> None:
        self._key = key
        self._size = size
        self._drawn: dict[str, bytes] = {}
        self._tie_breaker = self._draw(_TIE_BREAKER)

    def voters(self, tokens: Sequence[str]) -> list[bytes]:
        """The votes of each distinct token, and of the tie-breaker where their number is even."""
        found = [self._votes(token) for token in dict.fromkeys(tokens)]
        return found if len(found) % 2 else [*found, self._tie_breaker]

    def _votes(self, token: str) -> bytes:
        known = self._drawn.get(token)
        if known is not None:
            return known
        if len(self._drawn) >= _MOST_TOKENS:
            self._drawn.clear()
        return self._drawn.setdefault(token, self._draw(_TOKEN + token.encode()))

    def _draw(self, message: bytes) -> bytes:
        return hashlib.shake_256(hmac.digest(self._key, message, "sha256")).digest(self._size)


def _same_size(voters: Sequence[Sequence[bytes]]) -> Iterator[list[int]]:
    """Places of rows with equally many voters, at most _ROWS_AT_ONCE of them."""

    def size(row: int) -> int:
        return len(voters[row])

    for _, group in groupby(sorted(range(len(voters)), key=size), key=size):
        rows = list(group)
        yield from (rows[start : start + _ROWS_AT_ONCE] for start in range(0, len(rows), _ROWS_AT_ONCE))


def _votes(voters: Sequence[Sequence[bytes]]) -> Words:
    """Voters of rows -> shape (voters, rows, words)."""
    joined = b"".join(vote for nth in zip(*voters, strict=True) for vote in nth)
    return np.frombuffer(joined, dtype=np.uint64).reshape(len(voters[0]), len(voters), -1)


def _majority(votes: Words) -> Words:
    """Which positions more than half of an odd number of voters set; shape (rows, words)."""
    needed = (len(votes) + 1) // 2
    reached = np.full(votes.shape[1:], ~np.uint64(0))
    for place, digit in enumerate(_sums(votes)):  # the carry out of sum - needed, from the lowest digit up
        reached = reached & digit if needed >> place & 1 else reached | digit
    return reached


def _sums(votes: Words) -> list[Words]:
    """The number of votes at every position, in binary: one array a digit, the lowest first.

    Carry-save adders: three arrays of one weight become one of it and one of the next, 64 positions a word.
    """
    digits = []
    pending = list(votes)
    while pending:
        carries = []
        while len(pending) > 1:
            a, b = pending.pop(), pending.pop()
            c = pending.pop() if pending else None
            half, both = a ^ b, a & b
            pending.append(half if c is None else half ^ c)
            carries.append(both if c is None else both | (half & c))
        digits.append(pending.pop())
        pending = carries
    return digits


def _folded(winners: Words, planes: int) -> NDArray[np.uint8]:
    """XOR over the planes: (rows, planes * words) -> (rows, bytes)."""
    folded = np.bitwise_xor.reduce(winners.reshape(len(winners), planes, -1), axis=1)
    return np.ascontiguousarray(folded).view(np.uint8)
