"""The codes of many clients at once: what a value of a facet adds to a code is worked out once for all who have it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from hashing.batch import ClientBatch
from hashing.bloom import TokenFilters, united
from hashing.coded import Coded, Places, Vocabulary
from hashing.facets import SINGULAR, Singular, column_of, texts_of
from hashing.hardened import Ballot
from hashing.profile import BloomCode, Code, SaulCode
from hashing.texts import Texts
from hashing.token_sets import TokenSets
from hashing.tokens import GROUPS, Piece

MOST_VALUES = 50_000  # of a facet remembered at a time: all birth dates, and the names that are not rare
Codes = NDArray[np.uint8]  # shape (clients, bits/8)
N = TypeVar("N", np.uint64, np.int32)
_Rows = tuple[NDArray[N], Places]  # a table, and each client's row in it


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class FacetValues:
    """A facet of a batch: each client's value by its number, 0 where it is missing.

    ``values`` are all that are remembered, from number 1 on, and ``spell`` changes whenever everything was forgotten.
    """

    places: Places
    values: Sequence[Any]
    spell: int
    _tokens: dict[tuple[Piece, int], TokenSets] = field(default_factory=dict)

    def tokens(self, piece: Piece, first: int) -> TokenSets:
        """The tokens of the values from number *first* on; made once for all codes."""
        if (piece, first) not in self._tokens:
            self._tokens[piece, first] = TokenSets.of([piece.tokens(value) for value in self.values[first:]])
        return self._tokens[piece, first]


class _Memory:
    """The values of one facet, numbered as they come; forgotten all together when they are too many."""

    def __init__(self) -> None:
        self._values: list[Any] = [None]
        self._numbers: dict[Any, int] = {}
        self._spell = 0
        self._vocabulary: Vocabulary[Any] | None = None
        self._known: Places = np.empty(0, dtype=np.int32)  # of the vocabulary's values; -1 where not yet numbered

    def take_in(self, column: Coded[Any]) -> FacetValues:
        """Number the values of a column; quick where the column's vocabulary is that of the one before."""
        if len(self._values) > MOST_VALUES:
            self._forget()
        if column.vocabulary is not self._vocabulary:
            self._vocabulary, self._known = column.vocabulary, np.empty(0, dtype=np.int32)
        lacking = len(column.vocabulary) - len(self._known)
        self._known = np.pad(self._known, (0, lacking), constant_values=-1)
        places = self._known[column.places]
        if (places < 0).any():
            self._number(column, np.unique(column.places[places < 0]))
            places = self._known[column.places]
        return FacetValues(places, self._values, self._spell)

    def _number(self, column: Coded[Any], unknown: NDArray[np.int32]) -> None:
        for place in unknown.tolist():
            value = column.vocabulary.values[place]
            self._known[place] = self._numbered(value) if value else 0

    def _numbered(self, value: object) -> int:
        number = self._numbers.setdefault(value, len(self._values))
        if number == len(self._values):
            self._values.append(value)
        return number

    def _forget(self) -> None:
        self._values, self._numbers, self._vocabulary = [None], {}, None
        self._spell += 1


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class BatchFacets:
    """All facets of a batch that a profile's codes are made of."""

    columns: Mapping[str, FacetValues]
    singular: Mapping[str, Singular]
    rows: int
    _groups: dict[str, NDArray[np.bool_]] = field(default_factory=dict)

    def has(self, facet: str) -> NDArray[np.bool_]:
        """For each client, whether it has the facet."""
        if facet in self.columns:
            return self.columns[facet].places > 0
        present = np.zeros(self.rows, dtype=np.bool_)
        present[self.singular[facet].rows] = True
        return present

    def has_all(self, code: Code) -> NDArray[np.bool_]:
        """For each client, whether it has every identifier that a code needs."""
        found = np.ones(self.rows, dtype=np.bool_)
        for group in code.needs:
            found &= self._has_any(group)
        return found

    def _has_any(self, group: str) -> NDArray[np.bool_]:
        """For each client, whether it has any facet of a group; found once for all codes."""
        if group not in self._groups:
            present = np.zeros(self.rows, dtype=np.bool_)
            for facet in dict.fromkeys(piece.facet for piece in GROUPS[group].pieces):
                present |= self.has(facet)
            self._groups[group] = present
        return self._groups[group]


