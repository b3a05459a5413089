"""Sets of tokens, many at once: what is worked out for a token is worked out once for all the sets that have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from hashing import accelerator
from hashing.coded import Vocabulary
from hashing.texts import Texts


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class TokenSets:
    """Sets of tokens: the distinct ones, and which of them are in each set, one set behind the other."""

    distinct: list[str]
    texts: Texts
    flat: NDArray[np.int32]
    lengths: NDArray[np.intp]

    @classmethod
    def of(cls, token_sets: Sequence[Sequence[str]]) -> TokenSets:
        """The sets as they are; an empty one has no tokens."""
        vocabulary: Vocabulary[str] = Vocabulary()
        flat = vocabulary.numbered(list(chain.from_iterable(token_sets)))
        lengths = np.fromiter(map(len, token_sets), dtype=np.intp, count=len(token_sets))
        return cls(vocabulary.values, Texts.of(vocabulary.values), flat, lengths)

    def union(self, rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The union of each set's *rows*, of which there is one for each distinct token."""
        united = np.zeros((len(self.lengths), rows.shape[1]), dtype=np.uint8)
        if accelerator.native is not None and rows.shape[1] % 8 == 0:
            lengths = self.lengths.astype(np.int64, copy=False)
            accelerator.native.unite_sets(united, rows.shape[1] // 8, np.ascontiguousarray(rows), self.flat, lengths)
            return united
        filled = np.flatnonzero(self.lengths)
        starts = (np.cumsum(self.lengths) - self.lengths)[filled]
        if len(filled):
            united[filled] = np.bitwise_or.reduceat(rows[self.flat], starts, axis=0)
        return united

    def side_by_side(self, numbers: NDArray[np.int32]) -> NDArray[np.int32]:
        """Each set's *numbers*, of which there is one for each distinct token, with zeros behind them."""
        table = np.zeros((len(self.lengths), int(self.lengths.max(initial=0))), dtype=np.int32)
        table[np.arange(table.shape[1]) < self.lengths[:, None]] = numbers[self.flat]
        return table
