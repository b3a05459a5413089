"""The cells of a large text file where they lie: found by machine code, and made into strings only where need be."""

from __future__ import annotations

import codecs
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from hashing import accelerator
from hashing.coded import Places, Vocabulary
from hashing.importers.delimited import MAX_CELL
from hashing.importers.large_text import LargeText

_BYTES_AT_ONCE = 2 * 1024**2
_ROOM = 2**10  # values that a numbering holds, at first
_LETTERS = 2**14  # of them
_PLAIN_ENCODINGS = frozenset({"utf-8", "utf-8-sig"})


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Page:
    """Some rows of a text: where each cell begins and how long it is. No repr: the text holds names."""

    text: bytearray
    starts: NDArray[np.int64]  # shape (columns, rows)
    lengths: NDArray[np.int32]
    widths: NDArray[np.int32]  # of each row, in cells

    def columns(self) -> list[CellColumn]:
        """The columns, filled up with empty cells."""
        return [CellColumn(self.text, *where) for where in zip(self.starts, self.lengths, strict=True)]


class CellColumn(Sequence[str]):
    """One column of a page."""

    def __init__(self, text: bytearray, starts: NDArray[np.int64], lengths: NDArray[np.int32]) -> None:
        """The cells lie in a *text* of UTF-8."""
        self.where = (text, starts, lengths)

    def __len__(self) -> int:
        return len(self.where[1])

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...

    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        """One cell, or several."""
        if isinstance(place, slice):
            return self.strings[place]
        text, starts, lengths = self.where
        start = int(starts[place])
        return text[start : start + int(lengths[place])].decode()

    def __contains__(self, text: object) -> bool:
        """Whether a cell is the same text."""
        as_long = np.flatnonzero(self.where[2] == len(text.encode())) if isinstance(text, str) else ()
        return any(self[int(place)] == text for place in as_long)

    def __iter__(self) -> Iterator[str]:
        """Each cell."""
        return iter(self.strings)

    @cached_property
    def strings(self) -> list[str]:
        """All cells."""
        text, starts, lengths = self.where
        ends = starts + lengths
        return [text[start:end].decode() for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]

    @cached_property
    def is_plain(self) -> bool:
        """Whether each filled cell is ASCII letters and digits, and not letters alone; and one is filled."""
        return bool(_native().is_plain(*self.where))

    @property
    def is_filled(self) -> bool:
        """Whether no cell is empty."""
        return bool((self.where[2] > 0).all())

    def digits(self, width: int) -> NDArray[np.int64] | None:
        """Cells as numbers, -1 for an empty one; None where not every filled one is *width* digits, or none is."""
        numbers = np.empty(len(self), dtype=np.int64)
        return numbers if _native().plain_digits(*self.where, width, numbers) else None

    def letters(self) -> NDArray[np.bytes_]:
        """The cells as bytes of one length, filled up with zeros."""
        width = max(1, int(self.where[2].max(initial=0)))
        letters = np.zeros(len(self), dtype=f"S{width}")
        _native().side_by_side(*self.where, width, letters)
        return letters


class PageRows(Sequence[list[str]]):
    """The rows of a page, made when they are asked for."""

    def __init__(self, page: Page, columns: Sequence[CellColumn]) -> None:
        """*columns* are the page's."""
        self._page = page
        self._columns = columns

    def __len__(self) -> int:
        return len(self._page.widths)

    @overload
    def __getitem__(self, place: int) -> list[str]: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[list[str]]: ...

    def __getitem__(self, place: int | slice) -> list[str] | Sequence[list[str]]:
        """One row, or several."""
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        return [column[place] for column in self._columns[: self._page.widths[place]]]


