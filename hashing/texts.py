"""Many short texts side by side in one array, so that they can be put together and keyed without touching each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashing import accelerator


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Texts:
    """UTF-8 texts in rows, filled up with zeros. No repr: they may be names."""

    letters: NDArray[np.uint8]  # shape (texts, longest)
    lengths: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.lengths)

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """The texts as they are."""
        return cls.of_bytes([text.encode() for text in texts])

    @classmethod
    def of_bytes(cls, texts: Sequence[bytes]) -> Texts:
        """Texts that are bytes already."""
        lengths = np.fromiter(map(len, texts), dtype=np.intp, count=len(texts))
        width = max(1, int(lengths.max(initial=0)))
        letters = np.array(texts, dtype=f"S{width}").view(np.uint8).reshape(len(texts), width)
        return cls(letters, lengths)

    @classmethod
    def of_digits(cls, numbers: NDArray[np.int64], width: int) -> Texts:
        """Numbers as *width* digits each."""
        lengths = np.full(len(numbers), width, dtype=np.intp)
        if accelerator.native is not None:
            letters = np.empty((len(numbers), width), dtype=np.uint8)
            accelerator.native.digit_texts(np.ascontiguousarray(numbers), width, letters)
            return cls(letters, lengths)
        powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
        digits = numbers[:, None] // powers % 10 + ord("0")
        return cls(digits.astype(np.uint8), lengths)

    def take(self, rows: NDArray[np.integer[Any]] | slice) -> Texts:
        """The texts of these rows."""
        return Texts(self.letters[rows], self.lengths[rows])

    def behind(self, lead: str | bytes) -> Texts:
        """Each text with *lead* before it."""
        first = np.frombuffer(lead.encode() if isinstance(lead, str) else lead, dtype=np.uint8)
        leads = np.broadcast_to(first, (len(self), len(first)))
        return Texts(np.concatenate([leads, self.letters], axis=1), self.lengths + len(first))

    def followed_by(self, others: Texts) -> Texts:
        """Each text with the other of its row behind it."""
        width, more = self.letters.shape[1], others.letters.shape[1]
        joined = np.zeros((len(self), width + more), dtype=np.uint8)
        joined[:, :width] = self.letters
        for length in np.unique(self.lengths).tolist():
            rows = np.flatnonzero(self.lengths == length)
            joined[rows, length : length + more] = others.letters[rows]
        return Texts(joined, self.lengths + others.lengths)

    def above(self, others: Texts) -> Texts:
        """These texts and *others* below them."""
        width = max(self.letters.shape[1], others.letters.shape[1])
        widened = [np.pad(some.letters, ((0, 0), (0, width - some.letters.shape[1]))) for some in (self, others)]
        return Texts(np.concatenate(widened), np.concatenate([self.lengths, others.lengths]))

    def strings(self) -> list[str]:
        """The texts one by one."""
        return [
            row[:length].tobytes().decode() for row, length in zip(self.letters, self.lengths.tolist(), strict=True)
        ]
