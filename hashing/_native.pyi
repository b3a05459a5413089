"""Loops over arrays in C (hashing/native); there may be none on a computer, see :mod:`hashing.accelerator`.

Arrays are contiguous, little-endian, and flat: what they hold is told beside each. All raise ValueError where the sizes
do not fit together.
"""

from typing_extensions import Buffer

def split_page(
    text: Buffer,
    size: int,
    delimiter: int,
    is_last: bool,
    longest: int,
    columns: int,
    starts: Buffer,
    lengths: Buffer,
    widths: Buffer,
    /,
) -> tuple[int, int, int]: ...
def number_cells(
    text: Buffer,
    starts: Buffer,
    lengths: Buffer,
    slots: Buffer,
    hashes: Buffer,
    ends: Buffer,
    store: Buffer,
    count: int,
    seed: int,
    places: Buffer,
    /,
) -> tuple[int, int]: ...
def is_plain(text: Buffer, starts: Buffer, lengths: Buffer, /) -> bool: ...
def plain_digits(text: Buffer, starts: Buffer, lengths: Buffer, width: int, numbers: Buffer, /) -> bool: ...
def side_by_side(text: Buffer, starts: Buffer, lengths: Buffer, width: int, letters: Buffer, /) -> None: ...
def digit_texts(numbers: Buffer, width: int, letters: Buffer, /) -> None: ...
def padded_blocks(
    lead: Buffer,
    letters: Buffer,
    width: int,
    lengths: Buffer,
    whole: Buffer,
    shorter: Buffer,
    blocks: int,
    out: Buffer,
    /,
) -> None: ...
def key_blocks(
    parts: tuple[tuple[Buffer, Buffer, Buffer | None], ...],
    program: Buffer,
    root: int,
    last: int,
    kinds: Buffer,
    most: int,
    out: Buffer,
    counts: Buffer,
    /,
) -> int: ...
def finished_tokens(blocks: Buffer, counts: Buffer, filling: Buffer, filled: int, out: Buffer, /) -> int: ...
def unite(out: Buffer, words: int, tables: tuple[tuple[Buffer, Buffer], ...], /) -> None: ...
def unite_sets(out: Buffer, words: int, table: Buffer, flat: Buffer, lengths: Buffer, /) -> None: ...
def set_bits(filters: Buffer, width: int, rows: Buffer, words: Buffer, hashes: int, /) -> None: ...
def elect(votes: Buffer, voters: Buffer, most: int, planes: int, words: int, codes: Buffer, /) -> None: ...
def pseudonym_texts(drawn: Buffer, letters: Buffer, /) -> None: ...
def pseudonym_ranks(drawn: Buffer, ranks: Buffer, /) -> None: ...
def row_texts(
    pseudonyms: Buffer,
    codes: tuple[tuple[Buffer, Buffer, Buffer], ...],
    tokens: Buffer,
    counts: Buffer,
    tails: Buffer,
    tail_ends: Buffer,
    out: Buffer | None,
    /,
) -> int: ...
