"""SAUL codes: similar token sets give similar codes, all others give codes that agree like coin flips.

Armknecht and Schaefer, PoPETs 2026(2) 6-19, doi 10.56553/popets-2026-0033. Every token casts ``planes * bits``
keyed pseudo-random votes. For each plane and position the majority of the record's tokens decides (a bit of a
SimHash); a bit of the code is the XOR over the planes. Where the token sets of two records stand at the angle
theta (cosine ``|A & B| / sqrt(|A| |B|)``), their codes agree in a position with probability
``(1 + (1 - 2 theta / pi) ** planes) / 2``: near pairs stay visible and the rest sinks to one half, so there is no
graph of similarities to lay beside a voter roll. About half of the bits are set, however long the record.

Votes: the pseudo-random bytes of the token (:mod:`hashing.prf`), plane by plane, the first bit of a byte the most
significant. A set of even size could tie; it gets one more voter, whose votes come from the key alone and are the
same for every record. That decides ties and nothing else. It depends on no other record and not on chance, so the same
client always gives the same code; and what it adds to the agreement of strangers is the product of two shares of
ties (one position in ten each) raised to the power of the planes: less than one part in a thousand.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from hashing import accelerator
from hashing.prf import BLOCK, KeyedFunction
from hashing.texts import Texts
from hashing.token_sets import TokenSets

ENCODER = "saul/2"
_TOKEN, _TIE_BREAKER = b"\x00", b"\x01"  # first byte of the keyed text: no token can pose as the tie-breaker
_WORDS_TOGETHER = 1_024  # bits that machine code counts side by side
_MANY = 65_535  # voters; a record has some dozens
_ROWS_AT_ONCE = 48  # keeps the votes that are counted together inside the processor's cache
_own = threading.local()

Words = NDArray[np.uint64]
Tokens = NDArray[np.int32]  # shape (rows, most tokens of a row): numbers of tokens from 1 on, 0 where there is none


def encode(token_sets: Sequence[Sequence[str]], *, key: bytes, bits: int, planes: int) -> NDArray[np.uint8]:
    """Token sets -> codes: an array of shape (rows, bits/8). A token counts once, however often it is named.

    *bits* is a multiple of 64. An empty set gives a code that is the same for all of them; whether that means
    "missing" is the caller's to say.
    """
    sets = TokenSets.of(token_sets)
    numbers = sets.side_by_side(np.arange(1, len(sets.distinct) + 1, dtype=np.int32))
    return Ballot(key, bits=bits, planes=planes).codes(numbers, Texts.of(["", *sets.distinct]))


class Ballot:
    """Counts the votes of records' tokens under one key."""

    def __init__(self, key: bytes, *, bits: int, planes: int) -> None:
        """*bits* is a multiple of 64."""
        self._keyed = KeyedFunction(key)
        self._bits = bits
        self._planes = planes

    def codes(self, tokens: Tokens, texts: Texts, passing: Sequence[tuple[Texts, str]] = ()) -> NDArray[np.uint8]:
        """The codes of records, shape (records, bits/8); *texts* are the tokens of the numbers, the first is of none.

        *passing* are the tokens of the numbers that follow: texts, and what stands before each.
        """
        if accelerator.native is not None and self._bits % _WORDS_TOGETHER == 0 and 0 < tokens.shape[1] < _MANY:
            return self._elected(*self._votes(tokens, texts, passing))
        voters, votes = self._votes(np.pad(_distinct(tokens), ((0, 0), (0, 1))), texts, passing)
        codes = np.empty((len(tokens), self._bits // 8), dtype=np.uint8)
        for rows, size in _same_size(voters):
            winners = _majority(np.take(votes, voters[rows, :size].T, axis=0))
            codes[rows] = _folded(winners, self._planes)
        return codes

    def _elected(self, voters: Tokens, votes: Words) -> NDArray[np.uint8]:
        codes = np.empty((len(voters), self._bits // 8), dtype=np.uint8)
        accelerator.native.elect(votes, voters, voters.shape[1], self._planes, self._bits // 64, codes)  # type: ignore[union-attr]
        return codes

    def _votes(self, tokens: Tokens, texts: Texts, passing: Sequence[tuple[Texts, str]]) -> tuple[Tokens, Words]:
        """The tokens numbered as rows of the votes that are returned beside them; row 0 is the tie-breaker's."""
        named = np.zeros(len(texts) + sum(len(some) for some, _ in passing), dtype=np.bool_)
        named[tokens] = True
        named[0] = True
        named[len(texts) :] = True
        place = np.cumsum(named, dtype=np.int32) - 1
        kept = texts.take(np.flatnonzero(named[: len(texts)])[1:])
        drawn = [(Texts.of_bytes([_TIE_BREAKER]), b""), (kept, _TOKEN)]
        return place[tokens], self._drawn(drawn + [(some, _TOKEN + lead.encode()) for some, lead in passing])

    def _drawn(self, drawn: Sequence[tuple[Texts, bytes]]) -> Words:
        """The votes of texts behind leads; they are good until this thread draws the next."""
        size, rows = self._planes * self._bits // 8, sum(len(some) for some, _ in drawn)
        if size % BLOCK:
            votes = [self._keyed.bytes_of(some, size, lead) for some, lead in drawn]
            return np.concatenate(votes).view(np.uint64)
        room, start = _room(rows * size + BLOCK), 0
        for some, lead in drawn:
            self._keyed.stretch_into(room[start:], self._keyed.tags(some, lead), size // BLOCK)
            start += len(some) * size
        return room[:start].view(np.uint64).reshape(rows, size // 8)


def _room(size: int) -> NDArray[np.uint8]:
    """Memory of this thread: getting it from the system again and again takes as long as drawing votes."""
    room: NDArray[np.uint8] | None = getattr(_own, "room", None)
    if room is None or len(room) < size:
        room = _own.room = np.empty(size * 5 // 4, dtype=np.uint8)
    return room


def _distinct(tokens: Tokens) -> Tokens:
    """Each row's tokens once, before the zeros."""
    ordered = -np.sort(-tokens, axis=1)
    again = ordered[:, 1:] == ordered[:, :-1]
    if (again & (ordered[:, 1:] > 0)).any():
        ordered[:, 1:][again] = 0
        ordered = -np.sort(-ordered, axis=1)
    return ordered


def _same_size(voters: Tokens) -> Iterator[tuple[NDArray[np.intp], int]]:
    """Rows with equally many voters, a few at a time, and how many: odd, since an even number could tie.

    The zero behind an even number of tokens is the tie-breaker's place.
    """
    sizes = np.count_nonzero(voters, axis=1)
    sizes += sizes % 2 == 0
    for size in np.unique(sizes):
        rows = np.flatnonzero(sizes == size)
        yield from ((rows[start : start + _ROWS_AT_ONCE], int(size)) for start in range(0, len(rows), _ROWS_AT_ONCE))


def _majority(votes: Words) -> Words:
    """Which positions more than half of an odd number of voters set; shape (rows, words)."""
    needed = (len(votes) + 1) // 2
    reached = np.full(votes.shape[1:], ~np.uint64(0))
    for place, digit in enumerate(_sums(votes)):  # the carry out of sum - needed, from the lowest digit up
        reached = reached & digit if needed >> place & 1 else reached | digit
    return reached


def _sums(votes: Words) -> list[Words]:
    """The number of votes at every position, in binary: one array a digit, the lowest first.

    Carry-save adders: three arrays of one weight become one of it and one of the next, 64 positions a word and as many
    threes at once as there are. *votes* is used up.
    """
    digits = []
    pending = votes
    while len(pending):
        carries = []
        while len(pending) > 1:
            pending, carry = _added(pending)
            carries.append(carry)
        digits.append(pending[0])
        pending = np.concatenate(carries) if carries else pending[:0]
    return digits


def _added(pending: Words) -> tuple[Words, Words]:
    """Threes of arrays added up, or the last two: what is left of their weight, and the carries of the next."""
    threes = len(pending) // 3
    if not threes:
        return pending[:1] ^ pending[1:], pending[:1] & pending[1:]
    a, b, c = (pending[nth * threes : (nth + 1) * threes] for nth in range(3))
    half = a ^ b
    carry = a & b
    carry |= half & c
    rest = len(pending) - 3 * threes
    np.bitwise_xor(half, c, out=a)
    pending[threes : threes + rest] = pending[3 * threes :].copy()
    return pending[: threes + rest], carry


def _folded(winners: Words, planes: int) -> NDArray[np.uint8]:
    """XOR over the planes: (rows, planes * words) -> (rows, bytes)."""
    folded = np.bitwise_xor.reduce(winners.reshape(len(winners), planes, -1), axis=1)
    return np.ascontiguousarray(folded).view(np.uint8)
