"""CLKs bit for bit as clkhash 0.18.3 makes them: one Bloom filter over all features of a record.

For exchange with others' old data only. Headcount's own linkage never uses these codes: their similarities show who
is who to anyone with an overlapping list of names (docs/adr/0011-clkhash-interoperation.md).
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_

from msgspec import UNSET

from hashing.clk_keys import ClkSecret, KeyPair
from hashing.clk_tokens import tokens_of
from hashing.clkhash_schema import ClkConfig, ClkhashSchema, DoubleHash, Recipe, Strategy
from hashing.errors import InputFileError

FIRST_ROW = 2  # rows are counted as a spreadsheet shows them: the header is row 1
_WORDS = struct.Struct("<32H")  # clkhash reads words in the machine's order; all it ran on are little-endian
_REMEMBERED = 1 << 16  # values and tokens of a feature: names repeat, so most are drawn once

Filter = int  # a Bloom filter as a number whose most significant bit is the first position


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of the file: its name, and what its values put into the filter."""

    identifier: str
    filter_of: Callable[[str], Filter]


def encode_clks(
    rows: Iterable[Sequence[str]], *, schema: ClkhashSchema, secret: ClkSecret, source: str = "the list"
) -> Iterator[bytes]:
    """One CLK of l bits for each row (cells in the schema's order), the first bit the most significant.

    A length that is no multiple of eight is filled up with zeros at the end. *source* names the file in refusals.

    Raises:
        InputFileError: a row has too few or too many cells, or a value is not of its feature's format. The row
            number counts the header as row 1.
    """
    pairs = secret.key_pairs(schema)
    columns = [
        _Column(feature.identifier, _filter_maker(feature.recipe, keys, schema.config.filter_bits))
        for feature, keys in zip(schema.features, pairs, strict=True)
    ]
    for number, row in enumerate(rows, FIRST_ROW):
        where = f"{source}: row {number}"
        if len(row) != len(columns):
            raise InputFileError(
                f"{where} has {len(row)} cells, the schema {len(columns)} features",
                hint="Every row needs one cell for each feature, ignored ones too; blank lines must go.",
            )
        yield _to_bytes(_fold(_record(row, columns, where), schema.config), schema.config.length)


def _record(row: Sequence[str], columns: Sequence[_Column], where: str) -> Filter:
    bits = 0
    for value, column in zip(row, columns, strict=True):
        try:
            bits |= column.filter_of(value)
        except InputFileError as error:
            raise InputFileError(f"{where}, column '{column.identifier}': {error.what}", hint=error.hint) from error
    return bits


def _fold(bits: Filter, config: ClkConfig) -> Filter:
    """XOR of the two halves, *folds* times."""
    length = config.filter_bits
    for _ in range(config.folds):
        length //= 2
        bits = (bits >> length) ^ (bits & ((1 << length) - 1))
    return bits


def _to_bytes(bits: Filter, length: int) -> bytes:
    return (bits << (-length % 8)).to_bytes((length + 7) // 8, "big")


def _filter_maker(recipe: Recipe | None, keys: KeyPair, length: int) -> Callable[[str], Filter]:
    if recipe is None:
        return lambda _value: 0
    draw, strategy = _drawing(recipe, keys, length), recipe.hashing.strategy

    @lru_cache(_REMEMBERED)
    def token_filter(token: str, count: int) -> Filter:
        return reduce(or_, (1 << (length - 1 - place) for place in draw(token.encode(recipe.encoding), count)), 0)

    @lru_cache(_REMEMBERED)
    def filter_of(value: str) -> Filter:
        tokens = tokens_of(value, recipe)
        return reduce(or_, map(token_filter, tokens, insertions(strategy, len(tokens))), 0)

    return filter_of


def insertions(strategy: Strategy, tokens: int) -> list[int]:
    """How many positions each token draws; a feature's bits are spread with the first tokens favoured."""
    if strategy.bits_per_feature is UNSET:
        return [strategy.bits_per_token or 0] * tokens
    if not tokens:
        return []
    base, rest = divmod(strategy.bits_per_feature, tokens)
    return [base + 1] * rest + [base] * (tokens - rest)


def _drawing(recipe: Recipe, keys: KeyPair, length: int) -> Callable[[bytes, int], list[int]]:
    method = recipe.hashing.method
    if isinstance(method, DoubleHash):
        singular = not method.prevent_singularity
        return lambda token, count: double_positions(token, keys, length, count, singular=singular)
    return lambda token, count: blake_positions(token, keys.first, length, count)


def blake_positions(token: bytes, key: bytes, length: int, count: int) -> list[int]:
    """The first *count* little-endian words of BLAKE2b digests (RFC 7693), modulo *length*; the salt numbers them."""
    words: list[int] = []
    for number in range((count + 31) // 32):
        words += _WORDS.unpack(hashlib.blake2b(token, key=key, salt=str(number).encode()).digest())
    return [word % length for word in words[:count]]


def double_positions(token: bytes, keys: KeyPair, length: int, count: int, *, singular: bool) -> list[int]:
    """Double hashing after Schnell, Bachteler and Reiher 2011: a + i*b modulo *length*.

    Where b is 0, all positions are one; unless *singular*, another b is drawn then.
    """
    start, step = _number(keys.first, token, "sha1") % length, _number(keys.second, token, "md5") % length
    tries = 0
    while step == 0 and not singular:
        step = _number(keys.second, token + chr(tries).encode(), "md5") % length
        tries += 1
    return [(start + place * step) % length for place in range(count)]


def _number(key: bytes, token: bytes, digest: str) -> int:
    return int.from_bytes(hmac.digest(key, token, digest), "big")
