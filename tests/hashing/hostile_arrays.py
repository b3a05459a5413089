"""Calls every function of hashing's machine code with arrays that fit, nearly fit, or hold places out of any table.

``python tests/hashing/hostile_arrays.py TIMES [SEED]``, meant for a module that was built with sanitizers (``make
sanitize``), which end the process where memory is touched that is not an array's. A call may only return or raise
ValueError. It also reads hostile rows, numbers their cells, and lays them side by side.
"""

from __future__ import annotations

import random
import sys
from collections import Counter

import numpy as np

from hashing import accelerator

NATIVE = accelerator.native
PIECES = (b'"', b'""', b",", b"\r", b"\n", b"\r\n", b"a", b"ab9", b"\xff", b"\x00", b"1234567890", b" ", b"x" * 70)


class Dice(random.Random):
    """Arrays at random, mostly of the size that is asked for."""

    def size(self, right: int) -> int:
        """Mostly the *right* size, else one a little or far off."""
        return right if self.random() < 0.93 else max(0, right + self.choice((-8, -4, -1, 1, 4, 8, 16, -right)))

    def raw(self, size: int) -> np.ndarray:
        """So many bytes."""
        return np.frombuffer(self.randbytes(self.size(size)), dtype=np.uint8).copy()

    def numbers(self, kind: type, count: int, below: int) -> np.ndarray:
        """Numbers mostly from 0 up to *below*."""
        odd = (-1, below, below + 1, np.iinfo(kind).max, np.iinfo(kind).min)
        drawn = [
            self.randrange(max(1, below)) if self.random() < 0.98 else self.choice(odd) for _ in range(self.size(count))
        ]
        return np.array(drawn, dtype=kind)


def text_of_rows(dice: Dice) -> bytearray:
    return bytearray(b"".join(dice.choices(PIECES, k=dice.randrange(60))))


def split(dice: Dice) -> None:
    text, columns, rows = text_of_rows(dice), dice.randrange(1, 5), dice.randrange(1, 9)
    starts, lengths = np.empty(dice.size(columns * rows), np.int64), np.empty(columns * rows, np.int32)
    longest, widths = dice.choice((3, 1_000)), np.empty(dice.size(rows), np.int32)
    is_last = dice.random() < 0.5
    found, *_ = NATIVE.split_page(text, dice.size(len(text)), 44, is_last, longest, columns, starts, lengths, widths)
    for column in range(columns):
        own = slice(column * rows, column * rows + found)
        cells(dice, text, starts[own].copy(), lengths[own].copy())


def cells(dice: Dice, text: bytearray, starts: np.ndarray, lengths: np.ndarray) -> None:
    NATIVE.is_plain(text, starts, lengths)
    NATIVE.plain_digits(text, starts, lengths, dice.choice((1, 9, 10)), np.empty(dice.size(len(starts)), np.int64))
    width = max(1, int(lengths.max(initial=0)))
    NATIVE.side_by_side(text, starts, lengths, width, dice.raw(len(starts) * width))
    room = 2 ** dice.randrange(1, 6)
    known = np.full(2 * room, -1, np.int32), np.empty(room, np.uint64), np.zeros(room + 1, np.int64)
    store = np.empty(dice.choice((0, 8, 4_096)), np.uint8)
    NATIVE.number_cells(text, starts, lengths, *known, store, 0, dice.getrandbits(64), np.empty(len(starts), np.int32))


def loose_cells(dice: Dice) -> None:
    text, count = text_of_rows(dice), dice.randrange(6)
    cells(dice, text, dice.numbers(np.int64, count, len(text) + 1), dice.numbers(np.int32, count, 9))


