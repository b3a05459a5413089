"""A baseline of the field: one CLK a client, made as clkhash makes it, and the Dice coefficient of any two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from evaluation.proposals import Proposal
from hashing.clk import encode_clks
from hashing.clk_keys import ClkSecret
from hashing.clkhash_schema import ClkhashSchema, parse_clkhash_schema

CUSTOMARY = 0.8
LEAST = 0.66  # below, half-full filters of strangers would propose everybody to everybody
BITS = 1024
BITS_A_FEATURE = 100
_ROWS = 1024  # compared with all others at a time
_SECRET = ClkSecret(b"made up for an evaluation")  # similarities hardly depend on it


def propose(columns: Mapping[str, Sequence[str]]) -> Proposal:
    """Encode each client, and give back all pairs from LEAST on with their Dice coefficients."""
    bits = _bits(columns)
    found = list(_alike(bits))
    left, right, dice = (np.concatenate([part[place] for part in found]) for place in range(3))
    return Proposal(left, right, dice)


def _bits(columns: Mapping[str, Sequence[str]]) -> NDArray[np.float32]:
    rows = list(zip(*columns.values(), strict=True))
    clks = list(encode_clks(rows, schema=schema(tuple(columns)), secret=_SECRET))
    packed = np.frombuffer(b"".join(clks), dtype=np.uint8).reshape(len(clks), BITS // 8)
    return np.unpackbits(packed, axis=1).astype(np.float32)


def _alike(bits: NDArray[np.float32]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]]:
    """Blocks of pairs: left places, right places behind them, coefficients."""
    ones = bits.sum(axis=1)
    for start in range(0, len(bits), _ROWS):
        mine = slice(start, start + _ROWS)
        dice = 2 * (bits[mine] @ bits[start:].T) / np.maximum(ones[mine, None] + ones[None, start:], 1)
        left, right = np.nonzero(np.triu(dice >= LEAST, k=1))
        yield left + start, right + start, dice[left, right]


def schema(columns: tuple[str, ...]) -> ClkhashSchema:
    """A linkage schema of clkhash: bigrams of each column, as many bits for each."""
    return parse_clkhash_schema(msgspec.json.encode(_document(columns)), source="the baseline's schema")


def _document(columns: tuple[str, ...]) -> dict[str, object]:
    hashing = {
        "comparison": {"type": "ngram", "n": 2},
        "strategy": {"bitsPerFeature": BITS_A_FEATURE},
        "hash": {"type": "blakeHash"},
    }
    features = [
        {"identifier": name, "format": {"type": "string", "encoding": "utf-8"}, "hashing": hashing} for name in columns
    ]
    kdf = {"type": "HKDF", "hash": "SHA256", "info": "", "salt": "", "keySize": 64}
    return {"version": 3, "clkConfig": {"l": BITS, "kdf": kdf}, "features": features}