class CellNumbers:
    """Numbers the cells of pages in a vocabulary of its own, to which nobody else may add."""

    def __init__(self) -> None:
        """No cell is numbered yet."""
        self.vocabulary: Vocabulary[str] = Vocabulary()
        self._store = np.empty(_LETTERS, dtype=np.uint8)  # of all values, one behind the other
        self._ends = np.zeros(1, dtype=np.int64)
        self._seed = secrets.randbits(64)  # nobody can choose values that all get into each other's way
        self._make_room(_ROOM)

    def numbered(self, column: CellColumn) -> Places:
        """The place of each cell."""
        places, (text, starts, lengths), done = np.empty(len(column), dtype=np.int32), column.where, 0
        while done < len(column):
            some, count = self._found(text, starts[done:], lengths[done:], len(self.vocabulary), places[done:])
            self._take_in(count)
            done += some
            if count == len(self._hashes):
                self._make_room(2 * count)
            elif done < len(column):
                more = np.empty(max(len(self._store), len(text)), dtype=np.uint8)
                self._store = np.concatenate([self._store, more])
        return places

    def _found(self, text: Any, *cells_count_places: Any) -> tuple[int, int]:  # noqa: ANN401 -- arrays
        starts, lengths, count, places = cells_count_places
        known = (self._slots, self._hashes, self._ends, self._store, count, self._seed)
        found: tuple[int, int] = _native().number_cells(text, starts, lengths, *known, places)
        return found

    def _make_room(self, values: int) -> None:
        """Room for so many values; those that are known keep their numbers."""
        count, starts = len(self.vocabulary), self._ends[:-1].copy()
        lengths = np.diff(self._ends).astype(np.int32)
        self._slots = np.full(2 * values, -1, dtype=np.int32)
        self._hashes = np.empty(values, dtype=np.uint64)
        self._ends = np.zeros(values + 1, dtype=np.int64)
        if count:
            text, self._store = self._store, np.empty_like(self._store)
            self._found(text, starts[:count], lengths[:count], 0, np.empty(count, dtype=np.int32))

    def _take_in(self, count: int) -> None:
        known = len(self.vocabulary)
        ends = self._ends[known : count + 1].tolist()
        if count > known:
            letters = self._store[ends[0] : ends[-1]].tobytes()
            cut = [end - ends[0] for end in ends]
            self.vocabulary.numbered([letters[a:b].decode() for a, b in pairwise(cut)])


class Pages:
    """The rows of a list in pages, as far as they can be found where they lie.

    That is up to the first row that is odd: one with more cells or longer ones than others, or quotation marks where
    none belong. None can where there is no machine code, or the list is no large file of UTF-8.
    """

    def __init__(self, rows: object, first: int, columns: int) -> None:
        """The rows from place *first* on, with at most as many *columns*."""
        can = accelerator.native is not None and type(rows) is LargeText and rows.encoding in _PLAIN_ENCODINGS
        self._rows = rows if can and isinstance(rows, LargeText) else None
        self._first = first
        self._columns = columns
        self.is_at_end = False

    def of(self, at_once: int) -> Iterator[Page]:
        """Pages of at most *at_once* rows."""
        if self._rows is None:
            return
        to_pass = self._first
        with self._rows.path.open("rb") as stream:
            stream.read(len(codecs.BOM_UTF8) if self._rows.encoding == "utf-8-sig" else 0)
            rest, is_last = bytearray(), False
            while rest or not is_last:
                if len(rest) < _BYTES_AT_ONCE and not is_last:
                    more = stream.read(_BYTES_AT_ONCE)
                    rest, is_last = rest + more, len(more) < _BYTES_AT_ONCE
                page, used, is_odd = self._page(rest, is_last, to_pass or at_once)
                if len(page.widths) and not to_pass:
                    yield page
                to_pass -= min(to_pass, len(page.widths))
                if is_odd or not used:
                    break
                rest = rest[used:]
        self.is_at_end = is_last and not rest

    def _page(self, text: bytearray, is_last: bool, most: int) -> tuple[Page, int, bool]:
        shape, delimiter = (self._columns, most), ord(self._rows.delimiter if self._rows else ",")
        starts, lengths = np.empty(shape, dtype=np.int64), np.empty(shape, dtype=np.int32)
        widths = np.empty(most, dtype=np.int32)
        rows, used, is_odd = _native().split_page(
            text, len(text), delimiter, is_last, MAX_CELL, self._columns, starts, lengths, widths
        )
        return Page(text, starts[:, :rows], lengths[:, :rows], widths[:rows]), used, bool(is_odd)


def _native() -> Any:  # noqa: ANN401 -- the module, which is there wherever a page is
    return accelerator.native