class Facets:
    """The facets that a profile's codes are made of, numbered alike for all codes."""

    def __init__(self, codes: Sequence[Code]) -> None:
        """*codes* are a profile's."""
        groups = {group for code in codes for group in (*code.groups, *code.needs)}
        facets = {piece.facet for group in groups for piece in GROUPS[group].pieces}
        self._memories = {facet: _Memory() for facet in sorted(facets - SINGULAR.keys())}
        self._singular = sorted(facets & SINGULAR.keys())

    def of(self, batch: ClientBatch) -> BatchFacets:
        """The facets of a batch."""
        columns = {facet: memory.take_in(column_of(batch, facet)) for facet, memory in self._memories.items()}
        return BatchFacets(columns, {facet: texts_of(batch, facet) for facet in self._singular}, len(batch))


# Makes the codes of some rows. All that it needs is settled: another thread may do it, while more values are learned.
Work = Callable[[slice], Codes]


class CodeColumn(Protocol):
    """Makes one code of many clients."""

    def __call__(self, facets: BatchFacets) -> Work:
        """What makes the codes of clients; of no meaning where an identifier is missing."""


def code_columns(codes: Sequence[Code], key_of: Callable[[Code], bytes]) -> list[CodeColumn]:
    """The makers of a profile's codes."""
    numbers = _TokenNumbers()
    return [
        _BloomColumn(code, key_of(code)) if isinstance(code, BloomCode) else _SaulColumn(code, key_of(code), numbers)
        for code in codes
    ]


