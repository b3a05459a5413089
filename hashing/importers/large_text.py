"""Delimited text that is too large to be held: read from the disk each time, row by row."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import overload

from hashing.importers.delimited import (
    BOMS,
    UNDEFINED_IN_CP1252,
    clean_cell,
    damaged,
    delimited_rows,
    delimiter_of,
    not_text,
)

LARGE = 4 * 1024**2  # bytes; smaller files are read at once
_BLOCK = 1024**2
_HEAD = 1_024  # rows kept, for whoever looks for the header and at the first values
Row = list[str]


class LargeText(Sequence[Row]):
    """The rows of a large file of delimited text. It must not change while it is being read."""

    __slots__ = ("_delimiter", "_encoding", "_head", "_length", "_path")

    def __init__(self, path: Path) -> None:
        """Look at the file's bytes to learn how it is written.

        Raises:
            InputFileError: the bytes are not text.
        """
        self._path = path
        self._encoding = _encoding_of(path)
        with path.open(encoding=self._encoding, newline="") as stream:
            self._delimiter = delimiter_of(stream.read(64_000))
        self._length = -1
        self._head = list(islice(self, _HEAD))

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def encoding(self) -> str:
        """How its text is encoded: all of its bytes were looked at."""
        return self._encoding

    @property
    def delimiter(self) -> str:
        """What parts its cells."""
        return self._delimiter

    def uncleaned(self) -> Iterator[Row]:
        """All rows, as the file has them.

        Raises:
            InputFileError: a quote is never closed.
        """
        with self._path.open(encoding=self._encoding, newline="") as stream:
            yield from delimited_rows(stream, self._delimiter, name=self._path.name)

    def clean(self, cell: str) -> str:
        """A cell as a person would read it."""
        return clean_cell(cell)

    def __iter__(self) -> Iterator[Row]:
        """All rows, cleaned."""
        return ([clean_cell(cell) for cell in row] for row in self.uncleaned())

    @overload
    def __getitem__(self, place: int) -> Row: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...

    def __getitem__(self, place: int | slice) -> Row | Sequence[Row]:
        """One row, or several; quick near the beginning."""
        if isinstance(place, slice):
            is_near = (place.start or 0) >= 0 and 0 <= (place.stop or -1) <= _HEAD
            start, stop, step = place.indices(_HEAD if is_near else len(self))
            return list(islice(self._near(stop), start, stop, step))
        at = place if place >= 0 else len(self) + place
        for row in islice(self._near(at + 1), at, at + 1):
            return row
        raise IndexError("there is no such row")

    def _near(self, stop: int) -> Iterator[Row]:
        return iter(self._head) if stop <= len(self._head) else iter(self)

    def __len__(self) -> int:
        if self._length < 0:
            self._length = sum(1 for _ in self.uncleaned())
        return self._length

    def __bool__(self) -> bool:
        return bool(self._head)

    def __repr__(self) -> str:
        return f"<rows of {self._path.name}>"


def _encoding_of(path: Path) -> str:
    with path.open("rb") as stream:
        start = stream.read(4_096)
    for bom, encoding in BOMS:
        if start.startswith(bom):
            if not _is_in(path, encoding):
                raise damaged(path.name)
            return encoding
    if b"\x00" in start:
        raise not_text(path.name)
    if _is_in(path, "utf-8"):
        return "utf-8"
    return "latin-1" if any(UNDEFINED_IN_CP1252.search(block) for block in _blocks(path)) else "cp1252"


def _is_in(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for block in _blocks(path):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            yield block
