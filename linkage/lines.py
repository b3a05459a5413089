"""The text of an encoded file -> columns, by machine code where there is some (:mod:`linkage.accelerator`).

Machine code reads a line that is, letter for letter, as ``headcount hash`` writes it. Others, and whatever is wrong
with a line, are left to :mod:`linkage.encoded_columns`, which is the rule: both give the same columns.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hashing.schema import MAX_LINE_BYTES, MOST_TOKENS, AgeBand, Header
from linkage import accelerator
from linkage.encoded_columns import (
    CHUNK,
    DAMAGE,
    Chunk,
    ChunkReader,
    Service,
    next_lines,
    read_chunks,
    tail_type,
    words_of,
)

_PSEUDONYM = 16  # letters


@cache
def _bands() -> pa.Array:
    """The age bands by number; 0 is none."""
    return pa.array([None, *(band.value for band in AgeBand)], pa.string())


def read_text(content: bytes, header: Header, *, source: str, first_line: int = 2) -> Iterator[Chunk]:
    """The rows in whole lines of an encoded file; *first_line* is the number of the first.

    Raises:
        EncodedFileError: a line is damaged, too long or cut short.
    """
    if (
        accelerator.native is None
        or len(header.codes) > accelerator.MOST
        or any(bits % 8 for bits in header.codes.values())
    ):
        return read_chunks(io.BytesIO(content), header, source=source, first_line=first_line)
    return _TextReader(content, header, source).chunks(first_line)


@dataclass(frozen=True, slots=True)
class _Page:
    """Where machine code writes what some lines hold."""

    pseudonyms: NDArray[np.uint8]
    homes: NDArray[np.uint8]  # of those who have one
    has_home: NDArray[np.uint8]
    token_counts: NDArray[np.uint8]
    tokens: NDArray[np.uint64]
    tails: NDArray[np.int64]
    codes: NDArray[np.uint64]
    ages: NDArray[np.uint8]  # 0, or which band from 1 on

    @classmethod
    def of(cls, rows: int, words: int) -> _Page:
        """Room for so many rows."""
        return cls(
            pseudonyms=np.empty((rows, _PSEUDONYM), dtype=np.uint8),
            homes=np.empty((rows, _PSEUDONYM), dtype=np.uint8),
            has_home=np.empty(rows, dtype=np.uint8),
            token_counts=np.empty(rows, dtype=np.uint8),
            tokens=np.empty((rows, MOST_TOKENS), dtype=np.uint64),
            tails=np.empty((rows, 2), dtype=np.int64),
            codes=np.empty((rows, words), dtype=np.uint64),
            ages=np.empty(rows, dtype=np.uint8),
        )

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """In the order in which machine code takes them."""
        texts = self.pseudonyms, self.homes, self.has_home
        return *texts, self.token_counts, self.tokens, self.tails, self.codes, self.ages


class _TextReader:
    """Reads text of one file."""

    def __init__(self, content: bytes, header: Header, source: str) -> None:
        self._content = content
        self._slow = ChunkReader(header, source=source)
        self._tail = msgspec.json.Decoder(tail_type()).decode
        self._words = sum(map(words_of, header.codes.values()))
        names = [msgspec.json.encode(name) + b":" for name in header.codes]
        leads = [name if number == 0 else b"," + name for number, name in enumerate(names)]
        widths = [bits // 8 for bits in header.codes.values()]
        self._shape = (
            np.frombuffer(b"".join(leads), dtype=np.uint8),
            np.array(list(map(len, leads)), dtype=np.int32),
            np.array(widths, dtype=np.int32),
        )

    def chunks(self, first_line: int) -> Iterator[Chunk]:
        """All rows, some thousand at a time."""
        place = 0
        while place < len(self._content):
            chunk, end = self._quick(place) or self._left_to_python(place, first_line)
            yield chunk
            place, first_line = end, first_line + len(chunk.rows)

    def _quick(self, place: int) -> tuple[Chunk, int] | None:
        """Rows from a place on, and where the next ones begin; none if the first is written otherwise."""
        page = _Page.of(CHUNK, self._words)
        arrays = (self._content, *self._shape, *page.arrays)
        rows, used, tokens, homes = accelerator.native.read_lines(place, MAX_LINE_BYTES, arrays)  # type: ignore[union-attr]
        if not rows:
            return None
        try:
            services = self._services(place, page.tails[:rows])
        except DAMAGE:
            return None
        found = Chunk(
            rows=_texts(page.pseudonyms[:rows], np.ones(rows, dtype=np.uint8)),
            codes=page.codes[:rows],
            tokens=page.tokens.ravel()[:tokens].copy(),
            token_counts=page.token_counts[:rows],
            households=_texts(page.homes[:homes], page.has_home[:rows]),
            ages=_bands().take(pa.array(page.ages[:rows])),
            services=services,
        )
        return found, place + used

    def _services(self, place: int, tails: NDArray[np.int64]) -> list[Service]:
        return [
            (row, service.area.value, service.month, service.units, service.type.value, service.unit.value)
            for row in np.flatnonzero(tails[:, 1]).tolist()
            for service in self._tail(b"{" + self._content[place + tails[row, 0] : place + tails[row, 1]]).services
        ]

    def _left_to_python(self, place: int, first_line: int) -> tuple[Chunk, int]:
        stream = io.BytesIO(self._content)
        stream.seek(place)
        return self._slow.read(next_lines(stream), first_line), stream.tell()


def _texts(letters: NDArray[np.uint8], is_there: NDArray[np.uint8]) -> pa.Array:
    """Texts of sixteen letters, one behind another, for those that have one."""
    ends = np.zeros(len(is_there) + 1, dtype=np.int32)
    np.cumsum(is_there, out=ends[1:], dtype=np.int32)
    valid = pa.py_buffer(np.packbits(is_there, bitorder="little"))
    return pa.StringArray.from_buffers(len(is_there), pa.py_buffer(ends * _PSEUDONYM), pa.py_buffer(letters), valid)