class _BloomColumn:
    """Each value's filter is kept; a client's is the union of those of its values."""

    def __init__(self, code: BloomCode, key: bytes) -> None:
        self._filters = TokenFilters(key, bits=code.bits, hashes=code.hashes)
        self._pieces = _by_facet(code)
        self._tables = {facet: _Table(np.uint64, code.bits // 64) for facet in self._pieces}

    def __call__(self, facets: BatchFacets) -> Work:
        columns = {facet: facets.columns[facet] for facet in self._pieces if facet not in SINGULAR}
        kept = [
            (self._tables[facet].filled(column, partial(self._union, self._pieces[facet])), column.places)
            for facet, column in columns.items()
            if column.places.any()
        ]
        passing = [
            (facets.singular[facet], _lead(pieces)) for facet, pieces in self._pieces.items() if facet in SINGULAR
        ]
        return partial(self._codes, kept, passing)

    def _codes(self, kept: Sequence[_Rows[np.uint64]], passing: Sequence[tuple[Singular, str]], rows: slice) -> Codes:
        own = [(table, places[rows]) for table, places in kept]
        codes = united((rows.stop - rows.start, self._filters.bits // 64), own)
        for found, lead in _within(passing, rows):
            if len(found.rows):
                self._filters.set_bits(codes.view(np.uint8), found.rows, found.texts, lead)
        return codes.view(np.uint8)

    def _union(self, pieces: Sequence[Piece], values: FacetValues, first: int) -> NDArray[np.uint64]:
        found = [values.tokens(piece, first) for piece in pieces]
        united = [tokens.union(self._filters(tokens.texts)) for tokens in found]
        whole: NDArray[np.uint64] = np.bitwise_or.reduce(united).view(np.uint64)
        return whole


class _TokenNumbers:
    """Numbers tokens from 1 on as they come, and knows them by their numbers."""

    def __init__(self) -> None:
        self._vocabulary: Vocabulary[str] = Vocabulary([""])

    def texts(self) -> Texts:
        """The tokens of the numbers that there are by now; there is none of number 0."""
        return self._vocabulary.texts()

    def table(self, pieces: Sequence[Piece], values: FacetValues, first: int) -> NDArray[np.int32]:
        """The numbers of the tokens of each value from number *first* on, zeros behind them."""
        found = [values.tokens(piece, first) for piece in pieces]
        tables = [tokens.side_by_side(self._vocabulary.numbered(tokens.distinct)) for tokens in found]
        return np.concatenate(tables, axis=1)


class _SaulColumn:
    """The numbers of each value's tokens are kept; the votes are drawn for a batch, and counted."""

    def __init__(self, code: SaulCode, key: bytes, numbers: _TokenNumbers) -> None:
        self._ballot = Ballot(key, bits=code.bits, planes=code.planes)
        self._pieces = _by_facet(code)
        self._tables = {facet: _Table(np.int32, 0) for facet in self._pieces}
        self._numbers = numbers

    def __call__(self, facets: BatchFacets) -> Work:
        kept = list(self._kept(facets))
        passing = [
            (facets.singular[facet], _lead(pieces)) for facet, pieces in self._pieces.items() if facet in SINGULAR
        ]
        return partial(self._codes, kept, passing, self._numbers.texts())

    def _codes(
        self, kept: Sequence[_Rows[np.int32]], passing: Sequence[tuple[Singular, str]], texts: Texts, rows: slice
    ) -> Codes:
        size = rows.stop - rows.start
        columns = [np.take(table, places[rows], axis=0, mode="clip") for table, places in kept]
        drawn, known = list[tuple[Texts, str]](), len(texts)
        for found, lead in _within(passing, rows):
            column = np.zeros((size, 1), dtype=np.int32)
            column[found.rows, 0] = known + np.arange(len(found.rows))
            columns.append(column)
            drawn.append((found.texts, lead))
            known += len(found.rows)
        return self._ballot.codes(np.concatenate([*columns, np.zeros((size, 1), dtype=np.int32)], axis=1), texts, drawn)

    def _kept(self, facets: BatchFacets) -> Iterator[_Rows[np.int32]]:
        for facet, pieces in self._pieces.items():
            if facet not in SINGULAR and facets.columns[facet].places.any():
                column = facets.columns[facet]
                yield self._tables[facet].filled(column, partial(self._numbers.table, pieces)), column.places


def _within(passing: Sequence[tuple[Singular, str]], rows: slice) -> list[tuple[Singular, str]]:
    return [(found.within(rows), lead) for found, lead in passing]


class _Table(Generic[N]):
    """A row for each remembered value of a facet; row 0 is that of a missing one. Grows as values come.

    What was handed out does not change any more: rows are added behind it, or elsewhere.
    """

    def __init__(self, kind: type[N], width: int) -> None:
        self._rows: NDArray[N] = np.zeros((1, width), dtype=kind)
        self._filled = 1
        self._spell = 0

    def filled(self, facet: FacetValues, make: Callable[[FacetValues, int], NDArray[N]]) -> NDArray[N]:
        """The rows, by number; *make* makes those of values from a number on that have none yet."""
        if facet.spell != self._spell:
            self._filled, self._spell = 1, facet.spell
            self._rows = np.zeros((1, self._rows.shape[1]), dtype=self._rows.dtype)
        if len(facet.values) > self._filled:
            self._append(make(facet, self._filled))
        return self._rows

    def _append(self, rows: NDArray[N]) -> None:
        end, width = self._filled + len(rows), max(self._rows.shape[1], rows.shape[1])
        if end > len(self._rows) or width > self._rows.shape[1]:
            grown = np.zeros((max(end, 3 * len(self._rows) // 2), width), dtype=self._rows.dtype)
            grown[: self._filled, : self._rows.shape[1]] = self._rows[: self._filled]
            self._rows = grown
        self._rows[self._filled : end] = 0
        self._rows[self._filled : end, : rows.shape[1]] = rows
        self._filled = end


def _by_facet(code: Code) -> dict[str, list[Piece]]:
    found: dict[str, list[Piece]] = {}
    for group in code.groups:
        for piece in GROUPS[group].pieces:
            found.setdefault(piece.facet, []).append(piece)
    return found


def _lead(pieces: Sequence[Piece]) -> str:
    (piece,) = pieces
    return piece.lead