def keyed(dice: Dice) -> None:
    rows, width = dice.randrange(1, 6), dice.randrange(1, 40)
    digits = dice.randrange(1, 19)
    NATIVE.digit_texts(dice.numbers(np.int64, rows, 10**9), digits, dice.raw(rows * digits))
    lead = dice.randbytes(dice.randrange(20))
    blocks = -(-(width + len(lead)) // 16)
    lengths = dice.numbers(np.int64, rows, width + 1)
    NATIVE.padded_blocks(
        lead, dice.raw(rows * width), width, lengths, dice.raw(16), dice.raw(16), blocks, dice.raw(rows * blocks * 16)
    )


def tokens(dice: Dice) -> None:
    rows, values, most = dice.randrange(1, 5), dice.randrange(1, 4), dice.randrange(1, 4)
    parts = tuple(
        (dice.raw(values * most * 16), dice.numbers(np.int8, values, most + 1), dice.numbers(np.int32, rows, values))
        for _ in range(3)
    )
    program = bytes([2, 0, 1, 2, 255, 2, 1, 2]) if dice.random() < 0.9 else dice.randbytes(8)
    counts, limit = np.empty(rows, np.int32), dice.randrange(1, 30)
    made = NATIVE.key_blocks(parts, program, 0, 1, dice.raw(48), limit, dice.raw(rows * limit * 16), counts)
    filled = dice.choice((0, 4, limit))
    NATIVE.finished_tokens(
        dice.raw(made * 16), counts, dice.raw(rows * filled * 8), filled, dice.raw(8 * max(made, rows * filled))
    )


def codes(dice: Dice) -> None:
    rows, words, held = dice.randrange(1, 20), dice.choice((1, 3, 16, 17, 32)), dice.randrange(1, 5)
    tables = tuple((dice.raw(held * words * 8), dice.numbers(np.int32, rows, held)) for _ in range(dice.randrange(4)))
    NATIVE.unite(dice.raw(rows * words * 8), words, tables)
    lengths = dice.numbers(np.int64, rows, 3)
    flat = dice.numbers(np.int32, int(np.clip(lengths, 0, 9).sum()), held)
    NATIVE.unite_sets(dice.raw(rows * words * 8), words, dice.raw(held * words * 8), flat, lengths)
    hashes, width = dice.randrange(1, 12), dice.choice((8, 128, 1_024))
    NATIVE.set_bits(dice.raw(rows * width), width, dice.numbers(np.int64, 3, rows), dice.raw(3 * hashes * 2), hashes)


def elections(dice: Dice) -> None:
    rows, most, planes, held = dice.randrange(1, 4), dice.randrange(1, 90), dice.randrange(1, 4), dice.randrange(1, 30)
    votes, voters = dice.raw(held * planes * 128), dice.numbers(np.int32, rows * most, held)
    NATIVE.elect(votes, voters, most, planes, 16, dice.raw(rows * 128))


def lines(dice: Dice) -> None:
    rows, width, total = dice.randrange(1, 5), dice.choice((1, 2, 3, 8, 128)), dice.randrange(12)
    values = tuple((dice.raw(rows * width), dice.raw(rows), b'"n":') for _ in range(dice.randrange(3)))
    drawn, tails = dice.raw(rows * 10), dice.raw(rows * 4)
    NATIVE.pseudonym_texts(drawn, dice.raw(rows * 16))
    NATIVE.pseudonym_ranks(drawn, dice.raw(rows * 8))
    counts, ends = dice.numbers(np.int32, rows, 4), np.sort(dice.numbers(np.int64, rows, len(tails) + 1))
    given = drawn, values, dice.raw(total * 8), counts, tails, ends
    NATIVE.row_texts(*given, dice.raw(NATIVE.row_texts(*given, None)))


def main(times: int, seed: int) -> None:
    """Call each function so many times."""
    print(f"{NATIVE.__file__}, seed {seed}")  # noqa: T201
    dice, told = Dice(seed), Counter[str]()
    for _ in range(times):
        for attempt in (split, loose_cells, keyed, tokens, codes, elections, lines):
            try:
                attempt(dice)
                told[f"{attempt.__name__} returned"] += 1
            except ValueError:
                told[f"{attempt.__name__} refused"] += 1
    for name, count in sorted(told.items()):
        print(f"{name:<24}{count:>9,}")  # noqa: T201


if __name__ == "__main__":
    if NATIVE is None:
        raise SystemExit("there is no machine code here")
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
