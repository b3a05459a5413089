"""Columns that Spark hands to Python and takes back: Arrow on its side, NumPy on ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

AT_ONCE = 1 << 16  # rows of a batch that goes back


def numbers(column: pa.Array | pa.ChunkedArray) -> NDArray[Any]:
    """A column of numbers without nulls."""
    found: NDArray[Any] = column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column.to_numpy()
    return found


def words(column: pa.Array | pa.ChunkedArray) -> NDArray[np.uint64]:
    """The 64-bit words of a column of bytes without nulls, all behind one another."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return np.concatenate([np.empty(0, dtype=np.uint64), *map(_words, chunks)])


def _words(column: pa.Array) -> NDArray[np.uint64]:
    _, ends, content = column.buffers()
    if not len(column) or content is None:
        return np.empty(0, dtype=np.uint64)
    width = np.int64 if pa.types.is_large_binary(column.type) else np.int32
    places = np.frombuffer(ends, dtype=width)
    first, last = places[column.offset], places[column.offset + len(column)]
    return np.frombuffer(content[first:last], dtype=np.uint64)


def as_bytes(content: NDArray[np.uint64], counts: NDArray[np.integer[Any]]) -> pa.Array:
    """Words -> a column of bytes, of so many words each."""
    ends = (8 * np.cumsum([0, *counts.tolist()])).astype(np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(content))]
    return pa.Array.from_buffers(pa.binary(), len(counts), buffers)


def gathered(batches: Iterable[pa.RecordBatch], names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """All rows of a partition: its columns of numbers."""
    found = [[numbers(batch.column(name)) for name in names] for batch in batches]
    return {
        name: np.concatenate(columns) if columns else np.empty(0, dtype=np.int64)
        for name, columns in zip(names, zip(*found, strict=True) if found else ((),) * len(names), strict=True)
    }


def batches_of(columns: dict[str, NDArray[Any]]) -> Iterator[pa.RecordBatch]:
    """Columns -> batches."""
    table = pa.table({name: pa.array(column) for name, column in columns.items()})
    yield from table.to_batches(max_chunksize=AT_ONCE)
