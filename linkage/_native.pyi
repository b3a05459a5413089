"""Loops over arrays in C (linkage/native); there may be none on a computer, see :mod:`linkage.accelerator`.

Arrays are contiguous, little-endian, and flat: what they hold is told beside each. All raise ValueError where the sizes
do not fit together.
"""

from typing_extensions import Buffer

def pair_patterns(
    matrix: Buffer,
    bits: Buffer,
    ones: Buffer,
    agencies: Buffer,
    homes: Buffer,
    left: Buffer,
    right: Buffer,
    rarity: Buffer,
    tokens: Buffer,
    fewest: Buffer,
    kinds: Buffer,
    codes: Buffer,
    cut_ends: Buffer,
    cuts: Buffer,
    patterns: Buffer,
    /,
) -> None: ...
def count_ones(matrix: Buffer, bits: Buffer, ones: Buffer, /) -> None: ...
def read_lines(start: int, longest: int, arrays: tuple[Buffer, ...], /) -> tuple[int, int, int, int]: ...
