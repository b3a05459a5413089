"""Columns in which every distinct value is held, and worked on, once: what is done to a million cells costs what the
distinct ones cost. A vocabulary may outlive a column; what was made of its values is then made only of the new ones."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from hashing.texts import Texts

T = TypeVar("T", bound=Hashable)
U = TypeVar("U", bound=Hashable)
Places = NDArray[np.int32]


class _Numbering(dict[T, int]):
    """Numbers values as they are first asked for."""

    def __init__(self, values: list[T]) -> None:
        self._values = values

    def __missing__(self, value: T) -> int:
        number = self[value] = len(self._values)
        self._values.append(value)
        return number


class Vocabulary(Generic[T]):
    """Distinct values in the order in which they came; it only grows. No repr: the values may be names."""

    def __init__(self, values: Iterable[T] = ()) -> None:
        """*values* are the first ones."""
        self.values: list[T] = []
        self._numbering = _Numbering(self.values)
        self._derived: dict[Callable[[T], Any], _Derived[T, Any]] = {}
        self._texts = Texts.of([])
        self.numbered(list(values))

    def __len__(self) -> int:
        return len(self.values)

    def __reduce__(self) -> tuple[type[Vocabulary[T]], tuple[list[T]]]:
        """Another process gets the values; what was made of them it makes for itself."""
        return Vocabulary, (self.values,)

    def numbered(self, cells: Sequence[T]) -> Places:
        """The place of each cell's value; values not seen before are added."""
        return np.fromiter(map(self._numbering.__getitem__, cells), dtype=np.int32, count=len(cells))

    def texts(self) -> Texts:
        """The values as texts side by side, where they are strings."""
        if len(self._texts) < len(self.values):
            self._texts = self._texts.above(Texts.of(self.values[len(self._texts) :]))  # type: ignore[arg-type]
        return self._texts

    def derived(self, function: Callable[[T], U]) -> _Derived[T, U]:
        """What *function* makes of each value; remembered, so it must be a function that stays, not one made anew."""
        known = self._derived.get(function)
        if known is None:
            known = self._derived[function] = _Derived(function)
        known.take_in(self.values)
        return known


class _Derived(Generic[T, U]):
    """A vocabulary made of another's values, and which of its values each of those became."""

    def __init__(self, function: Callable[[T], U]) -> None:
        self._function = function
        self.vocabulary: Vocabulary[U] = Vocabulary()
        self.places: Places = np.empty(0, dtype=np.int32)

    def take_in(self, values: Sequence[T]) -> None:
        if len(values) > len(self.places):
            made = [self._function(value) for value in values[len(self.places) :]]
            self.places = np.concatenate([self.places, self.vocabulary.numbered(made)])


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Coded(Generic[T]):
    """For each row its value's place in a vocabulary."""

    vocabulary: Vocabulary[T]
    places: Places

    @classmethod
    def of(cls, cells: Sequence[T]) -> Coded[T]:
        """A column from its cells, with a vocabulary of its own."""
        vocabulary: Vocabulary[T] = Vocabulary()
        return cls(vocabulary, vocabulary.numbered(cells))

    @classmethod
    def constant(cls, value: T, rows: int) -> Coded[T]:
        """A column that holds one value throughout."""
        return cls(Vocabulary([value]), np.zeros(rows, dtype=np.int32))

    def __len__(self) -> int:
        return len(self.places)

    def map(self, function: Callable[[T], U]) -> Coded[U]:
        """The column of *function* of each cell; called once a distinct value (see :meth:`Vocabulary.derived`)."""
        found = self.vocabulary.derived(function)
        return Coded(found.vocabulary, found.places[self.places])

    def holds(self, question: Callable[[T], bool]) -> NDArray[np.bool_]:
        """For each row, whether *question* of its value is true; asked once a distinct value."""
        answers = self.map(question)
        yes = np.fromiter(answers.vocabulary.values, dtype=np.bool_, count=len(answers.vocabulary))
        found: NDArray[np.bool_] = yes[answers.places]
        return found

    def where(self, kept: NDArray[np.bool_], otherwise: T) -> Coded[T]:
        """The column with *otherwise* in the rows that are not *kept*."""
        (place,) = self.vocabulary.numbered([otherwise])
        return self if kept.all() else Coded(self.vocabulary, np.where(kept, self.places, place))

    def take(self, rows: NDArray[np.integer[Any]]) -> Coded[T]:
        """The column of these rows."""
        return Coded(self.vocabulary, self.places[rows])

    def cells(self) -> list[T]:
        """The cells, one a row."""
        values = self.vocabulary.values
        return [values[place] for place in self.places.tolist()]


def with_rows(column: Coded[T], rows: NDArray[np.integer[Any]], cells: Sequence[T]) -> Coded[T]:
    """The column with other cells in some rows."""
    places = column.places.copy()
    places[rows] = column.vocabulary.numbered(cells)
    return Coded(column.vocabulary, places)


def chosen(is_first: NDArray[np.bool_], first: Coded[T], second: Coded[T]) -> Coded[T]:
    """In each row the cell of *first* or that of *second*, in the vocabulary of *first*."""
    return Coded(first.vocabulary, np.where(is_first, first.places, _in(first.vocabulary, second)))


def joined(columns: Sequence[Coded[T]]) -> Coded[T]:
    """Columns one below another, in the vocabulary of the first."""
    first = columns[0].vocabulary
    places = [_in(first, column) for column in columns]
    if len(first) == 1:  # zeros that nobody wrote take no memory
        return Coded(first, np.zeros(sum(map(len, columns)), dtype=np.int32))
    return Coded(first, np.concatenate(places))


def _in(vocabulary: Vocabulary[T], column: Coded[T]) -> Places:
    if column.vocabulary is vocabulary:
        return column.places
    used, places = np.unique(column.places, return_inverse=True)
    found: Places = vocabulary.numbered([column.vocabulary.values[place] for place in used.tolist()])[places]
    return found
